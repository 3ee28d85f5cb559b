//! Operations that choose elements by their place.

mod add_along;
mod concat;
mod embed;
mod gather;
mod hash_bucket;
mod overwrite;
mod ravel_index;
mod scatter_add;
mod scatter_reduce;
mod scatter_set;
mod slice;
mod take_along;

pub use add_along::AddAlong;
pub use concat::Concat;
pub use embed::Embed;
pub use gather::Gather;
pub use hash_bucket::{HashBucket, fingerprint};
pub use overwrite::Overwrite;
pub use ravel_index::RavelIndex;
pub use scatter_add::ScatterAdd;
pub use scatter_reduce::{ScatterMax, ScatterMin, ScatterProd};
pub use scatter_set::ScatterSet;
pub use slice::Slice;
pub use take_along::TakeAlong;
