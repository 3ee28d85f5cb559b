//! Numbers brought into a range, a precision or a type, and choices among several.

use super::elementwise::weak;
use super::{
    cast, clip, divide, full, isfinite, isnan, isneginf, isposinf, maximum, minimum, multiply, round, r#where,
};
use crate::symbolic::operation;
use crate::tensor::Tensor;
use rhyton_base::{DType, Error, Result, bf16, f16, promote_all};

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
