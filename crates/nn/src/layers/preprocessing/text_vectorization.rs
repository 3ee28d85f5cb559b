//! `TextVectorization`: texts as the numbers of their words.

use super::counter::Counter;
use super::lookup::{Lookup, who};
use super::output_mode::OutputMode::Int;
use super::strings::Strings;
use super::text::{Split, Standardize, ngrams};
use super::token::parse;
use crate::arguments::config;
use crate::config::floatx;
use crate::layers::layer::{CallCx, Extras, Layer, LayerOptions, basics, common_options, setters};
use crate::layers::reader::ConfigReader;
use crate::spec::Config;
use rhyton_base::{Context, DType, Dim, Error, Result, Shape};
use rhyton_ops::Meta;
use rhyton_tensor::Tensor;
use serde_json::{Value, json};
use std::any::Any;
use std::path::Path;

/// Which runs of tokens are tokens too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ngrams {
    /// All up to this length.
    UpTo(usize),
    /// Those of these lengths alone.
    Of(Vec<usize>),
}

impl From<usize> for Ngrams {
    fn from(size: usize) -> Ngrams {
        Ngrams::UpTo(size)
    }
}

impl<const N: usize> From<[usize; N]> for Ngrams {
    fn from(sizes: [usize; N]) -> Ngrams {
        Ngrams::Of(sizes.to_vec())
    }
}

/// Turns each text into the numbers of its words, or into one vector: standardizes it, cuts it into tokens, joins runs of tokens,
/// and looks them up in a vocabulary.
///
/// In the mode `int` number 0 is padding and 1 an unknown token, `[UNK]`; in the others number 0 is an unknown token.
///
/// - Result for texts `(batch,)` or `(batch, 1)`: `(batch, output_sequence_length)` of `int64`, padded with 0 or cut off; without
///   a length that of the longest text. In the modes `multi_hot`, `count` and `tf_idf` `(batch, size)` of floats.
/// - Defaults: ASCII letters made lower case and ASCII punctuation left out (`standardize`); cut at white space (`split`); no
///   runs; mode `int`; a vocabulary of all tokens, learnt by [`TextVectorization::adapt`]: the most frequent first, of equally
///   frequent ones the alphabetically last first.
/// - Texts are no element type of tensors: call it with [`TextVectorization::call_strings`] on data outside of models.
/// - Errors: arguments that do not fit together; texts of another shape.
///
/// ```
/// use rhyton_nn::layers::TextVectorization;
/// let text = TextVectorization::new().output_sequence_length(4);
/// text.adapt(["the cat sat", "The cat."])?;
/// assert_eq!(text.get_vocabulary()?, ["", "[UNK]", "the", "cat", "sat"]);
/// assert_eq!(text.call_strings(["The dog sat!"])?.to_vec::<i64>()?, [2, 1, 4, 0]);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
///
/// Source: `keras/src/layers/preprocessing/text_vectorization.py`.
#[derive(Clone, Debug)]
pub struct TextVectorization {
    lookup: Lookup<String>,
    standardize: Option<String>,
    split: Option<String>,
    ngrams: Option<Ngrams>,
    output_sequence_length: Option<usize>,
    pub(in crate::layers) options: LayerOptions,
}

common_options!(TextVectorization);
super::vocabulary_options!(TextVectorization, lookup);
setters! {
    TextVectorization;
    /// Runs of tokens that are tokens too: all up to a length (`2`), or those of some lengths (`[2, 3]`).
    some_into ngrams: Ngrams;
    /// How many numbers each text becomes.
    some output_sequence_length: usize;
}

impl Default for TextVectorization {
    fn default() -> TextVectorization {
        TextVectorization::new()
    }
}

impl TextVectorization {
    /// A layer that learns its vocabulary, or is given one.
    pub fn new() -> TextVectorization {
        let mut lookup = Lookup::new("[UNK]".to_string());
        lookup.mask_token = Some(String::new());
        TextVectorization {
            lookup,
            standardize: Some("lower_and_strip_punctuation".to_string()),
            split: Some("whitespace".to_string()),
            ngrams: None,
            output_sequence_length: None,
            options: LayerOptions::default(),
        }
    }

