//! Which crossentropy and which accuracy the shapes of targets and predictions call for.

use super::{BinaryCrossentropy, CategoricalCrossentropy, Loss, SparseCategoricalCrossentropy};
use rhyton_base::{Dim, Shape};
use std::sync::Arc;

/// What predictions stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// One number: yes or no.
    Binary,
    /// A number per class, and targets that are class numbers.
    Sparse,
    /// A number per class, and targets that have one too.
    Categorical,
}

impl Kind {
    /// Source: `is_binary_or_sparse_categorical` in Keras's trainers/compile_utils.py.
    pub(crate) fn of(y_true: &Shape, y_pred: &Shape) -> Kind {
        let last = |s: &Shape| s.dims().last().copied().unwrap_or(Dim::Known(1));
        if last(y_pred) == Dim::Known(1) {
            Kind::Binary
        } else if y_true.rank() < y_pred.rank() || last(y_true) == Dim::Known(1) {
            Kind::Sparse
        } else {
            Kind::Categorical
        }
    }
}

/// The loss that `"crossentropy"` and `"ce"` stand for with targets and predictions of these shapes.
///
/// 1. Where the last size of the predictions is 1: [`BinaryCrossentropy`].
/// 2. Where targets have a lower rank, or a last size of 1: [`SparseCategoricalCrossentropy`].
/// 3. Else: [`CategoricalCrossentropy`].
///
/// ```
/// use rhyton_base::Shape;
/// use rhyton_nn::losses::resolve_crossentropy;
/// let loss = resolve_crossentropy(&Shape::from([None]), &Shape::from([None, Some(10)]));
/// assert_eq!(loss.class_name(), "SparseCategoricalCrossentropy");
/// ```
pub fn resolve_crossentropy(y_true: &Shape, y_pred: &Shape) -> Arc<dyn Loss> {
    match Kind::of(y_true, y_pred) {
        Kind::Binary => Arc::new(BinaryCrossentropy::new()),
        Kind::Sparse => Arc::new(SparseCategoricalCrossentropy::new()),
        Kind::Categorical => Arc::new(CategoricalCrossentropy::new()),
    }
}
