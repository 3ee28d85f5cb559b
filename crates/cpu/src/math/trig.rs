//! Sine and cosine.

use super::exp::ROUND;
use super::select;

/// [`sin`] and [`cos`] are accurate up to this absolute value.
pub const SIN_COS_MAX: f32 = 1.0e5;

/// Splits `x = k π/2 + r`: returns the bits whose two lowest are those of `k`, then `r` and `r²`, `|r| < 0.8`.
///
/// Cody and Waite's reduction, the subtraction in `f64` with π/2 as 33 + 53 bits (FDLIBM's constants), so that
/// `r` is accurate however close `x` is to a multiple of π/2.
#[inline(always)]
fn reduce(x: f32) -> (u32, f64, f32) {
    let shifted = x * std::f32::consts::FRAC_2_PI + ROUND;
    let k = (shifted - ROUND) as f64;
    let r = (x as f64 - k * 1.570_796_326_734_125_6) - k * 6.077_100_506_506_192e-11;
    (shifted.to_bits(), r, (r * r) as f32)
}

/// The sine of `r + quadrant π/2`.
#[inline(always)]
fn sin_in_quadrant(quadrant: u32, r: f64, z: f32) -> f32 {
    let s = -1.950_514_4e-4;
    let s = s * z + 8.332_093e-3;
    let s = s * z - 0.166_666_54;
    let s = (r + r * (z * s) as f64) as f32;
    let c = 2.442_820_7e-5;
    let c = c * z - 1.388_728_9e-3;
    let c = c * z + 4.166_664_6e-2;
    let c = 1.0 - (0.5 * z - z * z * c);
    let y = select(quadrant & 1 == 0, s, c);
    f32::from_bits(y.to_bits() ^ ((quadrant & 2) << 30))
}

/// The sine, for `|x| <=` [`SIN_COS_MAX`]; meaningless beyond, where callers use `f32::sin`.
///
/// - Error: below 1.1 ulp.
/// - Odd, ±0 is kept; NaN at ±∞ and NaN.
/// - Method: Cody–Waite reduction in `f64`, own minimax polynomials on [-π/4, π/4].
#[inline(always)]
pub fn sin(x: f32) -> f32 {
    let (k, r, z) = reduce(x);
    select(x == 0.0, x, sin_in_quadrant(k, r, z))
}

/// The cosine, for `|x| <=` [`SIN_COS_MAX`]; meaningless beyond, where callers use `f32::cos`.
///
/// - Error: below 1.1 ulp.
/// - Even; `cos(0) = 1` exactly; NaN at ±∞ and NaN.
/// - Method: that of [`sin`].
#[inline(always)]
pub fn cos(x: f32) -> f32 {
    let (k, r, z) = reduce(x);
    sin_in_quadrant(k.wrapping_add(1), r, z)
}
