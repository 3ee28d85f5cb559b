//! Data whose rank differs from a model's input by an axis of size 1.

use rhyton_base::{Dim, Error, Result, Shape};
use rhyton_tensor::{DType, Tensor, ops};

/// The shape of a batch as the model takes it: an axis of size 1 at the end is added or taken away where the
/// rank asks for it.
pub(crate) fn adjust_rank(expected: &Shape, got: &Shape) -> Result<Shape> {
    let last = |s: &Shape| s.dims().last().copied();
    let adjusted = if got.rank() + 1 == expected.rank() && last(expected) == Some(Dim::Known(1)) {
        got.with_axis(got.rank(), 1usize)
    } else if got.rank() == expected.rank() + 1 && last(got) == Some(Dim::Known(1)) {
        got.dims()[..expected.rank()].iter().copied().collect()
    } else {
        got.clone()
    };
    // The batch may be of any size, whatever size the model has been described with.
    let same_rank = adjusted.rank() == expected.rank();
    let sizes = adjusted.dims().iter().zip(expected.dims()).skip(1).all(|(a, b)| a.fits(*b));
    if same_rank && sizes {
        return Ok(adjusted);
    }
    let expected = match expected.rank() {
        0 => expected.clone(),
        _ => expected.without_batch().with_axis(0, Dim::Unknown),
    };
    Err(Error::shape(format!(
        "expected an input of shape {expected}, got {got}; the first axis is the batch"
    )))
}

/// A batch in the type and rank of a model's input, with its mask.
pub(super) fn prepared(x: &Tensor, dtype: DType, expected: &Shape) -> Result<Tensor> {
    let shape = adjust_rank(expected, &Shape::from(x.shape()))?;
    let mut y = ops::cast(x, dtype)?;
    if shape.rank() != y.rank() {
        y = ops::reshape(&y, shape.expect_known()?)?;
    }
    Ok(y.with_mask(x.mask().cloned()))
}
