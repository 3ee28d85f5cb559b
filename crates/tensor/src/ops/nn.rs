//! Functions of neural networks.

use crate::axes::Axes;
use crate::dispatch::{apply_one, compose_in};
use crate::symbolic::{described, operation_written};
use crate::tensor::Tensor;
use crate::written::Written;
use rhyton_base::{Context, DType, Result};
use rhyton_ops::reduce;

/// `exp(x) / Σ exp(x)` along one axis, several, or all (`..`).
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// let x = Tensor::from([[0.0f32, 0.0], [0.0, 0.0]]);
/// assert_eq!(ops::softmax(&x, -1).unwrap().to_vec::<f32>().unwrap(), [0.5; 4]);
/// assert_eq!(ops::softmax(&x, ..).unwrap().to_vec::<f32>().unwrap(), [0.25; 4]);
/// ```
///
/// # Errors
/// Where an axis is not there.
pub fn softmax(x: &Tensor, axis: impl Into<Axes>) -> Result<Tensor> {
    let (axes, _) = axis.into().resolve(x.rank()).at(|| "softmax")?;
    apply_one(reduce::Softmax { axes }, &[x])
}

/// The logarithm of softmax along one axis, several, or all (`..`), without its rounding.
///
/// # Errors
/// Where an axis is not there.
pub fn log_softmax(x: &Tensor, axis: impl Into<Axes>) -> Result<Tensor> {
    let (axes, _) = axis.into().resolve(x.rank()).at(|| "log_softmax")?;
    apply_one(reduce::LogSoftmax { axes }, &[x])
}

/// 1 at each index along a new axis of `classes` places, 0 elsewhere.
///
/// # Errors
/// Where the place of the axis is outside the rank.
pub fn one_hot(x: &Tensor, classes: usize, axis: isize, dtype: DType) -> Result<Tensor> {
    let written = described(&[x], || {
        Written::new("OneHot", 1).with("num_classes", classes).with("axis", axis).with("dtype", dtype.name())
    });
    operation_written("one_hot", written, &[x], move |x| {
        compose_in(x, |b, v| rhyton_ops::one_hot(b, v[0], classes, axis, dtype))
    })
}
