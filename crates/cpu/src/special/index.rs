//! Gathering and scattering.

use super::{Input, Output, around, each_type};
use rhyton_base::{DType, Error, Result, bf16, f16};

/// `out[o, i, r] = x[o, indices[i], r]`.
pub fn gather(axis: usize, x: &Input, indices: &Input, out: &mut Output) -> Result<()> {
    let (outer, size, inner) = around(x.shape, axis);
    let count = indices.shape.iter().product();
    let bytes = inner * x.dtype.size();
    let (from, to) = (x.bytes(), out.bytes());
    for i in 0..count {
        let place = counted(indices, i, size)?;
        for o in 0..outer {
            let (source, target) = ((o * size + place) * bytes, (o * count + i) * bytes);
            to[target..target + bytes].copy_from_slice(&from[source..source + bytes]);
        }
    }
    Ok(())
}

/// `out[o, indices[i], r] += updates[o, i, r]` from zeros, in rising `i`.
pub fn scatter_add(axis: usize, indices: &Input, updates: &Input, out: &mut Output) -> Result<()> {
    let (outer, size, inner) = around(out.shape, axis);
    let count: usize = indices.shape.iter().product();
    out.bytes().fill(0);
    let dtype = out.dtype;
    for i in 0..count {
        let place = counted(indices, i, size)?;
        for o in 0..outer {
            let (to, from) = ((o * size + place) * inner, (o * count + i) * inner);
            each_type!(dtype, T => {
                let target = &mut out.of::<T>()[to..to + inner];
                for (a, &b) in target.iter_mut().zip(&updates.of::<T>()[from..from + inner]) {
                    *a = a.plus(b, dtype);
                }
            });
        }
    }
    Ok(())
}

/// Index number `i`, counted from the front.
pub fn counted(indices: &Input, i: usize, size: usize) -> Result<usize> {
    let value = match indices.dtype {
        DType::U8 | DType::Bool => i64::from(indices.of::<u8>()[i]),
        DType::I8 => i64::from(indices.of::<i8>()[i]),
        DType::U16 => i64::from(indices.of::<u16>()[i]),
        DType::I16 => i64::from(indices.of::<i16>()[i]),
        DType::U32 => i64::from(indices.of::<u32>()[i]),
        DType::I32 => i64::from(indices.of::<i32>()[i]),
        DType::U64 => i64::try_from(indices.of::<u64>()[i]).unwrap_or(i64::MAX),
        _ => indices.of::<i64>()[i],
    };
    let counted = if value < 0 { value + size as i64 } else { value };
    if (0..size as i64).contains(&counted) {
        return Ok(counted as usize);
    }
    if size == 0 {
        return Err(Error::value(format!("index {value} is out of range for an axis without elements")));
    }
    Err(Error::value(format!(
        "index {value} is out of range for an axis of size {size}; use -{size} to {}",
        size as i64 - 1
    )))
}

/// Addition as tensors do it: wrapping integers, half floats through `float32`, `bool` as "or".
trait Plus: Copy {
    fn plus(self, other: Self, dtype: DType) -> Self;
}

macro_rules! plus {
    ($($t:ty: |$a:ident, $b:ident, $d:ident| $sum:expr;)*) => {$(
        impl Plus for $t {
            #[inline(always)]
            fn plus(self, $b: $t, $d: DType) -> $t {
                let $a = self;
                $sum
            }
        }
    )*};
}

plus! {
    u8: |a, b, d| if d == DType::Bool { a | b } else { a.wrapping_add(b) };
    i8: |a, b, _d| a.wrapping_add(b);
    u16: |a, b, _d| a.wrapping_add(b);
    i16: |a, b, _d| a.wrapping_add(b);
    u32: |a, b, _d| a.wrapping_add(b);
    i32: |a, b, _d| a.wrapping_add(b);
    u64: |a, b, _d| a.wrapping_add(b);
    i64: |a, b, _d| a.wrapping_add(b);
    f16: |a, b, _d| f16::from_f32(a.to_f32() + b.to_f32());
    bf16: |a, b, _d| bf16::from_f32(a.to_f32() + b.to_f32());
    f32: |a, b, _d| a + b;
    f64: |a, b, _d| a + b;
}
