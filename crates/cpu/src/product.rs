//! Matrix products with the elementwise work behind them.

use crate::chunk::Chunked;
use crate::gemm::{
    Epilogue, Finished, Problem, gemm_bf16, gemm_f32, gemm_f32_finite, gemm_f64, gemm_generic, gemm_listed,
    listed_blocks,
};
use crate::isa::FlushSubnormals;
use crate::loops::{Bases, Block, TileBlock, run_block};
use crate::vector;
use rhyton_base::{DType, Result, bf16};
use rhyton_ops::Expr;
use rhyton_runtime::{Access, KernelDesc, MatMul, Picked, ProgramDesc, Slot, SparseSlot, pool};
use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::OnceLock;

thread_local! {
    /// The factors of a product of half floats, in full width or as pairs.
    static WIDE: RefCell<[Vec<f32>; 2]> = const { RefCell::new([Vec::new(), Vec::new()]) };
}

/// A matrix product, made ready.
pub struct Product {
    desc: MatMul,
    epilogue: Option<Chunked>,
    /// Whether all numbers of a constant B are finite, once somebody has looked.
    finite: OnceLock<bool>,
}

impl Product {
    /// Prepares a product.
    pub fn new(desc: &MatMul) -> Result<Product> {
        // A product of half floats that is not stored comes in full width.
        let wide = desc.out.is_none() && matches!(desc.dtype, DType::F16 | DType::BF16);
        let product = |e: &Expr| {
            e.map_inputs(&mut |i, dtype| match i {
                0 => Expr::input(0, DType::F32).cast(dtype),
                _ => Expr::input(i, dtype),
            })
        };
        let epilogue = desc.epilogue.as_ref().map(|l| {
            let axes: Vec<usize> = (0..l.shape.len()).collect();
            let expr = |e: &Expr| if wide { product(e) } else { e.clone() };
            let outputs: Vec<(Expr, Option<&Access>)> =
                l.outputs.iter().map(|o| (expr(&o.expr), Some(&o.access))).collect();
            let mut inputs = l.inputs.clone();
            inputs.iter_mut().take(usize::from(wide)).for_each(|a| a.dtype = DType::F32);
            Chunked::new(&l.shape, &axes, 0, &inputs, &outputs)
        });
        let epilogue = epilogue.transpose()?.map(Chunked::behind_product);
        Ok(Product { desc: desc.clone(), epilogue, finite: OnceLock::new() })
    }

