//! Losses of margins, for targets of -1 and 1.

use super::common::prelude::*;

/// Targets of 0 and 1 as -1 and 1; others as they are.
fn signs(y_true: &Tensor) -> Result<Tensor> {
    let is = |number| ops::equal(y_true, &like(y_true, number)?);
    let binary = ops::all(&ops::logical_or(&is(0.0)?, &is(1.0)?)?, ..)?;
    ops::r#where(&binary, &plus(&times(y_true, 2.0)?, -1.0)?, y_true)
}

/// `max(1 - y_true y_pred, 0)`.
fn shortfall(y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
    let (y_true, y_pred) = paired(y_true, y_pred)?;
    ops::relu(&minus(1.0, &ops::multiply(&signs(&y_true)?, &y_pred)?)?)
}

/// `mean(max(1 - y_true y_pred, 0))` over the last axis. Targets are -1 or 1; if all are 0 or 1, 0 stands for -1.
///
/// # Errors
/// Where shapes differ by more than a last axis of size 1.
///
/// ```
/// use rhyton_nn::losses::hinge;
/// use rhyton_tensor::Tensor;
/// let loss = hinge(&Tensor::from([[0.0f32, 1.0]]), &Tensor::from([[0.5f32, 0.5]])).unwrap();
/// assert_eq!(loss.to_vec::<f32>().unwrap(), [1.0]);
/// ```
pub fn hinge(y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
    mean_over(&shortfall(y_true, y_pred)?, -1)
}

/// `mean(max(1 - y_true y_pred, 0)²)` over the last axis; targets as for [`hinge`].
///
/// # Errors
/// Where shapes differ by more than a last axis of size 1.
pub fn squared_hinge(y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
    mean_over(&ops::square(&shortfall(y_true, y_pred)?)?, -1)
}

/// `max(neg - pos + 1, 0)` with `neg = max((1 - y_true) y_pred)` and `pos = Σ y_true y_pred` over the last axis, for
/// targets of 0 and 1.
///
/// # Errors
/// Where shapes differ.
///
/// ```
/// use rhyton_nn::losses::categorical_hinge;
/// use rhyton_tensor::Tensor;
/// let loss = categorical_hinge(&Tensor::from([[0.0f32, 1.0]]), &Tensor::from([[0.75f32, 0.5]])).unwrap();
/// assert_eq!(loss.to_vec::<f32>().unwrap(), [1.25]);
/// ```
pub fn categorical_hinge(y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
    let (y_true, y_pred) = paired(y_true, y_pred)?;
    let right = ops::sum(&ops::multiply(&y_true, &y_pred)?, -1)?;
    let wrong = ops::max(&ops::multiply(&minus(1.0, &y_true)?, &y_pred)?, -1)?;
    ops::relu(&plus(&ops::subtract(&wrong, &right)?, 1.0)?)
}

losses! {
    /// The mean shortfall of margins; see [`hinge`].
    ///
    /// # Errors
    /// Where shapes differ by more than a last axis of size 1.
    Hinge "Hinge" "hinge" {} any, |_, t, p| hinge(t, p);
    /// The mean squared shortfall of margins; see [`squared_hinge`].
    ///
    /// # Errors
    /// Where shapes differ by more than a last axis of size 1.
    SquaredHinge "SquaredHinge" "squared_hinge" {} any, |_, t, p| squared_hinge(t, p);
    /// How far the best wrong class comes near the right one; see [`categorical_hinge`].
    ///
    /// # Errors
    /// Where shapes differ.
    CategoricalHinge "CategoricalHinge" "categorical_hinge" {} any, |_, t, p| categorical_hinge(t, p);
}