    /// What happens to texts first: `"lower_and_strip_punctuation"`, `"lower"`, `"strip_punctuation"` or nothing (`None`).
    #[must_use]
    pub fn standardize<'a>(mut self, standardize: impl Into<Option<&'a str>>) -> TextVectorization {
        self.standardize = standardize.into().map(str::to_string);
        self
    }

    /// Where texts are cut: `"whitespace"`, `"character"` or nowhere (`None`).
    #[must_use]
    pub fn split<'a>(mut self, split: impl Into<Option<&'a str>>) -> TextVectorization {
        self.split = split.into().map(str::to_string);
        self
    }

    /// Gives the vocabulary.
    #[must_use]
    pub fn vocabulary<T: Into<String>>(
        mut self,
        vocabulary: impl IntoIterator<Item = T>,
    ) -> TextVectorization {
        self.lookup.give(vocabulary.into_iter().map(Into::into).collect(), None);
        self
    }

    /// Gives the vocabulary with the weights of the mode `tf_idf`.
    #[must_use]
    pub fn weighted_vocabulary<T: Into<String>>(
        mut self,
        vocabulary: impl IntoIterator<Item = T>,
        idf_weights: impl Into<Vec<f64>>,
    ) -> TextVectorization {
        self.lookup.give(vocabulary.into_iter().map(Into::into).collect(), Some(idf_weights.into()));
        self
    }

    pub(in crate::layers) fn from_reader(r: &mut ConfigReader) -> Result<TextVectorization> {
        let mut layer = TextVectorization::new();
        for key in ["standardize", "split"] {
            if r.value(key).is_some_and(|v| !v.is_string()) {
                return Err(Error::unsupported(format!(
                    "key {key:?}: a function written in Python is not read; use one of the names instead"
                )));
            }
        }
        layer.standardize = r.text("standardize")?;
        layer.split = r.text("split")?;
        layer.ngrams = match (r.value("ngrams").is_some_and(Value::is_number), r.value("ngrams")) {
            (_, None) => None,
            (true, Some(_)) => Some(Ngrams::UpTo(r.required_usize("ngrams")?)),
            (false, Some(_)) => Some(Ngrams::Of(r.get("ngrams")?)),
        };
        layer.output_sequence_length = r.usize("output_sequence_length")?;
        layer.lookup.max_tokens = r.usize("max_tokens")?;
        layer.lookup.output_mode = r.text("output_mode")?.unwrap_or("int".to_string());
        layer.lookup.pad_to_max_tokens = r.bool("pad_to_max_tokens")?.unwrap_or(false);
        layer.lookup.read_vocabulary(r)?;
        super::text::utf8(r)?;
        super::lookup::no_sparse(r)?;
        Ok(layer)
    }

    /// The tokens of each text, a way to cut texts without numbers.
    ///
    /// # Errors
    /// Where the texts are neither `(batch,)` nor `(batch, 1)`, or an argument is not known.
    pub fn tokenize(&self, texts: impl Into<Strings>) -> Result<Vec<Vec<String>>> {
        self.cut(&texts.into()).at(|| who("TextVectorization", &self.options, "tokenize"))
    }

    fn cut(&self, texts: &Strings) -> Result<Vec<Vec<String>>> {
        if !matches!(texts.shape(), [] | [_] | [_, 1]) {
            return Err(Error::shape(format!(
                "expected texts of shape (batch,) or (batch, 1), got {}",
                Shape::from(texts.shape())
            )));
        }
        let standardize = Standardize::parse(self.standardize.as_deref())?;
        let split = Split::parse(self.split.as_deref())?;
        let sizes = match &self.ngrams {
            None => None,
            Some(Ngrams::UpTo(n)) => Some((1..=*n).collect()),
            Some(Ngrams::Of(sizes)) => Some(sizes.clone()),
        };
        let tokens = |text: &String| {
            let tokens = split.apply(&standardize.apply(text));
            match &sizes {
                None => tokens,
                Some(sizes) => ngrams(&tokens, sizes),
            }
        };
        Ok(texts.values().iter().map(tokens).collect())
    }

    /// Learns the vocabulary of a whole data set.
    ///
    /// # Errors
    /// Where the vocabulary was given, or as [`TextVectorization::tokenize`].
    pub fn adapt(&self, texts: impl Into<Strings>) -> Result<()> {
        self.adapt_batches([Ok(texts.into())])
    }

    /// [`TextVectorization::adapt`] for data that comes in batches, of which one is in memory at a time.
    ///
    /// # Errors
    /// As [`TextVectorization::adapt`], and the first error among the batches.
    pub fn adapt_batches(&self, batches: impl IntoIterator<Item = Result<Strings>>) -> Result<()> {
        let learn = || {
            self.lookup.may_learn()?;
            let mut counter = Counter::new();
            for batch in batches {
                self.cut(&batch?)?.iter().for_each(|tokens| counter.sample(tokens));
            }
            self.lookup.learn(counter)
        };
        learn().at(|| who("TextVectorization", &self.options, "adapt"))
    }

    /// The numbers or vectors of texts.
    ///
    /// # Errors
    /// As [`TextVectorization::tokenize`]; where it has no vocabulary for vectors yet.
    pub fn call_strings(&self, texts: impl Into<Strings>) -> Result<Tensor> {
        let texts = texts.into();
        self.encode(&texts).at(|| who("TextVectorization", &self.options, "call_strings"))
    }

    fn encode(&self, texts: &Strings) -> Result<Tensor> {
        let mode = self.mode()?;
        let rows = self.cut(texts)?;
        let numbers = rows.iter().map(|row| self.lookup.numbers(row)).collect::<Result<Vec<_>>>()?;
        if mode != Int {
            return self.lookup.vectors(numbers.iter().map(Vec::as_slice));
        }
        // Texts that are not cut keep their shape.
        if self.split.is_none() && self.ngrams.is_none() && self.output_sequence_length.is_none() {
            return Tensor::from_slice(&numbers.concat(), texts.shape());
        }
        let longest = numbers.iter().map(Vec::len).max().unwrap_or(0);
        let length = self.output_sequence_length.unwrap_or(longest);
        let mut all = Vec::new();
        for row in &numbers {
            all.extend(row.iter().take(length));
            all.resize(all.len() + length.saturating_sub(row.len()), 0);
        }
        Tensor::from_slice(&all, [rows.len(), length])
    }

    fn mode(&self) -> Result<super::output_mode::OutputMode> {
        let mode = self.lookup.mode()?;
        if mode != Int && self.output_sequence_length.is_some() {
            return Err(Error::value(format!(
                "output_sequence_length counts in output_mode \"int\" only, got output_mode {:?}",
                self.lookup.output_mode
            )));
        }
        Ok(mode)
    }
}

