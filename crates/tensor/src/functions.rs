//! The operations as functions on tensors.

use crate::axes::Axes;
use crate::convert::ShapeSpec;
use crate::dispatch::{apply, apply_one, compose_in};
use crate::tensor::Tensor;
use rhyton_base::{Context, DType, Error, Result, Scalar, normalize_axis, promote};
use rhyton_ops::{elementwise as e, index, linalg, reduce, shape as s};
use std::sync::Arc;

macro_rules! unary {
    ($($(#[$doc:meta])* $name:ident $Op:ident;)*) => {$(
        $(#[$doc])*
        ///
        /// # Errors
        /// Where the element type is not one the function takes.
        pub fn $name(x: &Tensor) -> Result<Tensor> {
            apply_one(e::$Op, &[x])
        }
    )*};
}

unary! {
    /// `-x`.
    negative Neg;
    /// The absolute value.
    abs Abs;
    /// -1, 0 or 1.
    sign Sign;
    /// `e^x`.
    exp Exp;
    /// `e^x - 1`, accurate near 0.
    expm1 Expm1;
    /// The natural logarithm.
    log Log;
    /// `log(1 + x)`, accurate near 0.
    log1p Log1p;
    /// The logarithm to base 2.
    log2 Log2;
    /// The logarithm to base 10.
    log10 Log10;
    /// The square root.
    sqrt Sqrt;
    /// `1 / sqrt(x)`.
    rsqrt Rsqrt;
    /// `x * x`.
    square Square;
    /// `1 / x`.
    reciprocal Reciprocal;
    /// The sine of radians.
    sin Sin;
    /// The cosine of radians.
    cos Cos;
    /// The tangent of radians.
    tan Tan;
    /// The arc sine in radians.
    arcsin Asin;
    /// The arc cosine in radians.
    arccos Acos;
    /// The arc tangent in radians.
    arctan Atan;
    /// The hyperbolic sine.
    sinh Sinh;
    /// The hyperbolic cosine.
    cosh Cosh;
    /// The hyperbolic tangent.
    tanh Tanh;
    /// The inverse of the hyperbolic sine.
    arcsinh Asinh;
    /// The inverse of the hyperbolic cosine.
    arccosh Acosh;
    /// The inverse of the hyperbolic tangent.
    arctanh Atanh;
    /// The error function.
    erf Erf;
    /// `1 / (1 + exp(-x))`.
    sigmoid Sigmoid;
    /// `max(x, 0)`.
    relu Relu;
    /// Rounded towards minus infinity.
    floor Floor;
    /// Rounded towards infinity.
    ceil Ceil;
    /// Rounded towards zero.
    trunc Trunc;
    /// Rounded to nearest, halves to even.
    round Round;
    /// Whether it is not a number.
    isnan IsNan;
    /// Whether it is infinite.
    isinf IsInf;
    /// Whether it is a finite number.
    isfinite IsFinite;
    /// True where zero.
    logical_not LogicalNot;
    /// Every bit turned over.
    bitwise_not BitwiseNot;
    /// The same value, through which no gradient flows.
    stop_gradient StopGradient;
}

/// Two tensors cast to the type in which they meet.
fn promoted(x: &Tensor, y: &Tensor) -> Result<(Tensor, Tensor)> {
    let dtype = promote(x.dtype(), y.dtype());
    Ok((cast(x, dtype)?, cast(y, dtype)?))
}

macro_rules! binary {
    ($($(#[$doc:meta])* $name:ident $Op:ident;)*) => {$(
        $(#[$doc])*
        ///
        /// Element types are promoted, shapes are broadcast.
        ///
        /// # Errors
        /// Where shapes do not fit, or the element type is not one the function takes.
        pub fn $name(x: &Tensor, y: &Tensor) -> Result<Tensor> {
            let (x, y) = promoted(x, y)?;
            apply_one(e::$Op, &[&x, &y])
        }
    )*};
}

binary! {
    /// The sum.
    add Add;
    /// The difference.
    subtract Sub;
    /// The product of each pair.
    multiply Mul;
    /// The quotient in floating point.
    divide Div;
    /// The quotient rounded towards minus infinity.
    floor_divide FloorDivide;
    /// The remainder of floored division.
    r#mod Rem;
    /// `x` to the power `y`.
    power Pow;
    /// The larger of each pair.
    maximum Maximum;
    /// The smaller of each pair.
    minimum Minimum;
    /// The angle of the point with ordinate `x` and abscissa `y`.
    arctan2 Atan2;
    /// Whether equal.
    equal Equal;
    /// Whether different.
    not_equal NotEqual;
    /// Whether `x < y`.
    less Less;
    /// Whether `x <= y`.
    less_equal LessEqual;
    /// Whether `x > y`.
    greater Greater;
    /// Whether `x >= y`.
    greater_equal GreaterEqual;
    /// Whether both are other than zero.
    logical_and LogicalAnd;
    /// Whether one is other than zero.
    logical_or LogicalOr;
    /// Whether exactly one is other than zero.
    logical_xor LogicalXor;
    /// The bits set in both.
    bitwise_and BitwiseAnd;
    /// The bits set in either.
    bitwise_or BitwiseOr;
    /// The bits set in exactly one.
    bitwise_xor BitwiseXor;
    /// Shifted towards the high end.
    left_shift LeftShift;
    /// Shifted towards the low end.
    right_shift RightShift;
}

/// The same numbers in another element type; the tensor itself where it has that type.
///
/// # Errors
/// Where there is no memory.
pub fn cast(x: &Tensor, dtype: DType) -> Result<Tensor> {
    if x.dtype() == dtype { Ok(x.clone()) } else { apply_one(e::Cast { dtype }, &[x]) }
}

/// `x` where the condition is other than zero, `y` elsewhere.
///
/// # Errors
/// Where shapes do not fit.
pub fn r#where(condition: &Tensor, x: &Tensor, y: &Tensor) -> Result<Tensor> {
    let (x, y) = promoted(x, y)?;
    apply_one(e::Where, &[condition, &x, &y])
}

/// `x` limited to `low..=high`.
///
/// # Errors
/// Where there is no memory.
pub fn clip(x: &Tensor, low: f64, high: f64) -> Result<Tensor> {
    let (low, high) = (weak(x, low)?, weak(x, high)?);
    minimum(&maximum(x, &low)?, &high)
}

/// A number as a scalar tensor that does not widen `x`: of its type, or `float32` for a fraction with integers.
pub(crate) fn weak(x: &Tensor, number: f64) -> Result<Tensor> {
    let dtype = match x.dtype() {
        d if d.is_float() => d,
        _ if number.fract() != 0.0 || !number.is_finite() => DType::F32,
        DType::Bool => DType::I32,
        d => d,
    };
    full([], number, dtype)
}

macro_rules! reductions {
    ($($(#[$doc:meta])* $name:ident $Op:ident;)*) => {$(
        $(#[$doc])*
        ///
        /// # Errors
        /// Where an axis is not there.
        pub fn $name(x: &Tensor, axes: impl Into<Axes>) -> Result<Tensor> {
            let (axes, keepdims) = axes.into().resolve(x.rank()).at(|| stringify!($name))?;
            apply_one(reduce::$Op { axes, keepdims }, &[x])
        }
    )*};
}

reductions! {
    /// The sum over axes.
    sum Sum;
    /// The product over axes.
    prod Prod;
    /// The largest element over axes.
    max Max;
    /// The smallest element over axes.
    min Min;
}

/// The arithmetic mean over axes; integers are averaged in `float32`.
///
/// # Errors
/// Where an axis is not there.
pub fn mean(x: &Tensor, axes: impl Into<Axes>) -> Result<Tensor> {
    let (axes, keepdims) = axes.into().resolve(x.rank()).at(|| "mean")?;
    compose_in(&[x], |b, v| b.mean(v[0], &axes, keepdims)).at(|| "mean")
}

/// The population variance over axes.
///
/// # Errors
/// Where an axis is not there.
pub fn var(x: &Tensor, axes: impl Into<Axes>) -> Result<Tensor> {
    let (axes, keepdims) = axes.into().resolve(x.rank()).at(|| "var")?;
    compose_in(&[x], |b, v| rhyton_ops::variance(b, v[0], &axes, keepdims)).at(|| "var")
}

/// The population standard deviation over axes.
///
/// # Errors
/// Where an axis is not there.
pub fn std(x: &Tensor, axes: impl Into<Axes>) -> Result<Tensor> {
    sqrt(&var(x, axes)?)
}

/// `log Σ exp(x)` over axes, without overflow.
///
/// # Errors
/// Where an axis is not there.
pub fn logsumexp(x: &Tensor, axes: impl Into<Axes>) -> Result<Tensor> {
    let (axes, keepdims) = axes.into().resolve(x.rank()).at(|| "logsumexp")?;
    let x = cast(x, x.dtype().to_float())?;
    compose_in(&[&x], |b, v| rhyton_ops::logsumexp(b, v[0], &axes, keepdims)).at(|| "logsumexp")
}

/// Whether every element over axes is other than zero.
///
/// # Errors
/// Where an axis is not there.
pub fn all(x: &Tensor, axes: impl Into<Axes>) -> Result<Tensor> {
    let counted = cast(&cast(x, DType::Bool)?, DType::I32)?;
    cast(&prod(&counted, axes)?, DType::Bool)
}

/// Whether some element over axes is other than zero.
///
/// # Errors
/// Where an axis is not there.
pub fn any(x: &Tensor, axes: impl Into<Axes>) -> Result<Tensor> {
    let counted = cast(&cast(x, DType::Bool)?, DType::I64)?;
    cast(&sum(&counted, axes)?, DType::Bool)
}

/// The place of the largest element along an axis, as `int64`.
///
/// # Errors
/// Where the axis is not there or has no elements.
pub fn argmax(x: &Tensor, axis: isize) -> Result<Tensor> {
    apply_one(reduce::ArgMax { axis: normalize_axis(axis, x.rank()).at(|| "argmax")? }, &[x])
}

/// The place of the smallest element along an axis, as `int64`.
///
/// # Errors
/// Where the axis is not there or has no elements.
pub fn argmin(x: &Tensor, axis: isize) -> Result<Tensor> {
    apply_one(reduce::ArgMin { axis: normalize_axis(axis, x.rank()).at(|| "argmin")? }, &[x])
}

/// `exp(x) / Σ exp(x)` along an axis.
///
/// # Errors
/// Where the axis is not there.
pub fn softmax(x: &Tensor, axis: isize) -> Result<Tensor> {
    apply_one(reduce::Softmax { axis: normalize_axis(axis, x.rank()).at(|| "softmax")? }, &[x])
}

/// The logarithm of softmax along an axis.
///
/// # Errors
/// Where the axis is not there.
pub fn log_softmax(x: &Tensor, axis: isize) -> Result<Tensor> {
    apply_one(reduce::LogSoftmax { axis: normalize_axis(axis, x.rank()).at(|| "log_softmax")? }, &[x])
}

/// The matrix product over the last two axes; a vector is a row on the left and a column on the right.
///
/// # Errors
/// Where an argument is a scalar or the inner sizes differ.
pub fn matmul(x: &Tensor, y: &Tensor) -> Result<Tensor> {
    let who = || "matmul";
    if x.rank() == 0 || y.rank() == 0 {
        return Err(Error::shape("expected rank 1 or more, got a scalar; use multiply").at(who()));
    }
    let (a, b) = promoted(x, y)?;
    let (left, right) = (x.rank() == 1, y.rank() == 1);
    let a = if left { expand_dims(&a, 0)? } else { a };
    let b = if right { expand_dims(&b, -1)? } else { b };
    let out = apply_one(linalg::MatMul, &[&a, &b])?;
    let out = if right { squeeze(&out, -1)? } else { out };
    if left { squeeze(&out, if right { -1 } else { -2 }) } else { Ok(out) }
}

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
    let axis = normalize_axis(axis, x.rank() + 1).at(|| "expand_dims")?;
    let mut shape = x.shape().to_vec();
    shape.insert(axis, 1);
    reshape(x, shape)
}

/// Without an axis of size 1.
///
/// # Errors
/// Where the axis has another size.
pub fn squeeze(x: &Tensor, axis: isize) -> Result<Tensor> {
    let place = normalize_axis(axis, x.rank()).at(|| "squeeze")?;
    let mut shape = x.shape().to_vec();
    if shape.remove(place) != 1 {
        let message =
            format!("axis {axis} of shape {} is not of size 1", rhyton_base::Shape::from(x.shape()));
        return Err(Error::shape(message).at("squeeze"));
    }
    reshape(x, shape)
}

/// The elements from `start` to before `stop` along an axis.
///
/// # Errors
/// Where the range leaves the axis.
pub fn narrow(x: &Tensor, axis: isize, start: usize, stop: usize) -> Result<Tensor> {
    let axis = normalize_axis(axis, x.rank()).at(|| "slice")?;
    let size = x.shape()[axis];
    if start > stop || stop > size {
        let message = format!("{start}..{stop} leaves axis {axis} of size {size}");
        return Err(Error::shape(message).at("slice"));
    }
    let mut places: Vec<_> = x.shape().iter().map(|&n| (0, 1, n)).collect();
    places[axis] = (start, 1, stop - start);
    apply_one(index::Slice { places }, &[x])
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
    let inputs = tensors.iter().map(|t| cast(t, dtype)).collect::<Result<Vec<_>>>()?;
    Ok(apply(Arc::new(index::Concat { axis }), &inputs)?.swap_remove(0))
}

/// Tensors of one shape joined along a new axis.
///
/// # Errors
/// Where shapes differ.
pub fn stack(tensors: &[&Tensor], axis: isize) -> Result<Tensor> {
    let spread = tensors.iter().map(|t| expand_dims(t, axis)).collect::<Result<Vec<_>>>().at(|| "stack")?;
    concatenate(&spread.iter().collect::<Vec<_>>(), axis)
}

/// 1 at each index along a new axis of `classes` places, 0 elsewhere.
///
/// # Errors
/// Where the place of the axis is outside the rank.
pub fn one_hot(x: &Tensor, classes: usize, axis: isize, dtype: DType) -> Result<Tensor> {
    compose_in(&[x], |b, v| rhyton_ops::one_hot(b, v[0], classes, axis, dtype)).at(|| "one_hot")
}

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

/// Zeros of the same type and shape.
///
/// # Errors
/// Where there is no memory.
pub fn zeros_like(x: &Tensor) -> Result<Tensor> {
    zeros(x.shape(), x.dtype())
}

/// Ones of the same type and shape.
///
/// # Errors
/// Where there is no memory.
pub fn ones_like(x: &Tensor) -> Result<Tensor> {
    ones(x.shape(), x.dtype())
}

/// `0, 1, …, n - 1`.
///
/// # Errors
/// Where there is no memory.
pub fn arange(n: usize, dtype: DType) -> Result<Tensor> {
    apply_one(s::Iota { shape: vec![n], axis: 0, dtype }, &[])
}
