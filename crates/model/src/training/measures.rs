//! Losses and metrics of a model's outputs, and the means that are reported.

use super::compile::Compile;
use crate::data::quoted;
use crate::training::history::Logs;
use rhyton_base::{Context, Error, Result, Shape, did_you_mean};
use rhyton_nn::losses::{self, Loss};
use rhyton_nn::metrics::{self, Mean, Metric};
use rhyton_nn::{LossWeights, Losses, Metrics, PerOutput, Spec, floatx};
use rhyton_tensor::{Tensor, ops};
use std::collections::HashMap;
use std::sync::Arc;

/// What one output is measured by.
pub(crate) struct Target {
    /// The output's name.
    pub name: String,
    pub loss: Option<Arc<dyn Loss>>,
    weight: Option<f64>,
    /// The mean of its loss, kept where there are several.
    tracker: Option<(String, Arc<Mean>)>,
}

/// A metric under the name it has in logs.
struct NamedMetric {
    name: String,
    metric: Arc<dyn Metric>,
    output: usize,
    weighted: bool,
}

/// Losses and metrics for the shapes of the data.
pub(crate) struct Measures {
    pub targets: Vec<Target>,
    total: Arc<Mean>,
    /// In the order of `compile`.
    metrics: Vec<NamedMetric>,
}

/// Whether a word waits for shapes to say which accuracy it means.
pub(super) fn is_accuracy(name: &str) -> bool {
    ["accuracy", "acc"].iter().any(|n| name.eq_ignore_ascii_case(n))
}

/// The same for crossentropies.
pub(super) fn is_crossentropy(name: &str) -> bool {
    ["crossentropy", "ce"].iter().any(|n| name.eq_ignore_ascii_case(n))
}

/// What each output is given.
pub(super) fn spread<T: Clone>(
    given: &PerOutput<T>,
    outputs: &[String],
    what: &str,
) -> Result<Vec<Option<T>>> {
    match given {
        PerOutput::All(one) => Ok(vec![Some(one.clone()); outputs.len()]),
        PerOutput::Each(list) if list.is_empty() => Ok(vec![None; outputs.len()]),
        PerOutput::Each(list) if list.len() == outputs.len() => Ok(list.clone()),
        PerOutput::Each(list) => Err(wrong_count(what, list.len(), outputs)),
        PerOutput::Named(pairs) => by_name(pairs, outputs, what),
    }
}

fn by_name<T: Clone>(pairs: &[(String, T)], outputs: &[String], what: &str) -> Result<Vec<Option<T>>> {
    let mut all = vec![None; outputs.len()];
    for (name, one) in pairs {
        let at = outputs.iter().position(|o| o == name).ok_or_else(|| {
            let known: Vec<&str> = outputs.iter().map(String::as_str).collect();
            Error::name(format!("{what}: the model has no output {name:?}{}", did_you_mean(name, &known)))
        })?;
        all[at] = Some(one.clone());
    }
    Ok(all)
}

fn wrong_count(what: &str, got: usize, outputs: &[String]) -> Error {
    Error::value(format!(
        "{what}: expected one for each of the {} outputs ({}), got {got}; give a list in this order or pairs of \
         names and values",
        outputs.len(),
        quoted(outputs)
    ))
}

/// The metrics of each output.
fn metric_lists(
    given: Option<&Metrics>,
    outputs: &[String],
    what: &str,
) -> Result<Vec<Vec<Spec<dyn Metric>>>> {
    let none = vec![Vec::new(); outputs.len()];
    match given {
        None => Ok(none),
        Some(given) if given.is_empty() => Ok(none),
        Some(Metrics::Named(pairs)) => {
            Ok(by_name(pairs, outputs, what)?.into_iter().map(Option::unwrap_or_default).collect())
        }
        Some(given) if outputs.len() == 1 => Ok(vec![given.all().cloned().collect()]),
        Some(Metrics::Flat(all)) if all.len() == outputs.len() => {
            Ok(all.iter().map(|m| vec![m.clone()]).collect())
        }
        Some(Metrics::Each(lists)) if lists.len() == outputs.len() => Ok(lists.clone()),
        Some(Metrics::Flat(all)) => Err(wrong_count(what, all.len(), outputs)),
        Some(Metrics::Each(lists)) => Err(wrong_count(what, lists.len(), outputs)),
    }
}

