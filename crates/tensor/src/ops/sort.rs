//! Sorting and searching.

use super::{cast, expand_dims, flip, greater, isnan, less_equal, ravel, subtract, sum, swapaxes, r#where};
use super::{elementwise::promoted, greater_equal, reshape, take_along_axis};
use crate::dispatch::apply_one;
use crate::symbolic::{described, operation, operation_written};
use crate::tensor::Tensor;
use crate::written::Written;
use rhyton_base::{Context, DType, Error, Result, normalize_axis};
use rhyton_ops::index::TakeAlong;
use rhyton_ops::sort::{ArgSort, SearchSorted, Sort};

/// The elements along an axis in rising order; NaN stands last. Gradients go back to where the elements stood.
///
/// # Errors
/// Where the axis is not there.
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// let x = Tensor::from([[3, 1, 2], [0, 5, 4]]);
/// assert_eq!(ops::sort(&x, -1).unwrap().to_vec::<i32>().unwrap(), [1, 2, 3, 0, 4, 5]);
/// ```
pub fn sort(x: &Tensor, axis: isize) -> Result<Tensor> {
    let written = described(&[x], || Written::new("Sort", 1).with("axis", axis));
    operation_written("sort", written, &[x], move |x| {
        normalize_axis(axis, x[0].rank())?;
        let last = swapaxes(x[0], axis, -1)?;
        swapaxes(&apply_one(Sort, &[&last])?, axis, -1)
    })
}

/// The places of the elements along an axis in rising order, as `int64`. Equal elements keep their order, NaN stands
/// last. A scalar counts as a vector of one element.
///
/// # Errors
/// Where the axis is not there.
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// let x = Tensor::from([3, 1, 2, 1]);
/// assert_eq!(ops::argsort(&x, -1).unwrap().to_vec::<i64>().unwrap(), [1, 3, 2, 0]);
/// ```
pub fn argsort(x: &Tensor, axis: isize) -> Result<Tensor> {
    let written = described(&[x], || Written::new("Argsort", 1).with("axis", axis));
    operation_written("argsort", written, &[x], move |x| {
        let x = if x[0].rank() == 0 { ravel(x[0])? } else { x[0].clone() };
        normalize_axis(axis, x.rank())?;
        let last = swapaxes(&x, axis, -1)?;
        swapaxes(&apply_one(ArgSort { descending: false, count: None }, &[&last])?, axis, -1)
    })
}

/// The places of the elements such that place `kth` of an axis is what sorting would put there, smaller ones before
/// it and larger ones behind, as `int64`. Without an axis the flat tensor is meant; Keras's default is the last.
///
/// This sorts fully, so that the order within the two parts is the sorted one.
///
/// # Errors
/// Where the axis is not there or has no place `kth`.
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// let x = Tensor::from([3, 1, 2]);
/// assert_eq!(ops::argpartition(&x, 1, -1).unwrap().to_vec::<i64>().unwrap()[1], 2);
/// ```
pub fn argpartition(x: &Tensor, kth: isize, axis: impl Into<Option<isize>>) -> Result<Tensor> {
    let axis = axis.into();
    operation("argpartition", &[x], move |x| {
        let x = if axis.is_some() { x[0].clone() } else { ravel(x[0])? };
        let place = normalize_axis(axis.unwrap_or(0), x.rank())?;
        let size = x.shape()[place] as isize;
        if !(-size..size).contains(&kth) {
            return Err(Error::value(format!(
                "place {kth} is out of bounds for axis {place} of size {size}"
            )));
        }
        argsort(&x, place as isize)
    })
}

/// The `k` largest elements along the last axis, largest first, and their places as `int64`. Of equal elements the
/// first comes first; NaN counts as the largest. They are sorted also where `sorted` does not ask for it.
///
/// # Errors
/// For scalars, and where the axis has less than `k` places.
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// let (values, places) = ops::top_k(&Tensor::from([5, 2, 7, 1, 9, 3]), 3, true).unwrap();
/// assert_eq!(values.to_vec::<i32>().unwrap(), [9, 7, 5]);
/// assert_eq!(places.to_vec::<i64>().unwrap(), [4, 2, 0]);
/// ```
pub fn top_k(x: &Tensor, k: usize, sorted: bool) -> Result<(Tensor, Tensor)> {
    // Sorted is one of the orders that are right for whom the order does not matter.
    let _ = sorted;
    let written = described(&[x], || Written::new("TopK", 1).with("k", k).with("sorted", sorted));
    operation_written("top_k", written, &[x], move |x| {
        let order = ArgSort { descending: true, count: Some(k) };
        let places = apply_one(order, &[x[0]]).map_err(|e| Error::new(e.kind(), e.message()))?;
        let values = apply_one(TakeAlong { axis: x[0].rank() - 1 }, &[x[0], &places])?;
        Ok((values, places))
    })
}

/// Whether each target is among the `k` classes with the largest predictions: fewer than `k` predictions of its row
/// are larger than its own. Predictions have one axis more than targets, the classes.
///
/// # Errors
/// Where shapes do not fit, or a target is no class.
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// let p = Tensor::from([[0.1f32, 0.7, 0.2], [0.5, 0.2, 0.3]]);
/// let hits = ops::in_top_k(&Tensor::from([2, 1]), &p, 2).unwrap();
/// assert_eq!(hits.to_vec::<bool>().unwrap(), [true, false]);
/// ```
pub fn in_top_k(targets: &Tensor, predictions: &Tensor, k: usize) -> Result<Tensor> {
    operation("in_top_k", &[targets, predictions], move |x| {
        let (targets, predictions) = (x[0], x[1]);
        if predictions.rank() != targets.rank() + 1 {
            return Err(Error::shape(format!(
                "expected one axis more in the predictions than in the targets, got shapes {} and {}",
                predictions.meta().shape,
                targets.meta().shape
            )));
        }
        let own = take_along_axis(predictions, &expand_dims(targets, -1)?, -1)?;
        // A NaN is no large probability.
        let own = match own.dtype().is_float() {
            true => r#where(&isnan(&own)?, &super::full([], f64::NEG_INFINITY, own.dtype())?, &own)?,
            false => own,
        };
        let larger = sum(&cast(&greater(predictions, &own)?, DType::I64)?, -1)?;
        super::less(&larger, &Tensor::from(i64::try_from(k).unwrap_or(i64::MAX)))
    })
}

/// On which side of equal elements [`searchsorted`] puts a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// In front of them.
    Left,
    /// Behind them.
    Right,
}

