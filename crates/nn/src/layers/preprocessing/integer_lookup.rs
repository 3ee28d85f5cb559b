//! `IntegerLookup`: whole numbers as the numbers of a vocabulary.

use super::counter::Counter;
use super::lookup::{Lookup, who};
use super::output_mode::OutputMode::{Count, Int, TfIdf};
use super::token::parse;
use crate::config::floatx;
use crate::layers::layer::{CallCx, Extras, Layer, LayerOptions, basics, common_options};
use crate::layers::reader::ConfigReader;
use crate::numbers::{like, plus};
use crate::spec::Config;
use rhyton_base::{Context, DType, Error, Result, Shape};
use rhyton_ops::Meta;
use rhyton_tensor::ops::Side;
use rhyton_tensor::{Tensor, ops};
use serde_json::{Value, json};
use std::any::Any;
use std::path::Path;

/// Turns whole numbers, such as identifiers, into their numbers in a vocabulary, or back where it is inverted.
///
/// The rules and modes are those of [`super::StringLookup`]; unknown numbers are called -1. Several places for unknown numbers are
/// shared by the remainder, or by a hash with `oov_method("farmhash")`. It works inside and outside of models.
///
/// - A model that was compiled keeps the vocabulary that it was compiled with.
/// - Where there is no place for unknown numbers they are an error; inside of compiled models, -1.
/// - Errors: arguments that do not fit together; an input that is not of integers.
///
/// ```
/// use rhyton_nn::layers::{AnyLayer, IntegerLookup};
/// use rhyton_tensor::Tensor;
/// let lookup = IntegerLookup::new();
/// lookup.adapt(&Tensor::from([1138, 42, 42]))?;
/// assert_eq!(lookup.get_vocabulary()?, [-1, 42, 1138]);
/// assert_eq!(AnyLayer::from(&lookup).call(&Tensor::from([1138, 7]))?.to_vec::<i64>()?, [2, 0]);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
///
/// Source: `keras/src/layers/preprocessing/integer_lookup.py`.
#[derive(Clone, Debug)]
pub struct IntegerLookup {
    lookup: Lookup<i64>,
    pub(in crate::layers) options: LayerOptions,
}

common_options!(IntegerLookup);
super::lookup_options!(IntegerLookup, lookup);

impl Default for IntegerLookup {
    fn default() -> IntegerLookup {
        IntegerLookup::new()
    }
}

impl IntegerLookup {
    /// A lookup that learns its vocabulary, or is given one.
    pub fn new() -> IntegerLookup {
        IntegerLookup { lookup: Lookup::new(-1), options: LayerOptions::default() }
    }

    /// The number that stands for nothing: number 0.
    #[must_use]
    pub fn mask_token(mut self, token: i64) -> IntegerLookup {
        self.lookup.mask_token = Some(token);
        self
    }

    /// What unknown numbers are called.
    #[must_use]
    pub fn oov_token(mut self, token: i64) -> IntegerLookup {
        self.lookup.oov_token = token;
        self
    }

    /// How unknown numbers share their places: `"floormod"` or `"farmhash"`.
    #[must_use]
    pub fn oov_method(mut self, method: &str) -> IntegerLookup {
        self.lookup.oov_method = method.to_string();
        self
    }

    /// Gives the vocabulary.
    #[must_use]
    pub fn vocabulary(mut self, vocabulary: impl Into<Vec<i64>>) -> IntegerLookup {
        self.lookup.give(vocabulary.into(), None);
        self
    }

    /// Gives the vocabulary with the weights of the mode `tf_idf`.
    #[must_use]
    pub fn weighted_vocabulary(
        mut self,
        vocabulary: impl Into<Vec<i64>>,
        idf_weights: impl Into<Vec<f64>>,
    ) -> IntegerLookup {
        self.lookup.give(vocabulary.into(), Some(idf_weights.into()));
        self
    }

    pub(in crate::layers) fn from_reader(r: &mut ConfigReader) -> Result<IntegerLookup> {
        let mut layer = IntegerLookup::new();
        layer.lookup.read(r)?;
        r.text("vocabulary_dtype")?;
        Ok(layer)
    }

    /// Learns the vocabulary of a whole data set.
    ///
    /// # Errors
    /// Where the vocabulary was given, or the data is not of integers.
    pub fn adapt(&self, data: &Tensor) -> Result<()> {
        let learn = || {
            let mut counter = Counter::new();
            counter.array(&whole(data)?.to_vec::<i64>()?, data.shape(), true);
            self.lookup.learn(counter)
        };
        learn().at(|| who("IntegerLookup", &self.options, "adapt"))
    }

    /// [`IntegerLookup::adapt`] for data that comes in batches, of which one is in memory at a time.
    ///
    /// # Errors
    /// As [`IntegerLookup::adapt`], and the first error among the batches.
    pub fn adapt_batches(&self, batches: impl IntoIterator<Item = Result<Tensor>>) -> Result<()> {
        let learn = || {
            self.lookup.may_learn()?;
            let mut counter = Counter::new();
            for batch in batches {
                let batch = batch?;
                counter.array(&whole(&batch)?.to_vec::<i64>()?, batch.shape(), false);
            }
            self.lookup.learn(counter)
        };
        learn().at(|| who("IntegerLookup", &self.options, "adapt_batches"))
    }

