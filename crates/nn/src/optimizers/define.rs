//! The parts of an optimizer that follow from the list of its arguments.

/// An optimizer's type, its builder, and its file form; [`UpdateRule`](super::UpdateRule) is written by hand.
macro_rules! optimizer {
    ($(#[$doc:meta])* $Name:ident $class:literal $name:literal $rate:literal $(decay $decay:literal)? {
        $($(#[$about:meta])* $field:ident($given:ty): $t:ty = $default:expr;)*
    }) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $Name {
            base: Base,
            $($field: $t,)*
        }

        impl Default for $Name {
            fn default() -> $Name {
                $Name::new($rate)
            }
        }

        impl $Name {
            /// With this learning rate: a number or a schedule.
            pub fn new(learning_rate: impl Into<LearningRate>) -> $Name {
                let base = Base::new($name, learning_rate)$(.weight_decay($decay))?;
                $Name { base, $($field: $default,)* }
            }

            $(
                $(#[$about])*
                #[must_use]
                pub fn $field(self, $field: $given) -> $Name {
                    $Name { $field: $field.into(), ..self }
                }
            )*

            base_methods!($Name);

            pub(super) fn from_config(config: &Config) -> Result<$Name> {
                let mut a = Arguments::new($class, config);
                let base = Base::read(&mut a, $name, $rate)?;
                $(
                    // A missing key means the default, null no decay.
                    let missing = !config.contains_key("weight_decay");
                    let base = if missing { base.weight_decay($decay) } else { base };
                )?
                let new = $Name { base, $($field: Argument::read(&mut a, stringify!($field), $default)?,)* };
                a.finish()?;
                UpdateRule::check(&new).at(|| $class)?;
                Ok(new)
            }

            /// Adds the arguments beside those that all optimizers have.
            fn write(&self, config: &mut Config) {
                $(config.insert(stringify!($field).to_string(), self.$field.write());)*
            }
        }
    };
}
pub(crate) use optimizer;

/// What the files of rules use.
pub(crate) mod prelude {
    pub(crate) use super::optimizer;
    pub(crate) use crate::arguments::{Argument, Arguments};
    pub(crate) use crate::numbers::{like, minus, plus, times};
    pub(crate) use crate::optimizers::base::{Base, base_methods, check};
    pub(crate) use crate::optimizers::rate::LearningRate;
    pub(crate) use crate::optimizers::rule::UpdateRule;
    pub(crate) use crate::optimizers::slots::{Initial, Slot};
    pub(crate) use crate::optimizers::towards;
    pub(crate) use crate::spec::Config;
    pub(crate) use rhyton_base::{Context, Result};
    pub(crate) use rhyton_tensor::{Axes, Tensor, Variable, ops};
}
