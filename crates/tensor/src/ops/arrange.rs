//! Elements turned, repeated and moved about.

use super::{broadcast_to, concatenate, flip, narrow, not_equal, ravel, reshape, subtract, take, transpose};
use crate::dispatch::apply_one;
use crate::symbolic::{described, operation, operation_written};
use crate::tensor::Tensor;
use crate::written::{Attr, Written};
use rhyton_base::{DType, Error, Result, element_count, normalize_axis};
use rhyton_ops::shape::Iota;

/// Axis 1 reversed.
///
/// # Errors
/// For less than two axes.
pub fn fliplr(x: &Tensor) -> Result<Tensor> {
    operation("fliplr", &[x], |x| flip(x[0], 1))
}

/// Axis 0 reversed.
///
/// # Errors
/// For scalars.
pub fn flipud(x: &Tensor) -> Result<Tensor> {
    operation("flipud", &[x], |x| flip(x[0], 0))
}

/// Turned by `k` quarters in the plane of two axes, from the first towards the second; Keras's default is
/// `k = 1, axes = [0, 1]`.
///
/// # Errors
/// Where an axis is not there or both are the same.
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// let x = Tensor::from([[1, 2], [3, 4]]);
/// assert_eq!(ops::rot90(&x, 1, [0, 1]).unwrap().to_vec::<i32>().unwrap(), [2, 4, 1, 3]);
/// ```
pub fn rot90(x: &Tensor, k: isize, axes: [isize; 2]) -> Result<Tensor> {
    operation("rot90", &[x], move |x| {
        let x = x[0];
        if x.rank() < 2 {
            return Err(Error::shape(format!("expected at least two axes, got shape {}", x.meta().shape)));
        }
        let (a, b) = (normalize_axis(axes[0], x.rank())?, normalize_axis(axes[1], x.rank())?);
        if a == b {
            return Err(Error::shape(format!("expected two different axes, got {axes:?}")));
        }
        let (a, b) = (a as isize, b as isize);
        match k.rem_euclid(4) {
            0 => Ok(x.clone()),
            1 => super::swapaxes(&flip(x, b)?, a, b),
            2 => flip(x, [a, b]),
            _ => flip(&super::swapaxes(x, a, b)?, b),
        }
    })
}

/// Moved around by `shifts[i]` places along `axes[i]`; what leaves at the end comes in at the front. One shift may
/// serve for several axes. Without axes the flat tensor is moved by the sum of the shifts.
///
/// # Errors
/// Where an axis is not there, or the numbers of shifts and axes differ.
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// let x = Tensor::from([[1, 2, 3], [4, 5, 6]]);
/// assert_eq!(ops::roll(&x, &[1], Some(&[1])).unwrap().to_vec::<i32>().unwrap(), [3, 1, 2, 6, 4, 5]);
/// assert_eq!(ops::roll(&x, &[-1], None).unwrap().to_vec::<i32>().unwrap(), [2, 3, 4, 5, 6, 1]);
/// ```
pub fn roll(x: &Tensor, shifts: &[isize], axes: Option<&[isize]>) -> Result<Tensor> {
    let (shifts, axes) = (shifts.to_vec(), axes.map(<[isize]>::to_vec));
    let written = described(&[x], || {
        Written::new("Roll", 1).with("shift", shifts.as_slice()).with("axis", axes.clone())
    });
    operation_written("roll", written, &[x], move |x| {
        let Some(axes) = &axes else {
            let total = shifts.iter().map(|&s| s as i128).sum();
            return reshape(&rolled(&ravel(x[0])?, total, 0)?, x[0].shape());
        };
        if shifts.len() != axes.len() && shifts.len() != 1 {
            return Err(Error::value(format!("{} shifts do not go with {} axes", shifts.len(), axes.len())));
        }
        axes.iter().enumerate().try_fold(x[0].clone(), |x, (i, &axis)| {
            let axis = normalize_axis(axis, x.rank())?;
            rolled(&x, shifts[if shifts.len() == 1 { 0 } else { i }] as i128, axis)
        })
    })
}

