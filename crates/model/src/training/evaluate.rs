//! `evaluate`, `predict` and work on single batches.

use crate::callbacks::{CallbackCx, CallbackList, Params, Progress, number};
use crate::sequential::Sequential;
use crate::step::Kind;
use crate::training::batches::Batches;
use crate::training::check;
use crate::training::compile::{Compiled, Measures};
use crate::training::fit::{run, settle, test};
use crate::training::history::Logs;
use crate::training::options::{Evaluate, Predict};
use crate::training::weights::sample_weights;
use rhyton_base::{Context, DType, Error, Layout, Result, Shape, did_you_mean, element_count};
use rhyton_nn::layers::CallCx;
use rhyton_runtime::Storage;
use rhyton_tensor::Tensor;
use std::fmt;
use std::ops::Index;
use std::sync::Arc;

/// What `evaluate` reports: the loss, then the metrics in the order of `compile`.
///
/// ```
/// # use rhyton_model::Sequential;
/// # use rhyton_nn::layers::Dense;
/// # let x = rhyton_tensor::ops::ones([8, 2], rhyton_tensor::DType::F32)?;
/// # let mut model = Sequential::from([Dense::new(2)]);
/// # model.compile("sgd", "mse", ["mae"])?;
/// let report = model.evaluate(&x, &x)?;
/// println!("{report}"); // loss: 0.2612 - mae: 0.4125
/// assert_eq!(report.loss(), report["loss"]);
/// assert!(report["mae"] >= 0.0);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Evaluation(Logs);

impl Evaluation {
    /// The loss.
    pub fn loss(&self) -> f64 {
        self.0.get("loss").unwrap_or(f64::NAN)
    }

    /// The number of a name.
    ///
    /// # Errors
    /// Where there is no such name; the nearest is suggested.
    pub fn get(&self, name: &str) -> Result<f64> {
        self.0.get(name).ok_or_else(|| {
            let names: Vec<&str> = self.0.iter().map(|(n, _)| n).collect();
            Error::name(format!("there is no {name:?}{}", did_you_mean(name, &names))).at("Evaluation")
        })
    }

    /// Names and numbers: the loss, then the metrics in the order of `compile`.
    pub fn iter(&self) -> impl Iterator<Item = (&str, f64)> {
        self.0.iter()
    }
}

/// The number of a name.
///
/// # Panics
/// Where there is no such name; [`Evaluation::get`] returns an error instead.
impl Index<&str> for Evaluation {
    type Output = f64;

    #[track_caller]
    fn index(&self, name: &str) -> &f64 {
        match self.0.value(name) {
            Some(value) => value,
            None => panic!("{}", self.get(name).expect_err("the name is not there")),
        }
    }
}

/// `loss: 0.2612 - accuracy: 0.9256`.
impl fmt::Display for Evaluation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all: Vec<String> =
            self.0.iter().map(|(name, value)| format!("{name}: {}", number(value))).collect();
        f.write_str(&all.join(" - "))
    }
}

impl Sequential {
    /// Loss and metrics on samples `x` with targets `y`, in batches of 32.
    ///
    /// # Errors
    /// As [`Sequential::fit`].
    pub fn evaluate(&self, x: &Tensor, y: &Tensor) -> Result<Evaluation> {
        self.evaluate_with(x, y, Evaluate::new())
    }

    /// [`Sequential::evaluate`] with everything there is to say.
    ///
    /// # Errors
    /// As [`Sequential::fit`].
    ///
    /// ```
    /// use rhyton_model::{Evaluate, Sequential};
    /// # use rhyton_nn::layers::Dense;
    /// # let x = rhyton_tensor::ops::ones([8, 2], rhyton_tensor::DType::F32)?;
    /// # let mut model = Sequential::from([Dense::new(2)]);
    /// # model.compile("sgd", "mse", ["mae"])?;
    /// let report = model.evaluate_with(&x, &x, Evaluate::new().batch_size(128).verbose(0))?;
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    pub fn evaluate_with(&self, x: &Tensor, y: &Tensor, options: Evaluate) -> Result<Evaluation> {
        self.report(x, y, options).map(Evaluation).at(|| "evaluate")
    }

    fn report(&self, x: &Tensor, y: &Tensor, options: Evaluate) -> Result<Logs> {
        let compiled = self.expect_compiled()?;
        let size = check::batch_size(options.batch_size, 32)?;
        let (measures, mut batches) = self.batches(compiled, x, y, options.sample_weight.as_ref(), size)?;
        let logs = || measures.logs().map(Logs::sorted);
        let params = Params { verbose: options.verbose, epochs: 1, steps: batches.len() };
        let cx = CallbackCx { model: self, params, logs: &logs };
        let mut callbacks = CallbackList::new(options.callbacks, Progress::quiet_in_pipes(options.verbose));
        test(self, compiled, &measures, &mut batches, &cx, &mut callbacks)
    }

    /// Checked data in batches.
    fn batches(
        &self,
        compiled: &Compiled,
        x: &Tensor,
        y: &Tensor,
        weight: Option<&Tensor>,
        size: usize,
    ) -> Result<(Arc<Measures>, Batches)> {
        let arrays: Vec<_> =
            [("x", x), ("y", y)].into_iter().chain(weight.map(|w| ("sample_weight", w))).collect();
        let n = check::samples(&arrays)?;
        let y_pred = self.fit_shapes(x)?;
        let measures = settle(compiled, y, &y_pred)?;
        check::targets(&*measures.loss, y, &y_pred)?;
        let weight = weight.map(|w| sample_weights(w, n)).transpose()?;
        let arrays: Vec<&Tensor> = [x, y].into_iter().chain(&weight).collect();
        Ok((measures, Batches::new(&arrays, 0..n, size)?))
    }

