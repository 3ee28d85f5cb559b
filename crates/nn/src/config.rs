//! The settings that hold for the whole process: the default float type, the small number `epsilon`, the layout of
//! images.

use rhyton_base::{DType, Error, Result};
use std::sync::RwLock;

pub use rhyton_tensor::ops::DataFormat;
pub use rhyton_tensor::{epsilon, set_epsilon};

struct Settings {
    floatx: DType,
    image_data_format: DataFormat,
}

static SETTINGS: RwLock<Settings> =
    RwLock::new(Settings { floatx: DType::F32, image_data_format: DataFormat::ChannelsLast });

/// The layout of images for layers that are given none: channels last unless changed.
pub fn image_data_format() -> DataFormat {
    SETTINGS.read().unwrap_or_else(|e| e.into_inner()).image_data_format
}

/// Changes [`image_data_format`] for all layers that are made afterwards.
pub fn set_image_data_format(format: DataFormat) {
    SETTINGS.write().unwrap_or_else(|e| e.into_inner()).image_data_format = format;
}

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
