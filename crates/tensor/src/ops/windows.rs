//! Windows: weights that let a piece of a signal fade in and out.

use crate::tensor::Tensor;
use rhyton_base::{Context, DType, Error, Result};
use std::f64::consts::PI;

/// `n` numbers, each a function of `i`; 1 alone is 1.
fn values(n: usize, f: impl Fn(f64) -> f64) -> Result<Vec<f64>> {
    let mut values: Vec<f64> = Vec::new();
    values
        .try_reserve_exact(n)
        .map_err(|_| Error::value(format!("a window of {n} numbers does not fit into memory")))?;
    values.extend((0..n).map(|i| if n == 1 { 1.0 } else { f(i as f64) }));
    Ok(values)
}

fn window(name: &'static str, n: usize, f: impl Fn(f64) -> f64) -> Result<Tensor> {
    let x = Tensor::from_slice(&values(n, f).at(|| name)?, [n])?;
    super::cast(&x, DType::F32)
}

/// Bartlett's triangle of `n` numbers in `float32`, zero at both ends: `1 - |2i / (n-1) - 1|`.
///
/// # Errors
/// Where there is no memory.
pub fn bartlett(n: usize) -> Result<Tensor> {
    window("bartlett", n, |i| 1.0 - (2.0 * i / (n as f64 - 1.0) - 1.0).abs())
}

/// Blackman's window of `n` numbers in `float32`: `0.42 - 0.5 cos(2πi / (n-1)) + 0.08 cos(4πi / (n-1))`.
///
/// # Errors
/// Where there is no memory.
pub fn blackman(n: usize) -> Result<Tensor> {
    window("blackman", n, |i| {
        let turn = 2.0 * PI * i / (n as f64 - 1.0);
        0.42 - 0.5 * turn.cos() + 0.08 * (2.0 * turn).cos()
    })
}

/// Hamming's window of `n` numbers in `float32`: `0.54 - 0.46 cos(2πi / (n-1))`.
///
/// ```
/// use rhyton_tensor::ops;
/// assert_eq!(ops::hamming(3).unwrap().to_vec::<f32>().unwrap(), [0.08, 1.0, 0.08]);
/// ```
///
/// # Errors
/// Where there is no memory.
pub fn hamming(n: usize) -> Result<Tensor> {
    window("hamming", n, |i| 0.54 - 0.46 * (2.0 * PI * i / (n as f64 - 1.0)).cos())
}

/// Hann's window of `n` numbers in `float32`: `0.5 - 0.5 cos(2πi / (n-1))`.
///
/// # Errors
/// Where there is no memory.
pub fn hanning(n: usize) -> Result<Tensor> {
    window("hanning", n, |i| 0.5 - 0.5 * (2.0 * PI * i / (n as f64 - 1.0)).cos())
}

/// Kaiser's window of `n` numbers in `float32`: `I₀(β √(1 - (2i / (n-1) - 1)²)) / I₀(β)`, where I₀ is the modified
/// Bessel function.
///
/// # Errors
/// Where `beta` is not a number, or there is no memory.
pub fn kaiser(n: usize, beta: f64) -> Result<Tensor> {
    if !beta.is_finite() {
        return Err(Error::value(format!("expected a finite beta, got {beta}")).at("kaiser"));
    }
    let beta = beta.abs();
    window("kaiser", n, |i| {
        let x = beta * (1.0 - (2.0 * i / (n as f64 - 1.0) - 1.0).powi(2)).max(0.0).sqrt();
        scaled_bessel(x) / scaled_bessel(beta) * (x - beta).exp()
    })
}

/// `e^-x · I₀(x)` for `x >= 0`, so that nothing overflows: the power series, or for large `x` the asymptotic one.
fn scaled_bessel(x: f64) -> f64 {
    let (mut term, mut total) = (1.0, 1.0);
    if x < 40.0 {
        for k in 1..200 {
            term *= (x / 2.0 / f64::from(k)).powi(2);
            total += term;
        }
        return total * (-x).exp();
    }
    for k in 1..30 {
        let odd = f64::from(2 * k - 1);
        term *= odd * odd / (8.0 * x * f64::from(k));
        total += term;
    }
    total / (2.0 * PI * x).sqrt()
}

/// The window of a short-time Fourier transform, over one frame.
#[derive(Clone, Debug, Default)]
pub enum Window {
    /// Hann's, one period: `0.5 - 0.5 cos(2πi / n)`.
    #[default]
    Hann,
    /// Hamming's, one period: `0.54 - 0.46 cos(2πi / n)`.
    Hamming,
    /// Ones, also over the padding of frames shorter than the transform.
    Rectangular,
    /// A vector of one number for each place of a frame.
    Of(Tensor),
}

impl Window {
    /// The window over a frame of `length` places.
    pub(super) fn of_frame(&self, length: usize, dtype: DType) -> Result<Tensor> {
        let periodic = |a: f64, b: f64| {
            let line = values(length, |i| a - b * (2.0 * PI * i / length as f64).cos())?;
            super::cast(&Tensor::from_slice(&line, [length])?, dtype)
        };
        match self {
            Window::Hann => periodic(0.5, 0.5),
            Window::Hamming => periodic(0.54, 0.46),
            Window::Rectangular => super::ones([length], dtype),
            Window::Of(w) => super::cast(w, dtype),
        }
    }
}
