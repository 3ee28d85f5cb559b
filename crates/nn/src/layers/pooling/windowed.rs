//! The largest number or the mean of windows.

use crate::arguments::config;
use crate::config::{DataFormat, image_data_format};
use crate::layers::layer::{CallCx, Layer, LayerOptions, basics, common_options, expect_rank, setters};
use crate::layers::reader::ConfigReader;
use crate::layers::reshaping::{axes_of, first_spatial};
use crate::layers::windows::{padding, read_sizes, sizes_json, sizes_of, windows};
use crate::spec::Config;
use rhyton_base::{Result, Shape};
use rhyton_tensor::ops::{PoolOptions, Sizes};
use rhyton_tensor::{Tensor, ops};
use serde_json::Value;

fn output_shape(
    input: &Shape,
    axes: usize,
    (size, strides): (&Sizes, &Sizes),
    name: &str,
    format: DataFormat,
) -> Result<Shape> {
    let (sizes, strides) = (sizes_of("pool_size", size, axes)?, sizes_of("strides", strides, axes)?);
    let padding = padding(name)?;
    expect_rank(input, axes + 2, axes_of(axes, format))?;
    let (mut dims, first) = (input.dims().to_vec(), first_spatial(format));
    for (i, (&size, &stride)) in sizes.iter().zip(&strides).enumerate() {
        dims[first + i] = windows(first + i, dims[first + i], size, stride, padding)?;
    }
    Ok(Shape::from(dims))
}

macro_rules! window_pooling {
    ($(#[$doc:meta])* $Layer:ident $class:literal $axes:literal $pool:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $Layer {
            pool_size: Sizes,
            strides: Option<Sizes>,
            padding: String,
            data_format: DataFormat,
            pub(in crate::layers) options: LayerOptions,
        }

        common_options!($Layer);
        setters! {
            $Layer;
            /// Steps from one window to the next; by default the size of the window.
            some_into strides: Sizes;
            /// What is added around the input: `"valid"`, nothing, or `"same"`. What is added does not count.
            into padding: String;
            /// Where the channels stand.
            set data_format: DataFormat;
        }

        impl $Layer {
            /// A layer with windows of this size: one number for all axes, or one for each.
            pub fn new(pool_size: impl Into<Sizes>) -> $Layer {
                $Layer {
                    pool_size: pool_size.into(),
                    strides: None,
                    padding: "valid".into(),
                    data_format: image_data_format(),
                    options: LayerOptions::default(),
                }
            }

            pub(in crate::layers) fn from_reader(r: &mut ConfigReader) -> Result<$Layer> {
                let mut layer = $Layer::new(read_sizes(r, "pool_size")?.unwrap_or(Sizes::from(2)));
                layer.strides = read_sizes(r, "strides")?;
                layer.padding = r.text("padding")?.unwrap_or(layer.padding);
                layer.data_format = r.data_format("data_format")?.unwrap_or(layer.data_format);
                Ok(layer)
            }

            fn steps(&self) -> &Sizes {
                self.strides.as_ref().unwrap_or(&self.pool_size)
            }
        }

        impl Layer for $Layer {
            basics!($class);

            fn config(&self) -> Config {
                config([
                    ("pool_size", sizes_json(&self.pool_size, $axes)),
                    ("padding", Value::from(self.padding.to_lowercase())),
                    ("strides", sizes_json(self.steps(), $axes)),
                    ("data_format", Value::from(self.data_format.to_string())),
                ])
            }

            fn call(&self, x: &Tensor, _cx: &CallCx) -> Result<Tensor> {
                let options = PoolOptions::new()
                    .strides(self.steps().clone())
                    .padding(padding(&self.padding)?)
                    .data_format(self.data_format);
                ops::$pool(x, self.pool_size.clone(), options)
            }

            fn output_shape(&self, input: &Shape) -> Result<Shape> {
                output_shape(input, $axes, (&self.pool_size, self.steps()), &self.padding, self.data_format)
            }

            fn needs_build(&self) -> bool {
                false
            }
        }
    };
}