/// For each value the place in a rising vector at which it keeps the order, as `int64`. NaN counts as larger than
/// every number. Whether the vector is in order is not checked.
///
/// # Errors
/// Where the first argument is not a vector.
///
/// ```
/// use rhyton_tensor::{Tensor, ops, ops::Side};
/// let sorted = Tensor::from([1, 2, 2, 3]);
/// let found = |side| ops::searchsorted(&sorted, &Tensor::from([2, 9]), side).unwrap().to_vec::<i64>().unwrap();
/// assert_eq!(found(Side::Left), [1, 4]);
/// assert_eq!(found(Side::Right), [3, 4]);
/// ```
pub fn searchsorted(sorted: &Tensor, values: &Tensor, side: Side) -> Result<Tensor> {
    let (sorted, values) = promoted(sorted, values)?;
    apply_one(SearchSorted { right: side == Side::Right }, &[&sorted, &values]).at(|| "searchsorted")
}

/// For each element the number of its bin, as `int64`: `i` where `bins[i-1] <= x < bins[i]`. For falling bins
/// `bins[i-1] > x >= bins[i]`.
///
/// # Errors
/// Where the bins are not a vector.
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// let bins = Tensor::from([0.0f32, 1.0, 2.5]);
/// let x = Tensor::from([0.2f32, 6.4, 1.0, -1.0]);
/// assert_eq!(ops::digitize(&x, &bins).unwrap().to_vec::<i64>().unwrap(), [1, 3, 2, 0]);
/// ```
pub fn digitize(x: &Tensor, bins: &Tensor) -> Result<Tensor> {
    operation("digitize", &[x, bins], |t| {
        let (x, bins) = (t[0], t[1]);
        if bins.rank() != 1 {
            return Err(Error::shape(format!("expected a vector of bins, got shape {}", bins.meta().shape)));
        }
        let rising = searchsorted(bins, x, Side::Right)?;
        let count = bins.len();
        if count < 2 {
            return Ok(rising);
        }
        let falling = searchsorted(&flip(bins, 0)?, x, Side::Left)?;
        let falling = subtract(&Tensor::from(count as i64), &falling)?;
        let (first, last) = (bins.i(0)?, bins.i(-1)?);
        r#where(&greater_equal(&last, &first)?, &rising, &falling)
    })
}

/// How many elements of a row are numbers, for rows sorted with NaN last: `[…, 1]` as `float64`.
pub(super) fn numbers_in(rows: &Tensor) -> Result<Tensor> {
    let valid = less_equal(rows, &super::full([], f64::INFINITY, rows.dtype())?)?;
    let count = sum(&cast(&valid, DType::I64)?, -1)?;
    let mut shape = count.shape().to_vec();
    shape.push(1);
    cast(&reshape(&count, shape)?, DType::F64)
}
