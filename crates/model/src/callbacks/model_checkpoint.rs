//! `ModelCheckpoint`.

use super::filepath::{Number, filled};
use super::monitor::{Monitor, monitor_methods};
use super::progress::print;
use super::{Callback, CallbackCx, recall, remember};
use crate::training::Logs;
use rhyton_base::{Context, Error, Result};
use rhyton_tensor::Tensor;
use std::path::{Path, PathBuf};

/// Saves the model, or its weights, after each epoch or every so many batches: always, or where a quantity is better
/// than it has been.
///
/// The name of the file may hold places for the number of the epoch (from 1), of the batch (from 1, where batches are
/// counted) and for the numbers of the logs: `"{epoch:02d}-{val_loss:.2f}.keras"`. It ends in `.keras`, or in
/// `.weights.h5` for weights alone. Its folder is created. Files are written beside and renamed, so that the last one
/// is whole whenever the program is ended.
///
/// | option | default |
/// |---|---|
/// | `monitor` | `"val_loss"` |
/// | `save_best_only` | false: saves each time |
/// | `save_weights_only` | false: saves the whole model |
/// | `mode` | `"auto"`: what the metric says of itself |
/// | `save_freq` | after each epoch |
/// | `initial_value_threshold` | none; where given, the first value must be better than it |
/// | `verbose` | 0 |
///
/// # Errors
/// `fit` fails where the name does not end as it should, a place has no number, the mode is unknown or cannot be told
/// from the quantity's name, or the file cannot be written.
///
/// Source: `keras/src/callbacks/model_checkpoint.py`.
///
/// ```
/// use rhyton_model::{Fit, ModelCheckpoint, Sequential, load_model};
/// # use rhyton_nn::layers::Dense;
/// # let x = rhyton_tensor::ops::ones([8, 2], rhyton_tensor::DType::F32)?;
/// # let mut model = Sequential::from([Dense::new(2)]);
/// # let folder = std::env::temp_dir().join(format!("rhyton-checkpoint-{}", std::process::id()));
/// model.compile("sgd", "mse", ())?;
/// let best = ModelCheckpoint::new(folder.join("{epoch:02d}.keras")).monitor("loss").save_best_only(true);
/// model.fit(&x, &x, Fit::epochs(3).verbose(0).callback(best))?;
/// let third = load_model(folder.join("03.keras"))?;
/// assert!(third.predict(&x)?.bit_equal(&model.predict(&x)?));
/// # std::fs::remove_dir_all(&folder)?;
/// # Ok::<(), rhyton_base::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct ModelCheckpoint {
    filepath: PathBuf,
    monitor: Monitor,
    verbose: bool,
    save_best_only: bool,
    save_weights_only: bool,
    /// Batches between two files; none for one an epoch.
    save_freq: Option<usize>,
    epoch: usize,
    counter: BatchCounter,
}

/// Counts batches up to a number of them, over the ends of epochs.
#[derive(Clone, Debug, Default)]
pub(super) struct BatchCounter {
    since: usize,
    last: Option<usize>,
}

impl BatchCounter {
    /// Whether so many batches have been done since the last time, now that this one of the epoch is.
    pub fn is_due(&mut self, batch: usize, every: usize) -> bool {
        self.since += match self.last {
            Some(last) if batch > last => batch - last,
            _ => batch + 1,
        };
        self.last = Some(batch);
        let due = self.since >= every;
        if due {
            self.since = 0;
        }
        due
    }
}

impl ModelCheckpoint {
    /// Saves to this file after each epoch.
    pub fn new(filepath: impl AsRef<Path>) -> ModelCheckpoint {
        ModelCheckpoint {
            filepath: filepath.as_ref().to_path_buf(),
            monitor: Monitor::new(0.0),
            verbose: false,
            save_best_only: false,
            save_weights_only: false,
            save_freq: None,
            epoch: 0,
            counter: BatchCounter::default(),
        }
    }

    monitor_methods!(ModelCheckpoint);

    /// Whether files are written only where the quantity is better than it has been.
    #[must_use]
    pub fn save_best_only(self, best_only: bool) -> ModelCheckpoint {
        ModelCheckpoint { save_best_only: best_only, ..self }
    }

    /// Whether weights are saved alone, to a `.weights.h5` file.
    #[must_use]
    pub fn save_weights_only(self, weights_only: bool) -> ModelCheckpoint {
        ModelCheckpoint { save_weights_only: weights_only, ..self }
    }

    /// Saves every so many batches instead of after each epoch. What logs say then is of the epoch so far.
    #[must_use]
    pub fn save_freq(self, batches: usize) -> ModelCheckpoint {
        ModelCheckpoint { save_freq: Some(batches), ..self }
    }