    /// Runs it.
    ///
    /// # Safety
    /// As [`crate::loops::ReadyLoop::run`].
    pub unsafe fn run(&self, bases: &[*mut u8], sparse: &[(usize, Picked)]) {
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
            // The address of a slot that is given as sparse rows is not used.
            bases[a.buffer].wrapping_add(a.offset).wrapping_offset(place * a.dtype.size() as isize)
        };
        for number in 0..batches {
            let behind = |rows: Range<usize>, columns: Range<usize>, tile: Option<TileBlock>| {
                let _mode = FlushSubnormals::on();
                let Some(e) = &self.epilogue else { return };
                let start = (number * d.m + rows.start) * d.n + columns.start;
                let (rows, count) = (rows.len(), columns.len());
                let neighbours = tile.is_none_or(|t| t.strides == (count as isize, 1));
                // SAFETY: tiles are disjoint, and so are the places of the loop over them.
                unsafe {
                    // Whole rows that follow one another are one long run.
                    let block = match count == d.n && neighbours {
                        true => Block { start, rows: 1, step: 0, count: rows * count },
                        false => Block { start, rows, step: d.n, count },
                    };
                    run_block(e, block, tile, shared.get());
                }
            };
            let (a, b) = (offset(&d.a, number), offset(&d.b, number));
            let c = d.out.as_ref().map_or(std::ptr::null_mut(), |out| offset(out, number));
            macro_rules! multiply {
                ($gemm:path, $t:ty) => {{
                    let each = |rows: Range<usize>, columns: Range<usize>, tile: Finished<$t>| {
                        let (data, strides) = (tile.data.cast(), tile.strides);
                        // A product that is stored is read from where it is stored.
                        let tile = TileBlock { data, size: size_of::<$t>(), strides };
                        behind(rows, columns, d.out.is_none().then_some(tile));
                    };
                    let each: Epilogue<$t> = if self.epilogue.is_some() { Some(&each) } else { None };
                    // SAFETY: the caller's promise.
                    unsafe { $gemm(&self.problem(a.cast(), b.cast(), c.cast()), each) }
                }};
            }
            let listed = sparse.iter().find(|(slot, _)| *slot == d.a.buffer).map(|(_, rows)| rows);
            if let (Some(rows), Some((_, turned))) = (listed, listable(d)) {
                let each = |rows: Range<usize>, columns: Range<usize>, tile: Finished<f32>| {
                    let tile = TileBlock { data: tile.data.cast(), size: 4, strides: tile.strides };
                    behind(rows, columns, d.out.is_none().then_some(tile));
                };
                let each: Epilogue<f32> = if self.epilogue.is_some() { Some(&each) } else { None };
                // SAFETY: the caller's promise; the rows fit the slot.
                unsafe { gemm_listed(rows, turned, &self.problem(a.cast(), b.cast(), c.cast()), each) }
                continue;
            }
            match d.dtype {
                // SAFETY: the caller's promise.
                DType::F32 if unsafe { self.has_finite_b(b.cast()) } => multiply!(gemm_f32_finite, f32),
                DType::F32 => multiply!(gemm_f32, f32),
                DType::F64 => multiply!(gemm_f64, f64),
                DType::U32 | DType::I32 => multiply!(gemm_generic, i32),
                DType::U64 | DType::I64 => multiply!(gemm_generic, i64),
                // SAFETY: the caller's promise.
                DType::F16 | DType::BF16 => unsafe { self.half(a, b, c, &behind) },
                narrow => {
                    // SAFETY: the caller's promise.
                    unsafe { self.narrow(narrow, a, b, c) };
                    behind(0..d.m, 0..d.n, None);
                }
            }
        }
    }

    /// Whether this is one row times a constant matrix of finite numbers.
    ///
    /// # Safety
    /// `b` is the right factor, which can be read.
    unsafe fn has_finite_b(&self, b: *const f32) -> bool {
        let d = &self.desc;
        if !d.constant_b || d.m != 1 || !d.batch.is_empty() {
            return false;
        }
        let (row, column) = Self::strides(&d.b);
        // SAFETY: the caller's promise.
        let at = |i: usize, j: usize| unsafe { *b.offset(i as isize * row + j as isize * column) };
        *self.finite.get_or_init(|| (0..d.k).all(|i| (0..d.n).all(|j| at(i, j).is_finite())))
    }

    fn strides(a: &Access) -> (isize, isize) {
        let n = a.strides.len();
        (a.strides[n - 2], a.strides[n - 1])
    }

    fn problem<T>(&self, a: *const T, b: *const T, c: *mut T) -> Problem<T> {
        let d = &self.desc;
        let c_strides = d.out.as_ref().map_or((d.n as isize, 1), Self::strides);
        let (a_strides, b_strides) = (Self::strides(&d.a), Self::strides(&d.b));
        Problem { m: d.m, n: d.n, k: d.k, a, a_strides, b, b_strides, c, c_strides }
    }

    /// A product of half floats, computed in `float32` and rounded once. `behind` is called for every tile, with the tile
    /// itself, not yet rounded, where the product is not stored.
    ///
    /// # Safety
    /// As [`Product::run`], for one matrix of the batch.
    unsafe fn half(
        &self,
        a: *const u8,
        b: *const u8,
        c: *mut u8,
        behind: &(dyn Fn(Range<usize>, Range<usize>, Option<TileBlock>) + Sync),
    ) {
        let d = &self.desc;
        let to = Bases::new(std::slice::from_ref(&c));
        let finish = |rows: Range<usize>, columns: Range<usize>, tile: Finished<f32>| {
            let Some(out) = &d.out else {
                let tile = TileBlock { data: tile.data.cast(), size: 4, strides: tile.strides };
                return behind(rows, columns, Some(tile));
            };
            let c_strides = Self::strides(out);
            for (i, row) in rows.clone().enumerate() {
                let place = |column: usize| row as isize * c_strides.0 + column as isize * c_strides.1;
                let from = tile.data.wrapping_offset(i as isize * tile.strides.0);
                // SAFETY: the caller's promise; tiles are disjoint, and so is what they write.
                unsafe {
                    let c = to.get()[0].offset(2 * place(columns.start));
                    if c_strides.1 == 1 && tile.strides.1 == 1 {
                        vector::round(d.dtype, c, from.cast(), columns.len());
                        continue;
                    }
                    for j in 0..columns.len() as isize {
                        let (c, x) = (c.offset(2 * j * c_strides.1), from.offset(j * tile.strides.1));
                        vector::round(d.dtype, c, x.cast(), 1);
                    }
                }
            }
            behind(rows, columns, None);
        };
        let (a_strides, b_strides) = (Self::strides(&d.a), Self::strides(&d.b));
        let (m, n, k) = (d.m, d.n, d.k);
        let problem = |k: usize, a: *const f32, a_strides, b: *const f32, b_strides| {
            // Only its tiles are needed in full width.
            let c = std::ptr::null_mut();
            Problem { m, n, k, a, a_strides, b, b_strides, c, c_strides: (n as isize, 1) }
        };
        let mut wide = WIDE.with_borrow_mut(std::mem::take);
        let [wide_a, wide_b] = &mut wide;
        // SAFETY: the caller's promise.
        unsafe {
            if d.dtype == DType::BF16 {
                let (a, a_strides) = paired(d.a.dtype, a, a_strides, (m, k), wide_a);
                let (b, (column, row)) = paired(d.b.dtype, b, (b_strides.1, b_strides.0), (n, k), wide_b);
                gemm_bf16(&problem(k.div_ceil(2), a, a_strides, b, (row, column)), Some(&finish));
            } else {
                let a_strides = widened(d.dtype, a, a_strides, (m, k), wide_a);
                let b_strides = widened(d.dtype, b, b_strides, (k, n), wide_b);
                gemm_f32(&problem(k, wide_a.as_ptr(), a_strides, wide_b.as_ptr(), b_strides), Some(&finish));
            }
        }
        WIDE.with_borrow_mut(|w| *w = wide);
    }

    /// A product of narrow integers, which wrap around, and of `bool`, as "any of both". It is always stored.
    unsafe fn narrow(&self, dtype: DType, a: *const u8, b: *const u8, c: *mut u8) {
        macro_rules! through {
            ($t:ty, $w:ty, $widen:expr, $narrow:expr, $gemm:path) => {
                // SAFETY: the caller's promise.
                unsafe { self.through::<$t, $w>(a, b, c, $widen, $narrow, |p| $gemm(p, None)) }
            };
        }
        match dtype {
            DType::Bool => through!(u8, i32, |x| i32::from(x != 0), |x| u8::from(x != 0), gemm_generic),
            DType::U8 => through!(u8, i32, i32::from, |x| x as u8, gemm_generic),
            DType::I8 => through!(i8, i32, i32::from, |x| x as i8, gemm_generic),
            DType::U16 => through!(u16, i32, i32::from, |x| x as u16, gemm_generic),
            DType::I16 => through!(i16, i32, i32::from, |x| x as i16, gemm_generic),
            wide => unreachable!("{wide} is not narrow"),
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
        let (rs, cs) = self.desc.out.as_ref().map_or((n as isize, 1), Self::strides);
        for (i, w) in wide_c.into_iter().enumerate() {
            let place = (i / n) as isize * rs + (i % n) as isize * cs;
            // SAFETY: the caller's promise.
            unsafe { c.cast::<T>().offset(place).write(narrow(w)) };
        }
    }
}

