//! Metrics: what is reported while training.

use crate::arguments::unknown;
use crate::spec::{Config, Named, Spec};
use rhyton_base::{Result, Shape};
use rhyton_tensor::{Tensor, Variable};
use std::fmt::Debug;
use std::sync::Arc;

/// A number that is gathered over batches.
///
/// ```
/// use rhyton_base::Result;
/// use rhyton_nn::metrics::Metric;
/// use rhyton_tensor::{Tensor, Variable};
///
/// /// The largest error of all.
/// #[derive(Debug)]
/// struct LargestError(Variable);
///
/// impl Metric for LargestError {
///     fn name(&self) -> String {
///         "largest_error".to_string()
///     }
///     fn class_name(&self) -> &'static str {
///         "LargestError"
///     }
///     fn variables(&self) -> Vec<Variable> {
///         vec![self.0.clone()]
///     }
///     fn update_state(&self, y_true: &Tensor, y_pred: &Tensor, _: Option<&Tensor>) -> Result<()> {
///         self.0.assign(&(y_true - y_pred).abs().max(..)?.maximum(&self.0.value())?)
///     }
///     fn result(&self) -> Result<Tensor> {
///         Ok(self.0.value())
///     }
/// }
///
/// let largest = LargestError(Variable::from(0.0f32));
/// largest.update_state(&Tensor::from([1.0f32, 2.0]), &Tensor::from([1.5f32, 2.0]), None)?;
/// assert_eq!(largest.result()?.item::<f32>()?, 0.5);
/// largest.reset_state()?;
/// # Ok::<(), rhyton_base::Error>(())
/// ```
pub trait Metric: Debug + Send + Sync {
    /// The name under which it appears in logs: `"accuracy"`.
    fn name(&self) -> String;

    /// Makes the state that depends on the number of outputs, for targets and predictions of these shapes; a batch that
    /// comes first does the same.
    ///
    /// # Errors
    /// Where shapes do not fit or arguments are outside their range.
    fn build(&self, y_true: &Shape, y_pred: &Shape) -> Result<()> {
        let _ = (y_true, y_pred);
        Ok(())
    }

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

    /// Forgets all batches: by default the state becomes 0.
    ///
    /// # Errors
    /// Where there is no memory.
    fn reset_state(&self) -> Result<()> {
        self.variables().iter().try_for_each(mean::reset)
    }

    /// The state.
    fn variables(&self) -> Vec<Variable>;

    /// Keras's name of the class: `"BinaryAccuracy"`.
    fn class_name(&self) -> &'static str;

    /// The arguments, as they are written to files: by default the name.
    fn config(&self) -> Config {
        crate::arguments::config([("name", self.name().into())])
    }

