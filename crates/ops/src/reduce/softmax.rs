//! `softmax`: numbers turned into probabilities along some axes.

use crate::{Application, Build, Domain, Grads, Kernel, Lowered, Meta, Op, Sample, Value};
use rhyton_base::{DType, Result};

/// `exp(x) / Σ exp(x)` along some axes, computed as `exp(x - max x)` so that nothing overflows.
#[derive(Clone, Debug)]
pub struct Softmax {
    /// The axes along which, each once, in rising order, the results sum to 1.
    pub axes: Vec<usize>,
}

/// The rule that softmax and log-softmax share.
pub(super) fn infer_float(inputs: &[Meta], axes: &[usize]) -> Result<Vec<Meta>> {
    let [x] = crate::op::arguments(inputs)?;
    super::reduced_shape(&x.shape, axes, true)?;
    Ok(vec![Meta { dtype: x.dtype.to_float(), shape: x.shape.clone() }])
}

/// Elements from which on several passes over memory cost more than a kernel of its own.
const LARGE: usize = 1 << 15;

/// Large tensors along the last axis have a kernel; others are a composite, whose parts fuse with what is around them.
pub(super) fn lower(inputs: &[Meta], axes: &[usize], log: bool) -> Lowered {
    let x = &inputs[0];
    let float = matches!(x.dtype, DType::F32 | DType::F64);
    match x.shape.elements() {
        Some(n) if float && n >= LARGE && axes == [x.shape.rank() - 1] => {
            Lowered::Kernel(Kernel::Softmax { log })
        }
        _ => Lowered::Compose,
    }
}

impl Op for Softmax {
    fn name(&self) -> &'static str {
        "softmax"
    }

    fn infer(&self, inputs: &[Meta]) -> Result<Vec<Meta>> {
        infer_float(inputs, &self.axes)
    }

    fn lower(&self, inputs: &[Meta]) -> Lowered {
        lower(inputs, &self.axes, false)
    }

    fn compose(&self, b: &mut dyn Build, inputs: &[Value]) -> Result<Vec<Value>> {
        let x = b.cast(inputs[0], b.dtype(inputs[0]).to_float())?;
        if b.dims(x).contains(&0) {
            return Ok(vec![x]);
        }
        let top = b.max(x, &self.axes, true)?;
        let shifted = b.sub(x, top)?;
        let e = b.exp(shifted)?;
        let total = b.sum(e, &self.axes, true)?;
        Ok(vec![b.div(e, total)?])
    }

    /// `y · (g - Σ g·y)`.
    fn vjp(&self, b: &mut dyn Build, a: &Application) -> Grads {
        let Some(g) = a.cotangents[0] else { return Ok(vec![None]) };
        let y = a.outputs[0];
        let gy = b.mul(g, y)?;
        let total = b.sum(gy, &self.axes, true)?;
        let centred = b.sub(g, total)?;
        Ok(vec![Some(b.mul(y, centred)?)])
    }
}

impl Softmax {
    /// Cases for the tests that walk the registry.
    pub fn samples() -> Vec<Sample> {
        vec![
            Sample::new(Softmax { axes: vec![1] }, [Domain::uniform([2, 3], -2.0, 2.0)]),
            Sample::new(Softmax { axes: vec![0] }, [Domain::uniform([3, 2], -2.0, 2.0)]),
            Sample::new(Softmax { axes: vec![0] }, [Domain::vector(&[1000.0, 1000.0])]).expect(&[0.5, 0.5]),
        ]
    }
}
