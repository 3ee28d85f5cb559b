//! `softmax`: numbers turned into probabilities along an axis.

use crate::{Application, Build, Domain, Grads, Lowered, Meta, Op, Sample, Value};
use rhyton_base::{Error, Result};

/// `exp(x) / Σ exp(x)` along an axis, computed as `exp(x - max x)` so that nothing overflows.
#[derive(Clone, Copy, Debug)]
pub struct Softmax {
    /// The axis along which the results sum to 1.
    pub axis: usize,
}

/// The rule that softmax and log-softmax share.
pub(super) fn infer_float(inputs: &[Meta], axis: usize) -> Result<Vec<Meta>> {
    let [x] = crate::op::arguments(inputs)?;
    if axis >= x.shape.rank() {
        return Err(Error::shape(format!("axis {axis} is out of bounds for a tensor of shape {}", x.shape)));
    }
    Ok(vec![Meta { dtype: x.dtype.to_float(), shape: x.shape.clone() }])
}

impl Op for Softmax {
    fn name(&self) -> &'static str {
        "softmax"
    }

    fn infer(&self, inputs: &[Meta]) -> Result<Vec<Meta>> {
        infer_float(inputs, self.axis)
    }

    fn lower(&self, _: &[Meta]) -> Lowered {
        Lowered::Compose
    }

    fn compose(&self, b: &mut dyn Build, inputs: &[Value]) -> Result<Vec<Value>> {
        let x = b.cast(inputs[0], b.dtype(inputs[0]).to_float())?;
        let top = b.max(x, &[self.axis], true)?;
        let shifted = b.sub(x, top)?;
        let e = b.exp(shifted)?;
        let total = b.sum(e, &[self.axis], true)?;
        Ok(vec![b.div(e, total)?])
    }

    /// `y · (g - Σ g·y)`.
    fn vjp(&self, b: &mut dyn Build, a: &Application) -> Grads {
        let Some(g) = a.cotangents[0] else { return Ok(vec![None]) };
        let y = a.outputs[0];
        let gy = b.mul(g, y)?;
        let total = b.sum(gy, &[self.axis], true)?;
        let centred = b.sub(g, total)?;
        Ok(vec![Some(b.mul(y, centred)?)])
    }
}

impl Softmax {
    /// Cases for the tests that walk the registry.
    pub fn samples() -> Vec<Sample> {
        vec![
            Sample::new(Softmax { axis: 1 }, [Domain::uniform([2, 3], -2.0, 2.0)]),
            Sample::new(Softmax { axis: 0 }, [Domain::uniform([3, 2], -2.0, 2.0)]),
            Sample::new(Softmax { axis: 0 }, [Domain::vector(&[1000.0, 1000.0])]).expect(&[0.5, 0.5]),
        ]
    }
}