fn rolled(x: &Tensor, shift: i128, axis: usize) -> Result<Tensor> {
    let size = x.shape()[axis];
    let by = shift.rem_euclid(size.max(1) as i128) as usize;
    if by == 0 {
        return Ok(x.clone());
    }
    let axis = axis as isize;
    concatenate(&[&narrow(x, axis, size - by, size)?, &narrow(x, axis, 0, size - by)?], axis)
}

/// Repeated `repeats[i]` times along axis `i`; with fewer numbers than axes the last axes are meant, with more, new
/// axes are added in front.
///
/// # Errors
/// Where the result is larger than memory.
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// let x = Tensor::from([[1, 2]]);
/// assert_eq!(ops::tile(&x, &[2, 2]).unwrap().to_vec::<i32>().unwrap(), [1, 2, 1, 2, 1, 2, 1, 2]);
/// ```
pub fn tile(x: &Tensor, repeats: &[usize]) -> Result<Tensor> {
    let repeats = repeats.to_vec();
    let written = described(&[x], || Written::new("Tile", 1).with("repeats", repeats.as_slice()));
    operation_written("tile", written, &[x], move |x| {
        let (mut sizes, mut repeats) = (x[0].shape().to_vec(), repeats.clone());
        let rank = sizes.len().max(repeats.len());
        sizes.splice(0..0, vec![1; rank - sizes.len()]);
        repeats.splice(0..0, vec![1; rank - repeats.len()]);
        let pairs = || sizes.iter().zip(&repeats);
        element_count(&pairs().flat_map(|(&n, &r)| [r, n]).collect::<Vec<_>>())?;
        let single: Vec<usize> = sizes.iter().flat_map(|&n| [1, n]).collect();
        let many: Vec<usize> = pairs().flat_map(|(&n, &r)| [r, n]).collect();
        let whole: Vec<usize> = pairs().map(|(&n, &r)| n.saturating_mul(r)).collect();
        reshape(&broadcast_to(&reshape(x[0], single)?, &many)?, whole)
    })
}

/// How often [`repeat`] repeats: one number for all elements, or one for each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repeats(Vec<usize>, bool);

impl From<usize> for Repeats {
    fn from(times: usize) -> Repeats {
        Repeats(vec![times], true)
    }
}

impl<const N: usize> From<[usize; N]> for Repeats {
    fn from(times: [usize; N]) -> Repeats {
        Repeats(times.to_vec(), false)
    }
}

impl From<Vec<usize>> for Repeats {
    fn from(times: Vec<usize>) -> Repeats {
        Repeats(times, false)
    }
}

impl From<&[usize]> for Repeats {
    fn from(times: &[usize]) -> Repeats {
        Repeats(times.to_vec(), false)
    }
}

/// Each element (each slice along an axis) several times in a row; without an axis the flat tensor is meant.
///
/// # Errors
/// Where the axis is not there, or there is not one number for each of its places.
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// let x = Tensor::from([[1, 2], [3, 4]]);
/// assert_eq!(ops::repeat(&x, 2, 1).unwrap().to_vec::<i32>().unwrap(), [1, 1, 2, 2, 3, 3, 4, 4]);
/// assert_eq!(ops::repeat(&x, [0, 2], 0).unwrap().to_vec::<i32>().unwrap(), [3, 4, 3, 4]);
/// ```
pub fn repeat(x: &Tensor, repeats: impl Into<Repeats>, axis: impl Into<Option<isize>>) -> Result<Tensor> {
    let (Repeats(repeats, one), axis) = (repeats.into(), axis.into());
    let written = described(&[x], || {
        let times = if one { Attr::from(repeats[0]) } else { Attr::from(repeats.as_slice()) };
        Written::new("Repeat", 1).with("repeats", times).with("axis", axis)
    });
    operation_written("repeat", written, &[x], move |x| {
        let x = if axis.is_some() { x[0].clone() } else { ravel(x[0])? };
        let axis = normalize_axis(axis.unwrap_or(0), x.rank())?;
        let size = x.shape()[axis];
        if one || repeats.len() == 1 {
            return repeated(&x, axis, repeats[0]);
        }
        if repeats.len() != size {
            return Err(Error::value(format!(
                "expected one number or {size}, one for each place of axis {axis}, got {}",
                repeats.len()
            )));
        }
        let total = repeats.iter().try_fold(0usize, |sum, &r| sum.checked_add(r));
        let total = total.ok_or_else(|| Error::value("the repeats add up to more than memory can hold"))?;
        let ends: Vec<i64> = repeats
            .iter()
            .scan(0i64, |sum, &r| {
                *sum = sum.saturating_add(i64::try_from(r).unwrap_or(i64::MAX));
                Some(*sum)
            })
            .collect();
        let mut shape = x.shape().to_vec();
        shape[axis] = total;
        element_count(&shape)?;
        let places = apply_one(Iota { shape: vec![total], axis: 0, dtype: DType::I64 }, &[])?;
        let from = super::searchsorted(&Tensor::from(ends), &places, super::Side::Right)?;
        take(&x, &from, axis as isize)
    })
}

