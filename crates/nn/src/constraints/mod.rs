//! Constraints: what weights are made to be after each update.

use crate::arguments::unknown_name;
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
        from_config(name, &Config::new())
    }
}

/// The constraint of a class or name with the arguments of a file.
///
/// # Errors
/// Where nobody knows the name.
pub fn from_config(class_name: &str, _config: &Config) -> Result<Arc<dyn Constraint>> {
    Err(unknown_name("constraint", class_name, &[], &[]))
}

impl<C: Constraint + 'static> From<C> for Spec<dyn Constraint> {
    fn from(object: C) -> Self {
        Spec::Object(Arc::new(object))
    }
}
