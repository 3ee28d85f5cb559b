//! The error function.

use super::exp::exp_small;
use super::{clamp_above, select};

/// The error function `2/√π ∫₀ˣ exp(-t²) dt`.
///
/// - Error: below 1.3 ulp.
/// - Odd: `erf(-x) = -erf(x)` exactly, ±0 is kept; ±1 from about ±3.92 on; NaN at NaN.
/// - Method: `x + x P(x²)` for `|x| < 1`, else `1 - exp(-|x| Q(|x|))`; both polynomials are own minimax fits.
#[inline(always)]
pub fn erf(x: f32) -> f32 {
    let a = clamp_above(4.0, x.abs());
    let z = a * a;
    let p = 7.806_904_6e-5;
    let p = p * z - 7.997_853e-4;
    let p = p * z + 5.187_162e-3;
    let p = p * z - 2.685_334_7e-2;
    let p = p * z + 0.112_835_79;
    let p = p * z - 0.376_126_26;
    let p = p * z + 0.128_379_17;
    let small = a + a * p;
    let odd = -2.106_468_9e-4 * z - 2.279_855_9e-2;
    let odd = odd * z + 0.635_831_36;
    let even = 3.186_976_5e-3 * z + 0.105_116_29;
    let even = even * z + 1.128_480_1;
    let large = 1.0 - exp_small(-(a * (odd * a + even)));
    select(a < 1.0, small, large).copysign(x)
}
