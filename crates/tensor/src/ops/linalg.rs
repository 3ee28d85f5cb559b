//! Matrix products and linear algebra.

use super::elementwise::promoted;
use super::{expand_dims, squeeze};
use crate::dispatch::apply_one;
use crate::tensor::Tensor;
use rhyton_base::{Error, Result};
use rhyton_ops::linalg;

/// The matrix product over the last two axes; a vector is a row on the left and a column on the right.
///
/// # Errors
/// Where an argument is a scalar or the inner sizes differ.
pub fn matmul(x: &Tensor, y: &Tensor) -> Result<Tensor> {
    if x.rank() == 0 || y.rank() == 0 {
        return Err(Error::shape("expected rank 1 or more, got a scalar; use multiply").at("matmul"));
    }
    let (a, b) = promoted(x, y)?;
    let (left, right) = (x.rank() == 1, y.rank() == 1);
    let a = if left { expand_dims(&a, 0)? } else { a };
    let b = if right { expand_dims(&b, -1)? } else { b };
    let out = apply_one(linalg::MatMul, &[&a, &b])?;
    let out = if right { squeeze(&out, -1)? } else { out };
    if left { squeeze(&out, if right { -1 } else { -2 }) } else { Ok(out) }
}
