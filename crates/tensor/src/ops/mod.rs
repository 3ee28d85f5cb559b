//! Operations as functions that return errors instead of panicking; the names are those of `keras.ops`.

mod activation;
mod compare;
mod control;
mod creation;
mod elementwise;
mod gradient;
mod limits;
mod linalg;
mod loops;
mod nan;
mod nn;
mod numeric;
mod reduce;
mod shape;
mod spaced;

pub use crate::index::{flip, ravel, split, unstack};
pub use activation::*;
pub use compare::*;
pub use control::{BranchFn, associative_scan, cond, switch};
pub use creation::*;
pub use elementwise::*;
pub use gradient::*;
pub use limits::*;
pub use linalg::*;
pub use loops::*;
pub use nan::*;
pub use nn::*;
pub use numeric::*;
pub use reduce::*;
pub use shape::*;
pub use spaced::*;
