//! Reductions inside fused loops.
//!
//! The order in which elements are combined follows from the shape alone, so that results are the same eager
//! and compiled, for any strides and any number of threads. Floats are accumulated in `float64`, integers in 64
//! bits; `float32`s are first added in groups of eight.

mod along;
mod down;
mod extreme;
mod total;

pub use extreme::{Number, extreme};

use along::Running;
use down::{Rows, down};
use total::{Total, combine, neutral};

use crate::chunk::{Chunked, MAX_RANK, Scratch, with_scratch};
use crate::isa::FlushSubnormals;
use crate::loops::{ALONE, Bases};
use crate::tape::Class;
use crate::vector::CHUNK;
use rhyton_base::{DType, Error, Result, Scalar};
use rhyton_ops::{Expr, ReduceFn};
use rhyton_runtime::{Access, Loop, pool};
use smallvec::SmallVec;
use std::cell::RefCell;

/// Places a piece of work has, about.
const PIECE: usize = 32 * CHUNK;
/// Reduced places are cut into so many parts, about, if they are many.
const MOST_CUTS: usize = 64;
/// Columns of a piece whose rows are read where they lie.
const LONG_ROW: usize = 8 * CHUNK;

/// One reduced result.
struct Reduced {
    /// Its number among the expressions.
    result: usize,
    class: Class,
    f: ReduceFn,
    access: Access,
    /// Strides over the kept axes only.
    strides: Vec<isize>,
}

/// A loop with reductions, made ready.
pub struct Reduction {
    body: Chunked,
    reduced: Vec<Reduced>,
    /// Sizes of the kept axes.
    kept_shape: Vec<usize>,
    /// Kept places and reduced places.
    kept: usize,
    length: usize,
    /// Whether the innermost axis is reduced.
    rows: bool,
    /// Kept places a piece takes, and reduced places.
    kept_step: usize,
    length_step: usize,
}

thread_local! {
    static PARTIAL: RefCell<Vec<f32>> = const { RefCell::new(Vec::new()) };
    static TOTALS: RefCell<Vec<Total>> = const { RefCell::new(Vec::new()) };
}

impl Reduction {
    /// Prepares a loop with reduced outputs; `None` where there is nothing to write.
    pub fn new(l: &Loop) -> Result<Option<Reduction>> {
        let rank = l.shape.len();
        let (mut kept_axes, mut reduced_axes): (Vec<usize>, Vec<usize>) =
            (0..rank).partition(|&a| !l.reduced[a]);
        if kept_axes.len() > MAX_RANK {
            return Err(Error::unsupported(format!(
                "a reduction that keeps {} axes; at most {MAX_RANK}",
                kept_axes.len()
            )));
        }
        let kept_shape: Vec<usize> = kept_axes.iter().map(|&a| l.shape[a]).collect();
        let kept: usize = kept_shape.iter().product();
        let length: usize = reduced_axes.iter().map(|&a| l.shape[a]).product();
        if kept == 0 {
            return Ok(None);
        }
        let innermost = (0..rank).rev().find(|&a| l.shape[a] != 1);
        let rows = kept == 1 || innermost.is_none_or(|a| l.reduced[a]);
        let reduced = l.outputs.iter().enumerate().filter_map(|(result, o)| {
            Some(Reduced {
                result,
                class: Class::of(o.expr.dtype()),
                f: o.reduce?,
                access: o.access.clone(),
                strides: kept_axes.iter().map(|&a| o.access.strides[a]).collect(),
            })
        });
        let reduced = reduced.collect();
        let outputs: Vec<(Expr, Option<&Access>)> = l
            .outputs
            .iter()
            .map(|o| (o.expr.clone(), if o.reduce.is_some() { None } else { Some(&o.access) }))
            .collect();
        let (first, second) =
            if rows { (&mut kept_axes, &mut reduced_axes) } else { (&mut reduced_axes, &mut kept_axes) };
        let border = first.len();
        let axes: Vec<usize> = first.iter().chain(second.iter()).copied().collect();
        let body = Chunked::new(&l.shape, &axes, border, &l.inputs, &outputs)?;
        // Runs are cut by shape alone. Rows: whole rows, long ones cut as well. Columns: so many rows of them.
        let (kept_step, length_step) = if rows {
            let longest = (length / MOST_CUTS).max(2 * PIECE);
            (if length >= PIECE { 1 } else { PIECE / length.max(1) }, length.clamp(1, longest))
        } else {
            // What is only read comes in longer rows.
            let columns = if length > 0 && body.reads_run(0, kept) { LONG_ROW } else { CHUNK };
            (kept.min(columns), (PIECE / kept.min(CHUNK)).max(length / MOST_CUTS).max(1))
        };
        Ok(Some(Reduction { body, reduced, kept_shape, kept, length, rows, kept_step, length_step }))
    }

