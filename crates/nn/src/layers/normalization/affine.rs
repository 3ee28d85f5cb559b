//! What the normalizations share.

use crate::layers::weight_spec::{Keys, WeightSpec};
use crate::numbers::like;
use crate::spec::Config;
use rhyton_base::{DType, Result, promote};
use rhyton_tensor::{Axes, Tensor, Variable, ops};
use serde_json::Value;

pub(super) const BETA: Keys = ["beta_initializer", "beta_regularizer", "beta_constraint"];
pub(super) const GAMMA: Keys = ["gamma_initializer", "gamma_regularizer", "gamma_constraint"];

/// In at least `float32`: half-precision statistics overflow.
pub(super) fn wide(x: &Tensor) -> Result<Tensor> {
    ops::cast(x, promote(x.dtype(), DType::F32))
}

/// Mean and population variance, with the axes kept.
pub(super) fn moments(x: &Tensor, axes: &[isize]) -> Result<(Tensor, Tensor)> {
    let mean = ops::mean(x, Axes::from(axes).keepdims())?;
    let distance = ops::subtract(x, &mean)?;
    let variance = ops::mean(&ops::square(&distance)?, Axes::from(axes).keepdims())?;
    Ok((mean, variance))
}

/// `(x - mean) / sqrt(variance + epsilon) · gamma + beta`, of tensors that broadcast.
pub(super) fn normalized(
    x: &Tensor,
    (mean, variance): (&Tensor, &Tensor),
    gamma: Option<&Tensor>,
    beta: Option<&Tensor>,
    epsilon: f64,
) -> Result<Tensor> {
    let mut inverse = ops::rsqrt(&ops::add(variance, &like(variance, epsilon)?)?)?;
    if let Some(gamma) = gamma {
        inverse = ops::multiply(&inverse, gamma)?;
    }
    let mut rest = ops::multiply(&ops::negative(mean)?, &inverse)?;
    if let Some(beta) = beta {
        rest = ops::add(&rest, beta)?;
    }
    ops::add(&ops::multiply(x, &inverse)?, &rest)
}

/// A weight as it is stored, in the type of the computation and in a shape that broadcasts.
pub(super) fn shaped(weight: Option<&Variable>, dtype: DType, shape: &[usize]) -> Result<Option<Tensor>> {
    let shaped = |w: &Variable| ops::reshape(&ops::cast(&w.stored_value(), dtype)?, shape);
    weight.map(shaped).transpose()
}

/// What files say of scale and center.
pub(super) fn write(
    config: &mut Config,
    epsilon: f64,
    (center, beta): (bool, &WeightSpec),
    (scale, gamma): (bool, &WeightSpec),
) {
    config.insert("epsilon".into(), Value::from(epsilon));
    config.insert("center".into(), Value::from(center));
    config.insert("scale".into(), Value::from(scale));
    beta.write(config, BETA);
    gamma.write(config, GAMMA);
}

/// What normalizations with a factor `gamma` and an offset `beta` share: builder methods, and their part of
/// `from_reader`.
macro_rules! affine {
    ($Layer:ident) => {
        setters! {
            $Layer;
            /// What is added to the variance.
            set epsilon: f64;
            /// Whether `beta` is added.
            set center: bool;
            /// Whether there is a factor `gamma`.
            set scale: bool;
        }
        weight_setters!($Layer.beta: beta_initializer beta_regularizer beta_constraint);
        weight_setters!($Layer.gamma: gamma_initializer gamma_regularizer gamma_constraint);

        impl Default for $Layer {
            fn default() -> $Layer {
                $Layer::new()
            }
        }

        impl $Layer {
            fn read_affine(&mut self, r: &mut ConfigReader) -> Result<()> {
                self.epsilon = r.f64("epsilon")?.unwrap_or(self.epsilon);
                self.center = r.bool("center")?.unwrap_or(true);
                self.scale = r.bool("scale")?.unwrap_or(true);
                self.beta.read(r, BETA)?;
                self.gamma.read(r, GAMMA)
            }
        }
    };
}
pub(super) use affine;
