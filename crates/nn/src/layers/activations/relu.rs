//! `ReLU` and `LeakyReLU`.

use crate::activations::{leaky_relu_with, relu_with};
use crate::arguments::{config, finite};
use crate::layers::layer::{CallCx, Layer, LayerOptions, basics, common_options, setters};
use crate::layers::reader::ConfigReader;
use crate::spec::Config;
use rhyton_base::{Error, Result, Shape};
use rhyton_tensor::Tensor;
use serde_json::{Value, json};

/// An error unless the number is 0 or more.
fn at_least_zero(name: &str, value: f64) -> Result<()> {
    if value >= 0.0 {
        return Ok(());
    }
    Err(Error::value(format!("expected {name} to be 0 or more, got {value}")))
}

/// `x` between `threshold` and `max_value`, `max_value` above, `negative_slope · (x - threshold)` below.
///
/// - Shape: any, unchanged. Masks go on unchanged.
/// - Defaults: no maximum, slope 0, threshold 0, which is `max(x, 0)`.
/// - Errors: an argument below 0.
///
/// ```
/// use rhyton_nn::layers::ReLU;
/// use rhyton_tensor::Tensor;
/// let x = Tensor::from([[-4.0f32, 0.5, 2.0, 9.0]]);
/// let y = ReLU::new().max_value(6.0).negative_slope(0.5).threshold(1.0).call(&x)?;
/// assert_eq!(y.to_vec::<f32>()?, [-2.5, -0.25, 2.0, 6.0]);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
///
/// Source: `keras/src/layers/activations/relu.py`.
#[derive(Clone, Debug, Default)]
pub struct ReLU {
    max_value: Option<f64>,
    negative_slope: f64,
    threshold: f64,
    pub(in crate::layers) options: LayerOptions,
}

common_options!(ReLU);
setters! {
    ReLU;
    /// The largest result.
    some max_value: f64;
    /// The slope below the threshold.
    set negative_slope: f64;
    /// Where it begins to rise.
    set threshold: f64;
}

impl ReLU {
    /// The layer.
    pub fn new() -> ReLU {
        ReLU::default()
    }

    pub(in crate::layers) fn from_reader(r: &mut ConfigReader) -> Result<ReLU> {
        Ok(ReLU {
            max_value: r.f64("max_value")?,
            negative_slope: r.f64("negative_slope")?.unwrap_or(0.0),
            threshold: r.f64("threshold")?.unwrap_or(0.0),
            ..ReLU::new()
        })
    }
}

impl Layer for ReLU {
    basics!("ReLU");

    fn config(&self) -> Config {
        config([
            ("max_value", json!(self.max_value)),
            ("negative_slope", Value::from(self.negative_slope)),
            ("threshold", Value::from(self.threshold)),
        ])
    }

    fn call(&self, x: &Tensor, _cx: &CallCx) -> Result<Tensor> {
        relu_with(x, self.negative_slope, self.max_value, self.threshold)
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        at_least_zero("max_value", self.max_value.unwrap_or(0.0))?;
        at_least_zero("negative_slope", self.negative_slope)?;
        at_least_zero("threshold", self.threshold)?;
        finite("negative_slope", &self.negative_slope)?;
        finite("threshold", &self.threshold)?;
        Ok(input.clone())
    }

    fn supports_masking(&self) -> bool {
        true
    }

    fn needs_build(&self) -> bool {
        false
    }
}

/// `x` where `x ≥ 0`, `negative_slope · x` below.
///
/// - Shape: any, unchanged. Masks go on unchanged.
/// - Default: slope 0.3 (the function [`crate::activations::leaky_relu`] has 0.2).
/// - Errors: a slope below 0.
///
/// ```
/// use rhyton_nn::layers::LeakyReLU;
/// use rhyton_tensor::Tensor;
/// let y = LeakyReLU::new().negative_slope(0.5).call(&Tensor::from([[-4.0f32, 2.0]]))?;
/// assert_eq!(y.to_vec::<f32>()?, [-2.0, 2.0]);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
///
/// Source: `keras/src/layers/activations/leaky_relu.py`.
#[derive(Clone, Debug)]
pub struct LeakyReLU {
    negative_slope: f64,
    pub(in crate::layers) options: LayerOptions,
}

common_options!(LeakyReLU);
setters! {
    LeakyReLU;
    /// The slope below zero.
    set negative_slope: f64;
}

impl Default for LeakyReLU {
    fn default() -> LeakyReLU {
        LeakyReLU::new()
    }
}

impl LeakyReLU {
    /// The layer.
    pub fn new() -> LeakyReLU {
        LeakyReLU { negative_slope: 0.3, options: LayerOptions::default() }
    }

    pub(in crate::layers) fn from_reader(r: &mut ConfigReader) -> Result<LeakyReLU> {
        // Keras 2 called it `alpha`.
        let slope = match r.f64("negative_slope")? {
            Some(slope) => Some(slope),
            None => r.f64("alpha")?,
        };
        Ok(LeakyReLU::new().negative_slope(slope.unwrap_or(0.3)))
    }
}

impl Layer for LeakyReLU {
    basics!("LeakyReLU");

    fn config(&self) -> Config {
        config([("negative_slope", Value::from(self.negative_slope))])
    }

    fn call(&self, x: &Tensor, _cx: &CallCx) -> Result<Tensor> {
        leaky_relu_with(x, self.negative_slope)
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        at_least_zero("negative_slope", self.negative_slope)?;
        finite("negative_slope", &self.negative_slope)?;
        Ok(input.clone())
    }

    fn supports_masking(&self) -> bool {
        true
    }

    fn needs_build(&self) -> bool {
        false
    }
}
