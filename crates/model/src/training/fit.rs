//! `fit`: the training loop.

use crate::callbacks::{CallbackCx, CallbackList, Params, Progress, Verbose};
use crate::sequential::Sequential;
use crate::step::Step;
use crate::training::batches::Batches;
use crate::training::check;
use crate::training::compile::{Compiled, Measures};
use crate::training::history::{History, Logs};
use crate::training::options::{Fit, Validation};
use crate::training::weights::{class_weights, sample_weights};
use rhyton_base::{Context, Error, Result, Shape};
use rhyton_ops::Meta;
use rhyton_runtime::{Generator, Storage};
use rhyton_tensor::{Tensor, next_seed};
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::Ordering;

impl Sequential {
    /// Trains the model on samples `x` with targets `y`; the first axis of both is the samples.
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
    pub fn fit(&mut self, x: &Tensor, y: &Tensor, options: Fit) -> Result<History> {
        self.train(x, y, options).at(|| "fit")
    }

    fn train(&self, x: &Tensor, y: &Tensor, mut options: Fit) -> Result<History> {
        let compiled = self.expect_compiled()?;
        let plan = Plan::new(self, compiled, x, y, &options)?;
        let mut batches = Batches::new(&plan.arrays(x, y), plan.range.clone(), plan.batch_size)?;
        let mut validation = plan.validation_batches(x, y, &options)?;
        compiled.build_optimizer(&self.trainable_weights())?;

        let steps = options.steps_per_epoch.unwrap_or(batches.len());
        let logs = || plan.measures.logs().map(Logs::sorted);
        let params = Params { verbose: options.verbose, epochs: options.epochs, steps };
        let cx = CallbackCx { model: self, params, logs: &logs };
        let callbacks = std::mem::take(&mut options.callbacks);
        let mut callbacks = CallbackList::new(callbacks, Progress::new(options.verbose));

        let mut order = options.shuffle.then(|| Order::new(&batches, &options));
        let mut next_batch = 0;
        let mut last_logs = Logs::new();
        let mut warned = false;
        let mut made = Made::default();
        self.stop.store(false, Ordering::Relaxed);
        callbacks.each(|c| c.on_train_begin(&cx))?;
        for epoch in options.initial_epoch..options.epochs {
            plan.measures.reset()?;
            callbacks.each(|c| c.on_epoch_begin(&cx, epoch))?;
            for step in 0..steps {
                if next_batch == 0
                    && let Some(order) = &mut order
                {
                    order.shuffle();
                }
                callbacks.each(|c| c.on_train_batch_begin(&cx, step))?;
                let step_of_size =
                    made.of(&batches, next_batch, |metas| compiled.train_step(self, metas, &plan.measures))?;
                run(step_of_size, batches.load(next_batch, order.as_ref().map(|o| o.rows.as_slice())))?;
                callbacks.each(|c| c.on_train_batch_end(&cx, step))?;
                next_batch += 1;
                if self.stop.load(Ordering::Relaxed) || next_batch == batches.len() {
                    break;
                }
            }
            // With a given number of steps, the next epoch goes on where this one stopped.
            if next_batch == batches.len() || options.steps_per_epoch.is_none() {
                next_batch = 0;
            }
            let mut epoch_logs = plan.measures.logs()?.sorted();
            if let Some(data) = &mut validation
                && (epoch + 1) % options.validation_freq == 0
            {
                let val = test(self, compiled, &plan.measures, data, &cx, &mut callbacks)?.sorted();
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
        compiled.optimizer.finalize_variable_values(&self.trainable_weights())?;
        callbacks.each(|c| c.on_train_end(&cx, &last_logs))?;
        Ok(callbacks.history)
    }
}

/// The order of samples, a new one each time they are all gone through. It depends on the seed and on how
/// often that was, counted like epochs, and on nothing else.
struct Order {
    seed: u64,
    pass: u64,
    samples: Range<usize>,
    rows: Vec<usize>,
}

impl Order {
    fn new(batches: &Batches, options: &Fit) -> Order {
        let seed = u64::from(options.seed.unwrap_or_else(next_seed));
        Order { seed, pass: options.initial_epoch as u64, samples: batches.range(), rows: Vec::new() }
    }

    fn shuffle(&mut self) {
        self.rows.clear();
        self.rows.extend(self.samples.clone());
        Generator::new(self.seed | self.pass << 32).shuffle(&mut self.rows);
        self.pass += 1;
    }
}

/// The steps of a run: one for whole batches and one for the smaller last one.
#[derive(Default)]
struct Made([Option<(usize, Arc<Step>)>; 2]);

impl Made {
    fn of(
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
    // A batch has at most three arrays: samples, targets and weights.
    match memory {
        [x, y] => step.run(&[x, y]),
        [x, y, w] => step.run(&[x, y, w]),
        _ => step.run(&memory.iter().collect::<Vec<_>>()),
    }
}

/// Loss and metrics over data that the model does not learn from. Metrics begin anew.
pub(super) fn test(
    model: &Sequential,
    compiled: &Compiled,
    measures: &Arc<Measures>,
    batches: &mut Batches,
    cx: &CallbackCx,
    callbacks: &mut CallbackList,
) -> Result<Logs> {
    let mut made = Made::default();
    measures.reset()?;
    callbacks.each(|c| c.on_test_begin(cx))?;
    for batch in 0..batches.len() {
        callbacks.each(|c| c.on_test_batch_begin(cx, batch))?;
        let step = made.of(batches, batch, |metas| compiled.test_step(model, metas, measures))?;
        run(step, batches.load(batch, None))?;
        callbacks.each(|c| c.on_test_batch_end(cx, batch))?;
    }
    let logs = measures.logs()?;
    let shown = logs.clone().sorted();
    callbacks.each(|c| c.on_test_end(cx, &shown))?;
    Ok(logs)
}

/// What a call of `fit` comes down to, checked.
struct Plan {
    measures: Arc<Measures>,
    /// The samples trained on.
    range: Range<usize>,
    /// Samples set aside for validation.
    held_out: Option<Range<usize>>,
    batch_size: usize,
    weight: Option<Tensor>,
    validation: Option<Validation>,
}

impl Plan {
    fn new(model: &Sequential, compiled: &Compiled, x: &Tensor, y: &Tensor, options: &Fit) -> Result<Plan> {
        let mut arrays = vec![("x", x), ("y", y)];
        arrays.extend(options.sample_weight.iter().map(|w| ("sample_weight", w)));
        let n = check::samples(&arrays)?;
        if options.validation_freq == 0 {
            return Err(Error::value("expected validation_freq to be at least 1, got 0"));
        }
        if options.steps_per_epoch == Some(0) {
            return Err(Error::value("expected steps_per_epoch to be at least 1, got 0"));
        }
        let (range, held_out) = split(n, options)?;
        // Without a batch size, given steps share the samples among them.
        let otherwise = options.steps_per_epoch.map_or(32, |steps| range.len().div_ceil(steps));
        let batch_size = check::batch_size(options.batch_size, otherwise)?;

        let weight = match (&options.class_weight, &options.sample_weight) {
            (Some(_), Some(_)) => {
                return Err(Error::value(
                    "class_weight and sample_weight cannot be given together; multiply them into sample_weight",
                ));
            }
            (Some(classes), None) => Some(class_weights(classes, y)?),
            (None, Some(w)) => Some(sample_weights(w, n)?),
            (None, None) => None,
        };

        let y_pred = model.fit_shapes(x)?;
        let measures = settle(compiled, y, &y_pred)?;
        check::targets(&*measures.loss, y, &y_pred)?;
        if let Some(data) = &options.validation_data {
            let who = || "validation_data";
            let mut arrays = vec![("x", &data.x), ("y", &data.y)];
            arrays.extend(data.sample_weight.iter().map(|w| ("sample_weight", w)));
            check::samples(&arrays).at(who)?;
            let y_pred = model.fit_shapes(&data.x).at(who)?;
            check::targets(&*measures.loss, &data.y, &y_pred).at(who)?;
        }
        Ok(Plan {
            measures,
            range,
            held_out,
            batch_size,
            weight,
            validation: options.validation_data.clone(),
        })
    }

    fn arrays<'a>(&'a self, x: &'a Tensor, y: &'a Tensor) -> Vec<&'a Tensor> {
        [x, y].into_iter().chain(&self.weight).collect()
    }

    fn validation_batches(&self, x: &Tensor, y: &Tensor, options: &Fit) -> Result<Option<Batches>> {
        let size = check::batch_size(options.validation_batch_size, self.batch_size).at(|| "validation")?;
        if let Some(data) = &self.validation {
            let weight = match &data.sample_weight {
                Some(w) => Some(sample_weights(w, data.x.shape()[0])?),
                None => None,
            };
            let arrays: Vec<&Tensor> = [&data.x, &data.y].into_iter().chain(&weight).collect();
            return Batches::new(&arrays, 0..data.x.shape()[0], size).map(Some);
        }
        let Some(range) = &self.held_out else { return Ok(None) };
        // Weights given for samples are split with them; weights of classes are for training only.
        let weighted = options.sample_weight.is_some();
        let arrays = if weighted { self.arrays(x, y) } else { vec![x, y] };
        Batches::new(&arrays, range.clone(), size).map(Some)
    }
}

/// Loss and metrics for these targets and outputs.
pub(super) fn settle(compiled: &Compiled, y: &Tensor, y_pred: &Shape) -> Result<Arc<Measures>> {
    compiled.measures(&Shape::from(y.shape()), y_pred)
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
