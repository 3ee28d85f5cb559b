//! `RepeatVector`: each sample several times over.

use crate::arguments::config;
use crate::layers::layer::{CallCx, Layer, LayerOptions, basics, common_options, expect_rank};
use crate::layers::reader::ConfigReader;
use crate::spec::Config;
use rhyton_base::{Error, Result, Shape};
use rhyton_tensor::{Tensor, ops};
use serde_json::json;

/// Repeats each sample `n` times along a new axis.
///
/// - Shape: `(batch, features)` becomes `(batch, n, features)`.
/// - Masks are dropped.
/// - Errors: `n` of 0; an input that does not have two axes.
///
/// ```
/// use rhyton_nn::layers::RepeatVector;
/// use rhyton_tensor::Tensor;
/// let y = RepeatVector::new(2).call(&Tensor::from([[1.0f32, 2.0]]))?;
/// assert_eq!(y.shape(), [1, 2, 2]);
/// assert_eq!(y.to_vec::<f32>()?, [1.0, 2.0, 1.0, 2.0]);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
///
/// Source: `keras/src/layers/reshaping/repeat_vector.py`.
#[derive(Clone, Debug)]
pub struct RepeatVector {
    n: usize,
    pub(in crate::layers) options: LayerOptions,
}

common_options!(RepeatVector);

impl RepeatVector {
    /// A layer that repeats samples so many times.
    pub fn new(n: usize) -> RepeatVector {
        RepeatVector { n, options: LayerOptions::default() }
    }

    pub(in crate::layers) fn from_reader(r: &mut ConfigReader) -> Result<RepeatVector> {
        Ok(RepeatVector::new(r.required_usize("n")?))
    }
}

impl Layer for RepeatVector {
    basics!("RepeatVector");

    fn config(&self) -> Config {
        config([("n", json!(self.n))])
    }

    fn call(&self, x: &Tensor, _cx: &CallCx) -> Result<Tensor> {
        let (batch, features) = (x.shape()[0], x.shape()[1]);
        ops::broadcast_to(&ops::expand_dims(x, 1)?, &[batch, self.n, features])
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        if self.n == 0 {
            return Err(Error::value("expected n to be 1 or more, got 0"));
        }
        expect_rank(input, 2, "(batch, features)")?;
        Ok(input.with_axis(1, self.n))
    }
}
