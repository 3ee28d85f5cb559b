//! Initializers whose spread follows the number of inputs and outputs of a weight.

use super::Initializer;
use super::random::check_float;
use crate::arguments::{Argument, Arguments, config};
use crate::spec::Config;
use rhyton_base::{Context, DType, Error, Result, did_you_mean, normalize_axis};
use rhyton_tensor::{SeedGenerator, Tensor};
use serde_json::Value;

/// The standard deviation of a standard normal distribution cut off at ±2, as Keras writes it.
const TRUNCATED_STDDEV: f64 = 0.879_625_661_034_239_8;

/// Which number of connections the scale is divided by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FanMode {
    /// The number of inputs.
    FanIn,
    /// The number of outputs.
    FanOut,
    /// The mean of both.
    FanAvg,
}

/// The distribution that is drawn from; all have mean 0 and the same variance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Distribution {
    /// Even.
    Uniform,
    /// Normal, cut off at two standard deviations and widened to make up for that.
    TruncatedNormal,
    /// Normal.
    UntruncatedNormal,
}

impl FanMode {
    const NAMES: [&str; 3] = ["fan_in", "fan_out", "fan_avg"];

    fn name(self) -> &'static str {
        Self::NAMES[self as usize]
    }

    fn parse(name: &str) -> Result<FanMode> {
        match name {
            "fan_in" => Ok(FanMode::FanIn),
            "fan_out" => Ok(FanMode::FanOut),
            "fan_avg" => Ok(FanMode::FanAvg),
            _ => Err(Error::name(format!("unknown mode {name:?}{}", did_you_mean(name, &Self::NAMES)))),
        }
    }
}

impl Distribution {
    const NAMES: [&str; 3] = ["uniform", "truncated_normal", "untruncated_normal"];

    fn name(self) -> &'static str {
        Self::NAMES[self as usize]
    }

    fn parse(name: &str) -> Result<Distribution> {
        match name.to_lowercase().as_str() {
            "uniform" => Ok(Distribution::Uniform),
            "truncated_normal" | "normal" => Ok(Distribution::TruncatedNormal),
            "untruncated_normal" => Ok(Distribution::UntruncatedNormal),
            _ => {
                Err(Error::name(format!("unknown distribution {name:?}{}", did_you_mean(name, &Self::NAMES))))
            }
        }
    }
}

/// The numbers of inputs and outputs of a weight: the last two sizes, times all sizes before them (the field of a
/// convolution); both the only size of a vector, and 1 for a scalar.
///
/// ```
/// use rhyton_nn::initializers::fans;
/// assert_eq!(fans(&[784, 512]), (784.0, 512.0));
/// assert_eq!(fans(&[3, 3, 16, 32]), (144.0, 288.0));
/// ```
pub fn fans(shape: &[usize]) -> (f64, f64) {
    match shape {
        [] => (1.0, 1.0),
        [n] => (*n as f64, *n as f64),
        [field @ .., inputs, outputs] => {
            let field: f64 = field.iter().map(|&n| n as f64).product();
            (*inputs as f64 * field, *outputs as f64 * field)
        }
    }
}

/// The axes of inputs and of outputs, for weights of other layouts than Keras's kernels.
#[derive(Clone, Debug, Default)]
struct FanAxes(Option<(Vec<i64>, Vec<i64>)>);

impl FanAxes {
    /// As in Keras, one without the other counts for nothing.
    fn read(a: &mut Arguments<'_>) -> Result<FanAxes> {
        let (inputs, outputs) =
            (Argument::read(a, "input_axes", None)?, Argument::read(a, "output_axes", None)?);
        Ok(FanAxes(Option::zip(inputs, outputs)))
    }

    fn new(inputs: &[isize], outputs: &[isize]) -> FanAxes {
        let wide = |axes: &[isize]| axes.iter().map(|&a| a as i64).collect();
        FanAxes(Some((wide(inputs), wide(outputs))))
    }

    /// The numbers of inputs and outputs of a weight.
    fn fans(&self, shape: &[usize]) -> Result<(f64, f64)> {
        let Some((inputs, outputs)) = &self.0 else { return Ok(fans(shape)) };
        let size = |axes: &[i64]| -> Result<f64> {
            let sizes = axes.iter().map(|&a| Ok(shape[normalize_axis(a as isize, shape.len())?] as f64));
            sizes.product()
        };
        Ok((size(inputs)?, size(outputs)?))
    }

