//! `PReLU`: a slope below zero that is learned.

use crate::activations::relu;
use crate::arguments::config;
use crate::layers::build::BuildCx;
use crate::layers::layer::{CallCx, Layer, LayerOptions, basics, common_options, unbuilt};
use crate::layers::reader::ConfigReader;
use crate::layers::weight_spec::{Keys, WeightSpec, weight_setters};
use crate::spec::Config;
use rhyton_base::{Error, Result, Shape};
use rhyton_tensor::{Tensor, Variable, ops};
use serde_json::json;

const ALPHA: Keys = ["alpha_initializer", "alpha_regularizer", "alpha_constraint"];

/// `x` where `x ≥ 0`, `alpha · x` below, with a weight `alpha` for each place of a sample.
///
/// - Shape: any with a batch axis, unchanged. Weight: `alpha`, of the shape of a sample; of size 1 along shared axes.
/// - Defaults: zeros, nothing shared. Axes count from 1; the batch is axis 0. Masks go on unchanged.
/// - Errors: a shared axis that a sample does not have; a size that is unknown and not shared.
///
/// ```
/// use rhyton_nn::layers::PReLU;
/// use rhyton_tensor::Tensor;
/// let y = PReLU::new().alpha_initializer("ones").call(&Tensor::from([[-4.0f32, 2.0]]))?;
/// assert_eq!(y.to_vec::<f32>()?, [-4.0, 2.0]);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
///
/// Source: He et al., "Delving deep into rectifiers", ICCV 2015; `keras/src/layers/activations/prelu.py`.
#[derive(Clone, Debug)]
pub struct PReLU {
    alpha: WeightSpec,
    shared_axes: Option<Vec<usize>>,
    pub(in crate::layers) options: LayerOptions,
    built: Option<Variable>,
}

common_options!(PReLU);
weight_setters!(PReLU.alpha: alpha_initializer alpha_regularizer alpha_constraint);

impl Default for PReLU {
    fn default() -> PReLU {
        PReLU::new()
    }
}

impl PReLU {
    /// The layer.
    pub fn new() -> PReLU {
        let options = LayerOptions::default();
        PReLU { alpha: WeightSpec::new("zeros"), shared_axes: None, options, built: None }
    }

    /// The axes along which places share a slope: `[1, 2]` for images with a slope a channel.
    #[must_use]
    pub fn shared_axes(mut self, axes: impl AsRef<[usize]>) -> PReLU {
        self.shared_axes = Some(axes.as_ref().to_vec());
        self
    }

    pub(in crate::layers) fn from_reader(r: &mut ConfigReader) -> Result<PReLU> {
        let mut layer = PReLU::new();
        layer.alpha.read(r, ALPHA)?;
        // What is no axis becomes 0, which the layer refuses.
        let axes = r.integers("shared_axes")?;
        layer.shared_axes = axes.map(|a| a.iter().map(|&n| usize::try_from(n).unwrap_or(0)).collect());
        Ok(layer)
    }
}

impl Layer for PReLU {
    basics!("PReLU");

    fn config(&self) -> Config {
        let mut config = config([("shared_axes", json!(self.shared_axes))]);
        self.alpha.write(&mut config, ALPHA);
        config
    }

    fn build(&mut self, cx: &mut BuildCx, input: &Shape) -> Result<()> {
        let shared = self.shared_axes.clone().unwrap_or_default();
        if let Some(&axis) = shared.iter().find(|&&axis| axis == 0 || axis >= input.rank()) {
            return Err(Error::value(format!(
                "expected shared_axes to be axes of samples, from 1 to {}, got {axis} (input shape {input})",
                input.rank().saturating_sub(1)
            )));
        }
        let size = |axis: usize| if shared.contains(&axis) { Ok(1) } else { cx.axis(input, axis) };
        let shape = (1..input.rank()).map(size).collect::<Result<Vec<_>>>()?;
        self.built = Some(self.alpha.build(cx, "alpha", shape)?);
        Ok(())
    }

    fn call(&self, x: &Tensor, _cx: &CallCx) -> Result<Tensor> {
        let alpha = self.built.as_ref().ok_or_else(unbuilt)?.value();
        let below = ops::multiply(&alpha, &relu(&ops::negative(x)?)?)?;
        ops::subtract(&relu(x)?, &below)
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        if let Some(alpha) = &self.built {
            let sample = input.without_batch();
            let fits = sample.rank() == alpha.shape().len()
                && sample.dims().iter().zip(alpha.shape()).all(|(d, &n)| n == 1 || d.fits(n.into()));
            if !fits {
                return Err(Error::shape(format!(
                    "expected samples that fit alpha of shape {}, got input shape {input}; make a new layer for this \
                     data",
                    Shape::from(alpha.shape())
                )));
            }
        }
        Ok(input.clone())
    }

    fn supports_masking(&self) -> bool {
        true
    }
}
