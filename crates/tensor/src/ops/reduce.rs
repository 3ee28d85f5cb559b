//! Reductions over axes.

use super::{cast, sqrt};
use crate::axes::Axes;
use crate::dispatch::{apply_one, compose_in};
use crate::tensor::Tensor;
use rhyton_base::{Context, DType, Result, normalize_axis};
use rhyton_ops::reduce;

macro_rules! reductions {
    ($($(#[$doc:meta])* $name:ident $Op:ident;)*) => {$(
        $(#[$doc])*
        ///
        /// # Errors
        /// Where an axis is not there.
        pub fn $name(x: &Tensor, axes: impl Into<Axes>) -> Result<Tensor> {
            let (axes, keepdims) = axes.into().resolve(x.rank()).at(|| stringify!($name))?;
            apply_one(reduce::$Op { axes, keepdims }, &[x])
        }
    )*};
}

reductions! {
    /// The sum over axes.
    sum Sum;
    /// The product over axes.
    prod Prod;
    /// The largest element over axes.
    max Max;
    /// The smallest element over axes.
    min Min;
}

/// The arithmetic mean over axes; integers are averaged in `float32`.
///
/// # Errors
/// Where an axis is not there.
pub fn mean(x: &Tensor, axes: impl Into<Axes>) -> Result<Tensor> {
    let (axes, keepdims) = axes.into().resolve(x.rank()).at(|| "mean")?;
    compose_in(&[x], |b, v| b.mean(v[0], &axes, keepdims)).at(|| "mean")
}

/// The population variance over axes.
///
/// # Errors
/// Where an axis is not there.
pub fn var(x: &Tensor, axes: impl Into<Axes>) -> Result<Tensor> {
    let (axes, keepdims) = axes.into().resolve(x.rank()).at(|| "var")?;
    compose_in(&[x], |b, v| rhyton_ops::variance(b, v[0], &axes, keepdims)).at(|| "var")
}

/// The population standard deviation over axes.
///
/// # Errors
/// Where an axis is not there.
pub fn std(x: &Tensor, axes: impl Into<Axes>) -> Result<Tensor> {
    sqrt(&var(x, axes)?)
}

/// `log Σ exp(x)` over axes, without overflow.
///
/// # Errors
/// Where an axis is not there.
pub fn logsumexp(x: &Tensor, axes: impl Into<Axes>) -> Result<Tensor> {
    let (axes, keepdims) = axes.into().resolve(x.rank()).at(|| "logsumexp")?;
    let x = cast(x, x.dtype().to_float())?;
    compose_in(&[&x], |b, v| rhyton_ops::logsumexp(b, v[0], &axes, keepdims)).at(|| "logsumexp")
}

/// Whether every element over axes is other than zero.
///
/// # Errors
/// Where an axis is not there.
pub fn all(x: &Tensor, axes: impl Into<Axes>) -> Result<Tensor> {
    let counted = cast(&cast(x, DType::Bool)?, DType::I32)?;
    cast(&prod(&counted, axes)?, DType::Bool)
}

/// Whether some element over axes is other than zero.
///
/// # Errors
/// Where an axis is not there.
pub fn any(x: &Tensor, axes: impl Into<Axes>) -> Result<Tensor> {
    let counted = cast(&cast(x, DType::Bool)?, DType::I64)?;
    cast(&sum(&counted, axes)?, DType::Bool)
}

/// The place of the largest element along an axis, as `int64`.
///
/// # Errors
/// Where the axis is not there or has no elements.
pub fn argmax(x: &Tensor, axis: isize) -> Result<Tensor> {
    apply_one(reduce::ArgMax { axis: normalize_axis(axis, x.rank()).at(|| "argmax")? }, &[x])
}

/// The place of the smallest element along an axis, as `int64`.
///
/// # Errors
/// Where the axis is not there or has no elements.
pub fn argmin(x: &Tensor, axis: isize) -> Result<Tensor> {
    apply_one(reduce::ArgMin { axis: normalize_axis(axis, x.rank()).at(|| "argmin")? }, &[x])
}
