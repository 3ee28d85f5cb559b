//! Training, evaluation and prediction over arrays.

mod batches;
mod check;
mod compile;
mod evaluate;
mod fit;
mod history;
mod options;
mod weights;

pub use compile::Compile;
pub use evaluate::Evaluation;
pub use history::{History, Logs};
pub use options::{Evaluate, Fit, Predict, Validation};

pub(crate) use check::adjust_rank;
pub(crate) use compile::Compiled;
