//! Operations that choose elements by their place.

mod concat;
mod embed;
mod gather;
mod scatter_add;
mod slice;

pub use concat::Concat;
pub use embed::Embed;
pub use gather::Gather;
pub use scatter_add::ScatterAdd;
pub use slice::Slice;
