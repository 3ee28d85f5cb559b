//! `ravel_index`: one index an axis made one index into the flat tensor.

use crate::{Domain, Kernel, Lowered, Meta, Op, Sample};
use rhyton_base::{DType, Error, Result};

/// One integer tensor an axis, all of one shape: the row-major place `(i0 · n1 + i1) · n2 + …` as `int64`.
///
/// Negative indices count from the end; one outside `-n..n` is an error that names its axis when it runs.
#[derive(Clone, Debug)]
pub struct RavelIndex {
    /// The sizes of the axes.
    pub sizes: Vec<usize>,
    /// What errors call the axes.
    pub axes: Vec<usize>,
}

impl Op for RavelIndex {
    fn name(&self) -> &'static str {
        "ravel_index"
    }

    fn infer(&self, inputs: &[Meta]) -> Result<Vec<Meta>> {
        if inputs.is_empty() || inputs.len() != self.sizes.len() {
            return Err(Error::value(format!(
                "expected {} tensors, got {}",
                self.sizes.len().max(1),
                inputs.len()
            )));
        }
        rhyton_base::element_count(&self.sizes)?;
        for x in inputs {
            if !x.dtype.is_integer() {
                return Err(Error::dtype(format!(
                    "expected integer indices, got {}; cast them to int32",
                    x.dtype
                )));
            }
            if !x.shape.fits(&inputs[0].shape) {
                return Err(Error::shape(format!(
                    "indices of shapes {} and {} differ",
                    inputs[0].shape, x.shape
                )));
            }
        }
        Ok(vec![Meta { dtype: DType::I64, shape: inputs[0].shape.clone() }])
    }

    fn lower(&self, _: &[Meta]) -> Lowered {
        Lowered::Kernel(Kernel::RavelIndex { sizes: self.sizes.clone(), axes: self.axes.clone() })
    }
}

impl RavelIndex {
    /// Cases for the tests that walk the registry.
    pub fn samples() -> Vec<Sample> {
        let i = |values: &[f64]| Domain::exact(DType::I32, [3], values);
        vec![
            Sample::new(
                RavelIndex { sizes: vec![2, 3], axes: vec![0, 1] },
                [i(&[0.0, 1.0, -1.0]), i(&[2.0, 0.0, -1.0])],
            )
            .expect(&[2.0, 3.0, 5.0]),
        ]
    }
}
