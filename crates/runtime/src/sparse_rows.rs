//! Matrices that are mostly zeros, as lists of what else they hold.

use crate::pool::pool;
use crate::rows::Rows;
use std::ops::Range;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

/// One number in so many may be other than zero.
const THIN: usize = 16;
/// Rows of fewer numbers are not worth a list.
const NARROW: usize = 256;
/// Rows that are listed together.
const CHUNK: usize = 256;
/// Rows that are looked at before all are.
const SAMPLES: usize = 64;

/// Part `i` of `0..n` cut into `parts` nearly equal ones.
///
/// # Panics
/// For no parts.
#[inline]
pub fn cut(n: usize, parts: usize, i: usize) -> Range<usize> {
    // Dividing costs as much as a small product.
    if parts == 1 {
        return i * n..(i + 1) * n;
    }
    let (each, more) = (n / parts, n % parts);
    let start = i * each + i.min(more);
    start..start + each + usize::from(i < more)
}

/// The numbers other than zero of the rows of a `float32` matrix, block of columns by block of columns.
///
/// Data sets of texts as zeros and ones are a hundred times smaller so. They are listed once, and products take the
/// lists of the rows in a batch instead of the batch.
///
/// ```
/// use rhyton_runtime::SparseRows;
/// let mut matrix = vec![0f32; 2 * 300];
/// (matrix[7], matrix[299], matrix[310]) = (1.0, 2.0, 3.0);
/// let sparse = SparseRows::new(&matrix, 0, 300, 2).unwrap();
/// let row = sparse.row(0).unwrap();
/// assert_eq!(row.block(0), (&[7u16][..], &[1f32][..]));
/// assert_eq!(row.block(1), (&[149u16][..], &[2f32][..]));
/// assert!(SparseRows::new(&[1.0; 600], 0, 300, 2).is_none());
/// ```
#[derive(Debug)]
pub struct SparseRows {
    first: usize,
    rows: usize,
    columns: usize,
    blocks: usize,
    chunks: Vec<Chunk>,
}

/// Lists of up to [`CHUNK`] rows.
#[derive(Debug, Default)]
struct Chunk {
    /// Entries `starts[i]` to `starts[i + 1]` belong to row `i / blocks` and block `i % blocks`.
    starts: Vec<u32>,
    /// Columns, counted from the first of the block.
    places: Vec<u16>,
    values: Vec<f32>,
}

/// The lists of one row.
#[derive(Clone, Copy, Debug)]
pub struct SparseRow<'a> {
    starts: &'a [u32],
    places: &'a [u16],
    values: &'a [f32],
}

impl<'a> SparseRow<'a> {
    /// Columns, counted from the first of the block and rising, and the numbers there.
    ///
    /// # Panics
    /// Where there is no such block.
    #[inline(always)]
    pub fn block(&self, i: usize) -> (&'a [u16], &'a [f32]) {
        let entries = self.starts[i] as usize..self.starts[i + 1] as usize;
        (&self.places[entries.clone()], &self.values[entries])
    }
}

impl SparseRows {
    /// Lists the rows of a row-major matrix of so many columns, which are numbered from `first` on; the columns are
    /// [`cut`] into blocks. Nothing where rows are short or more than a 16th of the numbers is not zero, so that lists would
    /// gain little.
    pub fn new(matrix: &[f32], first: usize, columns: usize, blocks: usize) -> Option<SparseRows> {
        if columns < NARROW || blocks == 0 || columns.div_ceil(blocks) > usize::from(u16::MAX) {
            return None;
        }
        let rows = matrix.len() / columns;
        let samples = SAMPLES.min(rows);
        let row = |i: usize| &matrix[i * columns..(i + 1) * columns];
        let found: usize =
            (0..samples).map(|i| row(i * rows / samples).iter().filter(|x| **x != 0.0).count()).sum();
        if found * THIN > samples * columns {
            return None;
        }
        let chunks: Vec<OnceLock<Chunk>> = (0..rows.div_ceil(CHUNK)).map(|_| OnceLock::new()).collect();
        let dense = AtomicBool::new(false);
        pool().run(chunks.len(), &|i| {
            if dense.load(Ordering::Relaxed) {
                return;
            }
            let rows = (i * CHUNK..((i + 1) * CHUNK).min(rows)).map(row);
            match Chunk::new(rows, columns, blocks) {
                Some(chunk) => drop(chunks[i].set(chunk)),
                None => dense.store(true, Ordering::Relaxed),
            }
        });
        let chunks = chunks.into_iter().map(OnceLock::into_inner).collect::<Option<Vec<Chunk>>>()?;
        Some(SparseRows { first, rows, columns, blocks, chunks })
    }

    /// The numbers of the rows.
    pub fn rows(&self) -> Range<usize> {
        self.first..self.first + self.rows
    }

    /// How many columns.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// How many blocks the columns are cut into.
    pub fn blocks(&self) -> usize {
        self.blocks
    }

    /// A row by its number, if it is there.
    #[inline(always)]
    pub fn row(&self, number: usize) -> Option<SparseRow<'_>> {
        let number = number.checked_sub(self.first)?;
        let Chunk { starts, places, values } = self.chunks.get(number / CHUNK)?;
        let start = number % CHUNK * self.blocks;
        Some(SparseRow { starts: starts.get(start..start + self.blocks + 1)?, places, values })
    }
}

impl Chunk {
    /// Lists rows, unless they hold too much.
    fn new<'a>(
        rows: impl ExactSizeIterator<Item = &'a [f32]>,
        columns: usize,
        blocks: usize,
    ) -> Option<Chunk> {
        let most = rows.len() * columns / THIN;
        let mut chunk = Chunk { starts: Vec::with_capacity(rows.len() * blocks + 1), ..Chunk::default() };
        chunk.starts.push(0);
        for row in rows {
            for block in 0..blocks {
                chunk.list(&row[cut(columns, blocks, block)]);
                chunk.starts.push(u32::try_from(chunk.places.len()).ok()?);
            }
            if chunk.places.len() > most {
                return None;
            }
        }
        chunk.places.shrink_to_fit();
        chunk.values.shrink_to_fit();
        Some(chunk)
    }

    fn list(&mut self, block: &[f32]) {
        /// Numbers that are passed over at once where all are zero.
        const STEP: usize = 16;
        for (i, step) in block.chunks(STEP).enumerate() {
            // Without a branch inside, this is a few vector instructions.
            let bits = step.iter().fold(0, |bits, x| bits | x.to_bits());
            if bits == 0 {
                continue;
            }
            for (j, &x) in step.iter().enumerate().filter(|(_, x)| **x != 0.0) {
                self.places.push((i * STEP + j) as u16);
                self.values.push(x);
            }
        }
    }
}

/// Some rows of a sparse matrix, as a matrix.
#[derive(Clone, Debug)]
pub struct Picked<'a> {
    /// The matrix.
    pub matrix: &'a SparseRows,
    /// Which rows.
    pub rows: Rows<'a>,
}

/// What a program says of a slot that it takes as sparse rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SparseSlot {
    /// Rows of the matrix in the slot.
    pub rows: usize,
    /// Its columns.
    pub columns: usize,
    /// How many blocks the columns are to be cut into.
    pub blocks: usize,
}
