#![forbid(unsafe_code)]
//! The graph compiler: a function of tensors is traced once for each signature, rewritten, fused into kernels,
//! given a plan of its memory, and then run without further thought.
//!
//! - [`Graph`] is the trace: operations in the order in which they were written down, equal ones merged.
//! - `fuse` gathers operations into groups that become one kernel each.
//! - `plan` orders the groups and gives every value its place in memory.
//! - `freeze` makes constants of variables, for functions that are only to be used.
//! - [`Function`] is the result; [`compiled`] wraps a closure so that all this happens by itself.
//!
//! This crate does not know layers or models.

mod arena;
mod compiled;
mod diagram;
mod freeze;
mod function;
mod fuse;
mod graph;
mod needs;
mod plan;
mod print;
mod schedule;
mod trace;

pub use compiled::{Compiled, compiled};
pub use freeze::Snapshot;
pub use function::Function;
pub use graph::{Def, Graph, Node, StateRef};
