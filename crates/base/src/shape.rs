//! Shapes whose dimensions may not be known yet.

use crate::error::{Error, Result};
use std::fmt;

/// One dimension of a [`Shape`]: known, or known only when data comes (the batch axis of a model's input).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dim {
    /// So many elements.
    Known(usize),
    /// Not known yet; printed `None`, as Keras does.
    Unknown,
}

impl Dim {
    /// The size, if it is known.
    pub const fn known(self) -> Option<usize> {
        match self {
            Dim::Known(n) => Some(n),
            Dim::Unknown => None,
        }
    }

    /// Whether the two could turn out to be the same size.
    pub fn fits(self, other: Dim) -> bool {
        self == other || self == Dim::Unknown || other == Dim::Unknown
    }
}

impl From<usize> for Dim {
    fn from(n: usize) -> Dim {
        Dim::Known(n)
    }
}

impl From<Option<usize>> for Dim {
    fn from(n: Option<usize>) -> Dim {
        n.map_or(Dim::Unknown, Dim::Known)
    }
}

/// The dimensions of a tensor, outermost first.
///
/// ```
/// use rhyton_base::{Dim, Shape};
/// let s = Shape::from([None, Some(784)]);
/// assert_eq!(s.to_string(), "(None, 784)");
/// assert_eq!(s.rank(), 2);
/// assert!(s.known().is_none());
/// assert_eq!(Shape::from([2, 3]).known().unwrap(), [2, 3]);
/// ```
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Shape(Vec<Dim>);

impl Shape {
    /// The shape of a single number: no dimensions.
    pub const fn scalar() -> Shape {
        Shape(Vec::new())
    }

    /// The dimensions, outermost first.
    pub fn dims(&self) -> &[Dim] {
        &self.0
    }

    /// How many dimensions there are.
    pub fn rank(&self) -> usize {
        self.0.len()
    }

    /// The sizes, if every dimension is known.
    pub fn known(&self) -> Option<Vec<usize>> {
        self.0.iter().map(|d| d.known()).collect()
    }

    /// The sizes, or an error that names the shape.
    pub fn expect_known(&self) -> Result<Vec<usize>> {
        self.known()
            .ok_or_else(|| Error::shape(format!("shape {self} has dimensions that are not known yet")))
    }

    /// The number of elements, if every dimension is known and the product does not overflow.
    pub fn elements(&self) -> Option<usize> {
        self.0.iter().try_fold(1usize, |n, d| n.checked_mul(d.known()?))
    }

    /// The last dimension, or an error for a scalar.
    pub fn last(&self) -> Result<Dim> {
        self.0
            .last()
            .copied()
            .ok_or_else(|| Error::shape("expected at least one axis, got a scalar (shape ())"))
    }

    /// The same shape with another last dimension; a scalar becomes rank 1.
    #[must_use]
    pub fn with_last(&self, last: impl Into<Dim>) -> Shape {
        let mut dims = self.0.clone();
        dims.pop();
        dims.push(last.into());
        Shape(dims)
    }

    /// The same shape with `dim` put in at `axis`.
    #[must_use]
    pub fn with_axis(&self, axis: usize, dim: impl Into<Dim>) -> Shape {
        let mut dims = self.0.clone();
        dims.insert(axis, dim.into());
        Shape(dims)
    }

    /// The same shape without its first dimension, the batch.
    #[must_use]
    pub fn without_batch(&self) -> Shape {
        Shape(self.0.iter().skip(1).copied().collect())
    }

    /// Whether both have the same rank and every pair of dimensions could be equal.
    pub fn fits(&self, other: &Shape) -> bool {
        self.rank() == other.rank() && self.0.iter().zip(&other.0).all(|(a, b)| a.fits(*b))
    }
}

impl FromIterator<Dim> for Shape {
    fn from_iter<I: IntoIterator<Item = Dim>>(dims: I) -> Shape {
        Shape(dims.into_iter().collect())
    }
}

impl From<&[usize]> for Shape {
    fn from(dims: &[usize]) -> Shape {
        dims.iter().map(|&d| Dim::Known(d)).collect()
    }
}

impl From<&Vec<usize>> for Shape {
    fn from(dims: &Vec<usize>) -> Shape {
        Shape::from(dims.as_slice())
    }
}

impl From<Vec<usize>> for Shape {
    fn from(dims: Vec<usize>) -> Shape {
        Shape::from(dims.as_slice())
    }
}

impl<const N: usize> From<[usize; N]> for Shape {
    fn from(dims: [usize; N]) -> Shape {
        Shape::from(dims.as_slice())
    }
}

impl<const N: usize> From<&[usize; N]> for Shape {
    fn from(dims: &[usize; N]) -> Shape {
        Shape::from(dims.as_slice())
    }
}

impl<const N: usize> From<[Option<usize>; N]> for Shape {
    fn from(dims: [Option<usize>; N]) -> Shape {
        dims.into_iter().map(Dim::from).collect()
    }
}

impl From<Vec<Option<usize>>> for Shape {
    fn from(dims: Vec<Option<usize>>) -> Shape {
        dims.into_iter().map(Dim::from).collect()
    }
}

impl From<Vec<Dim>> for Shape {
    fn from(dims: Vec<Dim>) -> Shape {
        Shape(dims)
    }
}

/// Python's tuple notation: `()`, `(3,)`, `(None, 784)`.
impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cells: Vec<String> =
            self.0.iter().map(|d| d.known().map_or("None".to_string(), |n| n.to_string())).collect();
        match cells.as_slice() {
            [one] => f.pad(&format!("({one},)")),
            many => f.pad(&format!("({})", many.join(", "))),
        }
    }
}

impl fmt::Debug for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The number of elements of a known shape, or an error where it does not fit into memory's address range.
pub fn element_count(dims: &[usize]) -> Result<usize> {
    dims.iter()
        .try_fold(1usize, |n, &d| n.checked_mul(d))
        .filter(|&n| n <= isize::MAX as usize / 8)
        .ok_or_else(|| {
            Error::shape(format!("shape {} has more elements than memory can hold", Shape::from(dims)))
        })
}

/// The axis counted from the front, where negative ones count from the back.
///
/// ```
/// assert_eq!(rhyton_base::normalize_axis(-1, 3).unwrap(), 2);
/// let e = rhyton_base::normalize_axis(3, 3).unwrap_err();
/// assert_eq!(e.to_string(), "axis 3 is out of bounds for a tensor of rank 3; use -3 to 2");
/// ```
pub fn normalize_axis(axis: isize, rank: usize) -> Result<usize> {
    let r = rank as isize;
    if (-r..r).contains(&axis) {
        return Ok(if axis < 0 { axis + r } else { axis } as usize);
    }
    Err(Error::shape(match rank {
        0 => format!("axis {axis} is out of bounds for a scalar, which has no axes"),
        _ => format!("axis {axis} is out of bounds for a tensor of rank {rank}; use -{rank} to {}", rank - 1),
    }))
}

/// [`normalize_axis`] for several axes: sorted, and an error where one is named twice.
pub fn normalize_axes(axes: &[isize], rank: usize) -> Result<Vec<usize>> {
    let mut out = axes.iter().map(|&a| normalize_axis(a, rank)).collect::<Result<Vec<_>>>()?;
    out.sort_unstable();
    if out.windows(2).any(|w| w[0] == w[1]) {
        return Err(Error::shape(format!("axes {axes:?} name an axis twice (rank {rank})")));
    }
    Ok(out)
}
