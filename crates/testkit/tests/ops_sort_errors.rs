//! What wrong calls of functions that sort, search and count say.

use rhyton::ops::{self, QuantileMethod::Linear, Side, Unique};
use rhyton::{DType, Function, Result, Tensor};

#[track_caller]
fn wrong(result: rhyton::Result<Tensor>, text: &str) {
    match result {
        Ok(x) => println!("{text}\tOK {x}"),
        Err(e) => println!("{text}\t{e}"),
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
    wrong(ops::sort(x, 2), "@@0@@");
    wrong(ops::sort(s, 0), "@@1@@");
    wrong(ops::argsort(x, -3), "@@2@@");
    wrong(ops::argpartition(x, 3, -1), "@@3@@");
    wrong(ops::argpartition(x, -7, None), "@@4@@");
    wrong(two(ops::top_k(x, 4, true)), "@@5@@");
    wrong(two(ops::top_k(s, 1, true)), "@@6@@");
    wrong(ops::in_top_k(x, x, 1), "@@7@@");
    wrong(ops::in_top_k(&Tensor::from([0, 3]), x, 1), "@@8@@");
    wrong(ops::in_top_k(&Tensor::from([0.5f32, 1.0]), x, 1), "@@9@@");
    wrong(ops::searchsorted(x, v, Side::Left), "@@10@@");
    wrong(ops::digitize(v, x), "@@11@@");
    wrong(ops::bincount(f, None, 0), "@@12@@");
    wrong(ops::bincount(&Tensor::from([1, -2]), None, 0), "@@13@@");
    wrong(ops::bincount(s, None, 0), "@@14@@");
    wrong(ops::bincount(v, Some(f), 0), "@@15@@");
    wrong(ops::bincount(v, None, usize::MAX), "@@16@@");
    wrong(two(ops::histogram(x, 2, None)), "@@17@@");
    wrong(two(ops::histogram(v, 0, None)), "@@18@@");
    wrong(two(ops::histogram(v, 2, (3.0, 1.0))), "@@19@@");
    wrong(two(ops::histogram(v, 2, (f64::NAN, 1.0))), "@@20@@");
    wrong(two(ops::histogram(v, usize::MAX, None)), "@@21@@");
    wrong(many(ops::unique(x, Unique::default().axis(2))), "@@22@@");
    wrong(many(ops::unique(x, Unique::default().size(usize::MAX))), "@@23@@");
    wrong(many(ops::nonzero(s)), "@@24@@");
    wrong(ops::median(x, 2), "@@25@@");
    wrong(ops::quantile(x, 1.5, .., Linear), "@@26@@");
    wrong(ops::quantile(x, -0.1, .., Linear), "@@27@@");
    wrong(ops::quantile(x, f64::NAN, .., Linear), "@@28@@");
    wrong(ops::percentile(x, 101.0, .., Linear), "@@29@@");
    wrong(ops::quantile(x, [[0.5]], .., Linear), "@@30@@");
    wrong(ops::nanquantile(x, 0.5, [0, 0], Linear), "@@31@@");
    wrong("linaer".parse::<ops::QuantileMethod>().map(|_| s.clone()), "@@32@@");
    wrong(ops::cumsum(x, 2, None), "@@33@@");
    wrong(ops::cumprod(s, 0, None), "@@34@@");
    wrong(ops::cumsum(x, 0, DType::Bool), "@@35@@");
    wrong(traced(|x| many(ops::nonzero(x))), "@@36@@");
    wrong(traced(|x| ops::bincount(&ops::cast(x, DType::I32)?, None, 0)), "@@37@@");
    wrong(traced(|x| many(ops::unique(x, Unique::default()))), "@@38@@");
}