    /// Adds both arguments, or neither.
    fn write(&self, config: &mut Config) {
        if let Some((inputs, outputs)) = &self.0 {
            config.insert("input_axes".to_string(), Value::from(inputs.clone()));
            config.insert("output_axes".to_string(), Value::from(outputs.clone()));
        }
    }
}

/// Draws with mean 0 and variance `scale / n`, where `n` is the number of inputs, of outputs, or their mean.
///
/// The bounds of the even distribution are `±sqrt(3 scale / n)`. Defaults: scale 1, [`FanMode::FanIn`],
/// [`Distribution::TruncatedNormal`].
///
/// # Errors
/// `init` fails for types that are not floats and where the scale is not positive.
///
/// ```
/// use rhyton_nn::initializers::{Distribution, Initializer, VarianceScaling};
/// use rhyton_tensor::DType;
/// let x = VarianceScaling::new().scale(3.0).distribution(Distribution::Uniform).init(&[9, 100], DType::F32);
/// assert!(x.unwrap().abs().max(..).unwrap().item::<f32>().unwrap() <= 1.0);
/// ```
#[derive(Clone, Debug)]
pub struct VarianceScaling {
    scale: f64,
    mode: FanMode,
    distribution: Distribution,
    seed: Option<u32>,
    axes: FanAxes,
}

impl Default for VarianceScaling {
    fn default() -> VarianceScaling {
        VarianceScaling {
            scale: 1.0,
            mode: FanMode::FanIn,
            distribution: Distribution::TruncatedNormal,
            seed: None,
            axes: FanAxes::default(),
        }
    }
}

impl VarianceScaling {
    /// Scale 1 over the number of inputs, normal distribution cut off.
    pub fn new() -> VarianceScaling {
        VarianceScaling::default()
    }

    /// The variance times the number of connections.
    #[must_use]
    pub fn scale(self, scale: f64) -> VarianceScaling {
        VarianceScaling { scale, ..self }
    }

    /// Which connections are counted.
    #[must_use]
    pub fn mode(self, mode: FanMode) -> VarianceScaling {
        VarianceScaling { mode, ..self }
    }

    /// The distribution.
    #[must_use]
    pub fn distribution(self, distribution: Distribution) -> VarianceScaling {
        VarianceScaling { distribution, ..self }
    }

    /// The seed.
    #[must_use]
    pub fn seed(self, seed: u32) -> VarianceScaling {
        VarianceScaling { seed: Some(seed), ..self }
    }

    /// The axes of the weight that are inputs, and those that are outputs.
    #[must_use]
    pub fn fan_axes(self, inputs: &[isize], outputs: &[isize]) -> VarianceScaling {
        VarianceScaling { axes: FanAxes::new(inputs, outputs), ..self }
    }

    fn check(&self) -> Result<()> {
        if self.scale.is_finite() && self.scale > 0.0 {
            return Ok(());
        }
        Err(Error::value(format!("expected scale > 0, got {}", self.scale)))
    }

    fn draw(&self, shape: &[usize], dtype: DType) -> Result<Tensor> {
        check_float(dtype)?;
        self.check()?;
        let (fan_in, fan_out) = self.axes.fans(shape)?;
        let n = match self.mode {
            FanMode::FanIn => fan_in,
            FanMode::FanOut => fan_out,
            FanMode::FanAvg => (fan_in + fan_out) / 2.0,
        };
        let variance = self.scale / n.max(1.0);
        let seed = SeedGenerator::new(self.seed);
        match self.distribution {
            Distribution::Uniform => {
                let limit = (3.0 * variance).sqrt();
                seed.uniform(shape, -limit, limit, dtype)
            }
            Distribution::TruncatedNormal => {
                seed.truncated_normal(shape, 0.0, variance.sqrt() / TRUNCATED_STDDEV, dtype)
            }
            Distribution::UntruncatedNormal => seed.normal(shape, 0.0, variance.sqrt(), dtype),
        }
    }

    pub(super) fn from_config(config: &Config) -> Result<VarianceScaling> {
        let who = || "VarianceScaling";
        let mut a = Arguments::new(who(), config);
        let new = VarianceScaling {
            scale: a.number("scale", 1.0)?,
            mode: a.optional_text("mode")?.map_or(Ok(FanMode::FanIn), FanMode::parse).at(who)?,
            distribution: a
                .optional_text("distribution")?
                .map_or(Ok(Distribution::TruncatedNormal), Distribution::parse)
                .at(who)?,
            seed: a.seed()?,
            axes: FanAxes::read(&mut a)?,
        };
        a.finish()?;
        new.check().at(who)?;
        Ok(new)
    }
}

