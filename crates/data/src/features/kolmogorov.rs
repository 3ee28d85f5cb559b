//! The Kolmogorov–Smirnov test of two samples.

use super::neighbors::sorted;
use super::no_missing;
use rhyton_base::{Error, Result};

/// The largest product of the numbers of samples for which the probability is computed exactly.
const EXACT: usize = 10_000 * 10_000;

/// How different two samples are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KsTest {
    /// The largest difference between the parts of both samples that are not larger than a number: from 0 to 1.
    pub statistic: f64,
    /// How likely a difference this large is for samples of one and the same continuous distribution.
    pub p_value: f64,
}

/// The two-sided Kolmogorov–Smirnov test: whether two samples come from one distribution, whatever it is.
///
/// The probability is exact, by counting paths, up to 10⁸ pairs of samples, and Kolmogorov's limit beyond. It holds for continuous
/// distributions; with many equal numbers it is too large.
///
/// # Errors
/// Where a sample is empty or holds NaN.
///
/// ```
/// use rhyton_data::features::ks_2samp;
/// let test = ks_2samp(&[1.0, 2.0, 3.0, 4.0], &[3.5, 4.5, 5.5, 6.5])?;
/// assert_eq!(test.statistic, 0.75);
/// assert!((test.p_value - 8.0 / 35.0).abs() < 1e-12);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
///
/// Source: Hodges, "The significance probability of the Smirnov two-sample test", Arkiv för Matematik 3, 1958.
pub fn ks_2samp(a: &[f64], b: &[f64]) -> Result<KsTest> {
    for (name, x) in [("the first sample", a), ("the second sample", b)] {
        if x.is_empty() {
            return Err(Error::value(format!("ks_2samp: {name} is empty")));
        }
        no_missing(x, name).map_err(|e| e.at("ks_2samp"))?;
    }
    let (a, b) = (sorted(a), sorted(b));
    let (n, m) = (a.len(), b.len());
    let (mut i, mut j) = (0, 0);
    // The largest difference in units of 1 / (n m).
    let mut largest = 0u128;
    while i < n && j < m {
        let at = a[i].min(b[j]);
        i += a[i..].iter().take_while(|&&v| v <= at).count();
        j += b[j..].iter().take_while(|&&v| v <= at).count();
        largest = largest.max((i as u128 * m as u128).abs_diff(j as u128 * n as u128));
    }
    let statistic = largest as f64 / (n as f64 * m as f64);
    let p_value = match n.saturating_mul(m) <= EXACT {
        true => exact(n.min(m), n.max(m), largest),
        false => limit(statistic * (n as f64 * m as f64 / (n + m) as f64).sqrt()),
    };
    Ok(KsTest { statistic, p_value: p_value.clamp(0.0, 1.0) })
}

/// The part of all paths from (0, 0) to (n, m) that somewhere are as far from the diagonal as the largest difference.
fn exact(n: usize, m: usize, largest: u128) -> f64 {
    if largest == 0 {
        return 1.0;
    }
    let far = |i: usize, j: usize| (i as u128 * m as u128).abs_diff(j as u128 * n as u128) >= largest;
    // outside[j]: the part of the paths to (i, j) that have been as far; such parts are precise even where they are tiny.
    let mut outside = vec![0.0; m + 1];
    for j in 1..=m {
        outside[j] = if far(0, j) { 1.0 } else { outside[j - 1] };
    }
    for i in 1..=n {
        if far(i, 0) {
            outside[0] = 1.0;
        }
        for j in 1..=m {
            outside[j] = match far(i, j) {
                true => 1.0,
                false => (outside[j] * i as f64 + outside[j - 1] * j as f64) / (i + j) as f64,
            };
        }
    }
    outside[m]
}

/// Kolmogorov's limit: 2 Σ (-1)^(k-1) exp(-2 k² x²).
fn limit(x: f64) -> f64 {
    if x < 0.2 {
        return 1.0;
    }
    let term = |k: i32| (if k % 2 == 1 { 2.0 } else { -2.0 }) * (-2.0 * f64::from(k * k) * x * x).exp();
    (1..=100).map(term).sum()
}

#[cfg(test)]
mod tests {
    /// `scipy.stats.kstwobign.sf`.
    #[test]
    fn the_limit_of_large_samples() {
        for (x, p) in [
            (0.3, 0.9999906941986655),
            (0.8, 0.5441424115741981),
            (1.36, 0.049485876755377876),
            (2.0, 0.0006709252557796953),
            (3.5, 4.579469691291106e-11),
        ] {
            let got = super::limit(x);
            assert!((got - p).abs() <= 1e-12 + 1e-9 * p, "{x}: {got}, expected {p}");
        }
    }
}
