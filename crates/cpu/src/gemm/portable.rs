//! Vector operations in plain Rust, for machines without kernels of their own: short arrays, which the compiler
//! turns into whatever vectors the target has.

use super::kernel::{Element, Isa, Simd, Tile, families, tile};
use super::listed_kernel::listed;
use super::paired::{Halves, Two, pairs};
use super::sparse_kernel::sparse;
use std::marker::PhantomData;
use std::ops::{Add, Mul};

/// As many elements as the least of today's vector registers holds `f32`.
const WIDTH: usize = 4;

#[derive(Clone, Copy)]
struct Plain<T>(PhantomData<T>);

// SAFETY (all functions): the caller passes pointers to as many elements as are touched.
#[allow(clippy::undocumented_unsafe_blocks)]
impl<T: Element + Add<Output = T> + Mul<Output = T>> Simd for Plain<T> {
    type T = T;
    type V = [T; WIDTH];
    type M = usize;
    const LANES: usize = WIDTH;

    #[inline(always)]
    unsafe fn mask(lanes: usize) -> usize {
        lanes
    }
    #[inline(always)]
    unsafe fn zero() -> [T; WIDTH] {
        [T::ZERO; WIDTH]
    }
    #[inline(always)]
    unsafe fn splat(p: *const T) -> [T; WIDTH] {
        unsafe { [*p; WIDTH] }
    }
    #[inline(always)]
    unsafe fn load(p: *const T) -> [T; WIDTH] {
        unsafe { p.cast::<[T; WIDTH]>().read() }
    }
    #[inline(always)]
    unsafe fn load_part(p: *const T, mask: usize) -> [T; WIDTH] {
        unsafe {
            if mask == WIDTH {
                return Self::load(p);
            }
            std::array::from_fn(|i| if i < mask { *p.add(i) } else { T::ZERO })
        }
    }
    #[inline(always)]
    unsafe fn store(p: *mut T, v: [T; WIDTH]) {
        unsafe { p.cast::<[T; WIDTH]>().write(v) }
    }
    #[inline(always)]
    unsafe fn store_part(p: *mut T, v: [T; WIDTH], mask: usize) {
        for (i, &x) in v.iter().enumerate().take(mask) {
            unsafe { p.add(i).write(x) }
        }
    }
    // Without an instruction for it, rounding once would cost a call per element.
    #[inline(always)]
    unsafe fn fma(a: [T; WIDTH], b: [T; WIDTH], c: [T; WIDTH]) -> [T; WIDTH] {
        std::array::from_fn(|i| a[i] * b[i] + c[i])
    }
    #[inline(always)]
    unsafe fn add(a: [T; WIDTH], b: [T; WIDTH]) -> [T; WIDTH] {
        std::array::from_fn(|i| a[i] + b[i])
    }
}

impl Halves for Plain<f32> {
    #[inline(always)]
    unsafe fn upper(v: [f32; WIDTH]) -> [f32; WIDTH] {
        v.map(|x| f32::from_bits(x.to_bits() & 0xffff_0000))
    }
    #[inline(always)]
    unsafe fn lower(v: [f32; WIDTH]) -> [f32; WIDTH] {
        v.map(|x| f32::from_bits(x.to_bits() << 16))
    }
}

unsafe fn single<const ROWS: usize, const VECTORS: usize, const UNIT: bool>(t: &Tile<f32>) {
    // SAFETY: the caller's promise.
    unsafe { tile::<Plain<f32>, ROWS, VECTORS, UNIT>(t) }
}

unsafe fn double<const ROWS: usize, const VECTORS: usize, const UNIT: bool>(t: &Tile<f64>) {
    // SAFETY: the caller's promise.
    unsafe { tile::<Plain<f64>, ROWS, VECTORS, UNIT>(t) }
}

/// Kernels for `f32`.
pub(super) static F32: Isa<f32> = Isa {
    lanes: WIDTH,
    families: families!(
        single, f32,
        [1 2 3 4 5 6] [1 2 3 4 5 6] 1,
        [1 2 3 4] [1 2 3 4] 2,
        [1 2] [1 2] 4,
        [1] [1] 8
    ),
    transpose: None,
    sparse: &sparse!(Plain<f32>, f32, 1 2 4),
    listed: Some(&listed!(Plain<f32>)),
};

/// Kernels for `f64`.
pub(super) static F64: Isa<f64> = Isa {
    lanes: WIDTH,
    families: families!(
        double, f64,
        [1 2 3 4 5 6] [1 2 3 4 5 6] 1,
        [1 2 3 4] [1 2 3 4] 2,
        [1 2] [1 2] 4,
        [1] [1] 8
    ),
    transpose: None,
    sparse: &sparse!(Plain<f64>, f64, 1 2 4),
    listed: None,
};

/// Kernels for pairs of `bfloat16`s. (The product of two has room in an `f32`, so that sums are those of other machines.)
pub(super) static PAIRS: Isa<f32> = pairs!(
    Two<Plain<f32>>,
    lanes: WIDTH,
    families: [[1 2 3 4] [1 2 3 4] 1, [1 2 3 4] [1 2 3 4] 2, [1] [1] 4, [1] [1] 8],
    transpose: None
);
