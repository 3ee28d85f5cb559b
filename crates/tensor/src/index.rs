//! Indexing by place, as in NumPy: integers, ranges, steps, new axes. Everything here is a view without a copy, up
//! to the rule that flattening a view may need one.

use crate::axes::Axes;
use crate::dispatch::apply_one;
use crate::symbolic::operation;
use crate::tensor::Tensor;
use rhyton_base::{Context, Error, Result, Shape, normalize_axis};
use rhyton_ops::{index::Slice, shape::Reshape};
use std::ops::{Range, RangeFrom, RangeFull, RangeInclusive, RangeTo, RangeToInclusive};

/// Stands in an index for as many whole axes as are left over; NumPy's `...`.
///
/// ```
/// use rhyton_tensor::{DType, Ellipsis, ops};
/// let x = ops::zeros([2, 3, 4, 5], DType::F32).unwrap();
/// assert_eq!(x.i((0, Ellipsis, 1)).unwrap().shape(), [3, 4]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ellipsis;

/// Puts a new axis of size 1 where it stands in an index; NumPy's `newaxis`.
///
/// ```
/// use rhyton_tensor::{NewAxis, Tensor};
/// let x = Tensor::from([1.0f32, 2.0, 3.0]);
/// assert_eq!(x.i((.., NewAxis)).unwrap().shape(), [3, 1]);
/// assert_eq!(x.i((NewAxis, ..)).unwrap().shape(), [1, 3]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewAxis;

/// A range of places along an axis and the step between them; NumPy's `start:stop:step`.
///
/// It is made from a Rust range, with a step by [`every`]. Negative ends count from the back, and ends outside of
/// the axis are moved to its border.
///
/// ```
/// use rhyton_tensor::{Span, Tensor};
/// let last_two = Span::from(-2..);
/// let x = Tensor::from([1, 2, 3, 4]);
/// assert_eq!(x.i(last_two).unwrap().to_vec::<i32>().unwrap(), [3, 4]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Where it begins; `None` is the end that the step leads away from.
    start: Option<isize>,
    stop: Stop,
    /// The distance between neighbours.
    step: isize,
}

/// Where a span ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stop {
    /// At the end of the axis that the step leads to.
    Open,
    /// Before this place.
    Before(isize),
    /// At this place.
    Through(isize),
}

/// The range with a step: every `step`-th place of it. A negative step walks backwards, from the range's start
/// down to its end, so that `every(.., -1)` reverses an axis.
///
/// ```
/// use rhyton_tensor::{Tensor, every};
/// let x = Tensor::from([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
/// assert_eq!(x.i(every(1..8, 3)).unwrap().to_vec::<i32>().unwrap(), [1, 4, 7]);
/// assert_eq!(x.i(every(..3, -2)).unwrap().to_vec::<i32>().unwrap(), [9, 7, 5]);
/// assert_eq!(x.i(every(.., -4)).unwrap().to_vec::<i32>().unwrap(), [9, 5, 1]);
/// ```
///
/// Clippy takes a literal range whose end comes first for a mistake; [`Span::new`] says the same without one.
pub fn every(range: impl Into<Span>, step: isize) -> Span {
    Span { step, ..range.into() }
}

impl Span {
    /// Python's `slice(start, stop, step)`, whose first two may be `None`.
    ///
    /// ```
    /// use rhyton_tensor::{Span, Tensor};
    /// let x = Tensor::from([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    /// assert_eq!(x.i(Span::new(8, 2, -2)).unwrap().to_vec::<i32>().unwrap(), [8, 6, 4]);
    /// assert_eq!(x.i(Span::new(None, -4, -1)).unwrap().to_vec::<i32>().unwrap(), [9, 8, 7]);
    /// ```
    pub fn new(start: impl Into<Option<isize>>, stop: impl Into<Option<isize>>, step: isize) -> Span {
        Span { start: start.into(), stop: stop.into().map_or(Stop::Open, Stop::Before), step }
    }

    fn range(start: Option<isize>, stop: Stop) -> Span {
        Span { start, stop, step: 1 }
    }

