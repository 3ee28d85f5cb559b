//! Control flow: choices and loops whose course depends on numbers.
//!
//! On tensors with numbers these are the `if`, `for` and `while` of Rust. While a function is being compiled they
//! become part of it: functions given to them are then written down once, on tensors without numbers, whatever the
//! number of rounds. They may use tensors and variables from around them; variables that they assign have their new
//! values afterwards.
//!
//! On symbolic tensors wrap the call in [`crate::operation`]. `vectorize` is not here: it is for functions of
//! numbers, which Rust's iterators serve.

use super::{cast, clip, concatenate, reshape, stack};
use crate::control::{Outer, Recorder, record};
use crate::dispatch::{apply_in_trace, apply_one};
use crate::symbolic::Results;
use crate::tensor::Tensor;
use crate::tracer::current_tracer;
use rhyton_base::{Context, DType, Error, Result, normalize_axis};
use rhyton_ops::control::Cond;
use rhyton_ops::{Meta, Value, index};
use std::sync::Arc;

/// A branch that has been written down.
type Branch = (Arc<Recorder>, Vec<Value>, Vec<Tensor>);

/// One number, which must not be symbolic.
pub(super) fn expect_one(what: &str, x: &Tensor) -> Result<()> {
    if x.is_symbolic() {
        return Err(Error::state(format!(
            "the {what} is symbolic; wrap the call in operation(\"name\", &[inputs], |x| ..)"
        )));
    }
    match x.len() {
        1 => Ok(()),
        _ => Err(Error::shape(format!("expected one number as the {what}, got {}", x.meta()))),
    }
}

/// What `true_fn` gives where the predicate is other than zero, else what `false_fn` gives. In a compiled function
/// both are written down and one is computed; their results must agree in types and shapes.
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// let x = Tensor::from(-3.0f32);
/// let positive = x.greater(0.0f32).unwrap();
/// let y: Tensor = ops::cond(&positive, || ops::sqrt(&x), || ops::negative(&x)).unwrap();
/// assert_eq!(y.item::<f32>().unwrap(), 3.0);
/// ```
///
/// # Errors
/// Where the predicate is not one number, or the branches differ in what they give.
pub fn cond<R: Results>(
    pred: &Tensor,
    true_fn: impl FnOnce() -> Result<R>,
    false_fn: impl FnOnce() -> Result<R>,
) -> Result<R> {
    let who = || "cond";
    expect_one("predicate", pred).at(who)?;
    let truth = cast(pred, DType::Bool)?;
    if truth.has_numbers() {
        return if truth.to_vec::<bool>()?[0] { true_fn().at(who) } else { false_fn().at(who) };
    }
    let yes = record(&[], |_| Ok(true_fn()?.into_vec())).at(who)?;
    let no = record(&[], |_| Ok(false_fn()?.into_vec())).at(who)?;
    let show = |branch: &Branch| {
        let metas: Vec<String> = branch.2.iter().map(|x| x.meta().to_string()).collect();
        format!("({})", metas.join(", "))
    };
    if show(&yes) != show(&no) {
        let message = format!(
            "both functions must give the same types and shapes: true_fn gives {}, false_fn {}",
            show(&yes),
            show(&no)
        );
        return Err(Error::shape(message).at(who()));
    }
    let index = reshape(&cast(&truth, DType::I32)?, [0usize; 0])?;
    Ok(R::from_vec(choose(&index, vec![no, yes], &[]).at(who)?))
}

/// A branch of [`switch`].
pub type BranchFn<'a> = &'a dyn Fn(&[Tensor]) -> Result<Vec<Tensor>>;

