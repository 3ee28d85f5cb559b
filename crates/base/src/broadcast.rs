//! NumPy's broadcasting rule.

use crate::error::{Error, Result};
use crate::shape::{Dim, Shape};

/// The shape in which tensors of the given shapes meet: aligned at the last axis, sizes equal or 1.
///
/// ```
/// use rhyton_base::broadcast_shapes;
/// assert_eq!(broadcast_shapes(&[&[64, 3, 32, 10], &[32, 10]]).unwrap(), [64, 3, 32, 10]);
/// let e = broadcast_shapes(&[&[32, 10], &[32, 12]]).unwrap_err();
/// assert_eq!(e.to_string(), "shapes (32, 10) and (32, 12) differ on axis 1; axes must be equal or 1");
/// ```
pub fn broadcast_shapes(shapes: &[&[usize]]) -> Result<Vec<usize>> {
    let shapes: Vec<Shape> = shapes.iter().map(|s| Shape::from(*s)).collect();
    Ok(broadcast_symbolic(&shapes.iter().collect::<Vec<_>>())?
        .known()
        .expect("known shapes give a known shape"))
}

/// [`broadcast_shapes`] where dimensions may be unknown. An unknown one against a known one other than 1
/// becomes the known one; against 1 or unknown it stays unknown.
pub fn broadcast_symbolic(shapes: &[&Shape]) -> Result<Shape> {
    let rank = shapes.iter().map(|s| s.rank()).max().unwrap_or(0);
    let mut out = vec![Dim::Known(1); rank];
    for shape in shapes {
        let lead = rank - shape.rank();
        for (axis, &dim) in shape.dims().iter().enumerate() {
            let met = &mut out[lead + axis];
            *met = match (*met, dim) {
                (a, b) if a == b => a,
                (Dim::Known(1), b) => b,
                (a, Dim::Known(1)) => a,
                (Dim::Unknown, b) => b,
                (a, Dim::Unknown) => a,
                _ => return Err(mismatch(shapes)),
            };
        }
    }
    Ok(Shape::from(out))
}

/// Names the first pair of shapes that cannot meet, and the axis of their common shape.
fn mismatch(shapes: &[&Shape]) -> Error {
    for (i, a) in shapes.iter().enumerate() {
        for b in &shapes[i + 1..] {
            let rank = a.rank().max(b.rank());
            let dim = |s: &Shape, axis: usize| {
                (axis + s.rank()).checked_sub(rank).map_or(Dim::Known(1), |k| s.dims()[k])
            };
            for axis in 0..rank {
                let (x, y) = (dim(a, axis), dim(b, axis));
                if !x.fits(y) && x != Dim::Known(1) && y != Dim::Known(1) {
                    return Error::shape(format!(
                        "shapes {a} and {b} differ on axis {axis}; axes must be equal or 1"
                    ));
                }
            }
        }
    }
    let all: Vec<String> = shapes.iter().map(|s| s.to_string()).collect();
    Error::shape(format!("shapes {} cannot be broadcast together", all.join(", ")))
}

/// The strides with which a view of `shape` is read at every place of `target`; `None` where it does not fit.
pub fn broadcast_strides(shape: &[usize], strides: &[isize], target: &[usize]) -> Option<Vec<isize>> {
    let lead = target.len().checked_sub(shape.len())?;
    let mut out = vec![0; target.len()];
    for (axis, (&n, &s)) in shape.iter().zip(strides).enumerate() {
        match (n, target[lead + axis]) {
            (a, b) if a == b => out[lead + axis] = if a == 1 { 0 } else { s },
            (1, _) => {}
            _ => return None,
        }
    }
    Some(out)
}
