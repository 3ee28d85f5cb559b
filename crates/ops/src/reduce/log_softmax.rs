//! `log_softmax`: the logarithm of softmax, without its rounding.

use super::softmax::{infer_float, lower};
use crate::{Application, Build, Domain, Grads, Lowered, Meta, Op, Sample, Value};
use rhyton_base::Result;

/// `x - max x - log Σ exp(x - max x)` along some axes.
#[derive(Clone, Debug)]
pub struct LogSoftmax {
    /// The axes along which, each once, in rising order, the exponentials of the results sum to 1.
    pub axes: Vec<usize>,
}

impl Op for LogSoftmax {
    fn name(&self) -> &'static str {
        "log_softmax"
    }

    fn infer(&self, inputs: &[Meta]) -> Result<Vec<Meta>> {
        infer_float(inputs, &self.axes)
    }

    fn lower(&self, inputs: &[Meta]) -> Lowered {
        lower(inputs, &self.axes, true)
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
        let log = b.log(total)?;
        Ok(vec![b.sub(shifted, log)?])
    }

    /// `g - exp(y) · Σ g`.
    fn vjp(&self, b: &mut dyn Build, a: &Application) -> Grads {
        let Some(g) = a.cotangents[0] else { return Ok(vec![None]) };
        let total = b.sum(g, &self.axes, true)?;
        let p = b.exp(a.outputs[0])?;
        let part = b.mul(p, total)?;
        Ok(vec![Some(b.sub(g, part)?)])
    }
}

impl LogSoftmax {
    /// Cases for the tests that walk the registry.
    pub fn samples() -> Vec<Sample> {
        vec![
            Sample::new(LogSoftmax { axes: vec![1] }, [Domain::uniform([2, 3], -2.0, 2.0)]),
            Sample::new(LogSoftmax { axes: vec![0] }, [Domain::vector(&[1000.0, 1000.0])])
                .expect(&[-std::f64::consts::LN_2, -std::f64::consts::LN_2]),
        ]
    }
}