    /// What the quantity must be better than for the first file.
    #[must_use]
    pub fn initial_value_threshold(mut self, value: f64) -> ModelCheckpoint {
        self.monitor.best = Some(value);
        self
    }

    fn check(&self) -> Result<()> {
        self.monitor.check()?;
        if self.monitor.best.is_some_and(f64::is_nan) {
            let message = "expected initial_value_threshold to be a number, got NaN, which nothing is better than; \
                           leave it out";
            return Err(Error::value(message));
        }
        if self.save_freq == Some(0) {
            return Err(Error::value("expected save_freq to be at least 1, got 0"));
        }
        let ending = if self.save_weights_only { ".weights.h5" } else { ".keras" };
        match self.filepath.to_string_lossy().ends_with(ending) {
            true => Ok(()),
            false => Err(Error::value(format!(
                "expected a filepath that ends in {ending}, got {:?}",
                self.filepath
            ))),
        }
    }

    fn say(&self, epoch: usize, what: impl FnOnce() -> String) {
        if self.verbose {
            print(&format!("\nEpoch {}: {}\n", epoch + 1, what()));
        }
    }

    fn is_wanted(&mut self, cx: &CallbackCx, epoch: usize, logs: &Logs, path: &str) -> Result<bool> {
        let to = || format!("saving model to {path}");
        if !self.save_best_only {
            self.say(epoch, to);
            return Ok(true);
        }
        let Some(current) = self.monitor.value(logs, "the best model is told by") else { return Ok(true) };
        let name = self.monitor.name.clone();
        let best = self.monitor.best.map_or("None".to_string(), |best| format!("{best:.5}"));
        let better = self.monitor.is_improvement(cx, current, self.monitor.best)?;
        if better {
            self.say(epoch, || format!("{name} improved from {best} to {current:.5}, {}", to()));
            self.monitor.best = Some(current);
        } else {
            self.say(epoch, || format!("{name} did not improve from {best}"));
        }
        Ok(better)
    }

    fn save(&mut self, cx: &CallbackCx, epoch: usize, batch: Option<usize>, logs: &Logs) -> Result<()> {
        let mut numbers = vec![("epoch", Number::Whole(epoch + 1))];
        numbers.extend(logs.iter().map(|(name, value)| (name, Number::Real(value))));
        if let (Some(batch), None) = (batch, logs.get("batch")) {
            numbers.push(("batch", Number::Whole(batch + 1)));
        }
        let path = filled(&self.filepath.to_string_lossy(), &numbers)?;
        if !self.is_wanted(cx, epoch, logs, &path)? {
            return Ok(());
        }
        if let Some(folder) = Path::new(&path).parent().filter(|f| !f.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder)
                .map_err(Error::from)
                .at(|| format!("folder {:?}", folder.display().to_string()))?;
        }
        match self.save_weights_only {
            true => cx.model().save_weights(&path)?,
            false => cx.model().save(&path)?,
        }
        self.say(epoch, || format!("finished saving model to {path}"));
        Ok(())
    }
}

impl Callback for ModelCheckpoint {
    fn on_train_begin(&mut self, _cx: &CallbackCx) -> Result<()> {
        self.check().at(|| "ModelCheckpoint")
    }

    fn on_epoch_begin(&mut self, _cx: &CallbackCx, epoch: usize) -> Result<()> {
        self.epoch = epoch;
        Ok(())
    }

    fn on_train_batch_end(&mut self, cx: &CallbackCx, batch: usize) -> Result<()> {
        match self.save_freq {
            Some(every) if self.counter.is_due(batch, every) => {
                self.save(cx, self.epoch, Some(batch), &cx.logs()?).at(|| "ModelCheckpoint")
            }
            _ => Ok(()),
        }
    }

    fn on_epoch_end(&mut self, cx: &CallbackCx, epoch: usize, logs: &mut Logs) -> Result<()> {
        match self.save_freq {
            None => self.save(cx, epoch, None, logs).at(|| "ModelCheckpoint"),
            Some(_) => Ok(()),
        }
    }
    fn state(&self) -> Vec<Tensor> {
        let BatchCounter { since, last } = self.counter;
        vec![remember([self.monitor.best, Some(since as f64), last.map(|last| last as f64)])]
    }

    fn set_state(&mut self, state: &[Tensor]) -> Result<()> {
        let [best, since, last] = recall(state).at(|| "ModelCheckpoint")?;
        self.monitor.best = best;
        self.counter =
            BatchCounter { since: since.unwrap_or(0.0) as usize, last: last.map(|last| last as usize) };
        Ok(())
    }
}
