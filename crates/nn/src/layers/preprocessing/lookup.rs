//! Vocabularies: tokens and their numbers, to and fro. What `StringLookup`, `IntegerLookup` and `TextVectorization` share.
//!
//! Numbers begin with the mask token (in the mode `int`, if there is one), then the places of unknown tokens, then the
//! vocabulary.
//!
//! Source: `keras/src/layers/preprocessing/index_lookup.py`.

use super::counter::{Counter, Occurrences};
use super::output_mode::OutputMode::{self, Count, Int, MultiHot, OneHot, TfIdf};
use super::token::{FILE, Token, parse};
use crate::config::floatx;
use crate::layers::layer::{Extras, LayerOptions};
use crate::layers::reader::ConfigReader;
use crate::spec::Config;
use rhyton_base::{DType, Dim, Error, Result, Shape};
use rhyton_ops::Meta;
use rhyton_ops::index::HashBucket;
use rhyton_tensor::{Tensor, ops};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, RwLock, RwLockReadGuard};

/// The arguments of a lookup, and the vocabulary that all handles share.
#[derive(Clone, Debug)]
pub(super) struct Lookup<T> {
    pub max_tokens: Option<usize>,
    pub num_oov_indices: usize,
    pub mask_token: Option<T>,
    pub oov_token: T,
    pub invert: bool,
    pub output_mode: String,
    pub pad_to_max_tokens: bool,
    /// `floormod` or `farmhash`.
    pub oov_method: String,
    pub salt: Option<[i64; 2]>,
    /// The vocabulary and weights that were given as arguments.
    given: Option<Vec<T>>,
    given_idf: Option<Vec<f64>>,
    /// The size that a file tells before the vocabulary itself is read.
    size_in_file: Option<usize>,
    known: Arc<RwLock<Known<T>>>,
}

/// The vocabulary without mask and unknown tokens.
#[derive(Clone, Debug)]
struct Known<T> {
    tokens: Vec<T>,
    places: HashMap<T, usize>,
    /// The weights of all numbers, for the mode `tf_idf`.
    idf: Option<Vec<f32>>,
    /// Whether something was learnt or given.
    set: bool,
}

/// Who an error outside of models is from.
pub(super) fn who(class: &str, options: &LayerOptions, what: &str) -> String {
    match &options.name {
        Some(name) => format!("{class} {name:?}: {what}"),
        None => format!("{class}: {what}"),
    }
}

/// Sparse results are no part of this version.
pub(super) fn no_sparse(r: &mut ConfigReader) -> Result<()> {
    for key in ["sparse", "ragged"] {
        if r.bool(key)? == Some(true) {
            return Err(Error::unsupported(format!(
                "key {key:?}: results are dense in this version; set it to false"
            )));
        }
    }
    Ok(())
}

impl<T: Token> Lookup<T> {
    pub fn new(oov_token: T) -> Lookup<T> {
        let known = Known { tokens: Vec::new(), places: HashMap::new(), idf: None, set: false };
        Lookup {
            max_tokens: None,
            num_oov_indices: 1,
            mask_token: None,
            oov_token,
            invert: false,
            output_mode: "int".to_string(),
            pad_to_max_tokens: false,
            oov_method: "floormod".to_string(),
            salt: None,
            given: None,
            given_idf: None,
            size_in_file: None,
            known: Arc::new(RwLock::new(known)),
        }
    }

    /// Takes a vocabulary as an argument. It is looked at when the layer is used, after all arguments are known.
    pub fn give(&mut self, vocabulary: Vec<T>, idf: Option<Vec<f64>>) {
        (self.given, self.given_idf) = (Some(vocabulary), idf);
        self.known = Lookup::new(self.oov_token.clone()).known;
    }

