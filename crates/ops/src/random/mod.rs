//! Random numbers as pure functions of a generator's state.

mod bits;
mod distributions;
mod draw;

pub use bits::RandomBits;
pub use distributions::{RandomNormal, RandomUniform, TruncatedNormal};
pub use draw::{Draw, RandomBinomial, RandomGamma, RandomIntegers, RandomPermutation};
