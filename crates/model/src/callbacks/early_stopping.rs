//! `EarlyStopping`.

use super::monitor::{Monitor, monitor_methods};
use super::progress::print;
use super::{Callback, CallbackCx, recall, remember};
use crate::training::Logs;
use rhyton_base::{Context, Error, Result};
use rhyton_tensor::Tensor;

/// Ends training when a quantity has not improved for some epochs.
///
/// An epoch is an improvement if the quantity is better than the best so far by more than `min_delta`. Training ends
/// at the first epoch that is at least `patience` epochs after the last improvement (the very first epoch never ends
/// it).
///
/// | option | default |
/// |---|---|
/// | `monitor` | `"val_loss"` |
/// | `min_delta` | 0 |
/// | `patience` | 0 epochs |
/// | `mode` | `"auto"`: what the metric says of itself |
/// | `baseline` | none; where given, only values better than it count as progress |
/// | `restore_best_weights` | false: weights stay as the last step left them |
/// | `start_from_epoch` | 0, counted from 0 |
/// | `verbose` | 0 |
///
/// # Errors
/// `fit` fails where the mode is unknown, or cannot be told from the quantity's name.
///
/// Source: `keras/src/callbacks/early_stopping.py`.
///
/// ```
/// use rhyton_model::{EarlyStopping, Fit, Sequential};
/// # use rhyton_nn::layers::Dense;
/// # let x = rhyton_tensor::ops::ones([8, 2], rhyton_tensor::DType::F32)?;
/// # let mut model = Sequential::from([Dense::new(2)]);
/// model.compile("sgd", "mse", ())?;
/// // No epoch improves by as much as 10.
/// let stop = EarlyStopping::new().monitor("loss").min_delta(10.0).patience(2).restore_best_weights(true);
/// let history = model.fit(&x, &x, Fit::epochs(50).verbose(0).callback(stop))?;
/// assert_eq!(history.epochs(), [0, 1, 2]);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct EarlyStopping {
    monitor: Monitor,
    patience: usize,
    verbose: bool,
    baseline: Option<f64>,
    restore_best_weights: bool,
    start_from_epoch: usize,
    wait: usize,
    stopped_epoch: usize,
    best_epoch: usize,
    best_weights: Option<Vec<Tensor>>,
}

impl Default for EarlyStopping {
    fn default() -> EarlyStopping {
        EarlyStopping::new()
    }
}

impl EarlyStopping {
    /// Watches the validation loss, without patience.
    pub fn new() -> EarlyStopping {
        EarlyStopping {
            monitor: Monitor::new(0.0),
            patience: 0,
            verbose: false,
            baseline: None,
            restore_best_weights: false,
            start_from_epoch: 0,
            wait: 0,
            stopped_epoch: 0,
            best_epoch: 0,
            best_weights: None,
        }
    }

    monitor_methods!(EarlyStopping);

    /// By how much more than this the quantity must get better.
    #[must_use]
    pub fn min_delta(mut self, min_delta: f64) -> EarlyStopping {
        self.monitor.min_delta = min_delta;
        self
    }

    /// How many epochs without improvement end training.
    #[must_use]
    pub fn patience(self, epochs: usize) -> EarlyStopping {
        EarlyStopping { patience: epochs, ..self }
    }

    /// What the quantity must be better than for epochs to count as progress.
    #[must_use]
    pub fn baseline(self, baseline: f64) -> EarlyStopping {
        EarlyStopping { baseline: Some(baseline), ..self }
    }

    /// Whether the model gets the weights of its best epoch back when training ends.
    #[must_use]
    pub fn restore_best_weights(self, restore: bool) -> EarlyStopping {
        EarlyStopping { restore_best_weights: restore, ..self }
    }

    /// The first epoch, counted from 0, that is looked at.
    #[must_use]
    pub fn start_from_epoch(self, epoch: usize) -> EarlyStopping {
        EarlyStopping { start_from_epoch: epoch, ..self }
    }

    fn epoch_end(&mut self, cx: &CallbackCx, epoch: usize, logs: &Logs) -> Result<()> {
        let Some(current) = self.monitor.value(logs, "early stopping watches") else { return Ok(()) };
        if epoch < self.start_from_epoch {
            return Ok(());
        }
        if self.restore_best_weights && self.best_weights.is_none() {
            self.best_weights = Some(cx.model().get_weights()?);
            self.best_epoch = epoch;
        }
        self.wait += 1;
        if self.monitor.is_improvement(cx, current, self.monitor.best)? {
            self.monitor.best = Some(current);
            self.best_epoch = epoch;
            if self.restore_best_weights {
                self.best_weights = Some(cx.model().get_weights()?);
            }
            if self.baseline.is_none() || self.monitor.is_improvement(cx, current, self.baseline)? {
                self.wait = 0;
            }
        } else if self.wait >= self.patience && epoch > 0 {
            self.stopped_epoch = epoch;
            cx.stop_training();
        }
        Ok(())
    }
}

impl Callback for EarlyStopping {
    fn on_train_begin(&mut self, _cx: &CallbackCx) -> Result<()> {
        self.monitor.check().at(|| "EarlyStopping")?;
        if self.baseline.is_some_and(f64::is_nan) {
            let message =
                "expected baseline to be a number, got NaN, which nothing is better than; leave it out";
            return Err(Error::value(message).at("EarlyStopping"));
        }
        self.monitor.best = None;
        (self.wait, self.stopped_epoch, self.best_epoch, self.best_weights) = (0, 0, 0, None);
        Ok(())
    }

    fn on_epoch_end(&mut self, cx: &CallbackCx, epoch: usize, logs: &mut Logs) -> Result<()> {
        self.epoch_end(cx, epoch, logs).at(|| "EarlyStopping")
    }

    fn on_train_end(&mut self, cx: &CallbackCx, _logs: &Logs) -> Result<()> {
        if self.stopped_epoch > 0 && self.verbose {
            print(&format!("Epoch {}: early stopping\n", self.stopped_epoch + 1));
        }
        let Some(weights) = self.best_weights.take() else { return Ok(()) };
        if self.verbose {
            print(&format!(
                "Restoring model weights from the end of the best epoch: {}.\n",
                self.best_epoch + 1
            ));
        }
        cx.model().set_weights(&weights).at(|| "EarlyStopping")
    }

    fn state(&self) -> Vec<Tensor> {
        let numbers = [Some(self.wait as f64), Some(self.best_epoch as f64), self.monitor.best];
        [&[remember(numbers)], self.best_weights.as_deref().unwrap_or_default()].concat()
    }

    fn set_state(&mut self, state: &[Tensor]) -> Result<()> {
        let [wait, best_epoch, best] = recall(state).at(|| "EarlyStopping")?;
        (self.wait, self.best_epoch) = (wait.unwrap_or(0.0) as usize, best_epoch.unwrap_or(0.0) as usize);
        self.monitor.best = best;
        self.best_weights = (state.len() > 1).then(|| state[1..].to_vec());
        Ok(())
    }
}
