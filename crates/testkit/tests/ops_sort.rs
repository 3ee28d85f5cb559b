//! Sorting, searching, counting, running sums and quantiles, against NumPy and Keras.

use rhyton::ops::{self, QuantileMethod, Side, Unique};
use rhyton::{Axes, DType, Result, Tensor};
use rhyton_testkit::cases::{self, Kw};
use rhyton_testkit::fuzz::{self, skipped};

#[test]
fn sort() {
    cases::run("sort", dispatch);
}

#[test]
fn wrong_calls_are_errors() {
    fuzz::run("sort", dispatch);
}

fn axes(kw: &Kw) -> Axes {
    let axes = match kw.get("axis") {
        None => Axes::from(..),
        Some(v) if v.is_array() => Axes::from(&kw.ints("axis").unwrap()[..]),
        Some(_) => Axes::from(kw.int("axis").unwrap()),
    };
    if kw.flag("keepdims") { axes.keepdims() } else { axes }
}

fn unique(x: &Tensor, kw: &Kw) -> Result<Vec<Tensor>> {
    let mut options = Unique::default();
    if kw.flag("index") {
        options = options.index();
    }
    if kw.flag("inverse") {
        options = options.inverse();
    }
    if kw.flag("counts") {
        options = options.counts();
    }
    if let Some(axis) = kw.int("axis") {
        options = options.axis(axis);
    }
    if let Some(size) = kw.int("size") {
        options = options.size(self::size(size)?);
    }
    if let Some(fill) = kw.int("fill_value") {
        options = options.fill_value(fill as i64);
    }
    let all = ops::unique(x, options)?;
    // A case that looks at the first results only.
    match kw.sizes("cut") {
        Some(_) => Ok(vec![all[0].clone(), all.last().expect("one at least").i(..2)?]),
        None => Ok(all),
    }
}

/// A size that memory holds easily or never; what lies between only takes long.
fn size(n: isize) -> Result<usize> {
    if (1 << 16..1 << 40).contains(&n) {
        return skipped();
    }
    Ok(n as usize)
}

fn dispatch(name: &str, x: &[Tensor], kw: &Kw) -> Result<Vec<Tensor>> {
    let int = |name: &str| kw.int(name).unwrap();
    let q = || kw.float("q").map_or_else(|| x[1].clone(), Tensor::from);
    let method = || kw.text("method").unwrap().parse::<QuantileMethod>();
    let one = match name {
        "sort" => ops::sort(&x[0], int("axis")),
        "argsort" => ops::argsort(&x[0], int("axis")),
        "argpartition" => ops::argpartition(&x[0], int("kth"), kw.int("axis")),
        "top_k" => {
            let (values, places) = ops::top_k(&x[0], int("k") as usize, !kw.has("sorted"))?;
            return Ok(vec![values, places]);
        }
        "in_top_k" => ops::in_top_k(&x[0], &x[1], int("k") as usize),
        "searchsorted" => {
            let side = if kw.text("side") == Some("right") { Side::Right } else { Side::Left };
            ops::searchsorted(&x[0], &x[1], side)
        }
        "digitize" => ops::digitize(&x[0], &x[1]),
        // The length of the result is the largest number.
        "bincount" if x[0].has_numbers() && !x[0].is_empty() && ops::max(&x[0], ..)?.to_f64s()?[0] > 1e5 => {
            skipped()
        }
        "bincount" => ops::bincount(&x[0], x.get(1), size(int("minlength"))?),
        "histogram" => {
            let range = kw.get("range").map(|r| (r[0].as_f64().unwrap_or(0.0), r[1].as_f64().unwrap_or(0.0)));
            let (counts, edges) = ops::histogram(&x[0], size(int("bins"))?, range)?;
            return Ok(vec![counts, edges]);
        }
        "unique" => return unique(&x[0], kw),
        "nonzero" => return ops::nonzero(&x[0]),
        "cumsum" | "cumprod" | "nancumsum" | "nancumprod" => {
            let dtype = kw.text("dtype").map(str::parse).transpose()?;
            let f: fn(&Tensor, Option<isize>, Option<DType>) -> Result<Tensor> = match name {
                "cumsum" => ops::cumsum,
                "cumprod" => ops::cumprod,
                "nancumsum" => ops::nancumsum,
                _ => ops::nancumprod,
            };
            f(&x[0], kw.int("axis"), dtype)
        }
        "median" => ops::median(&x[0], axes(kw)),
        "nanmedian" => ops::nanmedian(&x[0], axes(kw)),
        "quantile" => ops::quantile(&x[0], q(), axes(kw), method()?),
        "nanquantile" => ops::nanquantile(&x[0], q(), axes(kw), method()?),
        "percentile" => ops::percentile(&x[0], q(), axes(kw), method()?),
        "nanpercentile" => ops::nanpercentile(&x[0], q(), axes(kw), method()?),
        other => panic!("no function {other}"),
    };
    Ok(vec![one?])
}
