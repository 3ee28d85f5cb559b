//! `stop_gradient`: the same value, seen as a constant by gradients.

use crate::{Domain, Lowered, Meta, Op, Sample, View};
use rhyton_base::Result;

/// The same value, through which no gradient flows.
#[derive(Clone, Copy, Debug)]
pub struct StopGradient;

impl Op for StopGradient {
    fn name(&self) -> &'static str {
        "stop_gradient"
    }

    fn infer(&self, inputs: &[Meta]) -> Result<Vec<Meta>> {
        let [x] = crate::op::arguments(inputs)?;
        Ok(vec![x.clone()])
    }

    fn lower(&self, inputs: &[Meta]) -> Lowered {
        Lowered::View(View::Reshape(inputs[0].dims()))
    }
}

impl StopGradient {
    /// Cases for the tests that walk the registry. Its gradient is zero by intent, so only values are given.
    pub fn samples() -> Vec<Sample> {
        vec![
            Sample::new(StopGradient, [Domain::exact(rhyton_base::DType::I32, [2], &[1.0, 2.0])])
                .expect(&[1.0, 2.0]),
        ]
    }
}
