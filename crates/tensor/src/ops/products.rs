//! Products of tensors.

use super::elementwise::promoted;
use super::{cast, expand_dims, multiply, ravel, reshape, sum, transpose};
use crate::dispatch::apply_one;
use crate::symbolic::operation;
use crate::tensor::Tensor;
use rhyton_base::{DType, Error, Result, Shape, broadcast_shapes, normalize_axis, promote};
use rhyton_ops::linalg;

/// The matrix product over the last two axes; leading axes are broadcast, a vector is a row on the left and a column
/// on the right.
///
/// The result has the type in which the two meet; two `int8` give `int32`.
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// let x = Tensor::from([[1.0f32, 2.0], [3.0, 4.0]]);
/// let y = ops::matmul(&x, &Tensor::from([1.0f32, 10.0])).unwrap();
/// assert_eq!(y.to_vec::<f32>().unwrap(), [21.0, 43.0]);
/// ```
///
/// # Errors
/// Where an argument is a scalar, the inner sizes differ, or leading axes do not broadcast.
pub fn matmul(x: &Tensor, y: &Tensor) -> Result<Tensor> {
    if x.rank() == 0 || y.rank() == 0 {
        return Err(Error::shape("expected rank 1 or more, got a scalar; use multiply").at("matmul"));
    }
    if x.rank() > 1 && y.rank() > 1 {
        let (a, b) = widened(x, y)?;
        return apply_one(linalg::MatMul, &[&a, &b]);
    }
    operation("matmul", &[x, y], |x| {
        let (a, b) = widened(x[0], x[1])?;
        let (left, right) = (a.rank() == 1, b.rank() == 1);
        let a = if left { expand_dims(&a, 0)? } else { a };
        let b = if right { expand_dims(&b, -1)? } else { b };
        let out = apply_one(linalg::MatMul, &[&a, &b])?;
        let mut shape = out.shape().to_vec();
        let columns = shape.pop().filter(|_| !right);
        let rows = shape.pop().filter(|_| !left);
        shape.extend(rows.into_iter().chain(columns));
        reshape(&out, shape)
    })
}

/// Both in the type in which they meet, `int32` for two `int8`.
fn widened(x: &Tensor, y: &Tensor) -> Result<(Tensor, Tensor)> {
    match (x.dtype(), y.dtype()) {
        (DType::I8, DType::I8) => Ok((cast(x, DType::I32)?, cast(y, DType::I32)?)),
        _ => promoted(x, y),
    }
}

/// The sum in the type of `x`.
pub(super) fn sum_as_is(x: &Tensor, axes: &[isize]) -> Result<Tensor> {
    if axes.is_empty() { Ok(x.clone()) } else { cast(&sum(x, axes)?, x.dtype()) }
}

/// `x` with its labelled axes in the order of `groups`, each group joined to one axis. The groups name every label.
fn grouped(x: &Tensor, labels: &[u32], groups: [&[u32]; 3]) -> Result<Tensor> {
    let place = |l: &u32| labels.iter().position(|m| m == l).expect("a label of the operand");
    let order: Vec<isize> = groups.iter().flat_map(|g| g.iter().map(|l| place(l) as isize)).collect();
    let size = |g: &[u32]| g.iter().map(|l| x.shape()[place(l)]).product::<usize>();
    let shape: Vec<usize> = groups.iter().map(|g| size(g)).collect();
    reshape(&transpose(x, Some(&order))?, shape)
}

/// The sum of products over all labels that are not in `out`, for two tensors of one type whose axes are labelled,
/// each at most once. Every label of `out` is one of theirs, and shared labels have equal sizes.
pub(super) fn contract(
    (x, xl): (&Tensor, &[u32]),
    (y, yl): (&Tensor, &[u32]),
    out: &[u32],
) -> Result<Tensor> {
    // What only one of them has and nobody needs is summed first.
    let reduced = |x: &Tensor, labels: &[u32], other: &[u32]| -> Result<(Tensor, Vec<u32>)> {
        let needed = |l: &u32| other.contains(l) || out.contains(l);
        let axes: Vec<isize> =
            (0..labels.len()).filter(|&a| !needed(&labels[a])).map(|a| a as isize).collect();
        Ok((sum_as_is(x, &axes)?, labels.iter().copied().filter(needed).collect()))
    };
    let (x, xl) = reduced(x, xl, yl)?;
    let (y, yl) = reduced(y, yl, &xl)?;
    let pick = |labels: &[u32], f: &dyn Fn(&u32) -> bool| -> Vec<u32> {
        labels.iter().copied().filter(|l| f(l)).collect()
    };
    let batch = pick(&xl, &|l| yl.contains(l) && out.contains(l));
    let summed = pick(&xl, &|l| yl.contains(l) && !out.contains(l));
    let rows = pick(&xl, &|l| !yl.contains(l));
    let columns = pick(&yl, &|l| !xl.contains(l));
    let a = grouped(&x, &xl, [&batch, &rows, &summed])?;
    let b = grouped(&y, &yl, [&batch, &summed, &columns])?;
    let product = match summed.is_empty() {
        true => multiply(&a, &b)?,
        false => apply_one(linalg::MatMul, &[&a, &b])?,
    };
    let made: Vec<u32> = batch.iter().chain(&rows).chain(&columns).copied().collect();
    let size = |l: &u32| match xl.iter().position(|m| m == l) {
        Some(a) => x.shape()[a],
        None => y.shape()[yl.iter().position(|m| m == l).expect("a label of either")],
    };
    let spread = reshape(&product, made.iter().map(size).collect::<Vec<_>>())?;
    let order: Vec<isize> =
        out.iter().map(|l| made.iter().position(|m| m == l).expect("made") as isize).collect();
    if order.iter().enumerate().all(|(i, &a)| i as isize == a) {
        return Ok(spread);
    }
    transpose(&spread, Some(&order))
}

