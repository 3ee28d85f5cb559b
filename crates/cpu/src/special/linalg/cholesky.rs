//! Cholesky's factorization, by halves.

use super::real::{Block, Real, dot, subtract_product};
use super::triangular::{self, Triangle};

/// Below this size rows are computed one by one.
const SMALL: usize = 24;

/// Writes L over the lower triangle, where `A = L Lᵀ`, and zeros above it. Only the lower triangle of A is read.
/// `false` where A is not positive definite.
pub fn factor<T: Real>(x: &mut [T], n: usize) -> bool {
    if !halves(x, Block::new(0, n, n, n), &mut Vec::new()) {
        return false;
    }
    for i in 0..n {
        x[i * n + i + 1..(i + 1) * n].fill(T::default());
    }
    true
}

fn halves<T: Real>(x: &mut [T], b: Block, scratch: &mut Vec<T>) -> bool {
    let n = b.rows;
    if n <= SMALL {
        return one_by_one(x, b);
    }
    let half = n / 2;
    let rest = n - half;
    if !halves(x, b.part(0, 0, half, half), scratch) {
        return false;
    }
    // L21 from L11 L21ᵀ = A21ᵀ.
    let below = b.part(half, 0, rest, half);
    let mut l = Vec::with_capacity(half * half);
    let mut sides = vec![T::default(); half * rest];
    for i in 0..half {
        l.extend_from_slice(&x[b.at(i, 0)..b.at(i, 0) + half]);
        (0..rest).for_each(|j| sides[i * rest + j] = x[below.at(j, i)]);
    }
    let kind = Triangle { lower: true, unit: false };
    let (square, wide) = (Block::new(0, half, half, half), Block::new(0, half, rest, rest));
    triangular::solve(kind, (&l, square), (&mut sides, wide), scratch);
    for j in 0..rest {
        (0..half).for_each(|i| x[below.at(j, i)] = sides[i * rest + j]);
    }
    let corner = b.part(half, half, rest, rest);
    subtract_product(x, below, below.transposed(), corner, scratch);
    halves(x, corner, scratch)
}

fn one_by_one<T: Real>(x: &mut [T], b: Block) -> bool {
    for i in 0..b.rows {
        for j in 0..=i {
            let (ri, rj) = (b.at(i, 0), b.at(j, 0));
            let rest = x[ri + j] - dot(&x[ri..ri + j], &x[rj..rj + j]);
            if i == j {
                if rest.partial_cmp(&T::default()) != Some(std::cmp::Ordering::Greater) || !rest.is_finite() {
                    return false;
                }
                x[ri + i] = rest.sqrt();
            } else {
                x[ri + j] = rest / x[rj + j];
            }
        }
    }
    true
}
