//! Elements taken from, and put at, listed places.

use super::{add, broadcast_to, cast, maximum, minimum, multiply, ravel, reshape};
use crate::dispatch::apply_one;
use crate::index::{TensorIndex, TensorIndices, flat_places, masks_as_places, select};
use crate::symbolic::{described, operation, operation_written};
use crate::tensor::Tensor;
use crate::written::{Attr, Written};
use rhyton_base::{Context, Error, Result, Shape, broadcast_shapes, element_count, normalize_axis};
use rhyton_ops::index::{Gather, ScatterAdd, ScatterMax, ScatterMin, ScatterProd, ScatterSet, TakeAlong};
use std::str::FromStr;

/// The slices along an axis at the indices; without an axis the elements of the flat tensor. The axes of the indices
/// stand in place of the axis. Negative indices count from the end.
///
/// # Errors
/// Where an index is out of range, or is no integer.
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// let x = Tensor::from([[1, 2, 3], [4, 5, 6]]);
/// let at = Tensor::from([2, 0]);
/// assert_eq!(ops::take(&x, &at, 1).unwrap().to_vec::<i32>().unwrap(), [3, 1, 6, 4]);
/// assert_eq!(ops::take(&x, &at, None).unwrap().to_vec::<i32>().unwrap(), [3, 1]);
/// ```
pub fn take(x: &Tensor, indices: &Tensor, axis: impl Into<Option<isize>>) -> Result<Tensor> {
    match axis.into() {
        Some(axis) => gathered(x, indices, axis).at(|| "take"),
        None => operation("take", &[x, indices], |x| gathered(&ravel(x[0])?, x[1], 0)),
    }
}

fn gathered(x: &Tensor, indices: &Tensor, axis: isize) -> Result<Tensor> {
    apply_one(Gather { axis }, &[x, indices]).map_err(|e| Error::new(e.kind(), e.message()))
}

/// `out[i, j, …] = x[indices[i, j, …], j, …]` for axis 0, and so on for others: one element a place. Axes other than
/// `axis` are broadcast together. Without an axis both are taken flat.
///
/// # Errors
/// Where ranks differ or shapes do not fit, and where an index is out of range or no integer.
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// let x = Tensor::from([[3, 1, 2], [4, 6, 5]]);
/// let order = ops::argsort(&x, 1).unwrap();
/// let y = ops::take_along_axis(&x, &order, 1).unwrap();
/// assert_eq!(y.to_vec::<i32>().unwrap(), [1, 2, 3, 4, 5, 6]);
/// ```
pub fn take_along_axis(x: &Tensor, indices: &Tensor, axis: impl Into<Option<isize>>) -> Result<Tensor> {
    let axis = axis.into();
    operation("take_along_axis", &[x, indices], move |t| {
        let Some(axis) = axis else {
            return apply_one(TakeAlong { axis: 0 }, &[&ravel(t[0])?, &ravel(t[1])?]);
        };
        let (x, indices) = (t[0], t[1]);
        let axis = normalize_axis(axis, x.rank())?;
        if indices.rank() != x.rank() {
            return Err(Error::shape(format!(
                "expected indices with the axes of shape {}, got {}",
                x.meta().shape,
                indices.meta().shape
            )));
        }
        let (mut from, mut at) = (x.shape().to_vec(), indices.shape().to_vec());
        let (size, count) = (std::mem::replace(&mut from[axis], 1), std::mem::replace(&mut at[axis], 1));
        let mut common = broadcast_shapes(&[&from, &at])?;
        common[axis] = size;
        let x = broadcast_to(x, &common)?;
        common[axis] = count;
        apply_one(TakeAlong { axis }, &[&x, &broadcast_to(indices, &common)?])
    })
}

