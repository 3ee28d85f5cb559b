//! `DepthwiseConv1D`, `DepthwiseConv2D`: filters of each channel's own.

use super::convolution;
use super::parts::*;

macro_rules! depthwise {
    ($(#[$doc:meta])* $Layer:ident $class:literal $axes:literal) => {
        convolution! { $(#[$doc])* $Layer $class $axes Depthwise }
        weight_setters!($Layer.core.kernel: depthwise_initializer depthwise_regularizer depthwise_constraint);

        impl $Layer {
            /// A layer with windows of this size: one number for all axes, or one for each.
            pub fn new(kernel_size: impl Into<Sizes>) -> $Layer {
                let core = Core::new(Kind::Depthwise, $axes, 0, kernel_size.into());
                $Layer { core, options: LayerOptions::default() }
            }

            /// How many filters each channel has; 1 by default.
            #[must_use]
            pub fn depth_multiplier(mut self, depth_multiplier: usize) -> $Layer {
                self.core.depth_multiplier = depth_multiplier;
                self
            }
        }
    };
}

depthwise! {
    /// Convolution of sequences in which every channel has filters of its own.
    ///
    /// - Shapes: `(batch, steps, channels)` becomes `(batch, new steps, channels · depth_multiplier)`, the results of one
    ///   channel next to each other; steps as with [`Conv1D`](super::Conv1D). Weights: `kernel`
    ///   `(window, channels, depth_multiplier)`, `bias` `(channels · depth_multiplier,)`.
    /// - Defaults: one filter a channel, strides and dilation rate 1, padding `"valid"`, the layout of
    ///   [`image_data_format`](crate::config::image_data_format), no activation, with a bias. Masks are dropped.
    /// - Errors: sizes of 0; an input of another rank, or shorter than a window.
    ///
    /// ```
    /// use rhyton_nn::layers::DepthwiseConv1D;
    /// use rhyton_tensor::Tensor;
    /// let x = Tensor::from([[[1.0f32, 10.0], [2.0, 20.0], [3.0, 30.0]]]);
    /// let y = DepthwiseConv1D::new(2).depthwise_initializer("ones").call(&x)?;
    /// assert_eq!(y.to_vec::<f32>()?, [3.0, 30.0, 5.0, 50.0]);
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    ///
    /// Source: `keras/src/layers/convolutional/depthwise_conv1d.py`.
    DepthwiseConv1D "DepthwiseConv1D" 1
}

depthwise! {
    /// Convolution of images in which every channel has filters of its own.
    ///
    /// - Shapes: `(batch, rows, columns, channels)` becomes `(batch, new rows, new columns, channels · depth_multiplier)`,
    ///   the results of one channel next to each other. Weights: `kernel`
    ///   `(window rows, window columns, channels, depth_multiplier)`, `bias` `(channels · depth_multiplier,)`.
    /// - Defaults and errors are those of [`DepthwiseConv1D`]. Masks are dropped.
    ///
    /// ```
    /// use rhyton_nn::layers::DepthwiseConv2D;
    /// use rhyton_tensor::{DType, ops};
    /// let y = DepthwiseConv2D::new(3).depth_multiplier(2).call(&ops::ones([1, 8, 8, 3], DType::F32)?)?;
    /// assert_eq!(y.shape(), [1, 6, 6, 6]);
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    ///
    /// Source: Howard et al., "MobileNets: efficient convolutional neural networks for mobile vision applications", 2017;
    /// `keras/src/layers/convolutional/depthwise_conv2d.py`.
    DepthwiseConv2D "DepthwiseConv2D" 2
}
