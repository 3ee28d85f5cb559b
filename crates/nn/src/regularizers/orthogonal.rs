//! A penalty on rows or columns that are not at right angles.

use super::Regularizer;
use crate::arguments::{Arguments, config};
use crate::numbers::{is_diagonal, like, not_negative, times, unit_length};
use crate::spec::Config;
use rhyton_base::{Context, Error, Result, Shape, did_you_mean};
use rhyton_tensor::{Tensor, ops};

/// What is to be at right angles.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Along {
    /// The rows.
    #[default]
    Rows,
    /// The columns.
    Columns,
}

impl Along {
    const NAMES: [&str; 2] = ["rows", "columns"];

    fn name(self) -> &'static str {
        Self::NAMES[self as usize]
    }

    fn parse(name: &str) -> Result<Along> {
        match name {
            "rows" => Ok(Along::Rows),
            "columns" => Ok(Along::Columns),
            _ => Err(Error::name(format!("unknown mode {name:?}{}", did_you_mean(name, &Self::NAMES)))),
        }
    }
}

/// The factor times the mean of `|cos|` over all pairs of rows, or of columns, of a matrix.
///
/// Defaults: factor 0.01, rows.
///
/// # Errors
/// `call` fails for other ranks than 2, and where the factor is negative or not finite.
///
/// ```
/// use rhyton_nn::regularizers::{OrthogonalRegularizer, Regularizer};
/// use rhyton_tensor::Tensor;
/// let same = Tensor::from([[2.0f32, 0.0], [1.0, 0.0]]);
/// let penalty = OrthogonalRegularizer::new(0.5).call(&same).unwrap();
/// assert_eq!(penalty.item::<f32>().unwrap(), 0.5);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct OrthogonalRegularizer {
    factor: f64,
    mode: Along,
}

impl Default for OrthogonalRegularizer {
    fn default() -> OrthogonalRegularizer {
        OrthogonalRegularizer::new(0.01)
    }
}

impl OrthogonalRegularizer {
    /// With this factor, for rows.
    pub fn new(factor: f64) -> OrthogonalRegularizer {
        OrthogonalRegularizer { factor, mode: Along::Rows }
    }

    /// Whether rows or columns are compared.
    #[must_use]
    pub fn mode(self, mode: Along) -> OrthogonalRegularizer {
        OrthogonalRegularizer { mode, ..self }
    }

    pub(super) fn from_config(config: &Config) -> Result<OrthogonalRegularizer> {
        let who = || "OrthogonalRegularizer";
        let mut a = Arguments::new(who(), config);
        let factor = a.number("factor", 0.01)?;
        let mode = a.optional_text("mode")?.map_or(Ok(Along::Rows), Along::parse).at(who)?;
        a.finish()?;
        not_negative("factor", factor).at(who)?;
        Ok(OrthogonalRegularizer { factor, mode })
    }

    fn penalty(&self, x: &Tensor) -> Result<Tensor> {
        not_negative("factor", self.factor)?;
        if x.rank() != 2 {
            return Err(Error::shape(format!("expected a matrix, got shape {}", Shape::from(x.shape()))));
        }
        let x = match self.mode {
            Along::Rows => x.clone(),
            Along::Columns => ops::transpose(x, None)?,
        };
        let size = x.shape()[0];
        let unit = unit_length(&x, 1)?;
        let cosines = ops::matmul(&unit, &ops::transpose(&unit, None)?)?;
        let others = ops::r#where(&is_diagonal(size, size)?, &like(&cosines, 0.0)?, &cosines)?;
        let pairs = size as f64 * (size as f64 - 1.0) / 2.0;
        times(&ops::sum(&ops::abs(&others)?, ..)?, self.factor * 0.5 / pairs)
    }
}

impl Regularizer for OrthogonalRegularizer {
    fn call(&self, x: &Tensor) -> Result<Tensor> {
        self.penalty(x).at(|| "OrthogonalRegularizer")
    }

    fn class_name(&self) -> &'static str {
        "OrthogonalRegularizer"
    }

    fn config(&self) -> Config {
        config([("factor", self.factor.into()), ("mode", self.mode.name().into())])
    }
}
