//! `cumsum`: running sums.

use super::check_axis;
use crate::{Application, Build, Domain, Grads, Kernel, Lowered, Meta, Op, Sample};
use rhyton_base::{DType, Error, Result};

/// At every place along an axis the sum of the elements up to there, that one included.
#[derive(Clone, Copy, Debug)]
pub struct CumSum {
    /// The axis to add along.
    pub axis: usize,
    /// Whether the sums run from the end.
    pub reverse: bool,
}

impl Op for CumSum {
    fn name(&self) -> &'static str {
        "cumsum"
    }

    fn infer(&self, inputs: &[Meta]) -> Result<Vec<Meta>> {
        let [x] = crate::op::arguments(inputs)?;
        check_axis(self.axis, &x.shape)?;
        if x.dtype == DType::Bool {
            return Err(Error::dtype("expected numbers, got bool; cast them to int32"));
        }
        Ok(vec![x.clone()])
    }

    fn lower(&self, _: &[Meta]) -> Lowered {
        Lowered::Kernel(Kernel::Scan { axis: self.axis, product: false, reverse: self.reverse })
    }

    /// An element takes part in all sums from its place on.
    fn vjp(&self, b: &mut dyn Build, a: &Application) -> Grads {
        let Some(g) = a.cotangents[0] else { return Ok(vec![None]) };
        Ok(vec![Some(b.one(CumSum { axis: self.axis, reverse: !self.reverse }, &[g])?)])
    }
}

impl CumSum {
    /// Cases for the tests that walk the registry.
    pub fn samples() -> Vec<Sample> {
        let op = |axis, reverse| CumSum { axis, reverse };
        vec![
            Sample::new(op(0, false), [Domain::uniform([3, 2], -2.0, 2.0)]),
            Sample::new(op(1, true), [Domain::uniform([2, 3], -2.0, 2.0)]),
            Sample::new(op(0, false), [Domain::vector(&[1.0, 2.0, 4.0])]).expect(&[1.0, 3.0, 7.0]),
            Sample::new(op(0, true), [Domain::vector(&[1.0, 2.0, 4.0])]).expect(&[7.0, 6.0, 4.0]),
        ]
    }
}
