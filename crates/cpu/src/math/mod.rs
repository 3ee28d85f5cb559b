//! Elementary functions of one number that vectorise.
//!
//! Each `f32` function here is straight-line code: a few multiplications and additions, selections in place of
//! branches, no calls and no tables. A loop over a slice therefore compiles to vector code with whatever vectors
//! the enclosing function may use (`#[target_feature]`), down to SSE2 and NEON. No fused multiply-adds are used, so
//! results are the same bits with every instruction set.
//!
//! Errors are given in units of the last place of the exact result: bounds a little above the largest found for
//! every seventh `f32`, or for many random pairs with [`pow`]. Tiny arguments are right but may be slow, as
//! processors are with subnormal intermediate results.
//!
//! [`f64_`] has the same functions for `f64`, accurate rather than fast.

mod erf;
mod exp;
pub mod f64_;
mod gamma;
mod log;
mod pow;
mod round;
mod special;
// Safe code, and hours of it: nothing for Miri.
#[cfg(all(test, not(miri)))]
mod tests;
mod trig;

pub use erf::erf;
pub use exp::{cosh, exp, exp_below, expm1, sigmoid, sinh, tanh};
pub use log::{log, log1p, log2, log10};
pub use pow::pow;
pub use round::{ceil, floor, round, rsqrt, trunc};
pub use special::{next_after_bf16, next_after_f16, next_after_f32 as next_after};
pub use trig::{SIN_COS_MAX, cos, sin};

/// A choice between two numbers that are both there already.
#[inline(always)]
fn select(condition: bool, yes: f32, no: f32) -> f32 {
    if condition { yes } else { no }
}

/// The smaller of the two; `x` if it is NaN.
#[inline(always)]
fn clamp_above(limit: f32, x: f32) -> f32 {
    select(x > limit, limit, x)
}

/// The larger of the two; `x` if it is NaN.
#[inline(always)]
fn clamp_below(limit: f32, x: f32) -> f32 {
    select(x < limit, limit, x)
}

macro_rules! through_f64 {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[doc = "Computed in `f64` and rounded once."]
        #[inline(always)]
        pub fn $name(x: f32) -> f32 {
            f64_::$name(f64::from(x)) as f32
        }
    )*};
}

through_f64! {
    #[doc = "The inverse of the hyperbolic sine."]
    asinh;
    #[doc = "The inverse of the hyperbolic cosine; NaN below 1."]
    acosh;
    #[doc = "The inverse of the hyperbolic tangent; NaN beyond 1."]
    atanh;
    #[doc = "The cube root."]
    cbrt;
    #[doc = "The complementary error function."]
    erfc;
    #[doc = "The inverse of the error function."]
    erfinv;
    #[doc = "The modified Bessel function of the first kind of order 0."]
    bessel_i0;
    #[doc = "The modified Bessel function of the first kind of order 1."]
    bessel_i1;
}

/// `√(x² + y²)`, computed in `f64` and rounded once; ∞ where either is infinite.
#[inline(always)]
pub fn hypot(x: f32, y: f32) -> f32 {
    let (a, b) = (f64::from(x), f64::from(y));
    let root = (a * a + b * b).sqrt() as f32;
    select(x.is_infinite() | y.is_infinite(), f32::INFINITY, root)
}

/// The regularised lower incomplete gamma function, computed in `f64` and rounded once.
pub fn gamma_inc(a: f32, x: f32) -> f32 {
    f64_::gamma_inc(f64::from(a), f64::from(x)) as f32
}

/// The density of the gamma distribution, computed in `f64` and rounded once.
pub fn gamma_density(a: f32, x: f32) -> f32 {
    f64_::gamma_density(f64::from(a), f64::from(x)) as f32
}
