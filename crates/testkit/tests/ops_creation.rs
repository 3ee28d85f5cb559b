//! New tensors against NumPy: the cases of golden/ops/creation.py.

use rhyton::ops::{End, Spacing, Steps};
use rhyton::{DType, Error, Result, Scalar, Tensor, ops};
use rhyton_testkit::cases::{Kw, run};

fn steps(kw: &Kw) -> Steps {
    let list = kw.get("steps").and_then(|v| v.as_array()).expect("steps");
    if let Some(n) = list.iter().map(|v| v.as_i64()).collect::<Option<Vec<_>>>() {
        return match n[..] {
            [stop] => Steps::from(stop),
            [start, stop] => Steps::from(start..stop),
            [start, stop, step, ..] => Steps::from((start, stop, step)),
            [] => Steps::from(0),
        };
    }
    let n: Vec<f64> = list.iter().map(|v| v.as_f64().unwrap()).collect();
    match n[..] {
        [stop] => Steps::from(stop),
        [start, stop] => Steps::from(start..stop),
        _ => Steps::from((n[0], n[1], n[2])),
    }
}

fn spacing(kw: &Kw) -> Spacing {
    let s = Spacing::from(kw.int("num").unwrap() as usize).axis(kw.int("axis").unwrap_or(0));
    let s = if kw.flag("endpoint") || !kw.has("endpoint") { s } else { s.exclusive() };
    kw.dtype("dtype").map_or(s, |d| s.dtype(d))
}

fn ends(x: &[Tensor], kw: &Kw) -> (End, End) {
    let number = |key: &str| End::from(kw.float(key).unwrap());
    match x {
        [start, stop] => (start.into(), stop.into()),
        _ => (number("start"), number("stop")),
    }
}

fn dispatch(name: &str, x: &[Tensor], kw: &Kw) -> Result<Vec<Tensor>> {
    let dtype = kw.dtype("dtype");
    let known = dtype.unwrap_or(DType::F32);
    let shape = || kw.sizes("shape").unwrap();
    let size = |key: &str| kw.int(key).map(|n| n as usize);
    let k = kw.int("k").unwrap_or(0);
    let value = || match kw.get("fill_value").unwrap() {
        v if v.is_i64() => Scalar::Int(v.as_i64().unwrap()),
        v => Scalar::Float(v.as_f64().unwrap()),
    };
    let base = kw.float("base").unwrap_or(10.0);
    let one = match name {
        "zeros" => ops::zeros(shape(), known),
        "ones" => ops::ones(shape(), known),
        "empty" => ops::empty(shape(), known),
        "full" => ops::full(shape(), value(), known),
        "zeros_like" => ops::zeros_like_with(&x[0], dtype),
        "ones_like" => ops::ones_like_with(&x[0], dtype),
        "empty_like" => ops::empty_like(&x[0], dtype),
        "full_like" => ops::full_like(&x[0], value(), dtype),
        "array" => ops::array(&x[0], dtype),
        "convert_to_tensor" => ops::convert_to_tensor(&x[0], dtype),
        "eye" => ops::eye(size("N").unwrap(), size("M"), k, known),
        "tri" => ops::tri(size("N").unwrap(), size("M"), k, known),
        "identity" => ops::identity(size("n").unwrap(), known),
        "arange" => ops::arange(steps(kw), dtype),
        "linspace" => {
            let (start, stop) = ends(x, kw);
            if kw.flag("retstep") {
                let (values, step) = ops::linspace_with_step(start, stop, spacing(kw))?;
                return Ok(vec![values, step]);
            }
            ops::linspace(start, stop, spacing(kw))
        }
        "geomspace" => {
            let (start, stop) = ends(x, kw);
            ops::geomspace(start, stop, spacing(kw))
        }
        "logspace" => {
            let (start, stop) = ends(x, kw);
            ops::logspace(start, stop, spacing(kw), base)
        }
        "meshgrid" => return ops::meshgrid(&x.iter().collect::<Vec<_>>(), kw.text("indexing").unwrap()),
        "one_hot" => ops::one_hot(&x[0], size("num_classes").unwrap(), kw.int("axis").unwrap_or(-1), known),
        other => Err(Error::name(format!("no function {other}"))),
    };
    Ok(vec![one?])
}

#[test]
fn creation() {
    run("creation", dispatch);
}

#[test]
fn wrong_calls_are_errors() {
    rhyton_testkit::fuzz::run("creation", dispatch);
}
