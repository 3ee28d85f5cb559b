//! Vector operations of NEON, two registers at a time: 16 pairs of 8 `f32` or 4 `f64`.

use super::kernel::{Element, Isa, Simd, Tile, families, tile};
use super::listed_kernel::listed;
use super::paired::{Halves, Two, pairs};
use super::sparse_kernel::sparse;
use std::arch::aarch64::*;

#[derive(Clone, Copy)]
struct Single;

// SAFETY (all functions): every machine of this architecture has NEON, and the caller passes pointers to as many
// elements as are touched.
#[allow(clippy::undocumented_unsafe_blocks)]
impl Simd for Single {
    type T = f32;
    type V = (float32x4_t, float32x4_t);
    type M = usize;
    const LANES: usize = 8;

    #[inline(always)]
    unsafe fn mask(lanes: usize) -> usize {
        lanes
    }
    #[inline(always)]
    unsafe fn zero() -> Self::V {
        unsafe { (vdupq_n_f32(0.0), vdupq_n_f32(0.0)) }
    }
    #[inline(always)]
    unsafe fn splat(p: *const f32) -> Self::V {
        unsafe {
            let v = vld1q_dup_f32(p);
            (v, v)
        }
    }
    #[inline(always)]
    unsafe fn load(p: *const f32) -> Self::V {
        unsafe { (vld1q_f32(p), vld1q_f32(p.add(4))) }
    }
    #[inline(always)]
    unsafe fn load_part(p: *const f32, mask: usize) -> Self::V {
        unsafe {
            if mask == Self::LANES { Self::load(p) } else { Self::load(first::<_, 8>(p, mask).as_ptr()) }
        }
    }
    #[inline(always)]
    unsafe fn store(p: *mut f32, v: Self::V) {
        unsafe {
            vst1q_f32(p, v.0);
            vst1q_f32(p.add(4), v.1);
        }
    }
    #[inline(always)]
    unsafe fn store_part(p: *mut f32, v: Self::V, mask: usize) {
        unsafe {
            let mut all = [0.0; 8];
            Self::store(all.as_mut_ptr(), v);
            p.copy_from_nonoverlapping(all.as_ptr(), mask);
        }
    }
    #[inline(always)]
    unsafe fn fma(a: Self::V, b: Self::V, c: Self::V) -> Self::V {
        unsafe { (vfmaq_f32(c.0, a.0, b.0), vfmaq_f32(c.1, a.1, b.1)) }
    }
    #[inline(always)]
    unsafe fn add(a: Self::V, b: Self::V) -> Self::V {
        unsafe { (vaddq_f32(a.0, b.0), vaddq_f32(a.1, b.1)) }
    }
}

impl Halves for Single {
    #[inline(always)]
    unsafe fn upper(v: Self::V) -> Self::V {
        // SAFETY: every machine of this architecture has NEON.
        unsafe {
            let upper = vdupq_n_u32(0xffff_0000);
            let of = |v| vreinterpretq_f32_u32(vandq_u32(vreinterpretq_u32_f32(v), upper));
            (of(v.0), of(v.1))
        }
    }
    #[inline(always)]
    unsafe fn lower(v: Self::V) -> Self::V {
        // SAFETY: every machine of this architecture has NEON.
        unsafe {
            let of = |v| vreinterpretq_f32_u32(vshlq_n_u32::<16>(vreinterpretq_u32_f32(v)));
            (of(v.0), of(v.1))
        }
    }
}

#[derive(Clone, Copy)]
struct Double;

// SAFETY (all functions): every machine of this architecture has NEON, and the caller passes pointers to as many
// elements as are touched.
#[allow(clippy::undocumented_unsafe_blocks)]
impl Simd for Double {
    type T = f64;
    type V = (float64x2_t, float64x2_t);
    type M = usize;
    const LANES: usize = 4;

