//! Losses: what training makes small.

use crate::arguments::unknown_name;
use crate::spec::{Config, Named, Spec};
use rhyton_base::Result;
use rhyton_tensor::Tensor;
use std::fmt::Debug;
use std::sync::Arc;

/// A measure of how far predictions are from what they should be.
pub trait Loss: Debug + Send + Sync {
    /// The name under which it appears: `"mean_squared_error"`.
    fn name(&self) -> &str;

    /// One value per sample (and position), not yet weighted or reduced; the mean over the last axis has been taken.
    ///
    /// # Errors
    /// Where shapes do not fit or arguments are outside their range.
    fn call(&self, y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor>;

    /// Which of the values of [`Loss::call`] count: other than zero where they do; `None` where all do.
    ///
    /// # Errors
    /// As [`Loss::call`].
    fn mask(&self, y_true: &Tensor, y_pred: &Tensor) -> Result<Option<Tensor>> {
        let _ = (y_true, y_pred);
        Ok(None)
    }

    /// How the values become one number.
    fn reduction(&self) -> Reduction;

    /// Keras's name of the class: `"MeanSquaredError"`.
    fn class_name(&self) -> &'static str;

    /// The arguments, as they are written to files.
    fn config(&self) -> Config;
}

impl Named for dyn Loss {
    fn by_name(name: &str) -> Result<Arc<dyn Loss>> {
        get(name)
    }
}

impl<L: Loss + 'static> From<L> for Spec<dyn Loss> {
    fn from(object: L) -> Self {
        Spec::Object(Arc::new(object))
    }
}

mod by_shape;
mod crossentropy;
mod errors;
mod function;
mod reduction;
mod sparse;

pub(crate) use by_shape::Kind;
pub use by_shape::resolve_crossentropy;
pub use crossentropy::{
    BinaryCrossentropy, CategoricalCrossentropy, binary_crossentropy, binary_crossentropy_with,
    categorical_crossentropy, categorical_crossentropy_with,
};
pub use errors::{MeanAbsoluteError, MeanSquaredError, mean_absolute_error, mean_squared_error};
pub use function::FnLoss;
pub use reduction::{Reduction, compute, compute_masked};
pub use sparse::{
    SparseCategoricalCrossentropy, sparse_categorical_crossentropy, sparse_categorical_crossentropy_with,
};

/// The names that [`get`] takes.
pub const NAMES: [&str; 16] = [
    "mean_squared_error",
    "mean_absolute_error",
    "binary_crossentropy",
    "categorical_crossentropy",
    "sparse_categorical_crossentropy",
    "mse",
    "mae",
    "bce",
    "MSE",
    "MAE",
    "BCE",
    "MeanSquaredError",
    "MeanAbsoluteError",
    "BinaryCrossentropy",
    "CategoricalCrossentropy",
    "SparseCategoricalCrossentropy",
];

/// Keras's losses that this version does not have.
const PLANNED: &[&str] = &[
    "hinge",
    "squared_hinge",
    "SquaredHinge",
    "categorical_hinge",
    "CategoricalHinge",
    "huber",
    "log_cosh",
    "LogCosh",
    "kl_divergence",
    "KLDivergence",
    "kld",
    "poisson",
    "cosine_similarity",
    "CosineSimilarity",
    "dice",
    "tversky",
    "circle",
    "ctc",
    "mape",
    "msle",
    "mean_absolute_percentage_error",
    "MeanAbsolutePercentageError",
    "mean_squared_logarithmic_error",
    "MeanSquaredLogarithmicError",
    "binary_focal_crossentropy",
    "BinaryFocalCrossentropy",
    "categorical_focal_crossentropy",
    "CategoricalFocalCrossentropy",
    "categorical_generalized_cross_entropy",
    "CategoricalGeneralizedCrossEntropy",
    "Hinge",
    "Huber",
    "Poisson",
    "Dice",
    "Tversky",
    "Circle",
    "CTC",
    "MAPE",
    "MSLE",
    "KLD",
];

/// The loss of a name, with default arguments: names of functions, of classes, and short forms. Case matters.
///
/// `"crossentropy"` and `"ce"` depend on shapes: see [`resolve_crossentropy`].
///
/// # Errors
/// Where nobody knows the name.
///
/// ```
/// use rhyton_nn::losses;
/// assert_eq!(losses::get("mse").unwrap().name(), "mean_squared_error");
/// let e = losses::get("mean_square_error").unwrap_err();
/// assert_eq!(e.to_string(), "unknown loss \"mean_square_error\"; did you mean \"mean_squared_error\"?");
/// ```
pub fn get(name: &str) -> Result<Arc<dyn Loss>> {
    from_config(name, &Config::new())
}

/// The loss of a class or name with the arguments of a file.
///
/// # Errors
/// Where nobody knows the name, or an argument is unknown or outside its range.
///
/// ```
/// use rhyton_nn::losses::{self, BinaryCrossentropy, Loss};
/// let written = BinaryCrossentropy::new().from_logits(true).label_smoothing(0.1).config();
/// let read = losses::from_config("BinaryCrossentropy", &written).unwrap();
/// assert_eq!(read.config(), written);
/// ```
pub fn from_config(class_name: &str, config: &Config) -> Result<Arc<dyn Loss>> {
    Ok(match class_name {
        "MeanSquaredError" | "mean_squared_error" | "mse" | "MSE" => {
            Arc::new(MeanSquaredError::from_config(config)?)
        }
        "MeanAbsoluteError" | "mean_absolute_error" | "mae" | "MAE" => {
            Arc::new(MeanAbsoluteError::from_config(config)?)
        }
        "BinaryCrossentropy" | "binary_crossentropy" | "bce" | "BCE" => {
            Arc::new(BinaryCrossentropy::from_config(config)?)
        }
        "CategoricalCrossentropy" | "categorical_crossentropy" => {
            Arc::new(CategoricalCrossentropy::from_config(config)?)
        }
        "SparseCategoricalCrossentropy" | "sparse_categorical_crossentropy" => {
            Arc::new(SparseCategoricalCrossentropy::from_config(config)?)
        }
        other => return Err(unknown_name("loss", other, &NAMES, PLANNED)),
    })
}
