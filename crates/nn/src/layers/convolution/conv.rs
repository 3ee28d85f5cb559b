//! `Conv1D`, `Conv2D`, `Conv3D`: filters that look for patterns.

use super::convolution;
use super::parts::*;

macro_rules! conv {
    ($(#[$doc:meta])* $Layer:ident $class:literal $axes:literal) => {
        convolution! { $(#[$doc])* $Layer $class $axes Plain }
        weight_setters!($Layer.core.kernel: kernel_initializer kernel_regularizer kernel_constraint);

        impl $Layer {
            /// A layer with this many filters over windows of this size: one number for all axes, or one for each.
            pub fn new(filters: usize, kernel_size: impl Into<Sizes>) -> $Layer {
                let core = Core::new(Kind::Plain, $axes, filters, kernel_size.into());
                $Layer { core, options: LayerOptions::default() }
            }

            /// The parts into which channels and filters are cut; each filter sees the channels of its part. 1 by default.
            #[must_use]
            pub fn groups(mut self, groups: usize) -> $Layer {
                self.core.groups = groups;
                self
            }
        }
    };
}

conv! {
    /// Convolution of sequences: each filter's weighted sums over windows of steps.
    ///
    /// `y[n, o, f] = activation(Σ x[n, o · stride + k · dilation, c] · kernel[k, c, f] + bias[f])`
    ///
    /// - Shapes: `(batch, steps, channels)` becomes `(batch, new steps, filters)`: with padding `"valid"` as many steps
    ///   as windows fit in, `ceil(steps / stride)` with `"same"` and `"causal"`, which adds zeros in front only, so that no
    ///   result sees later steps. Weights: `kernel` `(window, channels / groups, filters)`, `bias` `(filters,)`.
    /// - Defaults: strides, dilation rate and groups 1, padding `"valid"`, the layout of
    ///   [`image_data_format`](crate::config::image_data_format), no activation, with a bias. Masks are dropped.
    /// - Errors: sizes of 0; filters or channels that are no multiple of the groups; strides and dilation both above 1;
    ///   an input of another rank, or shorter than a window.
    ///
    /// ```
    /// use rhyton_nn::layers::Conv1D;
    /// use rhyton_tensor::Tensor;
    /// let x = Tensor::from([[[1.0f32], [2.0], [3.0], [4.0]]]);
    /// let y = Conv1D::new(1, 2).kernel_initializer("ones").padding("causal").call(&x)?;
    /// assert_eq!(y.to_vec::<f32>()?, [1.0, 3.0, 5.0, 7.0]);
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    ///
    /// Source: `keras/src/layers/convolutional/conv1d.py`.
    Conv1D "Conv1D" 1
}

conv! {
    /// Convolution of images: each filter's weighted sums over windows of rows and columns.
    ///
    /// `y[n, i, j, f] = activation(Σ x[n, i · stride + k, j · stride + l, c] · kernel[k, l, c, f] + bias[f])`
    ///
    /// - Shapes: `(batch, rows, columns, channels)` becomes `(batch, new rows, new columns, filters)`: with padding
    ///   `"valid"` as many as windows fit in, `ceil(rows / stride)` with `"same"`. Weights: `kernel`
    ///   `(window rows, window columns, channels / groups, filters)`, `bias` `(filters,)`.
    /// - Defaults: strides, dilation rate and groups 1, padding `"valid"`, the layout of
    ///   [`image_data_format`](crate::config::image_data_format), no activation, with a bias. Masks are dropped.
    /// - Errors: sizes of 0; filters or channels that are no multiple of the groups; strides and dilation both above 1;
    ///   an input of another rank, or smaller than a window.
    ///
    /// ```
    /// use rhyton_nn::layers::Conv2D;
    /// use rhyton_tensor::{DType, ops};
    /// let images = ops::ones([4, 28, 28, 1], DType::F32)?;
    /// let y = Conv2D::new(32, 3).activation("relu").call(&images)?;
    /// assert_eq!(y.shape(), [4, 26, 26, 32]);
    /// let y = Conv2D::new(8, [5, 3]).strides(2).padding("same").call(&images)?;
    /// assert_eq!(y.shape(), [4, 14, 14, 8]);
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    ///
    /// Source: LeCun et al., "Gradient-based learning applied to document recognition", Proceedings of the IEEE 86, 1998;
    /// `keras/src/layers/convolutional/conv2d.py`.
    Conv2D "Conv2D" 2
}

conv! {
    /// Convolution of volumes: each filter's weighted sums over windows of planes, rows and columns.
    ///
    /// - Shapes: `(batch, depth, rows, columns, channels)` becomes `(batch, new depth, new rows, new columns, filters)`,
    ///   as with [`Conv2D`]. Weights: `kernel` `(window…, channels / groups, filters)`, `bias` `(filters,)`.
    /// - Defaults and errors are those of [`Conv2D`]. Masks are dropped.
    ///
    /// ```
    /// use rhyton_nn::layers::Conv3D;
    /// use rhyton_tensor::{DType, ops};
    /// let y = Conv3D::new(4, [1, 2, 3]).call(&ops::ones([1, 3, 4, 5, 2], DType::F32)?)?;
    /// assert_eq!(y.shape(), [1, 3, 3, 3, 4]);
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    ///
    /// Source: `keras/src/layers/convolutional/conv3d.py`.
    Conv3D "Conv3D" 3
}