    #[inline(always)]
    unsafe fn mask(lanes: usize) -> usize {
        lanes
    }
    #[inline(always)]
    unsafe fn zero() -> Self::V {
        unsafe { (vdupq_n_f64(0.0), vdupq_n_f64(0.0)) }
    }
    #[inline(always)]
    unsafe fn splat(p: *const f64) -> Self::V {
        unsafe {
            let v = vld1q_dup_f64(p);
            (v, v)
        }
    }
    #[inline(always)]
    unsafe fn load(p: *const f64) -> Self::V {
        unsafe { (vld1q_f64(p), vld1q_f64(p.add(2))) }
    }
    #[inline(always)]
    unsafe fn load_part(p: *const f64, mask: usize) -> Self::V {
        unsafe {
            if mask == Self::LANES { Self::load(p) } else { Self::load(first::<_, 4>(p, mask).as_ptr()) }
        }
    }
    #[inline(always)]
    unsafe fn store(p: *mut f64, v: Self::V) {
        unsafe {
            vst1q_f64(p, v.0);
            vst1q_f64(p.add(2), v.1);
        }
    }
    #[inline(always)]
    unsafe fn store_part(p: *mut f64, v: Self::V, mask: usize) {
        unsafe {
            let mut all = [0.0; 4];
            Self::store(all.as_mut_ptr(), v);
            p.copy_from_nonoverlapping(all.as_ptr(), mask);
        }
    }
    #[inline(always)]
    unsafe fn fma(a: Self::V, b: Self::V, c: Self::V) -> Self::V {
        unsafe { (vfmaq_f64(c.0, a.0, b.0), vfmaq_f64(c.1, a.1, b.1)) }
    }
    #[inline(always)]
    unsafe fn add(a: Self::V, b: Self::V) -> Self::V {
        unsafe { (vaddq_f64(a.0, b.0), vaddq_f64(a.1, b.1)) }
    }
}

/// The first `count` elements at `p`, and zeros.
///
/// # Safety
/// They must be readable.
#[inline(always)]
unsafe fn first<T: Element, const N: usize>(p: *const T, count: usize) -> [T; N] {
    // SAFETY: only these elements are read.
    std::array::from_fn(|i| if i < count { unsafe { *p.add(i) } } else { T::ZERO })
}

unsafe fn single<const ROWS: usize, const VECTORS: usize, const UNIT: bool>(t: &Tile<f32>) {
    // SAFETY: the caller's promise.
    unsafe { tile::<Single, ROWS, VECTORS, UNIT>(t) }
}

unsafe fn double<const ROWS: usize, const VECTORS: usize, const UNIT: bool>(t: &Tile<f64>) {
    // SAFETY: the caller's promise.
    unsafe { tile::<Double, ROWS, VECTORS, UNIT>(t) }
}

/// Kernels for `f32`.
pub(super) static F32: Isa<f32> = Isa {
    lanes: 8,
    families: families!(
        single, f32,
        [1 2 3 4 5 6] [1 2 3 4 5 6] 1,
        [1 2 3 4 5] [1 2 3 4 5] 2,
        [1 2 3] [1 2 3] 4,
        [1] [1] 8
    ),
    transpose: None,
    sparse: &sparse!(Single, f32, 1 2 4),
    listed: Some(&listed!(Single)),
};

/// Kernels for `f64`.
pub(super) static F64: Isa<f64> = Isa {
    lanes: 4,
    families: families!(
        double, f64,
        [1 2 3 4 5 6] [1 2 3 4 5 6] 1,
        [1 2 3 4 5] [1 2 3 4 5] 2,
        [1 2 3] [1 2 3] 4,
        [1] [1] 8
    ),
    transpose: None,
    sparse: &sparse!(Double, f64, 1 2 4),
    listed: None,
};

/// Kernels for pairs of `bfloat16`s.
pub(super) static PAIRS: Isa<f32> = pairs!(
    Two<Single>,
    lanes: 8,
    families: [[1 2 3 4 5 6] [1 2 3 4 5 6] 1, [1 2 3 4] [1 2 3 4] 2, [1 2] [1 2] 4, [1] [1] 8],
    transpose: None
);
