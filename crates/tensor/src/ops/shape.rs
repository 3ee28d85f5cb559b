//! Shapes and the order of axes.

use crate::axes::Axes;
use crate::convert::ShapeSpec;
use crate::dispatch::apply_one;
use crate::symbolic::{described, operation, operation_written};
use crate::tensor::Tensor;
use crate::written::{Written, along};
use rhyton_base::{Context, DType, Error, Result, Shape, normalize_axes, normalize_axis};
use rhyton_ops::{index, shape as s};

/// The same elements in another shape; one size may be -1.
///
/// # Errors
/// Where the number of elements does not fit.
pub fn reshape(x: &Tensor, shape: impl ShapeSpec) -> Result<Tensor> {
    let shape = shape.sizes().at(|| "reshape")?;
    apply_one(s::Reshape { shape }, &[x])
}

/// The axes in another order, or reversed.
///
/// # Errors
/// Where the order does not name every axis once.
pub fn transpose(x: &Tensor, order: Option<&[isize]>) -> Result<Tensor> {
    let order = match order {
        None => (0..x.rank()).rev().collect(),
        Some(o) => {
            o.iter().map(|&a| normalize_axis(a, x.rank())).collect::<Result<Vec<_>>>().at(|| "transpose")?
        }
    };
    apply_one(s::Transpose { order }, &[x])
}

/// Stretched to a larger shape.
///
/// # Errors
/// Where the rule of broadcasting does not allow it.
pub fn broadcast_to(x: &Tensor, shape: &[usize]) -> Result<Tensor> {
    apply_one(s::BroadcastTo { shape: shape.to_vec() }, &[x])
}

/// New axes of size 1, one or several, at these places of the result.
///
/// # Errors
/// Where a place is outside the rank of the result or is named twice.
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// let x = Tensor::from([1, 2, 3]);
/// assert_eq!(ops::expand_dims(&x, -1).unwrap().shape(), [3, 1]);
/// assert_eq!(ops::expand_dims(&x, [0, 2]).unwrap().shape(), [1, 3, 1]);
/// ```
pub fn expand_dims(x: &Tensor, axes: impl Into<Axes>) -> Result<Tensor> {
    let axes = axes.into();
    let written = described(&[x], || Written::new("ExpandDims", 1).with("axis", along(&axes)));
    operation_written("expand_dims", written, &[x], move |x| {
        let axes = axes.listed().ok_or_else(|| Error::value("expected one axis or several, got all (..)"))?;
        let mut shape = x[0].shape().to_vec();
        for axis in normalize_axes(axes, x[0].rank() + axes.len())? {
            shape.insert(axis, 1);
        }
        reshape(x[0], shape)
    })
}

/// Without axes of size 1: one, several, or all of them (`..`).
///
/// # Errors
/// Where a named axis is not there or has another size.
///
/// ```
/// use rhyton_tensor::{DType, ops};
/// let x = ops::zeros([1, 3, 1], DType::F32).unwrap();
/// assert_eq!(ops::squeeze(&x, ..).unwrap().shape(), [3]);
/// assert_eq!(ops::squeeze(&x, 0).unwrap().shape(), [3, 1]);
/// ```
pub fn squeeze(x: &Tensor, axes: impl Into<Axes>) -> Result<Tensor> {
    let axes = axes.into();
    let written = described(&[x], || Written::new("Squeeze", 1).with("axis", along(&axes)));
    operation_written("squeeze", written, &[x], move |x| {
        let shape = x[0].shape();
        let gone = match axes.listed() {
            None => (0..shape.len()).filter(|&a| shape[a] == 1).collect(),
            Some(axes) => normalize_axes(axes, shape.len())?,
        };
        if let Some(axis) = gone.iter().find(|&&a| shape[a] != 1) {
            return Err(Error::shape(format!(
                "axis {axis} of shape {} is not of size 1",
                Shape::from(shape)
            )));
        }
        let kept: Vec<usize> = (0..shape.len()).filter(|a| !gone.contains(a)).map(|a| shape[a]).collect();
        reshape(x[0], kept)
    })
}

