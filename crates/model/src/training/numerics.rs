//! Why a loss is not a number: the data, a weight, a layer, or the loss itself.

use super::samples::Samples;
use crate::model::Model;
use rhyton_base::{Error, Result};
use rhyton_nn::layers::CallCx;
use rhyton_nn::losses::compute;
use rhyton_nn::numerics::{NotFinite, first_not_finite, not_finite};
use rhyton_tensor::{Tensor, no_gradient, ops};
use std::ops::Range;

/// What to do about weights that have grown without bounds.
const SMALLER: &str =
    "try a smaller learning rate, clipnorm in the optimizer, or data scaled to small numbers";

/// Samples of a run that went wrong, and the model.
pub(super) struct Suspects<'a> {
    pub model: &'a Model,
    pub samples: &'a Samples,
    /// The samples used.
    pub range: Range<usize>,
    pub batch_size: usize,
    /// Whether these are all samples of the run, and not one batch of many.
    pub whole: bool,
}

/// `NaN in row 7, column 2; 3 of 400 numbers are not finite`.
fn told(found: &NotFinite, x: &Tensor) -> String {
    let place = match found.place.as_slice() {
        [] => String::new(),
        [row] => format!(" in row {row}"),
        [row, column] => format!(" in row {row}, column {column}"),
        [row, rest @ ..] => format!(" in row {row} at {rest:?}"),
    };
    let NotFinite { value, count, .. } = found;
    let verb = if *count == 1 { "is" } else { "are" };
    format!("{value}{place}; {count} of {} numbers {verb} not finite", x.len())
}

impl Suspects<'_> {
    /// The first of data, weights, layers and losses that holds NaN or infinity, and what to do.
    pub fn why(&self) -> Result<String> {
        if let Some(wrong) = self.data()? {
            return Ok(wrong);
        }
        if let Some(wrong) = self.weights()? {
            return Ok(wrong);
        }
        for start in self.range.clone().step_by(self.batch_size) {
            let end = (start + self.batch_size).min(self.range.end);
            let arrays = self.samples.arrays().iter().map(|x| ops::narrow(x, 0, start, end));
            if let Some(wrong) = self.batch(&arrays.collect::<Result<Vec<_>>>()?, false)? {
                return Ok(wrong);
            }
        }
        Ok(format!(
            "data, weights and outputs are finite; a regularizer or a loss added by a layer is not, or the sum is too \
             large; {SMALLER}"
        ))
    }

    /// An array that is not finite.
    pub fn data(&self) -> Result<Option<String>> {
        for (i, x) in self.samples.arrays().iter().enumerate() {
            if let Some(found) = not_finite(x)? {
                let name = self.samples.name(i, &self.model.input_names());
                return Ok(Some(format!(
                    "{name}{} has {}; leave such rows out, or replace the numbers (ops::nan_to_num)",
                    if self.whole { "" } else { " of the last batch" },
                    told(&found, x)
                )));
            }
        }
        Ok(None)
    }

    /// A weight that is not finite.
    pub fn weights(&self) -> Result<Option<String>> {
        let mut wrong = Vec::new();
        for layer in self.model.as_layer().flattened() {
            for w in layer.own_weights() {
                let value = w.concrete_value();
                if let Some(found) = not_finite(&value)? {
                    wrong.push((layer.who(), w.name(), found.value));
                    break;
                }
            }
        }
        let Some((who, weight, value)) = wrong.first() else { return Ok(None) };
        let data = if self.whole { "the data" } else { "the last batch" };
        let others = match wrong.len() - 1 {
            0 => String::new(),
            1 => " (and one of another layer)".to_string(),
            n => format!(" (and some of {n} other layers)"),
        };
        Ok(Some(format!("weight {weight:?} of {who}{others} holds {value}, {data} is finite; {SMALLER}")))
    }

    /// What is not finite when the model is called on a batch: the result of a layer, or a loss.
    pub fn batch(&self, arrays: &[Tensor], training: bool) -> Result<Option<String>> {
        let batch = self.samples.parts.batch(arrays);
        let cx = if training { CallCx::TRAINING } else { CallCx::INFERENCE };
        let call = || no_gradient(|| self.model.as_layer().call_all_in(batch.inputs(), &cx));
        let (y_pred, culprit) = first_not_finite(call);
        if let Some(culprit) = culprit {
            return Ok(Some(format!(
                "{} is the first to give {}, from finite inputs and weights; bound what it computes, scale its inputs, or \
                 train with a smaller learning rate",
                culprit.who, culprit.found.value
            )));
        }
        let outputs = y_pred?;
        for ((target, y), y_pred) in self.samples.measures.targets.iter().zip(&batch.y).zip(&outputs) {
            let (Some(loss), Some(y)) = (&target.loss, y) else { continue };
            let value = no_gradient(|| compute(&**loss, y, y_pred, None))?;
            if let Some(found) = not_finite(&value)? {
                return Ok(Some(format!(
                    "loss {:?} is {} though targets and outputs are finite; see whether both are in the range that \
                     it takes",
                    loss.name(),
                    found.value
                )));
            }
        }
        Ok(None)
    }

    /// An error where data is not finite.
    pub fn check_data(&self) -> Result<()> {
        self.data()?.map_or(Ok(()), |wrong| Err(Error::value(wrong)))
    }

    /// The same for a batch of a dataset; arrays have been checked as a whole.
    pub fn check_batch(&self) -> Result<()> {
        if self.whole { Ok(()) } else { self.check_data() }
    }

    /// An error where a training step left a loss or weights that are not finite; the weights are then those from
    /// before the step.
    pub fn check_step(&self, loss: Option<f64>, arrays: &[Tensor], before: &[Tensor]) -> Result<()> {
        let broken = self.weights()?;
        if broken.is_none() && loss.is_none_or(f64::is_finite) {
            return Ok(());
        }
        self.model.set_weights(before)?;
        let wrong = match self.batch(arrays, true)? {
            Some(wrong) => wrong,
            None => format!(
                "the outputs and the loss are finite, the update is not: {}",
                broken.unwrap_or_else(|| "a regularizer or a loss added by a layer is not".into())
            ),
        };
        self.model.set_weights(before)?;
        Err(Error::value(wrong))
    }
}
