//! Random numbers as pure functions of a generator's state.

mod bits;
mod distributions;

pub use bits::RandomBits;
pub use distributions::{RandomNormal, RandomUniform, TruncatedNormal};
