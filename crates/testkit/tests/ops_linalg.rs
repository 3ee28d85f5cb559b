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
    let order = kw.get("ord")?;
    Some(match order.as_str() {
        Some("fro") => NormOrder::Frobenius,
        Some("nuc") => NormOrder::Nuclear,
        Some(text) => NormOrder::P(text.parse().unwrap_or(f64::NAN)),
        None => NormOrder::P(order.as_f64().expect("a number")),
    })
}

fn dot_axes(kw: &Kw) -> DotAxes {
    match kw.get("axes").and_then(|v| v.as_array()) {
        None => DotAxes::Count(kw.int("axes").expect("a number of axes") as usize),
        Some(lists) if lists.len() < 2 => DotAxes::Count(lists.len()),
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
        Some(a) if a.len() == 3 => (a[0], a[1], a[2]).into(),
        _ => kw.int("axis").unwrap_or(-1).into(),
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

#[test]
fn random_wrong_calls() {
    rhyton_testkit::fuzz::run("linalg", dispatch);
}

/// The largest absolute difference.
fn gap(a: &Tensor, b: &Tensor) -> f64 {
    (a - b).abs().max(..).unwrap().cast(rhyton::DType::F64).item::<f64>().unwrap()
}

fn unit(n: usize, like: &Tensor) -> Tensor {
    ops::matrix_power(&ops::zeros([n, n], like.dtype()).unwrap(), 0).unwrap()
}

#[test]
fn large_matrices_are_rebuilt_from_their_factors() {
    for (dtype, tolerance) in [(rhyton::DType::F32, 1e-3), (rhyton::DType::F64, 1e-11)] {
        for (m, n) in [(150, 97), (97, 150), (130, 130)] {
            let x = rhyton::random::normal([m, n], 0.0, 1.0, dtype, 5).unwrap();
            let (q, r) = ops::qr(&x, "reduced").unwrap();
            assert!(gap(&q.matmul(&r).unwrap(), &x) < tolerance);
            let k = m.min(n);
            assert!(gap(&q.t().matmul(&q).unwrap(), &unit(k, &x)) < tolerance);
            for full in [false, true] {
                let (u, s, vt) = ops::svd(&x, full).unwrap();
                let (a, b) = (ops::narrow(&u, 1, 0, k).unwrap(), ops::narrow(&vt, 0, 0, k).unwrap());
                assert!(gap(&(&a * &s).matmul(&b).unwrap(), &x) < tolerance);
                assert!(gap(&u.t().matmul(&u).unwrap(), &unit(u.shape()[1], &x)) < tolerance);
                assert!(gap(&vt.matmul(&vt.t()).unwrap(), &unit(vt.shape()[0], &x)) < tolerance);
            }
            let p = ops::pinv(&x, None).unwrap();
            assert!(gap(&x.matmul(&p).unwrap().matmul(&x).unwrap(), &x) < tolerance);
        }
        let x = rhyton::random::normal([200, 200], 0.0, 1.0, dtype, 6).unwrap();
        let shifted = &x + &(unit(200, &x) * 20.0);
        assert!(gap(&shifted.matmul(&ops::inv(&shifted).unwrap()).unwrap(), &unit(200, &x)) < tolerance);
        let positive = x.matmul(&x.t()).unwrap() + unit(200, &x);
        let l = ops::cholesky(&positive, false).unwrap();
        assert!(gap(&l.matmul(&l.t()).unwrap(), &positive) < tolerance);
        let symmetric = &x + &x.t();
        let (w, v) = ops::eigh(&symmetric).unwrap();
        assert!(gap(&(&v * &w).matmul(&v.t()).unwrap(), &symmetric) < 2.0 * tolerance);
        assert!(gap(&v.t().matmul(&v).unwrap(), &unit(200, &x)) < tolerance);
    }
}

#[test]
fn awkward_matrices() {
    // Repeated, zero and very different singular values, and numbers whose squares leave the range.
    for scale in [1.0f64, 1e-300, 1e300] {
        let x = Tensor::from([[1.0f64, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 1e-9]]) * scale;
        let (u, s, vt) = ops::svd(&x, true).unwrap();
        assert!(gap(&(&(&u * &s).matmul(&vt).unwrap() / scale), &(&x / scale)) < 1e-14);
        assert!(gap(&u.t().matmul(&u).unwrap(), &unit(3, &x)) < 1e-14);
        let (w, v) = ops::eigh(&x).unwrap();
        assert!(gap(&(&(&v * &w).matmul(&v.t()).unwrap() / scale), &(&x / scale)) < 1e-14);
    }
    let equal = unit(6, &Tensor::from(0.0f32));
    assert_eq!(ops::singular_values(&equal).unwrap().to_vec::<f32>().unwrap(), [1.0; 6]);
    assert_eq!(ops::eigh(&equal).unwrap().0.to_vec::<f32>().unwrap(), [1.0; 6]);
    let nan = ops::full([3, 3], f64::NAN, rhyton::DType::F64).unwrap();
    for x in [ops::inv(&nan), ops::qr(&nan, "reduced").map(|p| p.1), ops::pinv(&nan, None)] {
        assert!(x.unwrap().to_vec::<f64>().unwrap().iter().any(|v| v.is_nan()));
    }
}

#[test]
fn batches_have_the_same_bits_on_one_and_two_threads() {
    let x = rhyton::random::normal([40, 20, 20], 0.0, 1.0, rhyton::DType::F32, 6).unwrap();
    let all = || {
        let (q, r) = ops::qr(&x, "complete").unwrap();
        let (u, s, vt) = ops::svd(&x, false).unwrap();
        let (w, v) = ops::eigh(&x).unwrap();
        vec![ops::inv(&x).unwrap(), ops::det(&x).unwrap(), q, r, u, s, vt, w, v]
    };
    let threads = rhyton::threads();
    rhyton::set_threads(1);
    let one = all();
    rhyton::set_threads(2);
    let two = all();
    rhyton::set_threads(threads);
    assert!(one.iter().zip(&two).all(|(a, b)| a.bit_equal(b)));
}
