//! The population stability index.

use super::neighbors::sorted;
use super::no_missing;
use rhyton_base::{Context, Error, Result};

/// The population stability index between the data that a model learnt from and new data: `Σ (q - p) ln(q / p)` over bins, where
/// `p` and `q` are the parts of both that lie in a bin. The bins hold equal parts of the reference (fewer bins where numbers repeat);
/// a part of 0 counts as 0.0001.
///
/// Below 0.1 nothing has changed, from 0.1 to 0.25 something has, above 0.25 much.
///
/// # Errors
/// Where there is no data, a value is missing, or there are no bins.
///
/// ```
/// use rhyton_data::features::population_stability_index;
/// let reference: Vec<f64> = (0..100).map(f64::from).collect();
/// assert_eq!(population_stability_index(&reference, &reference, 10)?, 0.0);
/// let shifted: Vec<f64> = reference.iter().map(|v| v + 30.0).collect();
/// assert!(population_stability_index(&reference, &shifted, 10)? > 0.25);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
///
/// Source: Siddiqi, "Credit Risk Scorecards", Wiley 2006, for the index and its limits.
pub fn population_stability_index(reference: &[f64], current: &[f64], bins: usize) -> Result<f64> {
    index(reference, current, bins).at(|| "population_stability_index")
}

fn index(reference: &[f64], current: &[f64], bins: usize) -> Result<f64> {
    if reference.is_empty() || current.is_empty() || bins == 0 {
        return Err(Error::value(format!(
            "expected data and 1 bin or more, got {} and {} numbers and {bins} bins",
            reference.len(),
            current.len()
        )));
    }
    no_missing(reference, "the reference")?;
    no_missing(current, "the current data")?;
    let (reference, current) = (sorted(reference), sorted(current));
    let mut edges: Vec<f64> = (1..bins).map(|i| quantile(&reference, i as f64 / bins as f64)).collect();
    edges.dedup();
    let parts = |x: &[f64]| -> Vec<f64> {
        let below: Vec<usize> =
            edges.iter().map(|&e| x.partition_point(|&v| v <= e)).chain([x.len()]).collect();
        let counts = below.iter().scan(0, |before, &upto| Some(upto - std::mem::replace(before, upto)));
        counts.map(|c| (c as f64 / x.len() as f64).max(1e-4)).collect()
    };
    Ok(parts(&reference).iter().zip(parts(&current)).map(|(p, q)| (q - p) * (q / p).ln()).sum())
}

/// The number below which so large a part of the sorted numbers lies, between two of them where none is at the place.
fn quantile(sorted: &[f64], part: f64) -> f64 {
    let place = part * (sorted.len() - 1) as f64;
    let (low, high) = (place.floor() as usize, place.ceil() as usize);
    sorted[low] + (sorted[high] - sorted[low]) * place.fract()
}
