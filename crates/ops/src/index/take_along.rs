//! `take_along_axis`: one element a place, chosen along an axis.

use super::AddAlong;
use crate::{Application, Build, Domain, Grads, Kernel, Lowered, Meta, Op, Sample};
use rhyton_base::{DType, Dim, Error, Result, Shape};

/// Inputs `(x, indices)` of one rank: `out[…, i, …] = x[…, indices[…, i, …], …]`. All axes but `axis` are equal.
///
/// Negative indices count from the end; one outside `-n..n` is an error when it runs.
#[derive(Clone, Copy, Debug)]
pub struct TakeAlong {
    /// The axis that the indices choose along.
    pub axis: usize,
}

impl Op for TakeAlong {
    fn name(&self) -> &'static str {
        "take_along_axis"
    }

    fn infer(&self, inputs: &[Meta]) -> Result<Vec<Meta>> {
        let [x, indices] = crate::op::arguments(inputs)?;
        if !indices.dtype.is_integer() {
            return Err(Error::dtype(format!(
                "expected integer indices, got {}; cast them to int32",
                indices.dtype
            )));
        }
        let (from, at) = (x.shape.dims(), indices.shape.dims());
        let fits = |axis: usize| axis == self.axis || from[axis].fits(at[axis]);
        if self.axis >= from.len() || from.len() != at.len() || !(0..from.len()).all(fits) {
            return Err(Error::shape(format!(
                "indices of shape {} do not match {} on the axes other than {}",
                indices.shape, x.shape, self.axis
            )));
        }
        let dim = |axis: usize| match (from[axis], at[axis]) {
            (Dim::Known(n), Dim::Unknown) if axis != self.axis => Dim::Known(n),
            (_, n) => n,
        };
        let shape: Shape = (0..at.len()).map(dim).collect();
        Ok(vec![Meta { dtype: x.dtype, shape }])
    }

    fn lower(&self, _: &[Meta]) -> Lowered {
        Lowered::Kernel(Kernel::TakeAlong { axis: self.axis })
    }

    fn vjp(&self, b: &mut dyn Build, a: &Application) -> Grads {
        let Some(g) = a.cotangents[0] else { return Ok(vec![None, None]) };
        let size = b.dims(a.inputs[0])[self.axis];
        Ok(vec![Some(b.one(AddAlong { axis: self.axis, size }, &[a.inputs[1], g])?), None])
    }
}

impl TakeAlong {
    /// Cases for the tests that walk the registry.
    pub fn samples() -> Vec<Sample> {
        let indices = || Domain::exact(DType::I32, [2, 2], &[2.0, 0.0, -1.0, 2.0]);
        vec![
            Sample::new(TakeAlong { axis: 1 }, [Domain::uniform([2, 3], -2.0, 2.0), indices()]),
            Sample::new(TakeAlong { axis: 0 }, [Domain::uniform([4, 2], -2.0, 2.0), indices()]),
            Sample::new(
                TakeAlong { axis: 0 },
                [Domain::vector(&[5.0, 6.0]), Domain::exact(DType::I64, [3], &[1.0, -2.0, 1.0])],
            )
            .expect(&[6.0, 5.0, 6.0]),
        ]
    }
}
