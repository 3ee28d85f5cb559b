//! Callbacks: code that is told what happens during training, evaluation and prediction.
//!
//! | callback | does |
//! |---|---|
//! | [`EarlyStopping`] | ends training when a quantity no longer improves |
//! | [`ModelCheckpoint`] | saves the model, or its weights, as training goes on |
//! | [`BackupAndRestore`] | lets training that was killed go on where it was |
//! | [`LearningRateScheduler`], [`ReduceLROnPlateau`] | change the learning rate |
//! | [`CSVLogger`] | writes the numbers of each epoch to a file |
//! | [`TensorBoard`] | writes curves, histograms, pictures and the graph for TensorBoard |
//! | [`TerminateOnNaN`] | ends training when the loss is not a number |
//! | [`SwapEMAWeights`] | evaluates with averages of the weights |
//! | [`LambdaCallback`] | calls functions |
//! | [`ProgbarLogger`], [`History`] | are part of every run |

mod backup_and_restore;
mod csv_logger;
mod early_stopping;
mod filepath;
mod lambda_callback;
mod learning_rate_scheduler;
mod model_checkpoint;
mod monitor;
mod numbers;
mod progress;
mod reduce_lr_on_plateau;
mod swap_ema_weights;
mod tensorboard;
mod terminate_on_nan;

pub use backup_and_restore::BackupAndRestore;
pub use csv_logger::CSVLogger;
pub use early_stopping::EarlyStopping;
pub use lambda_callback::LambdaCallback;
pub use learning_rate_scheduler::LearningRateScheduler;
pub use model_checkpoint::ModelCheckpoint;
pub(crate) use progress::number;
pub use progress::{ProgbarLogger, Time, progress_bar, progress_line};
pub use reduce_lr_on_plateau::ReduceLROnPlateau;
pub use swap_ema_weights::SwapEMAWeights;
pub use tensorboard::{EmbeddingsMetadata, ProfileBatch, TensorBoard, UpdateFreq};
pub use terminate_on_nan::TerminateOnNaN;

use crate::model::Model;
use crate::training::{History, Logs, Place};
use rhyton_base::{Error, Result};
use rhyton_runtime::profile;
use rhyton_tensor::{Tensor, Variable};
use std::cell::{Cell, RefCell};

/// How much to print.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Verbose {
    /// A progress bar on a terminal; elsewhere a line an epoch.
    #[default]
    Auto,
    /// Nothing.
    Silent,
    /// A progress bar.
    Bar,
    /// A line an epoch.
    Line,
}

/// 0, 1 and 2 as in Keras; every other number prints a line an epoch.
impl From<i32> for Verbose {
    fn from(level: i32) -> Verbose {
        match level {
            0 => Verbose::Silent,
            1 => Verbose::Bar,
            _ => Verbose::Line,
        }
    }
}

/// What a run is about to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Params {
    /// How much is printed.
    pub verbose: Verbose,
    /// The epoch at which training ends.
    pub epochs: usize,
    /// Steps an epoch, where it is known how many there are.
    pub steps: Option<usize>,
}

/// What a callback may look at and do.
pub struct CallbackCx<'a> {
    pub(crate) model: &'a Model,
    pub(crate) params: Params,
    /// Reads loss and metrics; asked only when somebody wants to know.
    pub(crate) logs: &'a dyn Fn() -> Result<Logs>,
    /// What training goes on with; what is put here when training begins is where it begins.
    pub(crate) place: Cell<Place>,
    /// All variables that a step of training reads or changes.
    pub(crate) state: &'a dyn Fn() -> Result<Vec<Variable>>,
    /// Looks for where a number that is not finite came from.
    pub(crate) why: &'a dyn Fn() -> Result<String>,
    /// What the callbacks before those that come last remember.
    pub(crate) remembered: RefCell<Vec<Vec<Tensor>>>,
}

