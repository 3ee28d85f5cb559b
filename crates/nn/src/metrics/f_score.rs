//! F-scores: precision and recall as one number.

use super::Metric;
use super::confusion::Naming;
use super::lazy::{Lazy, outputs_of};
use crate::arguments::{Argument, Arguments};
use crate::numbers::{like, minus, plus, times};
use crate::spec::Config;
use rhyton_base::{Context, Error, Result, Shape, did_you_mean};
use rhyton_tensor::{Axes, Tensor, Variable, no_gradient, ops};

const STATE: [&str; 4] = ["true_positives", "false_positives", "false_negatives", "intermediate_weights"];

/// How the scores of classes become one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Average {
    /// Not at all: one score a class.
    #[default]
    None,
    /// All classes are counted together.
    Micro,
    /// The mean.
    Macro,
    /// The mean, weighted by how often classes are targets.
    Weighted,
}

impl Average {
    const NAMES: [&str; 3] = ["micro", "macro", "weighted"];

    fn name(self) -> Option<&'static str> {
        (self as usize).checked_sub(1).map(|i| Self::NAMES[i])
    }

    fn parse(name: Option<&str>) -> Result<Average> {
        match name {
            None => Ok(Average::None),
            Some("micro") => Ok(Average::Micro),
            Some("macro") => Ok(Average::Macro),
            Some("weighted") => Ok(Average::Weighted),
            Some(name) => {
                Err(Error::name(format!("unknown average {name:?}{}", did_you_mean(name, &Self::NAMES))))
            }
        }
    }
}

macro_rules! f_scores {
    ($($(#[$doc:meta])* $Name:ident $class:literal $name:literal $with_beta:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $Name {
            naming: Naming,
            average: Average,
            beta: f64,
            threshold: Option<f64>,
            state: Lazy,
        }

        impl Default for $Name {
            fn default() -> $Name {
                let naming = Naming { name: $name.to_string(), dtype: crate::config::floatx() };
                $Name { naming, average: Average::None, beta: 1.0, threshold: None, state: Lazy::default() }
            }
        }

        impl $Name {
            /// With Keras's default arguments.
            pub fn new() -> $Name {
                $Name::default()
            }

            /// The name under which it appears.
            #[must_use]
            pub fn name(self, name: impl Into<String>) -> $Name {
                $Name { naming: Naming { name: name.into(), ..self.naming }, ..self }
            }

            /// How the scores of classes become one.
            #[must_use]
            pub fn average(self, average: Average) -> $Name {
                $Name { average, state: Lazy::default(), ..self }
            }

            /// What predictions have to exceed, above 0 and up to 1; without one the largest prediction of each
            /// sample is a yes.
            #[must_use]
            pub fn threshold(self, threshold: f64) -> $Name {
                $Name { threshold: Some(threshold), ..self }
            }

            pub(super) fn from_config(config: &Config) -> Result<$Name> {
                let mut a = Arguments::new($class, config);
                let default = $Name::default();
                let name = a.optional_text("name")?.unwrap_or($name).to_string();
                let new = $Name {
                    naming: Naming { name, ..Naming::read(&mut a, $class)? },
                    average: Average::parse(a.optional_text("average")?).at(|| $class)?,
                    beta: if $with_beta { a.number("beta", 1.0)? } else { 1.0 },
                    threshold: a.optional_number("threshold")?,
                    ..default
                };
                a.finish()?;
                new.check().at(|| $class)?;
                Ok(new)
            }

            fn check(&self) -> Result<()> {
                if !(self.beta.is_finite() && self.beta > 0.0) {
                    return Err(Error::value(format!("expected beta > 0, got {}", self.beta)));
                }
                match self.threshold {
                    Some(t) if !(t > 0.0 && t <= 1.0) => {
                        Err(Error::value(format!("expected threshold in (0, 1], got {t}")))
                    }
                    _ => Ok(()),
                }
            }
        }

        impl Metric for $Name {
            fn name(&self) -> String {
                self.naming.name.clone()
            }

            fn build(&self, y_true: &Shape, y_pred: &Shape) -> Result<()> {
                counts(&self.naming, &self.state, self.average, y_true, y_pred)
                    .map(|_| ())
                    .at(|| format!("metric {:?}", self.naming.name))
            }

            fn update_state(&self, y_true: &Tensor, y_pred: &Tensor, weight: Option<&Tensor>) -> Result<()> {
                no_gradient(|| {
                    self.check()?;
                    update(&self.naming, &self.state, self.average, self.threshold, y_true, y_pred, weight)
                })
                .at(|| format!("metric {:?}", self.naming.name))
            }

            fn result(&self) -> Result<Tensor> {
                no_gradient(|| score(&self.naming, &self.state, self.average, self.beta))
            }

            fn reset_state(&self) -> Result<()> {
                self.state.reset()
            }

            /// The counts: none before the first batch.
            fn variables(&self) -> Vec<Variable> {
                self.state.get().to_vec()
            }

            fn class_name(&self) -> &'static str {
                $class
            }

            fn config(&self) -> Config {
                let mut config = self.naming.config();
                config.insert("average".to_string(), self.average.name().into());
                if $with_beta {
                    config.insert("beta".to_string(), self.beta.into());
                }
                config.insert("threshold".to_string(), self.threshold.write());
                config
            }
        }
    )*};
}