    /// The numbers of numbers, by a search in the sorted vocabulary.
    fn numbers(&self, x: &Tensor) -> Result<Tensor> {
        let start = i64::from(self.lookup.mask_token.is_some() && self.lookup.mode()? == Int);
        let places = self.lookup.num_oov_indices as i64;
        let unknown = match places {
            0 => like(x, -1.0)?,
            1 => Tensor::from(start),
            n if self.lookup.is_hashed() => plus(
                &ops::hash_bucket(x, n as u64, self.lookup.salt.map(|s| s.map(|k| k as u64)))?,
                start as f64,
            )?,
            n => plus(&ops::r#mod(x, &Tensor::from(n))?, start as f64)?,
        };
        let tokens = self.lookup.vocabulary(false)?;
        let mut sorted: Vec<(i64, i64)> = tokens.into_iter().zip(start + places..).collect();
        sorted.sort_unstable();
        let mut found = match sorted.len() {
            0 => ops::add(&ops::multiply(x, &like(x, 0.0)?)?, &unknown)?,
            n => {
                let (tokens, numbers): (Vec<i64>, Vec<i64>) = sorted.into_iter().unzip();
                let (tokens, numbers) =
                    (Tensor::from_slice(&tokens, [n])?, Tensor::from_slice(&numbers, [n])?);
                let at = ops::searchsorted(&tokens, x, Side::Left)?;
                let at = ops::minimum(&at, &Tensor::from(n as i64 - 1))?;
                let known = ops::equal(&ops::take(&tokens, &at, 0)?, x)?;
                ops::r#where(&known, &ops::take(&numbers, &at, 0)?, &unknown)?
            }
        };
        if let Some(mask) = self.lookup.mask_token {
            let number = if self.lookup.mode()? == Int { 0 } else { i64::MAX };
            found = ops::r#where(&ops::equal(x, &Tensor::from(mask))?, &Tensor::from(number), &found)?;
        }
        Ok(found)
    }

    /// The tokens of numbers.
    fn tokens(&self, x: &Tensor) -> Result<Tensor> {
        let all = self.lookup.vocabulary(true)?;
        let (n, unknown) = (all.len(), Tensor::from(self.lookup.oov_token));
        let zero = like(x, 0.0)?;
        if n == 0 {
            return ops::add(&ops::multiply(x, &zero)?, &unknown);
        }
        let last = Tensor::from(n as i64 - 1);
        let within = ops::logical_and(&ops::greater_equal(x, &zero)?, &ops::less_equal(x, &last)?)?;
        let at = ops::minimum(&ops::maximum(x, &zero)?, &last)?;
        ops::r#where(&within, &ops::take(&Tensor::from_slice(&all, [n])?, &at, 0)?, &unknown)
    }
}

/// Whole numbers as `int64`.
pub(super) fn whole(x: &Tensor) -> Result<Tensor> {
    match x.dtype().is_integer() {
        true => ops::cast(x, DType::I64),
        false => Err(Error::dtype(format!(
            "expected whole numbers, got {}; cast them to int64 if that is what they are",
            x.dtype()
        ))),
    }
}

impl Layer for IntegerLookup {
    basics!("IntegerLookup");

    fn as_any(&self) -> Option<&dyn Any> {
        Some(self)
    }

    fn config(&self) -> Config {
        let mut config = self.lookup.config();
        config.insert("vocabulary_dtype".into(), Value::from("int64"));
        config
    }

    fn build_config(&self) -> Option<Value> {
        Some(json!({}))
    }

    fn call(&self, x: &Tensor, _cx: &CallCx) -> Result<Tensor> {
        // Inputs of models are floats where nothing else is said.
        let x = if x.dtype().is_float() { ops::cast(x, DType::I64)? } else { whole(x)? };
        if self.lookup.invert {
            self.lookup.mode()?;
            return self.tokens(&x);
        }
        let mode = self.lookup.mode()?;
        if self.lookup.num_oov_indices == 0 && x.has_numbers() {
            // Says which number is not known.
            self.lookup.numbers(&x.to_vec::<i64>()?)?;
        }
        let numbers = self.numbers(&x)?;
        match mode {
            Int => Ok(numbers),
            TfIdf => ops::multiply(
                &Count.encode(&numbers, self.lookup.depth()?, floatx(), None)?,
                &ops::cast(&self.lookup.idf()?, floatx())?,
            ),
            mode => mode.encode(&numbers, self.lookup.depth()?, floatx(), None),
        }
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        self.lookup.shape(input)
    }

    fn infer(&self, inputs: &[Meta], _compute: DType) -> Result<Option<Vec<Meta>>> {
        self.lookup.metas(inputs)
    }

    fn autocast(&self) -> bool {
        false
    }

    fn extras(&self) -> Result<Option<Extras>> {
        self.lookup.extras().map(Some)
    }

    fn restore(&self, extras: &Extras) -> Result<()> {
        self.lookup.restore(extras)
    }
}