    /// `(start, step, length)` on an axis of this size, by Python's rule.
    fn places(&self, size: usize) -> Result<(usize, isize, usize)> {
        let n = size as isize;
        let backwards = self.step < 0;
        let (lowest, highest) = if backwards { (-1, n - 1) } else { (0, n) };
        let place = |i: isize| (if i < 0 { i + n } else { i }).clamp(lowest, highest);
        let stop = match (self.stop, backwards) {
            (Stop::Before(i), _) => Some(i),
            // The place after the last one, or before the first one, has no number.
            (Stop::Open | Stop::Through(-1), false) | (Stop::Open | Stop::Through(0), true) => None,
            (Stop::Through(i), false) => Some(i.saturating_add(1)),
            (Stop::Through(i), true) => Some(i.saturating_sub(1)),
        };
        let start = self.start.map_or(if backwards { highest } else { lowest }, place);
        let stop = stop.map_or(if backwards { lowest } else { highest }, place);
        let distance = if backwards { start - stop } else { stop - start };
        let length = match self.step.unsigned_abs() {
            0 => return Err(Error::value("a step of 0 leads nowhere; use 1 or more, or a negative step")),
            step => usize::try_from(distance).unwrap_or(0).div_ceil(step),
        };
        Ok(match length {
            0 => (0, 1, 0),
            // The step of a lone element may be huge and says nothing.
            1 => (start as usize, 1, 1),
            _ => (start as usize, self.step, length),
        })
    }
}

/// One part of an index: an integer, a range, [`NewAxis`] or [`Ellipsis`].
///
/// Parts that are known only at run time can be collected in a vector:
///
/// ```
/// use rhyton_tensor::{DType, TensorIndex, ops};
/// let x = ops::zeros([4, 5, 6], DType::F32).unwrap();
/// let mut index = vec![TensorIndex::from(..); x.rank()];
/// index[1] = TensorIndex::from(2..4);
/// assert_eq!(x.i(index).unwrap().shape(), [4, 2, 6]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TensorIndex {
    /// The element at a place, counted from the back if negative; the axis is dropped.
    At(isize),
    /// A range of places.
    Span(Span),
    /// A new axis of size 1.
    NewAxis,
    /// As many whole axes as are left over.
    Ellipsis,
}

impl From<NewAxis> for TensorIndex {
    fn from(_: NewAxis) -> TensorIndex {
        TensorIndex::NewAxis
    }
}

impl From<Ellipsis> for TensorIndex {
    fn from(_: Ellipsis) -> TensorIndex {
        TensorIndex::Ellipsis
    }
}

impl From<Span> for TensorIndex {
    fn from(span: Span) -> TensorIndex {
        TensorIndex::Span(span)
    }
}

impl From<RangeFull> for Span {
    fn from(_: RangeFull) -> Span {
        Span::range(None, Stop::Open)
    }
}

impl From<RangeFull> for TensorIndex {
    fn from(range: RangeFull) -> TensorIndex {
        TensorIndex::Span(range.into())
    }
}

/// Integers of all widths count places; those that no tensor reaches are moved to the border of `isize`.
fn count(i: impl TryInto<isize> + PartialOrd + Default) -> isize {
    let border = if i < Default::default() { isize::MIN } else { isize::MAX };
    i.try_into().unwrap_or(border)
}

macro_rules! spans {
    ($t:ty: $($range:ty, $r:ident => $start:expr, $stop:expr;)*) => {$(
        impl From<$range> for Span {
            fn from($r: $range) -> Span {
                Span::range($start, $stop)
            }
        }

        impl From<$range> for TensorIndex {
            fn from(range: $range) -> TensorIndex {
                TensorIndex::Span(range.into())
            }
        }
    )*};
}

macro_rules! integers {
    ($($t:ty)*) => {$(
        impl From<$t> for TensorIndex {
            fn from(place: $t) -> TensorIndex {
                TensorIndex::At(count(place))
            }
        }

        impl From<$t> for Sections {
            fn from(parts: $t) -> Sections {
                Sections::Equal(count(parts))
            }
        }

        impl<const N: usize> From<[$t; N]> for Sections {
            fn from(places: [$t; N]) -> Sections {
                Sections::At(places.into_iter().map(count).collect())
            }
        }

        impl From<&[$t]> for Sections {
            fn from(places: &[$t]) -> Sections {
                Sections::At(places.iter().copied().map(count).collect())
            }
        }

        impl From<Vec<$t>> for Sections {
            fn from(places: Vec<$t>) -> Sections {
                Sections::from(places.as_slice())
            }
        }

        spans! { $t:
            Range<$t>, r => Some(count(r.start)), Stop::Before(count(r.end));
            RangeFrom<$t>, r => Some(count(r.start)), Stop::Open;
            RangeTo<$t>, r => None, Stop::Before(count(r.end));
            RangeInclusive<$t>, r => Some(count(*r.start())), Stop::Through(count(*r.end()));
            RangeToInclusive<$t>, r => None, Stop::Through(count(r.end));
        }
    )*};
}
integers!(i32 i64 isize usize);