f_scores! {
    /// The harmonic mean of precision and recall in which recall counts `beta` times as much, for each class.
    ///
    /// `(1 + β²) precision · recall / (β² precision + recall)`. Targets and predictions have shape (batch, classes).
    /// Defaults: `beta` 1, no average, the largest prediction is the answer.
    ///
    /// # Errors
    /// `update_state` fails where shapes do not fit or an argument is outside its range.
    ///
    /// ```
    /// use rhyton_nn::metrics::{Average, FBetaScore, Metric};
    /// use rhyton_tensor::Tensor;
    /// let score = FBetaScore::new().beta(2.0).threshold(0.5).average(Average::Macro);
    /// let y_true = Tensor::from([[1.0f32, 1.0], [1.0, 0.0]]);
    /// score.update_state(&y_true, &Tensor::from([[0.9f32, 0.8], [0.7, 0.2]]), None).unwrap();
    /// assert!((score.result().unwrap().item::<f32>().unwrap() - 1.0).abs() < 1e-5);
    /// ```
    FBetaScore "FBetaScore" "fbeta_score" true;
    /// The harmonic mean of precision and recall: [`FBetaScore`] with `beta` 1.
    ///
    /// # Errors
    /// As [`FBetaScore`].
    F1Score "F1Score" "f1_score" false;
}

impl FBetaScore {
    /// How many times as much recall counts.
    #[must_use]
    pub fn beta(self, beta: f64) -> FBetaScore {
        FBetaScore { beta, ..self }
    }
}

/// The counts, made on first use.
fn counts<'a>(
    naming: &Naming,
    state: &'a Lazy,
    average: Average,
    y_true: &Shape,
    y_pred: &Shape,
) -> Result<&'a [Variable]> {
    let classes = outputs_of(y_true, y_pred)?;
    let shape: &[usize] = if average == Average::Micro { &[] } else { &[classes] };
    state.get_or_make(naming, &STATE, shape)
}

fn update(
    naming: &Naming,
    state: &Lazy,
    average: Average,
    threshold: Option<f64>,
    y_true: &Tensor,
    y_pred: &Tensor,
    weight: Option<&Tensor>,
) -> Result<()> {
    let mask = y_pred.mask().cloned();
    let (y, x) = (ops::cast(y_true, naming.dtype)?, ops::cast(y_pred, naming.dtype)?);
    let state = counts(naming, state, average, &y.meta().shape, &x.meta().shape)?;
    let yes = match threshold {
        Some(threshold) => ops::greater(&x, &like(&x, threshold)?)?,
        None => {
            let largest = ops::greater_equal(&x, &ops::max(&x, Axes::from(-1).keepdims())?)?;
            ops::logical_and(&largest, &ops::greater(&ops::abs(&x)?, &like(&x, 1e-9)?)?)?
        }
    };
    let p = ops::cast(&yes, naming.dtype)?;
    let given = weight.into_iter().chain(mask.as_ref()).map(|w| -> Result<Tensor> {
        let column = [x.shape()[0], 1];
        let w = ops::cast(w, naming.dtype)?;
        if w.len() != column[0] {
            let (got, n) = (Shape::from(w.shape()), column[0]);
            return Err(Error::shape(format!(
                "sample_weight has shape {got}; expected one weight for each of {n}"
            )));
        }
        ops::reshape(&w, column)
    });
    let given = given.collect::<Result<Vec<_>>>()?;
    let sum = |values: Tensor| -> Result<Tensor> {
        let mut values = values;
        for w in &given {
            values = ops::multiply(&values, w)?;
        }
        if average == Average::Micro { ops::sum(&values, ..) } else { ops::sum(&values, 0) }
    };
    let batch = [
        sum(ops::multiply(&p, &y)?)?,
        sum(ops::multiply(&p, &minus(1.0, &y)?)?)?,
        sum(ops::multiply(&minus(1.0, &p)?, &y)?)?,
        sum(y.clone())?,
    ];
    state.iter().zip(&batch).try_for_each(|(v, batch)| v.assign_add(batch))
}

fn score(naming: &Naming, state: &Lazy, average: Average, beta: f64) -> Result<Tensor> {
    let [tp, fp, fn_, weights] = state.get() else { return ops::zeros([], naming.dtype) };
    let (tp, epsilon) = (tp.value(), crate::config::epsilon());
    let share = |wrong: &Variable| ops::divide(&tp, &plus(&ops::add(&tp, &wrong.value())?, epsilon)?);
    let (precision, recall) = (share(fp)?, share(fn_)?);
    let sum = ops::add(&times(&precision, beta * beta)?, &recall)?;
    let mean = ops::divide(&ops::multiply(&precision, &recall)?, &plus(&sum, epsilon)?)?;
    let scores = times(&mean, 1.0 + beta * beta)?;
    match average {
        Average::None => Ok(scores),
        Average::Micro | Average::Macro => ops::mean(&scores, ..),
        Average::Weighted => {
            let weights = weights.value();
            let shares = ops::divide(&weights, &plus(&ops::sum(&weights, ..)?, epsilon)?)?;
            ops::sum(&ops::multiply(&scores, &shares)?, ..)
        }
    }
}
