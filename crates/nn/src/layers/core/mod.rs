//! Layers of no particular family.

mod einsum_dense;
mod embedding;
mod identity;
mod lambda;
mod masking;

pub use einsum_dense::EinsumDense;
pub use embedding::Embedding;
pub use identity::Identity;
pub use lambda::{Lambda, register_function};
pub use masking::Masking;