/// What [`Tensor::i`] takes: one [`TensorIndex`], a tuple of up to six, or a vector or slice of them.
pub trait TensorIndices {
    /// The parts, outermost axis first.
    fn parts(self) -> Vec<TensorIndex>;
}

impl<T: Into<TensorIndex>> TensorIndices for T {
    fn parts(self) -> Vec<TensorIndex> {
        vec![self.into()]
    }
}

impl TensorIndices for Vec<TensorIndex> {
    fn parts(self) -> Vec<TensorIndex> {
        self
    }
}

impl TensorIndices for &[TensorIndex] {
    fn parts(self) -> Vec<TensorIndex> {
        self.to_vec()
    }
}

/// No part: the whole tensor.
impl TensorIndices for () {
    fn parts(self) -> Vec<TensorIndex> {
        Vec::new()
    }
}

macro_rules! tuples {
    ($($($name:ident)*;)*) => {$(
        impl<$($name: Into<TensorIndex>),*> TensorIndices for ($($name,)*) {
            fn parts(self) -> Vec<TensorIndex> {
                #[allow(non_snake_case, reason = "the types' names serve for the values")]
                let ($($name,)*) = self;
                vec![$($name.into()),*]
            }
        }
    )*};
}
tuples! { A; A B; A B C; A B C D; A B C D E; A B C D E F; }

/// How [`split`] cuts an axis: an integer into so many equal parts, a list of integers at those places.
///
/// ```
/// use rhyton_tensor::{Sections, Tensor};
/// let x = Tensor::from([1, 2, 3, 4, 5, 6]);
/// let sizes = |s: Sections| x.split(s, 0).unwrap().iter().map(|p| p.len()).collect::<Vec<_>>();
/// assert_eq!(sizes(Sections::from(3)), [2, 2, 2]);
/// assert_eq!(sizes(Sections::from([1, 5])), [1, 4, 1]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sections {
    /// So many parts of equal size.
    Equal(isize),
    /// A cut before each of these places, which count from the back if negative.
    At(Vec<isize>),
}

