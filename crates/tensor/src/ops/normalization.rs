//! Means and variances, and what is divided by them.

use super::elementwise::promoted;
use super::{
    abs, add, cast, clip, divide, expand_dims, maximum, mean, minimum, multiply, negative, power, reshape,
    rsqrt, square, subtract, sum, weak,
};
use crate::axes::Axes;
use crate::config::epsilon as default_epsilon;
use crate::symbolic::{described, operation, operation_written};
use crate::tensor::Tensor;
use crate::written::{Written, along};
use rhyton_base::{DType, Error, Result, Shape, normalize_axis, promote};

/// The mean and the population variance over axes, `(mean, variance)`. Half floats are averaged in `float32`, integers
/// give `float32`.
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// let (mean, variance) = ops::moments(&Tensor::from([1.0f32, 2.0, 3.0, 4.0]), ..).unwrap();
/// assert_eq!((mean.item::<f32>().unwrap(), variance.item::<f32>().unwrap()), (2.5, 1.25));
/// ```
///
/// # Errors
/// Where an axis is not there.
pub fn moments(x: &Tensor, axes: impl Into<Axes>) -> Result<(Tensor, Tensor)> {
    let axes = axes.into();
    operation("moments", &[x], move |x| {
        let x = x[0];
        let dtype = x.dtype().to_float();
        let wide = cast(x, if dtype.size() == 2 { DType::F32 } else { dtype })?;
        let distance = subtract(&wide, &mean(&wide, axes.clone().keepdims())?)?;
        let (mean, variance) = (mean(&wide, axes.clone())?, mean(&square(&distance)?, axes.clone())?);
        let back = |x: &Tensor| match dtype {
            // The largest number of float16.
            DType::F16 => cast(&clip(x, -65504.0, 65504.0)?, dtype),
            _ => cast(x, dtype),
        };
        Ok((back(&mean)?, back(&variance)?))
    })
}

/// Tensors of which some may be missing, as one list and the way back.
fn some<'a>(given: &[Option<&'a Tensor>]) -> (Vec<&'a Tensor>, Vec<bool>) {
    (given.iter().flatten().copied().collect(), given.iter().map(Option::is_some).collect())
}

/// The tensor at a place of the list that [`some`] made.
fn pick<'a>(x: &[&'a Tensor], given: &[bool], place: usize) -> Option<&'a Tensor> {
    given[place].then(|| x[given[..place].iter().filter(|&&g| g).count()])
}

/// `(x - mean) / sqrt(variance + epsilon) · scale + offset`, where mean, variance, scale and offset are vectors along
/// `axis`. Keras's default for epsilon is 1e-3.
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// let x = Tensor::from([[1.0f32, 10.0], [3.0, 30.0]]);
/// let (mean, variance) = (Tensor::from([2.0f32, 20.0]), Tensor::from([1.0f32, 100.0]));
/// let y = ops::batch_normalization(&x, &mean, &variance, -1, None, None, 0.0).unwrap();
/// assert_eq!(y.to_vec::<f32>().unwrap(), [-1.0, -1.0, 1.0, 1.0]);
/// ```
///
/// # Errors
/// Where the axis is not there, or a vector does not have its size.
pub fn batch_normalization(
    x: &Tensor,
    mean: &Tensor,
    variance: &Tensor,
    axis: isize,
    offset: Option<&Tensor>,
    scale: Option<&Tensor>,
    epsilon: f64,
) -> Result<Tensor> {
    let (inputs, given) = some(&[Some(x), Some(mean), Some(variance), offset, scale]);
    operation("batch_normalization", &inputs, move |t| {
        let x = t[0];
        let axis = normalize_axis(axis, x.rank())?;
        let along = |name: &str, v: &Tensor| {
            let size = x.shape()[axis];
            if v.shape() != [size] {
                return Err(Error::shape(format!(
                    "expected {name} of shape ({size},), as axis {axis} of shape {}, got {}",
                    Shape::from(x.shape()),
                    Shape::from(v.shape())
                )));
            }
            let mut shape = vec![1; x.rank()];
            shape[axis] = size;
            reshape(v, shape)
        };
        let (mean, variance) = (along("a mean", t[1])?, along("a variance", t[2])?);
        let mean = cast(&mean, mean.dtype().to_float())?;
        let variance = cast(&variance, variance.dtype().to_float())?;
        let mut inverse = rsqrt(&add(&variance, &weak(&variance, epsilon)?)?)?;
        if let Some(scale) = pick(t, &given, 4) {
            inverse = multiply(&inverse, &along("a scale", scale)?)?;
        }
        let mut rest = multiply(&negative(&mean)?, &inverse)?;
        if let Some(offset) = pick(t, &given, 3) {
            rest = add(&rest, &along("an offset", offset)?)?;
        }
        add(&multiply(x, &inverse)?, &rest)
    })
}

/// In at least `float32`, as normalizations are computed; integers too.
fn wide(x: &Tensor) -> Result<Tensor> {
    cast(x, promote(x.dtype().to_float(), DType::F32))
}

