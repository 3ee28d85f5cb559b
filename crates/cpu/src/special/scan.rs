//! Running sums and products.

use super::{Input, Output, Plain, around, each_part, each_type};
use rhyton_base::{bf16, f16};

/// Running sums or products along an axis. Floats are accumulated in `float64`, as reductions are.
pub fn scan(axis: usize, product: bool, reverse: bool, x: &Input, out: &mut Output) {
    let (_, size, inner) = around(x.shape, axis);
    let bytes = x.bytes().len();
    if bytes == 0 {
        return;
    }
    each_type!(x.dtype, T => {
        let from = x.of::<T>();
        each_part(out.of::<T>().chunks_mut(size * inner), bytes, |o, to| {
            let from = &from[o * size * inner..(o + 1) * size * inner];
            match product {
                true => run(from, to, inner, reverse, T::EMPTY_PRODUCT, T::times),
                false => run(from, to, inner, reverse, T::EMPTY_SUM, T::plus),
            }
        });
    });
}

fn run<T: Wide>(
    from: &[T],
    to: &mut [T],
    inner: usize,
    reverse: bool,
    start: T::Sum,
    f: impl Fn(T::Sum, T::Sum) -> T::Sum,
) {
    let mut totals = vec![start; inner];
    let mut row = |(from, to): (&[T], &mut [T])| {
        for ((total, &x), to) in totals.iter_mut().zip(from).zip(to) {
            *total = f(*total, x.widen());
            *to = T::narrow(*total);
        }
    };
    let rows = from.chunks_exact(inner).zip(to.chunks_exact_mut(inner));
    if reverse { rows.rev().for_each(&mut row) } else { rows.for_each(&mut row) }
}

/// A number and the wider one that its sums are kept in.
trait Wide: Plain {
    type Sum: Copy;
    const EMPTY_SUM: Self::Sum;
    const EMPTY_PRODUCT: Self::Sum;
    fn widen(self) -> Self::Sum;
    fn narrow(sum: Self::Sum) -> Self;
    fn plus(a: Self::Sum, b: Self::Sum) -> Self::Sum;
    fn times(a: Self::Sum, b: Self::Sum) -> Self::Sum;
}

macro_rules! integers {
    ($($t:ty)*) => {$(
        impl Wide for $t {
            type Sum = $t;
            const EMPTY_SUM: $t = 0;
            const EMPTY_PRODUCT: $t = 1;
            fn widen(self) -> $t {
                self
            }
            fn narrow(sum: $t) -> $t {
                sum
            }
            fn plus(a: $t, b: $t) -> $t {
                a.wrapping_add(b)
            }
            fn times(a: $t, b: $t) -> $t {
                a.wrapping_mul(b)
            }
        }
    )*};
}
integers! { u8 i8 u16 i16 u32 i32 u64 i64 }

macro_rules! floats {
    ($($t:ty, $x:ident => $wide:expr, $narrow:expr;)*) => {$(
        impl Wide for $t {
            type Sum = f64;
            const EMPTY_SUM: f64 = 0.0;
            const EMPTY_PRODUCT: f64 = 1.0;
            fn widen(self) -> f64 {
                let $x = self;
                $wide
            }
            fn narrow($x: f64) -> $t {
                $narrow
            }
            fn plus(a: f64, b: f64) -> f64 {
                a + b
            }
            fn times(a: f64, b: f64) -> f64 {
                a * b
            }
        }
    )*};
}
floats! {
    f16, x => x.to_f64(), f16::from_f64(x);
    bf16, x => x.to_f64(), bf16::from_f64(x);
    f32, x => f64::from(x), x as f32;
    f64, x => x, x;
}
