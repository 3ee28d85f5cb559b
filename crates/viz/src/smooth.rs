//! Smoothed curves.

use rhyton_base::{Error, Result};

/// An exponential moving average, which shows where a noisy curve goes: s₀ = y₀ and sᵢ = factor · sᵢ₋₁ + (1 − factor) · yᵢ.
///
/// A factor of 0 changes nothing; 0.9 is usual. A number that is not finite stays as it is and leaves the average alone.
///
/// # Errors
/// Where the factor is not from 0 up to, and without, 1.
///
/// ```
/// use rhyton_viz::smooth;
/// assert_eq!(smooth(&[4.0, 0.0, 0.0], 0.5)?, [4.0, 2.0, 1.0]);
/// assert!(smooth(&[4.0], 1.0).is_err());
/// # Ok::<(), rhyton_base::Error>(())
/// ```
pub fn smooth<T: Copy + Into<f64>>(y: &[T], factor: f64) -> Result<Vec<f64>> {
    if !(0.0..1.0).contains(&factor) {
        return Err(Error::value(format!("smooth: expected a factor from 0 up to 1, got {factor}")));
    }
    let mut average: Option<f64> = None;
    let next = |y: f64| {
        if !y.is_finite() {
            return y;
        }
        let s = average.map_or(y, |s| factor * s + (1.0 - factor) * y);
        average = Some(s);
        s
    };
    Ok(y.iter().map(|y| (*y).into()).map(next).collect())
}
