//! Layers whose weights slide over sequences, images and volumes.

mod conv;
mod core;
mod depthwise;
mod separable;
mod transpose;

pub use conv::{Conv1D, Conv2D, Conv3D};
pub use depthwise::{DepthwiseConv1D, DepthwiseConv2D};
pub use separable::{SeparableConv1D, SeparableConv2D};
pub use transpose::{Conv1DTranspose, Conv2DTranspose, Conv3DTranspose};

use super::other_names;

other_names! {
    Convolution1D = Conv1D;
    Convolution2D = Conv2D;
    Convolution3D = Conv3D;
    Convolution1DTranspose = Conv1DTranspose;
    Convolution2DTranspose = Conv2DTranspose;
    Convolution3DTranspose = Conv3DTranspose;
    SeparableConvolution1D = SeparableConv1D;
    SeparableConvolution2D = SeparableConv2D;
}

/// A convolution of a kind with so many spatial axes: its type, what all of them can be told, its file form.
macro_rules! convolution {
    ($(#[$doc:meta])* $Layer:ident $class:literal $axes:literal $kind:ident) => {
        $(#[$doc])*
        pub struct $Layer {
            core: Core,
            pub(in crate::layers) options: LayerOptions,
        }

        common_options!($Layer);
        weight_setters!($Layer.core.bias: bias_initializer bias_regularizer bias_constraint);

        impl $Layer {
            /// Steps from one window to the next: one number for all axes, or one for each.
            #[must_use]
            pub fn strides(mut self, strides: impl Into<Sizes>) -> $Layer {
                self.core.strides = strides.into();
                self
            }

            /// What is added around the input: `"valid"`, nothing, or `"same"`.
            #[must_use]
            pub fn padding(mut self, padding: impl Into<String>) -> $Layer {
                self.core.padding = padding.into();
                self
            }

            /// Where the channels stand.
            #[must_use]
            pub fn data_format(mut self, data_format: DataFormat) -> $Layer {
                self.core.data_format = data_format;
                self
            }

            /// Steps from one place of a window to the next: one number for all axes, or one for each.
            #[must_use]
            pub fn dilation_rate(mut self, dilation_rate: impl Into<Sizes>) -> $Layer {
                self.core.dilation_rate = dilation_rate.into();
                self
            }

            /// The function applied to the results: a name such as `"relu"` or an activation.
            #[must_use]
            pub fn activation(mut self, activation: impl Into<Spec<Activation>>) -> $Layer {
                self.core.activation = activation.into();
                self
            }

            /// Whether a bias is added; true by default.
            #[must_use]
            pub fn use_bias(mut self, use_bias: bool) -> $Layer {
                self.core.use_bias = use_bias;
                self
            }

            pub(in crate::layers) fn from_reader(r: &mut ConfigReader) -> Result<$Layer> {
                let core = Core::read(Kind::$kind, $axes, r)?;
                Ok($Layer { core, options: LayerOptions::default() })
            }
        }

        impl Layer for $Layer {
            basics!($class);

            fn config(&self) -> Config {
                self.core.config(&self.options)
            }

            fn build(&mut self, cx: &mut BuildCx, input: &Shape) -> Result<()> {
                self.core.build(cx, input)
            }

            fn call(&self, x: &Tensor, _cx: &CallCx) -> Result<Tensor> {
                self.core.call(x)
            }

            fn output_shape(&self, input: &Shape) -> Result<Shape> {
                self.core.output_shape(input)
            }
        }
    };
}
use convolution;

/// What the macro's uses name.
mod parts {
    pub(super) use super::core::{Core, Kind};
    pub(super) use crate::activations::Activation;
    pub(super) use crate::config::DataFormat;
    pub(super) use crate::layers::build::BuildCx;
    pub(super) use crate::layers::layer::{CallCx, Layer, LayerOptions, basics, common_options};
    pub(super) use crate::layers::reader::ConfigReader;
    pub(super) use crate::layers::weight_spec::weight_setters;
    pub(super) use crate::spec::{Config, Spec};
    pub(super) use rhyton_base::{Result, Shape};
    pub(super) use rhyton_tensor::Tensor;
    pub(super) use rhyton_tensor::ops::Sizes;
}
