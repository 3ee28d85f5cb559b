//! Adagrad: steps measured by the sum of all squared gradients so far.

use super::base::{Base, base_methods, check};
use super::rate::LearningRate;
use super::rule::UpdateRule;
use super::slots::{Initial, Slot};
use crate::arguments::Arguments;
use crate::numbers::like;
use crate::spec::Config;
use rhyton_base::{Context, Result};
use rhyton_tensor::{Tensor, Variable, ops};
use serde_json::Value;

/// Gradient descent with each number's step divided by the root of the sum of its squared gradients so far.
///
/// ```text
/// a = a + g²
/// w = w - η g / √(a + ε)
/// ```
///
/// Defaults: learning rate `η` 0.001, first value of `a` 0.1, `ε` 1e-7. Further arguments: see [`Base`].
///
/// # Errors
/// `build` and `apply` fail where the first value of `a` or `ε` is negative.
///
/// Source: Duchi et al. 2011, "Adaptive subgradient methods for online learning and stochastic optimization"; Keras's
/// optimizers/adagrad.py.
///
/// ```
/// use rhyton_nn::optimizers::{Adagrad, Optimizer};
/// use rhyton_tensor::{Tensor, Variable};
/// let w = Variable::from([1.0]);
/// let adagrad = Adagrad::new(0.5).initial_accumulator_value(9.0).epsilon(0.0);
/// adagrad.apply(&[Tensor::from([4.0])], &[w.clone()]).unwrap();
/// assert_eq!(w.value().to_vec::<f64>().unwrap(), [1.0 - 0.5 * 4.0 / 5.0]);
/// ```
#[derive(Debug)]
pub struct Adagrad {
    base: Base,
    initial_accumulator_value: f64,
    epsilon: f64,
}

impl Default for Adagrad {
    fn default() -> Adagrad {
        Adagrad::new(0.001)
    }
}

impl Adagrad {
    /// With this learning rate: a number or a schedule.
    pub fn new(learning_rate: impl Into<LearningRate>) -> Adagrad {
        Adagrad { base: Base::new("adagrad", learning_rate), initial_accumulator_value: 0.1, epsilon: 1e-7 }
    }

    /// What the sums of squares start with.
    #[must_use]
    pub fn initial_accumulator_value(self, value: f64) -> Adagrad {
        Adagrad { initial_accumulator_value: value, ..self }
    }

    /// What keeps the root from 0.
    #[must_use]
    pub fn epsilon(self, epsilon: f64) -> Adagrad {
        Adagrad { epsilon, ..self }
    }

    base_methods!(Adagrad);

    pub(super) fn from_config(config: &Config) -> Result<Adagrad> {
        let mut a = Arguments::new("Adagrad", config);
        let new = Adagrad {
            base: Base::read(&mut a, "adagrad", 0.001)?,
            initial_accumulator_value: a.number("initial_accumulator_value", 0.1)?,
            epsilon: a.number("epsilon", 1e-7)?,
        };
        a.finish()?;
        new.check().at(|| "Adagrad")?;
        Ok(new)
    }
}

impl UpdateRule for Adagrad {
    fn base(&self) -> &Base {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        "Adagrad"
    }

    fn slots(&self, _: &Variable) -> Vec<Vec<Slot>> {
        vec![vec![Slot::starting_with("accumulator", Initial::Number(self.initial_accumulator_value))]]
    }

    fn step(&self, g: &Tensor, w: &Variable, rate: &Tensor, slots: &[Variable]) -> Result<()> {
        let sum = &slots[0];
        sum.assign_add(&ops::square(g)?)?;
        let root = ops::sqrt(&ops::add(&sum.value(), &like(g, self.epsilon)?)?)?;
        w.assign_sub(&ops::divide(&ops::multiply(rate, g)?, &root)?)
    }

    fn check(&self) -> Result<()> {
        let first = self.initial_accumulator_value;
        check(
            "initial_accumulator_value",
            first,
            "a number of at least 0",
            first >= 0.0 && first.is_finite(),
        )?;
        check("epsilon", self.epsilon, "a number of at least 0", self.epsilon >= 0.0)
    }

    fn arguments(&self, config: &mut Config) {
        let first = Value::from(self.initial_accumulator_value);
        config.insert("initial_accumulator_value".to_string(), first);
        config.insert("epsilon".to_string(), Value::from(self.epsilon));
    }
}
