//! `sum`: the sum over some axes.

use super::{kept_shape, reduced_shape};
use crate::{Application, Build, Domain, Grads, Lowered, Meta, Op, ReduceFn, Sample, Value};
use rhyton_base::{DType, Result};

/// The sum over some axes. As in NumPy, `bool` and narrow integers are summed in the 32-bit type of their sign.
#[derive(Clone, Debug)]
pub struct Sum {
    /// The axes to sum over, each once, in rising order.
    pub axes: Vec<usize>,
    /// Whether they stay as axes of size 1.
    pub keepdims: bool,
}

/// The type that sums and products of `dtype` are taken in: at least 32 bits for integers, as in Keras.
pub(crate) fn accumulator(dtype: DType) -> DType {
    match dtype {
        DType::Bool | DType::I8 | DType::I16 => DType::I32,
        DType::U8 | DType::U16 => DType::U32,
        other => other,
    }
}

impl Op for Sum {
    fn name(&self) -> &'static str {
        "sum"
    }

    fn infer(&self, inputs: &[Meta]) -> Result<Vec<Meta>> {
        let [x] = crate::op::arguments(inputs)?;
        let shape = reduced_shape(&x.shape, &self.axes, self.keepdims)?;
        Ok(vec![Meta { dtype: accumulator(x.dtype), shape }])
    }

    fn lower(&self, inputs: &[Meta]) -> Lowered {
        let shape = &inputs[0].shape;
        let single = self.axes.iter().all(|&a| shape.dims()[a].known() == Some(1));
        match single && shape.elements().is_some() {
            true => Lowered::Compose,
            false => Lowered::Reduce(ReduceFn::Sum, self.axes.clone()),
        }
    }

    /// Sums of one element each: elementwise work, which fuses with what stands before and behind. As in other sums
    /// zeros become positive.
    fn compose(&self, b: &mut dyn Build, inputs: &[Value]) -> Result<Vec<Value>> {
        let x = b.cast(inputs[0], accumulator(b.dtype(inputs[0])))?;
        let shape = reduced_shape(&b.meta(x).shape, &self.axes, self.keepdims)?;
        let x = b.reshape(x, &Meta { dtype: b.dtype(x), shape }.dims())?;
        if !b.dtype(x).is_float() {
            return Ok(vec![x]);
        }
        let zero = b.like(x, 0.0)?;
        Ok(vec![b.add(x, zero)?])
    }

    fn vjp(&self, b: &mut dyn Build, a: &Application) -> Grads {
        let Some(g) = a.cotangents[0] else { return Ok(vec![None]) };
        let dims = b.dims(a.inputs[0]);
        let g = b.reshape(g, &kept_shape(&dims, &self.axes))?;
        Ok(vec![Some(b.broadcast_to(g, &dims)?)])
    }
}

impl Sum {
    /// Cases for the tests that walk the registry.
    pub fn samples() -> Vec<Sample> {
        let op = |axes: &[usize], keepdims| Sum { axes: axes.to_vec(), keepdims };
        vec![
            Sample::new(op(&[0, 2], false), [Domain::uniform([2, 3, 2], -2.0, 2.0)]),
            Sample::new(op(&[1], true), [Domain::uniform([2, 3, 2], -2.0, 2.0)]),
            Sample::new(op(&[0, 2], false), [Domain::uniform([1, 3, 1], -2.0, 2.0)]),
            Sample::new(op(&[0], false), [Domain::vector(&[1.0, 2.0, 4.5])]).expect(&[7.5]),
        ]
    }
}
