//! Windows that slide along the axes between batch and channels: their sizes in files, and how many fit.

use super::reader::ConfigReader;
use rhyton_base::{Context, Dim, Error, Result};
use rhyton_tensor::ops::{Padding, Sizes};
use serde_json::{Value, json};

/// Sizes from a file: one number, or one for each axis.
pub(super) fn read_sizes(r: &mut ConfigReader, key: &'static str) -> Result<Option<Sizes>> {
    let Some(sizes) = r.integers(key)? else { return Ok(None) };
    let wrong = |_| Error::format(format!("key {key:?}: expected a size or a list of sizes, got {sizes:?}"));
    let sizes: Vec<usize> =
        sizes.iter().map(|&n| usize::try_from(n)).collect::<Result<_, _>>().map_err(wrong)?;
    match sizes.as_slice() {
        [] => Err(Error::format(format!("key {key:?}: expected a size for each axis, got none"))),
        _ => Ok(Some(Sizes::from(sizes))),
    }
}

/// Sizes as files have them: one for each axis.
pub(super) fn sizes_json(sizes: &Sizes, axes: usize) -> Value {
    json!(sizes.along(axes).ok())
}

/// One size of 1 or more for each axis.
pub(super) fn sizes_of(what: &str, sizes: &Sizes, axes: usize) -> Result<Vec<usize>> {
    let sizes = sizes.along(axes).at(|| what.to_string())?;
    if sizes.iter().any(|n| !(1..=1 << 30).contains(n)) {
        return Err(Error::value(format!("expected {what} of 1 to 1073741824, got {sizes:?}")));
    }
    Ok(sizes)
}

/// The places that a window with holes covers.
pub(super) fn span(size: usize, dilation: usize) -> usize {
    (size - 1).saturating_mul(dilation).saturating_add(1)
}

/// The padding by its name.
pub(super) fn padding(name: &str) -> Result<Padding> {
    name.to_lowercase().parse()
}

/// How many windows there are along an axis.
pub(super) fn windows(axis: usize, size: Dim, span: usize, stride: usize, padding: Padding) -> Result<Dim> {
    let Some(n) = size.known() else { return Ok(Dim::Unknown) };
    match padding {
        Padding::Same => Ok(Dim::Known(n.div_ceil(stride))),
        Padding::Valid if n < span => Err(Error::shape(format!(
            "a window of {span} does not fit into axis {axis} of {n} elements; use padding \"same\" or a smaller window"
        ))),
        Padding::Valid => Ok(Dim::Known((n - span) / stride + 1)),
    }
}
