#![forbid(unsafe_code)]
//! Layers, losses, metrics, optimizers, initializers and activations: the parts that models are put together from.
//!
//! Everything is written in tensor operations over variables, so that the same code runs at once, on a tape and
//! inside compiled functions. Names, defaults, formulas and the arguments in files are Keras's. What can be named
//! can be given as an object too ([`Spec`]). This crate does not know the training loop.

pub mod activations;
pub mod arguments;
pub mod config;
pub mod constraints;
pub mod initializers;
pub mod layers;
pub mod losses;
pub mod metrics;
mod numbers;
pub mod numerics;
pub mod optimizers;
mod pattern;
mod per_output;
pub mod policy;
pub mod regularizers;
mod spec;

pub use config::{
    DataFormat, epsilon, floatx, image_data_format, set_epsilon, set_floatx, set_image_data_format,
};
pub use pattern::pattern_fits;
pub use per_output::{LossWeights, Losses, Metrics, PerOutput};
pub use policy::{DTypePolicy, dtype_policy, set_dtype_policy};
#[doc(hidden)] // For config!.
pub use serde_json::json as __json;
pub use spec::{Config, Named, Spec};
