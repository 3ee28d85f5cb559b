//! Losses that grow like the square near 0 and like the distance far away.

use super::common::prelude::*;
use crate::activations::softplus;

/// [`huber_with`] `delta` 1.
///
/// # Errors
/// Where shapes differ by more than a last axis of size 1.
pub fn huber(y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
    huber_with(y_true, y_pred, 1.0)
}

/// The mean over the last axis of `e² / 2` where `|e| <= δ`, and `δ |e| - δ² / 2` elsewhere, with `e = y_pred - y_true`.
///
/// # Errors
/// Where shapes differ by more than a last axis of size 1.
///
/// Source: Huber 1964, "Robust estimation of a location parameter"; Keras's losses/losses.py.
///
/// ```
/// use rhyton_nn::losses::huber_with;
/// use rhyton_tensor::Tensor;
/// let loss = huber_with(&Tensor::from([[0.0f32, 0.0]]), &Tensor::from([[1.0f32, 4.0]]), 2.0).unwrap();
/// assert_eq!(loss.to_vec::<f32>().unwrap(), [(0.5 + 6.0) / 2.0]);
/// ```
pub fn huber_with(y_true: &Tensor, y_pred: &Tensor, delta: f64) -> Result<Tensor> {
    let (y_true, y_pred) = paired(y_true, y_pred)?;
    let error = ops::subtract(&y_pred, &y_true)?;
    let size = ops::abs(&error)?;
    let near = times(&ops::square(&error)?, 0.5)?;
    let far = plus(&times(&size, delta)?, -0.5 * delta * delta)?;
    let is_near = ops::less_equal(&size, &like(&size, delta)?)?;
    mean_over(&ops::r#where(&is_near, &near, &far)?, -1)
}

/// `mean(log(cosh(y_pred - y_true)))` over the last axis.
///
/// # Errors
/// Where shapes differ by more than a last axis of size 1.
///
/// ```
/// use rhyton_nn::losses::log_cosh;
/// use rhyton_tensor::Tensor;
/// let loss = log_cosh(&Tensor::from([[0.0]]), &Tensor::from([[2.0]])).unwrap();
/// assert!((loss.to_vec::<f64>().unwrap()[0] - 2.0f64.cosh().ln()).abs() < 1e-12);
/// ```
pub fn log_cosh(y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
    let (y_true, y_pred) = paired(y_true, y_pred)?;
    let x = ops::subtract(&y_pred, &y_true)?;
    let value = plus(&ops::add(&x, &softplus(&times(&x, -2.0)?)?)?, -std::f64::consts::LN_2)?;
    mean_over(&value, -1)
}

losses! {
    /// Squares near 0, distances beyond `delta` (1 by default); see [`huber_with`].
    ///
    /// # Errors
    /// Where shapes differ by more than a last axis of size 1.
    Huber "Huber" "huber_loss" {
        /// The distance at which the square becomes a line.
        delta(f64): f64 = 1.0;
    } any, |loss, t, p| huber_with(t, p, loss.delta);
    /// The mean of the logarithms of hyperbolic cosines; see [`log_cosh`].
    ///
    /// # Errors
    /// Where shapes differ by more than a last axis of size 1.
    LogCosh "LogCosh" "log_cosh" {} any, |_, t, p| log_cosh(t, p);
}
