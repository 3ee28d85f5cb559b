//! Windows of time series.

use crate::dataset::{AUTOTUNE, All, Dataset, Element, Indexed, TensorSpec};
use crate::random_state::RandomState;
use crate::rows::{Column, Rows};
use rhyton_base::{Context, Dim, Error, Result, Shape};
use rhyton_tensor::{Tensor, next_seed, ops};
use std::sync::Arc;

/// How windows are cut out of a series: Keras's arguments, with its defaults.
///
/// | option | default |
/// |---|---|
/// | `sequence_stride` | 1: a window begins at each time step |
/// | `sampling_rate` | 1: windows hold each time step |
/// | `batch_size` | 128; 0 for single windows |
/// | `shuffle`, `seed` | false, drawn from the process's own stream |
/// | `start_index`, `end_index` | all time steps |
#[derive(Clone, Debug)]
pub struct Timeseries {
    sequence_length: usize,
    sequence_stride: usize,
    sampling_rate: usize,
    batch_size: usize,
    shuffle: bool,
    seed: Option<u32>,
    start_index: usize,
    end_index: Option<usize>,
}

impl Timeseries {
    /// Windows of so many time steps.
    pub fn new(sequence_length: usize) -> Timeseries {
        Timeseries {
            sequence_length,
            sequence_stride: 1,
            sampling_rate: 1,
            batch_size: 128,
            shuffle: false,
            seed: None,
            start_index: 0,
            end_index: None,
        }
    }

    /// Time steps from the beginning of a window to that of the next.
    #[must_use]
    pub fn sequence_stride(self, steps: usize) -> Timeseries {
        Timeseries { sequence_stride: steps, ..self }
    }

    /// Time steps from one in a window to the next in it.
    #[must_use]
    pub fn sampling_rate(self, steps: usize) -> Timeseries {
        Timeseries { sampling_rate: steps, ..self }
    }

    /// Windows a batch; 0 for single windows without a first axis.
    #[must_use]
    pub fn batch_size(self, batch_size: usize) -> Timeseries {
        Timeseries { batch_size, ..self }
    }

    /// Whether windows come in a new order in each pass.
    #[must_use]
    pub fn shuffle(self, shuffle: bool) -> Timeseries {
        Timeseries { shuffle, ..self }
    }

    /// Fixes the orders.
    #[must_use]
    pub fn seed(self, seed: u32) -> Timeseries {
        Timeseries { seed: Some(seed), ..self }
    }

    /// Time steps before this one are left out.
    #[must_use]
    pub fn start_index(self, start_index: usize) -> Timeseries {
        Timeseries { start_index, ..self }
    }

    /// This time step and those after it are left out.
    #[must_use]
    pub fn end_index(self, end_index: usize) -> Timeseries {
        Timeseries { end_index: Some(end_index), ..self }
    }
}

/// Windows of a time series, with the target of each, in batches.
///
/// The window of number `i` holds the time steps `i·stride`, `i·stride + rate`, … of `data`, whose first axis is time; its
/// target is number `i·stride` of `targets`. Batches have shape `(batch, sequence_length, …)`. There are
/// `end - start - (sequence_length - 1)·rate` places where a window may begin, or as many as there are targets.
///
/// # Errors
/// Where indices, strides or rates lie outside the series, or no window fits into it.
///
/// ```
/// use rhyton_data::{Timeseries, timeseries_dataset_from_array};
/// use rhyton_tensor::{DType, ops};
/// let series = ops::arange(10, DType::I32)?;
/// // Three days tell of the fourth.
/// let windows = timeseries_dataset_from_array(&series, Some(&ops::narrow(&series, 0, 3, 10)?), Timeseries::new(3))?;
/// let batch = windows.iter().next().unwrap()?;
/// assert_eq!((batch[0].shape(), batch[1].to_vec::<i32>()?), (&[7, 3][..], vec![3, 4, 5, 6, 7, 8, 9]));
/// # Ok::<(), rhyton_base::Error>(())
/// ```
///
/// Source: `keras/src/utils/timeseries_dataset_utils.py`.
pub fn timeseries_dataset_from_array<'a>(
    data: &Tensor,
    targets: impl Into<Option<&'a Tensor>>,
    options: Timeseries,
) -> Result<Dataset> {
    windows(data, targets.into(), &options).at(|| "timeseries_dataset_from_array")
}

