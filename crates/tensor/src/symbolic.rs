//! Tensors that stand for data to come: what a model written as a graph of layers is made of.
//!
//! A symbolic tensor knows its type, its shape (the batch and other dimensions may be unknown) and the call that
//! it is a result of. Applying an operation to it computes nothing; it makes another symbolic tensor.

use crate::tape;
use crate::tensor::{Data, Tensor};
use crate::tracer::{Tracer, with_tracer};
use crate::variable::Variable;
use crate::written::{self, Written};
use rhyton_base::{Context, DType, Dim, Error, Result, Shape};
use rhyton_ops::{Meta, OpRef, Value};
use std::any::Any;
use std::fmt;
use std::sync::{Arc, Weak};

/// Something that can be applied to symbolic tensors: an operation, a layer, a model.
pub trait SymbolicOp: Send + Sync + 'static {
    /// The name that errors and pictures use.
    fn name(&self) -> String;

    /// Applies it to real or traced tensors.
    ///
    /// # Errors
    /// Where the arguments do not fit.
    fn call(&self, inputs: &[Tensor]) -> Result<Vec<Tensor>>;

    /// Types and shapes of the results. By default [`SymbolicOp::call`] is run on tensors without numbers.
    ///
    /// # Errors
    /// Where the arguments do not fit.
    fn infer(&self, inputs: &[Meta]) -> Result<Vec<Meta>> {
        infer_by_running(inputs, |x| self.call(x))
    }

    /// How files describe it; `None` where they cannot.
    fn written(&self) -> Option<Written> {
        None
    }

    /// Itself, for those who know its type.
    fn as_any(&self) -> &dyn Any;
}

/// One application of something to symbolic tensors.
pub struct SymbolicCall {
    /// What was applied.
    pub op: Arc<dyn SymbolicOp>,
    /// To what; tensors with numbers may be among them.
    pub inputs: Vec<Tensor>,
    /// Types and shapes of the results.
    pub outputs: Vec<Meta>,
}

/// Calls that only this one held are given up one after the other: a chain of many must not fill the stack.
impl Drop for SymbolicCall {
    fn drop(&mut self) {
        let mut inputs = std::mem::take(&mut self.inputs);
        while let Some(x) = inputs.pop() {
            let Some(inner) = Arc::into_inner(x.0) else { continue };
            inputs.extend(inner.mask);
            let Data::Symbolic { origin: Origin { call: Some(call), .. }, .. } = inner.data else { continue };
            if let Some(mut call) = Arc::into_inner(call) {
                inputs.append(&mut call.inputs);
            }
        }
    }
}

impl SymbolicCall {
    /// One of the results, as a symbolic tensor; `None` where there are fewer.
    pub fn output(self: &Arc<Self>, index: usize) -> Option<Tensor> {
        let origin = Origin { call: Some(self.clone()), index, name: String::new(), text: false };
        self.outputs.get(index).map(|meta| Tensor::symbolic(meta.clone(), origin))
    }
}

/// Where a symbolic tensor comes from.
#[derive(Clone)]
pub struct Origin {
    /// The call; `None` for an input of a model.
    pub call: Option<Arc<SymbolicCall>>,
    /// Which of its results.
    pub index: usize,
    /// A name, for inputs.
    pub name: String,
    /// Whether it is an input of texts, which no tensor holds: its numbers mean nothing.
    pub text: bool,
}

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.call {
            Some(call) => write!(f, "result {} of {}", self.index, call.op.name()),
            None => write!(f, "input {:?}", self.name),
        }
    }
}

impl Tensor {
    /// A symbolic tensor that a model is given.
    pub fn symbolic_input(meta: Meta, name: impl Into<String>) -> Tensor {
        Tensor::symbolic(meta, Origin { call: None, index: 0, name: name.into(), text: false })
    }

    /// A symbolic tensor that stands for texts of this shape. Layers of texts know what to make of it; it is of `int64` for
    /// all others.
    pub fn symbolic_texts(shape: Shape, name: impl Into<String>) -> Tensor {
        let meta = Meta { dtype: DType::I64, shape };
        Tensor::symbolic(meta, Origin { call: None, index: 0, name: name.into(), text: true })
    }

