#![forbid(unsafe_code)]
//! The vocabulary that every other rung speaks: element types and their promotion, shapes with known and
//! unknown dimensions, strided layouts, broadcasting, and the one error type.
//!
//! This crate knows nothing of operations, of memory or of devices.

mod broadcast;
mod diagram;
mod dtype;
mod error;
mod layout;
mod nearest;
mod scalar;
mod shape;

pub use broadcast::{broadcast_shapes, broadcast_strides, broadcast_symbolic};
pub use diagram::{Diagram, DiagramCluster, DiagramEdge, DiagramNode, NodeKind};
pub use dtype::{DType, Kind, promote, promote_all};
pub use error::{Context, Error, ErrorKind, Result};
pub use layout::Layout;
pub use nearest::{did_you_mean, nearest};
pub use scalar::{Element, Scalar};
pub use shape::{Dim, Shape, element_count, normalize_axes, normalize_axis};

pub use half::{bf16, f16};