    /// Reads what all lookups have in common.
    pub fn read(&mut self, r: &mut ConfigReader) -> Result<()> {
        let token = |r: &mut ConfigReader, key: &'static str| match r.value(key) {
            None => Ok(None),
            Some(v) => T::from_json(v).map(Some).ok_or_else(|| {
                Error::format(format!("key {key:?}: expected a token of the vocabulary, got {v}"))
            }),
        };
        self.max_tokens = r.usize("max_tokens")?;
        self.num_oov_indices = r.usize("num_oov_indices")?.unwrap_or(1);
        self.mask_token = token(r, "mask_token")?;
        self.oov_token = token(r, "oov_token")?.unwrap_or(self.oov_token.clone());
        self.invert = r.bool("invert")?.unwrap_or(false);
        self.output_mode = r.text("output_mode")?.unwrap_or("int".to_string());
        self.pad_to_max_tokens = r.bool("pad_to_max_tokens")?.unwrap_or(false);
        self.oov_method = r.text("oov_method")?.unwrap_or(self.oov_method.clone());
        self.salt = super::hashing::salt(r)?;
        self.read_vocabulary(r)?;
        no_sparse(r)
    }

    /// Reads the vocabulary that was given, and the size of one that is not in the configuration.
    pub fn read_vocabulary(&mut self, r: &mut ConfigReader) -> Result<()> {
        let vocabulary = match r.value("vocabulary") {
            None => None,
            Some(Value::Array(list)) => {
                let tokens: Option<Vec<T>> = list.iter().map(T::from_json).collect();
                Some(tokens.ok_or_else(|| Error::format("key \"vocabulary\": expected a list of tokens"))?)
            }
            Some(Value::String(path)) => {
                return Err(Error::unsupported(format!(
                    "key \"vocabulary\": the file {path:?} outside of the model file is not read; read it with \
                     vocabulary_file"
                )));
            }
            Some(v) => {
                return Err(Error::format(format!("key \"vocabulary\": expected a list of tokens, got {v}")));
            }
        };
        let idf: Option<Vec<f64>> = r.get("idf_weights")?;
        if let Some(vocabulary) = vocabulary {
            self.give(vocabulary, idf);
        }
        self.size_in_file = r.usize("vocabulary_size")?;
        Ok(())
    }

    /// The configuration that all lookups have in common.
    pub fn config(&self) -> Config {
        let token = |t: &Option<T>| t.as_ref().map_or(Value::Null, T::json);
        crate::arguments::config([
            ("invert", json!(self.invert)),
            ("max_tokens", json!(self.max_tokens)),
            ("num_oov_indices", json!(self.num_oov_indices)),
            ("mask_token", token(&self.mask_token)),
            ("oov_token", self.oov_token.json()),
            ("output_mode", json!(self.mode_name())),
            ("sparse", Value::from(false)),
            ("pad_to_max_tokens", json!(self.pad_to_max_tokens)),
            ("idf_weights", json!(self.given_idf)),
            ("vocabulary", self.given_json()),
            ("vocabulary_size", json!(self.set_size())),
            ("oov_method", json!(self.oov_method)),
            ("salt", json!(self.salt)),
        ])
    }

    pub fn given_json(&self) -> Value {
        self.given.as_ref().map_or(Value::Null, |g| g.iter().map(T::json).collect())
    }

    pub fn given_idf_json(&self) -> Value {
        json!(self.given_idf)
    }

    /// The mode, and whether the arguments fit together.
    pub fn mode(&self) -> Result<OutputMode> {
        let mode = OutputMode::parse(&self.output_mode, &[Int, OneHot, MultiHot, Count, TfIdf])?;
        if self.max_tokens.is_some_and(|n| n <= 1) {
            return Err(Error::value(format!(
                "expected max_tokens to be 2 or more, got {}",
                self.max_tokens.unwrap_or(0)
            )));
        }
        if self.pad_to_max_tokens && self.max_tokens.is_none() {
            return Err(Error::value("pad_to_max_tokens needs max_tokens; set it too"));
        }
        if !["floormod", "farmhash"].contains(&self.oov_method.as_str()) {
            return Err(Error::value(format!(
                "expected oov_method \"floormod\" or \"farmhash\", got {:?}",
                self.oov_method
            )));
        }
        if self.invert && mode != Int {
            return Err(Error::value(format!(
                "expected output_mode \"int\" for an inverted lookup, got {:?}",
                self.output_mode
            )));
        }
        Ok(mode)
    }

    /// Whether unknown tokens share their places by a hash rather than by the remainder.
    pub fn is_hashed(&self) -> bool {
        self.oov_method == "farmhash"
    }

    /// The name of the mode as files have it.
    pub fn mode_name(&self) -> &str {
        match self.mode() {
            Ok(mode) => mode.name(),
            Err(_) => &self.output_mode,
        }
    }

    fn oov_start(&self) -> usize {
        usize::from(self.mask_token.is_some() && matches!(self.mode(), Ok(Int) | Err(_)))
    }

    /// How many numbers stand before those of the vocabulary.
    fn token_start(&self) -> usize {
        self.oov_start() + self.num_oov_indices
    }

    /// What is known by now; a vocabulary that was given as an argument is looked at the first time.
    fn known(&self) -> Result<RwLockReadGuard<'_, Known<T>>> {
        let read = || self.known.read().unwrap_or_else(|e| e.into_inner());
        // The lock is free again while the vocabulary is looked at.
        let set = read().set;
        if let (Some(given), false) = (&self.given, set) {
            self.set(given.clone(), self.given_idf.clone())?;
        }
        Ok(read())
    }

    fn set_size(&self) -> Option<usize> {
        match self.known() {
            Ok(known) if known.set => Some(known.tokens.len() + self.token_start()),
            _ => self.size_in_file,
        }
    }

    /// How many numbers there are.
    pub fn size(&self) -> usize {
        self.set_size().unwrap_or(self.token_start())
    }

    /// The size of vectors.
    pub fn depth(&self) -> Result<usize> {
        match (self.pad_to_max_tokens, self.max_tokens) {
            (true, Some(max)) => Ok(max),
            _ => {
                drop(self.known()?);
                self.set_size().ok_or_else(|| {
                    Error::state(format!(
                        "with output_mode {:?} it needs its vocabulary before it is used; give one, or call adapt with \
                         some data",
                        self.output_mode
                    ))
                })
            }
        }
    }

    pub fn shape(&self, input: &Shape) -> Result<Shape> {
        match self.mode()? {
            Int => Ok(input.clone()),
            mode => Ok(mode.shape(input, Dim::Known(self.depth()?))),
        }
    }

    /// Types and shapes of results, which are known before the vocabulary is.
    pub fn metas(&self, inputs: &[Meta]) -> Result<Option<Vec<Meta>>> {
        let dtype = if self.mode()? == Int { DType::I64 } else { floatx() };
        let metas = inputs.iter().map(|m| Ok(Meta { dtype, shape: self.shape(&m.shape)? }));
        metas.collect::<Result<Vec<_>>>().map(Some)
    }

    /// Takes over a vocabulary, with or without mask and unknown tokens in front.
    pub fn set(&self, vocabulary: Vec<T>, idf: Option<Vec<f64>>) -> Result<()> {
        let mode = self.mode()?;
        if (mode == TfIdf) != idf.is_some() {
            return Err(Error::value(match mode {
                TfIdf => {
                    "expected idf_weights beside a vocabulary in output_mode \"tf_idf\", got none".to_string()
                }
                _ => format!(
                    "idf_weights count in output_mode \"tf_idf\" only, got output_mode {:?}",
                    self.output_mode
                ),
            }));
        }
        if vocabulary.is_empty() {
            return Err(Error::value("expected a vocabulary of one token or more, got none"));
        }
        let start = self.token_start();
        let mut specials: Vec<&T> = self.mask_token.iter().take(self.oov_start()).collect();
        specials.extend(std::iter::repeat_n(&self.oov_token, self.num_oov_indices));
        let found = vocabulary.len() >= start && vocabulary.iter().take(start).eq(specials.iter().copied());
        let tokens = if found { vocabulary[start..].to_vec() } else { vocabulary.clone() };
        let hint =
            || format!("leave mask and unknown tokens out, or put them in front in this order: {specials:?}");
        let mut places = HashMap::with_capacity(tokens.len());
        for (i, token) in tokens.iter().enumerate() {
            if self.mask_token.as_ref() == Some(token) || (self.invert && *token == self.oov_token) {
                let what = if self.mask_token.as_ref() == Some(token) { "mask" } else { "unknown" };
                return Err(Error::value(format!(
                    "the {what} token {token:?} stands within the vocabulary; {}",
                    hint()
                )));
            }
            if places.insert(token.clone(), i + start).is_some() {
                return Err(Error::value(format!("expected tokens that differ, got {token:?} twice")));
            }
        }
        if let Some(max) = self.max_tokens.filter(|&max| start + tokens.len() > max) {
            return Err(Error::value(format!(
                "expected {max} tokens at most (max_tokens), got {} with mask and unknown tokens",
                start + tokens.len()
            )));
        }
        let idf = idf.map(|idf| self.weights(&vocabulary, idf, found, start)).transpose()?;
        *self.known.write().unwrap_or_else(|e| e.into_inner()) = Known { tokens, places, idf, set: true };
        Ok(())
    }

    /// The weights of all numbers from those of a vocabulary: unknown tokens get the mean, padding 0.
    fn weights(&self, vocabulary: &[T], idf: Vec<f64>, found: bool, start: usize) -> Result<Vec<f32>> {
        if idf.len() != vocabulary.len() {
            return Err(Error::value(format!(
                "expected as many idf_weights as tokens, {}, got {}",
                vocabulary.len(),
                idf.len()
            )));
        }
        let mean = idf.iter().sum::<f64>() / idf.len() as f64;
        let front = if found { 0 } else { start };
        let mut all: Vec<f32> = std::iter::repeat_n(mean as f32, front).collect();
        all.extend(idf.into_iter().map(|w| w as f32));
        all.resize(self.depth_of(all.len()), 0.0);
        Ok(all)
    }

    fn depth_of(&self, size: usize) -> usize {
        self.max_tokens.filter(|_| self.pad_to_max_tokens).map_or(size, |max| max.max(size))
    }

    /// Learns the vocabulary from what was counted: the most frequent first, of equally frequent ones the larger first.
    pub fn learn(&self, counter: Counter<T>) -> Result<()> {
        let mode = self.mode()?;
        self.may_learn()?;
        let Counter { mut counts, samples } = counter;
        for special in self.mask_token.iter().chain([&self.oov_token]) {
            counts.remove(special);
        }
        let mut all: Vec<(T, Occurrences)> = counts.into_iter().collect();
        all.sort_unstable_by(|a, b| (b.1.times, &b.0).cmp(&(a.1.times, &a.0)));
        let start = self.token_start();
        if let Some(max) = self.max_tokens {
            all.truncate(max.saturating_sub(start));
        }
        let idf = (mode == TfIdf).then(|| {
            let weight =
                |(_, c): &(T, Occurrences)| (1.0 + samples as f64 / (1.0 + c.samples as f64)).ln() as f32;
            let learnt: Vec<f32> = all.iter().map(weight).collect();
            let mean = learnt.iter().sum::<f32>() / learnt.len().max(1) as f32;
            let mut idf = vec![mean; start];
            idf.extend(learnt);
            idf.resize(self.depth_of(idf.len()), 0.0);
            idf
        });
        let tokens: Vec<T> = all.into_iter().map(|(token, _)| token).collect();
        let places = tokens.iter().cloned().zip(start..).collect();
        *self.known.write().unwrap_or_else(|e| e.into_inner()) = Known { tokens, places, idf, set: true };
        Ok(())
    }

    /// An error where the vocabulary was given.
    pub fn may_learn(&self) -> Result<()> {
        match self.given {
            Some(_) => {
                Err(Error::state("its vocabulary was given; make one without a vocabulary to learn it"))
            }
            None => Ok(()),
        }
    }

    /// All tokens by their numbers.
    pub fn vocabulary(&self, include_special_tokens: bool) -> Result<Vec<T>> {
        let known = self.known()?;
        let mut all = Vec::new();
        if include_special_tokens {
            all.extend(self.mask_token.iter().take(self.oov_start()).cloned());
            all.extend(std::iter::repeat_n(self.oov_token.clone(), self.num_oov_indices));
        }
        all.extend_from_slice(&known.tokens);
        Ok(all)
    }

    /// The numbers of tokens.
    pub fn numbers<'a>(&self, tokens: impl IntoIterator<Item = &'a T>) -> Result<Vec<i64>> {
        let (mode, known) = (self.mode()?, self.known()?);
        let start = self.oov_start() as i64;
        let hash = self.hash();
        let number = |token: &T| {
            if self.mask_token.as_ref() == Some(token) {
                return Ok(if mode == Int { 0 } else { i64::MAX });
            }
            if let Some(&place) = known.places.get(token) {
                return Ok(place as i64);
            }
            match self.num_oov_indices {
                0 => Err(Error::value(format!(
                    "{token:?} is not in the vocabulary; set num_oov_indices to 1 to give all unknown tokens one number"
                ))),
                1 => Ok(start),
                places => {
                    let plain = token.remainder(places as i64).filter(|_| !self.is_hashed());
                    Ok(start + plain.unwrap_or_else(|| hash.of(token.to_string().as_bytes())))
                }
            }
        };
        tokens.into_iter().map(number).collect()
    }

    fn hash(&self) -> HashBucket {
        HashBucket {
            buckets: self.num_oov_indices.max(1) as u64,
            keys: self.salt.map(|s| s.map(|k| k as u64)),
        }
    }

    /// The tokens of numbers.
    pub fn tokens(&self, numbers: &[i64]) -> Result<Vec<T>> {
        let all = self.vocabulary(true)?;
        let token =
            |&n: &i64| usize::try_from(n).ok().and_then(|n| all.get(n)).unwrap_or(&self.oov_token).clone();
        Ok(numbers.iter().map(token).collect())
    }

    /// The result for an array of tokens.
    pub fn encode(&self, tokens: &[T], shape: &[usize]) -> Result<Tensor> {
        let mode = self.mode()?;
        if self.invert {
            return Err(Error::value("it is inverted: it takes numbers and gives tokens; use call_indices"));
        }
        let numbers = self.numbers(tokens)?;
        match (mode, shape) {
            (Int, _) => Tensor::from_slice(&numbers, shape),
            (OneHot, _) | (_, [_, _, _, ..]) => {
                mode.encode(&Tensor::from_slice(&numbers, shape)?, self.depth()?, floatx(), None)
            }
            (_, [samples, size]) => self.vectors((0..*samples).map(|i| &numbers[i * size..][..*size])),
            _ => ops::squeeze(&self.vectors([&numbers[..]].into_iter())?, 0),
        }
    }

    /// A vector for each sample, from the numbers of its tokens.
    pub fn vectors<'a>(&self, samples: impl ExactSizeIterator<Item = &'a [i64]>) -> Result<Tensor> {
        let (mode, depth, known) = (self.mode()?, self.depth()?, self.known()?);
        let idf = match mode {
            TfIdf => Some(known.idf.as_deref().ok_or_else(no_weights)?),
            _ => None,
        };
        super::output_mode::vectors(mode, samples, depth, idf)
    }

    /// The weights of all numbers.
    pub fn idf(&self) -> Result<Tensor> {
        let known = self.known()?;
        let idf = known.idf.as_ref().ok_or_else(no_weights)?;
        Tensor::from_slice(idf, [idf.len()])
    }

    pub fn extras(&self) -> Result<Extras> {
        let mut extras = Extras::default();
        let known = self.known()?;
        if let Some(idf) = &known.idf {
            extras.arrays.push(("idf_weights".into(), Tensor::from_slice(idf, [idf.len()])?));
        }
        drop(known);
        if self.given.is_none() {
            let lines: Vec<String> = self.vocabulary(true)?.iter().map(T::to_string).collect();
            extras.assets.push((FILE.into(), lines.join("\n").into_bytes()));
        }
        Ok(extras)
    }

    pub fn restore(&self, extras: &Extras) -> Result<()> {
        let array = extras.arrays.iter().find(|(name, _)| name == "idf_weights");
        let idf = array.map(|(_, x)| x.to_f64s()).transpose()?;
        let file = extras.assets.iter().find(|(name, _)| name == FILE);
        if let (None, Some((_, bytes))) = (&self.given, file) {
            let tokens = parse(bytes)?;
            let size = tokens.len();
            let start = self.token_start();
            // A vocabulary that was never learnt has nothing but mask and unknown tokens.
            if size <= start && self.mode()? != TfIdf {
                return Ok(());
            }
            let idf = idf.map(|mut idf| {
                idf.truncate(size);
                idf
            });
            return self.set(tokens, idf);
        }
        if let (Some(idf), Ok(known)) = (idf, self.known()) {
            let size = known.idf.as_ref().map_or(0, Vec::len);
            drop(known);
            if size != idf.len() {
                return Err(Error::shape(format!(
                    "expected {size} idf_weights for its vocabulary, the file has {}; load the model with its vocabulary",
                    idf.len()
                )));
            }
            let idf = idf.into_iter().map(|w| w as f32).collect();
            self.known.write().unwrap_or_else(|e| e.into_inner()).idf = Some(idf);
        }
        Ok(())
    }
}

fn no_weights() -> Error {
    Error::state(
        "in output_mode \"tf_idf\" it needs weights before it is used; call adapt, or give idf_weights",
    )
}
