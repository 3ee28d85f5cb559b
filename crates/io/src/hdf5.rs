//! HDF5 as a plain tree of groups, arrays and texts: what Keras's `.weights.h5` and `.h5` files are made of.
//!
//! [`WeightsFile`] reads such a tree and [`WeightsWriter`] writes one. Paths are written `layers/dense/vars/0`; a
//! leading slash is allowed, and the root is `""` or `"/"`.
//!
//! | element type | in the file |
//! |---|---|
//! | integers, `float16`, `float32`, `float64` | as HDF5 has them; read in either byte order, written little-endian |
//! | `bool` | an 8-bit enumeration of `FALSE` and `TRUE`, as h5py writes it |
//! | `bfloat16` | two opaque bytes and a text attribute `dtype` that says `bfloat16`, as Keras writes it |
//!
//! Not followed, for safety: soft and external links, virtual datasets and datasets whose elements are in other
//! files. Compressed datasets are read (deflate and shuffle); everything is written contiguous.

mod guard;
mod read;
mod types;
mod write;

pub use read::{DatasetInfo, WeightsFile};
pub use write::WeightsWriter;

use std::cmp::Ordering;

/// Deeper trees than this are taken for damage; Keras's nested models stay below 20.
const MAX_DEPTH: usize = 64;

/// A path as it is kept: no slash at either end.
fn plain(path: &str) -> &str {
    path.trim_matches('/')
}

/// The path of a child.
fn join(parent: &str, name: &str) -> String {
    if parent.is_empty() { name.to_string() } else { format!("{parent}/{name}") }
}

/// Numbers by their value and everything else as text, so that `10` comes after `9`.
fn natural(a: &str, b: &str) -> Ordering {
    let number = |s: &str| s.parse::<u64>().ok();
    match (number(a), number(b)) {
        (Some(x), Some(y)) => x.cmp(&y).then_with(|| a.cmp(b)),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => a.cmp(b),
    }
}
