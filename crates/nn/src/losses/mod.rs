//! Losses: what training makes small.

use crate::arguments::unknown;
use crate::spec::{Config, Named, Spec};
use rhyton_base::{DType, Result};
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

    /// The type in which it is computed; `None` for that of the predictions.
    fn dtype(&self) -> Option<DType> {
        None
    }

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

mod alignment;
mod by_shape;
mod common;
mod crossentropy;
mod errors;
mod focal;
mod function;
mod hinge;
mod overlap;
mod probabilistic;
mod reduction;
mod robust;
mod similarity;
mod sparse;

pub use alignment::*;
pub(crate) use by_shape::Kind;
pub use by_shape::resolve_crossentropy;
pub use crossentropy::{
    BinaryCrossentropy, CategoricalCrossentropy, binary_crossentropy, binary_crossentropy_with,
    categorical_crossentropy, categorical_crossentropy_with,
};
pub use errors::*;
pub use focal::*;
pub use function::FnLoss;
pub use hinge::*;
pub use overlap::*;
pub use probabilistic::*;
pub use reduction::{Reduction, compute, compute_masked};
pub use robust::*;
pub use similarity::*;
pub(crate) use sparse::class_places;
pub use sparse::{
    SparseCategoricalCrossentropy, sparse_categorical_crossentropy, sparse_categorical_crossentropy_with,
};

/// The losses with the names that stand for them.
macro_rules! named_losses {
    ($($Name:ident: $($name:literal)*;)*) => {
        /// The names that [`get`] takes.
        pub const NAMES: &[&str] = &[$($($name,)*)*];

        fn make(name: &str, config: &Config) -> Result<Arc<dyn Loss>> {
            Ok(match name {
                $($($name)|* => Arc::new($Name::from_config(config)?),)*
                other => return Err(unknown("loss", other, NAMES)),
            })
        }
    };
}

named_losses! {
    BinaryCrossentropy: "binary_crossentropy" "BinaryCrossentropy" "bce" "BCE";
    BinaryFocalCrossentropy: "binary_focal_crossentropy" "BinaryFocalCrossentropy";
    CTC: "ctc" "CTC";
    CategoricalCrossentropy: "categorical_crossentropy" "CategoricalCrossentropy";
    CategoricalFocalCrossentropy: "categorical_focal_crossentropy" "CategoricalFocalCrossentropy";
    CategoricalGeneralizedCrossEntropy: "categorical_generalized_cross_entropy" "CategoricalGeneralizedCrossEntropy";
    CategoricalHinge: "categorical_hinge" "CategoricalHinge";
    Circle: "circle" "Circle";
    CosineSimilarity: "cosine_similarity" "CosineSimilarity";
    Dice: "dice" "Dice";
    Hinge: "hinge" "Hinge";
    Huber: "huber" "Huber";
    KLDivergence: "kl_divergence" "KLDivergence" "kld" "KLD";
    LogCosh: "log_cosh" "LogCosh";
    MeanAbsoluteError: "mean_absolute_error" "MeanAbsoluteError" "mae" "MAE";
    MeanAbsolutePercentageError: "mean_absolute_percentage_error" "MeanAbsolutePercentageError" "mape" "MAPE";
    MeanSquaredError: "mean_squared_error" "MeanSquaredError" "mse" "MSE";
    MeanSquaredLogarithmicError: "mean_squared_logarithmic_error" "MeanSquaredLogarithmicError" "msle" "MSLE";
    Poisson: "poisson" "Poisson";
    SparseCategoricalCrossentropy: "sparse_categorical_crossentropy" "SparseCategoricalCrossentropy";
    SquaredHinge: "squared_hinge" "SquaredHinge";
    Tversky: "tversky" "Tversky";
}

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
    make(class_name, config)
}
