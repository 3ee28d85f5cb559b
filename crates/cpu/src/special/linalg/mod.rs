//! Linear algebra on matrices of the last two axes, spread over the leading ones.

mod cholesky;
mod eigen;
mod lu;
mod qr;
mod real;
mod svd;
mod triangular;

use super::spread::{each, parts};
use super::{Input, Output};
use real::{Block, Real, transposed};
use rhyton_base::{DType, Error, Result};
use rhyton_ops::linalg::Factorization;
use triangular::Triangle;

/// Runs a kernel of linear algebra.
pub fn run(kind: Factorization, inputs: &[Input], outputs: &mut [Output]) -> Result<()> {
    match inputs[0].dtype {
        DType::F64 => of_type::<f64>(kind, inputs, outputs),
        _ => of_type::<f32>(kind, inputs, outputs),
    }
}

/// The error of matrix `i` among `count`.
fn fault(i: usize, count: usize, what: &str) -> Error {
    match count {
        1 => Error::value(format!("the matrix {what}")),
        _ => Error::value(format!("matrix {i} of {count} {what}")),
    }
}

fn of_type<T: Real>(kind: Factorization, inputs: &[Input], outputs: &mut [Output]) -> Result<()> {
    let shape = inputs[0].shape;
    let (lead, last) = shape.split_at(shape.len() - 2);
    let batch: usize = lead.iter().product();
    let (m, n) = (last[0], last[1]);
    let (size, k) = (m * n, m.min(n));
    let a = inputs[0].of::<T>();
    let of = |i: usize| &a[i * size..(i + 1) * size];
    let cost = size.saturating_mul(k);
    let (first, others) = outputs.split_first_mut().expect("at least one result");
    match kind {
        Factorization::Cholesky => each(parts(first.of::<T>(), batch), cost, |i, out| {
            out.copy_from_slice(of(i));
            match cholesky::factor(out, n) {
                true => Ok(()),
                false => Err(fault(i, batch, "is not positive definite")),
            }
        }),
        Factorization::Lu => {
            let jobs = parts(first.of::<T>(), batch).into_iter().zip(parts(others[0].of::<i32>(), batch));
            each(jobs.collect(), cost, |i, (out, pivots)| {
                out.copy_from_slice(of(i));
                let mut places = vec![0; k];
                lu::factor(out, m, n, &mut places);
                pivots.iter_mut().zip(places).for_each(|(to, p)| *to = p as i32);
                Ok(())
            })
        }
        Factorization::Det => each(parts(first.of::<T>(), batch), cost, |i, out| {
            let (diagonal, odd) = diagonal_of_u(of(i), n);
            let product = diagonal.into_iter().fold(T::of(1.0), |p, d| p * d);
            out[0] = if odd { -product } else { product };
            Ok(())
        }),
        Factorization::SlogDet => {
            let jobs = parts(first.of::<T>(), batch).into_iter().zip(parts(others[0].of::<T>(), batch));
            each(jobs.collect(), cost, |i, (sign, log)| {
                let (diagonal, odd) = diagonal_of_u(of(i), n);
                (sign[0], log[0]) = sign_and_log(&diagonal, odd);
                Ok(())
            })
        }
        Factorization::Solve => {
            let b = inputs[1].of::<T>();
            let columns = inputs[1].shape[inputs[1].shape.len() - 1];
            each(parts(first.of::<T>(), batch), cost.saturating_add(size * columns), |i, out| {
                let mut factors = of(i).to_vec();
                let mut pivots = vec![0; n];
                lu::factor(&mut factors, n, n, &mut pivots);
                if triangular::zero_on_diagonal(&factors, n).is_some() {
                    return Err(fault(i, batch, "is singular"));
                }
                out.copy_from_slice(&b[i * n * columns..(i + 1) * n * columns]);
                lu::solve(&factors, n, &pivots, out, columns);
                Ok(())
            })
        }
        Factorization::Triangular { lower } => {
            let b = inputs[1].of::<T>();
            let columns = inputs[1].shape[inputs[1].shape.len() - 1];
            each(parts(first.of::<T>(), batch), size * columns, |i, out| {
                if triangular::zero_on_diagonal(of(i), n).is_some() {
                    return Err(fault(i, batch, "is singular: it has a zero on its diagonal"));
                }
                out.copy_from_slice(&b[i * n * columns..(i + 1) * n * columns]);
                let kind = Triangle { lower, unit: false };
                let (square, sides) = (Block::new(0, n, n, n), Block::new(0, n, columns, columns));
                triangular::solve(kind, (of(i), square), (out, sides), &mut Vec::new());
                Ok(())
            })
        }
        Factorization::Qr { complete } => {
            let kept = if complete { m } else { k };
            let jobs = parts(first.of::<T>(), batch).into_iter().zip(parts(others[0].of::<T>(), batch));
            each(jobs.collect(), cost, |i, (q, r)| {
                let mut x = of(i).to_vec();
                q.copy_from_slice(&qr::factor(&mut x, m, n, kept));
                r.copy_from_slice(&x[..kept * n]);
                Ok(())
            })
        }
        Factorization::Svd { full, vectors: true } => {
            let (u_columns, v_rows) = if full { (m, n) } else { (k, k) };
            let (s, vt) = others.split_first_mut().expect("three results");
            let rest = parts(s.of::<T>(), batch).into_iter().zip(parts(vt[0].of::<T>(), batch));
            let jobs = parts(first.of::<T>(), batch).into_iter().zip(rest);
            each(jobs.collect(), cost.saturating_mul(8), |i, (u, (s, vt))| {
                let found = svd::factor(of(i), m, n, u_columns, v_rows);
                u.copy_from_slice(&found.u);
                s.copy_from_slice(&found.s);
                vt.copy_from_slice(&found.vt);
                Ok(())
            })
        }
        Factorization::Svd { vectors: false, .. } => {
            each(parts(first.of::<T>(), batch), cost.saturating_mul(8), |i, s| {
                s.copy_from_slice(&svd::factor(of(i), m, n, 0, 0).s);
                Ok(())
            })
        }
        Factorization::Eigh => {
            let jobs = parts(first.of::<T>(), batch).into_iter().zip(parts(others[0].of::<T>(), batch));
            each(jobs.collect(), cost.saturating_mul(8), |i, (values, vectors)| {
                let (w, rows) = eigen::symmetric(of(i), n);
                values.copy_from_slice(&w);
                vectors.copy_from_slice(&transposed(&rows, n, n));
                Ok(())
            })
        }
    }
}

/// The diagonal of U, and whether the rows were exchanged an odd number of times.
fn diagonal_of_u<T: Real>(x: &[T], n: usize) -> (Vec<T>, bool) {
    let mut factors = x.to_vec();
    let mut pivots = vec![0; n];
    lu::factor(&mut factors, n, n, &mut pivots);
    ((0..n).map(|i| factors[i * n + i]).collect(), lu::odd(&pivots))
}

/// The sign of a product and the logarithm of its absolute value; `(0, -inf)` for a product of zero.
fn sign_and_log<T: Real>(factors: &[T], odd: bool) -> (T, T) {
    let (zero, one) = (T::default(), T::of(1.0));
    let (mut sign, mut log) = (if odd { -one } else { one }, zero);
    for &f in factors {
        log += f.abs().ln();
        sign = sign
            * if f > zero {
                one
            } else if f < zero {
                -one
            } else {
                f
            };
    }
    (sign, log)
}
