//! Losses between distributions.

use super::common::prelude::*;

/// `Σ y_true log(y_true / y_pred)` over the last axis, with both clipped to `[ε, 1]`.
///
/// # Errors
/// Where shapes differ by more than a last axis of size 1.
///
/// ```
/// use rhyton_nn::losses::kl_divergence;
/// use rhyton_tensor::Tensor;
/// let loss = kl_divergence(&Tensor::from([[0.5, 0.5]]), &Tensor::from([[0.25, 0.75]])).unwrap();
/// let expected = 0.5 * 2.0f64.ln() + 0.5 * (0.5f64 / 0.75).ln();
/// assert!((loss.to_vec::<f64>().unwrap()[0] - expected).abs() < 1e-12);
/// ```
pub fn kl_divergence(y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
    let (y_true, y_pred) = paired(y_true, y_pred)?;
    let clipped = |x: &Tensor| ops::clip(x, crate::config::epsilon(), 1.0);
    let (y_true, y_pred) = (clipped(&y_true)?, clipped(&y_pred)?);
    ops::sum(&ops::multiply(&y_true, &ops::log(&ops::divide(&y_true, &y_pred)?)?)?, -1)
}

/// `mean(y_pred - y_true log(y_pred + ε))` over the last axis.
///
/// # Errors
/// Where shapes differ by more than a last axis of size 1.
///
/// ```
/// use rhyton_nn::losses::poisson;
/// use rhyton_tensor::Tensor;
/// let loss = poisson(&Tensor::from([[3.0, 0.0]]), &Tensor::from([[1.0, 2.0]])).unwrap();
/// assert!((loss.to_vec::<f64>().unwrap()[0] - 1.5).abs() < 1e-6);
/// ```
pub fn poisson(y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
    let (y_true, y_pred) = paired(y_true, y_pred)?;
    let log = ops::log(&plus(&y_pred, crate::config::epsilon())?)?;
    mean_over(&ops::subtract(&y_pred, &ops::multiply(&y_true, &log)?)?, -1)
}

losses! {
    /// How far one distribution is from another; see [`kl_divergence`].
    ///
    /// # Errors
    /// Where shapes differ by more than a last axis of size 1.
    KLDivergence "KLDivergence" "kl_divergence" {} any, |_, t, p| kl_divergence(t, p);
    /// The loss of counts with predicted rates; see [`poisson`].
    ///
    /// # Errors
    /// Where shapes differ by more than a last axis of size 1.
    Poisson "Poisson" "poisson" {} any, |_, t, p| poisson(t, p);
}
