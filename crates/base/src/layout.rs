//! Strided layouts: how a tensor's elements lie in its storage.

use crate::error::{Error, Result};
use crate::shape::Shape;

/// Shape, strides and offset of a view into storage, counted in elements.
///
/// Strides may be zero (a broadcast axis) or negative (a reversed axis). Views are made without copying.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Layout {
    shape: Vec<usize>,
    strides: Vec<isize>,
    offset: usize,
}

impl Layout {
    /// The row-major layout of a freshly made tensor.
    ///
    /// ```
    /// let l = rhyton_base::Layout::contiguous(&[2, 3]);
    /// assert_eq!(l.strides(), [3, 1]);
    /// ```
    pub fn contiguous(shape: &[usize]) -> Layout {
        Layout { shape: shape.to_vec(), strides: row_major(shape), offset: 0 }
    }

    /// A layout from its parts; the caller vouches that every element lies inside the storage.
    pub fn new(shape: Vec<usize>, strides: Vec<isize>, offset: usize) -> Layout {
        assert_eq!(shape.len(), strides.len(), "one stride an axis");
        Layout { shape, strides, offset }
    }

    /// Sizes, outermost first.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// Elements between neighbours along each axis.
    pub fn strides(&self) -> &[isize] {
        &self.strides
    }

    /// The first element's place in the storage.
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// How many axes there are.
    pub fn rank(&self) -> usize {
        self.shape.len()
    }

    /// How many elements the view shows.
    pub fn elements(&self) -> usize {
        self.shape.iter().product()
    }

    /// Whether the elements lie row-major without gaps (axes of size 1 do not count).
    pub fn is_contiguous(&self) -> bool {
        let mut expected = 1isize;
        for (&n, &s) in self.shape.iter().zip(&self.strides).rev() {
            if n == 0 {
                return true;
            }
            if n != 1 {
                if s != expected {
                    return false;
                }
                // Only an empty tensor has more places than memory has.
                expected = expected.saturating_mul(isize::try_from(n).unwrap_or(isize::MAX));
            }
        }
        true
    }

    /// The axes in another order: axis `i` of the result is axis `order[i]` of this.
    pub fn permute(&self, order: &[usize]) -> Layout {
        Layout {
            shape: order.iter().map(|&a| self.shape[a]).collect(),
            strides: order.iter().map(|&a| self.strides[a]).collect(),
            offset: self.offset,
        }
    }

    /// Every `step`-th element from `start`, `length` of them, along `axis`; `step` may be negative.
    pub fn slice(&self, axis: usize, start: usize, step: isize, length: usize) -> Layout {
        let mut out = self.clone();
        if length > 0 && self.elements() > 0 {
            out.offset = (self.offset as isize + start as isize * self.strides[axis]) as usize;
        }
        out.strides[axis] *= step;
        out.shape[axis] = length;
        out
    }

    /// The view stretched to `shape` by NumPy's rule: new axes in front, axes of size 1 repeated.
    pub fn broadcast_to(&self, shape: &[usize]) -> Result<Layout> {
        let strides = crate::broadcast_strides(&self.shape, &self.strides, shape).ok_or_else(|| {
            Error::shape(format!(
                "shape {} cannot be broadcast to {}; axes must be equal or 1",
                Shape::from(&self.shape),
                Shape::from(shape)
            ))
        })?;
        Ok(Layout { shape: shape.to_vec(), strides, offset: self.offset })
    }

    /// The same elements in another shape without a copy, where the strides allow it.
    pub fn reshape(&self, shape: &[usize]) -> Option<Layout> {
        debug_assert_eq!(self.elements(), shape.iter().product::<usize>());
        if self.is_contiguous() || self.elements() == 0 {
            return Some(Layout { shape: shape.to_vec(), strides: row_major(shape), offset: self.offset });
        }
        let old: Vec<(usize, isize)> =
            self.shape.iter().copied().zip(self.strides.iter().copied()).filter(|(n, _)| *n != 1).collect();
        let mut strides = vec![0isize; shape.len()];
        let (mut i, mut j) = (0, 0);
        while i < old.len() {
            // Grow a run of old axes and a run of new axes until both hold the same number of elements.
            let (mut old_count, mut new_count) = (old[i].0, 1);
            let (first, new_first) = (i, j);
            while j < shape.len() && (new_count < old_count || shape[j] == 1) {
                new_count *= shape[j];
                j += 1;
            }
            while old_count < new_count {
                i += 1;
                old_count *= old[i].0;
                while new_count < old_count {
                    new_count *= shape[j];
                    j += 1;
                }
            }
            if (first..i).any(|a| old[a].1 != old[a + 1].1 * old[a + 1].0 as isize) {
                return None;
            }
            let mut stride = old[i].1;
            for k in (new_first..j).rev() {
                strides[k] = stride;
                stride *= shape[k] as isize;
            }
            i += 1;
        }
        Some(Layout { shape: shape.to_vec(), strides, offset: self.offset })
    }

    /// Lowest and highest element that the view touches, or `None` for an empty one.
    pub fn bounds(&self) -> Option<(usize, usize)> {
        if self.shape.contains(&0) {
            return None;
        }
        let (mut low, mut high) = (self.offset as isize, self.offset as isize);
        for (&n, &s) in self.shape.iter().zip(&self.strides) {
            let reach = (n.checked_sub(1)? as isize) * s;
            if reach < 0 { low += reach } else { high += reach }
        }
        Some((low as usize, high as usize))
    }
}

fn row_major(shape: &[usize]) -> Vec<isize> {
    let mut strides = vec![0; shape.len()];
    let mut next = 1isize;
    for (s, &n) in strides.iter_mut().zip(shape).rev() {
        *s = next;
        // An empty tensor may have other axes of any size; its strides are not used.
        next = next.saturating_mul(isize::try_from(n.max(1)).unwrap_or(isize::MAX));
    }
    strides
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reshapes_views_only_where_strides_allow() {
        let l = Layout::contiguous(&[4, 6]).slice(1, 0, 2, 3); // every second column
        assert_eq!(l.reshape(&[2, 2, 3]).unwrap().strides(), [12, 6, 2]);
        assert_eq!(l.reshape(&[12]).unwrap().strides(), [2]);
        let huge = Layout::contiguous(&[3, 0, usize::MAX, 7]);
        assert!(huge.is_contiguous() && huge.bounds().is_none());
        let t = Layout::contiguous(&[4, 6]).permute(&[1, 0]);
        assert!(t.reshape(&[24]).is_none());
        assert_eq!(t.reshape(&[2, 3, 4]).unwrap().strides(), [3, 1, 6]);
        assert_eq!(t.reshape(&[6, 1, 4]).unwrap().strides()[2], 6);
    }

    #[test]
    fn slices_backwards() {
        let l = Layout::contiguous(&[5]).slice(0, 4, -1, 5);
        assert_eq!((l.offset(), l.strides()), (4, &[-1][..]));
        assert_eq!(l.bounds(), Some((0, 4)));
    }
}
