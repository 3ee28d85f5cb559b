//! `Resizing`: images of another size.

use super::sized;
use crate::arguments::config;
use crate::config::{DataFormat, image_data_format};
use crate::layers::layer::{CallCx, Layer, LayerOptions, basics, common_options, setters};
use crate::layers::reader::ConfigReader;
use crate::spec::Config;
use rhyton_base::{Result, Shape};
use rhyton_tensor::ops::image::{FillMode, Interpolation, ResizeOptions, resize};
use rhyton_tensor::{Tensor, ops};
use serde_json::{Value, json};

/// Resizes images.
///
/// - Shape: `(batch, height, width, channels)` or one image; bytes stay bytes, rounded.
/// - Defaults: bilinear, no antialiasing, stretched. With `crop_to_aspect_ratio` or `pad_to_aspect_ratio` what is too much is cut off,
///   or what is missing filled with `fill_value`, so that nothing is stretched.
/// - Errors: an input that is no image; an unknown interpolation; sizes of 0.
///
/// ```
/// use rhyton_nn::layers::Resizing;
/// use rhyton_tensor::{DType, ops};
/// let y = Resizing::new(150, 150).call(&ops::ones([2, 300, 200, 3], DType::F32)?)?;
/// assert_eq!(y.shape(), [2, 150, 150, 3]);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
///
/// Source: `keras/src/layers/preprocessing/image_preprocessing/resizing.py`.
#[derive(Clone, Debug)]
pub struct Resizing {
    size: [usize; 2],
    interpolation: String,
    crop_to_aspect_ratio: bool,
    pad_to_aspect_ratio: bool,
    fill_mode: String,
    fill_value: f64,
    antialias: bool,
    data_format: DataFormat,
    pub(in crate::layers) options: LayerOptions,
}

common_options!(Resizing);
setters! {
    Resizing;
    /// `"nearest"`, `"bilinear"`, `"bicubic"`, `"lanczos3"`, `"lanczos5"`, or one that Keras does not have here: `"area"`, `"gaussian"`,
    /// `"mitchellcubic"`.
    into interpolation: String;
    /// Whether images are cut to the aspect ratio before.
    set crop_to_aspect_ratio: bool;
    /// Whether images are padded to the aspect ratio before.
    set pad_to_aspect_ratio: bool;
    /// What images are padded with.
    set fill_value: f64;
    /// Whether pixels are averaged where images become smaller.
    set antialias: bool;
    /// Where the channels stand.
    set data_format: DataFormat;
}

impl Resizing {
    /// A layer that gives images of this size.
    pub fn new(height: usize, width: usize) -> Resizing {
        Resizing {
            size: [height, width],
            interpolation: "bilinear".to_string(),
            crop_to_aspect_ratio: false,
            pad_to_aspect_ratio: false,
            fill_mode: "constant".to_string(),
            fill_value: 0.0,
            antialias: false,
            data_format: image_data_format(),
            options: LayerOptions::default(),
        }
    }

    pub(in crate::layers) fn from_reader(r: &mut ConfigReader) -> Result<Resizing> {
        let mut layer = Resizing::new(r.required_usize("height")?, r.required_usize("width")?);
        layer.interpolation = r.text("interpolation")?.unwrap_or(layer.interpolation);
        layer.crop_to_aspect_ratio = r.bool("crop_to_aspect_ratio")?.unwrap_or(false);
        layer.pad_to_aspect_ratio = r.bool("pad_to_aspect_ratio")?.unwrap_or(false);
        layer.fill_mode = r.text("fill_mode")?.unwrap_or(layer.fill_mode);
        layer.fill_value = r.f64("fill_value")?.unwrap_or(0.0);
        layer.antialias = r.bool("antialias")?.unwrap_or(false);
        layer.data_format = r.data_format("data_format")?.unwrap_or(layer.data_format);
        Ok(layer)
    }
}

impl Layer for Resizing {
    basics!("Resizing");

    fn config(&self) -> Config {
        config([
            ("height", json!(self.size[0])),
            ("width", json!(self.size[1])),
            ("interpolation", json!(self.interpolation)),
            ("crop_to_aspect_ratio", json!(self.crop_to_aspect_ratio)),
            ("pad_to_aspect_ratio", json!(self.pad_to_aspect_ratio)),
            ("fill_mode", json!(self.fill_mode)),
            ("fill_value", json!(self.fill_value)),
            ("antialias", json!(self.antialias)),
            ("data_format", Value::from(self.data_format.to_string())),
        ])
    }

    fn call(&self, x: &Tensor, _cx: &CallCx) -> Result<Tensor> {
        let options = ResizeOptions::new()
            .interpolation(self.interpolation.parse::<Interpolation>()?)
            .crop_to_aspect_ratio(self.crop_to_aspect_ratio)
            .pad_to_aspect_ratio(self.pad_to_aspect_ratio)
            .fill_mode(self.fill_mode.parse::<FillMode>()?)
            .fill_value(self.fill_value)
            .antialias(self.antialias)
            .data_format(self.data_format);
        let y = resize(x, self.size, options)?;
        if y.dtype() == x.dtype() {
            return Ok(y);
        }
        ops::saturate_cast(&if x.dtype().is_float() { y } else { ops::round(&y)? }, x.dtype())
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        sized(input, self.data_format, self.size)
    }
}
