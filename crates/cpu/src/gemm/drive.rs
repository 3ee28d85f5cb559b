//! Runs a plan: packs B if the plan says so, then computes C tile by tile, both spread over the thread pool.

use super::kernel::{Element, Isa, Tile};
use super::pack::{self, Purpose, Source, with_buffer};
use super::plan::Plan;
use super::{Epilogue, Finished, Problem, sparse};
use crate::isa::FlushSubnormals;
use rhyton_runtime::pool;
use std::ops::Range;

/// What the pieces of a parallel section share.
struct Job<'a, T: 'static> {
    isa: &'a Isa<T>,
    plan: &'a Plan<T>,
    /// B in strips, if packed.
    packed: *mut T,
    epilogue: Epilogue<'a, T>,
}

// SAFETY: pieces write disjoint parts of C and of the packed B and only read everything else.
unsafe impl<T: Element> Sync for Job<'_, T> {}

/// `C = A·B`, then the epilogue for every tile.
///
/// # Safety
/// As for [`super::gemm_f32`]; and the machine must have the instruction set.
pub(super) unsafe fn run<T: Element>(isa: &Isa<T>, p: &Problem<T>, epilogue: Epilogue<'_, T>) {
    if p.m == 0 || p.n == 0 {
        return;
    }
    // SAFETY: the caller's promise.
    unsafe {
        if !sparse::run(isa, p, epilogue) {
            dense(isa, p, epilogue);
        }
    }
}

/// [`run`] without looking for zeros.
///
/// # Safety
/// As for [`run`].
pub(super) unsafe fn dense<T: Element>(isa: &Isa<T>, p: &Problem<T>, epilogue: Epilogue<'_, T>) {
    let plan = &Plan::new(isa, p);
    let packed_len = if plan.pack_b { plan.p.k * isa.whole(plan.p.n) } else { 0 };
    with_buffer(Purpose::Shared, packed_len, |packed| {
        let job = &Job { isa, plan, packed, epilogue };
        if plan.pack_b {
            let strips = plan.p.n.div_ceil(plan.strip);
            // SAFETY: every piece packs its own block, for which the buffer has room.
            spread(packed_len > ALONE, strips * plan.k_blocks, &|i| unsafe {
                job.pack_b(i % strips, i / strips)
            });
        }
        let (down, across) = plan.tiles;
        if plan.by_blocks {
            // SAFETY: the caller's promise.
            return unsafe { job.by_blocks() };
        }
        // SAFETY: B is packed, and every piece computes its own tile.
        spread(plan.parallel, down * across, &|i| unsafe { job.tile(i % down, i / down) });
    });
}

/// Elements whose packing is not worth a parallel section.
const ALONE: usize = if cfg!(miri) { 1 << 8 } else { 1 << 14 };

/// Calls `work` for all pieces, on the thread pool if that is worth while.
pub(super) fn spread(parallel: bool, pieces: usize, work: &(dyn Fn(usize) + Sync)) {
    if !parallel {
        return (0..pieces).for_each(work);
    }
    pool().run(pieces, &|piece| {
        // Every thread computes in the caller's mode, or bits would depend on who computes them.
        let _mode = FlushSubnormals::on();
        work(piece);
    });
}

