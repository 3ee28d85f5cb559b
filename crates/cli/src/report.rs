//! What a command says: lines for people, or JSON objects for programs.

use serde_json::Value;
use std::io::Write;

/// Writes a line to standard output. Where nobody reads any more (`rhyton ... | head`), the program ends quietly.
pub fn print(text: impl std::fmt::Display) {
    if writeln!(std::io::stdout(), "{text}").is_err() {
        std::process::exit(0);
    }
}

/// Where the words of a command go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Report {
    json: bool,
}

impl Report {
    /// Objects if `json` is set, lines otherwise.
    pub fn new(json: bool) -> Report {
        Report { json }
    }

    /// Whether objects are asked for.
    pub fn is_json(self) -> bool {
        self.json
    }

    /// A line for people.
    pub fn line(self, text: impl std::fmt::Display) {
        if !self.json {
            print(text);
        }
    }

    /// A warning that nobody should miss: on standard error beside objects.
    pub fn loud(self, text: impl std::fmt::Display) {
        if self.json { eprintln!("{text}") } else { print(text) }
    }

    /// An object for programs.
    pub fn object(self, value: &Value) {
        if self.json {
            print(value);
        }
    }
}
