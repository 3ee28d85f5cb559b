//! The instructions of [`crate::update`]. All they read of a block of places is read before any of it is written, so
//! that a result may take the place of a source.

use crate::update::{Mean, Root};

/// Places that are read before any is written.
const BLOCK: usize = 16;

/// `dst[i] = f(x[i], y[i], ..)`.
macro_rules! in_blocks {
    ($t:ty, $dst:expr, $n:expr, [$($x:ident),*], $f:expr) => {{
        let (dst, f) = ($dst.cast::<$t>(), $f);
        $(let $x = $x.cast::<$t>();)*
        let mut at = 0;
        while at + BLOCK <= $n {
            $(let $x = $x.add(at).cast::<[$t; BLOCK]>().read_unaligned();)*
            let mut results = [0 as $t; BLOCK];
            for i in 0..BLOCK {
                results[i] = f($($x[i]),*);
            }
            dst.add(at).cast::<[$t; BLOCK]>().write_unaligned(results);
            at += BLOCK;
        }
        for i in at..$n {
            dst.add(i).write(f($($x.add(i).read()),*));
        }
    }};
}

macro_rules! updates {
    ($mean:ident, $descent:ident, $t:ty) => {
        /// A running mean `a` that takes in `b`, or its square.
        #[inline(always)]
        pub(super) unsafe fn $mean(
            how: Mean,
            squared: bool,
            dst: *mut u8,
            a: *const u8,
            b: *const u8,
            n: usize,
        ) {
            // SAFETY: the caller's promise.
            unsafe {
                match (how, squared) {
                    (Mean::Weighted(k, l), false) => {
                        let (k, l) = (k as $t, l as $t);
                        in_blocks!($t, dst, n, [a, b], |a: $t, b: $t| a * k + b * l)
                    }
                    (Mean::Weighted(k, l), true) => {
                        let (k, l) = (k as $t, l as $t);
                        in_blocks!($t, dst, n, [a, b], |a: $t, b: $t| a * k + b * b * l)
                    }
                    (Mean::Towards(k), false) => {
                        let k = k as $t;
                        in_blocks!($t, dst, n, [a, b], |a: $t, b: $t| a + (b - a) * k)
                    }
                    (Mean::Towards(k), true) => {
                        let k = k as $t;
                        in_blocks!($t, dst, n, [a, b], |a: $t, b: $t| a + (b * b - a) * k)
                    }
                }
            }
        }

        /// `a - b * c / root(d)`.
        #[inline(always)]
        pub(super) unsafe fn $descent(root: Root, dst: *mut u8, [a, b, c, d]: [*const u8; 4], n: usize) {
            // SAFETY: the caller's promise.
            unsafe {
                match root {
                    Root::Inside(e) => {
                        let e = e as $t;
                        in_blocks!($t, dst, n, [a, b, c, d], |a: $t, b: $t, c: $t, d: $t| {
                            a - b * c / (d + e).sqrt()
                        })
                    }
                    Root::Outside(e) => {
                        let e = e as $t;
                        in_blocks!($t, dst, n, [a, b, c, d], |a: $t, b: $t, c: $t, d: $t| {
                            a - b * c / (d.sqrt() + e)
                        })
                    }
                }
            }
        }
    };
}

updates!(mean_f32, descent_f32, f32);
updates!(mean_f64, descent_f64, f64);
