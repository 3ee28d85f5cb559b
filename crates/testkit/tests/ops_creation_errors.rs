//! What functions that make tensors say of wrong calls.

use rhyton::ops::Spacing;
use rhyton::{DType, Meta, Result, Tensor, ops};

fn float(shape: &[usize]) -> Tensor {
    ops::zeros(shape, DType::F32).unwrap()
}

fn first(x: Result<Vec<Tensor>>) -> Result<Tensor> {
    x.map(|mut x| x.swap_remove(0))
}

#[test]
fn wrong_calls() {
    const HUGE: usize = usize::MAX / 2;
    let (vector, matrix) = (float(&[3]), float(&[2, 3]));
    let unknown = Tensor::symbolic_input(Meta::new(DType::F32, [None, Some(2)]), "x");
    let cases: Vec<(Result<Tensor>, &str)> = vec![
        (
            ops::zeros([HUGE, 4], DType::F32),
            "full: shape (9223372036854775807, 4) has more elements than memory can hold",
        ),
        (
            ops::ones([HUGE, HUGE], DType::U8),
            "full: shape (9223372036854775807, 9223372036854775807) has more elements than memory can hold",
        ),
        (
            ops::full([4, HUGE], 1, DType::F64),
            "full: shape (4, 9223372036854775807) has more elements than memory can hold",
        ),
        (
            ops::eye(HUGE, None, 0, DType::F32),
            "eye: shape (9223372036854775807, 9223372036854775807) has more elements than memory can hold",
        ),
        (
            ops::tri(HUGE, 5, 0, DType::F32),
            "tri: shape (9223372036854775807, 5) has more elements than memory can hold",
        ),
        (
            ops::identity(HUGE, DType::Bool),
            "identity: shape (9223372036854775807, 9223372036854775807) has more elements than memory can hold",
        ),
        (ops::arange((0, 5, 0), None), "arange: a step of 0 leads nowhere; use a positive or negative one"),
        (
            ops::arange((0.0, 5.0, 0.0), None),
            "arange: a step of 0 leads nowhere; use a positive or negative one",
        ),
        (ops::arange((0.0, f64::NAN, 1.0), None), "arange: expected finite numbers, got 0.0, NaN, 1.0"),
        (ops::arange((0.0, f64::INFINITY, 1.0), None), "arange: expected finite numbers, got 0.0, inf, 1.0"),
        (ops::arange((0.0, 1.0, 1e-320), None), "arange: expected finite numbers, got 0.0, 1.0, 1e-320"),
        (ops::arange((0.0, 1e300, 1.0), None), "arange: 1e300 numbers are too many"),
        (
            ops::linspace(0.0, 1.0, Spacing::from(3).axis(1)),
            "linspace: axis 1 is out of bounds for a tensor of rank 1; use -1 to 0",
        ),
        (
            ops::linspace(&vector, 1.0, Spacing::from(3).axis(2)),
            "linspace: axis 2 is out of bounds for a tensor of rank 2; use -2 to 1",
        ),
        (
            ops::linspace(&vector, &float(&[4]), 3),
            "linspace: shapes (3,) and (4,) differ on axis 0; axes must be equal or 1",
        ),
        (
            ops::linspace(0.0, 1.0, usize::MAX),
            "linspace: iota: shape (18446744073709551615,) has more elements than memory can hold",
        ),
        (ops::geomspace(0.0, 1.0, 3), "geomspace: expected two ends of one sign other than 0"),
        (ops::geomspace(1.0, -1.0, 3), "geomspace: expected two ends of one sign other than 0"),
        (
            ops::geomspace(&vector, &float(&[2]), 3),
            "geomspace: shapes (3,) and (2,) differ on axis 0; axes must be equal or 1",
        ),
        (
            ops::geomspace(&vector, 2, Spacing::from(3).axis(-3)),
            "geomspace: axis -3 is out of bounds for a tensor of rank 2; use -2 to 1",
        ),
        (
            ops::logspace(&vector, &float(&[2]), 3, 10.0),
            "logspace: shapes (3,) and (2,) differ on axis 0; axes must be equal or 1",
        ),
        (
            first(ops::meshgrid(&[&vector, &matrix], "xy")),
            "meshgrid: expected vectors, got shape (2, 3); flatten it first",
        ),
        (first(ops::meshgrid(&[&vector], "yx")), "meshgrid: expected indexing \"xy\" or \"ij\", got \"yx\""),
        (
            ops::one_hot(&ops::zeros([2], DType::I32).unwrap(), 3, 2, DType::F32),
            "one_hot: axis 2 is out of bounds for a tensor of rank 2; use -2 to 1",
        ),
        (
            ops::size(&unknown).map(|_| vector.clone()),
            "size: the shape (None, 2) of a symbolic tensor is not known yet; call a model of it with data",
        ),
    ];
    let mut wrong = Vec::new();
    for (i, (got, expected)) in cases.into_iter().enumerate() {
        let got = got.map_or_else(|e| e.to_string(), |x| format!("no error: {}", x.meta()));
        if got != expected {
            wrong.push(format!("call {i}: {got}"));
        }
    }
    assert!(wrong.is_empty(), "other texts than expected:\n{}", wrong.join("\n"));
}
