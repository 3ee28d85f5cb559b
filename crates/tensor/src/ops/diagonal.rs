//! Diagonals, triangles and Vandermonde matrices.

use super::{
    broadcast_to, cast, concatenate, expand_dims, flip, greater_equal, less_equal, moveaxis, narrow, ones,
    ravel, reshape, sum, r#where, zeros,
};
use crate::dispatch::apply_one;
use crate::symbolic::operation;
use crate::tensor::Tensor;
use rhyton_base::{DType, Error, Result, Scalar, element_count, normalize_axis};
use rhyton_ops::index::{Embed, Slice};
use rhyton_ops::shape::Iota;
use rhyton_ops::sort::CumProd;

/// A vector as the `k`-th diagonal of a matrix of zeros, or the `k`-th diagonal of a matrix; diagonals above the main
/// one have `k > 0`.
///
/// # Errors
/// For other ranks than 1 and 2.
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// let m = ops::diag(&Tensor::from([1, 2]), 0).unwrap();
/// assert_eq!(m.to_vec::<i32>().unwrap(), [1, 0, 0, 2]);
/// assert_eq!(ops::diag(&m, 1).unwrap().to_vec::<i32>().unwrap(), [0]);
/// ```
pub fn diag(x: &Tensor, k: isize) -> Result<Tensor> {
    operation("diag", &[x], move |x| match x[0].rank() {
        1 => spread(x[0], k),
        2 => diagonal(x[0], k, 0, 1),
        _ => Err(Error::shape(format!("expected a vector or a matrix, got shape {}", x[0].meta().shape))),
    })
}

/// The elements as the `k`-th diagonal of a matrix of zeros.
///
/// # Errors
/// Where the matrix is larger than memory.
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// assert_eq!(ops::diagflat(&Tensor::from([[1, 2], [3, 4]]), 0).unwrap().shape(), [4, 4]);
/// ```
pub fn diagflat(x: &Tensor, k: isize) -> Result<Tensor> {
    operation("diagflat", &[x], move |x| spread(&ravel(x[0])?, k))
}

fn spread(x: &Tensor, k: isize) -> Result<Tensor> {
    let side = x.len().checked_add(k.unsigned_abs());
    let side = side.ok_or_else(|| Error::shape("the matrix is larger than memory can hold"))?;
    let total = element_count(&[side, side])?;
    let start = if x.is_empty() { 0 } else { start_of(k, side) };
    let places = vec![(start, side as isize + 1)];
    let flat = apply_one(Embed { shape: vec![total], places, value: Scalar::Int(0) }, &[x])?;
    reshape(&flat, [side, side])
}

/// The flat place at which the `k`-th diagonal of a matrix with so many columns begins.
fn start_of(k: isize, columns: usize) -> usize {
    if k < 0 { k.unsigned_abs() * columns } else { k as usize }
}

/// The `offset`-th diagonal of the matrices that two axes make, as a new last axis in place of the two.
///
/// # Errors
/// Where an axis is not there or both are the same.
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// let x = Tensor::from([[1, 2, 3], [4, 5, 6]]);
/// assert_eq!(ops::diagonal(&x, 1, 0, 1).unwrap().to_vec::<i32>().unwrap(), [2, 6]);
/// ```
pub fn diagonal(x: &Tensor, offset: isize, axis1: isize, axis2: isize) -> Result<Tensor> {
    operation("diagonal", &[x], move |x| {
        let x = x[0];
        if x.rank() < 2 {
            return Err(Error::shape(format!("expected at least two axes, got shape {}", x.meta().shape)));
        }
        let (a, b) = (normalize_axis(axis1, x.rank())?, normalize_axis(axis2, x.rank())?);
        if a == b {
            return Err(Error::shape(format!("expected two different axes, got {axis1} and {axis2}")));
        }
        let x = moveaxis(x, &[axis1, axis2], &[-2, -1])?;
        let (mut shape, last) = (x.shape().to_vec(), x.rank() - 2);
        let (rows, columns) = (shape[last], shape[last + 1]);
        let (down, right) = if offset < 0 { (offset.unsigned_abs(), 0) } else { (0, offset as usize) };
        let length = rows.saturating_sub(down).min(columns.saturating_sub(right));
        shape.truncate(last);
        if length == 0 {
            shape.push(0);
            return reshape(&narrow(&narrow(&x, -1, 0, 0)?, -2, 0, 0)?, shape);
        }
        shape.push(rows * columns);
        let flat = reshape(&x, shape)?;
        let mut places: Vec<_> = flat.shape().iter().map(|&n| (0, 1, n)).collect();
        places[last] = (start_of(offset, columns), columns as isize + 1, length);
        if length == 1 {
            places[last].1 = 1;
        }
        if flat.is_empty() {
            return zeros(places.iter().map(|p| p.2).collect::<Vec<_>>(), x.dtype());
        }
        apply_one(Slice { places }, &[&flat])
    })
}

