//! Functions of one, two and three registers, element by element.

use crate::tape::Arithmetic;
use std::ops::{Add, Div, Mul, Sub};

/// `dst[i] = f(a[i])`. The slices do not overlap, which lets the compiler use vectors of any length.
#[inline(always)]
pub(super) unsafe fn map1<A: Copy, R: Copy>(dst: *mut u8, a: *const u8, n: usize, f: impl Fn(A) -> R) {
    // SAFETY: both reach over `n` elements, and a destination is never a source.
    let (dst, a) = unsafe { (slice_mut::<R>(dst, n), slice::<A>(a, n)) };
    // Plain loops: an iterator's `for_each` could be compiled as a function without the wider instructions.
    for i in 0..n {
        dst[i] = f(a[i]);
    }
}

/// `dst[i] = f(a[i], b[i])`.
#[inline(always)]
pub(super) unsafe fn map2<A: Copy, R: Copy>(
    dst: *mut u8,
    a: *const u8,
    b: *const u8,
    n: usize,
    f: impl Fn(A, A) -> R,
) {
    // SAFETY: as in `map1`.
    let (dst, a, b) = unsafe { (slice_mut::<R>(dst, n), slice::<A>(a, n), slice::<A>(b, n)) };
    for i in 0..n {
        dst[i] = f(a[i], b[i]);
    }
}

/// `dst[i] = if c[i] != 0 { a[i] } else { b[i] }`.
#[inline(always)]
pub(super) unsafe fn select<T: Copy>(dst: *mut u8, c: *const u8, a: *const u8, b: *const u8, n: usize) {
    // SAFETY: as in `map1`.
    let (dst, c, a, b) =
        unsafe { (slice_mut::<T>(dst, n), slice::<i32>(c, n), slice::<T>(a, n), slice::<T>(b, n)) };
    for i in 0..n {
        dst[i] = if c[i] != 0 { a[i] } else { b[i] };
    }
}

/// `dst[i] = g(f(a[i], b[i]), c[i])`, or with the arguments of `g` turned.
#[inline(always)]
pub(super) unsafe fn chain<T>(
    (f, g, turned): (Arithmetic, Arithmetic, bool),
    dst: *mut u8,
    [a, b, c]: [*mut u8; 3],
    n: usize,
) where
    T: Copy + Add<Output = T> + Sub<Output = T> + Mul<Output = T> + Div<Output = T>,
{
    // SAFETY: as in `map1`.
    let (dst, a, b, c) =
        unsafe { (slice_mut::<T>(dst, n), slice::<T>(a, n), slice::<T>(b, n), slice::<T>(c, n)) };
    macro_rules! then {
        ($f:expr) => {
            match (g, turned) {
                (Arithmetic::Add, _) => go!($f, |t: T, c: T| t + c),
                (Arithmetic::Mul, _) => go!($f, |t: T, c: T| t * c),
                (Arithmetic::Sub, false) => go!($f, |t: T, c: T| t - c),
                (Arithmetic::Sub, true) => go!($f, |t: T, c: T| c - t),
                (Arithmetic::Div, false) => go!($f, |t: T, c: T| t / c),
                (Arithmetic::Div, true) => go!($f, |t: T, c: T| c / t),
            }
        };
    }
    macro_rules! go {
        ($f:expr, $g:expr) => {
            for i in 0..n {
                dst[i] = $g($f(a[i], b[i]), c[i]);
            }
        };
    }
    match f {
        Arithmetic::Add => then!(|a: T, b: T| a + b),
        Arithmetic::Sub => then!(|a: T, b: T| a - b),
        Arithmetic::Mul => then!(|a: T, b: T| a * b),
        Arithmetic::Div => then!(|a: T, b: T| a / b),
    }
}

#[inline(always)]
pub(super) unsafe fn slice<'a, T>(p: *const u8, n: usize) -> &'a [T] {
    // SAFETY: the caller's promise.
    unsafe { std::slice::from_raw_parts(p.cast(), n) }
}

#[inline(always)]
pub(super) unsafe fn slice_mut<'a, T>(p: *mut u8, n: usize) -> &'a mut [T] {
    // SAFETY: the caller's promise.
    unsafe { std::slice::from_raw_parts_mut(p.cast(), n) }
}