/// The part of a tensor that an index names: [`Tensor::i`] as a function.
///
/// # Errors
/// As [`Tensor::i`].
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// let x = Tensor::from([[1, 2], [3, 4]]);
/// assert_eq!(ops::get_item(&x, (.., 1)).unwrap().to_vec::<i32>().unwrap(), [2, 4]);
/// ```
pub fn get_item(x: &Tensor, index: impl TensorIndices) -> Result<Tensor> {
    let parts = masks_as_places(index.parts(), x)?;
    let lists = parts.iter().filter_map(|p| match p {
        TensorIndex::Array(list) => Some(list.clone()),
        _ => None,
    });
    // The lists are arguments like the tensor itself.
    let inputs: Vec<Tensor> = [x.clone()].into_iter().chain(lists).collect();
    let inputs: Vec<&Tensor> = inputs.iter().collect();
    let written = described(&inputs, || {
        let mut lists = 1..;
        let keys: Vec<Attr> = parts.iter().map(|p| p.written(&mut lists)).collect();
        Written::new("GetItem", 1).and(keys)
    });
    operation_written("get_item", written, &inputs, move |inputs| {
        let mut lists = inputs[1..].iter();
        let given = |part: &TensorIndex| match part {
            TensorIndex::Array(_) => TensorIndex::from(*lists.next().expect("one for each part")),
            other => other.clone(),
        };
        select(inputs[0], parts.iter().map(given).collect())
    })
}

/// The row-major places that rows of indices name in the first axes of a shape: of indices `[…, k]` the last axis
/// counts through those axes.
fn rows_of_places(indices: &Tensor, shape: &[usize]) -> Result<(Tensor, usize)> {
    let Some(&k) = indices.shape().last() else {
        return Err(Error::shape("expected indices with at least one axis, got a scalar"));
    };
    if k == 0 || k > shape.len() {
        return Err(Error::shape(format!(
            "indices of shape {} name {k} axes of a tensor of shape {}",
            indices.meta().shape,
            Shape::from(shape)
        )));
    }
    let coordinates = indices.unstack(-1)?;
    let lists: Vec<&Tensor> = coordinates.iter().collect();
    Ok((flat_places(&lists, shape[..k].to_vec(), (0..k).collect())?, k))
}

/// Zeros of a shape with values added at places: `indices` of shape `[…, k]` hold coordinates of the first `k` axes,
/// `values` of shape `[…] + shape[k..]` what is added there. Values of one place add up.
///
/// # Errors
/// Where shapes do not fit, and where an index is out of range or no integer.
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// let y = ops::scatter(&Tensor::from([[1], [3], [1]]), &Tensor::from([10, 20, 5]), &[4]).unwrap();
/// assert_eq!(y.to_vec::<i32>().unwrap(), [0, 15, 0, 20]);
/// ```
pub fn scatter(indices: &Tensor, values: &Tensor, shape: &[usize]) -> Result<Tensor> {
    let shape = shape.to_vec();
    operation("scatter", &[indices, values], move |t| {
        element_count(&shape)?;
        let (at, k) = rows_of_places(t[0], &shape)?;
        let expected: Vec<usize> = at.shape().iter().chain(&shape[k..]).copied().collect();
        if t[1].shape() != expected {
            return Err(Error::shape(format!(
                "expected values of shape {}, got {}",
                Shape::from(expected),
                t[1].meta().shape
            )));
        }
        let size = shape[..k].iter().product();
        reshape(&apply_one(ScatterAdd { axis: 0, size }, &[&at, t[1]])?, &shape)
    })
}

/// What [`scatter_update`] does with an update and what stood there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ScatterReduction {
    /// The update replaces it; of several the last one.
    #[default]
    Replace,
    /// Their sum.
    Add,
    /// The largest.
    Max,
    /// The smallest.
    Min,
    /// Their product.
    Mul,
}

impl FromStr for ScatterReduction {
    type Err = Error;

