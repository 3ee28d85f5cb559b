//! What all kinds of datasets have in common: elements in an order, gone through in passes.

use super::element::{Element, stacked};
use rhyton_base::{Result, Shape};
use rhyton_tensor::DType;
use std::fmt;
use std::sync::Arc;

/// The elements of a dataset, one after the other.
///
/// After an error the next element may be asked for. Threads that work for it end when it is dropped.
pub struct Elements(Box<dyn Iterator<Item = Result<Element>> + Send>);

impl Elements {
    pub(crate) fn new(elements: impl Iterator<Item = Result<Element>> + Send + 'static) -> Elements {
        Elements(Box::new(elements))
    }

    pub(crate) fn one(element: Result<Element>) -> Elements {
        Elements::new(std::iter::once(element))
    }
}

impl Iterator for Elements {
    type Item = Result<Element>;

    fn next(&mut self) -> Option<Result<Element>> {
        self.0.next()
    }
}

/// How many elements there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cardinality {
    /// So many.
    Known(usize),
    /// They never end.
    Infinite,
    /// Nobody can tell before going through them.
    Unknown,
}

impl Cardinality {
    /// The number, where there is one.
    pub fn known(self) -> Option<usize> {
        match self {
            Cardinality::Known(n) => Some(n),
            _ => None,
        }
    }

    /// The same with another number in the place of a known one.
    pub(crate) fn map(self, f: impl FnOnce(usize) -> usize) -> Cardinality {
        match self {
            Cardinality::Known(n) => Cardinality::Known(f(n)),
            other => other,
        }
    }
}

/// Type and shape of one of the tensors of an element; dimensions that vary are unknown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TensorSpec {
    /// The element type.
    pub dtype: DType,
    /// The shape.
    pub shape: Shape,
}

/// `float32(None, 10)`.
impl fmt::Display for TensorSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.dtype, self.shape)
    }
}

/// Elements that can be had by their numbers, in any order and from several threads.
pub(crate) trait Indexed: Send + Sync {
    /// How many there are.
    fn count(&self) -> usize;

    /// One of them.
    fn get(&self, place: usize) -> Result<Element>;

    /// Several of them, put together along a new first axis.
    fn gather(&self, places: &[usize]) -> Result<Element> {
        stacked(&places.iter().map(|&i| self.get(i)).collect::<Result<Vec<_>>>()?)
    }

    /// Types and shapes of one, where they are known.
    fn spec(&self) -> Option<Vec<TensorSpec>> {
        None
    }
}

/// Numbers of elements, in an order.
pub(crate) type Order = Box<dyn Iterator<Item = usize> + Send>;

/// A pass over elements that can be had by number: which ones, in which order.
pub(crate) struct Places {
    pub of: Arc<dyn Indexed>,
    pub order: Order,
}

impl Places {
    pub fn then(self, f: impl FnOnce(Order) -> Order) -> Places {
        Places { of: self.of, order: f(self.order) }
    }
}

/// Where elements come from. Passes are numbered; what is random in one depends on its number alone.
pub(crate) trait Source: Send + Sync {
    /// The elements of a pass without the first `start`.
    fn elements(self: Arc<Self>, pass: u64, start: usize) -> Elements;

    /// The same pass as numbers of elements, where all of them can be had by number.
    fn places(&self, _pass: u64) -> Option<Places> {
        None
    }

    fn cardinality(&self) -> Cardinality;

    /// Types and shapes, where they are known without looking at an element.
    fn spec(&self) -> Option<Vec<TensorSpec>> {
        None
    }
}

/// A pass over elements that can be had by number, one at a time.
pub(crate) fn by_number(places: Places, start: usize) -> Elements {
    let Places { of, order } = places;
    Elements::new(order.skip(start).map(move |i| of.get(i)))
}
