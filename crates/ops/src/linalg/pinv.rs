//! `pinv`: the Moore-Penrose inverse.

use super::Svd;
use super::parts::{matrix, shaped, times_transposed, transposed_times};
use crate::{Application, Build, Domain, Grads, Lowered, Meta, Op, Sample, Value};
use rhyton_base::{DType, Result};
use std::sync::Arc;

/// `V diag(1/s) Uᵀ` over the singular values above `rcond` times the largest.
#[derive(Clone, Copy, Debug)]
pub struct Pinv {
    /// Singular values up to this part of the largest count as zero.
    pub rcond: f64,
}

impl Op for Pinv {
    fn name(&self) -> &'static str {
        "pinv"
    }

    fn infer(&self, inputs: &[Meta]) -> Result<Vec<Meta>> {
        let [x] = crate::op::arguments(inputs)?;
        let (lead, m, n) = matrix(x)?;
        Ok(vec![Meta { dtype: x.dtype, shape: shaped(lead, [n, m]) }])
    }

    fn lower(&self, _: &[Meta]) -> Lowered {
        Lowered::Compose
    }

    fn compose(&self, b: &mut dyn Build, inputs: &[Value]) -> Result<Vec<Value>> {
        let x = inputs[0];
        let dims = b.dims(x);
        let rank = dims.len();
        if dims.contains(&0) {
            return Ok(vec![b.transpose_last(x)?]);
        }
        let parts = b.emit(Arc::new(Svd { full: false, vectors: true }), &[x])?;
        let (u, s, vt) = (parts[0], parts[1], parts[2]);
        let top = b.max(s, &[rank - 2], true)?;
        let floor = b.scale(top, self.rcond)?;
        let zero = b.like(s, 0.0)?;
        let small = b.less_equal(s, floor)?;
        let inverse = b.reciprocal(s)?;
        let inverse = b.select(small, zero, inverse)?;
        let inverse = b.expand_dims(inverse, -2)?;
        let scaled = b.mul(u, inverse)?;
        let product = b.matmul(scaled, vt)?;
        Ok(vec![b.transpose_last(product)?])
    }

    /// `-Pᵀ g Pᵀ + (I - A P) gᵀ P Pᵀ + Pᵀ P gᵀ (I - P A)`, as long as the rank stays the same.
    ///
    /// Source: Golub and Pereyra, "The differentiation of pseudo-inverses and nonlinear least squares problems whose
    /// variables separate", 1973.
    fn vjp(&self, b: &mut dyn Build, a: &Application) -> Grads {
        let Some(g) = a.cotangents[0] else { return Ok(vec![None]) };
        let (x, p) = (a.inputs[0], a.outputs[0]);
        let gt = b.transpose_last(g)?;
        let pt = b.transpose_last(p)?;
        let first = b.matmul(pt, g)?;
        let first = b.matmul(first, pt)?;
        let square = times_transposed(b, p, p)?;
        let second = b.matmul(gt, square)?;
        let inside = b.matmul(p, second)?;
        let inside = b.matmul(x, inside)?;
        let second = b.sub(second, inside)?;
        let square = transposed_times(b, p, p)?;
        let third = b.matmul(square, gt)?;
        let inside = b.matmul(third, p)?;
        let inside = b.matmul(inside, x)?;
        let third = b.sub(third, inside)?;
        let sum = b.add(second, third)?;
        Ok(vec![Some(b.sub(sum, first)?)])
    }
}

impl Pinv {
    /// Cases for the tests that walk the registry.
    pub fn samples() -> Vec<Sample> {
        let op = Pinv { rcond: 1e-12 };
        vec![
            Sample::new(op, [Domain::uniform([2, 3, 1], 0.5, 2.0)]),
            Sample::new(op, [Domain::uniform([1, 2], 0.5, 2.0)]),
            Sample::new(op, [Domain::exact(DType::F64, [2, 2], &[2.0, 0.0, 0.0, 0.0])])
                .expect(&[0.5, 0.0, 0.0, 0.0]),
        ]
    }
}
