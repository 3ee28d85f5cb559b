//! `LayerNormalization`: mean 0 and variance 1 within each sample.

use super::affine::{BETA, GAMMA, affine, moments, normalized, shaped, wide, write};
use crate::arguments::config;
use crate::layers::axes::{LayerAxes, signed};
use crate::layers::build::BuildCx;
use crate::layers::layer::{CallCx, Layer, LayerOptions, basics, common_options, setters, unbuilt};
use crate::layers::reader::ConfigReader;
use crate::layers::weight_spec::{WeightSpec, weight_setters};
use crate::numbers::not_negative;
use crate::spec::Config;
use rhyton_base::{DType, Error, Result, Shape};
use rhyton_tensor::{Tensor, Variable, ops};
use serde_json::Value;

/// Brings each sample to mean 0 and variance 1 over axes: `(x - mean) / sqrt(variance + epsilon) · gamma + beta`.
///
/// - Shape: any, unchanged. Weights of the sizes of the axes: `gamma`, `beta`.
/// - Defaults: axis -1, epsilon 0.001, with `center` (beta, zeros) and `scale` (gamma, ones).
/// - Half-precision inputs are computed in `float32`. Masks go on unchanged.
/// - Errors: an axis that is not there or of unknown size; sizes other than the layer was built for.
///
/// ```
/// use rhyton_nn::layers::LayerNormalization;
/// use rhyton_tensor::Tensor;
/// let y = LayerNormalization::new().epsilon(0.0).call(&Tensor::from([[1.0f32, 3.0], [10.0, 30.0]]))?;
/// assert_eq!(y.to_vec::<f32>()?, [-1.0, 1.0, -1.0, 1.0]);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
///
/// Source: Ba, Kiros and Hinton, "Layer normalization", 2016;
/// `keras/src/layers/normalization/layer_normalization.py`.
#[derive(Clone, Debug)]
pub struct LayerNormalization {
    axis: LayerAxes,
    epsilon: f64,
    center: bool,
    scale: bool,
    gamma: WeightSpec,
    beta: WeightSpec,
    pub(in crate::layers) options: LayerOptions,
    built: Option<Built>,
}

#[derive(Clone, Debug)]
struct Built {
    axes: Vec<usize>,
    sizes: Vec<usize>,
    gamma: Option<Variable>,
    beta: Option<Variable>,
    compute: DType,
}

common_options!(LayerNormalization);
setters! {
    LayerNormalization;
    /// The axis, or axes, over which mean and variance are taken.
    into axis: LayerAxes;
}
affine!(LayerNormalization);

impl LayerNormalization {
    /// The layer.
    pub fn new() -> LayerNormalization {
        LayerNormalization {
            axis: LayerAxes::from(-1),
            epsilon: 1e-3,
            center: true,
            scale: true,
            gamma: WeightSpec::new("ones"),
            beta: WeightSpec::new("zeros"),
            options: LayerOptions::default(),
            built: None,
        }
    }

    pub(in crate::layers) fn from_reader(r: &mut ConfigReader) -> Result<LayerNormalization> {
        let mut layer = LayerNormalization::new();
        layer.axis = LayerAxes::read(r, "axis")?.unwrap_or(layer.axis);
        layer.read_affine(r)?;
        if r.bool("rms_scaling")? == Some(true) {
            return Err(Error::unsupported("key \"rms_scaling\": use RMSNormalization"));
        }
        Ok(layer)
    }
}

impl Layer for LayerNormalization {
    basics!("LayerNormalization");

    fn config(&self) -> Config {
        let mut config = config([("axis", self.axis.json()), ("rms_scaling", Value::from(false))]);
        write(&mut config, self.epsilon, (self.center, &self.beta), (self.scale, &self.gamma));
        config
    }

    fn build(&mut self, cx: &mut BuildCx, input: &Shape) -> Result<()> {
        not_negative("epsilon", self.epsilon)?;
        let axes = self.axis.of(input)?;
        let sizes = axes.iter().map(|&axis| cx.axis(input, axis)).collect::<Result<Vec<_>>>()?;
        self.built = Some(Built {
            gamma: self.gamma.build_if(self.scale, cx, "gamma", &sizes)?,
            beta: self.beta.build_if(self.center, cx, "beta", &sizes)?,
            axes,
            sizes,
            compute: cx.compute_dtype(),
        });
        Ok(())
    }

    fn call(&self, x: &Tensor, _cx: &CallCx) -> Result<Tensor> {
        let built = self.built.as_ref().ok_or_else(unbuilt)?;
        let wide = wide(x)?;
        let mut along = vec![1; x.rank()];
        built.axes.iter().for_each(|&axis| along[axis] = x.shape()[axis]);
        let (mean, variance) = moments(&wide, &signed(&built.axes))?;
        let gamma = shaped(built.gamma.as_ref(), wide.dtype(), &along)?;
        let beta = shaped(built.beta.as_ref(), wide.dtype(), &along)?;
        let y = normalized(&wide, (&mean, &variance), gamma.as_ref(), beta.as_ref(), self.epsilon)?;
        ops::cast(&y, built.compute)
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        let axes = self.axis.of(input)?;
        if let Some(built) = &self.built {
            let same =
                |(&axis, &size): (&usize, &usize)| input.dims()[axis].known().is_none_or(|n| n == size);
            if axes != built.axes || !axes.iter().zip(&built.sizes).all(same) {
                return Err(Error::shape(format!(
                    "expected sizes {:?} along axes {:?}, got input shape {input}; make a new layer for this data",
                    built.sizes, built.axes
                )));
            }
        }
        Ok(input.clone())
    }

    fn supports_masking(&self) -> bool {
        true
    }

    fn autocast(&self) -> bool {
        false
    }
}
