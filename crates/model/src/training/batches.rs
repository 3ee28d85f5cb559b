//! Batches: rows of arrays brought together for a step.

use rhyton_base::Result;
use rhyton_data::rows::{Column, Rows};
use rhyton_ops::Meta;
use rhyton_runtime::Storage;
use rhyton_tensor::Tensor;
use std::ops::Range;

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
        let staging = columns.iter().map(|c| Storage::new(c.row_bytes() * largest)).collect::<Result<_>>()?;
        Ok(Batches { columns, range, batch_size, staging })
    }

    /// How many samples there are.
    pub fn samples(&self) -> usize {
        self.range.len()
    }

    /// The size of all batches but the last.
    pub fn batch_size(&self) -> usize {
        self.batch_size
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
        let shape = |c: &Column| [&[size], c.sample()].concat();
        self.columns.iter().map(|c| Meta::new(c.dtype(), shape(c))).collect()
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
            column.gather(&rows, &mut staging.bytes_mut()[..column.row_bytes() * size]);
        }
        &self.staging
    }

    /// The memory of the batch that was brought together last.
    pub fn loaded(&self) -> &[Storage] {
        &self.staging
    }

    /// The same as tensors; it was the batch of that number.
    pub fn tensors(&self, batch: usize) -> Result<Vec<Tensor>> {
        let size = self.size(batch);
        let tensor = |(c, staging): (&Column, &Storage)| {
            Tensor::from_bytes(
                &staging.bytes()[..c.row_bytes() * size],
                c.dtype(),
                &[&[size], c.sample()].concat(),
            )
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
    use rhyton_base::DType;

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
