//! Tensors joined, and cut apart along a certain axis.

use super::{cast, expand_dims, ravel, reshape, split};
use crate::dispatch::apply;
use crate::index::Sections;
use crate::symbolic::{described, operation, operation_written};
use crate::tensor::Tensor;
use crate::written::Written;
use rhyton_base::{Context, Error, Result, normalize_axis};
use rhyton_ops::index;
use std::sync::Arc;

/// Tensors joined along an existing axis; their element types are promoted.
///
/// # Errors
/// Where other axes differ.
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// let y = ops::concatenate(&[&Tensor::from([1, 2]), &Tensor::from([3])], 0).unwrap();
/// assert_eq!(y.to_vec::<i32>().unwrap(), [1, 2, 3]);
/// ```
pub fn concatenate(tensors: &[&Tensor], axis: isize) -> Result<Tensor> {
    let who = || "concatenate";
    let first = tensors.first().ok_or_else(|| Error::value("expected at least one tensor").at(who()))?;
    let axis = normalize_axis(axis, first.rank()).at(who)?;
    let dtype = rhyton_base::promote_all(tensors.iter().map(|t| t.dtype())).expect("at least one");
    let written = described(tensors, || Written::of_list("Concatenate", tensors.len()).with("axis", axis));
    operation_written("concatenate", written, tensors, move |tensors| {
        let inputs = tensors.iter().map(|t| cast(t, dtype)).collect::<Result<Vec<_>>>()?;
        Ok(apply(Arc::new(index::Concat { axis }), &inputs)?.swap_remove(0))
    })
}

/// Tensors of one shape joined along a new axis.
///
/// # Errors
/// Where shapes differ.
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// let y = ops::stack(&[&Tensor::from([1, 2]), &Tensor::from([3, 4])], 1).unwrap();
/// assert_eq!(y.to_vec::<i32>().unwrap(), [1, 3, 2, 4]);
/// ```
pub fn stack(tensors: &[&Tensor], axis: isize) -> Result<Tensor> {
    let written = described(tensors, || Written::of_list("Stack", tensors.len()).with("axis", axis));
    join("stack", written, tensors, move |x| Ok((expand_dims(x, axis)?, axis)))
}

/// Runs `concatenate` on tensors that have been given another shape; the shaping says along which axis.
fn join(
    name: &'static str,
    written: Option<Written>,
    tensors: &[&Tensor],
    shaped: impl Fn(&Tensor) -> Result<(Tensor, isize)> + Send + Sync + 'static,
) -> Result<Tensor> {
    operation_written(name, written, tensors, move |tensors| {
        let shaped = tensors.iter().map(|x| shaped(x)).collect::<Result<Vec<_>>>()?;
        let axis = shaped.first().map_or(0, |s| s.1);
        concatenate(&shaped.iter().map(|s| &s.0).collect::<Vec<_>>(), axis)
    })
}

/// Axes of size 1 added at the end until there are as many as wished.
fn padded(x: &Tensor, rank: usize) -> Result<Tensor> {
    let mut shape = x.shape().to_vec();
    shape.resize(rank.max(shape.len()), 1);
    reshape(x, shape)
}

/// Tensors side by side: joined along axis 1, vectors along axis 0. Scalars count as vectors of one element.
///
/// # Errors
/// Where other axes differ.
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// let y = ops::hstack(&[&Tensor::from([[1], [2]]), &Tensor::from([[3], [4]])]).unwrap();
/// assert_eq!(y.to_vec::<i32>().unwrap(), [1, 3, 2, 4]);
/// ```
pub fn hstack(tensors: &[&Tensor]) -> Result<Tensor> {
    join("hstack", described(tensors, || Written::of_list("Hstack", tensors.len())), tensors, |x| {
        Ok((padded(x, 1)?, if x.rank() > 1 { 1 } else { 0 }))
    })
}

/// Tensors one below the other: joined along axis 0. Vectors count as rows.
///
/// # Errors
/// Where other axes differ.
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// let y = ops::vstack(&[&Tensor::from([1, 2]), &Tensor::from([3, 4])]).unwrap();
/// assert_eq!(y.shape(), [2, 2]);
/// ```
pub fn vstack(tensors: &[&Tensor]) -> Result<Tensor> {
    join("vstack", described(tensors, || Written::of_list("Vstack", tensors.len())), tensors, |x| {
        let x = padded(x, 1)?;
        Ok((if x.rank() == 1 { expand_dims(&x, 0)? } else { x }, 0))
    })
}

