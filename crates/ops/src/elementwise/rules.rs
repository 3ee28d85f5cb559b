//! Type rules that elementwise operations share.

use crate::op::Meta;
use rhyton_base::{DType, Error, Result};

/// The result has the argument's type, whatever it is.
pub fn same(dtype: DType) -> Result<DType> {
    Ok(dtype)
}

/// Floats keep their type; integers and truth values become `float32`.
pub fn float(dtype: DType) -> Result<DType> {
    Ok(dtype.to_float())
}

/// Numbers only: there is no arithmetic of this kind on truth values.
pub fn number(dtype: DType) -> Result<DType> {
    match dtype {
        DType::Bool => Err(Error::dtype("expected numbers, got bool; cast to int32 or float32 first")),
        _ => Ok(dtype),
    }
}

/// Integers only.
pub fn integer(dtype: DType) -> Result<DType> {
    match dtype.is_integer() {
        false => Err(Error::dtype(format!("expected integers, got {dtype}; cast first"))),
        true => Ok(dtype),
    }
}

/// Integers and truth values only.
pub fn bits(dtype: DType) -> Result<DType> {
    match dtype.is_float() {
        true => Err(Error::dtype(format!("expected integers or bool, got {dtype}; cast first"))),
        false => Ok(dtype),
    }
}

/// The result is a truth value.
pub fn truth(_: DType) -> Result<DType> {
    Ok(DType::Bool)
}

/// The arguments are taken as truth values, and so is the result.
pub fn logic(_: DType) -> Result<DType> {
    Ok(DType::Bool)
}

/// The type that the expression of a rule computes in.
pub(crate) fn work_type(rule: &str, dtype: DType) -> DType {
    match rule {
        "float" => dtype.to_float(),
        "logic" => DType::Bool,
        _ => dtype,
    }
}

/// Two arguments must have one type; callers promote first.
pub fn same_type(x: &Meta, y: &Meta) -> Result<()> {
    if x.dtype == y.dtype {
        return Ok(());
    }
    Err(Error::dtype(format!(
        "expected two tensors of one dtype, got {} and {}; cast one of them",
        x.dtype, y.dtype
    )))
}
