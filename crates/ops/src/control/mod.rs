//! Control flow as operations: what runs is decided by numbers that are not known while a function is traced.
//!
//! A branch, or the body of a loop, is a [`Body`]: a function written down as a list of operations. What it takes
//! from around it is among its inputs.

mod body;
mod cond;
mod custom;
mod gradient;
mod remat;
mod scan;
mod scan_gradient;
mod unstack;
mod while_loop;

pub use body::{Body, BodyBuilder, Call};
pub use cond::Cond;
pub use custom::Custom;
pub use remat::Remat;
pub use scan::Scan;
pub use unstack::Unstack;
pub use while_loop::While;

use std::sync::Arc;

/// What backends execute of control flow; see the operation of the same name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // The fields are described with the operations.
pub enum Control {
    /// Inputs `(index, operands…)`: the results of the branch of that index.
    Cond { branches: Vec<Arc<Body>> },
    /// Inputs `(carried…, captured…)`: the carried values when the condition no longer holds.
    While { condition: Arc<Body>, body: Arc<Body>, carried: usize, maximum: Option<usize> },
    /// Inputs `(carried…, stacked…, captured…)`: the last carried values, what each round gives, and the carried
    /// values before each round.
    Scan { body: Arc<Body>, carried: usize, scanned: usize, length: usize, reverse: bool },
}

impl Control {
    /// The functions inside it.
    pub fn bodies(&self) -> Vec<&Arc<Body>> {
        match self {
            Control::Cond { branches } => branches.iter().collect(),
            Control::While { condition, body, .. } => vec![condition, body],
            Control::Scan { body, .. } => vec![body],
        }
    }
}
