#![forbid(unsafe_code)]
//! Keras for Rust: define, train, inspect, save and deploy neural networks in one native program.
//!
//! ```no_run
//! use rhyton::prelude::*;
//!
//! fn main() -> Result<()> {
//!     let ((x_train, y_train), (x_test, y_test)) = datasets::mnist::load_data()?;
//!     let x_train = x_train.reshape([-1, 28 * 28])?.cast(F32) / 255.0;
//!     let x_test = x_test.reshape([-1, 28 * 28])?.cast(F32) / 255.0;
//!
//!     let mut model = Sequential::new();
//!     model.add(Dense::new(512).activation("relu"));
//!     model.add(Dense::new(10).activation("softmax"));
//!     model.compile("rmsprop", "sparse_categorical_crossentropy", ["accuracy"])?;
//!
//!     let history = model.fit(&x_train, &y_train, Fit::epochs(5).batch_size(128))?;
//!     println!("{:?}", history["accuracy"]);
//!     println!("{}", model.evaluate(&x_test, &y_test)?);
//!     model.save("mnist.keras")
//! }
//! ```
//!
//! The namespaces are Keras's: [`layers`], [`losses`], [`metrics`], [`optimizers`], [`activations`],
//! [`initializers`], [`ops`], [`random`], [`data`], [`datasets`], [`utils`], [`callbacks`], [`config`], [`mixed_precision`]. The [`prelude`] holds
//! what most programs use.

#[cfg(doctest)]
mod guide;
mod plot_history;
mod plot_model;

pub use rhyton_base::{Context, DType, Error, ErrorKind, Result, Scalar, Shape, bf16, did_you_mean, f16};
pub use rhyton_data::Dataset;
pub use rhyton_graph::{Compiled, Function, compiled};
pub use rhyton_model::{
    Batch, CloneModel, Compile, CustomSteps, Data, Evaluate, Evaluation, Fit, History, InferenceModel,
    LoadModel, Loaded, Logs, LossWeights, Losses, Metrics, Model, OnBatch, Predict, Sequential, Shuffle,
    StepCx, Summary, Validation, ValidationFreq, clone_model, convert, idle_flag, interrupt_flag, load_model,
};
pub use rhyton_nn::layers::{RematMode, RematScope};
pub use rhyton_nn::{Config, DTypePolicy, Spec, layer_config, sublayers};
pub use rhyton_ops::Meta;
pub use rhyton_runtime::{set_threads, threads};
pub use rhyton_tensor::ops::remat;
pub use rhyton_tensor::{
    Axes, Ellipsis, GradientTape, NewAxis, Sections, SeedGenerator, Source, Sources, Span, Tensor,
    TensorIndex, Unconnected, Variable, every, no_gradient, operation, set_random_seed,
};

pub mod activations {
    //! Functions between layers.
    pub use rhyton_nn::activations::*;
}

pub mod callbacks {
    //! Code that is told what happens during training.
    pub use rhyton_model::{
        BackupAndRestore, CSVLogger, Callback, CallbackCx, EarlyStopping, History, LambdaCallback,
        LearningRateScheduler, ModelCheckpoint, Params, ProgbarLogger, ReduceLROnPlateau, SwapEMAWeights,
        TensorBoard, TerminateOnNaN, Verbose,
    };
}

pub mod config {
    //! Settings of the whole process.
    pub use rhyton_nn::{
        DataFormat, dtype_policy, epsilon, floatx, image_data_format, set_dtype_policy, set_epsilon,
        set_floatx, set_image_data_format,
    };
}

