//! Activation functions: floats of any shape; integers become `float32` unless said otherwise.

use super::elementwise::weak;
use super::{
    abs, add, cast, clip, cumsum, divide, erf, exp, expm1, full, greater, greater_equal, less, less_equal,
    log1p, max, min, minimum, multiply, narrow, negative, relu, sigmoid, sort, sqrt, square, stop_gradient,
    subtract, sum, tanh, r#where,
};
use crate::axes::Axes;
use crate::symbolic::{described, operation, operation_written};
use crate::tensor::Tensor;
use crate::written::Written;
use rhyton_base::{Error, Result, Shape, normalize_axis};
use std::f64::consts::{FRAC_1_SQRT_2, PI};

/// One operation on the tensor as floats.
fn activation(
    name: &'static str,
    x: &Tensor,
    f: impl Fn(&Tensor) -> Result<Tensor> + Send + Sync + 'static,
) -> Result<Tensor> {
    with_argument(name, |w| w, x, f)
}

/// [`activation`] with arguments, which `argued` writes down.
fn with_argument(
    name: &'static str,
    argued: impl FnOnce(Written) -> Written,
    x: &Tensor,
    f: impl Fn(&Tensor) -> Result<Tensor> + Send + Sync + 'static,
) -> Result<Tensor> {
    let class = || name.split('_').map(|w| w[..1].to_uppercase() + &w[1..]).collect::<String>();
    let written = described(&[x], || argued(Written::new(class(), 1)));
    operation_written(name, written, &[x], move |x| f(&cast(x[0], x[0].dtype().to_float())?))
}

/// Where `x > 0`, and `x` with 0 there, so that an exponential of it cannot overflow.
fn split(x: &Tensor) -> Result<(Tensor, Tensor)> {
    let zero = weak(x, 0.0)?;
    let on = greater(x, &zero)?;
    let negative = r#where(&on, &zero, x)?;
    Ok((on, negative))
}

/// `x` where `x ≥ 0`, `negative_slope x` below.
///
/// # Errors
/// Where there is no memory.
pub fn leaky_relu(x: &Tensor, negative_slope: f64) -> Result<Tensor> {
    with_argument(
        "leaky_relu",
        |w| w.with("negative_slope", negative_slope),
        x,
        move |x| {
            let on = greater_equal(x, &weak(x, 0.0)?)?;
            r#where(&on, x, &multiply(&weak(x, negative_slope)?, x)?)
        },
    )
}

/// `min(max(x, 0), 6)`.
///
/// # Errors
/// Where there is no memory.
pub fn relu6(x: &Tensor) -> Result<Tensor> {
    activation("relu6", x, |x| minimum(&relu(x)?, &weak(x, 6.0)?))
}

/// `x` where `x > 0`, `alpha (e^x - 1)` below. Keras's default is `alpha = 1`.
///
/// Source: Clevert et al. 2015, "Fast and accurate deep network learning by exponential linear units".
///
/// # Errors
/// Where there is no memory.
pub fn elu(x: &Tensor, alpha: f64) -> Result<Tensor> {
    with_argument(
        "elu",
        |w| w.with("alpha", alpha),
        x,
        move |x| {
            let (on, negative) = split(x)?;
            r#where(&on, x, &multiply(&weak(x, alpha)?, &expm1(&negative)?)?)
        },
    )
}

/// `scale x` where `x > 0`, `scale alpha (e^x - 1)` below, with `scale = 1.0507…` and `alpha = 1.6732…`, which keep
/// mean 0 and variance 1 from layer to layer.
///
/// Source: Klambauer et al. 2017, "Self-normalizing neural networks".
///
/// # Errors
/// Where there is no memory.
pub fn selu(x: &Tensor) -> Result<Tensor> {
    const ALPHA: f64 = 1.673_263_242_354_377_2;
    const SCALE: f64 = 1.050_700_987_355_480_5;
    activation("selu", x, |x| multiply(&weak(x, SCALE)?, &elu(x, ALPHA)?))
}

