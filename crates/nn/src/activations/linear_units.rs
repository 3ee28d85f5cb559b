//! Functions that are straight for positive arguments.

use crate::numbers::like;
use rhyton_base::Result;
use rhyton_tensor::{Tensor, ops};

/// `x`.
///
/// # Errors
/// None.
pub fn linear(x: &Tensor) -> Result<Tensor> {
    Ok(x.clone())
}

/// `max(x, 0)`; its gradient at 0 is 0.
///
/// # Errors
/// See the [module](super).
///
/// ```
/// use rhyton_nn::activations::relu;
/// use rhyton_tensor::Tensor;
/// let y = relu(&Tensor::from([-2.0f32, 0.0, 3.0])).unwrap();
/// assert_eq!(y.to_vec::<f32>().unwrap(), [0.0, 0.0, 3.0]);
/// ```
pub fn relu(x: &Tensor) -> Result<Tensor> {
    ops::relu(x)
}

/// `max_value` where `x ≥ max_value`, `x` where `threshold < x < max_value`, `negative_slope (x - threshold)` below.
///
/// `relu(x)` is `relu_with(x, 0.0, None, 0.0)`.
///
/// # Errors
/// See the [module](super).
pub fn relu_with(x: &Tensor, negative_slope: f64, max_value: Option<f64>, threshold: f64) -> Result<Tensor> {
    if max_value.is_none() && threshold == 0.0 {
        return if negative_slope == 0.0 { relu(x) } else { leaky_relu_with(x, negative_slope) };
    }
    let positive = if threshold == 0.0 {
        relu(x)?
    } else {
        let on = ops::greater(x, &like(x, threshold)?)?;
        ops::r#where(&on, x, &like(x, 0.0)?)?
    };
    let positive = match max_value {
        Some(max) => ops::clip(&positive, 0.0, max)?,
        None => positive,
    };
    if negative_slope == 0.0 {
        return Ok(positive);
    }
    let negative = relu(&ops::subtract(&like(x, threshold)?, x)?)?;
    ops::subtract(&positive, &ops::multiply(&like(x, negative_slope)?, &negative)?)
}

/// `x` where `x ≥ 0`, `0.2 x` below.
///
/// # Errors
/// See the [module](super).
pub fn leaky_relu(x: &Tensor) -> Result<Tensor> {
    leaky_relu_with(x, 0.2)
}

/// `x` where `x ≥ 0`, `negative_slope x` below.
///
/// # Errors
/// See the [module](super).
pub fn leaky_relu_with(x: &Tensor, negative_slope: f64) -> Result<Tensor> {
    ops::leaky_relu(x, negative_slope)
}

/// `min(max(x, 0), 6)`.
///
/// # Errors
/// See the [module](super).
pub fn relu6(x: &Tensor) -> Result<Tensor> {
    ops::relu6(x)
}

/// `x` where `x > 0`, `e^x - 1` below.
///
/// Source: Clevert et al. 2015, "Fast and accurate deep network learning by exponential linear units".
///
/// # Errors
/// See the [module](super).
pub fn elu(x: &Tensor) -> Result<Tensor> {
    elu_with(x, 1.0)
}

/// `x` where `x > 0`, `alpha (e^x - 1)` below.
///
/// # Errors
/// See the [module](super).
pub fn elu_with(x: &Tensor, alpha: f64) -> Result<Tensor> {
    ops::elu(x, alpha)
}

/// `scale x` where `x > 0`, `scale alpha (e^x - 1)` below, with `scale = 1.0507…` and `alpha = 1.6732…`, which keep
/// mean 0 and variance 1 from layer to layer.
///
/// Source: Klambauer et al. 2017, "Self-normalizing neural networks".
///
/// # Errors
/// See the [module](super).
pub fn selu(x: &Tensor) -> Result<Tensor> {
    ops::selu(x)
}

/// `x` where `x > 0`, `e^x - 1` below.
///
/// Source: Barron 2017, "Continuously differentiable exponential linear units".
///
/// # Errors
/// See the [module](super).
pub fn celu(x: &Tensor) -> Result<Tensor> {
    celu_with(x, 1.0)
}

/// `x` where `x > 0`, `alpha (e^(x / alpha) - 1)` below.
///
/// # Errors
/// See the [module](super).
pub fn celu_with(x: &Tensor, alpha: f64) -> Result<Tensor> {
    ops::celu(x, alpha)
}
