//! Combinations of operations that several rungs above need. Their gradients follow from their parts.

use crate::build::{Build, Value};
use crate::elementwise::IsFinite;
use crate::shape::Iota;
use rhyton_base::{DType, Result, normalize_axis};

/// 1 where the coordinate along a new axis equals the index, 0 elsewhere; indices outside give all zeros.
pub fn one_hot(
    b: &mut dyn Build,
    indices: Value,
    classes: usize,
    axis: isize,
    dtype: DType,
) -> Result<Value> {
    let rank = b.meta(indices).shape.rank();
    let axis = normalize_axis(axis, rank + 1)?;
    // In a type that tells all classes apart.
    let indices = match b.dtype(indices) {
        DType::Bool | DType::I8 | DType::U8 | DType::I16 | DType::U16 => b.cast(indices, DType::I32)?,
        DType::F16 | DType::BF16 => b.cast(indices, DType::F32)?,
        _ => indices,
    };
    let spread = b.expand_dims(indices, axis as isize)?;
    let mut shape = vec![1; rank + 1];
    shape[axis] = classes;
    let iota = b.one(Iota { shape, axis, dtype: b.dtype(indices) }, &[])?;
    let hit = b.equal(spread, iota)?;
    b.cast(hit, dtype)
}

/// `log Σ exp(x)` over some axes, computed as `m + log Σ exp(x - m)` with `m = max x`, or 0 where that is infinite.
pub fn logsumexp(b: &mut dyn Build, x: Value, axes: &[usize], keepdims: bool) -> Result<Value> {
    let top = b.max(x, axes, true)?;
    let top = b.stop_gradient(top)?;
    let (finite, zero) = (b.one(IsFinite, &[top])?, b.like(top, 0.0)?);
    let top = b.select(finite, top, zero)?;
    let shifted = b.sub(x, top)?;
    let e = b.exp(shifted)?;
    let total = b.sum(e, axes, true)?;
    let log = b.log(total)?;
    let out = b.add(log, top)?;
    if keepdims {
        return Ok(out);
    }
    let kept: Vec<usize> =
        b.dims(out).iter().enumerate().filter(|(a, _)| !axes.contains(a)).map(|(_, &n)| n).collect();
    b.reshape(out, &kept)
}

/// The population variance over some axes: the mean of the squared distances from the mean.
pub fn variance(b: &mut dyn Build, x: Value, axes: &[usize], keepdims: bool) -> Result<Value> {
    let mean = b.mean(x, axes, true)?;
    let distance = b.sub(x, mean)?;
    let square = b.square(distance)?;
    b.mean(square, axes, keepdims)
}
