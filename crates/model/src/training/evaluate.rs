//! `evaluate` and work on single batches.

use super::check;
use super::compile::Compiled;
use super::feed::Feed;
use super::history::Logs;
use super::options::{Evaluate, OnBatch};
use super::order::Place;
use super::samples::Given;
use crate::callbacks::{CallbackCx, CallbackList, Params, ProgbarLogger, Verbose, number};
use crate::data::Data;
use crate::model::Model;
use crate::step::Kind;
use rhyton_base::{Context, Error, Result, did_you_mean};
use rhyton_nn::metrics::Direction;
use std::fmt;
use std::ops::Index;

/// What `evaluate` reports: the loss, then the losses of several outputs, then the metrics in the order of `compile`.
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

impl From<Logs> for Evaluation {
    fn from(logs: Logs) -> Evaluation {
        Evaluation(logs)
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

impl Model {
    /// Losses and metrics on samples `x` with targets `y`, in batches of 32.
    ///
    /// # Errors
    /// As [`Model::fit`].
    pub fn evaluate(&self, x: impl Into<Data>, y: impl Into<Data>) -> Result<Evaluation> {
        self.evaluate_with(x, y, Evaluate::new())
    }

    /// [`Model::evaluate`] with everything there is to say.
    ///
    /// # Errors
    /// As [`Model::fit`].
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
    pub fn evaluate_with(
        &self,
        x: impl Into<Data>,
        y: impl Into<Data>,
        options: Evaluate,
    ) -> Result<Evaluation> {
        self.report(&x.into(), &y.into(), options).map(Evaluation).at(|| "evaluate")
    }

    fn report(&self, x: &Data, y: &Data, options: Evaluate) -> Result<Logs> {
        let size = check::batch_size(options.batch_size, 32)?;
        let given = Given { x, y, sample_weight: options.sample_weight.as_ref(), class_weight: None };
        let mut feed = self.feed(Kind::Test, given, size, 0)?;
        let measures = feed.measures();
        let logs = || self.logs_of(&measures).map(Logs::sorted);
        let steps = match (options.steps, feed.len()) {
            (Some(steps), Some(all)) => Some(steps.min(all)),
            (steps, all) => steps.or(all),
        };
        let params = Params { verbose: options.verbose, epochs: 1, steps };
        let cx = CallbackCx::new(self, params, &logs);
        let mut callbacks =
            CallbackList::new(options.callbacks, ProgbarLogger::quiet_in_pipes(options.verbose));
        let result = self.test(&mut feed, options.steps, &cx, &mut callbacks)?;
        let suspects = feed.suspects(self);
        if let Some(loss) = result.get("loss").filter(|loss| !loss.is_finite()) {
            if options.check_numerics {
                return Err(Error::value(format!("the loss is {loss}: {}", suspects.why()?)));
            }
            if options.verbose != Verbose::Silent {
                eprintln!(
                    "warning: the loss is {loss}: {}",
                    suspects.why().unwrap_or_else(|e| e.to_string())
                );
            }
        }
        Ok(result)
    }

    /// One training step on one batch. Losses and metrics are gathered over calls until
    /// [`Model::reset_metrics`].
    ///
    /// # Errors
    /// As [`Model::fit`].
    pub fn train_on_batch(&mut self, x: impl Into<Data>, y: impl Into<Data>) -> Result<Evaluation> {
        self.train_on_batch_with(x, y, OnBatch::new())
    }

    /// [`Model::train_on_batch`] of samples that do not count alike.
    ///
    /// # Errors
    /// As [`Model::fit`].
    ///
    /// ```
    /// use rhyton_model::{OnBatch, Sequential};
    /// # use rhyton_nn::layers::Dense;
    /// # let x = rhyton_tensor::ops::ones([4, 2], rhyton_tensor::DType::F32)?;
    /// # let y = rhyton_tensor::Tensor::from([0i32, 1, 1, 0]);
    /// # let mut model = Sequential::from([Dense::new(2).activation("softmax")]);
    /// model.compile("sgd", "sparse_categorical_crossentropy", ())?;
    /// let report = model.train_on_batch_with(&x, &y, OnBatch::new().class_weight([(1, 3.0)]))?;
    /// assert!(report.loss() > model.test_on_batch(&x, &y)?.loss() / 2.0);
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    pub fn train_on_batch_with(
        &mut self,
        x: impl Into<Data>,
        y: impl Into<Data>,
        options: OnBatch,
    ) -> Result<Evaluation> {
        self.one_batch(Kind::Train, &x.into(), &y.into(), options).at(|| "train_on_batch")
    }

    /// Losses and metrics of one batch, gathered over calls until [`Model::reset_metrics`].
    ///
    /// # Errors
    /// As [`Model::fit`].
    pub fn test_on_batch(&self, x: impl Into<Data>, y: impl Into<Data>) -> Result<Evaluation> {
        self.test_on_batch_with(x, y, OnBatch::new())
    }

    /// [`Model::test_on_batch`] of samples that do not count alike.
    ///
    /// # Errors
    /// As [`Model::fit`].
    pub fn test_on_batch_with(
        &self,
        x: impl Into<Data>,
        y: impl Into<Data>,
        options: OnBatch,
    ) -> Result<Evaluation> {
        self.one_batch(Kind::Test, &x.into(), &y.into(), options).at(|| "test_on_batch")
    }

    fn one_batch(&self, kind: Kind, x: &Data, y: &Data, options: OnBatch) -> Result<Evaluation> {
        let OnBatch { sample_weight, class_weight } = &options;
        let given =
            Given { x, y, sample_weight: sample_weight.as_ref(), class_weight: class_weight.as_ref() };
        x.expect_tensors("x")?;
        let samples = self.samples(given)?;
        let (measures, count) = (samples.measures.clone(), samples.count);
        let mut feed = Feed::arrays(kind, samples, 0..count, count)?;
        if let Some(compiled) = &self.compiled
            && kind == Kind::Train
            && (self.custom.is_none() || self.is_built())
        {
            compiled.build_optimizer(&self.trainable_weights())?;
        }
        feed.load(self, &Place::default())?;
        feed.run(self)?;
        self.logs_of(&measures).map(Evaluation)
    }

    /// The names of what is reported: the total loss, the losses of several outputs, the metrics in the order of
    /// `compile`, then those of [`Model::with_steps`]. Before the first data, when shapes have not settled yet what
    /// `compile` was given, the loss alone.
    pub fn metrics_names(&self) -> Vec<String> {
        let settled = self.compiled.as_ref().and_then(Compiled::settled);
        let mut names = settled.unwrap_or_else(|| self.own_measures.clone()).names();
        names.extend(self.custom.iter().flat_map(|c| c.metrics()).map(|m| m.name()));
        names
    }

    /// Whether larger or smaller is better of what has this name in logs.
    pub(crate) fn direction_of(&self, name: &str) -> Option<Direction> {
        let settled = self.compiled.as_ref().and_then(Compiled::settled);
        settled.unwrap_or_else(|| self.own_measures.clone()).direction(name).or_else(|| {
            let own = self.custom.iter().flat_map(|c| c.metrics()).find(|m| m.name() == name);
            own.and_then(|m| m.direction())
        })
    }

    /// Lets losses and metrics begin anew.
    ///
    /// # Errors
    /// Where there is no memory.
    pub fn reset_metrics(&self) -> Result<()> {
        if let Some(measures) = self.compiled.as_ref().and_then(Compiled::settled) {
            measures.reset()?;
        }
        self.own_measures.reset()?;
        self.custom.iter().flat_map(|c| c.metrics()).try_for_each(|m| m.reset_state())
    }
}
