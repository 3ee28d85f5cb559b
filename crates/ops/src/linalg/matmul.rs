//! `matmul`: the matrix product over the last two axes.

use crate::{Application, Build, Domain, Grads, Lowered, Meta, Op, Sample};
use rhyton_base::{Dim, Error, Result, Shape, broadcast_symbolic};

/// `out[…, i, j] = Σₖ x[…, i, k] · y[…, k, j]`; leading axes are broadcast together.
///
/// Both arguments have rank 2 or more; vectors are given an axis of size 1 by the callers.
#[derive(Clone, Copy, Debug)]
pub struct MatMul;

impl Op for MatMul {
    fn name(&self) -> &'static str {
        "matmul"
    }

    fn infer(&self, inputs: &[Meta]) -> Result<Vec<Meta>> {
        let [x, y] = crate::op::arguments(inputs)?;
        crate::elementwise::rules::same_type(x, y)?;
        if x.shape.rank() < 2 || y.shape.rank() < 2 {
            return Err(Error::shape(format!("expected rank 2 or more, got {} and {}", x.shape, y.shape)));
        }
        let (xl, m, k) = split(&x.shape);
        let (yl, l, n) = split(&y.shape);
        if !k.fits(l) {
            return Err(Error::shape(format!(
                "the last axis of {} does not match the last but one of {}; they must be equal",
                x.shape, y.shape
            )));
        }
        let lead = broadcast_symbolic(&[&xl, &yl])?;
        Ok(vec![Meta { dtype: x.dtype, shape: lead.dims().iter().copied().chain([m, n]).collect() }])
    }

    fn lower(&self, _: &[Meta]) -> Lowered {
        Lowered::MatMul
    }

    /// `gx = g · yᵀ`, `gy = xᵀ · g`, summed over broadcast leading axes.
    fn vjp(&self, b: &mut dyn Build, a: &Application) -> Grads {
        let Some(g) = a.cotangents[0] else { return Ok(vec![None, None]) };
        let (x, y) = (a.inputs[0], a.inputs[1]);
        let (mut gx, mut gy) = (None, None);
        if a.wanted[0] {
            let yt = b.transpose_last(y)?;
            let full = b.matmul(g, yt)?;
            gx = Some(b.sum_to(full, &b.dims(x))?);
        }
        if a.wanted[1] {
            let xt = b.transpose_last(x)?;
            let full = b.matmul(xt, g)?;
            gy = Some(b.sum_to(full, &b.dims(y))?);
        }
        Ok(vec![gx, gy])
    }
}

fn split(shape: &Shape) -> (Shape, Dim, Dim) {
    let (lead, last) = shape.dims().split_at(shape.rank() - 2);
    (lead.iter().copied().collect(), last[0], last[1])
}

impl MatMul {
    /// Cases for the tests that walk the registry.
    pub fn samples() -> Vec<Sample> {
        vec![
            Sample::new(MatMul, [Domain::uniform([2, 3], -2.0, 2.0), Domain::uniform([3, 4], -2.0, 2.0)]),
            Sample::new(MatMul, [Domain::uniform([2, 2, 3], -2.0, 2.0), Domain::uniform([3, 1], -2.0, 2.0)]),
            Sample::new(
                MatMul,
                [Domain::uniform([2, 1, 1, 3], -2.0, 2.0), Domain::uniform([2, 3, 2], -2.0, 2.0)],
            ),
            Sample::new(
                MatMul,
                [
                    Domain::exact(rhyton_base::DType::I32, [1, 2], &[3.0, 4.0]),
                    Domain::exact(rhyton_base::DType::I32, [2, 1], &[5.0, 6.0]),
                ],
            )
            .expect(&[39.0]),
        ]
    }
}
