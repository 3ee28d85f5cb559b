//! Helpers that prepare targets and inputs, as in `keras.utils`.

mod multi_hot;
mod pad;
mod split;

pub use multi_hot::vectorize_sequences;
pub use pad::{PadInput, PadSequences, Rows, pad_sequences};
pub use split::{SplitDataset, SplitSize, split_dataset};

use rhyton_base::{Error, Result, Shape};
use rhyton_tensor::{DType, Tensor, ops};

/// Integer labels as rows of zeros with a single one: `y[i]` becomes a row that is 1 at place `y[i]`.
///
/// y has any shape; the result has one more axis, of size `num_classes`, and type `float32`. A last axis of size 1
/// is dropped first, as Keras does. Without `num_classes` it is the largest label plus one.
///
/// An error where a label is not a whole number, is negative, or is not below `num_classes`.
///
/// ```
/// use rhyton_data::utils::to_categorical;
/// use rhyton_tensor::Tensor;
/// let y = to_categorical(&Tensor::from([2u8, 0]), 3)?;
/// assert_eq!(y.shape(), [2, 3]);
/// assert_eq!(y.to_vec::<f32>()?, [0.0, 0.0, 1.0, 1.0, 0.0, 0.0]);
/// assert_eq!(to_categorical(&Tensor::from([1, 4]), None)?.shape(), [2, 5]);
/// let e = to_categorical(&Tensor::from([0, 3]), 3).unwrap_err();
/// assert_eq!(
///     e.to_string(),
///     "to_categorical: expected labels from 0 to 2, received 3 at position 1; num_classes is one more than the \
///      largest label"
/// );
/// # Ok::<(), rhyton_base::Error>(())
/// ```
pub fn to_categorical(y: &Tensor, num_classes: impl Into<Option<usize>>) -> Result<Tensor> {
    categorical(y, num_classes.into()).map_err(|e| e.at("to_categorical"))
}

fn categorical(y: &Tensor, num_classes: Option<usize>) -> Result<Tensor> {
    let y = match y.shape() {
        [_, .., 1] => ops::squeeze(y, -1)?,
        _ => y.clone(),
    };
    let labels = y.to_f64s()?;
    let classes = match num_classes {
        Some(0) => return Err(Error::value("expected at least one class, received num_classes 0")),
        Some(n) => n,
        None if labels.is_empty() => {
            return Err(Error::value("there are no labels to count the classes of; give num_classes"));
        }
        // The cast takes NaN and negative numbers to 0; the check below finds them.
        None => (labels.iter().copied().fold(0.0, f64::max) as usize).saturating_add(1),
    };
    let bad = |l: &f64| !(*l >= 0.0 && *l < classes as f64 && l.fract() == 0.0);
    if let Some(at) = labels.iter().position(bad) {
        return Err(Error::value(format!(
            "expected labels from 0 to {}, received {} at position {at}; {}",
            classes - 1,
            labels[at],
            match labels[at] {
                l if l >= classes as f64 => "num_classes is one more than the largest label",
                _ => "labels are whole numbers from 0",
            }
        )));
    }
    ops::one_hot(&y.cast(DType::I64), classes, -1, DType::F32)
}

/// x divided by its norms along an axis, so that they become 1: `x / (Σ|x|^order)^(1/order)`.
///
/// The result has x's shape, and its type if that is a float, else `float32`. Keras's defaults are axis -1 and
/// order 2; order 1 divides by the sum of magnitudes, infinity by the largest. Where the norm is 0, x stays.
///
/// An error where the axis is not there, or the order is not positive.
///
/// ```
/// use rhyton_data::utils::normalize;
/// use rhyton_tensor::Tensor;
/// let x = Tensor::from([[3.0f32, 4.0], [0.0, 0.0]]);
/// assert_eq!(normalize(&x, -1, 2.0)?.to_vec::<f32>()?, [0.6, 0.8, 0.0, 0.0]);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
pub fn normalize(x: &Tensor, axis: isize, order: f64) -> Result<Tensor> {
    norms_become_one(x, axis, order).map_err(|e| e.at("normalize"))
}

fn norms_become_one(x: &Tensor, axis: isize, order: f64) -> Result<Tensor> {
    if order.is_nan() || order <= 0.0 {
        return Err(Error::value(format!(
            "expected a positive order, received {order}; use 1, 2 or f64::INFINITY"
        )));
    }
    if x.rank() == 0 {
        return Err(Error::shape(format!(
            "expected at least one axis, received shape {}",
            Shape::from(x.shape())
        )));
    }
    let x = ops::cast(x, x.dtype().to_float())?;
    // Scaled by the largest magnitude, so that no power overflows or vanishes.
    let size = ops::abs(&x)?;
    let largest = ops::expand_dims(&ops::max(&size, axis)?, axis)?;
    let one = ops::ones_like(&largest)?;
    let largest = ops::r#where(&ops::equal(&largest, &ops::zeros_like(&largest)?)?, &one, &largest)?;
    if order == f64::INFINITY {
        return ops::divide(&x, &largest);
    }
    let x = ops::divide(&x, &largest)?;
    let size = ops::abs(&x)?;
    let power = |x: &Tensor, p: f64| match p {
        1.0 => Ok(x.clone()),
        2.0 => ops::square(x),
        0.5 => ops::sqrt(x),
        p => ops::power(x, &ops::full([], p, x.dtype())?),
    };
    let norm = power(&ops::sum(&power(&size, order)?, axis)?, order.recip())?;
    let norm = ops::expand_dims(&norm, axis)?;
    let zero = ops::equal(&norm, &ops::zeros_like(&norm)?)?;
    ops::divide(&x, &ops::r#where(&zero, &one, &norm)?)
}
