//! `SpatialDropout1D`, `SpatialDropout2D`, `SpatialDropout3D`: dropout of whole feature maps.

use super::{check_unit, generator};
use crate::config::{DataFormat, image_data_format};
use crate::layers::build::BuildCx;
use crate::layers::layer::{CallCx, Layer, LayerOptions, basics, common_options, expect_rank, setters};
use crate::layers::reader::ConfigReader;
use crate::layers::reshaping::axes_of;
use crate::policy::{DTypePolicy, dtype_policy};
use crate::spec::Config;
use rhyton_base::{Result, Shape};
use rhyton_tensor::{SeedGenerator, Tensor};
use serde_json::{Value, json};

macro_rules! spatial_dropout {
    ($(#[$doc:meta])* $Layer:ident $class:literal $N:literal, $format:expr $(, $data_format:literal)?) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $Layer {
            rate: f64,
            seed: Option<i64>,
            data_format: DataFormat,
            pub(in crate::layers) options: LayerOptions,
            generator: Option<SeedGenerator>,
        }

        common_options!($Layer);
        setters! {
            $Layer;
            /// Makes the choices of the layer repeatable on their own.
            some seed: i64;
        }

        impl $Layer {
            /// A layer that drops this fraction of feature maps.
            pub fn new(rate: f64) -> $Layer {
                let data_format = $format;
                $Layer { rate, seed: None, data_format, options: LayerOptions::default(), generator: None }
            }

            pub(in crate::layers) fn from_reader(r: &mut ConfigReader) -> Result<$Layer> {
                let mut layer = $Layer::new(r.required_f64("rate")?);
                layer.seed = r.i64("seed")?;
                $(layer.data_format = r.data_format($data_format)?.unwrap_or(layer.data_format);)?
                Ok(layer)
            }
        }

        impl Layer for $Layer {
            basics!($class);

            /// Files have the dtype as a plain name, and no `trainable`.
            fn full_config(&self, mut config: Config) -> Config {
                let dtype = self.options.dtype.unwrap_or_else(dtype_policy);
                config.remove("trainable");
                config.insert("dtype".into(), Value::from(DTypePolicy::variable_dtype(&dtype).name()));
                config.insert("rate".into(), Value::from(self.rate));
                config.insert("seed".into(), json!(self.seed));
                $(config.insert($data_format.into(), Value::from(self.data_format.to_string()));)?
                config
            }

            fn build(&mut self, _cx: &mut BuildCx, input: &Shape) -> Result<()> {
                self.output_shape(input)?;
                self.generator = generator(self.rate > 0.0, self.seed);
                Ok(())
            }

            fn call(&self, x: &Tensor, cx: &CallCx) -> Result<Tensor> {
                let Some(generator) = self.generator.as_ref().filter(|_| cx.training) else {
                    return Ok(x.clone());
                };
                let channels = match self.data_format {
                    DataFormat::ChannelsLast => x.rank() - 1,
                    DataFormat::ChannelsFirst => 1,
                };
                let mut noise = vec![1; x.rank()];
                noise[0] = x.shape()[0];
                noise[channels] = x.shape()[channels];
                generator.dropout(x, self.rate, Some(&noise))
            }

            fn output_shape(&self, input: &Shape) -> Result<Shape> {
                check_unit("rate", self.rate)?;
                expect_rank(input, $N + 2, axes_of($N, self.data_format))?;
                Ok(input.clone())
            }

            fn supports_masking(&self) -> bool {
                true
            }

            fn needs_build(&self) -> bool {
                false
            }
        }
    };
}

spatial_dropout! {
    /// Dropout of whole features of sequences: all steps of a feature are dropped together.
    ///
    /// - Shape: `(batch, steps, features)`, unchanged. Default: a seed from the process's own stream. Masks go on
    ///   unchanged.
    /// - Errors: a rate outside [0, 1]; an input of another rank.
    ///
    /// ```
    /// use rhyton_nn::layers::{AnyLayer, CallCx, SpatialDropout1D};
    /// use rhyton_tensor::{DType, ops};
    /// let x = ops::ones([1, 2, 1], DType::F32)?;
    /// let y = AnyLayer::from(SpatialDropout1D::new(0.5)).call_in(&x, &CallCx::TRAINING)?.to_vec::<f32>()?;
    /// assert!(y == [0.0, 0.0] || y == [2.0, 2.0]);
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    ///
    /// Source: Tompson et al., "Efficient object localization using convolutional networks", CVPR 2015;
    /// `keras/src/layers/regularization/spatial_dropout.py`.
    SpatialDropout1D "SpatialDropout1D" 1, DataFormat::ChannelsLast
}

spatial_dropout! {
    /// Dropout of whole channels of images: all places of a channel are dropped together.
    ///
    /// - Shape: `(batch, rows, columns, channels)`, unchanged. Defaults: a seed from the process's own stream, the layout
    ///   of [`image_data_format`]. Masks go on unchanged.
    /// - Errors: a rate outside [0, 1]; an input of another rank.
    ///
    /// Source: `keras/src/layers/regularization/spatial_dropout.py`.
    SpatialDropout2D "SpatialDropout2D" 2, image_data_format(), "data_format"
}
setters! {
    SpatialDropout2D;
    /// Where the channels stand.
    set data_format: DataFormat;
}

spatial_dropout! {
    /// Dropout of whole channels of volumes: all places of a channel are dropped together.
    ///
    /// - Shape: `(batch, depth, rows, columns, channels)`, unchanged. Defaults: a seed from the process's own stream, the
    ///   layout of [`image_data_format`]. Masks go on unchanged.
    /// - Errors: a rate outside [0, 1]; an input of another rank.
    ///
    /// Source: `keras/src/layers/regularization/spatial_dropout.py`.
    SpatialDropout3D "SpatialDropout3D" 3, image_data_format(), "data_format"
}
setters! {
    SpatialDropout3D;
    /// Where the channels stand.
    set data_format: DataFormat;
}
