//! Shapes, parts, joins and types.

use super::Row;
use super::arguments::Arguments;
use rhyton_base::{Error, Result};
use rhyton_tensor::{Attr, Ellipsis, NewAxis, Sections, Span, Tensor, TensorIndex, ops};

fn references(all: &[Tensor]) -> Vec<&Tensor> {
    all.iter().collect()
}

/// The index of `GetItem`.
fn index(a: &Arguments, key: &Attr) -> Result<Vec<TensorIndex>> {
    let place = |x: &i64| isize::try_from(*x).map_err(|_| Error::format(format!("index {x} is too large")));
    let end = |x: &Option<i64>| x.as_ref().map(place).transpose();
    let one = |attr: &Attr| -> Result<TensorIndex> {
        Ok(match attr {
            Attr::None => NewAxis.into(),
            Attr::Int(x) => place(x)?.into(),
            Attr::Slice([start, stop, step]) => {
                Span::new(end(start)?, end(stop)?, end(step)?.unwrap_or(1)).into()
            }
            Attr::Ellipsis => Ellipsis.into(),
            Attr::Tensor(i) => match a.inputs.get(*i) {
                Some(x) => TensorIndex::from(x),
                None => return Err(Error::format("an index is missing")),
            },
            other => return Err(Error::format(format!("expected an index, got {other:?}"))),
        })
    };
    match key {
        Attr::List(all) => all.iter().map(one).collect(),
        other => Ok(vec![one(other)?]),
    }
}

fn sections(a: &Arguments) -> Result<Sections> {
    Ok(match a.own("indices_or_sections") {
        Attr::Int(_) => Sections::Equal(a.int("indices_or_sections", 1)?),
        _ => Sections::At(a.ints("indices_or_sections")?),
    })
}

/// `(before, after)` for each axis, from one number, one pair, or a pair for each.
fn widths(a: &Arguments, rank: usize) -> Result<Vec<(usize, usize)>> {
    let size = |attr: &Attr| match attr {
        Attr::Int(x) => usize::try_from(*x).ok(),
        _ => None,
    };
    let pair = |attr: &Attr| match attr {
        Attr::List(all) => match all.as_slice() {
            [one] => Some((size(one)?, size(one)?)),
            [before, after] => Some((size(before)?, size(after)?)),
            _ => None,
        },
        one => Some((size(one)?, size(one)?)),
    };
    let own = a.own("pad_width");
    let all = match own {
        Attr::List(all) if all.iter().all(|a| matches!(a, Attr::List(_))) && all.len() > 1 => {
            all.iter().map(pair).collect::<Option<Vec<_>>>()
        }
        Attr::List(all) if all.len() == 1 => pair(&all[0]).map(|p| vec![p; rank]),
        other => pair(other).map(|p| vec![p; rank]),
    };
    all.ok_or_else(|| Error::format(format!("\"pad_width\": expected sizes, got {own:?}")))
}

/// A shape in which one size may be -1; null stands for that too.
fn new_shape(a: &Arguments, key: &str) -> Result<Vec<isize>> {
    match a.own(key) {
        Attr::List(all) => all
            .iter()
            .map(|n| if *n == Attr::None { Ok(-1) } else { super::arguments::int(key, n) })
            .collect(),
        _ => a.ints(key),
    }
}

macro_rules! joined {
    ($class:literal $f:path) => {
        ($class, "numpy", |a| Ok(vec![$f(&references(&a.several()?), a.int("axis", 0)?)?]))
    };
    ($class:literal $f:path, whole) => {
        ($class, "numpy", |a| Ok(vec![$f(&references(&a.several()?))?]))
    };
}

