//! `Concatenate`: tensors joined along an axis.

use super::rules::listed;
use crate::arguments::config;
use crate::layers::build::BuildCx;
use crate::layers::inputs::LayerInputs;
use crate::layers::layer::{CallCx, Layer, LayerOptions, basics, common_options, kept, setters};
use crate::layers::reader::ConfigReader;
use crate::spec::Config;
use rhyton_base::{DType, Dim, Error, Result, Shape, normalize_axis, promote_all};
use rhyton_ops::Meta;
use rhyton_tensor::{Tensor, ops};
use serde_json::json;

/// Joins its inputs along an axis.
///
/// - Shapes: equal except along the axis, along which sizes add up.
/// - Default: the last axis (-1).
/// - Masks: joined as the inputs are, with everything counting where an input has none.
/// - Errors: no inputs; an axis that is not there; shapes that differ elsewhere.
///
/// ```
/// use rhyton_nn::layers::{self, Concatenate};
/// use rhyton_tensor::Tensor;
/// let (a, b) = (Tensor::from([[1.0f32, 2.0]]), Tensor::from([[3.0f32]]));
/// assert_eq!(Concatenate::new().call([&a, &b])?.to_vec::<f32>()?, [1.0, 2.0, 3.0]);
/// assert_eq!(layers::concatenate([&a, &a], 0)?.shape(), [2, 2]);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
///
/// Source: `keras/src/layers/merging/concatenate.py`.
#[derive(Clone, Debug)]
pub struct Concatenate {
    axis: isize,
    pub(in crate::layers) options: LayerOptions,
}

common_options!(Concatenate);
setters! {
    Concatenate;
    /// The axis; negative ones count from the back.
    set axis: isize;
}

impl Default for Concatenate {
    fn default() -> Concatenate {
        Concatenate::new()
    }
}

impl Concatenate {
    /// A layer that joins along the last axis.
    pub fn new() -> Concatenate {
        Concatenate { axis: -1, options: LayerOptions::default() }
    }

    pub(in crate::layers) fn from_reader(r: &mut ConfigReader) -> Result<Concatenate> {
        let axis = r.i64("axis")?.unwrap_or(-1);
        Ok(Concatenate::new().axis(isize::try_from(axis).unwrap_or(isize::MAX)))
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Shape> {
        let Some(first) = inputs.first() else {
            return Err(Error::value("expected at least 1 input, got 0"));
        };
        let axis = normalize_axis(self.axis, first.rank())?;
        let mut dims = first.dims().to_vec();
        for shape in &inputs[1..] {
            let fits = |(i, (a, b)): (usize, (&Dim, &Dim))| i == axis || a.fits(*b);
            if shape.rank() != dims.len() || !dims.iter().zip(shape.dims()).enumerate().all(fits) {
                return Err(Error::shape(format!(
                    "inputs must have equal shapes except along axis {}, got {}",
                    self.axis,
                    listed(inputs)
                )));
            }
            for (i, (dim, other)) in dims.iter_mut().zip(shape.dims()).enumerate() {
                *dim = match (i == axis, dim.known(), other.known()) {
                    (true, Some(a), Some(b)) => Dim::Known(a + b),
                    (true, _, _) => Dim::Unknown,
                    (false, Some(a), _) => Dim::Known(a),
                    (false, None, _) => *other,
                };
            }
        }
        Ok(Shape::from(dims))
    }
}

impl Layer for Concatenate {
    basics!("Concatenate");

    fn config(&self) -> Config {
        config([("axis", json!(self.axis))])
    }

    fn build_all(&mut self, _cx: &mut BuildCx, inputs: &[Shape]) -> Result<()> {
        self.shape(inputs).map(|_| ())
    }

    fn call_all(&self, inputs: &[Tensor], _cx: &CallCx) -> Result<Vec<Tensor>> {
        Ok(vec![ops::concatenate(&inputs.iter().collect::<Vec<_>>(), self.axis)?])
    }

    fn output_shapes(&self, inputs: &[Shape]) -> Result<Option<Vec<Shape>>> {
        Ok(Some(vec![self.shape(inputs)?]))
    }

    /// Sizes tried in the place of unknown ones need not fit known ones.
    fn infer(&self, inputs: &[Meta], compute: DType) -> Result<Option<Vec<Meta>>> {
        let shapes: Vec<Shape> = inputs.iter().map(|m| m.shape.clone()).collect();
        let dtype = promote_all(inputs.iter().map(|m| kept(m.dtype, compute))).unwrap_or(compute);
        Ok(Some(vec![Meta { dtype, shape: self.shape(&shapes)? }]))
    }

    fn supports_masking(&self) -> bool {
        true
    }

    fn compute_masks(&self, inputs: &[Tensor], _outputs: &[Tensor]) -> Result<Vec<Option<Tensor>>> {
        if inputs.iter().all(|x| x.mask().is_none()) {
            return Ok(vec![None]);
        }
        let whole = |x: &Tensor| match x.mask() {
            None => ops::ones(x.shape(), DType::Bool),
            Some(mask) if mask.rank() < x.rank() => {
                ops::broadcast_to(&ops::cast(&ops::expand_dims(mask, -1)?, DType::Bool)?, x.shape())
            }
            Some(mask) => Ok(mask.clone()),
        };
        let masks = inputs.iter().map(whole).collect::<Result<Vec<_>>>()?;
        let joined = ops::concatenate(&masks.iter().collect::<Vec<_>>(), self.axis)?;
        Ok(vec![Some(ops::any(&joined, -1)?)])
    }
}

/// [`Concatenate`] of tensors, with numbers or symbolic, along an axis.
///
/// # Errors
/// Where their shapes do not fit together.
pub fn concatenate(inputs: impl LayerInputs, axis: isize) -> Result<Tensor> {
    Concatenate::new().axis(axis).call(inputs)
}
