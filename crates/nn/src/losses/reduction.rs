//! From one value per sample to one number.

use super::Loss;
use crate::numbers::{like, loss_dtype, same_rank};
use rhyton_base::{Context, Error, Result, Shape, broadcast_shapes, did_you_mean};
use rhyton_tensor::{Tensor, ops};

/// How the values of a loss become one number.
///
/// Let `l` be the values after they have been multiplied by their weights, over samples and positions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reduction {
    /// `Σ l / n`, where `n` is how many values there are, whatever their weights.
    #[default]
    SumOverBatchSize,
    /// `Σ l`.
    Sum,
    /// `Σ l / Σ weights`.
    MeanWithSampleWeight,
    /// `l`.
    None,
}

impl Reduction {
    const NAMES: [&str; 5] = ["sum_over_batch_size", "sum", "mean_with_sample_weight", "none", "mean"];

    /// Keras's name: `"sum_over_batch_size"`.
    pub fn name(self) -> &'static str {
        Self::NAMES[self as usize]
    }
}

impl std::str::FromStr for Reduction {
    type Err = Error;

    /// Keras's names; `"mean"` is `"sum_over_batch_size"`.
    fn from_str(name: &str) -> Result<Reduction> {
        match name {
            "sum_over_batch_size" | "mean" => Ok(Reduction::SumOverBatchSize),
            "sum" => Ok(Reduction::Sum),
            "mean_with_sample_weight" => Ok(Reduction::MeanWithSampleWeight),
            "none" => Ok(Reduction::None),
            _ => Err(Error::name(format!("unknown reduction {name:?}{}", did_you_mean(name, &Self::NAMES)))),
        }
    }
}

/// The loss of predictions: values per sample, weighted and reduced.
///
/// Targets and predictions are cast to the loss's own type if it has one, else to the type of the predictions, and at
/// least to the default float type. The mask that came with the predictions says which of them count: see
/// [`compute_masked`]. The weights have the shape of the values (one per sample, or per sample and position), or one
/// that broadcasting stretches to it; a last axis of size 1 is added or taken away where the ranks differ by one.
///
/// # Errors
/// Where shapes do not fit.
///
/// Source: Keras's losses/loss.py.
///
/// ```
/// use rhyton_nn::losses::{MeanSquaredError, Reduction, compute};
/// use rhyton_tensor::Tensor;
/// let (y_true, y_pred) = (Tensor::from([[0.0f32], [0.0]]), Tensor::from([[1.0f32], [2.0]]));
/// let mse = MeanSquaredError::new();
/// assert_eq!(compute(&mse, &y_true, &y_pred, None).unwrap().item::<f32>().unwrap(), 2.5);
/// let weights = Tensor::from([3.0f32, 0.0]);
/// assert_eq!(compute(&mse, &y_true, &y_pred, Some(&weights)).unwrap().item::<f32>().unwrap(), 1.5);
/// let by_weight = mse.reduction(Reduction::MeanWithSampleWeight);
/// assert_eq!(compute(&by_weight, &y_true, &y_pred, Some(&weights)).unwrap().item::<f32>().unwrap(), 1.0);
/// ```
pub fn compute(
    loss: &dyn Loss,
    y_true: &Tensor,
    y_pred: &Tensor,
    sample_weight: Option<&Tensor>,
) -> Result<Tensor> {
    compute_masked(loss, y_true, y_pred, sample_weight, y_pred.mask())
}

/// [`compute`], with another mask than that of the predictions, that is other than zero where predictions count.
///
/// With [`Reduction::SumOverBatchSize`] the sum is divided by the number of values that count; with the others the
/// mask is a weight of 0 or 1.
///
/// # Errors
/// Where shapes do not fit.
pub fn compute_masked(
    loss: &dyn Loss,
    y_true: &Tensor,
    y_pred: &Tensor,
    sample_weight: Option<&Tensor>,
    mask: Option<&Tensor>,
) -> Result<Tensor> {
    reduced(loss, y_true, y_pred, sample_weight, mask).at(|| format!("loss {:?}", loss.name()))
}

fn reduced(
    loss: &dyn Loss,
    y_true: &Tensor,
    y_pred: &Tensor,
    sample_weight: Option<&Tensor>,
    mask: Option<&Tensor>,
) -> Result<Tensor> {
    let dtype = loss.dtype().unwrap_or_else(|| loss_dtype(y_pred));
    let (y_true, y_pred) = (ops::cast(y_true, dtype)?, ops::cast(y_pred, dtype)?);
    let values = loss.call(&y_true, &y_pred)?;
    let mask = match (mask.cloned(), loss.mask(&y_true, &y_pred)?) {
        (Some(a), Some(b)) => Some(ops::logical_and(&a, &b)?),
        (a, b) => a.or(b),
    };
    let sample_weight = sample_weight.map(|w| ops::cast(w, values.dtype())).transpose()?;
    let weight = with_mask(sample_weight, mask.as_ref(), &values, loss.reduction())?;
    let (values, weight) = match weight {
        None => (values, None),
        Some(weight) => {
            let (values, weight) = same_rank(&values, &weight)?;
            check_weight(&values, &weight)?;
            (ops::multiply(&values, &weight)?, Some(weight))
        }
    };
    if values.rank() == 0 {
        return Ok(values); // There is nothing to reduce, whatever its weight.
    }
    let count = like(&values, values.len().max(1) as f64)?;
    match loss.reduction() {
        Reduction::None => Ok(values),
        Reduction::Sum => ops::sum(&values, ..),
        Reduction::SumOverBatchSize => ops::divide(&ops::sum(&values, ..)?, &count),
        Reduction::MeanWithSampleWeight => match weight {
            Some(weight) => ops::divide_no_nan(&ops::sum(&values, ..)?, &ops::sum(&weight, ..)?),
            None => ops::divide(&ops::sum(&values, ..)?, &count),
        },
    }
}

/// The mask as a weight, times the weight. What counts weighs total / valid where the reduction is going to divide
/// by the total.
fn with_mask(
    weight: Option<Tensor>,
    mask: Option<&Tensor>,
    values: &Tensor,
    reduction: Reduction,
) -> Result<Option<Tensor>> {
    let Some(mask) = mask else { return Ok(weight) };
    let counts = ops::cast(&ops::cast(mask, rhyton_base::DType::Bool)?, values.dtype())?;
    let masked = if reduction == Reduction::SumOverBatchSize {
        let total = like(values, mask.len() as f64)?;
        ops::multiply(&counts, &ops::divide_no_nan(&total, &ops::sum(&counts, ..)?)?)?
    } else {
        counts
    };
    let Some(weight) = weight else { return Ok(Some(masked)) };
    let (masked, weight) = same_rank(&masked, &weight)?;
    Ok(Some(ops::multiply(&weight, &masked)?))
}

/// Weights may be stretched to the values, not the values to the weights.
fn check_weight(values: &Tensor, weight: &Tensor) -> Result<()> {
    let fits = |shape: Vec<usize>| shape == values.shape() || values.rank() == 0;
    if broadcast_shapes(&[values.shape(), weight.shape()]).is_ok_and(fits) {
        return Ok(());
    }
    let (w, v) = (Shape::from(weight.shape()), Shape::from(values.shape()));
    Err(Error::shape(format!(
        "sample_weight has shape {w}, the values per sample have shape {v}; give one weight per value"
    )))
}
