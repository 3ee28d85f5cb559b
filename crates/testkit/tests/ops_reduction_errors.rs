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
        (ops::sum(&a, 2), "@@"),
        (ops::sum(&a, [0, 0]), "@@"),
        (ops::prod(&a, -3), "@@"),
        (ops::prod_with(&a, 7, DType::F64), "@@"),
        (ops::mean(&a, 2), "@@"),
        (ops::mean(&float(&[]), 0), "@@"),
        (ops::var(&a, [1, -1]), "@@"),
        (ops::std(&a, isize::MIN), "@@"),
        (ops::logsumexp(&a, isize::MAX), "@@"),
        (ops::all(&a, 2), "@@"),
        (ops::any(&a, 2), "@@"),
        (ops::count_nonzero(&a, 2), "@@"),
        (ops::max(&none, 1), "@@"),
        (ops::amax(&none, ..), "@@"),
        (ops::amin(&a, 3), "@@"),
        (ops::max_with(&a, 2, 0), "@@"),
        (ops::min_with(&a, [0, 1, 2], 0.5), "@@"),
        (ops::ptp(&truth, ..), "@@"),
        (ops::ptp(&none, 1), "@@"),
        (ops::argmax(&a, 2), "@@"),
        (ops::argmax(&three, [0, 1]), "@@"),
        (ops::argmin(&none, Axes::from(1).keepdims()), "@@"),
        (ops::argmin(&none, ..), "@@"),
        (ops::nanargmax(&none, 1), "@@"),
        (ops::nanargmin(&three, [0, 2]), "@@"),
        (ops::nanmax(&none, 1), "@@"),
        (ops::nanmean(&a, 4), "@@"),
        (ops::nanvar(&a, 4), "@@"),
        (ops::average(&a, 2, None), "@@"),
        (ops::average(&a, .., Some(&float(&[3]))), "@@"),
        (ops::average(&a, 0, Some(&float(&[3]))), "@@"),
        (ops::average(&a, 1, Some(&float(&[3, 2]))), "@@"),
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
