//! `UnitNormalization`: samples of length 1.

use crate::arguments::config;
use crate::layers::axes::{LayerAxes, signed};
use crate::layers::layer::{CallCx, Layer, LayerOptions, basics, common_options, setters};
use crate::layers::reader::ConfigReader;
use crate::numbers::like;
use crate::spec::Config;
use rhyton_base::{Result, Shape};
use rhyton_tensor::{Axes, Tensor, ops};

/// Divides by the length along axes: `x / sqrt(Σ x²)`. The factor is at most `1e12`, so that zeros stay zeros.
///
/// - Shape: any, unchanged. Default: axis -1. Masks go on unchanged.
/// - Errors: an axis that is not there.
///
/// ```
/// use rhyton_nn::layers::UnitNormalization;
/// use rhyton_tensor::Tensor;
/// let y = UnitNormalization::new().call(&Tensor::from([[4.0f64, 0.0], [0.0, -0.5]]))?;
/// assert_eq!(y.to_f64s()?, [1.0, 0.0, 0.0, -1.0]);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
///
/// Source: `keras/src/layers/normalization/unit_normalization.py`.
#[derive(Clone, Debug)]
pub struct UnitNormalization {
    axis: LayerAxes,
    pub(in crate::layers) options: LayerOptions,
}

common_options!(UnitNormalization);
setters! {
    UnitNormalization;
    /// The axis, or axes, along which lengths become 1.
    into axis: LayerAxes;
}

impl Default for UnitNormalization {
    fn default() -> UnitNormalization {
        UnitNormalization::new()
    }
}

impl UnitNormalization {
    /// The layer.
    pub fn new() -> UnitNormalization {
        UnitNormalization { axis: LayerAxes::from(-1), options: LayerOptions::default() }
    }

    pub(in crate::layers) fn from_reader(r: &mut ConfigReader) -> Result<UnitNormalization> {
        let layer = UnitNormalization::new();
        Ok(match LayerAxes::read(r, "axis")? {
            Some(axis) => layer.axis(axis),
            None => layer,
        })
    }
}

impl Layer for UnitNormalization {
    basics!("UnitNormalization");

    fn config(&self) -> Config {
        config([("axis", self.axis.json())])
    }

    fn call(&self, x: &Tensor, _cx: &CallCx) -> Result<Tensor> {
        let axes = signed(&self.axis.of(&x.meta().shape)?);
        let squares = ops::sum(&ops::square(x)?, Axes::from(&axes[..]).keepdims())?;
        let squares = ops::cast(&squares, squares.dtype().to_float())?;
        let inverse = ops::rsqrt(&squares)?;
        ops::multiply(x, &ops::minimum(&inverse, &like(&inverse, 1e12)?)?)
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
