//! Reductions, running sums, sorting and searching.

use super::Row;
use rhyton_tensor::{Attr, ops};

macro_rules! reduce {
    ($class:literal $module:literal $f:path) => {
        ($class, $module, |a| Ok(vec![$f(&a.only()?, a.axes()?)?]))
    };
}

macro_rules! along {
    ($class:literal $f:path) => {
        ($class, "numpy", |a| Ok(vec![$f(&a.only()?, a.int("axis", -1)?)?]))
    };
}

macro_rules! running {
    ($class:literal $f:path) => {
        ($class, "numpy", |a| Ok(vec![$f(&a.only()?, a.maybe_int("axis")?, a.maybe_dtype("dtype")?)?]))
    };
}

macro_rules! quantile {
    ($class:literal $f:path) => {
        ($class, "numpy", |a| {
            let method = a.text("method")?.unwrap_or("linear").parse()?;
            Ok(vec![$f(&a.tensor(0, "x")?, a.tensor(1, "q")?, a.axes()?, method)?])
        })
    };
}

pub(super) const TABLE: &[Row] = &[
    reduce!("All" "numpy" ops::all),
    reduce!("Any" "numpy" ops::any),
    reduce!("Amax" "numpy" ops::max),
    reduce!("Amin" "numpy" ops::min),
    reduce!("CountNonzero" "numpy" ops::count_nonzero),
    reduce!("Logsumexp" "math" ops::logsumexp),
    reduce!("Mean" "numpy" ops::mean),
    reduce!("Median" "numpy" ops::median),
    reduce!("Nanmax" "numpy" ops::nanmax),
    reduce!("Nanmean" "numpy" ops::nanmean),
    reduce!("Nanmin" "numpy" ops::nanmin),
    reduce!("Nanprod" "numpy" ops::nanprod),
    reduce!("Nanstd" "numpy" ops::nanstd),
    reduce!("Nansum" "numpy" ops::nansum),
    reduce!("Nanvar" "numpy" ops::nanvar),
    reduce!("Ptp" "numpy" ops::ptp),
    reduce!("Std" "numpy" ops::std),
    reduce!("Sum" "numpy" ops::sum),
    reduce!("Var" "numpy" ops::var),
    ("Max", "numpy", |a| {
        Ok(vec![match a.maybe_float("initial")? {
            Some(initial) => ops::max_with(&a.only()?, a.axes()?, initial)?,
            None => ops::max(&a.only()?, a.axes()?)?,
        }])
    }),
    ("Min", "numpy", |a| {
        Ok(vec![match a.maybe_float("initial")? {
            Some(initial) => ops::min_with(&a.only()?, a.axes()?, initial)?,
            None => ops::min(&a.only()?, a.axes()?)?,
        }])
    }),
    ("Prod", "numpy", |a| {
        Ok(vec![match a.maybe_dtype("dtype")? {
            Some(dtype) => ops::prod_with(&a.only()?, a.axes()?, dtype)?,
            None => ops::prod(&a.only()?, a.axes()?)?,
        }])
    }),
    ("Average", "numpy", |a| {
        let weights = a.maybe(1, "weights")?;
        Ok(vec![ops::average(&a.tensor(0, "x")?, a.axes()?, weights.as_ref())?])
    }),
    reduce!("Argmax" "numpy" ops::argmax),
    reduce!("Argmin" "numpy" ops::argmin),
    quantile!("Quantile" ops::quantile),
    quantile!("Percentile" ops::percentile),
    along!("Sort" ops::sort),
    along!("Argsort" ops::argsort),
    running!("Cumsum" ops::cumsum),
    running!("Cumprod" ops::cumprod),
    ("TopK", "math", |a| {
        let (values, places) = ops::top_k(&a.only()?, a.size("k")?, a.bool_or("sorted", true)?)?;
        Ok(vec![values, places])
    }),
    ("InTopK", "math", |a| {
        let (targets, predictions) = a.two()?;
        Ok(vec![ops::in_top_k(&targets, &predictions, a.size("k")?)?])
    }),
    ("Diff", "numpy", |a| {
        let n = a.maybe_size("n")?.unwrap_or(1);
        Ok(vec![ops::diff(&a.only()?, n, a.int("axis", -1)?)?])
    }),
    ("SearchSorted", "numpy", |a| {
        let side = if a.text("side")? == Some("right") { ops::Side::Right } else { ops::Side::Left };
        let (sorted, values) = a.two()?;
        Ok(vec![ops::searchsorted(&sorted, &values, side)?])
    }),
    ("Digitize", "numpy", |a| {
        let (x, bins) = a.two()?;
        Ok(vec![ops::digitize(&x, &bins)?])
    }),
    ("Isclose", "numpy", |a| {
        let (x, y) = a.two()?;
        let number = |place, name: &str, otherwise| match a.plain(place, name) {
            Attr::Float(x) => *x,
            Attr::Int(x) => *x as f64,
            _ => otherwise,
        };
        let how = ops::Closeness {
            relative: number(2, "rtol", 1e-5),
            absolute: number(3, "atol", 1e-8),
            equal_nan: a.bool("equal_nan")?,
        };
        Ok(vec![ops::isclose(&x, &y, how)?])
    }),
];
