//! Initializers that give every element the same number.

use super::Initializer;
use crate::arguments::{Arguments, config, finite};
use crate::spec::Config;
use rhyton_base::{Context, DType, Result};
use rhyton_tensor::{Tensor, ops};
use serde_json::Value;

/// Zeros, of any shape and type; the default for biases.
///
/// ```
/// use rhyton_nn::initializers::{Initializer, Zeros};
/// use rhyton_tensor::DType;
/// assert_eq!(Zeros.init(&[2], DType::F32).unwrap().to_vec::<f32>().unwrap(), [0.0, 0.0]);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Zeros;

/// Ones, of any shape and type.
///
/// ```
/// use rhyton_nn::initializers::{Initializer, Ones};
/// use rhyton_tensor::DType;
/// assert_eq!(Ones.init(&[2], DType::F32).unwrap().to_vec::<f32>().unwrap(), [1.0, 1.0]);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Ones;

/// One number everywhere, of any shape and type; 0 by default.
///
/// ```
/// use rhyton_nn::initializers::{Constant, Initializer};
/// use rhyton_tensor::DType;
/// assert_eq!(Constant::new(0.25).init(&[2], DType::F32).unwrap().to_vec::<f32>().unwrap(), [0.25, 0.25]);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Constant {
    value: f64,
}

impl Constant {
    /// This number everywhere.
    pub fn new(value: f64) -> Constant {
        Constant { value }
    }

    pub(super) fn from_config(config: &Config) -> Result<Constant> {
        let mut a = Arguments::new("Constant", config);
        let value = a.number("value", 0.0)?;
        a.finish()?;
        Ok(Constant { value })
    }
}

impl Zeros {
    pub(super) fn from_config(config: &Config) -> Result<Zeros> {
        Arguments::new("Zeros", config).finish().map(|()| Zeros)
    }
}

impl Ones {
    pub(super) fn from_config(config: &Config) -> Result<Ones> {
        Arguments::new("Ones", config).finish().map(|()| Ones)
    }
}

impl Initializer for Zeros {
    fn init(&self, shape: &[usize], dtype: DType) -> Result<Tensor> {
        ops::zeros(shape, dtype).at(|| "Zeros")
    }

    fn class_name(&self) -> &'static str {
        "Zeros"
    }

    fn config(&self) -> Config {
        Config::new()
    }
}

impl Initializer for Ones {
    fn init(&self, shape: &[usize], dtype: DType) -> Result<Tensor> {
        ops::ones(shape, dtype).at(|| "Ones")
    }

    fn class_name(&self) -> &'static str {
        "Ones"
    }

    fn config(&self) -> Config {
        Config::new()
    }
}

impl Initializer for Constant {
    fn init(&self, shape: &[usize], dtype: DType) -> Result<Tensor> {
        finite("value", &self.value).and_then(|()| ops::full(shape, self.value, dtype)).at(|| "Constant")
    }

    fn class_name(&self) -> &'static str {
        "Constant"
    }

    fn config(&self) -> Config {
        config([("value", Value::from(self.value))])
    }
}
