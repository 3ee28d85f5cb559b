//! Slices added up, combined or put in place at given indices.

use super::index::places;
use super::{Input, Output, Plain, around, each_part, each_type};
use rhyton_base::{DType, Result, bf16, f16};
use rhyton_ops::ReduceFn;

/// Slices from this many bytes on are worth that every thread looks through all indices for its own.
const LONG: usize = 64;

/// `out[o, indices[i], r] += updates[o, i, r]` from zeros, in rising `i`.
pub fn scatter_add(axis: usize, indices: &Input, updates: &Input, out: &mut Output) -> Result<()> {
    let (_, size, inner) = around(out.shape, axis);
    let at = places(indices, size)?;
    out.bytes().fill(0);
    let dtype = out.dtype;
    each_type!(dtype, T => {
        combine(&at, size, inner, updates.of::<T>(), out.of::<T>(), |a: T, b: T| a.plus(b, dtype));
    });
    Ok(())
}

/// `out[indices[i], r] = f(out[indices[i], r], updates[i, r])` from the neutral number, in rising `i`.
pub fn reduce(f: ReduceFn, indices: &Input, updates: &Input, out: &mut Output) -> Result<()> {
    let (_, size, inner) = around(out.shape, 0);
    let at = places(indices, size)?;
    let dtype = out.dtype;
    each_type!(dtype, T => {
        let (from, to) = (updates.of::<T>(), out.of::<T>());
        to.fill(T::neutral(f, dtype));
        match f {
            ReduceFn::Sum => combine(&at, size, inner, from, to, |a: T, b: T| a.plus(b, dtype)),
            ReduceFn::Prod => combine(&at, size, inner, from, to, |a: T, b: T| a.times(b)),
            ReduceFn::Max => combine(&at, size, inner, from, to, |a: T, b: T| a.larger(b)),
            ReduceFn::Min => combine(&at, size, inner, from, to, |a: T, b: T| a.smaller(b)),
        }
    });
    Ok(())
}

/// `out = x`, then `out[indices[i], r] = updates[i, r]` in rising `i`.
pub fn set(x: &Input, indices: &Input, updates: &Input, out: &mut Output) -> Result<()> {
    let (_, size, inner) = around(out.shape, 0);
    let at = places(indices, size)?;
    out.bytes().copy_from_slice(x.bytes());
    each_type!(out.dtype, T => combine(&at, size, inner, updates.of::<T>(), out.of::<T>(), |_: T, b: T| b));
    Ok(())
}

/// `out[o, at[i], r] = f(out[o, at[i], r], updates[o, i, r])` in rising `i`. Threads share the rows of `out`.
fn combine<T: Plain>(
    at: &[usize],
    size: usize,
    inner: usize,
    updates: &[T],
    out: &mut [T],
    f: impl Fn(T, T) -> T + Sync,
) {
    if updates.is_empty() || out.is_empty() {
        return;
    }
    let bytes = std::mem::size_of_val(updates);
    let outer = out.len() / (size * inner);
    let cut = outer < 8 && inner * size_of::<T>() >= LONG;
    let rows = if cut { size.div_ceil(8) } else { size };
    let pieces = size.div_ceil(rows);
    // A part is a block of rows of one outer place.
    let parts = out.chunks_mut(size * inner).flat_map(|o| o.chunks_mut(rows * inner));
    let worth = if pieces * outer > 1 { bytes } else { 0 };
    each_part(parts, worth, |part, to| {
        let (o, first) = (part / pieces, part % pieces * rows);
        let from = &updates[o * at.len() * inner..(o + 1) * at.len() * inner];
        if inner == 1 {
            for (&place, &b) in at.iter().zip(from) {
                to[place - first] = f(to[place - first], b);
            }
            return;
        }
        for (&place, from) in at.iter().zip(from.chunks_exact(inner)) {
            let Some(row) = place.checked_sub(first).filter(|&row| row * inner < to.len()) else { continue };
            for (a, &b) in to[row * inner..(row + 1) * inner].iter_mut().zip(from) {
                *a = f(*a, b);
            }
        }
    });
}

/// Arithmetic as tensors do it: wrapping integers, half floats through `float32`, `bool` as "or" and "and".
pub trait Arithmetic: Plain {
    fn plus(self, other: Self, dtype: DType) -> Self;
    fn times(self, other: Self) -> Self;
    fn larger(self, other: Self) -> Self;
    fn smaller(self, other: Self) -> Self;
    /// What leaves the others as they are.
    fn neutral(f: ReduceFn, dtype: DType) -> Self;
}

macro_rules! integers {
    ($($t:ty)*) => {$(
        impl Arithmetic for $t {
            #[inline(always)]
            fn plus(self, other: $t, dtype: DType) -> $t {
                if dtype == DType::Bool { self | other } else { self.wrapping_add(other) }
            }
            #[inline(always)]
            fn times(self, other: $t) -> $t {
                self.wrapping_mul(other)
            }
            #[inline(always)]
            fn larger(self, other: $t) -> $t {
                self.max(other)
            }
            #[inline(always)]
            fn smaller(self, other: $t) -> $t {
                self.min(other)
            }
            fn neutral(f: ReduceFn, dtype: DType) -> $t {
                match f {
                    ReduceFn::Sum => 0,
                    ReduceFn::Prod => 1,
                    ReduceFn::Max => <$t>::MIN,
                    ReduceFn::Min if dtype == DType::Bool => 1,
                    ReduceFn::Min => <$t>::MAX,
                }
            }
        }
    )*};
}
integers! { u8 i8 u16 i16 u32 i32 u64 i64 }

macro_rules! floats {
    ($($t:ty: |$a:ident, $b:ident| $sum:expr, $product:expr;)*) => {$(
        impl Arithmetic for $t {
            #[inline(always)]
            fn plus(self, $b: $t, _: DType) -> $t {
                let $a = self;
                $sum
            }
            #[inline(always)]
            fn times(self, $b: $t) -> $t {
                let $a = self;
                $product
            }
            /// NaN wins, as in tensors.
            #[inline(always)]
            fn larger(self, other: $t) -> $t {
                if self.is_nan() || self > other { self } else { other }
            }
            #[inline(always)]
            fn smaller(self, other: $t) -> $t {
                if self.is_nan() || self < other { self } else { other }
            }
            fn neutral(f: ReduceFn, _: DType) -> $t {
                match f {
                    ReduceFn::Sum => <$t>::from(0i8),
                    ReduceFn::Prod => <$t>::from(1i8),
                    ReduceFn::Max => <$t>::NEG_INFINITY,
                    ReduceFn::Min => <$t>::INFINITY,
                }
            }
        }
    )*};
}

floats! {
    f16: |a, b| f16::from_f32(a.to_f32() + b.to_f32()), f16::from_f32(a.to_f32() * b.to_f32());
    bf16: |a, b| bf16::from_f32(a.to_f32() + b.to_f32()), bf16::from_f32(a.to_f32() * b.to_f32());
    f32: |a, b| a + b, a * b;
    f64: |a, b| a + b, a * b;
}
