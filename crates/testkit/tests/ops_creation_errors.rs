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
        (ops::zeros([HUGE, 4], DType::F32), "@@"),
        (ops::ones([HUGE, HUGE], DType::U8), "@@"),
        (ops::full([4, HUGE], 1, DType::F64), "@@"),
        (ops::eye(HUGE, None, 0, DType::F32), "@@"),
        (ops::tri(HUGE, 5, 0, DType::F32), "@@"),
        (ops::identity(HUGE, DType::Bool), "@@"),
        (ops::arange((0, 5, 0), None), "@@"),
        (ops::arange((0.0, 5.0, 0.0), None), "@@"),
        (ops::arange((0.0, f64::NAN, 1.0), None), "@@"),
        (ops::arange((0.0, f64::INFINITY, 1.0), None), "@@"),
        (ops::arange((0.0, 1.0, 1e-320), None), "@@"),
        (ops::arange((0.0, 1e300, 1.0), None), "@@"),
        (ops::linspace(0.0, 1.0, Spacing::from(3).axis(1)), "@@"),
        (ops::linspace(&vector, 1.0, Spacing::from(3).axis(2)), "@@"),
        (ops::linspace(&vector, &float(&[4]), 3), "@@"),
        (ops::linspace(0.0, 1.0, usize::MAX), "@@"),
        (ops::geomspace(0.0, 1.0, 3), "@@"),
        (ops::geomspace(1.0, -1.0, 3), "@@"),
        (ops::geomspace(&vector, &float(&[2]), 3), "@@"),
        (ops::geomspace(&vector, 2, Spacing::from(3).axis(-3)), "@@"),
        (ops::logspace(&vector, &float(&[2]), 3, 10.0), "@@"),
        (first(ops::meshgrid(&[&vector, &matrix], "xy")), "@@"),
        (first(ops::meshgrid(&[&vector], "yx")), "@@"),
        (ops::one_hot(&ops::zeros([2], DType::I32).unwrap(), 3, 2, DType::F32), "@@"),
        (ops::size(&unknown).map(|_| vector.clone()), "@@"),
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