pub mod data {
    //! Pipelines: elements from tensors, functions, files and folders, mapped, shuffled, in batches, made ready by threads.
    //!
    //! ```
    //! use rhyton::data::AUTOTUNE;
    //! use rhyton::prelude::*;
    //! let x = ops::ones([100, 8], F32)?;
    //! let y = ops::zeros([100], I32)?;
    //! let dataset = Dataset::from_tensor_slices((&x, &y))?.shuffle(100, 7).batch(16).prefetch(AUTOTUNE);
    //! let mut model = Sequential::from([Dense::new(2).activation("softmax")]);
    //! model.compile("adam", "sparse_categorical_crossentropy", ["accuracy"])?;
    //! model.fit(&dataset, (), Fit::epochs(2).validation_data(&dataset).verbose(0))?;
    //! assert_eq!(model.predict(&dataset)?.shape(), [100, 2]);
    //! # Ok::<(), Error>(())
    //! ```
    pub use rhyton_data::{
        AUTOTUNE, Cardinality, ColorMode, Csv, Dataset, DirectoryDataset, DirectoryOptions, Element,
        Elements, FileLabels, FromElement, IntoElement, LabelMode, Named, Sequence, Subset, TensorSpec,
        TextDataset, Texts, Timeseries, rows,
    };
}

pub mod datasets {
    //! Standard datasets, looked up in well-known folders and downloaded where there is a network.
    pub use rhyton_data::{
        Options, Sequences, WordIndex, boston_housing, california_housing, cifar10, cifar100, digits,
        fashion_mnist, imdb, lookup, mnist, registry, reuters, set_data_dir,
    };
}

pub mod features {
    //! Columns of data before training: missing values, mutual information with the target, drift.
    pub use rhyton_data::features::*;
}

pub mod constraints {
    //! What weights are made to be after each update.
    pub use rhyton_nn::constraints::*;
}

pub mod initializers {
    //! First values of weights.
    pub use rhyton_nn::initializers::*;
}

pub mod io {
    //! Plain file formats: npy, npz, HDF5, the `.keras` archive, safetensors.
    pub use rhyton_io::*;
}

pub mod layers {
    //! Layers, and the trait for your own.
    pub use rhyton_nn::layers::*;
}

pub mod losses {
    //! What training makes small.
    pub use rhyton_nn::losses::*;
}

pub mod metrics {
    //! What training is judged by.
    pub use rhyton_nn::metrics::*;
}

pub mod mixed_precision {
    //! Computing in half precision with weights in single precision.
    //!
    //! ```
    //! use rhyton::mixed_precision::{dtype_policy, set_global_policy};
    //! use rhyton::prelude::*;
    //! set_global_policy("mixed_bfloat16")?;
    //! let layer = AnyLayer::from(Dense::new(4));
    //! let y = layer.call(&ops::ones([2, 3], F32)?)?;
    //! assert_eq!((y.dtype(), layer.weights()[0].dtype()), (BF16, F32));
    //! set_global_policy("float32")?;
    //! # assert_eq!(dtype_policy().name(), "float32");
    //! # Ok::<(), Error>(())
    //! ```
    pub use rhyton_nn::optimizers::LossScaleOptimizer;
    pub use rhyton_nn::{
        DTypePolicy, DTypePolicy as Policy, dtype_policy, dtype_policy as global_policy, set_dtype_policy,
        set_dtype_policy as set_global_policy,
    };
}

pub mod numerics {
    //! Finding NaN and infinity in arrays and in the results of layers.
    pub use rhyton_nn::numerics::*;
}

pub mod ops {
    //! Operations as functions that return errors.
    pub use rhyton_tensor::ops::*;
}

pub mod optimizers {
    //! How weights change.
    pub use rhyton_nn::optimizers::*;
}

