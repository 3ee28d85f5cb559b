//! `Masking`: steps that do not count.

use crate::arguments::config;
use crate::layers::layer::{CallCx, Layer, LayerOptions, basics, common_options};
use crate::layers::reader::ConfigReader;
use crate::numbers::like;
use crate::spec::Config;
use rhyton_base::{Error, Result, Shape};
use rhyton_tensor::{Axes, Tensor, ops};
use serde_json::Value;

/// Masks the steps of which all features are `mask_value`: the results come with a mask that leaves them out, and are 0
/// there.
///
/// - Shape: `(batch, steps, ..., features)`, unchanged; the mask has one axis less. Keras's default value is 0.
/// - Errors: a scalar.
///
/// ```
/// use rhyton_nn::layers::Masking;
/// use rhyton_tensor::Tensor;
/// let y = Masking::new(9.0).call(&Tensor::from([[[9.0f32, 1.0], [9.0, 9.0]]]))?;
/// assert_eq!(y.to_vec::<f32>()?, [9.0, 1.0, 0.0, 0.0]);
/// assert_eq!(y.mask().unwrap().to_vec::<bool>()?, [true, false]);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
///
/// Source: `keras/src/layers/core/masking.py`.
#[derive(Clone, Debug)]
pub struct Masking {
    mask_value: f64,
    pub(in crate::layers) options: LayerOptions,
}

common_options!(Masking);

impl Masking {
    /// A layer that masks this value.
    pub fn new(mask_value: f64) -> Masking {
        Masking { mask_value, options: LayerOptions::default() }
    }

    pub(in crate::layers) fn from_reader(r: &mut ConfigReader) -> Result<Masking> {
        Ok(Masking::new(r.f64("mask_value")?.unwrap_or(0.0)))
    }

    fn counts(&self, x: &Tensor, axes: Axes) -> Result<Tensor> {
        ops::any(&ops::not_equal(x, &like(x, self.mask_value)?)?, axes)
    }
}

impl Layer for Masking {
    basics!("Masking");

    fn config(&self) -> Config {
        config([("mask_value", Value::from(self.mask_value))])
    }

    fn call(&self, x: &Tensor, _cx: &CallCx) -> Result<Tensor> {
        ops::r#where(&self.counts(x, Axes::from(-1).keepdims())?, x, &like(x, 0.0)?)
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        if input.rank() == 0 {
            return Err(Error::shape("expected at least one axis, got a scalar (shape ())"));
        }
        if self.mask_value.is_nan() {
            let message =
                "expected mask_value to be a number, got NaN, which equals nothing; replace NaN in the data";
            return Err(Error::value(message));
        }
        Ok(input.clone())
    }

    fn supports_masking(&self) -> bool {
        true
    }

    fn compute_masks(&self, inputs: &[Tensor], _outputs: &[Tensor]) -> Result<Vec<Option<Tensor>>> {
        inputs.iter().map(|x| self.counts(x, Axes::from(-1)).map(Some)).collect()
    }

    fn needs_build(&self) -> bool {
        false
    }
}
