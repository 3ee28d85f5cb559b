//! `ReduceLROnPlateau`.

use super::learning_rate_scheduler::log_rates;
use super::monitor::{Monitor, monitor_methods};
use super::numbers::shortest;
use super::progress::print;
use super::{Callback, CallbackCx, recall, remember};
use crate::training::Logs;
use rhyton_base::{Context, Error, Result};
use rhyton_nn::optimizers::Optimizer;
use rhyton_tensor::Tensor;

/// Makes the learning rate smaller when a quantity has not improved for some epochs: `rate · factor`, at least
/// `min_lr`.
///
/// | option | default |
/// |---|---|
/// | `monitor` | `"val_loss"` |
/// | `factor` | 0.1 |
/// | `patience` | 10 epochs |
/// | `mode` | `"auto"`: what the metric says of itself |
/// | `min_delta` | 1e-4: smaller improvements do not count |
/// | `cooldown` | 0 epochs after a reduction in which nothing is counted |
/// | `min_lr` | 0 |
/// | `verbose` | 0 |
///
/// Logs get the learning rate as `learning_rate`; with a `MultiOptimizer` as `learning_rate_` and the name of each
/// optimizer.
///
/// # Errors
/// `fit` fails where the factor is not below 1, the mode is unknown or cannot be told from the quantity's name, or the
/// learning rate follows a schedule.
///
/// Source: `keras/src/callbacks/reduce_lr_on_plateau.py`.
///
/// ```
/// use rhyton_model::{Fit, ReduceLROnPlateau, Sequential};
/// # use rhyton_nn::layers::Dense;
/// # let x = rhyton_tensor::ops::ones([8, 2], rhyton_tensor::DType::F32)?;
/// # let mut model = Sequential::from([Dense::new(2)]);
/// model.compile("sgd", "mse", ())?;
/// let reduce = ReduceLROnPlateau::new().monitor("loss").min_delta(10.0).factor(0.5).patience(1);
/// let history = model.fit(&x, &x, Fit::epochs(3).verbose(0).callback(reduce))?;
/// // Logs show the rate that the epoch was trained with.
/// let rates: Vec<f32> = history["learning_rate"].iter().map(|&rate| rate as f32).collect();
/// assert_eq!(rates, [0.01, 0.01, 0.005]);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct ReduceLROnPlateau {
    monitor: Monitor,
    factor: f64,
    patience: usize,
    verbose: bool,
    cooldown: usize,
    min_lr: f64,
    cooldown_left: usize,
    wait: usize,
}

impl Default for ReduceLROnPlateau {
    fn default() -> ReduceLROnPlateau {
        ReduceLROnPlateau::new()
    }
}

impl ReduceLROnPlateau {
    /// A tenth of the rate after ten epochs in which the validation loss did not improve.
    pub fn new() -> ReduceLROnPlateau {
        ReduceLROnPlateau {
            monitor: Monitor::new(1e-4),
            factor: 0.1,
            patience: 10,
            verbose: false,
            cooldown: 0,
            min_lr: 0.0,
            cooldown_left: 0,
            wait: 0,
        }
    }

    monitor_methods!(ReduceLROnPlateau);

    /// What the rate is multiplied by; less than 1.
    #[must_use]
    pub fn factor(self, factor: f64) -> ReduceLROnPlateau {
        ReduceLROnPlateau { factor, ..self }
    }

    /// How many epochs without improvement make the rate smaller.
    #[must_use]
    pub fn patience(self, epochs: usize) -> ReduceLROnPlateau {
        ReduceLROnPlateau { patience: epochs, ..self }
    }

    /// By how much more than this the quantity must get better.
    #[must_use]
    pub fn min_delta(mut self, min_delta: f64) -> ReduceLROnPlateau {
        self.monitor.min_delta = min_delta;
        self
    }

    /// How many epochs after a reduction are not counted.
    #[must_use]
    pub fn cooldown(self, epochs: usize) -> ReduceLROnPlateau {
        ReduceLROnPlateau { cooldown: epochs, ..self }
    }

    /// The smallest rate.
    #[must_use]
    pub fn min_lr(self, rate: f64) -> ReduceLROnPlateau {
        ReduceLROnPlateau { min_lr: rate, ..self }
    }

    /// Whether the rate could become smaller.
    fn reduce(&self, optimizer: &dyn Optimizer, epoch: usize, name: &str) -> Result<bool> {
        let old = optimizer.learning_rate()?;
        if old <= f64::from(self.min_lr as f32) {
            return Ok(false);
        }
        let new = (old * self.factor).max(self.min_lr);
        optimizer.set_learning_rate(new)?;
        if self.verbose {
            print(&format!(
                "\nEpoch {}: ReduceLROnPlateau reducing{name} learning rate to {}.\n",
                epoch + 1,
                shortest(new)
            ));
        }
        Ok(true)
    }

    fn epoch_end(&mut self, cx: &CallbackCx, epoch: usize, logs: &mut Logs) -> Result<()> {
        log_rates(cx, logs)?;
        let Some(current) = self.monitor.value(logs, "the learning rate is reduced by") else {
            return Ok(());
        };
        if self.cooldown_left > 0 {
            self.cooldown_left -= 1;
            self.wait = 0;
        }
        if self.monitor.is_improvement(cx, current, self.monitor.best)? {
            self.monitor.best = Some(current);
            self.wait = 0;
        } else if self.cooldown_left == 0 {
            self.wait += 1;
            if self.wait >= self.patience {
                let optimizer = cx.model().optimizer()?;
                let parts = optimizer.parts();
                let mut reduced = false;
                if parts.is_empty() {
                    reduced = self.reduce(&**optimizer, epoch, "")?;
                }
                for part in parts {
                    reduced |= self.reduce(&*part, epoch, &format!(" {}", part.name()))?;
                }
                if reduced {
                    self.cooldown_left = self.cooldown;
                    self.wait = 0;
                }
            }
        }
        Ok(())
    }
}

impl Callback for ReduceLROnPlateau {
    fn on_train_begin(&mut self, _cx: &CallbackCx) -> Result<()> {
        let who = || "ReduceLROnPlateau";
        if !self.factor.is_finite() || self.factor >= 1.0 {
            return Err(Error::value(format!("expected a factor below 1, got {}", self.factor)).at(who()));
        }
        if !self.min_lr.is_finite() {
            let message = format!("expected min_lr to be a finite number, got {}", self.min_lr);
            return Err(Error::value(message).at(who()));
        }
        self.monitor.check().at(who)?;
        self.monitor.best = None;
        (self.cooldown_left, self.wait) = (0, 0);
        Ok(())
    }

    fn on_epoch_end(&mut self, cx: &CallbackCx, epoch: usize, logs: &mut Logs) -> Result<()> {
        self.epoch_end(cx, epoch, logs).at(|| "ReduceLROnPlateau")
    }
    fn state(&self) -> Vec<Tensor> {
        let numbers = [Some(self.wait as f64), Some(self.cooldown_left as f64), self.monitor.best];
        vec![remember(numbers)]
    }

    fn set_state(&mut self, state: &[Tensor]) -> Result<()> {
        let [wait, cooldown, best] = recall(state).at(|| "ReduceLROnPlateau")?;
        (self.wait, self.cooldown_left) = (wait.unwrap_or(0.0) as usize, cooldown.unwrap_or(0.0) as usize);
        self.monitor.best = best;
        Ok(())
    }
}