    /// Runs it.
    ///
    /// # Safety
    /// As [`crate::loops::ReadyLoop::run`].
    pub unsafe fn run(&self, bases: &[*mut u8]) {
        let across = self.length.div_ceil(self.length_step).max(1);
        let down = self.kept.div_ceil(self.kept_step);
        let pieces = across * down;
        let outputs = self.reduced.len();
        // Totals of all kept places, for each cut of the reduced places, for each output.
        let count = across * self.kept * outputs;
        let mut totals = TOTALS.with_borrow_mut(std::mem::take);
        totals.resize(count, Total { int: 0 });
        let start = SharedTotals(totals.as_mut_ptr());
        let shared = Bases::new(bases);
        let piece = |number: usize| {
            let _mode = FlushSubnormals::on();
            let (cut, block) = (number % across, number / across);
            let k0 = block * self.kept_step;
            let k1 = self.kept.min(k0 + self.kept_step);
            let r0 = cut * self.length_step;
            let r1 = self.length.min(r0 + self.length_step);
            // SAFETY: `cut * kept + k` for the piece's places stays below `count`, and pieces are disjoint.
            let totals = unsafe {
                let from = start.get().add((cut * self.kept + k0) * outputs);
                std::slice::from_raw_parts_mut(from, (k1 - k0) * outputs)
            };
            self.clear(totals);
            // SAFETY: the caller's promise; pieces visit disjoint places.
            with_scratch(|scratch| unsafe {
                self.body.begin(CHUNK.min((k1 - k0) * (r1 - r0)), shared.get(), scratch);
                if self.rows {
                    self.rows(k0..k1, r0..r1, totals, shared.get(), scratch);
                } else {
                    self.columns(k0..k1, r0..r1, totals, shared.get(), scratch);
                }
                self.body.end();
            });
        };
        let alone = self.kept * self.length * self.body.cost() < ALONE;
        let spread = |pieces: usize, piece: &(dyn Fn(usize) + Sync)| match alone {
            true => (0..pieces).for_each(piece),
            false => pool().run(pieces, piece),
        };
        if self.length == 0 {
            self.clear(&mut totals);
        } else {
            spread(pieces, &piece);
            // The cuts of the reduced places, in their order.
            if across > 1 {
                spread(self.kept.div_ceil(CHUNK), &|block| {
                    let _mode = FlushSubnormals::on();
                    let (from, to) = (block * CHUNK, self.kept.min((block + 1) * CHUNK));
                    // SAFETY: every piece has its own places of all cuts.
                    let part = |cut: usize| unsafe {
                        let first = start.get().add((cut * self.kept + from) * outputs);
                        std::slice::from_raw_parts_mut(first, (to - from) * outputs)
                    };
                    let total = part(0);
                    (1..across).for_each(|cut| self.merge(total, part(cut)));
                });
            }
        }
        for (i, r) in self.reduced.iter().enumerate() {
            let sum = |k: usize| totals[k * outputs + i];
            // SAFETY: the caller's promise about the output's buffer.
            unsafe { self.finish(r, bases, sum) };
        }
        debug_assert_eq!(totals.len(), count);
        TOTALS.with_borrow_mut(|t| *t = totals);
    }

    /// Totals of nothing.
    fn clear(&self, totals: &mut [Total]) {
        for place in totals.chunks_exact_mut(self.reduced.len()) {
            place.iter_mut().zip(&self.reduced).for_each(|(t, r)| *t = neutral(r.f, r.class));
        }
    }

