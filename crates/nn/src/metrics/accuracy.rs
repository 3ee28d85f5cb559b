//! How often predictions are right.

use super::wrapper::metric_methods;
use super::{Mean, MeanMetric, Metric};
use crate::arguments::{Arguments, finite};
use crate::losses::Kind;
use crate::numbers::{like, same_rank, shapes_differ};
use crate::spec::Config;
use rhyton_base::{DType, Error, Result, Shape};
use rhyton_tensor::{Tensor, ops};
use serde_json::Value;
use std::sync::Arc;

/// 1 where both are equal, 0 elsewhere.
fn matches(y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
    if y_true.shape() != y_pred.shape() {
        return Err(shapes_differ(y_true, y_pred, ""));
    }
    ops::cast(&ops::equal(y_true, y_pred)?, crate::config::floatx())
}

/// 1 where target and prediction are the same number, 0 elsewhere.
///
/// # Errors
/// Where shapes differ by more than a last axis of size 1.
pub fn accuracy(y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
    let (y_true, y_pred) = same_rank(&ops::cast(y_true, y_pred.dtype())?, y_pred)?;
    matches(&y_true, &y_pred)
}

/// 1 where `(y_pred > threshold) == y_true`, 0 elsewhere: a prediction at the threshold is a no.
///
/// # Errors
/// Where shapes differ by more than a last axis of size 1.
///
/// ```
/// use rhyton_nn::metrics::binary_accuracy;
/// use rhyton_tensor::Tensor;
/// let hits = binary_accuracy(&Tensor::from([1.0f32, 0.0, 1.0]), &Tensor::from([0.9f32, 0.5, 0.5]), 0.5).unwrap();
/// assert_eq!(hits.to_vec::<f32>().unwrap(), [1.0, 1.0, 0.0]);
/// ```
pub fn binary_accuracy(y_true: &Tensor, y_pred: &Tensor, threshold: f64) -> Result<Tensor> {
    let (y_true, y_pred) = same_rank(y_true, y_pred)?;
    let yes = ops::greater(&y_pred, &like(&y_pred, threshold)?)?;
    matches(&y_true, &ops::cast(&yes, y_true.dtype())?)
}

/// 1 where the largest element along the last axis is at the same place in both, 0 elsewhere.
///
/// # Errors
/// Where shapes differ or are those of scalars.
pub fn categorical_accuracy(y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
    if y_true.shape() != y_pred.shape() {
        let hint = "; for class numbers use sparse_categorical_accuracy";
        return Err(shapes_differ(y_true, y_pred, if y_true.rank() < y_pred.rank() { hint } else { "" }));
    }
    matches(&ops::argmax(y_true, -1)?, &ops::argmax(y_pred, -1)?)
}

/// 1 where the largest prediction along the last axis is at the place that the target names, 0 elsewhere.
///
/// Targets have the shape of the predictions without the last axis, or with size 1 there.
///
/// # Errors
/// Where shapes do not fit.
pub fn sparse_categorical_accuracy(y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
    let column = y_true.rank() == y_pred.rank() && y_true.shape().last() == Some(&1);
    let labels = if column { ops::squeeze(y_true, -1)? } else { y_true.clone() };
    let best = ops::argmax(y_pred, -1)?;
    if labels.shape() != best.shape() {
        return Err(Error::shape(format!(
            "y_true has shape {}, y_pred has shape {}; expected class numbers of shape {}",
            Shape::from(y_true.shape()),
            Shape::from(y_pred.shape()),
            Shape::from(best.shape())
        )));
    }
    let dtype = if labels.dtype().is_float() { labels.dtype() } else { DType::I64 };
    let hits = matches(&ops::cast(&labels, dtype)?, &ops::cast(&best, dtype)?)?;
    // Positions of which there is only one are left out, so that sample weights of rank 1 fit.
    if hits.rank() > 1 && hits.shape().last() == Some(&1) { ops::squeeze(&hits, -1) } else { Ok(hits) }
}

/// The metric that `"accuracy"` and `"acc"` stand for with targets and predictions of these shapes, under the name
/// that was given.
///
/// 1. Where the last size of the predictions is 1: [`BinaryAccuracy`].
/// 2. Where targets have a lower rank, or a last size of 1: [`SparseCategoricalAccuracy`].
/// 3. Else: [`CategoricalAccuracy`].
///
/// ```
/// use rhyton_base::Shape;
/// use rhyton_nn::metrics::accuracy_for;
/// let metric = accuracy_for("acc", &Shape::from([None]), &Shape::from([None, Some(10)]));
/// assert_eq!((metric.class_name(), metric.name().as_str()), ("SparseCategoricalAccuracy", "acc"));
/// ```
pub fn accuracy_for(name: &str, y_true: &Shape, y_pred: &Shape) -> Arc<dyn Metric> {
    match Kind::of(y_true, y_pred) {
        Kind::Binary => Arc::new(BinaryAccuracy::new().name(name)),
        Kind::Sparse => Arc::new(SparseCategoricalAccuracy::new().name(name)),
        Kind::Categorical => Arc::new(CategoricalAccuracy::new().name(name)),
    }
}

