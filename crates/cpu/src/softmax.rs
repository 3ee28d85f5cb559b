//! Softmax of many long rows: each is read, turned and scaled while it is in the first cache.

use crate::isa::{FlushSubnormals, widest};
use crate::loops::Bases;
use crate::math;
use crate::reduce::{Number, extreme};
use rhyton_base::DType;
use rhyton_runtime::{Access, Whole, pool};
use std::ops::{Add, Mul, Sub};

/// Bytes of rows that a piece of work has, about.
const BLOCK: usize = 64 << 10;

/// Softmax or its logarithm along the last axis, made ready.
pub struct Softmax {
    log: bool,
    x: Access,
    y: Access,
    length: usize,
    rows: usize,
    /// Rows of a piece.
    step: usize,
}

impl Softmax {
    /// Prepares it. The result is of the type of `x`, a float of 32 or 64 bits.
    pub fn new(log: bool, x: &Whole, y: &Whole) -> Softmax {
        let length = x.shape.last().copied().unwrap_or(1);
        let rows = x.shape.iter().product::<usize>() / length.max(1);
        let step = (BLOCK / (length * x.access.dtype.size()).max(1)).max(1);
        Softmax { log, x: x.access.clone(), y: y.access.clone(), length, rows, step }
    }

    /// Runs it.
    ///
    /// # Safety
    /// As [`crate::loops::ReadyLoop::run`].
    pub unsafe fn run(&self, bases: &[*mut u8]) {
        let shared = Bases::new(bases);
        pool().run(self.rows.div_ceil(self.step), &|piece| {
            let _mode = FlushSubnormals::on();
            let first = piece * self.step;
            let rows = self.step.min(self.rows - first);
            let start = first * self.length * self.x.dtype.size();
            // SAFETY: the caller's promise; pieces are disjoint and inside the buffers.
            unsafe {
                let at = |a: &Access| shared.get()[a.buffer].add(a.offset + start);
                let (x, y) = (at(&self.x), at(&self.y));
                match self.x.dtype {
                    DType::F32 => rows_f32(self.log, x.cast(), y.cast(), rows, self.length),
                    _ => rows_f64(self.log, x.cast(), y.cast(), rows, self.length),
                }
            }
        });
    }
}

widest! {
    /// Softmax of `rows` rows.
    ///
    /// # Safety
    /// As many rows of so many elements can be read and written; `x` and `y` do not overlap.
    unsafe fn rows_f32(log: bool, x: *const f32, y: *mut f32, rows: usize, length: usize) = rows_any
}

widest! {
    /// Softmax of `rows` rows.
    ///
    /// # Safety
    /// As many rows of so many elements can be read and written; `x` and `y` do not overlap.
    unsafe fn rows_f64(log: bool, x: *const f64, y: *mut f64, rows: usize, length: usize) = rows_any
}

#[inline(always)]
unsafe fn rows_any<T: Real>(log: bool, x: *const T, y: *mut T, rows: usize, length: usize) {
    for i in 0..rows {
        // SAFETY: the caller's promise.
        let (x, y) = unsafe {
            let start = i * length;
            (
                std::slice::from_raw_parts(x.add(start), length),
                std::slice::from_raw_parts_mut(y.add(start), length),
            )
        };
        // An infinity among the numbers makes all of them none: zero over infinity, infinity less infinity.
        let Some(top) = extreme::<T, false>(x).filter(|top| top.magnitude() < T::INFINITY.magnitude()) else {
            y.fill(T::of(f64::NAN));
            continue;
        };
        if log {
            let shift = T::of(exponentials::<T, false>(x, y, top).ln());
            for (y, &x) in y.iter_mut().zip(x) {
                *y = (x - top) - shift;
            }
        } else {
            let scale = T::of(1.0 / exponentials::<T, true>(x, y, top));
            for y in y {
                *y = *y * scale;
            }
        }
    }
}

/// Lanes of sums.
const WIDE: usize = 64;
/// So many vectors of lanes are added before their sum is widened.
const GROUP: usize = 8;

/// The sum of `exp(x - top)`, which are also written to `y` if `KEEP`.
#[inline(always)]
fn exponentials<T: Real, const KEEP: bool>(x: &[T], y: &mut [T], top: T) -> f64 {
    let mut total = [0.0f64; WIDE];
    let ((x, x_rest), (y, y_rest)) = (x.as_chunks::<WIDE>(), y.as_chunks_mut::<WIDE>());
    for (x, y) in x.chunks(GROUP).zip(y.chunks_mut(GROUP)) {
        let mut sum = [T::of(0.0); WIDE];
        for (x, y) in x.iter().zip(y) {
            // Plain loops over the lanes, which become vectors.
            for k in 0..WIDE {
                let e = (x[k] - top).exp_below();
                sum[k] = sum[k] + e;
                if KEEP {
                    y[k] = e;
                }
            }
        }
        for k in 0..WIDE {
            total[k] += sum[k].into();
        }
    }
    for (k, (&x, y)) in x_rest.iter().zip(y_rest).enumerate() {
        let e = (x - top).exp_below();
        total[k] += e.into();
        if KEEP {
            *y = e;
        }
    }
    let mut width = WIDE / 2;
    while width > 0 {
        for k in 0..width {
            total[k] += total[k + width];
        }
        width /= 2;
    }
    total[0]
}

/// A float that softmax is made of.
trait Real: Number + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> {
    fn of(x: f64) -> Self;
    /// `exp(self)` for numbers up to 0.
    fn exp_below(self) -> Self;
}

impl Real for f32 {
    #[inline(always)]
    fn of(x: f64) -> f32 {
        x as f32
    }
    #[inline(always)]
    fn exp_below(self) -> f32 {
        math::exp_below(self)
    }
}

impl Real for f64 {
    #[inline(always)]
    fn of(x: f64) -> f64 {
        x
    }
    #[inline(always)]
    fn exp_below(self) -> f64 {
        math::f64_::exp(self)
    }
}
