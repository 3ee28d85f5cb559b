//! QR by Householder's reflections, with LAPACK's choice of signs.

use super::real::{Real, add_scaled, norm};

/// The reflection `I - τ v vᵀ` with `v[0] = 1` that takes `x` to `(β, 0, …)`: writes v without its 1 over the rest of
/// `x`, and gives `(τ, β)`. Where the rest is zero already, τ is 0.
pub fn reflection<T: Real>(x: &mut [T]) -> (T, T) {
    let zero = T::default();
    let Some((&mut first, rest)) = x.split_first_mut() else { return (zero, zero) };
    if rest.iter().all(|&v| v == zero) {
        return (zero, first);
    }
    let length = norm(&[first, norm(rest)]);
    let beta = if first < zero { length } else { -length };
    let scale = first - beta;
    rest.iter_mut().for_each(|v| *v = *v / scale);
    ((beta - first) / beta, beta)
}

/// Applies `I - τ v vᵀ` to the rows of a matrix from `row` and the columns from `column` on.
fn reflect<T: Real>(
    x: &mut [T],
    columns: usize,
    (row, column): (usize, usize),
    v: &[T],
    tau: T,
    sums: &mut [T],
) {
    let width = columns - column;
    let sums = &mut sums[..width];
    sums.fill(T::default());
    let line = |i: usize| (row + i) * columns + column;
    for (i, &f) in v.iter().enumerate() {
        add_scaled(sums, f, &x[line(i)..line(i) + width]);
    }
    for (i, &f) in v.iter().enumerate() {
        add_scaled(&mut x[line(i)..line(i) + width], -(tau * f), sums);
    }
}

/// `A = Q R`: writes R over A (zeros below its diagonal) and gives the first `kept` columns of Q, row after row.
pub fn factor<T: Real>(x: &mut [T], rows: usize, columns: usize, kept: usize) -> Vec<T> {
    let (zero, one) = (T::default(), T::of(1.0));
    let steps = rows.min(columns);
    let mut sums = vec![zero; columns.max(kept)];
    let mut reflections: Vec<(Vec<T>, T)> = Vec::with_capacity(steps);
    for j in 0..steps {
        let mut v: Vec<T> = (j..rows).map(|i| x[i * columns + j]).collect();
        let (tau, beta) = reflection(&mut v);
        v[0] = one;
        if tau != zero {
            reflect(x, columns, (j, j + 1), &v, tau, &mut sums);
        }
        (j..rows).for_each(|i| x[i * columns + j] = zero);
        x[j * columns + j] = beta;
        reflections.push((v, tau));
    }
    let mut q = vec![zero; rows * kept];
    (0..rows.min(kept)).for_each(|i| q[i * kept + i] = one);
    for (j, (v, tau)) in reflections.iter().enumerate().rev() {
        if *tau != zero && j < kept {
            reflect(&mut q, kept, (j, j), v, *tau, &mut sums);
        }
    }
    q
}
