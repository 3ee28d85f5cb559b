//! What instructions compute: functions of floats and of integers, steps with numbers, casts.

use super::maps::{map1, map2, slice, slice_mut};
use super::memory::rounded;
use crate::math;
use crate::tape::{Bounds, Class, Step};
use rhyton_base::{DType, bf16, f16};
use rhyton_ops::{BinaryFn, UnaryFn};

macro_rules! with_numbers {
    ($affine:ident, $bound:ident, $t:ty) => {
        /// A NaN among the elements stays, as no comparison with it holds.
        #[inline(always)]
        pub(super) unsafe fn $affine(
            (f, g): (Step, Step),
            bounds: Option<[Bounds; 2]>,
            dst: *mut u8,
            a: *const u8,
            n: usize,
        ) {
            macro_rules! run {
                ($f:expr) => {
                    // SAFETY: the caller's promise.
                    unsafe {
                        match bounds {
                            None => map1::<$t, _>(dst, a, n, $f),
                            Some(bounds) => {
                                let [before, after] = bounds.map(|b| (b.low as $t, b.high as $t));
                                let within = |(low, high): ($t, $t), x: $t| {
                                    let x = if low > x { low } else { x };
                                    if high < x { high } else { x }
                                };
                                map1::<$t, _>(dst, a, n, |x| within(after, $f(within(before, x))))
                            }
                        }
                    }
                };
            }
            macro_rules! then {
                ($f:expr) => {
                    match g {
                        Step::Mul(k) => run!(|x| $f(x) * k as $t),
                        Step::Add(k) => run!(|x| $f(x) + k as $t),
                        Step::From(k) => run!(|x| k as $t - $f(x)),
                    }
                };
            }
            match f {
                Step::Mul(k) => then!(|x: $t| x * k as $t),
                Step::Add(k) => then!(|x: $t| x + k as $t),
                Step::From(k) => then!(|x: $t| k as $t - x),
            }
        }

        /// As above.
        #[inline(always)]
        pub(super) unsafe fn $bound(least: bool, k: $t, dst: *mut u8, a: *const u8, n: usize) {
            // SAFETY: the caller's promise.
            unsafe {
                match least {
                    true => map1::<$t, _>(dst, a, n, |x| if k < x { k } else { x }),
                    false => map1::<$t, _>(dst, a, n, |x| if k > x { k } else { x }),
                }
            }
        }
    };
}

with_numbers!(affine_f32, bound_f32, f32);
with_numbers!(affine_f64, bound_f64, f64);

