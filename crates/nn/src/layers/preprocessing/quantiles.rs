//! Boundaries between equally filled bins, from data that comes in parts.
//!
//! A summary is a short list of values with weights: the value stands for as much data, all of it not larger. Summaries of
//! parts merge into one of the whole, compressed to about `1/ε` values. Numbers are `float32`, as Keras has them.
//!
//! Source: `summarize`, `merge_summaries` and `compress_summary` in `keras/src/layers/preprocessing/discretization.py`.

use rhyton_base::{Error, Result};

/// Values in rising order and how much data each stands for.
#[derive(Clone, Debug, Default)]
pub(super) struct Summary {
    values: Vec<f32>,
    weights: Vec<f32>,
}

impl Summary {
    /// A summary of numbers.
    ///
    /// # Errors
    /// Where one of them is no number.
    pub fn of(mut numbers: Vec<f32>, epsilon: f64) -> Result<Summary> {
        if let Some(at) = numbers.iter().position(|x| x.is_nan()) {
            return Err(Error::value(format!(
                "expected numbers, got NaN at position {at}; replace or leave out missing values first"
            )));
        }
        numbers.sort_unstable_by(f32::total_cmp);
        let step = (numbers.len() as f64 / (1.0 / epsilon)).max(1.0);
        let values: Vec<f32> =
            numbers.into_iter().skip((step - 1.0) as usize).step_by(step as usize).collect();
        Ok(Summary { weights: vec![step as f32; values.len()], values })
    }

    /// A summary of the data of both.
    #[must_use]
    pub fn and(self, other: Summary, epsilon: f64) -> Summary {
        let mut all: Vec<(f32, f32)> = self.values.into_iter().zip(self.weights).collect();
        all.extend(other.values.into_iter().zip(other.weights));
        all.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (values, weights) = all.into_iter().unzip();
        Summary { values, weights }.compressed(epsilon)
    }

    /// The boundaries of so many bins.
    pub fn boundaries(self, bins: usize) -> Vec<f32> {
        let mut values = self.compressed(1.0 / bins.max(1) as f64).values;
        values.pop();
        values
    }

    /// About `1/ε` values at even steps of weight.
    fn compressed(self, epsilon: f64) -> Summary {
        if (self.values.len() as f64) * epsilon < 1.0 {
            return self;
        }
        let mut sum = 0f32;
        let cumulative: Vec<f64> = self
            .weights
            .iter()
            .map(|w| {
                sum += w;
                f64::from(sum)
            })
            .collect();
        let total = sum;
        let percents: Vec<f64> = cumulative.iter().map(|c| f64::from(*c as f32 / total)).collect();
        let values: Vec<f64> = self.values.iter().map(|&v| f64::from(v)).collect();
        let steps = (1.0 / epsilon).ceil() as usize;
        let wanted = (0..steps).map(|i| epsilon + i as f64 * epsilon);
        let (mut new, mut before) = (Summary::default(), 0.0);
        for p in wanted {
            new.values.push(interpolated(p, &percents, &values) as f32);
            let weight = interpolated(p, &percents, &cumulative);
            new.weights.push((weight - before) as f32);
            before = weight;
        }
        new
    }
}

/// The piecewise linear function through the points, at `x`; constant beyond them.
fn interpolated(x: f64, xs: &[f64], ys: &[f64]) -> f64 {
    let above = xs.partition_point(|&at| at <= x);
    match (above, xs.len()) {
        (0, _) => ys[0],
        (i, n) if i == n => ys[n - 1],
        (i, _) => {
            let slope = (ys[i] - ys[i - 1]) / (xs[i] - xs[i - 1]);
            slope * (x - xs[i - 1]) + ys[i - 1]
        }
    }
}