impl<T: Element> Job<'_, T> {
    /// Where the packed strip that starts at `column` has its row `k`; `width` is its columns, filled up to
    /// whole vectors.
    fn packed_at(&self, column: usize, k: usize, width: usize) -> *mut T {
        self.packed.wrapping_add(column * self.plan.p.k + k * width)
    }

    /// Packs a strip of B over a block of `k`.
    ///
    /// # Safety
    /// B must be readable and `packed` have room for it; nobody else may use this block.
    unsafe fn pack_b(&self, strip: usize, block: usize) {
        let (plan, p) = (self.plan, &self.plan.p);
        let ks = plan.k_block(block);
        let columns = strip * plan.strip..((strip + 1) * plan.strip).min(p.n);
        plan.strips(self.isa, columns, |column, _, width| {
            let (x_step, k_step) = (p.b_strides.1, p.b_strides.0);
            let src = Source { p: at(p.b, column, x_step, ks.start, k_step), x_step, k_step };
            let whole = self.isa.whole(width);
            let dst = self.packed_at(column, ks.start, whole);
            // SAFETY: the caller's promise.
            unsafe { pack::copy(self.isa, dst, whole as isize, src, width, ks.len()) }
        });
    }

    /// Computes a tile of C and calls the epilogue.
    ///
    /// # Safety
    /// A and B (or its packed form) must be readable and the tile of C writable, by nobody else meanwhile.
    unsafe fn tile(&self, down: usize, across: usize) {
        let (isa, plan, p) = (self.isa, self.plan, &self.plan.p);
        let (rows, columns) = (plan.tile_rows(down), plan.tile_columns(across));
        let longest = p.k.div_ceil(plan.k_blocks);
        let a_len = if plan.pack_a { (rows.len() * longest).next_multiple_of(16) } else { 0 };
        // Narrow rows follow one another, so that the work behind the product sees one long run.
        let pitch = match columns.len() < isa.lanes {
            true => columns.len(),
            false => isa.whole(columns.len()),
        };
        let c_len = if plan.copy_c { rows.len() * pitch } else { 0 };
        with_buffer(Purpose::Own, a_len + c_len, |own: *mut T| {
            let own_c = own.wrapping_add(a_len);
            let (c, c_row) = match plan.copy_c {
                true => (own_c.cast_const(), pitch as isize),
                false => (at(p.c, rows.start, p.c_strides.0, columns.start, p.c_strides.1), p.c_strides.0),
            };
            for block in 0..plan.k_blocks {
                // SAFETY: the caller's promise; `own` has room for the tile's rows over the block.
                unsafe {
                    self.block(block, (rows.clone(), columns.clone()), own, (c.cast_mut(), c_row), block > 0)
                }
            }
            if plan.copy_c && !p.c.is_null() {
                let src = Source { p: own_c.cast_const(), x_step: pitch as isize, k_step: 1 };
                let c = at(p.c, rows.start, p.c_strides.0, columns.start, p.c_strides.1).cast_mut();
                // SAFETY: the tile is complete in `own`, and its place in C is the caller's to write.
                unsafe { scatter(isa, c, p.c_strides, src, rows.len(), columns.len()) }
            }
            self.finish(rows.clone(), columns.clone(), c, c_row);
        });
    }

    /// Adds the products over a block of `k` to a tile of C, or begins with them.
    ///
    /// # Safety
    /// As for [`Job::tile`]; `c` is where the tile's first element belongs, and `own` has room for the tile's
    /// rows of A over the block if they are to be packed.
    unsafe fn block(
        &self,
        block: usize,
        (rows, columns): (Range<usize>, Range<usize>),
        own: *mut T,
        (c, c_row): (*mut T, isize),
        accumulate: bool,
    ) {
        let (isa, plan, p) = (self.isa, self.plan, &self.plan.p);
        let groups = Groups::new(rows.len(), plan.height);
        let ks = plan.k_block(block);
        let a_at = |row: usize| at(p.a, row, p.a_strides.0, ks.start, p.a_strides.1);
        if plan.pack_a {
            for group in groups {
                let (x_step, k_step) = p.a_strides;
                let src = Source { p: a_at(rows.start + group.start), x_step, k_step };
                let dst = own.wrapping_add(group.start * ks.len());
                // SAFETY: A is readable, and `own` has room for the tile's rows over the block.
                unsafe { pack::copy(isa, dst, group.len() as isize, src, group.len(), ks.len()) }
            }
        }
        plan.strips(isa, columns.clone(), |column, family, width| {
            let family = &isa.families[family];
            let (b, b_k) = match plan.pack_b {
                true => {
                    let whole = family.vectors * isa.lanes;
                    (self.packed_at(column, ks.start, whole).cast_const(), whole as isize)
                }
                false => (at(p.b, ks.start, p.b_strides.0, column, p.b_strides.1), p.b_strides.0),
            };
            let mut ahead = match (plan.far_b, plan.pack_b) {
                (false, _) => b,
                (true, true) => b.wrapping_add(p.k * b_k as usize),
                (true, false) => b.wrapping_add(width),
            };
            for group in groups {
                let (a, a_row, a_k) = match plan.pack_a {
                    true => (own.wrapping_add(group.start * ks.len()).cast_const(), 1, group.len() as isize),
                    false => (a_at(rows.start + group.start), p.a_strides.0, p.a_strides.1),
                };
                let kernels = if a_row == 1 || group.len() == 1 { family.unit } else { family.strided };
                let c = at(c, group.start, c_row, column - columns.start, 1);
                let tail = width - (family.vectors - 1) * isa.lanes;
                let t = Tile {
                    k: ks.len(),
                    a,
                    a_row,
                    a_k,
                    b,
                    b_k,
                    ahead,
                    c: c.cast_mut(),
                    c_row,
                    tail,
                    accumulate,
                };
                // SAFETY: the machine has the instruction set, and the tile is inside A, B and C or in
                // their packed forms, which were written over the same ranges.
                unsafe { kernels[group.len() - 1](&t) }
                if plan.far_b {
                    ahead = ahead.wrapping_offset((ks.len() / 4) as isize * b_k);
                }
            }
        });
    }

    /// Computes all of a C of few rows: the blocks of `k` each by themselves, on several threads, and then their sum.
    /// Each thread reads whole rows of B, which stay in its cache from one product to the next; columns of a row-major
    /// B would find room in a part of it only.
    ///
    /// # Safety
    /// As for [`Job::tile`], for all of C.
    unsafe fn by_blocks(&self) {
        let (isa, plan, p) = (self.isa, self.plan, &self.plan.p);
        let (rows, pitch, part) = (p.m, p.n, p.m * p.n);
        let across = plan.tiles.1;
        with_buffer(Purpose::Shared, plan.k_blocks * part, |sums: *mut T| {
            let sums = Shared(sums);
            spread(true, plan.k_blocks * across, &|i| {
                let (block, columns) = (i / across, self.plan.tile_columns(i % across));
                let c = sums.get().wrapping_add(block * part + columns.start);
                let none = std::ptr::null_mut();
                // SAFETY: every piece has its own part of the buffer; nothing is packed.
                unsafe { self.block(block, (0..rows, columns), none, (c, pitch as isize), false) }
            });
            let sums = sums.get();
            // SAFETY: all blocks are complete, and the buffer holds them one after the other.
            let all = unsafe { std::slice::from_raw_parts_mut(sums, plan.k_blocks * part) };
            let (first, later) = all.split_at_mut(part);
            for block in later.chunks_exact(part) {
                first.iter_mut().zip(block).for_each(|(sum, &x)| *sum = *sum + x);
            }
            let (c, c_row) = match plan.copy_c {
                true => (sums, pitch as isize),
                false => (p.c, p.c_strides.0),
            };
            if !p.c.is_null() {
                let src = Source { p: sums.cast_const(), x_step: pitch as isize, k_step: 1 };
                // SAFETY: C is the caller's to write.
                unsafe { scatter(isa, p.c, p.c_strides, src, p.m, p.n) }
            }
            self.finish(0..p.m, 0..p.n, c, c_row);
        });
    }

    /// Calls the epilogue for a finished tile.
    fn finish(&self, rows: Range<usize>, columns: Range<usize>, data: *const T, row: isize) {
        let Some(epilogue) = self.epilogue else { return };
        match self.plan.swapped {
            true => epilogue(columns, rows, Finished { data, strides: (1, row) }),
            false => epilogue(rows, columns, Finished { data, strides: (row, 1) }),
        }
    }
}

