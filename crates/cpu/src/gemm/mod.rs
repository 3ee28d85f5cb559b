//! Matrix products: `C = A·B` for any strides, at the speed of the machine's vector units.
//!
//! Every element of C is one chain of fused multiply-adds over `k`, cut into blocks whose length depends on `k`
//! alone. Which instruction set with fused multiply-adds computes it, which tile it falls in, how its operands
//! are laid out and how many threads take part all leave its bits alone. Even the size of the batch does: a row
//! of C depends only on its row of A and on B.
//!
//! - `plan` decides from the shape and the strides: which way round, what to pack, where to cut.
//! - `drive` runs a plan on the thread pool, tile by tile, and calls the epilogue after each.
//! - `pack` copies operands into the order in which the kernels read them.
//! - `kernel` is the one micro-kernel, written over a small set of vector operations; `avx512`, `avx2`, `neon`
//!   and `portable` provide these operations.
//! - `sparse` runs products whose left matrix is mostly zeros, with kernels of its own (`sparse_kernel`).
//! - `listed` runs products with a matrix that is given as lists of what it holds (`listed_kernel`).
//! - `paired` multiplies pairs of `bfloat16`s, which pass through all this as if they were `f32`s.
//! - `row` does so for one row and constant weights.
//! - `thin` runs small products with one column or few results.
//! - `generic` serves integers.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod drive;
mod generic;
mod kernel;
mod listed;
mod listed_kernel;
#[cfg(test)]
mod listed_tests;
#[cfg(target_arch = "aarch64")]
mod neon;
mod pack;
mod paired;
#[cfg(test)]
mod paired_tests;
mod plan;
#[cfg(any(test, not(target_arch = "aarch64")))]
mod portable;
mod row;
mod sparse;
mod sparse_kernel;
#[cfg(test)]
mod tests;
mod thin;

use std::ops::Range;

#[cfg(target_arch = "x86_64")]
use crate::isa::{Isa as Family, isa};
pub use generic::gemm_generic;
use kernel::Isa;
use rhyton_runtime::Picked;

/// A matrix product `C[m, n] = A[m, k] · B[k, n]`. Strides are (row, column), in elements, of any sign.
///
/// C is written only, never read before: it may hold anything.
#[derive(Clone, Copy, Debug)]
pub struct Problem<T> {
    /// Rows of A and C.
    pub m: usize,
    /// Columns of B and C.
    pub n: usize,
    /// Columns of A, rows of B.
    pub k: usize,
    /// A's element (0, 0).
    pub a: *const T,
    /// A's strides; 0 repeats an element.
    pub a_strides: (isize, isize),
    /// B's element (0, 0).
    pub b: *const T,
    /// B's strides; 0 repeats an element.
    pub b_strides: (isize, isize),
    /// C's element (0, 0); null if only the epilogue needs C, tile by tile.
    pub c: *mut T,
    /// C's strides; no two elements of C may share a place.
    pub c_strides: (isize, isize),
}

/// A finished tile of C, in C itself or, if C is not stored, in this thread's own memory.
#[derive(Clone, Copy, Debug)]
pub struct Finished<T> {
    /// The tile's first element.
    pub data: *const T,
    /// Its strides (row, column), in elements.
    pub strides: (isize, isize),
}

/// What happens to a finished tile of C, given its rows and columns and where it lies: called once for every tile,
/// on the thread that computed it, while the tile is in its cache. Tiles cover C exactly, and their bounds depend
/// on the problem alone, not on the number of threads.
pub type Epilogue<'a, T> = Option<&'a (dyn Fn(Range<usize>, Range<usize>, Finished<T>) + Sync)>;

/// The product of two matrices of `f32`.
///
/// # Safety
/// For all indices in range, A's and B's elements must be readable and C's, unless it is null, writable, the latter
/// by nobody else meanwhile, and C must overlap neither A nor B.
pub unsafe fn gemm_f32(p: &Problem<f32>, epilogue: Epilogue<'_, f32>) {
    // SAFETY: the caller's promise is the one `run` asks for.
    unsafe {
        if !thin::run(p, epilogue) {
            drive::run(isa_f32(), p, epilogue);
        }
    }
}

/// The product of rows of a matrix given as lists, or of the same turned, with a matrix; `a` and `a_strides` of the
/// problem do not count.
///
/// # Safety
/// As for [`gemm_f32`]; the rows must be there, the problem have the shapes of A, and the columns be cut as
/// [`listed_blocks`] says.
pub unsafe fn gemm_listed(a: &Picked, turned: bool, p: &Problem<f32>, epilogue: Epilogue<'_, f32>) {
    // SAFETY: the caller's promise.
    unsafe { listed::run(isa_f32(), a, turned, p, epilogue) }
}

/// How many blocks the columns of a listed matrix are cut into.
pub fn listed_blocks(columns: usize) -> usize {
    columns.div_ceil(plan::K_BLOCK).max(1)
}

