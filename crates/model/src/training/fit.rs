//! `fit`: the training loop.

use super::batches::Batches;
use super::check;
use super::history::{History, Logs};
use super::options::{Fit, Shuffle, Validation};
use super::samples::{Given, Samples};
use crate::callbacks::{CallbackCx, CallbackList, Params, Progress, Verbose};
use crate::data::Data;
use crate::model::Model;
use crate::step::{Kind, Step};
use rhyton_base::{Context, Error, Result};
use rhyton_ops::Meta;
use rhyton_runtime::{Generator, Storage};
use rhyton_tensor::next_seed;
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
    /// not end training, as in Keras; a warning goes to standard error, and [`History::first_nan`] says when
    /// it was.
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
        let together = self.steps_per_execution();
        if let Some(compiled) = &self.compiled
            && (self.custom.is_none() || self.is_built())
        {
            compiled.build_optimizer(&self.trainable_weights())?;
        }

        let steps = options.steps_per_epoch.unwrap_or(batches.len());
        let logs = || self.logs_of(&plan.samples).map(Logs::sorted);
        let params = Params { verbose: options.verbose, epochs: options.epochs, steps };
        let cx = CallbackCx { model: self, params, logs: &logs };
        let callbacks = std::mem::take(&mut options.callbacks);
        let mut callbacks = CallbackList::new(callbacks, Progress::new(options.verbose));

        let mut order = Order::new(&batches, &options);
        let mut next_batch = 0;
        let mut last_logs = Logs::new();
        let mut warned = false;
        let mut made = Made::default();
        self.stop.store(false, Ordering::Relaxed);
        callbacks.each(|c| c.on_train_begin(&cx))?;
        for epoch in options.initial_epoch..options.epochs {
            self.reset(&plan.samples)?;
            callbacks.each(|c| c.on_epoch_begin(&cx, epoch))?;
            let mut step = 0;
            'epoch: while step < steps {
                let last = (step + together).min(steps) - 1;
                callbacks.each(|c| c.on_train_batch_begin(&cx, step))?;
                let mut ended = false;
                let mut at = step;
                while at <= last && !ended {
                    if next_batch == 0
                        && let Some(order) = &mut order
                    {
                        order.shuffle();
                    }
                    let ready = made.of(&batches, next_batch, |metas| {
                        self.step(Kind::Train, &plan.samples.parts, metas, &plan.samples.measures)
                    })?;
                    run(ready, batches.load(next_batch, order.as_ref().map(|o| o.rows.as_slice())))?;
                    next_batch += 1;
                    ended = next_batch == batches.len();
                    at += 1;
                }
                step = at;
                callbacks.each(|c| c.on_train_batch_end(&cx, step - 1))?;
                if ended || self.stop.load(Ordering::Relaxed) {
                    break 'epoch;
                }
            }
            // With a given number of steps, the next epoch goes on where this one stopped.
            if next_batch == batches.len() || options.steps_per_epoch.is_none() {
                next_batch = 0;
            }
            let mut epoch_logs = self.logs_of(&plan.samples)?.sorted();
            if let Some((samples, data)) = &mut validation
                && options.validation_freq.is_due(epoch + 1)
            {
                let limit = options.validation_steps;
                let val = self.test(samples, data, limit, &cx, &mut callbacks)?.sorted();
                val.iter().for_each(|(name, value)| epoch_logs.set(format!("val_{name}"), value));
            }
            if !warned
                && options.verbose != Verbose::Silent
                && epoch_logs.get("loss").is_some_and(f64::is_nan)
            {
                warned = true;
                eprintln!(
                    "warning: the loss is not a number since epoch {}; try a smaller learning rate, and look for NaN \
                     in the data",
                    epoch + 1
                );
            }
            callbacks.each(|c| c.on_epoch_end(&cx, epoch, &mut epoch_logs))?;
            last_logs = epoch_logs;
            if self.stop.load(Ordering::Relaxed) {
                break;
            }
        }
        if let Some(compiled) = &self.compiled {
            compiled.optimizer.finalize_variable_values(&self.trainable_weights())?;
        }
        callbacks.each(|c| c.on_train_end(&cx, &last_logs))?;
        Ok(callbacks.history)
    }

    /// How many steps follow each other before callbacks are told.
    fn steps_per_execution(&self) -> usize {
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
        self.reset(samples)?;
        callbacks.each(|c| c.on_test_begin(cx))?;
        let count = limit.unwrap_or(usize::MAX).min(batches.len());
        let together = self.steps_per_execution();
        for first in (0..count).step_by(together) {
            let end = (first + together).min(count);
            callbacks.each(|c| c.on_test_batch_begin(cx, first))?;
            for batch in first..end {
                let step = made.of(batches, batch, |metas| {
                    self.step(Kind::Test, &samples.parts, metas, &samples.measures)
                })?;
                run(step, batches.load(batch, None))?;
            }
            callbacks.each(|c| c.on_test_batch_end(cx, end - 1))?;
        }
        let logs = self.logs_of(samples)?;
        let shown = logs.clone().sorted();
        callbacks.each(|c| c.on_test_end(cx, &shown))?;
        Ok(logs)
    }
}

/// The order of samples, a new one each time they are all gone through. It depends on the seed and on how
/// often that was, counted like epochs, and on nothing else.
struct Order {
    seed: u64,
    pass: u64,
    samples: Range<usize>,
    rows: Vec<usize>,
    /// The size of the groups that samples stay in, where they do not go everywhere.
    within: Option<usize>,
}

impl Order {
    fn new(batches: &Batches, options: &Fit) -> Option<Order> {
        let within = match options.shuffle {
            Shuffle::No => return None,
            Shuffle::All => None,
            Shuffle::WithinBatches => Some(batches.size(0)),
        };
        let seed = u64::from(options.seed.unwrap_or_else(next_seed));
        let pass = options.initial_epoch as u64;
        Some(Order { seed, pass, samples: batches.range(), rows: Vec::new(), within })
    }

    fn shuffle(&mut self) {
        self.rows.clear();
        self.rows.extend(self.samples.clone());
        let mut generator = Generator::new(self.seed | self.pass << 32);
        match self.within {
            None => generator.shuffle(&mut self.rows),
            Some(size) => self.rows.chunks_mut(size).for_each(|rows| generator.shuffle(rows)),
        }
        self.pass += 1;
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
