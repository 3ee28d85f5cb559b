//! `Flatten`: each sample as one row.

use crate::arguments::config;
use crate::config::{DataFormat, image_data_format};
use crate::layers::layer::{CallCx, Layer, LayerOptions, basics, common_options, setters};
use crate::layers::reader::ConfigReader;
use crate::spec::Config;
use rhyton_base::{Dim, Error, Result, Shape};
use rhyton_tensor::{Tensor, ops};
use serde_json::Value;

/// Lays the numbers of each sample out in one row, in row-major order.
///
/// - Shape: `(batch, a, b, ...)` becomes `(batch, a · b · ...)`; `(batch,)` becomes `(batch, 1)`.
/// - Defaults: the layout of [`image_data_format`]. With channels first, channels are put last before.
/// - Masks are dropped.
/// - Errors: a tensor without a batch axis.
///
/// ```
/// use rhyton_nn::layers::Flatten;
/// use rhyton_tensor::{DType, ops};
/// let y = Flatten::new().call(&ops::zeros([2, 28, 28], DType::F32)?)?;
/// assert_eq!(y.shape(), [2, 784]);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
///
/// Source: `keras/src/layers/reshaping/flatten.py`.
#[derive(Clone, Debug)]
pub struct Flatten {
    data_format: DataFormat,
    pub(in crate::layers) options: LayerOptions,
}

common_options!(Flatten);
setters! {
    Flatten;
    /// Where the channels stand.
    set data_format: DataFormat;
}

impl Default for Flatten {
    fn default() -> Flatten {
        Flatten::new()
    }
}

impl Flatten {
    /// The layer.
    pub fn new() -> Flatten {
        Flatten { data_format: image_data_format(), options: LayerOptions::default() }
    }

    pub(in crate::layers) fn from_reader(r: &mut ConfigReader) -> Result<Flatten> {
        let flatten = Flatten::new();
        let data_format = r.data_format("data_format")?.unwrap_or(flatten.data_format);
        Ok(flatten.data_format(data_format))
    }
}

impl Layer for Flatten {
    basics!("Flatten");

    fn config(&self) -> Config {
        config([("data_format", Value::from(self.data_format.to_string()))])
    }

    fn call(&self, x: &Tensor, _cx: &CallCx) -> Result<Tensor> {
        let (batch, rest) = (x.shape()[0], x.shape()[1..].iter().product());
        if self.data_format == DataFormat::ChannelsFirst && x.rank() > 1 {
            let order: Vec<isize> = [0].into_iter().chain(2..x.rank() as isize).chain([1]).collect();
            return ops::reshape(&ops::transpose(x, Some(&order))?, [batch, rest]);
        }
        ops::reshape(x, [batch, rest])
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        let Some(batch) = input.dims().first().copied() else {
            return Err(Error::shape("expected a batch axis, got a scalar (shape ())"));
        };
        let row = input.without_batch().elements().map_or(Dim::Unknown, Dim::Known);
        Ok([batch, row].into_iter().collect())
    }
}
