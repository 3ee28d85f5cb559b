//! Vector operations of AVX2 with fused multiply-add: 16 registers of 8 `f32` or 4 `f64`.

use super::kernel::{Isa, Simd, Tile, families, tile};
use super::listed_kernel::listed;
use super::paired::{Halves, Two, pairs};
use super::sparse_kernel::sparse;
use std::arch::{asm, x86_64::*};

/// Whether this machine has what these kernels need.
pub(super) fn available() -> bool {
    is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma")
}

#[derive(Clone, Copy)]
struct Single;

// SAFETY (all functions): the caller has AVX2 and FMA and passes pointers to as many elements as are touched.
#[allow(clippy::undocumented_unsafe_blocks)]
impl Simd for Single {
    type T = f32;
    type V = __m256;
    type M = __m256i;
    const LANES: usize = 8;

    #[inline(always)]
    unsafe fn mask(lanes: usize) -> __m256i {
        unsafe {
            let counts = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
            _mm256_cmpgt_epi32(_mm256_set1_epi32(lanes as i32), counts)
        }
    }
    #[inline(always)]
    unsafe fn zero() -> __m256 {
        unsafe { _mm256_setzero_ps() }
    }
    #[inline(always)]
    unsafe fn splat(p: *const f32) -> __m256 {
        unsafe { _mm256_set1_ps(*p) }
    }
    #[inline(always)]
    unsafe fn load(p: *const f32) -> __m256 {
        unsafe { _mm256_loadu_ps(p) }
    }
    #[inline(always)]
    unsafe fn load_part(p: *const f32, mask: __m256i) -> __m256 {
        unsafe { _mm256_maskload_ps(p, mask) }
    }
    #[inline(always)]
    unsafe fn store(p: *mut f32, v: __m256) {
        unsafe { _mm256_storeu_ps(p, v) }
    }
    #[inline(always)]
    unsafe fn store_part(p: *mut f32, v: __m256, mask: __m256i) {
        unsafe { _mm256_maskstore_ps(p, mask, v) }
    }
    #[inline(always)]
    unsafe fn fma(a: __m256, b: __m256, c: __m256) -> __m256 {
        unsafe { _mm256_fmadd_ps(a, b, c) }
    }
    #[inline(always)]
    unsafe fn add(a: __m256, b: __m256) -> __m256 {
        unsafe { _mm256_add_ps(a, b) }
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
    unsafe fn upper(v: __m256) -> __m256 {
        let upper = 0xffff_0000_u32 as i32;
        // SAFETY: the caller has AVX2.
        unsafe { _mm256_and_ps(v, _mm256_castsi256_ps(_mm256_set1_epi32(upper))) }
    }
    #[inline(always)]
    unsafe fn lower(v: __m256) -> __m256 {
        // SAFETY: the caller has AVX2.
        unsafe { _mm256_castsi256_ps(_mm256_slli_epi32::<16>(_mm256_castps_si256(v))) }
    }
}

#[derive(Clone, Copy)]
struct Double;

// SAFETY (all functions): the caller has AVX2 and FMA and passes pointers to as many elements as are touched.
#[allow(clippy::undocumented_unsafe_blocks)]
impl Simd for Double {
    type T = f64;
    type V = __m256d;
    type M = __m256i;
    const LANES: usize = 4;

