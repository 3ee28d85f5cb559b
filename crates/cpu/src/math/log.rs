//! Logarithms.

use super::exp::{LN2_HI, LN2_LO};
use super::select;

/// The bits of √½, where the mantissa's range begins.
const SQRT_HALF_BITS: i32 = 0x3f35_04f3;
const MANTISSA: i32 = 0x007f_ffff;

/// Splits a positive normal number into `2ᵏ m` with `√½ <= m < √2`.
#[inline(always)]
fn split(x: f32) -> (i32, f32) {
    let bits = (x.to_bits() as i32).wrapping_sub(SQRT_HALF_BITS);
    (bits >> 23, f32::from_bits((bits & MANTISSA).wrapping_add(SQRT_HALF_BITS) as u32))
}

/// [`split`] for every positive number, subnormal ones included; the exponent as a number.
#[inline(always)]
fn split_any(x: f32) -> (f32, f32) {
    let subnormal = x < f32::MIN_POSITIVE;
    let (k, m) = split(select(subnormal, x * 8_388_608.0, x));
    (k as f32 - select(subnormal, 23.0, 0.0), m)
}

/// `(h, t)` with `log(1 + f) = f - (h - t)`, for `√½ - 1 <= f <= √2 - 1`.
///
/// `h = f²/2`; `t = f³ P(f)` with an own minimax polynomial of degree 7 (relative error 2⁻²⁷ of the logarithm).
#[inline(always)]
fn log_1p_parts(f: f32) -> (f32, f32) {
    let square = f * f;
    let odd = -7.634_453e-2 * square - 0.131_602_54;
    let odd = odd * square - 0.166_233_76;
    let odd = odd * square - 0.250_008_2;
    let even = 0.127_615_56 * square + 0.142_018_18;
    let even = even * square + 0.200_012_28;
    let even = even * square + 0.333_333_3;
    (0.5 * square, f * square * (odd * f + even))
}

/// Puts in what a logarithm is at 0 (-∞), below 0 (NaN), at ∞ and at NaN (the same).
#[inline(always)]
fn with_special_cases(x: f32, y: f32) -> f32 {
    let special = select(x < 0.0, f32::NAN, x);
    let special = select(x == 0.0, f32::NEG_INFINITY, special);
    select((x > 0.0) & (x < f32::INFINITY), y, special)
}

/// The natural logarithm.
///
/// - Error: below 1 ulp, subnormal arguments included.
/// - `log(1) = 0` exactly; -∞ at ±0; NaN below 0 and at NaN; ∞ at ∞.
/// - Method: Cephes' (`k ln 2 + f - f²/2 + f³ P(f)` with the mantissa in [√½, √2)) with an own polynomial.
#[inline(always)]
pub fn log(x: f32) -> f32 {
    let (k, m) = split_any(x);
    let f = m - 1.0;
    let (h, t) = log_1p_parts(f);
    let y = k * LN2_HI + (f - (h - (t + k * LN2_LO)));
    with_special_cases(x, y)
}

/// `log(1 + x)`, accurate near 0.
///
/// - Error: below 1.5 ulp.
/// - ±0 and tiny arguments are returned as they are; -∞ at -1; NaN below -1 and at NaN; ∞ at ∞.
/// - Method: [`log`]'s with the exponent `k` of `1 + x` and `f = 2⁻ᵏ x + (2⁻ᵏ - 1)`, which does not lose the low
///   bits of `x`.
#[inline(always)]
pub fn log1p(x: f32) -> f32 {
    let u = 1.0 + x;
    let (k, m) = split(u);
    let scale = f32::from_bits(0x3f80_0000_u32.wrapping_sub((k as u32) << 23));
    let f = select(x < 33_554_432.0, x * scale + (scale - 1.0), m - 1.0);
    let (h, t) = log_1p_parts(f);
    let k = k as f32;
    let y = k * LN2_HI + (f - (h - (t + k * LN2_LO)));
    select(x.abs() < 2.0e-8, x, with_special_cases(u, y))
}

/// `log(1 + f)` as `high + low`, `high` of 12 bits.
#[inline(always)]
fn log_1p_split(f: f32) -> (f32, f32) {
    let (h, t) = log_1p_parts(f);
    let high = f32::from_bits((f - h).to_bits() & 0xffff_f000);
    (high, ((f - high) - h) + t)
}

/// The logarithm to base 2.
///
/// - Error: below 1 ulp, subnormal arguments included.
/// - Exact at powers of two; -∞ at ±0; NaN below 0 and at NaN; ∞ at ∞.
/// - Method: [`log`]'s with the product by `1 / ln 2` in two parts, as FDLIBM's `log2f` does.
#[inline(always)]
pub fn log2(x: f32) -> f32 {
    const HI: f32 = 1.442_382_8;
    const LO: f32 = 3.122_284e-4;
    let (k, m) = split_any(x);
    let (high, low) = log_1p_split(m - 1.0);
    let y = (((low + high) * LO + low * HI) + high * HI) + k;
    with_special_cases(x, y)
}

/// The logarithm to base 10.
///
/// - Error: below 1 ulp, subnormal arguments included.
/// - `log10(1) = 0` exactly; -∞ at ±0; NaN below 0 and at NaN; ∞ at ∞.
/// - Method: as [`log2`], with `log10(2)` in two parts as well.
#[inline(always)]
pub fn log10(x: f32) -> f32 {
    const HI: f32 = 0.434_204_1;
    const LO: f32 = 9.038_034e-5;
    const LOG10_2_HI: f32 = 0.301_025_4;
    const LOG10_2_LO: f32 = 4.605_039e-6;
    let (k, m) = split_any(x);
    let (high, low) = log_1p_split(m - 1.0);
    let y = (((k * LOG10_2_LO + (low + high) * LO) + low * HI) + high * HI) + k * LOG10_2_HI;
    with_special_cases(x, y)
}
