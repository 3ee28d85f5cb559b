//! `RandomContrast`, `RandomBrightness`: images with other light.

use super::{Factor, cast, generator, one_each, spatial};
use crate::arguments::config;
use crate::config::image_data_format;
use crate::layers::build::BuildCx;
use crate::layers::layer::{CallCx, Layer, LayerOptions, basics, common_options, setters};
use crate::layers::reader::ConfigReader;
use crate::numbers::times;
use crate::spec::Config;
use rhyton_base::{DType, Error, Result, Shape};
use rhyton_tensor::{Axes, SeedGenerator, Tensor, ops};
use serde_json::{Value, json};

macro_rules! color {
    ($(#[$doc:meta])* $Layer:ident $class:literal, $(#[$new:meta])*) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $Layer {
            factor: Factor,
            value_range: (f64, f64),
            seed: Option<i64>,
            built: Option<(SeedGenerator, DType)>,
            pub(in crate::layers) options: LayerOptions,
        }

        common_options!($Layer);
        setters! {
            $Layer;
            /// The smallest and the largest value that pixels have.
            set value_range: (f64, f64);
            /// Makes the draws of the layer repeatable on their own.
            some seed: i64;
        }

        impl $Layer {
            $(#[$new])*
            pub fn new(factor: impl Into<Factor>) -> $Layer {
                let (factor, options) = (factor.into(), LayerOptions::default());
                $Layer { factor, value_range: (0.0, 255.0), seed: None, built: None, options }
            }

            pub(in crate::layers) fn from_reader(r: &mut ConfigReader) -> Result<$Layer> {
                let factor = Factor::read(r, "factor")?.ok_or_else(|| Error::format("key \"factor\" is missing"))?;
                let mut layer = $Layer::new(factor);
                layer.value_range = r.get::<Option<(f64, f64)>>("value_range")?.unwrap_or(layer.value_range);
                layer.seed = r.i64("seed")?;
                // Mean and light are the same wherever the channels stand.
                r.value("data_format");
                Ok(layer)
            }
        }

        impl Layer for $Layer {
            basics!($class);

            fn config(&self) -> Config {
                config([
                    ("factor", self.written()),
                    ("value_range", json!([self.value_range.0, self.value_range.1])),
                    ("seed", json!(self.seed)),
                    ("data_format", Value::from(image_data_format().to_string())),
                ])
            }

            fn build(&mut self, cx: &mut BuildCx, _input: &Shape) -> Result<()> {
                self.built = Some((generator(self.seed), cx.compute_dtype()));
                Ok(())
            }

            fn call(&self, x: &Tensor, cx: &CallCx) -> Result<Tensor> {
                let x = cast(x, self.built.as_ref().map(|b| b.1))?;
                let Some((generator, _)) = self.built.as_ref().filter(|_| cx.training) else { return Ok(x) };
                let (low, high) = self.value_range;
                ops::clip(&self.lit(&x, generator)?, low, high)
            }

            fn output_shape(&self, input: &Shape) -> Result<Shape> {
                self.check()?;
                spatial(input, image_data_format())?;
                Ok(input.clone())
            }
        }
    };
}

color! {
    /// Changes the contrast of images while training: pixels go away from the mean of their channel, or towards it, by a factor that
    /// is drawn for each image from `1 - low` to `1 + high`. Results stay within `value_range`, 0 to 255 by default.
    ///
    /// - Shape: `(batch, height, width, channels)` or one image, unchanged, of floats.
    /// - Errors: an input that is no image; a factor outside of 0 to 1.
    ///
    /// ```
    /// use rhyton_nn::layers::{AnyLayer, CallCx, RandomContrast};
    /// use rhyton_tensor::Tensor;
    /// let contrast = AnyLayer::from(RandomContrast::new(0.5));
    /// let y = contrast.call_in(&Tensor::from([[[100.0f32], [140.0]]]), &CallCx::TRAINING)?.to_vec::<f32>()?;
    /// assert!((y[0] + y[1] - 240.0).abs() < 1e-3 && y[1] - y[0] >= 19.9 && y[1] - y[0] <= 60.1);
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    ///
    /// Source: `keras/src/layers/preprocessing/image_preprocessing/random_contrast.py`.
    RandomContrast "RandomContrast",
    /// A layer with these bounds: `0.2` for factors from 0.8 to 1.2, `(0.1, 0.5)` for 0.9 to 1.5.
}

color! {
    /// Makes images brighter or darker while training, by a part of `value_range` (0 to 255 by default) that is drawn for each image.
    /// Results stay within the range.
    ///
    /// - Shape: `(batch, height, width, channels)` or one image, unchanged, of floats.
    /// - Errors: an input that is no image; a factor outside of -1 to 1.
    ///
    /// ```
    /// use rhyton_nn::layers::{AnyLayer, CallCx, RandomBrightness};
    /// use rhyton_tensor::Tensor;
    /// let brighter = AnyLayer::from(RandomBrightness::new((0.2, 0.2)));
    /// let y = brighter.call_in(&Tensor::from([[[100.0f32], [240.0]]]), &CallCx::TRAINING)?;
    /// assert_eq!(y.to_vec::<f32>()?, [151.0, 255.0]);
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    ///
    /// Source: `keras/src/layers/preprocessing/image_preprocessing/random_brightness.py`.
    RandomBrightness "RandomBrightness",
    /// A layer with these bounds: `0.2` for -0.2 to 0.2, `(0.1, 0.3)` for 0.1 to 0.3.
}

impl RandomContrast {
    /// Both bounds of one factor are written: Keras makes the lower one 0 otherwise, against its own description.
    fn written(&self) -> Value {
        json!([self.low(), self.factor.high])
    }

    fn low(&self) -> f64 {
        if self.factor.single { self.factor.high } else { self.factor.low }
    }

    fn check(&self) -> Result<()> {
        self.factor.check("factor", -1.0)
    }

    fn lit(&self, x: &Tensor, generator: &SeedGenerator) -> Result<Tensor> {
        let factor = generator.uniform(one_each(x), 1.0 - self.low(), 1.0 + self.factor.high, x.dtype())?;
        let axes = spatial(&x.meta().shape, image_data_format())?.map(|a| a as isize);
        let mean = ops::mean(x, Axes::from(&axes[..]).keepdims())?;
        ops::add(&ops::multiply(&ops::subtract(x, &mean)?, &factor)?, &mean)
    }
}

impl RandomBrightness {
    fn written(&self) -> Value {
        self.factor.json()
    }

    fn check(&self) -> Result<()> {
        self.factor.check("factor", -1.0)
    }

    fn lit(&self, x: &Tensor, generator: &SeedGenerator) -> Result<Tensor> {
        let part = self.factor.draw(generator, &one_each(x), x.dtype())?;
        ops::add(x, &times(&part, self.value_range.1 - self.value_range.0)?)
    }
}
