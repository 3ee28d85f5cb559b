//! Views of parts: slices along an axis, cuts, reversed axes, flat tensors.

use crate::axes::Axes;
use crate::dispatch::apply_one_of;
use crate::index::{Sections, Span, all_places, every, view};
use crate::symbolic::{described, operation, operation_written};
use crate::tensor::Tensor;
use crate::written::{Attr, Written, along};
use rhyton_base::{Error, Result, normalize_axis};
use rhyton_ops::control::Unstack;

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
    let written = described(&[x], || Written::new("Unstack", 1).with("axis", axis));
    operation_written("unstack", written, &[x], move |x| {
        let x = x[0];
        let axis = normalize_axis(axis, x.rank())?;
        let size = x.shape()[axis];
        // An axis of an empty tensor may be longer than there is memory for.
        if x.is_empty() && size > u16::MAX as usize {
            return Err(Error::value(format!("{size} parts of an empty tensor are too many")));
        }
        apply_one_of(Unstack { axis }, x)
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
    let cuts = |s: &Sections| match s {
        Sections::Equal(parts) => Attr::from(*parts),
        Sections::At(places) => Attr::from(places.as_slice()),
    };
    let written = described(&[x], || {
        Written::new("Split", 1).with("indices_or_sections", cuts(&sections)).with("axis", axis)
    });
    operation_written("split", written, &[x], move |x| cut(x[0], &sections, axis))
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
            let stops = cuts.iter().copied().map(Some).chain([None]);
            starts.zip(stops).map(|(start, stop)| Span::new(start, stop, 1)).collect()
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
    let written = described(&[x], || Written::new("Flip", 1).with("axis", along(&axes)));
    operation_written("flip", written, &[x], move |x| {
        let x = x[0];
        let (axes, _) = axes.resolve(x.rank())?;
        let mut places = all_places(x);
        for axis in axes {
            places[axis] = every(.., -1).places(x.shape()[axis])?;
        }
        view(x, places, x.shape().to_vec())
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
