//! The gradient tape: reverse-mode differentiation of whatever was computed.

use crate::dispatch::{TensorBuild, apply_one};
use crate::tensor::Tensor;
use crate::variable::Variable;
use rhyton_base::{Context, Error, Result};
use rhyton_ops::{Application, OpRef, elementwise};
use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

thread_local! {
    static TAPES: RefCell<Vec<Rc<RefCell<Recording>>>> = const { RefCell::new(Vec::new()) };
    static PAUSED: Cell<usize> = const { Cell::new(0) };
}

struct Recording {
    entries: Vec<Entry>,
    /// Tensors that depend on something watched.
    tracked: HashSet<u64>,
    /// Variables met so far: the tensors that stood for them, last one last.
    variables: HashMap<u64, Vec<Tensor>>,
    watch_variables: bool,
    recording: bool,
}

struct Entry {
    op: OpRef,
    inputs: Vec<Tensor>,
    outputs: Vec<Tensor>,
}

/// Records operations and computes gradients of what they computed.
///
/// A tape records on its thread from when it is made until its gradient is taken, it is stopped or dropped.
/// Trainable variables are watched by themselves, other tensors by [`GradientTape::watch`]. Tapes nest: gradients
/// taken while an outer tape records are recorded there and can be differentiated again.
///
/// ```
/// use rhyton_tensor::{GradientTape, Variable};
/// // Position 4.9 t²: the second derivative is the acceleration.
/// let time = Variable::from(0.5f64);
/// let outer = GradientTape::new();
/// let inner = GradientTape::new();
/// let position = 4.9 * time.value().square();
/// let speed = inner.gradient(&position, &time).unwrap();
/// let acceleration = outer.gradient(&speed, &time).unwrap();
/// assert_eq!(acceleration.item::<f64>().unwrap(), 9.8);
/// ```
pub struct GradientTape {
    state: Rc<RefCell<Recording>>,
    persistent: bool,
    used: Cell<bool>,
}

/// What a gradient may be taken with respect to: tensors and variables.
pub enum Source {
    /// A watched tensor.
    Tensor(Tensor),
    /// A variable.
    Variable(Variable),
}

impl From<&Tensor> for Source {
    fn from(x: &Tensor) -> Source {
        Source::Tensor(x.clone())
    }
}

impl From<&&Tensor> for Source {
    fn from(x: &&Tensor) -> Source {
        Source::Tensor((*x).clone())
    }
}

impl From<&&Variable> for Source {
    fn from(v: &&Variable) -> Source {
        Source::Variable((*v).clone())
    }
}

impl From<&Variable> for Source {
    fn from(v: &Variable) -> Source {
        Source::Variable(v.clone())
    }
}

/// What to give where the target does not depend on a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unconnected {
    /// Nothing.
    None,
    /// Zeros of the source's shape.
    Zero,
}

impl GradientTape {
    /// A tape for one gradient computation.
    #[allow(clippy::new_without_default)] // Making a tape starts recording; `default` would not say so.
    pub fn new() -> GradientTape {
        GradientTape::start(false, true)
    }

    /// A tape from which gradients can be taken any number of times.
    pub fn persistent() -> GradientTape {
        GradientTape::start(true, true)
    }

    /// A tape that watches nothing but what [`GradientTape::watch`] names.
    pub fn watching_nothing() -> GradientTape {
        GradientTape::start(false, false)
    }

    fn start(persistent: bool, watch_variables: bool) -> GradientTape {
        let state = Rc::new(RefCell::new(Recording {
            entries: Vec::new(),
            tracked: HashSet::new(),
            variables: HashMap::new(),
            watch_variables,
            recording: true,
        }));
        TAPES.with_borrow_mut(|t| t.push(state.clone()));
        GradientTape { state, persistent, used: Cell::new(false) }
    }

    /// Watches a tensor, or a variable that is not trainable.
    pub fn watch(&self, source: impl Into<Source>) {
        match source.into() {
            Source::Tensor(x) => {
                self.state.borrow_mut().tracked.insert(x.id());
            }
            Source::Variable(v) => {
                let x = v.value();
                self.state.borrow_mut().meet(v.id(), &x);
            }
        }
    }

