//! Fused loops: elementwise work and reductions.

use crate::chunk::{Chunked, TilePart, with_scratch};
use crate::isa::FlushSubnormals;
use crate::reduce::Reduction;
use crate::transpose::Transposed;
use crate::vector::CHUNK;
use rhyton_base::Result;
use rhyton_ops::Expr;
use rhyton_runtime::{Access, Loop, pool};

/// Places a parallel piece of work has, at least.
pub const PIECE: usize = 8 * CHUNK;
/// Places times instructions below which one thread is faster than two. (Miri should see threads without much work.)
pub const ALONE: usize = if cfg!(miri) { 1 << 8 } else { 1 << 17 };

/// A loop that is ready to run.
pub enum ReadyLoop {
    /// Nothing to visit and nothing to write.
    Empty,
    /// A copy that turns axes.
    Transposed(Transposed),
    /// Results at every place only.
    Map(Chunked),
    /// Some results are reduced.
    Reduce(Reduction),
}

/// The base pointers of a program's arguments, shared between the threads of a section.
#[derive(Clone, Copy)]
pub struct Bases<'a>(&'a [*mut u8]);

// SAFETY: kernels cut their work so that no two pieces write the same bytes, nor one reads what another writes.
unsafe impl Sync for Bases<'_> {}

impl<'a> Bases<'a> {
    pub fn new(pointers: &'a [*mut u8]) -> Bases<'a> {
        Bases(pointers)
    }

    pub fn get(&self) -> &'a [*mut u8] {
        self.0
    }
}

impl ReadyLoop {
    /// Prepares a loop.
    pub fn new(l: &Loop) -> Result<ReadyLoop> {
        if l.outputs.iter().any(|o| o.reduce.is_some()) {
            return Ok(Reduction::new(l)?.map_or(ReadyLoop::Empty, ReadyLoop::Reduce));
        }
        if l.shape.contains(&0) {
            return Ok(ReadyLoop::Empty);
        }
        if let Some(copy) = Transposed::new(l) {
            return Ok(ReadyLoop::Transposed(copy));
        }
        let axes: Vec<usize> = (0..l.shape.len()).collect();
        let outputs: Vec<(Expr, Option<&Access>)> =
            l.outputs.iter().map(|o| (o.expr.clone(), Some(&o.access))).collect();
        Ok(ReadyLoop::Map(Chunked::new(&l.shape, &axes, 0, &l.inputs, &outputs)?))
    }

    /// Runs it.
    ///
    /// # Safety
    /// `bases` are the buffers that the accesses name, long enough for them, writable where they are written,
    /// and nobody else uses them meanwhile.
    pub unsafe fn run(&self, bases: &[*mut u8]) {
        match self {
            ReadyLoop::Empty => {}
            // SAFETY: the caller's promise.
            ReadyLoop::Reduce(r) => unsafe { r.run(bases) },
            // SAFETY: the caller's promise.
            ReadyLoop::Transposed(t) => unsafe { t.run(bases) },
            ReadyLoop::Map(m) => {
                let total = m.total();
                if total * m.cost() < ALONE {
                    // SAFETY: the caller's promise.
                    return unsafe { run_range(m, 0, total, bases) };
                }
                let shared = Bases::new(bases);
                pool().run(total.div_ceil(PIECE), &|piece| {
                    let _mode = FlushSubnormals::on();
                    let start = piece * PIECE;
                    // SAFETY: pieces are disjoint, and so is what they write.
                    unsafe { run_range(m, start, PIECE.min(total - start), shared.get()) }
                });
            }
        }
    }
}

/// A block of places: `rows` runs of `count` places, the first from the linear place `start` on, each `step` after
/// the one before.
#[derive(Clone, Copy)]
pub struct Block {
    pub start: usize,
    pub rows: usize,
    pub step: usize,
    pub count: usize,
}

/// A finished tile of a matrix product: where a block's first element lies, and the strides in elements.
#[derive(Clone, Copy)]
pub struct TileBlock {
    pub data: *const u8,
    pub size: usize,
    pub strides: (isize, isize),
}

/// Evaluates a block chunk by chunk.
///
/// # Safety
/// As [`Chunked::run`].
pub unsafe fn run_block(m: &Chunked, block: Block, tile: Option<TileBlock>, bases: &[*mut u8]) {
    // SAFETY: the caller's promise.
    with_scratch(|scratch| unsafe {
        m.begin(CHUNK.min(block.count), bases, scratch);
        for row in 0..block.rows {
            let mut at = 0;
            while at < block.count {
                let n = CHUNK.min(block.count - at);
                let part = tile.map(|t| {
                    let place = row as isize * t.strides.0 + at as isize * t.strides.1;
                    TilePart { data: t.data.wrapping_offset(place * t.size as isize), stride: t.strides.1 }
                });
                m.run(block.start + row * block.step + at, n, part, bases, scratch);
                at += n;
            }
        }
        m.end();
    });
}

/// The places `start..start + count`, chunk by chunk.
///
/// # Safety
/// As [`Chunked::run`].
pub unsafe fn run_range(m: &Chunked, start: usize, count: usize, bases: &[*mut u8]) {
    // SAFETY: the caller's promise.
    unsafe { run_block(m, Block { start, rows: 1, step: 0, count }, None, bases) }
}
