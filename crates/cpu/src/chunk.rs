//! A loop made ready: its space with axes merged, its loads and stores, and the evaluation of one chunk.

use crate::tape::{Class, Instr, Reg, Source, Tape, flatten};
use crate::vector::{self, CHUNK};
use rhyton_base::{DType, Error, Result, Scalar, bf16, f16};
use rhyton_ops::Expr;
use rhyton_runtime::Access;
use std::cell::RefCell;
use std::sync::atomic::{AtomicU64, Ordering};

/// Axes a space may have after merging.
pub const MAX_RANK: usize = 24;

/// Bytes that caches hold together.
const LINE: usize = 64;

/// A line of register memory.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Line {
    _bytes: [u8; LINE],
}

/// One load of a tape.
#[derive(Debug)]
struct Load {
    reg: Reg,
    what: What,
    strides: Vec<isize>,
    /// Whether the elements lie in the order of the space.
    linear: bool,
}

#[derive(Debug)]
enum What {
    Memory { buffer: usize, offset: usize, dtype: DType },
    Affine,
    Const(Scalar, Class),
}

/// Where a result of every place goes.
#[derive(Debug)]
struct Store {
    result: usize,
    access: Access,
    linear: bool,
    /// The last instruction may write straight to memory.
    direct: bool,
    /// Written past the caches.
    streamed: bool,
}

/// Bytes from which on a result would push everything else out of the caches, itself included.
const STREAM: usize = 24 << 20;

/// A tape over a space.
#[derive(Debug)]
pub struct Chunked {
    /// Unlike any other's, so that a thread can tell whose constants its registers hold.
    id: u64,
    /// Sizes of the axes in the order of evaluation, merged where all accesses allow.
    pub shape: Vec<usize>,
    tape: Tape,
    loads: Vec<Load>,
    stores: Vec<Store>,
    /// Whether results are written past the caches.
    large: bool,
    /// The place among the loads of the one that reads the finished tile of a matrix product.
    tile: Option<usize>,
}

/// Where a chunk's part of a finished tile lies.
#[derive(Clone, Copy)]
pub struct TilePart {
    /// The chunk's first element.
    pub data: *const u8,
    /// Elements between neighbours along a row.
    pub stride: isize,
}

/// What one evaluation works with: register memory of this thread.
#[derive(Default)]
pub struct Scratch {
    memory: Vec<Line>,
    regs: Vec<*mut u8>,
    /// Whose constants the registers hold, and how many times each.
    owner: u64,
    filled: usize,
}

thread_local! {
    static SCRATCH: RefCell<Vec<Scratch>> = const { RefCell::new(Vec::new()) };
}

/// Lends this thread's register memory; nested calls get another.
pub fn with_scratch<R>(f: impl FnOnce(&mut Scratch) -> R) -> R {
    let mut scratch = SCRATCH.with_borrow_mut(Vec::pop).unwrap_or_default();
    let out = f(&mut scratch);
    SCRATCH.with_borrow_mut(|s| s.push(scratch));
    out
}

