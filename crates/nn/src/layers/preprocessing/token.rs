//! Tokens: what vocabularies are made of.

use rhyton_base::{Error, Result};
use serde_json::{Value, json};
use std::fmt::{Debug, Display};
use std::hash::Hash;

/// The name of the file that a vocabulary is kept in.
pub(super) const FILE: &str = "vocabulary.txt";

/// What a vocabulary is made of: texts or whole numbers.
pub(super) trait Token: Clone + Eq + Hash + Ord + Debug + Display + Send + Sync + 'static {
    /// The token of a line of a file.
    fn from_line(line: &str) -> Result<Self>;
    /// As configurations have it.
    fn json(&self) -> Value;
    /// From a configuration.
    fn from_json(value: &Value) -> Option<Self>;
    /// The place of an unknown one among so many, without a hash.
    fn remainder(&self, _places: i64) -> Option<i64> {
        None
    }
}

impl Token for String {
    fn from_line(line: &str) -> Result<String> {
        Ok(line.to_string())
    }

    fn json(&self) -> Value {
        json!(self)
    }

    fn from_json(value: &Value) -> Option<String> {
        value.as_str().map(str::to_string)
    }
}

impl Token for i64 {
    fn from_line(line: &str) -> Result<i64> {
        line.trim().parse().map_err(|_| Error::format(format!("expected a whole number, got {line:?}")))
    }

    fn json(&self) -> Value {
        json!(self)
    }

    fn from_json(value: &Value) -> Option<i64> {
        value.as_i64()
    }

    fn remainder(&self, places: i64) -> Option<i64> {
        Some(self.rem_euclid(places))
    }
}

/// The tokens of a file, one a line; empty lines at the end do not count.
pub(super) fn parse<T: Token>(bytes: &[u8]) -> Result<Vec<T>> {
    let text =
        std::str::from_utf8(bytes).map_err(|e| Error::format(format!("{FILE:?} is not UTF-8: {e}")))?;
    let mut lines: Vec<&str> = text.lines().collect();
    while lines.last().is_some_and(|l| l.is_empty()) {
        lines.pop();
    }
    let token =
        |(i, line): (usize, &&str)| T::from_line(line).map_err(|e| e.at(format!("{FILE:?} line {}", i + 1)));
    lines.iter().enumerate().map(token).collect()
}
