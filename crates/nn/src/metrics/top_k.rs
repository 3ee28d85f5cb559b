//! How often the right class is among the best predictions.

use super::define::mean_metrics;
use super::wrapper::metric_methods;
use super::{Mean, MeanMetric};
use crate::arguments::{Argument, Arguments};
use crate::losses::class_places;
use crate::numbers::{like, shapes_differ};
use crate::spec::Config;
use rhyton_base::{DType, Error, Result};
use rhyton_tensor::{Tensor, ops};

/// 1 where fewer than `k` predictions are greater than that of the class, 0 elsewhere.
fn in_top_k(classes: &Tensor, y_pred: &Tensor, k: usize) -> Result<Tensor> {
    let own = ops::sum(&ops::r#where(&class_places(classes, y_pred)?, y_pred, &like(y_pred, 0.0)?)?, -1)?;
    // What is not a number does not count as large.
    let own = ops::r#where(&ops::isnan(&own)?, &like(&own, f64::NEG_INFINITY)?, &own)?;
    let greater = ops::cast(&ops::greater(y_pred, &ops::expand_dims(&own, -1)?)?, DType::I32)?;
    let better = ops::sum(&greater, -1)?;
    ops::cast(&ops::less(&better, &like(&better, k as f64)?)?, crate::config::floatx())
}

/// 1 where the class of the largest target is among the `k` best predictions along the last axis, 0 elsewhere.
///
/// # Errors
/// Where shapes differ or are those of scalars.
///
/// ```
/// use rhyton_nn::metrics::top_k_categorical_accuracy;
/// use rhyton_tensor::Tensor;
/// let (y_true, y_pred) = (Tensor::from([[0.0f32, 0.0, 1.0]]), Tensor::from([[0.5f32, 0.2, 0.3]]));
/// assert_eq!(top_k_categorical_accuracy(&y_true, &y_pred, 1).unwrap().to_vec::<f32>().unwrap(), [0.0]);
/// assert_eq!(top_k_categorical_accuracy(&y_true, &y_pred, 2).unwrap().to_vec::<f32>().unwrap(), [1.0]);
/// ```
pub fn top_k_categorical_accuracy(y_true: &Tensor, y_pred: &Tensor, k: usize) -> Result<Tensor> {
    if y_true.shape() != y_pred.shape() {
        let hint = "; for class numbers use sparse_top_k_categorical_accuracy";
        return Err(shapes_differ(y_true, y_pred, if y_true.rank() < y_pred.rank() { hint } else { "" }));
    }
    in_top_k(&ops::argmax(y_true, -1)?, y_pred, k)
}

/// 1 where the class that the target names is among the `k` best predictions along the last axis, 0 elsewhere. With
/// `from_sorted_ids` the predictions are class numbers, the best first.
///
/// # Errors
/// Where there is not one target per row of predictions.
pub fn sparse_top_k_categorical_accuracy(
    y_true: &Tensor,
    y_pred: &Tensor,
    k: usize,
    from_sorted_ids: bool,
) -> Result<Tensor> {
    let column = y_true.rank() == y_pred.rank() && y_true.shape().last() == Some(&1);
    let classes = if column { ops::squeeze(y_true, -1)? } else { y_true.clone() };
    let [rows @ .., width] = y_pred.shape() else {
        return Err(Error::shape("expected predictions with an axis of classes, got a scalar"));
    };
    if classes.shape() != rows {
        return Err(shapes_differ(y_true, y_pred, "; expected one class number a row of predictions"));
    }
    if !from_sorted_ids {
        return in_top_k(&classes, y_pred, k);
    }
    let best = ops::narrow(y_pred, -1, 0, k.min(*width))?;
    let classes = ops::expand_dims(&ops::cast(&classes, y_pred.dtype())?, -1)?;
    ops::cast(&ops::any(&ops::equal(&classes, &best)?, -1)?, crate::config::floatx())
}

mean_metrics! {
    /// How often the class of the largest target is among the `k` (5) best predictions; see
    /// [`top_k_categorical_accuracy`].
    ///
    /// # Errors
    /// `update_state` fails where shapes differ.
    TopKCategoricalAccuracy "TopKCategoricalAccuracy" "top_k_categorical_accuracy" {
        /// How many predictions count.
        k: usize = 5;
    } |m, t, p| top_k_categorical_accuracy(t, p, m.k);
    /// How often the class that the target names is among the `k` (5) best predictions; see
    /// [`sparse_top_k_categorical_accuracy`].
    ///
    /// # Errors
    /// `update_state` fails where there is not one target per row of predictions.
    SparseTopKCategoricalAccuracy "SparseTopKCategoricalAccuracy" "sparse_top_k_categorical_accuracy" {
        /// How many predictions count.
        k: usize = 5;
        /// Whether predictions are class numbers, the best first.
        from_sorted_ids: bool = false;
    } |m, t, p| sparse_top_k_categorical_accuracy(t, p, m.k, m.from_sorted_ids);
}
