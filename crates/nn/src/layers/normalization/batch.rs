//! `BatchNormalization`: mean 0 and variance 1 over the batch.

use super::affine::{BETA, GAMMA, affine, normalized, shaped, wide, write};
use crate::arguments::{config, finite};
use crate::config::epsilon;
use crate::initializers::Initializer;
use crate::layers::build::BuildCx;
use crate::layers::layer::{CallCx, Layer, LayerOptions, basics, common_options, setters, unbuilt};
use crate::layers::reader::{ConfigReader, initializer_json};
use crate::layers::weight_spec::{WeightSpec, weight_setters};
use crate::numbers::{like, not_negative};
use crate::spec::{Config, Spec};
use rhyton_base::{DType, Error, Result, Shape, normalize_axis};
use rhyton_tensor::{Axes, Tensor, Variable, no_gradient, ops};
use serde_json::Value;

/// Brings each feature to mean 0 and variance 1: `(x - mean) / sqrt(variance + epsilon) · gamma + beta`.
///
/// While training, mean and (population) variance are those of the batch, over all axes but `axis`, and moving
/// averages of them are kept: `moving = momentum · moving + (1 - momentum) · batch`. Outside of training, and in a
/// frozen layer always, the moving averages are used.
///
/// - Shape: any, unchanged. Weights, each of the size of the axis: `gamma`, `beta`, and untrained `moving_mean`,
///   `moving_variance`.
/// - Defaults: axis -1, momentum 0.99, epsilon 0.001, with `center` (beta) and `scale` (gamma); beta and the moving mean
///   begin with zeros, gamma and the moving variance with ones.
/// - Half-precision inputs are computed in `float32`.
/// - Masks go on unchanged; masked places do not count for mean and variance.
/// - Errors: an axis that is not there or of unknown size; an input of another size than the layer was built for; a
///   mask that does not have one axis less than the input.
///
/// ```
/// use rhyton_nn::layers::{AnyLayer, BatchNormalization, CallCx};
/// use rhyton_tensor::Tensor;
/// let layer = AnyLayer::from(BatchNormalization::new().momentum(0.5).epsilon(0.0));
/// let x = Tensor::from([[1.0f32, 10.0], [3.0, 30.0]]);
/// assert_eq!(layer.call_in(&x, &CallCx::TRAINING)?.to_vec::<f32>()?, [-1.0, -1.0, 1.0, 1.0]);
/// assert_eq!(layer.weights()[2].value().to_vec::<f32>()?, [1.0, 10.0]);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
///
/// Source: Ioffe and Szegedy, "Batch normalization", ICML 2015;
/// `keras/src/layers/normalization/batch_normalization.py`.
#[derive(Clone, Debug)]
pub struct BatchNormalization {
    axis: isize,
    momentum: f64,
    epsilon: f64,
    center: bool,
    scale: bool,
    gamma: WeightSpec,
    beta: WeightSpec,
    moving_mean_initializer: Spec<dyn Initializer>,
    moving_variance_initializer: Spec<dyn Initializer>,
    pub(in crate::layers) options: LayerOptions,
    built: Option<Built>,
}

#[derive(Clone, Debug)]
struct Built {
    rank: usize,
    axis: usize,
    gamma: Option<Variable>,
    beta: Option<Variable>,
    mean: Variable,
    variance: Variable,
    compute: DType,
}

common_options!(BatchNormalization);
setters! {
    BatchNormalization;
    /// The axis of the features.
    set axis: isize;
    /// How much of the moving averages is kept at each step of training.
    set momentum: f64;
    /// How the moving mean begins.
    into moving_mean_initializer: Spec<dyn Initializer>;
    /// How the moving variance begins.
    into moving_variance_initializer: Spec<dyn Initializer>;
}
affine!(BatchNormalization);

impl BatchNormalization {
    /// The layer.
    pub fn new() -> BatchNormalization {
        BatchNormalization {
            axis: -1,
            momentum: 0.99,
            epsilon: 1e-3,
            center: true,
            scale: true,
            gamma: WeightSpec::new("ones"),
            beta: WeightSpec::new("zeros"),
            moving_mean_initializer: Spec::from("zeros"),
            moving_variance_initializer: Spec::from("ones"),
            options: LayerOptions::default(),
            built: None,
        }
    }

    pub(in crate::layers) fn from_reader(r: &mut ConfigReader) -> Result<BatchNormalization> {
        let mut layer = BatchNormalization::new();
        if let Some(axes) = r.integers("axis")? {
            // Keras 2 wrote a list of one.
            let [axis] = axes[..] else { return Err(Error::format("key \"axis\": expected one axis")) };
            layer.axis = axis;
        }
        layer.momentum = r.f64("momentum")?.unwrap_or(layer.momentum);
        layer.read_affine(r)?;
        if let Some(initializer) = r.initializer("moving_mean_initializer")? {
            layer.moving_mean_initializer = initializer;
        }
        if let Some(initializer) = r.initializer("moving_variance_initializer")? {
            layer.moving_variance_initializer = initializer;
        }
        for key in ["renorm", "synchronized"] {
            if r.bool(key)? == Some(true) {
                return Err(Error::unsupported(format!("key {key:?}: this version normalizes plainly only")));
            }
        }
        for key in ["renorm_clipping", "renorm_momentum"] {
            r.value(key);
        }
        Ok(layer)
    }

