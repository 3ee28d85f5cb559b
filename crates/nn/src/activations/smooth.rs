//! Functions that go from 0 to `x` smoothly, and the exponential.

use rhyton_base::Result;
use rhyton_tensor::{Tensor, ops};

/// `e^x`.
///
/// # Errors
/// See the [module](super).
pub fn exponential(x: &Tensor) -> Result<Tensor> {
    ops::exp(x)
}

/// `log(1 + e^x)`, computed as `max(x, 0) + log(1 + e^-|x|)`, which does not overflow.
///
/// # Errors
/// See the [module](super).
///
/// ```
/// use rhyton_nn::activations::softplus;
/// use rhyton_tensor::Tensor;
/// let y = softplus(&Tensor::from([-1000.0, 0.0, 1000.0])).unwrap().to_vec::<f64>().unwrap();
/// assert_eq!(y, [0.0, 2.0f64.ln(), 1000.0]);
/// ```
pub fn softplus(x: &Tensor) -> Result<Tensor> {
    ops::softplus(x)
}

/// `x tanh(softplus(x))`.
///
/// Source: Misra 2019, "Mish: a self regularized non-monotonic activation function".
///
/// # Errors
/// See the [module](super).
pub fn mish(x: &Tensor) -> Result<Tensor> {
    ops::multiply(x, &ops::tanh(&softplus(x)?)?)
}

/// `x Φ(x) = 0.5 x (1 + erf(x / √2))`, where `Φ` is the distribution function of the standard normal distribution.
///
/// Source: Hendrycks and Gimpel 2016, "Gaussian error linear units", equation 1.
///
/// # Errors
/// See the [module](super).
pub fn gelu(x: &Tensor) -> Result<Tensor> {
    gelu_with(x, false)
}

/// [`gelu`], or its approximation `0.5 x (1 + tanh(√(2/π) (x + 0.044715 x³)))`.
///
/// # Errors
/// See the [module](super).
pub fn gelu_with(x: &Tensor, approximate: bool) -> Result<Tensor> {
    ops::gelu(x, approximate)
}

/// `(x + √(x² + 4)) / 2`.
///
/// Source: Barron 2021, "Squareplus: a softplus-like algebraic rectifier".
///
/// # Errors
/// See the [module](super).
pub fn squareplus(x: &Tensor) -> Result<Tensor> {
    squareplus_with(x, 4.0)
}

/// `(x + √(x² + b)) / 2`.
///
/// # Errors
/// See the [module](super).
pub fn squareplus_with(x: &Tensor, b: f64) -> Result<Tensor> {
    ops::squareplus(x, b)
}

/// 0 up to -1, `x` from 1 on, `(x + 1)² / 4` between.
///
/// # Errors
/// See the [module](super).
pub fn sparse_plus(x: &Tensor) -> Result<Tensor> {
    ops::sparse_plus(x)
}
