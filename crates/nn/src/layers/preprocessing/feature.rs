//! What a column of a table is, and what it becomes.

use super::{
    Column, Discretization, Hashing, IntegerLookup, Normalization, Rescaling, StringLookup, Strings,
};
use crate::layers::AnyLayer;
use rhyton_base::{Error, Result, did_you_mean};
use rhyton_tensor::{DType, Tensor, ops};

/// A feature of a [`super::FeatureSpace`]: what kind of column it is, and what it becomes.
///
/// The names that Keras has for features with default settings (`"float_normalized"`, `"string_categorical"`, …) stand for them.
/// Categories become vectors with a one at their place, unless the output mode is `"int"`, for features that are only crossed.
#[derive(Clone, Debug)]
pub struct Feature {
    pub(super) kind: Kind,
    /// Whether numbers of categories become vectors.
    pub(super) one_hot: bool,
}

/// What happens to the column.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    Float,
    Rescaled(Rescaling),
    Normalized(Normalization),
    Discretized(Discretization),
    Integers(IntegerLookup),
    Texts(StringLookup),
    HashedIntegers(Hashing),
    HashedTexts(Hashing),
    /// A name of Keras's, for which the space has the sizes.
    Named(String),
}

const NAMES: [&str; 8] = [
    "float",
    "float_rescaled",
    "float_normalized",
    "float_discretized",
    "integer_categorical",
    "string_categorical",
    "integer_hashed",
    "string_hashed",
];

impl From<&str> for Feature {
    fn from(name: &str) -> Feature {
        Feature::new(Kind::Named(name.to_string()))
    }
}

impl Feature {
    fn new(kind: Kind) -> Feature {
        Feature { kind, one_hot: true }
    }

    /// A number as it is.
    pub fn float() -> Feature {
        Feature::new(Kind::Float)
    }

    /// A number times `scale` plus `offset`.
    pub fn float_rescaled(scale: f64, offset: f64) -> Feature {
        Feature::new(Kind::Rescaled(Rescaling::new(scale).offset(offset)))
    }

    /// A number brought to mean 0 and variance 1.
    pub fn float_normalized() -> Feature {
        Feature::new(Kind::Normalized(Normalization::new()))
    }

    /// A number as the bin it lies in, of so many about equally filled ones.
    pub fn float_discretized(num_bins: usize) -> Feature {
        Feature::new(Kind::Discretized(Discretization::new(num_bins)))
    }

    /// A number as the bin it lies in, between these boundaries.
    pub fn float_in_bins(bin_boundaries: impl Into<Vec<f64>>) -> Feature {
        Feature::new(Kind::Discretized(Discretization::with_boundaries(bin_boundaries)))
    }

    /// A whole number as a category.
    pub fn integer_categorical() -> Feature {
        Feature::new(Kind::Integers(IntegerLookup::new()))
    }

    /// A text as a category.
    pub fn string_categorical() -> Feature {
        Feature::new(Kind::Texts(StringLookup::new()))
    }

    /// A whole number as one of so many buckets.
    pub fn integer_hashed(num_bins: usize) -> Feature {
        Feature::new(Kind::HashedIntegers(Hashing::new(num_bins)))
    }

    /// A text as one of so many buckets.
    pub fn string_hashed(num_bins: usize) -> Feature {
        Feature::new(Kind::HashedTexts(Hashing::new(num_bins)))
    }

    /// How many categories there are at most, the unknown one included; of other features it changes nothing.
    #[must_use]
    pub fn max_tokens(mut self, max_tokens: usize) -> Feature {
        self.kind = match self.kind {
            Kind::Integers(lookup) => Kind::Integers(lookup.max_tokens(max_tokens)),
            Kind::Texts(lookup) => Kind::Texts(lookup.max_tokens(max_tokens)),
            other => other,
        };
        self
    }

    /// How many places there are for unknown categories; of other features it changes nothing.
    #[must_use]
    pub fn num_oov_indices(mut self, num_oov_indices: usize) -> Feature {
        self.kind = match self.kind {
            Kind::Integers(lookup) => Kind::Integers(lookup.num_oov_indices(num_oov_indices)),
            Kind::Texts(lookup) => Kind::Texts(lookup.num_oov_indices(num_oov_indices)),
            other => other,
        };
        self
    }

    /// `"one_hot"`, or `"int"` for the numbers of categories themselves.
    #[must_use]
    pub fn output_mode(mut self, output_mode: &str) -> Feature {
        self.one_hot = output_mode != "int";
        self
    }

