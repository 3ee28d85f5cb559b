//! Elements whose tensors have names.

use super::element::{Element, FromElement, IntoElement};
use super::source::Source;
use rhyton_base::{Error, Result, did_you_mean};
use rhyton_tensor::Tensor;
use std::sync::{Arc, OnceLock};

/// Tensors by name: what Python's data pipelines have dictionaries for, such as the columns of a table.
///
/// An element of a dataset is one of these, or one with a target and a weight: `(Named, Tensor)`, `(Named, Tensor, Tensor)`. The
/// names belong to the dataset, which keeps them through batches, shuffling and so on; functions of `map` and `filter` take and return
/// them. Models give each tensor to the input of its name.
///
/// ```
/// use rhyton_data::{Dataset, Named};
/// use rhyton_tensor::Tensor;
/// let houses = Named::from([("rooms", Tensor::from([2.0f32, 3.0])), ("floor", Tensor::from([0.0f32, 4.0]))]);
/// let prices = Tensor::from([10.0f32, 20.0]);
/// let dataset = Dataset::from_tensor_slices((houses, prices))?.shuffle(2, 7).batch(2);
/// assert_eq!(dataset.names()?, ["rooms", "floor"]);
/// let height = dataset.map(|(x, y): (Named, Tensor)| Ok((Named::from([("height", x.get("floor")? * 3.0)]), y)));
/// assert_eq!(height.names()?, ["height"]);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Named(Vec<(String, Tensor)>);

impl Named {
    /// The tensor of a name.
    ///
    /// # Errors
    /// Where there is none.
    pub fn get(&self, name: &str) -> Result<&Tensor> {
        let found = self.0.iter().find(|(n, _)| n == name);
        found.map(|(_, x)| x).ok_or_else(|| {
            let names: Vec<&str> = self.iter().map(|(n, _)| n).collect();
            let hint = did_you_mean(name, &names);
            Error::name(format!("there is no tensor {name:?}{hint}; the names are {names:?}"))
        })
    }

    /// Puts a tensor under a name, in the place of the one that is there.
    pub fn insert(&mut self, name: impl Into<String>, x: impl Into<Tensor>) {
        let (name, x) = (name.into(), x.into());
        match self.0.iter_mut().find(|(n, _)| *n == name) {
            Some((_, there)) => *there = x,
            None => self.0.push((name, x)),
        }
    }

    /// Names and tensors, in their order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Tensor)> {
        self.0.iter().map(|(n, x)| (n.as_str(), x))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn names(&self) -> Vec<String> {
        self.0.iter().map(|(n, _)| n.clone()).collect()
    }
}

impl<K: Into<String>, X: Into<Tensor>> FromIterator<(K, X)> for Named {
    fn from_iter<I: IntoIterator<Item = (K, X)>>(pairs: I) -> Named {
        let mut named = Named::default();
        pairs.into_iter().for_each(|(name, x)| named.insert(name, x));
        named
    }
}

impl<K: Into<String>, X: Into<Tensor>, const N: usize> From<[(K, X); N]> for Named {
    fn from(pairs: [(K, X); N]) -> Named {
        pairs.into_iter().collect()
    }
}

impl IntoElement for Named {
    const NAMED: bool = true;

    fn into_element(self) -> Element {
        self.0.into_iter().map(|(_, x)| x).collect()
    }

    fn names(&self) -> Vec<String> {
        self.names()
    }
}

impl FromElement for Named {
    fn from_element(element: Element) -> Result<Named> {
        Named::from_named(element, &[])
    }

    fn from_named(element: Element, names: &[String]) -> Result<Named> {
        named(element, names, 0).map(|(x, _)| x)
    }
}

/// The tensors with names, and so many without.
fn named(mut element: Element, names: &[String], others: usize) -> Result<(Named, Element)> {
    if names.is_empty() || element.len() != names.len() + others {
        let plural = if others == 1 { "" } else { "s" };
        return Err(Error::value(format!(
            "expected tensors with names and {others} tensor{plural} without, got {} of which these are the names: {names:?}; \
             Dataset::named gives names",
            element.len(),
        )));
    }
    let rest = element.split_off(names.len());
    Ok((names.iter().cloned().zip(element).collect(), rest))
}

macro_rules! with_others {
    ($($Others:ident $x:ident),+; $count:literal) => {
        impl IntoElement for (Named, $($Others),+) {
            const NAMED: bool = true;

            fn into_element(self) -> Element {
                let (named, $($x),+) = self;
                let mut element = named.into_element();
                element.extend([$($x),+]);
                element
            }

            fn names(&self) -> Vec<String> {
                self.0.names()
            }
        }

        impl FromElement for (Named, $($Others),+) {
            fn from_element(element: Element) -> Result<Self> {
                Self::from_named(element, &[])
            }

            fn from_named(element: Element, names: &[String]) -> Result<Self> {
                let (named, rest) = named(element, names, $count)?;
                <($($Others,)+)>::from_element(rest).map(|($($x,)+)| (named, $($x),+))
            }
        }
    };
}
with_others!(Tensor y; 1);
with_others!(Tensor y, Tensor weight; 2);

/// Names, once they have been seen.
pub(crate) type Seen = Arc<OnceLock<Arc<[String]>>>;

/// Notes the names of an element, which must be those of the others.
pub(crate) fn note(seen: &Seen, names: Vec<String>) -> Result<()> {
    let first = seen.get_or_init(|| names.clone().into());
    match **first == *names {
        true => Ok(()),
        false => {
            let message =
                format!("expected tensors of the names {first:?}, as in other elements, got {names:?}");
            Err(Error::value(message))
        }
    }
}

/// The names of the first tensors of the elements of a dataset.
#[derive(Clone)]
pub(crate) enum Names {
    Known(Arc<[String]>),
    /// A function gives them; they are seen with the first element.
    OfFirst(Seen, Arc<dyn Source>),
}

impl Default for Names {
    fn default() -> Names {
        Names::Known(Arc::default())
    }
}

impl Names {
    pub fn known(names: Vec<String>) -> Names {
        Names::Known(names.into())
    }

    pub fn get(&self) -> Result<Arc<[String]>> {
        match self {
            Names::Known(names) => Ok(names.clone()),
            Names::OfFirst(seen, source) => {
                if seen.get().is_none() {
                    source.clone().elements(0, 0).next().transpose()?;
                }
                Ok(seen.get().cloned().unwrap_or_default())
            }
        }
    }

    /// Those of several datasets side by side; none from the first tensor on that has none.
    pub fn side_by_side<'a>(all: impl Iterator<Item = (&'a Names, &'a Arc<dyn Source>)>) -> Names {
        let mut together = Vec::new();
        for (names, source) in all {
            let Names::Known(known) = names else {
                return if together.is_empty() { names.clone() } else { Names::known(together) };
            };
            together.extend(known.iter().cloned());
            if source.spec().is_none_or(|spec| spec.len() != known.len()) {
                break;
            }
        }
        Names::known(together)
    }
}
