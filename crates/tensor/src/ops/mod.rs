//! Operations as functions that return errors instead of panicking; the names are those of `keras.ops`.

mod control;
mod creation;
mod elementwise;
mod gradient;
mod linalg;
mod loops;
mod nn;
mod reduce;
mod shape;

pub use crate::index::{flip, ravel, split, unstack};
pub use control::{BranchFn, associative_scan, cond, switch};
pub use creation::*;
pub use elementwise::*;
pub use gradient::*;
pub use linalg::*;
pub use loops::*;
pub use nn::*;
pub use reduce::*;
pub use shape::*;