    /// The model's output for samples `x`, in batches of 32.
    ///
    /// # Errors
    /// Where the samples do not fit a layer, or there are none.
    pub fn predict(&self, x: &Tensor) -> Result<Tensor> {
        self.predict_with(x, Predict::new())
    }

    /// [`Sequential::predict`] with everything there is to say.
    ///
    /// # Errors
    /// As [`Sequential::predict`].
    pub fn predict_with(&self, x: &Tensor, options: Predict) -> Result<Tensor> {
        self.outputs(x, options).at(|| "predict")
    }

    fn outputs(&self, x: &Tensor, options: Predict) -> Result<Tensor> {
        let n = check::samples(&[("x", x)])?;
        let size = check::batch_size(options.batch_size, 32)?;
        self.fit_shapes(x)?;
        let mut batches = Batches::new(&[x], 0..n, size)?;
        let params = Params { verbose: options.verbose, epochs: 1, steps: batches.len() };
        let cx = CallbackCx { model: self, params, logs: &|| Ok(Logs::new()) };
        let mut callbacks = CallbackList::new(options.callbacks, Progress::quiet_in_pipes(options.verbose));
        let eagerly = self.compiled.as_ref().is_some_and(|c| c.given.run_eagerly);
        let mut all: Option<(Storage, DType, Vec<usize>)> = None;
        let mut written = 0;
        callbacks.each(|c| c.on_predict_begin(&cx))?;
        for batch in 0..batches.len() {
            callbacks.each(|c| c.on_predict_batch_begin(&cx, batch))?;
            let step = self.forward_steps.get(Kind::Predict, eagerly, &batches.metas(batch), || {
                let forward = self.forward_work()?;
                Ok(Box::new(move |x: &[Tensor]| Ok(vec![forward(&x[0], &CallCx::INFERENCE)?])))
            })?;
            let y = step.call(&[&batches.load(batch, None)[0]])?.swap_remove(0);
            if y.shape().first() != Some(&batches.size(batch)) {
                let shape = Shape::from(y.shape());
                let message = format!(
                    "expected an output for each of {} samples, got shape {shape}",
                    batches.size(batch)
                );
                return Err(Error::shape(message));
            }
            if all.is_none() {
                let shape = [&[n], &y.shape()[1..]].concat();
                let bytes = element_count(&shape)? * y.dtype().size();
                all = Some((Storage::new(bytes)?, y.dtype(), shape));
            }
            if let Some((all, ..)) = &mut all {
                y.with_bytes(|b| all.bytes_mut()[written..written + b.len()].copy_from_slice(b))?;
            }
            written += y.nbytes();
            callbacks.each(|c| c.on_predict_batch_end(&cx, batch))?;
        }
        callbacks.each(|c| c.on_predict_end(&cx))?;
        let (storage, dtype, shape) = all.ok_or_else(|| Error::value("x has no samples"))?;
        Ok(Tensor::from_storage(Arc::new(storage), dtype, Layout::contiguous(&shape)))
    }

    /// The model's output for one batch.
    ///
    /// # Errors
    /// As [`Sequential::predict`].
    pub fn predict_on_batch(&self, x: &Tensor) -> Result<Tensor> {
        let size = x.shape().first().copied().unwrap_or(1).max(1);
        self.predict_with(x, Predict::new().batch_size(size).verbose(0))
    }

    /// One training step on one batch. Loss and metrics are gathered over calls until
    /// [`Sequential::reset_metrics`].
    ///
    /// # Errors
    /// As [`Sequential::fit`].
    pub fn train_on_batch(&mut self, x: &Tensor, y: &Tensor) -> Result<Evaluation> {
        self.one_batch(x, y, true).at(|| "train_on_batch")
    }

    /// Loss and metrics of one batch, gathered over calls until [`Sequential::reset_metrics`].
    ///
    /// # Errors
    /// As [`Sequential::fit`].
    pub fn test_on_batch(&self, x: &Tensor, y: &Tensor) -> Result<Evaluation> {
        self.one_batch(x, y, false).at(|| "test_on_batch")
    }

    fn one_batch(&self, x: &Tensor, y: &Tensor, learn: bool) -> Result<Evaluation> {
        let compiled = self.expect_compiled()?;
        let size = x.shape().first().copied().unwrap_or(1).max(1);
        let (measures, mut batches) = self.batches(compiled, x, y, None, size)?;
        let step = if learn {
            compiled.build_optimizer(&self.trainable_weights())?;
            compiled.train_step(self, &batches.metas(0), &measures)?
        } else {
            compiled.test_step(self, &batches.metas(0), &measures)?
        };
        run(&step, batches.load(0, None))?;
        measures.logs().map(Evaluation)
    }

    /// Lets loss and metrics begin anew.
    ///
    /// # Errors
    /// Where there is no memory.
    pub fn reset_metrics(&self) -> Result<()> {
        match self.compiled.as_ref().and_then(Compiled::settled) {
            Some(measures) => measures.reset(),
            None => Ok(()),
        }
    }
}
