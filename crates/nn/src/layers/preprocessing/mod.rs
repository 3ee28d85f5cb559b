//! Layers that turn raw data into the numbers that models take.
//!
//! They stand in models like other layers, and work outside of them on whole data sets: what a layer needs to know of
//! the data it learns with `adapt`. All handles to one description (its clones, and the layers made of it) share what was
//! learnt.
//!
//! Texts are no element type of tensors. Layers take them as [`Strings`], outside of models; in files a model may begin
//! with such a layer as Keras's do.

/// The builder and other methods that lookups of vocabularies share, for a layer that keeps its [`lookup::Lookup`] in a field.
macro_rules! vocabulary_options {
    ($Layer:ident, $lookup:ident) => {
        impl $Layer {
            /// How many tokens there are at most, mask and unknown tokens included; without a limit by default.
            #[must_use]
            pub fn max_tokens(mut self, max_tokens: usize) -> $Layer {
                self.$lookup.max_tokens = Some(max_tokens);
                self
            }

            /// `"int"`, `"multi_hot"`, `"count"` or `"tf_idf"`; of lookups `"one_hot"` too.
            #[must_use]
            pub fn output_mode(mut self, output_mode: impl Into<String>) -> $Layer {
                self.$lookup.output_mode = output_mode.into();
                self
            }

            /// Whether vectors have `max_tokens` places, however many tokens there are.
            #[must_use]
            pub fn pad_to_max_tokens(mut self, pad_to_max_tokens: bool) -> $Layer {
                self.$lookup.pad_to_max_tokens = pad_to_max_tokens;
                self
            }

            /// Gives the vocabulary in a file, one token a line.
            ///
            /// # Errors
            /// Where the file cannot be read or holds something else.
            pub fn vocabulary_file(self, path: impl AsRef<Path>) -> Result<$Layer> {
                let path = path.as_ref();
                let shown = || format!("{:?}", path.display().to_string());
                let bytes = std::fs::read(path).map_err(|e| Error::io(e.to_string()).at(shown()))?;
                let tokens = parse(&bytes).at(shown)?;
                self.$lookup.set(tokens, None).at(shown)?;
                Ok(self)
            }

            /// All tokens by their numbers, mask and unknown tokens included.
            ///
            /// # Errors
            /// Where the vocabulary that was given is none.
            pub fn get_vocabulary(
                &self,
            ) -> Result<Vec<$crate::layers::preprocessing::vocabulary_options!(@token $Layer)>> {
                self.$lookup.vocabulary(true).at(|| who(stringify!($Layer), &self.options, "get_vocabulary"))
            }

            /// How many tokens there are, mask and unknown tokens included.
            pub fn vocabulary_size(&self) -> usize {
                self.$lookup.size()
            }

            /// Takes over a vocabulary in place of the one of before; mask and unknown tokens in front may be left out.
            /// `idf_weights` go with the mode `tf_idf`.
            ///
            /// # Errors
            /// Where tokens stand twice, or are too many, or weights are missing or too many.
            pub fn set_vocabulary(
                &self,
                vocabulary: &[impl Into<$crate::layers::preprocessing::vocabulary_options!(@token $Layer)>
                  + Clone],
                idf_weights: Option<&[f64]>,
            ) -> Result<()> {
                let tokens = vocabulary.iter().cloned().map(Into::into).collect();
                let set = self.$lookup.set(tokens, idf_weights.map(<[f64]>::to_vec));
                set.at(|| who(stringify!($Layer), &self.options, "set_vocabulary"))
            }
        }
    };
    (@token IntegerLookup) => {
        i64
    };
    (@token $Layer:ident) => {
        String
    };
}
use vocabulary_options;

/// [`vocabulary_options`], and what lookups have beyond that.
macro_rules! lookup_options {
    ($Layer:ident, $lookup:ident) => {
        $crate::layers::preprocessing::vocabulary_options!($Layer, $lookup);

        impl $Layer {
            /// How many places there are for unknown tokens; 1 by default.
            #[must_use]
            pub fn num_oov_indices(mut self, num_oov_indices: usize) -> $Layer {
                self.$lookup.num_oov_indices = num_oov_indices;
                self
            }

            /// Whether it turns numbers into tokens.
            #[must_use]
            pub fn invert(mut self, invert: bool) -> $Layer {
                self.$lookup.invert = invert;
                self
            }

            /// The keys of the hash by which unknown tokens share several places.
            #[must_use]
            pub fn salt(mut self, salt: [i64; 2]) -> $Layer {
                self.$lookup.salt = Some(salt);
                self
            }
        }
    };
}
use lookup_options;

mod category_encoding;
mod counter;
mod discretization;
mod feature;
mod feature_space;
mod feature_space_file;
mod hashed_crossing;
mod hashing;
mod image;
mod integer_lookup;
mod lookup;
mod normalization;
mod output_mode;
mod quantiles;
mod rescaling;
mod string_lookup;
mod strings;
mod text;
mod text_vectorization;
mod token;

pub use category_encoding::CategoryEncoding;
pub use discretization::Discretization;
pub use feature::Feature;
pub use feature_space::FeatureSpace;
pub use hashed_crossing::{Column, HashedCrossing};
pub use hashing::Hashing;
pub use image::{
    CenterCrop, Factor, RandomBrightness, RandomContrast, RandomCrop, RandomFlip, RandomRotation,
    RandomTranslation, RandomZoom, Resizing,
};
pub use integer_lookup::IntegerLookup;
pub use normalization::Normalization;
pub use rescaling::{PerChannel, Rescaling};
pub use string_lookup::StringLookup;
pub use strings::Strings;
pub use text_vectorization::{Ngrams, TextVectorization};

/// A layer made of a reference shares what the description learnt, and learns with it.
macro_rules! shared_handle {
    ($($Layer:ident)*) => {$(
        impl From<&$Layer> for $crate::layers::AnyLayer {
            fn from(layer: &$Layer) -> $crate::layers::AnyLayer {
                layer.clone().into()
            }
        }

        impl $Layer {
            /// The description of a layer of this class, such as one of a model from a file; it shares what it learnt.
            pub fn of(layer: &$crate::layers::AnyLayer) -> Option<$Layer> {
                layer.with_layer(|l| l.as_any()?.downcast_ref::<$Layer>().cloned())
            }
        }
    )*};
}

shared_handle! {
    Discretization Hashing HashedCrossing IntegerLookup Normalization Rescaling StringLookup TextVectorization
}
