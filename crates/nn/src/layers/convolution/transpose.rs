//! `Conv1DTranspose`, `Conv2DTranspose`, `Conv3DTranspose`: convolutions the other way.

use super::convolution;
use super::parts::*;

macro_rules! transposed {
    ($(#[$doc:meta])* $Layer:ident $class:literal $axes:literal) => {
        convolution! { $(#[$doc])* $Layer $class $axes Transposed }
        weight_setters!($Layer.core.kernel: kernel_initializer kernel_regularizer kernel_constraint);

        impl $Layer {
            /// A layer with this many filters over windows of this size: one number for all axes, or one for each.
            pub fn new(filters: usize, kernel_size: impl Into<Sizes>) -> $Layer {
                let core = Core::new(Kind::Transposed, $axes, filters, kernel_size.into());
                $Layer { core, options: LayerOptions::default() }
            }

            /// What is added to the size of the result, less than the strides; by default as much as makes it the size of
            /// an input that a convolution turns into this one's input.
            #[must_use]
            pub fn output_padding(mut self, output_padding: impl Into<Sizes>) -> $Layer {
                self.core.output_padding = Some(output_padding.into());
                self
            }
        }
    };
}

transposed! {
    /// Convolution of sequences the other way: each step is spread over a window of the result.
    ///
    /// - Shapes: `(batch, steps, channels)` becomes `(batch, new steps, filters)`; with `span = (window - 1) · dilation + 1`
    ///   there are `(steps - 1) · stride + max(span, stride)` new steps with padding `"valid"`, `steps · stride` with
    ///   `"same"`; with output padding `p` `(steps - 1) · stride + span + p` and `(steps - 1) · stride + span % 2 + p`.
    ///   Weights: `kernel` `(window, filters, channels)`, `bias` `(filters,)`.
    /// - Defaults: strides and dilation rate 1, padding `"valid"`, the layout of
    ///   [`image_data_format`](crate::config::image_data_format), no activation, with a bias. Masks are dropped.
    /// - Errors: sizes of 0; output padding of the strides or more; strides and dilation both above 1; an input of another
    ///   rank.
    ///
    /// ```
    /// use rhyton_nn::layers::Conv1DTranspose;
    /// use rhyton_tensor::Tensor;
    /// let x = Tensor::from([[[1.0f32], [2.0]]]);
    /// let y = Conv1DTranspose::new(1, 2).strides(2).kernel_initializer("ones").call(&x)?;
    /// assert_eq!(y.to_vec::<f32>()?, [1.0, 1.0, 2.0, 2.0]);
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    ///
    /// Source: `keras/src/layers/convolutional/conv1d_transpose.py`.
    Conv1DTranspose "Conv1DTranspose" 1
}

transposed! {
    /// Convolution of images the other way: each place is spread over a window of the result.
    ///
    /// - Shapes: `(batch, rows, columns, channels)` becomes `(batch, new rows, new columns, filters)`; sizes are those of
    ///   [`Conv1DTranspose`] along each axis. Weights: `kernel` `(window rows, window columns, filters, channels)`, `bias`
    ///   `(filters,)`.
    /// - Defaults and errors are those of [`Conv1DTranspose`]. Masks are dropped.
    ///
    /// ```
    /// use rhyton_nn::layers::Conv2DTranspose;
    /// use rhyton_tensor::{DType, ops};
    /// let y = Conv2DTranspose::new(8, 3).strides(2).padding("same").call(&ops::ones([1, 7, 7, 4], DType::F32)?)?;
    /// assert_eq!(y.shape(), [1, 14, 14, 8]);
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    ///
    /// Source: Zeiler et al., "Deconvolutional networks", CVPR 2010;
    /// `keras/src/layers/convolutional/conv2d_transpose.py`.
    Conv2DTranspose "Conv2DTranspose" 2
}

transposed! {
    /// Convolution of volumes the other way: each place is spread over a window of the result.
    ///
    /// - Shapes: `(batch, depth, rows, columns, channels)` becomes `(batch, new depth, new rows, new columns, filters)`;
    ///   sizes are those of [`Conv1DTranspose`] along each axis. Weights: `kernel` `(window…, filters, channels)`, `bias`
    ///   `(filters,)`.
    /// - Defaults and errors are those of [`Conv1DTranspose`]. Masks are dropped.
    ///
    /// ```
    /// use rhyton_nn::layers::Conv3DTranspose;
    /// use rhyton_tensor::{DType, ops};
    /// let y = Conv3DTranspose::new(2, [1, 2, 3]).call(&ops::ones([1, 2, 2, 2, 1], DType::F32)?)?;
    /// assert_eq!(y.shape(), [1, 2, 3, 4, 2]);
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    ///
    /// Source: `keras/src/layers/convolutional/conv3d_transpose.py`.
    Conv3DTranspose "Conv3DTranspose" 3
}
