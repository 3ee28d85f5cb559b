//! Activation functions that have arguments or weights, as layers.

mod elu;
mod prelu;
mod relu;
mod softmax;

pub use elu::ELU;
pub use prelu::PReLU;
pub use relu::{LeakyReLU, ReLU};
pub use softmax::Softmax;