impl Chunked {
    /// `axes` gives the order of evaluation of the axes of `shape`; `border` is the number of axes in front that
    /// must not be merged with the rest. Each output is an expression and, if it is stored at every place,
    /// where.
    pub fn new(
        shape: &[usize],
        axes: &[usize],
        border: usize,
        inputs: &[Access],
        outputs: &[(Expr, Option<&Access>)],
    ) -> Result<Chunked> {
        let exprs: Vec<Expr> = outputs.iter().map(|(e, _)| e.clone()).collect();
        let tape = flatten(&exprs, shape.len());
        let ordered = |s: &[isize]| axes.iter().map(|&a| s[a]).collect::<Vec<isize>>();
        let mut strides: Vec<Vec<isize>> = Vec::new();
        for source in &tape.sources {
            strides.push(match source {
                Source::Input(i) => ordered(&inputs[*i].strides),
                Source::Affine(s) => ordered(&s.iter().map(|&x| x as isize).collect::<Vec<_>>()),
                Source::Const(..) => vec![0; axes.len()],
            });
        }
        let stored: Vec<(usize, &Access)> =
            outputs.iter().enumerate().filter_map(|(i, (_, a))| Some((i, (*a)?))).collect();
        strides.extend(stored.iter().map(|(_, a)| ordered(&a.strides)));
        let mut dims: Vec<usize> = axes.iter().map(|&a| shape[a]).collect();
        merge(&mut dims, &mut strides, border);
        if dims.len() > MAX_RANK {
            return Err(Error::unsupported(format!(
                "a tensor of {} axes; at most {MAX_RANK} are supported",
                shape.len()
            )));
        }
        let (of_sources, of_stores) = strides.split_at(tape.sources.len());
        let loads = tape.instrs.iter().filter_map(|i| match i {
            Instr::Load { dst, input } => Some((*dst, *input)),
            _ => None,
        });
        let loads: Vec<Load> = loads
            .map(|(reg, input)| {
                let what = match &tape.sources[input] {
                    Source::Input(i) => {
                        let a = &inputs[*i];
                        What::Memory { buffer: a.buffer, offset: a.offset, dtype: a.dtype }
                    }
                    Source::Affine(_) => What::Affine,
                    Source::Const(c, dtype) => What::Const(*c, Class::of(*dtype)),
                };
                let strides = of_sources[input].clone();
                Load { reg, what, linear: is_linear(&dims, &strides), strides }
            })
            .collect();
        let computed = |reg: Reg| !loads.iter().any(|l| l.reg == reg);
        let mut taken = Vec::new();
        let stores = stored
            .iter()
            .zip(of_stores)
            .map(|(&(result, access), strides)| {
                let access = Access { strides: strides.clone(), ..access.clone() };
                let linear = is_linear(&dims, strides);
                let reg = tape.results[result];
                let overlaps = |r: &Option<(isize, isize)>, i: &Access| match (r, i.range(shape)) {
                    (Some((a, b)), Some((c, d))) => i.buffer == access.buffer && *a < d && c < *b,
                    _ => false,
                };
                let range = outputs[result].1.and_then(|a| a.range(shape));
                let may_share = |i: usize| {
                    let same = outputs[result].1.is_some_and(|a| *a == inputs[i]);
                    same && tape.may_overwrite(i, reg)
                };
                let free = |(i, a): (usize, &Access)| !overlaps(&range, a) || may_share(i);
                let direct = linear
                    && Class::is_native(access.dtype)
                    && computed(reg)
                    && !taken.contains(&reg)
                    && inputs.iter().enumerate().all(free);
                taken.push(reg);
                let bytes = dims.iter().product::<usize>() * access.dtype.size();
                let streamed = direct && bytes >= STREAM && access.offset.is_multiple_of(LINE);
                Store { result, access, linear, direct: direct && !streamed, streamed }
            })
            .collect::<Vec<Store>>();
        let large = stores.iter().any(|s| s.streamed);
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        Ok(Chunked { id, shape: dims, tape, loads, stores, large, tile: None })
    }

    /// The same, with input 0 taken from finished tiles; see [`Chunked::run`].
    pub fn behind_product(mut self) -> Chunked {
        let reads_product = |s: &Source| *s == Source::Input(0);
        let input = self.tape.sources.iter().position(reads_product);
        let reg = self.tape.instrs.iter().find_map(|i| match i {
            Instr::Load { dst, input: from } if Some(*from) == input => Some(*dst),
            _ => None,
        });
        self.tile = reg.and_then(|r| self.loads.iter().position(|l| l.reg == r));
        // Its blocks are not whole lines.
        self.stores.iter_mut().filter(|s| s.streamed).for_each(|s| (s.direct, s.streamed) = (true, false));
        self.large = false;
        self
    }

    /// How many places the space has.
    pub fn total(&self) -> usize {
        self.shape.iter().product()
    }

    /// A rough measure of the work at one place.
    pub fn cost(&self) -> usize {
        self.tape.instrs.len() + self.stores.len()
    }

    /// Makes `scratch` ready for chunks of at most `longest <= CHUNK` places: register memory, and what is the
    /// same everywhere.
    ///
    /// # Safety
    /// `bases` are the buffers that the accesses name, long enough for them.
    pub unsafe fn begin(&self, longest: usize, bases: &[*mut u8], scratch: &mut Scratch) {
        let lines = self.tape.registers * CHUNK * 8 / LINE;
        if scratch.memory.len() < lines {
            scratch.memory.resize(lines, Line { _bytes: [0; LINE] });
            scratch.owner = 0;
        }
        scratch.regs.clear();
        let start = scratch.memory.as_mut_ptr().cast::<u8>();
        // SAFETY: the memory was sized for all registers.
        scratch.regs.extend((0..self.tape.registers).map(|r| unsafe { start.add(r * CHUNK * 8) }));
        let filled = scratch.owner == self.id && scratch.filled >= longest;
        if !filled {
            (scratch.owner, scratch.filled) = (self.id, longest);
        }
        for load in self.loads.iter().filter(|l| l.is_uniform()) {
            match load.what {
                // A product that is not stored comes tile by tile.
                What::Memory { buffer, .. } if buffer >= bases.len() => continue,
                What::Const(..) if filled => continue,
                _ => {}
            }
            // SAFETY: a register holds `CHUNK` elements; the element read is inside its buffer.
            unsafe { load.fill(&self.shape, 0, longest, bases, scratch.regs[load.reg]) }
        }
    }

