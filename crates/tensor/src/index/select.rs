//! What an index takes from a tensor.

use super::{TensorIndex, all_places, flat_places, place, view};
use crate::dispatch::apply_one;
use crate::ops;
use crate::tensor::Tensor;
use rhyton_base::{Context, DType, Error, Result, Shape, broadcast_shapes};
use rhyton_ops::index::Gather;

/// An index whose parts have been given their axes.
pub struct Plan {
    /// `(start, step, length)` for every axis; axes with listed places are whole.
    pub places: Vec<(usize, isize, usize)>,
    /// The shape that those places leave.
    pub shape: Vec<usize>,
    /// Lists of places, each with its axis of the tensor and of `shape`.
    pub lists: Vec<(Tensor, usize, usize)>,
    /// Where the lists' common axes go.
    insert: usize,
}

/// Masks as lists of places, one for each of their axes.
pub(crate) fn masks_as_places(parts: Vec<TensorIndex>, x: &Tensor) -> Result<Vec<TensorIndex>> {
    let mut axis = 0;
    let after = |parts: &[TensorIndex]| -> usize { parts.iter().map(axes_of).sum() };
    let mut out = Vec::with_capacity(parts.len());
    for (k, part) in parts.iter().enumerate() {
        match part {
            TensorIndex::Array(mask) if mask.dtype() == DType::Bool => {
                if mask.rank() == 0 {
                    return Err(Error::shape("a mask needs an axis, got a scalar").at("Tensor::i"));
                }
                let sizes = x.meta().shape;
                let covered = sizes.dims().get(axis..axis + mask.rank()).map(<[_]>::to_vec).map(Shape::from);
                if !covered.as_ref().is_some_and(|c| c.fits(&mask.meta().shape)) {
                    let message = format!(
                        "a mask of shape {} does not fit shape {sizes} from axis {axis}",
                        mask.meta().shape
                    );
                    return Err(Error::shape(message).at("Tensor::i"));
                }
                let places = ops::nonzero(mask).at(|| "Tensor::i: a mask")?;
                out.extend(places.into_iter().map(TensorIndex::Array));
            }
            TensorIndex::Ellipsis => {
                // Too many indices are found later.
                axis = x.rank().saturating_sub(after(&parts[k + 1..]));
                out.push(part.clone());
                continue;
            }
            _ => out.push(part.clone()),
        }
        axis += axes_of(part);
    }
    Ok(out)
}

/// How many axes a part takes.
fn axes_of(part: &TensorIndex) -> usize {
    match part {
        TensorIndex::At(_) | TensorIndex::Span(_) => 1,
        TensorIndex::Array(mask) if mask.dtype() == DType::Bool => mask.rank(),
        TensorIndex::Array(_) => 1,
        TensorIndex::NewAxis | TensorIndex::Ellipsis => 0,
    }
}

/// Gives each part its axes.
pub fn plan(x: &Tensor, parts: &[TensorIndex]) -> Result<Plan> {
    let rank = x.rank();
    let used: usize = parts.iter().map(axes_of).sum();
    if used > rank {
        let message = format!(
            "too many indices: got {used} for a tensor of rank {rank} (shape {})",
            Shape::from(x.shape())
        );
        return Err(Error::shape(message));
    }
    let ellipses = parts.iter().filter(|p| matches!(p, TensorIndex::Ellipsis)).count();
    if ellipses > 1 {
        return Err(Error::shape(format!("an index may have one Ellipsis, got {ellipses}")));
    }
    let mut p = Plan { places: Vec::with_capacity(rank), shape: Vec::new(), lists: Vec::new(), insert: 0 };
    let listed = parts.iter().any(|p| matches!(p, TensorIndex::Array(_)));
    // Which parts belong to the lists: integers do, too.
    let (mut runs, mut inside) = (0, false);
    for part in parts {
        let axis = p.places.len();
        let belongs = listed && matches!(part, TensorIndex::At(_) | TensorIndex::Array(_));
        if belongs && !inside {
            runs += 1;
            if runs == 1 {
                p.insert = p.shape.len();
            }
        }
        inside = belongs;
        match part {
            TensorIndex::At(i) => p.places.push((place(*i, axis, x.shape()[axis])?, 1, 1)),
            TensorIndex::Span(span) => {
                let found = span.places(x.shape()[axis]).at(|| format!("axis {axis}"))?;
                p.shape.push(found.2);
                p.places.push(found);
            }
            TensorIndex::NewAxis => p.shape.push(1),
            TensorIndex::Ellipsis => p.whole(x, rank - used),
            TensorIndex::Array(list) => {
                p.lists.push((list.clone(), axis, p.shape.len()));
                p.whole(x, 1);
            }
        }
    }
    p.whole(x, rank - p.places.len());
    if runs > 1 {
        p.insert = 0;
    }
    Ok(p)
}

impl Plan {
    /// Takes the next axes whole.
    fn whole(&mut self, x: &Tensor, count: usize) {
        for _ in 0..count {
            let size = x.shape()[self.places.len()];
            self.places.push((0, 1, size));
            self.shape.push(size);
        }
    }
}

/// The part of a tensor that an index without masks names.
pub(crate) fn select(x: &Tensor, parts: Vec<TensorIndex>) -> Result<Tensor> {
    let p = plan(x, &parts)?;
    let sizes: Vec<usize> = p.lists.iter().map(|l| x.shape()[l.1]).collect();
    let y = view(x, p.places, p.shape)?;
    let Some(first) = p.lists.first().map(|l| l.2) else { return Ok(y) };

    let shapes: Vec<&[usize]> = p.lists.iter().map(|l| l.0.shape()).collect();
    let common = broadcast_shapes(&shapes)?;
    let spread = |l: &(Tensor, usize, usize)| ops::broadcast_to(&l.0, &common);
    let lists = p.lists.iter().map(spread).collect::<Result<Vec<_>>>()?;
    let axes = p.lists.iter().map(|l| l.1).collect();
    let flat = flat_places(&lists.iter().collect::<Vec<_>>(), sizes.clone(), axes)?;

    // The listed axes side by side, in front unless they are so already, then as one.
    let at: Vec<usize> = p.lists.iter().map(|l| l.2).collect();
    let together = at.windows(2).all(|w| w[0] + 1 == w[1]);
    let (y, axis) = if together {
        (y, first)
    } else {
        let rest = (0..y.rank()).filter(|a| !at.contains(a));
        let order: Vec<isize> = at.iter().copied().chain(rest).map(|a| a as isize).collect();
        (ops::transpose(&y, Some(&order))?, 0)
    };
    let mut shape = y.shape().to_vec();
    shape.splice(axis..axis + at.len(), [sizes.iter().product()]);
    let y = view(&y, all_places(&y), shape)?;
    let taken = apply_one(Gather { axis: axis as isize }, &[&y, &flat])?;
    if axis == p.insert {
        return Ok(taken);
    }
    let rank = taken.rank();
    let mut order: Vec<isize> =
        (0..rank).filter(|a| !(axis..axis + common.len()).contains(a)).map(|a| a as isize).collect();
    let moved = (axis..axis + common.len()).map(|a| a as isize);
    order.splice(p.insert..p.insert, moved);
    ops::transpose(&taken, Some(&order))
}
