//! Linear algebra.

mod matmul;

pub use matmul::MatMul;
