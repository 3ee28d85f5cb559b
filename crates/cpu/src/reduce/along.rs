//! Neighbours combined into one total.

use super::extreme::{Number, extreme};
use super::total::{Total, combine, int, larger, neutral, smaller};
use crate::isa::widest;
use crate::tape::Class;
use crate::vector::CHUNK;
use rhyton_ops::ReduceFn;

/// Running totals are kept side by side in so many lanes.
const LANES: usize = 16;
/// So many vectors of `float32` are added as a tree before their sum is widened: 3 roundings at most.
const GROUP: usize = 8;

/// A total on its way along a row, which comes in parts: all but the last are whole chunks.
#[derive(Clone, Copy)]
pub struct Running {
    f: ReduceFn,
    class: Class,
    total: Total,
    /// Sums of `float32`s, which become one at the end of the row.
    lanes: [f64; LANES],
}

impl Running {
    /// Of nothing so far.
    pub fn new(f: ReduceFn, class: Class) -> Running {
        Running { f, class, total: neutral(f, class), lanes: [0.0; LANES] }
    }

    /// Takes up `n` neighbours from the element `start` on.
    ///
    /// # Safety
    /// The register, or memory, holds `start + n` elements of the class.
    #[inline]
    pub unsafe fn take(&mut self, values: *const u8, start: usize, n: usize) {
        // SAFETY: the caller's promise; totals hold the type of their class.
        unsafe {
            match (self.f, self.class) {
                (ReduceFn::Sum, Class::F32) => sum_f32(&mut self.lanes, values.cast::<f32>().add(start), n),
                (f, class) => self.total = along(f, class, self.total, values, start, n),
            }
        }
    }

    /// The total, combined with what came before.
    pub fn end(mut self, before: Total) -> Total {
        if let (ReduceFn::Sum, Class::F32) = (self.f, self.class) {
            let mut width = LANES / 2;
            while width > 0 {
                for k in 0..width {
                    self.lanes[k] += self.lanes[k + width];
                }
                width /= 2;
            }
            self.total.float = self.lanes[0];
        }
        combine(self.f, self.class, before, self.total)
    }
}

widest! {
    /// Sums of `float32`s in lanes.
    ///
    /// # Safety
    /// `n` elements can be read.
    unsafe fn sum_f32(lanes: &mut [f64; LANES], values: *const f32, n: usize) = sum_f32_any
}

#[inline(always)]
unsafe fn sum_f32_any(lanes: &mut [f64; LANES], values: *const f32, n: usize) {
    // SAFETY: the caller's promise.
    let values = unsafe { std::slice::from_raw_parts(values, n) };
    let (vectors, rest) = values.as_chunks::<LANES>();
    let (groups, single) = vectors.as_chunks::<GROUP>();
    let add = |a: &[f32; LANES], b: &[f32; LANES]| -> [f32; LANES] { std::array::from_fn(|k| a[k] + b[k]) };
    let mut sums = *lanes;
    for v in groups {
        let a = add(&add(&v[0], &v[1]), &add(&v[2], &v[3]));
        let b = add(&add(&v[4], &v[5]), &add(&v[6], &v[7]));
        let sum = add(&a, &b);
        for k in 0..LANES {
            sums[k] += f64::from(sum[k]);
        }
    }
    for v in single {
        for k in 0..LANES {
            sums[k] += f64::from(v[k]);
        }
    }
    for (sum, &v) in sums.iter_mut().zip(rest) {
        *sum += f64::from(v);
    }
    *lanes = sums;
}

widest! {
    /// The total combined with `n` neighbours, which are kept in lanes that are combined after every chunk.
    ///
    /// # Safety
    /// The register, or memory, holds `start + n` elements of the class, and the total its type.
    unsafe fn along(f: ReduceFn, class: Class, total: Total, values: *const u8, start: usize, n: usize) -> Total = along_any
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
    unsafe fn outermost<T: Number, const LEAST: bool>(total: f64, values: *const T, n: usize) -> f64 {
        // SAFETY: `n` elements can be read.
        let values = unsafe { std::slice::from_raw_parts(values, n) };
        match (extreme::<T, LEAST>(values), LEAST) {
            (None, _) => f64::NAN,
            (Some(v), true) => smaller(total, v.into()),
            (Some(v), false) => larger(total, v.into()),
        }
    }
    let empty = neutral(f, class);
    // SAFETY: the caller's promise; totals hold the type of their class. Each branch names its function, so that
    // it is compiled into the loop.
    unsafe {
        macro_rules! floats {
            ($t:ty) => {{
                let (t, e, v) = (total.float, empty.float, values.cast::<$t>().add(start));
                let float = match f {
                    ReduceFn::Sum => lanes(t, e, v, n, |x: $t| f64::from(x), |a, b| a + b),
                    ReduceFn::Prod => lanes(t, e, v, n, |x: $t| f64::from(x), |a, b| a * b),
                    ReduceFn::Max => outermost::<$t, false>(t, v, n),
                    ReduceFn::Min => outermost::<$t, true>(t, v, n),
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
