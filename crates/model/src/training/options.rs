//! What `fit`, `evaluate` and `predict` can be told.

use crate::callbacks::{Callback, Verbose};
use crate::data::Data;
use rhyton_base::{Error, Result};
use rhyton_data::{Dataset, DirectoryDataset};
use std::collections::BTreeMap;

/// Data to validate on: `(&x, &y)` or `(&x, &y, &sample_weight)`, each as `fit` takes it, or a dataset.
#[derive(Clone, Debug)]
pub struct Validation {
    pub(crate) x: Data,
    pub(crate) y: Data,
    pub(crate) sample_weight: Option<Data>,
}

/// Its elements are batches of inputs, targets and weights.
impl From<&Dataset> for Validation {
    fn from(dataset: &Dataset) -> Validation {
        Validation { x: dataset.into(), y: Data::default(), sample_weight: None }
    }
}

impl From<Dataset> for Validation {
    fn from(dataset: Dataset) -> Validation {
        Validation { x: dataset.into(), y: Data::default(), sample_weight: None }
    }
}

impl From<&DirectoryDataset> for Validation {
    fn from(dataset: &DirectoryDataset) -> Validation {
        dataset.dataset().into()
    }
}

impl<X: Into<Data>, Y: Into<Data>> From<(X, Y)> for Validation {
    fn from((x, y): (X, Y)) -> Validation {
        Validation { x: x.into(), y: y.into(), sample_weight: None }
    }
}

impl<X: Into<Data>, Y: Into<Data>, W: Into<Data>> From<(X, Y, W)> for Validation {
    fn from((x, y, w): (X, Y, W)) -> Validation {
        Validation { x: x.into(), y: y.into(), sample_weight: Some(w.into()) }
    }
}

/// How samples are brought into a new order each epoch: `true`, `false` or `"batch"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shuffle {
    /// They are not.
    No,
    /// All of them together.
    All,
    /// Inside of each batch; batches stay in order.
    WithinBatches,
}

impl From<bool> for Shuffle {
    fn from(shuffle: bool) -> Shuffle {
        if shuffle { Shuffle::All } else { Shuffle::No }
    }
}

/// After which epochs validation data is evaluated: a number for every so many, or a list of epochs counted from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ValidationFreq {
    /// Every so many.
    Every(usize),
    /// After these.
    After(Vec<usize>),
}

impl ValidationFreq {
    /// Whether it is after this epoch, counted from 1.
    pub(crate) fn is_due(&self, epoch: usize) -> bool {
        match self {
            ValidationFreq::Every(epochs) => epoch.is_multiple_of(*epochs),
            ValidationFreq::After(epochs) => epochs.contains(&epoch),
        }
    }
}

impl From<usize> for ValidationFreq {
    fn from(epochs: usize) -> ValidationFreq {
        ValidationFreq::Every(epochs)
    }
}

impl<const N: usize> From<[usize; N]> for ValidationFreq {
    fn from(epochs: [usize; N]) -> ValidationFreq {
        ValidationFreq::After(epochs.into())
    }
}

impl From<Vec<usize>> for ValidationFreq {
    fn from(epochs: Vec<usize>) -> ValidationFreq {
        ValidationFreq::After(epochs)
    }
}

/// How to train.
///
/// | option | default |
/// |---|---|
/// | epochs | 1 |
/// | `batch_size` | 32, the last batch of an epoch may be smaller |
/// | `shuffle` | true: a new order each epoch, from `seed` or the process's own seed |
/// | `validation_split` | 0: the last part of the samples, set aside before shuffling |
/// | `validation_data` | none; takes the place of a split |
/// | `verbose` | a bar on a terminal, a line an epoch elsewhere |
///
/// ```
/// use rhyton_model::Fit;
/// # let (x, y) = (rhyton_tensor::Tensor::from([1.0f32]), rhyton_tensor::Tensor::from([1.0f32]));
/// Fit::epochs(5).batch_size(128).validation_data((&x, &y));
/// ```
pub struct Fit {
    pub(crate) epochs: usize,
    pub(crate) initial_epoch: usize,
    pub(crate) batch_size: Option<usize>,
    pub(crate) steps_per_epoch: Option<usize>,
    pub(crate) verbose: Verbose,
    pub(crate) shuffle: Shuffle,
    pub(crate) seed: Option<u32>,
    pub(crate) validation_split: f64,
    pub(crate) validation_data: Option<Validation>,
    pub(crate) validation_batch_size: Option<usize>,
    pub(crate) validation_steps: Option<usize>,
    pub(crate) validation_freq: ValidationFreq,
    pub(crate) sample_weight: Option<Data>,
    pub(crate) class_weight: Option<BTreeMap<i64, f64>>,
    pub(crate) check_numerics: bool,
    pub(crate) callbacks: Vec<Box<dyn Callback>>,
}

