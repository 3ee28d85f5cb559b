//! Layers that let places look at each other.

mod grouped;
mod heads;
mod multi_head;
mod plain;

pub use grouped::GroupedQueryAttention;
pub use multi_head::MultiHeadAttention;
pub use plain::{AdditiveAttention, Attention};

use crate::layers::other_names;
use crate::numbers::like;
use rhyton_base::{DType, Result};
use rhyton_tensor::{Tensor, ops};

other_names! {
    GroupQueryAttention = GroupedQueryAttention;
}

/// The numbers from 0 to `n - 1` along rows or columns of a `[1, rows, columns]` tensor.
fn numbered(n: usize, shape: [usize; 3]) -> Result<Tensor> {
    ops::reshape(&ops::arange(n, DType::I32)?, shape)
}

/// Whether each of `queries` places may look at each of `keys` places: at itself and those before it. `[1, queries, keys]`.
fn causal(queries: usize, keys: usize) -> Result<Tensor> {
    ops::greater_equal(&numbered(queries, [1, queries, 1])?, &numbered(keys, [1, 1, keys])?)
}

/// Whether each of `queries` places may look at each of `keys` places: at those nearer than `window`.
fn nearby(queries: usize, keys: usize, window: usize) -> Result<Tensor> {
    let distance = ops::subtract(&numbered(queries, [1, queries, 1])?, &numbered(keys, [1, 1, keys])?)?;
    let distance = ops::abs(&distance)?;
    ops::less(&distance, &like(&distance, window.min(i32::MAX as usize) as f64)?)
}

/// What holds in both, of masks that may be missing.
fn both(a: Option<Tensor>, b: Option<Tensor>) -> Result<Option<Tensor>> {
    match (a, b) {
        (Some(a), Some(b)) => ops::logical_and(&a, &b).map(Some),
        (a, b) => Ok(a.or(b)),
    }
}
