//! `predict`: outputs for samples.

use super::check;
use super::history::Logs;
use super::options::Predict;
use super::order::Place;
use super::samples::Given;
use crate::callbacks::{CallbackCx, CallbackList, Params, ProgbarLogger};
use crate::data::Data;
use crate::interrupt::Running;
use crate::model::Model;
use crate::step::Kind;
use rhyton_base::{Context, DType, Error, Layout, Result, Shape, element_count};
use rhyton_nn::numerics::not_finite;
use rhyton_runtime::{Storage, profile};
use rhyton_tensor::Tensor;
use smallvec::SmallVec;
use std::sync::Arc;

impl Model {
    /// The model's only output for samples `x`, in batches of 32.
    ///
    /// # Errors
    /// Where the samples do not fit a layer, there are none, or the model has several outputs
    /// (see [`Model::predict_all`]).
    pub fn predict(&self, x: impl Into<Data>) -> Result<Tensor> {
        self.predict_with(x, Predict::new())
    }

    /// [`Model::predict`] with everything there is to say.
    ///
    /// # Errors
    /// As [`Model::predict`].
    pub fn predict_with(&self, x: impl Into<Data>, options: Predict) -> Result<Tensor> {
        let mut all = self.run_predict(&x.into(), options).at(|| "predict")?;
        match all.len() {
            1 => Ok(all.swap_remove(0)),
            n => Err(Error::value(format!("has {n} outputs; use predict_all")).at(self.who()).at("predict")),
        }
    }

    /// All outputs for samples `x`, in batches of 32.
    ///
    /// # Errors
    /// Where the samples do not fit a layer, or there are none.
    ///
    /// ```
    /// use rhyton_model::Model;
    /// use rhyton_nn::layers::{Dense, input};
    /// let x = input([3]);
    /// let model = Model::new(&x, [&Dense::new(2).call(&x)?, &Dense::new(1).call(&x)?])?;
    /// let data = rhyton_tensor::ops::ones([5, 3], rhyton_tensor::DType::F32)?;
    /// let outputs = model.predict_all(&data)?;
    /// assert_eq!((outputs[0].shape(), outputs[1].shape()), (&[5, 2][..], &[5, 1][..]));
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    pub fn predict_all(&self, x: impl Into<Data>) -> Result<Vec<Tensor>> {
        self.predict_all_with(x, Predict::new())
    }

    /// [`Model::predict_all`] with everything there is to say.
    ///
    /// # Errors
    /// As [`Model::predict_all`].
    pub fn predict_all_with(&self, x: impl Into<Data>, options: Predict) -> Result<Vec<Tensor>> {
        self.run_predict(&x.into(), options).at(|| "predict")
    }

    /// One batch of the types and shapes of the last one, which needs no preparations: microseconds matter where
    /// samples come one by one.
    fn predict_again(&self, x: &Data, size: usize, options: &Predict) -> Option<Result<Vec<Tensor>>> {
        let plain = options.callbacks.is_empty() && !options.check_numerics && options.steps.is_none();
        if !plain || x.dataset().is_some() || x.names().is_some() || !self.is_one_batch(x, size) {
            return None;
        }
        let step = self.steps.last()?;
        let function = step.function()?;
        let inputs: SmallVec<[&Tensor; 8]> = x.tensors().iter().collect();
        if !function.takes(&inputs) || !ProgbarLogger::is_quiet(options.verbose) {
            return None;
        }
        let running = Running::begin();
        Some(function.call(&inputs).and_then(|y| running.check().map(|()| y)))
    }

    fn is_one_batch(&self, x: &Data, size: usize) -> bool {
        x.tensors().first().is_some_and(|x| x.shape().first().is_some_and(|&rows| rows <= size))
    }

