//! `gather`: the slices along an axis at given indices, NumPy's `take`.

use super::ScatterAdd;
use crate::{Application, Build, Domain, Grads, Kernel, Lowered, Meta, Op, Sample};
use rhyton_base::{DType, Error, Result, normalize_axis};

/// `x` with its axis replaced by the axes of `indices`: `out[…, i…, …] = x[…, indices[i…], …]`.
///
/// Negative indices count from the end; one outside `-n..n` is an error when it runs.
#[derive(Clone, Copy, Debug)]
pub struct Gather {
    /// The axis of `x`; negative counts from the end.
    pub axis: isize,
}

impl Op for Gather {
    fn name(&self) -> &'static str {
        "gather"
    }

    fn infer(&self, inputs: &[Meta]) -> Result<Vec<Meta>> {
        let [x, indices] = crate::op::arguments(inputs)?;
        let axis = normalize_axis(self.axis, x.shape.rank())?;
        if !indices.dtype.is_integer() {
            return Err(Error::dtype(format!(
                "expected integer indices, got {}; cast them to int32",
                indices.dtype
            )));
        }
        let dims = x.shape.dims();
        let shape =
            dims[..axis].iter().chain(indices.shape.dims()).chain(&dims[axis + 1..]).copied().collect();
        Ok(vec![Meta { dtype: x.dtype, shape }])
    }

    fn lower(&self, inputs: &[Meta]) -> Lowered {
        let axis = normalize_axis(self.axis, inputs[0].shape.rank()).expect("checked by infer");
        Lowered::Kernel(Kernel::Gather { axis })
    }

    /// Each slice's cotangent is added at the place it came from.
    fn vjp(&self, b: &mut dyn Build, a: &Application) -> Grads {
        let Some(g) = a.cotangents[0] else { return Ok(vec![None, None]) };
        let dims = b.dims(a.inputs[0]);
        let axis = normalize_axis(self.axis, dims.len())?;
        let gx = b.one(ScatterAdd { axis, size: dims[axis] }, &[a.inputs[1], g])?;
        Ok(vec![Some(gx), None])
    }
}

impl Gather {
    /// Cases for the tests that walk the registry.
    pub fn samples() -> Vec<Sample> {
        let indices = || Domain::exact(DType::I32, [2, 2], &[2.0, 0.0, -1.0, 2.0]);
        vec![
            Sample::new(Gather { axis: 0 }, [Domain::uniform([3, 2], -2.0, 2.0), indices()]),
            Sample::new(Gather { axis: -1 }, [Domain::uniform([2, 3], -2.0, 2.0), indices()]),
            Sample::new(Gather { axis: 0 }, [Domain::vector(&[5.0, 6.0, 7.0]), indices()])
                .expect(&[7.0, 5.0, 7.0, 7.0]),
        ]
    }
}
