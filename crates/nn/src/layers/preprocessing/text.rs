//! Texts into tokens.
//!
//! Letters are made lower case in ASCII only and spaces are those of ASCII, as TensorFlow has it.

use crate::arguments::unknown;
use crate::layers::reader::ConfigReader;
use rhyton_base::{Error, Result};
use std::borrow::Cow;

/// What happens to a text before it is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standardize {
    LowerAndStripPunctuation,
    Lower,
    StripPunctuation,
    Nothing,
}

/// Where a text is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Split {
    Whitespace,
    Character,
    Nowhere,
}

impl Standardize {
    pub fn parse(name: Option<&str>) -> Result<Standardize> {
        let known = ["lower_and_strip_punctuation", "lower", "strip_punctuation"];
        match name {
            None => Ok(Standardize::Nothing),
            Some("lower_and_strip_punctuation") => Ok(Standardize::LowerAndStripPunctuation),
            Some("lower") => Ok(Standardize::Lower),
            Some("strip_punctuation") => Ok(Standardize::StripPunctuation),
            Some(other) => Err(unknown("standardize", other, &known)),
        }
    }

    pub fn apply(self, text: &str) -> Cow<'_, str> {
        let lower = |t: &str| t.to_ascii_lowercase();
        let strip = |t: &str| t.chars().filter(|c| !c.is_ascii_punctuation()).collect::<String>();
        match self {
            Standardize::LowerAndStripPunctuation => Cow::Owned(lower(&strip(text))),
            Standardize::Lower => Cow::Owned(lower(text)),
            Standardize::StripPunctuation => Cow::Owned(strip(text)),
            Standardize::Nothing => Cow::Borrowed(text),
        }
    }
}

impl Split {
    pub fn parse(name: Option<&str>) -> Result<Split> {
        match name {
            None => Ok(Split::Nowhere),
            Some("whitespace") => Ok(Split::Whitespace),
            Some("character") => Ok(Split::Character),
            Some(other) => Err(unknown("split", other, &["whitespace", "character"])),
        }
    }

    pub fn apply(self, text: &str) -> Vec<String> {
        let space = |c: char| matches!(c, ' ' | '\t'..='\r');
        match self {
            Split::Whitespace => text.split(space).filter(|t| !t.is_empty()).map(str::to_string).collect(),
            Split::Character => text.chars().map(String::from).collect(),
            Split::Nowhere => vec![text.to_string()],
        }
    }
}

/// All runs of so many tokens, joined by spaces; the shorter runs first.
pub(super) fn ngrams(tokens: &[String], sizes: &[usize]) -> Vec<String> {
    let runs = sizes.iter().filter(|&&n| n > 0).flat_map(|&n| tokens.windows(n));
    runs.map(|run| run.join(" ")).collect()
}

/// Texts are Unicode.
pub(super) fn utf8(r: &mut ConfigReader) -> Result<()> {
    match r.text("encoding")?.as_deref() {
        None | Some("utf-8" | "UTF-8") => Ok(()),
        Some(other) => {
            Err(Error::unsupported(format!("key \"encoding\": expected \"utf-8\", got {other:?}")))
        }
    }
}

/// The error of a layer of texts that is given a tensor.
pub(super) fn no_texts_in_models(class: &str) -> Error {
    Error::unsupported(format!(
        "it takes texts, which no tensor holds; get it by {class}::of(&layer), call call_strings on the data, and run the \
         layers behind it as a model of their own, from this layer's output"
    ))
}
