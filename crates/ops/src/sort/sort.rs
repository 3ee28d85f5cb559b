//! `sort`: the elements in rising order.

use super::{ArgSort, last_axis};
use crate::index::AddAlong;
use crate::{Application, Build, Domain, Grads, Kernel, Lowered, Meta, Op, Sample};
use rhyton_base::Result;

/// The elements along the last axis in rising order; NaN stands last, zeros of either sign keep their order.
#[derive(Clone, Copy, Debug)]
pub struct Sort;

impl Op for Sort {
    fn name(&self) -> &'static str {
        "sort"
    }

    fn infer(&self, inputs: &[Meta]) -> Result<Vec<Meta>> {
        let [x] = crate::op::arguments(inputs)?;
        last_axis(&x.shape)?;
        Ok(vec![x.clone()])
    }

    fn lower(&self, _: &[Meta]) -> Lowered {
        Lowered::Kernel(Kernel::Sort)
    }

    /// Each element's cotangent goes back to where the element stood.
    fn vjp(&self, b: &mut dyn Build, a: &Application) -> Grads {
        let Some(g) = a.cotangents[0] else { return Ok(vec![None]) };
        let dims = b.dims(a.inputs[0]);
        let axis = dims.len() - 1;
        let order = b.one(ArgSort { descending: false, count: None }, &[a.inputs[0]])?;
        Ok(vec![Some(b.one(AddAlong { axis, size: dims[axis] }, &[order, g])?)])
    }
}

impl Sort {
    /// Cases for the tests that walk the registry.
    pub fn samples() -> Vec<Sample> {
        vec![
            Sample::new(Sort, [Domain::uniform([2, 4], -2.0, 2.0)]),
            Sample::new(Sort, [Domain::vector(&[3.0, -1.0, 2.0])]).expect(&[-1.0, 2.0, 3.0]),
        ]
    }
}