/// `x` where `x > 0`, `alpha (e^(x / alpha) - 1)` below. Keras's default is `alpha = 1`.
///
/// Source: Barron 2017, "Continuously differentiable exponential linear units".
///
/// # Errors
/// Where there is no memory.
pub fn celu(x: &Tensor, alpha: f64) -> Result<Tensor> {
    with_argument(
        "celu",
        |w| w.with("alpha", alpha),
        x,
        move |x| {
            let (on, negative) = split(x)?;
            let alpha = weak(x, alpha)?;
            r#where(&on, x, &multiply(&alpha, &expm1(&divide(&negative, &alpha)?)?)?)
        },
    )
}

/// `log(1 + e^x)`, computed as `max(x, 0) + log(1 + e^-|x|)`, which does not overflow.
///
/// # Errors
/// Where there is no memory.
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// let y = ops::softplus(&Tensor::from([-1000.0, 0.0, 1000.0])).unwrap().to_vec::<f64>().unwrap();
/// assert_eq!(y, [0.0, 2.0f64.ln(), 1000.0]);
/// ```
pub fn softplus(x: &Tensor) -> Result<Tensor> {
    activation("softplus", x, |x| {
        // -|x| by a choice and not by `abs`, so that the slope at 0, where `relu` gives 0, is 1/2 and not 0.
        let on = greater(x, &weak(x, 0.0)?)?;
        let below = r#where(&on, &negative(x)?, x)?;
        add(&relu(x)?, &log1p(&exp(&below)?)?)
    })
}

/// `log(sigmoid(x)) = -softplus(-x)`.
///
/// # Errors
/// Where there is no memory.
pub fn log_sigmoid(x: &Tensor) -> Result<Tensor> {
    activation("log_sigmoid", x, |x| negative(&softplus(&negative(x)?)?))
}

/// `x / (1 + |x|)`.
///
/// # Errors
/// Where there is no memory.
pub fn softsign(x: &Tensor) -> Result<Tensor> {
    activation("softsign", x, |x| divide(x, &add(&abs(x)?, &weak(x, 1.0)?)?))
}

/// `x sigmoid(x)`.
///
/// Source: Ramachandran et al. 2017, "Searching for activation functions".
///
/// # Errors
/// Where there is no memory.
pub fn silu(x: &Tensor) -> Result<Tensor> {
    activation("silu", x, |x| multiply(x, &sigmoid(x)?))
}

/// [`silu`] by its other name.
///
/// # Errors
/// As [`silu`].
pub fn swish(x: &Tensor) -> Result<Tensor> {
    silu(x)
}

/// `x / 6 + 0.5` limited to 0..=1. (Keras 2 had `0.2 x + 0.5`.)
///
/// # Errors
/// Where there is no memory.
pub fn hard_sigmoid(x: &Tensor) -> Result<Tensor> {
    activation("hard_sigmoid", x, |x| divide(&relu6(&add(x, &weak(x, 3.0)?)?)?, &weak(x, 6.0)?))
}

/// `x hard_sigmoid(x)`.
///
/// Source: Howard et al. 2019, "Searching for MobileNetV3".
///
/// # Errors
/// Where there is no memory.
pub fn hard_silu(x: &Tensor) -> Result<Tensor> {
    activation("hard_silu", x, |x| multiply(x, &hard_sigmoid(x)?))
}

/// [`hard_silu`] by its other name.
///
/// # Errors
/// As [`hard_silu`].
pub fn hard_swish(x: &Tensor) -> Result<Tensor> {
    hard_silu(x)
}

/// `x` limited to -1..=1; integers keep their type.
///
/// # Errors
/// Where there is no memory.
pub fn hard_tanh(x: &Tensor) -> Result<Tensor> {
    // Unsigned types have no -1 to be limited by.
    let low = if x.dtype().is_unsigned() { 0.0 } else { -1.0 };
    operation("hard_tanh", &[x], move |x| clip(x[0], low, 1.0))
}