macro_rules! float_ops {
    ($unary:ident, $binary:ident, $t:ty, $m:path) => {
        #[inline(always)]
        pub(super) unsafe fn $unary(f: UnaryFn, dst: *mut u8, a: *const u8, n: usize) {
            use $m as m;
            macro_rules! go {
                ($e:expr) => {
                    // SAFETY: the caller's promise.
                    unsafe { map1::<$t, _>(dst, a, n, $e) }
                };
            }
            match f {
                UnaryFn::Neg => go!(|x: $t| -x),
                UnaryFn::Abs => go!(|x: $t| x.abs()),
                UnaryFn::Sign => go!(|x: $t| if x > 0.0 {
                    1.0
                } else if x < 0.0 {
                    -1.0
                } else {
                    x
                }),
                UnaryFn::Exp => go!(m::exp),
                UnaryFn::Expm1 => go!(m::expm1),
                UnaryFn::Log => go!(m::log),
                UnaryFn::Log1p => go!(m::log1p),
                UnaryFn::Log2 => go!(m::log2),
                UnaryFn::Log10 => go!(m::log10),
                UnaryFn::Sqrt => go!(|x: $t| x.sqrt()),
                UnaryFn::Cbrt => go!(m::cbrt),
                UnaryFn::Rsqrt => go!(m::rsqrt),
                UnaryFn::Sin => {
                    go!(m::sin);
                    // The fast form serves small angles only.
                    // SAFETY: the caller's promise.
                    let (dst, a) = unsafe { (slice_mut::<$t>(dst, n), slice::<$t>(a, n)) };
                    for i in 0..n {
                        if a[i].abs() > m::SIN_COS_MAX {
                            dst[i] = a[i].sin();
                        }
                    }
                }
                UnaryFn::Cos => {
                    go!(m::cos);
                    // The fast form serves small angles only.
                    // SAFETY: the caller's promise.
                    let (dst, a) = unsafe { (slice_mut::<$t>(dst, n), slice::<$t>(a, n)) };
                    for i in 0..n {
                        if a[i].abs() > m::SIN_COS_MAX {
                            dst[i] = a[i].cos();
                        }
                    }
                }
                UnaryFn::Tan => go!(|x: $t| x.tan()),
                UnaryFn::Asin => go!(|x: $t| x.asin()),
                UnaryFn::Acos => go!(|x: $t| x.acos()),
                UnaryFn::Atan => go!(|x: $t| x.atan()),
                UnaryFn::Sinh => go!(m::sinh),
                UnaryFn::Cosh => go!(m::cosh),
                UnaryFn::Tanh => go!(m::tanh),
                UnaryFn::Asinh => go!(m::asinh),
                UnaryFn::Acosh => go!(m::acosh),
                UnaryFn::Atanh => go!(m::atanh),
                UnaryFn::Erf => go!(m::erf),
                UnaryFn::Erfc => go!(m::erfc),
                UnaryFn::Erfinv => go!(m::erfinv),
                UnaryFn::BesselI0 => go!(m::bessel_i0),
                UnaryFn::BesselI1 => go!(m::bessel_i1),
                UnaryFn::Sigmoid => go!(m::sigmoid),
                UnaryFn::Floor => go!(m::floor),
                UnaryFn::Ceil => go!(m::ceil),
                UnaryFn::Trunc => go!(m::trunc),
                UnaryFn::Round => go!(m::round),
                UnaryFn::Not => unreachable!("floats have no bitwise not"),
                UnaryFn::IsNan => go!(|x: $t| i32::from(x.is_nan())),
                UnaryFn::IsInf => go!(|x: $t| i32::from(x.is_infinite())),
                UnaryFn::IsFinite => go!(|x: $t| i32::from(x.is_finite())),
                UnaryFn::SignBit => go!(|x: $t| i32::from(x.is_sign_negative())),
            }
        }

        #[inline(always)]
        pub(super) unsafe fn $binary(f: BinaryFn, dst: *mut u8, a: *const u8, b: *const u8, n: usize) {
            use $m as m;
            macro_rules! go {
                ($e:expr) => {
                    // SAFETY: the caller's promise.
                    unsafe { map2::<$t, _>(dst, a, b, n, $e) }
                };
            }
            match f {
                BinaryFn::Add => go!(|x, y| x + y),
                BinaryFn::Sub => go!(|x, y| x - y),
                BinaryFn::Mul => go!(|x, y| x * y),
                BinaryFn::Div => go!(|x, y| x / y),
                BinaryFn::Rem => go!(|x: $t, y: $t| {
                    let r = x % y;
                    if r != 0.0 && (r < 0.0) != (y < 0.0) { r + y } else { r }
                }),
                BinaryFn::TruncRem => go!(|x: $t, y: $t| x % y),
                BinaryFn::Pow => go!(m::pow),
                // Where `x` is NaN the comparison fails and it stays. Of equal numbers, zeros too, the first counts.
                BinaryFn::Max => go!(|x: $t, y: $t| {
                    let larger = if y > x { y } else { x };
                    if y.is_nan() { y } else { larger }
                }),
                BinaryFn::Min => go!(|x: $t, y: $t| {
                    let smaller = if y < x { y } else { x };
                    if y.is_nan() { y } else { smaller }
                }),
                BinaryFn::Atan2 => go!(|x: $t, y: $t| x.atan2(y)),
                BinaryFn::Hypot => go!(m::hypot),
                BinaryFn::NextAfter => go!(m::next_after),
                BinaryFn::NextAfterF16 => go!(|x: $t, y: $t| {
                    let half = |v: $t| f16::from_f64(f64::from(v));
                    math::next_after_f16(half(x), half(y)).to_f32() as $t
                }),
                BinaryFn::NextAfterBF16 => go!(|x: $t, y: $t| {
                    let half = |v: $t| bf16::from_f64(f64::from(v));
                    math::next_after_bf16(half(x), half(y)).to_f32() as $t
                }),
                BinaryFn::GammaInc => go!(m::gamma_inc),
                BinaryFn::GammaDensity => go!(m::gamma_density),
                BinaryFn::Eq => go!(|x, y| i32::from(x == y)),
                BinaryFn::Ne => go!(|x, y| i32::from(x != y)),
                BinaryFn::Lt => go!(|x, y| i32::from(x < y)),
                BinaryFn::Le => go!(|x, y| i32::from(x <= y)),
                BinaryFn::Gt => go!(|x, y| i32::from(x > y)),
                BinaryFn::Ge => go!(|x, y| i32::from(x >= y)),
                BinaryFn::And
                | BinaryFn::Or
                | BinaryFn::Xor
                | BinaryFn::ShiftLeft
                | BinaryFn::ShiftRight
                | BinaryFn::Gcd => {
                    unreachable!("floats have no operations of integers")
                }
            }
        }
    };
}

