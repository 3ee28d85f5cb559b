//! Regularizers: what the sizes of weights add to the loss.

use crate::arguments::unknown_name;
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
        from_config(name, &Config::new())
    }
}

/// The regularizer of a class or name with the arguments of a file.
///
/// # Errors
/// Where nobody knows the name.
pub fn from_config(class_name: &str, _config: &Config) -> Result<Arc<dyn Regularizer>> {
    Err(unknown_name("regularizer", class_name, &[], &[]))
}

impl<R: Regularizer + 'static> From<R> for Spec<dyn Regularizer> {
    fn from(object: R) -> Self {
        Spec::Object(Arc::new(object))
    }
}