impl<'a> CallbackCx<'a> {
    /// For a run that is no training.
    pub(crate) fn new(
        model: &'a Model,
        params: Params,
        logs: &'a dyn Fn() -> Result<Logs>,
    ) -> CallbackCx<'a> {
        let (place, remembered) = (Cell::default(), RefCell::default());
        let why = &|| Ok("no training is going on".to_string());
        CallbackCx { model, params, logs, place, state: &|| Ok(Vec::new()), why, remembered }
    }

    /// The model. Its weights, learning rate and [`Model::stop_training`] are there for callbacks to
    /// use.
    pub fn model(&self) -> &Model {
        self.model
    }

    /// What the run is about to do.
    pub fn params(&self) -> &Params {
        &self.params
    }

    /// Loss and metrics over the batches of the epoch so far, sorted by name. Reading them costs some time.
    ///
    /// # Errors
    /// Where a metric cannot be computed.
    pub fn logs(&self) -> Result<Logs> {
        (self.logs)()
    }

    /// Where a loss that is not finite came from: an input, target or sample weight with its row and column, a weight, or
    /// a layer; and what to do. It looks at all data, so it takes its time.
    ///
    /// # Errors
    /// Where a layer fails on the data.
    pub fn why_not_finite(&self) -> Result<String> {
        (self.why)()
    }

    /// Ends training after the current batch.
    pub fn stop_training(&self) {
        self.model.stop_training();
    }
}

/// Code that is told what happens. Every method does nothing by default; an error ends the run.
///
/// Epochs and batches are counted from 0. In `fit` the order is: train begin, for each epoch (epoch begin,
/// for each batch (begin, end), test begin to test end for validation data, epoch end), train end.
///
/// ```
/// use rhyton_base::Result;
/// use rhyton_model::{Callback, CallbackCx, Fit, Logs, Sequential};
/// # use rhyton_nn::layers::Dense;
/// # let x = rhyton_tensor::ops::ones([8, 2], rhyton_tensor::DType::F32)?;
/// # let mut model = Sequential::from([Dense::new(2)]);
/// # model.compile("sgd", "mse", ())?;
///
/// /// Halves the learning rate after each epoch.
/// struct Halve;
/// impl Callback for Halve {
///     fn on_epoch_end(&mut self, cx: &CallbackCx, _epoch: usize, logs: &mut Logs) -> Result<()> {
///         let optimizer = cx.model().optimizer()?;
///         logs.set("learning_rate", optimizer.learning_rate()?);
///         optimizer.set_learning_rate(optimizer.learning_rate()? / 2.0)
///     }
/// }
///
/// let history = model.fit(&x, &x, Fit::epochs(2).verbose(0).callback(Halve))?;
/// let rates = &history["learning_rate"];
/// assert_eq!(rates[1], rates[0] / 2.0);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
#[allow(unused_variables)]
pub trait Callback: Send {
    /// Training begins.
    ///
    /// # Errors
    /// Ends the run, as in every other method.
    fn on_train_begin(&mut self, cx: &CallbackCx) -> Result<()> {
        Ok(())
    }

    /// Training has ended; `logs` are those of the last epoch.
    ///
    /// # Errors
    /// See above.
    fn on_train_end(&mut self, cx: &CallbackCx, logs: &Logs) -> Result<()> {
        Ok(())
    }

    /// An epoch begins.
    ///
    /// # Errors
    /// See above.
    fn on_epoch_begin(&mut self, cx: &CallbackCx, epoch: usize) -> Result<()> {
        Ok(())
    }

    /// An epoch has ended. What is added to `logs` reaches the callbacks that follow, and the history.
    ///
    /// # Errors
    /// See above.
    fn on_epoch_end(&mut self, cx: &CallbackCx, epoch: usize, logs: &mut Logs) -> Result<()> {
        Ok(())
    }

    /// A training batch begins.
    ///
    /// # Errors
    /// See above.
    fn on_train_batch_begin(&mut self, cx: &CallbackCx, batch: usize) -> Result<()> {
        Ok(())
    }

    /// A training batch has ended; [`CallbackCx::logs`] reads loss and metrics.
    ///
    /// # Errors
    /// See above.
    fn on_train_batch_end(&mut self, cx: &CallbackCx, batch: usize) -> Result<()> {
        Ok(())
    }

    /// Evaluation begins, also of validation data.
    ///
    /// # Errors
    /// See above.
    fn on_test_begin(&mut self, cx: &CallbackCx) -> Result<()> {
        Ok(())
    }

    /// Evaluation has ended.
    ///
    /// # Errors
    /// See above.
    fn on_test_end(&mut self, cx: &CallbackCx, logs: &Logs) -> Result<()> {
        Ok(())
    }

    /// A batch of an evaluation begins.
    ///
    /// # Errors
    /// See above.
    fn on_test_batch_begin(&mut self, cx: &CallbackCx, batch: usize) -> Result<()> {
        Ok(())
    }

