//! The best of one rate where another is at least so high.

use super::Metric;
use super::confusion::{Naming, Selection, Thresholds, count, share};
use super::mean::reset;
use crate::arguments::{Argument, Arguments};
use crate::numbers::like;
use crate::spec::Config;
use rhyton_base::{Context, Error, Result};
use rhyton_tensor::{Tensor, Variable, no_gradient, ops};
use serde_json::Value;

const STATE: [&str; 4] = ["true_positives", "false_positives", "true_negatives", "false_negatives"];

/// The four counts.
struct Rates(Vec<Tensor>);

impl Rates {
    fn precision(&self) -> Result<Tensor> {
        share(&self.0[0], &self.0[1])
    }

    /// Sensitivity is another word for recall.
    fn recall(&self) -> Result<Tensor> {
        share(&self.0[0], &self.0[3])
    }

    fn specificity(&self) -> Result<Tensor> {
        share(&self.0[2], &self.0[1])
    }
}

/// Thresholds that are named in a file take memory at once.
pub(super) fn few(num_thresholds: usize) -> Result<()> {
    match num_thresholds > 1_000_000 {
        true => {
            Err(Error::value(format!("expected num_thresholds of at most 1000000, got {num_thresholds}")))
        }
        false => Ok(()),
    }
}

fn check(name: &str, value: f64, num_thresholds: usize) -> Result<()> {
    if !(0.0..=1.0).contains(&value) {
        return Err(Error::value(format!("expected {name} in [0, 1], got {value}")));
    }
    if num_thresholds == 0 {
        return Err(Error::value("expected num_thresholds of at least 1, got 0"));
    }
    few(num_thresholds)?;
    Ok(())
}

macro_rules! at_value {
    ($($(#[$doc:meta])* $Name:ident $class:literal $value:ident $given:ident $wanted:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $Name {
            naming: Naming,
            $value: f64,
            num_thresholds: usize,
            class_id: Option<usize>,
            thresholds: Thresholds,
            state: Vec<Variable>,
        }

        impl $Name {
            /// At this value, with 200 thresholds.
            pub fn new($value: f64) -> $Name {
                $Name::made(Naming::new($class), $value, 200, None).expect("there is memory for the state")
            }

            fn made(naming: Naming, $value: f64, num_thresholds: usize, class_id: Option<usize>) -> Result<$Name> {
                let thresholds = Thresholds::spaced(num_thresholds.max(1), 0.0);
                let state = STATE.iter().map(|name| naming.state(name, &[thresholds.values.len()]));
                let state = state.collect::<Result<_>>()?;
                Ok($Name { naming, $value, num_thresholds, class_id, thresholds, state })
            }

            /// The name under which it appears.
            #[must_use]
            pub fn name(self, name: impl Into<String>) -> $Name {
                $Name { naming: Naming { name: name.into(), ..self.naming }, ..self }
            }

            /// How many thresholds from 0 to 1 are tried.
            #[must_use]
            pub fn num_thresholds(self, n: usize) -> $Name {
                $Name::made(self.naming, self.$value, n, self.class_id).expect("there is memory for the state")
            }

            /// Only this class is looked at.
            #[must_use]
            pub fn class_id(self, class: usize) -> $Name {
                $Name { class_id: Some(class), ..self }
            }

            pub(super) fn from_config(config: &Config) -> Result<$Name> {
                let mut a = Arguments::new($class, config);
                let naming = Naming::read(&mut a, $class)?;
                let value = a.optional_number(stringify!($value))?;
                let num_thresholds = Argument::read(&mut a, "num_thresholds", 200)?;
                let class_id = Argument::read(&mut a, "class_id", None)?;
                a.finish()?;
                let missing = || {
                    Error::value(concat!("expected ", stringify!($value), ", which has no default")).at($class)
                };
                let value = value.ok_or_else(missing)?;
                check(stringify!($value), value, num_thresholds).at(|| $class)?;
                $Name::made(naming, value, num_thresholds, class_id)
            }

            fn update(&self, y_true: &Tensor, y_pred: &Tensor, weight: Option<&Tensor>) -> Result<()> {
                check(stringify!($value), self.$value, self.num_thresholds)?;
                let selection = Selection { class_id: self.class_id, ..Selection::default() };
                let c = count(y_true, y_pred, weight, &self.thresholds, selection, None, self.naming.dtype)?;
                let parts = [&c.true_positives, &c.false_positives, &c.true_negatives, &c.false_negatives];
                self.state.iter().zip(parts).try_for_each(|(v, batch)| v.assign_add(batch))
            }
        }

        impl Metric for $Name {
            fn name(&self) -> String {
                self.naming.name.clone()
            }

            fn update_state(&self, y_true: &Tensor, y_pred: &Tensor, weight: Option<&Tensor>) -> Result<()> {
                no_gradient(|| self.update(y_true, y_pred, weight)).at(|| format!("metric {:?}", self.naming.name))
            }

            fn result(&self) -> Result<Tensor> {
                no_gradient(|| {
                    let rates = Rates(self.state.iter().map(Variable::value).collect());
                    let (given, wanted) = (rates.$given()?, rates.$wanted()?);
                    let fine = ops::greater_equal(&given, &like(&given, self.$value)?)?;
                    ops::max(&ops::r#where(&fine, &wanted, &like(&wanted, 0.0)?)?, ..)
                })
            }

            fn reset_state(&self) -> Result<()> {
                self.state.iter().try_for_each(reset)
            }

            fn variables(&self) -> Vec<Variable> {
                self.state.clone()
            }

            fn class_name(&self) -> &'static str {
                $class
            }

            fn config(&self) -> Config {
                let mut config = self.naming.config();
                config.insert("class_id".to_string(), self.class_id.write());
                config.insert("num_thresholds".to_string(), Value::from(self.num_thresholds));
                config.insert(stringify!($value).to_string(), Value::from(self.$value));
                config
            }
        }
    )*};
}

