//! Elementwise functions.

use super::full;
use crate::dispatch::apply_one;
use crate::tensor::Tensor;
use rhyton_base::{DType, Result, promote};
use rhyton_ops::elementwise as e;

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
pub(super) fn promoted(x: &Tensor, y: &Tensor) -> Result<(Tensor, Tensor)> {
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
