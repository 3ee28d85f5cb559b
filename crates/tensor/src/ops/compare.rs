//! Truth values made of others: what kind of number it is, and how near to another.

use super::elementwise::weak;
use super::numeric::scaled;
use super::{
    abs, add, all, any, cast, equal, expand_dims, isfinite, isinf, isnan, less_equal, logical_and,
    logical_or, reshape, signbit, subtract,
};
use crate::symbolic::operation;
use crate::tensor::Tensor;
use rhyton_base::{DType, Result, promote};

/// Whether each element has no imaginary part: true everywhere.
///
/// # Errors
/// Where there is no memory.
pub fn isreal(x: &Tensor) -> Result<Tensor> {
    super::ones_like_with(x, DType::Bool)
}

/// Whether it is +∞.
///
/// # Errors
/// Where there is no memory.
pub fn isposinf(x: &Tensor) -> Result<Tensor> {
    operation("isposinf", &[x], |x| logical_and(&isinf(x[0])?, &super::logical_not(&signbit(x[0])?)?))
}

/// Whether it is -∞.
///
/// # Errors
/// Where there is no memory.
pub fn isneginf(x: &Tensor) -> Result<Tensor> {
    operation("isneginf", &[x], |x| logical_and(&isinf(x[0])?, &signbit(x[0])?))
}

/// How near two numbers have to be for [`isclose`] and [`allclose`]: `|x - y| <= absolute + relative |y|`, where both
/// are 1e-5 and 1e-8 by default, and NaN is not close to NaN.
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// let (x, y) = (Tensor::from([1.0f32, 2.0]), Tensor::from([1.0f32, 2.1]));
/// assert_eq!(ops::isclose(&x, &y, Default::default()).unwrap().to_vec::<bool>().unwrap(), [true, false]);
/// let wide = ops::Closeness { relative: 0.1, ..Default::default() };
/// assert!(ops::allclose(&x, &y, wide).unwrap().item::<bool>().unwrap());
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Closeness {
    /// `rtol`: the part of `|y|`.
    pub relative: f64,
    /// `atol`: what is allowed near 0.
    pub absolute: f64,
    /// Whether NaN is close to NaN.
    pub equal_nan: bool,
}

impl Default for Closeness {
    fn default() -> Closeness {
        Closeness { relative: 1e-5, absolute: 1e-8, equal_nan: false }
    }
}

/// Whether each pair is nearly equal; infinities are close to themselves only. Integers are compared in `float64`.
///
/// # Errors
/// Where shapes do not fit.
pub fn isclose(x: &Tensor, y: &Tensor, how: Closeness) -> Result<Tensor> {
    operation("isclose", &[x, y], move |x| {
        let dtype = match promote(x[0].dtype(), x[1].dtype()) {
            DType::F32 | DType::F16 | DType::BF16 if x[0].dtype().is_float() && x[1].dtype().is_float() => {
                DType::F32
            }
            _ => DType::F64,
        };
        let (x, y) = (cast(x[0], dtype)?, cast(x[1], dtype)?);
        let allowed = add(&scaled(&abs(&y)?, how.relative)?, &weak(&y, how.absolute)?)?;
        let near = less_equal(&abs(&subtract(&x, &y)?)?, &allowed)?;
        let finite = logical_and(&isfinite(&x)?, &isfinite(&y)?)?;
        let close = logical_or(&logical_and(&near, &finite)?, &equal(&x, &y)?)?;
        if how.equal_nan { logical_or(&close, &logical_and(&isnan(&x)?, &isnan(&y)?)?) } else { Ok(close) }
    })
}

/// Whether all pairs are nearly equal, as one truth value.
///
/// # Errors
/// Where shapes do not fit.
pub fn allclose(x: &Tensor, y: &Tensor, how: Closeness) -> Result<Tensor> {
    operation("allclose", &[x, y], move |x| all(&isclose(x[0], x[1], how)?, ..))
}

/// Comparisons that [`isin`] makes at a time.
const AT_ONCE: usize = 1 << 22;

/// Whether each element of `x` is among the elements of `y` (or is not, with `invert`). The shape is that of `x`.
///
/// Every element is compared with every other one, so time grows with the product of the sizes. NaN is never found.
///
/// # Errors
/// Where there is no memory.
///
/// ```
/// use rhyton_tensor::{Tensor, ops};
/// let found = ops::isin(&Tensor::from([1, 2, 3]), &Tensor::from([3, 1]), false).unwrap();
/// assert_eq!(found.to_vec::<bool>().unwrap(), [true, false, true]);
/// ```
pub fn isin(x: &Tensor, y: &Tensor, invert: bool) -> Result<Tensor> {
    operation("isin", &[x, y], move |x| {
        let (x, y) = super::elementwise::promoted(x[0], x[1])?;
        let y = reshape(&y, [-1])?;
        let each = expand_dims(&x, -1)?;
        let part = (AT_ONCE / x.len().max(1)).max(1);
        let mut found = super::zeros_like_with(&x, DType::Bool)?;
        for start in (0..y.len()).step_by(part) {
            let some = super::narrow(&y, 0, start, (start + part).min(y.len()))?;
            found = logical_or(&found, &any(&equal(&each, &some)?, -1)?)?;
        }
        if invert { super::logical_not(&found) } else { Ok(found) }
    })
}