pub mod profile {
    //! Where time goes: each kernel's time, bytes and floating-point operations, and what is not in kernels.
    //!
    //! ```
    //! use rhyton::prelude::*;
    //! use rhyton::profile::Profiler;
    //! let (x, y) = (ops::ones([64, 20], F32)?, ops::zeros([64], I32)?);
    //! let mut model = Sequential::from([Dense::new(3).activation("softmax")]);
    //! model.compile("sgd", "sparse_categorical_crossentropy", ())?;
    //! let profiler = Profiler::start();
    //! model.fit(&x, &y, Fit::epochs(2).batch_size(32).verbose(0))?;
    //! let profile = profiler.report();
    //! println!("{profile}");
    //! let product = profile.kernels.iter().find(|k| k.label.operations.starts_with("matmul+add")).unwrap();
    //! assert_eq!((product.calls, product.extent.as_str()), (4, "32x20x3"));
    //! assert_eq!(product.label.scopes, ["dense"]);
    //! profile.write_trace(&mut std::fs::File::create(std::env::temp_dir().join("trace.json"))?)?;
    //! # Ok::<(), Error>(())
    //! ```
    pub use rhyton_cpu::{Caches, Limits};
    pub use rhyton_runtime::profile::{
        EVENTS, FunctionProfile, KernelProfile, Profile, Profiler, Span, SpanProfile, begin, span,
    };
    pub use rhyton_runtime::{Cost, Label};
    pub use rhyton_tensor::scope;
}

pub mod random {
    //! Random tensors from counter-based generators, and random numbers for work outside tensors.
    pub use rhyton_runtime::Generator;
    pub use rhyton_tensor::random::*;
}

pub mod regularizers {
    //! What the sizes of weights add to the loss.
    pub use rhyton_nn::regularizers::*;
}

pub mod summary {
    //! Summaries for TensorBoard, as `tf.summary` writes them.
    pub use rhyton_model::tensorboard::*;
}

pub mod utils {
    //! Helpers around data and models.
    pub use crate::plot_model::{model_to_dot, plot_model};
    pub use rhyton_data::utils::*;
    pub use rhyton_data::{
        ColorMode, DirectoryOptions, FileLabels, LabelMode, Sequence, Subset, Timeseries,
        audio_dataset_from_directory, audio_datasets_from_directory, image_dataset_from_directory,
        image_datasets_from_directory, text_dataset_from_directory, text_datasets_from_directory,
        timeseries_dataset_from_array,
    };
    pub use rhyton_model::FeatureSpaceExt;
    pub use rhyton_model::PlotModel;
    pub use rhyton_nn::layers::{Feature, FeatureSpace, clear_session};
    pub use rhyton_tensor::set_random_seed;
}

pub mod validation {
    //! Judging models: samples put aside, folds, scores over folds, what one gets without a model, and mistakes
    //! at a threshold.
    pub use rhyton_model::validation::*;
}

pub mod viz {
    //! Pictures: image grids, curves, scatter plots, to PNG and SVG, and on the terminal.
    pub use crate::plot_history::{PlotHistory, show};
    pub use rhyton_viz::*;
}

pub mod prelude {
    //! What most programs use.
    pub use crate::DType::{self, BF16, Bool, F16, F32, F64, I8, I16, I32, I64, U8, U16, U32, U64};
    pub use crate::layers::{
        Activation, Add, AnyLayer, Average, AveragePooling2D, BatchNormalization, Bidirectional, BuildCx,
        CallCx, Concatenate, Conv1D, Conv2D, Conv2DTranspose, Dense, DepthwiseConv2D, Dropout, Embedding,
        Flatten, GRU, GaussianNoise, GlobalAveragePooling1D, GlobalAveragePooling2D, GlobalMaxPooling1D,
        GlobalMaxPooling2D, Input, LSTM, Lambda, Layer, LayerNormalization, LeakyReLU, Masking, MaxPooling1D,
        MaxPooling2D, MultiHeadAttention, Multiply, Permute, RNN, ReLU, RepeatVector, Reshape,
        SeparableConv2D, SimpleRNN, Softmax, TimeDistributed, UnitNormalization, UpSampling2D, Weight,
        ZeroPadding2D, input,
    };
    pub use crate::optimizers::{Adagrad, Adam, RMSprop, SGD};
    pub use crate::viz::PlotHistory;
    pub use crate::{
        Axes, Batch, Compile, CustomSteps, Dataset, Error, Evaluate, Evaluation, Fit, GradientTape, History,
        Model, Predict, Result, Sequential, Shape, StepCx, Tensor, Variable, callbacks, compiled, datasets,
        load_model, losses, metrics, ops, set_random_seed, utils, viz,
    };
}
