//! Signals.

mod fft;

pub use fft::Fft;
