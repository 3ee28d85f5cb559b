//! Indexing by place, as in NumPy: integers, ranges, steps, new axes, lists of places, masks.

mod assign;
mod parts;
mod select;

pub(crate) use assign::{Change, changed};
pub use parts::{Ellipsis, NewAxis, Sections, Span, TensorIndex, TensorIndices, every};
pub(crate) use select::{masks_as_places, select};

use crate::dispatch::apply_one;
use crate::tensor::Tensor;
use rhyton_base::{Context, Error, Result};
use rhyton_ops::index::{RavelIndex, Slice};
use rhyton_ops::shape::Reshape;

/// Takes the places of every axis and gives the result its shape.
pub(crate) fn view(x: &Tensor, mut places: Vec<(usize, isize, usize)>, shape: Vec<usize>) -> Result<Tensor> {
    if x.is_empty() {
        // There may be no memory that a later place could lie in.
        places.iter_mut().for_each(|p| *p = (0, 1, p.2));
    }
    let whole = places.iter().zip(x.shape()).all(|(&p, &n)| p == (0, 1, n));
    let x = if whole { x.clone() } else { apply_one(Slice { places }, &[x])? };
    if x.shape() == shape {
        return Ok(x);
    }
    apply_one(Reshape { shape: shape.into_iter().map(Some).collect() }, &[&x])
}

/// The row-major place that lists of places of some axes, all of one shape, name together.
pub(crate) fn flat_places(lists: &[&Tensor], sizes: Vec<usize>, axes: Vec<usize>) -> Result<Tensor> {
    // Callers say what was indexed; the name of this step tells nobody anything.
    apply_one(RavelIndex { sizes, axes }, lists).map_err(|e| Error::new(e.kind(), e.message()))
}

/// Every place of every axis.
pub(crate) fn all_places(x: &Tensor) -> Vec<(usize, isize, usize)> {
    x.shape().iter().map(|&n| (0, 1, n)).collect()
}

/// A place counted from the front.
fn place(i: isize, axis: usize, size: usize) -> Result<usize> {
    let n = size as isize;
    if (-n..n).contains(&i) {
        return Ok(if i < 0 { i + n } else { i } as usize);
    }
    let hint =
        if size == 0 { "the axis is empty".to_string() } else { format!("use -{size} to {}", size - 1) };
    Err(Error::shape(format!("index {i} is out of bounds for axis {axis} with size {size}; {hint}")))
}

impl Tensor {
    /// The part of the tensor that an index names: a view without a copy, unless the index lists places. The index is
    /// one of these, or a tuple of up to six of them for the first axes; axes without an index are taken whole.
    ///
    /// | index | NumPy | takes |
    /// |---|---|---|
    /// | `2`, `-1` | `2`, `-1` | one place, and drops the axis; negative ones count from the back |
    /// | `1..3`, `-2..`, `..=4`, `..` | `1:3`, `-2:`, `:5`, `:` | a range; what lies outside of the axis is left out |
    /// | [`every(1..8, 2)`](every) | `1:8:2` | a range with a step, which may be negative |
    /// | [`NewAxis`] | `newaxis` | nothing: a new axis of size 1 |
    /// | [`Ellipsis`] | `...` | as many whole axes as are left over |
    /// | `[2, 0]`, `vec![2, 0]`, an integer tensor | `[2, 0]` | the listed places, in that order |
    /// | a `bool` tensor, `[true, false]` | a mask | the places where it is true; it covers as many axes as it has |
    ///
    /// Several lists of places are broadcast together and walked side by side, as in NumPy: `x.i(([0, 1], [2, 0]))` is
    /// `[x[0, 2], x[1, 0]]`. Their common axes stand where the first of them stood; in front of all others if a range,
    /// a new axis or an ellipsis stands between them (integers count as lists here). A mask is a list for each of its
    /// axes; it has to have numbers, so not in compiled functions.
    ///
    /// # Errors
    /// Where an integer is out of bounds, there are more indices than axes or two `Ellipsis`, a step is 0, lists of
    /// places do not broadcast together, or a mask has other sizes than its axes.
    ///
    /// ```
    /// use rhyton_tensor::{Ellipsis, NewAxis, Tensor, every};
    /// let x = Tensor::from([[1, 2, 3], [4, 5, 6], [7, 8, 9]]);
    /// assert_eq!(x.i(1).unwrap().to_vec::<i32>().unwrap(), [4, 5, 6]);
    /// assert_eq!(x.i((-1, 0)).unwrap().item::<i32>().unwrap(), 7);
    /// assert_eq!(x.i((.., 1)).unwrap().to_vec::<i32>().unwrap(), [2, 5, 8]);
    /// assert_eq!(x.i((1.., ..-1)).unwrap().to_vec::<i32>().unwrap(), [4, 5, 7, 8]);
    /// assert_eq!(x.i(every(.., 2)).unwrap().to_vec::<i32>().unwrap(), [1, 2, 3, 7, 8, 9]);
    /// assert_eq!(x.i((Ellipsis, NewAxis, 0)).unwrap().shape(), [3, 1]);
    /// assert_eq!(x.i(([2, 0], 1)).unwrap().to_vec::<i32>().unwrap(), [8, 2]);
    /// assert_eq!(x.i(&x.greater(6).unwrap()).unwrap().to_vec::<i32>().unwrap(), [7, 8, 9]);
    /// let e = x.i(5).unwrap_err();
    /// assert_eq!(e.to_string(), "Tensor::i: index 5 is out of bounds for axis 0 with size 3; use -3 to 2");
    /// ```
    pub fn i(&self, indices: impl TensorIndices) -> Result<Tensor> {
        if self.is_symbolic() {
            return crate::ops::get_item(self, indices);
        }
        select(self, masks_as_places(indices.parts(), self)?).at(|| "Tensor::i")
    }
}
