//! New tensors.

use super::cast;
use crate::dispatch::apply_one;
use crate::symbolic::operation;
use crate::tensor::Tensor;
use rhyton_base::{DType, Error, Result, Scalar, Shape};
use rhyton_ops::shape as s;
use std::any::Any;

/// A tensor of one number.
///
/// # Errors
/// Where there is no memory.
pub fn full(shape: impl AsRef<[usize]>, value: impl Into<Scalar>, dtype: DType) -> Result<Tensor> {
    apply_one(s::Full { shape: shape.as_ref().to_vec(), value: value.into(), dtype }, &[])
}

/// Zeros.
///
/// # Errors
/// Where there is no memory.
pub fn zeros(shape: impl AsRef<[usize]>, dtype: DType) -> Result<Tensor> {
    full(shape, 0.0, dtype)
}

/// Ones.
///
/// # Errors
/// Where there is no memory.
pub fn ones(shape: impl AsRef<[usize]>, dtype: DType) -> Result<Tensor> {
    full(shape, 1.0, dtype)
}

/// A tensor whose numbers do not matter: zeros.
///
/// # Errors
/// Where there is no memory.
pub fn empty(shape: impl AsRef<[usize]>, dtype: DType) -> Result<Tensor> {
    zeros(shape, dtype)
}

fn filled_like(name: &'static str, x: &Tensor, value: Scalar, dtype: DType) -> Result<Tensor> {
    operation(name, &[x], move |x| full(x[0].shape(), value, dtype))
}

/// Zeros of the same type and shape.
///
/// # Errors
/// Where there is no memory.
pub fn zeros_like(x: &Tensor) -> Result<Tensor> {
    zeros_like_with(x, None)
}

/// Zeros of the same shape in another type; `None` is that of `x`.
///
/// # Errors
/// Where there is no memory.
pub fn zeros_like_with(x: &Tensor, dtype: impl Into<Option<DType>>) -> Result<Tensor> {
    filled_like("zeros_like", x, 0.0.into(), dtype.into().unwrap_or(x.dtype()))
}

/// Ones of the same type and shape.
///
/// # Errors
/// Where there is no memory.
pub fn ones_like(x: &Tensor) -> Result<Tensor> {
    ones_like_with(x, None)
}

/// Ones of the same shape in another type; `None` is that of `x`.
///
/// # Errors
/// Where there is no memory.
pub fn ones_like_with(x: &Tensor, dtype: impl Into<Option<DType>>) -> Result<Tensor> {
    filled_like("ones_like", x, 1.0.into(), dtype.into().unwrap_or(x.dtype()))
}

/// One number in the shape of `x`, in its type or another one.
///
/// # Errors
/// Where there is no memory.
pub fn full_like(x: &Tensor, value: impl Into<Scalar>, dtype: impl Into<Option<DType>>) -> Result<Tensor> {
    filled_like("full_like", x, value.into(), dtype.into().unwrap_or(x.dtype()))
}

/// A tensor of the shape of `x` whose numbers do not matter: zeros.
///
/// # Errors
/// Where there is no memory.
pub fn empty_like(x: &Tensor, dtype: impl Into<Option<DType>>) -> Result<Tensor> {
    filled_like("empty_like", x, 0.0.into(), dtype.into().unwrap_or(x.dtype()))
}

/// The places `(row, column)` of a matrix as two `int64` tensors that broadcast to it, `row` moved by `k`.
fn places(rows: usize, columns: usize, k: isize) -> Result<(Tensor, Tensor)> {
    rhyton_base::element_count(&[rows, columns])?;
    let line =
        |shape: [usize; 2], axis| apply_one(s::Iota { shape: shape.to_vec(), axis, dtype: DType::I64 }, &[]);
    // Diagonals outside of the matrix are all the same.
    let far = |n: usize| i64::try_from(n).unwrap_or(i64::MAX / 4);
    let k = (k as i64).clamp(-far(rows), far(columns));
    let row = super::add(&line([rows, 1], 0)?, &full([], k, DType::I64)?)?;
    Ok((row, line([1, columns], 1)?))
}

/// A matrix of ones on the `k`-th diagonal (above the main one for `k > 0`) and zeros elsewhere; as many columns as
/// rows where `columns` is `None`. Keras's defaults are `None`, 0 and `float32`.
///
/// # Errors
/// Where there is no memory.
///
/// ```
/// use rhyton_tensor::{DType, ops};
/// let x = ops::eye(2, 3, 1, DType::I32).unwrap();
/// assert_eq!(x.to_vec::<i32>().unwrap(), [0, 1, 0, 0, 0, 1]);
/// ```
pub fn eye(rows: usize, columns: impl Into<Option<usize>>, k: isize, dtype: DType) -> Result<Tensor> {
    diagonal(rows, columns.into().unwrap_or(rows), k, dtype).map_err(|e| e.at("eye"))
}

fn diagonal(rows: usize, columns: usize, k: isize, dtype: DType) -> Result<Tensor> {
    let (row, column) = places(rows, columns, k)?;
    cast(&super::equal(&row, &column)?, dtype)
}

