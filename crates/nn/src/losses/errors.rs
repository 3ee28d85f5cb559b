//! Means of differences: squared, absolute, in percent, of logarithms.

use super::common::prelude::*;

/// The differences, with both cast to the type of the predictions.
///
/// Keras stretches targets and predictions of different shapes to one another, which hides mistakes such as targets
/// of shape (n, 3) for predictions of shape (n, 1); here that is an error.
fn difference(y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
    let (y_true, y_pred) = paired(y_true, y_pred)?;
    ops::subtract(&y_true, &y_pred)
}

/// `mean((y_true - y_pred)²)` over the last axis.
///
/// # Errors
/// Where shapes differ by more than a last axis of size 1.
///
/// ```
/// use rhyton_nn::losses::mean_squared_error;
/// use rhyton_tensor::Tensor;
/// let loss = mean_squared_error(&Tensor::from([[0.0f32, 1.0]]), &Tensor::from([[1.0f32, 3.0]])).unwrap();
/// assert_eq!(loss.to_vec::<f32>().unwrap(), [2.5]);
/// ```
pub fn mean_squared_error(y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
    mean_over(&ops::square(&difference(y_true, y_pred)?)?, -1)
}

/// `mean(|y_true - y_pred|)` over the last axis; where both are equal the gradient is 0.
///
/// # Errors
/// Where shapes differ by more than a last axis of size 1.
pub fn mean_absolute_error(y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
    mean_over(&ops::abs(&difference(y_true, y_pred)?)?, -1)
}

/// `100 mean(|y_true - y_pred| / max(|y_true|, ε))` over the last axis.
///
/// # Errors
/// Where shapes differ by more than a last axis of size 1.
///
/// ```
/// use rhyton_nn::losses::mean_absolute_percentage_error;
/// use rhyton_tensor::Tensor;
/// let loss = mean_absolute_percentage_error(&Tensor::from([[2.0f32, 4.0]]), &Tensor::from([[1.0f32, 4.0]])).unwrap();
/// assert_eq!(loss.to_vec::<f32>().unwrap(), [25.0]);
/// ```
pub fn mean_absolute_percentage_error(y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
    let (y_true, y_pred) = paired(y_true, y_pred)?;
    let size = ops::abs(&y_true)?;
    let size = ops::maximum(&size, &like(&size, crate::config::epsilon())?)?;
    let share = ops::abs(&ops::divide(&ops::subtract(&y_true, &y_pred)?, &size)?)?;
    times(&mean_over(&share, -1)?, 100.0)
}

/// `mean((log(max(y_true, ε) + 1) - log(max(y_pred, ε) + 1))²)` over the last axis.
///
/// # Errors
/// Where shapes differ by more than a last axis of size 1.
///
/// ```
/// use rhyton_nn::losses::mean_squared_logarithmic_error;
/// use rhyton_tensor::Tensor;
/// let loss = mean_squared_logarithmic_error(&Tensor::from([[3.0, 1.0]]), &Tensor::from([[1.0, 1.0]])).unwrap();
/// assert!((loss.to_vec::<f64>().unwrap()[0] - 2.0f64.ln().powi(2) / 2.0).abs() < 1e-12);
/// ```
pub fn mean_squared_logarithmic_error(y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
    let (y_true, y_pred) = paired(y_true, y_pred)?;
    let log = |x: &Tensor| ops::log(&plus(&ops::maximum(x, &like(x, crate::config::epsilon())?)?, 1.0)?);
    mean_over(&ops::square(&ops::subtract(&log(&y_pred)?, &log(&y_true)?)?)?, -1)
}

losses! {
    /// The mean of squared differences; see [`mean_squared_error`].
    ///
    /// # Errors
    /// Where shapes differ by more than a last axis of size 1.
    MeanSquaredError "MeanSquaredError" "mean_squared_error" {}
        any, |_, t, p| mean_squared_error(t, p);
    /// The mean of absolute differences; see [`mean_absolute_error`].
    ///
    /// # Errors
    /// Where shapes differ by more than a last axis of size 1.
    MeanAbsoluteError "MeanAbsoluteError" "mean_absolute_error" {}
        any, |_, t, p| mean_absolute_error(t, p);
    /// The mean of differences in percent of the targets; see [`mean_absolute_percentage_error`].
    ///
    /// # Errors
    /// Where shapes differ by more than a last axis of size 1.
    MeanAbsolutePercentageError "MeanAbsolutePercentageError" "mean_absolute_percentage_error" {}
        any, |_, t, p| mean_absolute_percentage_error(t, p);
    /// The mean of squared differences of logarithms; see [`mean_squared_logarithmic_error`].
    ///
    /// # Errors
    /// Where shapes differ by more than a last axis of size 1.
    MeanSquaredLogarithmicError "MeanSquaredLogarithmicError" "mean_squared_logarithmic_error" {}
        any, |_, t, p| mean_squared_logarithmic_error(t, p);
}
