//! Images between their pixels: interpolation at any coordinates.

use crate::ops::spatial::{listed, named};
use crate::ops::{
    abs, add, cast, clip, equal, expand_dims, floor, floor_divide, greater_equal, logical_and, r#mod,
    multiply, reshape, sign, squeeze, subtract, take, trunc, weak, r#where,
};
use crate::symbolic::operation;
use crate::tensor::Tensor;
use rhyton_base::{DType, Error, Result, Shape, promote};
use std::fmt;
use std::str::FromStr;

/// How numbers between pixels are found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // Each is the method of its name.
pub enum Interpolation {
    Nearest,
    #[default]
    Bilinear,
    Bicubic,
    Lanczos3,
    Lanczos5,
    /// The mean over the area that a pixel covers, as in TensorFlow.
    Area,
    /// Weights that fall off as a bell curve of deviation 1/2, as in TensorFlow.
    Gaussian,
    /// The cubic kernel of Mitchell and Netravali (B = C = 1/3), as in TensorFlow.
    MitchellCubic,
}

/// What stands outside of an image.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum FillMode {
    /// One number: `k k k | a b c d | k k k`.
    #[default]
    Constant,
    /// The nearest pixel: `a a a | a b c d | d d d`.
    Nearest,
    /// The image again: `b c d | a b c d | a b c`.
    Wrap,
    /// The image mirrored in its last pixel: `d c b | a b c d | c b a`.
    Mirror,
    /// The image mirrored behind its last pixel: `c b a | a b c d | d c b`.
    Reflect,
}

named! { Interpolation "the interpolation": Nearest "nearest" Bilinear "bilinear" Bicubic "bicubic" Lanczos3 "lanczos3" Lanczos5 "lanczos5" Area "area" Gaussian "gaussian" MitchellCubic "mitchellcubic" }
named! { FillMode "the fill mode": Constant "constant" Nearest "nearest" Wrap "wrap" Mirror "mirror" Reflect "reflect" }

/// How [`interpolate`] reads its source.
#[derive(Clone, Copy)]
pub(super) struct Reading {
    pub linear: bool,
    pub fill_mode: FillMode,
    pub fill_value: f64,
}

/// Numbers along one axis that take part at each place: their index, where it is inside, and their weight (`None`
/// for 1).
struct Node {
    index: Tensor,
    inside: Option<Tensor>,
    weight: Option<Tensor>,
}

/// Rounded to the nearest integer, halves away from 0.
fn round_away(x: &Tensor) -> Result<Tensor> {
    let whole = trunc(x)?;
    let far = greater_equal(&abs(&subtract(x, &whole)?)?, &weak(x, 0.5)?)?;
    r#where(&far, &add(&whole, &sign(x)?)?, &whole)
}

