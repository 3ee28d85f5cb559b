//! Reductions that pass over NaN. Integers and truth values have none: there each is the plain reduction.

use super::elementwise::{weak, wide};
use super::{
    all, cast, divide, full, isnan, logical_not, max, mean, min, multiply, prod, sqrt, square, std, subtract,
    sum, var, r#where,
};
use crate::axes::Axes;
use crate::symbolic::operation;
use crate::tensor::Tensor;
use rhyton_base::{DType, Result};

macro_rules! replaced {
    ($($(#[$doc:meta])* $name:ident $plain:ident $neutral:expr;)*) => {$(
        $(#[$doc])*
        ///
        /// # Errors
        #[doc = concat!("As [`", stringify!($plain), "`].")]
        pub fn $name(x: &Tensor, axes: impl Into<Axes>) -> Result<Tensor> {
            let axes = axes.into();
            operation(stringify!($name), &[x], move |x| {
                if !x[0].dtype().is_float() {
                    return $plain(x[0], axes.clone());
                }
                $plain(&r#where(&isnan(x[0])?, &weak(x[0], $neutral)?, x[0])?, axes.clone())
            })
        }
    )*};
}

replaced! {
    /// The sum over axes of what is not NaN; 0 where all are.
    nansum sum 0.0;
    /// The product over axes of what is not NaN; 1 where all are.
    nanprod prod 1.0;
}

macro_rules! extremes {
    ($($(#[$doc:meta])* $name:ident $plain:ident $far:expr;)*) => {$(
        $(#[$doc])*
        ///
        /// # Errors
        #[doc = concat!("As [`", stringify!($plain), "`].")]
        pub fn $name(x: &Tensor, axes: impl Into<Axes>) -> Result<Tensor> {
            let axes = axes.into();
            operation(stringify!($name), &[x], move |x| {
                if !x[0].dtype().is_float() {
                    return $plain(x[0], axes.clone());
                }
                let nan = isnan(x[0])?;
                let most = $plain(&r#where(&nan, &weak(x[0], $far)?, x[0])?, axes.clone())?;
                r#where(&all(&nan, axes.clone())?, &weak(x[0], f64::NAN)?, &most)
            })
        }
    )*};
}

extremes! {
    /// The largest element over axes that is not NaN; NaN where all are.
    nanmax max f64::NEG_INFINITY;
    /// The smallest element over axes that is not NaN; NaN where all are.
    nanmin min f64::INFINITY;
}

/// The numbers with 0 for NaN, 1 for each number and 0 for NaN, and how many there are over the axes.
fn numbers(x: &Tensor, axes: &Axes) -> Result<(Tensor, Tensor, Tensor)> {
    let x = cast(x, wide(x.dtype()))?;
    let there = logical_not(&isnan(&x)?)?;
    let zeroed = r#where(&there, &x, &weak(&x, 0.0)?)?;
    let ones = cast(&there, x.dtype())?;
    let count = sum(&cast(&there, DType::I64)?, axes.clone())?;
    Ok((zeroed, ones, cast(&count, x.dtype())?))
}

/// The mean over axes of what is not NaN; NaN where all are.
///
/// # Errors
/// As [`mean`].
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// let y = ops::nanmean(&Tensor::from([1.0f32, f32::NAN, 3.0]), ..).unwrap();
/// assert_eq!(y.item::<f32>().unwrap(), 2.0);
/// ```
pub fn nanmean(x: &Tensor, axes: impl Into<Axes>) -> Result<Tensor> {
    let axes = axes.into();
    operation("nanmean", &[x], move |x| {
        if !x[0].dtype().is_float() {
            return mean(x[0], axes.clone());
        }
        let (zeroed, _, count) = numbers(x[0], &axes)?;
        cast(&divide(&sum(&zeroed, axes.clone())?, &count)?, x[0].dtype())
    })
}

/// The variance of what is not NaN, in the wider type.
fn variance(x: &Tensor, axes: &Axes) -> Result<Tensor> {
    let (zeroed, ones, count) = numbers(x, axes)?;
    let (places, keepdims) = axes.resolve(x.rank())?;
    let every: Vec<isize> = places.iter().map(|&a| a as isize).collect();
    let over = || Axes::from(&every[..]).keepdims();
    let kept = super::reshape(&count, super::reduce::left(x, &places, true))?;
    // Where nothing is left the count divides by 0 in the end; here it must not spoil gradients.
    let safe = super::maximum(&kept, &full([], 1.0, kept.dtype())?)?;
    let middle = divide(&sum(&zeroed, over())?, &safe)?;
    let distance = multiply(&subtract(&zeroed, &middle)?, &ones)?;
    let total = sum(&square(&distance)?, if keepdims { over() } else { Axes::from(&every[..]) })?;
    divide(&total, &count)
}

/// The population variance over axes of what is not NaN; NaN where all are.
///
/// # Errors
/// As [`var`].
pub fn nanvar(x: &Tensor, axes: impl Into<Axes>) -> Result<Tensor> {
    let axes = axes.into();
    operation("nanvar", &[x], move |x| match x[0].dtype().is_float() {
        true => cast(&variance(x[0], &axes)?, x[0].dtype()),
        false => var(x[0], axes.clone()),
    })
}

/// The population standard deviation over axes of what is not NaN; NaN where all are.
///
/// # Errors
/// As [`std()`].
pub fn nanstd(x: &Tensor, axes: impl Into<Axes>) -> Result<Tensor> {
    let axes = axes.into();
    operation("nanstd", &[x], move |x| match x[0].dtype().is_float() {
        true => cast(&sqrt(&variance(x[0], &axes)?)?, x[0].dtype()),
        false => std(x[0], axes.clone()),
    })
}
