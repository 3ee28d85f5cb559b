//! `GroupNormalization`: mean 0 and variance 1 within groups of channels of each sample.

use super::affine::{BETA, GAMMA, affine, moments, normalized, shaped, wide, write};
use crate::arguments::config;
use crate::layers::build::BuildCx;
use crate::layers::layer::{CallCx, Layer, LayerOptions, basics, common_options, setters, unbuilt};
use crate::layers::reader::ConfigReader;
use crate::layers::weight_spec::{WeightSpec, weight_setters};
use crate::numbers::not_negative;
use crate::spec::Config;
use rhyton_base::{DType, Error, Result, Shape, normalize_axis};
use rhyton_tensor::{Tensor, Variable, ops};
use serde_json::Value;

/// Cuts the channels into groups and brings each group of each sample to mean 0 and variance 1, over its channels
/// and all other axes: `(x - mean) / sqrt(variance + epsilon) · gamma + beta`.
///
/// - Shape: any of at least 2 axes, unchanged. Weights, of the number of channels: `gamma`, `beta`.
/// - Defaults: 32 groups, axis -1, epsilon 0.001, with `center` (beta, zeros) and `scale` (gamma, ones). One group is
///   layer normalization over all axes; -1 stands for a group a channel (instance normalization).
/// - Half-precision inputs are computed in `float32`. Masks go on unchanged.
/// - Errors: a number of groups that is not -1 or at least 1, or does not divide the channels; an axis that is not there,
///   is the batch, or is of unknown size; an input of another size than the layer was built for.
///
/// ```
/// use rhyton_nn::layers::GroupNormalization;
/// use rhyton_tensor::Tensor;
/// let x = Tensor::from([[1.0f32, 3.0, 10.0, 30.0]]);
/// let y = GroupNormalization::new().groups(2).epsilon(0.0).call(&x)?;
/// assert_eq!(y.to_vec::<f32>()?, [-1.0, 1.0, -1.0, 1.0]);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
///
/// Source: Wu and He, "Group normalization", ECCV 2018; `keras/src/layers/normalization/group_normalization.py`.
#[derive(Clone, Debug)]
pub struct GroupNormalization {
    groups: isize,
    axis: isize,
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
    rank: usize,
    axis: usize,
    channels: usize,
    groups: usize,
    gamma: Option<Variable>,
    beta: Option<Variable>,
    compute: DType,
}

common_options!(GroupNormalization);
setters! {
    GroupNormalization;
    /// The number of groups; -1 for one a channel.
    set groups: isize;
    /// The axis of the channels.
    set axis: isize;
}
affine!(GroupNormalization);

impl GroupNormalization {
    /// A layer with 32 groups.
    pub fn new() -> GroupNormalization {
        GroupNormalization {
            groups: 32,
            axis: -1,
            epsilon: 1e-3,
            center: true,
            scale: true,
            gamma: WeightSpec::new("ones"),
            beta: WeightSpec::new("zeros"),
            options: LayerOptions::default(),
            built: None,
        }
    }

    pub(in crate::layers) fn from_reader(r: &mut ConfigReader) -> Result<GroupNormalization> {
        let mut layer = GroupNormalization::new();
        let whole = |n: i64| isize::try_from(n).unwrap_or(isize::MAX);
        layer.groups = r.i64("groups")?.map_or(layer.groups, whole);
        layer.axis = r.i64("axis")?.map_or(layer.axis, whole);
        layer.read_affine(r)?;
        Ok(layer)
    }

    fn place(&self, input: &Shape) -> Result<usize> {
        if self.groups == 0 || self.groups < -1 {
            let groups = self.groups;
            return Err(Error::value(format!("expected groups to be 1 or more, or -1, got {groups}")));
        }
        match normalize_axis(self.axis, input.rank())? {
            0 => Err(Error::value("axis 0 is the batch; use the axis of the channels")),
            axis => Ok(axis),
        }
    }
}

impl Layer for GroupNormalization {
    basics!("GroupNormalization");

    fn config(&self) -> Config {
        let mut config = config([("groups", Value::from(self.groups)), ("axis", Value::from(self.axis))]);
        write(&mut config, self.epsilon, (self.center, &self.beta), (self.scale, &self.gamma));
        config
    }

    fn build(&mut self, cx: &mut BuildCx, input: &Shape) -> Result<()> {
        not_negative("epsilon", self.epsilon)?;
        let axis = self.place(input)?;
        let channels = cx.axis(input, axis)?;
        let groups = usize::try_from(self.groups).unwrap_or(channels);
        if groups == 0 || channels % groups != 0 {
            return Err(Error::value(format!(
                "expected groups to divide the {channels} channels (axis {} of input shape {input}), got {groups}",
                self.axis
            )));
        }
        self.built = Some(Built {
            rank: input.rank(),
            axis,
            channels,
            groups,
            gamma: self.gamma.build_if(self.scale, cx, "gamma", [channels])?,
            beta: self.beta.build_if(self.center, cx, "beta", [channels])?,
            compute: cx.compute_dtype(),
        });
        Ok(())
    }

    fn call(&self, x: &Tensor, _cx: &CallCx) -> Result<Tensor> {
        let Built { axis, channels, groups, gamma, beta, compute, .. } =
            self.built.as_ref().ok_or_else(unbuilt)?;
        let (axis, each) = (*axis, channels / groups);
        let apart = |shape: &[usize]| {
            let mut shape = shape.to_vec();
            shape[axis] = each;
            shape.insert(axis, *groups);
            shape
        };
        let grouped = wide(&ops::reshape(x, apart(x.shape()))?)?;
        let along = apart(&vec![1; x.rank()]);
        let axes: Vec<isize> = (1..=x.rank()).filter(|&i| i != axis).map(|i| i as isize).collect();
        let (mean, variance) = moments(&grouped, &axes)?;
        let gamma = shaped(gamma.as_ref(), grouped.dtype(), &along)?;
        let beta = shaped(beta.as_ref(), grouped.dtype(), &along)?;
        let y = normalized(&grouped, (&mean, &variance), gamma.as_ref(), beta.as_ref(), self.epsilon)?;
        ops::cast(&ops::reshape(&y, x.shape())?, *compute)
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        let axis = self.place(input)?;
        if let Some(Built { rank, channels, .. }) = &self.built
            && (input.rank() != *rank || input.dims()[axis].known().is_some_and(|n| n != *channels))
        {
            return Err(Error::shape(format!(
                "expected an input of {rank} axes with {channels} channels along axis {}, got shape {input}; make a \
                 new layer for this data",
                self.axis
            )));
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
