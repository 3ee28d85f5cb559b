//! Reductions against NumPy: the cases of golden/ops/reduction.py.

use rhyton::{Axes, Error, Result, Tensor, ops};
use rhyton_testkit::cases::{Kw, run};

fn axes(kw: &Kw) -> Axes {
    let axes = match (kw.ints("axis"), kw.get("axis")) {
        (Some(list), _) => Axes::from(&list[..]),
        (None, Some(_)) => Axes::from(kw.int("axis").unwrap()),
        (None, None) => Axes::from(..),
    };
    if kw.flag("keepdims") { axes.keepdims() } else { axes }
}

macro_rules! by_name {
    ($name:expr, $x:expr, $axes:expr; $($f:ident)*; $($key:literal $guard:expr => $value:expr,)*) => {
        match $name {
            $($key if $guard => $value,)*
            $(stringify!($f) => ops::$f($x, $axes),)*
            other => Err(Error::name(format!("no function {other}"))),
        }
    };
}

fn dispatch(name: &str, x: &[Tensor], kw: &Kw) -> Result<Vec<Tensor>> {
    let (first, initial) = (&x[0], || kw.float("initial").unwrap());
    let result = by_name! {
        name, first, axes(kw);
        all amax amin any argmax argmin count_nonzero logsumexp max mean min nanargmax nanargmin nanmax nanmean nanmin nanprod
            nanstd nansum nanvar prod ptp std sum var;
        "average" true => ops::average(first, axes(kw), x.get(1)),
        "max" kw.has("initial") => ops::max_with(first, axes(kw), initial()),
        "min" kw.has("initial") => ops::min_with(first, axes(kw), initial()),
        "prod" kw.has("dtype") => ops::prod_with(first, axes(kw), kw.dtype("dtype").unwrap()),
    };
    Ok(vec![result?])
}

#[test]
fn reduction() {
    run("reduction", dispatch);
}

#[test]
fn wrong_calls_are_errors() {
    rhyton_testkit::fuzz::run("reduction", dispatch);
}
