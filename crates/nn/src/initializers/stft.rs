//! The kernel with which a convolution computes a short-time Fourier transform.

use super::Initializer;
use super::random::check_float;
use crate::arguments::{Arguments, config};
use crate::spec::Config;
use rhyton_base::{Context, DType, Error, Result, Shape, did_you_mean};
use rhyton_tensor::{Tensor, ops};
use serde_json::Value;
use std::f64::consts::PI;

/// Which part of the transform a kernel computes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Side {
    /// The real part.
    #[default]
    Real,
    /// The imaginary part.
    Imag,
}

/// Windows that are sums of cosines, by the names of SciPy, with their coefficients.
const COSINES: [(&str, &[f64]); 7] = [
    ("boxcar", &[1.0]),
    ("hann", &[0.5, 0.5]),
    ("hamming", &[0.54, 0.46]),
    ("blackman", &[0.42, 0.5, 0.08]),
    ("nuttall", &[0.363_581_9, 0.489_177_5, 0.136_599_5, 0.010_641_1]),
    ("blackmanharris", &[0.35875, 0.48829, 0.14128, 0.01168]),
    ("flattop", &[0.215_578_95, 0.416_631_58, 0.277_263_158, 0.083_578_947, 0.006_947_368]),
];

const WINDOWS: [&str; 8] =
    ["hann", "boxcar", "hamming", "blackman", "nuttall", "blackmanharris", "flattop", "bartlett"];

const SCALINGS: [&str; 2] = ["density", "spectrum"];

/// `cos(-2π t f / n)` or its sine, for time `t` along the first axis and frequency `f` along the last, times a window
/// over `t` that is divided by the root of its sum of squares ("density") or by its sum ("spectrum"). The shape is
/// `(frame length, 1, frequencies)`, and `n = 2 (frequencies - 1)`.
///
/// Defaults: real part, window "hann", scaling "density", symmetric. Windows: "hann", "hamming", "blackman",
/// "blackmanharris", "nuttall", "flattop", "bartlett", "boxcar", or none. (Keras takes all of SciPy's.)
///
/// # Errors
/// `init` fails for other ranks than 3, for types that are not floats, and where a name is unknown.
///
/// Source: Keras's initializers/constant_initializers.py.
///
/// ```
/// use rhyton_nn::initializers::{Initializer, STFT};
/// use rhyton_tensor::DType;
/// let kernel = STFT::new().window(None::<&str>).init(&[4, 1, 3], DType::F64).unwrap();
/// let second = kernel.to_vec::<f64>().unwrap()[3..6].to_vec();
/// assert!(second.iter().zip([1.0, 0.0, -1.0]).all(|(a, b)| (a - b).abs() < 1e-12));
/// ```
#[derive(Clone, Debug)]
pub struct STFT {
    side: Side,
    window: Option<String>,
    scaling: Option<String>,
    periodic: bool,
}

impl Default for STFT {
    fn default() -> STFT {
        let (window, scaling) = (Some("hann".to_string()), Some("density".to_string()));
        STFT { side: Side::Real, window, scaling, periodic: false }
    }
}

impl STFT {
    /// With Keras's default arguments.
    pub fn new() -> STFT {
        STFT::default()
    }

    /// Which part.
    #[must_use]
    pub fn side(self, side: Side) -> STFT {
        STFT { side, ..self }
    }

