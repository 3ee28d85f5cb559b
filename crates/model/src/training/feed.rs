//! What a run is fed with: batches of arrays, or the elements of a dataset.

use super::batches::Batches;
use super::measures::Measures;
use super::numerics::Suspects;
use super::options::Fit;
use super::order::{Order, Place};
use super::samples::{Given, Samples};
use super::steps::Parts;
use crate::data::Data;
use crate::model::Model;
use crate::step::{Kind, Memory, Step};
use rhyton_base::{Context, Error, Result};
use rhyton_data::{Dataset, Elements};
use rhyton_ops::Meta;
use rhyton_runtime::{Arg, profile};
use rhyton_tensor::Tensor;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

/// Batches, one loaded at a time.
pub(super) struct Feed {
    kind: Kind,
    how: How,
    /// The steps of a run: for a stream the last one, for arrays one for whole batches and one for the last.
    made: [Option<Made>; 2],
}

/// A step, and what it was made for.
type Made = (Parts, Vec<Meta>, Arc<Step>);

enum How {
    Arrays { samples: Box<Samples>, batches: Batches, order: Option<Order>, loaded: usize },
    Stream(Box<Stream>),
}

impl Feed {
    /// Batches of some of the samples, as they come.
    pub fn arrays(kind: Kind, samples: Samples, range: Range<usize>, batch_size: usize) -> Result<Feed> {
        let batches = samples.batches(range, batch_size)?;
        let how = How::Arrays { samples: Box::new(samples), batches, order: None, loaded: 0 };
        Ok(Feed { kind, how, made: Default::default() })
    }

    /// The same in the order that `fit` was asked for.
    pub fn ordered(mut self, options: &Fit) -> Feed {
        if let How::Arrays { batches, order, .. } = &mut self.how {
            *order = Order::new(batches, options);
        }
        self
    }

    /// The elements of a dataset, from a pass on. The first is looked at.
    pub fn stream(
        model: &Model,
        kind: Kind,
        dataset: &Dataset,
        class_weight: Option<BTreeMap<i64, f64>>,
        pass: u64,
    ) -> Result<Feed> {
        let mut stream = Stream::new(dataset.clone(), class_weight, model)?;
        let first = stream.next(model, kind, (pass, 0))?;
        let none = "the dataset has no elements; check what it is made of";
        let first = first.ok_or_else(|| Error::value(none))?;
        stream.ahead = Some(((pass, 0), first.clone()));
        stream.loaded = Some(first);
        Ok(Feed { kind, how: How::Stream(Box::new(stream)), made: Default::default() })
    }

    /// How many batches a pass has, where that is known.
    pub fn len(&self) -> Option<usize> {
        match &self.how {
            How::Arrays { batches, .. } => Some(batches.len()),
            How::Stream(stream) => stream.dataset.len(),
        }
    }

    /// How many samples the first so many batches have, where that is known.
    pub fn rows(&self, batches_used: usize) -> Option<usize> {
        match &self.how {
            How::Arrays { batches, .. } => Some((0..batches_used).map(|b| batches.size(b)).sum()),
            How::Stream(_) => None,
        }
    }

    /// What the arrays of the first batch are for, their types and shapes.
    pub fn first(&self) -> (Parts, Vec<Meta>) {
        let metas = match &self.how {
            How::Arrays { batches, .. } => batches.metas(0),
            How::Stream(_) => self.loaded().metas(),
        };
        (self.loaded().parts.clone(), metas)
    }

    /// Losses and metrics.
    pub fn measures(&self) -> Arc<Measures> {
        self.loaded().measures.clone()
    }

    fn loaded(&self) -> &Samples {
        match &self.how {
            How::Arrays { samples, .. } => samples,
            How::Stream(stream) => stream.loaded.as_ref().expect("the first batch was looked at"),
        }
    }

    /// Samples in the batch that is loaded.
    pub fn size(&self) -> usize {
        match &self.how {
            How::Arrays { batches, loaded, .. } => batches.size(*loaded),
            How::Stream(_) => self.loaded().count,
        }
    }

    /// Makes the batch of a place ready; whether there is one.
    pub fn load(&mut self, model: &Model, place: &Place) -> Result<bool> {
        let _span = profile::begin("gathering batches", None);
        match &mut self.how {
            How::Arrays { batches, order, loaded, .. } => {
                batches.load(place.batch, order.as_mut().map(|o| o.rows(place)));
                *loaded = place.batch;
                Ok(true)
            }
            How::Stream(stream) => match stream.next(model, self.kind, (place.pass, place.batch))? {
                Some(batch) => {
                    stream.loaded = Some(batch);
                    Ok(true)
                }
                None => Ok(false),
            },
        }
    }

    /// The step for the batch that is loaded.
    pub fn step(&mut self, model: &Model) -> Result<Arc<Step>> {
        let (metas, at) = match &self.how {
            How::Arrays { batches, loaded, .. } => {
                let at = usize::from(loaded + 1 == batches.len());
                // All batches but the last are alike.
                if let Some((_, _, step)) = &self.made[at] {
                    return Ok(step.clone());
                }
                (batches.metas(*loaded), at)
            }
            How::Stream(_) => (self.loaded().metas(), 0),
        };
        let loaded = self.loaded();
        if let Some((parts, known, step)) = &self.made[at]
            && *known == metas
            && *parts == loaded.parts
        {
            return Ok(step.clone());
        }
        let step = model.step(self.kind, &loaded.parts, &metas, &loaded.measures)?;
        let parts = loaded.parts.clone();
        if let How::Arrays { batches, .. } = &mut self.how {
            batches.list(&step);
        }
        self.made[at] = Some((parts, metas, step.clone()));
        Ok(step)
    }

