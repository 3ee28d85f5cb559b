//! The largest number or the mean of as many windows as are asked for.

use crate::arguments::config;
use crate::config::{DataFormat, image_data_format};
use crate::layers::layer::{CallCx, Layer, LayerOptions, basics, common_options, expect_rank, setters};
use crate::layers::reader::ConfigReader;
use crate::layers::reshaping::{axes_of, first_spatial};
use crate::layers::windows::{read_sizes, sizes_json, sizes_of};
use crate::spec::Config;
use rhyton_base::{Dim, Error, Result, Shape};
use rhyton_tensor::ops::Sizes;
use rhyton_tensor::{Tensor, ops};
use serde_json::Value;

macro_rules! adaptive_pooling {
    ($(#[$doc:meta])* $Layer:ident $class:literal $axes:literal $pool:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $Layer {
            output_size: Sizes,
            data_format: DataFormat,
            pub(in crate::layers) options: LayerOptions,
        }

        common_options!($Layer);
        setters! {
            $Layer;
            /// Where the channels stand.
            set data_format: DataFormat;
        }

        impl $Layer {
            /// A layer with results of this size: one number for all axes, or one for each.
            pub fn new(output_size: impl Into<Sizes>) -> $Layer {
                let (output_size, data_format) = (output_size.into(), image_data_format());
                $Layer { output_size, data_format, options: LayerOptions::default() }
            }

            pub(in crate::layers) fn from_reader(r: &mut ConfigReader) -> Result<$Layer> {
                let size = read_sizes(r, "output_size")?;
                let layer = $Layer::new(size.ok_or_else(|| Error::format("key \"output_size\" is missing"))?);
                let data_format = r.data_format("data_format")?.unwrap_or(layer.data_format);
                Ok(layer.data_format(data_format))
            }
        }

        impl Layer for $Layer {
            basics!($class);

            fn config(&self) -> Config {
                config([
                    ("output_size", sizes_json(&self.output_size, $axes)),
                    ("data_format", Value::from(self.data_format.to_string())),
                ])
            }

            fn call(&self, x: &Tensor, _cx: &CallCx) -> Result<Tensor> {
                ops::$pool(x, self.output_size.clone(), self.data_format)
            }

            fn output_shape(&self, input: &Shape) -> Result<Shape> {
                let sizes = sizes_of("output_size", &self.output_size, $axes)?;
                expect_rank(input, $axes + 2, axes_of($axes, self.data_format))?;
                let mut dims = input.dims().to_vec();
                let spatial = &mut dims[first_spatial(self.data_format)..];
                spatial.iter_mut().zip(sizes).for_each(|(dim, size)| *dim = Dim::Known(size));
                Ok(Shape::from(dims))
            }
        }
    };
}

adaptive_pooling! {
    /// The mean of each feature in as many windows of steps as are asked for, of nearly the same size.
    ///
    /// - Shapes: `(batch, steps, features)` becomes `(batch, size, features)`; window `i` goes from
    ///   `floor(i · steps / size)` to `ceil((i + 1) · steps / size)`.
    /// - Default: the layout of [`image_data_format`]. Masks are dropped.
    /// - Errors: a size of 0; an input of another rank.
    ///
    /// ```
    /// use rhyton_nn::layers::AdaptiveAveragePooling1D;
    /// use rhyton_tensor::Tensor;
    /// let x = Tensor::from([[[1.0f32], [2.0], [3.0], [4.0], [5.0]]]);
    /// assert_eq!(AdaptiveAveragePooling1D::new(2).call(&x)?.to_vec::<f32>()?, [2.0, 4.0]);
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    ///
    /// Source: `keras/src/layers/pooling/adaptive_average_pooling1d.py`.
    AdaptiveAveragePooling1D "AdaptiveAveragePooling1D" 1 adaptive_average_pool
}

adaptive_pooling! {
    /// The mean of each channel in as many windows of rows and columns as are asked for, of nearly the same size.
    ///
    /// - Shapes: `(batch, rows, columns, channels)` becomes `(batch, size, size, channels)`; windows, default and errors
    ///   are those of [`AdaptiveAveragePooling1D`]. Masks are dropped.
    ///
    /// ```
    /// use rhyton_nn::layers::AdaptiveAveragePooling2D;
    /// use rhyton_tensor::{DType, ops};
    /// let y = AdaptiveAveragePooling2D::new([3, 2]).call(&ops::ones([1, 7, 9, 4], DType::F32)?)?;
    /// assert_eq!(y.shape(), [1, 3, 2, 4]);
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    ///
    /// Source: `keras/src/layers/pooling/adaptive_average_pooling2d.py`.
    AdaptiveAveragePooling2D "AdaptiveAveragePooling2D" 2 adaptive_average_pool
}

adaptive_pooling! {
    /// The mean of each channel in as many windows of volumes as are asked for, of nearly the same size.
    ///
    /// - Shapes: `(batch, depth, rows, columns, channels)` becomes `(batch, size, size, size, channels)`; windows, default
    ///   and errors are those of [`AdaptiveAveragePooling1D`]. Masks are dropped.
    ///
    /// Source: `keras/src/layers/pooling/adaptive_average_pooling3d.py`.
    AdaptiveAveragePooling3D "AdaptiveAveragePooling3D" 3 adaptive_average_pool
}

adaptive_pooling! {
    /// The largest number of each feature in as many windows of steps as are asked for, of nearly the same size.
    ///
    /// - Shapes, windows, default and errors are those of [`AdaptiveAveragePooling1D`]. Masks are dropped.
    ///
    /// ```
    /// use rhyton_nn::layers::AdaptiveMaxPooling1D;
    /// use rhyton_tensor::Tensor;
    /// let x = Tensor::from([[[1.0f32], [2.0], [3.0], [4.0], [5.0]]]);
    /// assert_eq!(AdaptiveMaxPooling1D::new(2).call(&x)?.to_vec::<f32>()?, [3.0, 5.0]);
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    ///
    /// Source: `keras/src/layers/pooling/adaptive_max_pooling1d.py`.
    AdaptiveMaxPooling1D "AdaptiveMaxPooling1D" 1 adaptive_max_pool
}

adaptive_pooling! {
    /// The largest number of each channel in as many windows of rows and columns as are asked for, of nearly the same
    /// size.
    ///
    /// - Shapes, windows, default and errors are those of [`AdaptiveAveragePooling2D`]. Masks are dropped.
    ///
    /// Source: `keras/src/layers/pooling/adaptive_max_pooling2d.py`.
    AdaptiveMaxPooling2D "AdaptiveMaxPooling2D" 2 adaptive_max_pool
}

adaptive_pooling! {
    /// The largest number of each channel in as many windows of volumes as are asked for, of nearly the same size.
    ///
    /// - Shapes, windows, default and errors are those of [`AdaptiveAveragePooling3D`]. Masks are dropped.
    ///
    /// Source: `keras/src/layers/pooling/adaptive_max_pooling3d.py`.
    AdaptiveMaxPooling3D "AdaptiveMaxPooling3D" 3 adaptive_max_pool
}
