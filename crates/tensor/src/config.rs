//! The setting of the whole process that functions of tensors need.

use std::sync::RwLock;

static EPSILON: RwLock<f64> = RwLock::new(1e-7);

/// The distance that losses keep probabilities from 0 and 1, and the small number in normalizations: 1e-7 unless changed.
pub fn epsilon() -> f64 {
    *EPSILON.read().unwrap_or_else(|e| e.into_inner())
}

/// Changes [`epsilon`].
pub fn set_epsilon(epsilon: f64) {
    *EPSILON.write().unwrap_or_else(|e| e.into_inner()) = epsilon;
}
