//! `TimeDistributed`: a layer for each step of sequences.

use super::parts::*;
use crate::layers::envelope::envelope;
use crate::layers::registry::is_built_in;
use rhyton_base::{Dim, Error};
use rhyton_tensor::ops;
use serde_json::Value;

/// Applies a layer to each step of sequences, with the same weights.
///
/// - Shape: `(batch, steps, ...)` becomes `(batch, steps, ...)`, where the layer turns one `(batch, ...)` into the other.
///   Weights: the layer's.
/// - Masks go on; a mask with more than two axes gives the layer the mask of each step.
/// - Errors: an input of fewer than 3 axes; those of the layer.
///
/// ```
/// use rhyton_nn::layers::{Conv2D, TimeDistributed};
/// use rhyton_tensor::{DType, ops};
/// let videos = ops::ones([2, 10, 8, 8, 3], DType::F32)?;
/// assert_eq!(TimeDistributed::new(Conv2D::new(4, 3)).call(&videos)?.shape(), [2, 10, 6, 6, 4]);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
///
/// Source: `keras/src/layers/rnn/time_distributed.py`.
pub struct TimeDistributed {
    layer: AnyLayer,
    at_once: OnceLock<bool>,
    pub(in crate::layers) options: LayerOptions,
}

common_options!(TimeDistributed);

/// Layers for which it matters which samples they see together, or how often they are called.
const TOGETHER: [&str; 3] = ["BatchNormalization", "Lambda", "SpectralNormalization"];

impl TimeDistributed {
    /// This layer for each step.
    pub fn new(layer: impl Into<AnyLayer>) -> TimeDistributed {
        TimeDistributed { layer: layer.into(), at_once: OnceLock::new(), options: LayerOptions::default() }
    }

    pub(in crate::layers) fn from_reader(r: &mut ConfigReader) -> Result<TimeDistributed> {
        Ok(TimeDistributed::new(&r.layer("layer")?))
    }

    fn step_of(input: &Shape) -> Result<Shape> {
        if input.rank() < 3 {
            return Err(Error::shape(format!(
                "expected an input of at least 3 axes (batch, steps, ...), got shape {input}"
            )));
        }
        Ok(input.dims().iter().enumerate().filter(|(axis, _)| *axis != 1).map(|(_, d)| *d).collect())
    }

    /// Whether all steps of all samples may be given to the layer as one batch.
    fn at_once(&self) -> bool {
        let plain = |l: &AnyLayer| {
            let class = l.class_name();
            let known = is_built_in(class) || ["Sequential", "Functional"].contains(&class);
            let config = l.config();
            known
                && !TOGETHER.contains(&class)
                && config.get("stateful") != Some(&Value::Bool(true))
                && config.get("activity_regularizer").is_none_or(Value::is_null)
        };
        *self.at_once.get_or_init(|| self.layer.flattened().iter().all(plain))
    }
}

/// A tensor, and its mask, with batch and steps as one axis.
fn joined(x: &Tensor) -> Result<Tensor> {
    let join = |x: &Tensor| {
        let shape = x.shape();
        let dims: Vec<usize> = [shape[0] * shape[1]].into_iter().chain(shape[2..].iter().copied()).collect();
        ops::reshape(x, dims)
    };
    let mask = x.mask().filter(|m| m.rank() > 2).map(join).transpose()?;
    Ok(join(x)?.with_mask(mask))
}

impl Layer for TimeDistributed {
    basics!("TimeDistributed");

    fn config(&self) -> Config {
        crate::arguments::config([("layer", envelope(&self.layer))])
    }

    fn build(&mut self, _cx: &mut BuildCx, input: &Shape) -> Result<()> {
        self.layer.build(&TimeDistributed::step_of(input)?)
    }

    fn call(&self, x: &Tensor, cx: &CallCx) -> Result<Tensor> {
        let (batch, steps) = (x.shape()[0], x.shape()[1]);
        if steps == 0 {
            return Err(Error::shape("expected at least one step, got 0"));
        }
        if self.at_once() {
            let y = self.layer.call_in(&joined(x)?, cx)?;
            let shape: Vec<usize> =
                [batch, steps].into_iter().chain(y.shape()[1..].iter().copied()).collect();
            return ops::reshape(&y, shape);
        }
        let mask = x.mask().filter(|m| m.rank() > 2);
        let masks = mask.map(|m| ops::unstack(m, 1)).transpose()?;
        let step = |(i, x): (usize, &Tensor)| {
            let mask = masks.as_ref().map(|m| m[i].clone());
            self.layer.call_in(&x.with_mask(mask), cx)
        };
        let results = ops::unstack(x, 1)?.iter().enumerate().map(step).collect::<Result<Vec<_>>>()?;
        ops::stack(&results.iter().collect::<Vec<_>>(), 1)
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        let y = self.layer.output_shape(&TimeDistributed::step_of(input)?)?;
        let mut dims: Vec<Dim> = y.dims().to_vec();
        dims.insert(1, input.dims()[1]);
        Ok(Shape::from(dims))
    }

    fn sublayers(&self) -> Vec<(String, AnyLayer)> {
        vec![("layer".into(), self.layer.clone())]
    }

    fn supports_masking(&self) -> bool {
        true
    }
}
