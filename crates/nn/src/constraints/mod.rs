//! Constraints: what weights are made to be after each update.

use crate::arguments::unknown;
use crate::spec::{Config, Named, Spec};
use rhyton_base::Result;
use rhyton_tensor::Tensor;
use std::fmt::Debug;
use std::sync::Arc;

/// A rule that maps a weight to the nearest allowed one.
pub trait Constraint: Debug + Send + Sync {
    /// The allowed weight.
    ///
    /// # Errors
    /// Where the rule does not apply to such a tensor.
    fn call(&self, weight: &Tensor) -> Result<Tensor>;

    /// Keras's name of the class: `"MaxNorm"`.
    fn class_name(&self) -> &'static str;

    /// The arguments, as they are written to files.
    fn config(&self) -> Config;
}

impl Named for dyn Constraint {
    fn by_name(name: &str) -> Result<Arc<dyn Constraint>> {
        get(name)
    }
}

impl<C: Constraint + 'static> From<C> for Spec<dyn Constraint> {
    fn from(object: C) -> Self {
        Spec::Object(Arc::new(object))
    }
}

mod norms;
mod sign;

pub use norms::{MaxNorm, MinMaxNorm, UnitNorm};
pub use sign::NonNeg;

/// The names that [`get`] takes.
pub const NAMES: [&str; 8] =
    ["max_norm", "non_neg", "unit_norm", "min_max_norm", "MaxNorm", "NonNeg", "UnitNorm", "MinMaxNorm"];

/// The constraint of a name, with default arguments. Case matters.
///
/// # Errors
/// Where nobody knows the name.
///
/// ```
/// use rhyton_nn::constraints;
/// assert_eq!(constraints::get("non_neg").unwrap().class_name(), "NonNeg");
/// ```
pub fn get(name: &str) -> Result<Arc<dyn Constraint>> {
    from_config(name, &Config::new())
}

/// The constraint of a class or name with the arguments of a file.
///
/// # Errors
/// Where nobody knows the name, or an argument is unknown or outside its range.
///
/// ```
/// use rhyton_nn::constraints::{self, Constraint, MaxNorm};
/// let written = MaxNorm::new().max_value(3.0).axis([0, 1]).config();
/// let read = constraints::from_config("MaxNorm", &written).unwrap();
/// assert_eq!(read.config(), written);
/// ```
pub fn from_config(class_name: &str, config: &Config) -> Result<Arc<dyn Constraint>> {
    Ok(match class_name {
        "MaxNorm" | "max_norm" => Arc::new(MaxNorm::from_config(config)?),
        "NonNeg" | "non_neg" => Arc::new(NonNeg::from_config(config)?),
        "UnitNorm" | "unit_norm" => Arc::new(UnitNorm::from_config(config)?),
        "MinMaxNorm" | "min_max_norm" => Arc::new(MinMaxNorm::from_config(config)?),
        other => return Err(unknown("constraint", other, &NAMES)),
    })
}
