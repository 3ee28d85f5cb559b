//! Angles and correlations.

use super::define::mean_metrics;
use super::wrapper::metric_methods;
use super::{Mean, MeanMetric};
use crate::arguments::{Argument, Arguments};
use crate::losses::cosine_similarity_with;
use crate::numbers::{paired, plus, times};
use crate::spec::Config;
use rhyton_base::Result;
use rhyton_tensor::{Axes, Tensor, ops};

/// The distances from the mean over an axis, and that mean.
fn centred(x: &Tensor, axis: isize) -> Result<(Tensor, Tensor)> {
    let mean = ops::mean(x, Axes::from(axis).keepdims())?;
    Ok((ops::subtract(x, &mean)?, mean))
}

/// Pearson's correlation of targets and predictions over an axis: from -1 to 1.
///
/// # Errors
/// Where shapes differ by more than a last axis of size 1, or there is no such axis.
///
/// ```
/// use rhyton_nn::metrics::pearson_correlation;
/// use rhyton_tensor::Tensor;
/// let (a, b) = (Tensor::from([[1.0, 2.0, 4.0]]), Tensor::from([[3.0, 5.0, 9.0]]));
/// assert!((pearson_correlation(&a, &b, -1).unwrap().to_vec::<f64>().unwrap()[0] - 1.0).abs() < 1e-12);
/// ```
pub fn pearson_correlation(y_true: &Tensor, y_pred: &Tensor, axis: isize) -> Result<Tensor> {
    let (y_true, y_pred) = paired(y_true, y_pred)?;
    let unit = |x: &Tensor| -> Result<Tensor> {
        let (x, _) = centred(x, axis)?;
        ops::divide(&x, &ops::std(&x, Axes::from(axis).keepdims())?)
    };
    ops::mean(&ops::multiply(&unit(&y_true)?, &unit(&y_pred)?)?, axis)
}

/// The concordance of targets and predictions over an axis: the correlation, less where means or spreads differ.
///
/// `mean(2 c / (var(y_true) + var(y_pred) + (mean(y_true) - mean(y_pred))² + ε))` with
/// `c = (y_true - mean(y_pred)) (y_pred - mean(y_pred))`.
///
/// # Errors
/// Where shapes differ by more than a last axis of size 1, or there is no such axis.
pub fn concordance_correlation(y_true: &Tensor, y_pred: &Tensor, axis: isize) -> Result<Tensor> {
    let (y_true, y_pred) = paired(y_true, y_pred)?;
    let kept = || Axes::from(axis).keepdims();
    let ((true_off, true_mean), (pred_off, pred_mean)) = (centred(&y_true, axis)?, centred(&y_pred, axis)?);
    let covariance = ops::multiply(&ops::subtract(&y_true, &pred_mean)?, &pred_off)?;
    let spread = ops::add(&ops::var(&true_off, kept())?, &ops::var(&pred_off, kept())?)?;
    let apart = ops::square(&ops::subtract(&true_mean, &pred_mean)?)?;
    let norm = plus(&ops::add(&spread, &apart)?, crate::config::epsilon())?;
    ops::mean(&ops::divide(&times(&covariance, 2.0)?, &norm)?, axis)
}

mean_metrics! {
    /// The mean cosine of the angle between targets and predictions: 1 where they point the same way. (The loss of this
    /// name has the other sign.)
    ///
    /// # Errors
    /// `update_state` fails where shapes differ by more than a last axis of size 1, or there is no such axis.
    ///
    /// ```
    /// use rhyton_nn::metrics::{CosineSimilarity, Metric};
    /// use rhyton_tensor::Tensor;
    /// let metric = CosineSimilarity::new();
    /// let y_pred = Tensor::from([[3.0f32, 0.0], [0.0, 2.0]]);
    /// metric.update_state(&Tensor::from([[1.0f32, 0.0], [1.0, 0.0]]), &y_pred, None).unwrap();
    /// assert_eq!(metric.result().unwrap().item::<f32>().unwrap(), 0.5);
    /// ```
    CosineSimilarity "CosineSimilarity" "cosine_similarity" {
        /// The axis of the vectors; the last by default.
        axis: isize = -1;
    } |m, t, p| ops::negative(&cosine_similarity_with(t, p, m.axis)?);
    /// The mean of Pearson's correlation of each sample; see [`pearson_correlation`].
    ///
    /// # Errors
    /// `update_state` fails where shapes differ by more than a last axis of size 1, or there is no such axis.
    PearsonCorrelation "PearsonCorrelation" "pearson_correlation" {
        /// The axis that is correlated; the last by default.
        axis: isize = -1;
    } |m, t, p| pearson_correlation(t, p, m.axis);
    /// The mean of the concordance of each sample; see [`concordance_correlation`].
    ///
    /// # Errors
    /// `update_state` fails where shapes differ by more than a last axis of size 1, or there is no such axis.
    ConcordanceCorrelation "ConcordanceCorrelation" "concordance_correlation" {
        /// The axis that is correlated; the last by default.
        axis: isize = -1;
    } |m, t, p| concordance_correlation(t, p, m.axis);
}