/// The weights of the losses.
fn weights(given: Option<&LossWeights>, outputs: &[String]) -> Result<Vec<Option<f64>>> {
    match given {
        None => Ok(vec![None; outputs.len()]),
        Some(PerOutput::All(_)) if outputs.len() > 1 => Err(wrong_count("loss_weights", 1, outputs)),
        Some(given) => {
            let weights = spread(given, outputs, "loss_weights")?;
            match weights.iter().zip(outputs).find(|(w, _)| w.is_some_and(|w| !w.is_finite())) {
                Some((w, name)) => Err(Error::value(format!(
                    "loss_weights: expected a finite number for output {name:?}, got {}",
                    w.unwrap_or(f64::NAN)
                ))),
                None => Ok(weights),
            }
        }
    }
}

/// The losses of the outputs, by name or as objects.
pub(super) fn loss_specs(given: &Losses, outputs: &[String]) -> Result<Vec<Option<Spec<dyn Loss>>>> {
    spread(given, outputs, "loss")
}

impl Measures {
    /// For a model whose own steps measure what there is to measure.
    pub fn none() -> Measures {
        Measures { targets: Vec::new(), total: Arc::new(Mean::new("loss")), metrics: Vec::new() }
    }

    /// What `compile` was given, for outputs of these names and shapes. An output without a target must have neither
    /// loss nor metrics.
    pub fn new(
        given: &Compile,
        outputs: &[String],
        y_true: &[Option<Shape>],
        y_pred: &[Shape],
    ) -> Result<Measures> {
        let several = outputs.len() > 1;
        let specs = loss_specs(&given.losses, outputs)?;
        let weights = weights(given.loss_weights.as_ref(), outputs)?;
        let untold = |i: usize, what: &str| {
            let name = &outputs[i];
            match several {
                true => Error::value(format!(
                    "output {name:?} has a {what} but no targets; give y as a list or by the names of outputs"
                )),
                false => Error::value(format!(
                    "there is a {what} but no targets y; give them beside the data: fit(x, y, ..)"
                )),
            }
        };
        let mut targets = Vec::new();
        for (i, spec) in specs.into_iter().enumerate() {
            let loss = match (&spec, &y_true[i]) {
                (None, _) => None,
                (Some(_), None) => return Err(untold(i, "loss")),
                (Some(Spec::Name(name)), Some(y)) if is_crossentropy(name) => {
                    Some(losses::resolve_crossentropy(y, &y_pred[i]))
                }
                (Some(spec), Some(_)) => Some(spec.resolve()?),
            };
            let name = outputs[i].clone();
            targets.push(Target { name, loss, weight: weights[i], tracker: None });
        }
        // A single loss is the total.
        if targets.iter().filter(|t| t.loss.is_some()).count() > 1 {
            for target in targets.iter_mut().filter(|t| t.loss.is_some()) {
                let name = format!("{}_loss", target.name);
                target.tracker = Some((name.clone(), Arc::new(Mean::new(name))));
            }
        }
        let mut metrics: Vec<NamedMetric> = Vec::new();
        let mut names = Names::default();
        let lists = [("metrics", &given.metrics, false), ("weighted_metrics", &given.weighted_metrics, true)];
        for (what, given, weighted) in lists {
            for (output, list) in metric_lists(given.as_ref(), outputs, what)?.into_iter().enumerate() {
                for spec in list {
                    let y = y_true[output].as_ref().ok_or_else(|| untold(output, "metric"))?;
                    let metric = match &spec {
                        Spec::Name(name) if is_accuracy(name) => {
                            metrics::accuracy_for(name, y, &y_pred[output])
                        }
                        spec => spec.resolve()?,
                    };
                    let typed = match &spec {
                        Spec::Name(name) => name.clone(),
                        Spec::Object(object) => object.name(),
                    };
                    let prefix = if several { format!("{}_", outputs[output]) } else { String::new() };
                    let name = names.free(&prefix, &typed, weighted);
                    metrics.push(NamedMetric { name, metric, output, weighted });
                }
            }
        }
        Ok(Measures { targets, total: Arc::new(Mean::new("loss")), metrics })
    }

    /// The weighted sum of the losses of the outputs; nothing where no output has one. Takes note of each.
    pub fn loss(
        &self,
        y: &[Option<Tensor>],
        y_pred: &[Tensor],
        weights: &[Option<Tensor>],
    ) -> Result<Option<Tensor>> {
        let mut total: Option<Tensor> = None;
        for (i, target) in self.targets.iter().enumerate() {
            let (Some(loss), Some(y)) = (&target.loss, &y[i]) else { continue };
            let who = || format!("output {:?}", target.name);
            let y_pred = &y_pred[i];
            let value = losses::compute_masked(&**loss, y, y_pred, weights[i].as_ref(), y_pred.mask());
            let value = if self.targets.len() > 1 { value.at(who) } else { value }?;
            let mut value = ops::cast(&value, floatx())?;
            if let Some((_, tracker)) = &target.tracker {
                mean_over_batch(tracker, &value, y_pred)?;
            }
            if let Some(weight) = target.weight {
                value = ops::multiply(&value, &ops::full([], weight, value.dtype())?)?;
            }
            total = Some(match total {
                Some(before) => ops::add(&before, &value)?,
                None => value,
            });
        }
        Ok(total)
    }