/// What the branch of the given number gives for the operands; a number without a branch counts as the nearest that
/// has one. In a compiled function all branches are written down and one is computed; their results must agree in
/// types and shapes.
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// let double = |x: &[Tensor]| Ok(vec![&x[0] * 2.0]);
/// let square = |x: &[Tensor]| Ok(vec![x[0].square()]);
/// let y = ops::switch(&Tensor::from(1), &[&double, &square], &[Tensor::from(5.0f32)]).unwrap();
/// assert_eq!(y[0].item::<f32>().unwrap(), 25.0);
/// ```
///
/// # Errors
/// Where the index is not one whole number, there are no branches, or they differ in what they give.
pub fn switch(index: &Tensor, branches: &[BranchFn], operands: &[Tensor]) -> Result<Vec<Tensor>> {
    let who = || "switch";
    expect_one("index", index).at(who)?;
    if !index.dtype().is_integer() {
        let message = format!("expected a whole number as the index, got {}", index.dtype());
        return Err(Error::dtype(message).at(who()));
    }
    let last = branches.len().checked_sub(1);
    let last = last.ok_or_else(|| Error::value("expected at least one branch, got none").at(who()))?;
    let index = reshape(&cast(&clip(index, 0.0, last as f64)?, DType::I32)?, [0usize; 0])?;
    if index.has_numbers() {
        return branches[index.item::<i32>()? as usize](operands).at(who);
    }
    let metas: Vec<Meta> = operands.iter().map(Tensor::meta).collect();
    let written = branches.iter().map(|f| record(&metas, |x| f(x))).collect::<Result<_>>().at(who)?;
    choose(&index, written, operands).at(who)
}

/// The choice between branches as an operation.
fn choose(index: &Tensor, branches: Vec<Branch>, operands: &[Tensor]) -> Result<Vec<Tensor>> {
    // A result that a branch takes from around it is known only now.
    let mut results: Vec<Vec<Value>> = Vec::new();
    for (recorder, _, out) in &branches {
        results.push(out.iter().map(|x| recorder.value_of(x)).collect::<Result<_>>()?);
    }
    let outers = union(branches.iter().flat_map(|b| b.0.outers()));
    let assigned = union(branches.iter().flat_map(|b| b.0.assigned()));
    let mut bodies = Vec::new();
    for ((recorder, arguments, _), mut outputs) in branches.iter().zip(results) {
        let inputs: Vec<Value> =
            arguments.iter().copied().chain(outers.iter().map(|o| recorder.input_for(o))).collect();
        outputs.extend(assigned.iter().map(|o| recorder.current(o)));
        bodies.push(recorder.finish(&inputs, &outputs));
    }
    let mut inputs = vec![index.clone()];
    inputs.extend(operands.iter().cloned());
    inputs.extend(outers.iter().map(|o| o.tensor.clone()));
    let mut out = apply_in_trace(Arc::new(Cond { branches: bodies }), &inputs)?;
    let proper = out.len() - assigned.len();
    assign_all(&assigned, &out.split_off(proper))?;
    Ok(out)
}

/// Without those that stand there twice.
pub(super) fn union(all: impl Iterator<Item = Outer>) -> Vec<Outer> {
    let mut list: Vec<Outer> = Vec::new();
    for o in all {
        if !list.iter().any(|known| known.is(&o)) {
            list.push(o);
        }
    }
    list
}

/// Gives variables the values that they have after a branch or loop.
pub(super) fn assign_all(variables: &[Outer], values: &[Tensor]) -> Result<()> {
    for (o, value) in variables.iter().zip(values) {
        o.variable.as_ref().expect("only variables are assigned").assign(value)?;
    }
    Ok(())
}

/// Whether a function is being compiled on this thread.
pub(super) fn tracing() -> bool {
    current_tracer().is_some()
}

