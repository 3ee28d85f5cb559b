//! Kernels that are neither loops over expressions nor matrix products.
//!
//! Each is safe code over whole tensors: [`Input`] and [`Output`] are the views of memory that it is given.

mod along;
mod conv;
mod draw;
mod fft;
mod hash;
mod index;
mod key;
mod linalg;
mod scan;
mod scatter;
mod search;
mod sliding;
mod sort;
mod spread;
mod window;

use crate::isa::FlushSubnormals;
use rhyton_base::{DType, Result, bf16, f16};
use rhyton_ops::Kernel;
use rhyton_runtime::{Whole, pool};
use std::sync::Mutex;

/// Types whose every bit pattern is a value.
///
/// # Safety
/// Only for numbers without padding and without forbidden values.
pub unsafe trait Plain: Copy + Send + Sync + 'static {}

macro_rules! plain {
    ($($t:ty)*) => {$(
        // SAFETY: a number; every bit pattern is one.
        unsafe impl Plain for $t {}
    )*};
}
plain! { u8 i8 u16 i16 u32 i32 u64 i64 f16 bf16 f32 f64 }

/// A tensor that a kernel reads.
pub struct Input<'a> {
    pub dtype: DType,
    pub shape: &'a [usize],
    bytes: &'a [u8],
}

/// A tensor that a kernel writes.
pub struct Output<'a> {
    pub dtype: DType,
    pub shape: &'a [usize],
    bytes: &'a mut [u8],
}

impl Input<'_> {
    /// The elements; `bool` is read as `u8`.
    pub fn of<T: Plain>(&self) -> &[T] {
        assert_eq!(size_of::<T>(), self.dtype.size(), "the type that the kernel was chosen by");
        // SAFETY: the memory holds whole aligned elements (checked when the program is compiled).
        unsafe { std::slice::from_raw_parts(self.bytes.as_ptr().cast(), self.bytes.len() / size_of::<T>()) }
    }

    /// The elements as bytes.
    pub fn bytes(&self) -> &[u8] {
        self.bytes
    }
}

impl Output<'_> {
    /// The elements, to be written; `bool` is written as `u8`.
    pub fn of<T: Plain>(&mut self) -> &mut [T] {
        assert_eq!(size_of::<T>(), self.dtype.size(), "the type that the kernel was chosen by");
        let count = self.bytes.len() / size_of::<T>();
        // SAFETY: as for inputs.
        unsafe { std::slice::from_raw_parts_mut(self.bytes.as_mut_ptr().cast(), count) }
    }

    /// The elements as bytes.
    pub fn bytes(&mut self) -> &mut [u8] {
        self.bytes
    }
}

/// Evaluates the body with `$T` standing for the Rust type of `$dtype`'s elements (`u8` for `bool`).
macro_rules! each_type {
    ($dtype:expr, $T:ident => $body:expr) => {
        match $dtype {
            rhyton_base::DType::Bool | rhyton_base::DType::U8 => {
                type $T = u8;
                $body
            }
            rhyton_base::DType::I8 => {
                type $T = i8;
                $body
            }
            rhyton_base::DType::U16 => {
                type $T = u16;
                $body
            }
            rhyton_base::DType::I16 => {
                type $T = i16;
                $body
            }
            rhyton_base::DType::U32 => {
                type $T = u32;
                $body
            }
            rhyton_base::DType::I32 => {
                type $T = i32;
                $body
            }
            rhyton_base::DType::U64 => {
                type $T = u64;
                $body
            }
            rhyton_base::DType::I64 => {
                type $T = i64;
                $body
            }
            rhyton_base::DType::F16 => {
                type $T = rhyton_base::f16;
                $body
            }
            rhyton_base::DType::BF16 => {
                type $T = rhyton_base::bf16;
                $body
            }
            rhyton_base::DType::F32 => {
                type $T = f32;
                $body
            }
            rhyton_base::DType::F64 => {
                type $T = f64;
                $body
            }
        }
    };
}
pub(crate) use each_type;

/// A shape as `[outer, size, inner]` around an axis.
pub fn around(shape: &[usize], axis: usize) -> (usize, usize, usize) {
    (shape[..axis].iter().product(), shape[axis], shape[axis + 1..].iter().product())
}

/// Bytes that a kernel has to move or compare before a second thread is worth waking.
const ALONE: usize = 1 << 18;

/// Calls `work` with every part and its number, on all threads where there is enough to do. Parts must follow from
/// the shape, so that results do not depend on the number of threads.
pub fn each_part<T: Send>(parts: impl Iterator<Item = T>, bytes: usize, work: impl Fn(usize, T) + Sync) {
    hand_out(parts, bytes, &work)
}

/// What [`each_part`] does: apart, so that there is one copy of `work` in the program for both ways.
#[inline(never)]
fn hand_out<T: Send>(parts: impl Iterator<Item = T>, bytes: usize, work: &(dyn Fn(usize, T) + Sync)) {
    if bytes < ALONE {
        return parts.enumerate().for_each(|(i, part)| work(i, part));
    }
    let parts: Vec<Mutex<Option<T>>> = parts.map(|p| Mutex::new(Some(p))).collect();
    pool().run(parts.len(), &|i| {
        let _mode = FlushSubnormals::on();
        let part = parts[i].lock().unwrap_or_else(|e| e.into_inner()).take();
        work(i, part.expect("each part is handed out once"));
    });
}

