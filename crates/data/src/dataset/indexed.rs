//! Elements that can be had by number: slices of tensors, ranges, sequences of the user's.

use super::element::{Element, rows, slice};
use super::source::{Cardinality, Elements, Indexed, Places, Source, TensorSpec};
use crate::rows::{Column, Rows};
use rhyton_base::{Context, DType, Error, Result, Shape};
use rhyton_tensor::Tensor;
use std::sync::Arc;

/// Elements that a type of the user's has, each by its number: Keras's `PyDataset`, also called `Sequence`.
///
/// Elements may be samples, to be put together with [`batch`](super::Dataset::batch), or whole batches. They are asked for
/// in any order and from several threads; see [`Dataset::from_sequence`](super::Dataset::from_sequence).
///
/// Source: `keras/src/trainers/data_adapters/py_dataset_adapter.py`.
pub trait Sequence: Send + Sync {
    /// How many elements there are.
    fn len(&self) -> usize;

    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The element of a number below [`Sequence::len`].
    ///
    /// # Errors
    /// Whatever keeps it from being had; whoever goes through the dataset gets the error in its place.
    fn get(&self, index: usize) -> Result<Element>;
}

/// All elements of something, in order.
pub(crate) struct All<T>(pub Arc<T>);

impl<T: Indexed + 'static> Source for All<T> {
    fn elements(self: Arc<Self>, _pass: u64, start: usize) -> Elements {
        let of = self.0.clone();
        Elements::new((start..of.count()).map(move |i| of.get(i)))
    }

    fn places(&self, _pass: u64) -> Option<Places> {
        Some(Places { of: self.0.clone(), order: Box::new(0..self.0.count()) })
    }

    fn cardinality(&self) -> Cardinality {
        Cardinality::Known(self.0.count())
    }

    fn spec(&self) -> Option<Vec<TensorSpec>> {
        self.0.spec()
    }
}

/// Slices of tensors along their first axes.
pub(crate) struct Slices {
    tensors: Vec<Tensor>,
    columns: Vec<Column>,
    rows: usize,
}

impl Slices {
    pub fn new(tensors: Element) -> Result<Slices> {
        let rows = rows(&tensors)?;
        let columns = tensors.iter().map(Column::new).collect::<Result<_>>()?;
        Ok(Slices { tensors, columns, rows })
    }
}

impl Indexed for Slices {
    fn count(&self) -> usize {
        self.rows
    }

    fn get(&self, place: usize) -> Result<Element> {
        slice(&self.tensors, place)
    }

    fn gather(&self, places: &[usize]) -> Result<Element> {
        self.columns.iter().map(|c| c.rows(&Rows::At(places))).collect()
    }

    fn spec(&self) -> Option<Vec<TensorSpec>> {
        let spec = |c: &Column| TensorSpec { dtype: c.dtype(), shape: Shape::from(c.sample()) };
        Some(self.columns.iter().map(spec).collect())
    }
}

/// Whole numbers at equal distances.
pub(crate) struct Range {
    start: i64,
    step: i64,
    count: usize,
}

impl Range {
    pub fn new(start: i64, stop: i64, step: i64) -> Result<Range> {
        if step == 0 {
            return Err(Error::value("expected a step other than 0"));
        }
        let distance = if step > 0 {
            i128::from(stop) - i128::from(start)
        } else {
            i128::from(start) - i128::from(stop)
        };
        let step_size = i128::from(step.unsigned_abs());
        let count = usize::try_from((distance.max(0) + step_size - 1) / step_size)
            .map_err(|_| Error::value("a range of more numbers than can be counted"))?;
        Ok(Range { start, step, count })
    }

    fn number(&self, place: usize) -> i64 {
        self.start.wrapping_add((place as i64).wrapping_mul(self.step))
    }
}

impl Indexed for Range {
    fn count(&self) -> usize {
        self.count
    }

    fn get(&self, place: usize) -> Result<Element> {
        Ok(vec![Tensor::from(self.number(place))])
    }

    fn gather(&self, places: &[usize]) -> Result<Element> {
        Ok(vec![Tensor::from(places.iter().map(|&i| self.number(i)).collect::<Vec<i64>>())])
    }

    fn spec(&self) -> Option<Vec<TensorSpec>> {
        Some(vec![TensorSpec { dtype: DType::I64, shape: Shape::from(&[][..] as &[usize]) }])
    }
}

/// A sequence of the user's. What it panics with is an error.
pub(crate) struct OfUser<S>(pub S);

impl<S: Sequence + 'static> Indexed for OfUser<S> {
    fn count(&self) -> usize {
        self.0.len()
    }

    fn get(&self, place: usize) -> Result<Element> {
        super::parallel::guarded(|| self.0.get(place)).at(|| format!("element {place}"))
    }
}

/// A list of elements.
pub(crate) struct List(pub Vec<Element>);

impl Indexed for List {
    fn count(&self) -> usize {
        self.0.len()
    }

    fn get(&self, place: usize) -> Result<Element> {
        Ok(self.0[place].clone())
    }
}
