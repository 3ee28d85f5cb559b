//! How NumPy's arrays are built: `_reconstruct`, `dtype`, and the states that fill them.

use super::{ElementType, Global, Value};
use crate::npy;
use rhyton_base::{Context, Error, Result, Shape, element_count};

/// A whole number of up to eight bytes, in two's complement.
pub(super) fn long(bytes: &[u8]) -> Result<i64> {
    if bytes.len() > 8 {
        return Err(Error::unsupported(format!(
            "a whole number of {} bytes; expected at most 8",
            bytes.len()
        )));
    }
    let negative = bytes.last().is_some_and(|b| b & 0x80 != 0);
    let mut all = if negative { [0xFF; 8] } else { [0; 8] };
    all[..bytes.len()].copy_from_slice(bytes);
    Ok(i64::from_le_bytes(all))
}

/// The two calls there are: a new array, and a type of elements.
pub(super) fn reduce<'a>(function: Value<'a>, arguments: Value<'a>) -> Result<Value<'a>> {
    match (function, arguments) {
        (Value::Global(Global::Reconstruct), Value::Tuple(arguments))
            if matches!(arguments[..], [Value::Global(Global::NdArray), ..]) =>
        {
            Ok(Value::Blank)
        }
        (Value::Global(Global::DType), Value::Tuple(arguments)) => match arguments.first().and_then(text) {
            Some(kind) => Ok(Value::DType(ElementType { kind, order: "|" })),
            None => Err(Error::format("numpy.dtype without a name; the pickle is damaged")),
        },
        (function, _) => Err(Error::format(format!(
            "expected one of NumPy's functions with its arguments, received {}; the pickle is damaged",
            function.kind()
        ))),
    }
}

/// A state put into an array or a type.
pub(super) fn build<'a>(value: Value<'a>, state: Value<'a>) -> Result<Value<'a>> {
    let Value::Tuple(state) = state else {
        return Err(Error::format(format!("expected a tuple for a state, received {}", state.kind())));
    };
    match value {
        Value::DType(dtype) => element_type(dtype, &state),
        Value::Blank => array(state).at(|| "array"),
        other => Err(Error::format(format!(
            "expected an array or its type to be filled, received {}; the pickle is damaged",
            other.kind()
        ))),
    }
}

fn text<'a>(value: &Value<'a>) -> Option<&'a str> {
    match value {
        Value::Text(text) => Some(text),
        Value::Bytes(bytes) => std::str::from_utf8(bytes).ok(),
        _ => None,
    }
}

/// `(version, order of bytes, sub-array, names, fields, ..)`.
fn element_type<'a>(dtype: ElementType<'a>, state: &[Value<'a>]) -> Result<Value<'a>> {
    let [_, order, Value::None, Value::None, Value::None, ..] = state else {
        return Err(Error::unsupported("arrays of records; save each field as an array of its own"));
    };
    match text(order) {
        Some(order @ ("<" | ">" | "|" | "=")) => Ok(Value::DType(ElementType { order, ..dtype })),
        _ => Err(Error::format("expected the order of bytes of an array's type; the pickle is damaged")),
    }
}

/// `(version, shape, type, by columns, elements)`.
fn array(state: Vec<Value<'_>>) -> Result<Value<'_>> {
    let state: [Value<'_>; 5] = state
        .try_into()
        .map_err(|s: Vec<_>| Error::format(format!("expected a state of 5 values, received {}", s.len())))?;
    let [_, shape, dtype, fortran, data] = state;
    let (Value::Tuple(shape), Value::DType(dtype)) = (shape, dtype) else {
        return Err(Error::format("a state without shape and type; the pickle is damaged"));
    };
    let fortran = match fortran {
        Value::Bool(b) => b,
        Value::Int(n) => n != 0,
        other => {
            return Err(Error::format(format!("expected the order of the axes, received {}", other.kind())));
        }
    };
    let size = |v: &Value| match v {
        Value::Int(n) => usize::try_from(*n).ok(),
        _ => None,
    };
    let shape: Option<Vec<usize>> = shape.iter().map(size).collect();
    let shape = shape.ok_or_else(|| Error::format("a shape that is not made of sizes"))?;
    let count = element_count(&shape)?;
    if dtype.kind.starts_with('O') {
        let held = match &data {
            Value::List(list) => list.len(),
            Value::Ints(ints) => ints.len(),
            other => {
                return Err(Error::format(format!(
                    "expected a list of the objects of an array, received {}",
                    other.kind()
                )));
            }
        };
        if held != count {
            let shape = Shape::from(&shape);
            return Err(Error::format(format!(
                "expected {count} objects for shape {shape}, received {held}"
            )));
        }
        return Ok(Value::Objects { shape, values: Box::new(data) });
    }
    let (dtype, big_endian) = npy::parse_descr(&format!("{}{}", dtype.order, dtype.kind))?;
    let Value::Bytes(bytes) = data else {
        return Err(Error::format(format!("expected the bytes of an array, received {}", data.kind())));
    };
    if Some(bytes.len()) != count.checked_mul(dtype.size()) {
        return Err(Error::format(format!(
            "expected {count} elements of {dtype} (shape {}), received {} bytes",
            Shape::from(&shape),
            bytes.len()
        )));
    }
    npy::row_major_little_endian(dtype, big_endian, fortran, shape, bytes.to_vec()).map(Value::Array)
}