/// How many rows of so many bytes make a part.
pub fn rows_a_part(row: usize) -> usize {
    (ALONE / 4 / row.max(1)).max(1)
}

/// Runs a kernel.
///
/// # Safety
/// `bases` are the buffers that the accesses name, long enough for them and aligned; those that are written are
/// written by nobody else, and no input overlaps an output.
///
/// # Errors
/// Where data is at fault, such as an index out of range.
pub unsafe fn run(kernel: &Kernel, inputs: &[Whole], outputs: &[Whole], bases: &[*mut u8]) -> Result<()> {
    let bytes = |w: &Whole| w.shape.iter().product::<usize>() * w.access.dtype.size();
    // SAFETY: the caller's promise.
    let start = |w: &Whole| unsafe { bases[w.access.buffer].add(w.access.offset) };
    let input = |i: usize| {
        let w = &inputs[i];
        // SAFETY: the caller's promise.
        let bytes = unsafe { std::slice::from_raw_parts(start(w), bytes(w)) };
        Input { dtype: w.access.dtype, shape: &w.shape, bytes }
    };
    let output = |i: usize| {
        let w = &outputs[i];
        // SAFETY: the caller's promise; each kernel below takes each output once.
        let bytes = unsafe { std::slice::from_raw_parts_mut(start(w), bytes(w)) };
        Output { dtype: w.access.dtype, shape: &w.shape, bytes }
    };
    match kernel {
        Kernel::Gather { axis } => index::gather(*axis, &input(0), &input(1), &mut output(0)),
        Kernel::ScatterAdd { axis, .. } => scatter::scatter_add(*axis, &input(0), &input(1), &mut output(0)),
        Kernel::ArgReduce { largest, axis } => {
            search::extremum(*largest, *axis, &input(0), &mut output(0));
            Ok(())
        }
        Kernel::TakeAlong { axis } => along::take(*axis, &input(0), &input(1), &mut output(0)),
        Kernel::AddAlong { axis } => along::add(*axis, &input(0), &input(1), &mut output(0)),
        Kernel::RavelIndex { sizes, axes } => {
            let inputs: Vec<Input> = (0..inputs.len()).map(input).collect();
            index::ravel(sizes, axes, &inputs, &mut output(0))
        }
        Kernel::ScatterReduce { f } => scatter::reduce(*f, &input(0), &input(1), &mut output(0)),
        Kernel::ScatterSet => scatter::set(&input(0), &input(1), &input(2), &mut output(0)),
        Kernel::HashBucket(op) => {
            hash::buckets(op, &input(0), &mut output(0));
            Ok(())
        }
        Kernel::Sort => {
            sort::sort(&input(0), &mut output(0));
            Ok(())
        }
        Kernel::ArgSort { descending } => {
            sort::argsort(*descending, &input(0), &mut output(0));
            Ok(())
        }
        Kernel::SearchSorted { right } => {
            sort::search(*right, &input(0), &input(1), &mut output(0));
            Ok(())
        }
        Kernel::Scan { axis, product, reverse } => {
            scan::scan(*axis, *product, *reverse, &input(0), &mut output(0));
            Ok(())
        }
        Kernel::Softmax { .. } => unreachable!("softmax is made ready with its program"),
        Kernel::Bitcast => {
            output(0).bytes().copy_from_slice(input(0).bytes());
            Ok(())
        }
        Kernel::Linalg(kind) => {
            let inputs: Vec<Input> = (0..inputs.len()).map(input).collect();
            let mut outputs: Vec<Output> = (0..outputs.len()).map(output).collect();
            linalg::run(*kind, &inputs, &mut outputs)
        }
        Kernel::Fft { inverse } => {
            fft::run(*inverse, &input(0), &input(1), &mut output(0), &mut output(1));
            Ok(())
        }
        Kernel::Draw(kind) => {
            let inputs: Vec<Input> = (0..inputs.len()).map(input).collect();
            draw::run(*kind, &inputs, &mut output(0));
            Ok(())
        }
        Kernel::Conv { slides, groups } => {
            conv::conv(slides, *groups, &input(0), &input(1), &mut output(0));
            Ok(())
        }
        Kernel::WindowSum { sizes, slides } => {
            window::sum(sizes, slides, &input(0), &mut output(0));
            Ok(())
        }
        Kernel::WindowMax { sizes, slides, places } => {
            match places {
                true => window::places(sizes, slides, &input(0), &mut output(0)),
                false => window::max(sizes, slides, &input(0), &mut output(0)),
            }
            Ok(())
        }
        Kernel::Concat { .. } | Kernel::Embed { .. } | Kernel::Overwrite { .. } => {
            unreachable!("these are made of loops")
        }
    }
}