    /// Calls `f` with the memory of the batch that is loaded, as a step takes it.
    pub fn with_memory<R>(&mut self, step: &Step, f: impl FnOnce(Memory) -> Result<R>) -> Result<R> {
        match &mut self.how {
            How::Arrays { batches, .. } => f(batches.memory(step)?),
            How::Stream(_) => {
                // Batches that lie row by row are taken as they are.
                let memory = self.loaded().memory()?;
                f(memory.iter().map(|(storage, start)| Arg::Read(storage, *start)).collect())
            }
        }
    }

    /// The batch that is loaded, as tensors.
    pub fn tensors(&self) -> Result<Vec<Tensor>> {
        match &self.how {
            How::Arrays { batches, .. } => batches.tensors(),
            How::Stream(_) => Ok(self.loaded().arrays().to_vec()),
        }
    }

    /// Where to look when a loss is not a number: at all arrays, or at the batch of a dataset that is loaded.
    pub fn suspects<'a>(&'a self, model: &'a Model) -> Suspects<'a> {
        let samples = self.loaded();
        match &self.how {
            How::Arrays { batches, .. } => Suspects {
                model,
                samples,
                range: batches.range(),
                batch_size: batches.batch_size(),
                whole: true,
            },
            How::Stream(_) => Suspects {
                model,
                samples,
                range: 0..samples.count,
                batch_size: samples.count.max(1),
                whole: false,
            },
        }
    }

    /// Runs the step of the batch that is loaded.
    pub fn run(&mut self, model: &Model) -> Result<()> {
        let step = self.step(model)?;
        self.with_memory(&step, |memory| step.run(memory))
    }
}

/// The place of a batch: pass and number in it.
type At = (u64, usize);

/// The batches of a dataset.
struct Stream {
    dataset: Dataset,
    class_weight: Option<BTreeMap<i64, f64>>,
    /// The names of inputs, where the dataset has them.
    names: Vec<String>,
    inputs: usize,
    outputs: usize,
    /// The pass that is gone through, and the place of the element that is next in it.
    elements: Option<(At, Elements)>,
    /// A batch that has been looked at before its time.
    ahead: Option<(At, Samples)>,
    loaded: Option<Samples>,
}

impl Stream {
    fn new(dataset: Dataset, class_weight: Option<BTreeMap<i64, f64>>, model: &Model) -> Result<Stream> {
        let names = dataset.names()?;
        let inputs = if names.is_empty() { model.input_names().len().max(1) } else { names.len() };
        let outputs = model.output_names().len().max(1);
        Ok(Stream {
            dataset,
            class_weight,
            names,
            inputs,
            outputs,
            elements: None,
            ahead: None,
            loaded: None,
        })
    }

    /// The batch of a place.
    fn next(&mut self, model: &Model, kind: Kind, at: At) -> Result<Option<Samples>> {
        if let Some((of, batch)) = self.ahead.take()
            && of == at
        {
            return Ok(Some(batch));
        }
        if self.elements.as_ref().is_none_or(|(next, _)| *next != at) {
            // What worked for the pass that is left ends first.
            self.elements = None;
            self.elements = Some((at, self.dataset.pass_from(at.0, at.1)));
        }
        let Some((next, elements)) = &mut self.elements else { return Ok(None) };
        let who = || format!("batch {} of the dataset", at.1);
        let Some(element) = elements.next() else {
            self.elements = None;
            return Ok(None);
        };
        next.1 += 1;
        self.samples(model, kind, element.at(who)?).at(who).map(Some)
    }

    /// The inputs among the tensors of an element, by name where they have names.
    fn inputs_of(&self, element: &[Tensor]) -> Data {
        match self.names.is_empty() {
            true => Data::from(&element[..self.inputs]),
            false => self.names.iter().cloned().zip(element.iter().cloned()).collect(),
        }
    }

    /// The tensors of an element as inputs, targets and weights.
    fn samples(&self, model: &Model, kind: Kind, element: Vec<Tensor>) -> Result<Samples> {
        let (i, o, n) = (self.inputs, self.outputs, element.len());
        let plural = |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
        let wrong =
            |expected: String| Err(Error::value(format!("expected {expected}, got {}", plural(n, "tensor"))));
        if kind == Kind::Predict {
            // What else there is, predictions do not need.
            return match n >= i {
                true => model.inputs_only(&self.inputs_of(&element)),
                false => wrong(plural(i, "input")),
            };
        }
        if n != i && n != i + o && n != i + o + 1 && n != i + 2 * o {
            return wrong(format!("{}, {} and sample weights", plural(i, "input"), plural(o, "target")));
        }
        let part = |range: Range<usize>| Data::from(&element[range]);
        let (x, y) = (self.inputs_of(&element), part(i..n.min(i + o)));
        let weight = (n > i + o).then(|| part(i + o..n));
        let class_weight = self.class_weight.as_ref();
        model.samples(Given { x: &x, y: &y, sample_weight: weight.as_ref(), class_weight })
    }
}