at_value! {
    /// The highest sensitivity (share of yes that was answered so) at thresholds where the specificity (share of no
    /// that was answered so) is at least the given one; 0 where there is none.
    ///
    /// # Errors
    /// `update_state` fails where shapes do not fit, there is no such class, or the value is outside `[0, 1]`.
    ///
    /// ```
    /// use rhyton_nn::metrics::{Metric, SensitivityAtSpecificity};
    /// use rhyton_tensor::Tensor;
    /// let metric = SensitivityAtSpecificity::new(0.5);
    /// let (y_true, y_pred) = (Tensor::from([0, 0, 0, 1, 1]), Tensor::from([0.0f32, 0.3, 0.8, 0.3, 0.8]));
    /// metric.update_state(&y_true, &y_pred, None).unwrap();
    /// assert_eq!(metric.result().unwrap().item::<f32>().unwrap(), 0.5);
    /// ```
    SensitivityAtSpecificity "SensitivityAtSpecificity" specificity specificity recall;
    /// The highest specificity at thresholds where the sensitivity is at least the given one; see
    /// [`SensitivityAtSpecificity`].
    ///
    /// # Errors
    /// As [`SensitivityAtSpecificity`].
    SpecificityAtSensitivity "SpecificityAtSensitivity" sensitivity recall specificity;
    /// The highest precision at thresholds where the recall is at least the given one; 0 where there is none.
    ///
    /// # Errors
    /// As [`SensitivityAtSpecificity`].
    PrecisionAtRecall "PrecisionAtRecall" recall recall precision;
    /// The highest recall at thresholds where the precision is at least the given one; 0 where there is none.
    ///
    /// # Errors
    /// As [`SensitivityAtSpecificity`].
    RecallAtPrecision "RecallAtPrecision" precision precision recall;
}
