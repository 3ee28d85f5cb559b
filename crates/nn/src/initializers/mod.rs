//! Initializers: how the first values of weights are made.

use crate::arguments::unknown;
use crate::spec::{Config, Named, Spec};
use rhyton_base::{DType, Result};
use rhyton_tensor::Tensor;
use std::fmt::Debug;
use std::sync::Arc;

/// A rule for the first values of a weight.
pub trait Initializer: Debug + Send + Sync {
    /// The values for a weight of this shape and type.
    ///
    /// # Errors
    /// Where the rule does not apply to the shape or type, or its arguments are outside their range.
    fn init(&self, shape: &[usize], dtype: DType) -> Result<Tensor>;

    /// Keras's name of the class: `"GlorotUniform"`.
    fn class_name(&self) -> &'static str;

    /// The arguments, as they are written to files.
    fn config(&self) -> Config;
}

impl Named for dyn Initializer {
    fn by_name(name: &str) -> Result<Arc<dyn Initializer>> {
        get(name)
    }
}

impl<I: Initializer + 'static> From<I> for Spec<dyn Initializer> {
    fn from(object: I) -> Self {
        Spec::Object(Arc::new(object))
    }
}

mod constant;
mod matrix;
mod random;
mod scaling;
mod stft;

pub use constant::{Constant, Ones, Zeros};
pub use matrix::{Identity, Orthogonal};
pub use random::{RandomNormal, RandomUniform, TruncatedNormal};
pub use scaling::{
    Distribution, FanMode, GlorotNormal, GlorotUniform, HeNormal, HeUniform, LecunNormal, LecunUniform,
    VarianceScaling, fans,
};
pub use stft::{STFT, Side};

/// The names that [`get`] takes.
pub const NAMES: [&str; 39] = [
    "zeros",
    "ones",
    "constant",
    "random_normal",
    "random_uniform",
    "truncated_normal",
    "variance_scaling",
    "glorot_normal",
    "glorot_uniform",
    "he_normal",
    "he_uniform",
    "lecun_normal",
    "lecun_uniform",
    "zero",
    "one",
    "normal",
    "uniform",
    "Zeros",
    "Ones",
    "Constant",
    "RandomNormal",
    "RandomUniform",
    "TruncatedNormal",
    "VarianceScaling",
    "GlorotNormal",
    "GlorotUniform",
    "HeNormal",
    "HeUniform",
    "LecunNormal",
    "LecunUniform",
    "identity",
    "Identity",
    "IdentityInitializer",
    "orthogonal",
    "Orthogonal",
    "OrthogonalInitializer",
    "stft",
    "STFT",
    "STFTInitializer",
];

/// The initializer of a name, with default arguments. Snake case and class names both do; case matters.
///
/// # Errors
/// Where nobody knows the name.
///
/// ```
/// use rhyton_nn::initializers;
/// assert_eq!(initializers::get("glorot_uniform").unwrap().class_name(), "GlorotUniform");
/// assert_eq!(initializers::get("GlorotUniform").unwrap().class_name(), "GlorotUniform");
/// ```
pub fn get(name: &str) -> Result<Arc<dyn Initializer>> {
    from_config(name, &Config::new())
}

/// The initializer of a class or name with the arguments of a file.
///
/// # Errors
/// Where nobody knows the name, or an argument is unknown or outside its range.
///
/// ```
/// use rhyton_nn::initializers::{self, Initializer, RandomNormal};
/// let written = RandomNormal::new().stddev(0.1).seed(1).config();
/// let read = initializers::from_config("RandomNormal", &written).unwrap();
/// assert_eq!(read.config(), written);
/// ```
pub fn from_config(class_name: &str, config: &Config) -> Result<Arc<dyn Initializer>> {
    Ok(match class_name {
        "Zeros" | "zeros" | "zero" => Arc::new(Zeros::from_config(config)?),
        "Ones" | "ones" | "one" => Arc::new(Ones::from_config(config)?),
        "Constant" | "constant" => Arc::new(Constant::from_config(config)?),
        "RandomNormal" | "random_normal" | "normal" => Arc::new(RandomNormal::from_config(config)?),
        "RandomUniform" | "random_uniform" | "uniform" => Arc::new(RandomUniform::from_config(config)?),
        "TruncatedNormal" | "truncated_normal" => Arc::new(TruncatedNormal::from_config(config)?),
        "VarianceScaling" | "variance_scaling" => Arc::new(VarianceScaling::from_config(config)?),
        "GlorotNormal" | "glorot_normal" => Arc::new(GlorotNormal::from_config(config)?),
        "GlorotUniform" | "glorot_uniform" => Arc::new(GlorotUniform::from_config(config)?),
        "HeNormal" | "he_normal" => Arc::new(HeNormal::from_config(config)?),
        "HeUniform" | "he_uniform" => Arc::new(HeUniform::from_config(config)?),
        "LecunNormal" | "lecun_normal" => Arc::new(LecunNormal::from_config(config)?),
        "LecunUniform" | "lecun_uniform" => Arc::new(LecunUniform::from_config(config)?),
        "Identity" | "identity" | "IdentityInitializer" => Arc::new(Identity::from_config(config)?),
        "Orthogonal" | "orthogonal" | "OrthogonalInitializer" => Arc::new(Orthogonal::from_config(config)?),
        "STFT" | "stft" | "STFTInitializer" => Arc::new(STFT::from_config(config)?),
        other => return Err(unknown("initializer", other, &NAMES)),
    })
}
