//! The exponential and its relatives.

use super::{clamp_above, clamp_below, select};

/// `log2(e)`.
const LOG2_E: f32 = std::f32::consts::LOG2_E;
/// `ln 2` to 16 bits: its product with an integer of up to 8 bits is exact.
pub(super) const LN2_HI: f32 = 0.693_145_75;
/// `ln 2 - LN2_HI`.
pub(super) const LN2_LO: f32 = 1.428_606_8e-6;
/// Adding 1.5 · 2²³ rounds to the nearest integer, which is then found in the low bits of the sum.
pub(super) const ROUND: f32 = 12_582_912.0;
const ONE_BITS: u32 = 0x3f80_0000;

/// The largest `x` for which `exp(x)` is finite.
pub const EXP_MAX: f32 = 88.722_83;
/// The smallest `x` for which `exp(x)` is a normal number; below it this module's `exp` is 0.
pub const EXP_MIN: f32 = -87.336_54;

/// Splits `x = n ln 2 + r` with integer `n` and `|r| <= ln 2 / 2`: returns `n`, moved to where the exponent of
/// an `f32` is, `r`, and `exp(r) - 1 - r`.
///
/// The reduction is Cody and Waite's; the polynomial (relative error 2⁻²⁸ with respect to `exp`) comes from a
/// Remez exchange with coefficients rounded one after the other.
#[inline(always)]
fn reduce(x: f32) -> (u32, f32, f32) {
    let shifted = x * LOG2_E + ROUND;
    let n = shifted - ROUND;
    let r = (x - n * LN2_HI) - n * LN2_LO;
    let square = r * r;
    let p = (8.369_3e-3 * r + 4.166_658_2e-2) + 1.392_227_7e-3 * square;
    let p = (0.166_665_15 * r + 0.5) + p * square;
    (shifted.to_bits() << 23, r, square * p)
}

/// `exp(x)`.
///
/// - Error: below 1.1 ulp where the result is normal.
/// - `exp(0) = 1` exactly; 0 below [`EXP_MIN`], where the result would be subnormal, and at -∞; ∞ above
///   [`EXP_MAX`]; NaN at NaN.
/// - Method: Cody–Waite reduction by `ln 2`, own minimax polynomial of degree 6.
#[inline(always)]
pub fn exp(x: f32) -> f32 {
    let (n, r, t) = reduce(x);
    let y = f32::from_bits((1.0 + (r + t)).to_bits().wrapping_add(n));
    let y = select(x <= EXP_MAX, y, x * f32::INFINITY);
    select(x < EXP_MIN, 0.0, y)
}

/// `exp(x)` for `x <= 0`: the same, with nothing to do for large numbers and NaN.
#[inline(always)]
pub fn exp_below(x: f32) -> f32 {
    let (n, r, t) = reduce(x);
    let y = f32::from_bits((1.0 + (r + t)).to_bits().wrapping_add(n));
    select(x < EXP_MIN, 0.0, y)
}

/// `exp(x) - 1`, accurate near 0.
///
/// - Error: below 1.5 ulp.
/// - ±0 and tiny arguments are returned as they are; -1 at -∞; ∞ above [`EXP_MAX`]; NaN at NaN.
/// - Method: `2ⁿ (exp(r) - 1) + (2ⁿ - 1)` with the reduction and polynomial of [`exp`].
#[inline(always)]
pub fn expm1(x: f32) -> f32 {
    let (n, r, t) = reduce(clamp_below(-20.0, clamp_above(89.0, x)));
    // 2ⁿ⁻¹: 2ⁿ itself may overflow.
    let half = f32::from_bits(n.wrapping_add(ONE_BITS - (1 << 23)));
    // What `exp(r) - 1` loses when rounded, for results in which it cancels in part.
    let q = r + t;
    let lost = (r - q) + t;
    let y = 2.0 * ((half * q + (half - 0.5)) + half * lost);
    select(x.abs() < 2.0e-8, x, y)
}

