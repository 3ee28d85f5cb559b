//! Operations that combine the elements along some axes.

mod argmax;
mod log_softmax;
mod max;
mod prod;
mod softmax;
mod sum;

pub use argmax::{ArgMax, ArgMin};
pub use log_softmax::LogSoftmax;
pub use max::{Max, Min};
pub use prod::Prod;
pub use softmax::Softmax;
pub use sum::Sum;

use rhyton_base::{Dim, Error, Result, Shape};

/// The shape left after reducing some axes.
pub(crate) fn reduced_shape(shape: &Shape, axes: &[usize], keepdims: bool) -> Result<Shape> {
    if let Some(axis) = axes.iter().find(|&&a| a >= shape.rank()) {
        return Err(Error::shape(format!("axis {axis} is out of bounds for a tensor of shape {shape}")));
    }
    let dims = shape.dims().iter().enumerate();
    Ok(dims
        .filter_map(|(i, &d)| match (axes.contains(&i), keepdims) {
            (false, _) => Some(d),
            (true, true) => Some(Dim::Known(1)),
            (true, false) => None,
        })
        .collect())
}

/// The reduced shape with its axes of size 1 kept.
pub(crate) fn kept_shape(dims: &[usize], axes: &[usize]) -> Vec<usize> {
    dims.iter().enumerate().map(|(i, &d)| if axes.contains(&i) { 1 } else { d }).collect()
}
