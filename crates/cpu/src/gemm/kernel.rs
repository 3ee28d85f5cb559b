//! The micro-kernel: a few rows times a few vectors of columns of C, held in registers over a block of `k`.
//!
//! It broadcasts elements of A and multiplies them with vectors of B's rows. A may be packed, transposed or
//! row-major; B's rows must be contiguous over the strip.

use super::listed_kernel::Listed;
use super::sparse_kernel::Sparse;
use std::ops::Add;

/// The vector operations the kernel is made of.
///
/// Functions are unsafe because they need their instruction set, and because they take raw pointers.
pub(super) trait Simd: Copy {
    /// The element.
    type T: Element;
    /// A vector of elements.
    type V: Copy;
    /// Chooses the first lanes of a vector.
    type M: Copy;
    /// Elements of a vector.
    const LANES: usize;

    unsafe fn mask(lanes: usize) -> Self::M;
    unsafe fn zero() -> Self::V;
    /// The element at `p` in all lanes.
    unsafe fn splat(p: *const Self::T) -> Self::V;
    unsafe fn load(p: *const Self::T) -> Self::V;
    /// Touches only the lanes chosen.
    unsafe fn load_part(p: *const Self::T, mask: Self::M) -> Self::V;
    unsafe fn store(p: *mut Self::T, v: Self::V);
    /// Touches only the lanes chosen.
    unsafe fn store_part(p: *mut Self::T, v: Self::V, mask: Self::M);
    /// `a * b + c`, rounded once where the machine can.
    unsafe fn fma(a: Self::V, b: Self::V, c: Self::V) -> Self::V;
    unsafe fn add(a: Self::V, b: Self::V) -> Self::V;
    /// Whether a product with the element is always zero, numbers that are not finite apart.
    #[inline(always)]
    fn is_zero(x: Self::T) -> bool {
        x == Self::T::ZERO
    }
    /// `x`, in a way that keeps the compiler from working it out again in every step of a loop.
    #[inline(always)]
    unsafe fn keep(x: isize) -> isize {
        x
    }
    /// Brings the line of `p` near, to be written soon. Any address will do.
    #[inline(always)]
    unsafe fn will_write(_p: *const Self::T) {}
    /// Brings the line of `p` near, to be read soon. Any address will do.
    #[inline(always)]
    unsafe fn will_read(_p: *const Self::T) {}
}

/// `f32` or `f64`.
pub(super) trait Element: Copy + PartialEq + Add<Output = Self> + Send + Sync + 'static {
    const ZERO: Self;
}

impl Element for f32 {
    const ZERO: f32 = 0.0;
}

impl Element for f64 {
    const ZERO: f64 = 0.0;
}

/// One call of the micro-kernel.
pub(super) struct Tile<T> {
    /// Length of the block of `k`.
    pub k: usize,
    pub a: *const T,
    /// From one row of A to the next. Kernels for unit rows take it as 1.
    pub a_row: isize,
    /// From one `k` to the next in A. Kernels for other rows take it as 1.
    pub a_k: isize,
    pub b: *const T,
    /// From one `k` to the next in B.
    pub b_k: isize,
    /// Where B will be read later, by the same steps: a quarter of the block's rows is brought near. May be `b`.
    pub ahead: *const T,
    pub c: *mut T,
    /// From one row of C to the next; columns are contiguous.
    pub c_row: isize,
    /// Columns in the last vector: 1 to all.
    pub tail: usize,
    /// Add to C rather than overwrite it.
    pub accumulate: bool,
}

/// A micro-kernel for a certain number of rows and vectors.
///
/// # Safety
/// The machine must have the instruction set, and A, B and C must reach over the tile.
pub(super) type Kernel<T> = unsafe fn(&Tile<T>);

/// `dst[k * stride + x] = src[x * step + k]` for 4 `k` and as many `x` as the last argument says, 1 to a vector.
///
/// # Safety
/// The machine must have the instruction set, and the elements must be readable and writable.
pub(super) type Transpose<T> =
    unsafe fn(dst: *mut T, stride: isize, src: *const T, step: isize, width: usize);

/// The kernels of an instruction set for an element type.
pub(super) struct Isa<T: 'static> {
    /// Elements of a vector.
    pub lanes: usize,
    /// Micro-kernels of 1, 2, 4 and 8 vectors; in each family, of 1 row upwards.
    pub families: [Family<T>; 4],
    /// Transposes a block, if the instruction set has something better than one element at a time.
    pub transpose: Option<Transpose<T>>,
    /// For products whose A is mostly zeros.
    pub sparse: &'static Sparse<T>,
    /// For products whose A is given as lists.
    pub listed: Option<&'static Listed>,
}

impl<T> Isa<T> {
    /// The vectors that so many columns take. (A vector has a power of two elements; dividing would cost as much as a small
    /// product.)
    #[inline]
    pub fn vectors(&self, columns: usize) -> usize {
        (columns + self.lanes - 1) >> self.lanes.trailing_zeros()
    }

    /// So many columns, filled up to whole vectors.
    #[inline]
    pub fn whole(&self, columns: usize) -> usize {
        (columns + self.lanes - 1) & !(self.lanes - 1)
    }
}