float_ops!(unary_f32, binary_f32, f32, math);
float_ops!(unary_f64, binary_f64, f64, math::f64_);

macro_rules! int_ops {
    ($unary:ident, $binary:ident, $t:ty) => {
        #[inline(always)]
        pub(super) unsafe fn $unary(f: UnaryFn, dst: *mut u8, a: *const u8, n: usize) {
            macro_rules! go {
                ($e:expr) => {
                    // SAFETY: the caller's promise.
                    unsafe { map1::<$t, _>(dst, a, n, $e) }
                };
            }
            #[allow(unused_comparisons)]
            match f {
                UnaryFn::Neg => go!(|x: $t| x.wrapping_neg()),
                UnaryFn::Abs => go!(|x: $t| if x < 0 { x.wrapping_neg() } else { x }),
                UnaryFn::Sign => go!(|x: $t| (x > 0) as $t - (x < 0) as $t),
                UnaryFn::Not => go!(|x: $t| !x),
                UnaryFn::Floor | UnaryFn::Ceil | UnaryFn::Trunc | UnaryFn::Round => go!(|x: $t| x),
                UnaryFn::IsNan | UnaryFn::IsInf => go!(|_: $t| 0i32),
                UnaryFn::IsFinite => go!(|_: $t| 1i32),
                UnaryFn::SignBit => go!(|x: $t| i32::from(x < 0)),
                _ => unreachable!("the shape rule casts integers to floats before {f:?}"),
            }
        }

        #[inline(always)]
        pub(super) unsafe fn $binary(f: BinaryFn, dst: *mut u8, a: *const u8, b: *const u8, n: usize) {
            macro_rules! go {
                ($e:expr) => {
                    // SAFETY: the caller's promise.
                    unsafe { map2::<$t, _>(dst, a, b, n, $e) }
                };
            }
            #[allow(unused_comparisons)]
            match f {
                BinaryFn::Add => go!(|x: $t, y: $t| x.wrapping_add(y)),
                BinaryFn::Sub => go!(|x: $t, y: $t| x.wrapping_sub(y)),
                BinaryFn::Mul => go!(|x: $t, y: $t| x.wrapping_mul(y)),
                BinaryFn::Div => go!(|x: $t, y: $t| if y == 0 {
                    0
                } else {
                    let q = x.wrapping_div(y);
                    q.wrapping_sub((x.wrapping_rem(y) != 0 && (x < 0) != (y < 0)) as $t)
                }),
                BinaryFn::Rem => go!(|x: $t, y: $t| if y == 0 {
                    0
                } else {
                    let r = x.wrapping_rem(y);
                    if r != 0 && (r < 0) != (y < 0) { r.wrapping_add(y) } else { r }
                }),
                BinaryFn::TruncRem => go!(|x: $t, y: $t| if y == 0 { 0 } else { x.wrapping_rem(y) }),
                BinaryFn::Gcd => go!(|x: $t, y: $t| gcd(i128::from(x), i128::from(y)) as $t),
                BinaryFn::Pow => go!(|x: $t, y: $t| power(i128::from(x), i128::from(y)) as $t),
                BinaryFn::Max => go!(|x: $t, y: $t| x.max(y)),
                BinaryFn::Min => go!(|x: $t, y: $t| x.min(y)),
                BinaryFn::Atan2
                | BinaryFn::Hypot
                | BinaryFn::NextAfter
                | BinaryFn::NextAfterF16
                | BinaryFn::NextAfterBF16
                | BinaryFn::GammaInc
                | BinaryFn::GammaDensity => unreachable!("the shape rule casts integers to floats before"),
                BinaryFn::And => go!(|x: $t, y: $t| x & y),
                BinaryFn::Or => go!(|x: $t, y: $t| x | y),
                BinaryFn::Xor => go!(|x: $t, y: $t| x ^ y),
                BinaryFn::ShiftLeft => go!(|x: $t, y: $t| x.checked_shl(y.clamp(0, 127) as u32).unwrap_or(0)),
                BinaryFn::ShiftRight => go!(|x: $t, y: $t| {
                    let beyond = if x < 0 { (0 as $t).wrapping_sub(1) } else { 0 };
                    x.checked_shr(y.clamp(0, 127) as u32).unwrap_or(beyond)
                }),
                BinaryFn::Eq => go!(|x: $t, y: $t| i32::from(x == y)),
                BinaryFn::Ne => go!(|x: $t, y: $t| i32::from(x != y)),
                BinaryFn::Lt => go!(|x: $t, y: $t| i32::from(x < y)),
                BinaryFn::Le => go!(|x: $t, y: $t| i32::from(x <= y)),
                BinaryFn::Gt => go!(|x: $t, y: $t| i32::from(x > y)),
                BinaryFn::Ge => go!(|x: $t, y: $t| i32::from(x >= y)),
            }
        }
    };
}

