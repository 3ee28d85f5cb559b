//! `Hashing`: texts and whole numbers as buckets, without a vocabulary.

use super::output_mode::OutputMode::{self, Count, Int, MultiHot, OneHot};
use super::strings::Strings;
use crate::arguments::config;
use crate::config::floatx;
use crate::layers::layer::{CallCx, Layer, LayerOptions, common_options, setters};
use crate::layers::reader::ConfigReader;
use crate::numbers::like;
use crate::spec::Config;
use rhyton_base::{Context, DType, Dim, Error, Result, Shape};
use rhyton_ops::index::HashBucket;
use rhyton_tensor::{Tensor, ops};
use serde_json::{Value, json};
use std::any::Any;

/// A text or a number.
#[derive(Clone, Debug, PartialEq)]
enum MaskValue {
    Text(String),
    Number(i64),
}

/// Puts texts and whole numbers into buckets by a hash, the same buckets as Keras's.
///
/// The hash of a text, or of a number's digits, is FarmHash's 64-bit fingerprint, or SipHash with keys where a `salt` is given.
///
/// - Shape: any, unchanged, of `int64`; in the modes `one_hot`, `multi_hot` and `count` vectors with a place for each bucket.
/// - Default: mode `int`, nothing masked. With a mask value, bucket 0 is for it and the others share the rest.
/// - Fractions are cut off.
/// - Texts go through [`Hashing::call_strings`], outside of models.
/// - Errors: no buckets; an unknown mode.
///
/// ```
/// use rhyton_nn::layers::Hashing;
/// use rhyton_tensor::Tensor;
/// let hashing = Hashing::new(3);
/// let buckets = hashing.call_strings([["A"], ["B"], ["C"], ["D"], ["E"]])?;
/// assert_eq!(buckets.to_vec::<i64>()?, [1, 0, 1, 1, 2]);
/// assert_eq!(hashing.call(&Tensor::from([12, 13]))?.shape(), [2]);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
///
/// Source: `keras/src/layers/preprocessing/hashing.py`; Aumasson and Bernstein, "SipHash", 2012.
#[derive(Clone, Debug)]
pub struct Hashing {
    num_bins: usize,
    mask_value: Option<MaskValue>,
    salt: Option<[i64; 2]>,
    output_mode: String,
    pub(in crate::layers) options: LayerOptions,
}

common_options!(Hashing);
setters! {
    Hashing;
    /// `"int"`, `"one_hot"`, `"multi_hot"` or `"count"`.
    into output_mode: String;
    /// The two keys of SipHash, which takes the place of FarmHash.
    some salt: [i64; 2];
}

impl Hashing {
    /// A layer of so many buckets.
    pub fn new(num_bins: usize) -> Hashing {
        Hashing {
            num_bins,
            mask_value: None,
            salt: None,
            output_mode: "int".to_string(),
            options: LayerOptions::default(),
        }
    }

    /// The text that goes to bucket 0, alone.
    #[must_use]
    pub fn mask_text(mut self, text: impl Into<String>) -> Hashing {
        self.mask_value = Some(MaskValue::Text(text.into()));
        self
    }

    /// The number that goes to bucket 0, alone.
    #[must_use]
    pub fn mask_value(mut self, number: i64) -> Hashing {
        self.mask_value = Some(MaskValue::Number(number));
        self
    }

    pub(in crate::layers) fn from_reader(r: &mut ConfigReader) -> Result<Hashing> {
        let mut layer = Hashing::new(r.required_usize("num_bins")?);
        layer.salt = salt(r)?;
        layer.output_mode = r.text("output_mode")?.unwrap_or(layer.output_mode);
        layer.mask_value = match r.value("mask_value") {
            None => None,
            Some(Value::String(text)) => Some(MaskValue::Text(text.clone())),
            Some(v) => Some(MaskValue::Number(v.as_i64().ok_or_else(|| {
                Error::format(format!("key \"mask_value\": expected a text or a whole number, got {v}"))
            })?)),
        };
        super::lookup::no_sparse(r)?;
        Ok(layer)
    }

    /// How many buckets there are.
    pub(super) fn bins(&self) -> usize {
        self.num_bins
    }

    fn mode(&self) -> Result<OutputMode> {
        if self.num_bins == 0 {
            return Err(Error::value("expected num_bins to be 1 or more, got 0"));
        }
        OutputMode::parse(&self.output_mode, &[Int, OneHot, MultiHot, Count])
    }

