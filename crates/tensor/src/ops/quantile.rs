//! Medians and quantiles.

use super::sort::numbers_in;
use super::{
    add, cast, ceil, divide, equal, floor, full, isnan, less_equal, maximum, moveaxis, multiply, reshape,
    subtract, take, transpose, r#where,
};
use crate::axes::Axes;
use crate::dispatch::apply_one;
use crate::symbolic::operation;
use crate::tensor::Tensor;
use rhyton_base::{Context, DType, Error, Result, broadcast_shapes};
use rhyton_ops::index::TakeAlong;
use rhyton_ops::sort::Sort;
use std::str::FromStr;

/// What a quantile is that falls between two elements `a` and `b`, a fraction `t` of the way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum QuantileMethod {
    /// `a·(1 - t) + b·t`.
    #[default]
    Linear,
    /// `a`.
    Lower,
    /// `b`.
    Higher,
    /// `(a + b) / 2`.
    Midpoint,
    /// The nearer one, `a` in the middle.
    Nearest,
}

impl FromStr for QuantileMethod {
    type Err = Error;

    fn from_str(name: &str) -> Result<QuantileMethod> {
        const NAMES: [&str; 5] = ["linear", "lower", "higher", "midpoint", "nearest"];
        match name {
            "linear" => Ok(QuantileMethod::Linear),
            "lower" => Ok(QuantileMethod::Lower),
            "higher" => Ok(QuantileMethod::Higher),
            "midpoint" => Ok(QuantileMethod::Midpoint),
            "nearest" => Ok(QuantileMethod::Nearest),
            _ => Err(Error::name(format!(
                "unknown method {name:?}{}",
                rhyton_base::did_you_mean(name, &NAMES)
            ))),
        }
    }
}

