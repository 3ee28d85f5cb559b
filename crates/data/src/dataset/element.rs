//! Elements: short lists of tensors.

use super::source::TensorSpec;
use rhyton_base::{Error, Layout, Result, Shape};
use rhyton_runtime::Storage;
use rhyton_tensor::{Tensor, ops};
use std::sync::Arc;

/// What a dataset is a sequence of: as a rule an input and its target, or a batch of both.
pub type Element = Vec<Tensor>;

/// One tensor, or several as a tuple or a list.
pub trait IntoElement {
    /// Whether the first tensors have names; see [`Named`](super::Named).
    const NAMED: bool = false;

    /// The tensors.
    fn into_element(self) -> Element;

    /// The names of the first tensors.
    fn names(&self) -> Vec<String> {
        Vec::new()
    }
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

/// What a function of an element takes: one tensor, a tuple of so many, or the list.
///
/// ```
/// use rhyton_data::Dataset;
/// use rhyton_tensor::Tensor;
/// let pairs = Dataset::from_tensor_slices((Tensor::from([1.0f32, 2.0]), Tensor::from([3.0f32, 4.0])))?;
/// let sums = pairs.map(|(x, y): (Tensor, Tensor)| Ok(x + y));
/// assert_eq!(sums.iter().last().unwrap()?[0].item::<f32>()?, 6.0);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
pub trait FromElement: Sized {
    /// The tensors in this form.
    ///
    /// # Errors
    /// Where there are more or fewer.
    fn from_element(element: Element) -> Result<Self>;

    /// The same where the first tensors have these names.
    ///
    /// # Errors
    /// As [`FromElement::from_element`].
    fn from_named(element: Element, _names: &[String]) -> Result<Self> {
        Self::from_element(element)
    }
}

impl FromElement for Element {
    fn from_element(element: Element) -> Result<Element> {
        Ok(element)
    }
}

fn exactly<const N: usize>(element: Element) -> Result<[Tensor; N]> {
    element.try_into().map_err(|e: Element| {
        let plural = if N == 1 { "" } else { "s" };
        Error::value(format!("expected elements of {N} tensor{plural}, got one of {}", e.len()))
    })
}

impl FromElement for Tensor {
    fn from_element(element: Element) -> Result<Tensor> {
        exactly(element).map(|[x]| x)
    }
}

macro_rules! tuples {
    ($($($T:ident $Same:ident $x:ident $at:tt)+;)*) => {$(
        impl<$($T: Into<Tensor>),+> IntoElement for ($($T,)+) {
            fn into_element(self) -> Element {
                vec![$(self.$at.into()),+]
            }
        }

        impl FromElement for ($($Same,)+) {
            fn from_element(element: Element) -> Result<Self> {
                exactly(element).map(|[$($x),+]| ($($x,)+))
            }
        }
    )*};
}
tuples! {
    A Tensor a 0;
    A Tensor a 0 B Tensor b 1;
    A Tensor a 0 B Tensor b 1 C Tensor c 2;
    A Tensor a 0 B Tensor b 1 C Tensor c 2 D Tensor d 3;
}

/// Types and shapes of an element.
pub(crate) fn spec_of(element: &Element) -> Vec<TensorSpec> {
    element.iter().map(|x| TensorSpec { dtype: x.dtype(), shape: Shape::from(x.shape()) }).collect()
}

/// Elements put together along a new first axis. One that does not fit the first is named.
pub(crate) fn stacked(elements: &[Element]) -> Result<Element> {
    let Some(first) = elements.first() else { return Ok(Vec::new()) };
    for (i, element) in elements.iter().enumerate().skip(1) {
        if element.len() != first.len() {
            return Err(Error::shape(format!(
                "element {i} of the batch has {} tensors, the first has {}",
                element.len(),
                first.len()
            )));
        }
        for (part, (x, y)) in element.iter().zip(first).enumerate() {
            if x.shape() != y.shape() || x.dtype() != y.dtype() {
                return Err(Error::shape(format!(
                    "tensor {part} of element {i} of the batch is {} {}, that of the first {} {}; map elements to one \
                     shape and type before they are put together",
                    x.dtype(),
                    Shape::from(x.shape()),
                    y.dtype(),
                    Shape::from(y.shape())
                )));
            }
        }
    }
    (0..first.len()).map(|part| one_above_the_other(elements.iter().map(|e| &e[part]))).collect()
}

/// Tensors of one type and shape along a new first axis.
fn one_above_the_other<'a>(tensors: impl ExactSizeIterator<Item = &'a Tensor> + Clone) -> Result<Tensor> {
    let count = tensors.len();
    let Some(first) = tensors.clone().next() else {
        return Err(Error::value("expected at least one tensor"));
    };
    let layout = Layout::contiguous(&[&[count], first.shape()].concat());
    let row = first.shape().iter().product::<usize>() * first.dtype().size();
    let mut all = Storage::new(row * count)?;
    for (x, to) in tensors.zip(all.bytes_mut().chunks_exact_mut(row.max(1))) {
        let (from, start) = x.memory()?;
        to.copy_from_slice(&from.bytes()[start..start + row]);
    }
    Ok(Tensor::from_storage(Arc::new(all), first.dtype(), layout))
}

/// The slices of tensors along their first axes, which must be of one size.
pub(crate) fn rows(tensors: &[Tensor]) -> Result<usize> {
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
    rows.ok_or_else(|| Error::value("expected at least one tensor, got none"))
}

/// One slice of each tensor.
pub(crate) fn slice(tensors: &[Tensor], row: usize) -> Result<Element> {
    tensors.iter().map(|x| ops::squeeze(&ops::narrow(x, 0, row, row + 1)?, 0)).collect()
}

/// An error where a float is NaN or infinite.
pub(crate) fn finite(element: &Element) -> Result<()> {
    for (part, x) in element.iter().enumerate() {
        if !x.dtype().is_float() {
            continue;
        }
        let numbers = x.to_f64s()?;
        if let Some(at) = numbers.iter().position(|v| !v.is_finite()) {
            let mut rest = at;
            let mut place: Vec<usize> = x.shape().iter().rev().map(|&n| (rest % n, rest /= n).0).collect();
            place.reverse();
            let what = if numbers[at].is_nan() { "NaN" } else { "an infinity" };
            return Err(Error::value(format!("tensor {part} has {what} at {place:?}")));
        }
    }
    Ok(())
}
