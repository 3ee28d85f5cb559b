//! Functions that level off at both ends, and `x` times such a function.

use rhyton_base::Result;
use rhyton_tensor::{Tensor, ops};

/// `1 / (1 + e^-x)`.
///
/// # Errors
/// See the [module](super).
pub fn sigmoid(x: &Tensor) -> Result<Tensor> {
    ops::sigmoid(x)
}

/// The hyperbolic tangent.
///
/// # Errors
/// See the [module](super).
pub fn tanh(x: &Tensor) -> Result<Tensor> {
    ops::tanh(x)
}

/// `log(sigmoid(x)) = -softplus(-x)`.
///
/// # Errors
/// See the [module](super).
pub fn log_sigmoid(x: &Tensor) -> Result<Tensor> {
    ops::log_sigmoid(x)
}

/// `x / (1 + |x|)`.
///
/// # Errors
/// See the [module](super).
pub fn softsign(x: &Tensor) -> Result<Tensor> {
    ops::softsign(x)
}

/// `x sigmoid(x)`, also known as swish.
///
/// Source: Ramachandran et al. 2017, "Searching for activation functions".
///
/// # Errors
/// See the [module](super).
pub fn silu(x: &Tensor) -> Result<Tensor> {
    ops::silu(x)
}

/// `x / 6 + 0.5` limited to 0..=1. (Keras 2 had `0.2 x + 0.5`.)
///
/// # Errors
/// See the [module](super).
pub fn hard_sigmoid(x: &Tensor) -> Result<Tensor> {
    ops::hard_sigmoid(x)
}

/// `x hard_sigmoid(x)`, also known as hard swish.
///
/// Source: Howard et al. 2019, "Searching for MobileNetV3".
///
/// # Errors
/// See the [module](super).
pub fn hard_silu(x: &Tensor) -> Result<Tensor> {
    ops::hard_silu(x)
}

/// `x` limited to -1..=1.
///
/// # Errors
/// See the [module](super).
pub fn hard_tanh(x: &Tensor) -> Result<Tensor> {
    ops::hard_tanh(x)
}

/// 0 up to -1, 1 from 1 on, `0.5 (x + 1)` between; the slope of [`sparse_plus`](super::sparse_plus).
///
/// # Errors
/// See the [module](super).
pub fn sparse_sigmoid(x: &Tensor) -> Result<Tensor> {
    ops::sparse_sigmoid(x)
}
