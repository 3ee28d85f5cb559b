//! Metrics that are the mean of a function of targets and predictions.

use super::{Mean, Metric};
use crate::arguments::Arguments;
use crate::layers::snake_case;
use crate::losses::{self, Loss};
use crate::numbers::same_rank;
use crate::spec::Config;
use rhyton_base::{Context, DType, Result};
use rhyton_tensor::{Tensor, Variable, no_gradient};
use serde_json::Value;
use std::fmt;
use std::sync::Arc;

/// What makes a metric out of a running mean: every type with this is a [`Metric`].
///
/// ```
/// use rhyton_base::Result;
/// use rhyton_nn::metrics::{Mean, MeanMetric, Metric};
/// use rhyton_tensor::Tensor;
///
/// /// The largest error of each sample, on average.
/// #[derive(Debug)]
/// struct LargestError(Mean);
///
/// impl MeanMetric for LargestError {
///     fn mean(&self) -> &Mean {
///         &self.0
///     }
///     fn values(&self, y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
///         (y_true - y_pred).abs().max(-1)
///     }
///     fn class_name(&self) -> &'static str {
///         "LargestError"
///     }
/// }
///
/// let metric = LargestError(Mean::new("largest_error"));
/// let (y_true, y_pred) = (Tensor::from([[0.0f32, 0.0], [0.0, 0.0]]), Tensor::from([[1.0f32, 2.0], [4.0, 3.0]]));
/// metric.update_state(&y_true, &y_pred, None).unwrap();
/// assert_eq!(metric.result().unwrap().item::<f32>().unwrap(), 3.0);
/// ```
pub trait MeanMetric: fmt::Debug + Send + Sync {
    /// Name and state.
    fn mean(&self) -> &Mean;

    /// One value per sample, or per sample and position.
    ///
    /// # Errors
    /// Where shapes do not fit or arguments are outside their range.
    fn values(&self, y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor>;

    /// Which of the values count, beside the mask that comes with predictions: other than zero where they do; `None`
    /// where all do.
    ///
    /// # Errors
    /// As [`MeanMetric::values`].
    fn mask(&self, y_true: &Tensor, y_pred: &Tensor) -> Result<Option<Tensor>> {
        let _ = (y_true, y_pred);
        Ok(None)
    }

    /// Keras's name of the class.
    fn class_name(&self) -> &'static str;

    /// Adds the arguments beside name and type.
    fn arguments(&self, config: &mut Config) {
        let _ = config;
    }
}

impl<M: MeanMetric> Metric for M {
    fn name(&self) -> String {
        self.mean().name()
    }

    fn update_state(&self, y_true: &Tensor, y_pred: &Tensor, sample_weight: Option<&Tensor>) -> Result<()> {
        let who = || format!("metric {:?}", self.mean().name());
        let (values, weight) = no_gradient(|| {
            let values = self.values(y_true, y_pred)?;
            let own = self.mask(y_true, y_pred)?;
            let weight = match (both(y_pred.mask(), own)?, sample_weight) {
                (None, weight) => weight.cloned(),
                (Some(mask), None) => Some(mask),
                (Some(mask), Some(weight)) => {
                    let (mask, weight) = same_rank(&mask, weight)?;
                    Some(rhyton_tensor::ops::multiply(&weight, &mask)?)
                }
            };
            Ok::<_, rhyton_base::Error>((values, weight))
        })
        .at(who)?;
        self.mean().update_state(&values, weight.as_ref())
    }

    fn result(&self) -> Result<Tensor> {
        self.mean().result()
    }

    fn reset_state(&self) -> Result<()> {
        self.mean().reset_state()
    }

    fn variables(&self) -> Vec<Variable> {
        self.mean().variables()
    }

    fn class_name(&self) -> &'static str {
        MeanMetric::class_name(self)
    }

    fn config(&self) -> Config {
        let mut config = self.mean().config();
        self.arguments(&mut config);
        config
    }
}

/// The mask that came with the predictions, and a metric's own.
fn both(given: Option<&Tensor>, own: Option<Tensor>) -> Result<Option<Tensor>> {
    match (given, own) {
        (Some(a), Some(b)) => rhyton_tensor::ops::logical_and(a, &b).map(Some),
        (a, b) => Ok(a.cloned().or(b)),
    }
}

