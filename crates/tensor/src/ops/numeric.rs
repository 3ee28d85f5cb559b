//! Elementwise functions made of others.

use super::elementwise::weak;
use super::{
    abs, add, all, any, arctan2, cast, clip, divide, equal, exp, expand_dims, floor_divide, full, gcd,
    greater, isfinite, isinf, isnan, less, less_equal, log1p, logical_and, logical_or, maximum, minimum,
    multiply, negative, power, reshape, round, signbit, sin, subtract, trunc, r#where, zeros_like,
};
use crate::symbolic::operation;
use crate::tensor::Tensor;
use rhyton_base::{DType, Error, Result, bf16, f16, promote, promote_all};
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

/// Whether each element has no imaginary part: true everywhere.
///
/// # Errors
/// Where there is no memory.
pub fn isreal(x: &Tensor) -> Result<Tensor> {
    super::ones_like_with(x, DType::Bool)
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

fn scaled(x: &Tensor, factor: f64) -> Result<Tensor> {
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

/// Whether it is +∞.
///
/// # Errors
/// Where there is no memory.
pub fn isposinf(x: &Tensor) -> Result<Tensor> {
    operation("isposinf", &[x], |x| logical_and(&isinf(x[0])?, &super::logical_not(&signbit(x[0])?)?))
}

/// Whether it is -∞.
///
/// # Errors
/// Where there is no memory.
pub fn isneginf(x: &Tensor) -> Result<Tensor> {
    operation("isneginf", &[x], |x| logical_and(&isinf(x[0])?, &signbit(x[0])?))
}

/// How near two numbers have to be for [`isclose`] and [`allclose`]: `|x - y| <= absolute + relative |y|`, where both
/// are 1e-5 and 1e-8 by default, and NaN is not close to NaN.
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// let (x, y) = (Tensor::from([1.0f32, 2.0]), Tensor::from([1.0f32, 2.1]));
/// assert_eq!(ops::isclose(&x, &y, Default::default()).unwrap().to_vec::<bool>().unwrap(), [true, false]);
/// let wide = ops::Closeness { relative: 0.1, ..Default::default() };
/// assert!(ops::allclose(&x, &y, wide).unwrap().item::<bool>().unwrap());
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Closeness {
    /// `rtol`: the part of `|y|`.
    pub relative: f64,
    /// `atol`: what is allowed near 0.
    pub absolute: f64,
    /// Whether NaN is close to NaN.
    pub equal_nan: bool,
}

impl Default for Closeness {
    fn default() -> Closeness {
        Closeness { relative: 1e-5, absolute: 1e-8, equal_nan: false }
    }
}

/// Whether each pair is nearly equal; infinities are close to themselves only. Integers are compared in `float64`.
///
/// # Errors
/// Where shapes do not fit.
pub fn isclose(x: &Tensor, y: &Tensor, how: Closeness) -> Result<Tensor> {
    operation("isclose", &[x, y], move |x| {
        let dtype = match promote(x[0].dtype(), x[1].dtype()) {
            DType::F32 | DType::F16 | DType::BF16 if x[0].dtype().is_float() && x[1].dtype().is_float() => {
                DType::F32
            }
            _ => DType::F64,
        };
        let (x, y) = (cast(x[0], dtype)?, cast(x[1], dtype)?);
        let allowed = add(&scaled(&abs(&y)?, how.relative)?, &weak(&y, how.absolute)?)?;
        let near = less_equal(&abs(&subtract(&x, &y)?)?, &allowed)?;
        let finite = logical_and(&isfinite(&x)?, &isfinite(&y)?)?;
        let close = logical_or(&logical_and(&near, &finite)?, &equal(&x, &y)?)?;
        if how.equal_nan { logical_or(&close, &logical_and(&isnan(&x)?, &isnan(&y)?)?) } else { Ok(close) }
    })
}

/// Whether all pairs are nearly equal, as one truth value.
///
/// # Errors
/// Where shapes do not fit.
pub fn allclose(x: &Tensor, y: &Tensor, how: Closeness) -> Result<Tensor> {
    operation("allclose", &[x, y], move |x| all(&isclose(x[0], x[1], how)?, ..))
}

/// Comparisons that [`isin`] makes at a time.
const AT_ONCE: usize = 1 << 22;

/// Whether each element of `x` is among the elements of `y` (or is not, with `invert`). The shape is that of `x`.
///
/// Every element is compared with every other one, so time grows with the product of the sizes. NaN is never found.
///
/// # Errors
/// Where there is no memory.
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// let found = ops::isin(&Tensor::from([1, 2, 3]), &Tensor::from([3, 1]), false).unwrap();
/// assert_eq!(found.to_vec::<bool>().unwrap(), [true, false, true]);
/// ```
pub fn isin(x: &Tensor, y: &Tensor, invert: bool) -> Result<Tensor> {
    operation("isin", &[x, y], move |x| {
        let (x, y) = super::elementwise::promoted(x[0], x[1])?;
        let y = reshape(&y, [-1])?;
        let each = expand_dims(&x, -1)?;
        let part = (AT_ONCE / x.len().max(1)).max(1);
        let mut found = super::zeros_like_with(&x, DType::Bool)?;
        for start in (0..y.len()).step_by(part) {
            let some = super::narrow(&y, 0, start, (start + part).min(y.len()))?;
            found = logical_or(&found, &any(&equal(&each, &some)?, -1)?)?;
        }
        if invert { super::logical_not(&found) } else { Ok(found) }
    })
}

/// The largest finite number of a float type.
fn largest(dtype: DType) -> f64 {
    match dtype {
        DType::F16 => f16::MAX.to_f64(),
        DType::BF16 => bf16::MAX.to_f64(),
        DType::F32 => f64::from(f32::MAX),
        _ => f64::MAX,
    }
}

/// `nan` in place of NaN, `posinf` of +∞, `neginf` of -∞; without the latter two the largest finite numbers.
///
/// # Errors
/// Where there is no memory.
pub fn nan_to_num(x: &Tensor, nan: f64, posinf: Option<f64>, neginf: Option<f64>) -> Result<Tensor> {
    if !x.dtype().is_float() {
        return Ok(x.clone());
    }
    operation("nan_to_num", &[x], move |x| {
        let x = x[0];
        let edge = largest(x.dtype());
        let out = r#where(&isnan(x)?, &weak(x, nan)?, x)?;
        let out = r#where(&isposinf(x)?, &weak(x, posinf.unwrap_or(edge))?, &out)?;
        r#where(&isneginf(x)?, &weak(x, neginf.unwrap_or(-edge))?, &out)
    })
}

/// Rounded to so many decimals, halves to even; negative numbers of decimals round to tens, hundreds and so on.
///
/// Integers keep their type; they are rounded in `float64`.
///
/// # Errors
/// For `bool`.
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// let y = ops::round_with(&Tensor::from([1234.56f64, -0.25]), 1).unwrap();
/// assert_eq!(y.to_vec::<f64>().unwrap(), [1234.6, -0.2]);
/// assert_eq!(ops::round_with(&Tensor::from([1250]), -2).unwrap().to_vec::<i32>().unwrap(), [1200]);
/// ```
pub fn round_with(x: &Tensor, decimals: i32) -> Result<Tensor> {
    let dtype = x.dtype();
    if dtype == DType::Bool {
        return Err(Error::dtype("expected numbers, got bool; cast to int32 or float32 first").at("round"));
    }
    if decimals == 0 || (dtype.is_integer() && decimals > 0) {
        return round(x);
    }
    operation("round", &[x], move |x| {
        let x = x[0];
        let wide = cast(x, super::elementwise::wide(dtype))?;
        let beyond = if wide.dtype() == DType::F64 { 308 } else { 38 };
        if decimals < -beyond {
            return cast(&r#where(&isfinite(&wide)?, &weak(&wide, 0.0)?, &wide)?, dtype);
        }
        let factor = weak(&wide, 10f64.powi(decimals.unsigned_abs().min(400) as i32))?;
        let out = if decimals > 0 {
            divide(&round(&multiply(&wide, &factor)?)?, &factor)?
        } else {
            multiply(&round(&divide(&wide, &factor)?)?, &factor)?
        };
        // A scale beyond the type's range leaves the numbers as they are.
        let out = if decimals > 0 { r#where(&isfinite(&out)?, &out, &wide)? } else { out };
        cast(&out, dtype)
    })
}

/// For each place the choice of the first condition that holds there, or the default.
///
/// Conditions, choices and the default are broadcast together; choices and the default are promoted.
///
/// # Errors
/// Where there are no conditions or not as many choices, or shapes do not fit.
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// let x = Tensor::from([0, 1, 2, 3, 4, 5]);
/// let (small, large) = (ops::less(&x, &2.into()).unwrap(), ops::greater(&x, &3.into()).unwrap());
/// let y = ops::select(&[&small, &large], &[&x, &ops::square(&x).unwrap()], &42.into()).unwrap();
/// assert_eq!(y.to_vec::<i32>().unwrap(), [0, 1, 42, 42, 16, 25]);
/// ```
pub fn select(conditions: &[&Tensor], choices: &[&Tensor], default: &Tensor) -> Result<Tensor> {
    let n = conditions.len();
    if n == 0 || choices.len() != n {
        let message =
            format!("expected a choice for each condition, got {n} conditions and {} choices", choices.len());
        return Err(Error::value(message).at("select"));
    }
    let inputs: Vec<&Tensor> = conditions.iter().chain(choices).copied().chain([default]).collect();
    operation("select", &inputs, move |x| {
        let dtype = promote_all(x[n..].iter().map(|t| t.dtype())).expect("the default at least");
        let mut out = cast(x[2 * n], dtype)?;
        for i in (0..n).rev() {
            out = r#where(x[i], &cast(x[n + i], dtype)?, &out)?;
        }
        Ok(out)
    })
}

/// The range of an integer type.
fn range(dtype: DType) -> (i128, i128) {
    let bits = dtype.size() as u32 * 8;
    match dtype {
        DType::Bool => (0, 1),
        d if d.is_unsigned() => (0, (1 << bits) - 1),
        _ => (-(1 << (bits - 1)), (1 << (bits - 1)) - 1),
    }
}

/// The same numbers in another type, limited to its range before: 300 becomes 255 as `uint8`, where
/// [`cast`](super::cast) would wrap it to 44. Infinities become the largest finite numbers that both types have.
///
/// # Errors
/// Where there is no memory.
///
/// ```
/// use rhyton_tensor::{DType, Tensor, ops};
/// let y = ops::saturate_cast(&Tensor::from([-1, 30, 300]), DType::U8).unwrap();
/// assert_eq!(y.to_vec::<u8>().unwrap(), [0, 30, 255]);
/// ```
pub fn saturate_cast(x: &Tensor, dtype: DType) -> Result<Tensor> {
    let from = x.dtype();
    // Floats saturate by themselves when they become integers.
    if from == DType::Bool || (from.is_float() && !dtype.is_float() && dtype != DType::Bool) {
        return cast(x, dtype);
    }
    operation("saturate_cast", &[x], move |x| {
        let x = x[0];
        if dtype.is_float() {
            if !from.is_float() {
                return cast(x, dtype);
            }
            let edge = largest(dtype).min(largest(from));
            return cast(&clip(&cast(x, super::elementwise::wide(from))?, -edge, edge)?, dtype);
        }
        if dtype == DType::Bool {
            return cast(&clip(x, 0.0, 1.0)?, dtype);
        }
        let ((low, high), (first, last)) = (range(dtype), range(from));
        let bound = |n: i128| full([], rhyton_base::Scalar::Int(n as i64), from);
        let mut out = x.clone();
        if low > first {
            out = maximum(&out, &bound(low)?)?;
        }
        if high < last {
            let top = if high > i128::from(i64::MAX) {
                full([], rhyton_base::Scalar::UInt(high as u64), from)?
            } else {
                bound(high)?
            };
            out = minimum(&out, &top)?;
        }
        cast(&out, dtype)
    })
}
