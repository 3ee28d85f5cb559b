//! Data as a sequence of elements that is gone through again and again.

use rhyton_base::{Context, Error, Result};
use rhyton_tensor::{Tensor, ops};
use std::sync::Arc;

/// What a dataset is a sequence of: as a rule an input and its target, or a batch of both.
pub type Element = Vec<Tensor>;

/// The elements of a dataset, one after the other.
pub type Elements<'a> = Box<dyn Iterator<Item = Result<Element>> + Send + 'a>;

/// Where elements come from.
trait Source: Send + Sync {
    fn elements(&self) -> Elements<'_>;

    /// How many there are, where that is known.
    fn len(&self) -> Option<usize>;

    /// Batches of the elements, where they can be had without looking at each.
    fn batches(&self, _size: usize) -> Option<Arc<dyn Source>> {
        None
    }
}

/// A sequence of elements that can be gone through any number of times, each element a list of tensors.
///
/// Each step returns a new dataset; nothing is computed before elements are asked for.
///
/// ```
/// use rhyton_data::Dataset;
/// use rhyton_tensor::Tensor;
/// let x = Tensor::from([[1.0f32, 2.0], [3.0, 4.0], [5.0, 6.0]]);
/// let y = Tensor::from([0i32, 1, 0]);
/// let dataset = Dataset::from_tensor_slices((&x, &y))?.batch(2);
/// assert_eq!(dataset.len(), Some(2));
/// for batch in &dataset {
///     let [inputs, targets] = &batch?[..] else { unreachable!("two tensors went in") };
///     assert_eq!(inputs.shape()[0], targets.shape()[0]);
/// }
/// # Ok::<(), rhyton_base::Error>(())
/// ```
///
/// Source: `tf.data.Dataset`.
#[derive(Clone)]
pub struct Dataset(Arc<dyn Source>);

impl Dataset {
    /// The slices of tensors along their first axes, which are of one size: `x[0], y[0]`, then `x[1], y[1]`, …
    ///
    /// # Errors
    /// Where there is no tensor, one is a scalar, or sizes differ.
    ///
    /// ```
    /// use rhyton_data::Dataset;
    /// use rhyton_tensor::Tensor;
    /// let dataset = Dataset::from_tensor_slices(Tensor::from([1i32, 2, 3]))?;
    /// let numbers: Vec<i32> = dataset.iter().map(|x| x?[0].item::<i32>()).collect::<Result<_, _>>()?;
    /// assert_eq!(numbers, [1, 2, 3]);
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    pub fn from_tensor_slices(tensors: impl IntoElement) -> Result<Dataset> {
        Slices::new(tensors.into_element()).map(|s| Dataset(Arc::new(s))).at(|| "from_tensor_slices")
    }

    /// Elements put together, so many at a time along a new first axis; the last batch may be smaller.
    ///
    /// A size of 0 is an error when elements are asked for.
    #[must_use]
    pub fn batch(&self, size: usize) -> Dataset {
        let batches = self.0.batches(size).filter(|_| size > 0);
        Dataset(batches.unwrap_or_else(|| Arc::new(Batches { of: self.0.clone(), size })))
    }

    /// How many elements there are, where that is known.
    #[allow(clippy::len_without_is_empty)] // A question for data of known size, which this may not be.
    pub fn len(&self) -> Option<usize> {
        self.0.len()
    }

    /// The elements from the first to the last.
    pub fn iter(&self) -> Elements<'_> {
        self.0.elements()
    }
}

impl<'a> IntoIterator for &'a Dataset {
    type Item = Result<Element>;
    type IntoIter = Elements<'a>;

    fn into_iter(self) -> Elements<'a> {
        self.iter()
    }
}

/// One tensor, or several as a tuple or a list.
pub trait IntoElement {
    /// The tensors.
    fn into_element(self) -> Element;
}

impl IntoElement for Element {
    fn into_element(self) -> Element {
        self
    }
}

impl IntoElement for Tensor {
    fn into_element(self) -> Element {
        vec![self]
    }
}

impl IntoElement for &Tensor {
    fn into_element(self) -> Element {
        vec![self.clone()]
    }
}

macro_rules! tuples {
    ($($($T:ident $at:tt)+;)*) => {$(
        impl<$($T: Into<Tensor>),+> IntoElement for ($($T,)+) {
            fn into_element(self) -> Element {
                vec![$(self.$at.into()),+]
            }
        }
    )*};
}
tuples! {
    A 0 B 1;
    A 0 B 1 C 2;
    A 0 B 1 C 2 D 3;
}

/// Slices of tensors, so many rows each.
struct Slices {
    tensors: Element,
    rows: usize,
    /// Rows a slice; none for slices without the axis.
    size: Option<usize>,
}

