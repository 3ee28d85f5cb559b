//! Between memory and registers: elements widened, narrowed, rounded, interleaved, and written past the caches.

use super::maps::{map1, map2};
#[cfg(all(target_arch = "x86_64", not(miri)))]
use crate::isa::Isa;
use crate::isa::{isa, widest};
use rhyton_base::{DType, bf16, f16};

widest! {
    /// `n` times the same four bytes.
    ///
    /// # Safety
    /// The pointer reaches over so many and is aligned for them.
    pub unsafe fn splat4(dst: *mut u8, x: u32, n: usize) = splat_any
}

widest! {
    /// `n` times the same eight bytes.
    ///
    /// # Safety
    /// The pointer reaches over so many and is aligned for them.
    pub unsafe fn splat8(dst: *mut u8, x: u64, n: usize) = splat_any
}

#[inline(always)]
unsafe fn splat_any<T: Copy>(dst: *mut u8, x: T, n: usize) {
    // SAFETY: the caller's promise.
    unsafe { (0..n).for_each(|i| dst.cast::<T>().add(i).write(x)) }
}

widest! {
    /// Neighbouring elements in memory as elements of their register class.
    ///
    /// # Safety
    /// Both pointers reach over `n` elements and do not overlap.
    pub unsafe fn widen(dtype: DType, dst: *mut u8, src: *const u8, n: usize) = widen_any
}

#[inline(always)]
unsafe fn widen_any(dtype: DType, dst: *mut u8, src: *const u8, n: usize) {
    // SAFETY: the caller's promise.
    unsafe {
        match dtype {
            DType::Bool | DType::U8 => map1(dst, src, n, |x: u8| i32::from(x)),
            DType::U16 => map1(dst, src, n, |x: u16| i32::from(x)),
            DType::I8 => map1(dst, src, n, |x: i8| i32::from(x)),
            DType::I16 => map1(dst, src, n, |x: i16| i32::from(x)),
            DType::U32 => map1(dst, src, n, |x: u32| i64::from(x)),
            DType::F16 => map1(dst, src, n, |x: f16| x.to_f32()),
            DType::BF16 => map1(dst, src, n, |x: bf16| x.to_f32()),
            native => dst.copy_from_nonoverlapping(src, n * native.size()),
        }
    }
}

widest! {
    /// Elements of a register as neighbouring elements in memory.
    ///
    /// # Safety
    /// Both pointers reach over `n` elements and overlap wholly or not at all.
    pub unsafe fn narrow(dtype: DType, dst: *mut u8, src: *const u8, n: usize) = narrow_any
}

#[inline(always)]
unsafe fn narrow_any(dtype: DType, dst: *mut u8, src: *const u8, n: usize) {
    // SAFETY: the caller's promise.
    unsafe {
        match dtype {
            DType::Bool | DType::U8 => map1(dst, src, n, |x: i32| x as u8),
            DType::U16 => map1(dst, src, n, |x: i32| x as u16),
            DType::I8 => map1(dst, src, n, |x: i32| x as i8),
            DType::I16 => map1(dst, src, n, |x: i32| x as i16),
            DType::U32 => map1(dst, src, n, |x: i64| x as u32),
            DType::F16 => map1(dst, src, n, |x: f32| f16::from_f32(x)),
            // Registers hold what has been rounded already.
            DType::BF16 => map1(dst, src, n, |x: f32| (x.to_bits() >> 16) as u16),
            // A loop may write its own input back unchanged.
            native => dst.copy_from(src, n * native.size()),
        }
    }
}

widest! {
    /// `float32`s rounded to neighbouring half floats in memory.
    ///
    /// # Safety
    /// Both pointers reach over `n` elements and do not overlap.
    pub unsafe fn round(dtype: DType, dst: *mut u8, src: *const u8, n: usize) = round_any
}

#[inline(always)]
unsafe fn round_any(dtype: DType, dst: *mut u8, src: *const u8, n: usize) {
    // SAFETY: the caller's promise.
    unsafe {
        match dtype {
            DType::BF16 => map1(dst, src, n, |x: f32| (rounded(x).to_bits() >> 16) as u16),
            _ => map1(dst, src, n, |x: f32| f16::from_f32(x)),
        }
    }
}

