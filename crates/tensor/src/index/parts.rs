//! The parts of an index.

use crate::tensor::Tensor;
use crate::written::Attr;
use rhyton_base::{Error, Result};
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
    pub(crate) fn places(&self, size: usize) -> Result<(usize, isize, usize)> {
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

/// One part of an index: an integer, a range, [`NewAxis`], [`Ellipsis`], or a tensor of integers or truth values.
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
#[derive(Clone, Debug)]
pub enum TensorIndex {
    /// The element at a place, counted from the back if negative; the axis is dropped.
    At(isize),
    /// A range of places.
    Span(Span),
    /// A new axis of size 1.
    NewAxis,
    /// As many whole axes as are left over.
    Ellipsis,
    /// Listed places (integers), or the places where a mask (`bool`) is true.
    Array(Tensor),
}

impl TensorIndex {
    /// The part as files have it; lists of places are the next inputs of the call.
    pub(crate) fn written(&self, lists: &mut impl Iterator<Item = usize>) -> Attr {
        match self {
            TensorIndex::At(place) => Attr::from(*place),
            TensorIndex::Span(span) => {
                let stop = match (span.stop, span.step < 0) {
                    (Stop::Before(place), _) => Some(place),
                    // The place after the last one, or before the first one, has no number.
                    (Stop::Open | Stop::Through(-1), false) | (Stop::Open | Stop::Through(0), true) => None,
                    (Stop::Through(place), false) => Some(place.saturating_add(1)),
                    (Stop::Through(place), true) => Some(place.saturating_sub(1)),
                };
                let end = |x: Option<isize>| x.map(|x| x as i64);
                Attr::Slice([end(span.start), end(stop), (span.step != 1).then_some(span.step as i64)])
            }
            TensorIndex::NewAxis => Attr::None,
            TensorIndex::Ellipsis => Attr::Ellipsis,
            TensorIndex::Array(_) => lists.next().map_or(Attr::None, Attr::Tensor),
        }
    }
}

impl From<Tensor> for TensorIndex {
    fn from(places: Tensor) -> TensorIndex {
        TensorIndex::Array(places)
    }
}

impl From<&Tensor> for TensorIndex {
    fn from(places: &Tensor) -> TensorIndex {
        TensorIndex::Array(places.clone())
    }
}

impl<const N: usize> From<[bool; N]> for TensorIndex {
    fn from(mask: [bool; N]) -> TensorIndex {
        TensorIndex::Array(mask.into())
    }
}

impl From<Vec<bool>> for TensorIndex {
    fn from(mask: Vec<bool>) -> TensorIndex {
        TensorIndex::Array(mask.into())
    }
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

        impl From<&[$t]> for TensorIndex {
            fn from(places: &[$t]) -> TensorIndex {
                let places: Vec<i64> = places.iter().map(|&i| count(i) as i64).collect();
                TensorIndex::Array(places.into())
            }
        }

        impl From<Vec<$t>> for TensorIndex {
            fn from(places: Vec<$t>) -> TensorIndex {
                TensorIndex::from(places.as_slice())
            }
        }

        impl<const N: usize> From<[$t; N]> for TensorIndex {
            fn from(places: [$t; N]) -> TensorIndex {
                TensorIndex::from(places.as_slice())
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

/// How [`split`](crate::ops::split) cuts an axis: an integer into so many equal parts, a list of integers at those places.
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
