//! `SwapEMAWeights`.

use super::{Callback, CallbackCx, recall, remember};
use crate::training::Logs;
use rhyton_base::{Context, Error, Result};
use rhyton_tensor::{Tensor, Variable};
use std::sync::atomic::Ordering;

/// Puts the averages that the optimizer keeps of the weights into the model for the time of each evaluation, and takes
/// them out again.
///
/// The optimizer must keep averages (`use_ema`). With [`SwapEMAWeights::swap_on_epoch`] averages also stand in the model
/// between two epochs, for callbacks that come after this one, such as a `ModelCheckpoint`. (Callbacks that end
/// training must come before it then.)
///
/// # Errors
/// The run fails where the optimizer keeps no averages.
///
/// Source: `keras/src/callbacks/swap_ema_weights.py`; Polyak and Juditsky 1992, "Acceleration of stochastic
/// approximation by averaging".
///
/// ```
/// use rhyton_model::{Fit, Sequential, SwapEMAWeights};
/// use rhyton_nn::optimizers::SGD;
/// # use rhyton_nn::layers::Dense;
/// # let x = rhyton_tensor::ops::ones([8, 2], rhyton_tensor::DType::F32)?;
/// # let mut model = Sequential::from([Dense::new(2)]);
/// model.compile(SGD::new(0.1).use_ema(true), "mse", ())?;
/// let fit = Fit::epochs(3).validation_split(0.5).verbose(0);
/// model.fit(&x, &x, fit.callback(SwapEMAWeights::new()))?;
/// # Ok::<(), rhyton_base::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct SwapEMAWeights {
    swap_on_epoch: bool,
    /// Whether the averages stand in the model.
    swapped: bool,
}

impl SwapEMAWeights {
    /// Averages during evaluation and prediction.
    pub fn new() -> SwapEMAWeights {
        SwapEMAWeights::default()
    }

    /// Whether averages stand in the model from the end of each epoch to the beginning of the next, too.
    #[must_use]
    pub fn swap_on_epoch(self, swap_on_epoch: bool) -> SwapEMAWeights {
        SwapEMAWeights { swap_on_epoch, ..self }
    }

    fn averages(cx: &CallbackCx) -> Result<Vec<(Variable, Variable)>> {
        let averages = cx.model().optimizer()?.averages();
        match averages.is_empty() {
            true => {
                Err(Error::state("the optimizer keeps no averages; set use_ema(true) on it")
                    .at("SwapEMAWeights"))
            }
            false => Ok(averages),
        }
    }

    /// Makes the averages stand in the model, or the weights themselves.
    fn put(&mut self, cx: &CallbackCx, averages: bool) -> Result<()> {
        if self.swapped != averages {
            for (weight, average) in Self::averages(cx)? {
                let value = weight.concrete_value();
                weight.assign(&average.concrete_value())?;
                average.assign(&value)?;
            }
            self.swapped = averages;
        }
        Ok(())
    }
}

impl Callback for SwapEMAWeights {
    fn on_train_begin(&mut self, cx: &CallbackCx) -> Result<()> {
        self.swapped = false;
        Self::averages(cx).map(|_| ())
    }

    fn on_epoch_begin(&mut self, cx: &CallbackCx, _epoch: usize) -> Result<()> {
        if self.swap_on_epoch { self.put(cx, false) } else { Ok(()) }
    }

    fn on_epoch_end(&mut self, cx: &CallbackCx, epoch: usize, _logs: &mut Logs) -> Result<()> {
        if !self.swap_on_epoch {
            return Ok(());
        }
        self.put(cx, true)?;
        // At the end of training the optimizer gives the weights their averages: they must be averages again.
        if epoch + 1 == cx.params().epochs || cx.model().stop.load(Ordering::Relaxed) {
            for (weight, average) in Self::averages(cx)? {
                average.assign(&weight.concrete_value())?;
            }
        }
        Ok(())
    }

    fn on_test_begin(&mut self, cx: &CallbackCx) -> Result<()> {
        self.put(cx, true)
    }

    fn on_test_end(&mut self, cx: &CallbackCx, _logs: &Logs) -> Result<()> {
        self.put(cx, false)
    }

    fn on_predict_begin(&mut self, cx: &CallbackCx) -> Result<()> {
        self.put(cx, true)
    }

    fn on_predict_end(&mut self, cx: &CallbackCx) -> Result<()> {
        self.put(cx, false)
    }
    fn state(&self) -> Vec<Tensor> {
        vec![remember([Some(f64::from(self.swapped))])]
    }

    fn set_state(&mut self, state: &[Tensor]) -> Result<()> {
        let [swapped] = recall(state).at(|| "SwapEMAWeights")?;
        self.swapped = swapped == Some(1.0);
        Ok(())
    }
}