/// A loss, or a function of targets and predictions, as a metric: the mean of its values.
///
/// ```
/// use rhyton_nn::metrics::{MeanMetricWrapper, Metric};
/// use rhyton_tensor::Tensor;
/// let close = MeanMetricWrapper::new("close", |y_true, y_pred| (y_true - y_pred).abs().less(0.5));
/// close.update_state(&Tensor::from([1.0f32, 2.0]), &Tensor::from([1.2f32, 4.0]), None).unwrap();
/// assert_eq!(close.result().unwrap().item::<f32>().unwrap(), 0.5);
/// ```
#[derive(Clone, Debug)]
pub struct MeanMetricWrapper {
    mean: Mean,
    of: Arc<dyn Loss>,
}

impl MeanMetricWrapper {
    /// The mean of a function's values.
    pub fn new(
        name: impl Into<String>,
        function: impl Fn(&Tensor, &Tensor) -> Result<Tensor> + Send + Sync + 'static,
    ) -> MeanMetricWrapper {
        let name = name.into();
        MeanMetricWrapper::of_loss(Arc::new(losses::FnLoss::new(name.clone(), function))).name(name)
    }

    /// The mean of a loss's values, under the loss's name.
    pub fn of_loss(loss: Arc<dyn Loss>) -> MeanMetricWrapper {
        MeanMetricWrapper { mean: Mean::new(loss.name()), of: loss }
    }

    /// The name under which it appears.
    #[must_use]
    pub fn name(self, name: impl Into<String>) -> MeanMetricWrapper {
        MeanMetricWrapper { mean: self.mean.renamed(name), ..self }
    }

    /// The float type of the state.
    #[must_use]
    pub fn dtype(self, dtype: DType) -> MeanMetricWrapper {
        MeanMetricWrapper { mean: self.mean.with_other_dtype(dtype), ..self }
    }

    /// `fn` is the name of a loss, bare or as the `config` of an object.
    pub(super) fn from_config(config: &Config) -> Result<MeanMetricWrapper> {
        let mut a = Arguments::new("MeanMetricWrapper", config);
        let name = match a.value("fn") {
            Some(Value::Object(object)) => object.get("config").and_then(Value::as_str),
            Some(value) => value.as_str(),
            None => None,
        };
        let name = name.ok_or_else(|| a.error("fn", "the name of a loss", &Value::Null))?;
        let mean = Mean::read(&mut a, name)?;
        let mut arguments = config.clone();
        for key in ["fn", "name", "dtype"] {
            arguments.remove(key);
        }
        let of = losses::from_config(name, &arguments).at(|| "MeanMetricWrapper")?;
        Ok(MeanMetricWrapper { mean, of })
    }
}

impl MeanMetric for MeanMetricWrapper {
    fn mean(&self) -> &Mean {
        &self.mean
    }

    fn values(&self, y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
        self.of.call(y_true, y_pred)
    }

    fn mask(&self, y_true: &Tensor, y_pred: &Tensor) -> Result<Option<Tensor>> {
        self.of.mask(y_true, y_pred)
    }

    fn class_name(&self) -> &'static str {
        "MeanMetricWrapper"
    }

    fn arguments(&self, config: &mut Config) {
        for (key, value) in self.of.config() {
            if !["name", "reduction", "dtype"].contains(&key.as_str()) {
                config.insert(key, value);
            }
        }
        // Keras finds its functions by their names, which are those of the classes.
        let name = match self.of.class_name() {
            "function" => self.of.name().to_string(),
            class => snake_case(class),
        };
        let function = serde_json::json!({
            "module": "builtins", "class_name": "function", "config": name, "registered_name": "function"
        });
        config.insert("fn".to_string(), function);
    }
}

/// The builder methods that all metrics over a mean have.
macro_rules! metric_methods {
    ($Name:ident) => {
        /// With Keras's default arguments, in the default float type.
        pub fn new() -> $Name {
            $Name::default()
        }

        /// The name under which it appears.
        #[must_use]
        pub fn name(self, name: impl Into<String>) -> $Name {
            $Name { mean: self.mean.renamed(name), ..self }
        }

        /// The float type of the state.
        #[must_use]
        pub fn dtype(self, dtype: rhyton_base::DType) -> $Name {
            $Name { mean: self.mean.with_other_dtype(dtype), ..self }
        }
    };
}
pub(super) use metric_methods;
