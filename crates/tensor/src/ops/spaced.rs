//! Numbers at equal or growing distances.

use super::elementwise::weak;
use super::{
    abs, add, broadcast_to, cast, divide, equal, expand_dims, floor, full, log10, multiply, power, sign,
    subtract, r#where, zeros,
};
use crate::dispatch::apply_one;
use crate::symbolic::operation;
use crate::tensor::Tensor;
use rhyton_base::{Context, DType, Error, Result, broadcast_shapes, normalize_axis, promote};
use rhyton_ops::shape::Iota;
use std::ops::Range;

/// What [`arange`] runs through: `n` for `0..n`, a range, or `(start, stop, step)`; of integers or of `f64`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Steps(Kind);

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Whole(i64, i64, i64),
    Real(f64, f64, f64),
}

macro_rules! whole_steps {
    ($($t:ty)*) => {$(
        impl From<$t> for Steps {
            fn from(stop: $t) -> Steps {
                Steps::from(0..stop)
            }
        }
        impl From<Range<$t>> for Steps {
            fn from(r: Range<$t>) -> Steps {
                Steps::from((r.start, r.end, 1))
            }
        }
        impl From<($t, $t, $t)> for Steps {
            fn from((start, stop, step): ($t, $t, $t)) -> Steps {
                let wide = |n: $t| i64::try_from(n).unwrap_or(i64::MAX);
                Steps(Kind::Whole(wide(start), wide(stop), wide(step)))
            }
        }
    )*};
}
whole_steps!(i32 i64 isize usize);

impl From<f64> for Steps {
    fn from(stop: f64) -> Steps {
        Steps::from(0.0..stop)
    }
}

impl From<Range<f64>> for Steps {
    fn from(r: Range<f64>) -> Steps {
        Steps::from((r.start, r.end, 1.0))
    }
}

impl From<(f64, f64, f64)> for Steps {
    fn from((start, stop, step): (f64, f64, f64)) -> Steps {
        Steps(Kind::Real(start, stop, step))
    }
}

/// `0, 1, …, n - 1` as `int64`, along one of the axes of a shape whose others are of size 1.
fn counted(count: usize, rank: usize, axis: usize, dtype: DType) -> Result<Tensor> {
    let mut shape = vec![1; rank];
    shape[axis] = count;
    apply_one(Iota { shape, axis, dtype }, &[])
}

/// `start, start + step, …` up to before `stop`. The type is `int32` for integers and `float32` for fractions unless
/// another one is asked for; numbers are computed in `int64` or `float64`, then cast.
///
/// # Errors
/// Where the step is 0, a number is not finite or there is no memory.
///
/// ```
/// use rhyton_tensor::{DType, ops};
/// assert_eq!(ops::arange(3, None).unwrap().to_vec::<i32>().unwrap(), [0, 1, 2]);
/// assert_eq!(ops::arange(2..4, DType::U8).unwrap().to_vec::<u8>().unwrap(), [2, 3]);
/// assert_eq!(ops::arange((1.0, 0.0, -0.25), None).unwrap().to_vec::<f32>().unwrap(), [1.0, 0.75, 0.5, 0.25]);
/// ```
pub fn arange(steps: impl Into<Steps>, dtype: impl Into<Option<DType>>) -> Result<Tensor> {
    range(steps.into().0, dtype.into()).at(|| "arange")
}

fn range(kind: Kind, dtype: Option<DType>) -> Result<Tensor> {
    let none = || Error::value("a step of 0 leads nowhere; use a positive or negative one");
    match kind {
        Kind::Whole(_, _, 0) => Err(none()),
        Kind::Whole(start, stop, step) => {
            let dtype = dtype.unwrap_or(DType::I32);
            let distance = (i128::from(stop) - i128::from(start)) * i128::from(step.signum());
            let count = (distance.max(0) as u128).div_ceil(u128::from(step.unsigned_abs()));
            let count =
                usize::try_from(count).map_err(|_| Error::value(format!("{count} numbers are too many")))?;
            if (start, step) == (0, 1) {
                return counted(count, 1, 0, dtype);
            }
            let line = counted(count, 1, 0, DType::I64)?;
            let scaled = multiply(&line, &full([], step, DType::I64)?)?;
            cast(&add(&scaled, &full([], start, DType::I64)?)?, dtype)
        }
        Kind::Real(start, stop, step) => {
            if step == 0.0 {
                return Err(none());
            }
            let count = ((stop - start) / step).ceil();
            if ![start, stop, step, count].iter().all(|n| n.is_finite()) {
                return Err(Error::value(format!(
                    "expected finite numbers, got {start:?}, {stop:?}, {step:?}"
                )));
            }
            if count > i64::MAX as f64 {
                return Err(Error::value(format!("{count:e} numbers are too many")));
            }
            let line = counted(count.max(0.0) as usize, 1, 0, DType::F64)?;
            let values = add(&multiply(&line, &weak(&line, step)?)?, &weak(&line, start)?)?;
            cast(&values, dtype.unwrap_or(DType::F32))
        }
    }
}

