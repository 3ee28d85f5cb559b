//! `SeparableConv1D`, `SeparableConv2D`: windows first, channels afterwards.

use super::convolution;
use super::parts::*;

macro_rules! separable {
    ($(#[$doc:meta])* $Layer:ident $class:literal $axes:literal) => {
        convolution! { $(#[$doc])* $Layer $class $axes Separable }
        weight_setters!($Layer.core.kernel: depthwise_initializer depthwise_regularizer depthwise_constraint);
        weight_setters!($Layer.core.pointwise: pointwise_initializer pointwise_regularizer pointwise_constraint);

        impl $Layer {
            /// A layer with this many filters over windows of this size: one number for all axes, or one for each.
            pub fn new(filters: usize, kernel_size: impl Into<Sizes>) -> $Layer {
                let core = Core::new(Kind::Separable, $axes, filters, kernel_size.into());
                $Layer { core, options: LayerOptions::default() }
            }

            /// How many filters over windows each channel has; 1 by default.
            #[must_use]
            pub fn depth_multiplier(mut self, depth_multiplier: usize) -> $Layer {
                self.core.depth_multiplier = depth_multiplier;
                self
            }
        }
    };
}

separable! {
    /// Convolution of sequences in two steps: filters of each channel's own over windows, then a mix of their results at
    /// each place.
    ///
    /// - Shapes: `(batch, steps, channels)` becomes `(batch, new steps, filters)`; steps as with
    ///   [`Conv1D`](super::Conv1D). Weights: `depthwise_kernel` `(window, channels, depth_multiplier)`, `pointwise_kernel`
    ///   `(1, channels · depth_multiplier, filters)`, `bias` `(filters,)`.
    /// - Defaults: one filter a channel, strides and dilation rate 1, padding `"valid"`, the layout of
    ///   [`image_data_format`](crate::config::image_data_format), no activation, with a bias. Masks are dropped.
    /// - Errors: sizes of 0; an input of another rank, or shorter than a window.
    ///
    /// ```
    /// use rhyton_nn::layers::SeparableConv1D;
    /// use rhyton_tensor::{DType, ops};
    /// let y = SeparableConv1D::new(4, 3).call(&ops::ones([2, 10, 12], DType::F32)?)?;
    /// assert_eq!(y.shape(), [2, 8, 4]);
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    ///
    /// Source: `keras/src/layers/convolutional/separable_conv1d.py`.
    SeparableConv1D "SeparableConv1D" 1
}

separable! {
    /// Convolution of images in two steps: filters of each channel's own over windows, then a mix of their results at each
    /// place.
    ///
    /// - Shapes: `(batch, rows, columns, channels)` becomes `(batch, new rows, new columns, filters)`. Weights:
    ///   `depthwise_kernel` `(window rows, window columns, channels, depth_multiplier)`, `pointwise_kernel`
    ///   `(1, 1, channels · depth_multiplier, filters)`, `bias` `(filters,)`.
    /// - Defaults and errors are those of [`SeparableConv1D`]. Masks are dropped.
    ///
    /// ```
    /// use rhyton_nn::layers::SeparableConv2D;
    /// use rhyton_tensor::{DType, ops};
    /// let y = SeparableConv2D::new(64, 3).padding("same").call(&ops::ones([1, 8, 8, 32], DType::F32)?)?;
    /// assert_eq!(y.shape(), [1, 8, 8, 64]);
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    ///
    /// Source: Chollet, "Xception: deep learning with depthwise separable convolutions", CVPR 2017;
    /// `keras/src/layers/convolutional/separable_conv2d.py`.
    SeparableConv2D "SeparableConv2D" 2
}
