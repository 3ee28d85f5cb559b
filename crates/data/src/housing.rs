//! What the two data sets of houses have in common: tables that are shuffled and split.

use crate::random_state::RandomState;
use crate::registry::Dataset;
use crate::{Options, Split, TrainTest, words};
use rhyton_base::{DType, Error, ErrorKind, Result, Shape};
use rhyton_io::{Array, Npz};
use rhyton_tensor::Tensor;

/// The arguments of both loaders.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    pub test_split: f64,
    pub seed: Option<u32>,
    pub options: Options,
}

/// What the file of a data set holds.
pub(crate) struct Format {
    pub dtype: DType,
    pub rows: usize,
    pub columns: usize,
}

/// Gives a builder with a field `table: Table` the methods that both loaders have.
macro_rules! table_methods {
    ($loader:ty) => {
        impl $loader {
            /// Which part of the rows is to test with, from 0 to less than 1; 0.2 unless changed.
            #[must_use]
            pub fn test_split(mut self, fraction: f64) -> Self {
                self.table.test_split = fraction;
                self
            }

            /// The seed of the order that the rows come in, as NumPy's `RandomState` draws it; 113 unless changed. `None` takes a
            /// new one from the seed of the process.
            #[must_use]
            pub fn seed(mut self, seed: impl Into<Option<u32>>) -> Self {
                self.table.seed = seed.into();
                self
            }

            /// Where to look for the file, and whether to download it.
            #[must_use]
            pub fn options(mut self, options: $crate::Options) -> Self {
                self.table.options = options;
                self
            }
        }
    };
}
pub(crate) use table_methods;

impl Table {
    pub(crate) fn new() -> Table {
        Table { test_split: 0.2, seed: Some(113), options: Options::new() }
    }

    /// The first rows of the file, shuffled and split.
    pub(crate) fn load(&self, dataset: &Dataset, format: &Format, take: Option<usize>) -> Result<TrainTest> {
        check_fraction(self.test_split, false)?;
        let path = words::locate(dataset, &dataset.files[0], &self.options)?;
        let mut npz = Npz::open(&path)?;
        let mut read = |name: &str, shape: &[usize]| -> Result<Array> {
            let foreign = || format!("this is not Keras's {}, move it away or look elsewhere", dataset.name);
            let array = npz.read(name).map_err(|e| match e.kind() {
                ErrorKind::Name => Error::format(format!("{e}; {}", foreign())),
                _ => e,
            })?;
            if array.dtype != format.dtype || array.shape != shape {
                return Err(Error::format(format!(
                    "{:?}: member {name:?}: expected {} {}, received {} {}; {}",
                    path.display().to_string(),
                    format.dtype,
                    Shape::from(shape),
                    array.dtype,
                    Shape::from(&array.shape),
                    foreign()
                )));
            }
            Ok(array)
        };
        let x = read("x", &[format.rows, format.columns])?;
        let y = read("y", &[format.rows])?;
        let rows = take.unwrap_or(format.rows).min(format.rows);
        let seed = self.seed.unwrap_or_else(rhyton_tensor::next_seed);
        let order = RandomState::new(seed).permutation(rows);
        let (train, test) = order.split_at(count_of(rows, self.test_split));
        let split = |order: &[usize]| -> Result<Split> { Ok((gather(&x, order)?, gather(&y, order)?)) };
        Ok((split(train)?, split(test)?))
    }
}

/// The rows of an array in this order.
fn gather(array: &Array, order: &[usize]) -> Result<Tensor> {
    let row = array.data.len() / array.shape[0].max(1);
    let bytes: Vec<u8> = order.iter().flat_map(|i| &array.data[i * row..(i + 1) * row]).copied().collect();
    let shape: Vec<usize> = std::iter::once(order.len()).chain(array.shape[1..].iter().copied()).collect();
    Tensor::from_bytes(&bytes, array.dtype, &shape)
}

/// How many of so many rows are to train with, in Python's arithmetic.
pub(crate) fn count_of(rows: usize, test_split: f64) -> usize {
    ((rows as f64 * (1.0 - test_split)) as usize).min(rows)
}

/// An error where a part is no part, or is the whole where that is not allowed.
pub(crate) fn check_fraction(test_split: f64, whole: bool) -> Result<()> {
    if (0.0..1.0).contains(&test_split) || (whole && test_split == 1.0) {
        return Ok(());
    }
    let end = if whole { "to 1" } else { "to less than 1" };
    Err(Error::value(format!("expected test_split from 0 {end}, received {test_split}")))
}