/// Elements that are widened at once.
const PIECE: usize = 1 << 14;

/// A matrix of half floats as `float32`s in `wide`, row by row or, if its columns are what lies without gaps, column by
/// column. Gives the strides.
///
/// # Safety
/// The matrix is readable.
unsafe fn widened(
    dtype: DType,
    from: *const u8,
    (row_step, column_step): (isize, isize),
    (rows, columns): (usize, usize),
    wide: &mut Vec<f32>,
) -> (isize, isize) {
    let turned = column_step != 1 && row_step == 1;
    let (lines, length, step, inner) = match turned {
        true => (columns, rows, column_step, row_step),
        false => (rows, columns, row_step, column_step),
    };
    if wide.len() < lines * length {
        wide.resize(lines * length, 0.0);
    }
    let buffers = [from.cast_mut(), wide.as_mut_ptr().cast::<u8>()];
    let shared = Bases::new(&buffers);
    let at_once = (PIECE / length.max(1)).max(1);
    pool().run(lines.div_ceil(at_once), &|piece| {
        for line in piece * at_once..lines.min((piece + 1) * at_once) {
            // SAFETY: the caller's promise; `wide` has room, and every line its own place there.
            unsafe {
                let from = shared.get()[0].cast_const().offset(2 * line as isize * step);
                let to = shared.get()[1].add(4 * line * length);
                if inner == 1 || length == 1 {
                    vector::widen(dtype, to, from, length);
                    continue;
                }
                for j in 0..length {
                    vector::widen(dtype, to.add(4 * j), from.offset(2 * j as isize * inner), 1);
                }
            }
        }
    });
    if turned { (1, length as isize) } else { (length as isize, 1) }
}