impl Default for Fit {
    fn default() -> Fit {
        Fit {
            epochs: 1,
            initial_epoch: 0,
            batch_size: None,
            steps_per_epoch: None,
            verbose: Verbose::Auto,
            shuffle: Shuffle::All,
            seed: None,
            validation_split: 0.0,
            validation_data: None,
            validation_batch_size: None,
            validation_steps: None,
            validation_freq: ValidationFreq::Every(1),
            sample_weight: None,
            class_weight: None,
            check_numerics: false,
            callbacks: Vec::new(),
        }
    }
}

impl Fit {
    /// Trains up to this epoch: so many times over the data, unless it starts at a later one.
    #[must_use]
    pub fn epochs(epochs: usize) -> Fit {
        Fit { epochs, ..Fit::default() }
    }

    /// Counts epochs from here: with 5, and 10 epochs, it trains 5 more.
    #[must_use]
    pub fn initial_epoch(self, epoch: usize) -> Fit {
        Fit { initial_epoch: epoch, ..self }
    }

    /// Samples a step; 32 by default.
    #[must_use]
    pub fn batch_size(self, batch_size: usize) -> Fit {
        Fit { batch_size: Some(batch_size), ..self }
    }

    /// Steps after which an epoch ends; by default when all samples have been seen. The next epoch goes on
    /// where this one stopped. Datasets that never end need it.
    #[must_use]
    pub fn steps_per_epoch(self, steps: usize) -> Fit {
        Fit { steps_per_epoch: Some(steps), ..self }
    }

    /// 0 prints nothing, 1 a progress bar, 2 a line an epoch.
    #[must_use]
    pub fn verbose(self, verbose: impl Into<Verbose>) -> Fit {
        Fit { verbose: verbose.into(), ..self }
    }

    /// Whether samples come in a new order each epoch; [`Shuffle::WithinBatches`] changes the order inside of batches
    /// only.
    #[must_use]
    pub fn shuffle(self, shuffle: impl Into<Shuffle>) -> Fit {
        Fit { shuffle: shuffle.into(), ..self }
    }

    /// Fixes the order of samples: that of an epoch depends on this seed and on the number of the epoch
    /// alone, so that training that is resumed at an epoch sees the samples as training without a break
    /// would. Without it, the seed is drawn from the process's own stream (see `set_random_seed`).
    #[must_use]
    pub fn seed(self, seed: u32) -> Fit {
        Fit { seed: Some(seed), ..self }
    }

    /// Validates on this fraction of the samples, the last ones, and trains on the others.
    #[must_use]
    pub fn validation_split(self, fraction: f64) -> Fit {
        Fit { validation_split: fraction, ..self }
    }

    /// Validates on this data after each epoch.
    #[must_use]
    pub fn validation_data(self, data: impl Into<Validation>) -> Fit {
        Fit { validation_data: Some(data.into()), ..self }
    }

    /// Samples a validation step; the training batch size by default.
    #[must_use]
    pub fn validation_batch_size(self, batch_size: usize) -> Fit {
        Fit { validation_batch_size: Some(batch_size), ..self }
    }

    /// Validates on the first so many batches only.
    #[must_use]
    pub fn validation_steps(self, steps: usize) -> Fit {
        Fit { validation_steps: Some(steps), ..self }
    }

    /// Validates every so many epochs, or after the epochs of a list, counted from 1.
    #[must_use]
    pub fn validation_freq(self, epochs: impl Into<ValidationFreq>) -> Fit {
        Fit { validation_freq: epochs.into(), ..self }
    }

    /// How much each sample counts in the loss: a number a sample; for several outputs also a list, or pairs with
    /// their names.
    #[must_use]
    pub fn sample_weight(self, weight: impl Into<Data>) -> Fit {
        Fit { sample_weight: Some(weight.into()), ..self }
    }

    /// How much the samples of each class count in the loss; 1 for classes that are not named.
    #[must_use]
    pub fn class_weight(self, weights: impl IntoIterator<Item = (i64, f64)>) -> Fit {
        Fit { class_weight: Some(weights.into_iter().collect()), ..self }
    }

    /// Whether NaN and infinity are errors that name where they come from: the data before training
    /// begins, then each step; the weights are then those from before the step. It costs time, so it is for
    /// looking for a mistake; by default false.
    #[must_use]
    pub fn check_numerics(self, check: bool) -> Fit {
        Fit { check_numerics: check, ..self }
    }

    /// Tells this callback what happens; may be given several times.
    #[must_use]
    pub fn callback(mut self, callback: impl Callback + 'static) -> Fit {
        self.callbacks.push(Box::new(callback));
        self
    }

