//! Reductions over axes.

use super::elementwise::{weak, wide};
use super::{cast, full, isnan, maximum, minimum, multiply, reshape, sqrt, subtract, r#where};
use crate::axes::Axes;
use crate::dispatch::{apply_one, compose_in};
use crate::symbolic::{described, operation, operation_written};
use crate::tensor::Tensor;
use crate::written::Written;
use rhyton_base::{Context, DType, Error, Result, Scalar, Shape};
use rhyton_ops::reduce;

macro_rules! reductions {
    ($($(#[$doc:meta])* $name:ident $Op:ident;)*) => {$(
        $(#[$doc])*
        ///
        /// # Errors
        /// Where an axis is not there.
        pub fn $name(x: &Tensor, axes: impl Into<Axes>) -> Result<Tensor> {
            let (axes, keepdims) = axes.into().resolve(x.rank()).at(|| stringify!($name))?;
            apply_one(reduce::$Op { axes, keepdims }, &[x])
        }
    )*};
}

reductions! {
    /// The sum over axes.
    sum Sum;
    /// The product over axes.
    prod Prod;
    /// The largest element over axes.
    max Max;
    /// The smallest element over axes.
    min Min;
}

/// The shape that is left when some axes are reduced.
pub(super) fn left(x: &Tensor, axes: &[usize], keepdims: bool) -> Vec<usize> {
    let sizes = x.shape().iter().enumerate();
    sizes
        .filter(|(a, _)| keepdims || !axes.contains(a))
        .map(|(a, &n)| if axes.contains(&a) { 1 } else { n })
        .collect()
}

macro_rules! synonyms {
    ($($(#[$doc:meta])* $name:ident $other:ident;)*) => {$(
        $(#[$doc])*
        ///
        /// # Errors
        /// As that function.
        pub fn $name(x: &Tensor, axes: impl Into<Axes>) -> Result<Tensor> {
            $other(x, axes)
        }
    )*};
}

synonyms! {
    /// [`max`] by its other name.
    amax max;
    /// [`min`] by its other name.
    amin min;
}

macro_rules! with_initial {
    ($($(#[$doc:meta])* $name:ident $plain:ident $of:ident;)*) => {$(
        $(#[$doc])*
        ///
        /// Without elements along the axes it is the initial number, which is taken in the type of `x`.
        ///
        /// # Errors
        /// Where an axis is not there.
        pub fn $name(x: &Tensor, axes: impl Into<Axes>, initial: impl Into<Scalar>) -> Result<Tensor> {
            let (axes, initial) = (axes.into(), initial.into());
            operation(stringify!($plain), &[x], move |x| {
                let (places, keepdims) = axes.resolve(x[0].rank())?;
                if places.iter().any(|&a| x[0].shape()[a] == 0) {
                    return full(left(x[0], &places, keepdims), initial, x[0].dtype());
                }
                $of(&$plain(x[0], axes.clone())?, &full([], initial, x[0].dtype())?)
            })
        }
    )*};
}

with_initial! {
    /// The largest element over axes, and at least the initial number.
    max_with max maximum;
    /// The smallest element over axes, and at most the initial number.
    min_with min minimum;
}

/// The product over axes of the numbers cast to a type first, which is that of the result.
///
/// # Errors
/// Where an axis is not there.
pub fn prod_with(x: &Tensor, axes: impl Into<Axes>, dtype: DType) -> Result<Tensor> {
    let axes = axes.into();
    operation("prod", &[x], move |x| cast(&prod(&cast(x[0], dtype)?, axes.clone())?, dtype))
}

/// The arithmetic mean over axes; integers are averaged in `float32`, half floats too, to keep their sums in range.
/// NaN over no elements.
///
/// # Errors
/// Where an axis is not there.
pub fn mean(x: &Tensor, axes: impl Into<Axes>) -> Result<Tensor> {
    let axes = axes.into();
    let written = described(&[x], || Written::new("Mean", 1).over(&axes));
    operation_written("mean", written, &[x], move |x| {
        let (axes, keepdims) = axes.resolve(x[0].rank())?;
        let dtype = x[0].dtype().to_float();
        let out = compose_in(&[&cast(x[0], wide(dtype))?], |b, v| b.mean(v[0], &axes, keepdims))?;
        cast(&out, dtype)
    })
}

/// The population variance over axes: the mean of the squared distances from the mean. Types as with [`mean`].
///
/// # Errors
/// Where an axis is not there.
pub fn var(x: &Tensor, axes: impl Into<Axes>) -> Result<Tensor> {
    let axes = axes.into();
    let written = described(&[x], || Written::new("Var", 1).over(&axes));
    operation_written("var", written, &[x], move |x| {
        let (axes, keepdims) = axes.resolve(x[0].rank())?;
        let dtype = x[0].dtype().to_float();
        let x = cast(x[0], wide(dtype))?;
        cast(&compose_in(&[&x], |b, v| rhyton_ops::variance(b, v[0], &axes, keepdims))?, dtype)
    })
}

/// The population standard deviation over axes, the square root of [`var`].
///
/// # Errors
/// Where an axis is not there.
pub fn std(x: &Tensor, axes: impl Into<Axes>) -> Result<Tensor> {
    let axes = axes.into();
    let written = described(&[x], || Written::new("Std", 1).over(&axes));
    operation_written("std", written, &[x], move |x| {
        let dtype = x[0].dtype().to_float();
        cast(&sqrt(&var(&cast(x[0], wide(dtype))?, axes.clone())?)?, dtype)
    })
}

/// `log Σ exp(x)` over axes, without overflow; -∞ over no elements. Integers become `float32`.
///
/// # Errors
/// Where an axis is not there.
pub fn logsumexp(x: &Tensor, axes: impl Into<Axes>) -> Result<Tensor> {
    let axes = axes.into();
    let written = described(&[x], || Written::new("Logsumexp", 1).over(&axes));
    operation_written("logsumexp", written, &[x], move |x| {
        let (axes, keepdims) = axes.resolve(x[0].rank())?;
        let x = cast(x[0], x[0].dtype().to_float())?;
        if axes.iter().any(|&a| x.shape()[a] == 0) {
            return full(left(&x, &axes, keepdims), f64::NEG_INFINITY, x.dtype());
        }
        compose_in(&[&x], |b, v| rhyton_ops::logsumexp(b, v[0], &axes, keepdims))
    })
}

/// Whether every element over axes is other than zero; true over no elements.
///
/// # Errors
/// Where an axis is not there.
pub fn all(x: &Tensor, axes: impl Into<Axes>) -> Result<Tensor> {
    let axes = axes.into();
    let written = described(&[x], || Written::new("All", 1).over(&axes));
    operation_written("all", written, &[x], move |x| {
        let counted = cast(&cast(x[0], DType::Bool)?, DType::I32)?;
        cast(&prod(&counted, axes.clone())?, DType::Bool)
    })
}

/// Whether some element over axes is other than zero; false over no elements.
///
/// # Errors
/// Where an axis is not there.
pub fn any(x: &Tensor, axes: impl Into<Axes>) -> Result<Tensor> {
    let axes = axes.into();
    let written = described(&[x], || Written::new("Any", 1).over(&axes));
    operation_written("any", written, &[x], move |x| {
        let counted = cast(&cast(x[0], DType::Bool)?, DType::I64)?;
        cast(&sum(&counted, axes.clone())?, DType::Bool)
    })
}

/// How many elements over axes are other than zero, as `int32`.
///
/// # Errors
/// Where an axis is not there.
pub fn count_nonzero(x: &Tensor, axes: impl Into<Axes>) -> Result<Tensor> {
    let axes = axes.into();
    operation("count_nonzero", &[x], move |x| sum(&cast(x[0], DType::Bool)?, axes.clone()))
}

/// The distance from the smallest to the largest element over axes ("peak to peak").
///
/// # Errors
/// Where an axis is not there or has no elements; for `bool`.
pub fn ptp(x: &Tensor, axes: impl Into<Axes>) -> Result<Tensor> {
    if x.dtype() == DType::Bool {
        return Err(Error::dtype("expected numbers, got bool; cast to int32 first").at("ptp"));
    }
    let axes = axes.into();
    let written = described(&[x], || Written::new("Ptp", 1).over(&axes));
    operation_written("ptp", written, &[x], move |x| {
        subtract(&max(x[0], axes.clone())?, &min(x[0], axes.clone())?)
    })
}

/// The mean over axes weighted by numbers of the shape of `x`, or of one axis: `Σ w x / Σ w`; without weights the
/// mean. The type is that of `x` and the weights promoted, integers as `float32`.
///
/// # Errors
/// Where an axis is not there or the weights have neither the shape of `x` nor that of the axis.
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// let x = Tensor::from([[1.0f32, 2.0], [3.0, 4.0]]);
/// let y = ops::average(&x, 1, Some(&Tensor::from([3.0f32, 1.0]))).unwrap();
/// assert_eq!(y.to_vec::<f32>().unwrap(), [1.25, 3.25]);
/// ```
pub fn average(x: &Tensor, axes: impl Into<Axes>, weights: Option<&Tensor>) -> Result<Tensor> {
    let axes = axes.into();
    let Some(weights) = weights else {
        return operation("average", &[x], move |x| mean(x[0], axes.clone()));
    };
    operation("average", &[x, weights], move |x| {
        let (places, keepdims) = axes.resolve(x[0].rank())?;
        let dtype = rhyton_base::promote(x[0].dtype(), x[1].dtype()).to_float();
        let (x, w) = (cast(x[0], wide(dtype))?, cast(x[1], wide(dtype))?);
        let w = if w.shape() == x.shape() {
            w
        } else if let ([axis], [n]) = (&places[..], w.shape())
            && x.shape()[*axis] == *n
        {
            let mut shape = vec![1; x.rank()];
            shape[*axis] = *n;
            super::broadcast_to(&reshape(&w, shape)?, x.shape())?
        } else {
            let (w, x) = (Shape::from(w.shape()), Shape::from(x.shape()));
            return Err(Error::shape(format!(
                "expected weights of shape {x} or of the size of the one axis, got {w}"
            )));
        };
        let over = |x: &Tensor| apply_one(reduce::Sum { axes: places.clone(), keepdims }, &[x]);
        cast(&super::divide(&over(&multiply(&x, &w)?)?, &over(&w)?)?, dtype)
    })
}

/// One axis of several that a search takes: the axis itself, or the whole tensor flattened.
fn searched(x: &Tensor, axes: &Axes) -> Result<(Tensor, usize, Vec<usize>)> {
    let (places, keepdims) = axes.resolve(x.rank())?;
    let shape = left(x, &places, keepdims);
    match places[..] {
        [axis] => Ok((x.clone(), axis, shape)),
        _ if places.len() == x.rank() => Ok((reshape(x, [-1])?, 0, shape)),
        _ => {
            let message =
                format!("expected one axis or all of them (..), got {} of {}", places.len(), x.rank());
            Err(Error::shape(message))
        }
    }
}

macro_rules! searches {
    ($($(#[$doc:meta])* $name:ident $Op:ident, $nan:ident $far:expr;)*) => {$(
        $(#[$doc])*
        /// along an axis, as `int64`: the first of several, NaN before all. With `..` the place is counted in the
        /// flattened tensor.
        ///
        /// # Errors
        /// Where the axis is not there or has no elements.
        ///
        /// ```
        /// use rhyton_tensor::{Axes, Tensor, ops};
        /// let x = Tensor::from([[1, 2], [4, 3]]);
        #[doc = concat!("assert_eq!(ops::", stringify!($name), "(&x, Axes::from(1).keepdims()).unwrap().shape(), [2, 1]);")]
        #[doc = concat!("assert_eq!(ops::", stringify!($name), "(&x, ..).unwrap().rank(), 0);")]
        /// ```
        pub fn $name(x: &Tensor, axes: impl Into<Axes>) -> Result<Tensor> {
            let axes = axes.into();
            let written = described(&[x], || Written::new(stringify!($Op).replacen("ArgM", "Argm", 1), 1).over(&axes));
            operation_written(stringify!($name), written, &[x], move |x| {
                let (x, axis, shape) = searched(x[0], &axes)?;
                reshape(&apply_one(reduce::$Op { axis }, &[&x])?, shape)
            })
        }

        $(#[$doc])*
        /// along an axis among those that are numbers, as `int64`: -1 where all are NaN.
        ///
        /// # Errors
        /// Where the axis is not there or has no elements.
        pub fn $nan(x: &Tensor, axes: impl Into<Axes>) -> Result<Tensor> {
            let axes = axes.into();
            operation(stringify!($nan), &[x], move |x| {
                if !x[0].dtype().is_float() {
                    return $name(x[0], axes.clone());
                }
                let nan = isnan(x[0])?;
                let place = $name(&r#where(&nan, &weak(x[0], $far)?, x[0])?, axes.clone())?;
                r#where(&all(&nan, axes.clone())?, &full([], -1, DType::I64)?, &place)
            })
        }
    )*};
}

searches! {
    /// The place of the largest element
    argmax ArgMax, nanargmax f64::NEG_INFINITY;
    /// The place of the smallest element
    argmin ArgMin, nanargmin f64::INFINITY;
}
