//! Triangular systems, by halves: nearly all work is in products of halves.

use super::real::{Block, Real, add_scaled, subtract};

/// Which triangle, and whether its diagonal is taken as ones.
#[derive(Clone, Copy, Debug)]
pub struct Triangle {
    pub lower: bool,
    pub unit: bool,
}

/// Below this size rows are eliminated one by one.
const SMALL: usize = 24;

/// Solves `T X = B`, writing X over B. `t` and `b` lie in different slices; rows of `b` have no gaps.
pub fn solve<T: Real>(
    kind: Triangle,
    (t, tb): (&[T], Block),
    (b, bb): (&mut [T], Block),
    scratch: &mut Vec<T>,
) {
    let (n, k) = (tb.rows, bb.columns);
    if n == 0 || k == 0 {
        return;
    }
    if n <= SMALL {
        return rows(kind, (t, tb), (b, bb));
    }
    let half = n / 2;
    let rest = n - half;
    let (first, second, across) = match kind.lower {
        true => ((0, half), (half, rest), tb.part(half, 0, rest, half)),
        false => ((half, rest), (0, half), tb.part(0, half, half, rest)),
    };
    let tri = |(from, size): (usize, usize)| tb.part(from, from, size, size);
    let sides = |(from, size): (usize, usize)| bb.part(from, 0, size, k);
    solve(kind, (t, tri(first)), (b, sides(first)), scratch);
    let count = second.1 * k;
    if scratch.len() < count {
        scratch.resize(count, T::default());
    }
    T::multiply((t, across), (b, sides(first)), &mut scratch[..count]);
    subtract(b, sides(second), &scratch[..count]);
    solve(kind, (t, tri(second)), (b, sides(second)), scratch);
}

fn rows<T: Real>(kind: Triangle, (t, tb): (&[T], Block), (b, bb): (&mut [T], Block)) {
    let (n, k) = (tb.rows, bb.columns);
    for step in 0..n {
        let i = if kind.lower { step } else { n - 1 - step };
        for other in 0..step {
            let j = if kind.lower { other } else { n - 1 - other };
            let factor = -t[tb.at(i, j)];
            let (to, from) = (bb.at(i, 0), bb.at(j, 0));
            let (x, y) = match to > from {
                true => {
                    let (low, high) = b.split_at_mut(to);
                    (&mut high[..k], &low[from..from + k])
                }
                false => {
                    let (low, high) = b.split_at_mut(from);
                    (&mut low[to..to + k], &high[..k])
                }
            };
            add_scaled(x, factor, y);
        }
        if !kind.unit {
            let (d, from) = (t[tb.at(i, i)], bb.at(i, 0));
            b[from..from + k].iter_mut().for_each(|x| *x = *x / d);
        }
    }
}

/// The first place where the diagonal is zero.
pub fn zero_on_diagonal<T: Real>(t: &[T], n: usize) -> Option<usize> {
    (0..n).find(|&i| t[i * n + i] == T::default())
}
