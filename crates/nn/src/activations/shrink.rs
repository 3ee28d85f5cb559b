//! Functions that set what is small to zero.

use rhyton_base::Result;
use rhyton_tensor::{Tensor, ops};

/// [`hard_shrink_with`] a threshold of 0.5.
///
/// # Errors
/// See the [module](super).
pub fn hard_shrink(x: &Tensor) -> Result<Tensor> {
    hard_shrink_with(x, 0.5)
}

/// `x` where `|x| > threshold`, 0 elsewhere.
///
/// # Errors
/// See the [module](super).
pub fn hard_shrink_with(x: &Tensor, threshold: f64) -> Result<Tensor> {
    ops::hard_shrink(x, threshold)
}

/// [`soft_shrink_with`] a threshold of 0.5.
///
/// # Errors
/// See the [module](super).
pub fn soft_shrink(x: &Tensor) -> Result<Tensor> {
    soft_shrink_with(x, 0.5)
}

/// `x - threshold` above the threshold, `x + threshold` below minus the threshold, 0 between.
///
/// # Errors
/// See the [module](super).
pub fn soft_shrink_with(x: &Tensor, threshold: f64) -> Result<Tensor> {
    ops::soft_shrink(x, threshold)
}

/// `x - tanh(x)`.
///
/// # Errors
/// See the [module](super).
pub fn tanh_shrink(x: &Tensor) -> Result<Tensor> {
    ops::tanh_shrink(x)
}

/// `x` above the threshold, `default_value` elsewhere.
///
/// # Errors
/// See the [module](super).
///
/// ```
/// use rhyton_nn::activations::threshold;
/// use rhyton_tensor::Tensor;
/// let y = threshold(&Tensor::from([0.25f32, 0.75]), 0.5, -1.0).unwrap();
/// assert_eq!(y.to_vec::<f32>().unwrap(), [-1.0, 0.75]);
/// ```
pub fn threshold(x: &Tensor, threshold: f64, default_value: f64) -> Result<Tensor> {
    ops::threshold(x, threshold, default_value)
}
