//! `Dot`: products of samples along an axis of each.

use super::rules::listed;
use crate::arguments::config;
use crate::layers::build::BuildCx;
use crate::layers::inputs::LayerInputs;
use crate::layers::layer::{CallCx, Layer, LayerOptions, basics, common_options, kept, setters};
use crate::layers::reader::ConfigReader;
use crate::numbers::like;
use crate::spec::Config;
use rhyton_base::{DType, Dim, Error, Result, Shape, normalize_axis, promote_all};
use rhyton_ops::Meta;
use rhyton_tensor::{Axes, Tensor, ops};
use serde_json::{Value, json};

/// The axes that [`Dot`] sums over: one number for both inputs, or one for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DotAxes {
    /// The same for both.
    Same(isize),
    /// One for each.
    Each(isize, isize),
}

impl From<isize> for DotAxes {
    fn from(axis: isize) -> DotAxes {
        DotAxes::Same(axis)
    }
}

impl From<(isize, isize)> for DotAxes {
    fn from((a, b): (isize, isize)) -> DotAxes {
        DotAxes::Each(a, b)
    }
}

impl From<[isize; 2]> for DotAxes {
    fn from([a, b]: [isize; 2]) -> DotAxes {
        DotAxes::Each(a, b)
    }
}

/// For each sample, the products of two tensors summed over an axis of each.
///
/// - Shapes: `(batch, a..., n)` and `(batch, n, b...)` with axes `(-1, 1)` give `(batch, a..., b...)`; two vectors a
///   sample give `(batch, 1)`.
/// - Default: not normalized. With `normalize`, both are first divided by their length along the axis, so that the
///   result is the cosine of the angle.
/// - Masks are dropped.
/// - Errors: another number of inputs than 2; the batch axis; axes of different sizes.
///
/// ```
/// use rhyton_nn::layers;
/// use rhyton_tensor::Tensor;
/// let (a, b) = (Tensor::from([[1.0f32, 2.0]]), Tensor::from([[3.0f32, 4.0]]));
/// assert_eq!(layers::dot([&a, &b], -1)?.to_vec::<f32>()?, [11.0]);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
///
/// Source: `keras/src/layers/merging/dot.py`.
#[derive(Clone, Debug)]
pub struct Dot {
    axes: DotAxes,
    normalize: bool,
    pub(in crate::layers) options: LayerOptions,
}

common_options!(Dot);
setters! {
    Dot;
    /// Whether both are first divided by their length along the axis.
    set normalize: bool;
}

impl Dot {
    /// A layer that sums over these axes.
    pub fn new(axes: impl Into<DotAxes>) -> Dot {
        Dot { axes: axes.into(), normalize: false, options: LayerOptions::default() }
    }

    pub(in crate::layers) fn from_reader(r: &mut ConfigReader) -> Result<Dot> {
        let single = r.value("axes").is_some_and(Value::is_number);
        let axes = r.integers("axes")?.unwrap_or_default();
        let axes = match (axes.as_slice(), single) {
            ([axis], true) => DotAxes::Same(*axis),
            ([a, b], _) => DotAxes::Each(*a, *b),
            _ => return Err(Error::format("key \"axes\": expected an integer or two integers")),
        };
        Ok(Dot::new(axes).normalize(r.bool("normalize")?.unwrap_or(false)))
    }

    /// The two shapes and the axes that are summed over, counted from the front.
    fn checked<'a>(&self, inputs: &'a [Shape]) -> Result<(&'a Shape, &'a Shape, usize, usize)> {
        let [x, y] = inputs else {
            return Err(Error::value(format!("expected exactly 2 inputs, got {}", inputs.len())));
        };
        if x.rank() < 2 || y.rank() < 2 {
            return Err(Error::shape(format!(
                "expected inputs of at least 2 axes (batch, features), got shapes {}",
                listed(inputs)
            )));
        }
        let (a, b) = match self.axes {
            DotAxes::Same(axis) => (axis, axis),
            DotAxes::Each(a, b) => (a, b),
        };
        let (a, b) = (normalize_axis(a, x.rank())?, normalize_axis(b, y.rank())?);
        if a == 0 || b == 0 {
            return Err(Error::value("axis 0 is the batch, over which nothing is summed; use another axis"));
        }
        if !x.dims()[a].fits(y.dims()[b]) {
            return Err(Error::shape(format!(
                "axis {a} of the first input and axis {b} of the second have different sizes, got shapes {}",
                listed(inputs)
            )));
        }
        if !x.dims()[0].fits(y.dims()[0]) {
            return Err(Error::shape(format!(
                "cannot merge tensors of different batch sizes, got shapes {}",
                listed(inputs)
            )));
        }
        Ok((x, y, a, b))
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Shape> {
        let (x, y, a, b) = self.checked(inputs)?;
        let without = |s: &Shape, axis: usize| -> Vec<Dim> {
            s.dims().iter().enumerate().filter(|(i, _)| *i != 0 && *i != axis).map(|(_, d)| *d).collect()
        };
        let batch = if x.dims()[0] == Dim::Unknown { y.dims()[0] } else { x.dims()[0] };
        let mut dims = vec![batch];
        dims.extend(without(x, a));
        dims.extend(without(y, b));
        if dims.len() == 1 {
            dims.push(Dim::Known(1));
        }
        Ok(Shape::from(dims))
    }
}

