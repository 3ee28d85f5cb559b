//! Products whose A is mostly zeros, as pictures on a dark ground, words in a text and one-hot rows are.
//!
//! What A holds is listed, row by row, and only that is multiplied. Every sum is the one a dense product makes, to the
//! last bit: a term that is left out is a zero, and no sum is a negative zero. Where B holds an infinity or
//! no number, zeros count, and the product is left to the dense kernels.

use super::drive::{at, spread};
use super::kernel::{Element, Isa};
use super::pack::{self, Purpose, Source, with_buffer};
use super::plan::{K_BLOCK, cut};
use super::sparse_kernel::{PANEL, Rows, Sparse};
use super::{Epilogue, Finished, Problem};
use rhyton_runtime::profile;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};

/// Multiply-adds below which looking for zeros costs more than it gains.
const WORTH: usize = if cfg!(miri) { 1 << 11 } else { 1 << 20 };

/// Bytes of B that stay in the first cache while rows of A pass by.
const NEAR: usize = 32 << 10;

/// Panels that are looked at before all are.
const SAMPLES: usize = 4;

/// Room that the listing of a panel may use beyond what it keeps.
const SLACK: usize = 16;

/// A product with its lists.
#[derive(Clone, Copy)]
struct Job<'a, T: 'static> {
    isa: &'a Isa<T>,
    p: &'a Problem<T>,
    epilogue: Epilogue<'a, T>,
    /// Index of the kernel, and the columns of its strips.
    kernel: usize,
    strip: usize,
    /// Blocks of `k`, each of so many segments.
    blocks: usize,
    segments: usize,
    /// How many entries come before each panel; for every panel and segment `PANEL + 1` starts; the entries.
    before: *mut usize,
    starts: *mut u32,
    values: *mut T,
    places: *mut u32,
    /// B in strips.
    packed: *mut T,
    /// The blocks of `k` of a product that is cut by them, each a whole C.
    parts: *mut T,
}

// SAFETY: pieces write disjoint parts of C, the lists and the packed B, and only read everything else.
unsafe impl<T: Element> Sync for Job<'_, T> {}

/// `C = A·B` and the epilogue, if A is found to be sparse; nothing, and `false`, otherwise.
///
/// # Safety
/// As for [`super::gemm_f32`]; and the machine must have the instruction set.
pub(super) unsafe fn run<T: Element>(isa: &Isa<T>, p: &Problem<T>, epilogue: Epilogue<'_, T>) -> bool {
    let Problem { m, n, k, .. } = *p;
    let rows_or_columns = p.a_strides.0 == 1 || p.a_strides.1 == 1;
    let c_in_rows = p.c.is_null() || p.c_strides.1 == 1;
    if m < PANEL
        || n < isa.lanes
        || m.saturating_mul(n).saturating_mul(k) < WORTH
        || !rows_or_columns
        || !c_in_rows
    {
        return false;
    }
    let vectors = n.div_ceil(isa.lanes);
    let kernel = (0..isa.sparse.rows.len()).rposition(|i| 1 << i <= vectors).unwrap_or(0);
    let strip = isa.lanes << kernel;
    if k.saturating_mul(strip) > u32::MAX as usize {
        return false;
    }
    let blocks = k.div_ceil(K_BLOCK).max(1);
    let segments = (k.div_ceil(blocks) * strip * size_of::<T>()).div_ceil(NEAR);
    let null = std::ptr::null_mut::<u8>();
    let mut job = Job {
        isa,
        p,
        epilogue,
        kernel,
        strip,
        blocks,
        segments,
        before: null.cast(),
        starts: null.cast(),
        values: null.cast(),
        places: null.cast(),
        packed: null.cast(),
        parts: null.cast(),
    };
    let panels = m.div_ceil(PANEL);
    let (most, of) = isa.sparse.thin;
    let thin = |found: usize, panels: usize| found * of <= panels * PANEL * k * most;
    let samples = SAMPLES.min(panels);
    // SAFETY: A is readable.
    let found: usize = (0..samples).map(|i| unsafe { job.count(i * panels / samples) }).sum();
    if !thin(found, samples) {
        return false;
    }
    let starts = panels * blocks * segments * (PANEL + 1);
    let heads = (panels + 1) * size_of::<usize>() + starts * size_of::<u32>();
    with_buffer(Purpose::Heads, heads, |memory: *mut u8| {
        job.before = memory.cast();
        // SAFETY: the buffer has room for both.
        job.starts = unsafe { job.before.add(panels + 1).cast() };
        let counting = &job;
        // SAFETY: A is readable, and every piece counts its own panel.
        spread(true, panels, &|i| unsafe { counting.before.add(i + 1).write(counting.count(i)) });
        let mut total = 0;
        for i in 0..=panels {
            // SAFETY: the counts are there.
            unsafe {
                let found = if i == 0 { 0 } else { *job.before.add(i) };
                total += found;
                *job.before.add(i) = total + i * SLACK;
            }
        }
        let entries = total + panels * SLACK;
        if !thin(total, panels) || entries > u32::MAX as usize {
            return false;
        }
        with_buffer(Purpose::Lists, entries * (size_of::<T>() + size_of::<u32>()), |memory: *mut u8| {
            job.values = memory.cast();
            // SAFETY: the buffer has room for both.
            job.places = unsafe { job.values.add(entries).cast() };
            with_buffer(Purpose::Shared, k * n.next_multiple_of(strip), |packed| {
                job.packed = packed;
                // SAFETY: the lists and the packed B have room, and the caller vouches for the matrices.
                let done = unsafe { job.multiply(panels) };
                if done {
                    profile::skipped((2 * isa.sparse.numbers * (m * k - total) * n) as u64);
                }
                done
            })
        })
    })
}

