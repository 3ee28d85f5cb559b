//! `random_uniform`, `random_normal` and `truncated_normal`: the distributions that layers start from.

use super::bits::{expression, state};
use crate::{BinaryFn, Expr, Lowered, Meta, Op, Sample, UnaryFn};
use rhyton_base::{DType, Error, Result};

macro_rules! distribution {
    ($(#[$doc:meta])* $Name:ident $name:literal $expr:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $Name {
            /// The shape of the result.
            pub shape: Vec<usize>,
            /// The element type, a float.
            pub dtype: DType,
        }

        impl Op for $Name {
            fn name(&self) -> &'static str {
                $name
            }

            fn infer(&self, inputs: &[Meta]) -> Result<Vec<Meta>> {
                state(inputs)?;
                rhyton_base::element_count(&self.shape)?;
                match self.dtype.is_float() {
                    true => Ok(vec![Meta::new(self.dtype, &self.shape)]),
                    false => Err(Error::dtype(format!("expected a float dtype, got {}", self.dtype))),
                }
            }

            fn lower(&self, _: &[Meta]) -> Lowered {
                let work = if self.dtype == DType::F64 { DType::F64 } else { DType::F32 };
                Lowered::Map($expr(&self.shape, work).cast(self.dtype))
            }
        }

        impl $Name {
            /// Cases for the tests that walk the registry; the distributions themselves are tested by moments.
            pub fn samples() -> Vec<Sample> {
                let zero = || crate::Domain::exact(DType::U32, [], &[0.0]);
                vec![Sample::new($Name { shape: vec![2, 3], dtype: DType::F64 }, [zero(), zero()])]
            }
        }
    };
}

distribution! {
    /// Numbers drawn evenly from `[0, 1)`: the upper 24 of 32 random bits (53 of 64 for `float64`).
    RandomUniform "random_uniform" uniform
}

distribution! {
    /// Numbers drawn from the standard normal distribution by the method of Box and Muller.
    RandomNormal "random_normal" normal
}

distribution! {
    /// Numbers drawn from the standard normal distribution cut off at two standard deviations: the inverse of
    /// the distribution function applied to even numbers. Its standard deviation is 0.8796.
    TruncatedNormal "truncated_normal" truncated
}

/// Even numbers in `[0, 1)`.
fn uniform(shape: &[usize], dtype: DType) -> Expr {
    fraction(shape, dtype, 0)
}

/// Even numbers in `[0, 1)` from the streams `2 · stream` and, for `float64`, `2 · stream + 1`.
fn fraction(shape: &[usize], dtype: DType, stream: u32) -> Expr {
    let bits = |s: u32, drop: u32| {
        let b = expression(shape, s);
        let shift = b.like(u64::from(drop));
        b.binary(BinaryFn::ShiftRight, shift).cast(dtype)
    };
    if dtype == DType::F64 {
        let high = bits(2 * stream, 5);
        let low = bits(2 * stream + 1, 6);
        let joined = high.clone() * high.like(67_108_864.0) + low;
        let unit = joined.like(2f64.powi(-53));
        joined * unit
    } else {
        let high = bits(2 * stream, 8);
        let unit = high.like(2f64.powi(-24));
        high * unit
    }
}

/// `sqrt(-2 log(1 - u)) · cos(2π v)`.
fn normal(shape: &[usize], dtype: DType) -> Expr {
    let u = fraction(shape, dtype, 0);
    let v = fraction(shape, dtype, 1);
    let log = (u.like(1.0) - u).unary(UnaryFn::Log);
    let radius = (log.like(-2.0) * log).unary(UnaryFn::Sqrt);
    let angle = v.like(std::f64::consts::TAU) * v;
    radius * angle.unary(UnaryFn::Cos)
}

/// The inverse distribution function at an even number between its values at -2 and 2, computed in `float64`.
fn truncated(shape: &[usize], dtype: DType) -> Expr {
    const TAIL: f64 = 0.022_750_131_948_179_21; // the distribution function at -2
    let u = fraction(shape, DType::F64, 0);
    let p = u.like(TAIL) + u.like(1.0 - 2.0 * TAIL) * u;
    inverse_normal(p).cast(dtype)
}

/// Acklam's rational approximation of the inverse normal distribution function, relative error below 1.15e-9,
/// its central region and lower tail (the upper tail by symmetry).
///
/// Source: P. J. Acklam, "An algorithm for computing the inverse normal cumulative distribution function", 2003.
fn inverse_normal(p: Expr) -> Expr {
    const A: [f64; 6] = [
        -3.969683028665376e+01,
        2.209460984245205e+02,
        -2.759285104469687e+02,
        1.383_577_518_672_69e2,
        -3.066479806614716e+01,
        2.506628277459239e+00,
    ];
    const B: [f64; 6] = [
        -5.447609879822406e+01,
        1.615858368580409e+02,
        -1.556989798598866e+02,
        6.680131188771972e+01,
        -1.328068155288572e+01,
        1.0,
    ];
    const C: [f64; 6] = [
        -7.784894002430293e-03,
        -3.223964580411365e-01,
        -2.400758277161838e+00,
        -2.549732539343734e+00,
        4.374664141464968e+00,
        2.938163982698783e+00,
    ];
    const D: [f64; 5] =
        [7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996e+00, 3.754408661907416e+00, 1.0];
    let polynomial =
        |c: &[f64], x: &Expr| c[1..].iter().fold(x.like(c[0]), |sum, &next| sum * x.clone() + x.like(next));
    let q = p.clone() - p.like(0.5);
    let r = q.clone() * q.clone();
    let centre = q.clone() * polynomial(&A, &r) / polynomial(&B, &r);
    let tail = p.clone().min(p.like(1.0) - p.clone());
    let t = (tail.like(-2.0) * tail.clone().unary(UnaryFn::Log)).unary(UnaryFn::Sqrt);
    let lower = polynomial(&C, &t) / polynomial(&D, &t);
    let outer = lower * -q.unary(UnaryFn::Sign);
    let in_tail = tail.clone().binary(BinaryFn::Lt, tail.like(0.02425));
    in_tail.select(outer, centre)
}