impl Slices {
    fn new(tensors: Element) -> Result<Slices> {
        let mut rows = None;
        for (i, x) in tensors.iter().enumerate() {
            let n = *x.shape().first().ok_or_else(|| {
                Error::shape(format!("tensor {i} is a scalar; its first axis must be the elements"))
            })?;
            let first = *rows.get_or_insert(n);
            if n != first {
                return Err(Error::shape(format!("tensor 0 has {first} elements, tensor {i} has {n}")));
            }
        }
        let rows = rows.ok_or_else(|| Error::value("expected at least one tensor, got none"))?;
        Ok(Slices { tensors, rows, size: None })
    }
}

impl Source for Slices {
    fn elements(&self) -> Elements<'_> {
        let size = self.size.unwrap_or(1);
        Box::new((0..self.rows).step_by(size).map(move |start| {
            let slice = |x: &Tensor| {
                let rows = ops::narrow(x, 0, start, self.rows.min(start + size))?;
                if self.size.is_none() { ops::squeeze(&rows, 0) } else { Ok(rows) }
            };
            self.tensors.iter().map(slice).collect()
        }))
    }

    fn len(&self) -> Option<usize> {
        Some(self.rows.div_ceil(self.size.unwrap_or(1)))
    }

    fn batches(&self, size: usize) -> Option<Arc<dyn Source>> {
        let (tensors, rows) = (self.tensors.clone(), self.rows);
        self.size.is_none().then(|| Arc::new(Slices { tensors, rows, size: Some(size) }) as Arc<dyn Source>)
    }
}

/// Elements put together.
struct Batches {
    of: Arc<dyn Source>,
    size: usize,
}

impl Source for Batches {
    fn elements(&self) -> Elements<'_> {
        if self.size == 0 {
            return Box::new(std::iter::once(Err(Error::value(
                "expected a batch size of at least 1, got 0",
            )
            .at("batch"))));
        }
        let mut elements = self.of.elements();
        Box::new(std::iter::from_fn(move || {
            let together = elements.by_ref().take(self.size).collect::<Result<Vec<Element>>>();
            match together {
                Ok(together) if together.is_empty() => None,
                together => Some(together.and_then(|t| stacked(&t)).at(|| "batch")),
            }
        }))
    }

    fn len(&self) -> Option<usize> {
        self.of.len().filter(|_| self.size > 0).map(|n| n.div_ceil(self.size))
    }
}

fn stacked(elements: &[Element]) -> Result<Element> {
    let parts = elements[0].len();
    if let Some(other) = elements.iter().find(|e| e.len() != parts) {
        return Err(Error::shape(format!("an element has {} tensors, the first has {parts}", other.len())));
    }
    (0..parts).map(|part| ops::stack(&elements.iter().map(|e| &e[part]).collect::<Vec<_>>(), 0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(dataset: &Dataset) -> Vec<Vec<i32>> {
        dataset.iter().map(|e| e.unwrap()[0].to_vec::<i32>().unwrap()).collect()
    }

    #[test]
    fn batches_in_order_as_often_as_wanted() {
        let x = Tensor::from([0i32, 1, 2, 3, 4, 5, 6]);
        let dataset = Dataset::from_tensor_slices((&x, &x)).unwrap();
        assert_eq!(dataset.len(), Some(7));
        assert_eq!(dataset.iter().next().unwrap().unwrap()[1].shape(), [0usize; 0]);
        let batches = dataset.batch(3);
        for _ in 0..2 {
            assert_eq!(numbers(&batches), [vec![0, 1, 2], vec![3, 4, 5], vec![6]]);
        }
        assert_eq!(batches.len(), Some(3));
        // Batches of batches are put together.
        let twice = dataset.batch(1).batch(4);
        assert_eq!(twice.iter().next().unwrap().unwrap()[0].shape(), [4, 1]);
        assert_eq!((twice.len(), numbers(&twice)), (Some(2), vec![vec![0, 1, 2, 3], vec![4, 5, 6]]));
    }

    #[test]
    fn what_does_not_fit_is_told() {
        let (x, y) = (Tensor::from([1i32, 2]), Tensor::from([1i32, 2, 3]));
        let e = |e: Error| e.to_string();
        let told = Dataset::from_tensor_slices((&x, &y)).map(|_| ()).map_err(e).unwrap_err();
        assert_eq!(told, "from_tensor_slices: tensor 0 has 2 elements, tensor 1 has 3");
        assert!(Dataset::from_tensor_slices(Vec::new()).is_err());
        assert!(Dataset::from_tensor_slices(Tensor::from(1i32)).is_err());
        let none = Dataset::from_tensor_slices(&x).unwrap().batch(0);
        let told = none.iter().next().unwrap().map_err(e).unwrap_err();
        assert_eq!((told.as_str(), none.len()), ("batch: expected a batch size of at least 1, got 0", None));
        // The last batch of three is smaller than the others.
        let uneven = Dataset::from_tensor_slices(&y).unwrap().batch(2).batch(2);
        assert!(uneven.iter().next().unwrap().map_err(e).unwrap_err().starts_with("batch: "));
    }
}
