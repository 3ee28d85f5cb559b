//! `LearningRateScheduler`.

use super::numbers::shortest;
use super::progress::print;
use super::{Callback, CallbackCx};
use crate::training::Logs;
use rhyton_base::{Context, Result};
use rhyton_nn::optimizers::Optimizer;

/// Sets the learning rate at the beginning of each epoch, from the number of the epoch (from 0) and the rate so far.
///
/// Logs get the rate as `learning_rate`; with a `MultiOptimizer` as `learning_rate_` and the name of each optimizer.
///
/// # Errors
/// `fit` fails where the rate is not finite, or follows a schedule of the optimizer.
///
/// Source: `keras/src/callbacks/learning_rate_scheduler.py`.
///
/// ```
/// use rhyton_model::{Fit, LearningRateScheduler, Sequential};
/// # use rhyton_nn::layers::Dense;
/// # let x = rhyton_tensor::ops::ones([8, 2], rhyton_tensor::DType::F32)?;
/// # let mut model = Sequential::from([Dense::new(2)]);
/// model.compile("sgd", "mse", ())?;
/// let later_smaller = LearningRateScheduler::new(|epoch, rate| if epoch < 2 { rate } else { rate * 0.5 });
/// let history = model.fit(&x, &x, Fit::epochs(4).verbose(0).callback(later_smaller))?;
/// let rates: Vec<f32> = history["learning_rate"].iter().map(|&rate| rate as f32).collect();
/// assert_eq!(rates, [0.01, 0.01, 0.005, 0.0025]);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
pub struct LearningRateScheduler {
    schedule: Box<dyn FnMut(usize, f64) -> f64 + Send>,
    verbose: bool,
}

impl LearningRateScheduler {
    /// The rate of an epoch from its number and the rate so far.
    pub fn new(schedule: impl FnMut(usize, f64) -> f64 + Send + 'static) -> LearningRateScheduler {
        LearningRateScheduler { schedule: Box::new(schedule), verbose: false }
    }

    /// 1 prints each rate; by default 0.
    #[must_use]
    pub fn verbose(self, verbose: usize) -> LearningRateScheduler {
        LearningRateScheduler { verbose: verbose > 0, ..self }
    }

    fn set(&mut self, optimizer: &dyn Optimizer, epoch: usize, name: &str) -> Result<()> {
        let rate = (self.schedule)(epoch, optimizer.learning_rate()?);
        optimizer.set_learning_rate(rate)?;
        if self.verbose {
            print(&format!(
                "\nEpoch {}: LearningRateScheduler setting {name}learning rate to {}.\n",
                epoch + 1,
                shortest(rate)
            ));
        }
        Ok(())
    }

    fn set_all(&mut self, cx: &CallbackCx, epoch: usize) -> Result<()> {
        let optimizer = cx.model().optimizer()?;
        let parts = optimizer.parts();
        if parts.is_empty() {
            return self.set(&**optimizer, epoch, "");
        }
        parts.iter().try_for_each(|part| self.set(&**part, epoch, &format!("{} ", part.name())))
    }
}

/// Puts the learning rates into logs.
pub(super) fn log_rates(cx: &CallbackCx, logs: &mut Logs) -> Result<()> {
    let optimizer = cx.model().optimizer()?;
    let parts = optimizer.parts();
    if parts.is_empty() {
        logs.set("learning_rate", optimizer.learning_rate()?);
    }
    for part in parts {
        logs.set(format!("learning_rate_{}", part.name()), part.learning_rate()?);
    }
    Ok(())
}

impl Callback for LearningRateScheduler {
    fn on_epoch_begin(&mut self, cx: &CallbackCx, epoch: usize) -> Result<()> {
        // An epoch that is taken up in its middle has its rate.
        match cx.place.get().step {
            0 => self.set_all(cx, epoch).at(|| "LearningRateScheduler"),
            _ => Ok(()),
        }
    }

    fn on_epoch_end(&mut self, cx: &CallbackCx, _epoch: usize, logs: &mut Logs) -> Result<()> {
        log_rates(cx, logs).at(|| "LearningRateScheduler")
    }
}
