//! Optimizers: how gradients change weights.

use crate::arguments::unknown;
use crate::numbers::times;
use crate::spec::{Config, Named, Spec};
use rhyton_base::Result;
use rhyton_tensor::{Tensor, Variable, ops};
use std::fmt::Debug;
use std::sync::Arc;

/// A rule by which gradients change variables.
pub trait Optimizer: Debug + Send + Sync {
    /// Keras's name of the class: `"RMSprop"`.
    fn class_name(&self) -> &'static str;

    /// The name of this optimizer: `"rm_sprop"`, the snake case of the class, unless another was given.
    fn name(&self) -> &str;

    /// Makes the state for these variables, once; the same list again changes nothing.
    ///
    /// # Errors
    /// For another list than before, and where an argument of the optimizer is outside its range.
    fn build(&self, variables: &[Variable]) -> Result<()>;

    /// Changes each variable by its gradient, and counts one iteration.
    ///
    /// # Errors
    /// Where gradients and variables do not fit, a variable is unknown, or as [`Optimizer::build`].
    fn apply(&self, gradients: &[Tensor], variables: &[Variable]) -> Result<()>;

    /// The loss as it is to be differentiated: times a number that [`Optimizer::apply`] takes out of the gradients
    /// again, where an optimizer keeps small gradients of half precision from vanishing.
    ///
    /// # Errors
    /// Where there is no memory.
    fn scale_loss(&self, loss: &Tensor) -> Result<Tensor> {
        Ok(loss.clone())
    }

    /// The state in the order of model files: iteration, learning rate, then what the rule keeps per variable.
    fn variables(&self) -> Vec<Variable>;

    /// The learning rate now.
    ///
    /// # Errors
    /// Where there is none for all variables.
    fn learning_rate(&self) -> Result<f64>;

    /// Changes the learning rate.
    ///
    /// # Errors
    /// Where the number is not finite, or the learning rate follows a schedule.
    fn set_learning_rate(&self, learning_rate: f64) -> Result<()>;

    /// How many times [`Optimizer::apply`] ran.
    fn iterations(&self) -> Variable;

    /// What is left to do after training: gives the variables their averages where those are kept.
    ///
    /// # Errors
    /// Where a variable is unknown.
    fn finalize_variable_values(&self, variables: &[Variable]) -> Result<()> {
        let _ = variables;
        Ok(())
    }

    /// The variables with their averages, where those are kept.
    fn averages(&self) -> Vec<(Variable, Variable)> {
        Vec::new()
    }

    /// The optimizers that this one hands its variables to; most have none.
    fn parts(&self) -> Vec<Arc<dyn Optimizer>> {
        Vec::new()
    }

    /// The arguments, as they are written to files.
    fn config(&self) -> Config;
}

impl Named for dyn Optimizer {
    fn by_name(name: &str) -> Result<Arc<dyn Optimizer>> {
        get(name)
    }
}

impl<O: Optimizer + 'static> From<O> for Spec<dyn Optimizer> {
    fn from(object: O) -> Self {
        Spec::Object(Arc::new(object))
    }
}

mod adadelta;
mod adafactor;
mod adagrad;
mod adam;
mod adamax;
mod base;
mod clip;
mod define;
mod ftrl;
mod lamb;
mod lion;
mod loss_scale;
mod multi;
mod muon;
mod nadam;
mod rate;
mod rmsprop;
mod rule;
mod schedule_free;
pub mod schedules;
mod sgd;
mod slots;

pub use adadelta::Adadelta;
pub use adafactor::Adafactor;
pub use adagrad::Adagrad;
pub use adam::{Adam, AdamW};
pub use adamax::Adamax;
pub use base::Base;
pub use ftrl::Ftrl;
pub use lamb::Lamb;
pub use lion::Lion;
pub use loss_scale::LossScaleOptimizer;
pub use multi::{MultiOptimizer, OptimizerMap};
pub use muon::Muon;
pub use nadam::Nadam;
pub use rate::LearningRate;
pub use rmsprop::RMSprop;
pub use rule::UpdateRule;
pub use schedule_free::ScheduleFreeAdamW;
pub use sgd::SGD;
pub use slots::{Initial, Slot};

