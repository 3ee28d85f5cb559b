//! What tapes keep, and how operations come onto them.

use crate::scope::{Scope, current_scope};
use crate::tensor::Tensor;
use crate::variable::Variable;
use rhyton_ops::OpRef;
use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

thread_local! {
    static TAPES: RefCell<Tapes> = const { RefCell::new(Vec::new()) };
    static PAUSED: Cell<usize> = const { Cell::new(0) };
    /// The tapes, and how often they were paused, outside of functions being written down on the side.
    static HIDDEN: RefCell<Vec<(Tapes, usize)>> = const { RefCell::new(Vec::new()) };
}

type Tapes = Vec<Rc<RefCell<Recording>>>;

pub(super) struct Recording {
    pub entries: Vec<Entry>,
    /// Tensors that depend on something watched.
    pub tracked: HashSet<u64>,
    /// Variables met so far: the tensors that stood for them, last one last.
    pub variables: HashMap<u64, Vec<Tensor>>,
    /// The same variables, in the order in which they were met.
    pub watched: Vec<Variable>,
    pub watch_variables: bool,
    pub recording: bool,
}

pub(super) struct Entry {
    pub op: OpRef,
    pub inputs: Vec<Tensor>,
    pub outputs: Vec<Tensor>,
    /// The part of the computation that it was done in.
    pub scope: Option<Scope>,
}

/// Makes a tape record from now on.
pub(super) fn open(tape: &Rc<RefCell<Recording>>) {
    TAPES.with_borrow_mut(|t| t.push(tape.clone()));
}

/// Takes a tape away from those that record.
pub(super) fn close(tape: &Rc<RefCell<Recording>>) {
    TAPES.with_borrow_mut(|tapes| tapes.retain(|t| !Rc::ptr_eq(t, tape)));
}

impl Recording {
    pub fn meet(&mut self, variable: &Variable, value: &Tensor) {
        if self.tracked.insert(value.id()) {
            let known = self.variables.entry(variable.id()).or_default();
            if known.is_empty() {
                self.watched.push(variable.clone());
            }
            known.push(value.clone());
        }
    }

    pub fn forget(&mut self) {
        self.entries.clear();
        self.tracked.clear();
        self.variables.clear();
        self.watched.clear();
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
            let (inputs, outputs) = (inputs.to_vec(), outputs.to_vec());
            state.entries.push(Entry { op: op.clone(), inputs, outputs, scope: current_scope() });
        }
    });
}

/// Tells tapes that a variable's value has been read.
pub(crate) fn meet_variable(v: &Variable, value: &Tensor) {
    each_tape(|state| {
        if state.watch_variables && v.trainable() && value.dtype().is_float() {
            state.meet(v, value);
        }
    });
}

/// Whether any tape records on this thread.
pub(crate) fn is_recording() -> bool {
    PAUSED.get() == 0 && TAPES.with_borrow(|t| !t.is_empty())
}

/// Whether some tape on this thread tracks a tensor.
pub(crate) fn is_tracked(x: &Tensor) -> bool {
    TAPES.with_borrow(|tapes| tapes.iter().any(|t| t.try_borrow().is_ok_and(|s| s.tracked.contains(&x.id()))))
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

fn swap_in(tapes: Tapes, paused: usize) -> (Tapes, usize) {
    (TAPES.replace(tapes), PAUSED.replace(paused))
}

/// Runs `f`, which writes a function down on the side, unseen by the tapes that record now; `f` may open its own.
pub(crate) fn apart<R>(f: impl FnOnce() -> R) -> R {
    struct Back;
    impl Drop for Back {
        fn drop(&mut self) {
            if let Some((tapes, paused)) = HIDDEN.with_borrow_mut(Vec::pop) {
                swap_in(tapes, paused);
            }
        }
    }
    let outer = swap_in(Tapes::new(), 0);
    HIDDEN.with_borrow_mut(|h| h.push(outer));
    let _back = Back;
    f()
}

/// Inside [`apart`]: runs `f` with the tapes of outside.
pub(crate) fn outside<R>(f: impl FnOnce() -> R) -> R {
    struct Back(Option<(Tapes, usize)>);
    impl Drop for Back {
        fn drop(&mut self) {
            if let Some((tapes, paused)) = self.0.take() {
                let outer = swap_in(tapes, paused);
                HIDDEN.with_borrow_mut(|h| h.push(outer));
            }
        }
    }
    let Some((tapes, paused)) = HIDDEN.with_borrow_mut(Vec::pop) else { return f() };
    let _back = Back(Some(swap_in(tapes, paused)));
    f()
}
