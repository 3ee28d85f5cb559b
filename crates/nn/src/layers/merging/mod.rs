//! Layers that make one tensor of several.

mod concatenate;
mod dot;
mod elementwise;
mod rules;

pub use concatenate::{Concatenate, concatenate};
pub use dot::{Dot, DotAxes, dot};
pub use elementwise::{
    Add, Average, Maximum, Minimum, Multiply, Subtract, add, average, maximum, minimum, multiply, subtract,
};
