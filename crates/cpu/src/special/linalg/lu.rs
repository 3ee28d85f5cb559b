//! LU with partial pivoting, by halves (Toledo, "Locality of reference in LU decomposition", 1997).

use super::real::{Block, Real, add_scaled, subtract_product};
use super::triangular::{self, Triangle};

/// Below this size columns are eliminated one by one.
const SMALL: usize = 16;

/// Factors the matrix in place: L below the diagonal, U on and above it. `pivots[i]` is the row that was exchanged
/// with row `i`. A column without a pivot is left alone, so that U has a zero on its diagonal.
pub fn factor<T: Real>(x: &mut [T], rows: usize, columns: usize, pivots: &mut [usize]) {
    halves(x, Block::new(0, rows, columns, columns), pivots, &mut Vec::new());
}

fn halves<T: Real>(x: &mut [T], b: Block, pivots: &mut [usize], scratch: &mut Vec<T>) {
    let (m, n) = (b.rows, b.columns);
    let k = m.min(n);
    if k <= SMALL {
        return one_by_one(x, b, pivots);
    }
    let half = k / 2;
    let (left, right) = (b.part(0, 0, m, half), b.part(0, half, m, n - half));
    halves(x, left, &mut pivots[..half], scratch);
    exchange(x, right, &pivots[..half]);
    // The square of L is copied, because what it is applied to lies in the same rows.
    let mut l = Vec::with_capacity(half * half);
    for i in 0..half {
        l.extend_from_slice(&x[b.at(i, 0)..b.at(i, 0) + half]);
    }
    let kind = Triangle { lower: true, unit: true };
    let top = b.part(0, half, half, n - half);
    triangular::solve(kind, (&l, Block::new(0, half, half, half)), (x, top), scratch);
    let rest = b.part(half, half, m - half, n - half);
    subtract_product(x, b.part(half, 0, m - half, half), top, rest, scratch);
    halves(x, rest, &mut pivots[half..k], scratch);
    exchange(x, b.part(half, 0, m - half, half), &pivots[half..k]);
    pivots[half..k].iter_mut().for_each(|p| *p += half);
}

/// Exchanges the rows of a block as `pivots` say.
fn exchange<T: Real>(x: &mut [T], b: Block, pivots: &[usize]) {
    for (i, &p) in pivots.iter().enumerate().filter(|(i, p)| i != *p) {
        let (low, high) = x.split_at_mut(b.at(p, 0));
        low[b.at(i, 0)..b.at(i, 0) + b.columns].swap_with_slice(&mut high[..b.columns]);
    }
}

fn one_by_one<T: Real>(x: &mut [T], b: Block, pivots: &mut [usize]) {
    let (m, n) = (b.rows, b.columns);
    for j in 0..m.min(n) {
        let mut best = j;
        for i in j + 1..m {
            if x[b.at(i, j)].abs() > x[b.at(best, j)].abs() {
                best = i;
            }
        }
        pivots[j] = best;
        if x[b.at(best, j)] == T::default() {
            continue;
        }
        if best != j {
            let (low, high) = x.split_at_mut(b.at(best, 0));
            low[b.at(j, 0)..b.at(j, 0) + n].swap_with_slice(&mut high[..n]);
        }
        let pivot = x[b.at(j, j)];
        for i in j + 1..m {
            let factor = x[b.at(i, j)] / pivot;
            x[b.at(i, j)] = factor;
            let (low, high) = x.split_at_mut(b.at(i, 0));
            add_scaled(&mut high[j + 1..n], -factor, &low[b.at(j, j + 1)..b.at(j, 0) + n]);
        }
    }
}

/// Solves `A X = B` from the factors of A, writing X over B.
pub fn solve<T: Real>(lu: &[T], n: usize, pivots: &[usize], b: &mut [T], columns: usize) {
    exchange(b, Block::new(0, n, columns, columns), pivots);
    let (square, sides) = (Block::new(0, n, n, n), Block::new(0, n, columns, columns));
    let scratch = &mut Vec::new();
    triangular::solve(Triangle { lower: true, unit: true }, (lu, square), (b, sides), scratch);
    triangular::solve(Triangle { lower: false, unit: false }, (lu, square), (b, sides), scratch);
}

/// Whether the pivots make an odd number of exchanges.
pub fn odd(pivots: &[usize]) -> bool {
    pivots.iter().enumerate().filter(|(i, p)| i != *p).count() % 2 == 1
}