    /// Takes a batch into account. The loss counts by the size of the batch, so that a smaller last batch counts
    /// less.
    pub fn update(
        &self,
        loss: &Tensor,
        x: Option<&Tensor>,
        y: &[Option<Tensor>],
        y_pred: &[Tensor],
        weights: &[Option<Tensor>],
    ) -> Result<()> {
        mean_over_batch(&self.total, loss, x.unwrap_or(loss))?;
        for m in &self.metrics {
            let Some(y) = &y[m.output] else { continue };
            let mask = y_pred[m.output].mask();
            let y_pred = ops::stop_gradient(&y_pred[m.output])?;
            let weight = match (&weights[m.output], mask) {
                (Some(weight), Some(mask)) if m.weighted => Some(masked(weight, mask)?),
                (weight, _) if m.weighted => weight.clone(),
                _ => None,
            };
            m.metric.update_state(y, &y_pred, weight.as_ref())?;
        }
        Ok(())
    }

    /// Forgets all batches.
    pub fn reset(&self) -> Result<()> {
        self.total.reset_state()?;
        self.targets.iter().filter_map(|t| t.tracker.as_ref()).try_for_each(|(_, t)| t.reset_state())?;
        self.metrics.iter().try_for_each(|m| m.metric.reset_state())
    }

    /// The names in logs: the loss, those of the outputs, the metrics in the order of `compile`.
    pub fn names(&self) -> Vec<String> {
        let outputs = self.targets.iter().filter_map(|t| t.tracker.as_ref().map(|(name, _)| name.clone()));
        std::iter::once("loss".to_string())
            .chain(outputs)
            .chain(self.metrics.iter().map(|m| m.name.clone()))
            .collect()
    }

    /// The numbers, in the order of [`Measures::names`]. A loss that has seen no batch is left out if asked to.
    pub fn logs(&self, with_unseen: bool) -> Result<Logs> {
        let mut logs = Logs::new();
        let seen = |mean: &Mean| -> Result<bool> {
            let count = mean.variables()[1].concrete_value().to_f64s()?;
            Ok(with_unseen || count[0] != 0.0)
        };
        if seen(&self.total)? {
            logs.set("loss", number("loss", &*self.total)?);
        }
        for (name, tracker) in self.targets.iter().filter_map(|t| t.tracker.as_ref()) {
            if seen(tracker)? {
                logs.set(name, number(name, &**tracker)?);
            }
        }
        for m in &self.metrics {
            logs.set(&m.name, number(&m.name, &*m.metric)?);
        }
        Ok(logs)
    }
}

/// A metric's result as one number.
pub(super) fn number(name: &str, metric: &dyn Metric) -> Result<f64> {
    let result = metric.result()?;
    match result.len() {
        1 => Ok(result.to_f64s()?[0]),
        n => Err(Error::shape(format!("metric {name:?}: expected a single number, got {n}"))),
    }
}

/// Counts a value as often as the batch has samples.
fn mean_over_batch(mean: &Mean, value: &Tensor, of: &Tensor) -> Result<()> {
    let value = ops::stop_gradient(value)?;
    let batch = of.shape().first().copied().unwrap_or(1);
    mean.update_state(&value, Some(&ops::full([], batch, value.dtype())?))
}

/// Weights that are 0 where a mask says that a place does not count.
fn masked(weight: &Tensor, mask: &Tensor) -> Result<Tensor> {
    let mask = ops::cast(&ops::cast(mask, rhyton_base::DType::Bool)?, weight.dtype())?;
    let mut weight = weight.clone();
    while weight.rank() < mask.rank() {
        weight = ops::expand_dims(&weight, -1)?;
    }
    ops::multiply(&weight, &mask)
}

/// Keras's rule for a name that is taken: `weighted_` in front for weighted metrics, then numbers at the end.
///
/// Source: `CompileMetrics.result` in `keras/src/trainers/compile_utils.py`.
#[derive(Default)]
struct Names(HashMap<String, usize>);

impl Names {
    fn free(&mut self, prefix: &str, name: &str, weighted: bool) -> String {
        let mut full = format!("{prefix}{name}");
        if weighted && self.0.contains_key(&full) {
            full = format!("{prefix}weighted_{name}");
        }
        let count = self.0.entry(full.clone()).or_default();
        *count += 1;
        if *count > 1 { format!("{full}_{}", *count - 1) } else { full }
    }
}
