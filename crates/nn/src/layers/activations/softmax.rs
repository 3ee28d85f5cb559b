//! `Softmax`: shares that add up to 1.

use crate::arguments::config;
use crate::layers::axes::{LayerAxes, signed};
use crate::layers::layer::{CallCx, Layer, LayerOptions, basics, common_options, setters};
use crate::layers::reader::ConfigReader;
use crate::numbers::like;
use crate::spec::Config;
use rhyton_base::{DType, Error, Result, Shape};
use rhyton_tensor::{Axes, Tensor, ops};

/// `exp(x) / Σ exp(x)` along an axis, or over several axes together. What a mask leaves out is 0.
///
/// - Shape: any, unchanged. Default: axis -1.
/// - The mask that comes with the input must broadcast against it; other than zero counts. It goes on unchanged.
/// - Errors: an axis that is not there; a mask that does not broadcast.
///
/// ```
/// use rhyton_nn::layers::Softmax;
/// use rhyton_tensor::Tensor;
/// let x = Tensor::from([[1.0f32, 1.0, 1.0]]);
/// let masked = x.with_mask(Some(Tensor::from([[true, true, false]])));
/// assert_eq!(Softmax::new().call(&masked)?.to_vec::<f32>()?, [0.5, 0.5, 0.0]);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
///
/// Source: `keras/src/layers/activations/softmax.py`.
#[derive(Clone, Debug)]
pub struct Softmax {
    axis: LayerAxes,
    pub(in crate::layers) options: LayerOptions,
}

common_options!(Softmax);
setters! {
    Softmax;
    /// The axis, or axes, along which results add up to 1.
    into axis: LayerAxes;
}

impl Default for Softmax {
    fn default() -> Softmax {
        Softmax::new()
    }
}

impl Softmax {
    /// A layer for the last axis.
    pub fn new() -> Softmax {
        Softmax { axis: LayerAxes::from(-1), options: LayerOptions::default() }
    }

    pub(in crate::layers) fn from_reader(r: &mut ConfigReader) -> Result<Softmax> {
        let layer = Softmax::new();
        Ok(match LayerAxes::read(r, "axis")? {
            Some(axis) => layer.axis(axis),
            None => layer,
        })
    }
}

/// The mask as truth values, checked against the input.
fn truth(mask: &Tensor, x: &Tensor) -> Result<Tensor> {
    let fits = mask.rank() <= x.rank()
        && mask.shape().iter().rev().zip(x.shape().iter().rev()).all(|(&m, &n)| m == 1 || m == n);
    if !fits {
        return Err(Error::shape(format!(
            "the mask must broadcast against the input, got mask shape {} for input shape {}",
            Shape::from(mask.shape()),
            Shape::from(x.shape())
        )));
    }
    if mask.dtype() == DType::Bool { Ok(mask.clone()) } else { ops::greater(mask, &like(mask, 0.5)?) }
}

impl Layer for Softmax {
    basics!("Softmax");

    fn config(&self) -> Config {
        config([("axis", self.axis.json())])
    }

    fn call(&self, x: &Tensor, _cx: &CallCx) -> Result<Tensor> {
        let mask = x.mask().map(|mask| truth(mask, x)).transpose()?;
        let masked = match &mask {
            Some(mask) => {
                let low = if x.dtype() == DType::F16 { -3e4 } else { -1e9 };
                ops::r#where(mask, x, &like(x, low)?)?
            }
            None => x.clone(),
        };
        let axes = signed(&self.axis.of(&x.meta().shape)?);
        let y = match axes[..] {
            [axis] => ops::softmax(&masked, axis)?,
            _ => {
                let total = ops::logsumexp(&masked, Axes::from(&axes[..]).keepdims())?;
                ops::exp(&ops::subtract(&masked, &total)?)?
            }
        };
        match &mask {
            // Where nothing counts, softmax alone would give equal shares.
            Some(mask) => ops::r#where(mask, &y, &like(&y, 0.0)?),
            None => Ok(y),
        }
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        self.axis.of(input).map(|_| input.clone())
    }

    fn supports_masking(&self) -> bool {
        true
    }

    fn needs_build(&self) -> bool {
        false
    }
}