    /// Whether larger or smaller is better, where that can be said. Callbacks that watch a metric go by it.
    fn direction(&self) -> Option<Direction> {
        direction::of_class(self.class_name())
    }
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
mod at_value;
mod auc;
mod confusion;
mod crossentropy;
mod define;
mod direction;
mod errors;
mod f_score;
mod iou;
mod lazy;
mod mean;
mod r2;
mod similarity;
mod top_k;
mod wrapper;

pub use accuracy::{
    Accuracy, BinaryAccuracy, CategoricalAccuracy, SparseCategoricalAccuracy, accuracy, accuracy_for,
    binary_accuracy, categorical_accuracy, sparse_categorical_accuracy,
};
pub use at_value::{
    PrecisionAtRecall, RecallAtPrecision, SensitivityAtSpecificity, SpecificityAtSensitivity,
};
pub use auc::{AUC, Curve, Summation};
pub use confusion::{At, FalseNegatives, FalsePositives, Precision, Recall, TrueNegatives, TruePositives};
pub use crossentropy::{BinaryCrossentropy, CategoricalCrossentropy, SparseCategoricalCrossentropy};
pub use direction::Direction;
pub use errors::*;
pub use f_score::{Average, F1Score, FBetaScore};
pub use iou::{BinaryIoU, IoU, MeanIoU, OneHotIoU, OneHotMeanIoU};
pub use mean::{Mean, Sum};
pub use r2::{ClassAggregation, R2Score};
pub use similarity::*;
pub use top_k::*;
pub use wrapper::{MeanMetric, MeanMetricWrapper};

// What Keras has among its metrics too.
pub use crate::losses::{
    binary_crossentropy, binary_focal_crossentropy, categorical_crossentropy, categorical_focal_crossentropy,
    categorical_hinge, hinge, huber, kl_divergence, log_cosh, mean_absolute_error,
    mean_absolute_percentage_error, mean_squared_error, mean_squared_logarithmic_error, poisson,
    sparse_categorical_crossentropy, squared_hinge,
};

/// The metrics with the names that stand for them.
macro_rules! named_metrics {
    ($($Name:ident: $($name:literal)*;)*) => {
        /// The names that [`get`] and [`from_config`] take. Some metrics have arguments without defaults; for these,
        /// [`get`] is an error.
        pub const NAMES: &[&str] = &[$($($name,)*)*];

        fn make(name: &str, config: &Config) -> Result<Arc<dyn Metric>> {
            Ok(match name {
                $($($name)|* => Arc::new($Name::from_config(config)?),)*
                other => return Err(unknown("metric", other, NAMES)),
            })
        }
    };
}

named_metrics! {
    Accuracy: "accuracy" "Accuracy";
    BinaryAccuracy: "binary_accuracy" "BinaryAccuracy";
    CategoricalAccuracy: "categorical_accuracy" "CategoricalAccuracy";
    SparseCategoricalAccuracy: "sparse_categorical_accuracy" "SparseCategoricalAccuracy";
    TopKCategoricalAccuracy: "top_k_categorical_accuracy" "TopKCategoricalAccuracy";
    SparseTopKCategoricalAccuracy: "sparse_top_k_categorical_accuracy" "SparseTopKCategoricalAccuracy";
    BinaryCrossentropy: "binary_crossentropy" "BinaryCrossentropy" "bce" "BCE";
    CategoricalCrossentropy: "categorical_crossentropy" "CategoricalCrossentropy";
    SparseCategoricalCrossentropy: "sparse_categorical_crossentropy" "SparseCategoricalCrossentropy";
    KLDivergence: "kl_divergence" "KLDivergence";
    Poisson: "poisson" "Poisson";
    MeanSquaredError: "mean_squared_error" "MeanSquaredError" "mse" "MSE";
    RootMeanSquaredError: "root_mean_squared_error" "RootMeanSquaredError";
    MeanAbsoluteError: "mean_absolute_error" "MeanAbsoluteError" "mae" "MAE";
    MeanAbsolutePercentageError: "mean_absolute_percentage_error" "MeanAbsolutePercentageError" "mape" "MAPE";
    MeanSquaredLogarithmicError: "mean_squared_logarithmic_error" "MeanSquaredLogarithmicError" "msle" "MSLE";
    CosineSimilarity: "cosine_similarity" "CosineSimilarity";
    LogCoshError: "log_cosh_error" "LogCoshError";
    R2Score: "r2_score" "R2Score";
    Hinge: "hinge" "Hinge";
    SquaredHinge: "squared_hinge" "SquaredHinge";
    CategoricalHinge: "categorical_hinge" "CategoricalHinge";
    PearsonCorrelation: "pearson_correlation" "PearsonCorrelation";
    ConcordanceCorrelation: "concordance_correlation" "ConcordanceCorrelation";
    AUC: "auc" "AUC";
    Precision: "precision" "Precision";
    Recall: "recall" "Recall";
    TruePositives: "true_positives" "TruePositives";
    FalsePositives: "false_positives" "FalsePositives";
    TrueNegatives: "true_negatives" "TrueNegatives";
    FalseNegatives: "false_negatives" "FalseNegatives";
    SensitivityAtSpecificity: "sensitivity_at_specificity" "SensitivityAtSpecificity";
    SpecificityAtSensitivity: "specificity_at_sensitivity" "SpecificityAtSensitivity";
    PrecisionAtRecall: "precision_at_recall" "PrecisionAtRecall";
    RecallAtPrecision: "recall_at_precision" "RecallAtPrecision";
    FBetaScore: "f_beta_score" "FBetaScore";
    F1Score: "f1_score" "F1Score";
    IoU: "io_u" "IoU";
    BinaryIoU: "binary_io_u" "BinaryIoU";
    MeanIoU: "mean_io_u" "MeanIoU";
    OneHotIoU: "one_hot_io_u" "OneHotIoU";
    OneHotMeanIoU: "one_hot_mean_io_u" "OneHotMeanIoU";
    MeanMetricWrapper: "mean_metric_wrapper" "MeanMetricWrapper";
    Mean: "mean" "Mean";
    Sum: "sum" "Sum";
}

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
    make(class_name, config)
}