    #[inline(always)]
    unsafe fn mask(lanes: usize) -> __m256i {
        unsafe { _mm256_cmpgt_epi64(_mm256_set1_epi64x(lanes as i64), _mm256_setr_epi64x(0, 1, 2, 3)) }
    }
    #[inline(always)]
    unsafe fn zero() -> __m256d {
        unsafe { _mm256_setzero_pd() }
    }
    #[inline(always)]
    unsafe fn splat(p: *const f64) -> __m256d {
        unsafe { _mm256_set1_pd(*p) }
    }
    #[inline(always)]
    unsafe fn load(p: *const f64) -> __m256d {
        unsafe { _mm256_loadu_pd(p) }
    }
    #[inline(always)]
    unsafe fn load_part(p: *const f64, mask: __m256i) -> __m256d {
        unsafe { _mm256_maskload_pd(p, mask) }
    }
    #[inline(always)]
    unsafe fn store(p: *mut f64, v: __m256d) {
        unsafe { _mm256_storeu_pd(p, v) }
    }
    #[inline(always)]
    unsafe fn store_part(p: *mut f64, v: __m256d, mask: __m256i) {
        unsafe { _mm256_maskstore_pd(p, mask, v) }
    }
    #[inline(always)]
    unsafe fn fma(a: __m256d, b: __m256d, c: __m256d) -> __m256d {
        unsafe { _mm256_fmadd_pd(a, b, c) }
    }
    #[inline(always)]
    unsafe fn add(a: __m256d, b: __m256d) -> __m256d {
        unsafe { _mm256_add_pd(a, b) }
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

#[target_feature(enable = "avx2,fma")]
unsafe fn single<const ROWS: usize, const VECTORS: usize, const UNIT: bool>(t: &Tile<f32>) {
    // SAFETY: AVX2 and FMA are enabled here; the rest is the caller's promise.
    unsafe { tile::<Single, ROWS, VECTORS, UNIT>(t) }
}

#[target_feature(enable = "avx2,fma")]
unsafe fn double<const ROWS: usize, const VECTORS: usize, const UNIT: bool>(t: &Tile<f64>) {
    // SAFETY: AVX2 and FMA are enabled here; the rest is the caller's promise.
    unsafe { tile::<Double, ROWS, VECTORS, UNIT>(t) }
}

/// Four `k` of up to 8 rows, four elements at a time: blocks of 4 x 4 meet in the two lanes of a vector.
#[target_feature(enable = "avx2,fma")]
unsafe fn transpose_single(dst: *mut f32, stride: isize, src: *const f32, step: isize, width: usize) {
    // SAFETY: rows are held below `width`, and of every row 4 elements are read, as the caller promises.
    unsafe {
        let four = |x: usize| _mm_loadu_ps(src.offset(x.min(width - 1) as isize * step));
        let rows = |x: usize| _mm256_insertf128_ps::<1>(_mm256_castps128_ps256(four(x)), four(x + 4));
        let (r0, r1, r2, r3) = (rows(0), rows(1), rows(2), rows(3));
        let low = _mm256_castps_pd(_mm256_unpacklo_ps(r0, r1));
        let low2 = _mm256_castps_pd(_mm256_unpacklo_ps(r2, r3));
        let high = _mm256_castps_pd(_mm256_unpackhi_ps(r0, r1));
        let high2 = _mm256_castps_pd(_mm256_unpackhi_ps(r2, r3));
        let mask = Single::mask(width);
        let put =
            |k: isize, v: __m256d| Single::store_part(dst.offset(k * stride), _mm256_castpd_ps(v), mask);
        put(0, _mm256_unpacklo_pd(low, low2));
        put(1, _mm256_unpackhi_pd(low, low2));
        put(2, _mm256_unpacklo_pd(high, high2));
        put(3, _mm256_unpackhi_pd(high, high2));
    }
}

/// Kernels for `f32`.
pub(super) static F32: Isa<f32> = Isa {
    lanes: 8,
    families: families!(
        single, f32,
        [1 2 3 4 5 6] [1 2 3 4 5 6] 1,
        [1 2 3 4 5 6] [1 2 3 4 5 6] 2,
        [1 2 3] [1 2 3] 4,
        [1] [1] 8
    ),
    transpose: Some(transpose_single),
    sparse: &sparse!(
        #[target_feature(enable = "avx2,fma")]
        Single,
        f32, 1 2 4
    ),
    listed: Some(&listed!(
        #[target_feature(enable = "avx2,fma")]
        Single
    )),
};

/// Kernels for `f64`.
pub(super) static F64: Isa<f64> = Isa {
    lanes: 4,
    families: families!(
        double, f64,
        [1 2 3 4 5 6] [1 2 3 4 5 6] 1,
        [1 2 3 4 5 6] [1 2 3 4 5 6] 2,
        [1 2 3] [1 2 3] 4,
        [1] [1] 8
    ),
    transpose: None,
    sparse: &sparse!(
        #[target_feature(enable = "avx2,fma")]
        Double,
        f64, 1 2 4
    ),
    listed: None,
};

/// Kernels for pairs of `bfloat16`s.
pub(super) static PAIRS: Isa<f32> = pairs!(
    #[target_feature(enable = "avx2,fma")]
    Two<Single>,
    lanes: 8,
    families: [[1 2 3 4 5 6] [1 2 3 4 5 6] 1, [1 2 3 4] [1 2 3 4] 2, [1 2] [1 2] 4, [1] [1] 8],
    transpose: Some(transpose_single)
);
