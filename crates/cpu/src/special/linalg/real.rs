//! The two element types of linear algebra, and products of parts of matrices.

use crate::gemm::{Problem, gemm_f32, gemm_f64};
use crate::special::Plain;
use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub, SubAssign};

/// `f32` or `f64`.
pub trait Real:
    Plain
    + PartialOrd
    + Default
    + Send
    + Sync
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + AddAssign
    + SubAssign
{
    /// The distance from 1 to the next number.
    const EPSILON: Self;
    /// The smallest normal number.
    const TINY: Self;
    /// Not a number.
    const NAN: Self;

    /// The nearest number of this type.
    fn of(x: f64) -> Self;
    fn sqrt(self) -> Self;
    fn abs(self) -> Self;
    fn ln(self) -> Self;
    fn is_finite(self) -> bool;
    /// The product of two parts of matrices, row after row in `out`.
    fn multiply(a: (&[Self], Block), b: (&[Self], Block), out: &mut [Self]);

    /// The larger of two numbers that are not NaN.
    fn larger(self, other: Self) -> Self {
        if other > self { other } else { self }
    }
}

/// A part of a slice seen as a matrix.
#[derive(Clone, Copy, Debug)]
pub struct Block {
    /// Where its first element lies.
    pub start: usize,
    pub rows: usize,
    pub columns: usize,
    /// From row to row, from column to column.
    pub strides: (usize, usize),
}

impl Block {
    /// Rows one after another, `width` apart.
    pub fn new(start: usize, rows: usize, columns: usize, width: usize) -> Block {
        Block { start, rows, columns, strides: (width, 1) }
    }

    /// Rows and columns exchanged.
    pub fn transposed(self) -> Block {
        let (r, c) = self.strides;
        Block { rows: self.columns, columns: self.rows, strides: (c, r), ..self }
    }

    /// The place of an element.
    pub fn at(&self, row: usize, column: usize) -> usize {
        self.start + row * self.strides.0 + column * self.strides.1
    }

    /// The part of `rows` rows and `columns` columns from an element on.
    pub fn part(&self, row: usize, column: usize, rows: usize, columns: usize) -> Block {
        Block { start: self.at(row, column), rows, columns, strides: self.strides }
    }

    /// Whether all its elements lie in a slice of this length.
    fn lies_in(&self, length: usize) -> bool {
        self.rows == 0 || self.columns == 0 || self.at(self.rows - 1, self.columns - 1) < length
    }
}

macro_rules! real {
    ($t:ident, $gemm:path) => {
        impl Real for $t {
            const EPSILON: $t = $t::EPSILON;
            const TINY: $t = $t::MIN_POSITIVE;
            const NAN: $t = $t::NAN;

            fn of(x: f64) -> $t {
                x as $t
            }
            fn sqrt(self) -> $t {
                self.sqrt()
            }
            fn abs(self) -> $t {
                self.abs()
            }
            fn ln(self) -> $t {
                self.ln()
            }
            fn is_finite(self) -> bool {
                self.is_finite()
            }
            fn multiply(a: (&[$t], Block), b: (&[$t], Block), out: &mut [$t]) {
                let ((a, ab), (b, bb)) = (a, b);
                let (m, n, k) = (ab.rows, bb.columns, ab.columns);
                assert!(ab.lies_in(a.len()) && bb.lies_in(b.len()) && bb.rows == k && out.len() >= m * n);
                if k == 0 {
                    return out[..m * n].fill(0.0);
                }
                let strides = |b: Block| (b.strides.0 as isize, b.strides.1 as isize);
                let problem = Problem {
                    m,
                    n,
                    k,
                    a: a.as_ptr().wrapping_add(ab.start),
                    a_strides: strides(ab),
                    b: b.as_ptr().wrapping_add(bb.start),
                    b_strides: strides(bb),
                    c: out.as_mut_ptr(),
                    c_strides: (n as isize, 1),
                };
                // SAFETY: all elements lie in the slices (checked above), and `out` is borrowed alone.
                unsafe { $gemm(&problem, None) }
            }
        }
    };
}

real!(f32, gemm_f32);
real!(f64, gemm_f64);

/// `c -= a · b`, where `a` and `b` lie in the same slice as `c` and none overlaps it.
pub fn subtract_product<T: Real>(x: &mut [T], a: Block, b: Block, c: Block, scratch: &mut Vec<T>) {
    let count = c.rows * c.columns;
    if scratch.len() < count {
        scratch.resize(count, T::default());
    }
    T::multiply((x, a), (x, b), &mut scratch[..count]);
    subtract(x, c, &scratch[..count]);
}

/// `c -= rows`, one row of `c` after another.
pub fn subtract<T: Real>(x: &mut [T], c: Block, rows: &[T]) {
    for (i, row) in rows.chunks_exact(c.columns.max(1)).take(c.rows).enumerate() {
        let from = c.at(i, 0);
        x[from..from + c.columns].iter_mut().zip(row).for_each(|(x, &p)| *x -= p);
    }
}

/// The sum of products. Eight chains, so that it vectorises.
pub fn dot<T: Real>(a: &[T], b: &[T]) -> T {
    let mut lanes = [T::default(); 8];
    let (wide_a, wide_b) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest = wide_a.remainder().iter().zip(wide_b.remainder());
    let mut tail = T::default();
    rest.for_each(|(&x, &y)| tail += x * y);
    for (x, y) in wide_a.zip(wide_b) {
        for i in 0..8 {
            lanes[i] += x[i] * y[i];
        }
    }
    lanes.into_iter().fold(tail, |sum, x| sum + x)
}

/// `y += f · x`.
pub fn add_scaled<T: Real>(y: &mut [T], f: T, x: &[T]) {
    y.iter_mut().zip(x).for_each(|(y, &x)| *y += f * x);
}

/// The largest absolute value; NaN where there is one.
pub fn largest<T: Real>(x: &[T]) -> T {
    if x.iter().any(|v| v.partial_cmp(v).is_none()) {
        return T::NAN;
    }
    x.iter().fold(T::default(), |top, v| top.larger(v.abs()))
}

/// The Euclidean norm, without overflow.
pub fn norm<T: Real>(x: &[T]) -> T {
    let top = largest(x);
    if !top.is_finite() || top == T::default() {
        return top;
    }
    let mut sum = T::default();
    x.iter().for_each(|&v| sum += (v / top) * (v / top));
    top * sum.sqrt()
}

/// The matrix with rows and columns exchanged.
pub fn transposed<T: Real>(x: &[T], rows: usize, columns: usize) -> Vec<T> {
    let mut out = Vec::with_capacity(x.len());
    for j in 0..columns {
        out.extend((0..rows).map(|i| x[i * columns + j]));
    }
    out
}
