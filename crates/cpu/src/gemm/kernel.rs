//! The micro-kernel: a few rows times a few vectors of columns of C, held in registers over a block of `k`.
//!
//! It broadcasts elements of A and multiplies them with vectors of B's rows. A may be packed, transposed or plain
//! row-major; B's rows must be contiguous over the strip.

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
    /// Brings the line of `p` near, to be written soon. Any address will do.
    #[inline(always)]
    unsafe fn will_write(_p: *const Self::T) {}
    /// Brings the line of `p` near, to be read soon. Any address will do.
    #[inline(always)]
    unsafe fn will_read(_p: *const Self::T) {}
}

/// `f32` or `f64`.
pub(super) trait Element: Copy + Send + Sync + 'static {
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
    /// From one `k` to the next in A.
    pub a_k: isize,
    pub b: *const T,
    /// From one `k` to the next in B.
    pub b_k: isize,
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
pub(super) type Transpose<T> = unsafe fn(dst: *mut T, stride: isize, src: *const T, step: isize, width: usize);

/// The kernels of an instruction set for an element type.
pub(super) struct Isa<T: 'static> {
    pub name: &'static str,
    /// Elements of a vector.
    pub lanes: usize,
    /// Micro-kernels of 1, 2, 4 and 8 vectors; in each family, of 1 row upwards.
    pub families: [Family<T>; 4],
    /// Transposes a block, if the instruction set has something better than one element at a time.
    pub transpose: Option<Transpose<T>>,
}

/// Kernels of the same number of vectors, by rows.
pub(super) struct Family<T: 'static> {
    pub vectors: usize,
    /// For A with neighbouring rows in neighbouring places (packed or transposed).
    pub unit: &'static [Kernel<T>],
    /// For A with any strides.
    pub strided: &'static [Kernel<T>],
}

/// The micro-kernel itself, to be inlined where the instruction set is enabled.
///
/// # Safety
/// As for [`Kernel`].
#[inline(always)]
pub(super) unsafe fn tile<S: Simd, const ROWS: usize, const VECTORS: usize, const UNIT: bool>(t: &Tile<S::T>) {
    let a_row = if UNIT { 1 } else { t.a_row };
    let (a_k, b_k, c_row) = (t.a_k, t.b_k, t.c_row);
    // SAFETY: all accesses are inside the tile, which the caller promises to be reachable: rows below `ROWS`,
    // columns below `(VECTORS - 1) * LANES + tail`, `k` below `t.k`. Prefetches may touch any address.
    unsafe {
        let mask = S::mask(t.tail);
        for i in 0..ROWS {
            for j in 0..VECTORS {
                S::will_write(t.c.wrapping_offset(i as isize * c_row).wrapping_add(j * S::LANES));
            }
        }
        let mut acc = [[S::zero(); VECTORS]; ROWS];
        let (mut a, mut b) = (t.a, t.b);
        for _ in 0..t.k / 4 {
            step::<S, ROWS, VECTORS>(&mut acc, a, a_row, b, mask);
            step::<S, ROWS, VECTORS>(&mut acc, a.offset(a_k), a_row, b.offset(b_k), mask);
            step::<S, ROWS, VECTORS>(&mut acc, a.offset(2 * a_k), a_row, b.offset(2 * b_k), mask);
            step::<S, ROWS, VECTORS>(&mut acc, a.offset(3 * a_k), a_row, b.offset(3 * b_k), mask);
            (a, b) = (a.wrapping_offset(4 * a_k), b.wrapping_offset(4 * b_k));
        }
        for _ in 0..t.k % 4 {
            step::<S, ROWS, VECTORS>(&mut acc, a, a_row, b, mask);
            (a, b) = (a.wrapping_offset(a_k), b.wrapping_offset(b_k));
        }
        for (i, row) in acc.iter().enumerate() {
            let c = t.c.offset(i as isize * c_row);
            for (j, &v) in row.iter().enumerate() {
                let c = c.add(j * S::LANES);
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
    a: *const S::T,
    a_row: isize,
    b: *const S::T,
    mask: S::M,
) {
    // SAFETY: inside the tile, as in `tile`.
    unsafe {
        let mut row = [S::zero(); VECTORS];
        for j in 0..VECTORS - 1 {
            row[j] = S::load(b.add(j * S::LANES));
        }
        row[VECTORS - 1] = S::load_part(b.add((VECTORS - 1) * S::LANES), mask);
        for i in 0..ROWS {
            let x = S::splat(a.offset(i as isize * a_row));
            for j in 0..VECTORS {
                acc[i][j] = S::fma(x, row[j], acc[i][j]);
            }
        }
    }
}

/// The families of kernels of an instruction set: the rows of each, then how to run one.
macro_rules! families {
    ($run:ident, $t:ty, [$($r1:literal)*], [$($r2:literal)*], [$($r4:literal)*], [$($r8:literal)*]) => {
        [
            families!(@ $run, $t, 1, [$($r1)*]),
            families!(@ $run, $t, 2, [$($r2)*]),
            families!(@ $run, $t, 4, [$($r4)*]),
            families!(@ $run, $t, 8, [$($r8)*]),
        ]
    };
    (@ $run:ident, $t:ty, $vectors:literal, [$($rows:literal)*]) => {
        $crate::gemm::kernel::Family {
            vectors: $vectors,
            unit: &[$($run::<$rows, $vectors, true> as $crate::gemm::kernel::Kernel<$t>),*],
            strided: &[$($run::<$rows, $vectors, false> as $crate::gemm::kernel::Kernel<$t>),*],
        }
    };
}
pub(super) use families;
