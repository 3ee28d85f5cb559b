//! The share of the variance of targets that predictions explain.

use super::Metric;
use super::confusion::Naming;
use super::lazy::{Lazy, outputs, outputs_of};
use super::mean::reset;
use crate::arguments::{Argument, Arguments};
use crate::numbers::{like, minus, plus, same_rank};
use crate::spec::Config;
use rhyton_base::{Context, Error, Result, Shape, did_you_mean};
use rhyton_tensor::{Tensor, Variable, no_gradient, ops};

const STATE: [&str; 4] = ["squared_sum", "sum", "residual", "count"];

/// How the scores of outputs become one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClassAggregation {
    /// Not at all: one score an output.
    None,
    /// The mean.
    #[default]
    UniformAverage,
    /// The mean, weighted by the variances of targets.
    VarianceWeightedAverage,
}

impl ClassAggregation {
    const NAMES: [&str; 2] = ["uniform_average", "variance_weighted_average"];

    fn name(self) -> Option<&'static str> {
        (self as usize).checked_sub(1).map(|i| Self::NAMES[i])
    }
}

/// The coefficient of determination, `1 - Σ (y_true - y_pred)² / Σ (y_true - mean)²`, of each output; 1 is best, 0 is
/// what the mean of the targets gives.
///
/// Targets and predictions have shape (batch, outputs). Scores that are infinite, where targets are constant, count as
/// 0. With `num_regressors` `p` above 0, and more numbers `n` than that, it is adjusted: `1 - (1 - r) (n - 1) / (n - p - 1)`.
/// Defaults: the mean over outputs, 0 regressors.
///
/// # Errors
/// `update_state` fails where shapes do not fit.
///
/// ```
/// use rhyton_nn::metrics::{Metric, R2Score};
/// use rhyton_tensor::Tensor;
/// let score = R2Score::new();
/// let y_true = Tensor::from([[1.0f32], [2.0], [3.0]]);
/// score.update_state(&y_true, &Tensor::from([[1.0f32], [2.0], [2.0]]), None).unwrap();
/// assert_eq!(score.result().unwrap().item::<f32>().unwrap(), 0.5);
/// ```
#[derive(Clone, Debug)]
pub struct R2Score {
    naming: Naming,
    class_aggregation: ClassAggregation,
    num_regressors: usize,
    num_samples: Variable,
    state: Lazy,
}

impl Default for R2Score {
    fn default() -> R2Score {
        let naming = Naming { name: "r2_score".to_string(), dtype: crate::config::floatx() };
        R2Score::made(naming, ClassAggregation::default(), 0).expect("there is memory for the state")
    }
}

impl R2Score {
    /// With Keras's default arguments.
    pub fn new() -> R2Score {
        R2Score::default()
    }

    fn made(naming: Naming, class_aggregation: ClassAggregation, num_regressors: usize) -> Result<R2Score> {
        let num_samples = naming.state("num_samples", &[])?;
        Ok(R2Score { naming, class_aggregation, num_regressors, num_samples, state: Lazy::default() })
    }

    /// The name under which it appears.
    #[must_use]
    pub fn name(self, name: impl Into<String>) -> R2Score {
        R2Score { naming: Naming { name: name.into(), ..self.naming }, ..self }
    }

    /// How the scores of outputs become one.
    #[must_use]
    pub fn class_aggregation(self, class_aggregation: ClassAggregation) -> R2Score {
        R2Score { class_aggregation, ..self }
    }

    /// How many numbers predictions were made from, for the adjusted score.
    #[must_use]
    pub fn num_regressors(self, n: usize) -> R2Score {
        R2Score { num_regressors: n, ..self }
    }

    pub(super) fn from_config(config: &Config) -> Result<R2Score> {
        let who = || "R2Score";
        let mut a = Arguments::new(who(), config);
        let name = a.optional_text("name")?.unwrap_or("r2_score").to_string();
        let naming = Naming { name, ..Naming::read(&mut a, who())? };
        let aggregation = match a.given("class_aggregation").map(|v| v.as_str()) {
            None | Some(Some("uniform_average")) => ClassAggregation::UniformAverage,
            Some(None) => ClassAggregation::None,
            Some(Some("variance_weighted_average")) => ClassAggregation::VarianceWeightedAverage,
            Some(Some(other)) => {
                let near = did_you_mean(other, &ClassAggregation::NAMES);
                return Err(Error::name(format!("unknown class_aggregation {other:?}{near}")).at(who()));
            }
        };
        let num_regressors = Argument::read(&mut a, "num_regressors", 0)?;
        a.finish()?;
        R2Score::made(naming, aggregation, num_regressors)
    }