pub(super) const TABLE: &[Row] = &[
    ("Cast", "core", |a| Ok(vec![ops::cast(&a.only()?, a.dtype("dtype")?)?])),
    ("SaturateCast", "core", |a| Ok(vec![ops::saturate_cast(&a.only()?, a.dtype("dtype")?)?])),
    ("ConvertToTensor", "core", |a| {
        let x = a.only()?;
        Ok(vec![match a.maybe_dtype("dtype")? {
            Some(dtype) => ops::cast(&x, dtype)?,
            None => x,
        }])
    }),
    ("Array", "numpy", |a| {
        let x = a.only()?;
        Ok(vec![match a.maybe_dtype("dtype")? {
            Some(dtype) => ops::cast(&x, dtype)?,
            None => x,
        }])
    }),
    ("View", "numpy", |a| Ok(vec![ops::view(&a.only()?, a.dtype("dtype")?)?])),
    ("Unstack", "core", |a| ops::unstack(&a.only()?, a.int("axis", 0)?)),
    ("Slice", "core", |a| {
        let start = match a.plain(1, "start_indices") {
            Attr::List(all) => {
                all.iter().map(|n| super::arguments::int("start_indices", n)).collect::<Result<Vec<_>>>()?
            }
            other => {
                return Err(Error::format(format!(
                    "\"start_indices\": expected whole numbers, got {other:?}"
                )));
            }
        };
        let start: Vec<usize> = start.into_iter().map(|n| usize::try_from(n).unwrap_or(usize::MAX)).collect();
        Ok(vec![ops::slice(&a.tensor(0, "inputs")?, &start, &new_shape(a, "shape")?)?])
    }),
    ("GetItem", "numpy", |a| {
        let x = a.tensor(0, "x")?;
        Ok(vec![x.i(index(a, a.plain(1, "key"))?)?])
    }),
    ("Reshape", "numpy", |a| Ok(vec![ops::reshape(&a.only()?, new_shape(a, "newshape")?)?])),
    ("Transpose", "numpy", |a| Ok(vec![ops::transpose(&a.only()?, a.maybe_ints("axes")?.as_deref())?])),
    ("ExpandDims", "numpy", |a| Ok(vec![ops::expand_dims(&a.only()?, a.axes()?)?])),
    ("Squeeze", "numpy", |a| Ok(vec![ops::squeeze(&a.only()?, a.axes()?)?])),
    ("Ravel", "numpy", |a| Ok(vec![ops::ravel(&a.only()?)?])),
    ("Flip", "numpy", |a| Ok(vec![ops::flip(&a.only()?, a.axes()?)?])),
    ("Fliplr", "numpy", |a| Ok(vec![ops::fliplr(&a.only()?)?])),
    ("Flipud", "numpy", |a| Ok(vec![ops::flipud(&a.only()?)?])),
    ("Rot90", "numpy", |a| {
        let axes = match a.maybe_ints("axes")?.as_deref() {
            Some([first, second]) => [*first, *second],
            _ => [0, 1],
        };
        Ok(vec![ops::rot90(&a.only()?, a.int("k", 1)?, axes)?])
    }),
    ("BroadcastTo", "numpy", |a| Ok(vec![ops::broadcast_to(&a.only()?, &a.sizes("shape")?)?])),
    ("Moveaxis", "numpy", |a| {
        Ok(vec![ops::moveaxis(&a.only()?, &a.ints("source")?, &a.ints("destination")?)?])
    }),
    ("Swapaxes", "numpy", |a| Ok(vec![ops::swapaxes(&a.only()?, a.int("axis1", 0)?, a.int("axis2", 1)?)?])),
    ("Roll", "numpy", |a| {
        let (shift, axes) = (a.ints("shift")?, a.maybe_ints("axis")?);
        Ok(vec![ops::roll(&a.only()?, &shift, axes.as_deref())?])
    }),
    ("Repeat", "numpy", |a| {
        let x = a.only()?;
        let axis = a.maybe_int("axis")?;
        Ok(vec![match a.own("repeats") {
            Attr::Int(_) => ops::repeat(&x, a.size("repeats")?, axis)?,
            _ => ops::repeat(&x, a.sizes("repeats")?, axis)?,
        }])
    }),
    ("Tile", "numpy", |a| Ok(vec![ops::tile(&a.only()?, &a.sizes("repeats")?)?])),
    ("Pad", "numpy", |a| {
        let x = a.tensor(0, "x")?;
        let mode = match a.text("mode")?.unwrap_or("constant") {
            "constant" => ops::PadMode::constant(match a.plain(1, "constant_values") {
                Attr::Float(value) => *value,
                Attr::Int(value) => *value as f64,
                _ => 0.0,
            }),
            "reflect" => ops::PadMode::Reflect,
            "symmetric" => ops::PadMode::Symmetric,
            "edge" => ops::PadMode::Edge,
            "wrap" => ops::PadMode::Wrap,
            other => return Err(Error::unsupported(format!("pad mode {other:?}"))),
        };
        Ok(vec![ops::pad(&x, &widths(a, x.rank())?, mode)?])
    }),
    ("Clip", "numpy", |a| {
        Ok(vec![ops::clip(
            &a.only()?,
            a.float("x_min", f64::NEG_INFINITY)?,
            a.float("x_max", f64::INFINITY)?,
        )?])
    }),
    ("Round", "numpy", |a| {
        let decimals = i32::try_from(a.int("decimals", 0)?).unwrap_or(0);
        let x = a.only()?;
        Ok(vec![if decimals == 0 { ops::round(&x)? } else { ops::round_with(&x, decimals)? }])
    }),
    ("Where", "numpy", |a| {
        let (x, y) = (a.tensor(1, "x1")?, a.tensor(2, "x2")?);
        // A plain number takes the type of the other choice.
        let (x, y) = match (a.plain(1, "x1"), a.plain(2, "x2")) {
            (Attr::Tensor(_), Attr::Tensor(_)) => (x, y),
            (Attr::Tensor(_), other) => (x.clone(), beside(other, &x, y)?),
            (other, Attr::Tensor(_)) => (beside(other, &y, x)?, y.clone()),
            (one, other) => {
                let like = Tensor::from(0.0f32);
                (beside(one, &like, x)?, beside(other, &like, y)?)
            }
        };
        Ok(vec![ops::r#where(&a.tensor(0, "condition")?, &x, &y)?])
    }),
    ("Take", "numpy", |a| {
        Ok(vec![ops::take(&a.tensor(0, "x")?, &a.tensor(1, "indices")?, a.maybe_int("axis")?)?])
    }),
    ("TakeAlongAxis", "numpy", |a| {
        Ok(vec![ops::take_along_axis(&a.tensor(0, "x")?, &a.tensor(1, "indices")?, a.maybe_int("axis")?)?])
    }),
    ("OnesLike", "numpy", |a| Ok(vec![ops::ones_like_with(&a.only()?, a.maybe_dtype("dtype")?)?])),
    ("ZerosLike", "numpy", |a| Ok(vec![ops::zeros_like_with(&a.only()?, a.maybe_dtype("dtype")?)?])),
    ("FullLike", "numpy", |a| {
        let value = match a.plain(1, "fill_value") {
            Attr::Float(value) => *value,
            Attr::Int(value) => *value as f64,
            other => {
                return Err(Error::unsupported(format!("\"fill_value\": expected a number, got {other:?}")));
            }
        };
        Ok(vec![ops::full_like(&a.tensor(0, "x")?, value, a.maybe_dtype("dtype")?)?])
    }),
    ("Tril", "numpy", |a| Ok(vec![ops::tril(&a.only()?, a.int("k", 0)?)?])),
    ("Triu", "numpy", |a| Ok(vec![ops::triu(&a.only()?, a.int("k", 0)?)?])),
    ("Diagonal", "numpy", |a| {
        Ok(vec![ops::diagonal(&a.only()?, a.int("offset", 0)?, a.int("axis1", 0)?, a.int("axis2", 1)?)?])
    }),
    ("Trace", "numpy", |a| {
        Ok(vec![ops::trace(&a.only()?, a.int("offset", 0)?, a.int("axis1", 0)?, a.int("axis2", 1)?)?])
    }),
    ("NanToNum", "numpy", |a| {
        let (nan, high, low) = (a.float("nan", 0.0)?, a.maybe_float("posinf")?, a.maybe_float("neginf")?);
        Ok(vec![ops::nan_to_num(&a.only()?, nan, high, low)?])
    }),
    ("Split", "numpy", |a| ops::split(&a.only()?, sections(a)?, a.int("axis", 0)?)),
    ("ArraySplit", "numpy", |a| ops::array_split(&a.only()?, sections(a)?, a.int("axis", 0)?)),
    ("Hsplit", "numpy", |a| ops::hsplit(&a.only()?, sections(a)?)),
    ("Vsplit", "numpy", |a| ops::vsplit(&a.only()?, sections(a)?)),
    ("Dsplit", "numpy", |a| ops::dsplit(&a.only()?, sections(a)?)),
    joined!("Concatenate" ops::concatenate),
    joined!("Stack" ops::stack),
    joined!("Hstack" ops::hstack, whole),
    joined!("Vstack" ops::vstack, whole),
    joined!("Dstack" ops::dstack, whole),
    ("Append", "numpy", |a| {
        let (x, y) = a.two()?;
        Ok(vec![ops::append(&x, &y, a.maybe_int("axis")?)?])
    }),
    ("Einsum", "numpy", |a| {
        let subscripts =
            a.text("subscripts")?.ok_or_else(|| Error::format("key \"subscripts\" is missing"))?;
        Ok(vec![ops::einsum(subscripts, &references(&a.several()?))?])
    }),
    ("Tensordot", "numpy", |a| {
        let (x, y) = a.two()?;
        let axes = match a.own("axes") {
            Attr::List(both) => {
                let list = |attr: &Attr| match attr {
                    Attr::List(all) => {
                        all.iter().map(|n| super::arguments::int("axes", n)).collect::<Result<Vec<_>>>()
                    }
                    one => Ok(vec![super::arguments::int("axes", one)?]),
                };
                match both.as_slice() {
                    [first, second] => ops::DotAxes::Pairs(list(first)?, list(second)?),
                    other => {
                        return Err(Error::format(format!("\"axes\": expected two lists, got {other:?}")));
                    }
                }
            }
            _ => ops::DotAxes::Count(a.maybe_size("axes")?.unwrap_or(2)),
        };
        Ok(vec![ops::tensordot(&x, &y, axes)?])
    }),
    ("Rearrange", "einops", |a| {
        let Attr::Text(pattern) = a.plain(1, "pattern") else {
            return Err(Error::format("\"pattern\": expected a text"));
        };
        let own = |(key, value): &'_ (String, Attr)| match value {
            Attr::Int(n) if key != "pattern" => usize::try_from(*n).ok().map(|n| (key.clone(), n)),
            _ => None,
        };
        let lengths: Vec<(String, usize)> = a.written.kwargs.iter().filter_map(own).collect();
        let lengths: Vec<(&str, usize)> = lengths.iter().map(|(key, n)| (key.as_str(), *n)).collect();
        Ok(vec![ops::rearrange(&a.tensor(0, "tensor")?, pattern, &lengths)?])
    }),
    ("Meshgrid", "numpy", |a| ops::meshgrid(&references(&a.several()?), a.text("indexing")?.unwrap_or("xy"))),
];

/// A plain number in the type that it takes beside a tensor; a tensor as it is.
fn beside(attr: &Attr, other: &Tensor, given: Tensor) -> Result<Tensor> {
    crate::saving::values::number_like(attr, other.dtype()).unwrap_or(Ok(given))
}
