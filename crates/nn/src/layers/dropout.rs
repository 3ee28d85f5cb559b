//! `Dropout`: random zeros while training.

use super::build::BuildCx;
use super::layer::{CallCx, Layer, LayerOptions};
use super::reader::ConfigReader;
use crate::spec::Config;
use rhyton_base::{Error, Result, Shape};
use rhyton_tensor::{SeedGenerator, Tensor};
use serde_json::{Value, json};

/// Sets a random fraction `rate` of its inputs to zero while training, and scales the others by `1 / (1 -
/// rate)`, so that their sum stays the same on average. Outside of training the input passes unchanged.
///
/// - Shape: any, unchanged. With `noise_shape`, one decision is made for all places along axes of size 1.
/// - `rate` is a probability in [0, 1].
/// - Defaults: a seed from the process's own stream (see `set_random_seed`), a decision for each number.
/// - Errors: a rate outside [0, 1]; a `noise_shape` that does not fit the input.
///
/// ```
/// use rhyton_nn::layers::{AnyLayer, CallCx, Dropout};
/// use rhyton_tensor::{DType, ops};
/// let dropout = AnyLayer::from(Dropout::new(0.5).seed(7));
/// let x = ops::ones([1, 4], DType::F32)?;
/// assert!(dropout.call(&x)?.bit_equal(&x));
/// let y = dropout.call_in(&x, &CallCx::TRAINING)?;
/// assert!(y.to_vec::<f32>()?.iter().all(|&v| v == 0.0 || v == 2.0));
/// # Ok::<(), rhyton_base::Error>(())
/// ```
///
/// Source: Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting", JMLR 15,
/// 2014; `keras/src/layers/regularization/dropout.py`.
#[derive(Clone, Debug)]
pub struct Dropout {
    rate: f64,
    seed: Option<i64>,
    noise_shape: Option<Vec<Option<usize>>>,
    pub(super) options: LayerOptions,
    generator: Option<SeedGenerator>,
}

super::layer::common_options!(Dropout);

impl Dropout {
    /// A layer that drops this fraction of its inputs.
    pub fn new(rate: f64) -> Dropout {
        Dropout { rate, seed: None, noise_shape: None, options: LayerOptions::default(), generator: None }
    }

    /// Makes the choices of the layer repeatable on their own.
    #[must_use]
    pub fn seed(mut self, seed: i64) -> Dropout {
        self.seed = Some(seed);
        self
    }

    /// The shape of the decisions, stretched over the input; `None` stands for the input's own size, as for
    /// the batch in `[None, Some(1), Some(64)]`.
    #[must_use]
    pub fn noise_shape(mut self, shape: impl Into<Vec<Option<usize>>>) -> Dropout {
        self.noise_shape = Some(shape.into());
        self
    }

    pub(super) fn from_reader(r: &mut ConfigReader) -> Result<Dropout> {
        let mut dropout = Dropout::new(r.required_f64("rate")?);
        dropout.seed = r.i64("seed")?;
        dropout.noise_shape = r.shape("noise_shape")?.map(|s| s.dims().iter().map(|d| d.known()).collect());
        Ok(dropout)
    }
}

impl Layer for Dropout {
    fn class_name(&self) -> &'static str {
        "Dropout"
    }

    fn options(&self) -> LayerOptions {
        self.options.clone()
    }

    fn config(&self) -> Config {
        [
            ("rate", Value::from(self.rate)),
            ("seed", json!(self.seed)),
            ("noise_shape", json!(self.noise_shape)),
        ]
        .into_iter()
        .map(|(key, value)| (key.to_string(), value))
        .collect()
    }

    fn build(&mut self, _cx: &mut BuildCx, input: &Shape) -> Result<()> {
        self.output_shape(input)?;
        if self.rate > 0.0 {
            // Streams are told apart by 32 bits.
            self.generator = Some(SeedGenerator::new(self.seed.map(|s| s as u32)));
        }
        Ok(())
    }

    fn call(&self, x: &Tensor, cx: &CallCx) -> Result<Tensor> {
        match &self.generator {
            Some(generator) if cx.training => {
                let noise = self.noise_shape.as_ref().map(|sizes| noise_shape(Some(sizes), x));
                generator.dropout(x, self.rate, noise.as_deref())
            }
            _ => Ok(x.clone()),
        }
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        if !(0.0..=1.0).contains(&self.rate) {
            return Err(Error::value(format!("expected a rate in [0, 1], got {}", self.rate)));
        }
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

/// The shape of decisions for a tensor: its own where nothing else is said.
pub(super) fn noise_shape(sizes: Option<&[Option<usize>]>, x: &Tensor) -> Vec<usize> {
    match sizes {
        None => x.shape().to_vec(),
        Some(sizes) => sizes.iter().zip(x.shape()).map(|(size, &own)| size.unwrap_or(own)).collect(),
    }
}

/// An error where decisions of this shape cannot be stretched over the input.
pub(super) fn check_noise_shape(noise: Option<&Vec<Option<usize>>>, input: &Shape) -> Result<()> {
    let Some(noise) = noise else { return Ok(()) };
    let fits = noise.len() == input.rank()
        && noise.iter().zip(input.dims()).all(|(n, d)| match (n, d.known()) {
            (Some(n), Some(d)) => *n == 1 || *n == d,
            _ => true,
        });
    if fits {
        return Ok(());
    }
    let noise = Shape::from(noise.clone());
    Err(Error::shape(format!(
        "noise_shape {noise} does not fit input shape {input}; each size must be 1, None or the input's"
    )))
}
