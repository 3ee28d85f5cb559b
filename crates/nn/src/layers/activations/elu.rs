//! `ELU`: exponential below zero.

use crate::activations::elu_with;
use crate::arguments::{config, finite};
use crate::layers::layer::{CallCx, Layer, LayerOptions, basics, common_options, setters};
use crate::layers::reader::ConfigReader;
use crate::spec::Config;
use rhyton_base::{Result, Shape};
use rhyton_tensor::Tensor;
use serde_json::Value;

/// `x` where `x > 0`, `alpha · (exp(x) - 1)` below.
///
/// - Shape: any, unchanged. Default: alpha 1. Masks go on unchanged.
///
/// ```
/// use rhyton_nn::layers::ELU;
/// use rhyton_tensor::Tensor;
/// let y = ELU::new().alpha(0.5).call(&Tensor::from([[-1000.0f32, 2.0]]))?;
/// assert_eq!(y.to_vec::<f32>()?, [-0.5, 2.0]);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
///
/// Source: Clevert, Unterthiner and Hochreiter, "Fast and accurate deep network learning by exponential linear units",
/// ICLR 2016; `keras/src/layers/activations/elu.py`.
#[derive(Clone, Debug)]
pub struct ELU {
    alpha: f64,
    pub(in crate::layers) options: LayerOptions,
}

common_options!(ELU);
setters! {
    ELU;
    /// What it goes to below zero, with the sign turned.
    set alpha: f64;
}

impl Default for ELU {
    fn default() -> ELU {
        ELU::new()
    }
}

impl ELU {
    /// The layer.
    pub fn new() -> ELU {
        ELU { alpha: 1.0, options: LayerOptions::default() }
    }

    pub(in crate::layers) fn from_reader(r: &mut ConfigReader) -> Result<ELU> {
        Ok(ELU::new().alpha(r.f64("alpha")?.unwrap_or(1.0)))
    }
}

impl Layer for ELU {
    basics!("ELU");

    fn config(&self) -> Config {
        config([("alpha", Value::from(self.alpha))])
    }

    fn call(&self, x: &Tensor, _cx: &CallCx) -> Result<Tensor> {
        elu_with(x, self.alpha)
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        finite("alpha", &self.alpha)?;
        Ok(input.clone())
    }

    fn supports_masking(&self) -> bool {
        true
    }

    fn needs_build(&self) -> bool {
        false
    }
}
