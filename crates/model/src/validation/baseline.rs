//! What one gets without a model.

use crate::training::{Evaluation, Logs};
use rhyton_base::{Context, Error, Result, Shape};
use rhyton_nn::Metrics;
use rhyton_nn::Spec;
use rhyton_nn::metrics;
use rhyton_tensor::{DType, Tensor, ops, random};
use std::collections::BTreeMap;

/// An answer that needs no model: a model that does not beat it has learned nothing.
///
/// ```
/// use rhyton_model::validation::Baseline;
/// use rhyton_tensor::Tensor;
/// let labels = Tensor::from([2i32, 0, 2, 1, 2]);
/// let majority = Baseline::majority_class(&labels)?;
/// assert!((majority.evaluate(&labels, ["accuracy"])?["accuracy"] - 0.6).abs() < 1e-6);
///
/// let prices = Tensor::from([[1.0f32], [2.0], [6.0]]);
/// let mean = Baseline::mean(&prices)?;
/// assert_eq!(mean.predict(2)?.to_vec::<f32>()?, [3.0, 3.0]);
/// assert_eq!(mean.evaluate(&prices, ["mae"])?["mae"], 2.0);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Baseline(Kind);

#[derive(Clone, Debug)]
enum Kind {
    /// The shares of the classes, and the seed that classes are drawn with.
    Drawn(Vec<f64>, u32),
    /// The same for every sample.
    Constant(Tensor),
}

impl Baseline {
    /// Always the class that is most frequent among these labels (the first of equals). Labels are integers, or rows
    /// with a 1 at the class.
    ///
    /// # Errors
    /// Where there are no labels, or they are something else.
    pub fn majority_class(y: &Tensor) -> Result<Baseline> {
        let shares = shares(y).at(|| "majority_class")?;
        let best = (0..shares.len()).rev().max_by(|&a, &b| shares[a].total_cmp(&shares[b])).unwrap_or(0);
        let row: Vec<f32> = (0..shares.len()).map(|i| if i == best { 1.0 } else { 0.0 }).collect();
        Ok(Baseline(Kind::Constant(Tensor::from(row))))
    }

    /// Classes drawn as often as they are among these labels. Labels are integers, or rows with a 1 at the class.
    ///
    /// # Errors
    /// As [`Baseline::majority_class`].
    pub fn random_class(y: &Tensor, seed: u32) -> Result<Baseline> {
        Ok(Baseline(Kind::Drawn(shares(y).at(|| "random_class")?, seed)))
    }

    /// The mean of these targets, place by place.
    ///
    /// # Errors
    /// Where there are no targets.
    pub fn mean(y: &Tensor) -> Result<Baseline> {
        if y.is_empty() || y.rank() == 0 {
            return Err(Error::shape("expected targets, whose first axis is the samples").at("mean"));
        }
        let y = ops::cast(y, y.dtype().to_float())?;
        Ok(Baseline(Kind::Constant(ops::mean(&y, 0)?)))
    }

    /// The answer for so many samples: for classes rows with a 1 at the class, as a model's probabilities.
    ///
    /// # Errors
    /// Where there is no memory.
    pub fn predict(&self, samples: usize) -> Result<Tensor> {
        match &self.0 {
            Kind::Constant(one) => {
                let mut shape = vec![samples];
                shape.extend(one.shape());
                ops::broadcast_to(one, &shape)
            }
            Kind::Drawn(shares, seed) => {
                let logits = ops::log(&ops::reshape(&Tensor::from(shares.clone()), [1, shares.len()])?)?;
                let classes = random::categorical(&logits, samples, DType::I32, *seed)?;
                ops::one_hot(&ops::reshape(&classes, [samples])?, shares.len(), -1, DType::F32)
            }
        }
    }

    /// How good the answer is for these targets, by metrics as `compile` takes them.
    ///
    /// # Errors
    /// Where nobody knows a name, or targets do not fit.
    pub fn evaluate(&self, y: &Tensor, metrics: impl Into<Metrics>) -> Result<Evaluation> {
        let samples = y.shape().first().copied().unwrap_or(0);
        let predicted = self.predict(samples)?;
        let (true_shape, shape) = (Shape::from(y.shape()), Shape::from(predicted.shape()));
        let mut logs = Logs::new();
        for spec in metrics.into().all() {
            let metric = match spec {
                Spec::Name(name) if name == "accuracy" || name == "acc" => {
                    metrics::accuracy_for(name, &true_shape, &shape)
                }
                spec => spec.resolve()?,
            };
            metric.update_state(y, &predicted, None)?;
            let result = metric.result()?;
            match result.to_f64s()?.as_slice() {
                [one] => logs.set(metric.name(), *one),
                many => {
                    let (name, n) = (metric.name(), many.len());
                    return Err(Error::shape(format!("metric {name:?}: expected a single number, got {n}")));
                }
            }
        }
        Ok(Evaluation::from(logs))
    }
}

/// The share of each class.
fn shares(y: &Tensor) -> Result<Vec<f64>> {
    let labels = match y.shape() {
        [_] | [_, 1] => y.clone(),
        [_, _] => ops::argmax(y, -1)?,
        shape => {
            let shape = Shape::from(shape);
            return Err(Error::shape(format!(
                "expected labels or rows with a 1 at the class, got shape {shape}"
            )));
        }
    };
    let mut counts: BTreeMap<i64, usize> = BTreeMap::new();
    for label in ops::cast(&labels, DType::I64)?.to_vec::<i64>()? {
        *counts.entry(label).or_default() += 1;
    }
    let (Some((&first, _)), Some((&last, _))) = (counts.first_key_value(), counts.last_key_value()) else {
        return Err(Error::value("there are no labels"));
    };
    if first < 0 || last >= 1 << 20 {
        return Err(Error::value(format!("expected class numbers from 0 on, got {first} to {last}")));
    }
    let classes = y.shape().get(1).copied().filter(|&n| n > 1).unwrap_or(last as usize + 1);
    let total: usize = counts.values().sum();
    Ok((0..classes as i64).map(|c| counts.get(&c).copied().unwrap_or(0) as f64 / total as f64).collect())
}