impl Layer for TextVectorization {
    basics!("TextVectorization");

    fn as_any(&self) -> Option<&dyn Any> {
        Some(self)
    }

    fn config(&self) -> Config {
        config([
            ("max_tokens", json!(self.lookup.max_tokens)),
            ("standardize", json!(self.standardize)),
            ("split", json!(self.split)),
            (
                "ngrams",
                match &self.ngrams {
                    None => Value::Null,
                    Some(Ngrams::UpTo(n)) => json!(n),
                    Some(Ngrams::Of(sizes)) => json!(sizes),
                },
            ),
            ("output_mode", json!(self.lookup.mode_name())),
            ("output_sequence_length", json!(self.output_sequence_length)),
            ("pad_to_max_tokens", json!(self.lookup.pad_to_max_tokens)),
            ("sparse", Value::from(false)),
            ("ragged", Value::from(false)),
            ("vocabulary", self.lookup.given_json()),
            ("idf_weights", self.lookup.given_idf_json()),
            ("encoding", Value::from("utf-8")),
            ("vocabulary_size", json!(self.lookup.size())),
        ])
    }

    fn call(&self, _x: &Tensor, _cx: &CallCx) -> Result<Tensor> {
        Err(super::text::no_texts_in_models("TextVectorization"))
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        let batch = input.dims().first().copied().unwrap_or(Dim::Unknown);
        let size = match self.mode()? {
            Int => self.output_sequence_length.map_or(Dim::Unknown, Dim::Known),
            _ => Dim::Known(self.lookup.depth()?),
        };
        Ok([batch, size].into_iter().collect())
    }

    fn infer(&self, inputs: &[Meta], _compute: DType) -> Result<Option<Vec<Meta>>> {
        let dtype = if self.mode()? == Int { DType::I64 } else { floatx() };
        let metas = inputs.iter().map(|m| Ok(Meta { dtype, shape: self.output_shape(&m.shape)? }));
        metas.collect::<Result<Vec<_>>>().map(Some)
    }

    fn autocast(&self) -> bool {
        false
    }

    /// Keras looks for them under the layer and under the lookup inside of it.
    fn extras(&self) -> Result<Option<Extras>> {
        let extras = self.lookup.extras()?;
        Ok(Some(Extras { also_under: Some("_lookup_layer"), ..extras }))
    }

    fn restore(&self, extras: &Extras) -> Result<()> {
        self.lookup.restore(extras)
    }
}
