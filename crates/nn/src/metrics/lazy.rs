//! State whose size is known with the first batch.

use super::confusion::Naming;
use super::mean::reset;
use rhyton_base::{Error, Result, Shape};
use rhyton_tensor::{Tensor, Variable};
use std::sync::{Arc, OnceLock};

/// The state of a metric that has a number per output, once it is known how many outputs there are.
#[derive(Clone, Debug, Default)]
pub(super) struct Lazy(Arc<OnceLock<Vec<Variable>>>);

impl Lazy {
    /// The state, made on first use.
    pub fn get_or_make(&self, naming: &Naming, names: &[&str], shape: &[usize]) -> Result<&[Variable]> {
        if self.0.get().is_none() {
            let made = names.iter().map(|name| naming.state(name, shape)).collect::<Result<_>>()?;
            let _ = self.0.set(made);
        }
        Ok(self.get())
    }

    /// The state so far: nothing before the first batch.
    pub fn get(&self) -> &[Variable] {
        self.0.get().map_or(&[], Vec::as_slice)
    }

    pub fn reset(&self) -> Result<()> {
        self.get().iter().try_for_each(reset)
    }
}

/// The number of outputs of predictions of shape (batch, outputs), which targets share.
pub(super) fn outputs(y_true: &Tensor, y_pred: &Tensor) -> Result<usize> {
    outputs_of(&y_true.meta().shape, &y_pred.meta().shape)
}

/// [`outputs`] for shapes.
pub(super) fn outputs_of(y_true: &Shape, y_pred: &Shape) -> Result<usize> {
    if let ([_, outputs], true) = (y_pred.dims(), y_true.dims().get(1) == y_pred.dims().get(1))
        && y_true.rank() == 2
        && let Some(outputs) = outputs.known()
    {
        return Ok(outputs);
    }
    Err(Error::shape(format!(
        "y_true has shape {y_true}, y_pred has shape {y_pred}; expected (batch, outputs) for both"
    )))
}