    /// Whether numbers are in their ranges.
    pub(crate) fn check(&self) -> Result<()> {
        if self.validation_freq == ValidationFreq::Every(0) {
            return Err(Error::value("expected validation_freq to be at least 1, got 0"));
        }
        for (name, steps) in
            [("steps_per_epoch", self.steps_per_epoch), ("validation_steps", self.validation_steps)]
        {
            if steps == Some(0) {
                return Err(Error::value(format!("expected {name} to be at least 1, got 0")));
            }
        }
        Ok(())
    }
}

/// How to evaluate.
#[derive(Default)]
pub struct Evaluate {
    pub(crate) batch_size: Option<usize>,
    pub(crate) steps: Option<usize>,
    pub(crate) sample_weight: Option<Data>,
    pub(crate) check_numerics: bool,
    pub(crate) verbose: Verbose,
    pub(crate) callbacks: Vec<Box<dyn Callback>>,
}

impl Evaluate {
    /// Batches of 32, no weights, a bar on a terminal.
    pub fn new() -> Evaluate {
        Evaluate::default()
    }

    /// Samples a step; 32 by default.
    #[must_use]
    pub fn batch_size(self, batch_size: usize) -> Evaluate {
        Evaluate { batch_size: Some(batch_size), ..self }
    }

    /// Evaluates the first so many batches only.
    #[must_use]
    pub fn steps(self, steps: usize) -> Evaluate {
        Evaluate { steps: Some(steps), ..self }
    }

    /// How much each sample counts in the loss and in weighted metrics; for several outputs also a list, or pairs
    /// with their names.
    #[must_use]
    pub fn sample_weight(self, weight: impl Into<Data>) -> Evaluate {
        Evaluate { sample_weight: Some(weight.into()), ..self }
    }

    /// 0 prints nothing, 1 a progress bar, 2 a line; by default a bar on a terminal and nothing elsewhere.
    #[must_use]
    pub fn verbose(self, verbose: impl Into<Verbose>) -> Evaluate {
        Evaluate { verbose: verbose.into(), ..self }
    }

    /// Whether NaN and infinity are errors that name where they come from: the data, a weight or a layer. It costs time, so it is for
    /// looking for a mistake; by default false.
    #[must_use]
    pub fn check_numerics(self, check: bool) -> Evaluate {
        Evaluate { check_numerics: check, ..self }
    }

    /// Tells this callback what happens.
    #[must_use]
    pub fn callback(mut self, callback: impl Callback + 'static) -> Evaluate {
        self.callbacks.push(Box::new(callback));
        self
    }
}

/// How much the samples of a single batch count.
#[derive(Clone, Debug, Default)]
pub struct OnBatch {
    pub(crate) sample_weight: Option<Data>,
    pub(crate) class_weight: Option<BTreeMap<i64, f64>>,
}

impl OnBatch {
    /// All alike.
    pub fn new() -> OnBatch {
        OnBatch::default()
    }

    /// How much each sample counts; for several outputs also a list, or pairs with their names.
    #[must_use]
    pub fn sample_weight(self, weight: impl Into<Data>) -> OnBatch {
        OnBatch { sample_weight: Some(weight.into()), ..self }
    }

    /// How much the samples of each class count; 1 for classes that are not named.
    #[must_use]
    pub fn class_weight(self, weights: impl IntoIterator<Item = (i64, f64)>) -> OnBatch {
        OnBatch { class_weight: Some(weights.into_iter().collect()), ..self }
    }
}

/// How to predict.
#[derive(Default)]
pub struct Predict {
    pub(crate) batch_size: Option<usize>,
    pub(crate) steps: Option<usize>,
    pub(crate) check_numerics: bool,
    pub(crate) verbose: Verbose,
    pub(crate) callbacks: Vec<Box<dyn Callback>>,
}

impl Predict {
    /// Batches of 32, a bar on a terminal.
    pub fn new() -> Predict {
        Predict::default()
    }

    /// Samples a step; 32 by default.
    #[must_use]
    pub fn batch_size(self, batch_size: usize) -> Predict {
        Predict { batch_size: Some(batch_size), ..self }
    }

    /// Predicts the first so many batches only.
    #[must_use]
    pub fn steps(self, steps: usize) -> Predict {
        Predict { steps: Some(steps), ..self }
    }

    /// 0 prints nothing, 1 a progress bar, 2 a line; by default a bar on a terminal and nothing elsewhere.
    #[must_use]
    pub fn verbose(self, verbose: impl Into<Verbose>) -> Predict {
        Predict { verbose: verbose.into(), ..self }
    }

    /// Whether NaN and infinity are errors that name where they come from in the predictions: the data, a weight or a layer. It costs time, so it is for
    /// looking for a mistake; by default false.
    #[must_use]
    pub fn check_numerics(self, check: bool) -> Predict {
        Predict { check_numerics: check, ..self }
    }

    /// Tells this callback what happens.
    #[must_use]
    pub fn callback(mut self, callback: impl Callback + 'static) -> Predict {
        self.callbacks.push(Box::new(callback));
        self
    }
}
