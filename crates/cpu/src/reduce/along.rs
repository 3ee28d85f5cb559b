//! Neighbours combined into one total.

use super::total::{Total, int, larger, neutral, smaller};
use crate::isa::widest;
use crate::tape::Class;
use crate::vector::CHUNK;
use rhyton_ops::ReduceFn;

/// Running totals are kept side by side in so many lanes.
const LANES: usize = 16;
/// So many vectors of `float32` are added as a tree before their sum is widened: 3 roundings at most.
const GROUP: usize = 8;

widest! {
    /// The total combined with `n` neighbours, which are kept in lanes that are combined after every chunk.
    ///
    /// # Safety
    /// The register, or memory, holds `start + n` elements of the class, and the total its type.
    pub unsafe fn along(f: ReduceFn, class: Class, total: Total, values: *const u8, start: usize, n: usize) -> Total = along_any
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
    /// The sum of `float32`s.
    #[inline(always)]
    unsafe fn sum_f32(total: f64, values: *const f32, n: usize) -> f64 {
        let grouped = n / (GROUP * LANES) * (GROUP * LANES);
        let add = |a: [f32; LANES], b: [f32; LANES]| -> [f32; LANES] { std::array::from_fn(|k| a[k] + b[k]) };
        let mut total = total;
        for start in (0..grouped).step_by(CHUNK) {
            let mut lanes = [0.0f64; LANES];
            for i in (start..grouped.min(start + CHUNK)).step_by(GROUP * LANES) {
                // SAFETY: `n` elements can be read.
                let v =
                    |j: usize| unsafe { values.add(i + j * LANES).cast::<[f32; LANES]>().read_unaligned() };
                let (a, b) = (add(add(v(0), v(1)), add(v(2), v(3))), add(add(v(4), v(5)), add(v(6), v(7))));
                let sum = add(a, b);
                lanes = std::array::from_fn(|k| lanes[k] + f64::from(sum[k]));
            }
            let mut width = LANES / 2;
            while width > 0 {
                for k in 0..width {
                    lanes[k] += lanes[k + width];
                }
                width /= 2;
            }
            total += lanes[0];
        }
        // SAFETY: as above.
        unsafe { lanes(total, 0.0, values.add(grouped), n - grouped, f64::from, |a, b| a + b) }
    }
    /// The total and the extreme value; NaN if there is one. `magnitude` gives the bits without the sign, which are
    /// above those of infinity for NaN only.
    #[inline(always)]
    unsafe fn extreme<T: Copy + Into<f64>, B: Copy + Ord>(
        total: f64,
        values: *const T,
        n: usize,
        lowest: T,
        better: impl Fn(T, T) -> bool,
        f: impl Fn(f64, f64) -> f64,
        magnitude: impl Fn(T) -> B,
    ) -> f64 {
        const WIDE: usize = 4 * LANES;
        let infinite = magnitude(lowest);
        let (mut best, mut largest) = ([lowest; WIDE], [infinite; WIDE]);
        // SAFETY: `n` elements can be read.
        let values = unsafe { std::slice::from_raw_parts(values, n) };
        let (blocks, rest) = values.as_chunks::<WIDE>();
        // Plain loops over the lanes, which become vectors.
        for block in blocks {
            for k in 0..WIDE {
                best[k] = if better(best[k], block[k]) { block[k] } else { best[k] };
            }
            for k in 0..WIDE {
                let m = magnitude(block[k]);
                largest[k] = if m > largest[k] { m } else { largest[k] };
            }
        }
        if largest.iter().copied().chain(rest.iter().map(|&v| magnitude(v))).any(|m| m > infinite) {
            return f64::NAN;
        }
        let extreme = best.iter().chain(rest).fold(lowest, |a, &b| if better(a, b) { b } else { a });
        f(total, extreme.into())
    }
    let empty = neutral(f, class);
    // SAFETY: the caller's promise; totals hold the type of their class. Each branch names its function, so that
    // it is compiled into the loop.
    unsafe {
        macro_rules! floats {
            ($t:ty, $sum:expr) => {{
                let (t, e, v) = (total.float, empty.float, values.cast::<$t>().add(start));
                let bits = |x: $t| x.abs().to_bits();
                let float = match f {
                    ReduceFn::Sum => $sum(t, v),
                    ReduceFn::Prod => lanes(t, e, v, n, |x: $t| f64::from(x), |a, b| a * b),
                    ReduceFn::Max => extreme(t, v, n, <$t>::NEG_INFINITY, |a, b| b > a, larger, bits),
                    ReduceFn::Min => extreme(t, v, n, <$t>::INFINITY, |a, b| b < a, smaller, bits),
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
            Class::F32 => floats!(f32, |t, v| sum_f32(t, v, n)),
            Class::F64 => floats!(f64, |t, v| lanes(t, 0.0, v, n, |x| x, |a: f64, b| a + b)),
            Class::I32 => ints!(i32, i64::from),
            Class::I64 | Class::U64 => ints!(i64, |x| x),
        }
    }
}
