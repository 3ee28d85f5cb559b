//! The axes that a reduction runs over.

use rhyton_base::{Result, normalize_axes};
use std::ops::RangeFull;

/// Axes to reduce over: one, several, or all (`..`); negative ones count from the back.
///
/// ```
/// use rhyton_tensor::{Axes, Tensor};
/// let x = Tensor::from([[1.0f32, 2.0], [3.0, 4.0]]);
/// assert_eq!(x.sum(..).unwrap().item::<f32>().unwrap(), 10.0);
/// assert_eq!(x.sum(-1).unwrap().to_vec::<f32>().unwrap(), [3.0, 7.0]);
/// assert_eq!(x.sum(Axes::from(0).keepdims()).unwrap().shape(), [1, 2]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Axes {
    axes: Option<Vec<isize>>,
    keepdims: bool,
}

impl Axes {
    /// The same axes, kept in the result with size 1.
    #[must_use]
    pub fn keepdims(self) -> Axes {
        Axes { keepdims: true, ..self }
    }

    /// The axes as they were given; `None` for all.
    pub(crate) fn listed(&self) -> Option<&[isize]> {
        self.axes.as_deref()
    }

    /// Whether the axes are kept.
    pub(crate) fn keeps(&self) -> bool {
        self.keepdims
    }

    /// The axes of a tensor of this rank counted from the front, and whether they are kept.
    pub(crate) fn resolve(&self, rank: usize) -> Result<(Vec<usize>, bool)> {
        let axes = match &self.axes {
            None => (0..rank).collect(),
            Some(axes) => normalize_axes(axes, rank)?,
        };
        Ok((axes, self.keepdims))
    }
}

impl From<RangeFull> for Axes {
    fn from(_: RangeFull) -> Axes {
        Axes { axes: None, keepdims: false }
    }
}

impl From<isize> for Axes {
    fn from(axis: isize) -> Axes {
        Axes { axes: Some(vec![axis]), keepdims: false }
    }
}

impl<const N: usize> From<[isize; N]> for Axes {
    fn from(axes: [isize; N]) -> Axes {
        Axes { axes: Some(axes.to_vec()), keepdims: false }
    }
}

impl From<&[isize]> for Axes {
    fn from(axes: &[isize]) -> Axes {
        Axes { axes: Some(axes.to_vec()), keepdims: false }
    }
}
