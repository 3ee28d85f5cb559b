//! Arrays in two parts.

use crate::dataset::{Element, IntoElement};
use crate::random_state::python_permutation;
use rhyton_base::{Context, Error, Result};
use rhyton_tensor::Tensor;
use std::fmt;

/// The size of a part: a number of samples, or a fraction of all.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SplitSize {
    /// So many samples.
    Count(i64),
    /// This part of all samples, between 0 and 1.
    Fraction(f64),
}

impl From<f64> for SplitSize {
    fn from(fraction: f64) -> SplitSize {
        SplitSize::Fraction(fraction)
    }
}

impl From<usize> for SplitSize {
    fn from(count: usize) -> SplitSize {
        SplitSize::Count(i64::try_from(count).unwrap_or(i64::MAX))
    }
}

impl From<i32> for SplitSize {
    fn from(count: i32) -> SplitSize {
        SplitSize::Count(count.into())
    }
}

impl fmt::Display for SplitSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SplitSize::Count(n) => write!(f, "{n}"),
            SplitSize::Fraction(x) => write!(f, "{x}"),
        }
    }
}

/// The arguments of Keras's `split_dataset`: at least one size; the other part gets the rest.
#[derive(Clone, Copy, Debug, Default)]
pub struct SplitDataset {
    left: Option<SplitSize>,
    right: Option<SplitSize>,
    shuffle: bool,
    seed: Option<u64>,
}

impl SplitDataset {
    /// Keras's defaults, which lack a size.
    pub fn new() -> SplitDataset {
        SplitDataset::default()
    }

    /// The size of the first part: `0.8` for a fraction, `1000` for a number of samples.
    #[must_use]
    pub fn left_size(mut self, size: impl Into<SplitSize>) -> SplitDataset {
        self.left = Some(size.into());
        self
    }

    /// The size of the second part, taken from the end.
    #[must_use]
    pub fn right_size(mut self, size: impl Into<SplitSize>) -> SplitDataset {
        self.right = Some(size.into());
        self
    }

    /// Whether samples are put into a random order first; not unless changed.
    #[must_use]
    pub fn shuffle(mut self, shuffle: bool) -> SplitDataset {
        self.shuffle = shuffle;
        self
    }

    /// The seed of that order, which is the one that Keras (on JAX and TensorFlow) makes of it; the seed of the process
    /// unless given.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> SplitDataset {
        self.seed = Some(seed);
        self
    }

    /// How many of so many samples each part gets.
    fn sizes(&self, total: usize) -> Result<(usize, usize)> {
        let all = total as f64;
        let count = |side: &str, size: SplitSize| -> Result<f64> {
            let n = match size {
                SplitSize::Count(n) if n > 0 && (n as f64) < all => n as f64,
                SplitSize::Fraction(x) if x > 0.0 && x < 1.0 => (x * all).round_ties_even(),
                _ => {
                    return Err(Error::value(format!(
                        "expected {side}_size as a number of samples from 1 to {} or as a fraction between 0 and 1, \
                         received {size}",
                        total.saturating_sub(1)
                    )));
                }
            };
            Ok(n)
        };
        let left = self.left.map(|size| count("left", size)).transpose()?;
        let right = self.right.map(|size| count("right", size)).transpose()?;
        let (left, right) = match (left, right) {
            (Some(left), Some(right)) => (left, right),
            (Some(left), None) => (left, all - left),
            (None, Some(right)) => (all - right, right),
            (None, None) => return Err(Error::value("expected left_size or right_size, received neither")),
        };
        let fractions = match (self.left, self.right) {
            (Some(SplitSize::Fraction(a)), Some(SplitSize::Fraction(b))) => a + b,
            _ => 0.0,
        };
        if left + right > all || fractions > 1.0 {
            return Err(Error::value(format!(
                "expected sizes that make at most {total} samples, received {left} and {right}"
            )));
        }
        if left == 0.0 || right == 0.0 {
            return Err(Error::value(format!(
                "{total} samples are split into {left} and {right}; choose sizes that leave no part empty"
            )));
        }
        Ok((left as usize, right as usize))
    }
}

/// Arrays in two parts along their first axis: what is to train with, say, and what is to validate with.
///
/// Takes one tensor, or several of the same number of samples, and returns each part as a list of tensors.
///
/// An error where sizes do not fit, a part would be empty, or tensors have different numbers of samples.
///
/// ```
/// use rhyton_data::utils::{SplitDataset, split_dataset};
/// use rhyton_tensor::Tensor;
/// let x = Tensor::from([[1.0f32, 2.0], [3.0, 4.0], [5.0, 6.0], [7.0, 8.0]]);
/// let y = Tensor::from([0i32, 1, 2, 3]);
/// let (train, test) = split_dataset((&x, &y), SplitDataset::new().left_size(0.75))?;
/// assert_eq!((train[1].to_vec::<i32>()?, test[1].to_vec::<i32>()?), (vec![0, 1, 2], vec![3]));
/// let (train, _) = split_dataset((&x, &y), SplitDataset::new().right_size(1).shuffle(true).seed(1337))?;
/// assert_eq!(train[0].shape(), [3, 2]);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
pub fn split_dataset(data: impl IntoElement, options: SplitDataset) -> Result<(Element, Element)> {
    split(data.into_element(), &options).at(|| "split_dataset")
}

fn split(data: Element, options: &SplitDataset) -> Result<(Element, Element)> {
    let samples = |t: &Tensor| t.shape().first().copied();
    let total = data
        .first()
        .and_then(samples)
        .ok_or_else(|| Error::shape("expected at least one list of samples"))?;
    if let Some(at) = data.iter().position(|t| samples(t) != Some(total)) {
        let other = samples(&data[at]).map_or("a single number".to_string(), |n| n.to_string());
        return Err(Error::shape(format!(
            "expected {total} samples in tensor {at} as in the first, received {other}"
        )));
    }
    let (left, right) = options.sizes(total)?;
    if !options.shuffle {
        let cut = |from: usize, to: usize| -> Result<Element> {
            data.iter().map(|t| t.i(from as i64..to as i64)).collect()
        };
        return Ok((cut(0, left)?, cut(total - right, total)?));
    }
    let seed = options.seed.unwrap_or_else(|| rhyton_tensor::next_seed().into());
    let order: Vec<i64> = python_permutation(seed, total).into_iter().map(|i| i as i64).collect();
    let pick = |order: &[i64]| -> Result<Element> {
        let order = Tensor::from_slice(order, [order.len()])?;
        data.iter().map(|t| t.take(&order, 0)).collect()
    };
    Ok((pick(&order[..left])?, pick(&order[total - right..])?))
}
