//! `GaussianDropout` and `GaussianNoise`: normal noise while training.

use super::{check_unit, generator};
use crate::arguments::config;
use crate::layers::build::BuildCx;
use crate::layers::layer::{CallCx, Layer, LayerOptions, basics, common_options, setters};
use crate::layers::reader::ConfigReader;
use crate::spec::Config;
use rhyton_base::{DType, Error, Result, Shape};
use rhyton_tensor::{SeedGenerator, Tensor, ops};
use serde_json::{Value, json};

/// The type that noise for such a tensor has.
fn noise_type(x: &Tensor) -> DType {
    if x.dtype().is_float() { x.dtype() } else { DType::F32 }
}

macro_rules! gaussian {
    ($(#[$doc:meta])* $Layer:ident $class:literal $argument:ident, $(#[$new:meta])*) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $Layer {
            $argument: f64,
            seed: Option<i64>,
            pub(in crate::layers) options: LayerOptions,
            generator: Option<SeedGenerator>,
        }

        common_options!($Layer);
        setters! {
            $Layer;
            /// Makes the noise of the layer repeatable on its own.
            some seed: i64;
        }

        impl $Layer {
            $(#[$new])*
            pub fn new($argument: f64) -> $Layer {
                $Layer { $argument, seed: None, options: LayerOptions::default(), generator: None }
            }

            pub(in crate::layers) fn from_reader(r: &mut ConfigReader) -> Result<$Layer> {
                let mut layer = $Layer::new(r.required_f64(stringify!($argument))?);
                layer.seed = r.i64("seed")?;
                Ok(layer)
            }
        }

        impl Layer for $Layer {
            basics!($class);

            fn config(&self) -> Config {
                config([(stringify!($argument), Value::from(self.$argument)), ("seed", json!(self.seed))])
            }

            fn build(&mut self, _cx: &mut BuildCx, input: &Shape) -> Result<()> {
                self.output_shape(input)?;
                self.generator = generator(self.$argument > 0.0, self.seed);
                Ok(())
            }

            fn call(&self, x: &Tensor, cx: &CallCx) -> Result<Tensor> {
                match &self.generator {
                    Some(generator) if cx.training => self.noisy(x, generator),
                    _ => Ok(x.clone()),
                }
            }

            fn output_shape(&self, input: &Shape) -> Result<Shape> {
                self.check()?;
                Ok(input.clone())
            }

            fn supports_masking(&self) -> bool {
                true
            }

            fn needs_build(&self) -> bool {
                false
            }
        }
    };
}

gaussian! {
    /// Multiplies its input by normal noise of mean 1 and standard deviation `sqrt(rate / (1 - rate))` while training.
    /// Outside of training the input passes unchanged.
    ///
    /// - Shape: any, unchanged. Default: a seed from the process's own stream. Masks go on unchanged.
    /// - Errors: a rate outside [0, 1).
    ///
    /// ```
    /// use rhyton_nn::layers::GaussianDropout;
    /// use rhyton_tensor::Tensor;
    /// let x = Tensor::from([[1.0f32, 2.0]]);
    /// assert!(GaussianDropout::new(0.5).call(&x)?.bit_equal(&x));
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    ///
    /// Source: Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting", JMLR 15, 2014;
    /// `keras/src/layers/regularization/gaussian_dropout.py`.
    GaussianDropout "GaussianDropout" rate,
    /// A layer with as much noise as dropout of this rate has.
}

gaussian! {
    /// Adds normal noise of mean 0 to its input while training. Outside of training the input passes unchanged.
    ///
    /// - Shape: any, unchanged. Default: a seed from the process's own stream. Masks go on unchanged.
    /// - Errors: a standard deviation outside [0, 1].
    ///
    /// ```
    /// use rhyton_nn::layers::GaussianNoise;
    /// use rhyton_tensor::Tensor;
    /// let x = Tensor::from([[1.0f32, 2.0]]);
    /// assert!(GaussianNoise::new(0.1).call(&x)?.bit_equal(&x));
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    ///
    /// Source: `keras/src/layers/regularization/gaussian_noise.py`.
    GaussianNoise "GaussianNoise" stddev,
    /// A layer that adds noise of this standard deviation.
}

impl GaussianDropout {
    fn check(&self) -> Result<()> {
        if (0.0..1.0).contains(&self.rate) {
            return Ok(());
        }
        Err(Error::value(format!("expected rate to be in [0, 1), got {}", self.rate)))
    }

    fn noisy(&self, x: &Tensor, generator: &SeedGenerator) -> Result<Tensor> {
        let stddev = (self.rate / (1.0 - self.rate)).sqrt();
        ops::multiply(x, &generator.normal(x.shape(), 1.0, stddev, noise_type(x))?)
    }
}

impl GaussianNoise {
    fn check(&self) -> Result<()> {
        check_unit("stddev", self.stddev)
    }

    fn noisy(&self, x: &Tensor, generator: &SeedGenerator) -> Result<Tensor> {
        ops::add(x, &generator.normal(x.shape(), 0.0, self.stddev, noise_type(x))?)
    }
}
