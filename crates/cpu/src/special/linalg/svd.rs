//! Singular values by one-sided rotations: columns are turned in pairs until all are orthogonal.
//!
//! Source: Hestenes, "Inversion of matrices by biorthogonalization and related results", 1958.

use super::eigen::rotate;
use super::qr;
use super::real::{Real, dot, largest, norm, transposed};

/// Sweeps over all pairs; about ten are usual.
const SWEEPS: usize = 60;

/// `A = U diag(s) Vᵀ`: U has `rows` rows and Vᵀ `columns` columns.
pub struct Svd<T> {
    pub u: Vec<T>,
    pub s: Vec<T>,
    pub vt: Vec<T>,
}

/// The singular values in falling order, with `u_columns` columns of U and `v_rows` rows of Vᵀ. All NaN where the
/// matrix is not finite.
pub fn factor<T: Real>(x: &[T], rows: usize, columns: usize, u_columns: usize, v_rows: usize) -> Svd<T> {
    let k = rows.min(columns);
    let scale = largest(x);
    if !scale.is_finite() {
        let nan = |n: usize| vec![T::NAN; n];
        return Svd { u: nan(rows * u_columns), s: nan(k), vt: nan(v_rows * columns) };
    }
    // The long side is one row of `lines` each; the short side is turned along in `turns`.
    let tall = rows >= columns;
    let long = rows.max(columns);
    let mut lines = if tall { transposed(x, rows, columns) } else { x.to_vec() };
    if scale != T::default() {
        lines.iter_mut().for_each(|v| *v = *v / scale);
    }
    let mut turns = vec![T::default(); k * k];
    (0..k).for_each(|i| turns[i * k + i] = T::of(1.0));
    for _ in 0..SWEEPS {
        if !sweep(&mut lines, &mut turns, k, long) {
            break;
        }
    }
    let lengths: Vec<T> = (0..k).map(|i| norm(&lines[i * long..(i + 1) * long])).collect();
    let mut order: Vec<usize> = (0..k).collect();
    order.sort_by(|&i, &j| lengths[j].partial_cmp(&lengths[i]).expect("finite numbers"));
    let s = order.iter().map(|&i| lengths[i] * scale).collect();
    let long_side = directions(&lines, &lengths, &order, long, if tall { u_columns } else { v_rows });
    let short: Vec<T> = order.iter().flat_map(|&i| turns[i * k..(i + 1) * k].iter().copied()).collect();
    match tall {
        true => Svd { u: transposed(&long_side, u_columns, rows), s, vt: wanted(short, v_rows * columns) },
        false => Svd {
            u: wanted(transposed(&short, k, k), rows * u_columns),
            s,
            vt: wanted(long_side, v_rows * columns),
        },
    }
}

/// Nothing where nothing is asked for.
fn wanted<T>(x: Vec<T>, count: usize) -> Vec<T> {
    if count == 0 { Vec::new() } else { x }
}

/// Turns every pair of lines once; `false` if all were orthogonal.
fn sweep<T: Real>(lines: &mut [T], turns: &mut [T], k: usize, long: usize) -> bool {
    let (zero, one, two) = (T::default(), T::of(1.0), T::of(2.0));
    let tolerance = T::EPSILON * T::of(long as f64).sqrt();
    let mut turned = false;
    for i in 0..k {
        for j in i + 1..k {
            let (low, high) = lines.split_at_mut(j * long);
            let (x, y) = (&mut low[i * long..(i + 1) * long], &mut high[..long]);
            let (xx, yy, xy) = (dot(x, x), dot(y, y), dot(x, y));
            if xy.abs() <= tolerance * (xx.sqrt() * yy.sqrt()) || xy == zero {
                continue;
            }
            turned = true;
            let zeta = (yy - xx) / (two * xy);
            let size = zeta.abs() + norm(&[one, zeta]);
            let t = if zeta < zero { -(one / size) } else { one / size };
            let c = one / (one + t * t).sqrt();
            rotate(x, y, c, c * t);
            let (low, high) = turns.split_at_mut(j * k);
            rotate(&mut low[i * k..(i + 1) * k], &mut high[..k], c, c * t);
        }
    }
    turned
}

/// The lines in order with length 1, completed by others orthogonal to all, `count` together.
fn directions<T: Real>(lines: &[T], lengths: &[T], order: &[usize], long: usize, count: usize) -> Vec<T> {
    let top = order.first().map_or(T::default(), |&i| lengths[i]);
    let floor = (top * T::EPSILON * T::EPSILON).larger(T::TINY.sqrt());
    let mut out: Vec<T> = Vec::with_capacity(count * long);
    let mut found = 0;
    for &i in order.iter().take(count).filter(|&&i| lengths[i] > floor) {
        out.extend(lines[i * long..(i + 1) * long].iter().map(|&v| v / lengths[i]));
        found += 1;
    }
    if found < count {
        let mut basis = transposed(&out, found, long);
        let q = transposed(&qr::factor(&mut basis, long, found, count), long, count);
        out.extend_from_slice(&q[found * long..]);
    }
    out
}
