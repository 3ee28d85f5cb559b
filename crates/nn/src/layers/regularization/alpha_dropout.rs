//! `AlphaDropout`: dropout that keeps mean and variance after SELU.

use super::{check_unit, generator};
use crate::arguments::config;
use crate::layers::build::BuildCx;
use crate::layers::dropout::{check_noise_shape, noise_shape};
use crate::layers::layer::{CallCx, Layer, LayerOptions, basics, common_options, setters};
use crate::layers::reader::ConfigReader;
use crate::numbers::like;
use crate::spec::Config;
use rhyton_base::{DType, Result, Shape};
use rhyton_tensor::{SeedGenerator, Tensor, ops};
use serde_json::{Value, json};

/// The value that SELU goes to for small numbers: `-alpha · scale`.
const LOWEST: f64 = -1.673_263_242_354_377_3 * 1.050_700_987_355_480_5;

/// Sets a random fraction `rate` of its inputs to the lowest value of SELU while training, then scales and shifts all so
/// that a mean of 0 and a variance of 1 stay. Outside of training the input passes unchanged.
///
/// - Shape: any, unchanged. With `noise_shape`, one decision is made for all places along axes of size 1.
/// - Default: a seed from the process's own stream. Masks go on unchanged.
/// - Errors: a rate outside [0, 1]; a `noise_shape` that does not fit the input.
///
/// ```
/// use rhyton_nn::layers::AlphaDropout;
/// use rhyton_tensor::Tensor;
/// let x = Tensor::from([[1.0f32, 2.0]]);
/// assert!(AlphaDropout::new(0.1).call(&x)?.bit_equal(&x));
/// # Ok::<(), rhyton_base::Error>(())
/// ```
///
/// Source: Klambauer et al., "Self-normalizing neural networks", NIPS 2017;
/// `keras/src/layers/regularization/alpha_dropout.py`.
#[derive(Clone, Debug)]
pub struct AlphaDropout {
    rate: f64,
    seed: Option<i64>,
    noise_shape: Option<Vec<Option<usize>>>,
    pub(in crate::layers) options: LayerOptions,
    generator: Option<SeedGenerator>,
}

common_options!(AlphaDropout);
setters! {
    AlphaDropout;
    /// Makes the choices of the layer repeatable on their own.
    some seed: i64;
}

impl AlphaDropout {
    /// A layer that drops this fraction of its inputs.
    pub fn new(rate: f64) -> AlphaDropout {
        AlphaDropout {
            rate,
            seed: None,
            noise_shape: None,
            options: LayerOptions::default(),
            generator: None,
        }
    }

    /// The shape of the decisions, stretched over the input; `None` stands for the input's own size.
    #[must_use]
    pub fn noise_shape(mut self, shape: impl Into<Vec<Option<usize>>>) -> AlphaDropout {
        self.noise_shape = Some(shape.into());
        self
    }

    pub(in crate::layers) fn from_reader(r: &mut ConfigReader) -> Result<AlphaDropout> {
        let mut layer = AlphaDropout::new(r.required_f64("rate")?);
        layer.seed = r.i64("seed")?;
        layer.noise_shape = r.shape("noise_shape")?.map(|s| s.dims().iter().map(|d| d.known()).collect());
        Ok(layer)
    }
}

impl Layer for AlphaDropout {
    basics!("AlphaDropout");

    fn config(&self) -> Config {
        config([
            ("rate", Value::from(self.rate)),
            ("seed", json!(self.seed)),
            ("noise_shape", json!(self.noise_shape)),
        ])
    }

    fn build(&mut self, _cx: &mut BuildCx, input: &Shape) -> Result<()> {
        self.output_shape(input)?;
        self.generator = generator(self.rate > 0.0, self.seed);
        Ok(())
    }

    fn call(&self, x: &Tensor, cx: &CallCx) -> Result<Tensor> {
        let Some(generator) = self.generator.as_ref().filter(|_| cx.training) else { return Ok(x.clone()) };
        let shape = noise_shape(self.noise_shape.as_deref(), x);
        let unit = generator.uniform(shape, 0.0, 1.0, DType::F32)?;
        let kept = ops::greater_equal(&unit, &like(&unit, self.rate)?)?;
        let chosen = ops::r#where(&kept, x, &like(x, LOWEST)?)?;
        let a = ((1.0 - self.rate) * (1.0 + self.rate * LOWEST * LOWEST)).powf(-0.5);
        let b = -a * LOWEST * self.rate;
        ops::add(&ops::multiply(&chosen, &like(&chosen, a)?)?, &like(&chosen, b)?)
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        check_unit("rate", self.rate)?;
        check_noise_shape(self.noise_shape.as_ref(), input)?;
        Ok(input.clone())
    }

    fn supports_masking(&self) -> bool {
        true
    }

    fn needs_build(&self) -> bool {
        false
    }
}
