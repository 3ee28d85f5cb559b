//! Neighbours combined with a total each.

use super::total::{Total, float, int, larger, smaller};
use crate::isa::widest;
use crate::tape::Class;
use rhyton_ops::ReduceFn;

/// So many rows of `float32` are added before their sum is widened.
pub const GROUP: usize = 8;

/// Rows of `float32` on their way to totals: sums of up to [`GROUP`] rows, extremes of any number.
pub struct Rows<'a> {
    pub f: ReduceFn,
    /// One element a column.
    pub partial: &'a mut [f32],
    /// How many rows `partial` holds.
    pub held: usize,
}

impl Rows<'_> {
    /// Whether a reduction passes through here.
    pub fn serve(f: ReduceFn, class: Class) -> bool {
        class == Class::F32 && f != ReduceFn::Prod
    }

    /// Takes up columns `at..` of a row.
    ///
    /// # Safety
    /// `values` holds `n` elements.
    pub unsafe fn take(&mut self, at: usize, values: *const f32, n: usize) {
        // SAFETY: the caller's promise.
        unsafe { take(self.f, self.held == 0, &mut self.partial[at..at + n], values) }
    }

    /// Takes up whole rows, as many as are left to take before a sum is passed on, side by side.
    ///
    /// # Safety
    /// Each of the rows holds an element for every column.
    pub unsafe fn take_rows(&mut self, rows: &[*const f32]) {
        // SAFETY: the caller's promise.
        unsafe { take_rows(self.f, self.held == 0, self.partial, rows) }
        self.held += rows.len() - 1;
    }

    /// A whole row has been taken. Passes sums on to the totals when enough have come, or at the `end`.
    ///
    /// # Safety
    /// The totals, of every `step`-th place from `first` on, are floats.
    pub unsafe fn next(&mut self, totals: &mut [Total], first: usize, step: usize, end: bool) {
        self.held += 1;
        if !end && (self.f != ReduceFn::Sum || self.held < GROUP) {
            return;
        }
        self.held = 0;
        // SAFETY: the partial results are as many as the totals.
        unsafe {
            down(self.f, Class::F32, totals, first, step, self.partial.as_ptr().cast(), 0, self.partial.len())
        }
    }
}

widest! {
    /// Combines a row with what is held, or begins with it.
    ///
    /// # Safety
    /// There are as many values as partial results.
    unsafe fn take(f: ReduceFn, first: bool, partial: &mut [f32], values: *const f32) = take_any
}

#[inline(always)]
unsafe fn take_any(f: ReduceFn, first: bool, partial: &mut [f32], values: *const f32) {
    // SAFETY: the caller's promise.
    let values = unsafe { std::slice::from_raw_parts(values, partial.len()) };
    if first {
        return partial.copy_from_slice(values);
    }
    match f {
        ReduceFn::Sum => (0..values.len()).for_each(|i| partial[i] += values[i]),
        ReduceFn::Max => (0..values.len()).for_each(|i| partial[i] = larger(partial[i], values[i])),
        _ => (0..values.len()).for_each(|i| partial[i] = smaller(partial[i], values[i])),
    }
}

widest! {
    /// Combines rows with what is held, one after the other at every column, or begins with them.
    ///
    /// # Safety
    /// As [`Rows::take_rows`].
    unsafe fn take_rows(f: ReduceFn, first: bool, partial: &mut [f32], rows: &[*const f32]) = take_rows_any
}

#[inline(always)]
unsafe fn take_rows_any(f: ReduceFn, first: bool, partial: &mut [f32], rows: &[*const f32]) {
    #[inline(always)]
    unsafe fn with(first: bool, partial: &mut [f32], rows: &[*const f32], f: impl Fn(f32, f32) -> f32) {
        /// Columns that stay in registers while their rows are combined.
        const WIDE: usize = 64;
        let columns = partial.len();
        let (begin, later) = if first { (Some(rows[0]), &rows[1..]) } else { (None, rows) };
        let (blocks, rest) = partial.as_chunks_mut::<WIDE>();
        for (number, block) in blocks.iter_mut().enumerate() {
            let at = number * WIDE;
            // SAFETY: the caller's promise: rows are as long as `partial`.
            let read = |row: *const f32| unsafe { row.add(at).cast::<[f32; WIDE]>().read_unaligned() };
            let mut held = begin.map_or(*block, read);
            for row in later {
                let values = read(*row);
                for k in 0..WIDE {
                    held[k] = f(held[k], values[k]);
                }
            }
            *block = held;
        }
        let at = columns - rest.len();
        for (k, held) in rest.iter_mut().enumerate() {
            // SAFETY: as above.
            let read = |row: *const f32| unsafe { row.add(at + k).read() };
            *held = later.iter().fold(begin.map_or(*held, read), |held, row| f(held, read(*row)));
        }
    }
    // SAFETY: the caller's promise.
    unsafe {
        match f {
            ReduceFn::Sum => with(first, partial, rows, |a, b| a + b),
            ReduceFn::Max => with(first, partial, rows, larger),
            _ => with(first, partial, rows, smaller),
        }
    }
}

widest! {
    /// Neighbours of a register, each combined with its own total.
    ///
    /// # Safety
    /// The register holds `start + n` elements of the class, and the totals its type.
    pub unsafe fn down(f: ReduceFn, class: Class, totals: &mut [Total], first: usize, step: usize, values: *const u8, start: usize, n: usize) = down_any
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
                    for (i, t) in totals[first..first + n].iter_mut().enumerate() {
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
