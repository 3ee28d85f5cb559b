//! Initializers for matrices: the identity, and columns at right angles.

use super::Initializer;
use super::random::check_float;
use crate::arguments::{Arguments, config, finite};
use crate::numbers::{is_diagonal, like};
use crate::spec::Config;
use rhyton_base::{Context, DType, Error, Result, Shape};
use rhyton_tensor::{SeedGenerator, Tensor, ops};
use serde_json::Value;

/// The gain (1 by default) on the diagonal of a matrix, 0 elsewhere.
///
/// # Errors
/// `init` fails for other ranks than 2.
///
/// ```
/// use rhyton_nn::initializers::{Identity, Initializer};
/// use rhyton_tensor::DType;
/// let x = Identity::new().gain(2.0).init(&[2, 3], DType::F32).unwrap();
/// assert_eq!(x.to_vec::<f32>().unwrap(), [2.0, 0.0, 0.0, 0.0, 2.0, 0.0]);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Identity {
    gain: f64,
}

/// Draws a matrix whose columns (whose rows, if it is wide) are at right angles and of length 1, times the gain.
///
/// A weight of more than two axes is treated as a matrix with the last axis as columns. It is the `Q` of the QR
/// decomposition of a matrix drawn from the normal distribution, with the signs for which the diagonal of `R` is
/// positive. Gain 1 by default.
///
/// # Errors
/// `init` fails for ranks below 2 and for types that are not floats.
///
/// Source: Saxe et al. 2014, "Exact solutions to the nonlinear dynamics of learning in deep linear neural networks";
/// Keras's initializers/random_initializers.py.
///
/// ```
/// use rhyton_nn::initializers::{Initializer, Orthogonal};
/// use rhyton_tensor::DType;
/// let q = Orthogonal::new().seed(1).init(&[5, 3], DType::F64).unwrap();
/// let product = q.t().matmul(&q).unwrap().to_vec::<f64>().unwrap();
/// assert!((product[0] - 1.0).abs() < 1e-12 && product[1].abs() < 1e-12);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Orthogonal {
    gain: f64,
    seed: Option<u32>,
}

impl Default for Identity {
    fn default() -> Identity {
        Identity { gain: 1.0 }
    }
}

impl Default for Orthogonal {
    fn default() -> Orthogonal {
        Orthogonal { gain: 1.0, seed: None }
    }
}

impl Identity {
    /// With gain 1.
    pub fn new() -> Identity {
        Identity::default()
    }

    /// What stands on the diagonal.
    #[must_use]
    pub fn gain(self, gain: f64) -> Identity {
        Identity { gain }
    }

    pub(super) fn from_config(config: &Config) -> Result<Identity> {
        let mut a = Arguments::new("Identity", config);
        let gain = a.number("gain", 1.0)?;
        a.finish()?;
        Ok(Identity { gain })
    }
}

impl Orthogonal {
    /// With gain 1, without a seed of its own.
    pub fn new() -> Orthogonal {
        Orthogonal::default()
    }

    /// The length of the columns.
    #[must_use]
    pub fn gain(self, gain: f64) -> Orthogonal {
        Orthogonal { gain, ..self }
    }

    /// The seed.
    #[must_use]
    pub fn seed(self, seed: u32) -> Orthogonal {
        Orthogonal { seed: Some(seed), ..self }
    }

    pub(super) fn from_config(config: &Config) -> Result<Orthogonal> {
        let mut a = Arguments::new("Orthogonal", config);
        let new = Orthogonal { gain: a.number("gain", 1.0)?, seed: a.seed()? };
        a.finish()?;
        Ok(new)
    }

    fn draw(&self, shape: &[usize], dtype: DType) -> Result<Tensor> {
        finite("gain", &self.gain)?;
        check_float(dtype)?;
        let [rows @ .., columns] = shape else { return Err(too_flat(shape)) };
        if rows.is_empty() {
            return Err(too_flat(shape));
        }
        let (rows, columns) = (rows.iter().product::<usize>(), *columns);
        let (long, short) = (rows.max(columns), rows.min(columns));
        // Each row of `drawn` is one of the vectors that are made orthogonal.
        let drawn = SeedGenerator::new(self.seed).normal([short, long], 0.0, 1.0, DType::F64)?;
        let mut vectors: Vec<Vec<f64>> = drawn.to_f64s()?.chunks(long.max(1)).map(<[f64]>::to_vec).collect();
        orthonormalize(&mut vectors);
        let flat: Vec<f64> = vectors.into_iter().flatten().collect();
        let flat = Tensor::from_bytes(bytemuck::cast_slice(&flat), DType::F64, &[short, long])?;
        let q = if rows < columns { flat } else { ops::transpose(&flat, None)? };
        let q = ops::multiply(&q, &like(&q, self.gain)?)?;
        ops::cast(&ops::reshape(&q, shape.to_vec())?, dtype)
    }
}

/// Gram and Schmidt's method, twice, so that rounding leaves nothing behind.
fn orthonormalize(vectors: &mut [Vec<f64>]) {
    let dot = |a: &[f64], b: &[f64]| -> f64 {
        let mut sums = [0.0; 8];
        let (a8, b8) = (a.chunks_exact(8), b.chunks_exact(8));
        let rest: f64 = a8.remainder().iter().zip(b8.remainder()).map(|(x, y)| x * y).sum();
        for (x, y) in a8.zip(b8) {
            for (sum, (x, y)) in sums.iter_mut().zip(x.iter().zip(y)) {
                *sum += x * y;
            }
        }
        rest + sums.iter().sum::<f64>()
    };
    for i in 0..vectors.len() {
        let (before, rest) = vectors.split_at_mut(i);
        let v = &mut rest[0];
        for other in before.iter().chain(before.iter()) {
            let shared = dot(other, v);
            v.iter_mut().zip(other).for_each(|(x, y)| *x -= shared * y);
        }
        let length = dot(v, v).sqrt();
        v.iter_mut().for_each(|x| *x /= length);
    }
}

fn too_flat(shape: &[usize]) -> Error {
    Error::shape(format!("expected a shape of at least two axes, got {}", Shape::from(shape)))
}

impl Initializer for Identity {
    fn init(&self, shape: &[usize], dtype: DType) -> Result<Tensor> {
        let who = || "Identity";
        finite("gain", &self.gain).at(who)?;
        let &[rows, columns] = shape else {
            let message = format!("expected the shape of a matrix, got {}", Shape::from(shape));
            return Err(Error::shape(message).at(who()));
        };
        let diagonal = is_diagonal(rows, columns).at(who)?;
        let (gain, zero) = (ops::full([], self.gain, dtype)?, ops::zeros([], dtype)?);
        ops::r#where(&diagonal, &gain, &zero).at(who)
    }

    fn class_name(&self) -> &'static str {
        "Identity"
    }

    fn config(&self) -> Config {
        config([("gain", Value::from(self.gain))])
    }
}

impl Initializer for Orthogonal {
    fn init(&self, shape: &[usize], dtype: DType) -> Result<Tensor> {
        self.draw(shape, dtype).at(|| "Orthogonal")
    }

    fn class_name(&self) -> &'static str {
        "Orthogonal"
    }

    fn config(&self) -> Config {
        config([("gain", Value::from(self.gain)), ("seed", Value::from(self.seed))])
    }
}
