//! `CenterCrop`: the middle of images.

use super::{cast, sized, smart_resize, spatial};
use crate::arguments::config;
use crate::config::{DataFormat, image_data_format};
use crate::layers::build::BuildCx;
use crate::layers::layer::{CallCx, Layer, LayerOptions, basics, common_options, setters};
use crate::layers::reader::ConfigReader;
use crate::spec::Config;
use rhyton_base::{DType, Result, Shape};
use rhyton_tensor::{Tensor, ops};
use serde_json::{Value, json};

/// Cuts out the middle of images. Images that are too small are resized, after a cut to the aspect ratio.
///
/// - Shape: `(batch, height, width, channels)` or one image, of floats.
/// - Errors: an input that is no image; sizes of 0.
///
/// ```
/// use rhyton_nn::layers::CenterCrop;
/// use rhyton_tensor::Tensor;
/// let x = Tensor::from([[[1.0f32], [2.0], [3.0]]]);
/// assert_eq!(CenterCrop::new(1, 1).call(&x)?.to_vec::<f32>()?, [2.0]);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
///
/// Source: `keras/src/layers/preprocessing/image_preprocessing/center_crop.py`.
#[derive(Clone, Debug)]
pub struct CenterCrop {
    size: [usize; 2],
    data_format: DataFormat,
    compute: Option<DType>,
    pub(in crate::layers) options: LayerOptions,
}

common_options!(CenterCrop);
setters! {
    CenterCrop;
    /// Where the channels stand.
    set data_format: DataFormat;
}

impl CenterCrop {
    /// A layer that gives images of this size.
    pub fn new(height: usize, width: usize) -> CenterCrop {
        let (data_format, options) = (image_data_format(), LayerOptions::default());
        CenterCrop { size: [height, width], data_format, compute: None, options }
    }

    pub(in crate::layers) fn from_reader(r: &mut ConfigReader) -> Result<CenterCrop> {
        let layer = CenterCrop::new(r.required_usize("height")?, r.required_usize("width")?);
        let data_format = r.data_format("data_format")?.unwrap_or(layer.data_format);
        Ok(layer.data_format(data_format))
    }
}

impl Layer for CenterCrop {
    basics!("CenterCrop");

    fn config(&self) -> Config {
        config([
            ("height", json!(self.size[0])),
            ("width", json!(self.size[1])),
            ("data_format", Value::from(self.data_format.to_string())),
        ])
    }

    fn build(&mut self, cx: &mut BuildCx, _input: &Shape) -> Result<()> {
        self.compute = Some(cx.compute_dtype());
        Ok(())
    }

    fn call(&self, x: &Tensor, _cx: &CallCx) -> Result<Tensor> {
        let mut y = cast(x, self.compute)?;
        let axes = spatial(&x.meta().shape, self.data_format)?;
        if axes.iter().zip(self.size).any(|(&axis, size)| x.shape()[axis] < size) {
            return smart_resize(&y, self.size, self.data_format);
        }
        for (axis, size) in axes.into_iter().zip(self.size) {
            let start = (x.shape()[axis] - size) / 2;
            y = ops::narrow(&y, axis as isize, start, start + size)?;
        }
        Ok(y)
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        sized(input, self.data_format, self.size)
    }
}
