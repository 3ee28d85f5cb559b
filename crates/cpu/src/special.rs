//! Gathering, scattering and searching.

use rhyton_base::{DType, Error, Result, bf16, f16};
use rhyton_runtime::{Access, KernelDesc};

/// The address of an access's first element.
unsafe fn at(bases: &[*mut u8], a: &Access) -> *mut u8 {
    // SAFETY: the caller's promise: the access lies inside its buffer.
    unsafe { bases[a.buffer].add(a.offset) }
}

/// Runs one of the kernels that are neither loops nor matrix products.
///
/// # Safety
/// `bases` are the buffers that the accesses name, long enough for them and writable where they are written.
///
/// # Errors
/// Where an index is out of range.
pub unsafe fn run(kernel: &KernelDesc, bases: &[*mut u8]) -> Result<()> {
    // SAFETY: the caller's promise.
    unsafe {
        match kernel {
            KernelDesc::Gather { outer, size, inner, count, x, indices, out } => {
                let bytes = inner * x.dtype.size();
                let (x, to) = (at(bases, x), at(bases, out));
                for i in 0..*count {
                    let from = index(indices, bases, i, *size)?;
                    for o in 0..*outer {
                        let (source, target) = ((o * size + from) * bytes, (o * count + i) * bytes);
                        to.add(target).copy_from_nonoverlapping(x.add(source), bytes);
                    }
                }
                Ok(())
            }
            KernelDesc::ScatterAdd { outer, size, inner, count, indices, updates, out } => {
                let (from, to) = (at(bases, updates), at(bases, out));
                to.write_bytes(0, outer * size * inner * out.dtype.size());
                for i in 0..*count {
                    let place = index(indices, bases, i, *size)?;
                    for o in 0..*outer {
                        add(out.dtype, to, (o * size + place) * inner, from, (o * count + i) * inner, *inner);
                    }
                }
                Ok(())
            }
            KernelDesc::ArgReduce { largest, outer, size, inner, x, out } => {
                let to = at(bases, out).cast::<i64>();
                for o in 0..*outer {
                    for r in 0..*inner {
                        let place =
                            extremum(x.dtype, at(bases, x), o * size * inner + r, *size, *inner, *largest);
                        to.add(o * inner + r).write(place as i64);
                    }
                }
                Ok(())
            }
            KernelDesc::Loop(_) | KernelDesc::MatMul(_) => unreachable!("these have kernels of their own"),
        }
    }
}

/// Index number `i`, counted from the front.
unsafe fn index(indices: &Access, bases: &[*mut u8], i: usize, size: usize) -> Result<usize> {
    // SAFETY: the caller's promise.
    let value = unsafe {
        let p = at(bases, indices);
        match indices.dtype {
            DType::U8 => i64::from(p.add(i).read()),
            DType::I8 => i64::from(p.cast::<i8>().add(i).read()),
            DType::U16 => i64::from(p.cast::<u16>().add(i).read()),
            DType::I16 => i64::from(p.cast::<i16>().add(i).read()),
            DType::U32 => i64::from(p.cast::<u32>().add(i).read()),
            DType::I32 => i64::from(p.cast::<i32>().add(i).read()),
            DType::U64 => i64::try_from(p.cast::<u64>().add(i).read()).unwrap_or(i64::MAX),
            _ => p.cast::<i64>().add(i).read(),
        }
    };
    let counted = if value < 0 { value + size as i64 } else { value };
    if (0..size as i64).contains(&counted) {
        return Ok(counted as usize);
    }
    Err(Error::value(format!(
        "index {value} is out of range for an axis of size {size}; use -{size} to {}",
        size as i64 - 1
    )))
}

/// `to[t..t + n] += from[f..f + n]`.
unsafe fn add(dtype: DType, to: *mut u8, t: usize, from: *const u8, f: usize, n: usize) {
    macro_rules! add {
        ($t:ty, $plus:expr) => {{
            let (to, from, plus) = (to.cast::<$t>(), from.cast::<$t>(), $plus);
            for i in 0..n {
                // SAFETY: the caller's promise.
                unsafe { to.add(t + i).write(plus(to.add(t + i).read(), from.add(f + i).read())) };
            }
        }};
    }
    match dtype {
        DType::Bool => add!(u8, |a: u8, b: u8| a | b),
        DType::U8 | DType::I8 => add!(u8, u8::wrapping_add),
        DType::U16 | DType::I16 => add!(u16, u16::wrapping_add),
        DType::U32 | DType::I32 => add!(u32, u32::wrapping_add),
        DType::U64 | DType::I64 => add!(u64, u64::wrapping_add),
        DType::F16 => add!(f16, |a: f16, b: f16| f16::from_f32(a.to_f32() + b.to_f32())),
        DType::BF16 => add!(bf16, |a: bf16, b: bf16| bf16::from_f32(a.to_f32() + b.to_f32())),
        DType::F32 => add!(f32, |a: f32, b: f32| a + b),
        DType::F64 => add!(f64, |a: f64, b: f64| a + b),
    }
}

/// The place of the first extremum among `n` elements, `step` apart; a NaN is one.
unsafe fn extremum(dtype: DType, x: *const u8, start: usize, n: usize, step: usize, largest: bool) -> usize {
    macro_rules! find {
        ($t:ty, $value:expr) => {{
            let (x, value) = (x.cast::<$t>(), $value);
            let mut best = 0;
            // SAFETY: the caller's promise.
            let mut top = unsafe { value(x.add(start).read()) };
            for i in 1..n {
                // SAFETY: the caller's promise.
                let v = unsafe { value(x.add(start + i * step).read()) };
                #[allow(clippy::eq_op)]
                if top != top {
                    break;
                }
                #[allow(clippy::eq_op)]
                if (if largest { v > top } else { v < top }) || v != v {
                    (best, top) = (i, v);
                }
            }
            best
        }};
    }
    match dtype {
        DType::Bool | DType::U8 => find!(u8, |v: u8| v),
        DType::I8 => find!(i8, |v: i8| v),
        DType::U16 => find!(u16, |v: u16| v),
        DType::I16 => find!(i16, |v: i16| v),
        DType::U32 => find!(u32, |v: u32| v),
        DType::I32 => find!(i32, |v: i32| v),
        DType::U64 => find!(u64, |v: u64| v),
        DType::I64 => find!(i64, |v: i64| v),
        DType::F16 => find!(f16, f16::to_f32),
        DType::BF16 => find!(bf16, bf16::to_f32),
        DType::F32 => find!(f32, |v: f32| v),
        DType::F64 => find!(f64, |v: f64| v),
    }
}
