//! Whether a metric is better when it is larger or smaller.

/// Which way a metric gets better.
///
/// ```
/// use rhyton_nn::metrics::{AUC, Direction, MeanSquaredError, Metric, TruePositives};
/// assert_eq!(AUC::new().direction(), Some(Direction::Up));
/// assert_eq!(MeanSquaredError::new().direction(), Some(Direction::Down));
/// assert_eq!(TruePositives::new().direction(), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Larger is better.
    Up,
    /// Smaller is better.
    Down,
}

/// What Keras says of its own metrics; counts and plain means have no direction.
///
/// Source: `_direction` in `keras/src/metrics`.
pub(super) fn of_class(class_name: &str) -> Option<Direction> {
    match class_name {
        "Accuracy"
        | "BinaryAccuracy"
        | "CategoricalAccuracy"
        | "SparseCategoricalAccuracy"
        | "TopKCategoricalAccuracy"
        | "SparseTopKCategoricalAccuracy"
        | "Precision"
        | "Recall"
        | "SensitivityAtSpecificity"
        | "SpecificityAtSensitivity"
        | "PrecisionAtRecall"
        | "RecallAtPrecision"
        | "AUC"
        | "PearsonCorrelation"
        | "ConcordanceCorrelation"
        | "FBetaScore"
        | "F1Score"
        | "IoU"
        | "BinaryIoU"
        | "MeanIoU"
        | "OneHotIoU"
        | "OneHotMeanIoU"
        | "CosineSimilarity"
        | "R2Score" => Some(Direction::Up),
        "Hinge"
        | "SquaredHinge"
        | "CategoricalHinge"
        | "BinaryCrossentropy"
        | "CategoricalCrossentropy"
        | "SparseCategoricalCrossentropy"
        | "KLDivergence"
        | "Poisson"
        | "MeanSquaredError"
        | "RootMeanSquaredError"
        | "MeanAbsoluteError"
        | "MeanAbsolutePercentageError"
        | "MeanSquaredLogarithmicError"
        | "LogCoshError" => Some(Direction::Down),
        _ => None,
    }
}