    /// Mean and variance of what is not masked, over `axes`.
    fn masked_moments(x: &Tensor, mask: &Tensor, axes: &[isize]) -> Result<(Tensor, Tensor)> {
        if mask.rank() + 1 != x.rank() {
            return Err(Error::shape(format!(
                "expected a mask with one axis less than the input, got mask shape {} for input shape {}",
                Shape::from(mask.shape()),
                Shape::from(x.shape())
            )));
        }
        let mask = ops::broadcast_to(&ops::cast(&ops::expand_dims(mask, -1)?, DType::Bool)?, x.shape())?;
        let axes = Axes::from(axes).keepdims();
        let none = like(x, 0.0)?;
        let counted = ops::sum(&ops::cast(&mask, x.dtype())?, axes.clone())?;
        let counted = ops::add(&counted, &like(x, epsilon())?)?;
        let mean = ops::divide(&ops::sum(&ops::r#where(&mask, x, &none)?, axes.clone())?, &counted)?;
        let distance = ops::r#where(&mask, &ops::subtract(x, &mean)?, &none)?;
        let variance = ops::divide(&ops::sum(&ops::square(&distance)?, axes)?, &counted)?;
        Ok((mean, variance))
    }

    /// The moving average after this batch.
    fn track(&self, moving: &Variable, batch: &Tensor) -> Result<()> {
        no_gradient(|| {
            let batch = ops::reshape(batch, moving.shape())?;
            let old = ops::cast(&moving.stored_value(), batch.dtype())?;
            let kept = ops::multiply(&old, &like(&old, self.momentum)?)?;
            let new = ops::multiply(&batch, &like(&batch, 1.0 - self.momentum)?)?;
            moving.assign(&ops::add(&kept, &new)?)
        })
    }
}

impl Layer for BatchNormalization {
    basics!("BatchNormalization");

    fn config(&self) -> Config {
        let mut config = config([
            ("axis", Value::from(self.axis)),
            ("momentum", Value::from(self.momentum)),
            ("moving_mean_initializer", initializer_json(&self.moving_mean_initializer)),
            ("moving_variance_initializer", initializer_json(&self.moving_variance_initializer)),
        ]);
        write(&mut config, self.epsilon, (self.center, &self.beta), (self.scale, &self.gamma));
        config
    }

    fn build(&mut self, cx: &mut BuildCx, input: &Shape) -> Result<()> {
        not_negative("epsilon", self.epsilon)?;
        finite("momentum", &self.momentum)?;
        let axis = normalize_axis(self.axis, input.rank())?;
        let size = [cx.axis(input, axis)?];
        self.built = Some(Built {
            rank: input.rank(),
            axis,
            gamma: self.gamma.build_if(self.scale, cx, "gamma", size)?,
            beta: self.beta.build_if(self.center, cx, "beta", size)?,
            mean: cx.non_trainable("moving_mean", size, &self.moving_mean_initializer)?,
            variance: cx.non_trainable("moving_variance", size, &self.moving_variance_initializer)?,
            compute: cx.compute_dtype(),
        });
        Ok(())
    }

    fn call(&self, x: &Tensor, cx: &CallCx) -> Result<Tensor> {
        let built = self.built.as_ref().ok_or_else(unbuilt)?;
        let wide = wide(x)?;
        let mut along = vec![1; x.rank()];
        along[built.axis] = x.shape()[built.axis];
        let weight =
            |v: &Variable| shaped(Some(v), wide.dtype(), &along).map(|w| w.expect("a weight gives a tensor"));
        let (mean, variance) = if cx.training && !cx.frozen {
            let axes: Vec<isize> = (0..x.rank()).filter(|&i| i != built.axis).map(|i| i as isize).collect();
            let (mean, variance) = match x.mask() {
                Some(mask) => BatchNormalization::masked_moments(&wide, mask, &axes)?,
                None => super::affine::moments(&wide, &axes)?,
            };
            self.track(&built.mean, &mean)?;
            self.track(&built.variance, &variance)?;
            (mean, variance)
        } else {
            (weight(&built.mean)?, weight(&built.variance)?)
        };
        let gamma = shaped(built.gamma.as_ref(), wide.dtype(), &along)?;
        let beta = shaped(built.beta.as_ref(), wide.dtype(), &along)?;
        let y = normalized(&wide, (&mean, &variance), gamma.as_ref(), beta.as_ref(), self.epsilon)?;
        ops::cast(&y, built.compute)
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        let axis = normalize_axis(self.axis, input.rank())?;
        if let Some(built) = &self.built {
            let (size, rank) = (built.mean.shape()[0], built.rank);
            if input.rank() != rank || input.dims()[axis].known().is_some_and(|n| n != size) {
                return Err(Error::shape(format!(
                    "expected an input of {rank} axes with {size} features along axis {}, got shape {input}; make a \
                     new layer for this data",
                    self.axis
                )));
            }
        }
        Ok(input.clone())
    }

    fn supports_masking(&self) -> bool {
        true
    }
}