/// Axis `source[i]` moved to place `destination[i]`; the other axes keep their order.
///
/// # Errors
/// Where an axis is not there or is named twice, or the two lists differ in length.
///
/// ```
/// use rhyton_tensor::{DType, ops};
/// let x = ops::zeros([2, 3, 4], DType::F32).unwrap();
/// assert_eq!(ops::moveaxis(&x, &[0], &[-1]).unwrap().shape(), [3, 4, 2]);
/// ```
pub fn moveaxis(x: &Tensor, source: &[isize], destination: &[isize]) -> Result<Tensor> {
    let who = || "moveaxis";
    let rank = x.rank();
    if source.len() != destination.len() {
        let message = format!("{} axes do not go to {} places", source.len(), destination.len());
        return Err(Error::shape(message).at(who()));
    }
    normalize_axes(source, rank).and(normalize_axes(destination, rank)).at(who)?;
    let places = |axes: &[isize]| axes.iter().map(|&a| normalize_axis(a, rank)).collect::<Result<Vec<_>>>();
    let (from, to) = (places(source).at(who)?, places(destination).at(who)?);
    let mut order: Vec<usize> = (0..rank).filter(|a| !from.contains(a)).collect();
    let mut moves: Vec<(usize, usize)> = to.into_iter().zip(from).collect();
    moves.sort_unstable();
    for (to, from) in moves {
        order.insert(to, from);
    }
    apply_one(s::Transpose { order }, &[x]).at(who)
}

/// Two axes exchanged.
///
/// # Errors
/// Where an axis is not there.
///
/// ```
/// use rhyton_tensor::{DType, ops};
/// let x = ops::zeros([2, 3, 4], DType::F32).unwrap();
/// assert_eq!(ops::swapaxes(&x, 0, -1).unwrap().shape(), [4, 3, 2]);
/// ```
pub fn swapaxes(x: &Tensor, axis1: isize, axis2: isize) -> Result<Tensor> {
    let who = || "swapaxes";
    let (a, b) = (normalize_axis(axis1, x.rank()).at(who)?, normalize_axis(axis2, x.rank()).at(who)?);
    let mut order: Vec<usize> = (0..x.rank()).collect();
    order.swap(a, b);
    apply_one(s::Transpose { order }, &[x]).at(who)
}

/// The same bits read as another element type. Between types of different sizes the last axis grows or shrinks.
/// No gradient flows.
///
/// # Errors
/// Where the last axis does not divide into elements of the new size, a scalar would change its size, or numbers
/// would become `bool`.
///
/// ```
/// use rhyton_tensor::{DType, Tensor, ops};
/// let x = Tensor::from([1.0f32, -2.0]);
/// assert_eq!(ops::view(&x, DType::U32).unwrap().to_vec::<u32>().unwrap(), [0x3f80_0000, 0xc000_0000]);
/// assert_eq!(ops::view(&x, DType::U8).unwrap().shape(), [8]);
/// ```
pub fn view(x: &Tensor, dtype: DType) -> Result<Tensor> {
    if x.dtype() == dtype { Ok(x.clone()) } else { apply_one(s::Bitcast { dtype }, &[x]) }
}

/// The elements from `start` to before `stop` along an axis.
///
/// # Errors
/// Where the range leaves the axis.
pub fn narrow(x: &Tensor, axis: isize, start: usize, stop: usize) -> Result<Tensor> {
    operation("slice", &[x], move |x| {
        let x = x[0];
        let axis = normalize_axis(axis, x.rank())?;
        let size = x.shape()[axis];
        if start > stop || stop > size {
            return Err(Error::shape(format!("{start}..{stop} leaves axis {axis} of size {size}")));
        }
        let mut places: Vec<_> = x.shape().iter().map(|&n| (0, 1, n)).collect();
        places[axis] = (start, 1, stop - start);
        apply_one(index::Slice { places }, &[x])
    })
}
