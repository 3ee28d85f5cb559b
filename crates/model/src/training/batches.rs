//! Batches: rows of arrays brought together for a step.

use rhyton_base::{DType, Result};
use rhyton_ops::Meta;
use rhyton_runtime::{Storage, pool};
use rhyton_tensor::Tensor;
use std::ops::Range;
use std::sync::{Arc, Mutex};

/// Copies of at least this many bytes are shared among threads.
const PIECE: usize = 64 << 10;
/// At most so many pieces a copy.
const PIECES: usize = 16;

/// An array of samples, read row by row.
struct Column {
    /// Keeps the numbers alive; the elements lie without gaps.
    storage: Arc<Storage>,
    dtype: DType,
    /// The shape of a sample.
    sample: Vec<usize>,
    /// Bytes of a sample.
    row: usize,
}

impl Column {
    fn new(x: &Tensor) -> Result<Column> {
        let sample = x.shape()[1..].to_vec();
        let row = sample.iter().product::<usize>() * x.dtype().size();
        Ok(Column { storage: x.contiguous_storage()?, dtype: x.dtype(), sample, row })
    }

    /// Copies rows into a batch's memory, one after another.
    fn gather(&self, rows: &Rows, out: &mut [u8]) {
        if self.row == 0 {
            return;
        }
        let from = self.storage.bytes();
        match rows {
            Rows::Run(run) => out.copy_from_slice(&from[run.start * self.row..run.end * self.row]),
            Rows::At(indices) => {
                for (&i, to) in indices.iter().zip(out.chunks_exact_mut(self.row)) {
                    to.copy_from_slice(&from[i * self.row..(i + 1) * self.row]);
                }
            }
        }
    }

    /// [`Column::gather`], by several threads where it is worth it.
    fn gather_in_pieces(&self, rows: &Rows, out: &mut [u8]) {
        let count = rows.len();
        let pieces = (out.len() / PIECE).min(PIECES).min(count);
        if pieces <= 1 {
            return self.gather(rows, out);
        }
        let each = count.div_ceil(pieces);
        // Threads take pieces by number; a lock hands each its own part of the memory.
        let mut parts = out.chunks_mut(each * self.row);
        let parts: [Mutex<Option<&mut [u8]>>; PIECES] = std::array::from_fn(|_| Mutex::new(parts.next()));
        pool().run(pieces, &|i| {
            let part = parts[i].lock().unwrap_or_else(|e| e.into_inner()).take();
            if let Some(part) = part {
                self.gather(&rows.part(i * each, ((i + 1) * each).min(count)), part);
            }
        });
    }
}

/// The samples of a batch.
enum Rows<'a> {
    /// One after another.
    Run(Range<usize>),
    /// By their numbers.
    At(&'a [usize]),
}

impl Rows<'_> {
    fn len(&self) -> usize {
        match self {
            Rows::Run(run) => run.len(),
            Rows::At(indices) => indices.len(),
        }
    }

    fn part(&self, start: usize, end: usize) -> Rows<'_> {
        match self {
            Rows::Run(run) => Rows::Run(run.start + start..run.start + end),
            Rows::At(indices) => Rows::At(&indices[start..end]),
        }
    }
}

/// Arrays with one sample a row, and the memory that a batch of them is brought together in. That memory is
/// made once and used for every batch.
pub(crate) struct Batches {
    columns: Vec<Column>,
    /// The samples used, a range of the arrays.
    range: Range<usize>,
    batch_size: usize,
    staging: Vec<Storage>,
}

impl Batches {
    /// Batches of the samples in `range` of arrays that all have them.
    pub fn new(arrays: &[Tensor], range: Range<usize>, batch_size: usize) -> Result<Batches> {
        let columns = arrays.iter().map(Column::new).collect::<Result<Vec<_>>>()?;
        let largest = batch_size.min(range.len());
        let staging = columns.iter().map(|c| Storage::new(c.row * largest)).collect::<Result<_>>()?;
        Ok(Batches { columns, range, batch_size, staging })
    }

    /// How many samples there are.
    pub fn samples(&self) -> usize {
        self.range.len()
    }

