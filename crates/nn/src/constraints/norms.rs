//! Limits on the norms of weights.

use super::Constraint;
use crate::arguments::{Argument, Arguments};
use crate::losses::Over;
use crate::numbers::{like, plus, times};
use crate::spec::Config;
use rhyton_base::{Context, Error, Result};
use rhyton_tensor::{Axes, Tensor, ops};

/// `w / (ε + norm) · wanted(norm)`, with the norms along axes.
fn scaled(w: &Tensor, axis: &Over, wanted: impl Fn(&Tensor) -> Result<Tensor>) -> Result<Tensor> {
    let norms = ops::sqrt(&ops::sum(&ops::square(w)?, Axes::from(axis).keepdims())?)?;
    let safe = plus(&norms, crate::config::epsilon())?;
    ops::multiply(w, &ops::divide(&wanted(&norms)?, &safe)?)
}

fn check_numbers(numbers: &[(&str, f64)]) -> Result<()> {
    match numbers.iter().find(|(_, n)| !n.is_finite()) {
        None => Ok(()),
        Some((name, n)) => Err(Error::value(format!("expected {name} to be a finite number, got {n}"))),
    }
}

macro_rules! norms {
    ($($(#[$doc:meta])* $Name:ident $class:literal {
        $($(#[$about:meta])* $field:ident = $default:literal;)*
    } $wanted:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $Name {
            $($field: f64,)*
            axis: Over,
        }

        impl Default for $Name {
            fn default() -> $Name {
                $Name { $($field: $default,)* axis: Over::from(0) }
            }
        }

        #[allow(clippy::needless_update)] // One has no other arguments.
        impl $Name {
            /// With Keras's default arguments.
            pub fn new() -> $Name {
                $Name::default()
            }

            $(
                $(#[$about])*
                #[must_use]
                pub fn $field(self, $field: f64) -> $Name {
                    $Name { $field, ..self }
                }
            )*

            /// The axis or axes that norms are taken along: 0 for the kernel of a dense layer (the weights that go
            /// to one unit), `[0, 1, 2]` for that of a convolution of pictures (those of one filter).
            #[must_use]
            pub fn axis(self, axis: impl Into<Over>) -> $Name {
                $Name { axis: axis.into(), ..self }
            }

            pub(super) fn from_config(config: &Config) -> Result<$Name> {
                let mut a = Arguments::new($class, config);
                let new = $Name {
                    $($field: a.number(stringify!($field), $default)?,)*
                    axis: Over::read(&mut a, "axis", Over::from(0))?,
                };
                a.finish()?;
                check_numbers(&[$((stringify!($field), new.$field)),*]).at(|| $class)?;
                Ok(new)
            }
        }

        impl Constraint for $Name {
            fn call(&self, weight: &Tensor) -> Result<Tensor> {
                let wanted: fn(&$Name, &Tensor) -> Result<Tensor> = $wanted;
                check_numbers(&[$((stringify!($field), self.$field)),*])
                    .and_then(|()| scaled(weight, &self.axis, |norms| wanted(self, norms)))
                    .at(|| $class)
            }

            fn class_name(&self) -> &'static str {
                $class
            }

            fn config(&self) -> Config {
                let mut config = Config::new();
                $(config.insert(stringify!($field).to_string(), self.$field.into());)*
                config.insert("axis".to_string(), self.axis.write());
                config
            }
        }
    )*};
}

norms! {
    /// Shortens weights to a norm of at most `max_value`, 2 by default, along axis 0.
    ///
    /// # Errors
    /// `call` fails where there is no such axis or the number is not finite.
    ///
    /// ```
    /// use rhyton_nn::constraints::{Constraint, MaxNorm};
    /// use rhyton_tensor::Tensor;
    /// let w = MaxNorm::new().call(&Tensor::from([[3.0f32, 0.1], [4.0, 0.0]])).unwrap();
    /// let w = w.to_vec::<f32>().unwrap();
    /// assert!((w[0] - 1.2).abs() < 1e-5 && (w[2] - 1.6).abs() < 1e-5 && (w[1] - 0.1).abs() < 1e-5);
    /// ```
    MaxNorm "MaxNorm" {
        /// The largest norm.
        max_value = 2.0;
    } |c, norms| ops::clip(norms, 0.0, c.max_value);
    /// Scales weights to norm 1 along axis 0.
    ///
    /// # Errors
    /// `call` fails where there is no such axis.
    UnitNorm "UnitNorm" {} |_, norms| like(norms, 1.0);
    /// Brings the norm of weights, along axis 0, into `[min_value, max_value]`, by default `[0, 1]`; all the way with
    /// `rate` 1 (the default), part of the way with less.
    ///
    /// # Errors
    /// `call` fails where there is no such axis or a number is not finite.
    MinMaxNorm "MinMaxNorm" {
        /// The smallest norm.
        min_value = 0.0;
        /// The largest norm.
        max_value = 1.0;
        /// How far norms go towards the allowed ones at once.
        rate = 1.0;
    } |c, norms| {
        let allowed = ops::clip(norms, c.min_value, c.max_value)?;
        ops::add(&times(&allowed, c.rate)?, &times(norms, 1.0 - c.rate)?)
    };
}
