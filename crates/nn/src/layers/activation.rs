//! `Activation`: an activation function as a layer.

use super::build::BuildCx;
use super::layer::{CallCx, Layer, LayerOptions};
use super::reader::{ConfigReader, activation_json};
use crate::activations;
use crate::arguments::config;
use crate::spec::{Config, Spec};
use rhyton_base::{Error, Result, Shape};
use rhyton_tensor::Tensor;
use std::sync::Arc;

/// Applies an activation function: `y = activation(x)`.
///
/// - Shape: any, unchanged.
/// - Errors: a name that no activation has.
///
/// ```
/// use rhyton_nn::layers::Activation;
/// use rhyton_tensor::Tensor;
/// let y = Activation::new("relu").call(&Tensor::from([[-1.0f32, 2.0]]))?;
/// assert_eq!(y.to_vec::<f32>()?, [0.0, 2.0]);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
///
/// Source: `keras/src/layers/activations/activation.py`.
pub struct Activation {
    activation: Spec<activations::Activation>,
    pub(super) options: LayerOptions,
    resolved: Option<Arc<activations::Activation>>,
}

super::layer::common_options!(Activation);

impl Activation {
    /// A layer that applies this activation, given by name or as an object.
    pub fn new(activation: impl Into<Spec<activations::Activation>>) -> Activation {
        Activation { activation: activation.into(), options: LayerOptions::default(), resolved: None }
    }

    pub(super) fn from_reader(r: &mut ConfigReader) -> Result<Activation> {
        Ok(Activation::new(r.activation("activation")?))
    }
}

impl Layer for Activation {
    fn class_name(&self) -> &'static str {
        "Activation"
    }

    fn options(&self) -> LayerOptions {
        self.options.clone()
    }

    fn config(&self) -> Config {
        config([("activation", activation_json(&self.activation))])
    }

    fn build(&mut self, _cx: &mut BuildCx, _input: &Shape) -> Result<()> {
        self.resolved = Some(self.activation.resolve()?);
        Ok(())
    }

    fn call(&self, x: &Tensor, _cx: &CallCx) -> Result<Tensor> {
        self.resolved.as_ref().ok_or_else(|| Error::state("called before it was built"))?.call(x)
    }

    fn supports_masking(&self) -> bool {
        true
    }

    fn needs_build(&self) -> bool {
        false
    }
}
