//! Data as it was given, checked and put in the model's order.

use super::batches::Batches;
use super::check;
use super::measures::Measures;
use super::steps::{Batch, Parts};
use super::weights::{class_weights, sample_weights};
use crate::data::Data;
use crate::model::Model;
use rhyton_base::{Context, Dim, Error, Result, Shape};
use rhyton_ops::Meta;
use rhyton_runtime::Storage;
use rhyton_tensor::Tensor;
use smallvec::SmallVec;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

/// Inputs, targets and weights of samples.
#[derive(Clone, Copy)]
pub(super) struct Given<'a> {
    pub x: &'a Data,
    pub y: &'a Data,
    pub sample_weight: Option<&'a Data>,
    pub class_weight: Option<&'a BTreeMap<i64, f64>>,
}

/// Arrays of samples, and what they are for.
#[derive(Clone)]
pub(super) struct Samples {
    arrays: Vec<Tensor>,
    pub parts: Parts,
    pub measures: Arc<Measures>,
    /// How many samples there are.
    pub count: usize,
    /// How many of the arrays are not weights.
    unweighted: usize,
}

/// Memory, and the byte at which something begins in it.
pub(crate) type Stored = SmallVec<[(Arc<Storage>, usize); 16]>;

impl Samples {
    /// Batches of some of the samples.
    pub fn batches(&self, range: Range<usize>, batch_size: usize) -> Result<Batches> {
        Batches::new(&self.arrays, range, batch_size)
    }

    /// Types and shapes of all samples at once.
    pub fn metas(&self) -> Vec<Meta> {
        self.arrays.iter().map(|x| Meta::new(x.dtype(), x.shape())).collect()
    }

    /// The memory of all samples at once, row by row, and where they begin in it: their own where they lie so.
    pub fn memory(&self) -> Result<Stored> {
        self.arrays.iter().map(Tensor::memory).collect()
    }

    /// All samples as one batch.
    pub fn batch(&self) -> Batch {
        self.parts.batch(&self.arrays)
    }

    /// All arrays: inputs, targets, weights.
    pub fn arrays(&self) -> &[Tensor] {
        &self.arrays
    }

    /// What errors call one of the arrays: `x`, `x "title"`, `y "price"`, `sample_weight`.
    pub fn name(&self, array: usize, inputs: &[String]) -> String {
        let Parts { inputs: count, targets, weights } = &self.parts;
        if array < *count {
            return match (count, inputs.get(array)) {
                (1, _) => "x".to_string(),
                (_, Some(name)) => format!("x {name:?}"),
                (_, None) => format!("x[{array}]"),
            };
        }
        for (what, places) in [("y", targets), ("sample_weight", weights)] {
            if let Some(output) = places.iter().position(|&p| p == Some(array)) {
                return match self.measures.targets.get(output).filter(|_| targets.len() > 1) {
                    Some(target) => format!("{what} {:?}", target.name),
                    None => what.to_string(),
                };
            }
        }
        "the data".to_string()
    }

    /// The same samples, all of which count alike.
    pub fn without_weights(&self) -> Samples {
        Samples {
            arrays: self.arrays[..self.unweighted].to_vec(),
            parts: Parts { weights: vec![None; self.parts.weights.len()], ..self.parts.clone() },
            measures: self.measures.clone(),
            ..*self
        }
    }
}

/// What errors call each of several arrays: `x`, `x[1]`, `x "title"`.
fn labelled<'a>(data: &'a Data, what: &str) -> Vec<(String, &'a Tensor)> {
    let label = |i: usize| match (data.names(), data.tensors().len()) {
        (Some(names), _) => format!("{what} {:?}", names[i]),
        (None, 1) => what.to_string(),
        (None, _) => format!("{what}[{i}]"),
    };
    data.tensors().iter().enumerate().map(|(i, x)| (label(i), x)).collect()
}

impl Model {
    /// Whether outputs are compared with targets by what `compile` was given.
    fn is_measured(&self) -> bool {
        self.compiled.as_ref().is_some_and(|c| c.measures_something())
    }

