//! Whether new data is like the data of before, feature by feature.

use super::kolmogorov::{KsTest, ks_2samp};
use super::{columns, population_stability_index};
use rhyton_base::{Context, Error, Result};
use rhyton_tensor::Tensor;
use std::fmt;

/// How far one feature has moved.
#[derive(Clone, Debug)]
pub struct FeatureDrift {
    /// The feature.
    pub name: String,
    /// Mean in the reference and now.
    pub mean: (f64, f64),
    /// Part of missing values in the reference and now; the other figures are of what is there.
    pub missing: (f64, f64),
    /// The population stability index over ten bins: above 0.25 much has changed.
    pub psi: f64,
    /// The Kolmogorov–Smirnov test.
    pub ks: KsTest,
}

impl FeatureDrift {
    /// Whether the feature has moved: an index above 0.25, or a test whose probability is below `p_value`.
    pub fn is_drifted(&self, p_value: f64) -> bool {
        self.psi > 0.25 || self.ks.p_value < p_value
    }
}

/// A report on each feature of two data sets.
///
/// ```
/// use rhyton_data::features::Drift;
/// use rhyton_tensor::Tensor;
/// let before = Tensor::from((0..200).map(|i| (i % 50) as f32).collect::<Vec<_>>()).reshape([100, 2])?;
/// let report = Drift::between(&before, &(&before + 20), &["age", "height"])?;
/// assert_eq!(report.drifted(0.01), ["age", "height"]);
/// assert!(report.to_string().contains("height"));
/// # Ok::<(), rhyton_base::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Drift {
    features: Vec<FeatureDrift>,
}

impl Drift {
    /// Compares two tables of samples by features, column by column. Without names (`&[]`) columns are called by their numbers.
    ///
    /// # Errors
    /// Where the tables differ in their columns, one is empty, or names are too few or too many.
    pub fn between(reference: &Tensor, current: &Tensor, names: &[&str]) -> Result<Drift> {
        let compare = || {
            let (a, b) = (columns(reference)?, columns(current)?);
            if a.len() != b.len() {
                return Err(Error::shape(format!(
                    "expected as many columns in both, got {} and {}",
                    a.len(),
                    b.len()
                )));
            }
            if !names.is_empty() && names.len() != a.len() {
                return Err(Error::value(format!(
                    "expected {} names, one a column, got {}",
                    a.len(),
                    names.len()
                )));
            }
            let name = |i: usize| names.get(i).map_or_else(|| format!("column {i}"), |n| n.to_string());
            let each = a.iter().zip(&b).enumerate().map(|(i, (a, b))| feature(name(i), a, b));
            Ok(Drift { features: each.collect::<Result<_>>()? })
        };
        compare().at(|| "Drift")
    }

    /// The features in the order of the columns.
    pub fn features(&self) -> &[FeatureDrift] {
        &self.features
    }

    /// The names of features that have moved, at this probability of a false alarm for each.
    pub fn drifted(&self, p_value: f64) -> Vec<&str> {
        self.features.iter().filter(|f| f.is_drifted(p_value)).map(|f| f.name.as_str()).collect()
    }
}

fn feature(name: String, a: &[f64], b: &[f64]) -> Result<FeatureDrift> {
    let there = |x: &[f64]| x.iter().copied().filter(|v| !v.is_nan()).collect::<Vec<f64>>();
    let (x, y) = (there(a), there(b));
    let missing = |x: &[f64], all: &[f64]| 1.0 - x.len() as f64 / all.len().max(1) as f64;
    let mean = |x: &[f64]| x.iter().sum::<f64>() / x.len() as f64;
    let psi = population_stability_index(&x, &y, 10).at(|| name.clone())?;
    let ks = ks_2samp(&x, &y).at(|| name.clone())?;
    Ok(FeatureDrift { name, mean: (mean(&x), mean(&y)), missing: (missing(&x, a), missing(&y, b)), psi, ks })
}

/// A table with a line for each feature.
impl fmt::Display for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.features.iter().map(|x| x.name.chars().count()).max().unwrap_or(0).max(7);
        write!(
            f,
            "{:<width$} {:>12} {:>12} {:>8} {:>8} {:>10}",
            "feature", "mean before", "mean now", "PSI", "KS", "p"
        )?;
        for x in &self.features {
            let (before, now) = x.mean;
            let KsTest { statistic, p_value } = x.ks;
            let p = if p_value < 1e-3 { format!("{p_value:.1e}") } else { format!("{p_value:.3}") };
            let mark = if x.is_drifted(0.01) { "  drifted" } else { "" };
            write!(
                f,
                "\n{:<width$} {before:>12.4} {now:>12.4} {:>8.4} {statistic:>8.4} {p:>10}{mark}",
                x.name, x.psi
            )?;
        }
        Ok(())
    }
}
