//! Keeping gradients small.

use crate::numbers::like;
use rhyton_base::Result;
use rhyton_tensor::{Tensor, ops};

/// How gradients are kept small; at most one way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Clipping {
    /// Not at all.
    None,
    /// The norm of each gradient.
    Norm(f64),
    /// The norm of all gradients together.
    GlobalNorm(f64),
    /// Each number.
    Value(f64),
}

/// The gradients, kept small.
///
/// Source: `_clip_by_norm` and `clip_by_global_norm` in Keras's optimizers/base_optimizer.py.
pub(super) fn clip(how: Clipping, gradients: Vec<Tensor>) -> Result<Vec<Tensor>> {
    match how {
        Clipping::None => Ok(gradients),
        Clipping::Value(limit) => gradients.iter().map(|g| ops::clip(g, -limit, limit)).collect(),
        Clipping::Norm(limit) => gradients.iter().map(|g| clip_norm(g, limit)).collect(),
        Clipping::GlobalNorm(limit) => {
            let mut sum: Option<Tensor> = None;
            for g in &gradients {
                let squares = ops::sum(&ops::square(g)?, ..)?;
                sum = Some(match sum {
                    Some(sum) => ops::add(&sum, &squares)?,
                    None => squares,
                });
            }
            let Some(sum) = sum else { return Ok(gradients) };
            let norm = ops::sqrt(&sum)?;
            let limit = like(&norm, limit)?;
            let share = ops::minimum(&ops::reciprocal(&norm)?, &ops::reciprocal(&limit)?)?;
            // Adds 0, or NaN where the norm is not finite, so that trouble shows.
            let scale = ops::add(&ops::multiply(&limit, &share)?, &ops::subtract(&norm, &norm)?)?;
            gradients.iter().map(|g| ops::multiply(g, &ops::cast(&scale, g.dtype())?)).collect()
        }
    }
}

/// `g limit / max(‖g‖, limit)`.
fn clip_norm(g: &Tensor, limit: f64) -> Result<Tensor> {
    let norm = ops::sqrt(&ops::sum(&ops::square(g)?, ..)?)?;
    let limit = like(g, limit)?;
    ops::divide(&ops::multiply(g, &limit)?, &ops::maximum(&norm, &limit)?)
}
