//! What makes one optimizer different from another, and all that they share.

use super::{Base, Optimizer, Slot, clip};
use crate::numbers::like;
use crate::spec::Config;
use rhyton_base::{Context, Error, Result, Shape};
use rhyton_tensor::{Tensor, Variable, no_gradient, ops};
use std::fmt::Debug;

/// What makes one optimizer different from another: every type with this is an [`Optimizer`].
///
/// ```
/// use rhyton_base::Result;
/// use rhyton_nn::optimizers::{Base, Optimizer, UpdateRule};
/// use rhyton_tensor::{Tensor, Variable};
///
/// /// Steps of one size, whatever the size of the gradient.
/// #[derive(Debug)]
/// struct SignDescent(Base);
///
/// impl UpdateRule for SignDescent {
///     fn base(&self) -> &Base {
///         &self.0
///     }
///     fn class_name(&self) -> &'static str {
///         "SignDescent"
///     }
///     fn step(&self, g: &Tensor, w: &Variable, learning_rate: &Tensor, _: &[Variable]) -> Result<()> {
///         w.assign_sub(&(g.sign() * learning_rate))
///     }
/// }
///
/// let optimizer = SignDescent(Base::new("sign_descent", 0.5));
/// let w = Variable::from([1.0f32, 2.0]);
/// optimizer.apply(&[Tensor::from([3.0f32, -0.1])], &[w.clone()]).unwrap();
/// assert_eq!(w.value().to_vec::<f32>().unwrap(), [0.5, 2.5]);
/// ```
pub trait UpdateRule: Debug + Send + Sync {
    /// Learning rate, iterations and the arguments that all optimizers have.
    fn base(&self) -> &Base;

    /// Keras's name of the class.
    fn class_name(&self) -> &'static str;

    /// What is kept per variable. Files hold group after group; within a group, variable after variable with all
    /// slots of the group.
    fn slots(&self) -> Vec<Vec<Slot>> {
        Vec::new()
    }

    /// Changes one variable.
    ///
    /// The gradient and the learning rate have the variable's type; `slots` are those of [`UpdateRule::slots`], one
    /// group after the other. All of it in tensor operations and assignments: no number may be read.
    ///
    /// # Errors
    /// Where there is no memory.
    fn step(
        &self,
        gradient: &Tensor,
        variable: &Variable,
        learning_rate: &Tensor,
        slots: &[Variable],
    ) -> Result<()>;

    /// Whether the rule's own arguments are inside their ranges.
    ///
    /// # Errors
    /// Where one is not.
    fn check(&self) -> Result<()> {
        Ok(())
    }

    /// Adds the rule's own arguments to those that all optimizers have.
    fn arguments(&self, config: &mut Config) {
        let _ = config;
    }
}

impl<R: UpdateRule> Optimizer for R {
    fn class_name(&self) -> &'static str {
        UpdateRule::class_name(self)
    }

    fn name(&self) -> &str {
        self.base().given_name()
    }

    fn build(&self, variables: &[Variable]) -> Result<()> {
        let who = || UpdateRule::class_name(self);
        self.base().check().at(who)?;
        self.check().at(who)?;
        self.base().make_slots(&self.slots(), variables).at(who)
    }

    fn apply(&self, gradients: &[Tensor], variables: &[Variable]) -> Result<()> {
        no_gradient(|| {
            if gradients.len() != variables.len() {
                let (g, v) = (gradients.len(), variables.len());
                return Err(Error::value(format!("got {g} gradients for {v} variables")));
            }
            if gradients.is_empty() {
                return Ok(());
            }
            if !self.base().is_built() {
                self.base().check()?;
                self.check()?;
                self.base().make_slots(&self.slots(), variables)?;
            }
            update(self, gradients, variables)
        })
        .at(|| UpdateRule::class_name(self))
    }

    fn variables(&self) -> Vec<Variable> {
        self.base().state()
    }

    fn learning_rate(&self) -> Result<f64> {
        self.base().read_learning_rate()
    }

    fn set_learning_rate(&self, learning_rate: f64) -> Result<()> {
        self.base().write_learning_rate(learning_rate).at(|| UpdateRule::class_name(self))
    }

    fn iterations(&self) -> Variable {
        self.base().iterations().clone()
    }

    fn finalize_variable_values(&self, variables: &[Variable]) -> Result<()> {
        no_gradient(|| self.base().take_averages(variables)).at(|| UpdateRule::class_name(self))
    }

    fn config(&self) -> Config {
        let mut config = self.base().config();
        self.arguments(&mut config);
        config
    }
}

/// Clip, weight decay, the rule's step, averages, one more iteration: Keras's order.
fn update(rule: &(impl UpdateRule + ?Sized), gradients: &[Tensor], variables: &[Variable]) -> Result<()> {
    let base = rule.base();
    let slots = base.slots_of(variables)?;
    let gradients = gradients
        .iter()
        .zip(variables)
        .map(|(g, v)| {
            if g.shape() != v.shape() {
                let (expected, got) = (Shape::from(v.shape()), Shape::from(g.shape()));
                let message = format!("expected a gradient of shape {expected}, got {got}");
                return Err(Error::shape(message).at(format!("variable {:?}", v.name())));
            }
            ops::cast(g, v.dtype())
        })
        .collect::<Result<Vec<_>>>()?;
    let gradients = clip::clip(base.clipping(), gradients)?;
    let learning_rate = base.learning_rate_variable().value();
    if let Some(decay) = base.decay() {
        for v in variables {
            let w = v.value();
            let rate = ops::cast(&learning_rate, v.dtype())?;
            v.assign_sub(&ops::multiply(&ops::multiply(&w, &like(&w, decay)?)?, &rate)?)?;
        }
    }
    for ((g, v), slots) in gradients.iter().zip(variables).zip(&slots) {
        rule.step(g, v, &ops::cast(&learning_rate, v.dtype())?, slots)?;
    }
    base.update_averages()?;
    base.iterations().assign_add(&ops::full([], 1, rhyton_base::DType::I32)?)
}
