//! The operations as methods.
//!
//! Methods that cannot fail on a well-typed tensor return tensors and panic with the message of the function in
//! [`crate::ops`] of the same name, at the caller's line; the others return results.

use crate::axes::Axes;
use crate::convert::ShapeSpec;
use crate::ops;
use crate::tensor::Tensor;
use rhyton_base::{DType, Result};

/// Panics with the error's text.
#[track_caller]
pub(crate) fn expect(result: Result<Tensor>) -> Tensor {
    match result {
        Ok(x) => x,
        Err(e) => panic!("{e}"),
    }
}

macro_rules! unary {
    ($($name:ident)*) => {$(
        #[doc = concat!("See [`ops::", stringify!($name), "`].")]
        #[track_caller]
        #[must_use]
        pub fn $name(&self) -> Tensor {
            expect(ops::$name(self))
        }
    )*};
}

macro_rules! binary {
    ($($name:ident)*) => {$(
        #[doc = concat!("See [`ops::", stringify!($name), "`].")]
        ///
        /// # Errors
        /// Where shapes do not fit.
        pub fn $name(&self, other: impl Into<Tensor>) -> Result<Tensor> {
            ops::$name(self, &other.into())
        }
    )*};
}

macro_rules! reductions {
    ($($name:ident)*) => {$(
        #[doc = concat!("See [`ops::", stringify!($name), "`].")]
        ///
        /// # Errors
        /// Where an axis is not there.
        pub fn $name(&self, axes: impl Into<Axes>) -> Result<Tensor> {
            ops::$name(self, axes)
        }
    )*};
}

impl Tensor {
    unary! { abs sign exp expm1 log log1p log2 log10 sqrt rsqrt square reciprocal sin cos tan sinh cosh tanh arcsin arccos arctan sigmoid relu floor ceil round trunc erf stop_gradient logical_not isnan isinf isfinite }
    binary! { maximum minimum power equal not_equal less less_equal greater greater_equal dot }
    reductions! { sum prod max min mean var std all any argmax argmin logsumexp count_nonzero }

    /// The same numbers in another element type.
    #[track_caller]
    #[must_use]
    pub fn cast(&self, dtype: DType) -> Tensor {
        expect(ops::cast(self, dtype))
    }

    /// See [`ops::matmul`].
    ///
    /// # Errors
    /// Where shapes do not fit.
    pub fn matmul(&self, other: &Tensor) -> Result<Tensor> {
        ops::matmul(self, other)
    }

    /// See [`ops::reshape`].
    ///
    /// # Errors
    /// Where the number of elements does not fit.
    pub fn reshape(&self, shape: impl ShapeSpec) -> Result<Tensor> {
        ops::reshape(self, shape)
    }

    /// The axes in reverse order.
    #[track_caller]
    #[must_use]
    pub fn t(&self) -> Tensor {
        expect(ops::transpose(self, None))
    }

    /// The axes in another order.
    ///
    /// # Errors
    /// Where the order does not name every axis once.
    pub fn transpose(&self, order: &[isize]) -> Result<Tensor> {
        ops::transpose(self, Some(order))
    }

    /// See [`ops::swapaxes`].
    ///
    /// # Errors
    /// Where an axis is not there.
    pub fn swapaxes(&self, axis1: isize, axis2: isize) -> Result<Tensor> {
        ops::swapaxes(self, axis1, axis2)
    }

    /// See [`ops::broadcast_to`].
    ///
    /// # Errors
    /// Where the shape does not fit.
    pub fn broadcast_to(&self, shape: &[usize]) -> Result<Tensor> {
        ops::broadcast_to(self, shape)
    }

    /// See [`ops::clip`].
    ///
    /// # Errors
    /// As the function.
    pub fn clip(&self, low: f64, high: f64) -> Result<Tensor> {
        ops::clip(self, low, high)
    }

    /// See [`ops::sort`].
    ///
    /// # Errors
    /// Where the axis is not there.
    pub fn sort(&self, axis: isize) -> Result<Tensor> {
        ops::sort(self, axis)
    }

    /// See [`ops::argsort`].
    ///
    /// # Errors
    /// Where the axis is not there.
    pub fn argsort(&self, axis: isize) -> Result<Tensor> {
        ops::argsort(self, axis)
    }

    /// See [`ops::cumsum`].
    ///
    /// # Errors
    /// Where the axis is not there.
    pub fn cumsum(&self, axis: impl Into<Option<isize>>) -> Result<Tensor> {
        ops::cumsum(self, axis, None)
    }

    /// See [`ops::expand_dims`].
    ///
    /// # Errors
    /// Where the place is outside the rank.
    pub fn expand_dims(&self, axes: impl Into<Axes>) -> Result<Tensor> {
        ops::expand_dims(self, axes)
    }

    /// See [`ops::squeeze`].
    ///
    /// # Errors
    /// Where the axis has another size.
    pub fn squeeze(&self, axes: impl Into<Axes>) -> Result<Tensor> {
        ops::squeeze(self, axes)
    }

    /// See [`ops::softmax`].
    ///
    /// # Errors
    /// Where the axis is not there.
    pub fn softmax(&self, axis: isize) -> Result<Tensor> {
        ops::softmax(self, axis)
    }

    /// See [`ops::take`].
    ///
    /// # Errors
    /// Where an index is out of range.
    pub fn take(&self, indices: &Tensor, axis: impl Into<Option<isize>>) -> Result<Tensor> {
        ops::take(self, indices, axis)
    }

    /// Whether another tensor has the same type, shape and bits.
    pub fn bit_equal(&self, other: &Tensor) -> bool {
        self.meta() == other.meta() && matches!((self.to_bytes(), other.to_bytes()), (Ok(a), Ok(b)) if a == b)
    }
}