    /// Checks samples for training or evaluation; builds the model for them.
    pub(super) fn samples(&self, given: Given) -> Result<Samples> {
        self.sound()?;
        if self.custom.is_none() {
            self.expect_compiled()?;
        }
        let none = Data::default();
        let weight = given.sample_weight.unwrap_or(&none);
        let mut named = labelled(given.x, "x");
        named.extend(labelled(given.y, "y"));
        named.extend(labelled(weight, "sample_weight"));
        given.y.expect_tensors("y")?;
        weight.expect_tensors("sample_weight")?;
        let count = check::samples(&named)?;
        let x = self.ordered(given.x)?;
        let measured = self.is_measured() || self.custom.is_none();
        let (names, y_pred) = match measured {
            true => {
                let y_pred = self.output_shapes_for(&x)?;
                (self.names_of_outputs(y_pred.len()), y_pred)
            }
            // Nobody but the steps of the user knows what targets are for.
            false => ((0..given.y.tensors().len()).map(|i| format!("output_{i}")).collect(), Vec::new()),
        };
        let y = match given.y.is_empty() {
            true => vec![None; names.len()],
            false if measured => self.targets_by_name(given.y, &names)?,
            false => given.y.tensors().iter().cloned().map(Some).collect(),
        };
        let measures = match &self.compiled {
            Some(compiled) if measured => {
                let shapes: Vec<Option<Shape>> =
                    y.iter().map(|y| y.as_ref().map(|y| Shape::from(y.shape()))).collect();
                compiled.measures(&names, &shapes, &y_pred)?
            }
            _ => self.own_measures.clone(),
        };
        let several = names.len() > 1;
        for ((target, y), y_pred) in measures.targets.iter().zip(&y).zip(&y_pred) {
            let (Some(loss), Some(y)) = (&target.loss, y) else { continue };
            match several {
                false => check::targets("y", "the model's output", &**loss, y, y_pred)?,
                true => {
                    let (who, output) = (format!("y {:?}", target.name), format!("output {:?}", target.name));
                    check::targets(&who, &output, &**loss, y, y_pred)?;
                }
            }
        }
        let weights = weights_of(given, &y, &names, count)?;
        Ok(put_together(x, y, weights, measures, count))
    }

    /// Targets for outputs of these names; a list may leave out outputs that have no loss.
    fn targets_by_name(&self, y: &Data, names: &[String]) -> Result<Vec<Option<Tensor>>> {
        let given = y.by_name(names, "output").at(|| "y");
        if given.is_ok() || y.names().is_some() {
            return given;
        }
        let Some(compiled) = &self.compiled else { return given };
        let losses = super::measures::loss_specs(&compiled.given.losses, names)?;
        if losses.iter().flatten().count() != y.tensors().len() {
            return given;
        }
        let mut tensors = y.tensors().iter().cloned();
        Ok(losses.iter().map(|loss| loss.as_ref().and_then(|_| tensors.next())).collect())
    }

    /// Checks samples for prediction.
    pub(super) fn inputs_only(&self, x: &Data) -> Result<Samples> {
        self.sound()?;
        let count = check::samples(&labelled(x, "x"))?;
        let x = self.ordered(x)?;
        if self.custom.is_none() {
            self.output_shapes_for(&x)?;
        }
        Ok(put_together(x, Vec::new(), Vec::new(), self.own_measures.clone(), count))
    }

    /// Builds the model for `x` where it is not built, and returns the shapes of its outputs, or what does not fit.
    /// The layer that refuses the data is named.
    fn output_shapes_for(&self, x: &[Tensor]) -> Result<Vec<Shape>> {
        let meta = |x: &Tensor| Meta {
            dtype: x.dtype(),
            shape: Shape::from(x.shape()).without_batch().with_axis(0, Dim::Unknown),
        };
        let metas: Vec<Meta> = x.iter().map(meta).collect();
        Ok(self.output_metas(&metas)?.into_iter().map(|m| m.shape).collect())
    }
}

/// The weights of the samples, for each output.
fn weights_of(
    given: Given,
    y: &[Option<Tensor>],
    names: &[String],
    count: usize,
) -> Result<Vec<Option<Tensor>>> {
    match (given.class_weight, given.sample_weight) {
        (Some(_), Some(_)) => Err(Error::value(
            "class_weight and sample_weight cannot be given together; multiply them into sample_weight",
        )),
        (Some(classes), None) => match y {
            [Some(y)] => Ok(vec![Some(class_weights(classes, y)?)]),
            _ => Err(Error::value(format!(
                "class_weight is for models of one output with targets, this one has {}; give sample_weight instead",
                y.len()
            ))),
        },
        (None, Some(weights)) => {
            let cast = |w: &Tensor| sample_weights(w, count);
            if let (None, [one]) = (weights.names(), weights.tensors()) {
                // One weight a sample holds for all outputs.
                return Ok(vec![Some(cast(one)?); names.len()]);
            }
            let each = weights.by_name(names, "output").at(|| "sample_weight")?;
            each.iter().map(|w| w.as_ref().map(cast).transpose()).collect()
        }
        (None, None) => Ok(vec![None; names.len()]),
    }
}

/// All arrays one after the other; what several outputs share stands there once.
fn put_together(
    x: Vec<Tensor>,
    y: Vec<Option<Tensor>>,
    weights: Vec<Option<Tensor>>,
    measures: Arc<Measures>,
    count: usize,
) -> Samples {
    let inputs = x.len();
    let mut arrays = x;
    let mut place = |all: Vec<Option<Tensor>>, from: usize| -> Vec<Option<usize>> {
        let mut one = |x: Tensor| {
            let known = arrays[from..].iter().position(|a| a.id() == x.id()).map(|i| from + i);
            known.unwrap_or_else(|| {
                arrays.push(x);
                arrays.len() - 1
            })
        };
        all.into_iter().map(|x| x.map(&mut one)).collect()
    };
    let targets = place(y, inputs);
    let unweighted = inputs + targets.iter().flatten().map(|p| p + 1 - inputs).max().unwrap_or(0);
    let weights = place(weights, unweighted);
    Samples { arrays, parts: Parts { inputs, targets, weights }, measures, count, unweighted }
}
