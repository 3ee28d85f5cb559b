//! What the layers that merge elementwise share: shapes and masks.

use rhyton_base::{Dim, Error, Result, Shape};
use rhyton_tensor::{Tensor, ops};

/// Several shapes, for errors: `(2, 3), (2, 4)`.
pub(super) fn listed(shapes: &[Shape]) -> String {
    shapes.iter().map(Shape::to_string).collect::<Vec<_>>().join(", ")
}

/// The shape of the merged tensor. Batch sizes are equal; after the batch axis, shapes are broadcast from the end.
pub(super) fn merged_shape(inputs: &[Shape]) -> Result<Shape> {
    let [first, rest @ ..] = inputs else {
        return Err(Error::value("expected at least 1 input, got 0"));
    };
    let mut batch = Dim::Unknown;
    for shape in inputs {
        let Some(&own) = shape.dims().first() else {
            return Err(Error::shape(format!("expected a batch axis, got shapes {}", listed(inputs))));
        };
        if !batch.fits(own) {
            return Err(Error::shape(format!(
                "cannot merge tensors of different batch sizes, got shapes {}",
                listed(inputs)
            )));
        }
        batch = if batch == Dim::Unknown { own } else { batch };
    }
    let mut merged = first.without_batch();
    for shape in rest {
        merged = broadcast(&merged, &shape.without_batch()).ok_or_else(|| {
            Error::shape(format!(
                "inputs have shapes that do not fit together: {}; sizes must be equal or 1",
                listed(inputs)
            ))
        })?;
    }
    Ok(merged.with_axis(0, batch))
}

fn broadcast(a: &Shape, b: &Shape) -> Option<Shape> {
    if a.rank() < b.rank() {
        return broadcast(b, a);
    }
    let (front, back) = a.dims().split_at(a.rank() - b.rank());
    let dim = |(i, j): (&Dim, &Dim)| match (i, j) {
        (Dim::Unknown, _) | (_, Dim::Unknown) => Some(Dim::Unknown),
        (Dim::Known(1), other) | (other, Dim::Known(1)) => Some(*other),
        (i, j) => (i == j).then_some(*i),
    };
    let back = back.iter().zip(b.dims()).map(dim).collect::<Option<Vec<_>>>()?;
    Some(front.iter().copied().chain(back).collect())
}

/// The tensors with the same rank: new axes go after the batch axis. Where ranks were equal, masks stay.
pub(super) fn aligned(inputs: &[Tensor]) -> Result<Vec<Tensor>> {
    let rank = inputs.iter().map(Tensor::rank).max().unwrap_or(0);
    let align = |x: &Tensor| {
        let mut y = x.clone();
        while y.rank() < rank {
            y = ops::expand_dims(&y, 1)?;
        }
        Ok(y)
    };
    inputs.iter().map(align).collect()
}

/// A mask stretched over the last axis of the tensor that it came with.
pub(super) fn spread(x: &Tensor) -> Result<Option<Tensor>> {
    let stretched = |mask: &Tensor| ops::broadcast_to(&ops::expand_dims(mask, -1)?, x.shape());
    x.mask().map(stretched).transpose()
}

/// What counts in any of them counts in the result; nothing is masked where one has no mask.
pub(super) fn merged_mask(inputs: &[Tensor]) -> Result<Option<Tensor>> {
    let Some(masks) = inputs.iter().map(Tensor::mask).collect::<Option<Vec<_>>>() else { return Ok(None) };
    let Some((first, rest)) = masks.split_first() else { return Ok(None) };
    rest.iter().try_fold((*first).clone(), |all, mask| ops::logical_or(&all, mask)).map(Some)
}
