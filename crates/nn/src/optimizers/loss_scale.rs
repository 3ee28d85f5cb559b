//! Scaling of losses that adapts itself, for training in half precision.

use super::Optimizer;
use super::base::check;
use super::rule::only_where;
use crate::arguments::{Argument, Arguments, config, envelope, opened};
use crate::numbers::{filled, like, plus, times};
use crate::spec::Config;
use rhyton_base::{Context, DType, Error, Result};
use rhyton_tensor::{Tensor, Variable, no_gradient, ops};
use serde_json::Value;
use std::sync::Arc;

/// Another optimizer, with losses scaled so that small gradients do not vanish in `float16`.
///
/// The loss is multiplied by a scale ([`Optimizer::scale_loss`]) and gradients are divided by it. If a gradient is not
/// finite, nothing is changed but the scale, which is halved; after `dynamic_growth_steps` steps without that it is
/// doubled. Defaults: scale 32768 at first, 2000 steps.
///
/// # Errors
/// `build` and `apply` fail as the other optimizer does, and where the first scale or the number of steps is not
/// positive.
///
/// Source: Micikevicius et al. 2017, "Mixed precision training"; Keras's optimizers/loss_scale_optimizer.py.
///
/// ```
/// use rhyton_nn::optimizers::{LossScaleOptimizer, Optimizer, SGD};
/// use rhyton_tensor::{Tensor, Variable};
/// let optimizer = LossScaleOptimizer::new(SGD::new(0.5)).initial_scale(4.0);
/// let w = [Variable::from([1.0f32])];
/// assert_eq!(optimizer.scale_loss(&Tensor::from(1.0f32)).unwrap().item::<f32>().unwrap(), 4.0);
/// optimizer.apply(&[Tensor::from([4.0f32])], &w).unwrap();
/// assert_eq!(w[0].value().item::<f32>().unwrap(), 0.5);
/// optimizer.apply(&[Tensor::from([f32::INFINITY])], &w).unwrap();
/// assert_eq!(w[0].value().item::<f32>().unwrap(), 0.5);
/// assert_eq!(optimizer.scale_loss(&Tensor::from(1.0f32)).unwrap().item::<f32>().unwrap(), 2.0);
/// ```
#[derive(Debug)]
pub struct LossScaleOptimizer {
    name: String,
    inner: Arc<dyn Optimizer>,
    initial_scale: f64,
    dynamic_growth_steps: u32,
    /// Iteration and learning rate of its own, which files hold and nothing uses.
    unused: [Variable; 2],
    step_counter: Variable,
    dynamic_scale: Variable,
}

fn scalar(name: &str, value: f64, dtype: DType) -> Variable {
    Variable::named(filled(&[], value, dtype).expect("one number"), name, false)
}

impl LossScaleOptimizer {
    /// Around this optimizer.
    pub fn new(inner: impl Optimizer + 'static) -> LossScaleOptimizer {
        LossScaleOptimizer::around(Arc::new(inner))
    }

    /// Around this optimizer.
    pub fn around(inner: Arc<dyn Optimizer>) -> LossScaleOptimizer {
        let iteration = scalar("iteration", 0.0, DType::I32);
        LossScaleOptimizer {
            name: "loss_scale_optimizer".to_string(),
            inner,
            initial_scale: 32768.0,
            dynamic_growth_steps: 2000,
            unused: [iteration, scalar("learning_rate", 0.0, crate::config::floatx())],
            step_counter: scalar("step_counter", 0.0, DType::I32),
            dynamic_scale: scalar("dynamic_scale", 32768.0, DType::F32),
        }
    }

    /// The first scale.
    #[must_use]
    pub fn initial_scale(self, initial_scale: f64) -> LossScaleOptimizer {
        let dynamic_scale = scalar("dynamic_scale", initial_scale, DType::F32);
        LossScaleOptimizer { initial_scale, dynamic_scale, ..self }
    }

    /// After how many steps with finite gradients the scale is doubled.
    #[must_use]
    pub fn dynamic_growth_steps(self, steps: u32) -> LossScaleOptimizer {
        LossScaleOptimizer { dynamic_growth_steps: steps, ..self }
    }

    /// Another name.
    #[must_use]
    pub fn name(self, name: impl Into<String>) -> LossScaleOptimizer {
        LossScaleOptimizer { name: name.into(), ..self }
    }

    /// The optimizer inside.
    pub fn inner_optimizer(&self) -> &Arc<dyn Optimizer> {
        &self.inner
    }

    fn check(&self) -> Result<()> {
        let (scale, steps) = (self.initial_scale, self.dynamic_growth_steps);
        check("initial_scale", scale, "a finite number greater than 0", scale > 0.0)?;
        let fine = (1..=i32::MAX as u32).contains(&steps);
        check("dynamic_growth_steps", f64::from(steps), "at least 1", fine)
    }

