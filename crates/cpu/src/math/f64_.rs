//! The functions of [`math`](super) for `f64`: the standard library's where they are accurate.

pub use super::gamma::{gamma_density, gamma_inc};
pub use super::special::{bessel_i0, bessel_i1, erfinv, next_after_f64 as next_after};

/// `sin` and `cos` are good for any angle.
pub const SIN_COS_MAX: f64 = f64::INFINITY;

macro_rules! std_functions {
    ($($(#[$doc:meta])* $name:ident = $method:ident;)*) => {$(
        $(#[$doc])*
        #[inline(always)]
        pub fn $name(x: f64) -> f64 {
            x.$method()
        }
    )*};
}

std_functions! {
    /// `exp(x)`.
    exp = exp;
    /// `exp(x) - 1`, accurate near 0.
    expm1 = exp_m1;
    /// The natural logarithm.
    log = ln;
    /// `log(1 + x)`, accurate near 0.
    log1p = ln_1p;
    /// The logarithm to base 2.
    log2 = log2;
    /// The logarithm to base 10.
    log10 = log10;
    /// The hyperbolic tangent.
    tanh = tanh;
    /// The cube root.
    cbrt = cbrt;
    /// The sine.
    sin = sin;
    /// The cosine.
    cos = cos;
    /// The hyperbolic sine.
    sinh = sinh;
    /// The hyperbolic cosine.
    cosh = cosh;
    /// The inverse of the hyperbolic sine.
    asinh = asinh;
    /// The inverse of the hyperbolic tangent.
    atanh = atanh;
    /// The nearest integer, ties to even.
    round = round_ties_even;
    /// The nearest integer towards 0.
    trunc = trunc;
    /// The nearest integer towards -∞.
    floor = floor;
    /// The nearest integer towards ∞.
    ceil = ceil;
}

/// `x` to the power of `y`.
#[inline(always)]
pub fn pow(x: f64, y: f64) -> f64 {
    x.powf(y)
}

/// `√(x² + y²)` without overflow; ∞ where either is infinite.
#[inline(always)]
pub fn hypot(x: f64, y: f64) -> f64 {
    x.hypot(y)
}

/// `1 / sqrt(x)`.
#[inline(always)]
pub fn rsqrt(x: f64) -> f64 {
    1.0 / x.sqrt()
}

/// The logistic function `1 / (1 + exp(-x))`, without overflow. Relative error below 5e-16.
#[inline]
pub fn sigmoid(x: f64) -> f64 {
    let e = (-x.abs()).exp();
    (if x < 0.0 { e } else { 1.0 }) / (1.0 + e)
}

/// The inverse of the hyperbolic cosine.
///
/// - Relative error below 5e-16, also near 1 where the standard library's loses half the digits. 0 at 1; NaN
///   below 1 and at NaN; ∞ at ∞.
/// - Method: FDLIBM's, `log1p(t + sqrt(2t + t²))` with `t = x - 1`.
#[inline]
pub fn acosh(x: f64) -> f64 {
    let t = x - 1.0;
    if x > 1.0e8 { x.ln() + std::f64::consts::LN_2 } else { (t + (2.0 * t + t * t).sqrt()).ln_1p() }
}

/// The coefficients of `P`, `erf(x) = x + x P(x²)` for `|x| <= 1`.
const ERF_SMALL: [f64; 14] = [
    0.128_379_167_095_512_6,
    -0.376_126_389_031_837_54,
    0.112_837_916_709_551_2,
    -0.026_866_170_645_129_84,
    0.005_223_977_625_423_298_5,
    -0.000_854_832_702_193_483,
    0.000_120_553_329_028_887_36,
    -1.492_564_756_751_933_2e-5,
    1.646_204_544_146_841_8e-6,
    -1.636_464_215_816_761_6e-7,
    1.479_240_120_940_481_3e-8,
    -1.216_456_005_728_345e-9,
    8.709_045_129_053_106e-11,
    -4.230_945_824_295_338e-12,
];

/// The coefficients of `Q`, `erf(x) = 1 - exp(-x²) Q((x - 3) / (x + 3))` for `1 <= x <= 6`.
const ERF_LARGE: [f64; 18] = [
    0.179_001_151_181_389_96,
    -0.326_233_560_043_037_2,
    0.245_603_801_712_330_9,
    -0.150_115_936_500_777_42,
    0.071_665_837_197_973_47,
    -0.024_392_499_318_655_416,
    0.004_269_136_333_148_302,
    0.000_707_746_438_517_735_3,
    -0.000_597_061_958_615_830_5,
    4.525_529_803_407_395_5e-5,
    6.405_673_342_206_844e-5,
    -1.286_031_844_790_767_5e-5,
    -7.979_817_704_348_727e-6,
    2.116_950_964_148_968_8e-6,
    1.259_881_726_748_260_4e-6,
    -2.726_950_054_647_683_4e-7,
    -2.389_387_463_474_792e-7,
    -2.592_589_458_123_331_6e-8,
];

#[inline]
fn polynomial(coefficients: &[f64], x: f64) -> f64 {
    coefficients.iter().rev().fold(0.0, |sum, c| sum * x + c)
}

/// The error function `2/√π ∫₀ˣ exp(-t²) dt`.
///
/// - Relative error below 3e-16. Odd; ±0 is kept; ±1 from ±6 on; NaN at NaN.
/// - Method: Chebyshev interpolations, computed with 60 digits, of `erf(x) / x` in `x²` and of
///   `exp(x²) erfc(x)` in `(x - 3) / (x + 3)`.
pub fn erf(x: f64) -> f64 {
    let a = x.abs();
    let y = if a <= 1.0 {
        a + a * polynomial(&ERF_SMALL, a * a)
    } else if a >= 6.0 {
        1.0
    } else {
        1.0 - (-a * a).exp() * polynomial(&ERF_LARGE, (a - 3.0) / (a + 3.0))
    };
    y.copysign(x)
}

/// The complementary error function `1 - erf(x)`.
///
/// - Relative error below 1e-14 where the result is normal; 2 below about -5.9, 0 above about 26.6; NaN at NaN.
/// - Method: as [`erf`] up to 6, beyond the continued fraction
///   `exp(-x²)/√π · 1/(x + (1/2)/(x + (2/2)/(x + (3/2)/(x + …))))`.
pub fn erfc(x: f64) -> f64 {
    if x.is_nan() || x <= 1.0 {
        return 1.0 - erf(x);
    }
    let scaled = if x < 6.0 {
        polynomial(&ERF_LARGE, (x - 3.0) / (x + 3.0))
    } else {
        let tail = (1..=40).rev().fold(x, |tail, k| x + f64::from(k) / 2.0 / tail);
        std::f64::consts::FRAC_2_SQRT_PI / 2.0 / tail
    };
    // What rounding loses of x² counts: exp multiplies it.
    let square = x * x;
    let lost = x.mul_add(x, -square);
    if square > 800.0 { 0.0 } else { (-square).exp() * (1.0 - lost) * scaled }
}
