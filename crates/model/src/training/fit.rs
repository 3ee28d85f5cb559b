//! `fit`: the training loop.

use super::check;
use super::feed::Feed;
use super::history::{History, Logs};
use super::measures::Measures;
use super::options::{Fit, Validation};
use super::order::Place;
use super::samples::Given;
use crate::callbacks::{CallbackCx, CallbackList, Params, ProgbarLogger, Verbose};
use crate::data::Data;
use crate::interrupt::Running;
use crate::model::Model;
use crate::step::Kind;
use rhyton_base::{Context, Error, Result};
use rhyton_runtime::profile;
use std::cell::RefCell;
use std::ops::Range;
use std::sync::atomic::Ordering;

impl Model {
    /// Trains the model on samples `x` with targets `y`; the first axis of all of them is the samples.
    ///
    /// Models of several inputs or outputs take a list in order, or pairs of names and tensors: see [`Data`].
    ///
    /// Instead of tensors it takes a [`Dataset`](rhyton_data::Dataset) of batches, with `()` for `y`. An epoch is one pass over
    /// it, or so many steps ([`Fit::steps_per_epoch`]). The number of the epoch is that of the pass, so that a shuffled dataset
    /// comes in a new order in each epoch, and in the same one when training is repeated or resumed.
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
    ///
    /// use rhyton_data::{AUTOTUNE, Dataset};
    /// let dataset = Dataset::from_tensor_slices((&x, &y))?.shuffle(10, 1).batch(4).prefetch(AUTOTUNE);
    /// model.fit(&dataset, (), Fit::epochs(2).validation_data(&dataset).verbose(0))?;
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    pub fn fit(&mut self, x: impl Into<Data>, y: impl Into<Data>, options: Fit) -> Result<History> {
        self.train(&x.into(), &y.into(), options).at(|| "fit")
    }

