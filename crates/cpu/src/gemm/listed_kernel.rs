//! The kernels of products with a matrix that is given as lists, written once over the vector operations of every
//! instruction set.

use super::kernel::Simd;
use rhyton_runtime::SparseRow;

/// Rows of the listed matrix over a block of its columns, times a strip of B.
pub(super) struct Forward<'a> {
    pub rows: &'a [SparseRow<'a>],
    pub block: usize,
    /// B at the first row of the block and the first column of the strip.
    pub b: *const f32,
    pub b_row: isize,
    /// C at the first of the rows and the first column of the strip.
    pub c: *mut f32,
    pub c_row: isize,
    /// Columns of the strip.
    pub width: usize,
    /// Add to C rather than overwrite it.
    pub accumulate: bool,
}

/// A block of columns of the listed matrix, turned, times a strip of B.
pub(super) struct Backward<'a> {
    pub rows: &'a [SparseRow<'a>],
    pub block: usize,
    /// B at the first of the rows and the first column of the strip.
    pub b: *const f32,
    pub b_row: isize,
    /// Sums, a row for every column of the block, as many whole vectors wide as the kernel; they begin as zeros.
    pub sums: *mut f32,
    pub sums_row: usize,
    /// Columns of the strip.
    pub width: usize,
}

/// What an instruction set offers for products with a listed matrix.
pub(super) struct Listed {
    /// Kernels for strips of 1, 2 and 4 vectors.
    pub forward: [unsafe fn(&Forward); 3],
    pub backward: [unsafe fn(&Backward); 3],
    /// `(p, from row to row, columns, rows)`: whether all numbers are finite.
    pub finite: unsafe fn(*const f32, isize, usize, usize) -> bool,
}

/// See [`Forward`]. Sums are the chains of dense products without the terms that are zero.
///
/// # Safety
/// The machine must have the instruction set; B must reach over the block and C over the rows.
#[inline(always)]
pub(super) unsafe fn forward<S: Simd<T = f32>, const VECTORS: usize>(t: &Forward) {
    // SAFETY: the caller's promise.
    unsafe {
        match t.width == VECTORS * S::LANES {
            true => forward_strip::<S, VECTORS, true>(t),
            false => forward_strip::<S, VECTORS, false>(t),
        }
    }
}

/// # Safety
/// As for [`forward`].
#[inline(always)]
unsafe fn forward_strip<S: Simd<T = f32>, const VECTORS: usize, const WHOLE: bool>(t: &Forward) {
    // SAFETY: the caller's promise; places lie in the block, whose rows B has.
    unsafe {
        let masks = masks::<S, VECTORS>(t.width);
        for (i, row) in t.rows.iter().enumerate() {
            let (places, values) = row.block(t.block);
            let mut sums = [S::zero(); VECTORS];
            for (&place, value) in places.iter().zip(values) {
                let (x, b) = (S::splat(value), t.b.offset(place as isize * t.b_row));
                for (j, sum) in sums.iter_mut().enumerate() {
                    *sum = S::fma(x, load::<S, WHOLE>(b.wrapping_add(j * S::LANES), masks[j]), *sum);
                }
            }
            if places.is_empty() && t.accumulate {
                continue;
            }
            let c = t.c.offset(i as isize * t.c_row);
            for (j, &sum) in sums.iter().enumerate() {
                let c = c.wrapping_add(j * S::LANES);
                // As in dense products: no sum is a negative zero.
                let sum = S::add(sum, S::zero());
                let sum = if t.accumulate { S::add(load::<S, WHOLE>(c, masks[j]), sum) } else { sum };
                if WHOLE { S::store(c, sum) } else { S::store_part(c, sum, masks[j]) }
            }
        }
    }
}

