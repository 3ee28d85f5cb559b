//! Texts with a shape.

use rhyton_base::{Error, Result, Shape, element_count};

/// An array of texts of any shape, row-major: what layers take that know texts.
///
/// ```
/// use rhyton_nn::layers::Strings;
/// assert_eq!(Strings::from(["red", "green"]).shape(), [2]);
/// assert_eq!(Strings::from([["red"], ["green"]]).shape(), [2, 1]);
/// assert_eq!(Strings::from("red").shape(), [0usize; 0]);
/// let table = Strings::new(vec!["a".into(), "b".into()], [1, 2])?;
/// assert_eq!(table.values(), ["a", "b"]);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Strings {
    shape: Vec<usize>,
    values: Vec<String>,
}

impl Strings {
    /// Texts in row-major order.
    ///
    /// # Errors
    /// Where their number is not that of the shape.
    pub fn new(values: Vec<String>, shape: impl Into<Vec<usize>>) -> Result<Strings> {
        let shape = shape.into();
        let count = element_count(&shape)?;
        if count != values.len() {
            return Err(Error::shape(format!(
                "Strings: expected {count} texts for shape {}, got {}",
                Shape::from(shape.as_slice()),
                values.len()
            )));
        }
        Ok(Strings { shape, values })
    }

    /// The sizes of the axes.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The texts in row-major order.
    pub fn values(&self) -> &[String] {
        &self.values
    }

    /// How many texts there are.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The same texts in another shape of as many.
    pub(super) fn reshaped(mut self, shape: Vec<usize>) -> Strings {
        self.shape = shape;
        self
    }
}

impl From<&str> for Strings {
    fn from(text: &str) -> Strings {
        Strings { shape: Vec::new(), values: vec![text.to_string()] }
    }
}

impl From<&Strings> for Strings {
    fn from(texts: &Strings) -> Strings {
        texts.clone()
    }
}

impl From<Vec<String>> for Strings {
    fn from(values: Vec<String>) -> Strings {
        Strings { shape: vec![values.len()], values }
    }
}

impl<T: AsRef<str>> From<&[T]> for Strings {
    fn from(texts: &[T]) -> Strings {
        texts.iter().map(|t| t.as_ref().to_string()).collect::<Vec<_>>().into()
    }
}

impl<T: AsRef<str>> From<&Vec<T>> for Strings {
    fn from(texts: &Vec<T>) -> Strings {
        texts.as_slice().into()
    }
}

impl<T: AsRef<str>, const N: usize> From<&[T; N]> for Strings {
    fn from(texts: &[T; N]) -> Strings {
        texts.as_slice().into()
    }
}

impl<const N: usize> From<[&str; N]> for Strings {
    fn from(texts: [&str; N]) -> Strings {
        texts.as_slice().into()
    }
}

impl<const N: usize, const M: usize> From<[[&str; M]; N]> for Strings {
    fn from(rows: [[&str; M]; N]) -> Strings {
        Strings { shape: vec![N, M], values: rows.iter().flatten().map(|t| t.to_string()).collect() }
    }
}

impl FromIterator<String> for Strings {
    fn from_iter<I: IntoIterator<Item = String>>(texts: I) -> Strings {
        texts.into_iter().collect::<Vec<_>>().into()
    }
}
