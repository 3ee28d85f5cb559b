//! Reductions over segments: elements that share a number.

use super::{cast, less, max, minimum, narrow, r#where};
use crate::dispatch::apply_one;
use crate::symbolic::operation;
use crate::tensor::Tensor;
use rhyton_base::{Context, DType, Error, Result};
use rhyton_ops::index::{ScatterAdd, ScatterMax, ScatterMin, ScatterProd};

/// The numbers of segments, with those outside of `0..segments` moved to `segments`.
fn segment_places(ids: &Tensor, segments: usize) -> Result<Tensor> {
    let ids = cast(ids, DType::I64)?;
    let (zero, end) = (Tensor::from(0i64), Tensor::from(i64::try_from(segments).unwrap_or(i64::MAX)));
    let below = less(&ids, &zero)?;
    r#where(&below, &end, &minimum(&ids, &end)?)
}

type Combine = fn(usize, &[&Tensor]) -> Result<Tensor>;

fn segments(
    name: &'static str,
    data: &Tensor,
    ids: &Tensor,
    count: Option<usize>,
    combine: Combine,
) -> Result<Tensor> {
    if !ids.dtype().is_integer() {
        let message = format!("expected integers as segment numbers, got {}", ids.dtype());
        return Err(Error::dtype(message).at(name));
    }
    let count = match count {
        Some(count) => count,
        None => {
            ids.expect_numbers().at(|| format!("{name}: the number of segments is not given"))?;
            let wide = cast(ids, DType::I64)?;
            let last = if ids.is_empty() { -1 } else { max(&wide, ..)?.item::<i64>()? };
            usize::try_from(last.saturating_add(1)).unwrap_or(0)
        }
    };
    operation(name, &[data, ids], move |t| {
        let (data, ids) = (t[0], t[1]);
        if ids.rank() == 0 || data.rank() < ids.rank() || data.shape()[..ids.rank()] != *ids.shape() {
            return Err(Error::shape(format!(
                "segment numbers of shape {} are not the first axes of data of shape {}",
                ids.meta().shape,
                data.meta().shape
            )));
        }
        let room = count.checked_add(1);
        let room =
            room.ok_or_else(|| Error::value(format!("{count} segments are more than memory can hold")))?;
        let all = combine(room, &[&segment_places(ids, count)?, data])?;
        narrow(&all, 0, 0, count)
    })
}

macro_rules! segment_functions {
    ($($(#[$doc:meta])* $name:ident |$size:ident| $op:expr;)*) => {$(
        $(#[$doc])*
        ///
        /// `ids` gives the segment of each element (or slice) of the first axes of `data`; those outside of
        /// `0..segments` are dropped. The result has the shape `[segments] + data.shape[ids.ndim..]`. Where the number
        /// of segments is not given it is `max(ids) + 1`, which needs numbers: not in compiled functions.
        ///
        /// # Errors
        /// Where the shape of the ids is not that of the first axes, or they are no integers.
        pub fn $name(data: &Tensor, ids: &Tensor, segments: impl Into<Option<usize>>) -> Result<Tensor> {
            self::segments(stringify!($name), data, ids, segments.into(), |$size, x| apply_one($op, x))
        }
    )*};
}

segment_functions! {
    /// The sum of each segment, 0 for an empty one.
    ///
    /// ```
    /// use rhyton_tensor::{Tensor, ops};
    /// let (x, ids) = (Tensor::from([1, 2, 10, 20]), Tensor::from([0, 0, 1, 2]));
    /// assert_eq!(ops::segment_sum(&x, &ids, 3).unwrap().to_vec::<i32>().unwrap(), [3, 10, 20]);
    /// ```
    segment_sum |size| ScatterAdd { axis: 0, size };
    /// The largest element of each segment, the lowest number of the type (minus infinity) for an empty one. Elements
    /// that tie share the gradient.
    segment_max |size| ScatterMax { size };
    /// The smallest element of each segment, the highest number of the type (infinity) for an empty one. Elements that
    /// tie share the gradient.
    segment_min |size| ScatterMin { size };
    /// The product of each segment, 1 for an empty one.
    segment_prod |size| ScatterProd { size };
}
