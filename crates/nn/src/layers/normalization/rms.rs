//! `RMSNormalization`: a mean square of 1 within each sample.

use super::affine::wide;
use crate::arguments::config;
use crate::layers::axes::{LayerAxes, signed};
use crate::layers::build::BuildCx;
use crate::layers::layer::{CallCx, Layer, LayerOptions, basics, common_options, setters, unbuilt};
use crate::layers::reader::ConfigReader;
use crate::numbers::{like, not_negative};
use crate::spec::{Config, Spec};
use rhyton_base::{Error, Result, Shape};
use rhyton_tensor::{Axes, Tensor, Variable, ops};
use serde_json::Value;

/// Divides each sample by its root mean square over axes: `x / sqrt(mean(x²) + epsilon) · scale`.
///
/// - Shape: any, unchanged. Weight of the sizes of the axes: `scale` (ones).
/// - Defaults: axis -1, epsilon 1e-6. Half-precision inputs are computed in `float32`. Masks are dropped.
/// - Errors: an axis that is not there or of unknown size; sizes other than the layer was built for.
///
/// ```
/// use rhyton_nn::layers::RMSNormalization;
/// use rhyton_tensor::Tensor;
/// let y = RMSNormalization::new().epsilon(0.0).call(&Tensor::from([[2.0f32, -2.0], [6.0, 6.0]]))?;
/// assert_eq!(y.to_vec::<f32>()?, [1.0, -1.0, 1.0, 1.0]);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
///
/// Source: Zhang and Sennrich, "Root mean square layer normalization", NeurIPS 2019;
/// `keras/src/layers/normalization/rms_normalization.py`.
#[derive(Clone, Debug)]
pub struct RMSNormalization {
    axis: LayerAxes,
    epsilon: f64,
    pub(in crate::layers) options: LayerOptions,
    built: Option<Variable>,
}

common_options!(RMSNormalization);
setters! {
    RMSNormalization;
    /// The axis, or axes, over which the mean square is taken.
    into axis: LayerAxes;
    /// What is added to the mean square.
    set epsilon: f64;
}

impl Default for RMSNormalization {
    fn default() -> RMSNormalization {
        RMSNormalization::new()
    }
}

impl RMSNormalization {
    /// The layer.
    pub fn new() -> RMSNormalization {
        RMSNormalization {
            axis: LayerAxes::from(-1),
            epsilon: 1e-6,
            options: LayerOptions::default(),
            built: None,
        }
    }

    pub(in crate::layers) fn from_reader(r: &mut ConfigReader) -> Result<RMSNormalization> {
        let mut layer = RMSNormalization::new();
        layer.axis = LayerAxes::read(r, "axis")?.unwrap_or(layer.axis);
        layer.epsilon = r.f64("epsilon")?.unwrap_or(layer.epsilon);
        Ok(layer)
    }
}

impl Layer for RMSNormalization {
    basics!("RMSNormalization");

    fn config(&self) -> Config {
        config([("axis", self.axis.json()), ("epsilon", Value::from(self.epsilon))])
    }

    fn build(&mut self, cx: &mut BuildCx, input: &Shape) -> Result<()> {
        not_negative("epsilon", self.epsilon)?;
        let axes = self.axis.of(input)?;
        let sizes = axes.iter().map(|&axis| cx.axis(input, axis)).collect::<Result<Vec<_>>>()?;
        self.built = Some(cx.weight("scale", sizes, &Spec::from("ones"))?);
        Ok(())
    }

    fn call(&self, x: &Tensor, _cx: &CallCx) -> Result<Tensor> {
        let scale = self.built.as_ref().ok_or_else(unbuilt)?;
        let axes = self.axis.of(&x.meta().shape)?;
        let mut along = vec![1; x.rank()];
        axes.iter().for_each(|&axis| along[axis] = x.shape()[axis]);
        let wide = wide(x)?;
        let power = ops::mean(&ops::square(&wide)?, Axes::from(&signed(&axes)[..]).keepdims())?;
        let y = ops::multiply(&wide, &ops::rsqrt(&ops::add(&power, &like(&power, self.epsilon)?)?)?)?;
        let scale = ops::reshape(&ops::cast(&scale.value(), y.dtype())?, along)?;
        let y = ops::multiply(&y, &scale)?;
        if x.dtype().is_float() { ops::cast(&y, x.dtype()) } else { Ok(y) }
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        let axes = self.axis.of(input)?;
        if let Some(scale) = &self.built {
            let same =
                |(&axis, &size): (&usize, &usize)| input.dims()[axis].known().is_none_or(|n| n == size);
            if axes.len() != scale.shape().len() || !axes.iter().zip(scale.shape()).all(same) {
                return Err(Error::shape(format!(
                    "expected sizes {:?} along axes {axes:?}, got input shape {input}; make a new layer for this data",
                    scale.shape()
                )));
            }
        }
        Ok(input.clone())
    }
}
