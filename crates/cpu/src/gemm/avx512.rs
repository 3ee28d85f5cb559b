//! Vector operations of AVX-512: 32 registers of 16 `f32` or 8 `f64`.

use super::kernel::{Isa, Simd, Tile, families, tile};
use super::listed_kernel::listed;
use super::paired::{Halves, MAGNITUDES, Pairs, Two, pairs};
use super::sparse_kernel::{Sparse, sparse};
use std::arch::{asm, x86_64::*};
use std::mem::transmute;

/// Whether this machine has what these kernels need.
pub(super) fn available() -> bool {
    is_x86_feature_detected!("avx512f")
}

#[derive(Clone, Copy)]
struct Single;

// SAFETY (all functions): the caller has AVX-512 and passes pointers to as many elements as are touched.
#[allow(clippy::undocumented_unsafe_blocks)]
impl Simd for Single {
    type T = f32;
    type V = __m512;
    type M = __mmask16;
    const LANES: usize = 16;

    #[inline(always)]
    unsafe fn mask(lanes: usize) -> __mmask16 {
        ((1u32 << lanes) - 1) as u16
    }
    #[inline(always)]
    unsafe fn zero() -> __m512 {
        unsafe { _mm512_setzero_ps() }
    }
    #[inline(always)]
    unsafe fn splat(p: *const f32) -> __m512 {
        unsafe { _mm512_set1_ps(*p) }
    }
    #[inline(always)]
    unsafe fn load(p: *const f32) -> __m512 {
        unsafe { _mm512_loadu_ps(p) }
    }
    #[inline(always)]
    unsafe fn load_part(p: *const f32, mask: __mmask16) -> __m512 {
        unsafe { _mm512_maskz_loadu_ps(mask, p) }
    }
    #[inline(always)]
    unsafe fn store(p: *mut f32, v: __m512) {
        unsafe { _mm512_storeu_ps(p, v) }
    }
    #[inline(always)]
    unsafe fn store_part(p: *mut f32, v: __m512, mask: __mmask16) {
        unsafe { _mm512_mask_storeu_ps(p, mask, v) }
    }
    #[inline(always)]
    unsafe fn fma(a: __m512, b: __m512, c: __m512) -> __m512 {
        unsafe { _mm512_fmadd_ps(a, b, c) }
    }
    #[inline(always)]
    unsafe fn add(a: __m512, b: __m512) -> __m512 {
        unsafe { _mm512_add_ps(a, b) }
    }
    #[inline(always)]
    unsafe fn keep(mut x: isize) -> isize {
        unsafe { asm!("/* {0} */", inout(reg) x, options(pure, nomem, nostack, preserves_flags)) };
        x
    }
    #[inline(always)]
    unsafe fn will_write(p: *const f32) {
        unsafe { _mm_prefetch::<_MM_HINT_ET0>(p.cast()) }
    }
    #[inline(always)]
    unsafe fn will_read(p: *const f32) {
        unsafe { _mm_prefetch::<_MM_HINT_T0>(p.cast()) }
    }
}

impl Halves for Single {
    #[inline(always)]
    unsafe fn upper(v: __m512) -> __m512 {
        let upper = 0xffff_0000_u32 as i32;
        // SAFETY: the caller has AVX-512.
        unsafe { _mm512_castsi512_ps(_mm512_and_si512(_mm512_castps_si512(v), _mm512_set1_epi32(upper))) }
    }
    #[inline(always)]
    unsafe fn lower(v: __m512) -> __m512 {
        // SAFETY: the caller has AVX-512.
        unsafe { _mm512_castsi512_ps(_mm512_slli_epi32::<16>(_mm512_castps_si512(v))) }
    }
}

/// Whether this machine multiplies pairs of `bfloat16`s.
pub(super) fn has_pairs() -> bool {
    available() && is_x86_feature_detected!("avx512bf16")
}

/// Pairs by the machine's own instruction.
#[derive(Clone, Copy)]
struct Dot;

impl Pairs for Dot {
    type S = Single;

    #[inline(always)]
    unsafe fn dot(a: __m512, b: __m512, c: __m512) -> __m512 {
        // SAFETY: the caller has AVX-512 BF16; all bits are pairs of numbers.
        unsafe {
            let (a, b) = (transmute::<__m512, __m512bh>(a), transmute::<__m512, __m512bh>(b));
            _mm512_dpbf16_ps(c, a, b)
        }
    }
}

#[derive(Clone, Copy)]
struct Double;

// SAFETY (all functions): the caller has AVX-512 and passes pointers to as many elements as are touched.
#[allow(clippy::undocumented_unsafe_blocks)]
impl Simd for Double {
    type T = f64;
    type V = __m512d;
    type M = __mmask8;
    const LANES: usize = 8;

