//! The one error type: who failed, what was expected, what came, and the next step.

use std::fmt;

/// What went wrong, by the part of the system that a caller may want to react to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Ranks, dimensions or axes that do not fit.
    Shape,
    /// Element types that do not fit.
    DType,
    /// A value outside its permitted range.
    Value,
    /// A name nobody knows.
    Name,
    /// Something done before its precondition (a model not built or not compiled).
    State,
    /// A file that could not be read or written.
    Io,
    /// A file or text that does not have the form it should have.
    Format,
    /// Something this version does not do.
    Unsupported,
    /// Work that was ended from outside.
    Interrupted,
}

/// An error of any part of Rhyton.
///
/// It reads `who: fact; next step`. Callers add who they are with [`Error::at`] or [`Context::at`], so that each
/// function states only its own fact:
///
/// ```
/// use rhyton_base::Error;
/// let e = Error::shape("expected last axis 784, got 28").at("Dense \"head\"");
/// assert_eq!(e.to_string(), "Dense \"head\": expected last axis 784, got 28");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Error(Box<Inner>);

#[derive(Clone, PartialEq, Eq)]
struct Inner {
    kind: ErrorKind,
    /// Innermost first.
    context: Vec<String>,
    message: String,
}

/// What every fallible function of Rhyton returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An error of the given kind.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Error {
        Error(Box::new(Inner { kind, context: Vec::new(), message: message.into() }))
    }

    /// Ranks, dimensions or axes that do not fit.
    pub fn shape(message: impl Into<String>) -> Error {
        Error::new(ErrorKind::Shape, message)
    }

    /// Element types that do not fit.
    pub fn dtype(message: impl Into<String>) -> Error {
        Error::new(ErrorKind::DType, message)
    }

    /// A value outside its permitted range.
    pub fn value(message: impl Into<String>) -> Error {
        Error::new(ErrorKind::Value, message)
    }

    /// A name nobody knows.
    pub fn name(message: impl Into<String>) -> Error {
        Error::new(ErrorKind::Name, message)
    }

    /// Something done before its precondition.
    pub fn state(message: impl Into<String>) -> Error {
        Error::new(ErrorKind::State, message)
    }

    /// A file that could not be read or written.
    pub fn io(message: impl Into<String>) -> Error {
        Error::new(ErrorKind::Io, message)
    }

    /// A file or text of the wrong form.
    pub fn format(message: impl Into<String>) -> Error {
        Error::new(ErrorKind::Format, message)
    }

    /// Something this version does not do.
    pub fn unsupported(message: impl Into<String>) -> Error {
        Error::new(ErrorKind::Unsupported, message)
    }

    /// The same error with `who` put in front, unless it stands there already.
    #[must_use]
    pub fn at(mut self, who: impl Into<String>) -> Error {
        let who = who.into();
        if self.0.context.last() != Some(&who) {
            self.0.context.push(who);
        }
        self
    }

    /// What went wrong, as a kind.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The fact and the next step, without who said it.
    pub fn message(&self) -> &str {
        &self.0.message
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for who in self.0.context.iter().rev() {
            write!(f, "{who}: ")?;
        }
        f.write_str(&self.0.message)
    }
}

/// The same text as `Display`, so that `fn main() -> Result<()>` prints a sentence and not a structure.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Error {}

impl From<std::io::Error> for Error {
    fn from(e: std::io::Error) -> Error {
        Error::io(e.to_string())
    }
}

/// Adds who failed to the error of a result.
pub trait Context<T> {
    /// The same result, with `who` put in front of an error.
    fn at<S: Into<String>>(self, who: impl FnOnce() -> S) -> Result<T>;
}

impl<T, E: Into<Error>> Context<T> for Result<T, E> {
    fn at<S: Into<String>>(self, who: impl FnOnce() -> S) -> Result<T> {
        self.map_err(|e| e.into().at(who()))
    }
}
