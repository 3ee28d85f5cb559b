//! `RandomCrop`: a part of images at a random place.

use super::{cast, generator, sized, smart_resize, spatial};
use crate::arguments::config;
use crate::config::{DataFormat, image_data_format};
use crate::layers::build::BuildCx;
use crate::layers::layer::{CallCx, Layer, LayerOptions, basics, common_options, setters};
use crate::layers::reader::ConfigReader;
use crate::spec::Config;
use rhyton_base::{DType, Result, Shape};
use rhyton_tensor::{SeedGenerator, Tensor, ops};
use serde_json::{Value, json};

/// Cuts a part of this size out of images while training, at a place that is drawn for each batch. In inference, and where images
/// are too small, they are resized, after a cut to the aspect ratio. (In inference Keras gives the images as they are, though it
/// says this.)
///
/// - Shape: `(batch, height, width, channels)` or one image, of floats.
/// - Errors: an input that is no image; sizes of 0.
///
/// ```
/// use rhyton_nn::layers::{AnyLayer, CallCx, RandomCrop};
/// use rhyton_tensor::{DType, ops};
/// let crop = AnyLayer::from(RandomCrop::new(24, 24));
/// let y = crop.call_in(&ops::ones([8, 28, 28, 1], DType::F32)?, &CallCx::TRAINING)?;
/// assert_eq!(y.shape(), [8, 24, 24, 1]);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
///
/// Source: `keras/src/layers/preprocessing/image_preprocessing/random_crop.py`.
#[derive(Clone, Debug)]
pub struct RandomCrop {
    size: [usize; 2],
    seed: Option<i64>,
    data_format: DataFormat,
    built: Option<(SeedGenerator, DType)>,
    pub(in crate::layers) options: LayerOptions,
}

common_options!(RandomCrop);
setters! {
    RandomCrop;
    /// Makes the draws of the layer repeatable on their own.
    some seed: i64;
    /// Where the channels stand.
    set data_format: DataFormat;
}

impl RandomCrop {
    /// A layer that gives images of this size.
    pub fn new(height: usize, width: usize) -> RandomCrop {
        let (data_format, options) = (image_data_format(), LayerOptions::default());
        RandomCrop { size: [height, width], seed: None, data_format, built: None, options }
    }

    pub(in crate::layers) fn from_reader(r: &mut ConfigReader) -> Result<RandomCrop> {
        let mut layer = RandomCrop::new(r.required_usize("height")?, r.required_usize("width")?);
        layer.seed = r.i64("seed")?;
        layer.data_format = r.data_format("data_format")?.unwrap_or(layer.data_format);
        Ok(layer)
    }
}

impl Layer for RandomCrop {
    basics!("RandomCrop");

    fn config(&self) -> Config {
        config([
            ("height", json!(self.size[0])),
            ("width", json!(self.size[1])),
            ("seed", json!(self.seed)),
            ("data_format", Value::from(self.data_format.to_string())),
        ])
    }

    fn build(&mut self, cx: &mut BuildCx, _input: &Shape) -> Result<()> {
        self.built = Some((generator(self.seed), cx.compute_dtype()));
        Ok(())
    }

    fn call(&self, x: &Tensor, cx: &CallCx) -> Result<Tensor> {
        let x = cast(x, self.built.as_ref().map(|b| b.1))?;
        let axes = spatial(&x.meta().shape, self.data_format)?;
        let small = axes.iter().zip(self.size).any(|(&axis, size)| x.shape()[axis] < size);
        let Some((generator, _)) = self.built.as_ref().filter(|_| cx.training && !small) else {
            return smart_resize(&x, self.size, self.data_format);
        };
        let mut sizes = x.shape().to_vec();
        let mut starts = vec![ops::zeros([], DType::I32)?; x.rank()];
        for (axis, size) in axes.into_iter().zip(self.size) {
            let places = (sizes[axis] - size + 1) as f64;
            starts[axis] = ops::cast(&generator.uniform([], 0.0, places, DType::F32)?, DType::I32)?;
            sizes[axis] = size;
        }
        ops::dynamic_slice(&x, &ops::stack(&starts.iter().collect::<Vec<_>>(), 0)?, &sizes)
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        sized(input, self.data_format, self.size)
    }
}
