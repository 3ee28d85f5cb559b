//! Layers: what a model is made of.
//!
//! | layer | computes | weights |
//! |---|---|---|
//! | [`Input`] | the same tensor; says which shape a model expects | none |
//! | [`Dense`] | `activation(x · kernel + bias)` | `kernel`, `bias` |
//! | [`Activation`] | an activation function | none |
//! | [`Flatten`] | one axis a sample | none |
//! | [`Dropout`] | random zeros while training | none |
//!
//! A layer is described by a plain struct (`Dense::new(64).activation("relu")`) and lives in an [`AnyLayer`]:
//! a cheap handle that has a name, creates the weights at the first input it meets, and can be shared.
//! Whatever takes a layer takes `impl Into<AnyLayer>`, so the struct can be given as it is.
//!
//! Two spellings of one call:
//!
//! ```
//! use rhyton_nn::layers::{AnyLayer, Dense};
//! use rhyton_tensor::Tensor;
//! let x = Tensor::from([[1.0f32, 2.0, 3.0]]);
//!
//! // Used once: the description is given up.
//! let y = Dense::new(4).activation("relu").call(&x)?;
//! assert_eq!(y.shape(), [1, 4]);
//!
//! // Used again: a handle keeps the weights.
//! let dense = AnyLayer::from(Dense::new(4));
//! assert!(dense.call(&x)?.bit_equal(&dense.call(&x)?));
//! # Ok::<(), rhyton_base::Error>(())
//! ```
//!
//! `call` takes a description by value, so that using one twice, which would make two sets of weights, does
//! not compile.
//!
//! A layer of one's own is a struct with a few methods; see [`Layer`].

mod activation;
mod any;
mod build;
mod dense;
mod dropout;
mod flatten;
mod input;
mod inputs;
mod layer;
mod naming;
mod reader;
mod registry;

pub use activation::Activation;
pub use any::{AnyLayer, LayerCall, assign_all};
pub use build::{BuildCx, Restore};
pub use dense::Dense;
pub use dropout::Dropout;
pub use flatten::Flatten;
pub use input::{Input, input};
pub use inputs::LayerInputs;
pub use layer::{CallCx, Layer, LayerOptions, LossSink, only};
pub use naming::{auto_name, clear_session, snake_case};
pub use reader::{ConfigReader, parse_shape};
pub use registry::{from_config, register_layer, registered_layers};