    /// How many buckets are not for the mask value.
    fn hash(&self) -> HashBucket {
        let masked = self.mask_value.is_some() && self.num_bins > 1;
        let buckets = if masked { self.num_bins - 1 } else { self.num_bins };
        HashBucket { buckets: buckets.max(1) as u64, keys: self.salt.map(|s| s.map(|k| k as u64)) }
    }

    /// The buckets of texts.
    ///
    /// # Errors
    /// Where there are no buckets, or the mode is not known.
    pub fn call_strings(&self, texts: impl Into<Strings>) -> Result<Tensor> {
        let run = || {
            let (mode, hash, texts) = (self.mode()?, self.hash(), texts.into());
            let mask = match &self.mask_value {
                Some(MaskValue::Text(text)) if self.num_bins > 1 => Some(text),
                Some(MaskValue::Number(n)) => {
                    return Err(Error::value(format!(
                        "its mask value {n} is a number, and it is called on texts"
                    )));
                }
                _ => None,
            };
            let bucket = |text: &String| match mask {
                Some(m) if m == text => 0,
                Some(_) => hash.of(text.as_bytes()) + 1,
                None => hash.of(text.as_bytes()),
            };
            let buckets: Vec<i64> = texts.values().iter().map(bucket).collect();
            mode.encode(&Tensor::from_slice(&buckets, texts.shape())?, self.num_bins, self.result(mode), None)
        };
        run().at(|| super::lookup::who("Hashing", &self.options, "call_strings"))
    }

    fn result(&self, mode: OutputMode) -> DType {
        let default = if mode == Int { DType::I64 } else { floatx() };
        self.options.dtype.map_or(default, |p| p.compute_dtype())
    }
}

/// The keys of a salt: two numbers, or one for both.
pub(super) fn salt(r: &mut ConfigReader) -> Result<Option<[i64; 2]>> {
    Ok(match r.integers("salt")?.as_deref() {
        None => None,
        Some([one]) => Some([*one as i64; 2]),
        Some([one, two]) => Some([*one as i64, *two as i64]),
        Some(other) => {
            return Err(Error::format(format!(
                "key \"salt\": expected one or two whole numbers, got {other:?}"
            )));
        }
    })
}

impl Layer for Hashing {
    fn class_name(&self) -> &'static str {
        "Hashing"
    }

    /// Buckets are `int64` and vectors floats, where nothing else is said.
    fn options(&self) -> LayerOptions {
        let dtype = self.result(self.mode().unwrap_or(Int));
        LayerOptions { dtype: Some(dtype.into()), ..self.options.clone() }
    }

    fn as_any(&self) -> Option<&dyn Any> {
        Some(self)
    }

    fn config(&self) -> Config {
        let mask = match &self.mask_value {
            None => Value::Null,
            Some(MaskValue::Text(text)) => json!(text),
            Some(MaskValue::Number(n)) => json!(n),
        };
        config([
            ("num_bins", json!(self.num_bins)),
            ("salt", json!(self.salt)),
            ("mask_value", mask),
            ("output_mode", json!(self.output_mode)),
            ("sparse", Value::from(false)),
        ])
    }

    fn call(&self, x: &Tensor, _cx: &CallCx) -> Result<Tensor> {
        let (mode, hash) = (self.mode()?, self.hash());
        let x = ops::cast(x, DType::I64)?;
        let mut buckets = ops::hash_bucket(&x, hash.buckets, hash.keys)?;
        match &self.mask_value {
            Some(MaskValue::Number(mask)) if self.num_bins > 1 => {
                let masked = ops::equal(&x, &Tensor::from(*mask))?;
                let others = ops::add(&buckets, &like(&buckets, 1.0)?)?;
                buckets = ops::r#where(&masked, &like(&others, 0.0)?, &others)?;
            }
            Some(MaskValue::Text(text)) => {
                return Err(Error::value(format!(
                    "its mask value {text:?} is a text, and it is called on numbers"
                )));
            }
            _ => {}
        }
        mode.encode(&buckets, self.num_bins, self.result(mode), None)
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        Ok(self.mode()?.shape(input, Dim::Known(self.num_bins)))
    }

    fn autocast(&self) -> bool {
        false
    }
}
