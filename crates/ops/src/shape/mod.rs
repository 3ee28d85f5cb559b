//! Operations that make tensors and change their shape.

mod bitcast;
mod broadcast_to;
mod full;
mod iota;
mod reshape;
mod transpose;

pub use bitcast::Bitcast;
pub use broadcast_to::BroadcastTo;
pub use full::Full;
pub use iota::Iota;
pub use reshape::Reshape;
pub use transpose::Transpose;