/// `x` where `|x| > threshold`, 0 elsewhere. Keras's default is `threshold = 0.5`.
///
/// # Errors
/// Where there is no memory.
pub fn hard_shrink(x: &Tensor, threshold: f64) -> Result<Tensor> {
    with_argument(
        "hard_shrink",
        |w| w.with("threshold", threshold),
        x,
        move |x| {
            let on = greater(&abs(x)?, &weak(x, threshold)?)?;
            r#where(&on, x, &weak(x, 0.0)?)
        },
    )
}

/// `x - threshold` above the threshold, `x + threshold` below minus the threshold, 0 between. Keras's default is
/// `threshold = 0.5`.
///
/// # Errors
/// Where there is no memory.
pub fn soft_shrink(x: &Tensor, threshold: f64) -> Result<Tensor> {
    with_argument(
        "soft_shrink",
        |w| w.with("threshold", threshold),
        x,
        move |x| {
            let by = weak(x, threshold)?;
            let above = greater(x, &by)?;
            let below = less(x, &negative(&by)?)?;
            let low = r#where(&below, &add(x, &by)?, &weak(x, 0.0)?)?;
            r#where(&above, &subtract(x, &by)?, &low)
        },
    )
}

/// `x - tanh(x)`.
///
/// # Errors
/// Where there is no memory.
pub fn tanh_shrink(x: &Tensor) -> Result<Tensor> {
    activation("tanh_shrink", x, |x| subtract(x, &tanh(x)?))
}

/// `x` above the threshold, `default_value` elsewhere; integers keep their type where the numbers are whole.
///
/// # Errors
/// Where there is no memory.
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// let y = ops::threshold(&Tensor::from([0.25f32, 0.75]), 0.5, -1.0).unwrap();
/// assert_eq!(y.to_vec::<f32>().unwrap(), [-1.0, 0.75]);
/// ```
pub fn threshold(x: &Tensor, threshold: f64, default_value: f64) -> Result<Tensor> {
    operation("threshold", &[x], move |x| {
        let on = greater(x[0], &weak(x[0], threshold)?)?;
        r#where(&on, x[0], &weak(x[0], default_value)?)
    })
}

/// `x Φ(x) = 0.5 x (1 + erf(x / √2))`, where `Φ` is the distribution function of the standard normal distribution; or
/// its approximation `0.5 x (1 + tanh(√(2/π) (x + 0.044715 x³)))`, which is the default of `keras.ops`.
///
/// Source: Hendrycks and Gimpel 2016, "Gaussian error linear units", equation 1.
///
/// # Errors
/// Where there is no memory.
pub fn gelu(x: &Tensor, approximate: bool) -> Result<Tensor> {
    with_argument(
        "gelu",
        |w| w.with("approximate", approximate),
        x,
        move |x| {
            let bent = if approximate {
                let cube = multiply(&square(x)?, x)?;
                let sum = add(x, &multiply(&weak(x, 0.044_715)?, &cube)?)?;
                tanh(&multiply(&weak(x, (2.0 / PI).sqrt())?, &sum)?)?
            } else {
                erf(&multiply(x, &weak(x, FRAC_1_SQRT_2)?)?)?
            };
            let half = multiply(&weak(x, 0.5)?, x)?;
            multiply(&half, &add(&bent, &weak(x, 1.0)?)?)
        },
    )
}

/// `(x + √(x² + b)) / 2`. Keras's default is `b = 4`.
///
/// Source: Barron 2021, "Squareplus: a softplus-like algebraic rectifier".
///
/// # Errors
/// Where there is no memory.
pub fn squareplus(x: &Tensor, b: f64) -> Result<Tensor> {
    with_argument(
        "squareplus",
        |w| w.with("b", b),
        x,
        move |x| {
            let root = sqrt(&add(&square(x)?, &weak(x, b)?)?)?;
            divide(&add(x, &root)?, &weak(x, 2.0)?)
        },
    )
}

