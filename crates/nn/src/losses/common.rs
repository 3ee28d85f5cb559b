//! What all losses share.

use super::Reduction;
use crate::arguments::{Arguments, config};
use crate::spec::Config;
use rhyton_base::{Context, DType, Result};
use serde_json::Value;

/// The arguments that all losses have.
#[derive(Clone, Debug)]
pub(crate) struct Common {
    pub name: String,
    pub reduction: Reduction,
    pub dtype: Option<DType>,
}

impl Common {
    pub fn new(name: &str) -> Common {
        Common { name: name.to_string(), reduction: Reduction::default(), dtype: None }
    }

    /// Name, reduction and type from a file.
    pub fn read(a: &mut Arguments<'_>, class: &'static str, name: &str) -> Result<Common> {
        let dtype = a.optional_dtype("dtype")?;
        let name = a.optional_text("name")?.unwrap_or(name).to_string();
        let reduction = match a.given("reduction") {
            Some(Value::Null) => Reduction::None,
            _ => a.optional_text("reduction")?.map_or(Ok(Reduction::default()), str::parse).at(|| class)?,
        };
        Ok(Common { name, reduction, dtype })
    }

    /// As it is written; the type is left out where none was asked for.
    pub fn config(&self) -> Config {
        let reduction = self.reduction.name();
        let mut config = config([("name", self.name.as_str().into()), ("reduction", reduction.into())]);
        if let Some(dtype) = self.dtype {
            config.insert("dtype".to_string(), dtype.name().into());
        }
        config
    }
}

/// Losses from functions of themselves, targets and predictions: the type, its builder, its file form.
///
/// Targets and predictions come with the same rank where that takes one axis of size 1.
macro_rules! losses {
    ($($(#[$doc:meta])* $Name:ident $class:literal $name:literal {
        $($(#[$about:meta])* $field:ident($given:ty): $t:ty = $default:expr;)*
    } $check:expr, $call:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $Name {
            common: Common,
            $($field: $t,)*
        }

        impl Default for $Name {
            fn default() -> $Name {
                $Name { common: Common::new($name), $($field: $default,)* }
            }
        }

        #[allow(clippy::needless_update)] // Some have no arguments of their own.
        impl $Name {
            crate::losses::common::loss_methods!($Name);

            $(
                $(#[$about])*
                #[must_use]
                pub fn $field(self, $field: $given) -> $Name {
                    $Name { $field: $field.into(), ..self }
                }
            )*

            pub(crate) fn from_config(config: &Config) -> Result<$Name> {
                let mut a = Arguments::new($class, config);
                let new = $Name {
                    common: Common::read(&mut a, $class, $name)?,
                    $($field: Argument::read(&mut a, stringify!($field), $default)?,)*
                };
                a.finish()?;
                let check: fn(&$Name) -> Result<()> = $check;
                check(&new).at(|| $class)?;
                Ok(new)
            }
        }

        impl Loss for $Name {
            fn name(&self) -> &str {
                &self.common.name
            }

            fn call(&self, y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
                let (y_true, y_pred) = same_rank(y_true, y_pred)?;
                let check: fn(&$Name) -> Result<()> = $check;
                $(finite(stringify!($field), &self.$field)?;)*
                check(self)?;
                let call: fn(&$Name, &Tensor, &Tensor) -> Result<Tensor> = $call;
                call(self, &y_true, &y_pred)
            }

            fn reduction(&self) -> Reduction {
                self.common.reduction
            }

            fn dtype(&self) -> Option<DType> {
                self.common.dtype
            }

            fn class_name(&self) -> &'static str {
                $class
            }

            #[allow(unused_mut)]
            fn config(&self) -> Config {
                let mut config = self.common.config();
                $(config.insert(stringify!($field).to_string(), self.$field.write());)*
                config
            }
        }
    )*};
}
pub(crate) use losses;

/// The builder methods that all losses have.
macro_rules! loss_methods {
    ($Name:ident) => {
        /// With Keras's default arguments.
        pub fn new() -> $Name {
            $Name::default()
        }

        /// The name under which it appears.
        #[must_use]
        pub fn name(self, name: impl Into<String>) -> $Name {
            $Name { common: Common { name: name.into(), ..self.common }, ..self }
        }

        /// How the values become one number.
        #[must_use]
        pub fn reduction(self, reduction: Reduction) -> $Name {
            $Name { common: Common { reduction, ..self.common }, ..self }
        }

        /// The type in which it is computed, in place of that of the predictions.
        #[must_use]
        pub fn dtype(self, dtype: DType) -> $Name {
            $Name { common: Common { dtype: Some(dtype), ..self.common }, ..self }
        }
    };
}
pub(super) use loss_methods;

/// For losses that take all arguments.
pub(crate) fn any<L>(_: &L) -> Result<()> {
    Ok(())
}

/// What files of the losses in this folder use.
pub(crate) mod prelude {
    pub(crate) use super::super::{Loss, Reduction};
    pub(crate) use super::{Common, any, losses};
    pub(crate) use crate::arguments::{Argument, Arguments, finite};
    pub(crate) use crate::numbers::*;
    pub(crate) use crate::spec::Config;
    pub(crate) use rhyton_base::{Context, DType, Error, Result};
    pub(crate) use rhyton_tensor::{Axes, Tensor, ops};
}
