//! Mean and maximum over all steps, places or planes.

use crate::arguments::config;
use crate::config::{DataFormat, image_data_format};
use crate::layers::layer::{CallCx, Layer, LayerOptions, basics, common_options, expect_rank, setters};
use crate::layers::reader::ConfigReader;
use crate::layers::reshaping::{axes_of, first_spatial};
use crate::numbers::like;
use crate::spec::Config;
use rhyton_base::{DType, Dim, Result, Shape};
use rhyton_tensor::{Axes, Tensor, ops};
use serde_json::Value;

fn average(x: &Tensor, axes: Axes) -> Result<Tensor> {
    ops::mean(x, axes)
}

fn largest(x: &Tensor, axes: Axes) -> Result<Tensor> {
    ops::max(x, axes)
}

/// The mean over the steps that count.
fn masked_average(x: &Tensor, mask: &Tensor, format: DataFormat, axes: Axes) -> Result<Tensor> {
    let place = if format == DataFormat::ChannelsLast { 2 } else { 1 };
    let mask = ops::cast(&ops::expand_dims(mask, place)?, DType::Bool)?;
    let sum = ops::sum(&ops::r#where(&mask, x, &like(x, 0.0)?)?, axes.clone())?;
    ops::divide(&sum, &ops::sum(&ops::cast(&mask, x.dtype())?, axes)?)
}

macro_rules! global_pooling {
    ($(#[$doc:meta])* $Layer:ident $class:literal $N:literal $of:ident $($masked:ident)?) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $Layer {
            data_format: DataFormat,
            keepdims: bool,
            pub(in crate::layers) options: LayerOptions,
        }

        common_options!($Layer);
        setters! {
            $Layer;
            /// Where the channels stand.
            set data_format: DataFormat;
            /// Whether the axes stay, with size 1.
            set keepdims: bool;
        }

        impl Default for $Layer {
            fn default() -> $Layer {
                $Layer::new()
            }
        }

        impl $Layer {
            /// The layer.
            pub fn new() -> $Layer {
                let (data_format, options) = (image_data_format(), LayerOptions::default());
                $Layer { data_format, keepdims: false, options }
            }

            pub(in crate::layers) fn from_reader(r: &mut ConfigReader) -> Result<$Layer> {
                let layer = $Layer::new();
                let data_format = r.data_format("data_format")?.unwrap_or(layer.data_format);
                Ok(layer.data_format(data_format).keepdims(r.bool("keepdims")?.unwrap_or(false)))
            }
        }

        impl Layer for $Layer {
            basics!($class);

            fn config(&self) -> Config {
                let data_format = Value::from(self.data_format.to_string());
                config([("data_format", data_format), ("keepdims", Value::from(self.keepdims))])
            }

            fn call(&self, x: &Tensor, _cx: &CallCx) -> Result<Tensor> {
                let first = first_spatial(self.data_format) as isize;
                let places: Vec<isize> = (first..first + $N).collect();
                let axes = Axes::from(&places[..]);
                let axes = if self.keepdims { axes.keepdims() } else { axes };
                $(if let Some(mask) = x.mask() {
                    return $masked(x, mask, self.data_format, axes);
                })?
                $of(x, axes)
            }

            fn output_shape(&self, input: &Shape) -> Result<Shape> {
                expect_rank(input, $N + 2, axes_of($N, self.data_format))?;
                let spatial = first_spatial(self.data_format)..first_spatial(self.data_format) + $N;
                let size = |(i, d): (usize, &Dim)| match (spatial.contains(&i), self.keepdims) {
                    (false, _) => Some(*d),
                    (true, true) => Some(Dim::Known(1)),
                    (true, false) => None,
                };
                Ok(input.dims().iter().enumerate().filter_map(size).collect())
            }

            fn needs_build(&self) -> bool {
                false
            }
        }
    };
}

global_pooling! {
    /// The mean of each feature over all steps, or over those that a mask lets count.
    ///
    /// - Shape: `(batch, steps, features)` becomes `(batch, features)`, or `(batch, 1, features)` with `keepdims`.
    /// - Defaults: without `keepdims`, the layout of [`image_data_format`]. The mask ends here.
    /// - Errors: an input of another rank.
    ///
    /// ```
    /// use rhyton_nn::layers::GlobalAveragePooling1D;
    /// use rhyton_tensor::Tensor;
    /// let x = Tensor::from([[[1.0f32], [3.0], [100.0]]]);
    /// let masked = x.with_mask(Some(Tensor::from([[true, true, false]])));
    /// assert_eq!(GlobalAveragePooling1D::new().call(&masked)?.to_vec::<f32>()?, [2.0]);
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    ///
    /// Source: `keras/src/layers/pooling/global_average_pooling1d.py`.
    GlobalAveragePooling1D "GlobalAveragePooling1D" 1 average masked_average
}

global_pooling! {
    /// The mean of each channel over all rows and columns.
    ///
    /// - Shape: `(batch, rows, columns, channels)` becomes `(batch, channels)`, or `(batch, 1, 1, channels)` with
    ///   `keepdims`.
    /// - Defaults: without `keepdims`, the layout of [`image_data_format`]. Masks are dropped.
    /// - Errors: an input of another rank.
    ///
    /// Source: `keras/src/layers/pooling/global_average_pooling2d.py`.
    GlobalAveragePooling2D "GlobalAveragePooling2D" 2 average
}

global_pooling! {
    /// The mean of each channel over all places of volumes.
    ///
    /// - Shape: `(batch, depth, rows, columns, channels)` becomes `(batch, channels)`, or with axes of size 1 between with
    ///   `keepdims`.
    /// - Defaults: without `keepdims`, the layout of [`image_data_format`]. Masks are dropped.
    /// - Errors: an input of another rank.
    ///
    /// Source: `keras/src/layers/pooling/global_average_pooling3d.py`.
    GlobalAveragePooling3D "GlobalAveragePooling3D" 3 average
}

global_pooling! {
    /// The largest number of each feature over all steps.
    ///
    /// - Shape: `(batch, steps, features)` becomes `(batch, features)`, or `(batch, 1, features)` with `keepdims`.
    /// - Defaults: without `keepdims`, the layout of [`image_data_format`]. Masks are dropped: masked steps count.
    /// - Errors: an input of another rank.
    ///
    /// ```
    /// use rhyton_nn::layers::GlobalMaxPooling1D;
    /// use rhyton_tensor::Tensor;
    /// let y = GlobalMaxPooling1D::new().call(&Tensor::from([[[1.0f32, 5.0], [3.0, 2.0]]]))?;
    /// assert_eq!(y.to_vec::<f32>()?, [3.0, 5.0]);
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    ///
    /// Source: `keras/src/layers/pooling/global_max_pooling1d.py`.
    GlobalMaxPooling1D "GlobalMaxPooling1D" 1 largest
}

global_pooling! {
    /// The largest number of each channel over all rows and columns.
    ///
    /// - Shape: `(batch, rows, columns, channels)` becomes `(batch, channels)`, or `(batch, 1, 1, channels)` with
    ///   `keepdims`.
    /// - Defaults: without `keepdims`, the layout of [`image_data_format`]. Masks are dropped.
    /// - Errors: an input of another rank.
    ///
    /// Source: `keras/src/layers/pooling/global_max_pooling2d.py`.
    GlobalMaxPooling2D "GlobalMaxPooling2D" 2 largest
}

global_pooling! {
    /// The largest number of each channel over all places of volumes.
    ///
    /// - Shape: `(batch, depth, rows, columns, channels)` becomes `(batch, channels)`, or with axes of size 1 between with
    ///   `keepdims`.
    /// - Defaults: without `keepdims`, the layout of [`image_data_format`]. Masks are dropped.
    /// - Errors: an input of another rank.
    ///
    /// Source: `keras/src/layers/pooling/global_max_pooling3d.py`.
    GlobalMaxPooling3D "GlobalMaxPooling3D" 3 largest
}
