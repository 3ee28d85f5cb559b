//! Wrong calls of products and linear algebra, and what is said about them.

use rhyton::ops::{self, NormOrder};
use rhyton::{DType, Function, Result, Tensor};

fn zeros<const N: usize>(shape: [usize; N]) -> Tensor {
    ops::zeros(shape, DType::F32).unwrap()
}

fn assert_says<T>(result: Result<T>, text: &str) {
    match result {
        Ok(_) => panic!("expected the error {text:?}"),
        Err(e) => assert_eq!(e.to_string(), text),
    }
}

#[test]
fn products() {
    let (scalar, v3, m23) = (Tensor::from(1.0f32), zeros([3]), zeros([2, 3]));
    assert_says(ops::matmul(&scalar, &v3), "matmul: expected rank 1 or more, got a scalar; use multiply");
    assert_says(
        ops::matmul(&m23, &m23),
        "matmul: the last axis of (2, 3) does not match the last but one of (2, 3); they must be equal",
    );
    assert_says(
        ops::dot(&m23, &zeros([2])),
        "dot: axis 1 of shape (2, 3) does not match axis 0 of shape (2,)",
    );
    assert_says(ops::vdot(&m23, &v3), "vdot: axis 0 of shape (6,) does not match axis 0 of shape (3,)");
    assert_says(
        ops::inner(&m23, &zeros([2])),
        "inner: axis 1 of shape (2, 3) does not match axis 0 of shape (2,)",
    );
    assert_says(ops::tensordot(&m23, &v3, 2), "tensordot: expected at most 1 axes to sum over, got 2");
    assert_says(ops::tensordot(&m23, &m23, ([0, 0], [0, 1])), "tensordot: an axis is named twice");
    assert_says(
        ops::tensordot(&m23, &m23, ops::DotAxes::Pairs(vec![0], vec![])),
        "tensordot: expected as many axes of the first as of the second, got 1 and 0",
    );
    assert_says(
        ops::tensordot(&m23, &m23, ([0], [5])),
        "tensordot: axis 5 is out of bounds for a tensor of rank 2; use -2 to 1",
    );
    assert_says(
        ops::cross(&zeros([4]), &v3, -1),
        "cross: expected vectors of 2 or 3 components, got 4 along axis 0",
    );
    assert_says(
        ops::cross(&scalar, &v3, -1),
        "cross: axis -1 is out of bounds for a scalar, which has no axes",
    );
    assert_says(
        ops::correlate(&m23, &v3, "full"),
        "correlate: expected vectors that are not empty, got shape (2, 3)",
    );
    assert_says(
        ops::correlate(&zeros([0]), &v3, "full"),
        "correlate: expected vectors that are not empty, got shape (0,)",
    );
    assert_says(ops::correlate(&v3, &v3, "ful"), "correlate: unknown mode \"ful\"; did you mean \"full\"?");
    assert_says(ops::corrcoef(&zeros([1, 2, 3])), "corrcoef: expected rank 1 or 2, got shape (1, 2, 3)");
    assert_says(
        ops::trapezoid(&m23, None, 1.0, 2),
        "trapezoid: axis 2 is out of bounds for a tensor of rank 2; use -2 to 1",
    );
    assert_says(
        ops::trapezoid(&m23, Some(&zeros([2])), 1.0, 1),
        "trapezoid: expected 3 places along the axis, got x of shape (1, 2)",
    );
    assert_says(ops::cdist(&v3, &m23), "cdist: expected shapes (…, m, d) and (…, n, d), got (3,) and (2, 3)");
}

#[test]
fn subscripts() {
    let (m, v) = (zeros([2, 3]), zeros([3]));
    let says =
        |text: &str, operands: &[&Tensor], error: &str| assert_says(ops::einsum(text, operands), error);
    says("i%j", &[&m], "einsum: unexpected '%' at position 1 of \"i%j\"");
    says("ij-k", &[&m], "einsum: expected \"->\" at position 2 of \"ij-k\"");
    says("ij->i->j", &[&m], "einsum: a second \"->\" at position 5 of \"ij->i->j\"");
    says("ij->i,j", &[&m], "einsum: a comma after \"->\" at position 5 of \"ij->i,j\"");
    says("i.j", &[&m], "einsum: expected \"...\" at position 1 of \"i.j\"");
    says("...i...", &[&m], "einsum: a second \"...\" at position 4 of \"...i...\"");
    says("ij,jk", &[&m], "einsum: \"ij,jk\" describes 2 operands, got 1");
    says("ijk->i", &[&m], "einsum: \"ijk->i\" gives operand 0 3 axes, but it has rank 2");
    says("i->i", &[&m], "einsum: \"i->i\" gives operand 0 1 axes, but it has rank 2");
    says(
        "ij->ik",
        &[&m],
        "einsum: the result's 'k' at position 5 of \"ij->ik\" is not a letter of an operand",
    );
    says("ij->ii", &[&m], "einsum: the result names 'i' twice, at position 5 of \"ij->ii\"");
    says(
        "ij,i->j",
        &[&m, &v],
        "einsum: 'i' of \"ij,i->j\" has size 2 before and 3 in operand 1 of shape (3,)",
    );
    says("ii", &[&m], "einsum: 'i' of \"ii\" has size 2 before and 3 in operand 0 of shape (2, 3)");
    says(
        "...,...",
        &[&zeros([2]), &v],
        "einsum: an axis of \"...\" of \"...,...\" has size 2 before and 3 in operand 1 of shape (3,)",
    );
    assert!(ops::einsum("", &[]).is_err());
}

