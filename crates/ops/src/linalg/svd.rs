//! `svd`: singular values and vectors.

use super::parts::{
    Factorization, diagonal_matrix, least, matrix, reciprocal_gaps, shaped, times_transposed,
    transposed_times,
};
use crate::{Application, Build, Domain, Grads, Kernel, Lowered, Meta, Op, Sample, Value};
use rhyton_base::{DType, Error, Result};
use std::sync::Arc;

/// `A = U diag(s) Vᵀ`: the results are `(U, s, Vᵀ)`, or `s` alone. The singular values fall. A matrix that is not
/// finite gives NaN.
#[derive(Clone, Copy, Debug)]
pub struct Svd {
    /// Whether U and V are square; otherwise they have `min(m, n)` columns.
    pub full: bool,
    /// Whether U and V are results.
    pub vectors: bool,
}

impl Op for Svd {
    fn name(&self) -> &'static str {
        "svd"
    }

    fn infer(&self, inputs: &[Meta]) -> Result<Vec<Meta>> {
        let [x] = crate::op::arguments(inputs)?;
        let (lead, m, n) = matrix(x)?;
        let k = least(m, n);
        let out =
            |last: &[rhyton_base::Dim]| Meta { dtype: x.dtype, shape: shaped(lead, last.iter().copied()) };
        if !self.vectors {
            return Ok(vec![out(&[k])]);
        }
        Ok(match self.full {
            true => vec![out(&[m, m]), out(&[k]), out(&[n, n])],
            false => vec![out(&[m, k]), out(&[k]), out(&[k, n])],
        })
    }

    fn lower(&self, _: &[Meta]) -> Lowered {
        Lowered::Kernel(Kernel::Linalg(Factorization::Svd { full: self.full, vectors: self.vectors }))
    }

    /// Source: Townsend, "Differentiating the singular value decomposition", 2016.
    fn vjp(&self, b: &mut dyn Build, a: &Application) -> Grads {
        if !self.vectors {
            let Some(gs) = a.cotangents[0] else { return Ok(vec![None]) };
            let parts = b.emit(Arc::new(Svd { full: false, vectors: true }), a.inputs)?;
            let middle = diagonal_matrix(b, gs)?;
            return Ok(vec![Some(between(b, parts[0], middle, parts[2])?)]);
        }
        let dims = b.dims(a.inputs[0]);
        let (m, n) = (dims[dims.len() - 2], dims[dims.len() - 1]);
        if self.full && m != n {
            return Err(Error::unsupported(
                "the vectors of full matrices have no gradient; use full_matrices = false",
            ));
        }
        let (u, s, vt) = (a.outputs[0], a.outputs[1], a.outputs[2]);
        let squares = b.square(s)?;
        let gaps = reciprocal_gaps(b, squares)?;
        let down = b.expand_dims(s, -1)?;
        let across = b.expand_dims(s, -2)?;
        let mut terms: Vec<Value> = Vec::new();
        if let Some(gs) = a.cotangents[1] {
            let middle = diagonal_matrix(b, gs)?;
            terms.push(between(b, u, middle, vt)?);
        }
        if let Some(gu) = a.cotangents[0] {
            let turn = transposed_times(b, u, gu)?;
            let turn = skew(b, turn, gaps)?;
            let middle = b.mul(turn, across)?;
            terms.push(between(b, u, middle, vt)?);
            if m > n {
                // (I - U Uᵀ) gU S⁻¹ Vᵀ
                let along = transposed_times(b, u, gu)?;
                let inside = b.matmul(u, along)?;
                let rest = b.sub(gu, inside)?;
                let scaled = b.div(rest, across)?;
                terms.push(b.matmul(scaled, vt)?);
            }
        }
        if let Some(gvt) = a.cotangents[2] {
            let turn = times_transposed(b, vt, gvt)?;
            let turn = skew(b, turn, gaps)?;
            let middle = b.mul(down, turn)?;
            terms.push(between(b, u, middle, vt)?);
            if n > m {
                // U S⁻¹ gVᵀ (I - V Vᵀ)
                let along = times_transposed(b, gvt, vt)?;
                let inside = b.matmul(along, vt)?;
                let rest = b.sub(gvt, inside)?;
                let scaled = b.div(rest, down)?;
                terms.push(b.matmul(u, scaled)?);
            }
        }
        let mut total: Option<Value> = None;
        for term in terms {
            total = Some(match total {
                Some(before) => b.add(before, term)?,
                None => term,
            });
        }
        Ok(vec![total])
    }
}

/// `u · x · vᵀ`.
fn between(b: &mut dyn Build, u: Value, x: Value, vt: Value) -> Result<Value> {
    let left = b.matmul(u, x)?;
    b.matmul(left, vt)
}

/// `F ∘ (x - xᵀ)`.
fn skew(b: &mut dyn Build, x: Value, f: Value) -> Result<Value> {
    let t = b.transpose_last(x)?;
    let difference = b.sub(x, t)?;
    b.mul(f, difference)
}

impl Svd {
    /// Cases for the tests that walk the registry.
    pub fn samples() -> Vec<Sample> {
        let values = Svd { full: false, vectors: false };
        vec![
            Sample::new(Svd { full: false, vectors: true }, [Domain::uniform([2, 3, 1], 0.5, 2.0)]),
            Sample::new(values, [Domain::uniform([2, 1, 3], 0.5, 2.0)]),
            Sample::new(values, [Domain::exact(DType::F64, [2, 2], &[0.0, -2.0, 5.0, 0.0])])
                .expect(&[5.0, 2.0]),
        ]
    }
}