    /// Records no further operations.
    pub fn stop(&self) {
        self.state.borrow_mut().recording = false;
        TAPES.with_borrow_mut(|tapes| tapes.retain(|t| !Rc::ptr_eq(t, &self.state)));
    }

    /// The gradient of a scalar, or of the sum of a tensor's elements, with respect to one source.
    ///
    /// # Errors
    /// Where the target does not depend on the source, neither is a float, or a tape that is not persistent is
    /// used again.
    pub fn gradient(&self, target: &Tensor, source: impl Into<Source>) -> Result<Tensor> {
        let sources = [source.into()];
        self.gradients_of(target, &sources, Unconnected::None)?.swap_remove(0).ok_or_else(|| {
            Error::value(
                "the target does not depend on the source; watch() tensors before they are used, and compute the \
                 target while the tape records",
            )
            .at("GradientTape::gradient")
        })
    }

    /// The gradients with respect to several sources.
    ///
    /// # Errors
    /// As [`GradientTape::gradient`]; the message names the place of an unconnected source.
    pub fn gradients<S: Into<Source>>(
        &self,
        target: &Tensor,
        sources: impl IntoIterator<Item = S>,
    ) -> Result<Vec<Tensor>> {
        let sources: Vec<Source> = sources.into_iter().map(Into::into).collect();
        let grads = self.gradients_of(target, &sources, Unconnected::None)?;
        let missing = |i: usize| {
            let name = match &sources[i] {
                Source::Variable(v) => format!("variable {:?}", v.name()),
                Source::Tensor(_) => format!("source {i}"),
            };
            Error::value(format!("the target does not depend on {name}")).at("GradientTape::gradients")
        };
        grads.into_iter().enumerate().map(|(i, g)| g.ok_or_else(|| missing(i))).collect()
    }

    /// The gradients with respect to several sources, with a choice for sources the target does not depend on.
    ///
    /// # Errors
    /// Where the target is not a float or a tape that is not persistent is used again.
    pub fn gradients_of(
        &self,
        target: &Tensor,
        sources: &[Source],
        unconnected: Unconnected,
    ) -> Result<Vec<Option<Tensor>>> {
        let who = || "GradientTape::gradient";
        if self.used.replace(true) && !self.persistent {
            return Err(Error::state(
                "this tape has given its gradient; use GradientTape::persistent() to take several",
            )
            .at(who()));
        }
        if !target.dtype().is_float() {
            return Err(Error::dtype(format!("expected a float target, got {}", target.dtype())).at(who()));
        }
        if !self.persistent {
            self.stop();
        }
        let was = std::mem::replace(&mut self.state.borrow_mut().recording, false);
        let found = self.backward(target, sources);
        self.state.borrow_mut().recording = was;
        if !self.persistent {
            self.state.borrow_mut().entries.clear();
        }
        let mut grads = found?;
        if unconnected == Unconnected::Zero {
            for (g, s) in grads.iter_mut().zip(sources) {
                if g.is_none() {
                    let x = match s {
                        Source::Tensor(x) => x.clone(),
                        Source::Variable(v) => v.value(),
                    };
                    *g = Some(crate::ops::zeros_like(&x)?);
                }
            }
        }
        Ok(grads)
    }

