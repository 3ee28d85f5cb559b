//! `CategoryEncoding`: numbers of categories as vectors.

use super::output_mode::OutputMode::{self, Count, MultiHot, OneHot};
use crate::arguments::config;
use crate::layers::build::BuildCx;
use crate::layers::layer::{CallCx, Layer, LayerOptions, basics, common_options, only, setters, unbuilt};
use crate::layers::reader::ConfigReader;
use crate::spec::Config;
use rhyton_base::{DType, Dim, Error, Result, Shape};
use rhyton_tensor::Tensor;
use serde_json::json;

/// Turns numbers of categories, `0` to `num_tokens - 1`, into vectors with a place for each category.
///
/// | mode | input `(batch, n)` | result |
/// |---|---|---|
/// | `multi_hot`, the default | the categories of a sample | `(batch, num_tokens)`: 1 for those that it has |
/// | `count` | the same | `(batch, num_tokens)`: how often it has each; with a second input of weights, their sum |
/// | `one_hot` | | `(batch, n, num_tokens)`: 1 at the category; an axis of size 1 at the end is dropped |
///
/// - Errors: `num_tokens` of 0; an unknown mode; weights in another mode than `count` or of another shape. Numbers outside of the
///   categories have no place and give zeros.
///
/// ```
/// use rhyton_nn::layers::{AnyLayer, CategoryEncoding};
/// use rhyton_tensor::Tensor;
/// let ids = Tensor::from([[0, 1, 1], [3, 3, 3]]);
/// assert_eq!(CategoryEncoding::new(4).call(&ids)?.to_vec2::<f32>()?, [[1.0, 1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0]]);
/// let count = AnyLayer::from(CategoryEncoding::new(4).output_mode("count"));
/// let weights = Tensor::from([[0.5f32, 0.25, 0.25], [1.0, 2.0, 3.0]]);
/// assert_eq!(count.call([&ids, &weights])?.to_vec2::<f32>()?, [[0.5, 0.5, 0.0, 0.0], [0.0, 0.0, 0.0, 6.0]]);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
///
/// Source: `keras/src/layers/preprocessing/category_encoding.py`.
#[derive(Clone, Debug)]
pub struct CategoryEncoding {
    num_tokens: usize,
    output_mode: String,
    pub(in crate::layers) options: LayerOptions,
    compute: Option<DType>,
}

common_options!(CategoryEncoding);
setters! {
    CategoryEncoding;
    /// `"multi_hot"`, `"one_hot"` or `"count"`.
    into output_mode: String;
}

impl CategoryEncoding {
    /// A layer for so many categories.
    pub fn new(num_tokens: usize) -> CategoryEncoding {
        let options = LayerOptions::default();
        CategoryEncoding { num_tokens, output_mode: "multi_hot".to_string(), options, compute: None }
    }

    pub(in crate::layers) fn from_reader(r: &mut ConfigReader) -> Result<CategoryEncoding> {
        let mut layer = CategoryEncoding::new(r.required_usize("num_tokens")?);
        layer.output_mode = r.text("output_mode")?.unwrap_or(layer.output_mode);
        super::lookup::no_sparse(r)?;
        Ok(layer)
    }

    fn mode(&self) -> Result<OutputMode> {
        if self.num_tokens == 0 {
            return Err(Error::value("expected num_tokens to be 1 or more, got 0"));
        }
        OutputMode::parse(&self.output_mode, &[MultiHot, OneHot, Count])
    }

    fn shape(&self, input: &Shape) -> Result<Shape> {
        Ok(self.mode()?.shape(input, Dim::Known(self.num_tokens)))
    }
}

impl Layer for CategoryEncoding {
    basics!("CategoryEncoding");

    fn config(&self) -> Config {
        config([("num_tokens", json!(self.num_tokens)), ("output_mode", json!(self.output_mode))])
    }

    fn build_all(&mut self, cx: &mut BuildCx, _inputs: &[Shape]) -> Result<()> {
        self.compute = Some(cx.compute_dtype());
        Ok(())
    }

    fn call_all(&self, inputs: &[Tensor], _cx: &CallCx) -> Result<Vec<Tensor>> {
        let (x, weights) = match inputs {
            [x, weights] => (x, Some(weights)),
            other => (only(other)?, None),
        };
        let compute = self.compute.ok_or_else(unbuilt)?;
        Ok(vec![self.mode()?.encode(x, self.num_tokens, compute, weights)?])
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        self.shape(input)
    }

    fn output_shapes(&self, inputs: &[Shape]) -> Result<Option<Vec<Shape>>> {
        match inputs {
            [x] => Ok(Some(vec![self.shape(x)?])),
            [x, _] if self.mode()? == Count => Ok(Some(vec![self.shape(x)?])),
            [_, _] => Err(Error::value(format!(
                "weights count in output_mode \"count\" only, got output_mode {:?}",
                self.output_mode
            ))),
            other => only(other).map(|_| None),
        }
    }

    fn autocast(&self) -> bool {
        false
    }
}
