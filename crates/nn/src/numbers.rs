//! Small helpers over tensors that the formulas of this crate share.

use rhyton_base::{DType, Element, Error, Result, Scalar, Shape, bf16, element_count, f16, promote};
use rhyton_tensor::{Axes, Tensor, ops};

/// A number as a scalar tensor of the type of `x`; `float32` for a fraction with integers.
pub(crate) fn like(x: &Tensor, number: f64) -> Result<Tensor> {
    let dtype = match x.dtype() {
        d if d.is_float() || (d != DType::Bool && number.fract() == 0.0) => d,
        _ => DType::F32,
    };
    ops::full([], number, dtype)
}

/// A tensor of one number, in memory even while a function is being traced: the first value of a variable.
pub(crate) fn filled(shape: &[usize], number: f64, dtype: DType) -> Result<Tensor> {
    fn bytes<T: Element>(count: usize, number: f64) -> Vec<u8> {
        let one = T::from_scalar(Scalar::Float(number));
        bytemuck::cast_slice(&vec![one; count]).to_vec()
    }
    let count = element_count(shape)?;
    let bytes = match dtype {
        DType::F16 => bytes::<f16>(count, number),
        DType::BF16 => bytes::<bf16>(count, number),
        DType::F32 => bytes::<f32>(count, number),
        DType::F64 => bytes::<f64>(count, number),
        DType::I32 => bytes::<i32>(count, number),
        DType::I64 => bytes::<i64>(count, number),
        other => return Err(Error::dtype(format!("expected a float type, int32 or int64, got {other}"))),
    };
    Tensor::from_bytes(&bytes, dtype, shape)
}

/// The type in which losses of these predictions are computed: that of the predictions, and at least the default
/// float type.
pub(crate) fn loss_dtype(y_pred: &Tensor) -> DType {
    let floatx = crate::config::floatx();
    if y_pred.dtype().is_float() { promote(floatx, y_pred.dtype()) } else { floatx }
}

/// Both tensors with the same rank where that takes one axis of size 1 at the end: squeezed away from the one of
/// higher rank, or added to a vector.
///
/// Source: `squeeze_or_expand_to_same_rank` in Keras's losses/loss.py.
pub(crate) fn same_rank(a: &Tensor, b: &Tensor) -> Result<(Tensor, Tensor)> {
    let column = |x: &Tensor| x.shape().last() == Some(&1);
    if a.rank() == b.rank() + 1 && column(a) {
        if b.rank() == 1 {
            return Ok((a.clone(), ops::expand_dims(b, -1)?));
        }
        return Ok((ops::squeeze(a, -1)?, b.clone()));
    }
    if b.rank() == a.rank() + 1 && column(b) {
        let (b, a) = same_rank(b, a)?;
        return Ok((a, b));
    }
    Ok((a.clone(), b.clone()))
}

/// An error unless both have the same shape.
pub(crate) fn check_same_shape(y_true: &Tensor, y_pred: &Tensor) -> Result<()> {
    if y_true.shape() == y_pred.shape() {
        return Ok(());
    }
    Err(shapes_differ(y_true, y_pred, ""))
}

/// The error about targets that do not fit predictions.
pub(crate) fn shapes_differ(y_true: &Tensor, y_pred: &Tensor, hint: &str) -> Error {
    let (t, p) = (Shape::from(y_true.shape()), Shape::from(y_pred.shape()));
    Error::shape(format!("y_true has shape {t}, y_pred has shape {p}; they must be equal{hint}"))
}

/// `x · k`.
pub(crate) fn times(x: &Tensor, k: f64) -> Result<Tensor> {
    ops::multiply(x, &like(x, k)?)
}

/// `x + k`.
pub(crate) fn plus(x: &Tensor, k: f64) -> Result<Tensor> {
    ops::add(x, &like(x, k)?)
}

/// `k - x`.
pub(crate) fn minus(k: f64, x: &Tensor) -> Result<Tensor> {
    ops::subtract(&like(x, k)?, x)
}

/// Both in the float type of the predictions, with the same rank where that takes one axis of size 1.
pub(crate) fn aligned(y_true: &Tensor, y_pred: &Tensor) -> Result<(Tensor, Tensor)> {
    let y_pred = ops::cast(y_pred, y_pred.dtype().to_float())?;
    same_rank(&ops::cast(y_true, y_pred.dtype())?, &y_pred)
}

/// [`aligned`], and an error where the shapes still differ.
pub(crate) fn paired(y_true: &Tensor, y_pred: &Tensor) -> Result<(Tensor, Tensor)> {
    let (y_true, y_pred) = aligned(y_true, y_pred)?;
    check_same_shape(&y_true, &y_pred)?;
    Ok((y_true, y_pred))
}

/// The mean over an axis, or the only element of a scalar.
pub(crate) fn mean_over(x: &Tensor, axis: isize) -> Result<Tensor> {
    if x.rank() == 0 { Ok(x.clone()) } else { ops::mean(x, axis) }
}

/// `x` over its Euclidean norm along an axis; the norm counts as ε at least.
///
/// Source: `normalize` in Keras's ops/nn.py.
pub(crate) fn unit_length(x: &Tensor, axis: isize) -> Result<Tensor> {
    let squares = ops::sum(&ops::square(x)?, Axes::from(axis).keepdims())?;
    let inverse = ops::rsqrt(&squares)?;
    ops::multiply(x, &ops::minimum(&inverse, &like(&inverse, 1.0 / crate::config::epsilon())?)?)
}

/// An error unless an argument is a finite number of at least 0.
pub(crate) fn not_negative(name: &str, value: f64) -> Result<()> {
    match value.is_finite() && value >= 0.0 {
        true => Ok(()),
        false => {
            let message = format!("expected {name} to be a finite number of at least 0, got {value}");
            Err(Error::value(message))
        }
    }
}

/// The identity matrix as truth values.
pub(crate) fn is_diagonal(rows: usize, columns: usize) -> Result<Tensor> {
    let down = ops::expand_dims(&ops::arange(rows, DType::I32)?, 1)?;
    ops::equal(&down, &ops::arange(columns, DType::I32)?)
}
