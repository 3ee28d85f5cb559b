//! `Flatten`: each sample as one row.

use super::layer::{CallCx, Layer, LayerOptions};
use super::reader::ConfigReader;
use crate::spec::Config;
use rhyton_base::{Dim, Error, Result, Shape};
use rhyton_tensor::{Tensor, ops};
use serde_json::Value;

/// Lays the numbers of each sample out in one row, in row-major order.
///
/// - Shape: `(batch, a, b, ...)` becomes `(batch, a · b · ...)`; `(batch,)` becomes `(batch, 1)`.
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
#[derive(Clone, Debug, Default)]
pub struct Flatten {
    pub(super) options: LayerOptions,
}

super::layer::common_options!(Flatten);

impl Flatten {
    /// The layer.
    pub fn new() -> Flatten {
        Flatten::default()
    }

    pub(super) fn from_reader(r: &mut ConfigReader) -> Result<Flatten> {
        match r.text("data_format")?.as_deref() {
            None | Some("channels_last") => Ok(Flatten::new()),
            Some(other) => Err(Error::unsupported(format!(
                "data_format {other:?}; this version has \"channels_last\" only"
            ))),
        }
    }
}

impl Layer for Flatten {
    fn class_name(&self) -> &'static str {
        "Flatten"
    }

    fn options(&self) -> LayerOptions {
        self.options.clone()
    }

    fn config(&self) -> Config {
        Config::from_iter([("data_format".to_string(), Value::from("channels_last"))])
    }

    fn call(&self, x: &Tensor, _cx: &CallCx) -> Result<Tensor> {
        let batch = x.shape()[0];
        ops::reshape(x, [batch, x.shape()[1..].iter().product()])
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        let Some(batch) = input.dims().first().copied() else {
            return Err(Error::shape("expected a batch axis, got a scalar (shape ())"));
        };
        let row = input.without_batch().elements().map_or(Dim::Unknown, Dim::Known);
        Ok([batch, row].into_iter().collect())
    }
}