    #[inline(always)]
    unsafe fn mask(lanes: usize) -> __mmask8 {
        ((1u32 << lanes) - 1) as u8
    }
    #[inline(always)]
    unsafe fn zero() -> __m512d {
        unsafe { _mm512_setzero_pd() }
    }
    #[inline(always)]
    unsafe fn splat(p: *const f64) -> __m512d {
        unsafe { _mm512_set1_pd(*p) }
    }
    #[inline(always)]
    unsafe fn load(p: *const f64) -> __m512d {
        unsafe { _mm512_loadu_pd(p) }
    }
    #[inline(always)]
    unsafe fn load_part(p: *const f64, mask: __mmask8) -> __m512d {
        unsafe { _mm512_maskz_loadu_pd(mask, p) }
    }
    #[inline(always)]
    unsafe fn store(p: *mut f64, v: __m512d) {
        unsafe { _mm512_storeu_pd(p, v) }
    }
    #[inline(always)]
    unsafe fn store_part(p: *mut f64, v: __m512d, mask: __mmask8) {
        unsafe { _mm512_mask_storeu_pd(p, mask, v) }
    }
    #[inline(always)]
    unsafe fn fma(a: __m512d, b: __m512d, c: __m512d) -> __m512d {
        unsafe { _mm512_fmadd_pd(a, b, c) }
    }
    #[inline(always)]
    unsafe fn add(a: __m512d, b: __m512d) -> __m512d {
        unsafe { _mm512_add_pd(a, b) }
    }
    #[inline(always)]
    unsafe fn keep(mut x: isize) -> isize {
        unsafe { asm!("/* {0} */", inout(reg) x, options(pure, nomem, nostack, preserves_flags)) };
        x
    }
    #[inline(always)]
    unsafe fn will_write(p: *const f64) {
        unsafe { _mm_prefetch::<_MM_HINT_ET0>(p.cast()) }
    }
    #[inline(always)]
    unsafe fn will_read(p: *const f64) {
        unsafe { _mm_prefetch::<_MM_HINT_T0>(p.cast()) }
    }
}

#[target_feature(enable = "avx512f")]
unsafe fn single<const ROWS: usize, const VECTORS: usize, const UNIT: bool>(t: &Tile<f32>) {
    // SAFETY: AVX-512 is enabled here; the rest is the caller's promise.
    unsafe { tile::<Single, ROWS, VECTORS, UNIT>(t) }
}

#[target_feature(enable = "avx512f")]
unsafe fn double<const ROWS: usize, const VECTORS: usize, const UNIT: bool>(t: &Tile<f64>) {
    // SAFETY: AVX-512 is enabled here; the rest is the caller's promise.
    unsafe { tile::<Double, ROWS, VECTORS, UNIT>(t) }
}

/// Four `k` of up to 16 rows, four elements at a time: blocks of 4 x 4 meet in the four lanes of a vector.
#[target_feature(enable = "avx512f")]
unsafe fn transpose_single(dst: *mut f32, stride: isize, src: *const f32, step: isize, width: usize) {
    // SAFETY: rows are held below `width`, and of every row 4 elements are read, as the caller promises.
    unsafe {
        let four = |x: usize| _mm_loadu_ps(src.offset(x.min(width - 1) as isize * step));
        let rows = |x: usize| {
            let v = _mm512_castps128_ps512(four(x));
            let v = _mm512_insertf32x4::<1>(v, four(x + 4));
            let v = _mm512_insertf32x4::<2>(v, four(x + 8));
            _mm512_insertf32x4::<3>(v, four(x + 12))
        };
        let (r0, r1, r2, r3) = (rows(0), rows(1), rows(2), rows(3));
        let low = _mm512_castps_pd(_mm512_unpacklo_ps(r0, r1));
        let low2 = _mm512_castps_pd(_mm512_unpacklo_ps(r2, r3));
        let high = _mm512_castps_pd(_mm512_unpackhi_ps(r0, r1));
        let high2 = _mm512_castps_pd(_mm512_unpackhi_ps(r2, r3));
        let mask = Single::mask(width);
        let put =
            |k: isize, v: __m512d| Single::store_part(dst.offset(k * stride), _mm512_castpd_ps(v), mask);
        put(0, _mm512_unpacklo_pd(low, low2));
        put(1, _mm512_unpackhi_pd(low, low2));
        put(2, _mm512_unpacklo_pd(high, high2));
        put(3, _mm512_unpackhi_pd(high, high2));
    }
}

/// Lists 16 elements at a time; see [`Sparse::list`].
#[target_feature(enable = "avx512f")]
unsafe fn list_single(
    src: *const f32,
    length: usize,
    first: u32,
    step: u32,
    values: *mut f32,
    places: *mut u32,
) -> usize {
    // SAFETY: the caller's promise.
    unsafe {
        list_where(src, length, first, step, values, places, |x| {
            _mm512_cmp_ps_mask::<_CMP_NEQ_UQ>(x, _mm512_setzero_ps())
        })
    }
}

