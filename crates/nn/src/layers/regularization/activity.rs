//! `ActivityRegularization`: a loss of the size of activations.

use crate::arguments::config;
use crate::layers::layer::{CallCx, Layer, LayerOptions, basics, common_options, setters};
use crate::layers::reader::ConfigReader;
use crate::numbers::{like, not_negative};
use crate::spec::Config;
use rhyton_base::{Result, Shape};
use rhyton_tensor::{Tensor, ops};
use serde_json::Value;

/// Adds `(l1 · Σ |x| + l2 · Σ x²) / batch size` to the loss and passes its input on unchanged.
///
/// - Shape: any, unchanged. Defaults: 0 and 0. Masks go on unchanged.
///
/// ```
/// use rhyton_nn::layers::{ActivityRegularization, AnyLayer, CallCx, LossSink};
/// use rhyton_tensor::Tensor;
/// let layer = AnyLayer::from(ActivityRegularization::new().l2(0.5));
/// let losses = LossSink::default();
/// layer.call_in(&Tensor::from([[1.0f32, 2.0], [3.0, 0.0]]), &CallCx::TRAINING.collecting(&losses))?;
/// assert_eq!(losses.take()[0].item::<f32>()?, 3.5);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
///
/// Source: `keras/src/layers/regularization/activity_regularization.py`.
#[derive(Clone, Debug, Default)]
pub struct ActivityRegularization {
    l1: f64,
    l2: f64,
    pub(in crate::layers) options: LayerOptions,
}

common_options!(ActivityRegularization);
setters! {
    ActivityRegularization;
    /// The factor of the sum of absolute values.
    set l1: f64;
    /// The factor of the sum of squares.
    set l2: f64;
}

impl ActivityRegularization {
    /// A layer that adds nothing yet.
    pub fn new() -> ActivityRegularization {
        ActivityRegularization::default()
    }

    pub(in crate::layers) fn from_reader(r: &mut ConfigReader) -> Result<ActivityRegularization> {
        let (l1, l2) = (r.f64("l1")?.unwrap_or(0.0), r.f64("l2")?.unwrap_or(0.0));
        Ok(ActivityRegularization::new().l1(l1).l2(l2))
    }
}

impl Layer for ActivityRegularization {
    basics!("ActivityRegularization");

    fn config(&self) -> Config {
        config([("l1", Value::from(self.l1)), ("l2", Value::from(self.l2))])
    }

    fn call(&self, x: &Tensor, cx: &CallCx) -> Result<Tensor> {
        if cx.collects_losses() {
            let absolute = ops::sum(&ops::abs(x)?, ..)?;
            let squares = ops::sum(&ops::square(x)?, ..)?;
            let batch = x.shape().first().copied().unwrap_or(1).max(1) as f64;
            let part = |sum: &Tensor, factor: f64| ops::multiply(sum, &like(sum, factor)?);
            let loss = ops::add(&part(&absolute, self.l1)?, &part(&squares, self.l2)?)?;
            cx.add_loss(ops::divide(&loss, &like(&loss, batch)?)?);
        }
        Ok(x.clone())
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        not_negative("l1", self.l1)?;
        not_negative("l2", self.l2)?;
        Ok(input.clone())
    }

    fn supports_masking(&self) -> bool {
        true
    }

    fn needs_build(&self) -> bool {
        false
    }
}