/// `(x - mean) / sqrt(variance + epsilon) · gamma + beta`, with the mean and the variance of `x` itself over `axes`.
///
/// Gamma and beta broadcast against `x`; where they have fewer axes, they are taken to lie along `axes`. The default for
/// epsilon is that of the process (1e-7). Half floats are computed in `float32`; the result has the type of `x`.
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// let y = ops::layer_normalization(&Tensor::from([[1.0f32, 3.0]]), None, None, -1, None).unwrap();
/// assert!((y.to_vec::<f32>().unwrap()[1] - 1.0).abs() < 1e-6);
/// ```
///
/// # Errors
/// Where an axis is not there, or gamma or beta do not fit.
pub fn layer_normalization(
    x: &Tensor,
    gamma: Option<&Tensor>,
    beta: Option<&Tensor>,
    axes: impl Into<Axes>,
    epsilon: Option<f64>,
) -> Result<Tensor> {
    let (axes, epsilon) = (axes.into(), epsilon.unwrap_or_else(default_epsilon));
    let (inputs, given) = some(&[Some(x), gamma, beta]);
    operation("layer_normalization", &inputs, move |t| {
        let x = wide(t[0])?;
        let (places, _) = axes.resolve(x.rank())?;
        let (mean, variance) = moments(&x, axes.clone().keepdims())?;
        let fitted = |v: &Tensor| {
            let v = cast(v, x.dtype())?;
            if v.rank() == x.rank() || places == [x.rank().saturating_sub(1)] {
                return Ok(v);
            }
            let along = |(axis, &n): (usize, &usize)| if places.contains(&axis) { n } else { 1 };
            let shape: Vec<usize> = x.shape().iter().enumerate().map(along).collect();
            reshape(&v, shape)
        };
        let mut inverse = rsqrt(&add(&variance, &weak(&variance, epsilon)?)?)?;
        if let Some(gamma) = pick(t, &given, 1) {
            inverse = multiply(&inverse, &fitted(gamma)?)?;
        }
        let mut rest = multiply(&negative(&mean)?, &inverse)?;
        if let Some(beta) = pick(t, &given, 2) {
            rest = add(&rest, &fitted(beta)?)?;
        }
        cast(&add(&multiply(&x, &inverse)?, &rest)?, t[0].dtype())
    })
}

/// `x / sqrt(mean(x²) + epsilon) · scale`, with the mean over `axes`. The default for epsilon is that of the process
/// (1e-7). Half floats are computed in `float32`; the result has the type of `x`.
///
/// # Errors
/// Where an axis is not there, or the scale does not broadcast against `x`.
pub fn rms_normalization(
    x: &Tensor,
    scale: Option<&Tensor>,
    axes: impl Into<Axes>,
    epsilon: Option<f64>,
) -> Result<Tensor> {
    let (axes, epsilon) = (axes.into(), epsilon.unwrap_or_else(default_epsilon));
    let (inputs, given) = some(&[Some(x), scale]);
    operation("rms_normalization", &inputs, move |t| {
        let x = wide(t[0])?;
        let x = if x.rank() == 0 { expand_dims(&x, 0)? } else { x };
        let power = mean(&square(&x)?, axes.clone().keepdims())?;
        let mut y = multiply(&x, &rsqrt(&add(&power, &weak(&power, epsilon)?)?)?)?;
        if let Some(scale) = pick(t, &given, 1) {
            y = multiply(&y, &cast(scale, y.dtype())?)?;
        }
        cast(&y, t[0].dtype())
    })
}

/// `x` divided by its norm of order `order`, `(Σ |x|^order)^(1/order)` over `axes`, which is taken to be at least
/// epsilon. The default for epsilon is that of the process (1e-7). Integers give `float32`, a scalar a vector.
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// let y = ops::normalize(&Tensor::from([3.0f64, 4.0]), -1, 1, None).unwrap();
/// assert_eq!(y.to_vec::<f64>().unwrap(), [3.0 / 7.0, 4.0 / 7.0]);
/// ```
///
/// # Errors
/// Where an axis is not there or the order is 0.
pub fn normalize(x: &Tensor, axes: impl Into<Axes>, order: usize, epsilon: Option<f64>) -> Result<Tensor> {
    let (axes, epsilon) = (axes.into().keepdims(), epsilon.unwrap_or_else(default_epsilon));
    let written = described(&[x], || {
        Written::new("Normalize", 1).with("axis", along(&axes)).with("order", order).with("epsilon", epsilon)
    });
    operation_written("normalize", written, &[x], move |x| {
        if order == 0 {
            return Err(Error::value("expected an order of 1 or more, got 0"));
        }
        let x = cast(x[0], x[0].dtype().to_float())?;
        let x = if x.rank() == 0 { expand_dims(&x, 0)? } else { x };
        if order == 2 {
            let inverse = rsqrt(&sum(&square(&x)?, axes.clone())?)?;
            return multiply(&x, &minimum(&inverse, &weak(&inverse, 1.0 / epsilon)?)?);
        }
        let p = order as f64;
        let norm = match order {
            1 => sum(&abs(&x)?, axes.clone())?,
            _ => {
                let total = sum(&power(&abs(&x)?, &weak(&x, p)?)?, axes.clone())?;
                power(&total, &weak(&total, 1.0 / p)?)?
            }
        };
        divide(&x, &maximum(&norm, &weak(&norm, epsilon)?)?)
    })
}

/// The peak signal-to-noise ratio in decibels, `20 log10(max_val) - 10 log10(mean((x1 - x2)²))`, over all elements.
///
/// # Errors
/// Where shapes differ.
pub fn psnr(x1: &Tensor, x2: &Tensor, max_val: f64) -> Result<Tensor> {
    operation("psnr", &[x1, x2], move |x| {
        if x[0].shape() != x[1].shape() {
            return Err(Error::shape(format!(
                "expected images of one shape, got {} and {}",
                Shape::from(x[0].shape()),
                Shape::from(x[1].shape())
            )));
        }
        let (a, b) = promoted(x[0], x[1])?;
        let dtype = a.dtype().to_float();
        let noise = mean(&square(&subtract(&cast(&a, dtype)?, &cast(&b, dtype)?)?)?, ..)?;
        let decibels = multiply(&super::log10(&noise)?, &weak(&noise, -10.0)?)?;
        add(&decibels, &weak(&noise, 20.0 * max_val.log10())?)
    })
}
