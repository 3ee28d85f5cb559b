//! `cholesky`: the triangular square root of a positive definite matrix.

use super::SolveTriangular;
use super::parts::{Factorization, of_lower_triangle, square, transposed_times, triangle};
use crate::{Application, Build, Domain, Grads, Kernel, Lowered, Meta, Op, Sample};
use rhyton_base::{DType, Result};

/// The lower triangular L with `A = L Lᵀ`. Only the lower triangle of A is read; one that is not positive definite is
/// an error when it runs.
#[derive(Clone, Copy, Debug)]
pub struct Cholesky;

impl Op for Cholesky {
    fn name(&self) -> &'static str {
        "cholesky"
    }

    fn infer(&self, inputs: &[Meta]) -> Result<Vec<Meta>> {
        let [x] = crate::op::arguments(inputs)?;
        square(x)?;
        Ok(vec![x.clone()])
    }

    fn lower(&self, _: &[Meta]) -> Lowered {
        Lowered::Kernel(Kernel::Linalg(Factorization::Cholesky))
    }

    /// `L⁻ᵀ Φ(Lᵀ g) L⁻¹`, where Φ takes the lower triangle and half the diagonal.
    ///
    /// Source: Murray, "Differentiation of the Cholesky decomposition", 2016.
    fn vjp(&self, b: &mut dyn Build, a: &Application) -> Grads {
        let Some(g) = a.cotangents[0] else { return Ok(vec![None]) };
        let l = a.outputs[0];
        let g = triangle(b, g, true, 1.0)?;
        let p = transposed_times(b, l, g)?;
        let p = triangle(b, p, true, 0.5)?;
        let lt = b.transpose_last(l)?;
        let back = |b: &mut dyn Build, x| b.one(SolveTriangular { lower: false }, &[lt, x]);
        let pt = b.transpose_last(p)?;
        let right = back(b, pt)?;
        let right = b.transpose_last(right)?;
        let s = back(b, right)?;
        Ok(vec![Some(of_lower_triangle(b, s)?)])
    }
}

impl Cholesky {
    /// Cases for the tests that walk the registry.
    pub fn samples() -> Vec<Sample> {
        vec![
            Sample::new(Cholesky, [Domain::uniform([3, 1, 1], 1.0, 2.0)]),
            Sample::new(Cholesky, [Domain::exact(DType::F64, [2, 2], &[4.0, 9.0, 2.0, 10.0])])
                .expect(&[2.0, 0.0, 1.0, 3.0]),
        ]
    }
}