fn windows(data: &Tensor, targets: Option<&Tensor>, o: &Timeseries) -> Result<Dataset> {
    let steps = |x: &Tensor, what: &str| {
        let n = x.shape().first().copied();
        n.ok_or_else(|| Error::shape(format!("{what} is a scalar; its first axis must be time")))
    };
    let length = steps(data, "data")?;
    let (start, end) = (o.start_index, o.end_index.unwrap_or(length));
    if o.start_index > 0 && o.start_index >= length {
        return Err(Error::value(format!(
            "expected start_index below {length}, the length of data, got {start}"
        )));
    }
    if o.end_index.is_some_and(|end| end <= start || end >= length) {
        let message = format!("expected end_index above start_index {start} and below {length}, got {end}");
        return Err(Error::value(message));
    }
    for (name, n) in [("sampling_rate", o.sampling_rate), ("sequence_stride", o.sequence_stride)] {
        if n == 0 || n >= length {
            return Err(Error::value(format!(
                "expected {name} of 1 to {}, got {n}",
                length.saturating_sub(1)
            )));
        }
    }
    if o.sequence_length == 0 {
        return Err(Error::value("expected sequence_length of at least 1, got 0"));
    }
    let span = (o.sequence_length - 1).saturating_mul(o.sampling_rate);
    let mut places = (end - start).saturating_sub(span);
    if let Some(targets) = targets {
        places = places.min(steps(targets, "targets")?.saturating_sub(start));
    }
    if places == 0 {
        return Err(Error::value(format!(
            "no window of {} time steps, {} apart, fits into {} of them",
            o.sequence_length,
            o.sampling_rate,
            end - start
        )));
    }
    let mut starts: Vec<usize> = (0..places).step_by(o.sequence_stride).collect();
    let seed = o.seed.unwrap_or_else(|| next_seed() % 1_000_000);
    if o.shuffle {
        starts = RandomState::new(seed).permutation(starts.len()).iter().map(|&i| starts[i]).collect();
    }
    let part = |x: &Tensor| Column::new(&ops::narrow(x, 0, start, end.min(x.shape()[0]))?);
    let windows = Windows {
        data: part(data)?,
        targets: targets.map(part).transpose()?,
        starts,
        length: o.sequence_length,
        rate: o.sampling_rate,
    };
    let mut dataset = Dataset::new(All(Arc::new(windows)));
    if o.shuffle {
        let buffer = if o.batch_size == 0 { 1024 } else { o.batch_size.saturating_mul(8) };
        dataset = dataset.shuffle(buffer, seed);
    }
    if o.batch_size > 0 {
        dataset = dataset.batch(o.batch_size);
    }
    Ok(dataset.prefetch(AUTOTUNE))
}

struct Windows {
    data: Column,
    targets: Option<Column>,
    /// Where windows begin.
    starts: Vec<usize>,
    length: usize,
    rate: usize,
}

impl Indexed for Windows {
    fn count(&self) -> usize {
        self.starts.len()
    }

    fn get(&self, place: usize) -> Result<Element> {
        self.gather(&[place])?.iter().map(|x| ops::squeeze(x, 0)).collect()
    }

    fn gather(&self, places: &[usize]) -> Result<Element> {
        let starts: Vec<usize> = places.iter().map(|&i| self.starts[i]).collect();
        let steps: Vec<usize> =
            starts.iter().flat_map(|&s| (0..self.length).map(move |i| s + i * self.rate)).collect();
        let shape = [&[places.len(), self.length], self.data.sample()].concat();
        let mut element = vec![ops::reshape(&self.data.rows(&Rows::At(&steps))?, shape)?];
        if let Some(targets) = &self.targets {
            element.push(targets.rows(&Rows::At(&starts))?);
        }
        Ok(element)
    }

    fn spec(&self) -> Option<Vec<TensorSpec>> {
        let dims = std::iter::once(self.length).chain(self.data.sample().iter().copied());
        let window = TensorSpec { dtype: self.data.dtype(), shape: dims.map(Dim::Known).collect() };
        let target = |c: &Column| TensorSpec { dtype: c.dtype(), shape: Shape::from(c.sample()) };
        Some(std::iter::once(window).chain(self.targets.as_ref().map(target)).collect())
    }
}
