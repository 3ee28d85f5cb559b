//! Training, evaluation and prediction over arrays and datasets.

mod batches;
mod check;
mod compile;
mod evaluate;
mod feed;
mod fit;
mod gradients;
mod history;
mod measures;
mod numerics;
mod options;
mod order;
mod predict;
mod samples;
mod steps;
mod weights;

pub use compile::Compile;
pub use evaluate::Evaluation;
pub use history::{History, Logs};
pub use options::{Evaluate, Fit, OnBatch, Predict, Shuffle, Validation, ValidationFreq};
pub use steps::{Batch, CustomSteps, StepCx};

pub(crate) use compile::Compiled;
pub(crate) use measures::Measures;
pub(crate) use order::Place;
pub(crate) use steps::Parts;
