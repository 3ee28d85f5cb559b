//! Products with rows of a matrix that is given as lists ([`rhyton_runtime::SparseRows`]), and with the same turned: what
//! a layer makes of texts as zeros and ones, and the gradient of its weights.
//!
//! Every sum is the one a dense product makes, to the last bit: what is left out are terms that are zero. Where B
//! holds an infinity or no number, zeros count; then the matrix is written out and multiplied densely.

use super::drive::{at, dense, scatter, spread};
use super::kernel::Isa;
use super::listed_kernel::{Backward, Forward, Listed};
use super::pack::{self, Purpose, Source, with_buffer};
use super::plan::{K_BLOCK, cut};
use super::{Epilogue, Finished, Problem};
use rhyton_runtime::{Picked, SparseRow};
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};

/// Rows of the listed matrix that a piece of work takes.
const ROWS: usize = 64;

/// Columns of the product that a piece of work takes.
const COLUMNS: usize = 128;

/// Numbers of B that are looked at together.
const LOOK: usize = 1 << 15;

/// A product whose A is listed.
struct Job<'a> {
    isa: &'a Isa<f32>,
    kernels: &'a Listed,
    /// The product; its A is not there, and its B has contiguous rows.
    p: Problem<f32>,
    epilogue: Epilogue<'a, f32>,
    rows: &'a [SparseRow<'a>],
    blocks: usize,
    /// The width of a strip of B, and the index of its kernels.
    strip: usize,
    kernel: usize,
}

// SAFETY: pieces write disjoint parts of C and only read everything else.
unsafe impl Sync for Job<'_> {}

/// `C = A·B` or, if A is `turned`, `C = Aᵀ·B`, then the epilogue for every tile. `a` and `a_strides` of the problem do not
/// count.
///
/// # Safety
/// As for [`super::gemm_f32`], and the machine must have the instruction set; the rows must be there, and the problem
/// have the shapes of A.
pub(super) unsafe fn run(
    isa: &Isa<f32>,
    a: &Picked,
    turned: bool,
    p: &Problem<f32>,
    epilogue: Epilogue<'_, f32>,
) {
    let (Some(kernels), false) = (isa.listed, p.m == 0 || p.n == 0) else { return };
    let packed = if p.b_strides.1 == 1 { 0 } else { p.k * p.n };
    with_buffer(Purpose::Shared, packed, |memory: *mut f32| {
        let mut p = *p;
        if packed > 0 {
            let src = Source { p: p.b, x_step: p.b_strides.1, k_step: p.b_strides.0 };
            // SAFETY: B is readable, and the buffer has room.
            unsafe { pack::copy(isa, memory, p.n as isize, src, p.n, p.k) }
            (p.b, p.b_strides) = (memory, (p.n as isize, 1));
        }
        let vectors = p.n.div_ceil(isa.lanes);
        let kernel = [1, 2, 4].iter().position(|&v| v >= vectors).unwrap_or(2);
        let rows: Vec<SparseRow> = (0..a.rows.len()).filter_map(|i| a.matrix.row(a.rows.at(i))).collect();
        let job = Job {
            isa,
            kernels,
            p,
            epilogue,
            rows: &rows,
            blocks: a.matrix.blocks(),
            strip: isa.lanes << kernel,
            kernel,
        };
        // SAFETY: the caller's promise.
        unsafe {
            if !job.finite() {
                return written_out(isa, a, turned, &job);
            }
            let strips = p.n.div_ceil(COLUMNS);
            let tall = if turned { job.blocks } else { rows.len().div_ceil(ROWS) };
            spread(true, tall * strips, &|i| {
                let columns = i / tall * COLUMNS..((i / tall + 1) * COLUMNS).min(p.n);
                match turned {
                    true => job.backward(i % tall, columns),
                    false => job.forward(i % tall * ROWS..((i % tall + 1) * ROWS).min(p.m), columns),
                }
            });
        }
    });
}

/// The product with a matrix that is written out.
///
/// # Safety
/// As for [`run`].
unsafe fn written_out(isa: &Isa<f32>, a: &Picked, turned: bool, job: &Job) {
    let columns = a.matrix.columns();
    let mut matrix = vec![0f32; job.rows.len() * columns];
    for (row, to) in job.rows.iter().zip(matrix.chunks_exact_mut(columns)) {
        for block in 0..job.blocks {
            let first = cut(columns, job.blocks, block).start;
            let (places, values) = row.block(block);
            places.iter().zip(values).for_each(|(place, x)| to[first + usize::from(*place)] = *x);
        }
    }
    let step = columns as isize;
    let a_strides = if turned { (1, step) } else { (step, 1) };
    // SAFETY: the matrix has the shape of A; the rest is the caller's promise.
    unsafe { dense(isa, &Problem { a: matrix.as_ptr(), a_strides, ..job.p }, job.epilogue) }
}

