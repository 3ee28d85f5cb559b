//! Operations as functions that return errors instead of panicking; the names are those of `keras.ops`.

mod creation;
mod elementwise;
mod linalg;
mod nn;
mod reduce;
mod shape;

pub use crate::index::{flip, ravel, split, unstack};
pub use creation::*;
pub use elementwise::*;
pub use linalg::*;
pub use nn::*;
pub use reduce::*;
pub use shape::*;
