//! How an operation finds its way: at once, into a trace, onto tapes.

use crate::eager;
use crate::logits::remembered;
use crate::symbolic::{Primitive, apply_symbolic};
use crate::tape;
use crate::tensor::{Data, Tensor};
use crate::tracer::{Tracer, current_tracer};
use rhyton_base::{Context, Result};
use rhyton_cpu::CpuBackend;
use rhyton_ops::{Build, Meta, Op, OpRef, Value};
use rhyton_runtime::Backend;
use std::sync::Arc;

/// The device on which eager operations and compiled functions run.
pub fn backend() -> &'static dyn Backend {
    &CpuBackend
}

/// Applies an operation to tensors.
///
/// # Errors
/// What the operation's shape rule says, with the operation's name in front.
pub fn apply(op: OpRef, inputs: &[Tensor]) -> Result<Vec<Tensor>> {
    if inputs.iter().any(Tensor::is_symbolic) {
        return apply_symbolic(Arc::new(Primitive(op)), inputs);
    }
    let traced = inputs.iter().find_map(|x| match x.data() {
        Data::Traced { tracer, .. } => Some(tracer.clone()),
        _ => None,
    });
    // The innermost trace takes what it is given from those around it. What depends on nothing belongs to it too,
    // so that it is not stored as a constant.
    let tracer: Option<Arc<dyn Tracer>> = match traced {
        Some(own) => Some(current_tracer().unwrap_or(own)),
        None if inputs.is_empty() => current_tracer(),
        None => None,
    };
    apply_with(tracer, op, inputs)
}

/// [`apply`] for what the function being traced does in any case, also if all its arguments are known.
pub(crate) fn apply_in_trace(op: OpRef, inputs: &[Tensor]) -> Result<Vec<Tensor>> {
    apply_with(current_tracer(), op, inputs)
}

fn apply_with(tracer: Option<Arc<dyn Tracer>>, op: OpRef, inputs: &[Tensor]) -> Result<Vec<Tensor>> {
    let metas: Vec<Meta> = inputs.iter().map(Tensor::meta).collect();
    let who = || op.name();
    let outputs = op.infer(&metas).at(who)?;
    let results = match tracer {
        Some(tracer) => tracer.emit(&op, inputs, &outputs).at(who)?,
        None => eager::execute(&*op, inputs, &metas, &outputs).at(who)?,
    };
    tape::record(&op, inputs, &results);
    Ok(remembered(&op, inputs, results))
}

/// [`apply`] for an operation with one output.
pub(crate) fn apply_one(op: impl Op, inputs: &[&Tensor]) -> Result<Tensor> {
    let inputs: Vec<Tensor> = inputs.iter().map(|x| (*x).clone()).collect();
    Ok(apply(Arc::new(op), &inputs)?.swap_remove(0))
}

/// [`apply`] for an operation with one input and any number of outputs.
pub(crate) fn apply_one_of(op: impl Op, input: &Tensor) -> Result<Vec<Tensor>> {
    apply(Arc::new(op), std::slice::from_ref(input))
}

/// A [`Build`] whose values are tensors: rules and composites written against `Build` run on them.
#[derive(Default)]
pub(crate) struct TensorBuild {
    values: Vec<Tensor>,
}

impl TensorBuild {
    pub fn add(&mut self, x: &Tensor) -> Value {
        self.values.push(x.clone());
        Value(self.values.len() as u32 - 1)
    }

    pub fn get(&self, v: Value) -> Tensor {
        self.values[v.0 as usize].clone()
    }
}

impl Build for TensorBuild {
    fn emit(&mut self, op: OpRef, inputs: &[Value]) -> Result<Vec<Value>> {
        let inputs: Vec<Tensor> = inputs.iter().map(|&v| self.get(v)).collect();
        Ok(apply(op, &inputs)?.iter().map(|x| self.add(x)).collect())
    }

    fn meta(&self, v: Value) -> Meta {
        self.values[v.0 as usize].meta()
    }
}

/// Runs a function written against [`Build`] on tensors: at once or into their trace, recorded on tapes.
///
/// ```
/// use rhyton_tensor::{Tensor, compose_in};
/// let x = Tensor::from([1.0f32, 2.0, 3.0]);
/// let y = compose_in(&[&x], |b, v| rhyton_ops::variance(b, v[0], &[0], false)).unwrap();
/// assert_eq!(y.to_vec::<f32>().unwrap(), [2.0 / 3.0]);
/// ```
pub fn compose_in(
    inputs: &[&Tensor],
    f: impl FnOnce(&mut dyn Build, &[Value]) -> Result<Value>,
) -> Result<Tensor> {
    let mut b = TensorBuild::default();
    let values: Vec<Value> = inputs.iter().map(|x| b.add(x)).collect();
    let out = f(&mut b, &values)?;
    Ok(b.get(out))
}
