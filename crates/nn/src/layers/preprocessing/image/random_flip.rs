//! `RandomFlip`: images mirrored at random.

use super::{cast, generator, one_each, spatial};
use crate::arguments::{config, unknown};
use crate::config::{DataFormat, image_data_format};
use crate::layers::build::BuildCx;
use crate::layers::layer::{CallCx, Layer, LayerOptions, basics, common_options, setters};
use crate::layers::reader::ConfigReader;
use crate::numbers::like;
use crate::spec::Config;
use rhyton_base::{DType, Result, Shape};
use rhyton_tensor::{SeedGenerator, Tensor, ops};
use serde_json::{Value, json};

/// Mirrors each image with probability 1/2, while training.
///
/// - Shape: `(batch, height, width, channels)` or one image, unchanged, of floats.
/// - Default: `horizontal_and_vertical`: left and right, and top and bottom, each by a draw of its own. (Keras draws once for both.)
/// - Errors: an input that is no image; an unknown mode.
///
/// ```
/// use rhyton_nn::layers::{AnyLayer, CallCx, RandomFlip};
/// use rhyton_tensor::Tensor;
/// let flip = AnyLayer::from(RandomFlip::new("horizontal").seed(1));
/// let x = Tensor::from([[[1.0f32], [2.0]]]);
/// assert!(flip.call(&x)?.bit_equal(&x));
/// let y = flip.call_in(&x, &CallCx::TRAINING)?.to_vec::<f32>()?;
/// assert!(y == [1.0, 2.0] || y == [2.0, 1.0]);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
///
/// Source: `keras/src/layers/preprocessing/image_preprocessing/random_flip.py`.
#[derive(Clone, Debug)]
pub struct RandomFlip {
    mode: String,
    seed: Option<i64>,
    data_format: DataFormat,
    built: Option<(SeedGenerator, DType)>,
    pub(in crate::layers) options: LayerOptions,
}

common_options!(RandomFlip);
setters! {
    RandomFlip;
    /// Makes the draws of the layer repeatable on their own.
    some seed: i64;
    /// Where the channels stand.
    set data_format: DataFormat;
}

impl RandomFlip {
    /// A layer that mirrors `"horizontal"` (left and right), `"vertical"` (top and bottom) or `"horizontal_and_vertical"`.
    pub fn new(mode: impl Into<String>) -> RandomFlip {
        let (data_format, options) = (image_data_format(), LayerOptions::default());
        RandomFlip { mode: mode.into(), seed: None, data_format, built: None, options }
    }

    pub(in crate::layers) fn from_reader(r: &mut ConfigReader) -> Result<RandomFlip> {
        let mut layer = RandomFlip::new(r.text("mode")?.unwrap_or("horizontal_and_vertical".to_string()));
        layer.seed = r.i64("seed")?;
        layer.data_format = r.data_format("data_format")?.unwrap_or(layer.data_format);
        Ok(layer)
    }

    /// Whether height and width are mirrored.
    fn flips(&self) -> Result<[bool; 2]> {
        match self.mode.as_str() {
            "horizontal" => Ok([false, true]),
            "vertical" => Ok([true, false]),
            "horizontal_and_vertical" => Ok([true, true]),
            other => Err(unknown("mode", other, &["horizontal", "vertical", "horizontal_and_vertical"])),
        }
    }
}

impl Layer for RandomFlip {
    basics!("RandomFlip");

    fn config(&self) -> Config {
        config([
            ("seed", json!(self.seed)),
            ("mode", json!(self.mode)),
            ("data_format", Value::from(self.data_format.to_string())),
        ])
    }

    fn build(&mut self, cx: &mut BuildCx, _input: &Shape) -> Result<()> {
        self.built = Some((generator(self.seed), cx.compute_dtype()));
        Ok(())
    }

    fn call(&self, x: &Tensor, cx: &CallCx) -> Result<Tensor> {
        let mut x = cast(x, self.built.as_ref().map(|b| b.1))?;
        let Some((generator, _)) = self.built.as_ref().filter(|_| cx.training) else { return Ok(x) };
        for (axis, flips) in spatial(&x.meta().shape, self.data_format)?.into_iter().zip(self.flips()?) {
            if flips {
                let drawn = generator.uniform(one_each(&x), 0.0, 1.0, DType::F32)?;
                let yes = ops::less_equal(&drawn, &like(&drawn, 0.5)?)?;
                x = ops::r#where(&yes, &ops::flip(&x, axis as isize)?, &x)?;
            }
        }
        Ok(x)
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        self.flips()?;
        spatial(input, self.data_format)?;
        Ok(input.clone())
    }
}
