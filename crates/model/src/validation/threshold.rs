//! Which mistakes a yes-or-no model makes at a threshold.

use rhyton_base::{Context, Error, Result};
use rhyton_tensor::Tensor;
use std::fmt;

/// How often a model that says "yes" above a threshold is wrong.
///
/// Scores above the threshold, and not those equal to it, count as yes, as in Keras's metrics. The false-positive rate is the part
/// of the true "no" that it takes for yes; the false-negative rate the part of the true "yes" that it misses. A lower threshold trades
/// the second for the first.
///
/// ```
/// use rhyton_model::validation::ThresholdRates;
/// use rhyton_tensor::Tensor;
/// let (labels, scores) = (Tensor::from([0, 0, 1, 1, 1]), Tensor::from([0.1f32, 0.6, 0.4, 0.8, 0.9]));
/// let rates = ThresholdRates::at(&labels, &scores, 0.5)?;
/// assert_eq!((rates.false_positive_rate, rates.false_negative_rate), (0.5, 1.0 / 3.0));
///
/// // No false alarm: as low as that allows.
/// let careful = ThresholdRates::for_false_positive_rate(&labels, &scores, 0.0)?;
/// assert_eq!((careful.threshold, careful.false_negative_rate), (f64::from(0.6f32), 1.0 / 3.0));
/// // Nothing is missed: as high as that allows.
/// let complete = ThresholdRates::for_false_negative_rate(&labels, &scores, 0.0)?;
/// assert_eq!(complete.false_positive_rate, 0.5);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ThresholdRates {
    /// Scores above it are taken for yes.
    pub threshold: f64,
    /// Part of the true "no" taken for yes; 0 where there are none.
    pub false_positive_rate: f64,
    /// Part of the true "yes" that is missed; 0 where there are none.
    pub false_negative_rate: f64,
    /// Part of those taken for yes that are; 1 where none are taken.
    pub precision: f64,
    /// Part of all answers that are right.
    pub accuracy: f64,
}

/// Scores in rising order, and how many before each place are yes.
struct Ranked {
    scores: Vec<f64>,
    yes_before: Vec<usize>,
}

impl Ranked {
    fn new(labels: &Tensor, scores: &Tensor) -> Result<Ranked> {
        let (labels, scores) = (labels.to_f64s()?, scores.to_f64s()?);
        if labels.len() != scores.len() || labels.is_empty() {
            return Err(Error::shape(format!(
                "expected as many scores as labels, 1 or more, got {} labels and {} scores",
                labels.len(),
                scores.len()
            )));
        }
        if let Some(i) = labels.iter().position(|l| *l != 0.0 && *l != 1.0) {
            return Err(Error::value(format!("expected labels 0 and 1, got {} at position {i}", labels[i])));
        }
        if let Some(i) = scores.iter().position(|s| s.is_nan()) {
            return Err(Error::value(format!("expected scores, got NaN at position {i}")));
        }
        let mut order: Vec<usize> = (0..scores.len()).collect();
        order.sort_unstable_by(|&a, &b| scores[a].total_cmp(&scores[b]));
        let mut yes_before = vec![0];
        for (i, &at) in order.iter().enumerate() {
            yes_before.push(yes_before[i] + usize::from(labels[at] == 1.0));
        }
        Ok(Ranked { scores: order.into_iter().map(|i| scores[i]).collect(), yes_before })
    }

    fn at(&self, threshold: f64) -> ThresholdRates {
        let n = self.scores.len();
        let below = self.scores.partition_point(|&s| s <= threshold);
        let (yes, missed) = (self.yes_before[n], self.yes_before[below]);
        let (no, alarms) = (n - yes, (n - below) - (yes - missed));
        let part = |count: usize, of: usize, none: f64| if of == 0 { none } else { count as f64 / of as f64 };
        ThresholdRates {
            threshold,
            false_positive_rate: part(alarms, no, 0.0),
            false_negative_rate: part(missed, yes, 0.0),
            precision: part(yes - missed, n - below, 1.0),
            accuracy: part(n - missed - alarms, n, 1.0),
        }
    }

    /// The thresholds between which nothing changes, in rising order.
    fn thresholds(&self) -> Vec<f64> {
        let mut all = vec![self.scores[0].next_down()];
        all.extend_from_slice(&self.scores);
        all.dedup();
        all
    }
}

impl ThresholdRates {
    /// The rates at a threshold, from labels 0 and 1 and as many scores.
    ///
    /// # Errors
    /// Where the numbers differ, there are none, or labels are something else.
    pub fn at(labels: &Tensor, scores: &Tensor, threshold: f64) -> Result<ThresholdRates> {
        Ok(Ranked::new(labels, scores).at(|| "ThresholdRates")?.at(threshold))
    }

    /// The rates at all thresholds at which they change, in rising order: with both rates against each other, a picture of what can
    /// be had.
    ///
    /// # Errors
    /// As [`ThresholdRates::at`].
    pub fn all(labels: &Tensor, scores: &Tensor) -> Result<Vec<ThresholdRates>> {
        let ranked = Ranked::new(labels, scores).at(|| "ThresholdRates")?;
        Ok(ranked.thresholds().into_iter().map(|t| ranked.at(t)).collect())
    }

    /// The lowest threshold with a false-positive rate not above `wanted`: the fewest misses that it allows.
    ///
    /// # Errors
    /// As [`ThresholdRates::at`], and where `wanted` is not from 0 to 1.
    pub fn for_false_positive_rate(labels: &Tensor, scores: &Tensor, wanted: f64) -> Result<ThresholdRates> {
        let all = ThresholdRates::all(labels, scores)?;
        let found = all.into_iter().find(|r| r.false_positive_rate <= wanted);
        found.ok_or_else(|| out_of_range(wanted))
    }

    /// The highest threshold with a false-negative rate not above `wanted`: the fewest false alarms that it allows.
    ///
    /// # Errors
    /// As [`ThresholdRates::at`], and where `wanted` is not from 0 to 1.
    pub fn for_false_negative_rate(labels: &Tensor, scores: &Tensor, wanted: f64) -> Result<ThresholdRates> {
        let all = ThresholdRates::all(labels, scores)?;
        let found = all.into_iter().rev().find(|r| r.false_negative_rate <= wanted);
        found.ok_or_else(|| out_of_range(wanted))
    }
}

fn out_of_range(wanted: f64) -> Error {
    Error::value(format!("ThresholdRates: expected a rate from 0 to 1, got {wanted}"))
}

impl fmt::Display for ThresholdRates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "threshold {:.4}: false-positive rate {:.4}, false-negative rate {:.4}, precision {:.4}, accuracy {:.4}",
            self.threshold, self.false_positive_rate, self.false_negative_rate, self.precision, self.accuracy
        )
    }
}