/// How many numbers [`linspace`], [`geomspace`] and [`logspace`] make and how: a number of them, or this with more
/// said.
///
/// ```
/// use rhyton_tensor::{DType, ops};
/// let x = ops::linspace(0.0, 1.0, ops::Spacing::from(4).exclusive().dtype(DType::F64)).unwrap();
/// assert_eq!(x.to_vec::<f64>().unwrap(), [0.0, 0.25, 0.5, 0.75]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spacing {
    count: usize,
    endpoint: bool,
    dtype: Option<DType>,
    axis: isize,
}

impl From<usize> for Spacing {
    fn from(count: usize) -> Spacing {
        Spacing { count, endpoint: true, dtype: None, axis: 0 }
    }
}

/// Fifty numbers, as in NumPy.
impl Default for Spacing {
    fn default() -> Spacing {
        Spacing::from(50)
    }
}

impl Spacing {
    /// Without the end: as if one number more had been asked for and the last left out.
    #[must_use]
    pub fn exclusive(self) -> Spacing {
        Spacing { endpoint: false, ..self }
    }

    /// The type of the result; by default that of the ends in floating point.
    #[must_use]
    pub fn dtype(self, dtype: DType) -> Spacing {
        Spacing { dtype: Some(dtype), ..self }
    }

    /// The axis of the result along which the numbers stand where the ends are tensors; 0 by default.
    #[must_use]
    pub fn axis(self, axis: isize) -> Spacing {
        Spacing { axis, ..self }
    }
}

/// An end of a span: a number, which follows the type of the other end, or a tensor of them.
#[derive(Clone, Debug)]
pub struct End(std::result::Result<f64, Tensor>);

impl From<f64> for End {
    fn from(number: f64) -> End {
        End(Ok(number))
    }
}

impl From<i32> for End {
    fn from(number: i32) -> End {
        End(Ok(f64::from(number)))
    }
}

impl From<&Tensor> for End {
    fn from(x: &Tensor) -> End {
        End(Err(x.clone()))
    }
}

impl End {
    fn dtype(&self) -> Option<DType> {
        self.0.as_ref().err().map(Tensor::dtype)
    }

    fn tensor(&self) -> Tensor {
        match &self.0 {
            Ok(number) => Tensor::from(*number),
            Err(x) => x.clone(),
        }
    }
}

/// The float type in which two ends meet.
fn meeting(start: &End, stop: &End) -> DType {
    match (start.dtype(), stop.dtype()) {
        (Some(a), Some(b)) => promote(a, b).to_float(),
        (Some(d), None) | (None, Some(d)) => d.to_float(),
        (None, None) => DType::F32,
    }
}

/// The two ends in `float64`, of one shape.
fn ends(x: &[&Tensor]) -> Result<(Tensor, Tensor)> {
    let shape = broadcast_shapes(&[x[0].shape(), x[1].shape()])?;
    let of = |x: &Tensor| broadcast_to(&cast(x, DType::F64)?, &shape);
    Ok((of(x[0])?, of(x[1])?))
}

