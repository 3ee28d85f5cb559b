//! Convolution: blocks of windows written out as the rows of a matrix, and multiplied with the weights.

use super::sliding::Windows;
use super::{Input, Output, Plain, each_part};
use crate::gemm::{Multiply, multiply};
use rhyton_base::{DType, bf16, f16};
use rhyton_ops::window::Slide;
use std::borrow::Cow;
use std::cell::RefCell;
use std::ops::Range;

/// Elements of a block of written-out windows: a part of a second-level cache.
const BLOCK: usize = 1 << 16;

/// Longest part of a window that is multiplied at once, where windows are longer than [`WHOLE`].
const PART: usize = 1 << 10;

/// Longest window that is multiplied at once.
const WHOLE: usize = 1 << 11;

/// The type that numbers are multiplied in.
trait Work: Multiply + Default + Send + Sync + 'static {
    fn times_plus(self, factor: Self, sum: Self) -> Self;
    fn plus(self, other: Self) -> Self;
    /// Lends this thread's own memory.
    fn with_scratch(f: impl FnOnce(&mut Vec<Self>));
}

macro_rules! work {
    ($($t:ty: |$a:ident, $b:ident, $c:ident| $value:expr, |$d:ident, $e:ident| $sum:expr;)*) => {$(
        impl Work for $t {
            #[inline(always)]
            fn plus(self, $e: $t) -> $t {
                let $d = self;
                $sum
            }
            #[inline(always)]
            fn times_plus(self, $b: $t, $c: $t) -> $t {
                let $a = self;
                $value
            }
            fn with_scratch(f: impl FnOnce(&mut Vec<$t>)) {
                thread_local! {
                    static SCRATCH: RefCell<Vec<$t>> = const { RefCell::new(Vec::new()) };
                }
                SCRATCH.with_borrow_mut(f);
            }
        }
    )*};
}
work! {
    f32: |a, b, c| a * b + c, |a, b| a + b;
    f64: |a, b, c| a * b + c, |a, b| a + b;
    i64: |a, b, c| a.wrapping_mul(b).wrapping_add(c), |a, b| a.wrapping_add(b);
}

/// An element type and what it is computed in: half floats in `float32`, integers in 64 bits.
trait Number: Plain + Send + Sync {
    type Work: Work;
    fn widen(self) -> Self::Work;
    fn narrow(wide: Self::Work) -> Self;
    fn all(slice: &[Self]) -> Cow<'_, [Self::Work]>;
}

macro_rules! numbers {
    ($($t:ty as $w:ty: |$x:ident| $widen:expr, |$y:ident| $narrow:expr, |$s:ident| $all:expr;)*) => {$(
        impl Number for $t {
            type Work = $w;
            #[inline(always)]
            fn widen(self) -> $w {
                let $x = self;
                $widen
            }
            #[inline(always)]
            fn narrow($y: $w) -> $t {
                $narrow
            }
            fn all($s: &[$t]) -> Cow<'_, [$w]> {
                $all
            }
        }
    )*};
}

numbers! {
    f32 as f32: |x| x, |y| y, |s| Cow::Borrowed(s);
    f64 as f64: |x| x, |y| y, |s| Cow::Borrowed(s);
    f16 as f32: |x| x.to_f32(), |y| f16::from_f32(y), |s| s.iter().map(|x| x.to_f32()).collect();
    bf16 as f32: |x| x.to_f32(), |y| bf16::from_f32(y), |s| s.iter().map(|x| x.to_f32()).collect();
    u8 as i64: |x| i64::from(x), |y| y as u8, |s| s.iter().map(|&x| i64::from(x)).collect();
    i8 as i64: |x| i64::from(x), |y| y as i8, |s| s.iter().map(|&x| i64::from(x)).collect();
    u16 as i64: |x| i64::from(x), |y| y as u16, |s| s.iter().map(|&x| i64::from(x)).collect();
    i16 as i64: |x| i64::from(x), |y| y as i16, |s| s.iter().map(|&x| i64::from(x)).collect();
    u32 as i64: |x| i64::from(x), |y| y as u32, |s| s.iter().map(|&x| i64::from(x)).collect();
    i32 as i64: |x| i64::from(x), |y| y as i32, |s| s.iter().map(|&x| i64::from(x)).collect();
    u64 as i64: |x| x as i64, |y| y as u64, |s| s.iter().map(|&x| x as i64).collect();
    i64 as i64: |x| x, |y| y, |s| Cow::Borrowed(s);
}

