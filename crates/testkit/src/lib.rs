#![forbid(unsafe_code)]
//! The golden values made with Keras and NumPy (in `golden/`, beside the scripts that make them), the reader of the
//! golden cases of functions, and the tests that look at the repository itself (in `tests/`).

pub mod cases;
mod coverage;
pub mod fuzz;
pub mod gradcheck;
