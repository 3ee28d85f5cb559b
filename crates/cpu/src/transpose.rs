//! Copies that turn axes: both sides are visited in square tiles, so that every cache line is used as a whole.

use crate::loops::{ALONE, Bases};
use rhyton_ops::ExprKind;
use rhyton_runtime::{Access, Loop, pool};

/// The side of a tile.
const TILE: usize = 32;

/// A copy whose output is contiguous along its last axis and whose input is contiguous along another one.
pub struct Transposed {
    from: Access,
    to: Access,
    /// The axes other than the two that are turned: sizes, strides in the input, strides in the output.
    outer: Vec<(usize, isize, isize)>,
    /// Places along the axis that is contiguous in the input, and its stride in the output.
    rows: (usize, isize),
    /// Places along the last axis, and its stride in the input.
    columns: (usize, isize),
}

impl Transposed {
    /// The loop as such a copy, if it is one that is worth it.
    pub fn new(l: &Loop) -> Option<Transposed> {
        let ([from], [output]) = (&l.inputs[..], &l.outputs[..]) else { return None };
        let to = &output.access;
        let last = l.shape.len().checked_sub(1)?;
        let plain = matches!(output.expr.kind(), ExprKind::Input(0))
            && output.reduce.is_none()
            && from.dtype == to.dtype
            && from.buffer != to.buffer;
        if !plain || to.strides[last] != 1 || l.shape[last] < 4 || from.strides[last].abs() < 4 {
            return None;
        }
        let turned = (0..last).find(|&a| from.strides[a] == 1 && l.shape[a] >= 4)?;
        let outer = (0..last).filter(|&a| a != turned);
        Some(Transposed {
            outer: outer.map(|a| (l.shape[a], from.strides[a], to.strides[a])).collect(),
            rows: (l.shape[turned], to.strides[turned]),
            columns: (l.shape[last], from.strides[last]),
            from: from.clone(),
            to: to.clone(),
        })
    }

    /// Copies.
    ///
    /// # Safety
    /// As [`crate::loops::ReadyLoop::run`].
    pub unsafe fn run(&self, bases: &[*mut u8]) {
        let planes: usize = self.outer.iter().map(|o| o.0).product();
        let bands = self.rows.0.div_ceil(TILE);
        let shared = Bases::new(bases);
        let work = |piece: usize| {
            let (plane, band) = (piece / bands, piece % bands);
            // SAFETY: bands write disjoint rows of the output.
            unsafe {
                match self.from.dtype.size() {
                    1 => self.band::<u8>(plane, band, shared.get()),
                    2 => self.band::<u16>(plane, band, shared.get()),
                    4 => self.band::<u32>(plane, band, shared.get()),
                    _ => self.band::<u64>(plane, band, shared.get()),
                }
            }
        };
        let pieces = planes * bands;
        match planes * self.rows.0 * self.columns.0 < ALONE {
            true => (0..pieces).for_each(work),
            false => pool().run(pieces, &work),
        }
    }

    /// One band of rows.
    unsafe fn band<T: Copy + Default>(&self, mut plane: usize, band: usize, bases: &[*mut u8]) {
        let (mut read, mut write) = (0isize, 0isize);
        for &(size, from, to) in self.outer.iter().rev() {
            let place = (plane % size) as isize;
            plane /= size;
            (read, write) = (read + place * from, write + place * to);
        }
        let first = band * TILE;
        let rows = TILE.min(self.rows.0 - first);
        let mut tile = [[T::default(); TILE]; TILE];
        // SAFETY: the caller's promise: every place of the space is an element of both buffers.
        unsafe {
            let from =
                bases[self.from.buffer].add(self.from.offset).cast::<T>().offset(read + first as isize);
            let to = bases[self.to.buffer].add(self.to.offset).cast::<T>();
            let to = to.offset(write + first as isize * self.rows.1);
            let mut column = 0;
            while column < self.columns.0 {
                let columns = TILE.min(self.columns.0 - column);
                for (c, line) in tile.iter_mut().enumerate().take(columns) {
                    let line_start = from.offset((column + c) as isize * self.columns.1);
                    line_start.copy_to_nonoverlapping(line.as_mut_ptr(), rows);
                }
                for r in 0..rows {
                    let line = to.offset(r as isize * self.rows.1 + column as isize);
                    for (c, from) in tile.iter().enumerate().take(columns) {
                        line.add(c).write(from[r]);
                    }
                }
                column += columns;
            }
        }
    }
}