/// `out[row, filter] = Σ window[row, k…, channel] · w[k…, channel, filter]`.
pub fn conv(slides: &[Slide], groups: usize, x: &Input, w: &Input, out: &mut Output) {
    match x.dtype {
        DType::F32 => conv_of::<f32>(slides, groups, x, w, out),
        DType::F64 => conv_of::<f64>(slides, groups, x, w, out),
        DType::F16 => conv_of::<f16>(slides, groups, x, w, out),
        DType::BF16 => conv_of::<bf16>(slides, groups, x, w, out),
        DType::U8 | DType::Bool => conv_of::<u8>(slides, groups, x, w, out),
        DType::I8 => conv_of::<i8>(slides, groups, x, w, out),
        DType::U16 => conv_of::<u16>(slides, groups, x, w, out),
        DType::I16 => conv_of::<i16>(slides, groups, x, w, out),
        DType::U32 => conv_of::<u32>(slides, groups, x, w, out),
        DType::I32 => conv_of::<i32>(slides, groups, x, w, out),
        DType::U64 => conv_of::<u64>(slides, groups, x, w, out),
        DType::I64 => conv_of::<i64>(slides, groups, x, w, out),
    }
}

fn conv_of<T: Number>(slides: &[Slide], groups: usize, x: &Input, w: &Input, out: &mut Output) {
    let spatial = slides.len();
    let (channels, filters) = (w.shape[spatial], w.shape[spatial + 1]);
    let sizes = &w.shape[..spatial];
    let taps: usize = sizes.iter().product();
    let rows: usize = out.shape[..spatial + 1].iter().product();
    let w = T::all(w.of::<T>());
    let windows = Windows::new(x.shape, out.shape, sizes, slides);
    let part = if taps * channels <= WHOLE { taps.max(1) } else { (PART / channels.max(1)).max(1) };
    let c = &Job { windows, groups, channels, filters, taps, part, x: x.of::<T>(), w: &w };
    let length = (part * channels).max(1);
    // Enough pieces for several threads to share evenly, but none too small to be worth handing out.
    let most = (BLOCK / length).clamp(32, 1024).min(rows.div_ceil(8).max(8));
    let each = rows.div_ceil(rows.div_ceil(most).max(1)).max(1);
    let cost = rows.saturating_mul(taps * channels).saturating_mul(filters);
    let by_channel = channels == 1 && groups > 1;
    let parts = out.of::<T>().chunks_mut((each * filters).max(1));
    each_part(parts, cost, |piece, to| {
        let rows = piece * each..piece * each + to.len() / filters;
        if by_channel { c.each_channel(rows, to) } else { c.block(rows, to) }
    });
}

struct Job<'a, T: Number> {
    windows: Windows,
    groups: usize,
    /// Channels of a group.
    channels: usize,
    filters: usize,
    /// Places of a window.
    taps: usize,
    /// Places that are multiplied at once.
    part: usize,
    x: &'a [T],
    w: &'a [T::Work],
}

