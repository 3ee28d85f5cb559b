//! Initializers that draw from a given distribution.
//!
//! With a seed, an initializer gives the same values each time it is asked; without one it draws a new seed each
//! time from the process's own stream (see [`rhyton_tensor::set_random_seed`]). Keras draws that seed once per
//! object, so that one unseeded object shared by two layers gives both the same values; here they differ.

use super::Initializer;
use crate::arguments::{Arguments, config};
use crate::spec::Config;
use rhyton_base::{Context, DType, Error, Result};
use rhyton_tensor::{SeedGenerator, Tensor};
use serde_json::Value;

/// Draws from the normal distribution: mean 0 and standard deviation 0.05 by default.
///
/// # Errors
/// `init` fails for types that are not floats and where the standard deviation is negative or not finite.
///
/// ```
/// use rhyton_nn::initializers::{Initializer, RandomNormal};
/// use rhyton_tensor::DType;
/// let normal = RandomNormal::new().stddev(0.1).seed(7);
/// let (a, b) = (normal.init(&[3, 2], DType::F32).unwrap(), normal.init(&[3, 2], DType::F32).unwrap());
/// assert!(a.bit_equal(&b));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct RandomNormal {
    mean: f64,
    stddev: f64,
    seed: Option<u32>,
}

/// Draws from the normal distribution, anew where a number is more than two standard deviations from the mean: mean
/// 0 and standard deviation (before that) 0.05 by default.
///
/// # Errors
/// As [`RandomNormal`].
///
/// ```
/// use rhyton_nn::initializers::{Initializer, TruncatedNormal};
/// use rhyton_tensor::DType;
/// let x = TruncatedNormal::new().stddev(0.5).init(&[100], DType::F32).unwrap();
/// assert!(x.abs().max(..).unwrap().item::<f32>().unwrap() <= 1.0);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct TruncatedNormal {
    mean: f64,
    stddev: f64,
    seed: Option<u32>,
}

/// Draws evenly from `minval..maxval`: -0.05 to 0.05 by default.
///
/// # Errors
/// `init` fails for types that are not floats and where the bounds are not finite or `minval > maxval`.
///
/// ```
/// use rhyton_nn::initializers::{Initializer, RandomUniform};
/// use rhyton_tensor::DType;
/// let x = RandomUniform::new().minval(2.0).maxval(3.0).init(&[100], DType::F32).unwrap();
/// assert!(x.min(..).unwrap().item::<f32>().unwrap() >= 2.0);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct RandomUniform {
    minval: f64,
    maxval: f64,
    seed: Option<u32>,
}

/// An error unless the type is a float.
pub(super) fn check_float(dtype: DType) -> Result<()> {
    if dtype.is_float() { Ok(()) } else { Err(Error::dtype(format!("expected a float type, got {dtype}"))) }
}

fn check_normal(mean: f64, stddev: f64) -> Result<()> {
    if mean.is_finite() && stddev.is_finite() && stddev >= 0.0 {
        return Ok(());
    }
    Err(Error::value(format!("expected a finite mean and stddev >= 0, got mean {mean} and stddev {stddev}")))
}

macro_rules! normal {
    ($($Name:ident $class:literal $draw:ident;)*) => {$(
        impl Default for $Name {
            fn default() -> $Name {
                $Name { mean: 0.0, stddev: 0.05, seed: None }
            }
        }

        impl $Name {
            /// Mean 0, standard deviation 0.05.
            pub fn new() -> $Name {
                $Name::default()
            }

            /// The mean.
            #[must_use]
            pub fn mean(self, mean: f64) -> $Name {
                $Name { mean, ..self }
            }

            /// The standard deviation.
            #[must_use]
            pub fn stddev(self, stddev: f64) -> $Name {
                $Name { stddev, ..self }
            }

            /// The seed.
            #[must_use]
            pub fn seed(self, seed: u32) -> $Name {
                $Name { seed: Some(seed), ..self }
            }

            pub(super) fn from_config(config: &Config) -> Result<$Name> {
                let mut a = Arguments::new($class, config);
                let new = $Name {
                    mean: a.number("mean", 0.0)?,
                    stddev: a.number("stddev", 0.05)?,
                    seed: a.seed()?,
                };
                a.finish()?;
                check_normal(new.mean, new.stddev).at(|| $class)?;
                Ok(new)
            }
        }

        impl Initializer for $Name {
            fn init(&self, shape: &[usize], dtype: DType) -> Result<Tensor> {
                check_float(dtype).at(|| $class)?;
                check_normal(self.mean, self.stddev).at(|| $class)?;
                SeedGenerator::new(self.seed).$draw(shape, self.mean, self.stddev, dtype).at(|| $class)
            }

            fn class_name(&self) -> &'static str {
                $class
            }

            fn config(&self) -> Config {
                config([
                    ("mean", Value::from(self.mean)),
                    ("stddev", Value::from(self.stddev)),
                    ("seed", Value::from(self.seed)),
                ])
            }
        }
    )*};
}

normal! {
    RandomNormal "RandomNormal" normal;
    TruncatedNormal "TruncatedNormal" truncated_normal;
}

impl Default for RandomUniform {
    fn default() -> RandomUniform {
        RandomUniform { minval: -0.05, maxval: 0.05, seed: None }
    }
}

impl RandomUniform {
    /// From -0.05 to 0.05.
    pub fn new() -> RandomUniform {
        RandomUniform::default()
    }

    /// The lower bound.
    #[must_use]
    pub fn minval(self, minval: f64) -> RandomUniform {
        RandomUniform { minval, ..self }
    }

    /// The upper bound.
    #[must_use]
    pub fn maxval(self, maxval: f64) -> RandomUniform {
        RandomUniform { maxval, ..self }
    }

    /// The seed.
    #[must_use]
    pub fn seed(self, seed: u32) -> RandomUniform {
        RandomUniform { seed: Some(seed), ..self }
    }

    fn check(&self) -> Result<()> {
        let (low, high) = (self.minval, self.maxval);
        if low.is_finite() && high.is_finite() && low <= high {
            return Ok(());
        }
        Err(Error::value(format!("expected finite minval <= maxval, got minval {low} and maxval {high}")))
    }

    pub(super) fn from_config(config: &Config) -> Result<RandomUniform> {
        let mut a = Arguments::new("RandomUniform", config);
        let new = RandomUniform {
            minval: a.number("minval", -0.05)?,
            maxval: a.number("maxval", 0.05)?,
            seed: a.seed()?,
        };
        a.finish()?;
        new.check().at(|| "RandomUniform")?;
        Ok(new)
    }
}

impl Initializer for RandomUniform {
    fn init(&self, shape: &[usize], dtype: DType) -> Result<Tensor> {
        check_float(dtype).at(|| "RandomUniform")?;
        self.check().at(|| "RandomUniform")?;
        let draw = SeedGenerator::new(self.seed).uniform(shape, self.minval, self.maxval, dtype);
        draw.at(|| "RandomUniform")
    }

    fn class_name(&self) -> &'static str {
        "RandomUniform"
    }

    fn config(&self) -> Config {
        config([
            ("minval", Value::from(self.minval)),
            ("maxval", Value::from(self.maxval)),
            ("seed", Value::from(self.seed)),
        ])
    }
}
