//! Texts as vectors of zeros and ones.

use crate::Sequences;
use rhyton_base::{Context, DType, Error, Layout, Result, element_count};
use rhyton_runtime::{Storage, pool};
use rhyton_tensor::Tensor;
use std::sync::{Arc, Mutex};

/// Rows that a thread fills at a time.
const PIECE: usize = 256;

/// Multi-hot vectors: row i is 1 at every id that the i-th list holds, and 0 elsewhere. Shape (lists, dimension),
/// `float32`.
///
/// An error where an id is not from 0 to `dimension - 1`.
///
/// ```
/// use rhyton_data::{Sequences, utils::vectorize_sequences};
/// let x = Sequences::from(vec![vec![1, 3, 1], vec![0]]);
/// assert_eq!(vectorize_sequences(&x, 4)?.to_vec::<f32>()?, [0.0, 1.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0]);
/// let e = vectorize_sequences(&x, 3).unwrap_err();
/// assert_eq!(
///     e.to_string(),
///     "vectorize_sequences: expected ids from 0 to 2, received 3 in row 0; load the data with num_words 3"
/// );
/// # Ok::<(), rhyton_base::Error>(())
/// ```
///
/// For tensors of equally long rows there is `ops::multi_hot`.
pub fn vectorize_sequences(sequences: &Sequences, dimension: usize) -> Result<Tensor> {
    vectorize(sequences, dimension).at(|| "vectorize_sequences")
}

fn vectorize(sequences: &Sequences, dimension: usize) -> Result<Tensor> {
    if dimension == 0 {
        return Err(Error::value("expected a dimension of at least 1, received 0"));
    }
    let fits = |id: i32| usize::try_from(id).is_ok_and(|id| id < dimension);
    if !sequences.ids().iter().all(|id| fits(*id)) {
        let bad =
            sequences.iter().enumerate().find_map(|(row, s)| Some((row, s.iter().find(|id| !fits(**id))?)));
        let (row, id) = bad.unwrap_or((0, &0));
        return Err(Error::value(format!(
            "expected ids from 0 to {}, received {id} in row {row}; load the data with num_words {dimension}",
            dimension - 1
        )));
    }
    let shape = [sequences.len(), dimension];
    let mut storage = Storage::zeroed(element_count(&shape)? * size_of::<f32>())?;
    {
        let cells: &mut [f32] = bytemuck::cast_slice_mut(storage.bytes_mut());
        let pieces: Vec<_> = cells.chunks_mut(PIECE * dimension).map(Mutex::new).collect();
        pool().run(pieces.len(), &|piece| {
            // Every piece is taken once, so the lock is free.
            let mut rows = pieces[piece].lock().unwrap_or_else(|e| e.into_inner());
            for (i, row) in rows.chunks_mut(dimension).enumerate() {
                sequences[piece * PIECE + i].iter().for_each(|id| row[*id as usize] = 1.0);
            }
        });
    }
    Ok(Tensor::from_storage(Arc::new(storage), DType::F32, Layout::contiguous(&shape)))
}
