//! What runs: storage and its pooled allocator, the thread pool, counter-based random numbers, descriptions
//! of kernels and programs, and the [`Backend`] interface that executes them.
//!
//! This crate does not know which backends exist, nor what a tensor or a gradient is.

mod backend;
mod control;
mod cost;
mod kernel;
mod label;
mod lower;
mod pages;
mod philox;
mod pool;
pub mod profile;
mod rows;
mod sparse_rows;
mod storage;

pub use backend::{Arg, Backend, Program};
pub use control::{Carried, Condition, ControlDesc, Nested, Place, Region};
pub use cost::Cost;
pub use kernel::{Access, KernelDesc, Loop, MatMul, Output, ProgramDesc, Slot, Whole};
pub use label::Label;
pub use lower::{Operand, copy, lower_op, matmul, reduced_access};
pub use philox::{Generator, philox4x32};
pub use pool::{Pool, pool, set_threads, threads};
pub use rows::Rows;
pub use sparse_rows::{Picked, SparseRow, SparseRows, SparseSlot, cut};
pub use storage::Storage;
