//! Functions that go from 0 to `x` smoothly, and the exponential.

use crate::numbers::like;
use rhyton_base::Result;
use rhyton_tensor::{Tensor, ops};
use std::f64::consts::{FRAC_1_SQRT_2, PI};

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
    // -|x| by a choice and not by `abs`, so that the slope at 0, where `relu` gives 0, is 1/2 and not 0.
    let on = ops::greater(x, &like(x, 0.0)?)?;
    let below = ops::r#where(&on, &ops::negative(x)?, x)?;
    ops::add(&ops::relu(x)?, &ops::log1p(&ops::exp(&below)?)?)
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
    let bent = if approximate {
        let cube = ops::multiply(&ops::square(x)?, x)?;
        let sum = ops::add(x, &ops::multiply(&like(x, 0.044_715)?, &cube)?)?;
        ops::tanh(&ops::multiply(&like(x, (2.0 / PI).sqrt())?, &sum)?)?
    } else {
        ops::erf(&ops::multiply(x, &like(x, FRAC_1_SQRT_2)?)?)?
    };
    let half = ops::multiply(&like(x, 0.5)?, x)?;
    ops::multiply(&half, &ops::add(&bent, &like(x, 1.0)?)?)
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
    let root = ops::sqrt(&ops::add(&ops::square(x)?, &like(x, b)?)?)?;
    ops::divide(&ops::add(x, &root)?, &like(x, 2.0)?)
}

/// 0 up to -1, `x` from 1 on, `(x + 1)² / 4` between.
///
/// # Errors
/// See the [module](super).
pub fn sparse_plus(x: &Tensor) -> Result<Tensor> {
    let one = like(x, 1.0)?;
    let curve = ops::divide(&ops::square(&ops::add(x, &one)?)?, &like(x, 4.0)?)?;
    let low = ops::less_equal(x, &like(x, -1.0)?)?;
    let high = ops::greater_equal(x, &one)?;
    ops::r#where(&low, &like(x, 0.0)?, &ops::r#where(&high, x, &curve)?)
}