/// The numbers between two ends in `float64`, and the step; the last one is `stop` exactly.
fn even(start: &Tensor, stop: &Tensor, how: Spacing) -> Result<(Tensor, Tensor)> {
    let axis = normalize_axis(how.axis, start.rank() + 1)?;
    let parts = if how.endpoint { how.count.saturating_sub(1) } else { how.count };
    let step = divide(&subtract(stop, start)?, &weak(start, parts as f64)?)?;
    let (first, last) = (expand_dims(start, axis as isize)?, expand_dims(stop, axis as isize)?);
    if parts == 0 {
        let mut shape = first.shape().to_vec();
        shape[axis] = how.count;
        let out = if how.count == 0 { zeros(&shape, DType::F64)? } else { first };
        return Ok((out, step));
    }
    let line = counted(how.count, first.rank(), axis, DType::F64)?;
    let out = add(&first, &multiply(&line, &expand_dims(&step, axis as isize)?)?)?;
    if !how.endpoint {
        return Ok((out, step));
    }
    let end = equal(&line, &weak(&line, parts as f64)?)?;
    Ok((r#where(&end, &last, &out)?, step))
}

/// In the type asked for; integers are rounded down, as NumPy does.
fn finished(x: &Tensor, dtype: DType) -> Result<Tensor> {
    if dtype.is_float() { cast(x, dtype) } else { cast(&floor(x)?, dtype) }
}

/// So many numbers at equal distances from `start` to `stop`, computed in `float64` and rounded once:
/// `start + i (stop - start) / (n - 1)`.
///
/// The ends may be tensors; they are broadcast and the result has a new axis.
///
/// # Errors
/// Where the ends do not fit each other or the axis is not there.
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// assert_eq!(ops::linspace(0.0, 1.0, 3).unwrap().to_vec::<f32>().unwrap(), [0.0, 0.5, 1.0]);
/// let x = ops::linspace(&Tensor::from([0.0f32, 10.0]), 20, 3).unwrap();
/// assert_eq!(x.to_vec::<f32>().unwrap(), [0.0, 10.0, 10.0, 15.0, 20.0, 20.0]);
/// ```
pub fn linspace(start: impl Into<End>, stop: impl Into<End>, how: impl Into<Spacing>) -> Result<Tensor> {
    Ok(linspace_with_step(start, stop, how)?.0)
}

/// [`linspace`] and the distance between its numbers (NaN for less than two), Keras's `retstep=True`.
///
/// # Errors
/// As [`linspace`].
pub fn linspace_with_step(
    start: impl Into<End>,
    stop: impl Into<End>,
    how: impl Into<Spacing>,
) -> Result<(Tensor, Tensor)> {
    let (start, stop, how) = (start.into(), stop.into(), how.into());
    let float = meeting(&start, &stop);
    operation("linspace", &[&start.tensor(), &stop.tensor()], move |x| {
        let (start, stop) = ends(x)?;
        let (out, step) = even(&start, &stop, how)?;
        let alone = how.endpoint && how.count < 2 || how.count == 0;
        let step = if alone { full(step.shape(), f64::NAN, DType::F64)? } else { step };
        Ok((finished(&out, how.dtype.unwrap_or(float))?, cast(&step, float)?))
    })
}

/// Numbers that grow by one factor from `start` to `stop`, which are both met exactly; ends that are both negative
/// give negative numbers.
///
/// # Errors
/// As [`linspace`]; where a number given as an end is 0 or the two have different signs.
///
/// ```
/// use rhyton_tensor::ops;
/// assert_eq!(ops::geomspace(1.0, 1000.0, 4).unwrap().to_vec::<f32>().unwrap(), [1.0, 10.0, 100.0, 1000.0]);
/// ```
pub fn geomspace(start: impl Into<End>, stop: impl Into<End>, how: impl Into<Spacing>) -> Result<Tensor> {
    let (start, stop, how) = (start.into(), stop.into(), how.into());
    let float = meeting(&start, &stop);
    let signs =
        [&start, &stop].map(|e| e.0.as_ref().map_or(f64::NAN, |n| if *n == 0.0 { 0.0 } else { n.signum() }));
    if signs.contains(&0.0) || signs[0] * signs[1] < 0.0 {
        return Err(Error::value("expected two ends of one sign other than 0").at("geomspace"));
    }
    operation("geomspace", &[&start.tensor(), &stop.tensor()], move |x| {
        let (start, stop) = ends(x)?;
        let side = sign(&start)?;
        let (out, _) = even(&log10(&abs(&start)?)?, &log10(&multiply(&stop, &side)?)?, how)?;
        let axis = normalize_axis(how.axis, start.rank() + 1)?;
        let wide = |x: &Tensor| expand_dims(x, axis as isize);
        let out = multiply(&power(&weak(&out, 10.0)?, &out)?, &wide(&side)?)?;
        if how.count == 0 {
            return cast(&out, how.dtype.unwrap_or(float));
        }
        // Powers of rounded logarithms only come near the ends.
        let line = counted(how.count, start.rank() + 1, axis, DType::F64)?;
        let mut out = r#where(&equal(&line, &weak(&line, 0.0)?)?, &wide(&start)?, &out)?;
        if how.endpoint && how.count > 1 {
            let end = equal(&line, &weak(&line, (how.count - 1) as f64)?)?;
            out = r#where(&end, &wide(&stop)?, &out)?;
        }
        cast(&out, how.dtype.unwrap_or(float))
    })
}

/// `base` to the powers of [`linspace`]; Keras's default base is 10.
///
/// # Errors
/// As [`linspace`].
///
/// ```
/// use rhyton_tensor::ops;
/// assert_eq!(ops::logspace(0.0, 3.0, 4, 2.0).unwrap().to_vec::<f32>().unwrap(), [1.0, 2.0, 4.0, 8.0]);
/// ```
pub fn logspace(
    start: impl Into<End>,
    stop: impl Into<End>,
    how: impl Into<Spacing>,
    base: f64,
) -> Result<Tensor> {
    let (start, stop, how) = (start.into(), stop.into(), how.into());
    let float = meeting(&start, &stop);
    operation("logspace", &[&start.tensor(), &stop.tensor()], move |x| {
        let (start, stop) = ends(x)?;
        let (out, _) = even(&start, &stop, how)?;
        cast(&power(&weak(&out, base)?, &out)?, how.dtype.unwrap_or(float))
    })
}
