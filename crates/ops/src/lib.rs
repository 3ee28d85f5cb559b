#![forbid(unsafe_code)]
//! Every operation of Rhyton, one file each: shape and dtype rule, lowering, gradient rule, samples for the tests.
//!
//! An operation is a value that implements [`Op`]. It knows neither tensors nor memory: its shape rule maps
//! [`Meta`] to [`Meta`], its gradient rule is written against [`Build`], which an eager tape and a graph
//! tracer both implement, and its [`Lowered`] form is what backends make kernels from. Elementwise operations
//! lower to a scalar [`Expr`], the one source of eager, fused CPU and later GPU kernels.
//!
//! Adding an operation: write its file, add one line to [`registry`]. The tape, tracing, fusion, graph
//! printing and the walking tests pick it up from there.

mod build;
mod composite;
mod expr;
mod op;
mod sample;

pub mod control;
pub mod elementwise;
pub mod index;
pub mod linalg;
pub mod random;
pub mod reduce;
pub mod registry;
pub mod shape;
pub mod signal;
pub mod sort;
pub mod window;

pub use build::{Build, Value};
pub use composite::{logsumexp, one_hot, variance};
pub use expr::{BinaryFn, Expr, ExprKind, UnaryFn};
pub use op::{Application, Grads, Kernel, Lowered, Meta, Op, OpRef, ReduceFn, View};
pub use sample::{Domain, Sample};