/// [`gemm_f32`] where B has only finite numbers.
///
/// # Safety
/// As for [`gemm_f32`].
pub unsafe fn gemm_f32_finite(p: &Problem<f32>, epilogue: Epilogue<'_, f32>) {
    // SAFETY: the caller's promise.
    unsafe {
        if !row::run(isa_f32(), p, epilogue) {
            gemm_f32(p, epilogue);
        }
    }
}

/// The product of two matrices of `f64`.
///
/// # Safety
/// As for [`gemm_f32`].
pub unsafe fn gemm_f64(p: &Problem<f64>, epilogue: Epilogue<'_, f64>) {
    // SAFETY: the caller's promise is the one `run` asks for.
    unsafe { drive::run(isa_f64(), p, epilogue) }
}

/// The product of two matrices of `bfloat16`s given as pairs of neighbouring `k`: `k` of the problem counts pairs, an
/// element of A and B holds the number of the even `k` in its lower half and that of the odd one, or 0, in its upper half.
/// C is `f32`. Odd products are added before even ones, each sum rounded to `f32`.
///
/// # Safety
/// As for [`gemm_f32`].
pub unsafe fn gemm_bf16(p: &Problem<f32>, epilogue: Epilogue<'_, f32>) {
    // SAFETY: the caller's promise is the one `run` asks for.
    unsafe { drive::run(isa_bf16(), p, epilogue) }
}

/// A number that matrices are multiplied of.
pub trait Multiply: Copy {
    /// The product of two matrices.
    ///
    /// # Safety
    /// As for [`gemm_f32`].
    unsafe fn gemm(p: &Problem<Self>);
}

macro_rules! multiply {
    ($($t:ty: $gemm:path;)*) => {$(
        impl Multiply for $t {
            unsafe fn gemm(p: &Problem<$t>) {
                // SAFETY: the caller's promise.
                unsafe { $gemm(p, None) }
            }
        }
    )*};
}

multiply! {
    f32: gemm_f32;
    f64: gemm_f64;
    i64: gemm_generic;
}

/// A row-major matrix in a slice: its first row, and the elements from one row to the next.
pub type Rows<S> = (S, usize);

/// `C[m, n] = A[m, k] · B[k, n]`, row-major.
///
/// # Panics
/// Where a slice is too short.
pub fn multiply<T: Multiply>(
    (m, k, n): (usize, usize, usize),
    (a, a_step): Rows<&[T]>,
    (b, b_step): Rows<&[T]>,
    (c, c_step): Rows<&mut [T]>,
) {
    if m == 0 || n == 0 {
        return;
    }
    let fits = |length: usize, rows: usize, step: usize, columns: usize| {
        rows == 0 || columns == 0 || (columns <= step || rows == 1) && (rows - 1) * step + columns <= length
    };
    assert!(fits(a.len(), m, a_step, k) && fits(b.len(), k, b_step, n) && fits(c.len(), m, c_step, n));
    let problem = Problem {
        m,
        n,
        k,
        a: a.as_ptr(),
        a_strides: (a_step as isize, 1),
        b: b.as_ptr(),
        b_strides: (b_step as isize, 1),
        c: c.as_mut_ptr(),
        c_strides: (c_step as isize, 1),
    };
    // SAFETY: the matrices lie inside their slices, as just checked, and C is borrowed alone.
    unsafe { T::gemm(&problem) }
}

/// The best kernels for `f32` on this machine.
fn isa_f32() -> &'static Isa<f32> {
    #[cfg(target_arch = "x86_64")]
    {
        if isa() == Family::Avx512 && avx512::available() {
            return &avx512::F32;
        }
        if isa() >= Family::Avx2 && avx2::available() {
            return &avx2::F32;
        }
    }
    #[cfg(target_arch = "aarch64")]
    let best = &neon::F32;
    #[cfg(not(target_arch = "aarch64"))]
    let best = &portable::F32;
    best
}

/// The best kernels for pairs of `bfloat16`s on this machine.
fn isa_bf16() -> &'static Isa<f32> {
    #[cfg(target_arch = "x86_64")]
    {
        if isa() == Family::Avx512 && avx512::available() {
            return if avx512::has_pairs() { &avx512::PAIRS } else { &avx512::TWO_PAIRS };
        }
        if isa() >= Family::Avx2 && avx2::available() {
            return &avx2::PAIRS;
        }
    }
    #[cfg(target_arch = "aarch64")]
    let best = &neon::PAIRS;
    #[cfg(not(target_arch = "aarch64"))]
    let best = &portable::PAIRS;
    best
}

/// The best kernels for `f64` on this machine.
fn isa_f64() -> &'static Isa<f64> {
    #[cfg(target_arch = "x86_64")]
    {
        if isa() == Family::Avx512 && avx512::available() {
            return &avx512::F64;
        }
        if isa() >= Family::Avx2 && avx2::available() {
            return &avx2::F64;
        }
    }
    #[cfg(target_arch = "aarch64")]
    let best = &neon::F64;
    #[cfg(not(target_arch = "aarch64"))]
    let best = &portable::F64;
    best
}