/// The same for pairs of `bfloat16`s.
#[target_feature(enable = "avx512f")]
unsafe fn list_pairs(
    src: *const f32,
    length: usize,
    first: u32,
    step: u32,
    values: *mut f32,
    places: *mut u32,
) -> usize {
    // SAFETY: the caller's promise.
    unsafe {
        list_where(src, length, first, step, values, places, |x| {
            _mm512_test_epi32_mask(_mm512_castps_si512(x), _mm512_set1_epi32(MAGNITUDES as i32))
        })
    }
}

#[inline]
#[target_feature(enable = "avx512f")]
unsafe fn list_where(
    src: *const f32,
    length: usize,
    first: u32,
    step: u32,
    values: *mut f32,
    places: *mut u32,
    is_other: impl Fn(__m512) -> __mmask16,
) -> usize {
    // SAFETY: elements are read below `length`; the lists have room for a vector more than are found.
    unsafe {
        let numbers = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
        let mut place = _mm512_add_epi32(
            _mm512_mullo_epi32(numbers, _mm512_set1_epi32(step as i32)),
            _mm512_set1_epi32(first as i32),
        );
        let further = _mm512_set1_epi32(step.wrapping_mul(16) as i32);
        let mut found = 0;
        for i in (0..length).step_by(16) {
            let x = _mm512_maskz_loadu_ps(Single::mask((length - i).min(16)), src.add(i));
            let kept = is_other(x);
            _mm512_storeu_ps(values.add(found), _mm512_maskz_compress_ps(kept, x));
            _mm512_storeu_si512(places.add(found).cast(), _mm512_maskz_compress_epi32(kept, place));
            found += kept.count_ones() as usize;
            place = _mm512_add_epi32(place, further);
        }
        found
    }
}

/// Kernels for `f32`.
pub(super) static F32: Isa<f32> = Isa {
    lanes: 16,
    families: families!(
        single, f32,
        [1 2 3 4 5 6 7 8 9 10 11 12 13 14] [1 2 3 4 5 6 7 8 9 10 11 12 13 14] 1,
        [1 2 3 4 5 6 7 8 9 10 11 12 13 14] [1 2 3 4 5 6 7 8 9 10 11] 2,
        [1 2 3 4 5 6] [1 2 3 4 5] 4,
        [1 2] [1 2] 8
    ),
    transpose: Some(transpose_single),
    sparse: &Sparse {
        list: list_single,
        ..sparse!(
            #[target_feature(enable = "avx512f")]
            Single,
            f32, 1 2 4
        )
    },
    listed: Some(&listed!(
        #[target_feature(enable = "avx512f")]
        Single
    )),
};

/// Kernels for `f64`.
pub(super) static F64: Isa<f64> = Isa {
    lanes: 8,
    families: families!(
        double, f64,
        [1 2 3 4 5 6 7 8 9 10 11 12 13 14] [1 2 3 4 5 6 7 8 9 10 11 12 13 14] 1,
        [1 2 3 4 5 6 7 8 9 10 11 12 13 14] [1 2 3 4 5 6 7 8 9 10 11] 2,
        [1 2 3 4 5 6] [1 2 3 4 5] 4,
        [1 2] [1 2] 8
    ),
    transpose: None,
    sparse: &sparse!(
        #[target_feature(enable = "avx512f")]
        Double,
        f64, 1 2 4
    ),
    listed: None,
};

/// Kernels for pairs of `bfloat16`s, where the machine has an instruction for them.
pub(super) static PAIRS: Isa<f32> = Isa { sparse: &Sparse { list: list_pairs, ..*DOT.sparse }, ..DOT };

const DOT: Isa<f32> = pairs!(
    #[target_feature(enable = "avx512f,avx512bf16")]
    Dot,
    lanes: 16,
    families: [
        [1 2 3 4 5 6 7 8 9 10 11 12 13 14] [1 2 3 4 5 6 7 8 9 10 11 12 13 14] 1,
        [1 2 3 4 5 6 7 8 9 10 11 12 13 14] [1 2 3 4 5 6 7 8 9 10 11] 2,
        [1 2 3 4 5 6] [1 2 3 4 5] 4,
        [1 2] [1 2] 8
    ],
    transpose: Some(transpose_single)
);

/// Kernels for pairs of `bfloat16`s on other machines.
pub(super) static TWO_PAIRS: Isa<f32> = pairs!(
    #[target_feature(enable = "avx512f")]
    Two<Single>,
    lanes: 16,
    families: [[1 2 3 4 5 6 7 8] [1 2 3 4 5 6 7 8] 1, [1 2 3 4 5 6 7 8] [1 2 3 4 5 6 7 8] 2, [1 2] [1 2] 4, [1] [1] 8],
    transpose: Some(transpose_single)
);
