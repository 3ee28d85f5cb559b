//! The labels that an output of connectionist temporal classification spells.

use super::spatial::listed;
use super::{cast, log_softmax};
use crate::tensor::Tensor;
use rhyton_base::{Context, DType, Error, Result, Shape, element_count, promote};
use std::collections::BTreeMap;

/// How [`ctc_decode`] searches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CtcStrategy {
    /// The most likely class at every step.
    Greedy {
        /// Whether a class that follows itself is one label.
        merge_repeated: bool,
    },
    /// The most likely labels over all their alignments, as far as the search sees.
    BeamSearch {
        /// How many beginnings are kept at every step (Keras's default is 100).
        beam_width: usize,
        /// How many results there are (Keras's default is 1).
        top_paths: usize,
    },
}

impl Default for CtcStrategy {
    fn default() -> CtcStrategy {
        CtcStrategy::Greedy { merge_repeated: true }
    }
}

/// The labels that outputs `[batch, time, classes]` spell, and their scores.
///
/// `sequence_lengths` is `[batch]`; steps behind them do not count. `mask_index` is the class for "no label" (Keras's
/// default is 0). The labels are `int32`, `[1, batch, time]` for the greedy search and `[top_paths, batch, time]` for
/// beam search, the best first, filled up with -1. The scores are `[batch, 1]`, minus the sum of the largest outputs,
/// or `[batch, top_paths]`, the logarithms of the probabilities, where outputs are logits; in at least `float32`.
///
/// Its result depends on the numbers: it works on tensors that have some, not in compiled functions.
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// let output = Tensor::from([[[0.1f32, 0.9], [0.2, 0.8], [0.7, 0.3]]]);
/// let (labels, _) = ops::ctc_decode(&output, &Tensor::from([3]), ops::CtcStrategy::default(), 0).unwrap();
/// assert_eq!(labels.to_vec::<i32>().unwrap(), [1, -1, -1]);
/// ```
///
/// # Errors
/// Where ranks or batch sizes differ, there is no time step or class, the mask is not one of the classes, or a width
/// is 0.
pub fn ctc_decode(
    inputs: &Tensor,
    sequence_lengths: &Tensor,
    strategy: CtcStrategy,
    mask_index: usize,
) -> Result<(Tensor, Tensor)> {
    decode(inputs, sequence_lengths, strategy, mask_index).at(|| "ctc_decode")
}

fn decode(inputs: &Tensor, lengths: &Tensor, strategy: CtcStrategy, mask: usize) -> Result<(Tensor, Tensor)> {
    inputs.expect_numbers()?;
    lengths.expect_numbers()?;
    let &[batch, steps, classes] = inputs.shape() else {
        return Err(Error::shape(format!(
            "expected [batch, time, classes], got shape {}",
            Shape::from(inputs.shape())
        )));
    };
    if lengths.shape() != [batch] {
        return Err(Error::shape(format!(
            "expected sequence_lengths of shape ({batch},), got {}",
            Shape::from(lengths.shape())
        )));
    }
    if mask >= classes || steps == 0 {
        return Err(Error::value(format!(
            "expected at least one time step, and mask_index below the number of classes; got {steps} steps, \
             {classes} classes and mask_index {mask}"
        )));
    }
    let dtype = promote(inputs.dtype().to_float(), DType::F32);
    let lengths: Vec<usize> = cast(lengths, DType::I64)?
        .to_vec::<i64>()?
        .into_iter()
        .map(|n| usize::try_from(n).unwrap_or(0).min(steps))
        .collect();
    let x = cast(inputs, dtype)?;
    let (paths, scores, count) = match strategy {
        CtcStrategy::Greedy { merge_repeated } => {
            let values = x.to_f64s()?;
            let entries = values.chunks(steps * classes).zip(&lengths);
            let found = entries.map(|(x, &n)| greedy(x, classes, n, mask, merge_repeated));
            let (paths, scores): (Vec<_>, Vec<f64>) = found.unzip();
            (paths.into_iter().map(|p| vec![p]).collect::<Vec<_>>(), scores, 1)
        }
        CtcStrategy::BeamSearch { beam_width, top_paths } => {
            if beam_width == 0 || top_paths == 0 {
                return Err(Error::value(format!(
                    "expected a beam_width and top_paths of 1 or more, got {beam_width} and {top_paths}"
                )));
            }
            let values = log_softmax(&x, -1)?.to_f64s()?;
            let (mut paths, mut scores) = (Vec::new(), Vec::<f64>::new());
            for (x, &n) in values.chunks(steps * classes).zip(&lengths) {
                let mut best = beam(x, classes, n, mask, beam_width);
                best.truncate(top_paths);
                // Where the search has seen fewer, the others are empty and impossible.
                let impossible = listed(top_paths - best.len(), |_| f64::NEG_INFINITY)?;
                let (p, s): (Vec<_>, Vec<f64>) = best.into_iter().unzip();
                paths.push(p);
                scores.extend(s.into_iter().chain(impossible));
            }
            (paths, scores, top_paths)
        }
    };
    let mut labels = listed(element_count(&[count, batch, steps])?, |_| -1i32)?;
    for (entry, paths) in paths.iter().enumerate() {
        for (rank, path) in paths.iter().enumerate() {
            let start = (rank * batch + entry) * steps;
            labels[start..start + path.len()].iter_mut().zip(path).for_each(|(to, &c)| *to = c as i32);
        }
    }
    let scores = cast(&Tensor::from_slice(&scores, [batch, count])?, dtype)?;
    Ok((Tensor::from_slice(&labels, [count, batch, steps])?, scores))
}

