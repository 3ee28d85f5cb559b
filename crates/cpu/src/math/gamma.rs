//! The incomplete gamma function, one number at a time.

use super::f64_::erfc;
use std::f64::consts::PI;

/// Parameters from here on are computed by Temme's expansion: the sums would take too many terms.
const HUGE: f64 = 1e6;

/// The coefficients of `ln Γ(a) - (a - 1/2) ln a + a - ln √(2π)` in odd powers of `1/a`.
const STIRLING: [f64; 7] =
    [1.0 / 12.0, -1.0 / 360.0, 1.0 / 1260.0, -1.0 / 1680.0, 1.0 / 1188.0, -691.0 / 360_360.0, 1.0 / 156.0];

/// What Stirling's formula lacks, for `a >= 10`.
fn stirling_rest(a: f64) -> f64 {
    let q = 1.0 / (a * a);
    STIRLING.iter().rev().fold(0.0, |sum, c| sum * q + c) / a
}

/// `t - ln(1 + t)`, accurate near 0; `ratio` is `1 + t`.
fn gap(t: f64, ratio: f64) -> f64 {
    if t.abs() < 1e-3 {
        t * t * (0.5 - t * (1.0 / 3.0 - t * (0.25 - t * (0.2 - t / 6.0))))
    } else if t < -0.5 {
        t - ratio.ln()
    } else {
        t - t.ln_1p()
    }
}

/// `xᵃ e⁻ˣ / Γ(a + 1)` for positive finite numbers, without the overflow of its parts.
fn front(a: f64, x: f64) -> f64 {
    if a >= 10.0 {
        return (-a * gap((x - a) / a, x / a) - stirling_rest(a)).exp() / (2.0 * PI * a).sqrt();
    }
    // Γ(a + 1) = Γ(b + 1) / ((a + 1) … b) with b >= 10.
    let (mut b, mut product) = (a, 1.0);
    while b < 10.0 {
        b += 1.0;
        product *= b;
    }
    let log_gamma = b * b.ln() - b + 0.5 * (2.0 * PI * b).ln() + stirling_rest(b) - product.ln();
    (a * x.ln() - x - log_gamma).exp()
}

/// The regularised lower incomplete gamma function `P(a, x)`.
///
/// - Error below 1e-12, relative where `x` is not far below `a`. NaN for negative arguments and at `(0, 0)`; 1 for
///   `a = 0`; 0 at `x = 0`.
/// - Method: the series in `x` for `x < a + 1`, else the continued fraction of `1 - P`; from `a = 10⁶` on, Temme's
///   uniform expansion.
pub fn gamma_inc(a: f64, x: f64) -> f64 {
    let bad = |v: f64| v.is_nan() || v < 0.0;
    if bad(a) || bad(x) || (a == 0.0 && x == 0.0) || (a.is_infinite() && x.is_infinite()) {
        return f64::NAN;
    }
    if a == 0.0 || x.is_infinite() {
        return 1.0;
    }
    if x == 0.0 || a.is_infinite() {
        return 0.0;
    }
    if a >= HUGE {
        return uniform(a, x);
    }
    if x < a + 1.0 {
        let (mut term, mut sum, mut n) = (1.0, 1.0, a);
        for _ in 0..20_000 {
            n += 1.0;
            term *= x / n;
            sum += term;
            if term < 1e-17 * sum {
                break;
            }
        }
        return (sum * front(a, x)).min(1.0);
    }
    // Lentz's method for 1 / (x + 1 - a - 1 (1 - a) / (x + 3 - a - 2 (2 - a) / (x + 5 - a - …))).
    const TINY: f64 = 1e-300;
    let away = |v: f64| if v.abs() < TINY { TINY } else { v };
    let mut b = x + 1.0 - a;
    let mut c = 1.0 / TINY;
    let mut d = 1.0 / away(b);
    let mut h = d;
    for k in 1..20_000 {
        let k = f64::from(k);
        let numerator = -k * (k - a);
        b += 2.0;
        d = 1.0 / away(numerator * d + b);
        c = away(b + numerator / c);
        h *= d * c;
        if (d * c - 1.0).abs() < 1e-16 {
            break;
        }
    }
    (1.0 - a * front(a, x) * h).max(0.0)
}

/// Temme's expansion to the first correction, whose error is below 1e-11 from `a = 10⁶` on.
fn uniform(a: f64, x: f64) -> f64 {
    let t = (x - a) / a;
    let phi = gap(t, x / a);
    let eta = (2.0 * phi).sqrt().copysign(t);
    let correction = if eta.abs() < 1e-3 {
        -1.0 / 3.0 + eta / 12.0 - 2.0 * eta * eta / 135.0
    } else {
        1.0 / t - 1.0 / eta
    };
    let rest = (-a * phi).exp() / (2.0 * PI * a).sqrt() * correction;
    (0.5 * erfc(-eta * (a / 2.0).sqrt()) - rest).clamp(0.0, 1.0)
}

/// The density `xᵃ⁻¹ e⁻ˣ / Γ(a)` of the gamma distribution: the slope of [`gamma_inc`] by `x`.
pub fn gamma_density(a: f64, x: f64) -> f64 {
    let bad = |v: f64| v.is_nan() || v < 0.0;
    if bad(a) || bad(x) {
        return f64::NAN;
    }
    if a == 0.0 || x.is_infinite() || a.is_infinite() {
        return 0.0;
    }
    if x == 0.0 {
        return if a < 1.0 {
            f64::INFINITY
        } else if a == 1.0 {
            1.0
        } else {
            0.0
        };
    }
    front(a, x) * (a / x)
}
