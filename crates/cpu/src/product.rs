//! Matrix products with the elementwise work behind them.

use crate::chunk::Chunked;
use crate::gemm::{Epilogue, Problem, gemm_f32, gemm_f64, gemm_generic};
use crate::isa::FlushSubnormals;
use crate::loops::{Bases, run_block, run_range};
use rhyton_base::{DType, Result, bf16, f16};
use rhyton_ops::Expr;
use rhyton_runtime::{Access, MatMul};
use std::ops::Range;

/// A matrix product, made ready.
pub struct Product {
    desc: MatMul,
    epilogue: Option<Chunked>,
}

impl Product {
    /// Prepares a product.
    pub fn new(desc: &MatMul) -> Result<Product> {
        let epilogue = desc.epilogue.as_ref().map(|l| {
            let axes: Vec<usize> = (0..l.shape.len()).collect();
            let outputs: Vec<(Expr, Option<&Access>)> =
                l.outputs.iter().map(|o| (o.expr.clone(), Some(&o.access))).collect();
            Chunked::new(&l.shape, &axes, 0, &l.inputs, &outputs)
        });
        Ok(Product { desc: desc.clone(), epilogue: epilogue.transpose()? })
    }

    /// Runs it.
    ///
    /// # Safety
    /// As [`crate::loops::ReadyLoop::run`].
    pub unsafe fn run(&self, bases: &[*mut u8]) {
        let d = &self.desc;
        let batches: usize = d.batch.iter().product();
        let lead = d.batch.len();
        let shared = Bases::new(bases);
        let offset = |a: &Access, mut number: usize| {
            let mut place = 0isize;
            for axis in (0..lead).rev() {
                place += (number % d.batch[axis]) as isize * a.strides[axis];
                number /= d.batch[axis];
            }
            // SAFETY: the caller's promise: the access lies inside its buffer.
            unsafe { bases[a.buffer].add(a.offset).offset(place * a.dtype.size() as isize) }
        };
        for number in 0..batches {
            let behind = |rows: Range<usize>, columns: Range<usize>| {
                let _mode = FlushSubnormals::on();
                let Some(e) = &self.epilogue else { return };
                // SAFETY: tiles are disjoint, and so are the places of the loop over them.
                unsafe {
                    if columns.len() == d.n {
                        return run_range(
                            e,
                            (number * d.m + rows.start) * d.n,
                            rows.len() * d.n,
                            shared.get(),
                        );
                    }
                    let start = (number * d.m + rows.start) * d.n + columns.start;
                    run_block(e, start, rows.len(), d.n, columns.len(), shared.get());
                }
            };
            let behind: Epilogue = if self.epilogue.is_some() { Some(&behind) } else { None };
            let (a, b, c) = (offset(&d.a, number), offset(&d.b, number), offset(&d.out, number));
            // SAFETY: the caller's promise.
            unsafe {
                match d.out.dtype {
                    DType::F32 => gemm_f32(&self.problem(a.cast(), b.cast(), c.cast()), behind),
                    DType::F64 => gemm_f64(&self.problem(a.cast(), b.cast(), c.cast()), behind),
                    DType::F16 => self.half(a, b, c, f16::to_f32, f16::from_f32, behind),
                    DType::BF16 => self.half(a, b, c, bf16::to_f32, bf16::from_f32, behind),
                    other => self.integers(other, a, b, c, behind),
                }
            }
        }
    }

    fn strides(a: &Access) -> (isize, isize) {
        let n = a.strides.len();
        (a.strides[n - 2], a.strides[n - 1])
    }

    fn problem<T>(&self, a: *const T, b: *const T, c: *mut T) -> Problem<T> {
        let d = &self.desc;
        let (a_strides, b_strides, c_strides) =
            (Self::strides(&d.a), Self::strides(&d.b), Self::strides(&d.out));
        Problem { m: d.m, n: d.n, k: d.k, a, a_strides, b, b_strides, c, c_strides }
    }

