//! Elementwise functions.

use super::full;
use crate::dispatch::apply_one;
use crate::symbolic::{described, operation, operation_written};
use crate::tensor::Tensor;
use crate::written::Written;
use rhyton_base::{DType, Result, promote};
use rhyton_ops::{Op, elementwise as e};

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
    /// The cube root, of negative numbers too.
    cbrt Cbrt;
    /// `1 / sqrt(x)`.
    rsqrt Rsqrt;
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
    /// The error function `2/√π ∫₀ˣ exp(-t²) dt`.
    erf Erf;
    /// The complementary error function `1 - erf(x)`, accurate where it is small.
    erfc Erfc;
    /// The inverse of the error function: ±∞ at ±1, NaN beyond.
    erfinv Erfinv;
    /// The modified Bessel function of the first kind of order 0.
    i0 BesselI0;
    /// `1 / (1 + exp(-x))`.
    sigmoid Sigmoid;
    /// `max(x, 0)`.
    relu Relu;
    /// Rounded towards minus infinity; integers become `float32`.
    floor Floor;
    /// Rounded towards infinity; integers become `float32`.
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
    /// Whether the sign is minus, that of -0.0 too.
    signbit SignBit;
    /// True where zero.
    logical_not LogicalNot;
    /// Every bit turned over.
    bitwise_not BitwiseNot;
    /// The same value, through which no gradient flows.
    stop_gradient StopGradient;
}

/// Two tensors cast to the type in which they meet.
pub(super) fn promoted(x: &Tensor, y: &Tensor) -> Result<(Tensor, Tensor)> {
    let dtype = promote(x.dtype(), y.dtype());
    Ok((cast(x, dtype)?, cast(y, dtype)?))
}

/// An operation of two tensors cast to one type.
fn meet(op: impl Op + Copy, x: &Tensor, y: &Tensor, dtype: DType) -> Result<Tensor> {
    if x.dtype() == dtype && y.dtype() == dtype {
        return apply_one(op, &[x, y]);
    }
    operation(op.name(), &[x, y], move |x| apply_one(op, &[&cast(x[0], dtype)?, &cast(x[1], dtype)?]))
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
            meet(e::$Op, x, y, promote(x.dtype(), y.dtype()))
        }
    )*};
}

macro_rules! counting {
    ($($(#[$doc:meta])* $name:ident $Op:ident;)*) => {$(
        $(#[$doc])*
        ///
        /// Element types are promoted, two of `bool` to `int32`; shapes are broadcast.
        ///
        /// # Errors
        /// Where shapes do not fit, or the element type is not one the function takes.
        pub fn $name(x: &Tensor, y: &Tensor) -> Result<Tensor> {
            meet(e::$Op, x, y, number(promote(x.dtype(), y.dtype())))
        }
    )*};
}

/// `int32` for truth values, which are counted with.
fn number(dtype: DType) -> DType {
    if dtype == DType::Bool { DType::I32 } else { dtype }
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
    /// The larger of each pair.
    maximum Maximum;
    /// The smaller of each pair.
    minimum Minimum;
    /// The angle of the point with ordinate `x` and abscissa `y`.
    arctan2 Atan2;
    /// `√(x² + y²)` without overflow; its gradient at the origin is 0.
    hypot Hypot;
    /// The float next to `x` towards `y` in their type. No gradient flows.
    nextafter NextAfter;
    /// The regularised lower incomplete gamma function `P(x, y) = 1/Γ(x) ∫ tˣ⁻¹ e⁻ᵗ dt` from 0 to `y`; NaN for
    /// negative arguments.
    ///
    /// The gradient flows to `y` only.
    gammainc GammaInc;
    /// The greatest common divisor of integers, never negative.
    gcd Gcd;
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
}

counting! {
    /// The quotient rounded towards minus infinity; integers divided by 0 give 0.
    floor_divide FloorDivide;
    /// The remainder of floored division, with the sign of `y`; integers divided by 0 give 0.
    r#mod Rem;
    /// The remainder of truncated division, with the sign of `x`; integers divided by 0 give 0.
    fmod Fmod;
    /// `x` to the power `y`.
    power Pow;
    /// Shifted towards the high end.
    left_shift LeftShift;
    /// Shifted towards the low end; signed types keep their sign.
    right_shift RightShift;
}

/// The absolute value; its gradient at 0 is 0.
///
/// # Errors
/// Where there is no memory.
pub fn abs(x: &Tensor) -> Result<Tensor> {
    if x.dtype() == DType::Bool { Ok(x.clone()) } else { apply_one(e::Abs, &[x]) }
}

/// `x * x`, of `bool` as `int32`.
///
/// # Errors
/// Where there is no memory.
pub fn square(x: &Tensor) -> Result<Tensor> {
    match x.dtype() {
        DType::Bool => operation("square", &[x], |x| apply_one(e::Square, &[&cast(x[0], DType::I32)?])),
        _ => apply_one(e::Square, &[x]),
    }
}

/// The same numbers in another element type; the tensor itself where it has that type.
///
/// Floats become integers by dropping the fraction, saturating at the ends; integers wrap around. See
/// [`saturate_cast`](super::saturate_cast).
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
    if x.dtype() == y.dtype() {
        return apply_one(e::Where, &[condition, x, y]);
    }
    operation("where", &[condition, x, y], |x| {
        let (yes, no) = promoted(x[1], x[2])?;
        apply_one(e::Where, &[x[0], &yes, &no])
    })
}

/// `x` limited to `low..=high`: `min(max(x, low), high)`.
///
/// The type of `x` stays (`bool` becomes `int32`), but integers limited by a fraction become `float32`.
///
/// # Errors
/// Where there is no memory.
pub fn clip(x: &Tensor, low: f64, high: f64) -> Result<Tensor> {
    let written = described(&[x], || Written::new("Clip", 1).with("x_min", low).with("x_max", high));
    operation_written("clip", written, &[x], move |x| {
        let x = cast(x[0], number(x[0].dtype()))?;
        let (low, high) = (weak(&x, low)?, weak(&x, high)?);
        minimum(&maximum(&x, &low)?, &high)
    })
}

/// A type in which numbers of `dtype` can be scaled without much loss.
pub(super) fn wide(dtype: DType) -> DType {
    match dtype {
        DType::F16 | DType::BF16 => DType::F32,
        d if d.is_float() => d,
        _ => DType::F64,
    }
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
