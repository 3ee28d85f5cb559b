//! Powers.

use super::select;

#[inline(always)]
fn select64(condition: bool, yes: f64, no: f64) -> f64 {
    if condition { yes } else { no }
}

/// Whether a number is an integer; infinities are, NaN is not.
#[inline(always)]
fn is_integer(x: f32) -> bool {
    let a = x.abs();
    ((a + 8_388_608.0) - 8_388_608.0 == a) | (a >= 8_388_608.0)
}

/// `log2(x)` for `x >= 0`, with a relative error of 2⁻³⁷.
#[inline(always)]
fn log2_f64(x: f64) -> f64 {
    const SQRT_HALF_BITS: u64 = 0x3fe6_a09e_667f_3bcd;
    let bits = x.to_bits().wrapping_add(0x3ff0_0000_0000_0000 - SQRT_HALF_BITS);
    // The biased exponent becomes the low bits of a number beyond 2⁵².
    let k = f64::from_bits((bits >> 52) | 0x4330_0000_0000_0000) - (4_503_599_627_370_496.0 + 1023.0);
    let m = f64::from_bits((bits & 0x000f_ffff_ffff_ffff).wrapping_add(SQRT_HALF_BITS));
    let s = (m - 1.0) / (m + 1.0);
    let z = s * s;
    let z2 = z * z;
    let p = (0.411_672_215_929_991 * z + 0.577_083_594_489_428_1) + 0.340_738_399_207_284_3 * z2;
    let p = (0.961_796_673_284_167_3 * z + 2.885_390_081_790_140_6) + p * z2;
    let y = k + s * p;
    let y = select64(x < f64::INFINITY, y, x);
    select64(x == 0.0, f64::NEG_INFINITY, y)
}

/// `2ᵗ` with a relative error of 2⁻²⁸; 2²⁰⁰ above 200, 2⁻²⁰⁰ below -200.
#[inline(always)]
fn exp2_f64(t: f64) -> f64 {
    // 1.5 · 2⁵² rounds to an integer in the low bits; 1023 more is the exponent's bias.
    const ROUND: f64 = 6_755_399_441_055_744.0 + 1023.0;
    let t = select64(t > 200.0, 200.0, t);
    let t = select64(t < -200.0, -200.0, t);
    let shifted = t + ROUND;
    let r = t - (shifted - ROUND);
    let r2 = r * r;
    let odd = 1.340_029_839_729_846_4e-3 * r2 + 5.550_327_718_026_394_6e-2;
    let odd = odd * r2 + 0.693_147_206_284_086_8;
    let even = 1.547_632_539_845_98e-4 * r2 + 9.618_003_825_945_342e-3;
    let even = even * r2 + 0.240_226_513_460_381_37;
    ((even * r2 + odd * r) + 1.0) * f64::from_bits(shifted.to_bits() << 52)
}

/// `x` to the power of `y`.
///
/// - Error: below 0.54 ulp; results below the normal range are subnormal, as they should be.
/// - Special cases as in C and `f32::powf`: `pow(x, 0) = pow(1, y) = 1` even for NaN; `pow(-1, ±∞) = 1`; NaN for
///   a finite `x < 0` with a finite `y` that is no integer; zeros and infinities with the sign that an odd integer
///   `y` gives.
/// - Method: `2^(y log2 |x|)` in `f64` with own minimax polynomials; the logarithm as
///   `2 artanh((m - 1) / (m + 1)) / ln 2`.
#[inline(always)]
pub fn pow(x: f32, y: f32) -> f32 {
    let a = x.abs();
    let magnitude = exp2_f64(y as f64 * log2_f64(a as f64)) as f32;
    let integer = is_integer(y);
    let odd = integer & !is_integer(0.5 * y);
    let sign = if odd { x.to_bits() & 0x8000_0000 } else { 0 };
    let signed = f32::from_bits(magnitude.to_bits() | sign);
    let undefined = (x < 0.0) & (a < f32::INFINITY) & !integer;
    let one = (x == 1.0) | (y == 0.0) | ((a == 1.0) & (y.abs() == f32::INFINITY));
    select(one, 1.0, select(undefined, f32::NAN, signed))
}