impl<T: Number> Job<'_, T> {
    /// The windows of some rows.
    fn block(&self, rows: Range<usize>, out: &mut [T]) {
        let (count, length) = (rows.len(), self.part * self.channels);
        let filters = self.filters / self.groups;
        T::Work::with_scratch(|scratch| {
            scratch.resize((count * (length + 2 * filters)).max(scratch.len()), T::Work::default());
            let (a, rest) = scratch.split_at_mut(count * length);
            let (sums, parts) = rest.split_at_mut(count * filters);
            for group in 0..self.groups {
                sums.fill(T::Work::default());
                for first in (0..self.taps).step_by(self.part) {
                    let taps = first..(first + self.part).min(self.taps);
                    let k = taps.len() * self.channels;
                    for (row, a) in rows.clone().zip(a.chunks_mut(k.max(1))) {
                        self.write_out(row, group, taps.clone(), a);
                    }
                    let w = &self.w
                        [(taps.start * self.channels * self.filters + group * filters).min(self.w.len())..];
                    let whole = taps.len() == self.taps;
                    let to = if whole { &mut *sums } else { &mut *parts };
                    multiply((count, k, filters), (a, k), (w, self.filters), (to, filters));
                    if !whole {
                        sums.iter_mut().zip(&*parts).for_each(|(s, &p)| *s = s.plus(p));
                    }
                }
                for (to, sums) in out.chunks_mut(self.filters).zip(sums.chunks(filters.max(1))) {
                    let to = &mut to[group * filters..(group + 1) * filters];
                    to.iter_mut().zip(sums).for_each(|(to, &s)| *to = T::narrow(s));
                }
            }
        });
    }

    /// Writes the elements of some places of a window one after another.
    fn write_out(&self, row: usize, group: usize, taps: Range<usize>, mut to: &mut [T::Work]) {
        let zero = T::Work::default();
        let [a, b, c] = &self.windows.axes;
        let (n, [o0, o1, o2]) = self.windows.place(row);
        let (inside, width) = (c.inside(o2), self.channels);
        let all = self.groups * width;
        let mut tap = taps.start;
        while tap < taps.end {
            let (line, k2) = (tap / c.size, tap % c.size);
            let end = (k2 + taps.end - tap).min(c.size);
            tap += end - k2;
            let (here, next) = to.split_at_mut((end - k2) * width);
            to = next;
            let (Some(i0), Some(i1)) = (a.find(o0, line / b.size), b.find(o1, line % b.size)) else {
                here.fill(zero);
                continue;
            };
            let base = ((n * a.n + i0) * b.n + i1) * c.n;
            let start = inside.start.clamp(k2, end);
            let stop = inside.end.clamp(start, end);
            let (before, here) = here.split_at_mut((start - k2) * width);
            let (here, after) = here.split_at_mut((stop - start) * width);
            before.fill(zero);
            after.fill(zero);
            if start == stop {
                continue;
            }
            if let (true, true, Some(i2)) = (c.is_dense(), self.groups == 1, c.at(o2, start)) {
                let from = &self.x[(base + i2) * width..][..here.len()];
                here.iter_mut().zip(from).for_each(|(to, x)| *to = x.widen());
                continue;
            }
            for (k2, here) in (start..stop).zip(here.chunks_mut(width.max(1))) {
                let Some(i2) = c.at(o2, k2) else {
                    here.fill(zero);
                    continue;
                };
                let from = &self.x[(base + i2) * all + group * width..][..width];
                here.iter_mut().zip(from).for_each(|(to, x)| *to = x.widen());
            }
        }
    }

    /// The windows of some rows where each group is one channel.
    fn each_channel(&self, rows: Range<usize>, out: &mut [T]) {
        let each = self.filters / self.groups;
        T::Work::with_scratch(|sums| {
            sums.resize(self.filters.max(sums.len()), T::Work::default());
            let sums = &mut sums[..self.filters];
            for (row, to) in rows.zip(out.chunks_mut(self.filters)) {
                sums.fill(T::Work::default());
                self.windows.visit(row, |tap, element| {
                    let x = &self.x[element * self.groups..(element + 1) * self.groups];
                    let w = &self.w[tap * self.filters..(tap + 1) * self.filters];
                    if each == 1 {
                        let terms = x.iter().zip(w);
                        sums.iter_mut().zip(terms).for_each(|(s, (x, &w))| *s = x.widen().times_plus(w, *s));
                        return;
                    }
                    let groups = sums.chunks_mut(each).zip(w.chunks(each));
                    for (x, (sums, w)) in x.iter().zip(groups) {
                        let x = x.widen();
                        sums.iter_mut().zip(w).for_each(|(s, &w)| *s = x.times_plus(w, *s));
                    }
                });
                to.iter_mut().zip(sums.iter()).for_each(|(to, &s)| *to = T::narrow(s));
            }
        });
    }
}
