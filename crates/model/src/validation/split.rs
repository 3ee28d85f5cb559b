//! Which samples train and which judge.

use super::scores::Scores;
use crate::data::Data;
use crate::training::Evaluation;
use rhyton_base::{Context, Error, Result};
use rhyton_tensor::random::{self, SeedGenerator};
use rhyton_tensor::{DType, Tensor, ops};

/// Samples that train and samples that judge.
#[derive(Clone, Debug)]
pub struct Fold {
    /// Counted from 0, through all rounds.
    pub number: usize,
    /// Inputs to learn from.
    pub x_train: Data,
    /// Targets to learn from.
    pub y_train: Data,
    /// Inputs to judge by.
    pub x_val: Data,
    /// Targets to judge by.
    pub y_val: Data,
}

/// A part of the samples that is put aside to judge by.
///
/// Without shuffling it is the last part, as `validation_split` of `fit` takes it: right where samples follow each other
/// in time, wrong where they are sorted by class.
///
/// ```
/// use rhyton_model::validation::HoldOut;
/// use rhyton_tensor::{DType, ops};
/// let (x, y) = (ops::ones([50, 3], DType::F32)?, ops::ones([50], DType::F32)?);
/// let fold = HoldOut::new(0.2).shuffle(true).seed(1).split(&x, &y)?;
/// assert_eq!(fold.x_train.tensors()[0].shape(), [40, 3]);
/// assert_eq!(fold.y_val.tensors()[0].shape(), [10]);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct HoldOut {
    part: Part,
    shuffle: bool,
    seed: Option<u32>,
}

#[derive(Clone, Copy, Debug)]
enum Part {
    Fraction(f64),
    Count(usize),
}

impl HoldOut {
    /// This fraction of the samples, between 0 and 1.
    pub fn new(fraction: f64) -> HoldOut {
        HoldOut { part: Part::Fraction(fraction), shuffle: false, seed: None }
    }

    /// This many samples.
    pub fn count(samples: usize) -> HoldOut {
        HoldOut { part: Part::Count(samples), shuffle: false, seed: None }
    }

    /// Whether the samples are shuffled first; false by default.
    #[must_use]
    pub fn shuffle(self, shuffle: bool) -> HoldOut {
        HoldOut { shuffle, ..self }
    }

    /// The seed of the order; by default the process's generator gives one.
    #[must_use]
    pub fn seed(self, seed: u32) -> HoldOut {
        HoldOut { seed: Some(seed), ..self }
    }

    /// Puts the samples aside.
    ///
    /// # Errors
    /// Where nothing is left on one side, or inputs and targets are not of the same number of samples.
    pub fn split(&self, x: impl Into<Data>, y: impl Into<Data>) -> Result<Fold> {
        let (x, y) = (x.into(), y.into());
        self.parts(&x, &y).at(|| "HoldOut")
    }

    fn parts(&self, x: &Data, y: &Data) -> Result<Fold> {
        let samples = count(x, y)?;
        let aside = match self.part {
            Part::Count(n) => n,
            Part::Fraction(f) if f > 0.0 && f < 1.0 => samples - (samples as f64 * (1.0 - f)) as usize,
            Part::Fraction(f) => {
                return Err(Error::value(format!("expected a fraction between 0 and 1, got {f}")));
            }
        };
        if aside == 0 || aside >= samples {
            return Err(Error::value(format!(
                "{aside} of {samples} samples would be put aside; both sides need at least one"
            )));
        }
        let order = match self.shuffle {
            true => Some(shuffled(samples, &generator(self.seed))?),
            false => None,
        };
        fold(0, x, y, order.as_ref(), samples - aside..samples)
    }
}

/// The samples in `k` parts of nearly the same size; each part judges once, a model that learned from the others.
///
/// With [`KFold::repeats`] that is done several times, the samples shuffled anew before each: for few samples, where a
/// single order says little.
#[derive(Clone, Debug)]
pub struct KFold {
    k: usize,
    repeats: usize,
    shuffle: bool,
    seed: Option<u32>,
}

impl KFold {
    /// `k` parts, in the order of the samples.
    pub fn new(k: usize) -> KFold {
        KFold { k, repeats: 1, shuffle: false, seed: None }
    }

    /// Whether the samples are shuffled first; false by default.
    #[must_use]
    pub fn shuffle(self, shuffle: bool) -> KFold {
        KFold { shuffle, ..self }
    }

    /// How many rounds, each of which shuffles the samples anew.
    #[must_use]
    pub fn repeats(self, rounds: usize) -> KFold {
        KFold { repeats: rounds, shuffle: true, ..self }
    }

    /// The seed of the orders; by default the process's generator gives them.
    #[must_use]
    pub fn seed(self, seed: u32) -> KFold {
        KFold { seed: Some(seed), ..self }
    }