    /// A product of half-precision factors: computed in `float32`, rounded once.
    unsafe fn half<T: Copy>(
        &self,
        a: *const u8,
        b: *const u8,
        c: *mut u8,
        widen: fn(T) -> f32,
        narrow: fn(f32) -> T,
        behind: Epilogue,
    ) {
        // SAFETY: the caller's promise.
        unsafe {
            self.through(a, b, c, widen, narrow, |p| gemm_f32(p, None));
        }
        if let Some(behind) = behind {
            behind(0..self.desc.m, 0..self.desc.n);
        }
    }

    /// A product of integers, wrapping around; `bool` is "any of both".
    unsafe fn integers(&self, dtype: DType, a: *const u8, b: *const u8, c: *mut u8, behind: Epilogue) {
        // SAFETY: the caller's promise.
        unsafe {
            match dtype {
                DType::Bool => self.through(
                    a,
                    b,
                    c,
                    |x: u8| i32::from(x != 0),
                    |x| u8::from(x != 0),
                    |p: &Problem<i32>| gemm_generic(p, None),
                ),
                DType::U8 => self.through(
                    a,
                    b,
                    c,
                    |x: u8| i32::from(x),
                    |x| x as u8,
                    |p: &Problem<i32>| gemm_generic(p, None),
                ),
                DType::I8 => self.through(
                    a,
                    b,
                    c,
                    |x: i8| i32::from(x),
                    |x| x as i8,
                    |p: &Problem<i32>| gemm_generic(p, None),
                ),
                DType::U16 => self.through(
                    a,
                    b,
                    c,
                    |x: u16| i32::from(x),
                    |x| x as u16,
                    |p: &Problem<i32>| gemm_generic(p, None),
                ),
                DType::I16 => self.through(
                    a,
                    b,
                    c,
                    |x: i16| i32::from(x),
                    |x| x as i16,
                    |p: &Problem<i32>| gemm_generic(p, None),
                ),
                DType::U32 | DType::I32 => {
                    gemm_generic::<i32>(&self.problem(a.cast(), b.cast(), c.cast()), None)
                }
                _ => gemm_generic::<i64>(&self.problem(a.cast(), b.cast(), c.cast()), None),
            }
        }
        if let Some(behind) = behind {
            behind(0..self.desc.m, 0..self.desc.n);
        }
    }

    /// A product computed in a wider type.
    unsafe fn through<T: Copy, W: Copy + Default>(
        &self,
        a: *const u8,
        b: *const u8,
        c: *mut u8,
        widen: impl Fn(T) -> W,
        narrow: impl Fn(W) -> T,
        multiply: impl Fn(&Problem<W>),
    ) {
        let (m, n, k) = (self.desc.m, self.desc.n, self.desc.k);
        let read = |x: *const u8, (rs, cs): (isize, isize), rows: usize, columns: usize| {
            let mut out = Vec::with_capacity(rows * columns);
            for i in 0..rows as isize {
                for j in 0..columns as isize {
                    // SAFETY: the caller's promise.
                    out.push(widen(unsafe { x.cast::<T>().offset(i * rs + j * cs).read() }));
                }
            }
            out
        };
        let (wide_a, wide_b) =
            (read(a, Self::strides(&self.desc.a), m, k), read(b, Self::strides(&self.desc.b), k, n));
        let mut wide_c = vec![W::default(); m * n];
        multiply(&Problem {
            m,
            n,
            k,
            a: wide_a.as_ptr(),
            a_strides: (k as isize, 1),
            b: wide_b.as_ptr(),
            b_strides: (n as isize, 1),
            c: wide_c.as_mut_ptr(),
            c_strides: (n as isize, 1),
        });
        let (rs, cs) = Self::strides(&self.desc.out);
        for (i, w) in wide_c.into_iter().enumerate() {
            let place = (i / n) as isize * rs + (i % n) as isize * cs;
            // SAFETY: the caller's promise.
            unsafe { c.cast::<T>().offset(place).write(narrow(w)) };
        }
    }
}