/// The square matrix of ones on the diagonal and zeros elsewhere.
///
/// # Errors
/// Where there is no memory.
pub fn identity(n: usize, dtype: DType) -> Result<Tensor> {
    diagonal(n, n, 0, dtype).map_err(|e| e.at("identity"))
}

/// A matrix of ones at and below the `k`-th diagonal and zeros above; as many columns as rows where `columns` is
/// `None`. Keras's defaults are `None`, 0 and `float32`.
///
/// # Errors
/// Where there is no memory.
///
/// ```
/// use rhyton_tensor::{DType, ops};
/// let x = ops::tri(2, 3, 0, DType::I32).unwrap();
/// assert_eq!(x.to_vec::<i32>().unwrap(), [1, 0, 0, 1, 1, 0]);
/// ```
pub fn tri(rows: usize, columns: impl Into<Option<usize>>, k: isize, dtype: DType) -> Result<Tensor> {
    let (row, column) = places(rows, columns.into().unwrap_or(rows), k).map_err(|e| e.at("tri"))?;
    cast(&super::greater_equal(&row, &column)?, dtype)
}

/// Coordinates from vectors: for `n` vectors `n` tensors of rank `n`, each constant but for its own axis. With
/// `"xy"`, Keras's default, the first two axes change places, as in pictures; with `"ij"` axis `i` is that of vector
/// `i`.
///
/// # Errors
/// Where a tensor is of rank 2 or more, or `indexing` is neither of the two.
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// let (x, y) = (Tensor::from([1, 2, 3]), Tensor::from([4, 5]));
/// let grid = ops::meshgrid(&[&x, &y], "xy").unwrap();
/// assert_eq!(grid[0].to_vec::<i32>().unwrap(), [1, 2, 3, 1, 2, 3]);
/// assert_eq!(grid[1].to_vec::<i32>().unwrap(), [4, 4, 4, 5, 5, 5]);
/// assert_eq!(ops::meshgrid(&[&x, &y], "ij").unwrap()[0].shape(), [3, 2]);
/// ```
pub fn meshgrid(tensors: &[&Tensor], indexing: &str) -> Result<Vec<Tensor>> {
    let swap = match indexing {
        "xy" => tensors.len() > 1,
        "ij" => false,
        other => {
            let message = format!("expected indexing \"xy\" or \"ij\", got {other:?}");
            return Err(Error::value(message).at("meshgrid"));
        }
    };
    if let Some(x) = tensors.iter().find(|x| x.rank() > 1) {
        let message = format!("expected vectors, got shape {}; flatten it first", x.meta().shape);
        return Err(Error::shape(message).at("meshgrid"));
    }
    if tensors.is_empty() {
        return Ok(Vec::new());
    }
    operation("meshgrid", tensors, move |x| {
        let rank = x.len();
        let axis = |i: usize| if swap && i < 2 { 1 - i } else { i };
        let mut shape = vec![1; rank];
        x.iter().enumerate().for_each(|(i, t)| shape[axis(i)] = t.len());
        let spread = |(i, t): (usize, &&Tensor)| {
            let mut own = vec![1; rank];
            own[axis(i)] = t.len();
            super::broadcast_to(&super::reshape(t, own)?, &shape)
        };
        x.iter().enumerate().map(spread).collect::<Result<Vec<_>>>()
    })
}

/// A tensor from what becomes one (a number, an array, another tensor), in its type or another one.
///
/// # Errors
/// Where there is no memory.
///
/// ```
/// use rhyton_tensor::{DType, ops};
/// let x = ops::convert_to_tensor([1, 2, 3], DType::F32).unwrap();
/// assert_eq!(x.to_vec::<f32>().unwrap(), [1.0, 2.0, 3.0]);
/// ```
pub fn convert_to_tensor(x: impl Into<Tensor>, dtype: impl Into<Option<DType>>) -> Result<Tensor> {
    let x = x.into();
    match dtype.into() {
        Some(dtype) => cast(&x, dtype),
        None => Ok(x),
    }
}

/// [`convert_to_tensor`] by its other name.
///
/// # Errors
/// As that function.
pub fn array(x: impl Into<Tensor>, dtype: impl Into<Option<DType>>) -> Result<Tensor> {
    convert_to_tensor(x, dtype)
}

/// Whether a value is a tensor.
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// assert!(ops::is_tensor(&Tensor::from(1.0f32)) && !ops::is_tensor(&1.0f32));
/// ```
pub fn is_tensor(x: &dyn Any) -> bool {
    x.is::<Tensor>()
}

/// The element type.
pub fn dtype(x: &Tensor) -> DType {
    x.dtype()
}

/// The shape; dimensions of symbolic tensors may be unknown.
pub fn shape(x: &Tensor) -> Shape {
    x.meta().shape
}

/// How many axes there are.
pub fn ndim(x: &Tensor) -> usize {
    x.rank()
}

/// How many elements there are.
///
/// # Errors
/// For a symbolic tensor with dimensions that are not known yet.
pub fn size(x: &Tensor) -> Result<usize> {
    let shape = x.meta().shape;
    let dims = shape.known().ok_or_else(|| {
        Error::state(format!(
            "the shape {shape} of a symbolic tensor is not known yet; call a model of it with data"
        ))
        .at("size")
    })?;
    rhyton_base::element_count(&dims)
}
