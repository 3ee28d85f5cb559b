//! How much samples count.

use rhyton_base::{DType, Error, Result, Shape};
use rhyton_nn::floatx;
use rhyton_nn::numerics::{NotFinite, not_finite};
use rhyton_tensor::{Tensor, ops};
use std::collections::BTreeMap;

/// The weights given for samples, in the default float type.
pub(super) fn sample_weights(weights: &Tensor, samples: usize) -> Result<Tensor> {
    if weights.rank() == 0 {
        return Err(Error::shape(format!(
            "sample_weight: expected {samples} numbers, one a sample, got a scalar (shape ())"
        )));
    }
    if let Some(NotFinite { place, value, .. }) = not_finite(weights)? {
        let message = format!("sample_weight: expected finite numbers, got {value} in row {}", place[0]);
        return Err(Error::value(message));
    }
    ops::cast(weights, floatx())
}

/// A weight a sample from a weight a class; 1 for classes that are not named.
///
/// Classes are the labels, or the places of the largest number where targets have more than one.
pub(super) fn class_weights(weights: &BTreeMap<i64, f64>, y: &Tensor) -> Result<Tensor> {
    let who = "class_weight";
    if let Some((class, weight)) = weights.iter().find(|(_, w)| !w.is_finite()) {
        let message = format!("expected a finite weight for class {class}, got {weight}");
        return Err(Error::value(message).at(who));
    }
    let last = y.shape().last().copied();
    let labels = match (y.rank(), last) {
        (2, Some(n)) if n > 1 => ops::argmax(y, -1)?,
        (2, _) => ops::squeeze(y, -1)?,
        (1, _) => y.clone(),
        _ => {
            let message = format!(
                "expected one label or one row of classes a sample, got y of shape {}",
                Shape::from(y.shape())
            );
            return Err(Error::shape(message).at(who));
        }
    };
    let labels = match labels.dtype().is_float() {
        true => ops::cast(&ops::round(&labels)?, DType::I64)?,
        false => ops::cast(&labels, DType::I64)?,
    };
    let each: Vec<f64> =
        labels.to_vec::<i64>()?.iter().map(|l| weights.get(l).copied().unwrap_or(1.0)).collect();
    ops::cast(&Tensor::from(each), floatx())
}