/// Partial results of an associative function along an axis: result `i` is `f` of the elements 0 to `i`
/// (from `i` to the last with `reverse`). `f` is given two lists with any number of elements along the axis and
/// combines them place by place. It runs in about `2 · log2 n` steps.
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// let x = Tensor::from([1.0f32, 2.0, 3.0, 4.0]);
/// let sums = ops::associative_scan(|a, b| Ok(vec![&a[0] + &b[0]]), &[x], false, 0).unwrap();
/// assert_eq!(sums[0].to_vec::<f32>().unwrap(), [1.0, 3.0, 6.0, 10.0]);
/// ```
///
/// # Errors
/// Where the axis is not there, or the elements differ in their size along it.
pub fn associative_scan(
    f: impl Fn(&[Tensor], &[Tensor]) -> Result<Vec<Tensor>>,
    elems: &[Tensor],
    reverse: bool,
    axis: isize,
) -> Result<Vec<Tensor>> {
    let who = || "associative_scan";
    let mut sizes = Vec::new();
    for x in elems {
        if x.is_symbolic() {
            return Err(expect_one("input", x).expect_err("it is symbolic").at(who()));
        }
        sizes.push(x.shape()[normalize_axis(axis, x.rank()).at(who)?]);
    }
    if sizes.windows(2).any(|w| w[0] != w[1]) {
        let message = format!("expected the same size along axis {axis} of all tensors, got {sizes:?}");
        return Err(Error::shape(message).at(who()));
    }
    let flip = |x: &Tensor| super::flip(x, axis);
    let mut all = elems.to_vec();
    if reverse {
        all = all.iter().map(flip).collect::<Result<_>>()?;
    }
    let mut out = partial(&f, &all, axis).at(who)?;
    if reverse {
        out = out.iter().map(flip).collect::<Result<_>>()?;
    }
    Ok(out)
}

type Combine<'a> = &'a dyn Fn(&[Tensor], &[Tensor]) -> Result<Vec<Tensor>>;

fn partial(f: Combine, x: &[Tensor], axis: isize) -> Result<Vec<Tensor>> {
    let size = |x: &Tensor| Ok::<_, Error>(x.shape()[normalize_axis(axis, x.rank())?]);
    let Some(first) = x.first() else { return Ok(Vec::new()) };
    let n = size(first)?;
    if n < 2 {
        return Ok(x.to_vec());
    }
    let every = |x: &[Tensor], start: usize, step: usize, count: usize| {
        x.iter().map(|x| strided(x, axis, start, step, count)).collect::<Result<Vec<_>>>()
    };
    let combine = |a: &[Tensor], b: &[Tensor]| -> Result<Vec<Tensor>> {
        let out = f(a, b)?;
        match out.len() == a.len() && out.iter().zip(a).all(|(o, a)| o.shape() == a.shape()) {
            true => Ok(out),
            false => Err(Error::shape("the function must give tensors of the shapes that it is given")),
        }
    };
    // Pairs first; between the results for odd places come those one further.
    let pairs = combine(&every(x, 0, 2, n / 2)?, &every(x, 1, 2, n / 2)?)?;
    let odd = partial(f, &pairs, axis)?;
    let later = (n - 1) / 2;
    let even = combine(&every(&odd, 0, 1, later)?, &every(x, 2, 2, later)?)?;
    let mut out = Vec::new();
    for ((x, odd), even) in x.iter().zip(&odd).zip(&even) {
        let even = concatenate(&[&strided(x, axis, 0, 1, 1)?, even], axis)?;
        let (m, place) = (n / 2, normalize_axis(axis, x.rank())?);
        let paired = stack(&[&strided(&even, axis, 0, 1, m)?, odd], place as isize + 1)?;
        let mut shape = x.shape().to_vec();
        shape[place] = 2 * m;
        let paired = reshape(&paired, shape)?;
        out.push(match n % 2 {
            0 => paired,
            _ => concatenate(&[&paired, &strided(&even, axis, m, 1, 1)?], axis)?,
        });
    }
    Ok(out)
}

/// `count` elements along an axis.
fn strided(x: &Tensor, axis: isize, start: usize, step: usize, count: usize) -> Result<Tensor> {
    let axis = normalize_axis(axis, x.rank())?;
    let mut places: Vec<_> = x.shape().iter().map(|&n| (0, 1, n)).collect();
    places[axis] = if count == 0 { (0, 1, 0) } else { (start, step as isize, count) };
    apply_one(index::Slice { places }, &[x])
}
