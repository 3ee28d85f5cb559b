//! What models are given: one tensor, a list, tensors by name, or a dataset.

use rhyton_base::{Error, Result, did_you_mean};
use rhyton_data::{Dataset, DirectoryDataset};
use rhyton_tensor::Tensor;

/// Inputs, targets or weights: one tensor, a list in the model's order, or tensors by the names of inputs or outputs.
///
/// Whatever takes data takes `impl Into<Data>`; `()` is no data.
///
/// `fit`, `evaluate` and `predict` also take a [`Dataset`] in the place of the inputs, with `()` for the targets: its elements
/// are batches of all inputs in the model's order, then all targets, then sample weights (one for all outputs, or one each). Where the
/// dataset has names ([`rhyton_data::Named`]), inputs are found by them.
///
/// ```
/// use rhyton_model::Data;
/// use rhyton_tensor::Tensor;
/// let (a, b) = (Tensor::from([[1.0f32]]), Tensor::from([[2.0f32]]));
/// Data::from(&a);
/// Data::from([&a, &b]);
/// Data::from(vec![a.clone(), b.clone()]);
/// Data::from([("title", &a), ("body", &b)]);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Data {
    names: Option<Vec<String>>,
    tensors: Vec<Tensor>,
    dataset: Option<Dataset>,
}

impl Data {
    /// The tensors in the order in which they were given.
    pub fn tensors(&self) -> &[Tensor] {
        &self.tensors
    }

    /// The names, where they were given.
    pub fn names(&self) -> Option<&[String]> {
        self.names.as_deref()
    }

    /// The dataset, where it is one.
    pub fn dataset(&self) -> Option<&Dataset> {
        self.dataset.as_ref()
    }

    /// Whether there is no tensor.
    pub fn is_empty(&self) -> bool {
        self.tensors.is_empty()
    }

    /// An error where it is a dataset and cannot be one.
    pub(crate) fn expect_tensors(&self, what: &str) -> Result<()> {
        match self.dataset {
            None => Ok(()),
            Some(_) => Err(Error::value(format!(
                "{what}: expected tensors, got a dataset; give the dataset in the place of x, with all that belongs to \
                 a batch in its elements"
            ))),
        }
    }

    /// The same with something else in the place of each tensor.
    pub(crate) fn try_map(&self, f: impl Fn(&Tensor) -> Result<Tensor>) -> Result<Data> {
        let tensors = self.tensors.iter().map(f).collect::<Result<_>>()?;
        Ok(Data { names: self.names.clone(), tensors, dataset: self.dataset.clone() })
    }

    /// A tensor for each of these names, or none where data by name leaves it out.
    pub(crate) fn by_name(&self, known: &[String], what: &str) -> Result<Vec<Option<Tensor>>> {
        let Some(names) = &self.names else {
            if self.tensors.len() != known.len() {
                return Err(Error::value(format!(
                    "expected {} {what}{} ({}), got {}",
                    known.len(),
                    if known.len() == 1 { "" } else { "s" },
                    quoted(known),
                    self.tensors.len()
                )));
            }
            return Ok(self.tensors.iter().cloned().map(Some).collect());
        };
        let mut found: Vec<Option<Tensor>> = vec![None; known.len()];
        for (name, x) in names.iter().zip(&self.tensors) {
            match known.iter().position(|k| k == name) {
                Some(at) if found[at].is_none() => found[at] = Some(x.clone()),
                Some(_) => return Err(Error::name(format!("{what} {name:?} is given twice"))),
                None => {
                    let known: Vec<&str> = known.iter().map(String::as_str).collect();
                    return Err(Error::name(format!(
                        "the model has no {what} {name:?}{}",
                        did_you_mean(name, &known)
                    )));
                }
            }
        }
        Ok(found)
    }

    /// A tensor for each of these names.
    pub(crate) fn all_by_name(&self, known: &[String], what: &str) -> Result<Vec<Tensor>> {
        let found = self.by_name(known, what)?.into_iter().zip(known);
        found.map(|(x, name)| x.ok_or_else(|| Error::name(format!("{what} {name:?} is missing")))).collect()
    }
}

/// `"a", "b"`.
pub(crate) fn quoted(names: &[String]) -> String {
    names.iter().map(|n| format!("{n:?}")).collect::<Vec<_>>().join(", ")
}

macro_rules! lists {
    ($($T:ty, $x:ident => $tensors:expr;)*) => {$(
        impl From<$T> for Data {
            fn from($x: $T) -> Data {
                Data { names: None, tensors: $tensors, dataset: None }
            }
        }
    )*};
}
lists! {
    (), _none => Vec::new();
    Tensor, x => vec![x];
    &Tensor, x => vec![x.clone()];
    &[Tensor], x => x.to_vec();
    Vec<Tensor>, x => x;
    &Vec<Tensor>, x => x.clone();
    Vec<&Tensor>, x => x.into_iter().cloned().collect();
    Vec<f32>, x => vec![x.into()];
    Vec<f64>, x => vec![x.into()];
}

macro_rules! arrays {
    ($($T:ty, $x:ident => $tensors:expr;)*) => {$(
        impl<const N: usize> From<$T> for Data {
            fn from($x: $T) -> Data {
                Data { names: None, tensors: $tensors, dataset: None }
            }
        }
    )*};
}
arrays! {
    [Tensor; N], x => x.into();
    [&Tensor; N], x => x.into_iter().cloned().collect();
    &[Tensor; N], x => x.to_vec();
}

impl From<&Dataset> for Data {
    fn from(dataset: &Dataset) -> Data {
        Data { dataset: Some(dataset.clone()), ..Data::default() }
    }
}

impl From<Dataset> for Data {
    fn from(dataset: Dataset) -> Data {
        Data { dataset: Some(dataset), ..Data::default() }
    }
}

impl From<&DirectoryDataset> for Data {
    fn from(dataset: &DirectoryDataset) -> Data {
        dataset.dataset().into()
    }
}

impl From<&Data> for Data {
    fn from(data: &Data) -> Data {
        data.clone()
    }
}

/// Pairs of a name and a tensor.
impl<K: Into<String>, X: Into<Tensor>> FromIterator<(K, X)> for Data {
    fn from_iter<I: IntoIterator<Item = (K, X)>>(pairs: I) -> Data {
        let (names, tensors) = pairs.into_iter().map(|(k, x)| (k.into(), x.into())).unzip();
        Data { names: Some(names), tensors, dataset: None }
    }
}

impl<K: Into<String>, X: Into<Tensor>, const N: usize> From<[(K, X); N]> for Data {
    fn from(pairs: [(K, X); N]) -> Data {
        pairs.into_iter().collect()
    }
}

impl<K: Into<String>, X: Into<Tensor>> From<Vec<(K, X)>> for Data {
    fn from(pairs: Vec<(K, X)>) -> Data {
        pairs.into_iter().collect()
    }
}