/// Labels for the axes of two tensors of which some are paired: theirs, and those of the axes left over.
fn pair_up(x: &Tensor, y: &Tensor, pairs: &[(usize, usize)]) -> Result<(Vec<u32>, Vec<u32>, Vec<u32>)> {
    for &(a, b) in pairs {
        if x.shape()[a] != y.shape()[b] {
            return Err(Error::shape(format!(
                "axis {a} of shape {} does not match axis {b} of shape {}",
                Shape::from(x.shape()),
                Shape::from(y.shape())
            )));
        }
    }
    let xl: Vec<u32> = (0..x.rank() as u32).collect();
    let mut yl: Vec<u32> = (x.rank() as u32..(x.rank() + y.rank()) as u32).collect();
    for &(a, b) in pairs {
        yl[b] = xl[a];
    }
    let left = xl.iter().enumerate().filter(|(a, _)| pairs.iter().all(|p| p.0 != *a)).map(|(_, &l)| l);
    let right = yl.iter().enumerate().filter(|(b, _)| pairs.iter().all(|p| p.1 != *b)).map(|(_, &l)| l);
    let out = left.chain(right).collect();
    Ok((xl, yl, out))
}

fn paired(x: &Tensor, y: &Tensor, pairs: &[(usize, usize)]) -> Result<Tensor> {
    let (xl, yl, out) = pair_up(x, y, pairs)?;
    let (x, y) = promoted(x, y)?;
    contract((&x, &xl), (&y, &yl), &out)
}

/// The dot product: for vectors the sum of products, otherwise the last axis of `x` with the last but one of `y` (the
/// only one of a vector). A scalar multiplies.
///
/// The result has the axes of `x` left over, then those of `y`.
///
/// # Errors
/// Where the sizes of the two axes differ.
pub fn dot(x: &Tensor, y: &Tensor) -> Result<Tensor> {
    if x.rank() == 0 || y.rank() == 0 {
        return multiply(x, y);
    }
    operation("dot", &[x, y], |x| paired(x[0], x[1], &[(x[0].rank() - 1, x[1].rank().saturating_sub(2))]))
}

/// The dot product of two tensors taken as flat vectors.
///
/// # Errors
/// Where they have different numbers of elements.
pub fn vdot(x: &Tensor, y: &Tensor) -> Result<Tensor> {
    operation("vdot", &[x, y], |x| paired(&ravel(x[0])?, &ravel(x[1])?, &[(0, 0)]))
}

/// The sum of products over the last axes. A scalar multiplies.
///
/// # Errors
/// Where the last axes differ.
pub fn inner(x: &Tensor, y: &Tensor) -> Result<Tensor> {
    if x.rank() == 0 || y.rank() == 0 {
        return multiply(x, y);
    }
    operation("inner", &[x, y], |x| paired(x[0], x[1], &[(x[0].rank() - 1, x[1].rank() - 1)]))
}

/// `out[i, j] = x[i] · y[j]`, both taken as flat vectors.
///
/// # Errors
/// Where there is no memory.
pub fn outer(x: &Tensor, y: &Tensor) -> Result<Tensor> {
    operation("outer", &[x, y], |x| multiply(&expand_dims(&ravel(x[0])?, 1)?, &ravel(x[1])?))
}

/// The axes that [`tensordot`] sums over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DotAxes {
    /// So many axes at the end of the first with as many at the start of the second.
    Count(usize),
    /// These of the first with these of the second.
    Pairs(Vec<isize>, Vec<isize>),
}

impl From<usize> for DotAxes {
    fn from(count: usize) -> DotAxes {
        DotAxes::Count(count)
    }
}

impl<const N: usize> From<([isize; N], [isize; N])> for DotAxes {
    fn from((x, y): ([isize; N], [isize; N])) -> DotAxes {
        DotAxes::Pairs(x.to_vec(), y.to_vec())
    }
}

