//! Gathering, and integers that name places.

use super::{Input, Output, around, each_part, each_type, rows_a_part};
use rhyton_base::{DType, Error, Result};

/// `out[o, i, r] = x[o, indices[i], r]`.
pub fn gather(axis: usize, x: &Input, indices: &Input, out: &mut Output) -> Result<()> {
    let (_, size, inner) = around(x.shape, axis);
    let at = places(indices, size)?;
    let count = at.len().max(1);
    let bytes = inner * x.dtype.size();
    let total = out.bytes().len();
    if total == 0 {
        return Ok(());
    }
    let rows = rows_a_part(bytes);
    if inner == 1 {
        each_type!(x.dtype, T => {
            let from = x.of::<T>();
            each_part(out.of::<T>().chunks_mut(rows), total, |part, to| {
                let (mut o, mut i) = (part * rows / count, part * rows % count);
                for to in to {
                    *to = from[o * size + at[i]];
                    i += 1;
                    if i == count {
                        (o, i) = (o + 1, 0);
                    }
                }
            });
        });
        return Ok(());
    }
    let from = x.bytes();
    each_part(out.bytes().chunks_mut(rows * bytes), total, |part, to| {
        for (k, to) in to.chunks_exact_mut(bytes).enumerate() {
            let row = part * rows + k;
            let source = (row / count * size + at[row % count]) * bytes;
            to.copy_from_slice(&from[source..source + bytes]);
        }
    });
    Ok(())
}

/// `out = (i0 · n1 + i1) · n2 + …`.
pub fn ravel(sizes: &[usize], axes: &[usize], inputs: &[Input], out: &mut Output) -> Result<()> {
    let to = out.of::<i64>();
    to.fill(0);
    for ((&size, &axis), indices) in sizes.iter().zip(axes).zip(inputs) {
        let found = each_index(indices, size, |i, place| to[i] = to[i] * size as i64 + place as i64);
        if let Err(value) = found {
            let hint = match size {
                0 => "the axis is empty".to_string(),
                n => format!("use -{n} to {}", n - 1),
            };
            return Err(Error::shape(format!(
                "index {value} is out of bounds for axis {axis} with size {size}; {hint}"
            )));
        }
    }
    Ok(())
}

/// The indices counted from the front.
pub fn places(indices: &Input, size: usize) -> Result<Vec<usize>> {
    let mut places = Vec::with_capacity(indices.shape.iter().product());
    match each_index(indices, size, |_, place| places.push(place)) {
        Ok(()) => Ok(places),
        Err(value) if size == 0 => {
            Err(Error::value(format!("index {value} is out of range for an axis without elements")))
        }
        Err(value) => Err(Error::value(format!(
            "index {value} is out of range for an axis of size {size}; use -{size} to {}",
            size - 1
        ))),
    }
}

/// Calls `f` with the number of each index and the place it names; the first index outside is the error.
fn each_index(
    indices: &Input,
    size: usize,
    mut f: impl FnMut(usize, usize),
) -> std::result::Result<(), i128> {
    let n = size as i128;
    macro_rules! walk {
        ($t:ty) => {
            for (i, &value) in indices.of::<$t>().iter().enumerate() {
                let value = value as i128;
                let place = if value < 0 { value + n } else { value };
                if !(0..n).contains(&place) {
                    return Err(value);
                }
                f(i, place as usize);
            }
        };
    }
    match indices.dtype {
        DType::U8 | DType::Bool => walk!(u8),
        DType::I8 => walk!(i8),
        DType::U16 => walk!(u16),
        DType::I16 => walk!(i16),
        DType::U32 => walk!(u32),
        DType::I32 => walk!(i32),
        DType::U64 => walk!(u64),
        _ => walk!(i64),
    }
    Ok(())
}
