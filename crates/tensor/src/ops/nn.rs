//! Functions of neural networks.

use crate::dispatch::{apply_one, compose_in};
use crate::symbolic::operation;
use crate::tensor::Tensor;
use rhyton_base::{Context, DType, Result, normalize_axis};
use rhyton_ops::reduce;

/// `exp(x) / Σ exp(x)` along an axis.
///
/// # Errors
/// Where the axis is not there.
pub fn softmax(x: &Tensor, axis: isize) -> Result<Tensor> {
    apply_one(reduce::Softmax { axis: normalize_axis(axis, x.rank()).at(|| "softmax")? }, &[x])
}

/// The logarithm of softmax along an axis.
///
/// # Errors
/// Where the axis is not there.
pub fn log_softmax(x: &Tensor, axis: isize) -> Result<Tensor> {
    apply_one(reduce::LogSoftmax { axis: normalize_axis(axis, x.rank()).at(|| "log_softmax")? }, &[x])
}

/// 1 at each index along a new axis of `classes` places, 0 elsewhere.
///
/// # Errors
/// Where the place of the axis is outside the rank.
pub fn one_hot(x: &Tensor, classes: usize, axis: isize, dtype: DType) -> Result<Tensor> {
    operation("one_hot", &[x], move |x| {
        compose_in(x, |b, v| rhyton_ops::one_hot(b, v[0], classes, axis, dtype))
    })
}