int_ops!(unary_i32, binary_i32, i32);
int_ops!(unary_i64, binary_i64, i64);
int_ops!(unary_u64, binary_u64, u64);

/// The greatest common divisor, by Euclid's algorithm.
fn gcd(x: i128, y: i128) -> i128 {
    let (mut a, mut b) = (x.unsigned_abs() as u64, y.unsigned_abs() as u64);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    i128::from(a)
}

/// `x` to the power `y`, wrapped to 64 bits; 0 for negative exponents of anything but ±1.
fn power(x: i128, y: i128) -> i128 {
    if y < 0 {
        return match x {
            1 => 1,
            -1 if y % 2 == 0 => 1,
            -1 => -1,
            _ => 0,
        };
    }
    let (mut base, mut exponent, mut out) = (x as i64 as i128, y, 1i128);
    while exponent > 0 {
        if exponent & 1 == 1 {
            out = i128::from((out as i64).wrapping_mul(base as i64));
        }
        base = i128::from((base as i64).wrapping_mul(base as i64));
        exponent >>= 1;
    }
    out
}

#[inline(always)]
pub(super) unsafe fn convert(from: Class, to: DType, dst: *mut u8, a: *const u8, n: usize) {
    macro_rules! to {
        ($t:ty) => {
            // SAFETY: the caller's promise.
            unsafe {
                match to {
                    DType::Bool => map1(dst, a, n, |x: $t| i32::from(x != 0 as $t)),
                    DType::U8 => map1(dst, a, n, |x: $t| i32::from(x as u8)),
                    DType::U16 => map1(dst, a, n, |x: $t| i32::from(x as u16)),
                    DType::U32 => map1(dst, a, n, |x: $t| i64::from(x as u32)),
                    DType::U64 => map1(dst, a, n, |x: $t| x as u64),
                    DType::I8 => map1(dst, a, n, |x: $t| i32::from(x as i8)),
                    DType::I16 => map1(dst, a, n, |x: $t| i32::from(x as i16)),
                    DType::I32 => map1(dst, a, n, |x: $t| x as i32),
                    DType::I64 => map1(dst, a, n, |x: $t| x as i64),
                    DType::F16 => map1(dst, a, n, |x: $t| f16::from_f64(x as f64).to_f32()),
                    DType::BF16 => map1(dst, a, n, |x: $t| rounded(x as f32)),
                    DType::F32 => map1(dst, a, n, |x: $t| x as f32),
                    DType::F64 => map1(dst, a, n, |x: $t| x as f64),
                }
            }
        };
    }
    match from {
        Class::F32 => to!(f32),
        Class::F64 => to!(f64),
        Class::I32 => to!(i32),
        Class::I64 => to!(i64),
        Class::U64 => to!(u64),
    }
}

#[inline(always)]
pub(super) unsafe fn wrap(to: DType, dst: *mut u8, a: *const u8, n: usize) {
    // SAFETY: the caller's promise.
    unsafe {
        match to {
            DType::U8 => map1(dst, a, n, |x: i32| i32::from(x as u8)),
            DType::U16 => map1(dst, a, n, |x: i32| i32::from(x as u16)),
            DType::I8 => map1(dst, a, n, |x: i32| i32::from(x as i8)),
            DType::I16 => map1(dst, a, n, |x: i32| i32::from(x as i16)),
            DType::U32 => map1(dst, a, n, |x: i64| i64::from(x as u32)),
            DType::F16 => map1(dst, a, n, |x: f32| f16::from_f32(x).to_f32()),
            DType::BF16 => map1(dst, a, n, rounded),
            DType::Bool | DType::I32 | DType::I64 | DType::U64 | DType::F32 | DType::F64 => {
                unreachable!("{to} fills its register")
            }
        }
    }
}