    /// Combines totals with those of later places.
    fn merge(&self, totals: &mut [Total], later: &[Total]) {
        if let [Reduced { f: ReduceFn::Sum, class: Class::F32 | Class::F64, .. }] = self.reduced[..] {
            // SAFETY: the class is one of floats.
            return totals.iter_mut().zip(later).for_each(|(t, l)| unsafe { t.float += l.float });
        }
        let outputs = self.reduced.len();
        for (totals, later) in totals.chunks_exact_mut(outputs).zip(later.chunks_exact(outputs)) {
            for ((t, l), r) in totals.iter_mut().zip(later).zip(&self.reduced) {
                *t = combine(r.f, r.class, *t, *l);
            }
        }
    }

    /// Places of a piece where each total belongs to a run of neighbours.
    unsafe fn rows(
        &self,
        kept: std::ops::Range<usize>,
        reduced: std::ops::Range<usize>,
        totals: &mut [Total],
        bases: &[*mut u8],
        scratch: &mut Scratch,
    ) {
        let outputs = self.reduced.len();
        if self.length <= CHUNK {
            let at_once = CHUNK / self.length;
            let mut k = kept.start;
            while k < kept.end {
                let count = at_once.min(kept.end - k);
                // SAFETY: the caller's promise.
                unsafe { self.body.run(k * self.length, count * self.length, None, bases, scratch) };
                for (i, r) in self.reduced.iter().enumerate() {
                    let values = self.body.result(r.result, scratch);
                    for row in 0..count {
                        let t = &mut totals[(k - kept.start + row) * outputs + i];
                        let mut running = Running::new(r.f, r.class);
                        // SAFETY: the register holds `count * length` elements.
                        unsafe { running.take(values, row * self.length, self.length) };
                        *t = running.end(*t);
                    }
                }
                k += count;
            }
            return;
        }
        for k in kept.clone() {
            let of = |r: &Reduced| Running::new(r.f, r.class);
            let mut running: SmallVec<[Running; 4]> = self.reduced.iter().map(of).collect();
            let mut r0 = reduced.start;
            while r0 < reduced.end {
                let (start, left) = (k * self.length + r0, reduced.end - r0);
                // What is only read needs no registers.
                let n = if self.body.reads_run(start, left) { left } else { CHUNK.min(left) };
                // SAFETY: the caller's promise.
                unsafe { self.body.run(start, n, None, bases, scratch) };
                for (r, running) in self.reduced.iter().zip(&mut running) {
                    // SAFETY: the register, or the memory read in its place, holds `n` elements.
                    unsafe { running.take(self.body.result(r.result, scratch), 0, n) };
                }
                r0 += n;
            }
            let totals = &mut totals[(k - kept.start) * outputs..][..outputs];
            totals.iter_mut().zip(running).for_each(|(t, running)| *t = running.end(*t));
        }
    }