    /// One fold after the other.
    ///
    /// # Errors
    /// Where there are fewer than 2 parts or fewer samples than parts, or inputs and targets are not of the same number
    /// of samples.
    ///
    /// ```
    /// use rhyton_model::validation::KFold;
    /// use rhyton_tensor::{DType, Tensor, ops};
    /// let x = ops::arange(10, DType::F32)?;
    /// let judged: Vec<Vec<f32>> = KFold::new(3)
    ///     .split(&x, &x)?
    ///     .map(|fold| fold?.x_val.tensors()[0].to_vec::<f32>())
    ///     .collect::<Result<_, _>>()?;
    /// assert_eq!(judged, [vec![0.0, 1.0, 2.0], vec![3.0, 4.0, 5.0], vec![6.0, 7.0, 8.0, 9.0]]);
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    pub fn split(&self, x: impl Into<Data>, y: impl Into<Data>) -> Result<Folds> {
        let (x, y) = (x.into(), y.into());
        let who = || "KFold";
        let samples = count(&x, &y).at(who)?;
        if self.k < 2 || self.k > samples || self.repeats == 0 {
            let (k, rounds) = (self.k, self.repeats);
            return Err(Error::value(format!(
                "expected from 2 to {samples} parts of {samples} samples and at least 1 round, got {k} parts and \
                 {rounds} rounds"
            ))
            .at(who()));
        }
        let generator = generator(self.seed);
        Ok(Folds { plan: self.clone(), x, y, samples, generator, order: None, next: 0 })
    }

    /// The scores of all folds: `judge` makes a new model, trains it on the fold and returns what `evaluate` says.
    ///
    /// # Errors
    /// As [`KFold::split`], and what `judge` returns, with the number of the fold.
    pub fn evaluate(
        &self,
        x: impl Into<Data>,
        y: impl Into<Data>,
        mut judge: impl FnMut(&Fold) -> Result<Evaluation>,
    ) -> Result<Scores> {
        let mut scores = Scores::default();
        for fold in self.split(x, y)? {
            let fold = fold?;
            scores.push(judge(&fold).at(|| format!("fold {}", fold.number))?);
        }
        Ok(scores)
    }
}

/// The folds of [`KFold::split`]. Each is made when it is asked for, so that only one is in memory.
#[derive(Debug)]
pub struct Folds {
    plan: KFold,
    x: Data,
    y: Data,
    samples: usize,
    generator: SeedGenerator,
    order: Option<Tensor>,
    next: usize,
}

impl Folds {
    fn make(&mut self, number: usize) -> Result<Fold> {
        let (k, part) = (self.plan.k, number % self.plan.k);
        if self.plan.shuffle && part == 0 {
            self.order = Some(shuffled(self.samples, &self.generator)?);
        }
        let bound = |i: usize| i * self.samples / k;
        fold(number, &self.x, &self.y, self.order.as_ref(), bound(part)..bound(part + 1))
    }
}

impl Iterator for Folds {
    type Item = Result<Fold>;

    fn next(&mut self) -> Option<Result<Fold>> {
        let number = self.next;
        if number == self.plan.k * self.plan.repeats {
            return None;
        }
        self.next += 1;
        Some(self.make(number).at(|| "KFold"))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.plan.k * self.plan.repeats - self.next;
        (left, Some(left))
    }
}

impl ExactSizeIterator for Folds {}

/// How many samples there are.
fn count(x: &Data, y: &Data) -> Result<usize> {
    let mut all = x.tensors().iter().chain(y.tensors()).map(|t| {
        t.shape().first().copied().ok_or_else(|| {
            Error::shape(
                "expected an axis of samples, got a scalar; give tensors whose first axis is the samples",
            )
        })
    });
    let first = all.next().ok_or_else(|| Error::value("there are no samples"))??;
    for n in all {
        let n = n?;
        if n != first {
            return Err(Error::shape(format!(
                "expected the same number of samples everywhere, got {first} and {n}"
            )));
        }
    }
    Ok(first)
}

fn generator(seed: Option<u32>) -> SeedGenerator {
    SeedGenerator::new(seed)
}

fn shuffled(samples: usize, generator: &SeedGenerator) -> Result<Tensor> {
    random::shuffle(&ops::arange(samples as i64, DType::I64)?, 0, generator)
}

fn fold(
    number: usize,
    x: &Data,
    y: &Data,
    order: Option<&Tensor>,
    judged: std::ops::Range<usize>,
) -> Result<Fold> {
    let part = |t: &Tensor, inside: bool| -> Result<Tensor> {
        let narrow = |t: &Tensor, from, to| ops::narrow(t, 0, from, to);
        let pick = |t: &Tensor| -> Result<Tensor> {
            match inside {
                true => narrow(t, judged.start, judged.end),
                false if judged.start == 0 => narrow(t, judged.end, t.shape()[0]),
                false if judged.end == t.shape()[0] => narrow(t, 0, judged.start),
                false => {
                    let end = t.shape()[0];
                    ops::concatenate(&[&narrow(t, 0, judged.start)?, &narrow(t, judged.end, end)?], 0)
                }
            }
        };
        match order {
            Some(order) => ops::take(t, &pick(order)?, 0),
            None => pick(t),
        }
    };
    let side = |data: &Data, inside: bool| data.try_map(|t| part(t, inside));
    Ok(Fold {
        number,
        x_train: side(x, false)?,
        y_train: side(y, false)?,
        x_val: side(x, true)?,
        y_val: side(y, true)?,
    })
}
