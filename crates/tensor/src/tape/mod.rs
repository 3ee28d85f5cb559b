//! The gradient tape: reverse-mode differentiation of whatever was computed.

mod backward;
mod jacobian;
mod picture;

mod recording;
mod source;

pub use recording::no_gradient;
pub(crate) use recording::{
    apart, is_recording, is_tracked, meet_variable, outside, record, without_recording,
};
pub use source::{Source, Sources};

use crate::tensor::Tensor;
use crate::variable::Variable;
use recording::Recording;
use rhyton_base::{Error, Result};
use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

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
            watched: Vec::new(),
            watch_variables,
            recording: true,
        }));
        recording::open(&state);
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
                self.state.borrow_mut().meet(&v, &x);
            }
        }
    }

    /// Records no further operations.
    pub fn stop(&self) {
        self.state.borrow_mut().recording = false;
        recording::close(&self.state);
    }

    /// Runs `f` without recording it on this tape; other tapes record it.
    ///
    /// ```
    /// use rhyton_tensor::{GradientTape, Variable};
    /// let w = Variable::from(3.0f64);
    /// let tape = GradientTape::new();
    /// let factor = tape.stop_recording(|| w.value() * 1.0); // counts as a plain number
    /// let g = tape.gradient(&(factor * w.value()), &w).unwrap();
    /// assert_eq!(g.item::<f64>().unwrap(), 3.0);
    /// ```
    pub fn stop_recording<R>(&self, f: impl FnOnce() -> R) -> R {
        struct Resume<'a>(&'a RefCell<Recording>, bool);
        impl Drop for Resume<'_> {
            fn drop(&mut self) {
                self.0.borrow_mut().recording = self.1;
            }
        }
        let was = std::mem::replace(&mut self.state.borrow_mut().recording, false);
        let _resume = Resume(&self.state, was);
        f()
    }

    /// Forgets everything recorded and watched, and begins anew.
    pub fn reset(&self) {
        let mut state = self.state.borrow_mut();
        state.forget();
        state.recording = true;
        drop(state);
        recording::close(&self.state);
        recording::open(&self.state);
        self.used.set(false);
    }

    /// The variables met so far, in the order in which they were first read.
    pub fn watched_variables(&self) -> Vec<Variable> {
        self.state.borrow().watched.clone()
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
        self.gradients_with(std::slice::from_ref(target), &[], sources, unconnected)
    }

    /// The gradients with respect to a structure of sources, in the same structure.
    ///
    /// ```
    /// use rhyton_tensor::{GradientTape, Unconnected, Variable};
    /// use std::collections::BTreeMap;
    /// let (w, b) = (Variable::from(2.0f64), Variable::from(1.0f64));
    /// let model = BTreeMap::from([("w".to_string(), w.clone()), ("b".to_string(), b.clone())]);
    /// let tape = GradientTape::new();
    /// let loss = (w.value() * 3.0 + b.value()).square();
    /// let g = tape.gradients_like(&loss, &model, Unconnected::None).unwrap();
    /// assert_eq!(g["w"].as_ref().unwrap().item::<f64>().unwrap(), 42.0);
    /// ```
    ///
    /// # Errors
    /// As [`GradientTape::gradients_of`].
    pub fn gradients_like<S: Sources + ?Sized>(
        &self,
        target: &Tensor,
        sources: &S,
        unconnected: Unconnected,
    ) -> Result<S::Gradients> {
        let mut list = Vec::new();
        sources.list(&mut list);
        let grads = self.gradients_of(target, &list, unconnected)?;
        Ok(sources.gradients(&mut grads.into_iter()))
    }

    /// The gradients of several targets together, each weighted by its entry of `output_gradients`: the product of
    /// the Jacobian's transpose and these. Without entries all weights are 1.
    ///
    /// # Errors
    /// Where a target is not a float, a weight does not have its target's shape, or a tape that is not persistent
    /// is used again.
    pub fn gradients_with(
        &self,
        targets: &[Tensor],
        output_gradients: &[Tensor],
        sources: &[Source],
        unconnected: Unconnected,
    ) -> Result<Vec<Option<Tensor>>> {
        const WHO: &str = "GradientTape::gradient";
        self.take(WHO, targets)?;
        if !output_gradients.is_empty() && output_gradients.len() != targets.len() {
            let (got, wanted) = (output_gradients.len(), targets.len());
            return Err(
                Error::value(format!("expected {wanted} output gradients, one a target, got {got}")).at(WHO)
            );
        }
        self.walk(|state| {
            let mut seeds = Vec::new();
            for (i, target) in targets.iter().enumerate() {
                let seed = match output_gradients.get(i) {
                    None => crate::ops::ones_like(target)?,
                    Some(g) if g.shape() == target.shape() => crate::ops::cast(g, target.dtype())?,
                    Some(g) => {
                        let message = format!(
                            "expected an output gradient like its target {}, got {}",
                            target.meta(),
                            g.meta()
                        );
                        return Err(Error::shape(message).at(WHO));
                    }
                };
                seeds.push((target.clone(), seed));
            }
            backward::backward(state, &seeds, sources)
        })
        .and_then(|grads| filled(grads, sources, unconnected))
    }

    /// Checks that gradients of these targets can be taken now.
    fn take(&self, who: &'static str, targets: &[Tensor]) -> Result<()> {
        if self.used.get() && !self.persistent {
            return Err(Error::state(
                "this tape has given its gradient; use GradientTape::persistent() to take several",
            )
            .at(who));
        }
        self.used.set(true);
        match targets.iter().find(|t| !t.dtype().is_float()) {
            Some(t) => Err(Error::dtype(format!("expected a float target, got {}", t.dtype())).at(who)),
            None => Ok(()),
        }
    }

    /// Goes back over what was recorded, and forgets it unless the tape is persistent.
    fn walk<R>(&self, f: impl FnOnce(&Recording) -> Result<R>) -> Result<R> {
        if !self.persistent {
            self.stop();
        }
        let was = std::mem::replace(&mut self.state.borrow_mut().recording, false);
        let found = f(&self.state.borrow());
        self.state.borrow_mut().recording = was;
        if !self.persistent {
            self.state.borrow_mut().entries.clear();
        }
        found
    }
}

/// Zeros for what is not connected, where they are asked for.
fn filled(
    mut grads: Vec<Option<Tensor>>,
    sources: &[Source],
    unconnected: Unconnected,
) -> Result<Vec<Option<Tensor>>> {
    if unconnected == Unconnected::Zero {
        for (g, s) in grads.iter_mut().zip(sources).filter(|(g, _)| g.is_none()) {
            let zeros = match s {
                Source::Tensor(x) => crate::ops::zeros_like(x)?,
                Source::Variable(v) => crate::ops::zeros(v.shape(), v.dtype())?,
            };
            *g = Some(zeros);
        }
    }
    Ok(grads)
}

impl Drop for GradientTape {
    fn drop(&mut self) {
        self.stop();
    }
}
