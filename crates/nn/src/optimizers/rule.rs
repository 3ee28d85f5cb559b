//! What makes one optimizer different from another, and all that they share.

use super::slots::Wanted;
use super::{Base, Optimizer, Slot, clip};
use crate::numbers::{like, plus, times};
use crate::spec::Config;
use rhyton_base::{Context, DType, Error, Result, Shape};
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

    /// What is kept for a variable. Files hold group after group; within a group, variable after variable with all
    /// slots of the group.
    fn slots(&self, variable: &Variable) -> Vec<Vec<Slot>> {
        let _ = variable;
        Vec::new()
    }

    /// What is kept once for all variables, in the type of the first one.
    fn shared(&self) -> Vec<Slot> {
        Vec::new()
    }

    /// What is done once before the variables are changed, with the slots of [`UpdateRule::shared`].
    ///
    /// # Errors
    /// Where there is no memory.
    fn begin(&self, shared: &[Variable]) -> Result<()> {
        let _ = shared;
        Ok(())
    }

    /// The weight decay of a variable.
    fn decay(&self, variable: &Variable) -> Option<f64> {
        let _ = variable;
        self.base().decay()
    }

    /// Changes one variable.
    ///
    /// The gradient and the learning rate have the variable's type; `slots` are those of [`UpdateRule::slots`], one
    /// group after the other, and then those of [`UpdateRule::shared`]. All of it in tensor operations and assignments:
    /// no number may be read.
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
        make_slots(self, variables).at(who)
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
                make_slots(self, variables)?;
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

    fn scale_loss(&self, loss: &Tensor) -> Result<Tensor> {
        match self.base().scale_factor() {
            Some(factor) => times(loss, factor).at(|| UpdateRule::class_name(self)),
            None => Ok(loss.clone()),
        }
    }

    fn iterations(&self) -> Variable {
        self.base().iterations().clone()
    }

    fn finalize_variable_values(&self, variables: &[Variable]) -> Result<()> {
        no_gradient(|| self.base().take_averages(variables)).at(|| UpdateRule::class_name(self))
    }

    fn averages(&self) -> Vec<(Variable, Variable)> {
        self.base().averages()
    }

    fn config(&self) -> Config {
        let mut config = self.base().config();
        self.arguments(&mut config);
        config
    }
}

fn make_slots(rule: &dyn UpdateRule, variables: &[Variable]) -> Result<()> {
    let slots = |v: &Variable| rule.slots(v);
    let wanted = Wanted { slots: &slots, shared: rule.shared(), averages: false, gradients: false };
    rule.base().make_slots(wanted, variables)
}

/// Unscale, gather, change, averages, one more iteration: Keras's order.
fn update(rule: &dyn UpdateRule, gradients: &[Tensor], variables: &[Variable]) -> Result<()> {
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
            let g = ops::cast(g, v.dtype())?;
            base.scale_factor().map_or(Ok(g.clone()), |factor| ops::divide(&g, &like(&g, factor)?))
        })
        .collect::<Result<Vec<_>>>()?;
    match base.accumulation() {
        None => change(rule, gradients, variables, &slots)?,
        Some(steps) => gather(rule, &gradients, variables, &slots, steps)?,
    }
    base.update_averages()?;
    base.iterations().assign_add(&ops::full([], 1, DType::I32)?)
}

/// Clip, weight decay, the rule's step.
fn change(
    rule: &dyn UpdateRule,
    gradients: Vec<Tensor>,
    variables: &[Variable],
    slots: &[Vec<Variable>],
) -> Result<()> {
    let base = rule.base();
    let gradients = clip::clip(base.clipping(), gradients)?;
    let learning_rate = base.learning_rate()?;
    for v in variables {
        let Some(decay) = rule.decay(v).filter(|_| base.decays(v)) else { continue };
        let w = v.value();
        let rate = ops::cast(&learning_rate, v.dtype())?;
        v.assign_sub(&ops::multiply(&times(&w, decay)?, &rate)?)?;
    }
    let shared = base.shared_slots();
    rule.begin(&shared)?;
    for ((g, v), slots) in gradients.iter().zip(variables).zip(slots) {
        let slots: Vec<Variable> = slots.iter().chain(&shared).cloned().collect();
        rule.step(g, v, &ops::cast(&learning_rate, v.dtype())?, &slots)?;
    }
    Ok(())
}

/// Adds gradients up, and changes the variables by their mean every so many steps.
fn gather(
    rule: &dyn UpdateRule,
    gradients: &[Tensor],
    variables: &[Variable],
    slots: &[Vec<Variable>],
    steps: i64,
) -> Result<()> {
    let base = rule.base();
    let taken = base.iterations().value();
    let rest = ops::r#mod(&plus(&taken, 1.0)?, &ops::full([], steps, DType::I32)?)?;
    let due = ops::equal(&rest, &like(&rest, 0.0)?)?;
    let gathered = base.gathered(variables)?;
    let mut means = Vec::new();
    for (g, sum) in gradients.iter().zip(&gathered) {
        let total = ops::add(g, &sum.value())?;
        sum.assign(&ops::r#where(&due, &like(&total, 0.0)?, &total)?)?;
        means.push(ops::divide(&total, &like(&total, steps as f64)?)?);
    }
    let shared = base.shared_slots();
    let changing = variables.iter().chain(slots.iter().flatten()).chain(&shared).cloned().collect::<Vec<_>>();
    only_where(&due, &changing, || change(rule, means, variables, slots))
}

/// Runs something that assigns variables, and gives these their old values back where a condition is false.
pub(super) fn only_where(
    condition: &Tensor,
    variables: &[Variable],
    f: impl FnOnce() -> Result<()>,
) -> Result<()> {
    let before: Vec<Tensor> = variables.iter().map(Variable::stored_value).collect();
    f()?;
    for (v, before) in variables.iter().zip(&before) {
        v.assign(&ops::r#where(condition, &v.stored_value(), before)?)?;
    }
    Ok(())
}
