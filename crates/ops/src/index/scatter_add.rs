//! `scatter_add`: slices added up at given indices, the transpose of `gather`.

use super::Gather;
use crate::{Application, Build, Domain, Grads, Kernel, Lowered, Meta, Op, Sample};
use rhyton_base::{DType, Dim, Error, Result};

/// Zeros with `size` places along `axis`, to which each slice of `updates` is added at its index.
///
/// The inputs are `(indices, updates)`, where the axes of `indices` stand in `updates` in place of `axis`.
/// Slices that share an index are added in the order in which they come.
#[derive(Clone, Copy, Debug)]
pub struct ScatterAdd {
    /// The axis of the result that the indices choose from.
    pub axis: usize,
    /// The size of that axis.
    pub size: usize,
}

impl Op for ScatterAdd {
    fn name(&self) -> &'static str {
        "scatter_add"
    }

    fn infer(&self, inputs: &[Meta]) -> Result<Vec<Meta>> {
        let [indices, updates] = crate::op::arguments(inputs)?;
        if !indices.dtype.is_integer() {
            return Err(Error::dtype(format!(
                "expected integer indices, got {}; cast them to int32",
                indices.dtype
            )));
        }
        let (i, u) = (indices.shape.dims(), updates.shape.dims());
        let end = self.axis + i.len();
        if u.len() < end || !i.iter().zip(&u[self.axis..end]).all(|(a, b)| a.fits(*b)) {
            return Err(Error::shape(format!(
                "indices {} do not match updates {} from axis {}",
                indices.shape, updates.shape, self.axis
            )));
        }
        let shape =
            u[..self.axis].iter().copied().chain([Dim::Known(self.size)]).chain(u[end..].iter().copied());
        Ok(vec![Meta { dtype: updates.dtype, shape: shape.collect() }])
    }

    fn lower(&self, _: &[Meta]) -> Lowered {
        Lowered::Kernel(Kernel::ScatterAdd { axis: self.axis, size: self.size })
    }

    fn vjp(&self, b: &mut dyn Build, a: &Application) -> Grads {
        let Some(g) = a.cotangents[0] else { return Ok(vec![None, None]) };
        Ok(vec![None, Some(b.one(Gather { axis: self.axis as isize }, &[g, a.inputs[0]])?)])
    }
}

impl ScatterAdd {
    /// Cases for the tests that walk the registry.
    pub fn samples() -> Vec<Sample> {
        let indices = || Domain::exact(DType::I32, [3], &[2.0, 0.0, 2.0]);
        vec![
            Sample::new(ScatterAdd { axis: 0, size: 4 }, [indices(), Domain::uniform([3, 2], -2.0, 2.0)]),
            Sample::new(ScatterAdd { axis: 1, size: 3 }, [indices(), Domain::uniform([2, 3], -2.0, 2.0)]),
            Sample::new(ScatterAdd { axis: 0, size: 4 }, [indices(), Domain::vector(&[1.0, 2.0, 4.0])])
                .expect(&[2.0, 0.0, 5.0, 0.0]),
        ]
    }
}
