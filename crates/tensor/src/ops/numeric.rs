//! Elementwise functions made of others.

use super::elementwise::weak;
use super::{
    abs, add, arctan2, cast, clip, divide, equal, exp, floor_divide, gcd, greater, isinf, isnan, less, log1p,
    logical_and, maximum, minimum, multiply, negative, power, sin, subtract, trunc, r#where, zeros_like,
};
use crate::symbolic::operation;
use crate::tensor::Tensor;
use rhyton_base::{DType, Error, Result, promote};
use std::f64::consts::{LN_2, PI};

macro_rules! synonyms {
    ($($(#[$doc:meta])* $name:ident($($x:ident),*) $other:path;)*) => {$(
        $(#[$doc])*
        ///
        /// # Errors
        /// As that function.
        pub fn $name($($x: &Tensor),*) -> Result<Tensor> {
            $other($($x),*)
        }
    )*};
}

synonyms! {
    /// [`abs`] by its other name.
    absolute(x) abs;
    /// [`bitwise_not`](super::bitwise_not) by its other name.
    bitwise_invert(x) super::bitwise_not;
    /// [`left_shift`](super::left_shift) by its other name.
    bitwise_left_shift(x, y) super::left_shift;
    /// [`right_shift`](super::right_shift) by its other name.
    bitwise_right_shift(x, y) super::right_shift;
    /// [`divide`] by its other name.
    true_divide(x, y) divide;
    /// [`conj`] by its other name.
    conjugate(x) conj;
}

/// The complex conjugate: tensors are real, so the tensor itself.
///
/// # Errors
/// None.
pub fn conj(x: &Tensor) -> Result<Tensor> {
    Ok(x.clone())
}

/// The real part: tensors are real, so the tensor itself.
///
/// # Errors
/// None.
pub fn real(x: &Tensor) -> Result<Tensor> {
    Ok(x.clone())
}

/// The imaginary part: tensors are real, so zeros of the same type and shape.
///
/// # Errors
/// Where there is no memory.
pub fn imag(x: &Tensor) -> Result<Tensor> {
    zeros_like(x)
}

/// The same tensor; tensors never change, so a copy shares the numbers.
///
/// # Errors
/// None.
pub fn copy(x: &Tensor) -> Result<Tensor> {
    Ok(x.clone())
}

/// A function that computes in floating point: integers and truth values become `float32`.
fn floating(
    name: &'static str,
    x: &Tensor,
    f: impl Fn(&Tensor) -> Result<Tensor> + Send + Sync + 'static,
) -> Result<Tensor> {
    operation(name, &[x], move |x| f(&cast(x[0], x[0].dtype().to_float())?))
}

/// The same of two tensors.
fn floating2(
    name: &'static str,
    x: &Tensor,
    y: &Tensor,
    f: impl Fn(&Tensor, &Tensor) -> Result<Tensor> + Send + Sync + 'static,
) -> Result<Tensor> {
    operation(name, &[x, y], move |x| {
        let dtype = promote(x[0].dtype(), x[1].dtype()).to_float();
        f(&cast(x[0], dtype)?, &cast(x[1], dtype)?)
    })
}

pub(super) fn scaled(x: &Tensor, factor: f64) -> Result<Tensor> {
    multiply(x, &weak(x, factor)?)
}

/// The angle of a real number in the complex plane: 0, or π where the sign is minus (that of -0.0 too).
///
/// # Errors
/// Where there is no memory.
pub fn angle(x: &Tensor) -> Result<Tensor> {
    floating("angle", x, |x| arctan2(&weak(x, 0.0)?, x))
}

/// Degrees as radians: `x π / 180`.
///
/// # Errors
/// Where there is no memory.
pub fn deg2rad(x: &Tensor) -> Result<Tensor> {
    floating("deg2rad", x, |x| scaled(x, PI / 180.0))
}

/// Radians as degrees: `x 180 / π`.
///
/// # Errors
/// Where there is no memory.
pub fn rad2deg(x: &Tensor) -> Result<Tensor> {
    floating("rad2deg", x, |x| scaled(x, 180.0 / PI))
}

/// `2ˣ`.
///
/// # Errors
/// Where there is no memory.
pub fn exp2(x: &Tensor) -> Result<Tensor> {
    floating("exp2", x, |x| power(&weak(x, 2.0)?, x))
}

/// The absolute value in floating point.
///
/// # Errors
/// Where there is no memory.
pub fn fabs(x: &Tensor) -> Result<Tensor> {
    floating("fabs", x, abs)
}

/// `sin(πx) / (πx)`, 1 at 0.
///
/// # Errors
/// Where there is no memory.
pub fn sinc(x: &Tensor) -> Result<Tensor> {
    floating("sinc", x, |x| {
        let (zero, one) = (weak(x, 0.0)?, weak(x, 1.0)?);
        let none = equal(x, &zero)?;
        let turned = scaled(&r#where(&none, &one, x)?, PI)?;
        r#where(&none, &one, &divide(&sin(&turned)?, &turned)?)
    })
}

/// The quotient in floating point, and 0 where `y` is 0.
///
/// # Errors
/// Where shapes do not fit.
pub fn divide_no_nan(x: &Tensor, y: &Tensor) -> Result<Tensor> {
    floating2("divide_no_nan", x, y, |x, y| {
        let none = equal(y, &weak(y, 0.0)?)?;
        let safe = r#where(&none, &weak(y, 1.0)?, y)?;
        r#where(&none, &weak(x, 0.0)?, &divide(x, &safe)?)
    })
}

/// Each where the other is NaN.
fn filled(x: &Tensor, y: &Tensor) -> Result<(Tensor, Tensor)> {
    let (x, y) = super::elementwise::promoted(x, y)?;
    Ok((r#where(&isnan(&x)?, &y, &x)?, r#where(&isnan(&y)?, &x, &y)?))
}

/// The larger of each pair, or the other one where one is NaN.
///
/// # Errors
/// Where shapes do not fit.
pub fn fmax(x: &Tensor, y: &Tensor) -> Result<Tensor> {
    operation("fmax", &[x, y], |x| {
        let (a, b) = filled(x[0], x[1])?;
        maximum(&a, &b)
    })
}

/// The smaller of each pair, or the other one where one is NaN.
///
/// # Errors
/// Where shapes do not fit.
pub fn fmin(x: &Tensor, y: &Tensor) -> Result<Tensor> {
    operation("fmin", &[x, y], |x| {
        let (a, b) = filled(x[0], x[1])?;
        minimum(&a, &b)
    })
}

/// The least common multiple of integers, never negative; 0 where one is 0.
///
/// # Errors
/// Where shapes do not fit or the type is not an integer.
pub fn lcm(x: &Tensor, y: &Tensor) -> Result<Tensor> {
    operation("lcm", &[x, y], |x| {
        let (a, b) = super::elementwise::promoted(x[0], x[1])?;
        abs(&multiply(&floor_divide(&a, &gcd(&a, &b)?)?, &b)?)
    })
}

/// 0 below 0, `y` at 0, 1 above 0.
///
/// # Errors
/// Where shapes do not fit.
pub fn heaviside(x: &Tensor, y: &Tensor) -> Result<Tensor> {
    floating2("heaviside", x, y, |x, y| {
        let (zero, one) = (weak(x, 0.0)?, weak(x, 1.0)?);
        let above = r#where(&less(x, &zero)?, &zero, &r#where(&greater(x, &zero)?, &one, x)?)?;
        r#where(&equal(x, &zero)?, y, &above)
    })
}

/// `x 2ⁿ` with integers `n`.
///
/// # Errors
/// Where shapes do not fit or `n` is not of integers.
pub fn ldexp(x: &Tensor, n: &Tensor) -> Result<Tensor> {
    if !n.dtype().is_integer() {
        let message = format!("expected integer exponents, got {}; cast them to int32", n.dtype());
        return Err(Error::dtype(message).at("ldexp"));
    }
    operation("ldexp", &[x, n], |x| {
        let dtype = x[0].dtype().to_float();
        let (work, far) = if dtype == DType::F64 { (DType::F64, 3066.0) } else { (DType::F32, 378.0) };
        // In three factors, each of which is a normal number.
        let n = clip(&cast(x[1], work)?, -far, far)?;
        let third = trunc(&scaled(&n, 1.0 / 3.0)?)?;
        let rest = subtract(&n, &scaled(&third, 2.0)?)?;
        let two = weak(&n, 2.0)?;
        let factor = power(&two, &third)?;
        let out = multiply(&multiply(&cast(x[0], work)?, &factor)?, &factor)?;
        cast(&multiply(&out, &power(&two, &rest)?)?, dtype)
    })
}

/// The larger one, and the difference of both with minus in front: 0 where they are one infinity.
fn apart(x: &Tensor, y: &Tensor) -> Result<(Tensor, Tensor)> {
    let same = logical_and(&equal(x, y)?, &isinf(x)?)?;
    let zero = weak(x, 0.0)?;
    let distance = subtract(&r#where(&same, &zero, x)?, &r#where(&same, &zero, y)?)?;
    Ok((maximum(x, y)?, negative(&abs(&distance)?)?))
}

/// `log(eˣ + eʸ)` without overflow, computed as `max(x, y) + log(1 + e^-|x - y|)`.
///
/// # Errors
/// Where shapes do not fit.
pub fn logaddexp(x: &Tensor, y: &Tensor) -> Result<Tensor> {
    floating2("logaddexp", x, y, |x, y| {
        let (top, gap) = apart(x, y)?;
        add(&top, &log1p(&exp(&gap)?)?)
    })
}

/// `log2(2ˣ + 2ʸ)` without overflow.
///
/// # Errors
/// Where shapes do not fit.
pub fn logaddexp2(x: &Tensor, y: &Tensor) -> Result<Tensor> {
    floating2("logaddexp2", x, y, |x, y| {
        let (top, gap) = apart(x, y)?;
        add(&top, &scaled(&log1p(&exp2(&gap)?)?, 1.0 / LN_2)?)
    })
}
