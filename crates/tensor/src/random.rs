//! Random tensors, and the generators that feed them.

mod functions;

pub use functions::*;

use crate::ops;
use crate::tensor::Tensor;
use crate::variable::Variable;
use rhyton_base::{DType, Result};
use rhyton_runtime::Generator;
use std::sync::Mutex;

static GLOBAL: Mutex<Option<Generator>> = Mutex::new(None);

/// The generator of draws that are given none.
static DRAWS: Mutex<Option<SeedGenerator>> = Mutex::new(None);

/// Seeds everything random that is not given a seed of its own: initial weights, dropout, shuffling.
///
/// Without it, the process starts from the system's entropy.
pub fn set_random_seed(seed: u64) {
    *GLOBAL.lock().unwrap_or_else(|e| e.into_inner()) = Some(Generator::new(seed));
    // Compiled functions hold the state of the generator, so it is set and not replaced.
    if let Some(generator) = &*DRAWS.lock().unwrap_or_else(|e| e.into_inner()) {
        let state = Tensor::from([first_seed(seed), 0u32]);
        generator.state.assign(&state).expect("a state of the same type and shape");
    }
    *CHOSEN.lock().unwrap_or_else(|e| e.into_inner()) = Some(seed);
}

/// The last seed set.
static CHOSEN: Mutex<Option<u64>> = Mutex::new(None);

/// The seed of the process's draws; apart from those that [`next_seed`] gives.
fn first_seed(seed: u64) -> u32 {
    Generator::new(!seed).next_u32()
}

/// Draws from the process's own generator, one thread at a time.
fn with_global<R>(f: impl FnOnce(&SeedGenerator) -> R) -> R {
    let mut draws = DRAWS.lock().unwrap_or_else(|e| e.into_inner());
    let fresh = || {
        let chosen = *CHOSEN.lock().unwrap_or_else(|e| e.into_inner());
        SeedGenerator::new(Some(chosen.map_or_else(next_seed, first_seed)))
    };
    f(draws.get_or_insert_with(fresh))
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
    fn draw(&self) -> Result<[Tensor; 2]> {
        let state = self.state.value();
        let part = |i: usize| ops::squeeze(&ops::narrow(&state, 0, i, i + 1)?, 0);
        let [seed, counter] = [part(0)?, part(1)?];
        self.state.assign(&ops::add(&state, &Tensor::from([0u32, 1]))?)?;
        Ok([seed, counter])
    }

    /// See [`random::uniform`](uniform).
    ///
    /// # Errors
    /// Where the type is not a float.
    pub fn uniform(&self, shape: impl AsRef<[usize]>, low: f64, high: f64, dtype: DType) -> Result<Tensor> {
        uniform(shape, low, high, dtype, self)
    }

    /// See [`random::normal`](normal).
    ///
    /// # Errors
    /// Where the type is not a float.
    pub fn normal(&self, shape: impl AsRef<[usize]>, mean: f64, stddev: f64, dtype: DType) -> Result<Tensor> {
        normal(shape, mean, stddev, dtype, self)
    }

    /// See [`random::truncated_normal`](truncated_normal).
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
        truncated_normal(shape, mean, stddev, dtype, self)
    }

    /// See [`random::dropout`](dropout).
    ///
    /// # Errors
    /// Where the rate is outside `[0, 1]` or the type is not a float.
    pub fn dropout(&self, x: &Tensor, rate: f64, noise_shape: Option<&[usize]>) -> Result<Tensor> {
        let noise: Option<Vec<Option<usize>>> = noise_shape.map(|s| s.iter().map(|&n| Some(n)).collect());
        dropout(x, rate, noise.as_deref(), self)
    }
}
