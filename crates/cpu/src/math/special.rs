//! Functions that are computed one number at a time, in `f64`: accurate, and slower than their neighbours.

use super::f64_::{erf, erfc};
use rhyton_base::{bf16, f16};
use std::f64::consts::{FRAC_2_SQRT_PI, PI};

/// The inverse of the error function.
///
/// - Relative error below 1e-14. Odd; ±∞ at ±1; NaN beyond and at NaN.
/// - Method: Winitzki's approximation (relative error 2e-3), then Halley's iteration, which triples the digits. Near
///   ±1 it solves for `erfc`, so that what is left of 1 keeps its digits.
pub fn erfinv(x: f64) -> f64 {
    let a = x.abs();
    if a.is_nan() || a > 1.0 {
        return f64::NAN;
    }
    if a == 1.0 || a == 0.0 {
        return if a == 1.0 { f64::INFINITY.copysign(x) } else { x };
    }
    const C: f64 = 0.147;
    let log = (-a * a).ln_1p();
    let half = 2.0 / (PI * C) + log / 2.0;
    let mut y = if a < 1e-4 { a / FRAC_2_SQRT_PI } else { ((half * half - log / C).sqrt() - half).sqrt() };
    for _ in 0..3 {
        let miss = if a < 0.5 { erf(y) - a } else { (1.0 - a) - erfc(y) };
        let u = miss / (FRAC_2_SQRT_PI * (-y * y).exp());
        y -= u / (1.0 + y * u);
    }
    y.copysign(x)
}

/// Where the series of the Bessel functions hand over to their asymptotic expansion.
const FAR: f64 = 30.0;

/// `Σ (x²/4)ᵏ / (k! (k + order)!)` for orders 0 and 1.
fn bessel_near(x: f64, order: f64) -> f64 {
    let q = x * x / 4.0;
    let (mut term, mut sum, mut k) = (1.0, 1.0, 1.0);
    while term > 1e-18 * sum && k < 200.0 {
        term *= q / (k * (k + order));
        sum += term;
        k += 1.0;
    }
    sum
}

/// `e^x / √(2πx) · Σ aₖ / xᵏ` with `μ = 4 order²`.
fn bessel_far(x: f64, mu: f64) -> f64 {
    let (mut term, mut sum) = (1.0, 1.0);
    for k in 1..30 {
        let odd = f64::from(2 * k - 1);
        term *= (odd * odd - mu) / (8.0 * x * f64::from(k));
        sum += term;
    }
    // In two halves: e^x overflows before the whole does.
    let half = (x / 2.0).exp();
    if half.is_infinite() { half } else { half * (half * (sum / (2.0 * PI * x).sqrt())) }
}

/// The modified Bessel function of the first kind of order 0.
///
/// - Relative error below 1e-14. Even; 1 at 0; ∞ beyond about ±713; NaN at NaN.
/// - Method: the power series up to 30, Hankel's asymptotic expansion beyond.
pub fn bessel_i0(x: f64) -> f64 {
    let a = x.abs();
    if a.is_nan() {
        return a;
    }
    if a <= FAR { bessel_near(a, 0.0) } else { bessel_far(a, 0.0) }
}

/// The modified Bessel function of the first kind of order 1.
///
/// - Relative error below 1e-14. Odd; 0 at 0; ±∞ beyond about ±713; NaN at NaN.
/// - Method: as [`bessel_i0`].
pub fn bessel_i1(x: f64) -> f64 {
    let a = x.abs();
    let y = if a <= FAR || a.is_nan() { a / 2.0 * bessel_near(a, 1.0) } else { bessel_far(a, 4.0) };
    y.copysign(x)
}

/// Steps from one float to its neighbour: floats ordered by `key` follow each other by 1, and both zeros are 0.
macro_rules! next_after {
    ($(#[$doc:meta])* $name:ident $t:ty, $bits:ty, $signed:ty) => {
        $(#[$doc])*
        #[inline]
        pub fn $name(x: $t, y: $t) -> $t {
            fn key(bits: $bits) -> $signed {
                let bits = bits as $signed;
                if bits < 0 { <$signed>::MIN.wrapping_sub(bits) } else { bits }
            }
            if x.is_nan() || y.is_nan() {
                return <$t>::NAN;
            }
            let (from, to) = (key(x.to_bits()), key(y.to_bits()));
            if from == to {
                return y;
            }
            let next = if from < to { from + 1 } else { from - 1 };
            <$t>::from_bits((if next < 0 { <$signed>::MIN.wrapping_sub(next) } else { next }) as $bits)
        }
    };
}

next_after! {
    /// The float next to `x` towards `y`; `y` where they are equal, NaN where one is.
    next_after_f64 f64, u64, i64
}
next_after! {
    /// The float next to `x` towards `y`; `y` where they are equal, NaN where one is.
    next_after_f32 f32, u32, i32
}
next_after! {
    /// The float next to `x` towards `y`; `y` where they are equal, NaN where one is.
    next_after_f16 f16, u16, i16
}
next_after! {
    /// The float next to `x` towards `y`; `y` where they are equal, NaN where one is.
    next_after_bf16 bf16, u16, i16
}
