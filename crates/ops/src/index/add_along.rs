//! `add_along_axis`: elements added up at places along an axis, the transpose of `take_along_axis`.

use super::TakeAlong;
use crate::{Application, Build, Domain, Grads, Kernel, Lowered, Meta, Op, Sample};
use rhyton_base::{DType, Error, Result, Shape};

/// Inputs `(indices, updates)` of one shape: zeros with `size` places along `axis`, to which every element of the
/// updates is added at its index. Elements that share a place are added in the order in which they come.
#[derive(Clone, Copy, Debug)]
pub struct AddAlong {
    /// The axis that the indices choose along.
    pub axis: usize,
    /// The size of that axis in the result.
    pub size: usize,
}

impl Op for AddAlong {
    fn name(&self) -> &'static str {
        "add_along_axis"
    }

    fn infer(&self, inputs: &[Meta]) -> Result<Vec<Meta>> {
        let [indices, updates] = crate::op::arguments(inputs)?;
        if !indices.dtype.is_integer() {
            return Err(Error::dtype(format!(
                "expected integer indices, got {}; cast them to int32",
                indices.dtype
            )));
        }
        if self.axis >= updates.shape.rank() || !indices.shape.fits(&updates.shape) {
            return Err(Error::shape(format!(
                "indices {} do not match updates {} along axis {}",
                indices.shape, updates.shape, self.axis
            )));
        }
        let mut dims = updates.shape.dims().to_vec();
        dims[self.axis] = self.size.into();
        Ok(vec![Meta { dtype: updates.dtype, shape: Shape::from(dims) }])
    }

    fn lower(&self, _: &[Meta]) -> Lowered {
        Lowered::Kernel(Kernel::AddAlong { axis: self.axis })
    }

    fn vjp(&self, b: &mut dyn Build, a: &Application) -> Grads {
        let Some(g) = a.cotangents[0] else { return Ok(vec![None, None]) };
        Ok(vec![None, Some(b.one(TakeAlong { axis: self.axis }, &[g, a.inputs[0]])?)])
    }
}

impl AddAlong {
    /// Cases for the tests that walk the registry.
    pub fn samples() -> Vec<Sample> {
        let indices = || Domain::exact(DType::I32, [2, 2], &[2.0, 0.0, -1.0, 2.0]);
        vec![
            Sample::new(AddAlong { axis: 1, size: 3 }, [indices(), Domain::uniform([2, 2], -2.0, 2.0)]),
            Sample::new(AddAlong { axis: 0, size: 4 }, [indices(), Domain::uniform([2, 2], -2.0, 2.0)]),
            Sample::new(
                AddAlong { axis: 0, size: 3 },
                [Domain::exact(DType::I64, [3], &[1.0, 0.0, 1.0]), Domain::vector(&[1.0, 2.0, 4.0])],
            )
            .expect(&[2.0, 5.0, 0.0]),
        ]
    }
}
