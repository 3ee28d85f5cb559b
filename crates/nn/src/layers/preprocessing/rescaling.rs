//! `Rescaling`: numbers times a factor, plus an offset.

use crate::arguments::config;
use crate::config::{DataFormat, image_data_format};
use crate::layers::build::BuildCx;
use crate::layers::layer::{CallCx, Layer, LayerOptions, basics, common_options, setters, unbuilt};
use crate::layers::reader::ConfigReader;
use crate::spec::Config;
use rhyton_base::{DType, Error, Result, Shape};
use rhyton_tensor::{Tensor, ops};
use serde_json::{Value, json};
use std::any::Any;

/// One number for all channels, or one for each.
#[derive(Clone, Debug, PartialEq)]
pub struct PerChannel {
    numbers: Vec<f64>,
    single: bool,
}

impl From<f64> for PerChannel {
    fn from(number: f64) -> PerChannel {
        PerChannel { numbers: vec![number], single: true }
    }
}

impl From<Vec<f64>> for PerChannel {
    fn from(numbers: Vec<f64>) -> PerChannel {
        PerChannel { numbers, single: false }
    }
}

impl<const N: usize> From<[f64; N]> for PerChannel {
    fn from(numbers: [f64; N]) -> PerChannel {
        numbers.to_vec().into()
    }
}

impl PerChannel {
    pub(super) fn json(&self) -> Value {
        if self.single { json!(self.numbers[0]) } else { json!(self.numbers) }
    }

    /// One number, a list, or an array of one axis as Keras writes it.
    pub(super) fn read(r: &mut ConfigReader, key: &'static str) -> Result<Option<PerChannel>> {
        let Some(value) = r.value(key) else { return Ok(None) };
        let value = value.get("config").and_then(|c| c.get("value")).unwrap_or(value);
        let list = |v: &Value| v.as_array()?.iter().map(Value::as_f64).collect::<Option<Vec<f64>>>();
        let read = value.as_f64().map(PerChannel::from).or_else(|| list(value).map(PerChannel::from));
        read.map(Some).ok_or_else(|| {
            Error::format(format!("key {key:?}: expected a number or a list of them, got {value}"))
        })
    }

    pub(super) fn numbers(&self) -> &[f64] {
        &self.numbers
    }

    /// One number as a scalar, several along the last axis of `x`, or along the first of images whose channels come
    /// first.
    pub(super) fn tensor(&self, dtype: DType) -> Result<Tensor> {
        if self.single {
            return ops::full([], self.numbers[0], dtype);
        }
        let n = self.numbers.len();
        let shape = match image_data_format() {
            DataFormat::ChannelsFirst => vec![n, 1, 1],
            DataFormat::ChannelsLast => vec![n],
        };
        ops::cast(&Tensor::from_slice(&self.numbers, &shape)?, dtype)
    }
}

/// Scales numbers: `x · scale + offset`.
///
/// - Shape: any, unchanged; integers become floats. With a list, one number for each channel (the last axis, or the first
///   of images with channels first).
/// - Default: offset 0. Pixels from 0 to 255 become numbers from 0 to 1 by `1.0 / 255.0`, and from -1 to 1 by `1.0 / 127.5` with
///   offset -1.
/// - Masks go on unchanged.
/// - Errors: a list whose length does not fit the channels.
///
/// ```
/// use rhyton_nn::layers::Rescaling;
/// use rhyton_tensor::Tensor;
/// let y = Rescaling::new(1.0 / 127.5).offset(-1.0).call(&Tensor::from([0u8, 255]))?;
/// assert_eq!(y.to_vec::<f32>()?, [-1.0, 1.0]);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
///
/// Source: `keras/src/layers/preprocessing/rescaling.py`.
#[derive(Clone, Debug)]
pub struct Rescaling {
    scale: PerChannel,
    offset: PerChannel,
    compute: Option<DType>,
    pub(in crate::layers) options: LayerOptions,
}

common_options!(Rescaling);
setters! {
    Rescaling;
    /// What is added.
    into offset: PerChannel;
}

impl Rescaling {
    /// A layer that multiplies by this number, or by one for each channel.
    pub fn new(scale: impl Into<PerChannel>) -> Rescaling {
        Rescaling {
            scale: scale.into(),
            offset: PerChannel::from(0.0),
            compute: None,
            options: LayerOptions::default(),
        }
    }

    pub(in crate::layers) fn from_reader(r: &mut ConfigReader) -> Result<Rescaling> {
        let scale = PerChannel::read(r, "scale")?.ok_or_else(|| Error::format("key \"scale\" is missing"))?;
        let offset = PerChannel::read(r, "offset")?.unwrap_or(PerChannel::from(0.0));
        Ok(Rescaling::new(scale).offset(offset))
    }
}

impl Layer for Rescaling {
    basics!("Rescaling");

    fn as_any(&self) -> Option<&dyn Any> {
        Some(self)
    }

    fn config(&self) -> Config {
        config([("scale", self.scale.json()), ("offset", self.offset.json())])
    }

    fn build(&mut self, cx: &mut BuildCx, _input: &Shape) -> Result<()> {
        self.compute = Some(cx.compute_dtype());
        Ok(())
    }

    fn call(&self, x: &Tensor, _cx: &CallCx) -> Result<Tensor> {
        let dtype = self.compute.ok_or_else(unbuilt)?;
        let x = ops::cast(x, dtype)?;
        ops::add(&ops::multiply(&x, &self.scale.tensor(dtype)?)?, &self.offset.tensor(dtype)?)
    }

    fn supports_masking(&self) -> bool {
        true
    }
}