impl<T: Element> Job<'_, T> {
    fn functions(&self) -> &'static Sparse<T> {
        self.isa.sparse
    }

    fn rows(&self, panel: usize) -> Range<usize> {
        panel * PANEL..((panel + 1) * PANEL).min(self.p.m)
    }

    /// The `k` of a segment, numbered through all blocks.
    fn segment(&self, i: usize) -> Range<usize> {
        let block = cut(self.p.k, self.blocks, i / self.segments);
        let inside = cut(block.len(), self.segments, i % self.segments);
        block.start + inside.start..block.start + inside.end
    }

    /// How many numbers of a panel of A are not zero.
    ///
    /// # Safety
    /// A must be readable.
    unsafe fn count(&self, panel: usize) -> usize {
        let (p, rows) = (self.p, self.rows(panel));
        let (row, k) = p.a_strides;
        let first = at(p.a, rows.start, row, 0, 0);
        let count = self.functions().count;
        let (length, step, runs) = if k == 1 { (p.k, row, rows.len()) } else { (rows.len(), k, p.k) };
        // SAFETY: the caller's promise.
        unsafe { count(first, length, step, runs) }
    }

    /// Lists A, packs B, multiplies.
    ///
    /// # Safety
    /// As for [`run`]; the panels must have been counted.
    unsafe fn multiply(&self, panels: usize) -> bool {
        let (n, k) = (self.p.n, self.p.k);
        let strips = n.div_ceil(self.strip);
        let all = self.blocks * self.segments;
        let finite = AtomicBool::new(true);
        // Every segment of B with its share of the panels, so that a thread packs the rows of B that it had before.
        let share = panels.div_ceil(all);
        spread(true, all * (strips + share), &|i| {
            let (segment, i) = (i / (strips + share), i % (strips + share));
            match i.checked_sub(strips) {
                // SAFETY: every piece packs its own part of B or lists its own panel.
                None if unsafe { !self.pack(i, self.segment(segment)) } => {
                    finite.store(false, Ordering::Relaxed)
                }
                // SAFETY: as above.
                Some(i) if segment * share + i < panels => unsafe { self.list(segment * share + i) },
                _ => {}
            }
        });
        if !finite.into_inner() {
            return false;
        }
        // Of a tall C every tile takes whole rows, as dense products do.
        let across = if self.p.m >= n { 1 } else { strips.min((n / 128).max(1)) };
        let down = panels.div_ceil(4);
        let tiles = |i: usize| (cut(panels, down, i % down), cut(strips, across, i / down));
        if self.blocks == 1 || 2 * self.p.m > k {
            spread(true, down * across, &|i| {
                let (panels, strips) = tiles(i);
                // SAFETY: everything is listed and packed, and every piece computes its own tile.
                unsafe { self.tile(panels, strips) }
            });
            return true;
        }
        with_buffer(Purpose::Parts, self.blocks * self.p.m * n, |parts: *mut T| {
            let job = Job { parts, ..*self };
            let job = &job;
            spread(true, self.blocks * down * across, &|i| {
                let (panels, strips) = tiles(i % (down * across));
                // SAFETY: everything is listed and packed, and every piece computes its own tile of its own block.
                unsafe { job.part(i / (down * across), panels, strips) }
            });
            // SAFETY: all parts are there, and every piece adds up its own rows.
            spread(true, panels, &|i| unsafe { job.add_parts(self.rows(i)) });
            true
        })
    }

    /// Lists the numbers of a panel of A that are not zero.
    ///
    /// # Safety
    /// A must be readable and the lists have room.
    unsafe fn list(&self, panel: usize) {
        let (p, rows) = (self.p, self.rows(panel));
        let all = self.blocks * self.segments;
        let list = self.functions().list;
        let step = self.strip as u32;
        // SAFETY: the caller's promise.
        let mut next = unsafe { *self.before.add(panel) };
        for i in 0..all {
            let ks = self.segment(i);
            let starts = self.starts.wrapping_add((panel * all + i) * (PANEL + 1));
            let first = at(p.a, rows.start, p.a_strides.0, ks.start, p.a_strides.1);
            let mut each = |row: usize, src: *const T| {
                // SAFETY: the caller's promise.
                unsafe {
                    starts.add(row).write(next as u32);
                    let (values, places) = (self.values.add(next), self.places.add(next));
                    next += list(src, ks.len(), ks.start as u32 * step, step, values, places);
                    starts.add(row + 1).write(next as u32);
                }
            };
            if p.a_strides.1 == 1 {
                (0..rows.len()).for_each(|i| each(i, first.wrapping_offset(i as isize * p.a_strides.0)));
                continue;
            }
            with_buffer(Purpose::Own, rows.len() * ks.len(), |turned: *mut T| {
                let src = Source { p: first, x_step: p.a_strides.1, k_step: p.a_strides.0 };
                // SAFETY: A is readable, and the buffer has room.
                unsafe { pack::copy(self.isa, turned, ks.len() as isize, src, ks.len(), rows.len()) }
                (0..rows.len()).for_each(|i| each(i, turned.wrapping_add(i * ks.len())));
            });
        }
    }

    /// Packs a part of a strip of B; tells whether all its numbers are finite.
    ///
    /// # Safety
    /// B must be readable and `packed` have room.
    unsafe fn pack(&self, strip: usize, ks: Range<usize>) -> bool {
        let p = self.p;
        let column = strip * self.strip;
        let columns = self.strip.min(p.n - column);
        let dst = self.packed.wrapping_add(column * p.k + ks.start * self.strip);
        let src = at(p.b, ks.start, p.b_strides.0, column, p.b_strides.1);
        let pack = self.functions().pack;
        // SAFETY: the caller's promise.
        unsafe {
            if p.b_strides.1 == 1 {
                return pack(dst, self.strip, src, p.b_strides.0, columns, ks.len());
            }
            with_buffer(Purpose::Own, columns * ks.len(), |turned: *mut T| {
                let from = Source { p: src, x_step: p.b_strides.1, k_step: p.b_strides.0 };
                pack::copy(self.isa, turned, columns as isize, from, columns, ks.len());
                pack(dst, self.strip, turned, columns as isize, columns, ks.len())
            })
        }
    }

    /// Computes a tile of C and calls the epilogue.
    ///
    /// # Safety
    /// The lists and the packed B must be complete, and the tile of C writable, by nobody else meanwhile.
    unsafe fn tile(&self, panels: Range<usize>, strips: Range<usize>) {
        let (p, strip) = (self.p, self.strip);
        let rows = panels.start * PANEL..(panels.end * PANEL).min(p.m);
        let columns = strips.start * strip..(strips.end * strip).min(p.n);
        let sums_len = panels.len() * PANEL * strip;
        let c_len = if p.c.is_null() { rows.len() * columns.len() } else { 0 };
        with_buffer(Purpose::Own, sums_len + c_len, |sums: *mut T| {
            let (c, c_row) = match p.c.is_null() {
                true => (sums.wrapping_add(sums_len), columns.len() as isize),
                false => (at(p.c, rows.start, p.c_strides.0, columns.start, 1).cast_mut(), p.c_strides.0),
            };
            for s in strips {
                for block in 0..self.blocks {
                    let c = at(c, 0, 0, s * strip - columns.start, 1).cast_mut();
                    // SAFETY: the caller's promise.
                    unsafe { self.block(s, block, panels.clone(), (sums, c, c_row), block > 0) }
                }
            }
            if let Some(epilogue) = self.epilogue {
                epilogue(rows.clone(), columns.clone(), Finished { data: c, strides: (c_row, 1) });
            }
        });
    }

    /// Computes a block of `k` of a tile of C, for some panels of a strip; C begins at the first of them.
    ///
    /// # Safety
    /// As for [`Job::tile`]; `sums` must have room for the panels.
    unsafe fn block(
        &self,
        s: usize,
        block: usize,
        panels: Range<usize>,
        (sums, c, c_row): (*mut T, *mut T, isize),
        accumulate: bool,
    ) {
        let (p, strip) = (self.p, self.strip);
        let all = self.blocks * self.segments;
        for i in 0..self.segments {
            let segment = block * self.segments + i;
            for panel in panels.clone() {
                let row = (panel - panels.start) * PANEL;
                let t = Rows {
                    rows: self.rows(panel).len(),
                    starts: self.starts.wrapping_add((panel * all + segment) * (PANEL + 1)),
                    values: self.values,
                    places: self.places,
                    b: self.packed.wrapping_add(s * strip * p.k),
                    sums: sums.wrapping_add(row * strip),
                    resume: i > 0,
                    c: match i + 1 == self.segments {
                        true => at(c, row, c_row, 0, 0).cast_mut(),
                        false => std::ptr::null_mut(),
                    },
                    c_row,
                    width: strip.min(p.n - s * strip),
                    accumulate,
                };
                // SAFETY: the caller's promise.
                unsafe { self.functions().rows[self.kernel](&t) }
            }
        }
    }

    /// Computes a tile of a block of `k` into its part.
    ///
    /// # Safety
    /// As for [`Job::tile`], of the part.
    unsafe fn part(&self, block: usize, panels: Range<usize>, strips: Range<usize>) {
        let n = self.p.n;
        let part = self.parts.wrapping_add((block * self.p.m + panels.start * PANEL) * n);
        with_buffer(Purpose::Own, panels.len() * PANEL * self.strip, |sums: *mut T| {
            for s in strips {
                let c = part.wrapping_add(s * self.strip);
                // SAFETY: the caller's promise.
                unsafe { self.block(s, block, panels.clone(), (sums, c, n as isize), false) }
            }
        });
    }

    /// Adds up the parts of some rows, in the order of `k`, and calls the epilogue.
    ///
    /// # Safety
    /// The parts must be complete, and the rows of C writable, by nobody else meanwhile.
    unsafe fn add_parts(&self, rows: Range<usize>) {
        let (p, n) = (self.p, self.p.n);
        let first = self.parts.wrapping_add(rows.start * n);
        let (c, c_row) = match p.c.is_null() {
            true => (first, n as isize),
            false => (at(p.c, rows.start, p.c_strides.0, 0, 0).cast_mut(), p.c_strides.0),
        };
        for block in 1..self.blocks {
            let more = first.wrapping_add(block * p.m * n);
            for row in 0..rows.len() {
                let sum = if block == 1 {
                    first.wrapping_add(row * n).cast_const()
                } else {
                    at(c, row, c_row, 0, 0)
                };
                // SAFETY: the caller's promise.
                unsafe {
                    (self.functions().add)(
                        sum,
                        more.wrapping_add(row * n),
                        at(c, row, c_row, 0, 0).cast_mut(),
                        n,
                    )
                }
            }
        }
        if let Some(epilogue) = self.epilogue {
            epilogue(rows, 0..n, Finished { data: c, strides: (c_row, 1) });
        }
    }
}
