//! Random tensors, and the generators that feed them.

use crate::dispatch::apply_one;
use crate::ops;
use crate::tensor::Tensor;
use crate::variable::Variable;
use rhyton_base::{DType, Error, Result};
use rhyton_ops::random;
use rhyton_runtime::Generator;
use std::sync::Mutex;

static GLOBAL: Mutex<Option<Generator>> = Mutex::new(None);

/// Seeds everything random that is not given a seed of its own: initial weights, dropout, shuffling.
///
/// Without it, the process starts from the system's entropy.
pub fn set_random_seed(seed: u64) {
    *GLOBAL.lock().unwrap_or_else(|e| e.into_inner()) = Some(Generator::new(seed));
}

/// The next seed from the process's own stream.
pub fn next_seed() -> u32 {
    let mut global = GLOBAL.lock().unwrap_or_else(|e| e.into_inner());
    let fresh = || {
        use std::hash::{BuildHasher, Hasher};
        Generator::new(std::hash::RandomState::new().build_hasher().finish())
    };
    global.get_or_insert_with(fresh).next_u32()
}

/// A stream of random tensors. Its state is a variable, so compiled functions draw anew each time they run.
///
/// ```
/// use rhyton_tensor::{DType, SeedGenerator};
/// let a = SeedGenerator::new(Some(7)).uniform([3], 0.0, 1.0, DType::F32).unwrap();
/// let b = SeedGenerator::new(Some(7)).uniform([3], 0.0, 1.0, DType::F32).unwrap();
/// assert!(a.bit_equal(&b));
/// ```
#[derive(Clone, Debug)]
pub struct SeedGenerator {
    /// `[seed, counter]` as `uint32`; the counter rises by one with each draw.
    state: Variable,
}

impl SeedGenerator {
    /// The stream of a seed, or of one drawn from the process's own stream.
    pub fn new(seed: Option<u32>) -> SeedGenerator {
        let seed = seed.unwrap_or_else(next_seed);
        let state = Variable::named(Tensor::from([seed, 0u32]), "seed_generator_state", false);
        SeedGenerator { state }
    }

    /// The variable that holds `[seed, counter]`.
    pub fn state(&self) -> &Variable {
        &self.state
    }

    /// Seed and counter for one draw.
    fn draw(&self) -> Result<(Tensor, Tensor)> {
        let state = self.state.value();
        let part = |i: usize| ops::squeeze(&ops::narrow(&state, 0, i, i + 1)?, 0);
        let (seed, counter) = (part(0)?, part(1)?);
        self.state.assign(&ops::add(&state, &Tensor::from([0u32, 1]))?)?;
        Ok((seed, counter))
    }

    /// Numbers drawn evenly from `low..high`.
    ///
    /// # Errors
    /// Where the type is not a float.
    pub fn uniform(&self, shape: impl AsRef<[usize]>, low: f64, high: f64, dtype: DType) -> Result<Tensor> {
        let (seed, counter) = self.draw()?;
        let unit =
            apply_one(random::RandomUniform { shape: shape.as_ref().to_vec(), dtype }, &[&seed, &counter])?;
        if (low, high) == (0.0, 1.0) { Ok(unit) } else { Ok(unit * (high - low) + low) }
    }

    /// Numbers drawn from the normal distribution.
    ///
    /// # Errors
    /// Where the type is not a float.
    pub fn normal(&self, shape: impl AsRef<[usize]>, mean: f64, stddev: f64, dtype: DType) -> Result<Tensor> {
        let (seed, counter) = self.draw()?;
        let unit =
            apply_one(random::RandomNormal { shape: shape.as_ref().to_vec(), dtype }, &[&seed, &counter])?;
        Ok(unit * stddev + mean)
    }

    /// Numbers drawn from the normal distribution cut off at two standard deviations.
    ///
    /// # Errors
    /// Where the type is not a float.
    pub fn truncated_normal(
        &self,
        shape: impl AsRef<[usize]>,
        mean: f64,
        stddev: f64,
        dtype: DType,
    ) -> Result<Tensor> {
        let (seed, counter) = self.draw()?;
        let unit =
            apply_one(random::TruncatedNormal { shape: shape.as_ref().to_vec(), dtype }, &[&seed, &counter])?;
        Ok(unit * stddev + mean)
    }

    /// `x` with a fraction `rate` of its elements set to zero and the others scaled by `1 / (1 - rate)`.
    ///
    /// # Errors
    /// Where the rate is outside `[0, 1]` or the type is not a float.
    pub fn dropout(&self, x: &Tensor, rate: f64, noise_shape: Option<&[usize]>) -> Result<Tensor> {
        if !(0.0..=1.0).contains(&rate) {
            return Err(Error::value(format!("expected a rate in [0, 1], got {rate}")).at("dropout"));
        }
        if rate == 1.0 {
            return ops::zeros_like(x);
        }
        let (seed, counter) = self.draw()?;
        let shape = noise_shape.unwrap_or(x.shape()).to_vec();
        let dtype = if x.dtype() == DType::F64 { DType::F64 } else { DType::F32 };
        let unit = apply_one(random::RandomUniform { shape, dtype }, &[&seed, &counter])?;
        let keep = ops::greater_equal(&unit, &ops::weak(&unit, rate)?)?;
        let scaled = x * (1.0 / (1.0 - rate));
        ops::r#where(&keep, &scaled, &ops::zeros([], x.dtype())?)
    }
}