    fn train(&self, x: &Data, y: &Data, mut options: Fit) -> Result<History> {
        let (feed, mut validation) = self.feeds(x, y, &options)?;
        if let Some(compiled) = &self.compiled
            && (self.custom.is_none() || self.is_built())
        {
            compiled.build_optimizer(&self.trainable_weights())?;
        }

        let steps = options.steps_per_epoch.or(feed.len());
        let measures = feed.measures();
        let logs = || self.logs_of(&measures).map(Logs::sorted);
        let (parts, metas) = feed.first();
        let state = || self.step(Kind::Train, &parts, &metas, &measures)?.variables();
        let params = Params { verbose: options.verbose, epochs: options.epochs, steps };
        if options.check_numerics {
            feed.suspects(self).check_data()?;
        }
        // Callbacks may look at what is loaded while no batch is being loaded or run.
        let feed = RefCell::new(feed);
        let why = || feed.borrow().suspects(self).why();
        let cx = CallbackCx { state: &state, why: &why, ..CallbackCx::new(self, params, &logs) };
        let callbacks = std::mem::take(&mut options.callbacks);
        let mut callbacks = CallbackList::new(callbacks, ProgbarLogger::new(options.verbose));

        let together = self.steps_per_execution();
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
            let _span = profile::begin("epoch", Some(epoch));
            if place.step == 0 {
                self.reset(&measures)?;
            }
            callbacks.each(&cx, |c| c.on_epoch_begin(&cx, epoch))?;
            while steps.is_none_or(|steps| place.step < steps) {
                if !self.load(&mut feed.borrow_mut(), &mut place)? {
                    break;
                }
                callbacks.each(&cx, |c| c.on_train_batch_begin(&cx, place.step))?;
                let last = (place.step + together).min(steps.unwrap_or(usize::MAX)) - 1;
                let all_seen = loop {
                    let _span = profile::begin("step", Some(place.step));
                    self.train_step(&mut feed.borrow_mut(), &place, options.check_numerics)?;
                    let all_seen = place.step_done(feed.borrow().len());
                    if all_seen || place.step > last {
                        break all_seen;
                    }
                    if !self.load(&mut feed.borrow_mut(), &mut place)? {
                        break true;
                    }
                };
                cx.place.set(place);
                callbacks.each(&cx, |c| c.on_train_batch_end(&cx, place.step - 1))?;
                running.check()?;
                if all_seen || self.stop.load(Ordering::Relaxed) {
                    break;
                }
            }
            let stopped = self.stop.load(Ordering::Relaxed);
            if !stopped && options.steps_per_epoch.is_some_and(|steps| place.step < steps) {
                self.warn(&options, format_args!(
                    "the data ran out after {} steps of epoch {}; repeat the dataset, or ask for fewer steps",
                    place.step,
                    epoch + 1
                ));
            }
            let mut epoch_logs = self.logs_of(&measures)?.sorted();
            if let Some(data) = &mut validation
                && options.validation_freq.is_due(epoch + 1)
            {
                let val = self.test(data, options.validation_steps, &cx, &mut callbacks)?.sorted();
                val.iter().for_each(|(name, value)| epoch_logs.set(format!("val_{name}"), value));
            }
            let is_nan = |name: &str| epoch_logs.get(name).is_some_and(f64::is_nan);
            if cause.is_none() && (is_nan("loss") || is_nan("val_loss")) {
                // The search is for information only; that it fails is no reason to end training.
                let found = match (&validation, is_nan("loss")) {
                    (Some(data), false) => data.suspects(self).why().map(|why| format!("validation: {why}")),
                    _ => why(),
                };
                let found = found.unwrap_or_else(|e| e.to_string());
                let name = if is_nan("loss") { "loss" } else { "val_loss" };
                self.warn(&options, format_args!("{name} is NaN since epoch {}: {found}", epoch + 1));
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

    /// Runs the step of the batch that is loaded, and looks at what it leaves if that was asked for.
    fn train_step(&self, feed: &mut Feed, place: &Place, check_numerics: bool) -> Result<()> {
        if !check_numerics {
            return feed.run(self);
        }
        let who = || format!("epoch {}, batch {}", place.epoch + 1, place.batch + 1);
        feed.suspects(self).check_batch().at(who)?;
        let before = self.layer.get_weights();
        feed.run(self)?;
        let loss = self.logs_of(&feed.measures())?.get("loss");
        feed.suspects(self).check_step(loss, &feed.tensors()?, &before).at(who)
    }

    fn warn(&self, options: &Fit, what: std::fmt::Arguments) {
        if options.verbose != Verbose::Silent {
            eprintln!("warning: {what}");
        }
    }

    /// Makes the batch of a place ready; false where the data ends in the middle of an epoch. An epoch that
    /// would begin at the end of the data begins with it anew.
    fn load(&self, feed: &mut Feed, place: &mut Place) -> Result<bool> {
        if feed.load(self, place)? {
            return Ok(true);
        }
        if place.batch == 0 {
            return Err(Error::value("the dataset has no elements in this pass; check what it is made of"));
        }
        place.pass_done();
        Ok(place.step == 0 && feed.load(self, place)?)
    }

    /// What to train on, and what to validate on.
    fn feeds(&self, x: &Data, y: &Data, options: &Fit) -> Result<(Feed, Option<Feed>)> {
        options.check()?;
        let validation = |size: usize| {
            let Some(Validation { x, y, sample_weight }) = &options.validation_data else { return Ok(None) };
            let make = || {
                let given = Given { x, y, sample_weight: sample_weight.as_ref(), class_weight: None };
                self.feed(Kind::Test, given, size, 0)
            };
            make().map(Some).at(|| "validation_data")
        };
        let given = Given {
            x,
            y,
            sample_weight: options.sample_weight.as_ref(),
            class_weight: options.class_weight.as_ref(),
        };
        if x.dataset().is_some() {
            if options.validation_split != 0.0 {
                return Err(Error::value(
                    "validation_split takes samples from tensors; take them from the dataset with `take` and `skip`, and \
                     give them as validation_data",
                ));
            }
            let feed = self.feed(Kind::Train, given, 0, options.initial_epoch as u64)?;
            let size = check::batch_size(options.validation_batch_size, 32).at(|| "validation")?;
            return Ok((feed, validation(size)?));
        }
        let samples = self.samples(given)?;
        let (range, held_out) = split(samples.count, options)?;
        // Without a batch size, given steps share the samples among them.
        let otherwise = options.steps_per_epoch.map_or(32, |steps| range.len().div_ceil(steps));
        let batch_size = check::batch_size(options.batch_size, otherwise)?;
        let size = check::batch_size(options.validation_batch_size, batch_size).at(|| "validation")?;
        let held_out = match (validation(size)?, held_out) {
            (Some(validation), _) => Some(validation),
            // Weights given for samples are split with them; weights of classes are for training only.
            (None, Some(range)) => {
                let samples = match options.class_weight {
                    Some(_) => samples.without_weights(),
                    None => samples.clone(),
                };
                Some(Feed::arrays(Kind::Test, samples, range, size)?)
            }
            (None, None) => None,
        };
        Ok((Feed::arrays(Kind::Train, samples, range, batch_size)?.ordered(options), held_out))
    }

    /// Batches of tensors, or of a dataset from a pass on, whose elements have all that belongs to them.
    pub(super) fn feed(&self, kind: Kind, given: Given, batch_size: usize, pass: u64) -> Result<Feed> {
        if let Some(dataset) = given.x.dataset() {
            if !given.y.is_empty() || given.y.dataset().is_some() || given.sample_weight.is_some() {
                return Err(Error::value(
                    "targets and sample weights come from the elements of the dataset; give () for y and no weights",
                ));
            }
            return Feed::stream(self, kind, dataset, given.class_weight.cloned(), pass);
        }
        let samples = match kind {
            Kind::Predict => self.inputs_only(given.x)?,
            _ => self.samples(given)?,
        };
        let range = 0..samples.count;
        Feed::arrays(kind, samples, range, batch_size)
    }

    /// How many steps follow each other before callbacks are told.
    pub(super) fn steps_per_execution(&self) -> usize {
        self.compiled.as_ref().map_or(1, |c| c.given.steps_per_execution)
    }

    /// What is known about the batches so far.
    pub(super) fn logs_of(&self, measures: &Measures) -> Result<Logs> {
        // Steps of one's own need not have a loss.
        let mut logs = measures.logs(self.custom.is_none())?;
        for metric in self.custom.iter().flat_map(|c| c.metrics()) {
            let name = metric.name();
            let value = super::measures::number(&name, &*metric)?;
            logs.set(name, value);
        }
        Ok(logs)
    }

    /// Lets losses and metrics begin anew.
    pub(super) fn reset(&self, measures: &Measures) -> Result<()> {
        measures.reset()?;
        self.custom.iter().flat_map(|c| c.metrics()).try_for_each(|m| m.reset_state())
    }

    /// Losses and metrics over data that the model does not learn from, or the first batches of it. Metrics begin
    /// anew.
    pub(super) fn test(
        &self,
        feed: &mut Feed,
        limit: Option<usize>,
        cx: &CallbackCx,
        callbacks: &mut CallbackList,
    ) -> Result<Logs> {
        let _span = profile::begin("evaluation", None);
        let measures = feed.measures();
        let running = Running::begin();
        self.reset(&measures)?;
        callbacks.each(cx, |c| c.on_test_begin(cx))?;
        let count = limit.unwrap_or(usize::MAX).min(feed.len().unwrap_or(usize::MAX));
        let together = self.steps_per_execution();
        let mut place = Place::default();
        while place.batch < count && feed.load(self, &place)? {
            let first = place.batch;
            callbacks.each(cx, |c| c.on_test_batch_begin(cx, first))?;
            loop {
                feed.run(self)?;
                place.batch += 1;
                if place.batch == count || place.batch == first + together || !feed.load(self, &place)? {
                    break;
                }
            }
            callbacks.each(cx, |c| c.on_test_batch_end(cx, place.batch - 1))?;
            running.check()?;
        }
        let logs = self.logs_of(&measures)?;
        let shown = logs.clone().sorted();
        callbacks.each(cx, |c| c.on_test_end(cx, &shown))?;
        Ok(logs)
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
