//! Crossentropies, one number for each prediction.

use super::elementwise::promoted;
use super::{
    add, cast, clip, divide, equal, expand_dims, log, log_sigmoid, log_softmax, multiply, negative, reshape,
    squeeze, subtract, sum, weak, r#where,
};
use crate::axes::Axes;
use crate::config::epsilon;
use crate::logits::Logits;
use crate::symbolic::operation;
use crate::tensor::Tensor;
use rhyton_base::{DType, Error, Result, Shape, normalize_axis};

/// Both in the float type in which they meet, if they have one shape.
fn together(target: &Tensor, output: &Tensor) -> Result<(Tensor, Tensor)> {
    if target.shape() != output.shape() {
        return Err(Error::shape(format!(
            "expected target and output of one shape, got {} and {}",
            Shape::from(target.shape()),
            Shape::from(output.shape())
        )));
    }
    let (target, output) = promoted(target, output)?;
    let dtype = output.dtype().to_float();
    Ok((cast(&target, dtype)?, cast(&output, dtype)?))
}

/// Probabilities kept at a distance of epsilon from 0 and 1; where that changes them, no gradient flows.
fn clipped(probabilities: &Tensor) -> Result<Tensor> {
    clip(probabilities, epsilon(), 1.0 - epsilon())
}

/// The logits of the softmax along an axis that the output is the result of, if it is; else the output. And whether it is
/// logits.
fn before_softmax(output: &Tensor, from_logits: bool, axis: isize) -> (&Tensor, bool) {
    match output.logits() {
        Some(Logits::Softmax(z, of)) if !from_logits && normalize_axis(axis, z.rank()) == Ok(*of) => {
            (z, true)
        }
        _ => (output, from_logits),
    }
}

/// `-target log(p) - (1 - target) log(1 - p)` for each pair, where `p` is the output clipped to `[ε, 1 - ε]`, or its
/// sigmoid where it is logits. An output that is the result of a sigmoid ([`Tensor::logits`]) is exact: its logits are used,
/// and the gradient flows to these.
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// let loss = ops::binary_crossentropy(&Tensor::from([1.0f32, 0.0]), &Tensor::from([0.5f32, 0.5]), false).unwrap();
/// assert_eq!(loss.to_vec::<f32>().unwrap(), [2.0f32.ln(); 2]);
/// ```
///
/// # Errors
/// Where shapes differ.
pub fn binary_crossentropy(target: &Tensor, output: &Tensor, from_logits: bool) -> Result<Tensor> {
    operation("binary_crossentropy", &[target, output], move |x| {
        let (output, from_logits) = match x[1].logits() {
            Some(Logits::Sigmoid(z)) if !from_logits => (z, true),
            _ => (x[1], from_logits),
        };
        let (y, x) = together(x[0], output)?;
        let one = weak(&x, 1.0)?;
        let (log_yes, log_no) = if from_logits {
            (log_sigmoid(&x)?, log_sigmoid(&negative(&x)?)?)
        } else {
            let p = clipped(&x)?;
            (log(&p)?, log(&subtract(&one, &p)?)?)
        };
        let no = subtract(&one, &y)?;
        negative(&add(&multiply(&y, &log_yes)?, &multiply(&no, &log_no)?)?)
    })
}

/// `-Σ target log(p)` over the axis of the classes, where `p` is the output divided by its sum over the classes and
/// clipped to `[ε, 1 - ε]`, or its softmax where it is logits. An output that is the result of a softmax over the classes
/// ([`Tensor::logits`]) is exact: its logits are used, and the gradient flows to these.
///
/// # Errors
/// Where shapes differ or the axis is not there.
pub fn categorical_crossentropy(
    target: &Tensor,
    output: &Tensor,
    from_logits: bool,
    axis: isize,
) -> Result<Tensor> {
    operation("categorical_crossentropy", &[target, output], move |x| {
        let (output, from_logits) = before_softmax(x[1], from_logits, axis);
        let (y, x) = together(x[0], output)?;
        let log_p = if from_logits {
            log_softmax(&x, axis)?
        } else {
            log(&clipped(&divide(&x, &sum(&x, Axes::from(axis).keepdims())?)?)?)?
        };
        negative(&sum(&multiply(&y, &log_p)?, axis)?)
    })
}

/// `-log(p[target])`, where `p` is the output divided by its sum over the classes and clipped to `[ε, 1 - ε]`, or its
/// softmax where it is logits. An output that is the result of a softmax over the classes ([`Tensor::logits`]) is exact: its
/// logits are used, and the gradient flows to these.
///
/// The target has the shape of the output without the axis of the classes, or with size 1 there. A class number outside
/// `0..classes` is a mistake that cannot be noticed here: it costs `-log(ε)` with probabilities and nothing with logits,
/// and has no gradient.
///
/// # Errors
/// Where shapes do not fit or the axis is not there.
pub fn sparse_categorical_crossentropy(
    target: &Tensor,
    output: &Tensor,
    from_logits: bool,
    axis: isize,
) -> Result<Tensor> {
    operation("sparse_categorical_crossentropy", &[target, output], move |x| {
        let (output, from_logits) = before_softmax(x[1], from_logits, axis);
        let (y, x) = (x[0], cast(output, output.dtype().to_float())?);
        let axis = normalize_axis(axis, x.rank())?;
        let place = axis as isize;
        let column = y.rank() == x.rank() && y.shape()[axis] == 1;
        let labels = if column { squeeze(y, place)? } else { y.clone() };
        let mut expected = x.shape().to_vec();
        expected.remove(axis);
        if labels.shape() != expected {
            return Err(Error::shape(format!(
                "expected class numbers of shape {} for an output of shape {}, got {}",
                Shape::from(&expected),
                Shape::from(x.shape()),
                Shape::from(y.shape())
            )));
        }
        let labels = cast(&labels, DType::I32)?;
        // Picks the output for the class of each target; everything after that is one number per target.
        let picked = |x: &Tensor| -> Result<Tensor> {
            let mut shape = vec![1; x.rank()];
            shape[axis] = x.shape()[axis];
            let classes = reshape(&super::arange(x.shape()[axis], labels.dtype())?, shape)?;
            let chosen = equal(&classes, &expand_dims(&labels, place)?)?;
            sum(&r#where(&chosen, x, &weak(x, 0.0)?)?, place)
        };
        if from_logits {
            return negative(&picked(&log_softmax(&x, place)?)?);
        }
        let p = divide(&picked(&x)?, &sum(&x, place)?)?;
        negative(&log(&clipped(&p)?)?)
    })
}
