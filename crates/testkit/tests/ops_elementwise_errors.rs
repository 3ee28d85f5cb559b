//! What elementwise functions say of wrong calls.

use rhyton::{DType, Result, Tensor, ops};

fn float(shape: &[usize]) -> Tensor {
    ops::zeros(shape, DType::F32).unwrap()
}

fn of(dtype: DType) -> Tensor {
    ops::zeros([2], dtype).unwrap()
}

#[test]
fn wrong_calls() {
    let (a, b) = (float(&[2, 3]), float(&[2, 4]));
    let (truth, ints, floats) = (of(DType::Bool), of(DType::I32), of(DType::F32));
    let close = ops::Closeness::default();
    let cases: Vec<(Result<Tensor>, &str)> = vec![
        (ops::add(&a, &b), "@@"),
        (ops::divide_no_nan(&a, &b), "@@"),
        (ops::fmax(&a, &b), "@@"),
        (ops::fmod(&a, &b), "@@"),
        (ops::hypot(&a, &b), "@@"),
        (ops::isclose(&a, &b, close), "@@"),
        (ops::allclose(&a, &b, close), "@@"),
        (ops::logaddexp(&a, &b), "@@"),
        (ops::heaviside(&a, &b), "@@"),
        (ops::nextafter(&a, &b), "@@"),
        (ops::gammainc(&a, &b), "@@"),
        (ops::r#where(&a, &a, &b), "@@"),
        (ops::negative(&truth), "@@"),
        (ops::sign(&truth), "@@"),
        (ops::subtract(&truth, &truth), "@@"),
        (ops::round_with(&truth, 0), "@@"),
        (ops::bitwise_invert(&floats), "@@"),
        (ops::bitwise_and(&floats, &ints), "@@"),
        (ops::bitwise_left_shift(&floats, &ints), "@@"),
        (ops::gcd(&floats, &ints), "@@"),
        (ops::gcd(&truth, &truth), "@@"),
        (ops::lcm(&floats, &floats), "@@"),
        (ops::ldexp(&floats, &floats), "@@"),
        (ops::ldexp(&floats, &truth), "@@"),
        (ops::select(&[], &[], &floats), "@@"),
        (ops::select(&[&truth], &[&floats, &ints], &floats), "@@"),
        (ops::select(&[&truth], &[&a], &floats), "@@"),
        (ops::glu(&a, -1), "@@"),
        (ops::glu(&a, 2), "@@"),
        (ops::glu(&float(&[]), 0), "@@"),
        (ops::sparsemax(&a, 5), "@@"),
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
