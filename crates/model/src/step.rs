//! One batch's work, eager or compiled: the one place where that choice is made.

use crate::training::Parts;
use rhyton_base::{Error, Layout, Result};
use rhyton_graph::{Function, Snapshot};
use rhyton_ops::Meta;
use rhyton_runtime::{Arg, SparseSlot, Storage, profile};
use rhyton_tensor::{Tensor, Variable, scope};
use smallvec::SmallVec;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// The arrays of a batch in memory.
pub(crate) type Memory<'a> = SmallVec<[Arg<'a>; 16]>;

/// What a step computes: from the tensors of a batch to results, changing variables on the way.
pub(crate) type Work = Box<dyn Fn(&[Tensor]) -> Result<Vec<Tensor>> + Send + Sync>;

/// What a step is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    /// Forward pass, loss, gradients, optimizer, metrics.
    Train,
    /// Forward pass, loss, metrics.
    Test,
    /// Forward pass.
    Predict,
}

impl Kind {
    /// What profiles call the step.
    fn name(self) -> &'static str {
        match self {
            Kind::Train => "train step",
            Kind::Test => "test step",
            Kind::Predict => "predict step",
        }
    }
}

/// A step for batches of one type and shape.
pub(crate) struct Step {
    inputs: Vec<Meta>,
    how: How,
}

enum How {
    /// Each operation by itself, every time anew.
    Eager(Work),
    /// Everything at once, traced and compiled before.
    Compiled(Box<Function>),
}

impl Step {
    /// Compiled with variables as they are, or as they were when a snapshot was taken; or eager.
    pub fn new(
        kind: Kind,
        eagerly: bool,
        inputs: &[Meta],
        work: Work,
        frozen: Option<&Snapshot>,
    ) -> Result<Step> {
        let trace = || match frozen {
            None => Function::trace(inputs, |x| work(x)).map(Box::new),
            Some(snapshot) => Function::frozen(inputs, |x| work(x), snapshot).map(Box::new),
        };
        let how = match eagerly {
            true => How::Eager(work),
            false => How::Compiled(profile::span("compiling", || scope(kind.name(), trace))?),
        };
        Ok(Step { inputs: inputs.to_vec(), how })
    }

    /// What an array of a batch is if it may be given as rows of a sparse matrix.
    pub fn sparse(&self, array: usize) -> Option<SparseSlot> {
        match &self.how {
            How::Compiled(function) => function.sparse(array),
            How::Eager(_) => None,
        }
    }

    /// The function, if it is compiled.
    pub fn function(&self) -> Option<&Function> {
        match &self.how {
            How::Compiled(function) => Some(function),
            How::Eager(_) => None,
        }
    }

    /// Runs it on the memory of a batch, which holds at least one batch of its shapes, row-major. For steps
    /// whose results are what they do to variables.
    pub fn run(&self, batch: Memory) -> Result<()> {
        match &self.how {
            How::Compiled(function) => function.run(batch, &mut []),
            How::Eager(work) => work(&self.tensors(&batch)?).map(|_| ()),
        }
    }

    /// [`Step::run`] for steps that have results.
    pub fn call(&self, batch: Memory) -> Result<Vec<Tensor>> {
        match &self.how {
            How::Eager(work) => work(&self.tensors(&batch)?),
            How::Compiled(function) => {
                let bytes = |m: &Meta| m.dims().iter().product::<usize>() * m.dtype.size();
                let mut memory =
                    function.outputs().iter().map(|m| Storage::new(bytes(m))).collect::<Result<Vec<_>>>()?;
                function.run(batch, &mut memory.iter_mut().collect::<Vec<_>>())?;
                let tensor = |(s, m): (Storage, &Meta)| {
                    Tensor::from_storage(Arc::new(s), m.dtype, Layout::contiguous(&m.dims()))
                };
                Ok(memory.into_iter().zip(function.outputs()).map(tensor).collect())
            }
        }
    }

    /// The variables that it reads or changes, in an order that follows from what it does.
    pub fn variables(&self) -> Result<Vec<Variable>> {
        let states = |f: &Function| f.graph().states().iter().map(|s| s.variable.clone()).collect();
        match &self.how {
            How::Compiled(function) => Ok(states(function)),
            How::Eager(work) => Function::trace(&self.inputs, |x| work(x)).map(|f| states(&f)),
        }
    }

    fn tensors(&self, batch: &[Arg]) -> Result<Vec<Tensor>> {
        let tensor = |(arg, meta): (&Arg, &Meta)| {
            let Arg::Read(storage, start) = arg else {
                return Err(Error::value("expected an array of a batch in memory"));
            };
            let dims = meta.dims();
            let bytes = dims.iter().product::<usize>() * meta.dtype.size();
            Tensor::from_bytes(&storage.bytes()[*start..*start + bytes], meta.dtype, &dims)
        };
        batch.iter().zip(&self.inputs).map(tensor).collect()
    }
}

/// What a step is for, whether it runs eagerly, and what it takes.
type Key = (Kind, bool, Parts, Vec<Meta>);

/// Steps that have been made.
#[derive(Default)]
pub(crate) struct Steps {
    made: Mutex<HashMap<Key, Arc<Step>>>,
    /// The step of the prediction before, if that was one batch of whole arrays.
    last: Mutex<Option<Arc<Step>>>,
}

impl Steps {
    /// The step for batches of these types and shapes, made at the first use.
    pub fn get(
        &self,
        key: Key,
        frozen: Option<&Snapshot>,
        work: impl FnOnce() -> Result<Work>,
    ) -> Result<Arc<Step>> {
        let lock = || self.made.lock().unwrap_or_else(|e| e.into_inner());
        if let Some(step) = lock().get(&key) {
            return Ok(step.clone());
        }
        let step = Arc::new(Step::new(key.0, key.1, &key.3, work()?, frozen)?);
        let mut steps = lock();
        // Data of ever new batch sizes must not fill memory with functions that are never used again.
        if steps.len() >= 16 {
            steps.clear();
        }
        steps.insert(key, step.clone());
        Ok(step)
    }

    /// Keeps the step of a prediction for others of the same kind.
    pub fn remember(&self, step: &Arc<Step>) {
        *self.last.lock().unwrap_or_else(|e| e.into_inner()) = Some(step.clone());
    }

    /// The step of the prediction before.
    pub fn last(&self) -> Option<Arc<Step>> {
        self.last.lock().unwrap_or_else(|e| e.into_inner()).clone()
    }
}
