//! The functions of `keras.random`.

use super::{SeedGenerator, with_global};
use crate::dispatch::apply_one;
use crate::ops;
use crate::symbolic::operation;
use crate::tensor::Tensor;
use rhyton_base::{DType, Error, Result, Shape, element_count, normalize_axis};
use rhyton_ops::random as draws;

/// Where a draw takes its randomness from.
///
/// A number gives the same result each time. A generator goes on with each draw, in compiled functions too. `None` is
/// the process's own generator, which [`super::set_random_seed`] starts anew.
#[derive(Clone, Debug)]
pub enum Seed {
    /// The process's own generator.
    Global,
    /// The first draw of a seed.
    Number(u32),
    /// The next draw of a generator.
    Generator(SeedGenerator),
}

impl From<u32> for Seed {
    fn from(seed: u32) -> Seed {
        Seed::Number(seed)
    }
}

impl From<Option<u32>> for Seed {
    fn from(seed: Option<u32>) -> Seed {
        seed.map_or(Seed::Global, Seed::Number)
    }
}

impl From<&SeedGenerator> for Seed {
    fn from(generator: &SeedGenerator) -> Seed {
        Seed::Generator(generator.clone())
    }
}

impl Seed {
    /// Seed and counter for draw number `i` of one call.
    fn draw(&self, i: u32) -> Result<[Tensor; 2]> {
        match self {
            Seed::Number(seed) => {
                Ok([ops::full([], u64::from(*seed), DType::U32)?, ops::full([], u64::from(i), DType::U32)?])
            }
            Seed::Generator(generator) => generator.draw(),
            Seed::Global => with_global(SeedGenerator::draw),
        }
    }
}

