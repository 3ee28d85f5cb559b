//! Eigenvalues of symmetric matrices: Householder's tridiagonal form, then QL steps with implicit shifts.
//!
//! Source: Bowdler, Martin, Reinsch and Wilkinson, "The QR and QL algorithms for symmetric matrices", 1968.

use super::qr::reflection;
use super::real::{Real, add_scaled, dot, largest, norm};

/// Steps for one eigenvalue; a handful is usual.
const STEPS: usize = 80;

/// Eigenvalues in rising order, and eigenvectors one a row. Only the lower triangle of the matrix is read. All NaN
/// where the matrix is not finite.
pub fn symmetric<T: Real>(x: &[T], n: usize) -> (Vec<T>, Vec<T>) {
    let zero = T::default();
    let mut a = vec![zero; n * n];
    for i in 0..n {
        for j in 0..=i {
            a[i * n + j] = x[i * n + j];
            a[j * n + i] = x[i * n + j];
        }
    }
    let scale = largest(&a);
    let failed = || (vec![T::NAN; n], vec![T::NAN; n * n]);
    if !scale.is_finite() {
        return failed();
    }
    if scale != zero {
        a.iter_mut().for_each(|v| *v = *v / scale);
    }
    let (mut d, mut e, mut z) = tridiagonal(&mut a, n);
    if !implicit_ql(&mut d, &mut e, &mut z) {
        return failed();
    }
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&i, &j| d[i].partial_cmp(&d[j]).expect("finite numbers"));
    let vectors = order.iter().flat_map(|&i| z[i * n..(i + 1) * n].iter().copied()).collect();
    (order.iter().map(|&i| d[i] * scale).collect(), vectors)
}

/// Diagonal, subdiagonal and the orthogonal matrix (its columns one a row) of the tridiagonal form.
fn tridiagonal<T: Real>(a: &mut [T], n: usize) -> (Vec<T>, Vec<T>, Vec<T>) {
    let (zero, one) = (T::default(), T::of(1.0));
    let mut e = vec![zero; n];
    let mut reflections: Vec<(Vec<T>, T)> = Vec::new();
    for k in 0..n.saturating_sub(1) {
        let first = k + 1;
        let mut v: Vec<T> = (first..n).map(|i| a[i * n + k]).collect();
        let (tau, beta) = reflection(&mut v);
        v[0] = one;
        e[k] = beta;
        if tau != zero {
            // A - v wᵀ - w vᵀ with w = τ A v - (τ²/2 · vᵀ A v) v.
            let row = |a: &[T], i: usize| dot(&a[(first + i) * n + first..(first + i + 1) * n], &v);
            let mut w: Vec<T> = (0..v.len()).map(|i| tau * row(a, i)).collect();
            let half = -(tau * dot(&w, &v) * T::of(0.5));
            add_scaled(&mut w, half, &v);
            for i in 0..v.len() {
                let line = &mut a[(first + i) * n + first..(first + i + 1) * n];
                add_scaled(line, -v[i], &w);
                add_scaled(line, -w[i], &v);
            }
        }
        reflections.push((v, tau));
    }
    let d = (0..n).map(|i| a[i * n + i]).collect();
    let mut z = vec![zero; n * n];
    (0..n).for_each(|i| z[i * n + i] = one);
    for (k, (v, tau)) in reflections.iter().enumerate().rev() {
        for i in k + 1..n {
            let line = &mut z[i * n + k + 1..(i + 1) * n];
            let along = dot(line, v);
            add_scaled(line, -(*tau * along), v);
        }
    }
    (d, e, z)
}

/// Makes the tridiagonal matrix diagonal, turning the rows of `z` along. `false` where it does not converge.
fn implicit_ql<T: Real>(d: &mut [T], e: &mut [T], z: &mut [T]) -> bool {
    let n = d.len();
    let (zero, one, two) = (T::default(), T::of(1.0), T::of(2.0));
    for l in 0..n {
        let mut steps = 0;
        loop {
            let negligible = |m: usize| e[m].abs() <= T::EPSILON * (d[m].abs() + d[m + 1].abs()) + T::TINY;
            let m = (l..n - 1).find(|&m| negligible(m)).unwrap_or(n - 1);
            if m == l {
                break;
            }
            steps += 1;
            if steps > STEPS {
                return false;
            }
            let g = (d[l + 1] - d[l]) / (two * e[l]);
            let r = norm(&[g, one]);
            let mut g = d[m] - d[l] + e[l] / (if g < zero { g - r } else { g + r });
            let (mut s, mut c, mut p) = (one, one, zero);
            let mut split = false;
            for i in (l..m).rev() {
                let (f, b) = (s * e[i], c * e[i]);
                let r = norm(&[f, g]);
                e[i + 1] = r;
                if r == zero {
                    d[i + 1] -= p;
                    e[m] = zero;
                    split = true;
                    break;
                }
                s = f / r;
                c = g / r;
                g = d[i + 1] - p;
                let r = (d[i] - g) * s + two * c * b;
                p = s * r;
                d[i + 1] = g + p;
                g = c * r - b;
                let (low, high) = z.split_at_mut((i + 1) * n);
                rotate(&mut low[i * n..], &mut high[..n], c, s);
            }
            if !split {
                d[l] -= p;
                e[l] = g;
                e[m] = zero;
            }
        }
    }
    true
}

/// `x, y = c x - s y, s x + c y`.
pub fn rotate<T: Real>(x: &mut [T], y: &mut [T], c: T, s: T) {
    for (x, y) in x.iter_mut().zip(y) {
        (*x, *y) = (c * *x - s * *y, s * *x + c * *y);
    }
}
