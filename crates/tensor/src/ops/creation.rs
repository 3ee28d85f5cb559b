//! New tensors.

use crate::dispatch::apply_one;
use crate::tensor::Tensor;
use rhyton_base::{DType, Result, Scalar};
use rhyton_ops::shape as s;

/// A tensor of one number.
///
/// # Errors
/// Where there is no memory.
pub fn full(shape: impl AsRef<[usize]>, value: impl Into<Scalar>, dtype: DType) -> Result<Tensor> {
    apply_one(s::Full { shape: shape.as_ref().to_vec(), value: value.into(), dtype }, &[])
}

/// Zeros.
///
/// # Errors
/// Where there is no memory.
pub fn zeros(shape: impl AsRef<[usize]>, dtype: DType) -> Result<Tensor> {
    full(shape, 0.0, dtype)
}

/// Ones.
///
/// # Errors
/// Where there is no memory.
pub fn ones(shape: impl AsRef<[usize]>, dtype: DType) -> Result<Tensor> {
    full(shape, 1.0, dtype)
}

/// Zeros of the same type and shape.
///
/// # Errors
/// Where there is no memory.
pub fn zeros_like(x: &Tensor) -> Result<Tensor> {
    zeros(x.shape(), x.dtype())
}

/// Ones of the same type and shape.
///
/// # Errors
/// Where there is no memory.
pub fn ones_like(x: &Tensor) -> Result<Tensor> {
    ones(x.shape(), x.dtype())
}

/// `0, 1, …, n - 1`.
///
/// # Errors
/// Where there is no memory.
pub fn arange(n: usize, dtype: DType) -> Result<Tensor> {
    apply_one(s::Iota { shape: vec![n], axis: 0, dtype }, &[])
}