    /// Where a symbolic tensor comes from; `None` for a tensor that has numbers.
    pub fn origin(&self) -> Option<&Origin> {
        match self.data() {
            Data::Symbolic { origin, .. } => Some(origin),
            _ => None,
        }
    }

    /// Whether this stands for data to come.
    pub fn is_symbolic(&self) -> bool {
        matches!(self.data(), Data::Symbolic { .. })
    }
}

/// Applies something to tensors of which at least one is symbolic.
///
/// # Errors
/// Where the arguments do not fit.
pub fn apply_symbolic(op: Arc<dyn SymbolicOp>, inputs: &[Tensor]) -> Result<Vec<Tensor>> {
    let metas: Vec<Meta> = inputs.iter().map(Tensor::meta).collect();
    let outputs = op.infer(&metas).at(|| op.name())?;
    let call = Arc::new(SymbolicCall { op, inputs: inputs.to_vec(), outputs: outputs.clone() });
    Ok((0..outputs.len()).filter_map(|i| call.output(i)).collect())
}

/// One or several tensors: what a function of tensors returns.
pub trait Results: Sized {
    /// All of them.
    fn into_vec(self) -> Vec<Tensor>;
    /// From all of them.
    fn from_vec(results: Vec<Tensor>) -> Self;
}

impl Results for Vec<Tensor> {
    fn into_vec(self) -> Vec<Tensor> {
        self
    }
    fn from_vec(results: Vec<Tensor>) -> Self {
        results
    }
}

impl Results for Tensor {
    fn into_vec(self) -> Vec<Tensor> {
        vec![self]
    }
    fn from_vec(mut results: Vec<Tensor>) -> Self {
        results.swap_remove(0)
    }
}

impl Results for (Tensor, Tensor) {
    fn into_vec(self) -> Vec<Tensor> {
        vec![self.0, self.1]
    }
    fn from_vec(results: Vec<Tensor>) -> Self {
        let [a, b]: [Tensor; 2] = results.try_into().expect("two results");
        (a, b)
    }
}

impl Results for (Tensor, Tensor, Tensor) {
    fn into_vec(self) -> Vec<Tensor> {
        vec![self.0, self.1, self.2]
    }
    fn from_vec(results: Vec<Tensor>) -> Self {
        let [a, b, c]: [Tensor; 3] = results.try_into().expect("three results");
        (a, b, c)
    }
}

/// Runs a function that is made of several operations: at once on tensors with numbers (or into their trace), as one
/// call on symbolic tensors. Functions that ask for the shape of an argument have to go through here, because a
/// symbolic argument has none yet.
///
/// ```
/// use rhyton_tensor::{Tensor, operation, ops};
/// fn centered(x: &Tensor) -> rhyton_base::Result<Tensor> {
///     operation("centered", &[x], |x| ops::subtract(x[0], &ops::mean(x[0], ..)?))
/// }
/// let x = Tensor::from([1.0f32, 2.0, 3.0]);
/// assert_eq!(centered(&x).unwrap().to_vec::<f32>().unwrap(), [-1.0, 0.0, 1.0]);
/// ```
///
/// # Errors
/// What the function returns, with its name in front.
pub fn operation<R: Results>(
    name: &'static str,
    inputs: &[&Tensor],
    f: impl Fn(&[&Tensor]) -> Result<R> + Send + Sync + 'static,
) -> Result<R> {
    operation_written(name, None, inputs, f)
}

/// The description of a call, if it is one on symbolic tensors.
pub(crate) fn described(inputs: &[&Tensor], written: impl FnOnce() -> Written) -> Option<Written> {
    inputs.iter().any(|x| x.is_symbolic()).then(written)
}

/// [`operation`] with arguments of its own that files can describe.
pub(crate) fn operation_written<R: Results>(
    name: &'static str,
    written: Option<Written>,
    inputs: &[&Tensor],
    f: impl Fn(&[&Tensor]) -> Result<R> + Send + Sync + 'static,
) -> Result<R> {
    if !inputs.iter().any(|x| x.is_symbolic()) {
        return f(inputs).at(|| name);
    }
    let call = Box::new(move |x: &[&Tensor]| Ok(f(x)?.into_vec()));
    Ok(R::from_vec(apply_named(name, written, inputs, call)?))
}

