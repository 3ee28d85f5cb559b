//! Names for parts of a computation, by which profiles tell kernels apart.

use std::cell::RefCell;
use std::fmt;
use std::sync::Arc;

/// A named part of a computation: `sequential/dense`, or the gradient of one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Scope {
    path: Arc<str>,
    /// How often the derivative was taken.
    order: u8,
}

/// `sequential/dense gradient`.
impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)?;
        (0..self.order).try_for_each(|_| f.write_str(" gradient"))
    }
}

thread_local! {
    /// The parts that this thread is in, the innermost last, each with the names of those around it in front.
    static SCOPES: RefCell<Vec<Scope>> = const { RefCell::new(Vec::new()) };
}

struct Left;

impl Drop for Left {
    fn drop(&mut self) {
        SCOPES.with_borrow_mut(Vec::pop);
    }
}

/// Runs `f` as a part of the computation with this name. Profiles of compiled functions show the name beside the operations
/// that `f` does, and beside those of their gradients. Layers are such parts by themselves.
///
/// ```
/// use rhyton_tensor::{current_scope, scope};
/// let name = scope("block", || scope("attention", || current_scope().unwrap().to_string()));
/// assert_eq!(name, "block/attention");
/// ```
pub fn scope<R>(name: &str, f: impl FnOnce() -> R) -> R {
    SCOPES.with_borrow_mut(|scopes| {
        let inner = match scopes.last() {
            Some(outer) => Scope { path: format!("{}/{name}", outer.path).into(), order: outer.order },
            None => Scope { path: name.into(), order: 0 },
        };
        scopes.push(inner);
    });
    let _left = Left;
    f()
}

/// The part of the computation that this thread is in.
pub fn current_scope() -> Option<Scope> {
    SCOPES.with_borrow(|s| s.last().cloned())
}

/// Runs `f` as the gradient of a part.
pub(crate) fn gradient_of<R>(part: Option<&Scope>, f: impl FnOnce() -> R) -> R {
    let Some(part) = part else { return f() };
    let order = part.order.saturating_add(1);
    SCOPES.with_borrow_mut(|s| s.push(Scope { path: part.path.clone(), order }));
    let _left = Left;
    f()
}

/// Runs `f` as if in no part: what it does is a computation of its own.
pub fn outside_scopes<R>(f: impl FnOnce() -> R) -> R {
    struct Restore(Vec<Scope>);
    impl Drop for Restore {
        fn drop(&mut self) {
            SCOPES.with_borrow_mut(|s| std::mem::swap(s, &mut self.0));
        }
    }
    let _restore = Restore(SCOPES.take());
    f()
}
