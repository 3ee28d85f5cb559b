//! Rows of arrays brought together.

use rhyton_base::{DType, Layout, Result};
pub use rhyton_runtime::Rows;
use rhyton_runtime::{SparseRows, SparseSlot, Storage, pool};
use rhyton_tensor::Tensor;
use std::ops::Range;
use std::sync::{Arc, Mutex};

/// Copies of at least this many bytes are shared among threads.
const PIECE: usize = 64 << 10;
/// At most so many pieces a copy.
const PIECES: usize = 16;

/// An array whose slices along the first axis, its rows, are read in any order.
pub struct Column {
    /// Keeps the numbers alive; the elements lie without gaps from a byte on.
    storage: Arc<Storage>,
    start: usize,
    dtype: DType,
    sample: Vec<usize>,
    row: usize,
}

impl Column {
    /// The rows of a tensor that has at least one axis; copied where they do not lie one after another.
    ///
    /// # Errors
    /// Where there is no memory for the copy.
    pub fn new(x: &Tensor) -> Result<Column> {
        let sample = x.shape().get(1..).unwrap_or_default().to_vec();
        let row = sample.iter().product::<usize>() * x.dtype().size();
        let (storage, start) = x.memory()?;
        Ok(Column { storage, start, dtype: x.dtype(), sample, row })
    }

    /// The element type.
    pub fn dtype(&self) -> DType {
        self.dtype
    }

    /// The shape of a row.
    pub fn sample(&self) -> &[usize] {
        &self.sample
    }

    /// The bytes of a row.
    pub fn row_bytes(&self) -> usize {
        self.row
    }

    /// Copies rows, one after another, into memory of exactly their size; by several threads where it is worth it.
    pub fn gather(&self, rows: &Rows, out: &mut [u8]) {
        let count = rows.len();
        let pieces = (out.len() / PIECE).min(PIECES).min(count);
        if pieces <= 1 {
            return self.copy(rows, out);
        }
        let each = count.div_ceil(pieces);
        // Threads take pieces by number; a lock hands each its own part of the memory.
        let mut parts = out.chunks_mut(each * self.row);
        let parts: [Mutex<Option<&mut [u8]>>; PIECES] = std::array::from_fn(|_| Mutex::new(parts.next()));
        pool().run(pieces, &|i| {
            let part = parts[i].lock().unwrap_or_else(|e| e.into_inner()).take();
            if let Some(part) = part {
                self.copy(&rows.part(i * each..((i + 1) * each).min(count)), part);
            }
        });
    }

    /// Rows as a tensor. They are a view where they lie one after another, a copy elsewhere.
    ///
    /// # Errors
    /// Where there is no memory.
    pub fn rows(&self, rows: &Rows) -> Result<Tensor> {
        let layout = Layout::contiguous(&[&[rows.len()], &self.sample[..]].concat());
        if let Some(first) = rows.run() {
            let elements = self.sample.iter().product::<usize>();
            let first = self.start / self.dtype.size() + first * elements;
            let layout = Layout::new(layout.shape().to_vec(), layout.strides().to_vec(), first);
            return Ok(Tensor::from_storage(self.storage.clone(), self.dtype, layout));
        }
        let mut storage = Storage::new(self.row * rows.len())?;
        self.gather(rows, storage.bytes_mut());
        Ok(Tensor::from_storage(Arc::new(storage), self.dtype, layout))
    }

    /// The memory of all rows, and the byte at which a row begins.
    pub fn memory(&self, row: usize) -> (&Storage, usize) {
        (&self.storage, self.start + row * self.row)
    }

    /// Some rows as lists, where the rows of a slot are mostly zeros.
    pub fn sparse(&self, rows: Range<usize>, slot: &SparseSlot) -> Option<SparseRows> {
        if self.dtype != DType::F32 || self.sample != [slot.columns] {
            return None;
        }
        let bytes = &self.storage.bytes()[self.start..][rows.start * self.row..rows.end * self.row];
        SparseRows::new(bytemuck::cast_slice(bytes), rows.start, slot.columns, slot.blocks)
    }

    fn copy(&self, rows: &Rows, out: &mut [u8]) {
        if self.row == 0 {
            return;
        }
        let from = &self.storage.bytes()[self.start..];
        match rows {
            Rows::Run(run) => out.copy_from_slice(&from[run.start * self.row..run.end * self.row]),
            Rows::At(indices) => {
                for (&i, to) in indices.iter().zip(out.chunks_exact_mut(self.row)) {
                    to.copy_from_slice(&from[i * self.row..(i + 1) * self.row]);
                }
            }
        }
    }
}