    /// The feature that a name stands for, with these sizes.
    pub(super) fn resolved(&self, hashing_dim: usize, bins: usize) -> Result<Feature> {
        let Kind::Named(name) = &self.kind else { return Ok(self.clone()) };
        let made = match name.as_str() {
            "float" => Feature::float(),
            "float_rescaled" => Feature::float_rescaled(1.0, 0.0),
            "float_normalized" => Feature::float_normalized(),
            "float_discretized" => Feature::float_discretized(bins),
            "integer_categorical" => Feature::integer_categorical(),
            "string_categorical" => Feature::string_categorical(),
            "integer_hashed" => Feature::integer_hashed(hashing_dim),
            "string_hashed" => Feature::string_hashed(hashing_dim),
            other => {
                return Err(Error::name(format!(
                    "there is no kind of feature {other:?}{}; the kinds are {}",
                    did_you_mean(other, &NAMES),
                    NAMES.join(", ")
                )));
            }
        };
        Ok(Feature { one_hot: self.one_hot, ..made })
    }

    /// The element type of its input in a model; `None` for texts.
    pub(super) fn dtype(&self) -> Option<DType> {
        match self.kind {
            Kind::Texts(_) | Kind::HashedTexts(_) => None,
            Kind::Integers(_) | Kind::HashedIntegers(_) => Some(DType::I32),
            _ => Some(DType::F32),
        }
    }

    /// Whether it must learn something first.
    pub(super) fn learns(&self) -> bool {
        match &self.kind {
            Kind::Normalized(_) | Kind::Integers(_) | Kind::Texts(_) => true,
            Kind::Discretized(bins) => bins.bin_boundaries().is_none(),
            _ => false,
        }
    }

    /// Learns from a column.
    pub(super) fn adapt(&self, column: &Column) -> Result<()> {
        match (&self.kind, column) {
            (Kind::Normalized(layer), Column::Numbers(x)) => layer.adapt(x),
            (Kind::Discretized(layer), Column::Numbers(x)) if self.learns() => layer.adapt(x),
            (Kind::Integers(layer), Column::Numbers(x)) => layer.adapt(x),
            (Kind::Texts(layer), Column::Texts(x)) => layer.adapt(x),
            (_, column) => self.fits(column),
        }
    }

    fn fits(&self, column: &Column) -> Result<()> {
        match (self.dtype(), column) {
            (None, Column::Numbers(_)) => Err(Error::dtype("expected texts, got numbers")),
            (Some(_), Column::Texts(_)) => Err(Error::dtype("expected numbers, got texts")),
            _ => Ok(()),
        }
    }

    /// What a column becomes, before it becomes vectors.
    pub(super) fn encode(&self, column: &Column) -> Result<Tensor> {
        self.fits(column)?;
        match (&self.kind, column) {
            (Kind::Texts(layer), Column::Texts(x)) => layer.call_strings(x),
            (Kind::HashedTexts(layer), Column::Texts(x)) => layer.call_strings(x),
            (_, Column::Numbers(x)) => self.apply(&self.layer("feature"), x),
            (_, Column::Texts(_)) => self.fits(column).and(Err(Error::dtype("expected numbers, got texts"))),
        }
    }

    /// What a tensor becomes by the layer that stands for the feature.
    pub(super) fn apply(&self, layer: &Option<AnyLayer>, x: &Tensor) -> Result<Tensor> {
        match layer {
            Some(layer) => layer.call(x),
            None if x.is_symbolic() => Ok(x.clone()),
            None => ops::cast(x, DType::F32),
        }
    }

    /// The layer that stands for the feature; none where numbers stay as they are.
    pub(super) fn layer(&self, name: &str) -> Option<AnyLayer> {
        let name = format!("{name}_preprocessor");
        Some(match self.kind.clone() {
            Kind::Float | Kind::Named(_) => return None,
            Kind::Rescaled(layer) => layer.name(name).into(),
            Kind::Normalized(layer) => layer.name(name).into(),
            Kind::Discretized(layer) => layer.name(name).into(),
            Kind::Integers(layer) => layer.name(name).into(),
            Kind::Texts(layer) => layer.name(name).into(),
            Kind::HashedIntegers(layer) | Kind::HashedTexts(layer) => layer.name(name).into(),
        })
    }

    /// How many categories it has; `None` for numbers that stay numbers.
    pub(super) fn categories(&self) -> Option<usize> {
        match &self.kind {
            Kind::Discretized(bins) => Some(bins.num_bins()),
            Kind::Integers(lookup) => Some(lookup.vocabulary_size()),
            Kind::Texts(lookup) => Some(lookup.vocabulary_size()),
            Kind::HashedIntegers(hashing) | Kind::HashedTexts(hashing) => Some(hashing.bins()),
            _ => None,
        }
    }
}

/// A column as one of a table: `(samples, 1)`.
pub(super) fn upright(column: Column) -> Result<Column> {
    let shape = match column.shape() {
        [samples] => vec![*samples, 1],
        _ => return Ok(column),
    };
    Ok(match column {
        Column::Numbers(x) => Column::Numbers(ops::reshape(&x, shape)?),
        Column::Texts(x) => Column::Texts(Strings::reshaped(x, shape)),
    })
}
