//! RMSprop: steps measured by the running size of the gradient.

use super::base::{Base, base_methods, check};
use super::rate::LearningRate;
use super::rule::UpdateRule;
use super::slots::Slot;
use crate::arguments::Arguments;
use crate::numbers::like;
use crate::spec::Config;
use rhyton_base::{Context, Result};
use rhyton_tensor::{Tensor, Variable, ops};
use serde_json::Value;

/// Gradient descent with each number's step divided by the root of the running mean of its squared gradients.
///
/// ```text
/// v = ρ v + (1 - ρ) g²
/// a = ρ a + (1 - ρ) g              if centered, and then v - a² stands for v below
/// s = η g / √(v + ε)
/// m = μ m + s,  w = w - m          with momentum μ > 0
/// w = w - s                        without
/// ```
///
/// Defaults: learning rate `η` 0.001, `ρ` 0.9, momentum 0, `ε` 1e-7 (inside the root), not centered. Further
/// arguments: see [`Base`].
///
/// # Errors
/// `build` and `apply` fail where `ρ` or the momentum is outside `[0, 1]`, or `ε` is negative.
///
/// Source: Hinton 2012, lecture 6e of "Neural networks for machine learning"; Keras's optimizers/rmsprop.py.
///
/// ```
/// use rhyton_nn::optimizers::{Optimizer, RMSprop};
/// use rhyton_tensor::{Tensor, Variable};
/// let w = Variable::from([10.0]);
/// RMSprop::new(0.1).apply(&[Tensor::from([10.0])], &[w.clone()]).unwrap();
/// assert!((w.value().to_vec::<f64>().unwrap()[0] - 9.683772).abs() < 1e-6);
/// ```
#[derive(Debug)]
pub struct RMSprop {
    base: Base,
    rho: f64,
    momentum: f64,
    epsilon: f64,
    centered: bool,
}

impl Default for RMSprop {
    fn default() -> RMSprop {
        RMSprop::new(0.001)
    }
}

impl RMSprop {
    /// With this learning rate: a number or a schedule.
    pub fn new(learning_rate: impl Into<LearningRate>) -> RMSprop {
        let base = Base::new("rm_sprop", learning_rate);
        RMSprop { base, rho: 0.9, momentum: 0.0, epsilon: 1e-7, centered: false }
    }

    /// The weight of the old mean of squared gradients, from 0 to 1.
    #[must_use]
    pub fn rho(self, rho: f64) -> RMSprop {
        RMSprop { rho, ..self }
    }

    /// The share of the last change that is kept, from 0 to 1.
    #[must_use]
    pub fn momentum(self, momentum: f64) -> RMSprop {
        RMSprop { momentum, ..self }
    }

    /// What keeps the root from 0.
    #[must_use]
    pub fn epsilon(self, epsilon: f64) -> RMSprop {
        RMSprop { epsilon, ..self }
    }

    /// Whether to divide by the standard deviation of the gradient instead of its root mean square.
    #[must_use]
    pub fn centered(self, centered: bool) -> RMSprop {
        RMSprop { centered, ..self }
    }

    base_methods!(RMSprop);

    pub(super) fn from_config(config: &Config) -> Result<RMSprop> {
        let mut a = Arguments::new("RMSprop", config);
        let new = RMSprop {
            base: Base::read(&mut a, "rm_sprop", 0.001)?,
            rho: a.number("rho", 0.9)?,
            momentum: a.number("momentum", 0.0)?,
            epsilon: a.number("epsilon", 1e-7)?,
            centered: a.flag("centered", false)?,
        };
        a.finish()?;
        new.check().at(|| "RMSprop")?;
        Ok(new)
    }
}

/// `keep · old + (1 - keep) · new`.
fn blend(keep: f64, old: &Tensor, new: &Tensor) -> Result<Tensor> {
    let old = ops::multiply(&like(old, keep)?, old)?;
    ops::add(&old, &ops::multiply(&like(new, 1.0 - keep)?, new)?)
}

impl UpdateRule for RMSprop {
    fn base(&self) -> &Base {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        "RMSprop"
    }

    fn slots(&self, _: &Variable) -> Vec<Vec<Slot>> {
        let mut slots = vec![vec![Slot::new("velocity")]];
        if self.momentum > 0.0 {
            slots.push(vec![Slot::new("momentum")]);
        }
        if self.centered {
            slots.push(vec![Slot::new("average_gradient")]);
        }
        slots
    }

    fn step(&self, g: &Tensor, w: &Variable, rate: &Tensor, slots: &[Variable]) -> Result<()> {
        let velocity = &slots[0];
        velocity.assign(&blend(self.rho, &velocity.value(), &ops::square(g)?)?)?;
        let mut v = velocity.value();
        if self.centered {
            let average = &slots[slots.len() - 1];
            average.assign(&blend(self.rho, &average.value(), g)?)?;
            v = ops::subtract(&v, &ops::square(&average.value())?)?;
        }
        let root = ops::sqrt(&ops::add(&v, &like(&v, self.epsilon)?)?)?;
        let step = ops::divide(&ops::multiply(rate, g)?, &root)?;
        if self.momentum > 0.0 {
            let m = &slots[1];
            m.assign(&ops::add(&ops::multiply(&like(g, self.momentum)?, &m.value())?, &step)?)?;
            return w.assign_sub(&m.value());
        }
        w.assign_sub(&step)
    }

    fn check(&self) -> Result<()> {
        check("rho", self.rho, "in [0, 1]", (0.0..=1.0).contains(&self.rho))?;
        check("momentum", self.momentum, "in [0, 1]", (0.0..=1.0).contains(&self.momentum))?;
        check("epsilon", self.epsilon, "a number of at least 0", self.epsilon >= 0.0)
    }

    fn arguments(&self, config: &mut Config) {
        config.insert("rho".to_string(), Value::from(self.rho));
        config.insert("momentum".to_string(), Value::from(self.momentum));
        config.insert("epsilon".to_string(), Value::from(self.epsilon));
        config.insert("centered".to_string(), Value::from(self.centered));
    }
}
