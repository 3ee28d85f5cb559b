//! Softmax of many long rows: its loops run over one block of rows after another, which stays in the cache between them.

use crate::isa::FlushSubnormals;
use crate::loops::{Bases, ReadyLoop};
use rhyton_base::Result;
use rhyton_ops::{BinaryFn, Expr, ReduceFn, UnaryFn};
use rhyton_runtime::{Access, Loop, Output, Whole, pool};
use std::cell::RefCell;

/// Bytes of rows that a block holds, about.
const BLOCK: usize = 64 << 10;

/// Slots of the loops of a block.
const X: usize = 0;
const Y: usize = 1;
const TOP: usize = 2;
const TOTAL: usize = 3;

/// Softmax or its logarithm along the last axis, made ready.
pub struct Softmax {
    x: Access,
    y: Access,
    /// Bytes of an element, and of a block's rows.
    size: usize,
    block_bytes: usize,
    /// Rows of a block, and their number without the last block's.
    rows: usize,
    blocks: usize,
    block: Vec<ReadyLoop>,
    /// The loops of the rows that are left.
    rest: Vec<ReadyLoop>,
}

thread_local! {
    static SCRATCH: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) };
}

impl Softmax {
    /// Prepares it. The result is of the type of `x`, a float.
    pub fn new(log: bool, x: &Whole, y: &Whole) -> Result<Softmax> {
        let length = x.shape.last().copied().unwrap_or(1).max(1);
        let all = x.shape.iter().product::<usize>() / length;
        let size = x.access.dtype.size();
        let rows = (BLOCK / (length * size)).clamp(1, all.max(1));
        let loops = |rows: usize| -> Result<Vec<ReadyLoop>> {
            loops(log, rows, length, x).iter().map(ReadyLoop::new).collect()
        };
        Ok(Softmax {
            x: x.access.clone(),
            y: y.access.clone(),
            size,
            block_bytes: rows * length * size,
            rows,
            blocks: all / rows,
            block: loops(rows)?,
            rest: loops(all % rows)?,
        })
    }

    /// Runs it.
    ///
    /// # Safety
    /// As [`ReadyLoop::run`].
    pub unsafe fn run(&self, bases: &[*mut u8]) {
        let shared = Bases::new(bases);
        pool().run(self.blocks + 1, &|number| {
            let _mode = FlushSubnormals::on();
            let start = number * self.block_bytes;
            let mut scratch = SCRATCH.with_borrow_mut(std::mem::take);
            scratch.resize(2 * (self.rows * self.size).div_ceil(8), 0);
            let (top, total) = scratch.split_at_mut((self.rows * self.size).div_ceil(8));
            // SAFETY: the caller's promise; blocks are disjoint and inside the buffers.
            unsafe {
                let at = |a: &Access| shared.get()[a.buffer].add(a.offset + start);
                let own = [at(&self.x), at(&self.y), top.as_mut_ptr().cast(), total.as_mut_ptr().cast()];
                let loops = if number < self.blocks { &self.block } else { &self.rest };
                loops.iter().for_each(|l| l.run(&own));
            }
            SCRATCH.with_borrow_mut(|s| *s = scratch);
        });
    }
}

/// The loops over a block of rows.
fn loops(log: bool, rows: usize, length: usize, x: &Whole) -> Vec<Loop> {
    let dtype = x.access.dtype;
    let access =
        |buffer: usize, strides: [isize; 2]| Access { buffer, dtype, offset: 0, strides: strides.to_vec() };
    let matrix = |buffer| access(buffer, [length as isize, 1]);
    let column = |buffer| access(buffer, [1, 0]);
    let input = |i| Expr::input(i, dtype);
    let shifted = input(0).binary(BinaryFn::Sub, input(1));
    let over_rows = |inputs: Vec<Access>, outputs: Vec<Output>| Loop {
        shape: vec![rows, length],
        reduced: vec![false, outputs.iter().any(|o| o.reduce.is_some())],
        inputs,
        outputs,
    };
    let map = |expr: Expr, access: Access| Output { expr, access, reduce: None };
    let reduce = |expr: Expr, f, buffer| Output { expr, access: column(buffer), reduce: Some(f) };
    let e = shifted.clone().unary(UnaryFn::Exp);
    let top = over_rows(vec![matrix(X)], vec![reduce(input(0), ReduceFn::Max, TOP)]);
    let mut sums = vec![reduce(e.clone(), ReduceFn::Sum, TOTAL)];
    if !log {
        sums.push(map(e, matrix(Y)));
        let totals = over_rows(vec![matrix(X), column(TOP)], sums);
        let divided = map(input(0).binary(BinaryFn::Div, input(1)), matrix(Y));
        return vec![top, totals, over_rows(vec![matrix(Y), column(TOTAL)], vec![divided])];
    }
    let totals = over_rows(vec![matrix(X), column(TOP)], sums);
    let logarithm = Loop {
        shape: vec![rows],
        reduced: vec![false],
        inputs: vec![Access { strides: vec![1], ..column(TOTAL) }],
        outputs: vec![map(input(0).unary(UnaryFn::Log), Access { strides: vec![1], ..column(TOTAL) })],
    };
    let result = map(shifted.binary(BinaryFn::Sub, input(2)), matrix(Y));
    let inputs = vec![matrix(X), column(TOP), column(TOTAL)];
    vec![top, totals, logarithm, over_rows(inputs, vec![result])]
}
