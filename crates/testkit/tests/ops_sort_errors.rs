//! What wrong calls of functions that sort, search and count say.

use rhyton::ops::{self, QuantileMethod::Linear, Side, Unique};
use rhyton::{DType, Function, Result, Tensor};

#[track_caller]
fn wrong(result: rhyton::Result<Tensor>, text: &str) {
    match result {
        Ok(x) => panic!("no error but {x}"),
        Err(e) => assert_eq!(e.to_string(), text),
    }
}

fn many(results: rhyton::Result<Vec<Tensor>>) -> rhyton::Result<Tensor> {
    results.map(|mut all| all.swap_remove(0))
}

fn two(results: Result<(Tensor, Tensor)>) -> Result<Tensor> {
    results.map(|r| r.0)
}

/// What a function says while it is being traced.
fn traced(f: impl Fn(&Tensor) -> Result<Tensor> + Send + Sync + 'static) -> Result<Tensor> {
    let meta = Tensor::from([1.0f32, 2.0, 3.0]).meta();
    Function::trace(&[meta], move |x| Ok(vec![f(&x[0])?])).map(|_| Tensor::from(0))
}

#[test]
fn wrong_calls_say_what_is_wrong() {
    let x = &Tensor::from([[3, 1, 2], [4, 6, 5]]);
    let v = &Tensor::from([1, 2, 3]);
    let f = &Tensor::from([1.0f32, 2.0]);
    let s = &Tensor::from(7);
    wrong(ops::sort(x, 2), "sort: axis 2 is out of bounds for a tensor of rank 2; use -2 to 1");
    wrong(ops::sort(s, 0), "sort: axis 0 is out of bounds for a scalar, which has no axes");
    wrong(ops::argsort(x, -3), "argsort: axis -3 is out of bounds for a tensor of rank 2; use -2 to 1");
    wrong(ops::argpartition(x, 3, -1), "argpartition: place 3 is out of bounds for axis 1 of size 3");
    wrong(ops::argpartition(x, -7, None), "argpartition: place -7 is out of bounds for axis 0 of size 6");
    wrong(
        two(ops::top_k(x, 4, true)),
        "top_k: 4 elements wanted of the last axis of shape (2, 3), which has fewer",
    );
    wrong(two(ops::top_k(s, 1, true)), "top_k: expected at least one axis, got a scalar (shape ())");
    wrong(
        ops::in_top_k(x, x, 1),
        "in_top_k: expected one axis more in the predictions than in the targets, got shapes (2, 3) and (2, 3)",
    );
    wrong(
        ops::in_top_k(&Tensor::from([0, 3]), x, 1),
        "in_top_k: take_along_axis: index 3 is out of range for an axis of size 3; use -3 to 2",
    );
    wrong(
        ops::in_top_k(&Tensor::from([0.5f32, 1.0]), x, 1),
        "in_top_k: take_along_axis: expected integer indices, got float32; cast them to int32",
    );
    wrong(ops::searchsorted(x, v, Side::Left), "searchsorted: expected a sorted vector, got shape (2, 3)");
    wrong(ops::digitize(v, x), "digitize: expected a vector of bins, got shape (2, 3)");
    wrong(ops::bincount(f, None, 0), "bincount: expected integers, got float32; cast them to int32");
    wrong(ops::bincount(&Tensor::from([1, -2]), None, 0), "bincount: expected numbers from 0 on, got -2");
    wrong(ops::bincount(s, None, 0), "bincount: expected a vector or a matrix, got shape ()");
    wrong(ops::bincount(v, Some(f), 0), "bincount: weights of shape (2,) do not go with (3,)");
    wrong(
        ops::bincount(v, None, usize::MAX),
        "bincount: shape (1, 18446744073709551615) has more elements than memory can hold",
    );
    wrong(two(ops::histogram(x, 2, None)), "histogram: expected a vector, got shape (2, 3)");
    wrong(two(ops::histogram(v, 0, None)), "histogram: expected at least one bin, got 0");
    wrong(
        two(ops::histogram(v, 2, (3.0, 1.0))),
        "histogram: expected a finite range from low to high, got 3 to 1",
    );
    wrong(
        two(ops::histogram(v, 2, (f64::NAN, 1.0))),
        "histogram: expected a finite range from low to high, got NaN to 1",
    );
    wrong(
        two(ops::histogram(v, usize::MAX, None)),
        "histogram: shape (18446744073709551615, 2) has more elements than memory can hold",
    );
    wrong(
        many(ops::unique(x, Unique::default().axis(2))),
        "unique: axis 2 is out of bounds for a tensor of rank 2; use -2 to 1",
    );
    wrong(
        many(ops::unique(x, Unique::default().size(usize::MAX))),
        "unique: broadcast_to: shape (18446744073709551609,) has more elements than memory can hold",
    );
    wrong(many(ops::nonzero(s)), "nonzero: expected at least one axis, got a scalar; reshape it to (1,)");
    wrong(ops::median(x, 2), "median: axis 2 is out of bounds for a tensor of rank 2; use -2 to 1");
    wrong(ops::quantile(x, 1.5, .., Linear), "quantile: q = 1.5 lies outside of 0 to 1");
    wrong(ops::quantile(x, -0.1, .., Linear), "quantile: q = -0.1 lies outside of 0 to 1");
    wrong(ops::quantile(x, f64::NAN, .., Linear), "quantile: q = NaN lies outside of 0 to 1");
    wrong(ops::percentile(x, 101.0, .., Linear), "percentile: q = 101 lies outside of 0 to 100");
    wrong(
        ops::quantile(x, [[0.5]], .., Linear),
        "quantile: expected a number q or a vector of them, got shape (1, 1)",
    );
    wrong(ops::nanquantile(x, 0.5, [0, 0], Linear), "nanquantile: axes [0, 0] name an axis twice (rank 2)");
    wrong(
        "linaer".parse::<ops::QuantileMethod>().map(|_| s.clone()),
        r#"unknown method "linaer"; did you mean "linear"?"#,
    );
    wrong(ops::cumsum(x, 2, None), "cumsum: axis 2 is out of bounds for a tensor of rank 2; use -2 to 1");
    wrong(ops::cumprod(s, 0, None), "cumprod: axis 0 is out of bounds for a scalar, which has no axes");
    wrong(ops::cumsum(x, 0, DType::Bool), "cumsum: expected numbers, got bool; cast them to int32");
    wrong(
        traced(|x| many(ops::nonzero(x))),
        "nonzero: a tensor of a function being traced has no numbers yet; read them outside of compiled functions",
    );
    wrong(
        traced(|x| ops::bincount(&ops::cast(x, DType::I32)?, None, 0)),
        "bincount: a tensor of a function being traced has no numbers yet; read them outside of compiled functions",
    );
    wrong(
        traced(|x| many(ops::unique(x, Unique::default()))),
        "unique: a tensor of a function being traced has no numbers yet; read them outside of compiled functions",
    );
}