macro_rules! of_shape {
    ($($(#[$doc:meta])* $name:ident $Op:ident;)*) => {$(
        $(#[$doc])*
        ///
        /// # Errors
        /// Where the type is not a float, or the shape is too large.
        pub fn $name(
            shape: impl AsRef<[usize]>,
            mean: f64,
            stddev: f64,
            dtype: DType,
            seed: impl Into<Seed>,
        ) -> Result<Tensor> {
            let [seed, counter] = seed.into().draw(0)?;
            let unit = apply_one(draws::$Op { shape: shape.as_ref().to_vec(), dtype }, &[&seed, &counter])?;
            Ok(unit * stddev + mean)
        }
    )*};
}

of_shape! {
    /// Numbers drawn from the normal distribution.
    ///
    /// ```
    /// use rhyton_tensor::{DType, SeedGenerator, random};
    /// let x = random::normal([2, 3], 0.0, 1.0, DType::F32, 7).unwrap();
    /// assert!(x.bit_equal(&random::normal([2, 3], 0.0, 1.0, DType::F32, 7).unwrap()));
    /// let generator = SeedGenerator::new(Some(7));
    /// let y = random::normal([2, 3], 0.0, 1.0, DType::F32, &generator).unwrap();
    /// assert!(!y.bit_equal(&random::normal([2, 3], 0.0, 1.0, DType::F32, &generator).unwrap()));
    /// assert!(random::normal([4], 0.0, 1.0, DType::F32, None).is_ok());
    /// ```
    normal RandomNormal;
    /// Numbers drawn from the normal distribution cut off at two standard deviations.
    truncated_normal TruncatedNormal;
}

/// Numbers drawn evenly from `low..high`.
///
/// # Errors
/// Where the type is not a float, or the shape is too large.
pub fn uniform(
    shape: impl AsRef<[usize]>,
    low: f64,
    high: f64,
    dtype: DType,
    seed: impl Into<Seed>,
) -> Result<Tensor> {
    let [seed, counter] = seed.into().draw(0)?;
    let unit = apply_one(draws::RandomUniform { shape: shape.as_ref().to_vec(), dtype }, &[&seed, &counter])?;
    if (low, high) == (0.0, 1.0) { Ok(unit) } else { Ok(unit * (high - low) + low) }
}

/// Whole numbers drawn evenly from `low..high`, without bias.
///
/// ```
/// use rhyton_tensor::{DType, random};
/// let dice = random::randint([1000], 1, 7, DType::I32, 3).unwrap();
/// assert_eq!(dice.min(..).unwrap().item::<i32>().unwrap(), 1);
/// assert_eq!(dice.max(..).unwrap().item::<i32>().unwrap(), 6);
/// ```
///
/// # Errors
/// Where the type is not an integer or cannot hold the numbers, or there is none between `low` and `high`.
pub fn randint(
    shape: impl AsRef<[usize]>,
    low: i64,
    high: i64,
    dtype: DType,
    seed: impl Into<Seed>,
) -> Result<Tensor> {
    let who = || "randint";
    if !dtype.is_integer() {
        return Err(Error::dtype(format!("expected an integer dtype, got {dtype}")).at(who()));
    }
    if low >= high {
        return Err(Error::value(format!("expected low < high, got {low} and {high}")).at(who()));
    }
    let bits = 8 * dtype.size() as u32;
    let (least, most) = match dtype.is_unsigned() {
        true => (0, if bits == 64 { i64::MAX } else { (1 << bits) - 1 }),
        false => (i64::MIN >> (64 - bits), i64::MAX >> (64 - bits)),
    };
    if low < least || high - 1 > most {
        let message = format!("{dtype} does not hold all of {low}..{high}; use another dtype");
        return Err(Error::value(message).at(who()));
    }
    let op =
        draws::RandomIntegers { shape: shape.as_ref().to_vec(), low, span: high.wrapping_sub(low) as u64 };
    let [seed, counter] = seed.into().draw(0)?;
    ops::cast(&apply_one(op, &[&seed, &counter])?, dtype)
}

/// `samples` class numbers for every row of a matrix of log-probabilities, which need not be normalised: shape
/// `[rows, classes]` gives `[rows, samples]`. Keras's default type is `int32`.
///
/// Class `i` wins with the probability `softmax(logits)[i]`: the place of an even number among the running sums of the
/// probabilities. Numbers are drawn with 52 bits less those that count the rows.
///
/// # Errors
/// Where the logits are not a matrix of floats with classes, or the type is not an integer.
pub fn categorical(logits: &Tensor, samples: usize, dtype: DType, seed: impl Into<Seed>) -> Result<Tensor> {
    let seed = seed.into();
    operation("categorical", &[logits], move |x| {
        let x = x[0];
        if !dtype.is_integer() {
            return Err(Error::dtype(format!("expected an integer dtype, got {dtype}")));
        }
        if x.rank() != 2 || !x.dtype().is_float() || x.shape()[1] == 0 {
            return Err(Error::shape(format!("expected floats of shape (rows, classes), got {}", x.meta())));
        }
        let (rows, classes) = (x.shape()[0], x.shape()[1]);
        let shape = vec![rows, samples];
        element_count(&shape)?;
        let [seed, counter] = seed.draw(0)?;
        let number = |x: f64| ops::full([], x, DType::F64);
        let even = apply_one(draws::RandomUniform { shape, dtype: DType::F64 }, &[&seed, &counter])?;
        // Row r lies between r and r + 1, so that one search serves all. Sums of both must be exact.
        let steps = 2f64.powi(52 - rows.max(1).ilog2() as i32 - 1);
        let even = ops::divide(&ops::floor(&ops::multiply(&even, &number(steps)?)?)?, &number(steps)?)?;
        let sums = ops::cumsum(&ops::softmax(&ops::cast(x, DType::F64)?, -1)?, 1, None)?;
        let sums = ops::divide(&sums, &ops::narrow(&sums, 1, classes - 1, classes)?)?;
        let row = ops::reshape(&ops::cast(&ops::arange(rows as i64, DType::I64)?, DType::F64)?, [rows, 1])?;
        let sums = ops::reshape(&ops::add(&sums, &row)?, [rows * classes])?;
        let found = ops::searchsorted(&sums, &ops::add(&even, &row)?, ops::Side::Right)?;
        let first = ops::cast(&ops::multiply(&row, &number(classes as f64)?)?, DType::I64)?;
        let last = ops::full([], classes as i64 - 1, DType::I64)?;
        let class = ops::minimum(&ops::subtract(&found, &first)?, &last)?;
        ops::cast(&class, dtype)
    })
}

/// `x` with a fraction `rate` of its elements set to zero and the others scaled by `1 / (1 - rate)`. `noise_shape`
/// broadcasts to the shape of `x`, `None` in it standing for the size of `x`: what shares an element of it is dropped
/// together.
///
/// # Errors
/// Where the rate is outside `[0, 1]`, the type is not a float, or the noise does not broadcast to `x`.
pub fn dropout(
    x: &Tensor,
    rate: f64,
    noise_shape: Option<&[Option<usize>]>,
    seed: impl Into<Seed>,
) -> Result<Tensor> {
    let seed = seed.into();
    if !(0.0..=1.0).contains(&rate) {
        return Err(Error::value(format!("expected a rate in [0, 1], got {rate}")).at("dropout"));
    }
    if !x.dtype().is_float() {
        return Err(Error::dtype(format!("expected floats, got {}", x.dtype())).at("dropout"));
    }
    let noise_shape = noise_shape.map(<[Option<usize>]>::to_vec);
    operation("dropout", &[x], move |x| {
        let x = x[0];
        if rate == 1.0 {
            return ops::zeros_like(x);
        }
        let shape = match &noise_shape {
            None => x.shape().to_vec(),
            Some(noise) if noise.len() == x.rank() => {
                noise.iter().zip(x.shape()).map(|(n, &size)| n.unwrap_or(size)).collect()
            }
            Some(noise) => noise.iter().map(|n| n.unwrap_or(1)).collect(),
        };
        let fits = rhyton_base::broadcast_shapes(&[&shape, x.shape()]).is_ok_and(|s| s == x.shape());
        if !fits {
            return Err(Error::shape(format!(
                "noise of shape {} does not broadcast to {}",
                Shape::from(&shape[..]),
                Shape::from(x.shape())
            )));
        }
        let [seed, counter] = seed.draw(0)?;
        let dtype = if x.dtype() == DType::F64 { DType::F64 } else { DType::F32 };
        let unit = apply_one(draws::RandomUniform { shape, dtype }, &[&seed, &counter])?;
        let keep = ops::greater_equal(&unit, &ops::weak(&unit, rate)?)?;
        let scaled = x * (1.0 / (1.0 - rate));
        ops::r#where(&keep, &scaled, &ops::zeros([], x.dtype())?)
    })
}

/// The elements of every line along an axis in an order of its own, drawn evenly from all orders. (As Keras does on JAX
/// and NumPy; whole slices stay together on a vector.)
///
/// # Errors
/// Where the axis is not there.
pub fn shuffle(x: &Tensor, axis: isize, seed: impl Into<Seed>) -> Result<Tensor> {
    let seed = seed.into();
    operation("shuffle", &[x], move |x| {
        let x = x[0];
        let axis = normalize_axis(axis, x.rank())?;
        let [seed, counter] = seed.draw(0)?;
        let places =
            apply_one(draws::RandomPermutation { shape: x.shape().to_vec(), axis }, &[&seed, &counter])?;
        ops::take(&ops::ravel(x)?, &places, 0)
    })
}

/// Parameters in `float64`, stretched to the shape of a draw.
fn stretched(x: &Tensor, shape: &[usize]) -> Result<Tensor> {
    element_count(shape)?;
    ops::broadcast_to(&ops::cast(x, DType::F64)?, shape)
}

fn expect_float(name: &'static str, dtype: DType) -> Result<()> {
    match dtype.is_float() {
        true => Ok(()),
        false => Err(Error::dtype(format!("expected a float dtype, got {dtype}")).at(name)),
    }
}

/// Numbers drawn from the gamma distribution with the shape parameter `alpha`, a number or a tensor that broadcasts to
/// `shape`, and scale 1. An `alpha` below 0 gives NaN. No gradient flows to `alpha`.
///
/// Source: Marsaglia and Tsang, "A simple method for generating gamma variables", 2000.
///
/// # Errors
/// Where the type is not a float, or `alpha` does not broadcast.
pub fn gamma(
    shape: impl AsRef<[usize]>,
    alpha: impl Into<Tensor>,
    dtype: DType,
    seed: impl Into<Seed>,
) -> Result<Tensor> {
    expect_float("gamma", dtype)?;
    let (shape, seed) = (shape.as_ref().to_vec(), seed.into());
    operation("gamma", &[&alpha.into()], move |x| {
        let alpha = stretched(x[0], &shape)?;
        let [seed, counter] = seed.draw(0)?;
        ops::cast(&apply_one(draws::RandomGamma { log: false }, &[&seed, &counter, &alpha])?, dtype)
    })
}

/// Numbers drawn from the beta distribution with parameters `alpha` and `beta`, numbers or tensors that broadcast to
/// `shape`: `a / (a + b)` for two gamma variates. Parameters below 0 give NaN.
///
/// # Errors
/// Where the type is not a float, or a parameter does not broadcast.
pub fn beta(
    shape: impl AsRef<[usize]>,
    alpha: impl Into<Tensor>,
    beta: impl Into<Tensor>,
    dtype: DType,
    seed: impl Into<Seed>,
) -> Result<Tensor> {
    expect_float("beta", dtype)?;
    let (shape, seed) = (shape.as_ref().to_vec(), seed.into());
    operation("beta", &[&alpha.into(), &beta.into()], move |x| {
        let log = |x: &Tensor, i: u32| -> Result<Tensor> {
            let parameter = stretched(x, &shape)?;
            let [seed, counter] = seed.draw(i)?;
            apply_one(draws::RandomGamma { log: true }, &[&seed, &counter, &parameter])
        };
        // From logarithms, because both variates underflow for small parameters.
        ops::cast(&ops::sigmoid(&ops::subtract(&log(x[0], 0)?, &log(x[1], 1)?)?)?, dtype)
    })
}

/// How many of `counts` trials succeed, each with the probability `probabilities`; both are numbers or tensors that
/// broadcast to `shape`. The results are whole numbers of a float type. Arguments out of range give NaN.
///
/// # Errors
/// Where the type is not a float, or a parameter does not broadcast.
pub fn binomial(
    shape: impl AsRef<[usize]>,
    counts: impl Into<Tensor>,
    probabilities: impl Into<Tensor>,
    dtype: DType,
    seed: impl Into<Seed>,
) -> Result<Tensor> {
    expect_float("binomial", dtype)?;
    let (shape, seed) = (shape.as_ref().to_vec(), seed.into());
    operation("binomial", &[&counts.into(), &probabilities.into()], move |x| {
        let (counts, chances) = (stretched(x[0], &shape)?, stretched(x[1], &shape)?);
        let [seed, counter] = seed.draw(0)?;
        ops::cast(&apply_one(draws::RandomBinomial, &[&seed, &counter, &counts, &chances])?, dtype)
    })
}
