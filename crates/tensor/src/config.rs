//! The setting of the whole process that functions of tensors need.

use rhyton_base::{Error, Result};
use std::sync::RwLock;

static EPSILON: RwLock<f64> = RwLock::new(1e-7);

/// The distance that losses keep probabilities from 0 and 1, and the small number in normalizations: 1e-7 unless changed.
pub fn epsilon() -> f64 {
    *EPSILON.read().unwrap_or_else(|e| e.into_inner())
}

/// Changes [`epsilon`].
///
/// # Errors
/// Where it is no finite number above 0.
///
/// ```
/// let e = rhyton_tensor::set_epsilon(f64::NAN).unwrap_err();
/// assert!(e.to_string().contains("expected a finite number above 0, got NaN"));
/// assert_eq!(rhyton_tensor::epsilon(), 1e-7);
/// ```
pub fn set_epsilon(epsilon: f64) -> Result<()> {
    if !(epsilon.is_finite() && epsilon > 0.0) {
        let message = format!("expected a finite number above 0, got {epsilon}; 1e-7 is the default");
        return Err(Error::value(message).at("set_epsilon"));
    }
    *EPSILON.write().unwrap_or_else(|e| e.into_inner()) = epsilon;
    Ok(())
}