macro_rules! accuracies {
    ($($(#[$doc:meta])* $Name:ident $class:literal $function:ident $name:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $Name {
            mean: Mean,
        }

        impl Default for $Name {
            fn default() -> $Name {
                $Name { mean: Mean::new($name) }
            }
        }

        #[allow(clippy::needless_update)] // The methods are shared with metrics of more fields.
        impl $Name {
            metric_methods!($Name);

            pub(super) fn from_config(config: &Config) -> Result<$Name> {
                let mut a = Arguments::new($class, config);
                let mean = Mean::read(&mut a, $name)?;
                a.finish()?;
                Ok($Name { mean })
            }
        }

        impl MeanMetric for $Name {
            fn mean(&self) -> &Mean {
                &self.mean
            }

            fn values(&self, y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
                $function(y_true, y_pred)
            }

            fn class_name(&self) -> &'static str {
                $class
            }
        }
    )*};
}
pub(super) use accuracies as plain_metrics;

accuracies! {
    /// How often predictions are the same numbers as targets; see [`accuracy`]. This is not what `"accuracy"` stands
    /// for in `compile`: see [`accuracy_for`].
    ///
    /// # Errors
    /// `update_state` fails where shapes differ by more than a last axis of size 1.
    Accuracy "Accuracy" accuracy "accuracy";
    /// How often the largest prediction is at the place of the largest target; see [`categorical_accuracy`].
    ///
    /// # Errors
    /// `update_state` fails where shapes differ.
    CategoricalAccuracy "CategoricalAccuracy" categorical_accuracy "categorical_accuracy";
    /// How often the largest prediction is at the place that the target names; see [`sparse_categorical_accuracy`].
    ///
    /// # Errors
    /// `update_state` fails where shapes do not fit.
    ///
    /// ```
    /// use rhyton_nn::metrics::{Metric, SparseCategoricalAccuracy};
    /// use rhyton_tensor::Tensor;
    /// let accuracy = SparseCategoricalAccuracy::new();
    /// let y_pred = Tensor::from([[0.1f32, 0.9], [0.8, 0.2]]);
    /// accuracy.update_state(&Tensor::from([1, 1]), &y_pred, None).unwrap();
    /// assert_eq!(accuracy.result().unwrap().item::<f32>().unwrap(), 0.5);
    /// ```
    SparseCategoricalAccuracy "SparseCategoricalAccuracy" sparse_categorical_accuracy "sparse_categorical_accuracy";
}

/// How often predictions are on the right side of a threshold, 0.5 by default; see [`binary_accuracy`].
///
/// # Errors
/// `update_state` fails where shapes differ by more than a last axis of size 1.
#[derive(Clone, Debug)]
pub struct BinaryAccuracy {
    mean: Mean,
    threshold: f64,
}

impl Default for BinaryAccuracy {
    fn default() -> BinaryAccuracy {
        BinaryAccuracy { mean: Mean::new("binary_accuracy"), threshold: 0.5 }
    }
}

impl BinaryAccuracy {
    metric_methods!(BinaryAccuracy);

    /// What a prediction has to exceed to be a yes.
    #[must_use]
    pub fn threshold(self, threshold: f64) -> BinaryAccuracy {
        BinaryAccuracy { threshold, ..self }
    }

    pub(super) fn from_config(config: &Config) -> Result<BinaryAccuracy> {
        let mut a = Arguments::new("BinaryAccuracy", config);
        let mean = Mean::read(&mut a, "binary_accuracy")?;
        let threshold = a.number("threshold", 0.5)?;
        a.finish()?;
        Ok(BinaryAccuracy { mean, threshold })
    }
}

impl MeanMetric for BinaryAccuracy {
    fn mean(&self) -> &Mean {
        &self.mean
    }

    fn values(&self, y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
        finite("threshold", &self.threshold)?;
        binary_accuracy(y_true, y_pred, self.threshold)
    }

    fn class_name(&self) -> &'static str {
        "BinaryAccuracy"
    }

    fn arguments(&self, config: &mut Config) {
        config.insert("threshold".to_string(), Value::from(self.threshold));
    }
}
