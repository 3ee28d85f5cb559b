//! Scores over folds.

use crate::training::Evaluation;
use rhyton_base::{Context, Error, Result};
use std::fmt;

/// What models reported, one after the other: of folds, or of runs.
#[derive(Clone, Debug, Default)]
pub struct Scores(Vec<Evaluation>);

impl Scores {
    /// Adds a report.
    pub fn push(&mut self, report: Evaluation) {
        self.0.push(report);
    }

    /// All reports.
    pub fn reports(&self) -> &[Evaluation] {
        &self.0
    }

    /// The numbers of a name, one a report.
    ///
    /// # Errors
    /// Where there is no such name; the nearest is suggested.
    pub fn values(&self, name: &str) -> Result<Vec<f64>> {
        self.0.iter().map(|r| r.get(name)).collect::<Result<_>>().at(|| "Scores")
    }

    /// The mean of a name's numbers.
    ///
    /// # Errors
    /// As [`Scores::values`]; where there is no report.
    pub fn mean(&self, name: &str) -> Result<f64> {
        let values = self.values(name)?;
        match values.len() {
            0 => Err(Error::state("there are no reports yet").at("Scores")),
            n => Ok(values.iter().sum::<f64>() / n as f64),
        }
    }

    /// How far a name's numbers are from their mean: the root of the mean square.
    ///
    /// # Errors
    /// As [`Scores::mean`].
    pub fn std(&self, name: &str) -> Result<f64> {
        let (values, mean) = (self.values(name)?, self.mean(name)?);
        let square = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / values.len() as f64;
        Ok(square.sqrt())
    }
}

/// `loss: 0.3127 ± 0.0402 - mae: 0.4711 ± 0.0345 (4 folds)`.
impl fmt::Display for Scores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.0.first().into_iter().flat_map(|r| r.iter().map(|(name, _)| name));
        let each = names.map(|name| {
            let (mean, std) = (self.mean(name).unwrap_or(f64::NAN), self.std(name).unwrap_or(f64::NAN));
            format!("{name}: {mean:.4} ± {std:.4}")
        });
        write!(f, "{} ({} folds)", each.collect::<Vec<_>>().join(" - "), self.0.len())
    }
}
