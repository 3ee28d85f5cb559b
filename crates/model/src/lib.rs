#![forbid(unsafe_code)]
//! Models: layers put together, trained, evaluated, used, saved and loaded.
//!
//! ```
//! use rhyton_model::{Fit, Sequential};
//! use rhyton_nn::layers::Dense;
//! use rhyton_tensor::Tensor;
//! let x = Tensor::from([[0.0f32, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]);
//! let y = Tensor::from([0i32, 1, 1, 0]);
//!
//! let mut model = Sequential::new();
//! model.add(Dense::new(8).activation("relu"));
//! model.add(Dense::new(2).activation("softmax"));
//! model.compile("adam", "sparse_categorical_crossentropy", ["accuracy"])?;
//! let history = model.fit(&x, &y, Fit::epochs(3).verbose(0))?;
//! assert_eq!(history["loss"].len(), 3);
//! println!("{}", model.evaluate(&x, &y)?);
//! # Ok::<(), rhyton_base::Error>(())
//! ```
//!
//! `fit`, `evaluate` and `predict` run one compiled function a batch shape, which holds the whole step:
//! forward pass, loss, gradients, optimizer and metrics. This crate knows no command line and no network; it
//! prints progress to standard output, if asked to.

mod callbacks;
mod clone;
mod data;
mod inference;
mod interrupt;
mod list;
mod model;
mod plot;
mod saving;
mod sequential;
mod step;
mod structure;
mod summary;
mod table;
pub mod tensorboard;
mod training;
pub mod validation;

pub use callbacks::{
    BackupAndRestore, CSVLogger, Callback, CallbackCx, EarlyStopping, EmbeddingsMetadata, LambdaCallback,
    LearningRateScheduler, ModelCheckpoint, Params, ProfileBatch, ProgbarLogger, ReduceLROnPlateau,
    SwapEMAWeights, TensorBoard, TerminateOnNaN, Time, UpdateFreq, Verbose, progress_bar, progress_line,
};
pub use clone::{CloneModel, clone_model};
pub use data::Data;
pub use inference::InferenceModel;
pub use interrupt::{idle_flag, interrupt_flag};
pub use list::LayerList;
pub use model::Model;
pub use plot::PlotModel;
pub use rhyton_nn::{LossWeights, Losses, Metrics};
pub use saving::{FeatureSpaceExt, LoadModel, Loaded, convert, load_model};
pub use sequential::Sequential;
pub use summary::Summary;
pub use training::{
    Batch, Compile, CustomSteps, Evaluate, Evaluation, Fit, History, Logs, OnBatch, Predict, Shuffle, StepCx,
    Validation, ValidationFreq,
};