    fn run_predict(&self, x: &Data, options: Predict) -> Result<Vec<Tensor>> {
        let size = check::batch_size(options.batch_size, 32)?;
        if let Some(again) = self.predict_again(x, size, &options) {
            return again;
        }
        let none = Data::default();
        let given = Given { x, y: &none, sample_weight: None, class_weight: None };
        let mut feed = self.feed(Kind::Predict, given, size, 0)?;
        let count = match (options.steps, feed.len()) {
            (Some(steps), Some(all)) => Some(steps.min(all)),
            (steps, all) => steps.or(all),
        };
        let params = Params { verbose: options.verbose, epochs: 1, steps: count };
        let cx = CallbackCx::new(self, params, &|| Ok(Logs::new()));
        let mut callbacks =
            CallbackList::new(options.callbacks, ProgbarLogger::quiet_in_pipes(options.verbose));
        let mut all: Vec<Gathered> = Vec::new();
        let running = Running::begin();
        let _span = profile::begin("prediction", None);
        callbacks.each(&cx, |c| c.on_predict_begin(&cx))?;
        let together = self.steps_per_execution();
        let mut place = Place::default();
        let mut more = feed.load(self, &place)?;
        while more {
            let batch = place.batch;
            if batch % together == 0 {
                callbacks.each(&cx, |c| c.on_predict_batch_begin(&cx, batch))?;
            }
            let step = feed.step(self)?;
            let outputs = feed.with_memory(&step, |memory| step.call(memory))?;
            if options.check_numerics {
                for y in &outputs {
                    if let Some(found) = not_finite(y)? {
                        let why = feed.suspects(self).why()?;
                        return Err(Error::value(format!("a prediction is {}: {why}", found.value)));
                    }
                }
            }
            if all.is_empty() {
                // Where nobody knows how many there will be, memory grows with them.
                let rows = count.and_then(|count| feed.rows(count)).unwrap_or(feed.size());
                all = outputs.iter().map(|y| Gathered::new(y, rows)).collect::<Result<_>>()?;
            }
            for (all, y) in all.iter_mut().zip(&outputs) {
                all.push(y, feed.size())?;
            }
            place.batch += 1;
            more = count.is_none_or(|count| place.batch < count) && feed.load(self, &place)?;
            if (batch + 1) % together == 0 || !more {
                callbacks.each(&cx, |c| c.on_predict_batch_end(&cx, batch))?;
            }
            running.check()?;
        }
        callbacks.each(&cx, |c| c.on_predict_end(&cx))?;
        if x.dataset().is_none() && x.names().is_none() && self.is_one_batch(x, size) {
            self.steps.remember(&feed.step(self)?);
        }
        Ok(all.into_iter().map(Gathered::finish).collect())
    }

    /// The model's only output for one batch.
    ///
    /// # Errors
    /// As [`Model::predict`].
    pub fn predict_on_batch(&self, x: impl Into<Data>) -> Result<Tensor> {
        let x = x.into();
        x.expect_tensors("x").at(|| "predict_on_batch")?;
        let options = whole(&x);
        self.predict_with(x, options)
    }

    /// All outputs for one batch.
    ///
    /// # Errors
    /// As [`Model::predict_all`].
    pub fn predict_all_on_batch(&self, x: impl Into<Data>) -> Result<Vec<Tensor>> {
        let x = x.into();
        x.expect_tensors("x").at(|| "predict_on_batch")?;
        let options = whole(&x);
        self.predict_all_with(x, options)
    }
}

/// All samples in one batch, without a word.
fn whole(x: &Data) -> Predict {
    let size = x.tensors().first().and_then(|x| x.shape().first().copied()).unwrap_or(1).max(1);
    Predict::new().batch_size(size).verbose(0)
}

/// The outputs of several batches one after the other.
struct Gathered {
    storage: Storage,
    dtype: DType,
    /// The shape of the first axis's rows stands behind a size that does not count.
    shape: Vec<usize>,
    rows: usize,
    written: usize,
}

impl Gathered {
    /// Memory for as many rows like those of `y`.
    fn new(y: &Tensor, rows: usize) -> Result<Gathered> {
        let shape = [&[rows], y.shape().get(1..).unwrap_or_default()].concat();
        let storage = Storage::new(element_count(&shape)? * y.dtype().size())?;
        Ok(Gathered { storage, dtype: y.dtype(), shape, rows: 0, written: 0 })
    }

    fn push(&mut self, y: &Tensor, samples: usize) -> Result<()> {
        if y.shape().first() != Some(&samples) || y.shape()[1..] != self.shape[1..] {
            let shape = Shape::from(y.shape());
            return Err(Error::shape(format!(
                "expected an output of one shape for each of {samples} samples, got shape {shape}"
            )));
        }
        let at = self.written;
        let needed = at + y.nbytes();
        if needed > self.storage.len() {
            let mut larger = Storage::new(needed.max(self.storage.len().saturating_mul(2)))?;
            larger.bytes_mut()[..at].copy_from_slice(&self.storage.bytes()[..at]);
            self.storage = larger;
        }
        self.rows += samples;
        y.with_bytes(|b| self.storage.bytes_mut()[at..at + b.len()].copy_from_slice(b))?;
        self.written += y.nbytes();
        Ok(())
    }

    fn finish(mut self) -> Tensor {
        if let Some(rows) = self.shape.first_mut() {
            *rows = self.rows;
        }
        Tensor::from_storage(Arc::new(self.storage), self.dtype, Layout::contiguous(&self.shape))
    }
}