    /// Keras's names: `"add"`, `"max"`, `"min"`, `"mul"`.
    fn from_str(name: &str) -> Result<ScatterReduction> {
        match name {
            "add" => Ok(ScatterReduction::Add),
            "max" => Ok(ScatterReduction::Max),
            "min" => Ok(ScatterReduction::Min),
            "mul" => Ok(ScatterReduction::Mul),
            _ => Err(Error::name(format!(
                "unknown reduction {name:?}{}",
                rhyton_base::did_you_mean(name, &["add", "max", "min", "mul"])
            ))),
        }
    }
}

/// `x` with updates at places: `indices` of shape `[n, k]` hold coordinates of the first `k` axes, `updates` of shape
/// `[n] + shape[k..]` (or one that broadcasts to it) what is put there. The updates are cast to the type of `x`.
///
/// # Errors
/// Where shapes do not fit, and where an index is out of range or no integer.
///
/// ```
/// use rhyton_tensor::{Tensor, ops, ops::ScatterReduction};
/// let (x, at) = (Tensor::from([1, 2, 3]), Tensor::from([[0], [2], [0]]));
/// let up = Tensor::from([7, 8, 9]);
/// let y = |r| ops::scatter_update(&x, &at, &up, r).unwrap().to_vec::<i32>().unwrap();
/// assert_eq!(y(ScatterReduction::Replace), [9, 2, 8]);
/// assert_eq!(y(ScatterReduction::Add), [17, 2, 11]);
/// ```
pub fn scatter_update(
    x: &Tensor,
    indices: &Tensor,
    updates: &Tensor,
    reduction: ScatterReduction,
) -> Result<Tensor> {
    operation("scatter_update", &[x, indices, updates], move |t| {
        let (x, updates) = (t[0], cast(t[2], t[0].dtype())?);
        let (at, k) = rows_of_places(t[1], x.shape())?;
        let rest: Vec<usize> = x.shape()[k..].to_vec();
        let full: Vec<usize> = at.shape().iter().chain(&rest).copied().collect();
        let updates = broadcast_to(&updates, &full)?;
        let size = x.shape()[..k].iter().product::<usize>();
        let rows: Vec<usize> = [size].into_iter().chain(rest).collect();
        let flat = reshape(x, &rows)?;
        let inputs = [&at, &updates];
        let out = match reduction {
            ScatterReduction::Replace => apply_one(ScatterSet, &[&flat, &at, &updates])?,
            ScatterReduction::Add => add(&flat, &apply_one(ScatterAdd { axis: 0, size }, &inputs)?)?,
            ScatterReduction::Max => maximum(&flat, &apply_one(ScatterMax { size }, &inputs)?)?,
            ScatterReduction::Min => minimum(&flat, &apply_one(ScatterMin { size }, &inputs)?)?,
            ScatterReduction::Mul => multiply(&flat, &apply_one(ScatterProd { size }, &inputs)?)?,
        };
        reshape(&out, x.shape())
    })
}

/// The coordinates of row-major places in a shape, one tensor an axis, of the type of the places. Negative places count
/// from the end.
///
/// # Errors
/// Where a place is outside of the shape (when it runs), and for other types than integers.
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// let at = ops::unravel_index(&Tensor::from([5, 2]), &[2, 3]).unwrap();
/// assert_eq!(at[0].to_vec::<i32>().unwrap(), [1, 0]);
/// assert_eq!(at[1].to_vec::<i32>().unwrap(), [2, 2]);
/// ```
pub fn unravel_index(indices: &Tensor, shape: &[usize]) -> Result<Vec<Tensor>> {
    let shape = shape.to_vec();
    operation("unravel_index", &[indices], move |x| {
        let total = element_count(&shape)?;
        let mut rest = flat_places(&[x[0]], vec![total], vec![0])?;
        let mut out = Vec::with_capacity(shape.len());
        for &size in shape.iter().rev() {
            let size = Tensor::from(size.max(1) as i64);
            out.push(cast(&super::r#mod(&rest, &size)?, x[0].dtype())?);
            rest = super::floor_divide(&rest, &size)?;
        }
        out.reverse();
        Ok(out)
    })
}
