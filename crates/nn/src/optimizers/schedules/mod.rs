//! Learning rates that follow the number of the step.

use crate::arguments::{Argument, Arguments, envelope, opened, unknown};
use crate::spec::Config;
use rhyton_base::{Error, Result};
use rhyton_tensor::{Tensor, ops};
use serde_json::Value;
use std::fmt::Debug;
use std::sync::Arc;

/// A rule for the learning rate of each step.
///
/// ```
/// use rhyton_base::Result;
/// use rhyton_nn::Config;
/// use rhyton_nn::optimizers::{SGD, schedules::LearningRateSchedule};
/// use rhyton_tensor::Tensor;
///
/// /// `1 / (step + 1)`.
/// #[derive(Debug)]
/// struct Harmonic;
///
/// impl LearningRateSchedule for Harmonic {
///     fn call(&self, step: &Tensor) -> Result<Tensor> {
///         Ok((step + 1).cast(rhyton_tensor::DType::F32).reciprocal())
///     }
///     fn class_name(&self) -> &'static str {
///         "Harmonic"
///     }
///     fn config(&self) -> Config {
///         Config::new()
///     }
/// }
///
/// let optimizer = SGD::new(Harmonic);
/// ```
pub trait LearningRateSchedule: Debug + Send + Sync {
    /// The learning rate of a step; steps are integers and count from 0. In tensor operations: no number may be read.
    ///
    /// # Errors
    /// Where there is no memory.
    fn call(&self, step: &Tensor) -> Result<Tensor>;

    /// Whether the arguments are inside their ranges.
    ///
    /// # Errors
    /// Where one is not.
    fn check(&self) -> Result<()> {
        Ok(())
    }

    /// Keras's name of the class: `"ExponentialDecay"`.
    fn class_name(&self) -> &'static str;

    /// The arguments, as they are written to files.
    fn config(&self) -> Config;
}

/// Schedules from their arguments and a function of them and the step: the type, its builder, its file form.
macro_rules! schedules {
    ($($(#[$doc:meta])* $Name:ident $class:literal $name:literal {
        $($(#[$required_about:meta])* $required:ident: $r:ty;)*
    } {
        $($(#[$about:meta])* $field:ident($given:ty): $t:ty = $default:expr;)*
    } $check:expr, $call:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $Name {
            $($required: $r,)*
            $($field: $t,)*
            name: String,
        }

        impl $Name {
            /// With these arguments, and Keras's defaults for the others.
            pub fn new($($required: impl Into<$r>),*) -> $Name {
                $Name { $($required: $required.into(),)* $($field: $default,)* name: $name.to_string() }
            }

            $(
                $(#[$about])*
                #[must_use]
                pub fn $field(self, $field: $given) -> $Name {
                    $Name { $field: $field.into(), ..self }
                }
            )*

            /// Another name.
            #[must_use]
            pub fn name(self, name: impl Into<String>) -> $Name {
                $Name { name: name.into(), ..self }
            }

            pub(super) fn from_config(config: &Config) -> Result<$Name> {
                let mut a = Arguments::new($class, config);
                let new = $Name {
                    $($required: required(&mut a, stringify!($required))?,)*
                    $($field: Argument::read(&mut a, stringify!($field), $default)?,)*
                    name: Argument::read(&mut a, "name", $name.to_string())?,
                };
                a.finish()?;
                new.check()?;
                Ok(new)
            }
        }

        impl LearningRateSchedule for $Name {
            fn call(&self, step: &Tensor) -> Result<Tensor> {
                let call: fn(&$Name, &Tensor) -> Result<Tensor> = $call;
                call(self, step).at(|| $class)
            }

            fn check(&self) -> Result<()> {
                $(finite(stringify!($required), &self.$required).at(|| $class)?;)*
                $(finite(stringify!($field), &self.$field).at(|| $class)?;)*
                let check: fn(&$Name) -> Result<()> = $check;
                check(self).at(|| $class)
            }

            fn class_name(&self) -> &'static str {
                $class
            }

            fn config(&self) -> Config {
                let mut config = Config::new();
                $(config.insert(stringify!($required).to_string(), self.$required.write());)*
                $(config.insert(stringify!($field).to_string(), self.$field.write());)*
                config.insert("name".to_string(), self.name.write());
                config
            }
        }
    )*};
}

mod cosine;
mod decay;
mod piecewise;

pub use cosine::{CosineDecay, CosineDecayRestarts};
pub use decay::{ExponentialDecay, InverseTimeDecay, PolynomialDecay};
pub use piecewise::PiecewiseConstantDecay;

/// The classes that [`from_config`] takes.
pub const NAMES: [&str; 6] = [
    "ExponentialDecay",
    "PiecewiseConstantDecay",
    "PolynomialDecay",
    "InverseTimeDecay",
    "CosineDecay",
    "CosineDecayRestarts",
];

/// The schedule of a class with the arguments of a file.
///
/// # Errors
/// Where nobody knows the class, or an argument is missing, unknown or outside its range.
///
/// ```
/// use rhyton_nn::optimizers::schedules::{self, CosineDecay, LearningRateSchedule};
/// let written = CosineDecay::new(0.0, 1000.0).warmup_target(0.1).warmup_steps(100.0).config();
/// let read = schedules::from_config("CosineDecay", &written).unwrap();
/// assert_eq!(read.config(), written);
/// ```
pub fn from_config(class_name: &str, config: &Config) -> Result<Arc<dyn LearningRateSchedule>> {
    Ok(match class_name {
        "ExponentialDecay" => Arc::new(ExponentialDecay::from_config(config)?),
        "PiecewiseConstantDecay" => Arc::new(PiecewiseConstantDecay::from_config(config)?),
        "PolynomialDecay" => Arc::new(PolynomialDecay::from_config(config)?),
        "InverseTimeDecay" => Arc::new(InverseTimeDecay::from_config(config)?),
        "CosineDecay" => Arc::new(CosineDecay::from_config(config)?),
        "CosineDecayRestarts" => Arc::new(CosineDecayRestarts::from_config(config)?),
        other => return Err(unknown("learning rate schedule", other, &NAMES)),
    })
}

/// A schedule as it stands in an optimizer's arguments.
pub(super) fn from_envelope(schedule: &Value) -> Result<Arc<dyn LearningRateSchedule>> {
    let Some((class, config)) = opened(schedule) else {
        let message = format!("expected learning_rate to be a number or a schedule, got {schedule}");
        return Err(Error::value(message));
    };
    from_config(class, &config)
}

/// A schedule as it stands in an optimizer's arguments.
pub(super) fn to_envelope(schedule: &dyn LearningRateSchedule) -> Value {
    let class = schedule.class_name();
    envelope("keras.optimizers.schedules", class, schedule.config())
}

/// An argument that has no default.
fn required<T: Argument + Default + Clone>(a: &mut Arguments<'_>, name: &'static str) -> Result<T> {
    let missing =
        |class: &str| Error::value(format!("expected {name}, which has no default")).at(class.to_string());
    Option::<T>::read(a, name, None)?.ok_or_else(|| missing(a.class_name()))
}

/// A number in the default float type, in which schedules compute.
fn number(x: f64) -> Result<Tensor> {
    ops::full([], x, crate::config::floatx())
}

/// The step as such a number.
fn as_number(step: &Tensor) -> Result<Tensor> {
    ops::cast(step, crate::config::floatx())
}

/// An error unless a number of steps is positive.
fn check_steps(name: &str, steps: f64) -> Result<()> {
    if steps.is_finite() && steps > 0.0 {
        return Ok(());
    }
    Err(Error::value(format!("expected {name} > 0, got {steps}")))
}
