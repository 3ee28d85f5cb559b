#![forbid(unsafe_code)]
//! Tensors, variables and the gradient tape.
//!
//! A [`Tensor`] is an immutable, cheaply cloned handle with a run-time shape and element type. Operations run at
//! once (eager), are recorded on any open [`GradientTape`], and are written down instead when they meet a traced
//! tensor; all three give the same numbers. This crate does not know layers or the graph compiler.

#[cfg(feature = "ndarray")]
mod arrays;
mod axes;
mod config;
mod control;
mod convert;
mod dispatch;
mod eager;
mod index;
mod logits;
mod methods;
mod nested;
mod operators;
mod print;
mod programs;
mod scope;
mod symbolic;
mod tape;
mod tensor;
mod tracer;
mod variable;
mod written;

pub mod ops;
pub mod random;

pub use axes::Axes;
pub use config::{epsilon, set_epsilon};
pub use convert::{ShapeSpec, scalar_from_bytes};
pub use dispatch::{apply, backend, compose_in};
pub use index::{Ellipsis, NewAxis, Sections, Span, TensorIndex, TensorIndices, every};
pub use logits::Logits;
pub use random::{SeedGenerator, next_seed, set_random_seed};
pub use scope::{Scope, current_scope, outside_scopes, scope};
pub use symbolic::{Origin, Results, SymbolicCall, SymbolicOp, apply_symbolic, infer_by_running, operation};
pub use tape::{GradientTape, Source, Sources, Unconnected, no_gradient};
pub use tensor::{Data, Tensor};
pub use tracer::{Tracer, current_tracer, with_tracer, without_tracer};
pub use variable::{Variable, VariableGuard, with_autocast};
pub use written::{Attr, Written};

pub use rhyton_base::DType;
