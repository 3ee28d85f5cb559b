//! Weights that are not negative.

use super::Constraint;
use crate::arguments::Arguments;
use crate::spec::Config;
use rhyton_base::{Context, Result};
use rhyton_tensor::{Tensor, ops};

/// Sets negative weights to 0.
///
/// ```
/// use rhyton_nn::constraints::{Constraint, NonNeg};
/// use rhyton_tensor::Tensor;
/// assert_eq!(NonNeg.call(&Tensor::from([1.0f32, -2.0])).unwrap().to_vec::<f32>().unwrap(), [1.0, 0.0]);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct NonNeg;

impl NonNeg {
    pub(super) fn from_config(config: &Config) -> Result<NonNeg> {
        Arguments::new("NonNeg", config).finish().map(|()| NonNeg)
    }
}

impl Constraint for NonNeg {
    fn call(&self, weight: &Tensor) -> Result<Tensor> {
        ops::maximum(weight, &ops::zeros([], weight.dtype())?).at(|| "NonNeg")
    }

    fn class_name(&self) -> &'static str {
        "NonNeg"
    }

    fn config(&self) -> Config {
        Config::new()
    }
}
