//! Regularizers: what the sizes of weights add to the loss.

use crate::arguments::unknown;
use crate::spec::{Config, Named, Spec};
use rhyton_base::Result;
use rhyton_tensor::Tensor;
use std::fmt::Debug;
use std::sync::Arc;

/// A rule that makes a scalar of a weight (or of a layer's results), which training makes small.
pub trait Regularizer: Debug + Send + Sync {
    /// The scalar.
    ///
    /// # Errors
    /// Where the rule does not apply to such a tensor.
    fn call(&self, x: &Tensor) -> Result<Tensor>;

    /// Keras's name of the class: `"L2"`.
    fn class_name(&self) -> &'static str;

    /// The arguments, as they are written to files.
    fn config(&self) -> Config;
}

impl Named for dyn Regularizer {
    fn by_name(name: &str) -> Result<Arc<dyn Regularizer>> {
        get(name)
    }
}

impl<R: Regularizer + 'static> From<R> for Spec<dyn Regularizer> {
    fn from(object: R) -> Self {
        Spec::Object(Arc::new(object))
    }
}

mod norms;
mod orthogonal;

pub use norms::{L1, L1L2, L2};
pub use orthogonal::{Along, OrthogonalRegularizer};

/// The names that [`get`] takes.
pub const NAMES: [&str; 8] =
    ["l1", "l2", "l1l2", "orthogonal_regularizer", "L1", "L2", "L1L2", "OrthogonalRegularizer"];

/// The regularizer of a name, with default arguments. Case matters.
///
/// # Errors
/// Where nobody knows the name.
///
/// ```
/// use rhyton_nn::regularizers;
/// assert_eq!(regularizers::get("l2").unwrap().class_name(), "L2");
/// assert!(regularizers::get("l1_l2").is_err()); // As in Keras, the name has no underscore.
/// ```
pub fn get(name: &str) -> Result<Arc<dyn Regularizer>> {
    from_config(name, &Config::new())
}

/// The regularizer of a class or name with the arguments of a file.
///
/// # Errors
/// Where nobody knows the name, or an argument is unknown or outside its range.
///
/// ```
/// use rhyton_nn::regularizers::{self, L1L2, Regularizer};
/// let written = L1L2::new(0.5, 0.25).config();
/// let read = regularizers::from_config("L1L2", &written).unwrap();
/// assert_eq!(read.config(), written);
/// ```
pub fn from_config(class_name: &str, config: &Config) -> Result<Arc<dyn Regularizer>> {
    Ok(match class_name {
        "L1" | "l1" => Arc::new(L1::from_config(config)?),
        "L2" | "l2" => Arc::new(L2::from_config(config)?),
        "L1L2" | "l1l2" => Arc::new(L1L2::from_config(config)?),
        "OrthogonalRegularizer" | "orthogonal_regularizer" => {
            Arc::new(OrthogonalRegularizer::from_config(config)?)
        }
        other => return Err(unknown("regularizer", other, &NAMES)),
    })
}
