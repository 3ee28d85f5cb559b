//! `eigh`: eigenvalues and eigenvectors of symmetric matrices.

use super::parts::{
    Factorization, diagonal_matrix, of_lower_triangle, reciprocal_gaps, shaped, square, times_transposed,
    transposed_times,
};
use crate::{Application, Build, Domain, Grads, Kernel, Lowered, Meta, Op, Sample, Value};
use rhyton_base::{DType, Result};

/// `A = V diag(w) Vᵀ`: the results are `(w, V)`, the eigenvalues rise. Only the lower triangle of A is read. A matrix
/// that is not finite gives NaN.
#[derive(Clone, Copy, Debug)]
pub struct Eigh;

impl Op for Eigh {
    fn name(&self) -> &'static str {
        "eigh"
    }

    fn infer(&self, inputs: &[Meta]) -> Result<Vec<Meta>> {
        let [x] = crate::op::arguments(inputs)?;
        let (lead, n) = square(x)?;
        Ok(vec![Meta { dtype: x.dtype, shape: shaped(lead, [n]) }, x.clone()])
    }

    fn lower(&self, _: &[Meta]) -> Lowered {
        Lowered::Kernel(Kernel::Linalg(Factorization::Eigh))
    }

    /// `V (diag(gw) + F ∘ (Vᵀ gV)) Vᵀ` with `F[i, j] = 1 / (w[j] - w[i])`.
    ///
    /// Source: Giles, "An extended collection of matrix derivative results for forward and reverse mode algorithmic
    /// differentiation", 2008.
    fn vjp(&self, b: &mut dyn Build, a: &Application) -> Grads {
        let (w, v) = (a.outputs[0], a.outputs[1]);
        let mut middle: Option<Value> = None;
        if let Some(gw) = a.cotangents[0] {
            middle = Some(diagonal_matrix(b, gw)?);
        }
        if let Some(gv) = a.cotangents[1] {
            let gaps = reciprocal_gaps(b, w)?;
            let turn = transposed_times(b, v, gv)?;
            let turn = b.mul(gaps, turn)?;
            middle = Some(match middle {
                Some(before) => b.add(before, turn)?,
                None => turn,
            });
        }
        let Some(middle) = middle else { return Ok(vec![None]) };
        let left = b.matmul(v, middle)?;
        let g = times_transposed(b, left, v)?;
        Ok(vec![Some(of_lower_triangle(b, g)?)])
    }
}

impl Eigh {
    /// Cases for the tests that walk the registry.
    pub fn samples() -> Vec<Sample> {
        vec![
            Sample::new(Eigh, [Domain::uniform([3, 1, 1], -2.0, 2.0)]),
            Sample::new(Eigh, [Domain::exact(DType::F64, [2, 2], &[0.0, 9.0, 2.0, 0.0])])
                .expect(&[-2.0, 2.0]),
        ]
    }
}
