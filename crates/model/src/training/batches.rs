//! Batches: rows of arrays brought together for a step.

use crate::step::{Memory, Step};
use rhyton_base::Result;
use rhyton_data::rows::{Column, Rows};
use rhyton_ops::Meta;
use rhyton_runtime::{Arg, Picked, SparseRows, Storage};
use rhyton_tensor::Tensor;
use std::ops::Range;

/// Arrays with one sample a row, of which a batch at a time is chosen.
pub(crate) struct Batches {
    arrays: Vec<Array>,
    /// The samples used, a range of the arrays.
    range: Range<usize>,
    batch_size: usize,
    /// The rows of the batch that is loaded.
    run: Range<usize>,
    /// The same where they do not follow one another.
    rows: Option<Vec<usize>>,
}

/// One array.
struct Array {
    column: Column,
    /// Where rows that do not follow one another are brought together; made once and used for every batch.
    staging: Option<Storage>,
    /// Whether the batch that is loaded stands there.
    staged: bool,
    /// The samples used as lists, if they are mostly zeros and steps take lists.
    sparse: Option<SparseRows>,
    /// Whether that has been found out.
    asked: bool,
}

impl Array {
    /// A batch for a step, which may take lists; it has at most so many rows.
    fn arg<'a>(
        &'a mut self,
        rows: &'a Option<Vec<usize>>,
        run: &Range<usize>,
        lists: bool,
        most: usize,
    ) -> Result<Arg<'a>> {
        let Array { column, staging, staged, sparse, .. } = self;
        if let (Some(matrix), true) = (sparse, lists) {
            return Ok(Arg::Sparse(Picked { matrix, rows: picked(rows, run) }));
        }
        let Some(rows) = rows else {
            let (storage, start) = column.memory(run.start);
            return Ok(Arg::Read(storage, start));
        };
        let memory = match staging {
            Some(memory) => memory,
            None => staging.insert(Storage::new(column.row_bytes() * most)?),
        };
        if !std::mem::replace(staged, true) {
            column.gather(&Rows::At(rows), &mut memory.bytes_mut()[..column.row_bytes() * rows.len()]);
        }
        Ok(Arg::Read(memory, 0))
    }
}

impl Batches {
    /// Batches of the samples in `range` of arrays that all have them.
    pub fn new(arrays: &[Tensor], range: Range<usize>, batch_size: usize) -> Result<Batches> {
        let array = |x| {
            Ok(Array { column: Column::new(x)?, staging: None, staged: false, sparse: None, asked: false })
        };
        let arrays = arrays.iter().map(array).collect::<Result<_>>()?;
        Ok(Batches { arrays, run: range.start..range.start, range, batch_size, rows: None })
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
        self.arrays.iter().map(|a| Meta::new(a.column.dtype(), shape(&a.column))).collect()
    }

    /// Chooses a batch: of the samples as they come, or in the given order of all of them.
    pub fn load(&mut self, batch: usize, order: Option<&[usize]>) {
        let start = batch * self.batch_size;
        let size = self.size(batch);
        self.run = self.range.start + start..self.range.start + start + size;
        match order {
            Some(order) => {
                let rows = self.rows.get_or_insert_default();
                rows.clear();
                rows.extend_from_slice(&order[start..start + size]);
            }
            None => self.rows = None,
        }
        self.arrays.iter_mut().for_each(|a| a.staged = false);
    }

    fn rows(&self) -> Rows<'_> {
        picked(&self.rows, &self.run)
    }

    /// Lists the samples of arrays that are mostly zeros, if a step takes them so.
    pub fn list(&mut self, step: &Step) {
        for (i, array) in self.arrays.iter_mut().enumerate().filter(|(_, a)| !a.asked) {
            if let Some(slot) = step.sparse(i) {
                array.asked = true;
                array.sparse = array.column.sparse(self.range.clone(), &slot);
            }
        }
    }

    /// The batch that is loaded, as a step takes it: where it lies if its rows follow one another, as lists, or brought
    /// together.
    pub fn memory(&mut self, step: &Step) -> Result<Memory<'_>> {
        let most = self.batch_size.min(self.range.len());
        let (rows, run) = (&self.rows, &self.run);
        let arrays = self.arrays.iter_mut().enumerate();
        arrays.map(|(i, array)| array.arg(rows, run, step.sparse(i).is_some(), most)).collect()
    }

    /// The batch that is loaded, as tensors.
    pub fn tensors(&self) -> Result<Vec<Tensor>> {
        self.arrays.iter().map(|a| a.column.rows(&self.rows())).collect()
    }

    /// The samples used, by their numbers in the arrays.
    pub fn range(&self) -> Range<usize> {
        self.range.clone()
    }
}

fn picked<'a>(rows: &'a Option<Vec<usize>>, run: &Range<usize>) -> Rows<'a> {
    match rows {
        Some(rows) => Rows::At(rows),
        None => Rows::Run(run.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rhyton_base::DType;

    fn numbers(batches: &mut Batches, order: Option<&[usize]>) -> Vec<Vec<f32>> {
        let mut all = Vec::new();
        for b in 0..batches.len() {
            batches.load(b, order);
            all.push(batches.tensors().unwrap()[0].to_vec().unwrap());
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
