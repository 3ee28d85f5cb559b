//! Lists of different lengths as one array.

use crate::Sequences;
use rhyton_base::{Context, DType, Element, Error, Result, Shape, did_you_mean, element_count};
use rhyton_tensor::Tensor;

/// The arguments of Keras's `pad_sequences`.
///
/// ```
/// use rhyton_data::utils::PadSequences;
/// let options = PadSequences::new().maxlen(500).padding("post");
/// ```
#[derive(Clone, Debug)]
pub struct PadSequences {
    maxlen: Option<usize>,
    dtype: DType,
    padding: String,
    truncating: String,
    value: f64,
}

impl PadSequences {
    /// Keras's defaults: as long as the longest list, `int32`, padded and cut in front, with zeros.
    pub fn new() -> PadSequences {
        PadSequences {
            maxlen: None,
            dtype: DType::I32,
            padding: "pre".to_string(),
            truncating: "pre".to_string(),
            value: 0.0,
        }
    }

    /// How long all rows become. `None`, the default, stands for the longest list.
    #[must_use]
    pub fn maxlen(mut self, maxlen: impl Into<Option<usize>>) -> PadSequences {
        self.maxlen = maxlen.into();
        self
    }

    /// The type of the result; `int32` unless changed.
    #[must_use]
    pub fn dtype(mut self, dtype: DType) -> PadSequences {
        self.dtype = dtype;
        self
    }

    /// Where short lists are filled up: `"pre"`, the default, or `"post"`.
    #[must_use]
    pub fn padding(mut self, side: impl Into<String>) -> PadSequences {
        self.padding = side.into();
        self
    }

    /// Where long lists are cut: `"pre"`, the default, or `"post"`.
    #[must_use]
    pub fn truncating(mut self, side: impl Into<String>) -> PadSequences {
        self.truncating = side.into();
        self
    }

    /// What short lists are filled up with; 0 unless changed. For types of whole numbers its fraction is cut off.
    #[must_use]
    pub fn value(mut self, value: f64) -> PadSequences {
        self.value = value;
        self
    }
}

impl Default for PadSequences {
    fn default() -> PadSequences {
        PadSequences::new()
    }
}

/// Lists of different lengths as one array of shape (lists, maxlen, ...): short lists are filled up, long ones cut.
///
/// Takes [`Sequences`], lists of vectors of numbers, and lists of tensors, which may have more axes; those are alike.
///
/// An error where there is no list to find the longest of, a number does not fit the type, or tensors differ beyond
/// their first axis.
///
/// ```
/// use rhyton_data::{Sequences, utils::{PadSequences, pad_sequences}};
/// let x = Sequences::from(vec![vec![1], vec![2, 3], vec![4, 5, 6]]);
/// let pad = |options| pad_sequences(&x, options).and_then(|t| t.to_vec::<i32>());
/// assert_eq!(pad(PadSequences::new())?, [0, 0, 1, 0, 2, 3, 4, 5, 6]);
/// assert_eq!(pad(PadSequences::new().value(-1.0))?, [-1, -1, 1, -1, 2, 3, 4, 5, 6]);
/// assert_eq!(pad(PadSequences::new().padding("post"))?, [1, 0, 0, 2, 3, 0, 4, 5, 6]);
/// assert_eq!(pad(PadSequences::new().maxlen(2))?, [0, 1, 2, 3, 5, 6]);
/// assert_eq!(pad(PadSequences::new().maxlen(2).truncating("post"))?, [0, 1, 2, 3, 4, 5]);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
pub fn pad_sequences(sequences: impl PadInput, options: PadSequences) -> Result<Tensor> {
    pad(sequences, &options).at(|| "pad_sequences")
}

fn pad(sequences: impl PadInput, options: &PadSequences) -> Result<Tensor> {
    let at_end = |name: &str, side: &str| match side {
        "pre" => Ok(false),
        "post" => Ok(true),
        other => Err(Error::value(format!(
            "expected {name} \"pre\" or \"post\", received {other:?}{}",
            did_you_mean(other, &["pre", "post"])
        ))),
    };
    let fill_end = at_end("padding", &options.padding)?;
    let cut_end = at_end("truncating", &options.truncating)?;
    let Rows { bytes, lengths, sample } = sequences.rows(options.dtype)?;
    let longest = || {
        let longest = lengths.iter().copied().max();
        longest.ok_or_else(|| Error::value("there are no sequences to find the longest of; give maxlen"))
    };
    let maxlen = options.maxlen.map_or_else(longest, Ok)?;
    let shape: Vec<usize> = [lengths.len(), maxlen].into_iter().chain(sample).collect();
    let step = element_count(&shape[2..])? * options.dtype.size();
    let row =
        maxlen.checked_mul(step).ok_or_else(|| Error::shape(format!("maxlen {maxlen} is too large")))?;
    let mut out = full(options.value, options.dtype, element_count(&shape)?)?;
    let mut rest = &bytes[..];
    for (i, length) in lengths.iter().enumerate() {
        let (list, after) = rest.split_at(length * step);
        rest = after;
        let kept = (*length).min(maxlen) * step;
        let list = if cut_end { &list[..kept] } else { &list[list.len() - kept..] };
        let start = i * row + if fill_end { 0 } else { row - kept };
        out[start..start + kept].copy_from_slice(list);
    }
    Tensor::from_bytes(&out, options.dtype, &shape)
}