/// The names that [`get`] and [`from_config`] take, in upper or lower case.
pub const NAMES: [&str; 16] = [
    "sgd",
    "rmsprop",
    "adam",
    "adamw",
    "adadelta",
    "adagrad",
    "adamax",
    "nadam",
    "ftrl",
    "lion",
    "lamb",
    "adafactor",
    "muon",
    "schedulefreeadamw",
    "lossscaleoptimizer",
    "multioptimizer",
];

/// `old + (new - old) · share`.
pub(crate) fn towards(old: &Variable, new: &Tensor, share: f64) -> Result<()> {
    old.assign_add(&times(&ops::subtract(new, &old.value())?, share)?)
}

/// An error unless the arguments of Adam's family are inside their ranges.
fn check_betas(beta_1: f64, beta_2: f64, epsilon: f64) -> Result<()> {
    base::check("beta_1", beta_1, "in [0, 1)", (0.0..1.0).contains(&beta_1))?;
    base::check("beta_2", beta_2, "in [0, 1)", (0.0..1.0).contains(&beta_2))?;
    base::check("epsilon", epsilon, "a number of at least 0", epsilon >= 0.0)
}

/// The optimizer of a name, with default arguments. Upper and lower case count as equal.
///
/// # Errors
/// Where nobody knows the name.
///
/// ```
/// use rhyton_nn::optimizers;
/// assert_eq!(optimizers::get("RMSProp").unwrap().class_name(), "RMSprop");
/// let e = optimizers::get("adan").unwrap_err();
/// assert_eq!(e.to_string(), "unknown optimizer \"adan\"; did you mean \"adam\"?");
/// ```
pub fn get(name: &str) -> Result<Arc<dyn Optimizer>> {
    from_config(name, &Config::new())
}

/// The optimizer of a class with the arguments of a file.
///
/// # Errors
/// Where nobody knows the name, or an argument is unknown, outside its range or not supported.
///
/// ```
/// use rhyton_nn::optimizers::{self, Optimizer, SGD};
/// let written = SGD::new(0.01).momentum(0.9).nesterov(true).config();
/// let read = optimizers::from_config("SGD", &written).unwrap();
/// assert_eq!(read.config(), written);
/// ```
pub fn from_config(class_name: &str, config: &Config) -> Result<Arc<dyn Optimizer>> {
    Ok(match class_name.to_lowercase().as_str() {
        "sgd" => Arc::new(SGD::from_config(config)?),
        "rmsprop" => Arc::new(RMSprop::from_config(config)?),
        "adam" => Arc::new(Adam::from_config(config)?),
        "adamw" => Arc::new(AdamW::from_config(config)?),
        "adadelta" => Arc::new(Adadelta::from_config(config)?),
        "adagrad" => Arc::new(Adagrad::from_config(config)?),
        "adamax" => Arc::new(Adamax::from_config(config)?),
        "nadam" => Arc::new(Nadam::from_config(config)?),
        "ftrl" => Arc::new(Ftrl::from_config(config)?),
        "lion" => Arc::new(Lion::from_config(config)?),
        "lamb" => Arc::new(Lamb::from_config(config)?),
        "adafactor" => Arc::new(Adafactor::from_config(config)?),
        "muon" => Arc::new(Muon::from_config(config)?),
        "schedulefreeadamw" => Arc::new(ScheduleFreeAdamW::from_config(config)?),
        "lossscaleoptimizer" => Arc::new(LossScaleOptimizer::from_config(config)?),
        "multioptimizer" => Arc::new(MultiOptimizer::from_config(config)?),
        _ => return Err(unknown("optimizer", class_name, &NAMES)),
    })
}
