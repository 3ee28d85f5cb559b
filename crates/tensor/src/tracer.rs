//! The interface through which a function is written down instead of run.

use crate::tensor::Tensor;
use crate::variable::Variable;
use rhyton_base::Result;
use rhyton_ops::{Meta, OpRef};
use std::cell::RefCell;
use std::sync::Arc;

/// A trace in the making.
///
/// Operations on traced tensors come here instead of to a backend; variables that are read or assigned while the
/// trace is current become inputs and outputs of the function.
pub trait Tracer: Send + Sync {
    /// Writes an operation down. Concrete inputs become constants of the function.
    fn emit(&self, op: &OpRef, inputs: &[Tensor], outputs: &[Meta]) -> Result<Vec<Tensor>>;

    /// The variable's value at this point of the function.
    fn read(&self, variable: &Variable) -> Result<Tensor>;

    /// Gives the variable a new value from this point on.
    fn assign(&self, variable: &Variable, value: &Tensor) -> Result<()>;
}

thread_local! {
    static CURRENT: RefCell<Vec<Arc<dyn Tracer>>> = const { RefCell::new(Vec::new()) };
}

/// The innermost trace that this thread is making.
pub fn current_tracer() -> Option<Arc<dyn Tracer>> {
    CURRENT.with_borrow(|c| c.last().cloned())
}

/// Runs `f` with `tracer` as this thread's current trace.
pub fn with_tracer<R>(tracer: Arc<dyn Tracer>, f: impl FnOnce() -> R) -> R {
    struct Pop;
    impl Drop for Pop {
        fn drop(&mut self) {
            CURRENT.with_borrow_mut(|c| {
                c.pop();
            });
        }
    }
    CURRENT.with_borrow_mut(|c| c.push(tracer));
    let _pop = Pop;
    f()
}

/// Runs `f` with the trace around the current one as this thread's current trace.
pub(crate) fn outside_tracer<R>(f: impl FnOnce() -> R) -> R {
    struct Push(Option<Arc<dyn Tracer>>);
    impl Drop for Push {
        fn drop(&mut self) {
            CURRENT.with_borrow_mut(|c| c.extend(self.0.take()));
        }
    }
    let _push = Push(CURRENT.with_borrow_mut(Vec::pop));
    f()
}

/// Runs `f` as if no function were being traced, for what has to exist before: first values of variables.
pub fn without_tracer<R>(f: impl FnOnce() -> R) -> R {
    struct Restore(Vec<Arc<dyn Tracer>>);
    impl Drop for Restore {
        fn drop(&mut self) {
            CURRENT.with_borrow_mut(|c| std::mem::swap(c, &mut self.0));
        }
    }
    let _restore = Restore(CURRENT.with_borrow_mut(std::mem::take));
    f()
}
