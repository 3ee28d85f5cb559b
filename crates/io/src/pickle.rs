//! Python's pickles, as far as data sets need them: numbers, texts, lists, dictionaries and NumPy arrays.
//!
//! A pickle is a program for a machine with a stack, and in Python such a program can call any function. This
//! machine knows the steps that build data and three names (`numpy.ndarray`, `numpy.dtype` and NumPy's
//! `_reconstruct`), which stand for steps of its own. Whatever else a pickle asks for is an error that names it.
//!
//! Protocols 1 to 4 are read. Lists of whole numbers, which are nearly all of a data set, are kept as numbers; of
//! everything else a pickle may hold four million values, so that memory stays in proportion to the file. Nesting ends at
//! 32 levels, and lists cannot be referred to twice.
//!
//! Source: Python's `pickletools` module, which describes every step.

mod arrays;
mod machine;

use crate::array::Array;
use rhyton_base::{Context, Error, Result, Shape};

/// What a pickle holds. Texts and bytes point into the pickle.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// `None`.
    None,
    /// `True` or `False`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A floating-point number.
    Float(f64),
    /// Bytes; also the texts of Python 2.
    Bytes(&'a [u8]),
    /// A text.
    Text(&'a str),
    /// A list of whole numbers, or an empty list.
    Ints(Vec<i32>),
    /// Any other list.
    List(Vec<Value<'a>>),
    /// A tuple.
    Tuple(Vec<Value<'a>>),
    /// A dictionary, in its order.
    Dict(Vec<(Value<'a>, Value<'a>)>),
    /// A NumPy array of numbers.
    Array(Array),
    /// A NumPy array of objects.
    Objects {
        /// Its shape.
        shape: Vec<usize>,
        /// Its elements, row-major: a list.
        values: Box<Value<'a>>,
    },
    /// One of the three names.
    Global(Global),
    /// The type of an array's elements.
    DType(ElementType<'a>),
    /// An array before it is filled.
    Blank,
}

/// A name that pickles of data may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Global {
    /// `numpy.core.multiarray._reconstruct`.
    Reconstruct,
    /// `numpy.ndarray`.
    NdArray,
    /// `numpy.dtype`.
    DType,
}

/// `numpy.dtype`: a letter and a size, and the order of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ElementType<'a> {
    kind: &'a str,
    order: &'a str,
}

impl<'a> Value<'a> {
    /// What a dictionary holds under a key, be the key a text or bytes.
    ///
    /// ```
    /// use rhyton_io::pickle::{Value, from_bytes};
    /// // pickle.dumps({"labels": [6, 9]}, protocol=2)
    /// let pickled = b"\x80\x02}q\x00X\x06\x00\x00\x00labelsq\x01]q\x02(K\x06K\x09es.";
    /// let dict = from_bytes(pickled)?;
    /// assert_eq!(dict.get("labels"), Some(&Value::Ints(vec![6, 9])));
    /// assert_eq!(dict.get("data"), None);
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    pub fn get(&self, key: &str) -> Option<&Value<'a>> {
        let Value::Dict(items) = self else { return None };
        let found = items.iter().rev().find(|(k, _)| match k {
            Value::Text(text) => *text == key,
            Value::Bytes(bytes) => *bytes == key.as_bytes(),
            _ => false,
        });
        found.map(|(_, value)| value)
    }

    /// What it is, for errors.
    pub fn kind(&self) -> String {
        match self {
            Value::None => "None".to_string(),
            Value::Bool(_) => "a bool".to_string(),
            Value::Int(_) => "a whole number".to_string(),
            Value::Float(_) => "a float".to_string(),
            Value::Bytes(_) => "bytes".to_string(),
            Value::Text(_) => "a text".to_string(),
            Value::Ints(v) => format!("a list of {} whole numbers", v.len()),
            Value::List(v) => format!("a list of {}", v.len()),
            Value::Tuple(v) => format!("a tuple of {}", v.len()),
            Value::Dict(v) => format!("a dictionary of {}", v.len()),
            Value::Array(a) => format!("an array, {} {}", a.dtype, Shape::from(&a.shape)),
            Value::Objects { shape, .. } => format!("an array of objects {}", Shape::from(shape)),
            Value::Global(_) | Value::DType(_) => "a name of NumPy".to_string(),
            Value::Blank => "an array without content".to_string(),
        }
    }
}

/// Reads one pickle; what follows it is left alone.
///
/// An error where the bytes end early, are no pickle, or ask for anything but data.
///
/// ```
/// use rhyton_io::pickle::from_bytes;
/// // What pickle.dumps gives for an object whose class says: call os.system("true").
/// let e = from_bytes(b"\x80\x02cposix\nsystem\nq\x00X\x04\x00\x00\x00trueq\x01\x85q\x02Rq\x03.").unwrap_err();
/// assert_eq!(
///     e.to_string(),
///     "the pickle asks for posix.system, which no data needs and which is not run; the file is damaged or hostile, \
///      get it again from where it is published"
/// );
/// ```
pub fn from_bytes(bytes: &[u8]) -> Result<Value<'_>> {
    machine::run(bytes)
}

/// The lists in a pickled array of lists of whole numbers, which must be of this shape.
pub(crate) fn ragged(bytes: &[u8], header: &[usize]) -> Result<Vec<Vec<i32>>> {
    let (shape, values) = match from_bytes(bytes)? {
        Value::Objects { shape, values } => (shape, values),
        other => {
            return Err(Error::format(format!("expected an array of objects, received {}", other.kind())));
        }
    };
    if shape != header || shape.len() != 1 {
        return Err(Error::format(format!(
            "expected an array of {} of one axis, received {}",
            Shape::from(header),
            Shape::from(&shape)
        )));
    }
    let lists = match *values {
        Value::List(lists) => lists,
        Value::Ints(ints) if ints.is_empty() => Vec::new(),
        other => return Err(Error::format(format!("expected a list of lists, received {}", other.kind()))),
    };
    let ints = |(row, value)| match value {
        Value::Ints(ints) => Ok(ints),
        other => Err(Error::format(format!("expected a list of whole numbers, received {}", other.kind())))
            .at(|| format!("row {row}")),
    };
    lists.into_iter().enumerate().map(ints).collect()
}

#[cfg(test)]
mod tests;