    /// How many batches; the last may be smaller.
    pub fn len(&self) -> usize {
        self.samples().div_ceil(self.batch_size)
    }

    /// The size of a batch.
    pub fn size(&self, batch: usize) -> usize {
        self.batch_size.min(self.samples() - batch * self.batch_size)
    }

    /// Types and shapes of a batch.
    pub fn metas(&self, batch: usize) -> Vec<Meta> {
        let size = self.size(batch);
        let shape = |c: &Column| [&[size], &c.sample[..]].concat();
        self.columns.iter().map(|c| Meta::new(c.dtype, shape(c))).collect()
    }

    /// Brings a batch together: of the samples as they come, or in the given order of all of them.
    pub fn load(&mut self, batch: usize, order: Option<&[usize]>) -> &[Storage] {
        let start = batch * self.batch_size;
        let size = self.size(batch);
        let rows = match order {
            Some(order) => Rows::At(&order[start..start + size]),
            None => Rows::Run(self.range.start + start..self.range.start + start + size),
        };
        for (column, staging) in self.columns.iter().zip(&mut self.staging) {
            column.gather_in_pieces(&rows, &mut staging.bytes_mut()[..column.row * size]);
        }
        &self.staging
    }

    /// The batch that was brought together last.
    pub fn loaded(&self, batch: usize) -> Result<Vec<Tensor>> {
        let size = self.size(batch);
        let tensor = |(c, staging): (&Column, &Storage)| {
            Tensor::from_bytes(&staging.bytes()[..c.row * size], c.dtype, &[&[size], &c.sample[..]].concat())
        };
        self.columns.iter().zip(&self.staging).map(tensor).collect()
    }

    /// The samples used, by their numbers in the arrays.
    pub fn range(&self) -> Range<usize> {
        self.range.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(batches: &mut Batches, order: Option<&[usize]>) -> Vec<Vec<f32>> {
        let mut all = Vec::new();
        for b in 0..batches.len() {
            let metas = batches.metas(b);
            let memory = batches.load(b, order);
            let shape = metas[0].dims();
            let bytes = &memory[0].bytes()[..shape.iter().product::<usize>() * 4];
            all.push(Tensor::from_bytes(bytes, DType::F32, &shape).unwrap().to_vec().unwrap());
        }
        all
    }

    #[test]
    fn batches_of_a_range() {
        let x = Tensor::from([[0.0f32, 0.5], [1.0, 1.5], [2.0, 2.5], [3.0, 3.5], [4.0, 4.5]]);
        let mut batches = Batches::new(&[x], 1..5, 3).unwrap();
        assert_eq!((batches.samples(), batches.len(), batches.size(1)), (4, 2, 1));
        assert_eq!(numbers(&mut batches, None), [vec![1.0, 1.5, 2.0, 2.5, 3.0, 3.5], vec![4.0, 4.5]]);
        assert_eq!(numbers(&mut batches, Some(&[4, 2, 1, 3]))[0], [4.0, 4.5, 2.0, 2.5, 1.0, 1.5]);
    }

    #[test]
    fn views_and_large_rows() {
        let x = rhyton_tensor::ops::reshape(
            &rhyton_tensor::ops::arange(300_000, DType::F32).unwrap(),
            [3, 100_000],
        );
        let columns = x.unwrap().t();
        // 100 000 rows of 3 numbers that lie far apart in the original.
        let mut batches = Batches::new(&[columns], 0..100_000, 70_000).unwrap();
        let order: Vec<usize> = (0..100_000).rev().collect();
        let all = numbers(&mut batches, Some(&order)).concat();
        assert_eq!(all[..3], [99_999.0, 199_999.0, 299_999.0]);
        assert_eq!(all[299_997..], [0.0, 100_000.0, 200_000.0]);
    }

    #[test]
    fn samples_without_numbers() {
        let x = rhyton_tensor::ops::zeros([4, 0], DType::F32).unwrap();
        let mut batches = Batches::new(&[x], 0..4, 3).unwrap();
        assert_eq!(batches.metas(1)[0], Meta::new(DType::F32, [1, 0]));
        batches.load(1, None);
    }
}
