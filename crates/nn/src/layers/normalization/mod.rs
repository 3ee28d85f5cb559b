//! Layers that bring their input to mean 0 and variance 1, or to length 1.

mod affine;
mod batch;
mod group;
mod layer;
mod rms;
mod spectral;
mod unit;

pub use batch::BatchNormalization;
pub use group::GroupNormalization;
pub use layer::LayerNormalization;
pub use rms::RMSNormalization;
pub use spectral::SpectralNormalization;
pub use unit::UnitNormalization;