/// The sum of the `offset`-th diagonal of the matrices that two axes make. Integers narrower than 32 bits and `bool`
/// are added in 32 bits of their sign.
///
/// # Errors
/// As [`diagonal`].
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// assert_eq!(ops::trace(&Tensor::from([[1, 2], [3, 4]]), 0, 0, 1).unwrap().item::<i32>().unwrap(), 5);
/// ```
pub fn trace(x: &Tensor, offset: isize, axis1: isize, axis2: isize) -> Result<Tensor> {
    operation("trace", &[x], move |x| {
        let dtype = match x[0].dtype() {
            DType::Bool | DType::I8 | DType::I16 => DType::I32,
            DType::U8 | DType::U16 => DType::U32,
            other => other,
        };
        sum(&cast(&diagonal(x[0], offset, axis1, axis2)?, dtype)?, -1)
    })
}

fn triangle(name: &'static str, x: &Tensor, k: isize, lower: bool) -> Result<Tensor> {
    operation(name, &[x], move |x| {
        let x = x[0];
        let Some(last) = x.rank().checked_sub(2) else {
            return Err(Error::shape(format!("expected at least two axes, got shape {}", x.meta().shape)));
        };
        let (rows, columns) = (x.shape()[last], x.shape()[last + 1]);
        let iota =
            |shape: [usize; 2], axis| apply_one(Iota { shape: shape.to_vec(), axis, dtype: DType::I64 }, &[]);
        // Far away the border leaves the matrix; there is nothing beyond.
        let far = i64::try_from(rows.max(columns)).unwrap_or(i64::MAX);
        let k = (k as i64).clamp(-far, far);
        let border = super::add(&iota([rows, 1], 0)?, &Tensor::from(k))?;
        let column = iota([1, columns], 1)?;
        let kept = if lower { less_equal(&column, &border)? } else { greater_equal(&column, &border)? };
        r#where(&kept, x, &zeros([], x.dtype())?)
    })
}

/// The matrices of the last two axes with zeros above the `k`-th diagonal.
///
/// # Errors
/// For less than two axes.
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// let x = Tensor::from([[1, 2], [3, 4]]);
/// assert_eq!(ops::tril(&x, 0).unwrap().to_vec::<i32>().unwrap(), [1, 0, 3, 4]);
/// ```
pub fn tril(x: &Tensor, k: isize) -> Result<Tensor> {
    triangle("tril", x, k, true)
}

/// The matrices of the last two axes with zeros below the `k`-th diagonal.
///
/// # Errors
/// For less than two axes.
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// let x = Tensor::from([[1, 2], [3, 4]]);
/// assert_eq!(ops::triu(&x, 0).unwrap().to_vec::<i32>().unwrap(), [1, 2, 0, 4]);
/// ```
pub fn triu(x: &Tensor, k: isize) -> Result<Tensor> {
    triangle("triu", x, k, false)
}

/// The powers of a vector's elements as rows: `x^(n-1), …, x, 1`, or in rising order. `n` is the length of the vector
/// where it is not given.
///
/// # Errors
/// For other ranks than 1, and for `bool`.
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// let x = Tensor::from([2, 3]);
/// assert_eq!(ops::vander(&x, 3, false).unwrap().to_vec::<i32>().unwrap(), [4, 2, 1, 9, 3, 1]);
/// ```
pub fn vander(x: &Tensor, n: impl Into<Option<usize>>, increasing: bool) -> Result<Tensor> {
    let n = n.into();
    operation("vander", &[x], move |x| {
        let x = x[0];
        if x.rank() != 1 {
            return Err(Error::shape(format!("expected a vector, got shape {}", x.meta().shape)));
        }
        let n = n.unwrap_or(x.len());
        element_count(&[x.len(), n])?;
        let Some(more) = n.checked_sub(1) else { return zeros([x.len(), 0], x.dtype()) };
        let many = broadcast_to(&expand_dims(x, 1)?, &[x.len(), more])?;
        let factors = concatenate(&[&ones([x.len(), 1], x.dtype())?, &many], 1)?;
        let powers = apply_one(CumProd { axis: 1 }, &[&factors])?;
        if increasing { Ok(powers) } else { flip(&powers, 1) }
    })
}