/// The part of [`operation_written`] that is the same for all functions: hundreds of copies would add up.
fn apply_named(
    name: &'static str,
    written: Option<Written>,
    inputs: &[&Tensor],
    f: Box<Function>,
) -> Result<Vec<Tensor>> {
    let written = written.or_else(|| written::plain(name, inputs.len()));
    let owned: Vec<Tensor> = inputs.iter().map(|&x| x.clone()).collect();
    apply_symbolic(Arc::new(NamedFunction { name, written, f }), &owned)
}

type Function = dyn Fn(&[&Tensor]) -> Result<Vec<Tensor>> + Send + Sync;

struct NamedFunction {
    name: &'static str,
    written: Option<Written>,
    f: Box<Function>,
}

impl SymbolicOp for NamedFunction {
    fn name(&self) -> String {
        self.name.into()
    }
    fn call(&self, inputs: &[Tensor]) -> Result<Vec<Tensor>> {
        (self.f)(&inputs.iter().collect::<Vec<_>>())
    }
    fn written(&self) -> Option<Written> {
        self.written.clone()
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// A single operation on symbolic tensors.
pub(crate) struct Primitive(pub OpRef);

impl SymbolicOp for Primitive {
    fn name(&self) -> String {
        self.0.name().into()
    }
    fn call(&self, inputs: &[Tensor]) -> Result<Vec<Tensor>> {
        crate::dispatch::apply(self.0.clone(), inputs)
    }
    fn infer(&self, inputs: &[Meta]) -> Result<Vec<Meta>> {
        self.0.infer(inputs)
    }
    fn written(&self) -> Option<Written> {
        written::primitive(&*self.0)
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// Pairs of sizes tried in place of unknown dimensions. What differs between the two runs depends on them. A function
/// that a pair is too small for, as it takes the hundredth place, gets the next.
const TRIED: [[usize; 2]; 2] = [[83, 89], [10_007, 10_009]];

/// Types and shapes of a function's results, found by running it on tensors without numbers. Unknown dimensions are
/// tried with two sizes; a dimension of a result that differs between the two is unknown. A function may take places of
/// an unknown dimension as long as ten thousand are enough for them; larger sizes would make functions that give a
/// result for each place too costly to try.
///
/// # Errors
/// What the function returns.
pub fn infer_by_running(inputs: &[Meta], f: impl Fn(&[Tensor]) -> Result<Vec<Tensor>>) -> Result<Vec<Meta>> {
    let first = infer_with(TRIED[0], inputs, &f);
    if first.is_ok() || inputs.iter().all(|m| m.shape.known().is_some()) {
        return first;
    }
    // If larger sizes do not help, the size is not what is wrong.
    TRIED[1..].iter().find_map(|&sizes| infer_with(sizes, inputs, &f).ok()).map_or(first, Ok)
}

fn infer_with(
    sizes: [usize; 2],
    inputs: &[Meta],
    f: &impl Fn(&[Tensor]) -> Result<Vec<Tensor>>,
) -> Result<Vec<Meta>> {
    let run = |size: usize| -> Result<Vec<Meta>> {
        let prober: Arc<Prober> = Arc::new_cyclic(|me: &Weak<Prober>| Prober { me: me.clone() });
        let tensor = |m: &Meta| {
            let dims: Vec<usize> = m.shape.dims().iter().map(|d| d.known().unwrap_or(size)).collect();
            if dims.iter().try_fold(1usize, |n, &d| n.checked_mul(d)).is_none_or(|n| n > isize::MAX as usize)
            {
                return Err(Error::shape("expected fewer elements than memory can hold"));
            }
            Ok(Tensor::traced(prober.clone(), Value(0), m.dtype, dims))
        };
        let x: Vec<Tensor> = inputs.iter().map(tensor).collect::<Result<_>>()?;
        let out = with_tracer(prober.clone(), || tape::apart(|| f(&x)))?;
        Ok(out.iter().map(Tensor::meta).collect())
    };
    let first = run(sizes[0])?;
    if inputs.iter().all(|m| m.shape.known().is_some()) {
        return Ok(first);
    }
    let second = run(sizes[1])?;
    if first.len() != second.len() {
        return Err(Error::shape("the number of results depends on a dimension that is not known yet"));
    }
    let merged = |(a, b): (Meta, Meta)| {
        if a.shape.rank() != b.shape.rank() || a.dtype != b.dtype {
            return Err(Error::shape(
                "the rank or type of the result depends on a dimension that is not known yet",
            ));
        }
        let dim = |(a, b): (&Dim, &Dim)| if a == b { *a } else { Dim::Unknown };
        let dims: Vec<Dim> = a.shape.dims().iter().zip(b.shape.dims()).map(dim).collect();
        Ok(Meta { dtype: a.dtype, shape: Shape::from(dims) })
    };
    first.into_iter().zip(second).map(merged).collect()
}

/// A tracer that keeps nothing but types and shapes.
struct Prober {
    me: Weak<Prober>,
}

impl Prober {
    fn tensor(&self, dtype: DType, shape: Vec<usize>) -> Tensor {
        Tensor::traced(self.me.upgrade().expect("alive while it is used"), Value(0), dtype, shape)
    }
}

impl Tracer for Prober {
    fn emit(&self, _op: &OpRef, _inputs: &[Tensor], outputs: &[Meta]) -> Result<Vec<Tensor>> {
        Ok(outputs.iter().map(|m| self.tensor(m.dtype, m.dims())).collect())
    }

    fn read(&self, variable: &Variable) -> Result<Tensor> {
        Ok(self.tensor(variable.dtype(), variable.shape().to_vec()))
    }

    fn assign(&self, _variable: &Variable, _value: &Tensor) -> Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops;

    fn input(shape: impl Into<Shape>) -> Tensor {
        Tensor::symbolic_input(Meta { dtype: DType::F32, shape: shape.into() }, "x")
    }

    #[test]
    fn unknown_dimensions_pass_through() {
        let x = input([None, Some(784)]);
        let w = Tensor::from([[1.0f32; 10]; 784]);
        let y = ops::relu(&ops::matmul(&x, &w).unwrap()).unwrap();
        assert_eq!(y.meta().shape.to_string(), "(None, 10)");
        assert_eq!(format!("{:?}", y.origin().unwrap()), "result 0 of relu");
        let total = operation("spread", &[&x], |x| {
            let n = x[0].shape()[0];
            ops::broadcast_to(&ops::sum(x[0], ..)?, &[n, 3])
        });
        assert_eq!(total.unwrap().meta().shape.to_string(), "(None, 3)");
    }

    #[test]
    fn far_places_of_unknown_dimensions() {
        let x = input([None, None, Some(8)]);
        for place in [0, 82, 83, 100, -100, 9_999, -10_000] {
            assert_eq!(x.i((.., place)).unwrap().meta().shape.to_string(), "(None, 8)", "{place}");
            let y = operation("last_two", &[&x], move |x| ops::stack(&[&x[0].i((.., place))?; 2], 0));
            assert_eq!(y.unwrap().meta().shape.to_string(), "(2, None, 8)");
        }
        let list = Tensor::from([150, -1000]);
        assert_eq!(x.i((.., &list)).unwrap().meta().shape.to_string(), "(None, 2, 8)");
        assert_eq!(
            ops::top_k(&input([None, None]), 100, true).unwrap().0.meta().shape.to_string(),
            "(None, 100)"
        );
        let e = x.i((.., .., 8)).unwrap_err().to_string();
        assert_eq!(e, "get_item: index 8 is out of bounds for axis 2 with size 8; use -8 to 7");
    }

    #[test]
    fn what_does_not_fit_is_an_error_at_once() {
        let w = Tensor::from([[1.0f32; 10]; 7]);
        let e = ops::matmul(&input([None, Some(784)]), &w).unwrap_err().to_string();
        assert!(e.starts_with("matmul: "), "{e}");
    }
}