/// Memory that pieces write disjoint parts of.
#[derive(Clone, Copy)]
struct Shared<T>(*mut T);

// SAFETY: pieces write disjoint parts.
unsafe impl<T> Sync for Shared<T> {}

impl<T> Shared<T> {
    fn get(&self) -> *mut T {
        self.0
    }
}

/// Nearly equal groups of rows, each for one kernel. (`cut` divides, which would cost more than a small kernel.)
#[derive(Clone, Copy)]
struct Groups {
    rows: usize,
    at: usize,
    each: usize,
    /// Groups at the start that have one row more.
    more: usize,
}

impl Groups {
    fn new(rows: usize, height: usize) -> Groups {
        if rows <= height {
            return Groups { rows, at: 0, each: rows, more: 0 };
        }
        let count = rows.div_ceil(height);
        Groups { rows, at: 0, each: rows / count, more: rows % count }
    }
}

impl Iterator for Groups {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        if self.at == self.rows {
            return None;
        }
        let start = self.at;
        self.at += self.each + usize::from(self.more > 0);
        self.more = self.more.saturating_sub(1);
        Some(start..self.at)
    }
}

/// The address of an element.
pub(super) fn at<T>(p: *const T, i: usize, i_step: isize, j: usize, j_step: isize) -> *const T {
    p.wrapping_offset(i as isize * i_step + j as isize * j_step)
}

/// Copies a finished tile to where C's strides want it.
///
/// # Safety
/// As for [`pack::copy`].
pub(super) unsafe fn scatter<T: Element>(
    isa: &Isa<T>,
    c: *mut T,
    strides: (isize, isize),
    src: Source<T>,
    rows: usize,
    columns: usize,
) {
    // SAFETY: all indices are inside the tile.
    unsafe {
        if strides.0 == 1 || rows == 1 {
            return pack::copy(isa, c, strides.1, src, rows, columns);
        }
        for i in 0..rows {
            for j in 0..columns {
                *at(c, i, strides.0, j, strides.1).cast_mut() = *at(src.p, i, src.x_step, j, src.k_step);
            }
        }
    }
}
