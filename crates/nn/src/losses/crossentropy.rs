//! Crossentropy for targets that are probabilities.

use super::common::prelude::*;
use rhyton_base::normalize_axis;

/// An error unless the smoothing is a fraction.
pub(super) fn check_smoothing(label_smoothing: f64) -> Result<()> {
    if (0.0..=1.0).contains(&label_smoothing) {
        return Ok(());
    }
    Err(Error::value(format!("expected label_smoothing in [0, 1], got {label_smoothing}")))
}

/// Both in the float type of the predictions.
pub(super) fn as_floats(y_true: &Tensor, y_pred: &Tensor) -> Result<(Tensor, Tensor)> {
    let y_pred = ops::cast(y_pred, y_pred.dtype().to_float())?;
    Ok((ops::cast(y_true, y_pred.dtype())?, y_pred))
}

/// Probabilities kept at a distance of epsilon from 0 and 1; where that changes them, no gradient flows.
pub(super) fn clipped(probabilities: &Tensor) -> Result<Tensor> {
    let epsilon = crate::config::epsilon();
    ops::clip(probabilities, epsilon, 1.0 - epsilon)
}

/// `y (1 - s) + t`.
pub(super) fn smooth(y_true: &Tensor, label_smoothing: f64, t: f64) -> Result<Tensor> {
    let kept = ops::multiply(y_true, &like(y_true, 1.0 - label_smoothing)?)?;
    ops::add(&kept, &like(y_true, t)?)
}

/// [`binary_crossentropy_with`] probabilities, no smoothing, and the mean over the last axis.
///
/// # Errors
/// Where shapes differ.
///
/// ```
/// use rhyton_nn::losses::binary_crossentropy;
/// use rhyton_tensor::Tensor;
/// let loss = binary_crossentropy(&Tensor::from([[1.0f32, 0.0]]), &Tensor::from([[0.5f32, 0.5]])).unwrap();
/// assert_eq!(loss.to_vec::<f32>().unwrap(), [2.0f32.ln()]);
/// ```
pub fn binary_crossentropy(y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
    binary_crossentropy_with(y_true, y_pred, false, 0.0, -1)
}

/// `mean(-y log(p) - (1 - y) log(1 - p))` over an axis, where `p` is the predictions clipped to `[ε, 1 - ε]`, or
/// their sigmoid where they are logits, and `y` is `y_true (1 - s) + s / 2` with smoothing `s`. Predictions that come straight
/// from a sigmoid remember their logits ([`Tensor::logits`]), which are used instead: nothing is clipped, and training goes
/// on where probabilities have become 0 or 1.
///
/// # Errors
/// Where shapes differ or the smoothing is outside `[0, 1]`.
///
/// Source: Keras's losses/losses.py, backend/jax/nn.py, and `_get_logits` in backend/tensorflow/nn.py.
pub fn binary_crossentropy_with(
    y_true: &Tensor,
    y_pred: &Tensor,
    from_logits: bool,
    label_smoothing: f64,
    axis: isize,
) -> Result<Tensor> {
    check_smoothing(label_smoothing)?;
    let (mut y, x) = as_floats(y_true, y_pred)?;
    check_same_shape(&y, &x)?;
    if label_smoothing != 0.0 {
        y = smooth(&y, label_smoothing, 0.5 * label_smoothing)?;
    }
    mean_over(&ops::binary_crossentropy(&y, &x, from_logits)?, axis)
}

/// [`categorical_crossentropy_with`] probabilities, no smoothing, and classes along the last axis.
///
/// # Errors
/// Where shapes differ.
///
/// ```
/// use rhyton_nn::losses::categorical_crossentropy;
/// use rhyton_tensor::Tensor;
/// let (y_true, y_pred) = (Tensor::from([[0.0f32, 1.0]]), Tensor::from([[0.75f32, 0.25]]));
/// let loss = categorical_crossentropy(&y_true, &y_pred).unwrap();
/// assert_eq!(loss.to_vec::<f32>().unwrap(), [4.0f32.ln()]);
/// ```
pub fn categorical_crossentropy(y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
    categorical_crossentropy_with(y_true, y_pred, false, 0.0, -1)
}

/// `-Σ y log(p)` over the axis of the classes, where `p` is the predictions divided by their sum over the classes
/// and clipped to `[ε, 1 - ε]`, or their softmax where they are logits, and `y` is `y_true (1 - s) + s / classes`
/// with smoothing `s`. Predictions that come straight from a softmax over the classes remember their logits
/// ([`Tensor::logits`]), which are used instead: nothing is clipped, and training goes on where probabilities have become 0.
///
/// # Errors
/// Where shapes differ, there is no such axis, or the smoothing is outside `[0, 1]`.
///
/// Source: Keras's losses/losses.py, backend/jax/nn.py, and `_get_logits` in backend/tensorflow/nn.py. (With TensorFlow, Keras
/// clips before it divides.)
pub fn categorical_crossentropy_with(
    y_true: &Tensor,
    y_pred: &Tensor,
    from_logits: bool,
    label_smoothing: f64,
    axis: isize,
) -> Result<Tensor> {
    check_smoothing(label_smoothing)?;
    let (mut y, x) = as_floats(y_true, y_pred)?;
    if y.shape() != x.shape() {
        let numbers = y.rank() < x.rank() || y.shape().last() == Some(&1);
        let hint = "; for class numbers use sparse_categorical_crossentropy";
        return Err(shapes_differ(&y, &x, if numbers { hint } else { "" }));
    }
    let classes = x.shape()[normalize_axis(axis, x.rank())?];
    if label_smoothing != 0.0 {
        y = smooth(&y, label_smoothing, label_smoothing / classes.max(1) as f64)?;
    }
    ops::categorical_crossentropy(&y, &x, from_logits, axis)
}

losses! {
    /// Crossentropy between yes-or-no targets and predicted probabilities; see [`binary_crossentropy_with`].
    ///
    /// Defaults: probabilities and not logits, no smoothing, the mean over the last axis.
    ///
    /// # Errors
    /// Where shapes differ by more than a last axis of size 1, or the smoothing is outside `[0, 1]`.
    BinaryCrossentropy "BinaryCrossentropy" "binary_crossentropy" {
        /// Whether predictions are logits instead of probabilities.
        from_logits(bool): bool = false;
        /// How far targets are moved towards even probabilities, from 0 to 1.
        label_smoothing(f64): f64 = 0.0;
        /// The axis of the mean.
        axis(isize): isize = -1;
    } |loss| check_smoothing(loss.label_smoothing),
        |loss, t, p| binary_crossentropy_with(t, p, loss.from_logits, loss.label_smoothing, loss.axis);
    /// Crossentropy between targets and predictions with a probability per class; see
    /// [`categorical_crossentropy_with`].
    ///
    /// Defaults: probabilities and not logits, no smoothing, classes along the last axis.
    ///
    /// # Errors
    /// Where shapes differ, or the smoothing is outside `[0, 1]`.
    CategoricalCrossentropy "CategoricalCrossentropy" "categorical_crossentropy" {
        /// Whether predictions are logits instead of probabilities.
        from_logits(bool): bool = false;
        /// How far targets are moved towards even probabilities, from 0 to 1.
        label_smoothing(f64): f64 = 0.0;
        /// The axis of the classes.
        axis(isize): isize = -1;
    } |loss| check_smoothing(loss.label_smoothing),
        |loss, t, p| categorical_crossentropy_with(t, p, loss.from_logits, loss.label_smoothing, loss.axis);
}
