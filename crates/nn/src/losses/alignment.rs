//! The loss of sequences that are not aligned with their labels.

use super::common::prelude::*;
use rhyton_base::Shape;

/// Connectionist temporal classification of labels `(batch, labels)`, padded with 0 at the end, by logits `(batch, time,
/// classes)`; see [`ops::ctc_loss`]. Class 0 stands for "no label".
///
/// # Errors
/// Where ranks or batch sizes differ, or there is no time step.
///
/// ```
/// use rhyton_nn::losses::ctc;
/// use rhyton_tensor::{DType, Tensor, ops};
/// let loss = ctc(&Tensor::from([[1, 0]]), &ops::zeros([1, 2, 2], DType::F64).unwrap()).unwrap();
/// assert!((loss.item::<f64>().unwrap() + 0.75f64.ln()).abs() < 1e-12);
/// ```
pub fn ctc(y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
    let (&[batch, _], &[_, steps, _]) = (y_true.shape(), y_pred.shape()) else {
        let (t, p) = (Shape::from(y_true.shape()), Shape::from(y_pred.shape()));
        return Err(Error::shape(format!(
            "expected targets (batch, labels) and logits (batch, time, classes), got shapes {t} and {p}"
        )));
    };
    let labels = ops::cast(y_true, DType::I32)?;
    let given = ops::cast(&ops::not_equal(&labels, &like(&labels, 0.0)?)?, DType::I32)?;
    let lengths = ops::cast(&ops::sum(&given, -1)?, DType::I32)?;
    ops::ctc_loss(&labels, y_pred, &lengths, &ops::full([batch], steps as i32, DType::I32)?, 0)
}

losses! {
    /// The loss of sequences that are not aligned with their labels; see [`ctc`].
    ///
    /// # Errors
    /// Where ranks or batch sizes differ, or there is no time step.
    ///
    /// Source: Graves et al. 2006, "Connectionist temporal classification"; Keras's losses/losses.py.
    CTC "CTC" "ctc" {} any, |_, t, p| ctc(t, p);
}