    fn backward(&self, target: &Tensor, sources: &[Source]) -> Result<Vec<Option<Tensor>>> {
        let state = self.state.borrow();
        // Only what the target depends on is walked.
        let mut cotangents: HashMap<u64, Tensor> = HashMap::new();
        if state.tracked.contains(&target.id()) {
            cotangents.insert(target.id(), crate::ops::ones_like(target)?);
        }
        let kept: HashSet<u64> = sources
            .iter()
            .flat_map(|s| match s {
                Source::Tensor(x) => vec![x.id()],
                Source::Variable(v) => {
                    state.variables.get(&v.id()).into_iter().flatten().map(Tensor::id).collect()
                }
            })
            .collect();
        for entry in state.entries.iter().rev() {
            let at_outputs: Vec<Option<Tensor>> = entry
                .outputs
                .iter()
                .map(|y| {
                    if kept.contains(&y.id()) {
                        cotangents.get(&y.id()).cloned()
                    } else {
                        cotangents.remove(&y.id())
                    }
                })
                .collect();
            if at_outputs.iter().all(Option::is_none) {
                continue;
            }
            let mut b = TensorBuild::default();
            let inputs: Vec<_> = entry.inputs.iter().map(|x| b.add(x)).collect();
            let outputs: Vec<_> = entry.outputs.iter().map(|y| b.add(y)).collect();
            let given: Vec<_> = at_outputs.iter().map(|g| g.as_ref().map(|g| b.add(g))).collect();
            let wanted: Vec<bool> = entry
                .inputs
                .iter()
                .map(|x| x.dtype().is_float() && state.tracked.contains(&x.id()))
                .collect();
            let a = Application { inputs: &inputs, outputs: &outputs, cotangents: &given, wanted: &wanted };
            let grads = entry.op.vjp(&mut b, &a).at(|| format!("gradient of {}", entry.op.name()))?;
            for ((x, g), wanted) in entry.inputs.iter().zip(grads).zip(wanted) {
                let (Some(g), true) = (g, wanted) else { continue };
                let g = b.get(g);
                let sum = match cotangents.get(&x.id()) {
                    Some(before) => apply_one(elementwise::Add, &[before, &g])?,
                    None => g,
                };
                cotangents.insert(x.id(), sum);
            }
        }
        let mut grads = Vec::new();
        for s in sources {
            let ids: Vec<u64> = match s {
                Source::Tensor(x) => vec![x.id()],
                Source::Variable(v) => {
                    state.variables.get(&v.id()).into_iter().flatten().map(Tensor::id).collect()
                }
            };
            let mut total: Option<Tensor> = None;
            for g in ids.iter().filter_map(|id| cotangents.get(id)) {
                total = Some(match total {
                    Some(t) => apply_one(elementwise::Add, &[&t, g])?,
                    None => g.clone(),
                });
            }
            grads.push(total);
        }
        Ok(grads)
    }
}

impl Drop for GradientTape {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Recording {
    fn meet(&mut self, variable: u64, value: &Tensor) {
        if self.tracked.insert(value.id()) {
            self.variables.entry(variable).or_default().push(value.clone());
        }
    }
}

fn each_tape(mut f: impl FnMut(&mut Recording)) {
    if PAUSED.get() > 0 {
        return;
    }
    TAPES.with_borrow(|tapes| {
        for tape in tapes {
            // A tape that is taking its own gradient is borrowed and does not record.
            if let Ok(mut state) = tape.try_borrow_mut()
                && state.recording
            {
                f(&mut state);
            }
        }
    });
}

/// Puts an operation on every tape that tracks one of its inputs.
pub(crate) fn record(op: &OpRef, inputs: &[Tensor], outputs: &[Tensor]) {
    each_tape(|state| {
        if inputs.iter().any(|x| state.tracked.contains(&x.id())) {
            state.tracked.extend(outputs.iter().map(Tensor::id));
            state.entries.push(Entry { op: op.clone(), inputs: inputs.to_vec(), outputs: outputs.to_vec() });
        }
    });
}

/// Tells tapes that a variable's value has been read.
pub(crate) fn meet_variable(v: &Variable, value: &Tensor) {
    each_tape(|state| {
        if state.watch_variables && v.trainable() && value.dtype().is_float() {
            state.meet(v.id(), value);
        }
    });
}

/// Whether any tape records on this thread.
pub(crate) fn is_recording() -> bool {
    PAUSED.get() == 0 && TAPES.with_borrow(|t| !t.is_empty())
}

struct Resume;

impl Drop for Resume {
    fn drop(&mut self) {
        PAUSED.set(PAUSED.get() - 1);
    }
}

pub(crate) fn without_recording<R>(f: impl FnOnce() -> R) -> R {
    PAUSED.set(PAUSED.get() + 1);
    let _resume = Resume;
    f()
}

/// Runs `f` without any tape recording.
pub fn no_gradient<R>(f: impl FnOnce() -> R) -> R {
    without_recording(f)
}