    pub(super) fn from_config(config: &Config) -> Result<LossScaleOptimizer> {
        let who = || "LossScaleOptimizer";
        let mut a = Arguments::new(who(), config);
        let missing = || Error::value("expected inner_optimizer, which has no default").at(who());
        let inner = a.value("inner_optimizer").ok_or_else(missing)?;
        let (class, arguments) =
            opened(inner).ok_or_else(|| a.error("inner_optimizer", "an optimizer", inner))?;
        let inner = super::from_config(class, &arguments).at(who)?;
        let new = LossScaleOptimizer::around(inner)
            .name(String::read(&mut a, "name", "loss_scale_optimizer".to_string())?)
            .initial_scale(a.number("initial_scale", 32768.0)?)
            .dynamic_growth_steps(u32::read(&mut a, "dynamic_growth_steps", 2000)?);
        a.ignore(&["dynamic"]);
        a.finish()?;
        new.check().at(who)?;
        Ok(new)
    }

    /// Whether all numbers are finite.
    fn finite(gradients: &[Tensor]) -> Result<Tensor> {
        let mut finite = ops::full([], 1, DType::I32)?;
        for g in gradients {
            finite = ops::minimum(&finite, &ops::cast(&ops::all(&ops::isfinite(g)?, ..)?, DType::I32)?)?;
        }
        ops::cast(&finite, DType::Bool)
    }

    fn update(&self, gradients: &[Tensor], variables: &[Variable]) -> Result<()> {
        self.check()?;
        self.inner.build(variables)?;
        let finite = LossScaleOptimizer::finite(gradients)?;
        let scale = self.dynamic_scale.value();
        let unscaled = gradients.iter().map(|g| ops::divide(g, &scale)).collect::<Result<Vec<_>>>()?;
        let mut changing = variables.to_vec();
        changing.extend(self.inner.variables());
        only_where(&finite, &changing, || self.inner.apply(&unscaled, variables))?;
        let counted = plus(&self.step_counter.value(), 1.0)?;
        let full = ops::greater_equal(&counted, &like(&counted, f64::from(self.dynamic_growth_steps))?)?;
        let start = ops::logical_or(&full, &ops::logical_not(&finite)?)?;
        self.step_counter.assign(&ops::r#where(&start, &like(&counted, 0.0)?, &counted)?)?;
        let grown = ops::r#where(&full, &times(&scale, 2.0)?, &scale)?;
        self.dynamic_scale.assign(&ops::r#where(&finite, &grown, &times(&scale, 0.5)?)?)
    }
}

impl Optimizer for LossScaleOptimizer {
    fn class_name(&self) -> &'static str {
        "LossScaleOptimizer"
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn build(&self, variables: &[Variable]) -> Result<()> {
        self.check().and_then(|()| self.inner.build(variables)).at(|| "LossScaleOptimizer")
    }

    fn apply(&self, gradients: &[Tensor], variables: &[Variable]) -> Result<()> {
        no_gradient(|| self.update(gradients, variables)).at(|| "LossScaleOptimizer")
    }

    fn variables(&self) -> Vec<Variable> {
        let mut all = self.unused.to_vec();
        all.extend([self.step_counter.clone(), self.dynamic_scale.clone()]);
        all.extend(self.inner.variables());
        all
    }

    fn scale_loss(&self, loss: &Tensor) -> Result<Tensor> {
        // A scale that the optimizer inside takes out of the gradients is put in too.
        let loss = self.inner.scale_loss(loss)?;
        ops::multiply(&loss, &ops::cast(&self.dynamic_scale.value(), loss.dtype())?)
    }

    fn learning_rate(&self) -> Result<f64> {
        self.inner.learning_rate()
    }

    fn set_learning_rate(&self, learning_rate: f64) -> Result<()> {
        self.inner.set_learning_rate(learning_rate)
    }

    fn iterations(&self) -> Variable {
        self.inner.iterations()
    }

    fn finalize_variable_values(&self, variables: &[Variable]) -> Result<()> {
        self.inner.finalize_variable_values(variables)
    }

    fn averages(&self) -> Vec<(Variable, Variable)> {
        self.inner.averages()
    }

    fn config(&self) -> Config {
        let inner = envelope("keras.optimizers", self.inner.class_name(), self.inner.config());
        config([
            ("name", Value::from(self.name.as_str())),
            ("inner_optimizer", inner),
            ("initial_scale", Value::from(self.initial_scale)),
            ("dynamic_growth_steps", Value::from(self.dynamic_growth_steps)),
        ])
    }
}
