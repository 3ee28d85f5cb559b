//! Counting: bins, distinct elements, elements other than zero.

use super::{Side, broadcast_to, logical_or};
use super::{add, argsort, cast, divide, equal, full, less_equal, logical_and, moveaxis, multiply, narrow};
use super::{arange, max, min, not_equal, ravel, reshape, searchsorted, subtract, take, r#where, zeros};
use crate::dispatch::apply_one;
use crate::symbolic::operation;
use crate::tensor::Tensor;
use rhyton_base::{Context, DType, Error, Result, Scalar, element_count, normalize_axis};
use rhyton_ops::index::ScatterAdd;

/// The places of the elements other than zero (NaN is), in row-major order: for every axis a vector of `int64`. This
/// is also what Keras's `where` with one argument gives.
///
/// How many there are depends on the numbers, so it does not work in compiled functions.
///
/// # Errors
/// For a scalar, and for tensors without numbers.
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// let at = ops::nonzero(&Tensor::from([[1, 0], [0, 2]])).unwrap();
/// assert_eq!(at[0].to_vec::<i64>().unwrap(), [0, 1]);
/// assert_eq!(at[1].to_vec::<i64>().unwrap(), [0, 1]);
/// ```
pub fn nonzero(x: &Tensor) -> Result<Vec<Tensor>> {
    let who = || "nonzero";
    x.expect_numbers().at(who)?;
    if x.rank() == 0 {
        return Err(Error::shape("expected at least one axis, got a scalar; reshape it to (1,)").at(who()));
    }
    let truth = cast(x, DType::Bool)?;
    let flat: Vec<usize> =
        truth.with_bytes(|b| b.iter().enumerate().filter(|(_, b)| **b != 0).map(|(i, _)| i).collect())?;
    let mut inner = x.len();
    let place = |&n: &usize| {
        inner /= n.max(1);
        let places: Vec<i64> = flat.iter().map(|&i| (i / inner.max(1) % n.max(1)) as i64).collect();
        Tensor::from(places)
    };
    Ok(x.shape().iter().map(place).collect())
}

/// How often each number `0, 1, …` occurs among the integers of a vector (or of each row of a matrix), or the sum of
/// its weights. The result has `max(x) + 1` places, at least `min_length`; it is of the type of the weights, `int32`
/// without them.
///
/// Its length depends on the numbers, so it does not work in compiled functions.
///
/// # Errors
/// For negative numbers, other types than integers, other ranks than 1 and 2, weights of another shape, and tensors
/// without numbers.
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// let x = Tensor::from([1, 1, 3]);
/// assert_eq!(ops::bincount(&x, None, 0).unwrap().to_vec::<i32>().unwrap(), [0, 2, 0, 1]);
/// ```
pub fn bincount(x: &Tensor, weights: Option<&Tensor>, min_length: usize) -> Result<Tensor> {
    counted(x, weights, min_length).at(|| "bincount")
}

fn counted(x: &Tensor, weights: Option<&Tensor>, min_length: usize) -> Result<Tensor> {
    x.expect_numbers()?;
    if !x.dtype().is_integer() {
        return Err(Error::dtype(format!("expected integers, got {}; cast them to int32", x.dtype())));
    }
    let (rows, columns) = match *x.shape() {
        [n] => (1, n),
        [m, n] => (m, n),
        _ => {
            return Err(Error::shape(format!("expected a vector or a matrix, got shape {}", x.meta().shape)));
        }
    };
    if let Some(w) = weights
        && w.meta().shape != x.meta().shape
    {
        let message = format!("weights of shape {} do not go with {}", w.meta().shape, x.meta().shape);
        return Err(Error::shape(message));
    }
    let mut length = min_length;
    if !x.is_empty() {
        let wide = cast(x, DType::I64)?;
        let low = min(&wide, ..)?.item::<i64>()?;
        if low < 0 {
            return Err(Error::value(format!("expected numbers from 0 on, got {low}")));
        }
        length = length.max(max(&wide, ..)?.item::<i64>()? as usize + 1);
    }
    element_count(&[rows, length])?;
    let first = reshape(&multiply(&arange(rows, DType::I64)?, &Tensor::from(length as i64))?, [rows, 1])?;
    let place = add(&reshape(&cast(x, DType::I64)?, [rows, columns])?, &first)?;
    let each = match weights {
        Some(w) => ravel(w)?,
        None => super::ones([x.len()], DType::I32)?,
    };
    let counts = apply_one(ScatterAdd { axis: 0, size: rows * length }, &[&ravel(&place)?, &each])?;
    if x.rank() == 1 { Ok(counts) } else { reshape(&counts, [rows, length]) }
}

/// How many elements of a vector fall into each of `bins` bins of equal width between the two numbers of `range` (the
/// smallest and largest element where it is not given), and the `bins + 1` edges. A bin holds its left edge, the last
/// one both; what lies outside is not counted. Both results are floats, `float32` for integers.
///
/// # Errors
/// For other ranks than 1, no bins, or a range whose end comes first or is not finite.
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// let (counts, edges) = ops::histogram(&Tensor::from([1.0f32, 2.0, 2.5, 4.0]), 3, None).unwrap();
/// assert_eq!(counts.to_vec::<f32>().unwrap(), [1.0, 2.0, 1.0]);
/// assert_eq!(edges.to_vec::<f32>().unwrap(), [1.0, 2.0, 3.0, 4.0]);
/// ```
pub fn histogram(x: &Tensor, bins: usize, range: impl Into<Option<(f64, f64)>>) -> Result<(Tensor, Tensor)> {
    let range = range.into();
    operation("histogram", &[x], move |x| {
        let x = x[0];
        if x.rank() != 1 {
            return Err(Error::shape(format!("expected a vector, got shape {}", x.meta().shape)));
        }
        if bins == 0 {
            return Err(Error::value("expected at least one bin, got 0"));
        }
        element_count(&[bins, 2])?;
        let dtype = x.dtype().to_float();
        let x = cast(x, dtype)?;
        let (low, high) = match range {
            Some((low, high)) if low <= high && low.is_finite() && high.is_finite() => {
                (low.into(), high.into())
            }
            Some((low, high)) => {
                return Err(Error::value(format!(
                    "expected a finite range from low to high, got {low} to {high}"
                )));
            }
            None if x.is_empty() => (Tensor::from(0.0f64), Tensor::from(1.0f64)),
            None => (cast(&min(&x, ..)?, DType::F64)?, cast(&max(&x, ..)?, DType::F64)?),
        };
        // A range without width gets one around it.
        let (same, half) = (equal(&low, &high)?, Tensor::from(0.5f64));
        let (low, high) =
            (r#where(&same, &subtract(&low, &half)?, &low)?, r#where(&same, &add(&high, &half)?, &high)?);
        let count = Tensor::from(bins as i64);
        let number = arange(bins + 1, DType::I64)?;
        let part = divide(&cast(&number, DType::F64)?, &Tensor::from(bins as f64))?;
        let edges = add(&low, &multiply(&subtract(&high, &low)?, &part)?)?;
        let edges = cast(&r#where(&equal(&number, &count)?, &high, &edges)?, dtype)?;
        let (first, last) = (narrow(&edges, 0, 0, 1)?, narrow(&edges, 0, bins, bins + 1)?);
        let inside = logical_and(&less_equal(&first, &x)?, &less_equal(&x, &last)?)?;
        let one = Tensor::from(1i64);
        let bin = subtract(&searchsorted(&edges, &x, Side::Right)?, &one)?;
        let bin = r#where(&equal(&x, &last)?, &subtract(&count, &one)?, &bin)?;
        let bin = r#where(&inside, &bin, &count)?;
        let ones = super::ones_like(&bin)?;
        let counts = apply_one(ScatterAdd { axis: 0, size: bins + 1 }, &[&bin, &ones])?;
        Ok((cast(&narrow(&counts, 0, 0, bins)?, dtype)?, edges))
    })
}

/// What [`unique`] gives besides the distinct elements.
///
/// ```
/// use rhyton_tensor::{Tensor, ops, ops::Unique};
/// let x = Tensor::from([3, 1, 2, 1]);
/// let found = ops::unique(&x, Unique::default().counts()).unwrap();
/// assert_eq!(found[0].to_vec::<i32>().unwrap(), [1, 2, 3]);
/// assert_eq!(found[1].to_vec::<i64>().unwrap(), [2, 1, 1]);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Unique {
    index: bool,
    inverse: bool,
    counts: bool,
    axis: Option<isize>,
    size: Option<usize>,
    fill: Option<Scalar>,
}

impl Unique {
    /// Also where each distinct element first stands.
    #[must_use]
    pub fn index(self) -> Unique {
        Unique { index: true, ..self }
    }

    /// Also for each element the place of its like among the distinct ones.
    #[must_use]
    pub fn inverse(self) -> Unique {
        Unique { inverse: true, ..self }
    }

    /// Also how often each distinct element occurs.
    #[must_use]
    pub fn counts(self) -> Unique {
        Unique { counts: true, ..self }
    }

    /// Distinct slices along an axis instead of distinct elements.
    #[must_use]
    pub fn axis(self, axis: isize) -> Unique {
        Unique { axis: Some(axis), ..self }
    }

    /// A result of this size: cut off where there are more distinct elements, filled up where there are fewer (places
    /// with that of the first element, counts with 0).
    #[must_use]
    pub fn size(self, size: usize) -> Unique {
        Unique { size: Some(size), ..self }
    }

    /// What a result of a given size is filled up with; the first distinct element where it is not given.
    #[must_use]
    pub fn fill_value(self, value: impl Into<Scalar>) -> Unique {
        Unique { fill: Some(value.into()), ..self }
    }
}

/// The distinct elements in rising order, then what the options ask for as `int64`: places, inverse (of the shape of
/// `x` without an axis) and counts, in this order. Each NaN is distinct.
///
/// How many there are depends on the numbers, so it does not work in compiled functions.
///
/// # Errors
/// Where the axis is not there, and for tensors without numbers.
pub fn unique(x: &Tensor, options: Unique) -> Result<Vec<Tensor>> {
    distinct(x, options).at(|| "unique")
}

fn distinct(x: &Tensor, options: Unique) -> Result<Vec<Tensor>> {
    x.expect_numbers()?;
    let axis = options.axis.map(|a| normalize_axis(a, x.rank())).transpose()?;
    let slices = match axis {
        None => ravel(x)?,
        Some(axis) => moveaxis(x, &[axis as isize], &[0])?,
    };
    let count = slices.shape()[0];
    let width: usize = slices.shape()[1..].iter().product();
    let columns = reshape(&slices, [count, width])?;
    let order = sorted_rows(&columns)?;
    // A row is new where it differs from the one before.
    let sorted = take(&columns, &order, 0)?;
    let mut new = vec![true; count.min(1)];
    if count > 1 {
        let mut differs = zeros([count - 1], DType::Bool)?;
        for column in 0..width {
            let c = ravel(&narrow(&sorted, 1, column, column + 1)?)?;
            let step = not_equal(&narrow(&c, 0, 1, count)?, &narrow(&c, 0, 0, count - 1)?)?;
            differs = logical_or(&differs, &step)?;
        }
        new.extend(differs.to_vec::<bool>()?);
    }
    let (mut first, mut counts, mut inverse) = (Vec::new(), Vec::new(), vec![0i64; count]);
    for (&place, &new) in order.to_vec::<i64>()?.iter().zip(&new) {
        if new {
            first.push(place);
            counts.push(0i64);
        }
        *counts.last_mut().expect("the first row is new") += 1;
        inverse[place as usize] = counts.len() as i64 - 1;
    }
    let (mut places, mut counts) = (Tensor::from(first), Tensor::from(counts));
    let mut values = take(&slices, &places, 0)?;
    if let Some(size) = options.size {
        values = sized(&values, size, options.fill)?;
        places = sized(&places, size, None)?;
        counts = sized(&counts, size, Some(Scalar::Int(0)))?;
    }
    let values = match axis {
        None => values,
        Some(axis) => moveaxis(&values, &[0], &[axis as isize])?,
    };
    let inverse = Tensor::from(inverse);
    let inverse = if axis.is_none() { reshape(&inverse, x.shape())? } else { inverse };
    let wanted =
        [(true, values), (options.index, places), (options.inverse, inverse), (options.counts, counts)];
    Ok(wanted.into_iter().filter(|w| w.0).map(|w| w.1).collect())
}

/// The order of the rows of a matrix, compared from the first column on.
fn sorted_rows(columns: &Tensor) -> Result<Tensor> {
    let (count, width) = (columns.shape()[0], columns.shape()[1]);
    let mut order = arange(count, DType::I64)?;
    for column in (0..width).rev() {
        let c = take(&ravel(&narrow(columns, 1, column, column + 1)?)?, &order, 0)?;
        order = take(&order, &argsort(&c, 0)?, 0)?;
    }
    Ok(order)
}

/// The first `size` slices, filled up with a number or the first of them.
fn sized(values: &Tensor, size: usize, fill: Option<Scalar>) -> Result<Tensor> {
    let found = values.shape()[0];
    if size <= found {
        return narrow(values, 0, 0, size);
    }
    let mut shape = values.shape().to_vec();
    shape[0] = size - found;
    let more = match fill {
        None if found > 0 => broadcast_to(&narrow(values, 0, 0, 1)?, &shape)?,
        fill => full(&shape, fill.unwrap_or(Scalar::Int(0)), values.dtype())?,
    };
    super::concatenate(&[values, &more], 0)
}

/// 1 at every class that occurs along the class axis, else 0: the maximum of the one-hot vectors over axis 1 (axis 0
/// for vectors).
///
/// # Errors
/// Where the axis is outside the rank.
///
/// ```
/// use rhyton_tensor::{DType, Tensor, ops};
/// let x = Tensor::from([[0, 2], [1, 1]]);
/// let y = ops::multi_hot(&x, 3, -1, DType::F32).unwrap();
/// assert_eq!(y.to_vec::<f32>().unwrap(), [1.0, 0.0, 1.0, 0.0, 1.0, 0.0]);
/// ```
pub fn multi_hot(x: &Tensor, classes: usize, axis: isize, dtype: DType) -> Result<Tensor> {
    operation("multi_hot", &[x], move |x| {
        let hot = super::one_hot(&cast(x[0], DType::I32)?, classes, axis, dtype)?;
        max(&hot, if x[0].rank() > 1 { 1 } else { 0 })
    })
}