#[test]
fn factorizations() {
    let (v3, m23) = (zeros([3]), zeros([2, 3]));
    for (name, result) in [
        ("cholesky", ops::cholesky(&m23, false)),
        ("cholesky_inverse", ops::cholesky_inverse(&m23, false)),
        ("inv", ops::inv(&m23)),
        ("solve", ops::solve(&m23, &v3)),
        ("solve_triangular", ops::solve_triangular(&m23, &v3, true)),
        ("matrix_power", ops::matrix_power(&m23, 2)),
        ("det", ops::det(&m23)),
    ] {
        assert_says(result, &format!("{name}: expected square matrices, got shape (2, 3)"));
    }
    assert_says(ops::inv(&v3), "inv: expected matrices of rank 2 or more, got shape (3,)");
    assert_says(ops::det(&v3), "det: expected matrices of rank 2 or more, got shape (3,)");
    assert_says(ops::eigh(&m23), "eigh: expected square matrices, got shape (2, 3)");
    assert_says(ops::slogdet(&m23), "slogdet: expected square matrices, got shape (2, 3)");
    assert_says(ops::svd(&v3, true), "svd: expected matrices of rank 2 or more, got shape (3,)");
    assert_says(
        ops::matrix_rank(&v3, None),
        "matrix_rank: svd: expected matrices of rank 2 or more, got shape (3,)",
    );
    assert_says(ops::qr(&m23, "raw"), "qr: unknown mode \"raw\"; known names: reduced, complete");
    assert_says(
        ops::solve(&zeros([2, 2]), &v3),
        "solve: right sides of shape (3,) do not fit matrices of shape (2, 2); expected (…, 2) or (…, 2, k)",
    );
    assert_says(
        ops::lstsq(&zeros([2, 2, 2]), &v3, None),
        "lstsq: expected a of shape (m, n) and b of shape (m,) or (m, k), got (2, 2, 2) and (3,)",
    );
    assert_says(
        ops::norm(&m23, Some(NormOrder::Frobenius), Some(&[0]), false),
        "norm: Frobenius is no norm of vectors; use P(..) or two axes",
    );
    assert_says(
        ops::norm(&m23, Some(3.0.into()), None, false),
        "norm: P(3) is no norm of matrices; use Frobenius, Nuclear, or P of ±1, ±2 or ±infinity",
    );
    assert_says(
        ops::norm(&zeros([1, 2, 3]), Some(2.0.into()), None, false),
        "norm: expected one axis or two different ones for this order, got 3; without an order any number is allowed",
    );
    assert_says(
        ops::norm(&v3, Some(f64::NAN.into()), None, false),
        "norm: expected a number as the order, got NaN",
    );
    assert_says(
        ops::norm(&v3, None, Some(&[1]), false),
        "norm: axis 1 is out of bounds for a tensor of rank 1; use -1 to 0",
    );
}

#[test]
fn matrices_without_a_factorization() {
    let singular = Tensor::from([[1.0f64, 2.0], [2.0, 4.0]]);
    let regular = Tensor::from([[1.0f64, 2.0], [2.0, 5.0]]);
    let batch = ops::stack(&[&regular, &singular, &singular], 0).unwrap();
    assert_says(ops::inv(&singular), "inv: solve: the matrix is singular");
    assert_says(ops::inv(&batch), "inv: solve: matrix 1 of 3 is singular");
    assert_says(ops::matrix_power(&batch, -1), "matrix_power: solve: matrix 1 of 3 is singular");
    assert_says(ops::solve(&singular, &Tensor::from([1.0f64, 2.0])), "solve: the matrix is singular");
    assert_says(ops::cholesky(&-&regular, false), "cholesky: the matrix is not positive definite");
    assert_says(ops::cholesky(&batch, true), "cholesky: matrix 1 of 3 is not positive definite");
    assert_says(
        ops::solve_triangular(&Tensor::from([[1.0f64, 0.0], [1.0, 0.0]]), &Tensor::from([1.0f64, 2.0]), true),
        "solve_triangular: the matrix is singular: it has a zero on its diagonal",
    );
    let compiled = Function::trace(&[batch.meta()], |x| Ok(vec![ops::inv(&x[0])?])).unwrap();
    assert_says(compiled.call(&[&batch]), "compiled function: matrix 1 of 3 is singular");
    assert_says(
        ops::cholesky(&Tensor::from([[f64::NAN, 0.0], [0.0, 1.0]]), false),
        "cholesky: the matrix is not positive definite",
    );
    // Many matrices, some of them at fault, on several threads: the first one is named.
    let many =
        ops::concatenate(&[&ops::broadcast_to(&regular, &[50_000, 2, 2]).unwrap(), &batch], 0).unwrap();
    assert_says(ops::inv(&many), "inv: solve: matrix 50001 of 50003 is singular");
}
