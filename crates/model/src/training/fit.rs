//! `fit`: the training loop.

use super::batches::Batches;
use super::check;
use super::history::{History, Logs};
use super::numerics::Suspects;
use super::options::{Fit, Validation};
use super::order::{Order, Place};
use super::samples::{Given, Samples};
use crate::callbacks::{CallbackCx, CallbackList, Params, ProgbarLogger, Verbose};
use crate::data::Data;
use crate::interrupt::Running;
use crate::model::Model;
use crate::step::{Kind, Step};
use rhyton_base::{Context, Error, Result};
use rhyton_ops::Meta;
use rhyton_runtime::Storage;
use smallvec::SmallVec;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::Ordering;

impl Model {
    /// Trains the model on samples `x` with targets `y`; the first axis of all of them is the samples.
    ///
    /// Models of several inputs or outputs take a list in order, or pairs of names and tensors: see [`Data`].
    ///
    /// An epoch is one pass over the samples, in batches, in a new order each time. The loss of an epoch is
    /// the mean over its batches, each counted by its size; metrics are gathered while the weights change.
    ///
    /// Everything that can be wrong with data is told before training begins. A loss that becomes NaN does
    /// not end training, as in Keras; a warning goes to standard error, [`History::first_nan`] says when it was, and
    /// [`History::nan_cause`] where it came from: an input, a target, a weight or a layer.
    ///
    /// # Errors
    /// Where the model is not compiled; where sample counts differ, shapes do not fit the layers or the loss, a
    /// label is not a class, there are no samples, or an option is out of its range; and what a callback returns.
    ///
    /// ```
    /// use rhyton_model::{Fit, Sequential};
    /// # use rhyton_nn::layers::Dense;
    /// # let mut model = Sequential::from([Dense::new(2).activation("softmax")]);
    /// # let x = rhyton_tensor::ops::ones([10, 3], rhyton_tensor::DType::F32)?;
    /// # let y = rhyton_tensor::Tensor::from([0i32, 1, 0, 1, 0, 1, 0, 1, 0, 1]);
    /// model.compile("rmsprop", "sparse_categorical_crossentropy", ["accuracy"])?;
    /// let history = model.fit(&x, &y, Fit::epochs(2).batch_size(4).validation_split(0.2).verbose(0))?;
    /// assert_eq!(history["val_accuracy"].len(), 2);
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    pub fn fit(&mut self, x: impl Into<Data>, y: impl Into<Data>, options: Fit) -> Result<History> {
        self.train(&x.into(), &y.into(), options).at(|| "fit")
    }