/// A matrix of `bfloat16`s, or of `float32`s to be rounded to such, as pairs of neighbouring `k` (see [`gemm_bf16`]): itself
/// where its pairs are neighbours in memory, else in `room`. Gives the strides.
///
/// # Safety
/// The matrix is readable.
unsafe fn paired(
    dtype: DType,
    from: *const u8,
    (x_step, k_step): (isize, isize),
    (width, k): (usize, usize),
    room: &mut Vec<f32>,
) -> (*const f32, (isize, isize)) {
    let pairs = k.div_ceil(2);
    let in_order = k_step == 1 && cfg!(target_endian = "little");
    let whole = k.is_multiple_of(2) && (x_step % 2 == 0 || width == 1) && dtype == DType::BF16;
    if in_order && whole && from.cast::<f32>().is_aligned() {
        return (from.cast(), (x_step / 2, 1));
    }
    if room.len() < width * pairs {
        room.resize(width * pairs, 0.0);
    }
    let (lines, length) = if in_order { (width, pairs) } else { (pairs, width) };
    let size = dtype.size() as isize;
    let buffers = [from.cast_mut(), room.as_mut_ptr().cast::<u8>()];
    let shared = Bases::new(&buffers);
    let at_once = (PIECE / length.max(1)).max(1);
    pool().run(lines.div_ceil(at_once), &|piece| {
        for line in piece * at_once..lines.min((piece + 1) * at_once) {
            let place = |x: usize, k: usize| (x as isize * x_step + k as isize * k_step) * size;
            let at = |x: usize, k: usize| shared.get()[0].cast_const().wrapping_offset(place(x, k));
            let to = shared.get()[1].wrapping_add(4 * line * length);
            // SAFETY: the caller's promise; the buffer has room, and every line its own place there.
            unsafe {
                if in_order {
                    // An odd one out has a zero beside it.
                    to.cast::<u32>().add(pairs - 1).write(0);
                    match dtype {
                        DType::BF16 => to.copy_from_nonoverlapping(at(line, 0), 2 * k),
                        _ => vector::round(DType::BF16, to, at(line, 0), k),
                    }
                    continue;
                }
                let both = 2 * line + 1 < k;
                if both && x_step == 1 {
                    let (even, odd) = (at(0, 2 * line), at(0, 2 * line + 1));
                    match dtype {
                        DType::BF16 => vector::interleave(to, even, odd, width),
                        _ => vector::interleave_rounded(to, even, odd, width),
                    }
                    continue;
                }
                let number = |x: usize, k: usize| match dtype {
                    DType::BF16 => u32::from(at(x, k).cast::<u16>().read()),
                    _ => u32::from(bf16::from_f32(at(x, k).cast::<f32>().read()).to_bits()),
                };
                for x in 0..width {
                    let odd = if both { number(x, 2 * line + 1) } else { 0 };
                    to.cast::<u32>().add(x).write(number(x, 2 * line) | odd << 16);
                }
            }
        }
    });
    (room.as_ptr(), if in_order { (pairs as isize, 1) } else { (1, width as isize) })
}

/// The matrix that the left factor of a product is, and whether it is turned, if it may be given as sparse rows.
fn listable(d: &MatMul) -> Option<(SparseSlot, bool)> {
    let one = d.dtype == DType::F32 && d.a.dtype == DType::F32 && d.batch.is_empty() && d.a.offset == 0;
    let (row, column) = Product::strides(&d.a);
    let slot = |rows: usize, columns: usize| SparseSlot { rows, columns, blocks: listed_blocks(columns) };
    match (row, column) {
        _ if !one => None,
        (row, 1) if row == d.k as isize => Some((slot(d.m, d.k), false)),
        (1, column) if column == d.m as isize => Some((slot(d.k, d.m), true)),
        _ => None,
    }
}

/// What each slot holds that only products read, as their left factor, so that it may be given as sparse rows.
pub fn sparse(program: &ProgramDesc) -> Vec<Option<SparseSlot>> {
    // What products say of a slot, `None` where another use has been found.
    let mut found: HashMap<usize, Option<SparseSlot>> = HashMap::new();
    for kernel in &program.kernels {
        let own = match kernel {
            // Which slots these use is theirs to know.
            KernelDesc::Control(_) => return vec![None; program.slots.len()],
            KernelDesc::MatMul(d) => listable(d).map(|(slot, _)| (d.a.buffer, slot)),
            _ => None,
        };
        let accesses = kernel.accesses();
        for (access, ..) in &accesses {
            let buffer = access.buffer;
            let once = || accesses.iter().filter(|(a, ..)| a.buffer == buffer).count() == 1;
            let this = own.filter(|&(a, _)| a == buffer && once()).map(|(_, slot)| slot);
            let said = found.entry(buffer).or_insert(this);
            if *said != this {
                *said = None;
            }
        }
    }
    let of = |(number, slot): (usize, &Slot)| {
        let s = (*found.get(&number)?)?;
        (!slot.writable && slot.bytes == s.rows * s.columns * 4).then_some(s)
    };
    program.slots.iter().enumerate().map(of).collect()
}

/// Whether rows are what a slot holds.
pub fn fits(slot: &SparseSlot, picked: &Picked) -> bool {
    let Picked { matrix, rows } = picked;
    rows.len() == slot.rows
        && matrix.columns() == slot.columns
        && matrix.blocks() == slot.blocks
        && rows.within(&matrix.rows())
}