window_pooling! {
    /// The largest number of each feature in windows of steps.
    ///
    /// - Shapes: `(batch, steps, features)` becomes `(batch, new steps, features)`: as many steps as windows fit in with
    ///   padding `"valid"`, `ceil(steps / stride)` with `"same"`.
    /// - Keras's default size is 2. Defaults: strides as large as the window, padding `"valid"`, the layout of
    ///   [`image_data_format`]. Masks are dropped.
    /// - Errors: sizes of 0; an input of another rank, or shorter than a window.
    ///
    /// ```
    /// use rhyton_nn::layers::MaxPooling1D;
    /// use rhyton_tensor::Tensor;
    /// let x = Tensor::from([[[1.0f32], [5.0], [3.0], [2.0]]]);
    /// assert_eq!(MaxPooling1D::new(2).call(&x)?.to_vec::<f32>()?, [5.0, 3.0]);
    /// assert_eq!(MaxPooling1D::new(2).strides(1).call(&x)?.to_vec::<f32>()?, [5.0, 5.0, 3.0]);
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    ///
    /// Source: `keras/src/layers/pooling/max_pooling1d.py`.
    MaxPooling1D "MaxPooling1D" 1 max_pool
}

window_pooling! {
    /// The largest number of each channel in windows of rows and columns.
    ///
    /// - Shapes: `(batch, rows, columns, channels)` becomes `(batch, new rows, new columns, channels)`: as many as windows
    ///   fit in with padding `"valid"`, `ceil(rows / stride)` with `"same"`.
    /// - Keras's default size is 2. Defaults: strides as large as the window, padding `"valid"`, the layout of
    ///   [`image_data_format`]. Masks are dropped.
    /// - Errors: sizes of 0; an input of another rank, or smaller than a window.
    ///
    /// ```
    /// use rhyton_nn::layers::MaxPooling2D;
    /// use rhyton_tensor::{DType, ops};
    /// let y = MaxPooling2D::new(2).call(&ops::ones([1, 26, 26, 32], DType::F32)?)?;
    /// assert_eq!(y.shape(), [1, 13, 13, 32]);
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    ///
    /// Source: `keras/src/layers/pooling/max_pooling2d.py`.
    MaxPooling2D "MaxPooling2D" 2 max_pool
}

window_pooling! {
    /// The largest number of each channel in windows of planes, rows and columns.
    ///
    /// - Shapes: `(batch, depth, rows, columns, channels)`; the three axes between get smaller, as with
    ///   [`MaxPooling2D`], whose defaults and errors it has. Masks are dropped.
    ///
    /// ```
    /// use rhyton_nn::layers::MaxPooling3D;
    /// use rhyton_tensor::{DType, ops};
    /// let y = MaxPooling3D::new([1, 2, 2]).call(&ops::ones([1, 3, 4, 6, 2], DType::F32)?)?;
    /// assert_eq!(y.shape(), [1, 3, 2, 3, 2]);
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    ///
    /// Source: `keras/src/layers/pooling/max_pooling3d.py`.
    MaxPooling3D "MaxPooling3D" 3 max_pool
}

window_pooling! {
    /// The mean of each feature in windows of steps; what padding adds does not count.
    ///
    /// - Shapes, defaults and errors are those of [`MaxPooling1D`]. Masks are dropped.
    ///
    /// ```
    /// use rhyton_nn::layers::AveragePooling1D;
    /// use rhyton_tensor::Tensor;
    /// let x = Tensor::from([[[1.0f32], [5.0], [3.0]]]);
    /// assert_eq!(AveragePooling1D::new(2).padding("same").call(&x)?.to_vec::<f32>()?, [3.0, 3.0]);
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    ///
    /// Source: `keras/src/layers/pooling/average_pooling1d.py`.
    AveragePooling1D "AveragePooling1D" 1 average_pool
}

window_pooling! {
    /// The mean of each channel in windows of rows and columns; what padding adds does not count.
    ///
    /// - Shapes, defaults and errors are those of [`MaxPooling2D`]. Masks are dropped.
    ///
    /// ```
    /// use rhyton_nn::layers::AveragePooling2D;
    /// use rhyton_tensor::{DType, ops};
    /// let y = AveragePooling2D::new([2, 3]).call(&ops::ones([1, 4, 6, 2], DType::F32)?)?;
    /// assert_eq!(y.to_vec::<f32>()?, [1.0; 8]);
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    ///
    /// Source: `keras/src/layers/pooling/average_pooling2d.py`.
    AveragePooling2D "AveragePooling2D" 2 average_pool
}

window_pooling! {
    /// The mean of each channel in windows of planes, rows and columns; what padding adds does not count.
    ///
    /// - Shapes, defaults and errors are those of [`MaxPooling3D`]. Masks are dropped.
    ///
    /// Source: `keras/src/layers/pooling/average_pooling3d.py`.
    AveragePooling3D "AveragePooling3D" 3 average_pool
}
