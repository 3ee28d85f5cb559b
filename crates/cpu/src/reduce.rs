//! Reductions inside fused loops.
//!
//! The order in which elements are combined follows from the shape alone, so that results are the same eager
//! and compiled, for any strides and any number of threads. Floats are accumulated in `float64`, integers in 64
//! bits.

use crate::chunk::{Chunked, MAX_RANK, Scratch, with_scratch};
use crate::isa::{FlushSubnormals, Isa, isa};
use crate::loops::{ALONE, Bases};
use crate::tape::Class;
use crate::vector::CHUNK;
use rhyton_base::{DType, Error, Result, Scalar};
use rhyton_ops::{Expr, ReduceFn};
use rhyton_runtime::{Access, Loop, pool};
use std::cell::RefCell;

/// Places a piece of work has, about.
const PIECE: usize = 32 * CHUNK;
/// Running totals are kept side by side in so many lanes.
const LANES: usize = 16;

/// A running total.
#[derive(Clone, Copy)]
union Total {
    float: f64,
    int: i64,
}

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
        // Pieces are cut by shape alone. Rows: whole rows, long ones cut as well. Columns: up to a chunk of
        // columns, and so many rows of them.
        let (kept_step, length_step) = if rows {
            (if length >= PIECE { 1 } else { PIECE / length.max(1) }, length.clamp(1, 2 * PIECE))
        } else {
            let columns = kept.min(CHUNK);
            (columns, (PIECE / columns).max(1))
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
                self.body.begin(CHUNK, shared.get(), scratch);
                if self.rows {
                    self.rows(k0..k1, r0..r1, totals, shared.get(), scratch);
                } else {
                    self.columns(k0..k1, r0..r1, totals, shared.get(), scratch);
                }
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
                        // SAFETY: the register holds `count * length` elements.
                        *t = unsafe { along(r.f, r.class, *t, values, row * self.length, self.length) };
                    }
                }
                k += count;
            }
            return;
        }
        for k in kept.clone() {
            let mut r0 = reduced.start;
            while r0 < reduced.end {
                let (start, left) = (k * self.length + r0, reduced.end - r0);
                // What is only read needs no registers.
                let n = if self.body.reads_run(start, left) { left } else { CHUNK.min(left) };
                // SAFETY: the caller's promise.
                unsafe { self.body.run(start, n, None, bases, scratch) };
                for (i, r) in self.reduced.iter().enumerate() {
                    let t = &mut totals[(k - kept.start) * outputs + i];
                    // SAFETY: the register, or the memory read in its place, holds `n` elements.
                    *t = unsafe { along(r.f, r.class, *t, self.body.result(r.result, scratch), 0, n) };
                }
                r0 += n;
            }
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
        let outputs = self.reduced.len();
        let width = kept.len();
        // All columns fit into a chunk: several rows at once. Otherwise a part of each row.
        let at_once = if width == self.kept { CHUNK / width } else { 1 };
        let mut r0 = reduced.start;
        while r0 < reduced.end {
            let count = at_once.min(reduced.end - r0);
            // SAFETY: the caller's promise.
            unsafe { self.body.run(r0 * self.kept + kept.start, count * width, None, bases, scratch) };
            for (i, r) in self.reduced.iter().enumerate() {
                let values = self.body.result(r.result, scratch);
                for row in 0..count {
                    // SAFETY: the register holds `count * width` elements.
                    unsafe { down(r.f, r.class, totals, i, outputs, values, row * width, width) };
                }
            }
            r0 += count;
        }
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

fn neutral(f: ReduceFn, class: Class) -> Total {
    let float = matches!(class, Class::F32 | Class::F64);
    match f {
        ReduceFn::Sum if float => Total { float: 0.0 },
        ReduceFn::Prod if float => Total { float: 1.0 },
        ReduceFn::Max if float => Total { float: f64::NEG_INFINITY },
        ReduceFn::Min if float => Total { float: f64::INFINITY },
        ReduceFn::Sum => Total { int: 0 },
        ReduceFn::Prod => Total { int: 1 },
        ReduceFn::Max if class == Class::U64 => Total { int: 0 },
        ReduceFn::Min if class == Class::U64 => Total { int: -1 },
        ReduceFn::Max => Total { int: i64::MIN },
        ReduceFn::Min => Total { int: i64::MAX },
    }
}

/// The larger; NaN if either is.
#[inline(always)]
fn larger(a: f64, b: f64) -> f64 {
    if a >= b {
        a
    } else if b > a {
        b
    } else {
        a + b
    }
}

/// The smaller; NaN if either is.
#[inline(always)]
fn smaller(a: f64, b: f64) -> f64 {
    if a <= b {
        a
    } else if b < a {
        b
    } else {
        a + b
    }
}

#[inline(always)]
fn float(f: ReduceFn) -> fn(f64, f64) -> f64 {
    match f {
        ReduceFn::Sum => |a, b| a + b,
        ReduceFn::Prod => |a, b| a * b,
        ReduceFn::Max => larger,
        ReduceFn::Min => smaller,
    }
}

#[inline(always)]
fn int(f: ReduceFn, unsigned: bool) -> fn(i64, i64) -> i64 {
    match (f, unsigned) {
        (ReduceFn::Sum, _) => |a, b| a.wrapping_add(b),
        (ReduceFn::Prod, _) => |a, b| a.wrapping_mul(b),
        (ReduceFn::Max, false) => |a, b| a.max(b),
        (ReduceFn::Min, false) => |a, b| a.min(b),
        (ReduceFn::Max, true) => |a, b| (a as u64).max(b as u64) as i64,
        (ReduceFn::Min, true) => |a, b| (a as u64).min(b as u64) as i64,
    }
}

fn combine(f: ReduceFn, class: Class, a: Total, b: Total) -> Total {
    // SAFETY: totals of a float class hold floats, those of others integers.
    unsafe {
        match class {
            Class::F32 | Class::F64 => Total { float: float(f)(a.float, b.float) },
            _ => Total { int: int(f, class == Class::U64)(a.int, b.int) },
        }
    }
}

/// The total combined with `n` neighbours, which are kept in lanes that are combined after every chunk.
///
/// # Safety
/// The register, or memory, holds `start + n` elements of the class, and the total its type.
unsafe fn along(f: ReduceFn, class: Class, total: Total, values: *const u8, start: usize, n: usize) -> Total {
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")]
    unsafe fn wide(
        f: ReduceFn,
        class: Class,
        total: Total,
        values: *const u8,
        start: usize,
        n: usize,
    ) -> Total {
        // SAFETY: the caller's promise.
        unsafe { along_any(f, class, total, values, start, n) }
    }
    // SAFETY: the caller's promise; `isa` has found the features present.
    unsafe {
        match isa() {
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512 => wide(f, class, total, values, start, n),
            _ => along_any(f, class, total, values, start, n),
        }
    }
}

#[inline(always)]
unsafe fn along_any(
    f: ReduceFn,
    class: Class,
    total: Total,
    values: *const u8,
    start: usize,
    n: usize,
) -> Total {
    #[inline(always)]
    unsafe fn lanes<T: Copy, A: Copy>(
        total: A,
        neutral: A,
        values: *const T,
        n: usize,
        widen: impl Fn(T) -> A,
        f: impl Fn(A, A) -> A,
    ) -> A {
        let mut total = total;
        for start in (0..n).step_by(CHUNK) {
            let mut lanes = [neutral; LANES];
            let (mut i, end) = (start, n.min(start + CHUNK));
            // SAFETY: `n` elements can be read.
            unsafe {
                while i + LANES <= end {
                    // As an array, so that the compiler sees vectors.
                    let block: [A; LANES] = values.add(i).cast::<[T; LANES]>().read_unaligned().map(&widen);
                    lanes = std::array::from_fn(|k| f(lanes[k], block[k]));
                    i += LANES;
                }
                for (k, lane) in lanes.iter_mut().enumerate().take(end - i) {
                    *lane = f(*lane, widen(values.add(i + k).read()));
                }
            }
            let mut width = LANES / 2;
            while width > 0 {
                for k in 0..width {
                    lanes[k] = f(lanes[k], lanes[k + width]);
                }
                width /= 2;
            }
            total = f(total, lanes[0]);
        }
        total
    }
    /// The total and the extreme value; NaN if there is one.
    #[inline(always)]
    unsafe fn extreme<T: Copy + PartialEq + Into<f64>>(
        total: f64,
        values: *const T,
        n: usize,
        lowest: T,
        better: impl Fn(T, T) -> bool,
        f: impl Fn(f64, f64) -> f64,
    ) -> f64 {
        let chunks = (0..n).step_by(CHUNK);
        // SAFETY: `n` elements can be read.
        chunks.fold(total, |t, i| unsafe {
            f(t, extreme_of_chunk(values.add(i), CHUNK.min(n - i), lowest, &better))
        })
    }
    #[inline(always)]
    unsafe fn extreme_of_chunk<T: Copy + PartialEq + Into<f64>>(
        values: *const T,
        n: usize,
        lowest: T,
        better: impl Fn(T, T) -> bool,
    ) -> f64 {
        let (mut best, mut nan) = ([lowest; LANES], [false; LANES]);
        let mut take = |k: usize, v: T| {
            best[k] = if better(best[k], v) { v } else { best[k] };
            // Only NaN differs from itself.
            #[allow(clippy::eq_op)]
            let bad = v != v;
            nan[k] |= bad;
        };
        // SAFETY: `n` elements can be read.
        unsafe {
            let mut i = 0;
            while i + LANES <= n {
                (0..LANES).for_each(|k| take(k, values.add(i + k).read()));
                i += LANES;
            }
            (0..n - i).for_each(|k| take(k, values.add(i + k).read()));
        }
        match nan.contains(&true) {
            true => f64::NAN,
            false => best[1..].iter().fold(best[0], |a, &b| if better(a, b) { b } else { a }).into(),
        }
    }
    let empty = neutral(f, class);
    // SAFETY: the caller's promise; totals hold the type of their class. Each branch names its function, so that
    // it is compiled into the loop.
    unsafe {
        macro_rules! floats {
            ($t:ty) => {{
                let (t, e, v) = (total.float, empty.float, values.cast::<$t>().add(start));
                let w = |x: $t| f64::from(x);
                let float = match f {
                    ReduceFn::Sum => lanes(t, e, v, n, w, |a, b| a + b),
                    ReduceFn::Prod => lanes(t, e, v, n, w, |a, b| a * b),
                    ReduceFn::Max => extreme(t, v, n, <$t>::NEG_INFINITY, |a, b| b > a, larger),
                    ReduceFn::Min => extreme(t, v, n, <$t>::INFINITY, |a, b| b < a, smaller),
                };
                Total { float }
            }};
        }
        macro_rules! ints {
            ($t:ty, $w:expr) => {{
                let (t, e, v) = (total.int, empty.int, values.cast::<$t>().add(start));
                let unsigned = class == Class::U64;
                let int = match f {
                    ReduceFn::Sum => lanes(t, e, v, n, $w, i64::wrapping_add),
                    ReduceFn::Prod => lanes(t, e, v, n, $w, i64::wrapping_mul),
                    ReduceFn::Max if !unsigned => lanes(t, e, v, n, $w, |a: i64, b| a.max(b)),
                    ReduceFn::Min if !unsigned => lanes(t, e, v, n, $w, |a: i64, b| a.min(b)),
                    _ => lanes(t, e, v, n, $w, int(f, unsigned)),
                };
                Total { int }
            }};
        }
        match class {
            Class::F32 => floats!(f32),
            Class::F64 => floats!(f64),
            Class::I32 => ints!(i32, i64::from),
            Class::I64 | Class::U64 => ints!(i64, |x| x),
        }
    }
}

/// Neighbours of a register, each combined with its own total.
///
/// # Safety
/// The register holds `start + n` elements of the class, and the totals its type.
#[allow(clippy::too_many_arguments)]
unsafe fn down(
    f: ReduceFn,
    class: Class,
    totals: &mut [Total],
    first: usize,
    step: usize,
    values: *const u8,
    start: usize,
    n: usize,
) {
    #[cfg(target_arch = "x86_64")]
    #[allow(clippy::too_many_arguments)]
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")]
    unsafe fn wide(
        f: ReduceFn,
        class: Class,
        totals: &mut [Total],
        first: usize,
        step: usize,
        values: *const u8,
        start: usize,
        n: usize,
    ) {
        // SAFETY: the caller's promise.
        unsafe { down_any(f, class, totals, first, step, values, start, n) }
    }
    // SAFETY: the caller's promise; `isa` has found the features present.
    unsafe {
        match isa() {
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512 => wide(f, class, totals, first, step, values, start, n),
            _ => down_any(f, class, totals, first, step, values, start, n),
        }
    }
}

#[allow(clippy::too_many_arguments)]
#[inline(always)]
unsafe fn down_any(
    f: ReduceFn,
    class: Class,
    totals: &mut [Total],
    first: usize,
    step: usize,
    values: *const u8,
    start: usize,
    n: usize,
) {
    debug_assert!(n == 0 || first + (n - 1) * step < totals.len());
    // SAFETY: the caller's promise; totals hold the type of their class.
    unsafe {
        macro_rules! floats {
            ($t:ty, $g:expr) => {{
                let v = values.cast::<$t>().add(start);
                let g = $g;
                if step == 1 {
                    for (i, t) in totals[..n].iter_mut().enumerate() {
                        t.float = g(t.float, f64::from(v.add(i).read()));
                    }
                } else {
                    for i in 0..n {
                        let t = &mut totals[first + i * step];
                        t.float = g(t.float, f64::from(v.add(i).read()));
                    }
                }
            }};
        }
        match (class, f) {
            (Class::F32, ReduceFn::Sum) => floats!(f32, |a: f64, b: f64| a + b),
            (Class::F32, ReduceFn::Max) => floats!(f32, |a, b| larger(a, b)),
            (Class::F32, ReduceFn::Min) => floats!(f32, |a, b| smaller(a, b)),
            (Class::F32, ReduceFn::Prod) => floats!(f32, |a: f64, b: f64| a * b),
            (Class::F64, ReduceFn::Sum) => floats!(f64, |a: f64, b: f64| a + b),
            (Class::F64, _) => floats!(f64, float(f)),
            _ => {
                let g = int(f, class == Class::U64);
                for i in 0..n {
                    let x = match class {
                        Class::I32 => i64::from(values.cast::<i32>().add(start + i).read()),
                        _ => values.cast::<i64>().add(start + i).read(),
                    };
                    let t = &mut totals[first + i * step];
                    t.int = g(t.int, x);
                }
            }
        }
    }
}
