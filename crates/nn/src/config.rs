//! The settings that hold for the whole process: the default float type, the small number `epsilon`, the layout of
//! images.

use rhyton_base::{DType, Error, Result};
use std::fmt;
use std::str::FromStr;
use std::sync::RwLock;

struct Settings {
    floatx: DType,
    epsilon: f64,
    image_data_format: DataFormat,
}

static SETTINGS: RwLock<Settings> =
    RwLock::new(Settings { floatx: DType::F32, epsilon: 1e-7, image_data_format: DataFormat::ChannelsLast });

/// Where the channels stand among the axes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum DataFormat {
    /// `(batch, spatial…, channels)`.
    #[default]
    ChannelsLast,
    /// `(batch, channels, spatial…)`.
    ChannelsFirst,
}

impl fmt::Display for DataFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            DataFormat::ChannelsLast => "channels_last",
            DataFormat::ChannelsFirst => "channels_first",
        })
    }
}

impl FromStr for DataFormat {
    type Err = Error;

    fn from_str(text: &str) -> Result<DataFormat> {
        match text {
            "channels_last" => Ok(DataFormat::ChannelsLast),
            "channels_first" => Ok(DataFormat::ChannelsFirst),
            _ => Err(Error::name(format!(
                "expected the data format \"channels_last\" or \"channels_first\", got {text:?}"
            ))),
        }
    }
}

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

/// The distance that losses keep probabilities from 0 and 1: 1e-7 unless changed.
pub fn epsilon() -> f64 {
    SETTINGS.read().unwrap_or_else(|e| e.into_inner()).epsilon
}

/// Changes [`epsilon`].
pub fn set_epsilon(epsilon: f64) {
    SETTINGS.write().unwrap_or_else(|e| e.into_inner()).epsilon = epsilon;
}