    /// Evaluates `n` places from the linear place `start` on, and stores the results of every place. Behind a
    /// matrix product, `tile` is where the product of these places lies.
    ///
    /// # Safety
    /// As [`Chunked::begin`], which has been called with the same buffers and `n` or more; nobody else reads or
    /// writes what these places write; `tile` reaches over `n` elements of the product's type.
    pub unsafe fn run(
        &self,
        start: usize,
        n: usize,
        tile: Option<TilePart>,
        bases: &[*mut u8],
        scratch: &mut Scratch,
    ) {
        // SAFETY: the caller's promise; registers hold `CHUNK` elements.
        unsafe {
            for (number, load) in self.loads.iter().enumerate() {
                if let (Some(part), true) = (tile, self.tile == Some(number)) {
                    let own = scratch.memory.as_mut_ptr().cast::<u8>().add(load.reg * CHUNK * 8);
                    scratch.regs[load.reg] = load.tile(part, n, own);
                    continue;
                }
                if load.is_uniform() {
                    continue;
                }
                match &load.what {
                    What::Memory { buffer, offset, dtype }
                        if Class::is_native(*dtype)
                            && let Some(place) = load.neighbours(&self.shape, start, n) =>
                    {
                        scratch.regs[load.reg] =
                            bases[*buffer].add(*offset).offset(place * dtype.size() as isize);
                    }
                    _ => {
                        let own = scratch.memory.as_mut_ptr().cast::<u8>().add(load.reg * CHUNK * 8);
                        scratch.regs[load.reg] = own;
                        load.fill(&self.shape, start, n, bases, own);
                    }
                }
            }
            for s in self.stores.iter().filter(|s| s.direct) {
                let to = bases[s.access.buffer].add(s.access.offset + start * s.access.dtype.size());
                scratch.regs[self.tape.results[s.result]] = to;
            }
            vector::run(&self.tape.instrs, &scratch.regs, n);
            for s in self.stores.iter().filter(|s| !s.direct) {
                let base = bases[s.access.buffer].add(s.access.offset);
                let from = scratch.regs[self.tape.results[s.result]];
                if s.streamed {
                    let size = s.access.dtype.size();
                    vector::stream(base.add(start * size), from, n * size);
                    continue;
                }
                store(from, base, s.access.dtype, &self.shape, &s.access.strides, s.linear, start, n);
            }
        }
    }

    /// After the last chunk of a piece of work: others may read what was stored.
    pub fn end(&self) {
        if self.large {
            vector::fence();
        }
    }

    /// Whether nothing is computed or stored, and `n` places from `start` on are neighbours in every buffer read: then
    /// results are where they lie in memory, and a run may be longer than a chunk.
    pub fn reads_run(&self, start: usize, n: usize) -> bool {
        let is_load = |i: &Instr| matches!(i, Instr::Load { .. });
        let in_place = |l: &Load| match l.what {
            What::Memory { dtype, .. } => {
                Class::is_native(dtype) && l.neighbours(&self.shape, start, n).is_some()
            }
            _ => false,
        };
        self.stores.is_empty() && self.tape.instrs.iter().all(is_load) && self.loads.iter().all(in_place)
    }

    /// The register of a result after [`Chunked::run`].
    pub fn result(&self, i: usize, scratch: &Scratch) -> *const u8 {
        scratch.regs[self.tape.results[i]]
    }
}

impl Load {
    fn is_uniform(&self) -> bool {
        self.strides.iter().all(|&s| s == 0)
    }

    /// The element at `start`, if the `n` places from there on are neighbours in memory.
    fn neighbours(&self, shape: &[usize], start: usize, n: usize) -> Option<isize> {
        // One element for all places; in a space of one place that is in order, too.
        if self.is_uniform() {
            return None;
        }
        if self.linear {
            return Some(start as isize);
        }
        let inner = *shape.last()?;
        if *self.strides.last()? != 1 || start % inner + n > inner {
            return None;
        }
        let (mut rest, mut place) = (start, 0);
        for (&size, &stride) in shape.iter().zip(&self.strides).rev() {
            place += (rest % size) as isize * stride;
            rest /= size;
        }
        Some(place)
    }

