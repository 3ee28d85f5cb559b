//! Norms of vectors and matrices.

use super::{
    abs, cast, max, min, multiply, not_equal, power, singular_values, sqrt, square, sum, transpose, weak,
};
use crate::symbolic::operation;
use crate::tensor::Tensor;
use rhyton_base::{DType, Error, Result, normalize_axis};

/// Which norm [`norm`] computes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum NormOrder {
    /// Of matrices: the square root of the sum of squares, `"fro"` in Keras.
    Frobenius,
    /// Of matrices: the sum of the singular values, `"nuc"` in Keras.
    Nuclear,
    /// Of vectors: `(Σ |x|^p)^(1/p)`, the largest and smallest for plus and minus infinity, the number of elements
    /// other than zero for 0. Of matrices: the largest (smallest, if negative) sum of a column for ±1, sum of a row for
    /// ±infinity, singular value for ±2.
    P(f64),
}

impl From<f64> for NormOrder {
    fn from(p: f64) -> NormOrder {
        NormOrder::P(p)
    }
}

/// The norm over one axis (of vectors), two axes (of matrices: rows, then columns), or with `axes: None` over all of them.
/// Without an order it is the square root of the sum of squares. `keepdims` keeps the axes with size 1.
///
/// The result is a float; integers are computed in `float32`.
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// let x = Tensor::from([[3.0f32, 4.0], [0.0, 5.0]]);
/// let rows = ops::norm(&x, None, Some(&[1]), false).unwrap();
/// assert_eq!(rows.to_vec::<f32>().unwrap(), [5.0, 5.0]);
/// let widest = ops::norm(&x, Some(f64::INFINITY.into()), None, false).unwrap();
/// assert_eq!(widest.item::<f32>().unwrap(), 7.0);
/// ```
///
/// # Errors
/// Where the order is not one of so many axes, or an axis is not there.
pub fn norm(x: &Tensor, order: Option<NormOrder>, axes: Option<&[isize]>, keepdims: bool) -> Result<Tensor> {
    let axes = axes.map(<[isize]>::to_vec);
    operation("norm", &[x], move |x| {
        let x = cast(x[0], x[0].dtype().to_float())?;
        let all: Vec<isize> = (0..x.rank() as isize).collect();
        let axes = axes.as_ref().unwrap_or(&all);
        let axes = axes.iter().map(|&a| normalize_axis(a, x.rank())).collect::<Result<Vec<_>>>()?;
        let kept = crate::Axes::from(&axes.iter().map(|&a| a as isize).collect::<Vec<_>>()[..]);
        let kept = if keepdims { kept.keepdims() } else { kept };
        match (&axes[..], order) {
            (_, None) => sqrt(&sum(&square(&x)?, kept)?),
            ([_], Some(NormOrder::P(p))) => of_vectors(&x, p, kept),
            ([_], Some(other)) => {
                Err(Error::value(format!("{other:?} is no norm of vectors; use P(..) or two axes")))
            }
            ([_, _], Some(NormOrder::Frobenius)) => sqrt(&sum(&square(&x)?, kept)?),
            ([rows, columns], Some(order)) if rows != columns => {
                of_matrices(&x, order, (*rows, *columns), keepdims)
            }
            (other, Some(_)) => Err(Error::value(format!(
                "expected one axis or two different ones for this order, got {}; without an order any number is allowed",
                other.len()
            ))),
        }
    })
}

fn of_vectors(x: &Tensor, p: f64, axis: crate::Axes) -> Result<Tensor> {
    if p == f64::INFINITY {
        return max(&abs(x)?, axis);
    }
    if p == f64::NEG_INFINITY {
        return min(&abs(x)?, axis);
    }
    if p == 0.0 {
        return sum(&cast(&not_equal(x, &weak(x, 0.0)?)?, x.dtype())?, axis);
    }
    if p == 1.0 {
        return sum(&abs(x)?, axis);
    }
    if p == 2.0 {
        return sqrt(&sum(&square(x)?, axis)?);
    }
    if p.is_nan() {
        return Err(Error::value("expected a number as the order, got NaN"));
    }
    power(&sum(&power(&abs(x)?, &weak(x, p)?)?, axis)?, &weak(x, 1.0 / p)?)
}

fn of_matrices(
    x: &Tensor,
    order: NormOrder,
    (rows, columns): (usize, usize),
    keepdims: bool,
) -> Result<Tensor> {
    // The matrices go to the back.
    let rest = (0..x.rank()).filter(|&a| a != rows && a != columns);
    let to_back: Vec<isize> = rest.chain([rows, columns]).map(|a| a as isize).collect();
    let x = transpose(x, Some(&to_back))?;
    let p = match order {
        NormOrder::P(p) => p,
        _ => 0.0,
    };
    let sums = |axis: isize| sum(&abs(&x)?, crate::Axes::from(axis).keepdims());
    let values = match order {
        NormOrder::Nuclear => singular_values(&x)?,
        NormOrder::P(p) if p.abs() == 2.0 => singular_values(&x)?,
        NormOrder::P(p) if p.abs() == 1.0 => super::squeeze(&sums(-2)?, -2)?,
        NormOrder::P(p) if p.abs() == f64::INFINITY => super::squeeze(&sums(-1)?, -1)?,
        _ => {
            let text =
                format!("P({p}) is no norm of matrices; use Frobenius, Nuclear, or P of ±1, ±2 or ±infinity");
            return Err(Error::value(text));
        }
    };
    let out = match order {
        NormOrder::Nuclear => sum(&values, -1)?,
        _ if p > 0.0 => max(&values, -1)?,
        _ => min(&values, -1)?,
    };
    if !keepdims {
        return Ok(out);
    }
    let (low, high) = (rows.min(columns), rows.max(columns));
    super::expand_dims(&super::expand_dims(&out, low as isize)?, high as isize)
}

/// The Euclidean distance of every vector of `x` from every vector of `y`: shapes `[…, m, d]` and `[…, n, d]` give
/// `[…, m, n]`, leading axes are broadcast. Integers are computed in `float32`.
///
/// # Errors
/// Where an argument has no two axes, or the vectors have different lengths.
pub fn cdist(x: &Tensor, y: &Tensor) -> Result<Tensor> {
    operation("cdist", &[x, y], |x| {
        let float = |x: &Tensor| cast(x, x.dtype().to_float());
        let (x, y) = (float(x[0])?, float(x[1])?);
        if x.rank() < 2 || y.rank() < 2 || x.shape().last() != y.shape().last() {
            return Err(Error::shape(format!(
                "expected shapes (…, m, d) and (…, n, d), got {} and {}",
                rhyton_base::Shape::from(x.shape()),
                rhyton_base::Shape::from(y.shape())
            )));
        }
        let gap = super::subtract(&super::expand_dims(&x, -2)?, &super::expand_dims(&y, -3)?)?;
        sqrt(&sum(&multiply(&gap, &gap)?, -1)?)
    })
}

/// The type in which Keras correlates: `float64` for `int64`, `float32` for other integers.
pub(super) fn correlation_type(dtype: DType) -> DType {
    if dtype == DType::I64 { DType::F64 } else { dtype.to_float() }
}
