//! Running sums and products.

use super::{cast, full, isnan, ravel, r#where};
use crate::dispatch::apply_one;
use crate::symbolic::{described, operation_written};
use crate::tensor::Tensor;
use crate::written::Written;
use rhyton_base::{DType, Result, normalize_axis};
use rhyton_ops::sort::{CumProd, CumSum};

macro_rules! running {
    ($($(#[$doc:meta])* $name:ident $product:literal $skip:literal;)*) => {$(
        $(#[$doc])*
        ///
        /// Without an axis the flat tensor is meant. The result has the type `dtype`, or that of the argument (`int32`
        /// for `bool`). Floats are accumulated in `float64`; integers wrap around.
        ///
        /// # Errors
        /// Where the axis is not there, or for the type `bool`.
        pub fn $name(
            x: &Tensor,
            axis: impl Into<Option<isize>>,
            dtype: impl Into<Option<DType>>,
        ) -> Result<Tensor> {
            let (axis, dtype) = (axis.into(), dtype.into());
            let written = described(&[x], || {
                let class = if $product { "Cumprod" } else { "Cumsum" };
                Written::new(class, 1).with("axis", axis).with("dtype", dtype.map(|d| d.name()))
            });
            let written = written.filter(|_| !$skip);
            operation_written(stringify!($name), written, &[x], move |x| {
                let own = if x[0].dtype() == DType::Bool { DType::I32 } else { x[0].dtype() };
                let neutral = if $product { 1.0 } else { 0.0 };
                let mut x = if axis.is_some() { x[0].clone() } else { ravel(x[0])? };
                if $skip && x.dtype().is_float() {
                    x = r#where(&isnan(&x)?, &full([], neutral, x.dtype())?, &x)?;
                }
                let x = cast(&x, dtype.unwrap_or(own))?;
                let axis = normalize_axis(axis.unwrap_or(0), x.rank())?;
                if $product {
                    apply_one(CumProd { axis }, &[&x])
                } else {
                    apply_one(CumSum { axis, reverse: false }, &[&x])
                }
            })
        }
    )*};
}

running! {
    /// At every place along an axis the sum of the elements up to there.
    ///
    /// ```
    /// use rhyton_tensor::{Tensor, ops};
    /// let x = Tensor::from([[1, 2], [3, 4]]);
    /// assert_eq!(ops::cumsum(&x, 0, None).unwrap().to_vec::<i32>().unwrap(), [1, 2, 4, 6]);
    /// assert_eq!(ops::cumsum(&x, None, None).unwrap().to_vec::<i32>().unwrap(), [1, 3, 6, 10]);
    /// ```
    cumsum false false;
    /// At every place along an axis the product of the elements up to there.
    ///
    /// ```
    /// use rhyton_tensor::{Tensor, ops};
    /// let x = Tensor::from([2, 3, 4]);
    /// assert_eq!(ops::cumprod(&x, 0, None).unwrap().to_vec::<i32>().unwrap(), [2, 6, 24]);
    /// ```
    cumprod true false;
    /// [`cumsum`] with NaN taken as 0.
    nancumsum false true;
    /// [`cumprod`] with NaN taken as 1.
    nancumprod true true;
}