/// So many times one number.
fn full(value: f64, dtype: DType, count: usize) -> Result<Vec<u8>> {
    let one = Tensor::from([value]).cast(dtype);
    if dtype.is_integer() && one.to_f64s()? != [value.trunc()] {
        return Err(Error::value(format!("value {value} does not fit {dtype}; choose another dtype")));
    }
    let bytes = one.to_bytes()?;
    if bytes.iter().all(|b| *b == 0) {
        return Ok(vec![0; count * bytes.len()]);
    }
    Ok(bytes.repeat(count))
}

/// Lists as [`pad_sequences`] uses them.
#[derive(Clone, Debug)]
pub struct Rows {
    /// The elements of all lists in the type asked for.
    bytes: Vec<u8>,
    lengths: Vec<usize>,
    /// The shape of each element.
    sample: Vec<usize>,
}

/// What [`pad_sequences`] takes.
pub trait PadInput {
    /// The lists with their numbers in this type.
    fn rows(self, dtype: DType) -> Result<Rows>;
}

/// The numbers in another type, whole numbers unchanged.
fn converted(x: &Tensor, dtype: DType) -> Result<Tensor> {
    let y = x.cast(dtype);
    if x.dtype().is_integer() && dtype.is_integer() && !y.cast(x.dtype()).bit_equal(x) {
        let (before, after) = (x.to_f64s()?, y.to_f64s()?);
        let lost = before.iter().zip(&after).find(|(a, b)| a != b).map_or(f64::NAN, |(a, _)| *a);
        return Err(Error::value(format!("{lost} does not fit {dtype}; choose another dtype")));
    }
    Ok(y)
}

impl PadInput for &Sequences {
    fn rows(self, dtype: DType) -> Result<Rows> {
        let ids = Tensor::from_slice(self.ids(), [self.ids().len()])?;
        Ok(Rows {
            bytes: converted(&ids, dtype)?.to_bytes()?,
            lengths: self.lengths().collect(),
            sample: Vec::new(),
        })
    }
}

impl<T: Element> PadInput for &[Vec<T>] {
    fn rows(self, dtype: DType) -> Result<Rows> {
        let all = self.concat();
        let all = Tensor::from_slice(&all, [all.len()])?;
        Ok(Rows {
            bytes: converted(&all, dtype)?.to_bytes()?,
            lengths: self.iter().map(Vec::len).collect(),
            sample: Vec::new(),
        })
    }
}

impl<T: Element> PadInput for &Vec<Vec<T>> {
    fn rows(self, dtype: DType) -> Result<Rows> {
        self.as_slice().rows(dtype)
    }
}

impl PadInput for &[Tensor] {
    fn rows(self, dtype: DType) -> Result<Rows> {
        let length = |(i, t): (usize, &Tensor)| match t.shape() {
            [n, ..] => Ok(*n),
            [] => Err(Error::shape(format!("expected a list at position {i}, received a single number"))),
        };
        let lengths = self.iter().enumerate().map(length).collect::<Result<Vec<usize>>>()?;
        let first = lengths.iter().position(|n| *n > 0);
        let sample = first.map_or(Vec::new(), |i| self[i].shape()[1..].to_vec());
        let mut bytes = Vec::new();
        for (i, tensor) in self.iter().enumerate().filter(|(i, _)| lengths[*i] > 0) {
            if tensor.shape()[1..] != sample[..] {
                return Err(Error::shape(format!(
                    "expected elements of shape {} at position {i}, as at position {}, received {}",
                    Shape::from(&sample),
                    first.unwrap_or(0),
                    Shape::from(&tensor.shape()[1..])
                )));
            }
            converted(tensor, dtype)
                .at(|| format!("position {i}"))?
                .with_bytes(|b| bytes.extend_from_slice(b))?;
        }
        Ok(Rows { bytes, lengths, sample })
    }
}

impl PadInput for &Vec<Tensor> {
    fn rows(self, dtype: DType) -> Result<Rows> {
        self.as_slice().rows(dtype)
    }
}