/// The logistic function `1 / (1 + exp(-x))`.
///
/// - Error: below 1.8 ulp where the result is normal.
/// - `sigmoid(0) = 0.5` exactly; within [0, 1]; 0 below [`EXP_MIN`], where the result would be subnormal;
///   1 at ∞; NaN at NaN.
/// - Method: `w = s / ((1 + s) + (exp(r) - 1))` with `|x| = n ln 2 + r` and `s = 2⁻ⁿ`; `1 - w` for positive
///   `x`.
#[inline(always)]
pub fn sigmoid(x: f32) -> f32 {
    let (n, r, t) = reduce(clamp_above(-EXP_MIN, x.abs()));
    let s = f32::from_bits(ONE_BITS.wrapping_sub(n));
    let s1 = 1.0 + s;
    let lost = s - (s1 - 1.0);
    let w = s / (s1 + (r + (t + lost)));
    let y = select(x > 0.0, 1.0 - w, w);
    select(x < EXP_MIN, 0.0, y)
}

/// The hyperbolic tangent.
///
/// - Error: below 1.4 ulp.
/// - Odd: `tanh(-x) = -tanh(x)` exactly, ±0 is kept; ±1 from about ±9.01 on; NaN at NaN.
/// - Method: own minimax polynomial for `|x| < 0.55`, else `1 - 2s / ((1 + s) + (exp(r) - 1))` with
///   `2|x| = n ln 2 + r` and `s = 2⁻ⁿ`.
#[inline(always)]
pub fn tanh(x: f32) -> f32 {
    let a = x.abs();
    let (n, r, t) = reduce(clamp_above(20.0, a + a));
    let s = f32::from_bits(ONE_BITS.wrapping_sub(n));
    let large = 1.0 - (s + s) / ((1.0 + s) + (r + t));
    let z = a * a;
    let p = (1.643_786e-2 * z - 5.267_200_6e-2) * (z * z) + (0.133_207_29 * z - 0.333_329_47);
    let small = a + a * (z * p);
    select(a < 0.55, small, large).copysign(x)
}

/// `exp(a) / 4` for `0 <= a`, as a power of two and the rest, without overflow up to `exp(a) < 2¹³⁰`.
#[inline(always)]
fn quarter_exp(a: f32) -> (f32, f32) {
    let (n, r, t) = reduce(clamp_above(89.5, a));
    let s = f32::from_bits(n.wrapping_add(ONE_BITS - (2 << 23)));
    (s, s * (r + t))
}

/// The hyperbolic sine.
///
/// - Error: below 1.3 ulp.
/// - Odd: `sinh(-x) = -sinh(x)` exactly, ±0 is kept; ±∞ beyond ±89.416; NaN at NaN.
/// - Method: own minimax polynomial for `|x| < 1`, else `(exp(|x|) - exp(-|x|)) / 2` as with [`exp`].
#[inline(always)]
pub fn sinh(x: f32) -> f32 {
    let a = x.abs();
    let z = a * a;
    let p = (2.782_230_2e-6 * z + 1.984_289_4e-4) * (z * z) + (8.333_310_5e-3 * z + 0.166_666_67);
    let small = a + a * (z * p);
    let (s, rest) = quarter_exp(a);
    let large = 2.0 * (s + (rest - 0.0625 / (s + rest)));
    select(a < 1.0, small, large).copysign(x)
}

/// The hyperbolic cosine.
///
/// - Error: below 1.3 ulp.
/// - Even; `cosh(0) = 1` exactly; ∞ beyond ±89.416; NaN at NaN.
/// - Method: `(exp(|x|) + exp(-|x|)) / 2` as with [`exp`].
#[inline(always)]
pub fn cosh(x: f32) -> f32 {
    let (s, rest) = quarter_exp(x.abs());
    2.0 * (s + (rest + 0.0625 / (s + rest)))
}

/// `exp(x)` for `-80 <= x <= 0` and NaN, without the special cases.
#[inline(always)]
pub(super) fn exp_small(x: f32) -> f32 {
    let (n, r, t) = reduce(x);
    let s = f32::from_bits(n.wrapping_add(ONE_BITS));
    s + s * (r + t)
}