fn repeated(x: &Tensor, axis: usize, times: usize) -> Result<Tensor> {
    let (mut single, mut many, mut whole) = (x.shape().to_vec(), x.shape().to_vec(), x.shape().to_vec());
    single.insert(axis + 1, 1);
    many.insert(axis + 1, times);
    whole[axis] = whole[axis].saturating_mul(times);
    reshape(&broadcast_to(&reshape(x, single)?, &many)?, whole)
}

/// The differences of neighbours along an axis, taken `n` times; Keras's default is `n = 1, axis = -1`. The axis
/// becomes shorter by `n`. For `bool` it is whether neighbours differ.
///
/// # Errors
/// Where the axis is not there.
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// let x = Tensor::from([1, 2, 4, 7]);
/// assert_eq!(ops::diff(&x, 1, -1).unwrap().to_vec::<i32>().unwrap(), [1, 2, 3]);
/// assert_eq!(ops::diff(&x, 2, -1).unwrap().to_vec::<i32>().unwrap(), [1, 1]);
/// ```
pub fn diff(x: &Tensor, n: usize, axis: isize) -> Result<Tensor> {
    let written = described(&[x], || Written::new("Diff", 1).with("n", n).with("axis", axis));
    operation_written("diff", written, &[x], move |x| {
        let mut x = x[0].clone();
        let place = normalize_axis(axis, x.rank())?;
        for _ in 0..n {
            let size = x.shape()[place];
            if size == 0 {
                break;
            }
            let (later, earlier) = (narrow(&x, axis, 1, size)?, narrow(&x, axis, 0, size - 1)?);
            let step = if x.dtype() == DType::Bool { not_equal } else { subtract };
            x = step(&later, &earlier)?;
        }
        Ok(x)
    })
}

/// Windows of `length` elements along the last axis, `stride` apart: of `n` elements
/// `1 + (n - length) / stride` windows, each a row of a new last axis. A window that would leave the axis is left out.
///
/// # Errors
/// For a length or stride of 0, and for scalars.
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// let y = ops::extract_sequences(&Tensor::from([1, 2, 3, 4, 5, 6]), 3, 2).unwrap();
/// assert_eq!(y.shape(), [2, 3]);
/// assert_eq!(y.to_vec::<i32>().unwrap(), [1, 2, 3, 3, 4, 5]);
/// ```
pub fn extract_sequences(x: &Tensor, length: usize, stride: usize) -> Result<Tensor> {
    operation("extract_sequences", &[x], move |x| {
        let size =
            *x[0].shape().last().ok_or_else(|| Error::shape("expected at least one axis, got a scalar"))?;
        if length == 0 || stride == 0 {
            let message = format!("expected a positive length and stride, got {length} and {stride}");
            return Err(Error::value(message));
        }
        let count = size.checked_sub(length).map_or(0, |rest| 1 + rest / stride);
        let shape = vec![count, length];
        element_count(&shape)?;
        let iota = |axis| apply_one(Iota { shape: shape.clone(), axis, dtype: DType::I64 }, &[]);
        // With a single window the stride does not matter, however large.
        let step = if count > 1 { stride as i64 } else { 0 };
        let at = super::add(&super::multiply(&iota(0)?, &Tensor::from(step))?, &iota(1)?)?;
        take(x[0], &at, -1)
    })
}

