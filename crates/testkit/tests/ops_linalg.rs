//! Products and linear algebra against golden values.

use rhyton::ops::{self, CrossAxes, DotAxes, NormOrder};
use rhyton::{Result, Tensor};
use rhyton_testkit::cases::{Kw, run};

/// -1 or 1 in the first row of the first `k` columns.
fn signs(u: &Tensor, k: usize) -> Result<Tensor> {
    let rank = u.rank() as isize;
    let top = ops::narrow(&ops::narrow(u, rank - 1, 0, k)?, rank - 2, 0, 1)?;
    ops::sign(&top)
}

fn swapped(x: &Tensor) -> Result<Tensor> {
    let mut order: Vec<isize> = (0..x.rank() as isize).collect();
    order.swap(x.rank() - 1, x.rank() - 2);
    ops::transpose(x, Some(&order))
}

/// The vectors that are unique, with their signs fixed, and that all are orthonormal.
fn signed_svd(x: &Tensor, full: bool) -> Result<Vec<Tensor>> {
    rhyton::operation("signed_svd", &[x], move |x| {
        let (u, s, vh) = ops::svd(x[0], full)?;
        let rank = x[0].rank();
        let (m, k) = (x[0].shape()[rank - 2], s.shape()[rank - 2]);
        let head = |x: &Tensor, axis: usize| ops::narrow(x, axis as isize, 0, k);
        let (mut left, mut right) = (head(&u, rank - 1)?, head(&vh, rank - 2)?);
        if m > 0 {
            let sign = signs(&u, k)?;
            (left, right) = (&left * &sign, &right * &swapped(&sign)?);
        }
        let (uu, vv) = (ops::matmul(&swapped(&u)?, &u)?, ops::matmul(&vh, &swapped(&vh)?)?);
        Ok(vec![left, s, right, uu, vv])
    })
}

fn signed_eigh(x: &Tensor) -> Result<Vec<Tensor>> {
    rhyton::operation("signed_eigh", &[x], |x| {
        let (w, v) = ops::eigh(x[0])?;
        let n = x[0].shape()[x[0].rank() - 1];
        let v = if n == 0 { v } else { &v * &signs(&v, n)? };
        Ok(vec![w, v])
    })
}

fn order(kw: &Kw) -> Option<NormOrder> {
    Some(match kw.get("ord")?.as_str() {
        Some("fro") => NormOrder::Frobenius,
        Some("nuc") => NormOrder::Nuclear,
        _ => NormOrder::P(kw.float("ord")?),
    })
}

fn dot_axes(kw: &Kw) -> DotAxes {
    match kw.get("axes").and_then(|v| v.as_array()) {
        None => DotAxes::Count(kw.int("axes").expect("a number of axes") as usize),
        Some(lists) => {
            let list = |i: usize| -> Vec<isize> {
                lists[i].as_array().unwrap().iter().map(|v| v.as_i64().unwrap() as isize).collect()
            };
            DotAxes::Pairs(list(0), list(1))
        }
    }
}

fn cross_axes(kw: &Kw) -> CrossAxes {
    match kw.ints("axes") {
        Some(a) => (a[0], a[1], a[2]).into(),
        None => kw.int("axis").unwrap_or(-1).into(),
    }
}

fn dispatch(name: &str, x: &[Tensor], kw: &Kw) -> Result<Vec<Tensor>> {
    let pair = |(a, b): (Tensor, Tensor)| vec![a, b];
    let one = match name {
        "matmul" => ops::matmul(&x[0], &x[1]),
        "dot" => ops::dot(&x[0], &x[1]),
        "vdot" => ops::vdot(&x[0], &x[1]),
        "inner" => ops::inner(&x[0], &x[1]),
        "outer" => ops::outer(&x[0], &x[1]),
        "kron" => ops::kron(&x[0], &x[1]),
        "tensordot" => ops::tensordot(&x[0], &x[1], dot_axes(kw)),
        "einsum" => ops::einsum(kw.text("subscripts").expect("subscripts"), &x.iter().collect::<Vec<_>>()),
        "cross" => ops::cross(&x[0], &x[1], cross_axes(kw)),
        "correlate" => ops::correlate(&x[0], &x[1], kw.text("mode").unwrap_or("valid")),
        "corrcoef" => ops::corrcoef(&x[0]),
        "trapezoid" => {
            ops::trapezoid(&x[0], x.get(1), kw.float("dx").unwrap_or(1.0), kw.int("axis").unwrap_or(-1))
        }
        "cdist" => ops::cdist(&x[0], &x[1]),
        "cholesky" => ops::cholesky(&x[0], kw.flag("upper")),
        "cholesky_inverse" => ops::cholesky_inverse(&x[0], kw.flag("upper")),
        "det" => ops::det(&x[0]),
        "slogdet" => return ops::slogdet(&x[0]).map(pair),
        "logdet" => ops::logdet(&x[0]),
        "inv" => ops::inv(&x[0]),
        "lu_factor" => return ops::lu_factor(&x[0]).map(pair),
        "solve" => ops::solve(&x[0], &x[1]),
        "solve_triangular" => ops::solve_triangular(&x[0], &x[1], kw.flag("lower")),
        "qr" => return ops::qr(&x[0], kw.text("mode").expect("a mode")).map(pair),
        "svd" => return signed_svd(&x[0], kw.flag("full_matrices")),
        "singular_values" => ops::singular_values(&x[0]),
        "eigh" => return signed_eigh(&x[0]),
        "pinv" => ops::pinv(&x[0], kw.float("rcond")),
        "lstsq" => ops::lstsq(&x[0], &x[1], kw.float("rcond")),
        "matrix_rank" => ops::matrix_rank(&x[0], kw.float("tol")),
        "matrix_power" => ops::matrix_power(&x[0], kw.int("n").expect("n") as i64),
        "norm" => ops::norm(&x[0], order(kw), kw.ints("axis").as_deref(), kw.flag("keepdims")),
        other => panic!("a function called {other}"),
    };
    Ok(vec![one?])
}

#[test]
fn golden_values() {
    run("linalg", dispatch);
}
