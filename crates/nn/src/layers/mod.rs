//! Layers: what a model is made of.
//!
//! | family | layers |
//! |---|---|
//! | core | [`Input`], [`Dense`], [`EinsumDense`], [`Embedding`], [`Activation`], [`Masking`], [`Lambda`], [`Identity`] |
//! | activations | [`ReLU`], [`LeakyReLU`], [`PReLU`], [`ELU`], [`Softmax`] |
//! | recurrent | [`SimpleRNN`], [`LSTM`], [`GRU`], their cells, [`RNN`], [`StackedRNNCells`], [`Bidirectional`], [`TimeDistributed`] |
//! | attention | [`Attention`], [`AdditiveAttention`], [`MultiHeadAttention`], [`GroupedQueryAttention`] |
//! | normalization | [`BatchNormalization`], [`LayerNormalization`], [`GroupNormalization`], [`RMSNormalization`], [`UnitNormalization`], [`SpectralNormalization`] |
//! | regularization | [`Dropout`], [`SpatialDropout1D`] to 3D, [`GaussianDropout`], [`GaussianNoise`], [`AlphaDropout`], [`ActivityRegularization`] |
//! | reshaping | [`Flatten`], [`Reshape`], [`Permute`], [`RepeatVector`], [`Cropping1D`] to 3D, [`UpSampling1D`] to 3D, [`ZeroPadding1D`] to 3D |
//! | merging | [`Add`], [`Subtract`], [`Multiply`], [`Average`], [`Maximum`], [`Minimum`], [`Concatenate`], [`Dot`], and functions of the same names |
//! | preprocessing | [`Normalization`], [`Rescaling`], [`Discretization`], [`CategoryEncoding`], [`Hashing`], [`HashedCrossing`], [`StringLookup`], [`IntegerLookup`], [`TextVectorization`], [`FeatureSpace`] |
//! | images | [`Resizing`], [`CenterCrop`], [`RandomFlip`], [`RandomCrop`], [`RandomTranslation`], [`RandomRotation`], [`RandomZoom`], [`RandomContrast`], [`RandomBrightness`] |
//! | convolution | [`Conv1D`] to 3D, [`Conv1DTranspose`] to 3D, [`DepthwiseConv1D`], [`DepthwiseConv2D`], [`SeparableConv1D`], [`SeparableConv2D`] |
//! | pooling | [`MaxPooling1D`], [`AveragePooling1D`], [`AdaptiveMaxPooling1D`], [`AdaptiveAveragePooling1D`], [`GlobalMaxPooling1D`], [`GlobalAveragePooling1D`], each to 3D |
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
mod activations;
mod any;
mod attention;
mod axes;
mod build;
mod convolution;
mod core;
mod dense;
mod dropout;
mod dropout_setters;
mod envelope;
mod input;
mod inputs;
mod layer;
mod merging;
mod naming;
mod normalization;
mod pooling;
mod preprocessing;
mod reader;
mod registry;
mod regularization;
mod reshaping;
mod rnn;
mod weight;
mod weight_spec;
mod windows;

/// Other names of layers.
macro_rules! other_names {
    ($($Other:ident = $Layer:ident;)*) => {
        $(
            #[doc = concat!("Another name of [`", stringify!($Layer), "`].")]
            pub type $Other = $Layer;
        )*
    };
}
use other_names;

pub use activation::Activation;
pub use activations::{ELU, LeakyReLU, PReLU, ReLU, Softmax};
pub use any::{AnyLayer, CallArguments, LayerCall, RematMode, RematScope, assign_all};
pub use attention::{
    AdditiveAttention, Attention, GroupQueryAttention, GroupedQueryAttention, MultiHeadAttention,
};
pub use axes::LayerAxes;
pub use build::{BuildCx, restoring};
pub use convolution::{
    Conv1D, Conv1DTranspose, Conv2D, Conv2DTranspose, Conv3D, Conv3DTranspose, Convolution1D,
    Convolution1DTranspose, Convolution2D, Convolution2DTranspose, Convolution3D, Convolution3DTranspose,
    DepthwiseConv1D, DepthwiseConv2D, SeparableConv1D, SeparableConv2D, SeparableConvolution1D,
    SeparableConvolution2D,
};
pub use core::{EinsumDense, Embedding, Identity, Lambda, Masking, register_function};
pub use dense::Dense;
pub use dropout::Dropout;
pub use envelope::{class_of, envelope, from_envelope, reading_shared, writing_shared};
pub use input::{Input, input};
pub use inputs::{CallArgument, LayerInputs};
pub use layer::{CallCx, Extras, Layer, LayerOptions, LossSink, SublayerField, exactly, only};
pub use merging::{
    Add, Average, Concatenate, Dot, DotAxes, Maximum, Minimum, Multiply, Subtract, add, average, concatenate,
    dot, maximum, minimum, multiply, subtract,
};
pub use naming::{auto_name, clear_session, snake_case};
pub use normalization::{
    BatchNormalization, GroupNormalization, LayerNormalization, RMSNormalization, SpectralNormalization,
    UnitNormalization,
};
pub use pooling::{
    AdaptiveAveragePooling1D, AdaptiveAveragePooling2D, AdaptiveAveragePooling3D, AdaptiveMaxPooling1D,
    AdaptiveMaxPooling2D, AdaptiveMaxPooling3D, AveragePooling1D, AveragePooling2D, AveragePooling3D,
    AvgPool1D, AvgPool2D, AvgPool3D, GlobalAveragePooling1D, GlobalAveragePooling2D, GlobalAveragePooling3D,
    GlobalAvgPool1D, GlobalAvgPool2D, GlobalAvgPool3D, GlobalMaxPool1D, GlobalMaxPool2D, GlobalMaxPool3D,
    GlobalMaxPooling1D, GlobalMaxPooling2D, GlobalMaxPooling3D, MaxPool1D, MaxPool2D, MaxPool3D,
    MaxPooling1D, MaxPooling2D, MaxPooling3D,
};
pub use preprocessing::{
    CategoryEncoding, CenterCrop, Column, Discretization, Factor, Feature, FeatureSpace, HashedCrossing,
    Hashing, IntegerLookup, Ngrams, Normalization, PerChannel, RandomBrightness, RandomContrast, RandomCrop,
    RandomFlip, RandomRotation, RandomTranslation, RandomZoom, Rescaling, Resizing, StringLookup, Strings,
    TextVectorization,
};
pub use reader::{ConfigReader, parse_shape};
pub use registry::{from_config, is_built_in, register_layer, registered_layers};
pub use regularization::{
    ActivityRegularization, AlphaDropout, GaussianDropout, GaussianNoise, SpatialDropout1D, SpatialDropout2D,
    SpatialDropout3D,
};
pub use reshaping::{
    Cropping1D, Cropping2D, Cropping3D, Flatten, Margins, Permute, RepeatVector, Reshape, UpSampling1D,
    UpSampling2D, UpSampling3D, ZeroPadding1D, ZeroPadding2D, ZeroPadding3D,
};
pub use rnn::{
    Bidirectional, GRU, GRUCell, LSTM, LSTMCell, MergeMode, RNN, SimpleRNN, SimpleRNNCell, StackedRNNCells,
    TimeDistributed,
};
pub use weight::Weight;