macro_rules! medians {
    ($($(#[$doc:meta])* $name:ident $skip:literal;)*) => {$(
        $(#[$doc])*
        /// The mean of the two elements in the middle where their number is even; NaN for no elements. Integers are
        /// taken as `float32`.
        ///
        /// # Errors
        /// Where an axis is not there.
        pub fn $name(x: &Tensor, axes: impl Into<Axes>) -> Result<Tensor> {
            let q = Tensor::from(0.5f64);
            at_fraction(stringify!($name), x, &q, axes.into(), QuantileMethod::Linear, $skip)
        }
    )*};
}

medians! {
    /// The middle element over axes; NaN if there is one.
    ///
    /// ```
    /// use rhyton_tensor::{Tensor, ops};
    /// let x = Tensor::from([[1.0f32, 9.0, 2.0], [4.0, 3.0, 8.0]]);
    /// assert_eq!(ops::median(&x, 1).unwrap().to_vec::<f32>().unwrap(), [2.0, 4.0]);
    /// assert_eq!(ops::median(&x, ..).unwrap().item::<f32>().unwrap(), 3.5);
    /// ```
    median false;
    /// The middle element over axes, NaN left out.
    nanmedian true;
}

macro_rules! quantiles {
    ($($(#[$doc:meta])* $name:ident $highest:literal $skip:literal;)*) => {$(
        $(#[$doc])*
        /// Several numbers `q` in a vector give a new first axis. Integers are taken as `float32`; no elements give
        /// NaN. Keras's default is all axes and [`QuantileMethod::Linear`].
        ///
        /// # Errors
        /// Where an axis is not there, `q` has more than one axis or lies outside its range.
        pub fn $name(
            x: &Tensor,
            q: impl Into<Tensor>,
            axes: impl Into<Axes>,
            method: QuantileMethod,
        ) -> Result<Tensor> {
            let q = fractions(&q.into(), $highest).at(|| stringify!($name))?;
            at_fraction(stringify!($name), x, &q, axes.into(), method, $skip)
        }
    )*};
}

quantiles! {
    /// The element over axes at the fraction `q` (0 to 1) of the way through them in rising order; NaN if there is
    /// one.
    ///
    /// ```
    /// use rhyton_tensor::{Tensor, ops, ops::QuantileMethod::Linear};
    /// let x = Tensor::from([4.0f32, 1.0, 3.0, 2.0]);
    /// assert_eq!(ops::quantile(&x, 0.5, .., Linear).unwrap().item::<f32>().unwrap(), 2.5);
    /// let ends = ops::quantile(&x, [0.0, 1.0], .., Linear).unwrap();
    /// assert_eq!(ends.to_vec::<f32>().unwrap(), [1.0, 4.0]);
    /// ```
    quantile 1.0 false;
    /// [`quantile`] with NaN left out.
    nanquantile 1.0 true;
    /// [`quantile`] with `q` in percent (0 to 100).
    percentile 100.0 false;
    /// [`percentile`] with NaN left out.
    nanpercentile 100.0 true;
}

/// The numbers `q` as `float64` fractions, checked where they are known.
fn fractions(q: &Tensor, highest: f64) -> Result<Tensor> {
    if q.rank() > 1 {
        return Err(Error::shape(format!(
            "expected a number q or a vector of them, got shape {}",
            q.meta().shape
        )));
    }
    if q.has_numbers()
        && let Some(wrong) = q.to_f64s()?.iter().find(|q| !(0.0..=highest).contains(*q))
    {
        return Err(Error::value(format!("q = {wrong} lies outside of 0 to {highest}")));
    }
    let q = cast(q, DType::F64)?;
    if highest == 1.0 { Ok(q) } else { divide(&q, &Tensor::from(highest)) }
}

fn at_fraction(
    name: &'static str,
    x: &Tensor,
    q: &Tensor,
    axes: Axes,
    method: QuantileMethod,
    skip_nan: bool,
) -> Result<Tensor> {
    operation(name, &[x, q], move |t| {
        let (x, q) = (t[0], t[1]);
        let (axes, keepdims) = axes.resolve(x.rank())?;
        let kept: Vec<usize> = (0..x.rank()).filter(|a| !axes.contains(a)).collect();
        let rows: Vec<usize> = kept.iter().map(|&a| x.shape()[a]).collect();
        let count = axes.iter().map(|&a| x.shape()[a]).product::<usize>();
        let left = |a: usize| match axes.contains(&a) {
            true => keepdims.then_some(1),
            false => Some(x.shape()[a]),
        };
        let mut shape: Vec<usize> = (0..x.rank()).filter_map(left).collect();
        shape.splice(0..0, q.shape().iter().copied());
        let dtype = x.dtype().to_float();
        if count == 0 {
            return full(&shape, f64::NAN, dtype);
        }
        let order: Vec<isize> = kept.iter().chain(&axes).map(|&a| a as isize).collect();
        let lines = transpose(&cast(x, dtype)?, Some(&order))?;
        let lines = reshape(&lines, rows.iter().copied().chain([count]).collect::<Vec<_>>())?;
        let flat_q = reshape(q, [-1])?;
        let out = pick(&apply_one(Sort, &[&lines])?, &flat_q, method, skip_nan)?;
        // The numbers q come first.
        reshape(&moveaxis(&out, &[-1], &[0])?, shape)
    })
}

/// The elements of sorted rows at the fractions `q`, as a new last axis.
fn pick(rows: &Tensor, q: &Tensor, method: QuantileMethod, skip_nan: bool) -> Result<Tensor> {
    let count = rows.shape()[rows.rank() - 1];
    let (one, zero) = (Tensor::from(1.0f64), Tensor::from(0.0f64));
    let highest = match skip_nan {
        true => maximum(&subtract(&numbers_in(rows)?, &one)?, &zero)?,
        false => Tensor::from((count - 1) as f64),
    };
    // A traced q is not checked.
    let q = super::minimum(&maximum(q, &zero)?, &one)?;
    let place = multiply(&q, &highest)?;
    let low = floor(&place)?;
    let at = |place: &Tensor| -> Result<Tensor> {
        let place = cast(place, DType::I64)?;
        if !skip_nan {
            return take(rows, &place, -1);
        }
        apply_one(TakeAlong { axis: rows.rank() - 1 }, &[rows, &place])
    };
    let fraction = subtract(&place, &low)?;
    let out = match method {
        QuantileMethod::Lower => at(&low)?,
        QuantileMethod::Higher => at(&ceil(&place)?)?,
        QuantileMethod::Nearest => {
            let half = less_equal(&fraction, &Tensor::from(0.5f64))?;
            at(&r#where(&half, &low, &ceil(&place)?)?)?
        }
        QuantileMethod::Midpoint => {
            let half = full([], 0.5, rows.dtype())?;
            let (a, b) = (at(&low)?, at(&ceil(&place)?)?);
            add(&multiply(&a, &half)?, &multiply(&b, &half)?)?
        }
        QuantileMethod::Linear => {
            let (a, b) = (at(&low)?, at(&ceil(&place)?)?);
            let t = cast(&fraction, rows.dtype())?;
            let rest = cast(&subtract(&one, &fraction)?, rows.dtype())?;
            let between = add(&multiply(&a, &rest)?, &multiply(&b, &t)?)?;
            // On an element the other one does not matter, even if it is infinite.
            r#where(&equal(&a, &b)?, &a, &r#where(&equal(&fraction, &zero)?, &a, &between)?)?
        }
    };
    if skip_nan {
        return Ok(out);
    }
    let last = super::narrow(rows, -1, count - 1, count)?;
    let nan = full([], f64::NAN, rows.dtype())?;
    // Stretched over the numbers q by broadcasting.
    let shape = broadcast_shapes(&[out.shape(), last.shape()])?;
    r#where(&isnan(&super::broadcast_to(&last, &shape)?)?, &nan, &out)
}