/// Tensors joined along axis 2. Vectors of `n` elements count as `(1, n, 1)`, matrices get a third axis.
///
/// # Errors
/// Where other axes differ.
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// let y = ops::dstack(&[&Tensor::from([1, 2]), &Tensor::from([3, 4])]).unwrap();
/// assert_eq!(y.shape(), [1, 2, 2]);
/// ```
pub fn dstack(tensors: &[&Tensor]) -> Result<Tensor> {
    join("dstack", described(tensors, || Written::of_list("Dstack", tensors.len())), tensors, |x| {
        let x = padded(x, 1)?;
        let x = if x.rank() == 1 { expand_dims(&x, 0)? } else { x };
        Ok((padded(&x, 3)?, 2))
    })
}

/// Vectors as the columns of a matrix; matrices are joined along axis 1.
///
/// # Errors
/// Where axis 0 differs.
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// let y = ops::column_stack(&[&Tensor::from([1, 2]), &Tensor::from([3, 4])]).unwrap();
/// assert_eq!(y.to_vec::<i32>().unwrap(), [1, 3, 2, 4]);
/// ```
pub fn column_stack(tensors: &[&Tensor]) -> Result<Tensor> {
    join("column_stack", None, tensors, |x| Ok((padded(x, 2)?, 1)))
}

/// `x` and then `y` along an axis; without one, both flat.
///
/// # Errors
/// Where the axis is not there or other axes differ.
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// let (x, y) = (Tensor::from([[1, 2]]), Tensor::from([[3, 4]]));
/// assert_eq!(ops::append(&x, &y, None).unwrap().shape(), [4]);
/// assert_eq!(ops::append(&x, &y, 0).unwrap().shape(), [2, 2]);
/// ```
pub fn append(x: &Tensor, y: &Tensor, axis: impl Into<Option<isize>>) -> Result<Tensor> {
    let axis = axis.into();
    operation("append", &[x, y], move |x| match axis {
        Some(axis) => concatenate(x, axis),
        None => concatenate(&[&ravel(x[0])?, &ravel(x[1])?], 0),
    })
}

/// As [`split`], but an axis that does not divide is cut into parts whose sizes differ by one, larger ones first.
///
/// # Errors
/// Where the axis is not there, or for less than one part.
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// let parts = ops::array_split(&Tensor::from([1, 2, 3, 4, 5]), 3, 0).unwrap();
/// assert_eq!(parts.iter().map(|p| p.len()).collect::<Vec<_>>(), [2, 2, 1]);
/// ```
pub fn array_split(x: &Tensor, sections: impl Into<Sections>, axis: isize) -> Result<Vec<Tensor>> {
    let sections = sections.into();
    operation("array_split", &[x], move |x| {
        let size = x[0].shape()[normalize_axis(axis, x[0].rank())?];
        let Sections::Equal(parts) = sections else { return split(x[0], sections.clone(), axis) };
        let many = usize::try_from(parts).ok().filter(|&p| p > 0);
        let many =
            many.ok_or_else(|| Error::value(format!("expected a positive number of parts, got {parts}")))?;
        if many > size.max(u16::MAX as usize) {
            return Err(Error::value(format!("{parts} parts of an axis of size {size} are too many")));
        }
        let cuts = (1..many).map(|i| (i * (size / many) + i.min(size % many)) as isize).collect();
        split(x[0], Sections::At(cuts), axis)
    })
}

fn split_along(
    name: &'static str,
    x: &Tensor,
    sections: Sections,
    rank: usize,
    axis: isize,
) -> Result<Vec<Tensor>> {
    if x.rank() < rank {
        let message = format!("expected at least {rank} {}, got shape {}", axes(rank), x.meta().shape);
        return Err(Error::shape(message).at(name));
    }
    operation(name, &[x], move |x| split(x[0], sections.clone(), axis))
}

fn axes(count: usize) -> &'static str {
    if count == 1 { "axis" } else { "axes" }
}

/// Cut along axis 1, vectors along axis 0; see [`split`].
///
/// # Errors
/// For scalars, and where the axis does not divide.
pub fn hsplit(x: &Tensor, sections: impl Into<Sections>) -> Result<Vec<Tensor>> {
    split_along("hsplit", x, sections.into(), 1, if x.rank() > 1 { 1 } else { 0 })
}

/// Cut along axis 0; see [`split`].
///
/// # Errors
/// For less than two axes, and where the axis does not divide.
pub fn vsplit(x: &Tensor, sections: impl Into<Sections>) -> Result<Vec<Tensor>> {
    split_along("vsplit", x, sections.into(), 2, 0)
}

/// Cut along axis 2; see [`split`].
///
/// # Errors
/// For less than three axes, and where the axis does not divide.
pub fn dsplit(x: &Tensor, sections: impl Into<Sections>) -> Result<Vec<Tensor>> {
    split_along("dsplit", x, sections.into(), 3, 2)
}
