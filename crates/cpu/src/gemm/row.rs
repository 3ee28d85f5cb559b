//! One row times a matrix without infinities: only the rows of the matrix that belong to what is not zero are read.
//!
//! A sample of a picture on a dark ground needs a fifth of the weights; reading them is all the work. The sums are
//! those of a dense product, to the last bit, for the reasons that `sparse` gives.

use super::kernel::{Element, Isa};
use super::pack::{Purpose, with_buffer};
use super::plan::{K_BLOCK, cut};
use super::sparse_kernel::Rows;
use super::{Epilogue, Finished, Problem};

/// Multiply-adds below which looking for zeros costs more than it gains.
const WORTH: usize = 1 << 15;

/// One number in so many may be other than zero.
const THIN: usize = 3;

/// Room that the listing of a row may use beyond what it keeps.
const SLACK: usize = 16;

/// `C = A·B` and the epilogue, if A is one sparse row and rows of B are whole vectors; nothing, and `false`, otherwise.
///
/// # Safety
/// As for [`super::gemm_f32`]; the machine must have the instruction set, and B only finite numbers.
pub(super) unsafe fn run<T: Element>(isa: &Isa<T>, p: &Problem<T>, epilogue: Epilogue<'_, T>) -> bool {
    let Problem { m, n, k, .. } = *p;
    let (step, rows) = (p.b_strides.0.unsigned_abs(), p.b_strides.0 > 0 && p.b_strides.1 == 1);
    let fits = rows && k.saturating_mul(step) <= u32::MAX as usize;
    let in_rows = p.a_strides.1 == 1 && (p.c.is_null() || p.c_strides.1 == 1);
    if m != 1 || !fits || !in_rows || n % isa.lanes != 0 || n * k < WORTH {
        return false;
    }
    // SAFETY: A is readable.
    if unsafe { (isa.sparse.count)(p.a, k, 0, 1) } * THIN > k {
        return false;
    }
    let room = k.div_ceil(isa.lanes) * isa.lanes + SLACK;
    with_buffer(Purpose::Lists, room * (size_of::<T>() + size_of::<u32>()), |memory: *mut u8| {
        let values: *mut T = memory.cast();
        let places: *mut u32 = values.wrapping_add(room).cast();
        with_buffer(Purpose::Own, if p.c.is_null() { n } else { 0 }, |own: *mut T| {
            let c = if p.c.is_null() { own } else { p.c };
            let blocks = k.div_ceil(K_BLOCK).max(1);
            for block in 0..blocks {
                let ks = cut(k, blocks, block);
                let (from, first) = (p.a.wrapping_add(ks.start), (ks.start * step) as u32);
                // SAFETY: A is readable, and the lists have room for all of it and a vector more.
                let found = unsafe { (isa.sparse.list)(from, ks.len(), first, step as u32, values, places) };
                let starts = [0, found as u32];
                let mut column = 0;
                while column < n {
                    let kernel =
                        [4, 2, 1].iter().position(|v| v * isa.lanes <= n - column).map_or(0, |i| 2 - i);
                    let width = isa.lanes << kernel;
                    let t = Rows {
                        rows: 1,
                        starts: starts.as_ptr(),
                        values,
                        places,
                        b: p.b.wrapping_add(column),
                        sums: std::ptr::null_mut(),
                        resume: false,
                        c: c.wrapping_add(column),
                        c_row: 0,
                        width,
                        accumulate: block > 0,
                    };
                    // SAFETY: places are rows of B, which reach over the columns; so does C.
                    unsafe { (isa.sparse.rows[kernel])(&t) }
                    column += width;
                }
            }
            if let Some(epilogue) = epilogue {
                epilogue(0..1, 0..n, Finished { data: c, strides: (n as isize, 1) });
            }
            true
        })
    })
}
