//! Layers for images: cut and resized, and varied while training, so that a model does not learn pictures by heart.
//!
//! Images are `(height, width, channels)` or a batch of them, with channels first where the layer is told so. Layers that draw
//! something act while training only; to vary images outside of a model, call them with [`crate::layers::CallCx::TRAINING`].

mod center_crop;
mod random_affine;
mod random_color;
mod random_crop;
mod random_flip;
mod resizing;

pub use center_crop::CenterCrop;
pub use random_affine::{RandomRotation, RandomTranslation, RandomZoom};
pub use random_color::{RandomBrightness, RandomContrast};
pub use random_crop::RandomCrop;
pub use random_flip::RandomFlip;
pub use resizing::Resizing;

use crate::config::DataFormat;
use crate::layers::reader::ConfigReader;
use rhyton_base::{Dim, Error, Result, Shape};
use rhyton_tensor::ops::image::{ResizeOptions, resize};
use rhyton_tensor::{DType, SeedGenerator, Tensor, ops};
use serde_json::{Value, json};

/// The range that a random number is drawn from: `0.2` stands for -0.2 to 0.2, `(0.1, 0.3)` for 0.1 to 0.3.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Factor {
    low: f64,
    high: f64,
    single: bool,
}

impl From<f64> for Factor {
    fn from(factor: f64) -> Factor {
        Factor { low: -factor.abs(), high: factor.abs(), single: true }
    }
}

impl From<(f64, f64)> for Factor {
    fn from((a, b): (f64, f64)) -> Factor {
        Factor { low: a.min(b), high: a.max(b), single: false }
    }
}

impl Factor {
    /// As Keras writes arguments that it keeps as they were given.
    fn as_given(&self) -> Value {
        if self.single { json!(self.high) } else { self.json() }
    }

    fn json(&self) -> Value {
        json!([self.low, self.high])
    }

    fn read(r: &mut ConfigReader, key: &'static str) -> Result<Option<Factor>> {
        let Some(value) = r.value(key) else { return Ok(None) };
        if let Some(one) = value.as_f64() {
            return Ok(Some(Factor::from(one)));
        }
        let pair: [f64; 2] = r.get(key)?;
        Ok(Some(Factor::from((pair[0], pair[1]))))
    }

    fn check(&self, name: &str, lowest: f64) -> Result<()> {
        match self.low >= lowest && self.high <= 1.0 {
            true => Ok(()),
            false => Err(Error::value(format!(
                "expected {name} to be within {lowest} to 1, got {} to {}",
                self.low, self.high
            ))),
        }
    }

    /// A number for each image.
    fn draw(&self, generator: &SeedGenerator, shape: &[usize], dtype: DType) -> Result<Tensor> {
        generator.uniform(shape, self.low, self.high, dtype)
    }
}

/// The axes of height and width, of an image or a batch.
fn spatial(input: &Shape, format: DataFormat) -> Result<[usize; 2]> {
    let first = match input.rank() {
        3 => 0,
        4 => 1,
        _ => {
            return Err(Error::shape(format!(
                "expected images, (batch, height, width, channels) or one without a batch, got shape {input}"
            )));
        }
    };
    Ok(match format {
        DataFormat::ChannelsLast => [first, first + 1],
        DataFormat::ChannelsFirst => [first + 1, first + 2],
    })
}

/// The shape with this height and width.
fn sized(input: &Shape, format: DataFormat, [height, width]: [usize; 2]) -> Result<Shape> {
    if height == 0 || width == 0 {
        return Err(Error::value(format!(
            "expected a height and a width of 1 or more, got {height} and {width}"
        )));
    }
    let [h, w] = spatial(input, format)?;
    let mut dims = input.dims().to_vec();
    (dims[h], dims[w]) = (Dim::Known(height), Dim::Known(width));
    Ok(dims.into_iter().collect())
}

/// The images resized without distortion: what is too much on two sides is cut off before.
fn smart_resize(x: &Tensor, size: [usize; 2], format: DataFormat) -> Result<Tensor> {
    resize(x, size, ResizeOptions::new().crop_to_aspect_ratio(true).data_format(format))
}

/// The shape of one number for each image, which stands beside the images.
fn one_each(x: &Tensor) -> Vec<usize> {
    match x.shape() {
        [batch, _, _, _] => vec![*batch, 1, 1, 1],
        other => vec![1; other.len()],
    }
}

fn generator(seed: Option<i64>) -> SeedGenerator {
    SeedGenerator::new(seed.map(|s| s as u32))
}

/// Images in the type that the layer computes in.
fn cast(x: &Tensor, compute: Option<DType>) -> Result<Tensor> {
    ops::cast(x, compute.ok_or_else(crate::layers::layer::unbuilt)?)
}