/// The labels of the most likely classes, and minus the sum of their outputs.
fn greedy(x: &[f64], classes: usize, length: usize, mask: usize, merge: bool) -> (Vec<usize>, f64) {
    let (mut path, mut score, mut last) = (Vec::new(), 0.0, None);
    for x in x.chunks(classes).take(length) {
        let beats = |a: f64, b: f64| a > b || (a.is_nan() && !b.is_nan());
        let best = (1..classes).fold(0, |best, c| if beats(x[c], x[best]) { c } else { best });
        score += x[best];
        if best != mask && !(merge && last == Some(best)) {
            path.push(best);
        }
        last = Some(best);
    }
    (path, -score)
}

/// Logarithms of the probabilities of a beginning that ends with its last label, and of one that ends with the mask.
#[derive(Clone, Copy)]
struct Ends {
    label: f64,
    mask: f64,
}

impl Default for Ends {
    fn default() -> Ends {
        Ends { label: f64::NEG_INFINITY, mask: f64::NEG_INFINITY }
    }
}

impl Ends {
    fn total(self) -> f64 {
        log_add(self.label, self.mask)
    }
}

fn log_add(a: f64, b: f64) -> f64 {
    let top = a.max(b);
    if top == f64::NEG_INFINITY { top } else { top + ((a - top).exp() + (b - top).exp()).ln() }
}

/// Beginnings by their labels. Labels are counted from the last class, so that among equals the lower class wins.
type Beginnings = BTreeMap<Vec<usize>, Ends>;

/// The most likely paths, the best first.
fn beam(x: &[f64], classes: usize, length: usize, mask: usize, width: usize) -> Vec<(Vec<usize>, f64)> {
    let turned = |class: usize| classes - 1 - class;
    let mut steps = x.chunks(classes);
    let mut kept = Beginnings::new();
    // Even an empty sequence has its first step looked at.
    let first = steps.next().unwrap_or(&[]);
    let mut order: Vec<usize> = (0..classes).collect();
    order.sort_by(|&a, &b| first[b].total_cmp(&first[a]).then(a.cmp(&b)));
    for &class in order.iter().take(width) {
        match class == mask {
            true => kept.entry(Vec::new()).or_default().mask = first[class],
            false => kept.entry(vec![turned(class)]).or_default().label = first[class],
        }
    }
    for x in steps.take(length.saturating_sub(1)) {
        let mut next = Beginnings::new();
        for (path, ends) in &kept {
            let stay = next.entry(path.clone()).or_default();
            stay.mask = log_add(stay.mask, ends.total() + x[mask]);
            for (class, &score) in x.iter().enumerate().filter(|&(class, _)| class != mask) {
                let repeated = path.last() == Some(&turned(class));
                if repeated {
                    let stay = next.entry(path.clone()).or_default();
                    stay.label = log_add(stay.label, ends.label + score);
                }
                let from = if repeated { ends.mask } else { ends.total() };
                if from == f64::NEG_INFINITY {
                    continue;
                }
                let mut longer = path.clone();
                longer.push(turned(class));
                let longer = next.entry(longer).or_default();
                longer.label = log_add(longer.label, from + score);
            }
        }
        kept = best(next, width).into_iter().collect();
    }
    let found = best(kept, usize::MAX).into_iter();
    found.map(|(path, ends)| (path.into_iter().map(turned).collect(), ends.total())).collect()
}

/// The most likely beginnings, the best first; among equals the one with the later labels.
fn best(all: Beginnings, count: usize) -> Vec<(Vec<usize>, Ends)> {
    let mut all: Vec<_> = all.into_iter().rev().collect();
    all.sort_by(|a, b| b.1.total().total_cmp(&a.1.total()));
    all.truncate(count);
    all
}
