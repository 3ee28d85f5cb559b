//! The learning rate: a number that can be set, or a schedule.

use super::base::check;
use super::schedules::{LearningRateSchedule, to_envelope};
use crate::numbers::filled;
use rhyton_base::{Error, Result};
use rhyton_tensor::{Tensor, Variable, no_gradient};
use serde_json::Value;
use std::sync::Arc;

/// A number, or a schedule: what goes wherever an optimizer is given its learning rate.
///
/// ```
/// use rhyton_nn::optimizers::{Optimizer, SGD, schedules::ExponentialDecay};
/// use rhyton_tensor::{Tensor, Variable};
/// let sgd = SGD::new(ExponentialDecay::new(0.5, 1, 0.5));
/// let w = [Variable::from([0.0f32])];
/// for _ in 0..2 {
///     sgd.apply(&[Tensor::from([1.0f32])], &w).unwrap();
/// }
/// assert_eq!(w[0].value().item::<f32>().unwrap(), -0.75);
/// assert_eq!(sgd.learning_rate().unwrap(), 0.125);
/// assert!(sgd.set_learning_rate(0.1).is_err());
/// ```
#[derive(Clone, Debug)]
pub enum LearningRate {
    /// A number.
    Number(f64),
    /// A schedule.
    Schedule(Arc<dyn LearningRateSchedule>),
}

impl From<f64> for LearningRate {
    fn from(number: f64) -> LearningRate {
        LearningRate::Number(number)
    }
}

impl From<Arc<dyn LearningRateSchedule>> for LearningRate {
    fn from(schedule: Arc<dyn LearningRateSchedule>) -> LearningRate {
        LearningRate::Schedule(schedule)
    }
}

impl<S: LearningRateSchedule + 'static> From<S> for LearningRate {
    fn from(schedule: S) -> LearningRate {
        LearningRate::Schedule(Arc::new(schedule))
    }
}

/// Where the learning rate of an optimizer is kept.
#[derive(Debug)]
pub(super) enum Rate {
    /// A variable, with the number it started with.
    Variable(Variable, f64),
    /// A schedule.
    Schedule(Arc<dyn LearningRateSchedule>),
}

impl Rate {
    pub fn new(rate: LearningRate) -> Rate {
        match rate {
            LearningRate::Number(number) => {
                let value = filled(&[], number, crate::config::floatx()).expect("one float");
                Rate::Variable(Variable::named(value, "learning_rate", false), number)
            }
            LearningRate::Schedule(schedule) => Rate::Schedule(schedule),
        }
    }

    pub fn check(&self) -> Result<()> {
        match self {
            Rate::Variable(_, number) => {
                check("learning_rate", *number, "a finite number", number.is_finite())
            }
            Rate::Schedule(schedule) => schedule.check(),
        }
    }

    /// The variable that files hold, if there is one.
    pub fn variable(&self) -> Option<&Variable> {
        match self {
            Rate::Variable(variable, _) => Some(variable),
            Rate::Schedule(_) => None,
        }
    }

    pub fn value(&self, iterations: &Tensor) -> Result<Tensor> {
        match self {
            Rate::Variable(variable, _) => Ok(variable.value()),
            Rate::Schedule(schedule) => schedule.call(iterations),
        }
    }

    pub fn read(&self, iterations: &Tensor) -> Result<f64> {
        let value = match self {
            Rate::Variable(variable, _) => variable.concrete_value(),
            Rate::Schedule(schedule) => no_gradient(|| schedule.call(iterations))?,
        };
        let empty = || Error::shape("expected the schedule to give one number, got none");
        value.to_f64s()?.first().copied().ok_or_else(empty)
    }

    pub fn write(&self, rate: f64) -> Result<()> {
        check("learning_rate", rate, "a finite number", rate.is_finite())?;
        match self {
            Rate::Variable(variable, _) => variable.assign(&filled(&[], rate, variable.dtype())?),
            Rate::Schedule(schedule) => {
                let class = schedule.class_name();
                let message = format!(
                    "the learning rate follows a schedule ({class}) and cannot be set; make the optimizer with a \
                     number to set it"
                );
                Err(Error::state(message))
            }
        }
    }

    pub fn config(&self) -> Value {
        match self {
            Rate::Variable(variable, number) => {
                let now = variable.concrete_value().to_f64s().ok().and_then(|n| n.first().copied());
                Value::from(now.unwrap_or(*number))
            }
            Rate::Schedule(schedule) => to_envelope(&**schedule),
        }
    }
}