    fn train(&self, x: &Data, y: &Data, mut options: Fit) -> Result<History> {
        let plan = Plan::new(self, x, y, &options)?;
        let mut batches = plan.samples.batches(plan.range.clone(), plan.batch_size)?;
        let mut validation = plan.validation(&options)?;
        if let Some(compiled) = &self.compiled
            && (self.custom.is_none() || self.is_built())
        {
            compiled.build_optimizer(&self.trainable_weights())?;
        }

        let steps = options.steps_per_epoch.unwrap_or(batches.len());
        let logs = || self.logs_of(&plan.samples).map(Logs::sorted);
        let make =
            |metas: &[Meta]| self.step(Kind::Train, &plan.samples.parts, metas, &plan.samples.measures);
        let first = batches.metas(0);
        let state = || make(&first)?.variables();
        let params = Params { verbose: options.verbose, epochs: options.epochs, steps };
        let suspects = Suspects {
            model: self,
            samples: &plan.samples,
            range: plan.range.clone(),
            batch_size: plan.batch_size,
        };
        if options.check_numerics {
            suspects.check_data()?;
        }
        let why = || suspects.why();
        let cx = CallbackCx { state: &state, why: &why, ..CallbackCx::new(self, params, &logs) };
        let callbacks = std::mem::take(&mut options.callbacks);
        let mut callbacks = CallbackList::new(callbacks, ProgbarLogger::new(options.verbose));

        let together = self.steps_per_execution();
        let mut order = Order::new(&batches, &options);
        let mut made = Made::default();
        let mut last_logs = Logs::new();
        let mut cause = None;
        let running = Running::begin();
        self.stop.store(false, Ordering::Relaxed);
        cx.place.set(Place::first(&options));
        callbacks.train_begin(&cx)?;
        // A callback may have taken training up where it was left.
        let mut place = cx.place.get();
        while place.epoch < options.epochs {
            let epoch = place.epoch;
            if place.step == 0 {
                self.reset(&plan.samples)?;
            }
            callbacks.each(&cx, |c| c.on_epoch_begin(&cx, epoch))?;
            while place.step < steps {
                let last = (place.step + together).min(steps) - 1;
                callbacks.each(&cx, |c| c.on_train_batch_begin(&cx, place.step))?;
                let mut all_seen = false;
                while place.step <= last && !all_seen {
                    let ready = made.of(&batches, place.batch, make)?;
                    let before = if options.check_numerics { self.layer.get_weights() } else { Vec::new() };
                    run(ready, batches.load(place.batch, order.as_mut().map(|o| o.rows(&place))))?;
                    if options.check_numerics {
                        let loss = self.logs_of(&plan.samples)?.get("loss");
                        let checked = suspects.check_step(loss, &batches.loaded(place.batch)?, &before);
                        checked.at(|| format!("epoch {}, batch {}", epoch + 1, place.batch + 1))?;
                    }
                    all_seen = place.step_done(batches.len());
                }
                cx.place.set(place);
                callbacks.each(&cx, |c| c.on_train_batch_end(&cx, place.step - 1))?;
                running.check()?;
                if all_seen || self.stop.load(Ordering::Relaxed) {
                    break;
                }
            }
            let mut epoch_logs = self.logs_of(&plan.samples)?.sorted();
            if let Some((samples, data)) = &mut validation
                && options.validation_freq.is_due(epoch + 1)
            {
                let limit = options.validation_steps;
                let val = self.test(samples, data, limit, &cx, &mut callbacks)?.sorted();
                val.iter().for_each(|(name, value)| epoch_logs.set(format!("val_{name}"), value));
            }
            let is_nan = |name: &str| epoch_logs.get(name).is_some_and(f64::is_nan);
            if cause.is_none() && (is_nan("loss") || is_nan("val_loss")) {
                // The search is for information only; that it fails is no reason to end training.
                let found = match (&validation, is_nan("loss")) {
                    (Some((samples, data)), false) => {
                        let (range, batch_size) = (data.range(), plan.batch_size);
                        let told = Suspects { model: self, samples, range, batch_size }.why();
                        told.map(|why| format!("validation: {why}"))
                    }
                    _ => suspects.why(),
                };
                let found = found.unwrap_or_else(|e| e.to_string());
                if options.verbose != Verbose::Silent {
                    let name = if is_nan("loss") { "loss" } else { "val_loss" };
                    eprintln!("warning: {name} is NaN since epoch {}: {found}", epoch + 1);
                }
                cause = Some(found);
            }
            place.epoch_done();
            cx.place.set(place);
            callbacks.each(&cx, |c| c.on_epoch_end(&cx, epoch, &mut epoch_logs))?;
            last_logs = epoch_logs;
            if self.stop.load(Ordering::Relaxed) {
                break;
            }
        }
        if let Some(compiled) = &self.compiled {
            compiled.optimizer.finalize_variable_values(&self.trainable_weights())?;
        }
        callbacks.each(&cx, |c| c.on_train_end(&cx, &last_logs))?;
        callbacks.history.set_nan_cause(cause);
        Ok(callbacks.history)
    }

    /// How many steps follow each other before callbacks are told.
    pub(super) fn steps_per_execution(&self) -> usize {
        self.compiled.as_ref().map_or(1, |c| c.given.steps_per_execution)
    }

    /// What is known about the batches so far.
    pub(super) fn logs_of(&self, samples: &Samples) -> Result<Logs> {
        // Steps of one's own need not have a loss.
        let mut logs = samples.measures.logs(self.custom.is_none())?;
        for metric in self.custom.iter().flat_map(|c| c.metrics()) {
            let name = metric.name();
            let value = super::measures::number(&name, &*metric)?;
            logs.set(name, value);
        }
        Ok(logs)
    }

    /// Lets losses and metrics begin anew.
    pub(super) fn reset(&self, samples: &Samples) -> Result<()> {
        samples.measures.reset()?;
        self.custom.iter().flat_map(|c| c.metrics()).try_for_each(|m| m.reset_state())
    }

