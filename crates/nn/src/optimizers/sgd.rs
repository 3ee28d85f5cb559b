//! Gradient descent, plain, with momentum, and with Nesterov's momentum.

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

/// Gradient descent.
///
/// Without momentum `w = w - η g`, with learning rate `η` and gradient `g`. With momentum `μ`:
///
/// ```text
/// m = μ m - η g
/// w = w + m              or, with nesterov,  w = w + μ m - η g
/// ```
///
/// Defaults: learning rate 0.01, momentum 0, no Nesterov. Further arguments: see [`Base`].
///
/// # Errors
/// `build` and `apply` fail where the momentum is outside `[0, 1]`.
///
/// Source: Sutskever et al. 2013, "On the importance of initialization and momentum in deep learning"; Keras's
/// optimizers/sgd.py.
///
/// ```
/// use rhyton_nn::optimizers::{Optimizer, SGD};
/// use rhyton_tensor::{Tensor, Variable};
/// let w = Variable::from([1.0f32]);
/// let sgd = SGD::new(0.5).momentum(0.5);
/// for _ in 0..2 {
///     sgd.apply(&[Tensor::from([1.0f32])], &[w.clone()]).unwrap();
/// }
/// assert_eq!(w.value().to_vec::<f32>().unwrap(), [1.0 - 0.5 - 0.75]);
/// ```
#[derive(Debug)]
pub struct SGD {
    base: Base,
    momentum: f64,
    nesterov: bool,
}

impl Default for SGD {
    fn default() -> SGD {
        SGD::new(0.01)
    }
}

impl SGD {
    /// With this learning rate: a number or a schedule.
    pub fn new(learning_rate: impl Into<LearningRate>) -> SGD {
        SGD { base: Base::new("sgd", learning_rate), momentum: 0.0, nesterov: false }
    }

    /// The share of the last change that is kept, from 0 to 1.
    #[must_use]
    pub fn momentum(self, momentum: f64) -> SGD {
        SGD { momentum, ..self }
    }

    /// Whether the momentum looks ahead.
    #[must_use]
    pub fn nesterov(self, nesterov: bool) -> SGD {
        SGD { nesterov, ..self }
    }

    base_methods!(SGD);

    pub(super) fn from_config(config: &Config) -> Result<SGD> {
        let mut a = Arguments::new("SGD", config);
        let new = SGD {
            base: Base::read(&mut a, "sgd", 0.01)?,
            momentum: a.number("momentum", 0.0)?,
            nesterov: a.flag("nesterov", false)?,
        };
        a.finish()?;
        new.check().at(|| "SGD")?;
        Ok(new)
    }
}

impl UpdateRule for SGD {
    fn base(&self) -> &Base {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        "SGD"
    }

    fn slots(&self, _: &Variable) -> Vec<Vec<Slot>> {
        if self.momentum == 0.0 { vec![] } else { vec![vec![Slot::new("momentum")]] }
    }

    fn step(&self, g: &Tensor, w: &Variable, rate: &Tensor, slots: &[Variable]) -> Result<()> {
        let change = ops::multiply(g, rate)?;
        let [m] = slots else { return w.assign_sub(&change) };
        let mu = like(g, self.momentum)?;
        m.assign(&ops::subtract(&ops::multiply(&m.value(), &mu)?, &change)?)?;
        let m = m.value();
        let step = if self.nesterov { ops::subtract(&ops::multiply(&m, &mu)?, &change)? } else { m };
        w.assign_add(&step)
    }

    fn check(&self) -> Result<()> {
        check("momentum", self.momentum, "in [0, 1]", (0.0..=1.0).contains(&self.momentum))
    }

    fn arguments(&self, config: &mut Config) {
        config.insert("momentum".to_string(), Value::from(self.momentum));
        config.insert("nesterov".to_string(), Value::from(self.nesterov));
    }
}