    /// A finished tile's part as a register: its own memory, or a copy where its elements are not neighbours.
    unsafe fn tile(&self, part: TilePart, n: usize, own: *mut u8) -> *mut u8 {
        let What::Memory { dtype, .. } = self.what else { unreachable!("a product lies in memory") };
        if part.stride == 1 {
            return part.data.cast_mut();
        }
        let size = dtype.size();
        for k in 0..n {
            // SAFETY: the caller's promise; `own` holds `CHUNK` elements.
            unsafe {
                let from = part.data.offset(k as isize * part.stride * size as isize);
                own.add(k * size).copy_from_nonoverlapping(from, size);
            }
        }
        own
    }

    /// Fills a register with `n` places from `start` on.
    unsafe fn fill(&self, shape: &[usize], start: usize, n: usize, bases: &[*mut u8], dst: *mut u8) {
        // SAFETY: the caller's promise.
        unsafe {
            match &self.what {
                What::Const(c, class) => match class {
                    Class::F32 => vector::splat4(dst, (c.as_f64() as f32).to_bits(), n),
                    Class::F64 => vector::splat8(dst, c.as_f64().to_bits(), n),
                    Class::I32 => vector::splat4(dst, c.as_i64() as u32, n),
                    Class::I64 => vector::splat8(dst, c.as_i64() as u64, n),
                    Class::U64 => vector::splat8(dst, c.as_u64(), n),
                },
                What::Affine => {
                    let dst = dst.cast::<i64>();
                    runs(shape, &self.strides, start, n, |at, place, count, stride| {
                        for k in 0..count {
                            dst.add(at + k).write(place as i64 + k as i64 * stride as i64);
                        }
                    });
                }
                What::Memory { buffer, offset, dtype } => {
                    let base = bases[*buffer].add(*offset);
                    if let Some(place) = self.neighbours(shape, start, n) {
                        return vector::widen(*dtype, dst, base.offset(place * dtype.size() as isize), n);
                    }
                    macro_rules! from {
                        ($t:ty, $r:ty, $f:expr) => {
                            gather::<$t, $r>(dst, base, shape, &self.strides, start, n, $f)
                        };
                    }
                    match dtype {
                        DType::Bool | DType::U8 => from!(u8, i32, i32::from),
                        DType::U16 => from!(u16, i32, i32::from),
                        DType::I8 => from!(i8, i32, i32::from),
                        DType::I16 => from!(i16, i32, i32::from),
                        DType::I32 => from!(i32, i32, |x| x),
                        DType::U32 => from!(u32, i64, i64::from),
                        DType::I64 => from!(i64, i64, |x| x),
                        DType::U64 => from!(u64, u64, |x| x),
                        DType::F16 => from!(f16, f32, f16::to_f32),
                        DType::BF16 => from!(bf16, f32, bf16::to_f32),
                        DType::F32 => from!(f32, f32, |x| x),
                        DType::F64 => from!(f64, f64, |x| x),
                    }
                }
            }
        }
    }
}

/// Merges neighbouring axes that every access walks as one, and drops axes of size 1. Never across `border`.
fn merge(dims: &mut Vec<usize>, strides: &mut [Vec<isize>], mut border: usize) {
    let mut axis = 0;
    while axis < dims.len() {
        if dims[axis] == 1 {
            dims.remove(axis);
            strides.iter_mut().for_each(|s| {
                s.remove(axis);
            });
            border -= usize::from(axis < border);
            continue;
        }
        let mergeable = axis > 0
            && axis != border
            && strides.iter().all(|s| s[axis - 1] == s[axis] * dims[axis] as isize);
        if mergeable {
            dims[axis - 1] *= dims[axis];
            dims.remove(axis);
            strides.iter_mut().for_each(|s| {
                s.remove(axis - 1);
            });
            border -= usize::from(axis < border);
            continue;
        }
        axis += 1;
    }
}

fn is_linear(dims: &[usize], strides: &[isize]) -> bool {
    let mut expected = 1isize;
    dims.iter().zip(strides).rev().all(|(&n, &s)| {
        let fits = s == expected;
        expected *= n as isize;
        fits
    })
}