/// Whether a data format is `"channels_first"`.
fn channels_first(data_format: &str) -> Result<bool> {
    match data_format {
        "channels_last" => Ok(false),
        "channels_first" => Ok(true),
        other => Err(Error::value(format!(
            "unknown data format {other:?}; use \"channels_last\" or \"channels_first\""
        ))),
    }
}

/// The four sizes of a batch of images, and the block size if it is one.
fn image(x: &Tensor, block: usize) -> Result<[usize; 4]> {
    if block == 0 {
        return Err(Error::value("expected a block size of 1 or more, got 0"));
    }
    let shape = x.shape();
    shape.try_into().map_err(|_| {
        Error::shape(format!("expected four axes (a batch of images), got shape {}", x.meta().shape))
    })
}

/// Channels laid out as blocks of `block × block` pixels: `(n, h, w, c)` becomes
/// `(n, h·block, w·block, c/block²)`; with `"channels_first"` the channels are axis 1.
///
/// # Errors
/// Where there are not four axes or the channels do not divide by `block²`.
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// let x = Tensor::from([1, 2, 3, 4]).reshape([1, 1, 1, 4]).unwrap();
/// let y = ops::depth_to_space(&x, 2, "channels_last").unwrap();
/// assert_eq!(y.shape(), [1, 2, 2, 1]);
/// ```
pub fn depth_to_space(x: &Tensor, block: usize, data_format: &str) -> Result<Tensor> {
    let first = channels_first(data_format);
    operation("depth_to_space", &[x], move |x| {
        let (first, x, b) = (first.clone()?, x[0], block);
        let [n, p, q, r] = image(x, b)?;
        let (c, h, w) = if first { (p, q, r) } else { (r, p, q) };
        let square = b.checked_mul(b).filter(|&s| c.is_multiple_of(s));
        let square = square
            .ok_or_else(|| Error::shape(format!("{c} channels do not divide into blocks of {b} by {b}")))?;
        let d = c / square;
        element_count(&[n, h, b, w, b, d])?;
        if first {
            let x = transpose(&reshape(x, [n, d, b, b, h, w])?, Some(&[0, 1, 4, 2, 5, 3]))?;
            return reshape(&x, [n, d, h * b, w * b]);
        }
        let x = transpose(&reshape(x, [n, h, w, b, b, d])?, Some(&[0, 1, 3, 2, 4, 5]))?;
        reshape(&x, [n, h * b, w * b, d])
    })
}

/// Blocks of `block × block` pixels laid out as channels, the inverse of [`depth_to_space`]: `(n, h, w, c)` becomes
/// `(n, h/block, w/block, c·block²)`.
///
/// # Errors
/// Where there are not four axes or height or width do not divide by `block`.
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// let x = Tensor::from([1, 2, 3, 4]).reshape([1, 2, 2, 1]).unwrap();
/// assert_eq!(ops::space_to_depth(&x, 2, "channels_last").unwrap().shape(), [1, 1, 1, 4]);
/// ```
pub fn space_to_depth(x: &Tensor, block: usize, data_format: &str) -> Result<Tensor> {
    let first = channels_first(data_format);
    operation("space_to_depth", &[x], move |x| {
        let (first, x, b) = (first.clone()?, x[0], block);
        let [n, p, q, r] = image(x, b)?;
        let (c, h, w) = if first { (p, q, r) } else { (r, p, q) };
        if !h.is_multiple_of(b) || !w.is_multiple_of(b) {
            return Err(Error::shape(format!(
                "images of {h} by {w} do not divide into blocks of {b} by {b}"
            )));
        }
        let (h, w) = (h / b, w / b);
        element_count(&[n, h, w, b, b, c])?;
        if first {
            let x = transpose(&reshape(x, [n, c, h, b, w, b])?, Some(&[0, 1, 3, 5, 2, 4]))?;
            return reshape(&x, [n, c * b * b, h, w]);
        }
        let x = transpose(&reshape(x, [n, h, b, w, b, c])?, Some(&[0, 1, 3, 2, 4, 5]))?;
        reshape(&x, [n, h, w, c * b * b])
    })
}
