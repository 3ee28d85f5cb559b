//! `StringLookup`: texts as the numbers of a vocabulary.

use super::counter::Counter;
use super::lookup::{Lookup, who};
use super::strings::Strings;
use super::token::parse;
use crate::layers::layer::{CallCx, Extras, Layer, LayerOptions, basics, common_options};
use crate::layers::reader::ConfigReader;
use crate::spec::Config;
use rhyton_base::{Context, DType, Error, Result, Shape};
use rhyton_ops::Meta;
use rhyton_tensor::Tensor;
use serde_json::{Value, json};
use std::any::Any;
use std::path::Path;

/// Turns texts into their numbers in a vocabulary, or numbers into texts where it is inverted.
///
/// Numbers begin with the mask token (0, if there is one and the mode is `int`), then `num_oov_indices` places for texts that are
/// not in the vocabulary, then the vocabulary. The vocabulary is given, read from a file, or learnt by
/// [`StringLookup::adapt`]: the most frequent texts first, of equally frequent ones the alphabetically last first.
///
/// | mode | texts `(batch, n)` become |
/// |---|---|
/// | `int`, the default | their numbers, `int64` of the same shape |
/// | `one_hot` | `(batch, n, size)`; an axis of size 1 at the end is dropped |
/// | `multi_hot`, `count` | `(batch, size)`: which ones a sample has, or how often |
/// | `tf_idf` | counts times `ln(1 + samples / (1 + samples with the text))` |
///
/// Several places for unknown texts are shared by a hash, as in [`super::Hashing`]. Vectors are of the default float type; masked
/// texts have no place in them.
///
/// Texts are no element type of tensors: call it with [`StringLookup::call_strings`] on data outside of models.
///
/// - Errors: arguments that do not fit together; an unknown text where there is no place for it.
///
/// ```
/// use rhyton_nn::layers::StringLookup;
/// let lookup = StringLookup::new();
/// lookup.adapt(["red", "green", "red", "blue"])?;
/// assert_eq!(lookup.get_vocabulary()?, ["[UNK]", "red", "green", "blue"]);
/// assert_eq!(lookup.call_strings(["blue", "pink"])?.to_vec::<i64>()?, [3, 0]);
/// let back = StringLookup::new().vocabulary(["red", "green", "blue"]).invert(true);
/// assert_eq!(back.call_indices(&lookup.call_strings(["blue", "pink"])?)?.values(), ["blue", "[UNK]"]);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
///
/// Source: `keras/src/layers/preprocessing/string_lookup.py`.
#[derive(Clone, Debug)]
pub struct StringLookup {
    lookup: Lookup<String>,
    pub(in crate::layers) options: LayerOptions,
}

common_options!(StringLookup);
super::lookup_options!(StringLookup, lookup);

impl Default for StringLookup {
    fn default() -> StringLookup {
        StringLookup::new()
    }
}

impl StringLookup {
    /// A lookup that learns its vocabulary, or is given one.
    pub fn new() -> StringLookup {
        StringLookup { lookup: Lookup::new("[UNK]".to_string()), options: LayerOptions::default() }
    }

    /// The text that stands for nothing: number 0.
    #[must_use]
    pub fn mask_token(mut self, token: impl Into<String>) -> StringLookup {
        self.lookup.mask_token = Some(token.into());
        self
    }

    /// What unknown texts and numbers are called.
    #[must_use]
    pub fn oov_token(mut self, token: impl Into<String>) -> StringLookup {
        self.lookup.oov_token = token.into();
        self
    }

    /// Gives the vocabulary.
    #[must_use]
    pub fn vocabulary<T: Into<String>>(mut self, vocabulary: impl IntoIterator<Item = T>) -> StringLookup {
        self.lookup.give(vocabulary.into_iter().map(Into::into).collect(), None);
        self
    }

    /// Gives the vocabulary with the weights of the mode `tf_idf`.
    #[must_use]
    pub fn weighted_vocabulary<T: Into<String>>(
        mut self,
        vocabulary: impl IntoIterator<Item = T>,
        idf_weights: impl Into<Vec<f64>>,
    ) -> StringLookup {
        self.lookup.give(vocabulary.into_iter().map(Into::into).collect(), Some(idf_weights.into()));
        self
    }

    pub(in crate::layers) fn from_reader(r: &mut ConfigReader) -> Result<StringLookup> {
        let mut layer = StringLookup::new();
        layer.lookup.read(r)?;
        super::text::utf8(r)?;
        Ok(layer)
    }

    /// Learns the vocabulary of a whole data set.
    ///
    /// # Errors
    /// Where the vocabulary was given.
    pub fn adapt(&self, texts: impl Into<Strings>) -> Result<()> {
        let texts = texts.into();
        let mut counter = Counter::new();
        counter.array(texts.values(), texts.shape(), true);
        self.lookup.learn(counter).at(|| who("StringLookup", &self.options, "adapt"))
    }

    /// [`StringLookup::adapt`] for data that comes in batches, of which one is in memory at a time.
    ///
    /// # Errors
    /// As [`StringLookup::adapt`], and the first error among the batches.
    pub fn adapt_batches(&self, batches: impl IntoIterator<Item = Result<Strings>>) -> Result<()> {
        let learn = || {
            self.lookup.may_learn()?;
            let mut counter = Counter::new();
            for batch in batches {
                let texts = batch?;
                counter.array(texts.values(), texts.shape(), false);
            }
            self.lookup.learn(counter)
        };
        learn().at(|| who("StringLookup", &self.options, "adapt_batches"))
    }

    /// The numbers or vectors of texts.
    ///
    /// # Errors
    /// Where it is inverted, has no vocabulary for vectors yet, or no place for an unknown text.
    pub fn call_strings(&self, texts: impl Into<Strings>) -> Result<Tensor> {
        let texts = texts.into();
        let encoded = self.lookup.encode(texts.values(), texts.shape());
        encoded.at(|| who("StringLookup", &self.options, "call_strings"))
    }

    /// The texts of numbers, where it is inverted.
    ///
    /// # Errors
    /// Where it is not inverted, or the numbers are not integers.
    pub fn call_indices(&self, numbers: &Tensor) -> Result<Strings> {
        let run = || {
            if !self.lookup.invert {
                return Err(Error::value("it takes texts and gives numbers; make one with invert(true)"));
            }
            self.lookup.mode()?;
            let texts = self.lookup.tokens(&super::integer_lookup::whole(numbers)?.to_vec::<i64>()?)?;
            Strings::new(texts, numbers.shape())
        };
        run().at(|| who("StringLookup", &self.options, "call_indices"))
    }
}

impl Layer for StringLookup {
    basics!("StringLookup");

    fn as_any(&self) -> Option<&dyn Any> {
        Some(self)
    }

    fn config(&self) -> Config {
        let mut config = self.lookup.config();
        config.insert("encoding".into(), Value::from("utf-8"));
        config
    }

    fn build_config(&self) -> Option<Value> {
        Some(json!({}))
    }

    fn call(&self, _x: &Tensor, _cx: &CallCx) -> Result<Tensor> {
        Err(super::text::no_texts_in_models("StringLookup"))
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