/// Calls `f(at, place, count, stride)` for each run of places along the innermost axis: `at` counts places from
/// `start`, `place` is the element of the first one.
#[inline(always)]
fn runs(
    shape: &[usize],
    strides: &[isize],
    start: usize,
    n: usize,
    mut f: impl FnMut(usize, isize, usize, isize),
) {
    let rank = shape.len();
    if rank == 0 {
        return f(0, 0, n, 0);
    }
    let mut coordinate = [0usize; MAX_RANK];
    let (mut rest, mut place) = (start, 0isize);
    for axis in (0..rank).rev() {
        coordinate[axis] = rest % shape[axis];
        rest /= shape[axis];
        place += coordinate[axis] as isize * strides[axis];
    }
    let (inner, stride) = (shape[rank - 1], strides[rank - 1]);
    let mut at = 0;
    loop {
        let count = (inner - coordinate[rank - 1]).min(n - at);
        f(at, place, count, stride);
        at += count;
        if at >= n {
            return;
        }
        place -= coordinate[rank - 1] as isize * stride;
        coordinate[rank - 1] = 0;
        for axis in (0..rank - 1).rev() {
            coordinate[axis] += 1;
            place += strides[axis];
            if coordinate[axis] < shape[axis] {
                break;
            }
            place -= shape[axis] as isize * strides[axis];
            coordinate[axis] = 0;
        }
    }
}

/// Strided elements into a register.
#[inline(always)]
unsafe fn gather<T: Copy, R: Copy>(
    dst: *mut u8,
    base: *const u8,
    shape: &[usize],
    strides: &[isize],
    start: usize,
    n: usize,
    f: impl Fn(T) -> R,
) {
    let (dst, base) = (dst.cast::<R>(), base.cast::<T>());
    // SAFETY: the caller's promise: every place of the space is an element of the buffer.
    runs(shape, strides, start, n, |at, place, count, stride| unsafe {
        let (to, from) = (dst.add(at), base.offset(place));
        match stride {
            0 => {
                let x = f(from.read());
                (0..count).for_each(|k| to.add(k).write(x));
            }
            1 => (0..count).for_each(|k| to.add(k).write(f(from.add(k).read()))),
            _ => (0..count).for_each(|k| to.add(k).write(f(from.offset(k as isize * stride).read()))),
        }
    });
}

/// A register to memory.
#[allow(clippy::too_many_arguments)]
unsafe fn store(
    from: *const u8,
    base: *mut u8,
    dtype: DType,
    shape: &[usize],
    strides: &[isize],
    linear: bool,
    start: usize,
    n: usize,
) {
    if linear {
        // SAFETY: the caller's promise: the places are elements of the buffer.
        return unsafe { vector::narrow(dtype, base.add(start * dtype.size()), from, n) };
    }
    macro_rules! to {
        ($r:ty, $t:ty, $f:expr) => {{
            let (from, base, f) = (from.cast::<$r>(), base.cast::<$t>(), $f);
            // SAFETY: the caller's promise: every place of the space is an element of the buffer.
            runs(shape, strides, start, n, |at, place, count, stride| unsafe {
                for k in 0..count {
                    base.offset(place + k as isize * stride).write(f(from.add(at + k).read()));
                }
            });
        }};
    }
    match dtype {
        DType::Bool | DType::U8 => to!(i32, u8, |x: i32| x as u8),
        DType::U16 => to!(i32, u16, |x: i32| x as u16),
        DType::I8 => to!(i32, i8, |x: i32| x as i8),
        DType::I16 => to!(i32, i16, |x: i32| x as i16),
        DType::I32 => to!(i32, i32, |x: i32| x),
        DType::U32 => to!(i64, u32, |x: i64| x as u32),
        DType::I64 => to!(i64, i64, |x: i64| x),
        DType::U64 => to!(u64, u64, |x: u64| x),
        DType::F16 => to!(f32, f16, f16::from_f32),
        DType::BF16 => to!(f32, bf16, bf16::from_f32),
        DType::F32 => to!(f32, f32, |x: f32| x),
        DType::F64 => to!(f64, f64, |x: f64| x),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_space_of_one_place_reads_one_element() {
        // The element stands alone in its buffer; registers are filled from it over and over.
        let mut memory = vec![2.5f32];
        let mut out = vec![0f32];
        let access = |buffer| Access { buffer, dtype: DType::F32, offset: 0, strides: vec![] };
        let expr = Expr::input(0, DType::F32) + Expr::input(0, DType::F32);
        let m = Chunked::new(&[], &[], 0, &[access(0)], &[(expr, Some(&access(1)))]).unwrap();
        let load = &m.loads[0];
        assert!(load.is_uniform() && load.neighbours(&m.shape, 0, 1).is_none());
        let bases = [memory.as_mut_ptr().cast::<u8>(), out.as_mut_ptr().cast::<u8>()];
        // SAFETY: both buffers hold the one element that the accesses name.
        with_scratch(|scratch| unsafe {
            m.begin(CHUNK, &bases, scratch);
            m.run(0, 1, None, &bases, scratch);
        });
        assert_eq!(out, [5.0]);
    }
}
