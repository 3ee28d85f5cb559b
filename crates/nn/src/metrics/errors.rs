//! Means of errors as metrics.

use super::accuracy::plain_metrics;
use super::wrapper::metric_methods;
use super::{Mean, MeanMetric, Metric};
use crate::arguments::Arguments;
use crate::losses::{
    categorical_hinge, hinge, kl_divergence, log_cosh, mean_absolute_error, mean_absolute_percentage_error,
    mean_squared_error, mean_squared_logarithmic_error, poisson, squared_hinge,
};
use crate::numbers::{check_same_shape, same_rank};
use crate::spec::Config;
use rhyton_base::{Context, Result};
use rhyton_tensor::{Tensor, Variable, no_gradient, ops};

plain_metrics! {
    /// The mean of squared differences; see [`mean_squared_error`].
    ///
    /// # Errors
    /// `update_state` fails where shapes differ by more than a last axis of size 1.
    MeanSquaredError "MeanSquaredError" mean_squared_error "mean_squared_error";
    /// The mean of absolute differences; see [`mean_absolute_error`].
    ///
    /// # Errors
    /// `update_state` fails where shapes differ by more than a last axis of size 1.
    MeanAbsoluteError "MeanAbsoluteError" mean_absolute_error "mean_absolute_error";
    /// The mean of differences in percent of the targets; see [`mean_absolute_percentage_error`].
    ///
    /// # Errors
    /// `update_state` fails where shapes differ by more than a last axis of size 1.
    MeanAbsolutePercentageError "MeanAbsolutePercentageError" mean_absolute_percentage_error
        "mean_absolute_percentage_error";
    /// The mean of squared differences of logarithms; see [`mean_squared_logarithmic_error`].
    ///
    /// # Errors
    /// `update_state` fails where shapes differ by more than a last axis of size 1.
    MeanSquaredLogarithmicError "MeanSquaredLogarithmicError" mean_squared_logarithmic_error
        "mean_squared_logarithmic_error";
    /// The mean of the logarithms of hyperbolic cosines of differences; see [`log_cosh`]. It is named `logcosh`.
    ///
    /// # Errors
    /// `update_state` fails where shapes differ by more than a last axis of size 1.
    LogCoshError "LogCoshError" log_cosh "logcosh";
    /// The mean shortfall of margins; see [`hinge`].
    ///
    /// # Errors
    /// `update_state` fails where shapes differ by more than a last axis of size 1.
    Hinge "Hinge" hinge "hinge";
    /// The mean squared shortfall of margins; see [`squared_hinge`].
    ///
    /// # Errors
    /// `update_state` fails where shapes differ by more than a last axis of size 1.
    SquaredHinge "SquaredHinge" squared_hinge "squared_hinge";
    /// How far the best wrong class comes near the right one; see [`categorical_hinge`].
    ///
    /// # Errors
    /// `update_state` fails where shapes differ.
    CategoricalHinge "CategoricalHinge" categorical_hinge "categorical_hinge";
    /// How far predicted distributions are from the true ones; see [`kl_divergence`].
    ///
    /// # Errors
    /// `update_state` fails where shapes differ by more than a last axis of size 1.
    KLDivergence "KLDivergence" kl_divergence "kl_divergence";
    /// The loss of counts with predicted rates; see [`poisson`].
    ///
    /// # Errors
    /// `update_state` fails where shapes differ by more than a last axis of size 1.
    Poisson "Poisson" poisson "poisson";
}

/// The root of the mean of squared differences over all batches.
///
/// # Errors
/// `update_state` fails where shapes differ by more than a last axis of size 1.
///
/// ```
/// use rhyton_nn::metrics::{Metric, RootMeanSquaredError};
/// use rhyton_tensor::Tensor;
/// let rmse = RootMeanSquaredError::new();
/// rmse.update_state(&Tensor::from([0.0f32, 0.0]), &Tensor::from([1.0f32, 7.0]), None).unwrap();
/// assert_eq!(rmse.result().unwrap().item::<f32>().unwrap(), 5.0);
/// ```
#[derive(Clone, Debug)]
pub struct RootMeanSquaredError {
    mean: Mean,
}

impl Default for RootMeanSquaredError {
    fn default() -> RootMeanSquaredError {
        RootMeanSquaredError { mean: Mean::new("root_mean_squared_error") }
    }
}

#[allow(clippy::needless_update)] // The methods are shared with metrics of more fields.
impl RootMeanSquaredError {
    metric_methods!(RootMeanSquaredError);

    pub(super) fn from_config(config: &Config) -> Result<RootMeanSquaredError> {
        let mut a = Arguments::new("RootMeanSquaredError", config);
        let mean = Mean::read(&mut a, "root_mean_squared_error")?;
        a.finish()?;
        Ok(RootMeanSquaredError { mean })
    }
}

impl Metric for RootMeanSquaredError {
    fn name(&self) -> String {
        self.mean.name()
    }

    fn update_state(&self, y_true: &Tensor, y_pred: &Tensor, sample_weight: Option<&Tensor>) -> Result<()> {
        let squares = no_gradient(|| {
            let y_pred = ops::cast(y_pred, self.mean.dtype())?;
            let (y_true, y_pred) = same_rank(&ops::cast(y_true, self.mean.dtype())?, &y_pred)?;
            check_same_shape(&y_true, &y_pred)?;
            ops::square(&ops::subtract(&y_true, &y_pred)?)
        });
        let squares = squares.at(|| format!("metric {:?}", self.name()))?;
        self.mean.update_state(&squares, sample_weight)
    }

    fn result(&self) -> Result<Tensor> {
        no_gradient(|| ops::sqrt(&self.mean.result()?))
    }

    fn reset_state(&self) -> Result<()> {
        self.mean.reset_state()
    }

    fn variables(&self) -> Vec<Variable> {
        self.mean.variables()
    }

    fn class_name(&self) -> &'static str {
        "RootMeanSquaredError"
    }

    fn config(&self) -> Config {
        self.mean.config()
    }
}
