//! What reductions say of wrong calls.

use rhyton::{Axes, DType, Result, Tensor, ops};

fn float(shape: &[usize]) -> Tensor {
    ops::zeros(shape, DType::F32).unwrap()
}

#[test]
fn wrong_calls() {
    let (a, none) = (float(&[2, 3]), float(&[2, 0]));
    let truth = ops::zeros([2], DType::Bool).unwrap();
    let three = float(&[2, 3, 4]);
    let cases: Vec<(Result<Tensor>, &str)> = vec![
        (ops::sum(&a, 2), "sum: axis 2 is out of bounds for a tensor of rank 2; use -2 to 1"),
        (ops::sum(&a, [0, 0]), "sum: axes [0, 0] name an axis twice (rank 2)"),
        (ops::prod(&a, -3), "prod: axis -3 is out of bounds for a tensor of rank 2; use -2 to 1"),
        (
            ops::prod_with(&a, 7, DType::F64),
            "prod: axis 7 is out of bounds for a tensor of rank 2; use -2 to 1",
        ),
        (ops::mean(&a, 2), "mean: axis 2 is out of bounds for a tensor of rank 2; use -2 to 1"),
        (ops::mean(&float(&[]), 0), "mean: axis 0 is out of bounds for a scalar, which has no axes"),
        (ops::var(&a, [1, -1]), "var: axes [1, -1] name an axis twice (rank 2)"),
        (
            ops::std(&a, isize::MIN),
            "std: var: axis -9223372036854775808 is out of bounds for a tensor of rank 2; use -2 to 1",
        ),
        (
            ops::logsumexp(&a, isize::MAX),
            "logsumexp: axis 9223372036854775807 is out of bounds for a tensor of rank 2; use -2 to 1",
        ),
        (ops::all(&a, 2), "all: prod: axis 2 is out of bounds for a tensor of rank 2; use -2 to 1"),
        (ops::any(&a, 2), "any: sum: axis 2 is out of bounds for a tensor of rank 2; use -2 to 1"),
        (
            ops::count_nonzero(&a, 2),
            "count_nonzero: sum: axis 2 is out of bounds for a tensor of rank 2; use -2 to 1",
        ),
        (ops::max(&none, 1), "max: shape (2, 0) has no elements along the axes [1]"),
        (ops::amax(&none, ..), "max: shape (2, 0) has no elements along the axes [0, 1]"),
        (ops::amin(&a, 3), "min: axis 3 is out of bounds for a tensor of rank 2; use -2 to 1"),
        (ops::max_with(&a, 2, 0), "max: axis 2 is out of bounds for a tensor of rank 2; use -2 to 1"),
        (
            ops::min_with(&a, [0, 1, 2], 0.5),
            "min: axis 2 is out of bounds for a tensor of rank 2; use -2 to 1",
        ),
        (ops::ptp(&truth, ..), "ptp: expected numbers, got bool; cast to int32 first"),
        (ops::ptp(&none, 1), "ptp: max: shape (2, 0) has no elements along the axes [1]"),
        (ops::argmax(&a, 2), "argmax: axis 2 is out of bounds for a tensor of rank 2; use -2 to 1"),
        (ops::argmax(&three, [0, 1]), "argmax: expected one axis or all of them (..), got 2 of 3"),
        (ops::argmin(&none, Axes::from(1).keepdims()), "argmin: shape (2, 0) has no elements along axis 1"),
        (ops::argmin(&none, ..), "argmin: shape (0,) has no elements along axis 0"),
        (ops::nanargmax(&none, 1), "nanargmax: argmax: shape (2, 0) has no elements along axis 1"),
        (
            ops::nanargmin(&three, [0, 2]),
            "nanargmin: argmin: expected one axis or all of them (..), got 2 of 3",
        ),
        (ops::nanmax(&none, 1), "nanmax: max: shape (2, 0) has no elements along the axes [1]"),
        (ops::nanmean(&a, 4), "nanmean: sum: axis 4 is out of bounds for a tensor of rank 2; use -2 to 1"),
        (ops::nanvar(&a, 4), "nanvar: sum: axis 4 is out of bounds for a tensor of rank 2; use -2 to 1"),
        (
            ops::average(&a, 2, None),
            "average: mean: axis 2 is out of bounds for a tensor of rank 2; use -2 to 1",
        ),
        (
            ops::average(&a, .., Some(&float(&[3]))),
            "average: expected weights of shape (2, 3) or of the size of the one axis, got (3,)",
        ),
        (
            ops::average(&a, 0, Some(&float(&[3]))),
            "average: expected weights of shape (2, 3) or of the size of the one axis, got (3,)",
        ),
        (
            ops::average(&a, 1, Some(&float(&[3, 2]))),
            "average: expected weights of shape (2, 3) or of the size of the one axis, got (3, 2)",
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