    /// The name of the window, or none.
    #[must_use]
    pub fn window<'a>(self, window: impl Into<Option<&'a str>>) -> STFT {
        STFT { window: window.into().map(str::to_string), ..self }
    }

    /// What the window is divided by: "density", "spectrum", or nothing.
    #[must_use]
    pub fn scaling<'a>(self, scaling: impl Into<Option<&'a str>>) -> STFT {
        STFT { scaling: scaling.into().map(str::to_string), ..self }
    }

    /// Whether the window is one period of a longer one, in place of symmetric.
    #[must_use]
    pub fn periodic(self, periodic: bool) -> STFT {
        STFT { periodic, ..self }
    }

    fn check(&self) -> Result<()> {
        let known = |what: &str, name: &Option<String>, names: &[&str]| match name {
            Some(name) if !names.contains(&name.as_str()) => {
                Err(Error::name(format!("unknown {what} {name:?}{}", did_you_mean(name, names))))
            }
            _ => Ok(()),
        };
        known("window", &self.window, &WINDOWS)?;
        known("scaling", &self.scaling, &SCALINGS)
    }

    pub(super) fn from_config(config: &Config) -> Result<STFT> {
        let who = || "STFT";
        let mut a = Arguments::new(who(), config);
        let side = match a.optional_text("side")? {
            None | Some("real") => Side::Real,
            Some("imag") => Side::Imag,
            Some(other) => {
                let message = format!("unknown side {other:?}{}", did_you_mean(other, &["real", "imag"]));
                return Err(Error::name(message).at(who()));
            }
        };
        let mut text = |name: &'static str, default: &str| match a.given(name) {
            None => Ok(Some(default.to_string())),
            Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(other) => Err(a.error(name, "a name or null", other)),
        };
        let (window, scaling) = (text("window", "hann")?, text("scaling", "density")?);
        let new = STFT { side, window, scaling, periodic: a.flag("periodic", false)? };
        a.finish()?;
        new.check().at(who)?;
        Ok(new)
    }

    /// The window over a frame, scaled.
    fn windowed(&self, length: usize) -> Vec<f64> {
        let Some(name) = self.window.as_deref() else { return vec![1.0; length] };
        let period = if self.periodic { length } else { length.saturating_sub(1) } as f64;
        let at = |t: usize| match COSINES.iter().find(|(known, _)| *known == name) {
            _ if length <= 1 => 1.0,
            Some((_, coefficients)) => {
                let term = |(k, a): (usize, &f64)| {
                    let sign = if k % 2 == 0 { 1.0 } else { -1.0 };
                    sign * a * (2.0 * PI * k as f64 * t as f64 / period).cos()
                };
                coefficients.iter().enumerate().map(term).sum::<f64>()
            }
            None => 1.0 - (2.0 * t as f64 / period - 1.0).abs(),
        };
        let window: Vec<f64> = (0..length).map(at).collect();
        let scale = match self.scaling.as_deref() {
            Some("density") => window.iter().map(|w| w * w).sum::<f64>().sqrt(),
            Some(_) => window.iter().map(|w| w.abs()).sum::<f64>(),
            None => 1.0,
        };
        window.into_iter().map(|w| w / scale).collect()
    }

    fn kernel(&self, shape: &[usize], dtype: DType) -> Result<Tensor> {
        check_float(dtype)?;
        self.check()?;
        let &[length, channels, frequencies] = shape else {
            let message = format!(
                "expected a shape of frame length, channels and frequencies, got {}",
                Shape::from(shape)
            );
            return Err(Error::shape(message));
        };
        let n = 2.0 * (frequencies as f64 - 1.0);
        let mut values = Vec::with_capacity(length * frequencies);
        for (t, window) in self.windowed(length).into_iter().enumerate() {
            for f in 0..frequencies {
                let angle = -2.0 * PI * t as f64 * (f as f64 / n);
                values.push(window * if self.side == Side::Real { angle.cos() } else { angle.sin() });
            }
        }
        let one = Tensor::from_bytes(bytemuck::cast_slice(&values), DType::F64, &[length, 1, frequencies])?;
        ops::cast(&ops::broadcast_to(&one, &[length, channels, frequencies])?, dtype)
    }
}

impl Initializer for STFT {
    fn init(&self, shape: &[usize], dtype: DType) -> Result<Tensor> {
        self.kernel(shape, dtype).at(|| "STFT")
    }

    fn class_name(&self) -> &'static str {
        "STFT"
    }

    fn config(&self) -> Config {
        config([
            ("side", Value::from(if self.side == Side::Real { "real" } else { "imag" })),
            ("window", Value::from(self.window.clone())),
            ("scaling", Value::from(self.scaling.clone())),
            ("periodic", Value::from(self.periodic)),
        ])
    }
}
