//! Missing values.

use super::columns;
use rhyton_base::{Context, Error, Result, Shape};
use rhyton_tensor::{DType, Tensor, ops};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Strategy {
    Mean,
    Median,
    Constant(f64),
}

/// Fills missing numbers (NaN) with the mean or the median of the numbers of their column, or with a constant.
///
/// What is filled in is learnt from the training data by [`Imputer::fit`] and used for all other data, so that the same value means
/// the same everywhere. Where it matters that a value was missing, [`Imputer::indicator`] adds a column for each that had missing
/// values: 1 where one was.
///
/// Tables are samples by features, `(samples, features)` or one column `(samples,)`, of floats; results have their type.
///
/// ```
/// use rhyton_data::features::Imputer;
/// use rhyton_tensor::Tensor;
/// let x = Tensor::from([[1.0f32, 7.0], [f32::NAN, 8.0], [2.0, f32::NAN], [9.0, 9.0]]);
/// let imputer = Imputer::mean().indicator(true).fit(&x)?;
/// assert_eq!(imputer.filled_with(), [4.0, 8.0]);
/// let y = imputer.transform(&Tensor::from([[f32::NAN, 1.0]]))?;
/// assert_eq!(y.to_vec::<f32>()?, [4.0, 1.0, 1.0, 0.0]);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Imputer {
    strategy: Strategy,
    indicator: bool,
    values: Vec<f64>,
    had_missing: Vec<usize>,
}

impl Imputer {
    fn new(strategy: Strategy) -> Imputer {
        Imputer { strategy, indicator: false, values: Vec::new(), had_missing: Vec::new() }
    }

    /// Fills with the mean of the column.
    pub fn mean() -> Imputer {
        Imputer::new(Strategy::Mean)
    }

    /// Fills with the median of the column, which few extreme values do not move.
    pub fn median() -> Imputer {
        Imputer::new(Strategy::Median)
    }

    /// Fills with one number. 0 is a good one where 0 has no meaning of its own in the column: the network learns that it means
    /// "missing".
    pub fn constant(number: f64) -> Imputer {
        Imputer::new(Strategy::Constant(number))
    }

    /// Whether columns of 1 (was missing) and 0 are added behind the others, one for each column in which [`Imputer::fit`] met
    /// missing values.
    #[must_use]
    pub fn indicator(mut self, indicator: bool) -> Imputer {
        self.indicator = indicator;
        self
    }

    /// Learns what to fill in from training data.
    ///
    /// # Errors
    /// Where it is no table, or a column has no numbers at all to learn from.
    pub fn fit(mut self, x: &Tensor) -> Result<Imputer> {
        let learn = || {
            let columns = columns(x)?;
            let mut values = Vec::with_capacity(columns.len());
            let mut had_missing = Vec::new();
            for (i, column) in columns.into_iter().enumerate() {
                let rows = column.len();
                let numbers: Vec<f64> = column.into_iter().filter(|v| !v.is_nan()).collect();
                if numbers.len() < rows {
                    had_missing.push(i);
                }
                values.push(self.value(numbers).ok_or_else(|| {
                    Error::value(format!(
                        "column {i} has no numbers to learn from; leave the column out, or use Imputer::constant"
                    ))
                })?);
            }
            Ok::<_, Error>((values, had_missing))
        };
        (self.values, self.had_missing) = learn().at(|| "Imputer: fit")?;
        Ok(self)
    }

    fn value(&self, mut numbers: Vec<f64>) -> Option<f64> {
        let n = numbers.len();
        match self.strategy {
            Strategy::Constant(number) => Some(number),
            _ if n == 0 => None,
            Strategy::Mean => Some(numbers.iter().sum::<f64>() / n as f64),
            Strategy::Median => {
                numbers.sort_unstable_by(f64::total_cmp);
                Some((numbers[(n - 1) / 2] + numbers[n / 2]) / 2.0)
            }
        }
    }

    /// What is filled in, by column.
    pub fn filled_with(&self) -> &[f64] {
        &self.values
    }

    /// The table with what was learnt in the place of missing values.
    ///
    /// # Errors
    /// Where nothing was learnt, or the table has another number of columns.
    pub fn transform(&self, x: &Tensor) -> Result<Tensor> {
        self.fill(x).at(|| "Imputer: transform")
    }

    fn fill(&self, x: &Tensor) -> Result<Tensor> {
        let width = match x.shape() {
            [_] => 1,
            [_, width] => *width,
            _ => 0,
        };
        if self.values.is_empty() {
            return Err(Error::state("it has learnt nothing yet; call fit with the training data first"));
        }
        if width != self.values.len() {
            return Err(Error::shape(format!(
                "expected a table of {} columns, as in fit, got shape {}",
                self.values.len(),
                Shape::from(x.shape())
            )));
        }
        let x = ops::cast(x, x.dtype().to_float())?;
        let missing = ops::isnan(&x)?;
        let values = ops::cast(&Tensor::from(self.values.clone()), x.dtype())?;
        let filled = ops::r#where(&missing, &values, &x)?;
        if !self.indicator || self.had_missing.is_empty() {
            return Ok(filled);
        }
        let places: Vec<i64> = self.had_missing.iter().map(|&i| i as i64).collect();
        let table = |x: &Tensor| ops::reshape(x, [x.shape()[0], width]);
        let flags = ops::take(&table(&missing)?, &Tensor::from(places), 1)?;
        ops::concatenate(&[&table(&filled)?, &ops::cast(&flags, x.dtype())?], 1)
    }
}

/// Categories with a category of their own for missing values: numbers `0` to `categories - 1` stay, NaN and negative numbers become
/// `categories`. Returns them as `int64`, of any shape.
///
/// For texts, `StringLookup` does the same with its place for unknown ones, or with a text such as `"missing"` in the vocabulary.
///
/// # Errors
/// Where a number is not whole, or not below `categories`.
///
/// ```
/// use rhyton_data::features::own_category;
/// use rhyton_tensor::Tensor;
/// let rooms = own_category(&Tensor::from([0.0f32, 2.0, f32::NAN]), 3)?;
/// assert_eq!(rooms.to_vec::<i64>()?, [0, 2, 3]);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
pub fn own_category(x: &Tensor, categories: usize) -> Result<Tensor> {
    let category = |(i, v): (usize, f64)| {
        if v.is_nan() || v < 0.0 {
            return Ok(categories as i64);
        }
        match v.fract() == 0.0 && v < categories as f64 {
            true => Ok(v as i64),
            false => Err(Error::value(format!(
                "own_category: expected whole numbers below {categories}, got {v} at position {i}"
            ))),
        }
    };
    let all = x.to_f64s()?.into_iter().enumerate().map(category).collect::<Result<Vec<i64>>>()?;
    ops::cast(&Tensor::from_slice(&all, x.shape())?, DType::I64)
}