/// See [`Backward`].
///
/// # Safety
/// The machine must have the instruction set; B must have the rows, and the sums a row for every column of the block.
#[inline(always)]
pub(super) unsafe fn backward<S: Simd<T = f32>, const VECTORS: usize>(t: &Backward) {
    // SAFETY: the caller's promise; places lie in the block.
    unsafe {
        let masks = masks::<S, VECTORS>(t.width);
        for (i, row) in t.rows.iter().enumerate() {
            let b = t.b.offset(i as isize * t.b_row);
            let mut bs = [S::zero(); VECTORS];
            for (j, v) in bs.iter_mut().enumerate() {
                *v = load::<S, false>(b.wrapping_add(j * S::LANES), masks[j]);
            }
            let (places, values) = row.block(t.block);
            for (&place, value) in places.iter().zip(values) {
                let (x, sums) = (S::splat(value), t.sums.add(usize::from(place) * t.sums_row));
                for (j, &b) in bs.iter().enumerate() {
                    let sum = sums.add(j * S::LANES);
                    S::store(sum, S::fma(x, b, S::load(sum)));
                }
            }
        }
    }
}

/// See [`Listed::finite`].
///
/// # Safety
/// The machine must have the instruction set, and the numbers must be readable.
#[inline(always)]
pub(super) unsafe fn finite<S: Simd<T = f32>>(
    p: *const f32,
    step: isize,
    columns: usize,
    rows: usize,
) -> bool {
    // SAFETY: the caller's promise.
    unsafe {
        // Zero times a number is zero unless the number is infinite or none.
        let mut poison = [S::zero(); 4];
        let mask = S::mask(columns % S::LANES);
        for i in 0..rows {
            let row = p.offset(i as isize * step);
            for (j, x) in (0..columns / S::LANES).map(|j| (j, S::load(row.add(j * S::LANES)))) {
                poison[(i + j) % 4] = S::fma(x, S::zero(), poison[(i + j) % 4]);
            }
            if !columns.is_multiple_of(S::LANES) {
                let x = S::load_part(row.add(columns - columns % S::LANES), mask);
                poison[i % 4] = S::fma(x, S::zero(), poison[i % 4]);
            }
        }
        let all = S::add(S::add(poison[0], poison[1]), S::add(poison[2], poison[3]));
        let mut lanes = [0f32; 64];
        S::store(lanes.as_mut_ptr(), all);
        lanes.iter().all(|&x| x == 0.0)
    }
}

/// The lanes of each vector of a strip that are there.
///
/// # Safety
/// The machine must have the instruction set.
#[inline(always)]
unsafe fn masks<S: Simd, const VECTORS: usize>(width: usize) -> [S::M; VECTORS] {
    // SAFETY: the caller's promise.
    std::array::from_fn(|j| unsafe { S::mask(width.saturating_sub(j * S::LANES).min(S::LANES)) })
}

/// # Safety
/// As for [`Simd::load_part`].
#[inline(always)]
unsafe fn load<S: Simd, const WHOLE: bool>(p: *const S::T, mask: S::M) -> S::V {
    // SAFETY: the caller's promise.
    unsafe { if WHOLE { S::load(p) } else { S::load_part(p, mask) } }
}

/// The functions of an instruction set; `$feature` enables it.
macro_rules! listed {
    ($(#[$feature:meta])* $simd:ty) => {{
        use $crate::gemm::listed_kernel as k;
        $(#[$feature])*
        unsafe fn forward<const VECTORS: usize>(t: &k::Forward) {
            // SAFETY: the instruction set is enabled here; the rest is the caller's promise.
            unsafe { k::forward::<$simd, VECTORS>(t) }
        }
        $(#[$feature])*
        unsafe fn backward<const VECTORS: usize>(t: &k::Backward) {
            // SAFETY: the instruction set is enabled here; the rest is the caller's promise.
            unsafe { k::backward::<$simd, VECTORS>(t) }
        }
        $(#[$feature])*
        unsafe fn finite(p: *const f32, step: isize, columns: usize, rows: usize) -> bool {
            // SAFETY: the instruction set is enabled here; the rest is the caller's promise.
            unsafe { k::finite::<$simd>(p, step, columns, rows) }
        }
        k::Listed {
            forward: [forward::<1>, forward::<2>, forward::<4>],
            backward: [backward::<1>, backward::<2>, backward::<4>],
            finite,
        }
    }};
}
pub(super) use listed;