/// 0 up to -1, `x` from 1 on, `(x + 1)² / 4` between.
///
/// # Errors
/// Where there is no memory.
pub fn sparse_plus(x: &Tensor) -> Result<Tensor> {
    activation("sparse_plus", x, |x| {
        let one = weak(x, 1.0)?;
        let curve = divide(&square(&add(x, &one)?)?, &weak(x, 4.0)?)?;
        let low = less_equal(x, &weak(x, -1.0)?)?;
        let high = greater_equal(x, &one)?;
        r#where(&low, &weak(x, 0.0)?, &r#where(&high, x, &curve)?)
    })
}

/// 0 up to -1, 1 from 1 on, `0.5 (x + 1)` between; the slope of [`sparse_plus`].
///
/// # Errors
/// Where there is no memory.
pub fn sparse_sigmoid(x: &Tensor) -> Result<Tensor> {
    activation("sparse_sigmoid", x, |x| multiply(&weak(x, 0.5)?, &clip(&add(x, &weak(x, 1.0)?)?, 0.0, 2.0)?))
}

/// `a sigmoid(b)` of the two halves `a` and `b` of an axis. Keras's default is the last axis.
///
/// Source: Dauphin et al. 2016, "Language modeling with gated convolutional networks", equation 1.
///
/// # Errors
/// Where the axis is not there or of odd size.
pub fn glu(x: &Tensor, axis: isize) -> Result<Tensor> {
    with_argument(
        "glu",
        |w| w.with("axis", axis),
        x,
        move |x| {
            let size = x.shape()[normalize_axis(axis, x.rank())?];
            if !size.is_multiple_of(2) {
                let shape = Shape::from(x.shape());
                return Err(Error::shape(format!(
                    "expected an even size of axis {axis}, got {size} (shape {shape})"
                )));
            }
            let (a, b) = (narrow(x, axis, 0, size / 2)?, narrow(x, axis, size / 2, size)?);
            multiply(&a, &sigmoid(&b)?)
        },
    )
}

/// The point of the simplex (numbers from 0 to 1 with sum 1) nearest to `x` along an axis; most of it is 0. Keras's
/// default is the last axis.
///
/// `max(x - τ, 0)` with `τ` such that the sum is 1; found by sorting.
///
/// Source: Martins and Astudillo 2016, "From softmax to sparsemax", algorithm 1. Keras before 3.16 takes a wrong
/// threshold as soon as two elements survive.
///
/// # Errors
/// Where the axis is not there.
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// let y = ops::sparsemax(&Tensor::from([0.5f32, 0.25, -1.0]), -1).unwrap();
/// assert_eq!(y.to_vec::<f32>().unwrap(), [0.625, 0.375, 0.0]);
/// ```
pub fn sparsemax(x: &Tensor, axis: isize) -> Result<Tensor> {
    with_argument(
        "sparsemax",
        |w| w.with("axis", axis),
        x,
        move |x| {
            let axis = normalize_axis(axis, x.rank())? as isize;
            if x.is_empty() {
                return Ok(x.clone());
            }
            let over = |axis: isize| Axes::from(axis).keepdims();
            // A shift of the whole row changes nothing, and the largest element at 0 keeps the sums small.
            let x = subtract(x, &stop_gradient(&max(x, over(axis))?)?)?;
            // Sorted from the largest on, the k-th element survives if 1 + k x is more than the sum of the first k. The
            // smallest survivor is all that is needed of this; equal elements survive together.
            let zero = weak(&x, 0.0)?;
            let one = weak(&x, 1.0)?;
            let fixed = stop_gradient(&x)?;
            let sorted = negative(&sort(&negative(&fixed)?, axis)?)?;
            let k = cumsum(&full(x.shape(), 1.0, x.dtype())?, axis, None)?;
            let lasts = greater(&add(&one, &multiply(&k, &sorted)?)?, &cumsum(&sorted, axis, None)?)?;
            let smallest = min(&r#where(&lasts, &sorted, &zero)?, over(axis))?;
            let survives = greater_equal(&fixed, &smallest)?;
            let count = sum(&cast(&survives, x.dtype())?, over(axis))?;
            let total = sum(&r#where(&survives, &x, &zero)?, over(axis))?;
            let tau = divide(&subtract(&total, &one)?, &count)?;
            relu(&subtract(&x, &tau)?)
        },
    )
}