/// The sum of products over pairs of axes; Keras's default is the last two of `x` with the first two of `y`.
///
/// ```
/// use rhyton_tensor::{DType, Tensor, ops};
/// let x = ops::ones([2, 3, 4], DType::F32).unwrap();
/// assert_eq!(ops::tensordot(&x, &ops::ones([3, 4, 5], DType::F32).unwrap(), 2).unwrap().shape(), [2, 5]);
/// assert_eq!(ops::tensordot(&x, &x, ([0, 2], [0, 2])).unwrap().shape(), [3, 3]);
/// ```
///
/// # Errors
/// Where an axis is not there or named twice, or paired axes have different sizes.
pub fn tensordot(x: &Tensor, y: &Tensor, axes: impl Into<DotAxes>) -> Result<Tensor> {
    let axes = axes.into();
    operation("tensordot", &[x, y], move |x| {
        let (x, y) = (x[0], x[1]);
        let pairs: Vec<(usize, usize)> = match &axes {
            DotAxes::Count(n) if *n <= x.rank() && *n <= y.rank() => {
                (0..*n).map(|i| (x.rank() - n + i, i)).collect()
            }
            DotAxes::Count(n) => {
                return Err(Error::value(format!(
                    "expected at most {} axes to sum over, got {n}",
                    x.rank().min(y.rank())
                )));
            }
            DotAxes::Pairs(a, b) if a.len() == b.len() => {
                let pair = |(&a, &b)| Ok((normalize_axis(a, x.rank())?, normalize_axis(b, y.rank())?));
                a.iter().zip(b).map(pair).collect::<Result<_>>()?
            }
            DotAxes::Pairs(a, b) => {
                return Err(Error::value(format!(
                    "expected as many axes of the first as of the second, got {} and {}",
                    a.len(),
                    b.len()
                )));
            }
        };
        for (i, p) in pairs.iter().enumerate() {
            if pairs[..i].iter().any(|q| q.0 == p.0 || q.1 == p.1) {
                return Err(Error::value("an axis is named twice"));
            }
        }
        paired(x, y, &pairs)
    })
}

/// The Kronecker product: every element of `x` times all of `y`, in blocks. The one of lower rank gets leading axes of
/// size 1.
///
/// # Errors
/// Where there is no memory.
pub fn kron(x: &Tensor, y: &Tensor) -> Result<Tensor> {
    operation("kron", &[x, y], |x| {
        let (x, y) = (x[0], x[1]);
        let rank = x.rank().max(y.rank());
        let padded = |t: &Tensor| [vec![1; rank - t.rank()], t.shape().to_vec()].concat();
        let (xs, ys) = (padded(x), padded(y));
        let spread: Vec<usize> = xs.iter().flat_map(|&n| [n, 1]).collect();
        let inner: Vec<usize> = ys.iter().flat_map(|&n| [1, n]).collect();
        let product = multiply(&reshape(x, spread)?, &reshape(y, inner)?)?;
        reshape(&product, xs.iter().zip(&ys).map(|(a, b)| a * b).collect::<Vec<_>>())
    })
}

/// The axes that hold the vectors of [`cross`]: of the first, of the second, of the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CrossAxes(isize, isize, isize);

impl From<isize> for CrossAxes {
    fn from(axis: isize) -> CrossAxes {
        CrossAxes(axis, axis, axis)
    }
}

impl From<(isize, isize, isize)> for CrossAxes {
    fn from((a, b, c): (isize, isize, isize)) -> CrossAxes {
        CrossAxes(a, b, c)
    }
}

/// The cross product of vectors of 3 or 2 components along an axis (-1 is Keras's default), other axes broadcast. A
/// vector of 2 has a third component of 0; for two of them the result is the third component alone, without the axis.
///
/// # Errors
/// Where vectors have other sizes, or other axes do not broadcast.
pub fn cross(x: &Tensor, y: &Tensor, axes: impl Into<CrossAxes>) -> Result<Tensor> {
    let CrossAxes(axis_x, axis_y, axis_out) = axes.into();
    operation("cross", &[x, y], move |x| {
        let dtype = promote(x[0].dtype(), x[1].dtype());
        let components = |x: &Tensor, axis: isize| -> Result<Vec<Tensor>> {
            let axis = normalize_axis(axis, x.rank())?;
            match x.shape()[axis] {
                2 | 3 => super::unstack(&cast(x, dtype)?, axis as isize),
                n => Err(Error::shape(format!(
                    "expected vectors of 2 or 3 components, got {n} along axis {axis}"
                ))),
            }
        };
        let (a, b) = (components(x[0], axis_x)?, components(x[1], axis_y)?);
        broadcast_shapes(&[a[0].shape(), b[0].shape()])?;
        // `None` stands for zero.
        let term = |i: usize, j: usize| match (a.get(i), b.get(j)) {
            (Some(p), Some(q)) => multiply(p, q).map(Some),
            _ => Ok(None),
        };
        let component = |i: usize, j: usize| match (term(i, j)?, term(j, i)?) {
            (Some(p), Some(q)) => super::subtract(&p, &q),
            (Some(p), None) => Ok(p),
            (None, Some(q)) => super::negative(&q),
            (None, None) => super::zeros_like(&multiply(&a[0], &b[0])?),
        };
        let third = component(0, 1)?;
        if a.len() == 2 && b.len() == 2 {
            return Ok(third);
        }
        super::stack(&[&component(1, 2)?, &component(2, 0)?, &third], axis_out)
    })
}