/// `|(index + s) mod 2s - s|` with `s = size - 1`: there and back again.
fn mirrored(index: &Tensor, size: i64) -> Result<Tensor> {
    let n = |number: i64| Ok::<_, Error>(Tensor::from(number));
    if size <= 1 {
        return multiply(index, &n(0)?);
    }
    let s = size - 1;
    abs(&subtract(&r#mod(&add(index, &n(s)?)?, &n(2 * s)?)?, &n(s)?)?)
}

/// A whole number of places along an axis of `size` elements as an index, and where it is inside.
fn index_of(at: &Tensor, size: usize, mode: FillMode) -> Result<(Tensor, Option<Tensor>)> {
    let last = weak(at, size as f64 - 1.0)?;
    let zero = weak(at, 0.0)?;
    let nowhere = |at: &Tensor| r#where(&equal(at, at)?, at, &zero);
    if let FillMode::Constant = mode {
        let inside = logical_and(&greater_equal(at, &zero)?, &crate::ops::less_equal(at, &last)?)?;
        return Ok((cast(&r#where(&inside, at, &zero)?, DType::I64)?, Some(inside)));
    }
    let at = nowhere(at)?;
    if let FillMode::Nearest = mode {
        return Ok((cast(&clip(&at, 0.0, size as f64 - 1.0)?, DType::I64)?, None));
    }
    // Far enough out that nothing is told apart any more, and near enough that 64 bits hold it.
    let index = cast(&clip(&at, -1e15, 1e15)?, DType::I64)?;
    let n = size as i64;
    let index = match mode {
        FillMode::Wrap => r#mod(&index, &Tensor::from(n))?,
        FillMode::Mirror => mirrored(&index, n)?,
        _ => {
            let doubled = add(&multiply(&index, &Tensor::from(2i64))?, &Tensor::from(1i64))?;
            let there = mirrored(&doubled, 2 * n + 1)?;
            floor_divide(&subtract(&there, &Tensor::from(1i64))?, &Tensor::from(2i64))?
        }
    };
    Ok((index, None))
}

fn nodes(at: &Tensor, size: usize, how: Reading) -> Result<Vec<Node>> {
    let node = |at: &Tensor, weight: Option<Tensor>| {
        let (index, inside) = index_of(at, size, how.fill_mode)?;
        Ok::<_, Error>(Node { index, inside, weight })
    };
    if !how.linear {
        return Ok(vec![node(&round_away(at)?, None)?]);
    }
    let lower = floor(at)?;
    let upper_weight = subtract(at, &lower)?;
    let lower_weight = subtract(&weak(at, 1.0)?, &upper_weight)?;
    Ok(vec![node(&lower, Some(lower_weight))?, node(&add(&lower, &weak(at, 1.0)?)?, Some(upper_weight))?])
}

/// `source` at coordinates, one tensor for each of its axes but the last, which is kept and may not be the only one:
/// `source` is `[elements, channels]`, `sizes` the axes that its elements are made of, and `start` the element from which
/// on each place counts.
pub(super) fn interpolate(
    source: &Tensor,
    sizes: &[usize],
    start: Option<&Tensor>,
    coordinates: &[Tensor],
    how: Reading,
) -> Result<Tensor> {
    if sizes.contains(&0) && coordinates.iter().any(|c| !c.is_empty()) {
        return Err(Error::shape("expected elements to interpolate between, got an axis of size 0"));
    }
    let mut along = Vec::new();
    for (at, &size) in coordinates.iter().zip(sizes) {
        along.push(nodes(&cast(at, at.dtype().to_float())?, size, how)?);
    }
    let dtype = source.dtype();
    let work = match how.linear {
        true => along
            .iter()
            .flatten()
            .filter_map(|n| n.weight.as_ref())
            .fold(dtype.to_float(), |d, w| promote(d, w.dtype())),
        false => dtype,
    };
    let source = cast(source, work)?;
    let mut total: Option<Tensor> = None;
    let corners: usize = along.iter().map(Vec::len).product();
    for corner in 0..corners {
        let (mut rest, mut place, mut inside, mut weight) = (corner, start.cloned(), None, None);
        let mut chosen = Vec::new();
        for nodes in along.iter().rev() {
            chosen.push(&nodes[rest % nodes.len()]);
            rest /= nodes.len();
        }
        let mut step = 1i64;
        for (node, &size) in chosen.iter().zip(sizes.iter().rev()) {
            let part = multiply(&node.index, &Tensor::from(step))?;
            step *= size as i64;
            place = Some(place.map_or(Ok(part.clone()), |p| add(&p, &part))?);
            if let Some(i) = &node.inside {
                inside = Some(inside.map_or(Ok(i.clone()), |all| logical_and(&all, i))?);
            }
            if let Some(w) = &node.weight {
                weight = Some(weight.map_or(Ok(w.clone()), |all| multiply(&all, w))?);
            }
        }
        let mut part = take(&source, &place.expect("at least one axis"), 0)?;
        if let Some(inside) = inside {
            part = r#where(&expand_dims(&inside, -1)?, &part, &cast(&Tensor::from(how.fill_value), work)?)?;
        }
        if let Some(weight) = weight {
            part = multiply(&part, &cast(&expand_dims(&weight, -1)?, work)?)?;
        }
        total = Some(total.map_or(Ok(part.clone()), |t| add(&t, &part))?);
    }
    let total = total.expect("at least one corner");
    let total = if how.linear && !dtype.is_float() { round_away(&total)? } else { total };
    cast(&total, dtype)
}

/// `inputs` at any coordinates, in its own type: `coordinates` is `[rank of inputs, …]`, and the result has the shape of
/// each of them. Order 0 takes the nearest element (halves away from 0), order 1 interpolates linearly. Integers are
/// rounded.
///
/// ```
/// use rhyton_tensor::{Tensor, ops::image};
/// let x = Tensor::from([10.0f32, 20.0, 40.0]);
/// let at = Tensor::from([[0.5f32, 1.5, 3.0]]);
/// let y = image::map_coordinates(&x, &at, 1, image::FillMode::Nearest, 0.0).unwrap();
/// assert_eq!(y.to_vec::<f32>().unwrap(), [15.0, 30.0, 40.0]);
/// ```
///
/// # Errors
/// Where there is not one coordinate for each axis (of 1 to 8), or the order is neither 0 nor 1.
pub fn map_coordinates(
    inputs: &Tensor,
    coordinates: &Tensor,
    order: usize,
    fill_mode: FillMode,
    fill_value: f64,
) -> Result<Tensor> {
    operation("map_coordinates", &[inputs, coordinates], move |x| {
        let (x, at) = (x[0], x[1]);
        if at.rank() < 2 || at.shape()[0] != x.rank() || !(1..=8).contains(&x.rank()) {
            return Err(Error::shape(format!(
                "expected coordinates of rank 2 or more, with one entry of the first axis for each axis (1 to 8) of \
                 inputs {}; got shape {}",
                Shape::from(x.shape()),
                Shape::from(at.shape())
            )));
        }
        if order > 1 {
            return Err(Error::value(format!("expected order 0 or 1, got {order}")));
        }
        let along = |i: usize| squeeze(&crate::ops::narrow(at, 0, i, i + 1)?, 0);
        let at = (0..x.rank()).map(along).collect::<Result<Vec<_>>>()?;
        let how = Reading { linear: order == 1, fill_mode, fill_value };
        let y = interpolate(&reshape(x, [x.len(), 1])?, x.shape(), None, &at, how)?;
        squeeze(&y, -1)
    })
}

/// A batch of images `[batch, height, width, channels]` at coordinates `[batch, …]` down and across.
pub(super) fn at_coordinates(x: &Tensor, down: &Tensor, across: &Tensor, how: Reading) -> Result<Tensor> {
    let &[batch, height, width, channels] = x.shape() else {
        return Err(Error::shape("expected a batch of images"));
    };
    let starts = listed(batch, |b| (b * height * width) as i64)?;
    let mut shape = vec![1; down.rank()];
    shape[0] = batch;
    let starts = Tensor::from_slice(&starts, shape)?;
    let source = reshape(x, [batch * height * width, channels])?;
    interpolate(&source, &[height, width], Some(&starts), &[down.clone(), across.clone()], how)
}
