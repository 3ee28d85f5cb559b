//! Elements chosen one by one along an axis.

use super::index::places;
use super::scatter::Arithmetic;
use super::{Input, Output, around, each_part, each_type};
use rhyton_base::Result;

/// `out[o, i, r] = x[o, indices[o, i, r], r]`.
pub fn take(axis: usize, x: &Input, indices: &Input, out: &mut Output) -> Result<()> {
    let (_, size, inner) = around(x.shape, axis);
    let count = indices.shape[axis];
    let at = places(indices, size)?;
    if at.is_empty() {
        return Ok(());
    }
    let bytes = out.bytes().len();
    each_type!(x.dtype, T => {
        let from = x.of::<T>();
        each_part(out.of::<T>().chunks_mut(count * inner), bytes, |o, to| {
            let at = &at[o * count * inner..];
            for (k, to) in to.iter_mut().enumerate() {
                *to = from[(o * size + at[k]) * inner + k % inner];
            }
        });
    });
    Ok(())
}

/// `out[o, indices[o, i, r], r] += updates[o, i, r]` from zeros, in rising `i`.
pub fn add(axis: usize, indices: &Input, updates: &Input, out: &mut Output) -> Result<()> {
    let (_, size, inner) = around(out.shape, axis);
    let count = indices.shape[axis];
    let at = places(indices, size)?;
    out.bytes().fill(0);
    if at.is_empty() {
        return Ok(());
    }
    let dtype = out.dtype;
    each_type!(dtype, T => {
        let from = updates.of::<T>();
        each_part(out.of::<T>().chunks_mut(size * inner), updates.bytes().len(), |o, to| {
            let start = o * count * inner;
            for k in 0..count * inner {
                let place = at[start + k] * inner + k % inner;
                to[place] = to[place].plus(from[start + k], dtype);
            }
        });
    });
    Ok(())
}
