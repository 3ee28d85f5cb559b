//! Padding.

use super::{add, arange, cast, maximum, minimum, r#mod, subtract, take};
use crate::dispatch::apply_one;
use crate::symbolic::operation;
use crate::tensor::Tensor;
use rhyton_base::{DType, Error, Result, Scalar, element_count};
use rhyton_ops::index::Embed;
use std::str::FromStr;

/// What [`pad`] fills the border with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PadMode {
    /// A number.
    Constant(Scalar),
    /// The tensor mirrored at its border elements, which are not repeated: `c b | a b c | b a`.
    Reflect,
    /// The tensor mirrored behind its border elements: `b a | a b c | c b`.
    Symmetric,
    /// The border elements: `a a | a b c | c c`.
    Edge,
    /// The tensor over and over: `b c | a b c | a b`.
    Wrap,
}

impl PadMode {
    /// A border of one number.
    pub fn constant(value: impl Into<Scalar>) -> PadMode {
        PadMode::Constant(value.into())
    }
}

impl FromStr for PadMode {
    type Err = Error;

    /// Keras's names; `"constant"` is a border of zeros.
    fn from_str(name: &str) -> Result<PadMode> {
        const NAMES: [&str; 5] = ["constant", "reflect", "symmetric", "edge", "wrap"];
        match name {
            "constant" => Ok(PadMode::Constant(Scalar::Int(0))),
            "reflect" => Ok(PadMode::Reflect),
            "symmetric" => Ok(PadMode::Symmetric),
            "edge" => Ok(PadMode::Edge),
            "wrap" => Ok(PadMode::Wrap),
            _ => Err(Error::name(format!(
                "unknown padding mode {name:?}{}",
                rhyton_base::did_you_mean(name, &NAMES)
            ))),
        }
    }
}

/// A border of `(before, after)` places around each axis; one pair serves for all axes.
///
/// # Errors
/// Where there is not one pair for each axis, or an empty axis should be mirrored or repeated.
///
/// ```
/// use rhyton_tensor::{Tensor, ops, ops::PadMode};
/// let x = Tensor::from([1, 2, 3]);
/// let padded = |mode| ops::pad(&x, &[(2, 1)], mode).unwrap().to_vec::<i32>().unwrap();
/// assert_eq!(padded(PadMode::constant(9)), [9, 9, 1, 2, 3, 9]);
/// assert_eq!(padded(PadMode::Reflect), [3, 2, 1, 2, 3, 2]);
/// assert_eq!(padded(PadMode::Wrap), [2, 3, 1, 2, 3, 1]);
/// ```
pub fn pad(x: &Tensor, widths: &[(usize, usize)], mode: PadMode) -> Result<Tensor> {
    let widths = widths.to_vec();
    operation("pad", &[x], move |x| {
        let x = x[0];
        let widths = match widths.as_slice() {
            [one] => vec![*one; x.rank()],
            all if all.len() == x.rank() => all.to_vec(),
            all => {
                let message =
                    format!("expected a pair of widths an axis of {}, got {}", x.meta().shape, all.len());
                return Err(Error::value(message));
            }
        };
        let mut shape = x.shape().to_vec();
        for (size, &(before, after)) in shape.iter_mut().zip(&widths) {
            let total = size.checked_add(before).and_then(|n| n.checked_add(after));
            *size = total.ok_or_else(|| Error::shape("a padded axis is longer than memory can hold"))?;
        }
        element_count(&shape)?;
        if let PadMode::Constant(value) = mode {
            let places = widths.iter().map(|&(before, _)| (before, 1)).collect();
            return apply_one(Embed { shape, places, value }, &[x]);
        }
        let mut out = x.clone();
        for (axis, &(before, after)) in widths.iter().enumerate() {
            if (before, after) == (0, 0) {
                continue;
            }
            let size = x.shape()[axis];
            if size == 0 {
                return Err(Error::shape(format!(
                    "axis {axis} of shape {} has nothing to pad with; use a constant",
                    x.meta().shape
                )));
            }
            out = take(&out, &sources(size, before, shape[axis], mode)?, axis as isize)?;
        }
        Ok(out)
    })
}

/// For each place of a padded axis the place that it shows.
fn sources(size: usize, before: usize, total: usize, mode: PadMode) -> Result<Tensor> {
    let whole = |n: usize| cast(&Tensor::from(n as u64), DType::I64);
    let n = whole(size)?;
    let place = subtract(&arange(total, DType::I64)?, &whole(before)?)?;
    // Folding at 2n - 1 - i (symmetric) or 2n - 2 - i (reflect) is a minimum once a period is left.
    let folded = |period: usize, top: usize| {
        let within = r#mod(&place, &whole(period.max(1))?)?;
        minimum(&within, &subtract(&whole(top)?, &within)?)
    };
    match mode {
        PadMode::Reflect => folded(2 * (size - 1), 2 * (size - 1)),
        PadMode::Symmetric => folded(2 * size, 2 * size - 1),
        PadMode::Wrap => r#mod(&place, &n),
        PadMode::Edge | PadMode::Constant(_) => {
            let last = add(&n, &Tensor::from(-1i64))?;
            minimum(&maximum(&place, &Tensor::from(0i64))?, &last)
        }
    }
}
