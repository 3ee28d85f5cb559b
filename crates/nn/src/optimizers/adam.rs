//! Adam: steps measured by running means of the gradient and of its square.

use super::base::{Base, base_methods, check};
use super::rule::UpdateRule;
use super::slots::Slot;
use crate::arguments::Arguments;
use crate::numbers::like;
use crate::spec::Config;
use rhyton_base::{Context, Result};
use rhyton_tensor::{Tensor, Variable, ops};
use serde_json::Value;

/// Gradient descent along the running mean of gradients, divided by the root of the running mean of their squares.
///
/// With `t` the number of this step, counted from 1:
///
/// ```text
/// α = η √(1 - β₂ᵗ) / (1 - β₁ᵗ)
/// m = m + (g - m) (1 - β₁)
/// v = v + (g² - v) (1 - β₂)
/// w = w - m α / (√v + ε)           with amsgrad, the largest v so far stands for v here
/// ```
///
/// Defaults: learning rate `η` 0.001, `β₁` 0.9, `β₂` 0.999, `ε` 1e-7, no amsgrad. This `ε` is the "epsilon hat" of the
/// paper's section 2.1: it is outside the root and not corrected for bias. Further arguments: see [`Base`].
///
/// # Errors
/// `build` and `apply` fail where `β₁` or `β₂` is outside `[0, 1)`, or `ε` is negative.
///
/// Source: Kingma and Ba 2014, "Adam: a method for stochastic optimization"; Reddi et al. 2018, "On the convergence of
/// Adam and beyond" (amsgrad, there with bias correction); Keras's optimizers/adam.py.
///
/// ```
/// use rhyton_nn::optimizers::{Adam, Optimizer};
/// use rhyton_tensor::{Tensor, Variable};
/// let w = Variable::from([1.0f32, 1.0]);
/// Adam::new(0.25).beta_1(0.8).apply(&[Tensor::from([8.0f32, -0.5])], &[w.clone()]).unwrap();
/// // The first step is as long as the learning rate, whatever the gradient.
/// let w = w.value().to_vec::<f32>().unwrap();
/// assert!((w[0] - 0.75).abs() < 1e-5 && (w[1] - 1.25).abs() < 1e-5);
/// ```
#[derive(Debug)]
pub struct Adam {
    base: Base,
    beta_1: f64,
    beta_2: f64,
    epsilon: f64,
    amsgrad: bool,
}

impl Default for Adam {
    fn default() -> Adam {
        Adam::new(0.001)
    }
}

impl Adam {
    /// With this learning rate.
    pub fn new(learning_rate: f64) -> Adam {
        let base = Base::new("adam", learning_rate);
        Adam { base, beta_1: 0.9, beta_2: 0.999, epsilon: 1e-7, amsgrad: false }
    }

    /// The weight of the old mean of gradients, from 0 to below 1.
    #[must_use]
    pub fn beta_1(self, beta_1: f64) -> Adam {
        Adam { beta_1, ..self }
    }

    /// The weight of the old mean of squared gradients, from 0 to below 1.
    #[must_use]
    pub fn beta_2(self, beta_2: f64) -> Adam {
        Adam { beta_2, ..self }
    }

    /// What keeps the divisor from 0.
    #[must_use]
    pub fn epsilon(self, epsilon: f64) -> Adam {
        Adam { epsilon, ..self }
    }

    /// Whether to divide by the root of the largest mean of squares so far.
    #[must_use]
    pub fn amsgrad(self, amsgrad: bool) -> Adam {
        Adam { amsgrad, ..self }
    }

    base_methods!(Adam);

    pub(super) fn from_config(config: &Config) -> Result<Adam> {
        let mut a = Arguments::new("Adam", config);
        let new = Adam {
            base: Base::read(&mut a, "adam", 0.001)?,
            beta_1: a.number("beta_1", 0.9)?,
            beta_2: a.number("beta_2", 0.999)?,
            epsilon: a.number("epsilon", 1e-7)?,
            amsgrad: a.flag("amsgrad", false)?,
        };
        a.finish()?;
        new.check().at(|| "Adam")?;
        Ok(new)
    }

    /// `η √(1 - β₂ᵗ) / (1 - β₁ᵗ)`, in the type of the learning rate.
    fn alpha(&self, rate: &Tensor) -> Result<Tensor> {
        let one = like(rate, 1.0)?;
        let steps = self.base.iterations().value();
        let t = ops::cast(&ops::add(&steps, &like(&steps, 1.0)?)?, rate.dtype())?;
        let rest = |beta: f64| ops::subtract(&one, &ops::power(&like(rate, beta)?, &t)?);
        ops::divide(&ops::multiply(rate, &ops::sqrt(&rest(self.beta_2)?)?)?, &rest(self.beta_1)?)
    }
}

/// `old + (new - old) · share`.
fn towards(old: &Variable, new: &Tensor, share: f64) -> Result<()> {
    old.assign_add(&ops::multiply(&ops::subtract(new, &old.value())?, &like(new, share)?)?)
}

impl UpdateRule for Adam {
    fn base(&self) -> &Base {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        "Adam"
    }

    fn slots(&self) -> Vec<Vec<Slot>> {
        let mut slots = vec![vec![Slot::new("momentum"), Slot::new("velocity")]];
        if self.amsgrad {
            slots.push(vec![Slot::new("velocity_hat")]);
        }
        slots
    }

    fn step(&self, g: &Tensor, w: &Variable, rate: &Tensor, slots: &[Variable]) -> Result<()> {
        let (m, v) = (&slots[0], &slots[1]);
        let alpha = self.alpha(rate)?;
        towards(m, g, 1.0 - self.beta_1)?;
        towards(v, &ops::square(g)?, 1.0 - self.beta_2)?;
        let mut v = v.value();
        if self.amsgrad {
            let largest = &slots[2];
            largest.assign(&ops::maximum(&largest.value(), &v)?)?;
            v = largest.value();
        }
        let divisor = ops::add(&ops::sqrt(&v)?, &like(&v, self.epsilon)?)?;
        w.assign_sub(&ops::divide(&ops::multiply(&m.value(), &alpha)?, &divisor)?)
    }

    fn check(&self) -> Result<()> {
        check("beta_1", self.beta_1, "in [0, 1)", (0.0..1.0).contains(&self.beta_1))?;
        check("beta_2", self.beta_2, "in [0, 1)", (0.0..1.0).contains(&self.beta_2))?;
        check("epsilon", self.epsilon, "a number of at least 0", self.epsilon >= 0.0)
    }

    fn arguments(&self, config: &mut Config) {
        config.insert("beta_1".to_string(), Value::from(self.beta_1));
        config.insert("beta_2".to_string(), Value::from(self.beta_2));
        config.insert("epsilon".to_string(), Value::from(self.epsilon));
        config.insert("amsgrad".to_string(), Value::from(self.amsgrad));
    }
}
