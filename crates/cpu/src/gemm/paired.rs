//! Products of `bfloat16`s: two neighbouring `k` at a time, summed in `f32`.
//!
//! Matrices of pairs look like matrices of `f32` of half the `k`: an element holds an even `k` in its lower half and the
//! odd one after it in its upper half. So everything that plans, packs and lists products of `f32` serves pairs as well,
//! given vector operations whose multiply-add takes pairs. It adds the odd product first and then the even one, each
//! rounded, as AVX-512's `vdpbf16ps` does (Intel, Intrinsics Guide); other machines do it in two steps, with the same bits.

use super::kernel::Simd;
use std::marker::PhantomData;

/// Vectors of `f32` whose lanes may be pairs.
pub(super) trait Pairs: Copy {
    type S: Simd<T = f32>;

    /// `c + a₁ b₁ + a₀ b₀`, lane by lane, where `a` and `b` hold pairs and `c` numbers.
    unsafe fn dot(a: V<Self>, b: V<Self>, c: V<Self>) -> V<Self>;
}

type V<P> = <<P as Pairs>::S as Simd>::V;

/// Vectors of `f32` that can be cut into halves.
pub(super) trait Halves: Simd<T = f32> {
    /// The upper halves, as numbers.
    unsafe fn upper(v: Self::V) -> Self::V;
    /// The lower halves, as numbers.
    unsafe fn lower(v: Self::V) -> Self::V;
}

/// Pairs for machines without an instruction for them.
#[derive(Clone, Copy)]
pub(super) struct Two<S>(PhantomData<S>);

impl<S: Halves> Pairs for Two<S> {
    type S = S;

    #[inline(always)]
    unsafe fn dot(a: S::V, b: S::V, c: S::V) -> S::V {
        // SAFETY: the caller's promise.
        unsafe { S::fma(S::lower(a), S::lower(b), S::fma(S::upper(a), S::upper(b), c)) }
    }
}

/// The vector operations of kernels that multiply pairs.
#[derive(Clone, Copy)]
pub(super) struct Paired<P>(PhantomData<P>);

// SAFETY (all functions): the caller's promise is the one the vectors ask for.
#[allow(clippy::undocumented_unsafe_blocks)]
impl<P: Pairs> Simd for Paired<P> {
    type T = f32;
    type V = V<P>;
    type M = <P::S as Simd>::M;
    const LANES: usize = P::S::LANES;

    #[inline(always)]
    fn is_zero(pair: f32) -> bool {
        pair.to_bits() & MAGNITUDES == 0
    }
    #[inline(always)]
    unsafe fn mask(lanes: usize) -> Self::M {
        unsafe { P::S::mask(lanes) }
    }
    #[inline(always)]
    unsafe fn zero() -> Self::V {
        unsafe { P::S::zero() }
    }
    #[inline(always)]
    unsafe fn splat(p: *const f32) -> Self::V {
        unsafe { P::S::splat(p) }
    }
    #[inline(always)]
    unsafe fn load(p: *const f32) -> Self::V {
        unsafe { P::S::load(p) }
    }
    #[inline(always)]
    unsafe fn load_part(p: *const f32, mask: Self::M) -> Self::V {
        unsafe { P::S::load_part(p, mask) }
    }
    #[inline(always)]
    unsafe fn store(p: *mut f32, v: Self::V) {
        unsafe { P::S::store(p, v) }
    }
    #[inline(always)]
    unsafe fn store_part(p: *mut f32, v: Self::V, mask: Self::M) {
        unsafe { P::S::store_part(p, v, mask) }
    }
    #[inline(always)]
    unsafe fn fma(a: Self::V, b: Self::V, c: Self::V) -> Self::V {
        unsafe { P::dot(a, b, c) }
    }
    #[inline(always)]
    unsafe fn add(a: Self::V, b: Self::V) -> Self::V {
        unsafe { P::S::add(a, b) }
    }
    #[inline(always)]
    unsafe fn keep(x: isize) -> isize {
        unsafe { P::S::keep(x) }
    }
    #[inline(always)]
    unsafe fn will_write(p: *const f32) {
        unsafe { P::S::will_write(p) }
    }
    #[inline(always)]
    unsafe fn will_read(p: *const f32) {
        unsafe { P::S::will_read(p) }
    }
}

/// The bits of a pair but for both signs: 0 if both are zero.
pub(super) const MAGNITUDES: u32 = 0x7fff_7fff;

/// The kernels for pairs of an instruction set; `$feature` enables it, `$list` lists with it.
macro_rules! pairs {
    ($(#[$feature:meta])* $pairs:ty, lanes: $lanes:expr, families: [$($family:tt)*], transpose: $transpose:expr) => {{
        use $crate::gemm::{kernel, paired, sparse_kernel};
        $(#[$feature])*
        unsafe fn tile<const ROWS: usize, const VECTORS: usize, const UNIT: bool>(t: &kernel::Tile<f32>) {
            // SAFETY: the instruction set is enabled here; the rest is the caller's promise.
            unsafe { kernel::tile::<paired::Paired<$pairs>, ROWS, VECTORS, UNIT>(t) }
        }
        const SPARSE: sparse_kernel::Sparse<f32> = sparse_kernel::Sparse {
            thin: (1, 2),
            numbers: 2,
            ..sparse_kernel::sparse!($(#[$feature])* paired::Paired<$pairs>, f32, 1 2 4 8)
        };
        kernel::Isa {
            lanes: $lanes,
            families: kernel::families!(tile, f32, $($family)*),
            transpose: $transpose,
            sparse: &SPARSE,
            listed: None,
        }
    }};
}
pub(super) use pairs;
