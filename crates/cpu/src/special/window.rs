//! Sums and largest elements of sliding windows.

use super::sliding::Windows;
use super::{Input, Output, Plain, each_part, each_type};
use rhyton_base::{bf16, f16};
use rhyton_ops::window::Slide;

/// Elements of a parallel piece.
const PIECE: usize = 1 << 13;

/// Numbers that are added up in a wider type.
trait Sum: Plain + Send + Sync {
    type Total: Copy + Default;
    fn add(total: &mut Self::Total, x: Self);
    fn round(total: Self::Total) -> Self;
}

macro_rules! sums {
    ($total:ty, |$a:ident, $x:ident| $add:expr, |$s:ident| $round:expr; $($t:ty)*) => {$(
        impl Sum for $t {
            type Total = $total;
            #[inline(always)]
            fn add($a: &mut $total, $x: $t) {
                *$a = $add;
            }
            #[inline(always)]
            fn round($s: $total) -> $t {
                $round as $t
            }
        }
    )*};
}
sums! { f64, |a, x| *a + x as f64, |s| s; f32 f64 }
sums! { i64, |a, x| a.wrapping_add(x as i64), |s| s; u8 i8 u16 i16 u32 i32 u64 i64 }

macro_rules! half_sums {
    ($($t:ty)*) => {$(
        impl Sum for $t {
            type Total = f64;
            #[inline(always)]
            fn add(total: &mut f64, x: $t) {
                *total += x.to_f64();
            }
            #[inline(always)]
            fn round(total: f64) -> $t {
                <$t>::from_f64(total)
            }
        }
    )*};
}
half_sums! { f16 bf16 }

/// Sums, in `float64` for floats and wrapping around for integers.
pub fn sum(sizes: &[usize], slides: &[Slide], x: &Input, out: &mut Output) {
    each_type!(x.dtype, T => sum_of::<T>(sizes, slides, x, out));
}

fn sum_of<T: Sum>(sizes: &[usize], slides: &[Slide], x: &Input, out: &mut Output) {
    let (windows, channels, size, bytes) = prepare(sizes, slides, x, out);
    let x = x.of::<T>();
    each_part(out.of::<T>().chunks_mut(size), bytes, |piece, to| {
        let mut totals = vec![<T::Total as Default>::default(); channels];
        for (i, to) in to.chunks_mut(channels).enumerate() {
            totals.fill(Default::default());
            windows.visit(piece * (size / channels) + i, |_, element| {
                let from = &x[element * channels..(element + 1) * channels];
                totals.iter_mut().zip(from).for_each(|(t, &x)| T::add(t, x));
            });
            to.iter_mut().zip(&totals).for_each(|(to, &t)| *to = T::round(t));
        }
    });
}

/// The windows, the channels, the elements of a parallel piece, and the bytes to read.
fn prepare(sizes: &[usize], slides: &[Slide], x: &Input, out: &Output) -> (Windows, usize, usize, usize) {
    let channels = *x.shape.last().expect("rank 3 or more");
    let rows = (PIECE / channels.max(1)).max(1);
    let count: usize = out.shape.iter().product();
    let held: usize = sizes.iter().zip(&x.shape[1..]).map(|(&size, &n)| size.min(n)).product();
    let bytes = count.saturating_mul(held).saturating_mul(x.dtype.size());
    (Windows::new(x.shape, out.shape, sizes, slides), channels, rows * channels.max(1), bytes)
}

/// Whether `new` takes the place of `old`: it is larger, or the first NaN.
#[inline(always)]
#[allow(clippy::eq_op)] // NaN is the only value that differs from itself.
fn beats<T: PartialOrd + Copy>(new: T, old: T) -> bool {
    new > old || (new != new && old == old)
}

/// The largest elements.
pub fn max(sizes: &[usize], slides: &[Slide], x: &Input, out: &mut Output) {
    each_type!(x.dtype, T => {
        let (windows, channels, size, bytes) = prepare(sizes, slides, x, out);
        let x = x.of::<T>();
        each_part(out.of::<T>().chunks_mut(size), bytes, |piece, to| {
            for (i, to) in to.chunks_mut(channels).enumerate() {
                let mut first = true;
                windows.visit(piece * (size / channels) + i, |_, element| {
                    let from = &x[element * channels..(element + 1) * channels];
                    if std::mem::take(&mut first) {
                        return to.copy_from_slice(from);
                    }
                    to.iter_mut().zip(from).for_each(|(to, &x)| *to = if beats(x, *to) { x } else { *to });
                });
            }
        });
    });
}

/// The places of the largest elements in the input.
pub fn places(sizes: &[usize], slides: &[Slide], x: &Input, out: &mut Output) {
    each_type!(x.dtype, T => {
        let (windows, channels, size, bytes) = prepare(sizes, slides, x, out);
        let x = x.of::<T>();
        each_part(out.of::<i64>().chunks_mut(size), bytes, |piece, to| {
            for (i, to) in to.chunks_mut(channels).enumerate() {
                let mut first = true;
                windows.visit(piece * (size / channels) + i, |_, element| {
                    let start = element * channels;
                    let begin = std::mem::take(&mut first);
                    for (place, to) in (start..).zip(to.iter_mut()) {
                        if begin || beats(x[place], x[*to as usize]) {
                            *to = place as i64;
                        }
                    }
                });
            }
        });
    });
}
