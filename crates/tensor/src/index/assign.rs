//! Tensors with the part that an index names replaced.

use super::select::plan;
use super::{TensorIndex, select};
use crate::dispatch::apply_one;
use crate::ops;
use crate::tensor::Tensor;
use rhyton_base::{DType, Result};
use rhyton_ops::index::{Overwrite, ScatterAdd, ScatterSet};

/// What happens to the named elements.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Change {
    Set,
    Add,
}

/// `x` with the elements at an index without masks set to a value, or the value added to them. The value is cast to
/// the type of `x` and broadcast. Of several values set at one place the last wins; all that are added count.
pub(crate) fn changed(x: &Tensor, parts: Vec<TensorIndex>, value: &Tensor, change: Change) -> Result<Tensor> {
    let value = ops::cast(value, x.dtype())?;
    let p = plan(x, &parts)?;
    if p.lists.is_empty() {
        let mut value = ops::broadcast_to(&value, &p.shape)?;
        if value.is_empty() {
            return Ok(x.clone());
        }
        if change == Change::Add {
            value = ops::add(&select(x, parts)?, &value)?;
        }
        let lengths: Vec<usize> = p.places.iter().map(|l| l.2).collect();
        let value = ops::reshape(&value, lengths)?;
        let places = p.places.iter().map(|l| (l.0, l.1)).collect();
        return apply_one(Overwrite { places }, &[x, &value]);
    }
    let numbers = ops::reshape(&ops::arange(x.len(), DType::I64)?, x.shape())?;
    let at = select(&numbers, parts)?;
    let value = ops::broadcast_to(&value, at.shape())?;
    let (at, value, flat) = (ops::ravel(&at)?, ops::ravel(&value)?, ops::ravel(x)?);
    let result = match change {
        Change::Set => apply_one(ScatterSet, &[&flat, &at, &value])?,
        Change::Add => ops::add(&flat, &apply_one(ScatterAdd { axis: 0, size: x.len() }, &[&at, &value])?)?,
    };
    ops::reshape(&result, x.shape())
}