    fn update(&self, y_true: &Tensor, y_pred: &Tensor, weight: Option<&Tensor>) -> Result<()> {
        let dtype = self.naming.dtype;
        let mask = y_pred.mask().cloned();
        let (y, x) = same_rank(&ops::cast(y_true, dtype)?, &ops::cast(y_pred, dtype)?)?;
        let classes = outputs(&y, &x)?;
        let mut weights = ops::ones_like(&y)?;
        for w in weight.into_iter().chain(mask.as_ref()) {
            let mut w = ops::cast(w, dtype)?;
            if w.rank() == 1 {
                w = ops::expand_dims(&w, 1)?;
            }
            let fit = ops::broadcast_to(&w, y.shape()).map_err(|_| {
                let (w, y) = (Shape::from(w.shape()), Shape::from(y.shape()));
                Error::shape(format!(
                    "sample_weight has shape {w}, targets have shape {y}; give one a sample"
                ))
            })?;
            weights = ops::multiply(&weights, &fit)?;
        }
        let weighted = ops::multiply(&y, &weights)?;
        let errors = ops::square(&ops::subtract(&y, &x)?)?;
        let batch = [
            ops::sum(&ops::multiply(&y, &weighted)?, 0)?,
            ops::sum(&weighted, 0)?,
            ops::sum(&ops::multiply(&errors, &weights)?, 0)?,
            ops::sum(&weights, 0)?,
        ];
        let state = self.state.get_or_make(&self.naming, &STATE, &[classes])?;
        state.iter().zip(&batch).try_for_each(|(v, batch)| v.assign_add(batch))?;
        self.num_samples.assign_add(&ops::full([], y.len() as f64, dtype)?)
    }

    fn score(&self) -> Result<Tensor> {
        let [squares, sum, residual, count] = self.state.get() else {
            return ops::zeros([], self.naming.dtype);
        };
        let sum = sum.value();
        let total =
            ops::subtract(&squares.value(), &ops::multiply(&sum, &ops::divide(&sum, &count.value())?)?)?;
        let raw = minus(1.0, &ops::divide(&residual.value(), &total)?)?;
        let raw = ops::r#where(&ops::isinf(&raw)?, &like(&raw, 0.0)?, &raw)?;
        let score = match self.class_aggregation {
            ClassAggregation::None => raw,
            ClassAggregation::UniformAverage => ops::mean(&raw, ..)?,
            ClassAggregation::VarianceWeightedAverage => {
                let weighted = ops::sum(&ops::multiply(&total, &raw)?, ..)?;
                ops::divide(&weighted, &ops::sum(&total, ..)?)?
            }
        };
        if self.num_regressors == 0 {
            return Ok(score);
        }
        let spare = plus(&self.num_samples.value(), -1.0)?;
        let rest = plus(&spare, -(self.num_regressors as f64))?;
        let adjusted = minus(1.0, &ops::divide(&ops::multiply(&minus(1.0, &score)?, &spare)?, &rest)?)?;
        ops::r#where(&ops::greater(&rest, &like(&rest, 0.0)?)?, &adjusted, &score)
    }
}

impl Metric for R2Score {
    fn name(&self) -> String {
        self.naming.name.clone()
    }

    fn build(&self, y_true: &Shape, y_pred: &Shape) -> Result<()> {
        let classes = match (y_true.rank(), y_pred.rank()) {
            (2, 2) => outputs_of(y_true, y_pred).at(|| format!("metric {:?}", self.naming.name))?,
            // A vector beside a column is a column.
            _ => 1,
        };
        self.state.get_or_make(&self.naming, &STATE, &[classes]).map(|_| ())
    }

    fn update_state(&self, y_true: &Tensor, y_pred: &Tensor, weight: Option<&Tensor>) -> Result<()> {
        no_gradient(|| self.update(y_true, y_pred, weight)).at(|| format!("metric {:?}", self.naming.name))
    }

    fn result(&self) -> Result<Tensor> {
        no_gradient(|| self.score())
    }

    fn reset_state(&self) -> Result<()> {
        reset(&self.num_samples)?;
        self.state.reset()
    }

    /// The count of numbers, and from the first batch on the sums.
    fn variables(&self) -> Vec<Variable> {
        let mut all = vec![self.num_samples.clone()];
        all.extend_from_slice(self.state.get());
        all
    }

    fn class_name(&self) -> &'static str {
        "R2Score"
    }

    fn config(&self) -> Config {
        let mut config = self.naming.config();
        config.insert("class_aggregation".to_string(), self.class_aggregation.name().into());
        config.insert("num_regressors".to_string(), self.num_regressors.write());
        config
    }
}