/// Takes the places of every axis and gives the result its shape.
fn view(x: &Tensor, mut places: Vec<(usize, isize, usize)>, shape: Vec<usize>) -> Result<Tensor> {
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

/// Every place of every axis.
fn all_places(x: &Tensor) -> Vec<(usize, isize, usize)> {
    x.shape().iter().map(|&n| (0, 1, n)).collect()
}

fn index(x: &Tensor, mut parts: Vec<TensorIndex>) -> Result<Tensor> {
    let rank = x.rank();
    let used = parts.iter().filter(|p| matches!(p, TensorIndex::At(_) | TensorIndex::Span(_))).count();
    if used > rank {
        let message = format!(
            "too many indices: got {used} for a tensor of rank {rank} (shape {})",
            Shape::from(x.shape())
        );
        return Err(Error::shape(message));
    }
    let ellipses = parts.iter().filter(|p| **p == TensorIndex::Ellipsis).count();
    if ellipses > 1 {
        return Err(Error::shape(format!("an index may have one Ellipsis, got {ellipses}")));
    }
    let ellipsis = parts.iter().position(|p| *p == TensorIndex::Ellipsis);
    let rest = std::iter::repeat_n(TensorIndex::from(..), rank - used);
    let gap = ellipsis.map_or(parts.len()..parts.len(), |e| e..e + 1);
    parts.splice(gap, rest);

    let (mut places, mut shape) = (Vec::with_capacity(rank), Vec::with_capacity(parts.len()));
    for part in parts {
        let axis = places.len();
        match part {
            TensorIndex::At(i) => places.push((place(i, axis, x.shape()[axis])?, 1, 1)),
            TensorIndex::Span(span) => {
                let found = span.places(x.shape()[axis]).at(|| format!("axis {axis}"))?;
                shape.push(found.2);
                places.push(found);
            }
            TensorIndex::NewAxis => shape.push(1),
            TensorIndex::Ellipsis => unreachable!("replaced above"),
        }
    }
    view(x, places, shape)
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

/// The slices along an axis, without that axis.
///
/// # Errors
/// Where the axis is not there.
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// let x = Tensor::from([[1, 2, 3], [4, 5, 6]]);
/// let rows = ops::unstack(&x, 0).unwrap();
/// assert_eq!(rows[1].to_vec::<i32>().unwrap(), [4, 5, 6]);
/// assert_eq!(ops::unstack(&x, -1).unwrap().len(), 3);
/// ```
pub fn unstack(x: &Tensor, axis: isize) -> Result<Vec<Tensor>> {
    operation("unstack", &[x], move |x| {
        let axis = normalize_axis(axis, x[0].rank())?;
        let mut shape = x[0].shape().to_vec();
        let size = shape.remove(axis);
        let at = |i| {
            let mut places = all_places(x[0]);
            places[axis] = (i, 1, 1);
            view(x[0], places, shape.clone())
        };
        (0..size).map(at).collect()
    })
}

/// The tensor cut along an axis into equal parts, or at given places.
///
/// Places are taken as in slices: past the end they give empty parts, negative ones count from the back.
///
/// # Errors
/// Where the axis is not there or is not so many times a whole size.
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// let x = Tensor::from([[1, 2, 3, 4], [5, 6, 7, 8]]);
/// let halves = ops::split(&x, 2, 1).unwrap();
/// assert_eq!(halves[1].to_vec::<i32>().unwrap(), [3, 4, 7, 8]);
/// let parts = ops::split(&x, [1, 3], 1).unwrap();
/// assert_eq!(parts[1].to_vec::<i32>().unwrap(), [2, 3, 6, 7]);
/// let e = ops::split(&x, 3, 1).unwrap_err();
/// assert_eq!(e.to_string(), "split: axis 1 of size 4 does not divide into 3 equal parts");
/// ```
pub fn split(x: &Tensor, sections: impl Into<Sections>, axis: isize) -> Result<Vec<Tensor>> {
    let sections = sections.into();
    operation("split", &[x], move |x| cut(x[0], &sections, axis))
}

fn cut(x: &Tensor, sections: &Sections, axis: isize) -> Result<Vec<Tensor>> {
    let axis = normalize_axis(axis, x.rank())?;
    let size = x.shape()[axis];
    let spans: Vec<Span> = match sections {
        Sections::Equal(parts) => {
            let parts = usize::try_from(*parts)
                .ok()
                .filter(|&p| p > 0)
                .ok_or_else(|| Error::value(format!("expected a positive number of parts, got {parts}")))?;
            if !size.is_multiple_of(parts) {
                let message = format!("axis {axis} of size {size} does not divide into {parts} equal parts");
                return Err(Error::shape(message));
            }
            // An empty axis divides into any number of parts, more than there is memory for.
            if size == 0 && parts > u16::MAX as usize {
                return Err(Error::value(format!("{parts} parts of an empty axis are too many")));
            }
            let part = size / parts;
            (0..parts).map(|i| Span::from(i * part..(i + 1) * part)).collect()
        }
        Sections::At(cuts) => {
            let starts = [None].into_iter().chain(cuts.iter().copied().map(Some));
            let stops = cuts.iter().copied().map(Stop::Before).chain([Stop::Open]);
            starts.zip(stops).map(|(start, stop)| Span::range(start, stop)).collect()
        }
    };
    let part = |span: Span| {
        let mut places = all_places(x);
        places[axis] = span.places(size)?;
        let shape = places.iter().map(|p| p.2).collect();
        view(x, places, shape)
    };
    spans.into_iter().map(part).collect()
}

/// The elements in reverse order along axes; `..` names all of them.
///
/// # Errors
/// Where an axis is not there.
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// let x = Tensor::from([[1, 2], [3, 4]]);
/// assert_eq!(ops::flip(&x, 1).unwrap().to_vec::<i32>().unwrap(), [2, 1, 4, 3]);
/// assert_eq!(ops::flip(&x, ..).unwrap().to_vec::<i32>().unwrap(), [4, 3, 2, 1]);
/// ```
pub fn flip(x: &Tensor, axes: impl Into<Axes>) -> Result<Tensor> {
    let axes = axes.into();
    operation("flip", &[x], move |x| {
        let (axes, _) = axes.resolve(x[0].rank())?;
        let mut places = all_places(x[0]);
        for axis in axes {
            places[axis] = every(.., -1).places(x[0].shape()[axis])?;
        }
        view(x[0], places, x[0].shape().to_vec())
    })
}

/// The elements along a single axis, in row-major order.
///
/// # Errors
/// Where there is no memory for the copy that some views need.
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// let x = Tensor::from([[1, 2], [3, 4]]);
/// assert_eq!(ops::ravel(&x.t()).unwrap().to_vec::<i32>().unwrap(), [1, 3, 2, 4]);
/// ```
pub fn ravel(x: &Tensor) -> Result<Tensor> {
    operation("ravel", &[x], |x| view(x[0], all_places(x[0]), vec![x[0].len()]))
}

impl Tensor {
    /// The part of the tensor that an index names, as a view without a copy. The index is one of these, or a tuple
    /// of up to six of them for the first axes; axes without an index are taken whole.
    ///
    /// | index | NumPy | takes |
    /// |---|---|---|
    /// | `2`, `-1` | `2`, `-1` | one place, and drops the axis; negative ones count from the back |
    /// | `1..3`, `-2..`, `..=4`, `..` | `1:3`, `-2:`, `:5`, `:` | a range; what lies outside of the axis is left out |
    /// | [`every(1..8, 2)`](every) | `1:8:2` | a range with a step, which may be negative |
    /// | [`NewAxis`] | `newaxis` | nothing: a new axis of size 1 |
    /// | [`Ellipsis`] | `...` | as many whole axes as are left over |
    ///
    /// For places that are listed in a tensor, see [`Tensor::take`].
    ///
    /// # Errors
    /// Where an integer is out of bounds, there are more indices than axes or two `Ellipsis`, or a step is 0.
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
    /// let e = x.i(5).unwrap_err();
    /// assert_eq!(e.to_string(), "Tensor::i: index 5 is out of bounds for axis 0 with size 3; use -3 to 2");
    /// ```
    pub fn i(&self, indices: impl TensorIndices) -> Result<Tensor> {
        let parts = indices.parts();
        operation("Tensor::i", &[self], move |x| index(x[0], parts.clone()))
    }

    /// The slices along an axis, without that axis: see [`ops::unstack`](crate::ops::unstack).
    ///
    /// # Errors
    /// Where the axis is not there.
    ///
    /// ```
    /// use rhyton_tensor::Tensor;
    /// let x = Tensor::from([[1, 2], [3, 4]]);
    /// let [left, right] = &x.unstack(1).unwrap()[..] else { panic!() };
    /// assert_eq!((left * 10 + right).to_vec::<i32>().unwrap(), [12, 34]);
    /// ```
    pub fn unstack(&self, axis: isize) -> Result<Vec<Tensor>> {
        unstack(self, axis)
    }

    /// The tensor cut along an axis into equal parts, or at given places: see [`ops::split`](crate::ops::split).
    ///
    /// # Errors
    /// Where the axis is not there or is not so many times a whole size.
    ///
    /// ```
    /// use rhyton_tensor::Tensor;
    /// let x = Tensor::from([1, 2, 3, 4, 5, 6]);
    /// assert_eq!(x.split(2, 0).unwrap()[1].to_vec::<i32>().unwrap(), [4, 5, 6]);
    /// assert_eq!(x.split([4], 0).unwrap()[1].to_vec::<i32>().unwrap(), [5, 6]);
    /// ```
    pub fn split(&self, sections: impl Into<Sections>, axis: isize) -> Result<Vec<Tensor>> {
        split(self, sections, axis)
    }

    /// The elements in reverse order along axes: see [`ops::flip`](crate::ops::flip).
    ///
    /// # Errors
    /// Where an axis is not there.
    ///
    /// ```
    /// use rhyton_tensor::Tensor;
    /// assert_eq!(Tensor::from([1, 2, 3]).flip(0).unwrap().to_vec::<i32>().unwrap(), [3, 2, 1]);
    /// ```
    pub fn flip(&self, axes: impl Into<Axes>) -> Result<Tensor> {
        flip(self, axes)
    }

    /// The elements along a single axis, in row-major order.
    ///
    /// # Panics
    /// Where there is no memory for the copy that some views need.
    ///
    /// ```
    /// use rhyton_tensor::Tensor;
    /// assert_eq!(Tensor::from([[1, 2], [3, 4]]).ravel().shape(), [4]);
    /// ```
    #[track_caller]
    #[must_use]
    pub fn ravel(&self) -> Tensor {
        crate::methods::expect(ravel(self))
    }

    /// [`Tensor::ravel`] by its other name; tensors never change, so that NumPy's difference between the two does
    /// not show.
    ///
    /// # Panics
    /// As [`Tensor::ravel`].
    ///
    /// ```
    /// use rhyton_tensor::Tensor;
    /// assert_eq!(Tensor::from([[1, 2], [3, 4]]).flatten().shape(), [4]);
    /// ```
    #[track_caller]
    #[must_use]
    pub fn flatten(&self) -> Tensor {
        self.ravel()
    }
}