    /// A batch of an evaluation has ended.
    ///
    /// # Errors
    /// See above.
    fn on_test_batch_end(&mut self, cx: &CallbackCx, batch: usize) -> Result<()> {
        Ok(())
    }

    /// Prediction begins.
    ///
    /// # Errors
    /// See above.
    fn on_predict_begin(&mut self, cx: &CallbackCx) -> Result<()> {
        Ok(())
    }

    /// Prediction has ended.
    ///
    /// # Errors
    /// See above.
    fn on_predict_end(&mut self, cx: &CallbackCx) -> Result<()> {
        Ok(())
    }

    /// A batch of a prediction begins.
    ///
    /// # Errors
    /// See above.
    fn on_predict_batch_begin(&mut self, cx: &CallbackCx, batch: usize) -> Result<()> {
        Ok(())
    }

    /// A batch of a prediction has ended.
    ///
    /// # Errors
    /// See above.
    fn on_predict_batch_end(&mut self, cx: &CallbackCx, batch: usize) -> Result<()> {
        Ok(())
    }

    /// What it remembers of training so far, for training that is killed and goes on: see [`BackupAndRestore`].
    fn state(&self) -> Vec<Tensor> {
        Vec::new()
    }

    /// Remembers what [`Callback::state`] returned, after [`Callback::on_train_begin`].
    ///
    /// # Errors
    /// Where the state is that of another callback.
    fn set_state(&mut self, state: &[Tensor]) -> Result<()> {
        Ok(())
    }

    /// Whether its hooks are called after those of all others.
    fn comes_last(&self) -> bool {
        false
    }
}

/// Numbers that a callback remembers, some of which there may not be.
fn remember<const N: usize>(numbers: [Option<f64>; N]) -> Tensor {
    // A number that is there may be NaN.
    Tensor::from(numbers.iter().flat_map(|n| [f64::from(n.is_some()), n.unwrap_or(0.0)]).collect::<Vec<_>>())
}

/// The numbers that [`remember`] was given.
fn recall<const N: usize>(state: &[Tensor]) -> Result<[Option<f64>; N]> {
    let numbers = state.first().map_or(Ok(Vec::new()), |t| t.to_vec::<f64>())?;
    if numbers.len() != 2 * N {
        let message = "the backup is of a run with other callbacks; delete it, or choose another folder";
        return Err(Error::format(message));
    }
    Ok(std::array::from_fn(|i| (numbers[2 * i] != 0.0).then_some(numbers[2 * i + 1])))
}

/// The history is written by a callback like any other: after the user's, before the progress bar.
impl Callback for History {
    fn on_train_begin(&mut self, _cx: &CallbackCx) -> Result<()> {
        *self = History::default();
        Ok(())
    }

    fn on_epoch_end(&mut self, _cx: &CallbackCx, epoch: usize, logs: &mut Logs) -> Result<()> {
        self.push(epoch, logs);
        Ok(())
    }
}

/// The callbacks of a run: the user's first, those that come last at their end, then the history, then the progress bar.
pub(crate) struct CallbackList {
    own: Vec<Box<dyn Callback>>,
    pub history: History,
    progress: ProgbarLogger,
}

impl CallbackList {
    pub fn new(mut own: Vec<Box<dyn Callback>>, progress: ProgbarLogger) -> CallbackList {
        own.sort_by_key(|c| c.comes_last());
        CallbackList { own, history: History::default(), progress }
    }

    /// Calls a hook of each in order.
    pub fn each(
        &mut self,
        cx: &CallbackCx,
        mut hook: impl FnMut(&mut dyn Callback) -> Result<()>,
    ) -> Result<()> {
        let _span = profile::begin("callbacks", None);
        for i in 0..self.own.len() {
            if self.own[i].comes_last() {
                cx.remembered.replace(self.own[..i].iter().map(|c| c.state()).collect());
            }
            hook(self.own[i].as_mut())?;
        }
        hook(&mut self.history)?;
        hook(&mut self.progress)
    }

    /// Training begins, perhaps where it was left: then callbacks go on with what they remembered there.
    pub fn train_begin(&mut self, cx: &CallbackCx) -> Result<()> {
        self.each(cx, |c| c.on_train_begin(cx))?;
        let remembered = cx.remembered.take();
        let mut pairs = self.own.iter_mut().zip(&remembered).filter(|(_, state)| !state.is_empty());
        pairs.try_for_each(|(callback, state)| callback.set_state(state))
    }
}
