//! What convolution, pooling and images share: layouts of axes, padding, sizes along axes.

use super::{expand_dims, squeeze, transpose};
use crate::tensor::Tensor;
use rhyton_base::{Error, Result, Shape};
use std::fmt;
use std::str::FromStr;

/// Where the channels stand among the axes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum DataFormat {
    /// `[batch, spatial…, channels]`.
    #[default]
    ChannelsLast,
    /// `[batch, channels, spatial…]`.
    ChannelsFirst,
}

/// What is added around the input of a sliding window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Padding {
    /// Nothing: windows lie inside the input.
    #[default]
    Valid,
    /// As much, evenly on both sides, as gives `ceil(input / stride)` windows; what is odd goes behind.
    Same,
}

macro_rules! named {
    ($Type:ident $what:literal: $($Variant:ident $name:literal)*) => {
        impl fmt::Display for $Type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self { $($Type::$Variant => $name,)* })
            }
        }

        impl FromStr for $Type {
            type Err = Error;

            fn from_str(text: &str) -> Result<$Type> {
                match text {
                    $($name => Ok($Type::$Variant),)*
                    _ => Err(Error::name(format!(
                        concat!("expected ", $what, " {}, got {:?}"),
                        [$(concat!("\"", $name, "\"")),*].join(" or "),
                        text
                    ))),
                }
            }
        }
    };
}
pub(super) use named;

named! { DataFormat "the data format": ChannelsLast "channels_last" ChannelsFirst "channels_first" }
named! { Padding "the padding": Valid "valid" Same "same" }

/// Sizes along the spatial axes: one number for all of them, or one for each.
///
/// ```
/// use rhyton_tensor::ops::Sizes;
/// assert_eq!(Sizes::from(2).along(3).unwrap(), [2, 2, 2]);
/// assert_eq!(Sizes::from([2, 3]).along(2).unwrap(), [2, 3]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sizes(Vec<usize>, bool);

impl Sizes {
    /// One size for each of `axes` spatial axes.
    ///
    /// # Errors
    /// Where there is another number of sizes.
    pub fn along(&self, axes: usize) -> Result<Vec<usize>> {
        match self.1 {
            true => Ok(vec![self.0[0]; axes]),
            false if self.0.len() == axes => Ok(self.0.clone()),
            false => Err(Error::value(format!("expected a number or {axes} numbers, got {:?}", self.0))),
        }
    }

    /// How many sizes are given; `None` for one that counts for all axes.
    pub(super) fn given(&self) -> Option<usize> {
        (!self.1).then_some(self.0.len())
    }
}

impl From<usize> for Sizes {
    fn from(size: usize) -> Sizes {
        Sizes(vec![size], true)
    }
}

impl<const N: usize> From<[usize; N]> for Sizes {
    fn from(sizes: [usize; N]) -> Sizes {
        Sizes(sizes.to_vec(), false)
    }
}

impl From<&[usize]> for Sizes {
    fn from(sizes: &[usize]) -> Sizes {
        Sizes(sizes.to_vec(), false)
    }
}

impl From<Vec<usize>> for Sizes {
    fn from(sizes: Vec<usize>) -> Sizes {
        Sizes(sizes, false)
    }
}

/// Largest size or step: no sum or product of two of them overflows.
pub(super) const LARGEST: usize = 1 << 30;

/// An error unless every size is 1 or more, and small enough to be reckoned with.
pub(super) fn check_sizes(what: &str, sizes: &[usize]) -> Result<()> {
    if sizes.iter().any(|n| !(1..=LARGEST).contains(n)) {
        return Err(Error::value(format!("expected {what} of 1 to {LARGEST}, got {sizes:?}")));
    }
    Ok(())
}

/// `f(0), …, f(n - 1)`, or an error where there is no memory for so many.
pub(super) fn listed<T>(n: usize, f: impl FnMut(usize) -> T) -> Result<Vec<T>> {
    let mut list = Vec::new();
    list.try_reserve_exact(n).map_err(|_| Error::value(format!("no memory for {n} numbers")))?;
    list.extend((0..n).map(f));
    Ok(list)
}

/// The channels moved to the last axis.
pub(super) fn channels_last(x: &Tensor, format: DataFormat) -> Result<Tensor> {
    if format == DataFormat::ChannelsLast || x.rank() < 3 {
        return Ok(x.clone());
    }
    let rank = x.rank() as isize;
    let order: Vec<isize> = [0].into_iter().chain(2..rank).chain([1]).collect();
    transpose(x, Some(&order))
}

/// The channels moved from the last axis to where the format has them.
pub(super) fn channels_back(x: &Tensor, format: DataFormat) -> Result<Tensor> {
    if format == DataFormat::ChannelsLast || x.rank() < 3 {
        return Ok(x.clone());
    }
    let rank = x.rank() as isize;
    let order: Vec<isize> = [0, rank - 1].into_iter().chain(1..rank - 1).collect();
    transpose(x, Some(&order))
}

/// An error unless there are a batch axis, 1 to 3 spatial axes and channels; the number of spatial axes.
pub(super) fn spatial_axes(x: &Tensor) -> Result<usize> {
    match x.rank() {
        rank @ 3..=5 => Ok(rank - 2),
        _ => Err(Error::shape(format!(
            "expected a batch axis, 1 to 3 spatial axes and channels, got shape {}",
            Shape::from(x.shape())
        ))),
    }
}

/// The padding in front and behind along an axis of `n` elements.
pub(super) fn padding(kind: Padding, n: usize, span: usize, stride: usize) -> (isize, isize) {
    match kind {
        Padding::Valid => (0, 0),
        Padding::Same => {
            let windows = n.div_ceil(stride);
            let reach = windows.saturating_sub(1).saturating_mul(stride).saturating_add(span);
            let total = reach.saturating_sub(n).min(isize::MAX as usize) as isize;
            (total / 2, total - total / 2)
        }
    }
}

/// An error unless `x` has rank 3 (one image) or 4 (a batch of them).
pub(super) fn check_images(x: &Tensor) -> Result<()> {
    match x.rank() {
        3 | 4 => Ok(()),
        _ => Err(Error::shape(format!(
            "expected an image (rank 3) or a batch of images (rank 4), got shape {}",
            Shape::from(x.shape())
        ))),
    }
}

/// Runs `f` on a batch of images with channels last, and puts its result back into the form of `x`.
pub(super) fn on_batch(
    x: &Tensor,
    format: DataFormat,
    f: impl FnOnce(&Tensor) -> Result<Tensor>,
) -> Result<Tensor> {
    check_images(x)?;
    let single = x.rank() == 3;
    let batch = if single { expand_dims(x, 0)? } else { x.clone() };
    let y = channels_back(&f(&channels_last(&batch, format)?)?, format)?;
    if single { squeeze(&y, 0) } else { Ok(y) }
}