    /// Losses and metrics over data that the model does not learn from, or the first batches of it. Metrics begin
    /// anew.
    pub(super) fn test(
        &self,
        samples: &Samples,
        batches: &mut Batches,
        limit: Option<usize>,
        cx: &CallbackCx,
        callbacks: &mut CallbackList,
    ) -> Result<Logs> {
        let mut made = Made::default();
        let running = Running::begin();
        self.reset(samples)?;
        callbacks.each(cx, |c| c.on_test_begin(cx))?;
        let count = limit.unwrap_or(usize::MAX).min(batches.len());
        let together = self.steps_per_execution();
        for first in (0..count).step_by(together) {
            let end = (first + together).min(count);
            callbacks.each(cx, |c| c.on_test_batch_begin(cx, first))?;
            for batch in first..end {
                let step = made.of(batches, batch, |metas| {
                    self.step(Kind::Test, &samples.parts, metas, &samples.measures)
                })?;
                run(step, batches.load(batch, None))?;
            }
            callbacks.each(cx, |c| c.on_test_batch_end(cx, end - 1))?;
            running.check()?;
        }
        let logs = self.logs_of(samples)?;
        let shown = logs.clone().sorted();
        callbacks.each(cx, |c| c.on_test_end(cx, &shown))?;
        Ok(logs)
    }
}

/// The steps of a run: one for whole batches and one for the smaller last one.
#[derive(Default)]
pub(super) struct Made([Option<(usize, Arc<Step>)>; 2]);

impl Made {
    pub fn of(
        &mut self,
        batches: &Batches,
        batch: usize,
        make: impl FnOnce(&[Meta]) -> Result<Arc<Step>>,
    ) -> Result<&Step> {
        let size = batches.size(batch);
        let place = &mut self.0[usize::from(batch + 1 == batches.len())];
        if place.as_ref().is_none_or(|(s, _)| *s != size) {
            *place = None;
        }
        match place {
            Some((_, step)) => Ok(step),
            none => Ok(&none.insert((size, make(&batches.metas(batch))?)).1),
        }
    }
}

/// Runs a step that has no results.
pub(super) fn run(step: &Step, memory: &[Storage]) -> Result<()> {
    step.run(&memory.iter().collect::<SmallVec<[&Storage; 16]>>())
}

/// What a call of `fit` comes down to, checked.
struct Plan {
    samples: Samples,
    /// The samples trained on.
    range: Range<usize>,
    /// Samples set aside for validation.
    held_out: Option<Range<usize>>,
    batch_size: usize,
    validation: Option<Samples>,
}

impl Plan {
    fn new(model: &Model, x: &Data, y: &Data, options: &Fit) -> Result<Plan> {
        options.check()?;
        let sample_weight = options.sample_weight.as_ref();
        let given = Given { x, y, sample_weight, class_weight: options.class_weight.as_ref() };
        let samples = model.samples(given)?;
        let (range, held_out) = split(samples.count, options)?;
        // Without a batch size, given steps share the samples among them.
        let otherwise = options.steps_per_epoch.map_or(32, |steps| range.len().div_ceil(steps));
        let batch_size = check::batch_size(options.batch_size, otherwise)?;
        let validation = match &options.validation_data {
            Some(Validation { x, y, sample_weight }) => {
                let given = Given { x, y, sample_weight: sample_weight.as_ref(), class_weight: None };
                Some(model.samples(given).at(|| "validation_data")?)
            }
            None => None,
        };
        Ok(Plan { samples, range, held_out, batch_size, validation })
    }

    fn validation(&self, options: &Fit) -> Result<Option<(Samples, Batches)>> {
        let size = check::batch_size(options.validation_batch_size, self.batch_size).at(|| "validation")?;
        let (samples, range) = match (&self.validation, &self.held_out) {
            (Some(samples), _) => (samples.clone(), 0..samples.count),
            // Weights given for samples are split with them; weights of classes are for training only.
            (None, Some(range)) if options.class_weight.is_none() => (self.samples.clone(), range.clone()),
            (None, Some(range)) => (self.samples.without_weights(), range.clone()),
            (None, None) => return Ok(None),
        };
        let batches = samples.batches(range, size)?;
        Ok(Some((samples, batches)))
    }
}

/// The samples to train on and those to validate on.
fn split(n: usize, options: &Fit) -> Result<(Range<usize>, Option<Range<usize>>)> {
    let fraction = options.validation_split;
    if fraction == 0.0 || options.validation_data.is_some() {
        return Ok((0..n, None));
    }
    if !(0.0..1.0).contains(&fraction) {
        return Err(Error::value(format!("expected validation_split in [0, 1), got {fraction}")));
    }
    let at = (n as f64 * (1.0 - fraction)).floor() as usize;
    if at == 0 || at == n {
        return Err(Error::value(format!(
            "validation_split {fraction} of {n} samples leaves none to {}; give more samples or another fraction",
            if at == 0 { "train on" } else { "validate on" }
        )));
    }
    Ok((0..at, Some(at..n)))
}