impl Job<'_> {
    /// Whether all of B is finite.
    ///
    /// # Safety
    /// B must be readable.
    unsafe fn finite(&self) -> bool {
        let (n, k, step) = (self.p.n, self.p.k, self.p.b_strides.0);
        let each = (LOOK / n).max(1);
        let finite = AtomicBool::new(true);
        spread(n * k > LOOK, k.div_ceil(each), &|i| {
            let rows = i * each..((i + 1) * each).min(k);
            let b = at(self.p.b, rows.start, step, 0, 1);
            // SAFETY: the caller's promise.
            if !unsafe { (self.kernels.finite)(b, step, n, rows.len()) } {
                finite.store(false, Ordering::Relaxed);
            }
        });
        finite.into_inner()
    }

    /// The strips of some columns.
    fn strips(&self, columns: Range<usize>) -> impl Iterator<Item = Range<usize>> + use<> {
        let strip = self.strip;
        columns.clone().step_by(strip).map(move |start| start..(start + strip).min(columns.end))
    }

    /// A tile of `A·B`.
    ///
    /// # Safety
    /// As for [`run`]; nobody else may use the tile meanwhile.
    unsafe fn forward(&self, rows: Range<usize>, columns: Range<usize>) {
        let p = &self.p;
        let direct = !p.c.is_null() && p.c_strides.1 == 1;
        let own = if direct { 0 } else { rows.len() * columns.len() };
        with_buffer(Purpose::Own, own, |memory: *mut f32| {
            let (c, c_row) = match direct {
                true => (at(p.c, rows.start, p.c_strides.0, columns.start, 1).cast_mut(), p.c_strides.0),
                false => (memory, columns.len() as isize),
            };
            for strip in self.strips(columns.clone()) {
                for block in 0..self.blocks {
                    let t = Forward {
                        rows: &self.rows[rows.clone()],
                        block,
                        b: at(p.b, cut(p.k, self.blocks, block).start, p.b_strides.0, strip.start, 1),
                        b_row: p.b_strides.0,
                        c: c.wrapping_add(strip.start - columns.start),
                        c_row,
                        width: strip.len(),
                        accumulate: block > 0,
                    };
                    // SAFETY: the caller's promise.
                    unsafe { self.kernels.forward[self.kernel](&t) }
                }
            }
            // SAFETY: the tile is complete.
            unsafe { self.finish(rows, columns, c, c_row, direct) }
        });
    }

    /// A tile of `Aᵀ·B`: the rows that are a block of A's columns.
    ///
    /// # Safety
    /// As for [`run`]; nobody else may use the tile meanwhile.
    unsafe fn backward(&self, block: usize, columns: Range<usize>) {
        let p = &self.p;
        let rows = cut(p.m, self.blocks, block);
        let direct = !p.c.is_null() && p.c_strides.1 == 1;
        let sums_row = columns.len().next_multiple_of(self.strip);
        let parts = p.k.div_ceil(K_BLOCK).max(1);
        let separate = direct || parts > 1;
        let own = if separate && !direct { rows.len() * columns.len() } else { 0 };
        with_buffer(Purpose::Own, rows.len() * sums_row + own, |sums: *mut f32| {
            // Sums of one part become the tile where they stand.
            let (c, c_row) = match (direct, separate) {
                (true, _) => (at(p.c, rows.start, p.c_strides.0, columns.start, 1).cast_mut(), p.c_strides.0),
                (false, true) => (sums.wrapping_add(rows.len() * sums_row), columns.len() as isize),
                (false, false) => (sums, columns.len() as isize),
            };
            for part in 0..parts {
                let ks = cut(p.k, parts, part);
                // SAFETY: the buffer is as long.
                unsafe { sums.write_bytes(0, rows.len() * sums_row) }
                for strip in self.strips(columns.clone()) {
                    let t = Backward {
                        rows: &self.rows[ks.clone()],
                        block,
                        b: at(p.b, ks.start, p.b_strides.0, strip.start, 1),
                        b_row: p.b_strides.0,
                        sums: sums.wrapping_add(strip.start - columns.start),
                        sums_row,
                        width: strip.len(),
                    };
                    // SAFETY: the caller's promise.
                    unsafe { self.kernels.backward[self.kernel](&t) }
                }
                for i in 0..rows.len() {
                    let (from, to) = (sums.wrapping_add(i * sums_row), c.wrapping_offset(i as isize * c_row));
                    for j in 0..columns.len() {
                        // SAFETY: both rows are there; of sums that become the tile, none is written before it is read.
                        unsafe {
                            // No sum is a negative zero.
                            let sum = *from.add(j) + 0.0;
                            *to.add(j) = if part > 0 { *to.add(j) + sum } else { sum };
                        }
                    }
                }
            }
            // SAFETY: the tile is complete.
            unsafe { self.finish(rows, columns, c, c_row, direct) }
        });
    }

    /// Stores a tile and calls the epilogue.
    ///
    /// # Safety
    /// The tile must be readable, and its place in C writable.
    unsafe fn finish(
        &self,
        rows: Range<usize>,
        columns: Range<usize>,
        c: *const f32,
        c_row: isize,
        direct: bool,
    ) {
        let p = &self.p;
        if !direct && !p.c.is_null() {
            let src = Source { p: c, x_step: c_row, k_step: 1 };
            let to = at(p.c, rows.start, p.c_strides.0, columns.start, p.c_strides.1).cast_mut();
            // SAFETY: the caller's promise.
            unsafe { scatter(self.isa, to, p.c_strides, src, rows.len(), columns.len()) }
        }
        if let Some(epilogue) = self.epilogue {
            epilogue(rows, columns, Finished { data: c, strides: (c_row, 1) });
        }
    }
}
