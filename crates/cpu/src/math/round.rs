//! Roots and rounding.
//!
//! The roundings are exact and keep the sign of zero, infinities and NaN. They need nothing beyond SSE2, where
//! `f32::floor` and its kind become calls; with SSE4.1, AVX or NEON `f32::floor` is one instruction.

use super::select;

/// Every number from 2²³ on is an integer.
const INTEGERS: f32 = 8_388_608.0;

/// `1 / sqrt(x)`.
///
/// - Error: below 1.5 ulp (two correctly rounded operations).
/// - ±∞ at ±0; NaN below 0 and at NaN; 0 at ∞.
#[inline(always)]
pub fn rsqrt(x: f32) -> f32 {
    1.0 / x.sqrt()
}

/// `|x|` rounded to the nearest integer, ties to even, for `|x| < 2²³`.
#[inline(always)]
fn nearest(a: f32) -> f32 {
    (a + INTEGERS) - INTEGERS
}

/// The nearest integer, ties to even.
#[inline(always)]
pub fn round(x: f32) -> f32 {
    let a = x.abs();
    select(a < INTEGERS, nearest(a).copysign(x), x)
}

/// The nearest integer towards 0.
#[inline(always)]
pub fn trunc(x: f32) -> f32 {
    let a = x.abs();
    let n = nearest(a);
    let n = n - select(n > a, 1.0, 0.0);
    select(a < INTEGERS, n.copysign(x), x)
}

/// The nearest integer towards -∞.
#[inline(always)]
pub fn floor(x: f32) -> f32 {
    let a = x.abs();
    let n = nearest(a).copysign(x);
    let n = n - select(n > x, 1.0, 0.0);
    select(a < INTEGERS, n.copysign(x), x)
}

/// The nearest integer towards ∞.
#[inline(always)]
pub fn ceil(x: f32) -> f32 {
    let a = x.abs();
    let n = nearest(a).copysign(x);
    let n = n + select(n < x, 1.0, 0.0);
    select(a < INTEGERS, n.copysign(x), x)
}
