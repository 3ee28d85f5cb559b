//! Shapes, parts and joining.

use super::cast;
use crate::convert::ShapeSpec;
use crate::dispatch::{apply, apply_one};
use crate::symbolic::operation;
use crate::tensor::Tensor;
use rhyton_base::{Context, Error, Result, normalize_axis};
use rhyton_ops::{index, shape as s};
use std::sync::Arc;

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

/// A new axis of size 1.
///
/// # Errors
/// Where the place is outside the rank.
pub fn expand_dims(x: &Tensor, axis: isize) -> Result<Tensor> {
    operation("expand_dims", &[x], move |x| {
        let axis = normalize_axis(axis, x[0].rank() + 1)?;
        let mut shape = x[0].shape().to_vec();
        shape.insert(axis, 1);
        reshape(x[0], shape)
    })
}

/// Without an axis of size 1.
///
/// # Errors
/// Where the axis has another size.
pub fn squeeze(x: &Tensor, axis: isize) -> Result<Tensor> {
    operation("squeeze", &[x], move |x| {
        let place = normalize_axis(axis, x[0].rank())?;
        let mut shape = x[0].shape().to_vec();
        if shape.remove(place) != 1 {
            let shape = rhyton_base::Shape::from(x[0].shape());
            return Err(Error::shape(format!("axis {axis} of shape {shape} is not of size 1")));
        }
        reshape(x[0], shape)
    })
}

/// The elements from `start` to before `stop` along an axis.
///
/// # Errors
/// Where the range leaves the axis.
pub fn narrow(x: &Tensor, axis: isize, start: usize, stop: usize) -> Result<Tensor> {
    operation("slice", &[x], move |x| {
        let axis = normalize_axis(axis, x[0].rank())?;
        let size = x[0].shape()[axis];
        if start > stop || stop > size {
            return Err(Error::shape(format!("{start}..{stop} leaves axis {axis} of size {size}")));
        }
        let mut places: Vec<_> = x[0].shape().iter().map(|&n| (0, 1, n)).collect();
        places[axis] = (start, 1, stop - start);
        apply_one(index::Slice { places }, x)
    })
}

/// The slices along an axis at the indices, which may be negative.
///
/// # Errors
/// Where an index is out of range.
pub fn take(x: &Tensor, indices: &Tensor, axis: isize) -> Result<Tensor> {
    apply_one(index::Gather { axis }, &[x, indices])
}

/// Tensors joined along an existing axis.
///
/// # Errors
/// Where other axes differ.
pub fn concatenate(tensors: &[&Tensor], axis: isize) -> Result<Tensor> {
    let who = || "concatenate";
    let first = tensors.first().ok_or_else(|| Error::value("expected at least one tensor").at(who()))?;
    let axis = normalize_axis(axis, first.rank()).at(who)?;
    let dtype = rhyton_base::promote_all(tensors.iter().map(|t| t.dtype())).expect("at least one");
    operation("concatenate", tensors, move |tensors| {
        let inputs = tensors.iter().map(|t| cast(t, dtype)).collect::<Result<Vec<_>>>()?;
        Ok(apply(Arc::new(index::Concat { axis }), &inputs)?.swap_remove(0))
    })
}

/// Tensors of one shape joined along a new axis.
///
/// # Errors
/// Where shapes differ.
pub fn stack(tensors: &[&Tensor], axis: isize) -> Result<Tensor> {
    operation("stack", tensors, move |tensors| {
        let spread = tensors.iter().map(|t| expand_dims(t, axis)).collect::<Result<Vec<_>>>()?;
        concatenate(&spread.iter().collect::<Vec<_>>(), axis)
    })
}