/// To the nearest `bfloat16`, of two equally near ones to the even one.
#[inline(always)]
pub(super) fn rounded(x: f32) -> f32 {
    let bits = x.to_bits();
    let nearest = bits.wrapping_add(0x7fff + (bits >> 16 & 1));
    f32::from_bits((if x.is_nan() { bits | 0x40_0000 } else { nearest }) & 0xffff_0000)
}

widest! {
    /// Pairs of 16 bits: those of `even` below those of `odd`.
    ///
    /// # Safety
    /// All pointers reach over `n` elements, and what is written overlaps nothing.
    pub unsafe fn interleave(dst: *mut u8, even: *const u8, odd: *const u8, n: usize) = interleave_any
}

#[inline(always)]
unsafe fn interleave_any(dst: *mut u8, even: *const u8, odd: *const u8, n: usize) {
    // SAFETY: the caller's promise.
    unsafe { map2(dst, even, odd, n, |e: u16, o: u16| u32::from(e) | u32::from(o) << 16) }
}

widest! {
    /// The same of `float32`s, rounded to `bfloat16`.
    ///
    /// # Safety
    /// As [`interleave`].
    pub unsafe fn interleave_rounded(dst: *mut u8, even: *const u8, odd: *const u8, n: usize) = interleave_rounded_any
}

#[inline(always)]
unsafe fn interleave_rounded_any(dst: *mut u8, even: *const u8, odd: *const u8, n: usize) {
    // SAFETY: the caller's promise.
    unsafe {
        map2(dst, even, odd, n, |e: f32, o: f32| rounded(e).to_bits() >> 16 | rounded(o).to_bits());
    }
}

/// Copies bytes past the caches where the machine can: memory is not read before it is written, and what is in the caches
/// stays there. [`fence`] must follow before others read them.
///
/// # Safety
/// Both pointers reach over `n` bytes and do not overlap.
pub unsafe fn stream(dst: *mut u8, src: *const u8, n: usize) {
    let whole = if dst.addr().is_multiple_of(LINE) { n / LINE * LINE } else { 0 };
    // SAFETY: the caller's promise; `isa` has found the features present.
    unsafe {
        match isa() {
            #[cfg(all(target_arch = "x86_64", not(miri)))]
            Isa::Avx512 => lines_avx512(dst, src, whole),
            #[cfg(all(target_arch = "x86_64", not(miri)))]
            Isa::Avx2 => lines_avx2(dst, src, whole),
            _ => dst.copy_from_nonoverlapping(src, whole),
        }
        dst.add(whole).copy_from_nonoverlapping(src.add(whole), n - whole);
    }
}

/// Bytes that caches hold together.
const LINE: usize = 64;

#[cfg(all(target_arch = "x86_64", not(miri)))]
#[target_feature(enable = "avx512f")]
unsafe fn lines_avx512(dst: *mut u8, src: *const u8, n: usize) {
    use std::arch::x86_64::{_mm512_loadu_si512, _mm512_stream_si512};
    for at in (0..n).step_by(LINE) {
        // SAFETY: the caller's promise; `dst` is aligned.
        unsafe { _mm512_stream_si512(dst.add(at).cast(), _mm512_loadu_si512(src.add(at).cast())) }
    }
}

#[cfg(all(target_arch = "x86_64", not(miri)))]
#[target_feature(enable = "avx2")]
unsafe fn lines_avx2(dst: *mut u8, src: *const u8, n: usize) {
    use std::arch::x86_64::{_mm256_loadu_si256, _mm256_stream_si256};
    for at in (0..n).step_by(LINE / 2) {
        // SAFETY: the caller's promise; `dst` is aligned.
        unsafe { _mm256_stream_si256(dst.add(at).cast(), _mm256_loadu_si256(src.add(at).cast())) }
    }
}

/// Orders what [`stream`] has written before what follows.
pub fn fence() {
    #[cfg(all(target_arch = "x86_64", not(miri)))]
    // SAFETY: every x86-64 has the instruction; it touches no memory.
    unsafe {
        std::arch::x86_64::_mm_sfence()
    }
}