/// `x / sqrt(Σ x²)` along an axis; the factor is at most `1e7`.
fn unit(x: &Tensor, axis: usize) -> Result<Tensor> {
    let squares = ops::sum(&ops::square(x)?, Axes::from(axis as isize).keepdims())?;
    let inverse = ops::rsqrt(&squares)?;
    ops::multiply(x, &ops::minimum(&inverse, &like(&inverse, 1.0 / crate::config::epsilon())?)?)
}

impl Layer for Dot {
    basics!("Dot");

    fn config(&self) -> Config {
        let axes = match self.axes {
            DotAxes::Same(axis) => json!(axis),
            DotAxes::Each(a, b) => json!([a, b]),
        };
        config([("axes", axes), ("normalize", Value::from(self.normalize))])
    }

    fn build_all(&mut self, _cx: &mut BuildCx, inputs: &[Shape]) -> Result<()> {
        self.shape(inputs).map(|_| ())
    }

    fn call_all(&self, inputs: &[Tensor], _cx: &CallCx) -> Result<Vec<Tensor>> {
        let shapes: Vec<Shape> = inputs.iter().map(|x| x.meta().shape).collect();
        let (_, _, a, b) = self.checked(&shapes)?;
        let shape = self.shape(&shapes)?.expect_known()?;
        let (mut x, mut y) = (inputs[0].clone(), inputs[1].clone());
        if self.normalize {
            (x, y) = (unit(&x, a)?, unit(&y, b)?);
        }
        // The summed axis last in the first and right after the batch in the second, all others as one.
        let (batch, n) = (x.shape()[0], x.shape()[a]);
        let last: Vec<isize> = (0..x.rank()).filter(|&i| i != a).chain([a]).map(|i| i as isize).collect();
        let second: Vec<isize> =
            [0, b].into_iter().chain((1..y.rank()).filter(|&i| i != b)).map(|i| i as isize).collect();
        let rest = |x: &Tensor, axis: usize| -> usize {
            x.shape().iter().enumerate().filter(|(i, _)| *i != 0 && *i != axis).map(|(_, n)| *n).product()
        };
        let (rows, columns) = (rest(&x, a), rest(&y, b));
        let x = ops::reshape(&ops::transpose(&x, Some(&last))?, [batch, rows, n])?;
        let y = ops::reshape(&ops::transpose(&y, Some(&second))?, [batch, n, columns])?;
        Ok(vec![ops::reshape(&ops::matmul(&x, &y)?, shape)?])
    }

    fn output_shapes(&self, inputs: &[Shape]) -> Result<Option<Vec<Shape>>> {
        Ok(Some(vec![self.shape(inputs)?]))
    }

    /// Sizes tried in the place of unknown ones need not fit known ones.
    fn infer(&self, inputs: &[Meta], compute: DType) -> Result<Option<Vec<Meta>>> {
        let shapes: Vec<Shape> = inputs.iter().map(|m| m.shape.clone()).collect();
        let dtype = promote_all(inputs.iter().map(|m| kept(m.dtype, compute))).unwrap_or(compute);
        let dtype = if self.normalize { dtype.to_float() } else { dtype };
        Ok(Some(vec![Meta { dtype, shape: self.shape(&shapes)? }]))
    }
}

/// [`Dot`] of two tensors, with numbers or symbolic, over axes.
///
/// # Errors
/// Where their shapes do not fit together.
pub fn dot(inputs: impl LayerInputs, axes: impl Into<DotAxes>) -> Result<Tensor> {
    Dot::new(axes).call(inputs)
}