    /// Places of a piece where neighbours belong to different totals.
    unsafe fn columns(
        &self,
        kept: std::ops::Range<usize>,
        reduced: std::ops::Range<usize>,
        totals: &mut [Total],
        bases: &[*mut u8],
        scratch: &mut Scratch,
    ) {
        let (outputs, width) = (self.reduced.len(), kept.len());
        let mut memory = PARTIAL.with_borrow_mut(std::mem::take);
        memory.resize(outputs * width, 0.0);
        let partials = memory.chunks_exact_mut(width);
        let mut partials: SmallVec<[Rows; 8]> =
            self.reduced.iter().zip(partials).map(|(r, partial)| Rows { f: r.f, partial, held: 0 }).collect();
        // All columns fit into a chunk: several rows at once. Otherwise a part of each row.
        let at_once = if width == self.kept { (CHUNK / width).max(1) } else { 1 };
        let longest = |start: usize, left: usize| match self.body.reads_run(start, left) {
            true => left,
            false => left.min(CHUNK),
        };
        let mut r0 = reduced.start;
        if let ([r], [rows]) = (&self.reduced[..], &mut partials[..])
            && at_once == 1
            && Rows::serve(r.f, r.class)
        {
            // Rows that lie in memory, several at once.
            while r0 < reduced.end {
                let start = |row: usize| row * self.kept + kept.start;
                let group = r0..reduced.end.min(r0 + down::GROUP);
                if !group.clone().all(|row| self.body.reads_run(start(row), width)) {
                    break;
                }
                r0 = group.end;
                let values = group.map(|row| {
                    // SAFETY: the caller's promise.
                    unsafe { self.body.run(start(row), width, None, bases, scratch) };
                    self.body.result(r.result, scratch).cast::<f32>()
                });
                let values: SmallVec<[*const f32; down::GROUP]> = values.collect();
                // SAFETY: each row holds `width` elements.
                unsafe {
                    rows.take_rows(&values);
                    rows.next(totals, 0, 1, r0 == reduced.end);
                }
            }
        }
        while r0 < reduced.end {
            let count = at_once.min(reduced.end - r0);
            let (start, mut at) = (r0 * self.kept + kept.start, 0);
            while at < count * width {
                let n = longest(start + at, count * width - at);
                // SAFETY: the caller's promise.
                unsafe { self.body.run(start + at, n, None, bases, scratch) };
                for (i, r) in self.reduced.iter().enumerate() {
                    let values = self.body.result(r.result, scratch);
                    for row in 0..count {
                        // SAFETY: the register, or the memory read in its place, holds `n` elements.
                        unsafe {
                            let (from, n) = (row * width, n.min(width));
                            if Rows::serve(r.f, r.class) {
                                partials[i].take(at, values.cast::<f32>().add(from), n);
                                if at + n == width || count > 1 {
                                    let end = r0 + row + 1 == reduced.end;
                                    partials[i].next(totals, i, outputs, end);
                                }
                            } else {
                                down(r.f, r.class, totals, at * outputs + i, outputs, values, from, n);
                            }
                        }
                    }
                }
                at += n;
            }
            r0 += count;
        }
        drop(partials);
        PARTIAL.with_borrow_mut(|p| *p = memory);
    }

    /// Writes the totals of one result.
    unsafe fn finish(&self, r: &Reduced, bases: &[*mut u8], total: impl Fn(usize) -> Total) {
        // SAFETY: the caller's promise.
        let base = unsafe { bases[r.access.buffer].add(r.access.offset) };
        let mut coordinate = [0usize; MAX_RANK];
        let coordinate = &mut coordinate[..self.kept_shape.len()];
        let mut place = 0isize;
        for k in 0..self.kept {
            let t = total(k);
            // SAFETY: the total was written with the type of its class; the place is an element of the output.
            unsafe {
                let value = match r.class {
                    Class::F32 | Class::F64 => Scalar::Float(t.float),
                    Class::U64 => Scalar::UInt(t.int as u64),
                    _ => Scalar::Int(t.int),
                };
                write(base, place, r.access.dtype, value);
            }
            for axis in (0..coordinate.len()).rev() {
                coordinate[axis] += 1;
                place += r.strides[axis];
                if coordinate[axis] < self.kept_shape[axis] {
                    break;
                }
                place -= self.kept_shape[axis] as isize * r.strides[axis];
                coordinate[axis] = 0;
            }
        }
    }
}

#[derive(Clone, Copy)]
struct SharedTotals(*mut Total);

impl SharedTotals {
    fn get(&self) -> *mut Total {
        self.0
    }
}

// SAFETY: pieces write disjoint parts.
unsafe impl Sync for SharedTotals {}

/// Writes one element.
unsafe fn write(base: *mut u8, place: isize, dtype: DType, value: Scalar) {
    use rhyton_base::Element;
    macro_rules! put {
        ($t:ty) => {
            // SAFETY: the caller's promise.
            unsafe { base.cast::<$t>().offset(place).write(<$t>::from_scalar(value)) }
        };
    }
    match dtype {
        DType::Bool => put!(bool),
        DType::U8 => put!(u8),
        DType::U16 => put!(u16),
        DType::U32 => put!(u32),
        DType::U64 => put!(u64),
        DType::I8 => put!(i8),
        DType::I16 => put!(i16),
        DType::I32 => put!(i32),
        DType::I64 => put!(i64),
        DType::F16 => put!(rhyton_base::f16),
        DType::BF16 => put!(rhyton_base::bf16),
        DType::F32 => put!(f32),
        DType::F64 => put!(f64),
    }
}
