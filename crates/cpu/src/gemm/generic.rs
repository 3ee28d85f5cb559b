//! Products of integers, wrapping round on overflow.

use super::{Epilogue, Finished, Problem};
use rhyton_runtime::pool;

/// An integer that a product can be computed of.
pub trait Integer: Copy + Send + Sync + 'static {
    /// Nothing.
    const ZERO: Self;
    /// `self + a * b`, wrapping round.
    fn add_product(self, a: Self, b: Self) -> Self;
}

macro_rules! integers {
    ($($t:ty)*) => {
        $(impl Integer for $t {
            const ZERO: $t = 0;
            #[inline(always)]
            fn add_product(self, a: $t, b: $t) -> $t {
                self.wrapping_add(a.wrapping_mul(b))
            }
        })*
    };
}
integers!(i8 i16 i32 i64 u8 u16 u32 u64);

/// Columns computed at once, in an array the compiler can keep in registers.
const WIDTH: usize = 32;

/// Rows of a tile.
const ROWS: usize = 32;

/// Multiply-adds below which a parallel section costs more than it gains.
const ALONE: usize = 1 << 15;

struct Shared<'a, T>(&'a Problem<T>);

// SAFETY: pieces read A and B and write disjoint rows of C.
unsafe impl<T: Integer> Sync for Shared<'_, T> {}

impl<T: Integer> Shared<'_, T> {
    /// Computes columns `j` to `j + WIDTH` (or fewer) of row `i`.
    ///
    /// # Safety
    /// As for [`gemm_generic`].
    unsafe fn part_of_row(&self, i: usize, j: usize) {
        let p = self.0;
        let width = WIDTH.min(p.n - j);
        let mut sums = [T::ZERO; WIDTH];
        let (mut a, mut b) = (
            p.a.wrapping_offset(i as isize * p.a_strides.0),
            p.b.wrapping_offset(j as isize * p.b_strides.1),
        );
        for _ in 0..p.k {
            // SAFETY: `a` and `b` are at this `k`, and `j + x` is below `n`.
            unsafe {
                if width == WIDTH && p.b_strides.1 == 1 {
                    let row = b.cast::<[T; WIDTH]>().read();
                    sums.iter_mut().zip(row).for_each(|(s, x)| *s = s.add_product(*a, x));
                } else {
                    for (x, s) in sums[..width].iter_mut().enumerate() {
                        *s = s.add_product(*a, *b.offset(x as isize * p.b_strides.1));
                    }
                }
            }
            (a, b) = (a.wrapping_offset(p.a_strides.1), b.wrapping_offset(p.b_strides.0));
        }
        for (x, s) in sums[..width].iter().enumerate() {
            // SAFETY: the element is inside C, and this piece's.
            unsafe { *p.c.offset(i as isize * p.c_strides.0 + (j + x) as isize * p.c_strides.1) = *s }
        }
    }
}

/// The product of two matrices of integers.
///
/// # Safety
/// As for [`super::gemm_f32`].
pub unsafe fn gemm_generic<T: Integer>(p: &Problem<T>, epilogue: Epilogue<'_, T>) {
    if p.m == 0 || p.n == 0 {
        return;
    }
    let shared = &Shared(p);
    let tile = |t: usize| {
        let rows = t * ROWS..((t + 1) * ROWS).min(p_of(shared).m);
        for j in (0..p_of(shared).n).step_by(WIDTH) {
            for i in rows.clone() {
                // SAFETY: the caller's promise; rows are this piece's.
                unsafe { shared.part_of_row(i, j) }
            }
        }
        if let Some(epilogue) = epilogue {
            let p = p_of(shared);
            let data = p.c.wrapping_offset(rows.start as isize * p.c_strides.0).cast_const();
            epilogue(rows, 0..p.n, Finished { data, strides: p.c_strides });
        }
    };
    let tiles = p.m.div_ceil(ROWS);
    if p.m.saturating_mul(p.n).saturating_mul(p.k) > ALONE {
        pool().run(tiles, &tile);
    } else {
        (0..tiles).for_each(tile);
    }
}

/// The problem, without capturing its pointers themselves.
fn p_of<'a, T>(shared: &Shared<'a, T>) -> &'a Problem<T> {
    shared.0
}
