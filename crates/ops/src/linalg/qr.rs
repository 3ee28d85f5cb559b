//! `qr`: an orthogonal times an upper triangular matrix.

use super::SolveTriangular;
use super::parts::{Factorization, least, matrix, shaped, times_transposed, triangle};
use crate::{Application, Build, Domain, Grads, Kernel, Lowered, Meta, Op, Sample};
use rhyton_base::{DType, Error, Result};

/// `A = Q R` by Householder's reflections: Q has `min(m, n)` orthonormal columns, or `m` if `complete`; R is upper
/// triangular.
#[derive(Clone, Copy, Debug)]
pub struct Qr {
    /// Whether Q is square.
    pub complete: bool,
}

impl Op for Qr {
    fn name(&self) -> &'static str {
        "qr"
    }

    fn infer(&self, inputs: &[Meta]) -> Result<Vec<Meta>> {
        let [x] = crate::op::arguments(inputs)?;
        let (lead, m, n) = matrix(x)?;
        let k = if self.complete { m } else { least(m, n) };
        let out = |last| Meta { dtype: x.dtype, shape: shaped(lead, last) };
        Ok(vec![out([m, k]), out([k, n])])
    }

    fn lower(&self, _: &[Meta]) -> Lowered {
        Lowered::Kernel(Kernel::Linalg(Factorization::Qr { complete: self.complete }))
    }

    /// `(gQ + Q · sym(R gRᵀ - gQᵀ Q)) R⁻ᵀ`, where `sym` mirrors the lower triangle.
    ///
    /// Source: Seeger, Hetzel, Dai, Meissner and Lawrence, "Auto-differentiating linear algebra", 2017.
    fn vjp(&self, b: &mut dyn Build, a: &Application) -> Grads {
        let dims = b.dims(a.inputs[0]);
        let (m, n) = (dims[dims.len() - 2], dims[dims.len() - 1]);
        if m < n || (self.complete && m > n) {
            return Err(Error::unsupported(format!(
                "expected at least as many rows as columns in mode \"reduced\", got {m} rows and {n} columns"
            )));
        }
        let (q, r) = (a.outputs[0], a.outputs[1]);
        let (gq, gr) = (a.cotangents[0], a.cotangents[1]);
        let mut middle = None;
        if let Some(gr) = gr {
            let gr = triangle(b, gr, false, 1.0)?;
            middle = Some(times_transposed(b, r, gr)?);
        }
        if let Some(gq) = gq {
            let t = b.transpose_last(gq)?;
            let part = b.matmul(t, q)?;
            middle = Some(match middle {
                Some(before) => b.sub(before, part)?,
                None => b.neg(part)?,
            });
        }
        let Some(middle) = middle else { return Ok(vec![None]) };
        let low = triangle(b, middle, true, 1.0)?;
        let strict = triangle(b, middle, true, 0.0)?;
        let mirrored = b.transpose_last(strict)?;
        let symmetric = b.add(low, mirrored)?;
        let mut sum = b.matmul(q, symmetric)?;
        if let Some(gq) = gq {
            sum = b.add(sum, gq)?;
        }
        let t = b.transpose_last(sum)?;
        let solved = b.one(SolveTriangular { lower: false }, &[r, t])?;
        Ok(vec![Some(b.transpose_last(solved)?)])
    }
}

impl Qr {
    /// Cases for the tests that walk the registry.
    pub fn samples() -> Vec<Sample> {
        vec![
            Sample::new(Qr { complete: false }, [Domain::uniform([2, 3, 1], 0.5, 2.0)]),
            Sample::new(Qr { complete: false }, [Domain::exact(DType::F64, [2, 1], &[3.0, 4.0])])
                .expect(&[-0.6, -0.8]),
        ]
    }
}
