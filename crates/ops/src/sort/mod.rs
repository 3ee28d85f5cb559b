//! Operations that order the elements along an axis, search in ordered ones, and add them up on the way.

mod argsort;
mod cumprod;
mod cumsum;
mod searchsorted;
#[allow(clippy::module_inception)] // Each operation's file has its name.
mod sort;

pub use argsort::ArgSort;
pub use cumprod::CumProd;
pub use cumsum::CumSum;
pub use searchsorted::SearchSorted;
pub use sort::Sort;

use rhyton_base::{Error, Result, Shape};

/// The last axis of a shape, which must have one.
fn last_axis(shape: &Shape) -> Result<usize> {
    shape
        .rank()
        .checked_sub(1)
        .ok_or_else(|| Error::shape("expected at least one axis, got a scalar (shape ())"))
}

/// An error where an axis is not there.
fn check_axis(axis: usize, shape: &Shape) -> Result<()> {
    if axis < shape.rank() {
        return Ok(());
    }
    Err(Error::shape(format!("axis {axis} is out of bounds for a tensor of shape {shape}")))
}