/// Kernels of the same number of vectors, by rows.
pub(super) struct Family<T: 'static> {
    pub vectors: usize,
    /// For A with neighbouring rows in neighbouring places (packed or transposed).
    pub unit: &'static [Kernel<T>],
    /// For A with neighbouring columns in neighbouring places (row-major).
    pub strided: &'static [Kernel<T>],
}

/// How many steps before it is needed a row of B is brought near.
const SOON: isize = 16;

/// Groups of four rows in the largest kernel.
const FOURS: usize = 4;

/// The micro-kernel itself, to be inlined where the instruction set is enabled.
///
/// # Safety
/// As for [`Kernel`].
#[inline(always)]
pub(super) unsafe fn tile<S: Simd, const ROWS: usize, const VECTORS: usize, const UNIT: bool>(
    t: &Tile<S::T>,
) {
    let a_row = if UNIT { 1 } else { t.a_row };
    let a_k = if UNIT { t.a_k } else { 1 };
    let (b_k, c_row) = (t.b_k, t.c_row);
    // SAFETY: all accesses are inside the tile, which the caller promises to be reachable: rows below `ROWS`,
    // columns below `(VECTORS - 1) * LANES + tail`, `k` below `t.k`. Prefetches may touch any address.
    unsafe {
        let mask = S::mask(t.tail);
        if t.accumulate {
            for i in 0..ROWS {
                for j in 0..VECTORS {
                    S::will_write(t.c.wrapping_offset(i as isize * c_row).wrapping_add(j * S::LANES));
                }
            }
        }
        let mut acc = [[S::zero(); VECTORS]; ROWS];
        let mut b = t.b;
        // Rows of A in fours: a pointer to the first, and the others by the offsets addresses can add for free.
        let mut a: [*const S::T; FOURS] =
            std::array::from_fn(|g| t.a.wrapping_offset(4 * g as isize * a_row));
        let (row, rows3) = if UNIT { (1, 3) } else { (S::keep(a_row), S::keep(3 * a_row)) };
        let mut ahead = t.ahead;
        for _ in 0..t.k / 4 {
            for j in 0..VECTORS {
                S::will_read(ahead.wrapping_add(j * S::LANES));
            }
            ahead = ahead.wrapping_offset(b_k);
            for u in 0..4 {
                for j in 0..VECTORS {
                    S::will_read(b.wrapping_offset(SOON * b_k).wrapping_add(j * S::LANES));
                }
                step::<S, ROWS, VECTORS>(&mut acc, &a, (row, rows3), u * a_k, b, mask);
                b = b.wrapping_offset(b_k);
            }
            a.iter_mut().take(ROWS.div_ceil(4)).for_each(|a| *a = a.wrapping_offset(4 * a_k));
        }
        for _ in 0..t.k % 4 {
            step::<S, ROWS, VECTORS>(&mut acc, &a, (row, rows3), 0, b, mask);
            b = b.wrapping_offset(b_k);
            a.iter_mut().take(ROWS.div_ceil(4)).for_each(|a| *a = a.wrapping_offset(a_k));
        }
        for (i, row) in acc.iter().enumerate() {
            let c = t.c.offset(i as isize * c_row);
            for (j, &v) in row.iter().enumerate() {
                let c = c.add(j * S::LANES);
                // No sum is a negative zero, so that leaving out a term that is zero changes no bit.
                let v = S::add(v, S::zero());
                if j < VECTORS - 1 {
                    S::store(c, if t.accumulate { S::add(S::load(c), v) } else { v });
                } else {
                    S::store_part(c, if t.accumulate { S::add(S::load_part(c, mask), v) } else { v }, mask);
                }
            }
        }
    }
}

/// One `k`: a row of B's strip times as many elements of A.
///
/// # Safety
/// As for [`Kernel`].
#[inline(always)]
unsafe fn step<S: Simd, const ROWS: usize, const VECTORS: usize>(
    acc: &mut [[S::V; VECTORS]; ROWS],
    a: &[*const S::T; FOURS],
    (row, rows3): (isize, isize),
    a_offset: isize,
    b: *const S::T,
    mask: S::M,
) {
    // SAFETY: inside the tile, as in `tile`.
    unsafe {
        let mut bs = [S::zero(); VECTORS];
        for (j, v) in bs[..VECTORS - 1].iter_mut().enumerate() {
            *v = S::load(b.add(j * S::LANES));
        }
        bs[VECTORS - 1] = S::load_part(b.add((VECTORS - 1) * S::LANES), mask);
        for i in 0..ROWS {
            let offset = [0, row, 2 * row, rows3][i % 4];
            let x = S::splat(a[i / 4].wrapping_offset(offset).wrapping_offset(a_offset));
            for j in 0..VECTORS {
                acc[i][j] = S::fma(x, bs[j], acc[i][j]);
            }
        }
    }
}

/// The families of kernels of an instruction set: a function, its element type, and for 1, 2, 4 and 8 vectors the
/// rows of kernels for packed or transposed A and of those for row-major A.
macro_rules! families {
    ($run:ident, $t:ty, $([$($unit:literal)*] [$($strided:literal)*] $vectors:literal),*) => {
        [$($crate::gemm::kernel::Family {
            vectors: $vectors,
            unit: &[$($run::<$unit, $vectors, true> as $crate::gemm::kernel::Kernel<$t>),*],
            strided: &[$($run::<$strided, $vectors, false> as $crate::gemm::kernel::Kernel<$t>),*],
        }),*]
    };
}
pub(super) use families;
