//! Parts of tensors given by a start and a shape.

use super::{add, arange, cast, maximum, minimum, multiply, narrow, ravel, reshape, take, zeros};
use crate::dispatch::apply_one;
use crate::symbolic::operation;
use crate::tensor::Tensor;
use rhyton_base::{DType, Error, Result};
use rhyton_ops::index::{Overwrite, ScatterSet, Slice};

/// Checks that there is a number for every axis.
fn one_an_axis(what: &str, count: usize, x: &Tensor) -> Result<()> {
    if count == x.rank() {
        return Ok(());
    }
    let shape = x.meta().shape;
    Err(Error::shape(format!("expected {what} for each axis of shape {shape}, got {count}")))
}

/// The lengths of a part, with -1 for what is left from the start on.
fn lengths(x: &Tensor, start: Option<&[usize]>, shape: &[isize]) -> Result<Vec<usize>> {
    one_an_axis("a length", shape.len(), x)?;
    let length = |(axis, &n): (usize, &isize)| {
        let size = x.shape()[axis];
        let first = start.map_or(0, |s| s[axis]);
        match usize::try_from(n) {
            Ok(n) if first.checked_add(n).is_some_and(|end| end <= size) => Ok(n),
            Err(_) if n == -1 && first <= size && start.is_some() => Ok(size - first),
            _ => Err(Error::shape(format!("{n} elements from {first} on leave axis {axis} of size {size}"))),
        }
    };
    shape.iter().enumerate().map(length).collect()
}

/// The part of a tensor that begins at `start` and has the shape `shape`; a length of -1 goes on to the end.
///
/// # Errors
/// Where there is not one number for each axis or the part leaves the tensor.
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// let x = Tensor::from([[1, 2, 3], [4, 5, 6]]);
/// assert_eq!(ops::slice(&x, &[0, 1], &[-1, 2]).unwrap().to_vec::<i32>().unwrap(), [2, 3, 5, 6]);
/// ```
pub fn slice(x: &Tensor, start: &[usize], shape: &[isize]) -> Result<Tensor> {
    let (start, shape) = (start.to_vec(), shape.to_vec());
    operation("slice", &[x], move |x| {
        one_an_axis("a start", start.len(), x[0])?;
        let lengths = lengths(x[0], Some(&start), &shape)?;
        let places = start.iter().zip(lengths).map(|(&s, n)| (if n == 0 { 0 } else { s }, 1, n)).collect();
        apply_one(Slice { places }, &[x[0]])
    })
}

/// `x` with the part that begins at `start` replaced by `updates`, which are cast to its type.
///
/// # Errors
/// Where ranks differ or the part leaves the tensor.
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// let y = ops::slice_update(&Tensor::from([1, 2, 3, 4]), &[1], &Tensor::from([8, 9])).unwrap();
/// assert_eq!(y.to_vec::<i32>().unwrap(), [1, 8, 9, 4]);
/// ```
pub fn slice_update(x: &Tensor, start: &[usize], updates: &Tensor) -> Result<Tensor> {
    let start = start.to_vec();
    operation("slice_update", &[x, updates], move |t| {
        one_an_axis("a start", start.len(), t[0])?;
        let shape: Vec<isize> =
            t[1].shape().iter().map(|&n| isize::try_from(n).unwrap_or(isize::MAX)).collect();
        lengths(t[0], Some(&start), &shape)?;
        let places = start.iter().map(|&s| (s, 1)).collect();
        apply_one(Overwrite { places }, &[t[0], &cast(t[1], t[0].dtype())?])
    })
}

/// The start as one `int64` an axis, moved so that a part of these lengths stays inside.
fn clamped(x: &Tensor, start: &Tensor, lengths: &[usize]) -> Result<Vec<Tensor>> {
    if !start.dtype().is_integer() || start.rank() != 1 {
        return Err(Error::shape(format!("expected a vector of integers as start, got {}", start.meta())));
    }
    one_an_axis("a start", start.shape()[0], x)?;
    let start = cast(start, DType::I64)?;
    let room: Vec<i64> = x.shape().iter().zip(lengths).map(|(&n, &l)| (n - l) as i64).collect();
    let start = maximum(&minimum(&start, &Tensor::from(room))?, &Tensor::from(0i64))?;
    (0..x.rank()).map(|a| narrow(&start, 0, a, a + 1)).collect()
}

/// [`slice()`] with a start that is computed: a vector of integers. A part that would leave the tensor is moved back
/// inside, as Keras does on JAX.
///
/// # Errors
/// Where there is not one number for each axis or the part is larger than the tensor.
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// let x = Tensor::from([1, 2, 3, 4]);
/// let y = ops::dynamic_slice(&x, &Tensor::from([9]), &[2]).unwrap();
/// assert_eq!(y.to_vec::<i32>().unwrap(), [3, 4]);
/// ```
pub fn dynamic_slice(x: &Tensor, start: &Tensor, shape: &[usize]) -> Result<Tensor> {
    let shape: Vec<isize> = shape.iter().map(|&n| isize::try_from(n).unwrap_or(isize::MAX)).collect();
    operation("dynamic_slice", &[x, start], move |t| {
        let lengths = lengths(t[0], None, &shape)?;
        let starts = clamped(t[0], t[1], &lengths)?;
        let mut out = t[0].clone();
        for (axis, (first, &length)) in starts.iter().zip(&lengths).enumerate() {
            if length != t[0].shape()[axis] {
                let at = add(first, &arange(length, DType::I64)?)?;
                out = take(&out, &at, axis as isize)?;
            }
        }
        Ok(out)
    })
}

/// [`slice_update`] with a start that is computed: a vector of integers. A part that would leave the tensor is moved
/// back inside, as Keras does on JAX.
///
/// # Errors
/// Where ranks differ or the part is larger than the tensor.
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// let x = Tensor::from([1, 2, 3, 4]);
/// let y = ops::dynamic_slice_update(&x, &Tensor::from([2]), &Tensor::from([8, 9])).unwrap();
/// assert_eq!(y.to_vec::<i32>().unwrap(), [1, 2, 8, 9]);
/// ```
pub fn dynamic_slice_update(x: &Tensor, start: &Tensor, updates: &Tensor) -> Result<Tensor> {
    operation("dynamic_slice_update", &[x, start, updates], |t| {
        let (x, updates) = (t[0], cast(t[2], t[0].dtype())?);
        let shape: Vec<isize> =
            updates.shape().iter().map(|&n| isize::try_from(n).unwrap_or(isize::MAX)).collect();
        let lengths = lengths(x, None, &shape)?;
        let starts = clamped(x, t[1], &lengths)?;
        if updates.is_empty() || x.rank() == 0 {
            return if x.rank() == 0 { Ok(updates) } else { Ok(x.clone()) };
        }
        // Row-major places, built up axis by axis.
        let mut at = zeros(vec![1; x.rank()], DType::I64)?;
        for (axis, (first, &length)) in starts.iter().zip(&lengths).enumerate() {
            let mut along = vec![1; x.rank()];
            along[axis] = length;
            let places = reshape(&add(first, &arange(length, DType::I64)?)?, along)?;
            at = add(&multiply(&at, &Tensor::from(x.shape()[axis] as i64))?, &places)?;
        }
        let flat = apply_one(ScatterSet, &[&ravel(x)?, &ravel(&at)?, &ravel(&updates)?])?;
        reshape(&flat, x.shape())
    })
}
