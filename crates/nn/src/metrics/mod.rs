//! Metrics: what is reported while training.

use crate::arguments::unknown_name;
use crate::spec::{Config, Named, Spec};
use rhyton_base::Result;
use rhyton_tensor::{Tensor, Variable};
use std::fmt::Debug;
use std::sync::Arc;

/// A number that is gathered over batches.
pub trait Metric: Debug + Send + Sync {
    /// The name under which it appears in logs: `"accuracy"`.
    fn name(&self) -> String;

    /// Takes a batch into account.
    ///
    /// # Errors
    /// Where shapes do not fit or arguments are outside their range.
    fn update_state(&self, y_true: &Tensor, y_pred: &Tensor, sample_weight: Option<&Tensor>) -> Result<()>;

    /// The number for all batches since the last reset.
    ///
    /// # Errors
    /// Where there is no memory.
    fn result(&self) -> Result<Tensor>;

    /// Forgets all batches.
    ///
    /// # Errors
    /// Where there is no memory.
    fn reset_state(&self) -> Result<()>;

    /// The state.
    fn variables(&self) -> Vec<Variable>;

    /// Keras's name of the class: `"BinaryAccuracy"`.
    fn class_name(&self) -> &'static str;

    /// The arguments, as they are written to files.
    fn config(&self) -> Config;
}

impl Named for dyn Metric {
    fn by_name(name: &str) -> Result<Arc<dyn Metric>> {
        get(name)
    }
}

impl<M: Metric + 'static> From<M> for Spec<dyn Metric> {
    fn from(object: M) -> Self {
        Spec::Object(Arc::new(object))
    }
}

mod accuracy;
mod crossentropy;
mod errors;
mod mean;
mod wrapper;

pub use accuracy::{
    Accuracy, BinaryAccuracy, CategoricalAccuracy, SparseCategoricalAccuracy, accuracy, accuracy_for,
    binary_accuracy, categorical_accuracy, sparse_categorical_accuracy,
};
pub use crossentropy::{BinaryCrossentropy, CategoricalCrossentropy, SparseCategoricalCrossentropy};
pub use errors::{MeanAbsoluteError, MeanSquaredError, RootMeanSquaredError};
pub use mean::{Mean, Sum};
pub use wrapper::{MeanMetric, MeanMetricWrapper};

/// The names that [`get`] takes.
pub const NAMES: &[&str] = &[
    "accuracy",
    "binary_accuracy",
    "categorical_accuracy",
    "sparse_categorical_accuracy",
    "binary_crossentropy",
    "categorical_crossentropy",
    "sparse_categorical_crossentropy",
    "mean_squared_error",
    "mean_absolute_error",
    "root_mean_squared_error",
    "mse",
    "mae",
    "bce",
    "MSE",
    "MAE",
    "BCE",
    "mean",
    "sum",
    "Accuracy",
    "BinaryAccuracy",
    "CategoricalAccuracy",
    "SparseCategoricalAccuracy",
    "BinaryCrossentropy",
    "CategoricalCrossentropy",
    "SparseCategoricalCrossentropy",
    "MeanSquaredError",
    "MeanAbsoluteError",
    "RootMeanSquaredError",
    "Mean",
    "Sum",
];

/// Keras's metrics that this version does not have, without upper case and `_`.
#[rustfmt::skip]
const PLANNED: &[&str] = &[
    "auc", "precision", "recall", "binaryiou", "categoricalhinge", "concordancecorrelation", "cosinesimilarity",
    "f1score", "fbetascore", "falsenegatives", "falsepositives", "hinge", "iou", "kldivergence", "logcosherror",
    "mape", "msle", "meanabsolutepercentageerror", "meaniou", "meansquaredlogarithmicerror", "onehotiou",
    "onehotmeaniou", "pearsoncorrelation", "poisson", "precisionatrecall", "r2score", "recallatprecision",
    "sensitivityatspecificity", "sparsetopkcategoricalaccuracy", "specificityatsensitivity", "squaredhinge",
    "topkcategoricalaccuracy", "truenegatives", "truepositives",
];

/// The metric of a name, with default arguments: class names, their snake case, and short forms. Case matters.
///
/// The metric bears the name as it was given, which is what logs show: `"mae"` stays `mae`. `"accuracy"` is here the
/// share of equal numbers; what it stands for in `compile` depends on shapes: see [`accuracy_for`].
///
/// # Errors
/// Where nobody knows the name.
///
/// ```
/// use rhyton_nn::metrics;
/// assert_eq!(metrics::get("mae").unwrap().name(), "mae");
/// let e = metrics::get("binary_acuracy").unwrap_err();
/// assert_eq!(e.to_string(), "unknown metric \"binary_acuracy\"; did you mean \"binary_accuracy\"?");
/// ```
pub fn get(name: &str) -> Result<Arc<dyn Metric>> {
    from_config(name, &crate::arguments::config([("name", name.into())]))
}

/// The metric of a class or name with the arguments of a file.
///
/// # Errors
/// Where nobody knows the name, or an argument is unknown or outside its range.
///
/// ```
/// use rhyton_nn::metrics::{self, BinaryAccuracy, Metric};
/// let written = BinaryAccuracy::new().threshold(0.4).name("hits").config();
/// let read = metrics::from_config("BinaryAccuracy", &written).unwrap();
/// assert_eq!(read.config(), written);
/// ```
pub fn from_config(class_name: &str, config: &Config) -> Result<Arc<dyn Metric>> {
    Ok(match class_name {
        "Accuracy" | "accuracy" => Arc::new(Accuracy::from_config(config)?),
        "BinaryAccuracy" | "binary_accuracy" => Arc::new(BinaryAccuracy::from_config(config)?),
        "CategoricalAccuracy" | "categorical_accuracy" => Arc::new(CategoricalAccuracy::from_config(config)?),
        "SparseCategoricalAccuracy" | "sparse_categorical_accuracy" => {
            Arc::new(SparseCategoricalAccuracy::from_config(config)?)
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
        "MeanSquaredError" | "mean_squared_error" | "mse" | "MSE" => {
            Arc::new(MeanSquaredError::from_config(config)?)
        }
        "MeanAbsoluteError" | "mean_absolute_error" | "mae" | "MAE" => {
            Arc::new(MeanAbsoluteError::from_config(config)?)
        }
        "RootMeanSquaredError" | "root_mean_squared_error" => {
            Arc::new(RootMeanSquaredError::from_config(config)?)
        }
        "MeanMetricWrapper" => Arc::new(MeanMetricWrapper::from_config(config)?),
        "Mean" | "mean" => Arc::new(Mean::from_config(config)?),
        "Sum" | "sum" => Arc::new(Sum::from_config(config)?),
        other => {
            let plain = other.replace('_', "");
            let planned: Vec<&str> =
                PLANNED.iter().filter(|p| p.eq_ignore_ascii_case(&plain)).map(|_| other).collect();
            return Err(unknown_name("metric", other, NAMES, &planned));
        }
    })
}