impl Initializer for VarianceScaling {
    fn init(&self, shape: &[usize], dtype: DType) -> Result<Tensor> {
        self.draw(shape, dtype).at(|| "VarianceScaling")
    }

    fn class_name(&self) -> &'static str {
        "VarianceScaling"
    }

    fn config(&self) -> Config {
        let mut config = config([
            ("scale", Value::from(self.scale)),
            ("mode", Value::from(self.mode.name())),
            ("distribution", Value::from(self.distribution.name())),
            ("seed", Value::from(self.seed)),
        ]);
        self.axes.write(&mut config);
        config
    }
}

macro_rules! scaled {
    ($($(#[$doc:meta])* $Name:ident $class:literal $scale:literal $mode:ident $distribution:ident;)*) => {$(
        $(#[$doc])*
        ///
        /// # Errors
        /// `init` fails for types that are not floats.
        #[derive(Clone, Debug, Default)]
        pub struct $Name {
            seed: Option<u32>,
            axes: FanAxes,
        }

        impl $Name {
            /// Without a seed of its own.
            pub fn new() -> $Name {
                $Name::default()
            }

            /// The seed.
            #[must_use]
            pub fn seed(self, seed: u32) -> $Name {
                $Name { seed: Some(seed), ..self }
            }

            /// The axes of the weight that are inputs, and those that are outputs.
            #[must_use]
            pub fn fan_axes(self, inputs: &[isize], outputs: &[isize]) -> $Name {
                $Name { axes: FanAxes::new(inputs, outputs), ..self }
            }

            pub(super) fn from_config(config: &Config) -> Result<$Name> {
                let mut a = Arguments::new($class, config);
                let new = $Name { seed: a.seed()?, axes: FanAxes::read(&mut a)? };
                a.finish()?;
                Ok(new)
            }
        }

        impl Initializer for $Name {
            fn init(&self, shape: &[usize], dtype: DType) -> Result<Tensor> {
                let scaling = VarianceScaling {
                    scale: $scale,
                    mode: FanMode::$mode,
                    distribution: Distribution::$distribution,
                    seed: self.seed,
                    axes: self.axes.clone(),
                };
                scaling.draw(shape, dtype).at(|| $class)
            }

            fn class_name(&self) -> &'static str {
                $class
            }

            fn config(&self) -> Config {
                let mut config = config([("seed", Value::from(self.seed))]);
                self.axes.write(&mut config);
                config
            }
        }
    )*};
}

scaled! {
    /// Draws from a normal distribution cut off, of variance `2 / (inputs + outputs)`.
    ///
    /// Source: Glorot and Bengio 2010, "Understanding the difficulty of training deep feedforward neural networks".
    GlorotNormal "GlorotNormal" 1.0 FanAvg TruncatedNormal;
    /// Draws evenly from `±sqrt(6 / (inputs + outputs))`; the default for kernels.
    ///
    /// Source: Glorot and Bengio 2010, equation 16.
    ///
    /// ```
    /// use rhyton_nn::initializers::{GlorotUniform, Initializer};
    /// use rhyton_tensor::DType;
    /// let kernel = GlorotUniform::new().init(&[2, 4], DType::F32).unwrap();
    /// assert!(kernel.abs().max(..).unwrap().item::<f32>().unwrap() <= 1.0);
    /// ```
    GlorotUniform "GlorotUniform" 1.0 FanAvg Uniform;
    /// Draws from a normal distribution cut off, of variance `2 / inputs`, for layers with `relu`.
    ///
    /// Source: He et al. 2015, "Delving deep into rectifiers", equation 10.
    HeNormal "HeNormal" 2.0 FanIn TruncatedNormal;
    /// Draws evenly from `±sqrt(6 / inputs)`, for layers with `relu`.
    ///
    /// Source: He et al. 2015, equation 10.
    HeUniform "HeUniform" 2.0 FanIn Uniform;
    /// Draws from a normal distribution cut off, of variance `1 / inputs`, for layers with `selu`.
    ///
    /// Source: LeCun et al. 1998, "Efficient backprop", section 4.6.
    LecunNormal "LecunNormal" 1.0 FanIn TruncatedNormal;
    /// Draws evenly from `±sqrt(3 / inputs)`.
    ///
    /// Source: LeCun et al. 1998, section 4.6.
    LecunUniform "LecunUniform" 1.0 FanIn Uniform;
}
