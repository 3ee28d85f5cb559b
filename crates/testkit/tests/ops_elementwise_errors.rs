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
        (ops::add(&a, &b), "add: shapes (2, 3) and (2, 4) differ on axis 1; axes must be equal or 1"),
        (
            ops::divide_no_nan(&a, &b),
            "divide_no_nan: divide: shapes (2, 3) and (2, 4) differ on axis 1; axes must be equal or 1",
        ),
        (
            ops::fmax(&a, &b),
            "fmax: where: shapes (2, 3) and (2, 4) differ on axis 1; axes must be equal or 1",
        ),
        (ops::fmod(&a, &b), "fmod: shapes (2, 3) and (2, 4) differ on axis 1; axes must be equal or 1"),
        (ops::hypot(&a, &b), "hypot: shapes (2, 3) and (2, 4) differ on axis 1; axes must be equal or 1"),
        (
            ops::isclose(&a, &b, close),
            "isclose: subtract: shapes (2, 3) and (2, 4) differ on axis 1; axes must be equal or 1",
        ),
        (
            ops::allclose(&a, &b, close),
            "allclose: isclose: subtract: shapes (2, 3) and (2, 4) differ on axis 1; axes must be equal or 1",
        ),
        (
            ops::logaddexp(&a, &b),
            "logaddexp: equal: shapes (2, 3) and (2, 4) differ on axis 1; axes must be equal or 1",
        ),
        (
            ops::heaviside(&a, &b),
            "heaviside: where: shapes (2, 3) and (2, 4) differ on axis 1; axes must be equal or 1",
        ),
        (
            ops::nextafter(&a, &b),
            "nextafter: shapes (2, 3) and (2, 4) differ on axis 1; axes must be equal or 1",
        ),
        (
            ops::gammainc(&a, &b),
            "gammainc: shapes (2, 3) and (2, 4) differ on axis 1; axes must be equal or 1",
        ),
        (
            ops::r#where(&a, &a, &b),
            "where: shapes (2, 3) and (2, 4) differ on axis 1; axes must be equal or 1",
        ),
        (ops::negative(&truth), "neg: expected numbers, got bool; cast to int32 or float32 first"),
        (ops::sign(&truth), "sign: expected numbers, got bool; cast to int32 or float32 first"),
        (
            ops::subtract(&truth, &truth),
            "subtract: expected numbers, got bool; cast to int32 or float32 first",
        ),
        (ops::round_with(&truth, 0), "round: expected numbers, got bool; cast to int32 or float32 first"),
        (ops::bitwise_invert(&floats), "bitwise_not: expected integers or bool, got float32; cast first"),
        (ops::bitwise_and(&floats, &ints), "bitwise_and: expected integers or bool, got float32; cast first"),
        (
            ops::bitwise_left_shift(&floats, &ints),
            "left_shift: expected integers or bool, got float32; cast first",
        ),
        (ops::gcd(&floats, &ints), "gcd: expected integers, got float32; cast first"),
        (ops::gcd(&truth, &truth), "gcd: expected integers, got bool; cast first"),
        (ops::lcm(&floats, &floats), "lcm: gcd: expected integers, got float32; cast first"),
        (ops::ldexp(&floats, &floats), "ldexp: expected integer exponents, got float32; cast them to int32"),
        (ops::ldexp(&floats, &truth), "ldexp: expected integer exponents, got bool; cast them to int32"),
        (
            ops::select(&[], &[], &floats),
            "select: expected a choice for each condition, got 0 conditions and 0 choices",
        ),
        (
            ops::select(&[&truth], &[&floats, &ints], &floats),
            "select: expected a choice for each condition, got 1 conditions and 2 choices",
        ),
        (
            ops::select(&[&truth], &[&a], &floats),
            "select: where: shapes (2,) and (2, 3) differ on axis 1; axes must be equal or 1",
        ),
        (ops::glu(&a, -1), "glu: expected an even size of axis -1, got 3 (shape (2, 3))"),
        (ops::glu(&a, 2), "glu: axis 2 is out of bounds for a tensor of rank 2; use -2 to 1"),
        (ops::glu(&float(&[]), 0), "glu: axis 0 is out of bounds for a scalar, which has no axes"),
        (ops::sparsemax(&a, 5), "sparsemax: axis 5 is out of bounds for a tensor of rank 2; use -2 to 1"),
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
