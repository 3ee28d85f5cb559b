//! The settings that hold for the whole process: the default float type and the small number `epsilon`.

use rhyton_base::{DType, Error, Result};
use std::sync::RwLock;

struct Settings {
    floatx: DType,
    epsilon: f64,
}

static SETTINGS: RwLock<Settings> = RwLock::new(Settings { floatx: DType::F32, epsilon: 1e-7 });

/// The element type of weights, losses and metrics where none is asked for: `float32` unless changed.
pub fn floatx() -> DType {
    SETTINGS.read().unwrap_or_else(|e| e.into_inner()).floatx
}

/// Changes [`floatx`] for everything that is made afterwards.
///
/// # Errors
/// Where the type is not a float.
///
/// ```
/// use rhyton_nn::config;
/// use rhyton_tensor::DType;
/// assert_eq!(config::floatx(), DType::F32);
/// let e = config::set_floatx(DType::I32).unwrap_err();
/// assert_eq!(e.to_string(), "set_floatx: expected float16, bfloat16, float32 or float64, got int32");
/// ```
pub fn set_floatx(dtype: DType) -> Result<()> {
    if !dtype.is_float() {
        let message = format!("expected float16, bfloat16, float32 or float64, got {dtype}");
        return Err(Error::dtype(message).at("set_floatx"));
    }
    SETTINGS.write().unwrap_or_else(|e| e.into_inner()).floatx = dtype;
    Ok(())
}

/// The distance that losses keep probabilities from 0 and 1: 1e-7 unless changed.
pub fn epsilon() -> f64 {
    SETTINGS.read().unwrap_or_else(|e| e.into_inner()).epsilon
}

/// Changes [`epsilon`].
pub fn set_epsilon(epsilon: f64) {
    SETTINGS.write().unwrap_or_else(|e| e.into_inner()).epsilon = epsilon;
}
