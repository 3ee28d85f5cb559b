//! Losses and metrics of models with one output or several.

use crate::losses::Loss;
use crate::metrics::Metric;
use crate::spec::Spec;

/// One thing for all outputs, or one for each, by position or by the output's name.
#[derive(Clone, Debug)]
pub enum PerOutput<T> {
    /// The same for every output.
    All(T),
    /// In the order of the outputs; `None` leaves one out.
    Each(Vec<Option<T>>),
    /// By the names of the outputs; those that are not named are left out.
    Named(Vec<(String, T)>),
}

/// The losses of a model: one name or object for all outputs, a list with one for each, or pairs with the names of
/// outputs. `None` in a list leaves an output without a loss, and `()` the whole model.
///
/// ```
/// use rhyton_nn::Losses;
/// use rhyton_nn::losses::{BinaryCrossentropy, MeanSquaredError};
/// Losses::from("mse");
/// Losses::from(MeanSquaredError::new());
/// Losses::from(["mse", "binary_crossentropy"]);
/// Losses::from([Some("mse"), None]);
/// Losses::from(("mse", BinaryCrossentropy::new().from_logits(true)));
/// Losses::from([("price", "mse"), ("sold", "binary_crossentropy")]);
/// ```
pub type Losses = PerOutput<Spec<dyn Loss>>;

/// How much the loss of each output counts in the total: a number, a list, or pairs with the names of outputs.
///
/// ```
/// use rhyton_nn::LossWeights;
/// LossWeights::from([1.0, 0.25]);
/// LossWeights::from([("price", 0.25), ("sold", 1.0)]);
/// ```
pub type LossWeights = PerOutput<f64>;

/// The metrics of a model: names and objects in an array, a vector or a tuple, one alone, `()` for none; for several
/// outputs also a list for each, or pairs with the names of outputs.
///
/// A flat list is for the only output; in a model of several it has one metric for each.
///
/// ```
/// use rhyton_nn::Metrics;
/// use rhyton_nn::metrics::BinaryAccuracy;
/// Metrics::from(["accuracy", "mae"]);
/// Metrics::from(("mae", BinaryAccuracy::new().threshold(0.4)));
/// Metrics::from([vec!["mae", "mse"], vec!["accuracy"]]);
/// Metrics::from([("price", ["mae"]), ("sold", ["accuracy"])]);
/// Metrics::from(());
/// ```
#[derive(Clone, Debug)]
pub enum Metrics {
    /// All for the only output, or one for each of several.
    Flat(Vec<Spec<dyn Metric>>),
    /// A list for each output.
    Each(Vec<Vec<Spec<dyn Metric>>>),
    /// Lists by the names of outputs.
    Named(Vec<(String, Vec<Spec<dyn Metric>>)>),
}

impl Metrics {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.all().next().is_none()
    }

    /// All of them, in order.
    pub fn all(&self) -> impl Iterator<Item = &Spec<dyn Metric>> {
        let lists: Vec<&Vec<Spec<dyn Metric>>> = match self {
            Metrics::Flat(all) => vec![all],
            Metrics::Each(lists) => lists.iter().collect(),
            Metrics::Named(lists) => lists.iter().map(|(_, list)| list).collect(),
        };
        lists.into_iter().flatten()
    }

    fn into_list(self) -> Vec<Spec<dyn Metric>> {
        match self {
            Metrics::Flat(all) => all,
            Metrics::Each(lists) => lists.into_iter().flatten().collect(),
            Metrics::Named(lists) => lists.into_iter().flat_map(|(_, list)| list).collect(),
        }
    }
}

impl<T> PerOutput<T> {
    /// All of them, in order.
    pub fn all(&self) -> impl Iterator<Item = &T> {
        let all: Vec<&T> = match self {
            PerOutput::All(one) => vec![one],
            PerOutput::Each(list) => list.iter().flatten().collect(),
            PerOutput::Named(pairs) => pairs.iter().map(|(_, one)| one).collect(),
        };
        all.into_iter()
    }
}

/// One name or object.
macro_rules! from_one {
    ($Target:ty, $Trait:ident, $make:expr) => {
        impl From<&str> for $Target {
            fn from(name: &str) -> Self {
                $make(Spec::from(name))
            }
        }
        impl From<String> for $Target {
            fn from(name: String) -> Self {
                $make(Spec::from(name))
            }
        }
        impl From<&String> for $Target {
            fn from(name: &String) -> Self {
                $make(Spec::from(name))
            }
        }
        impl From<Spec<dyn $Trait>> for $Target {
            fn from(one: Spec<dyn $Trait>) -> Self {
                $make(one)
            }
        }
        impl From<std::sync::Arc<dyn $Trait>> for $Target {
            fn from(one: std::sync::Arc<dyn $Trait>) -> Self {
                $make(Spec::Object(one))
            }
        }
        impl<T: $Trait + 'static> From<T> for $Target {
            fn from(one: T) -> Self {
                $make(Spec::from(one))
            }
        }
    };
}
from_one!(Losses, Loss, PerOutput::All);
from_one!(Metrics, Metric, |one| Metrics::Flat(vec![one]));

impl From<()> for Losses {
    fn from((): ()) -> Losses {
        PerOutput::Each(Vec::new())
    }
}

impl From<()> for Metrics {
    fn from((): ()) -> Metrics {
        Metrics::Flat(Vec::new())
    }
}

/// The element types of lists: one loss, or none.
pub trait OneLoss {
    /// It, in the common form.
    fn one(self) -> Option<Spec<dyn Loss>>;
}

macro_rules! one_loss {
    ($($T:ty)*) => {$(
        impl OneLoss for $T {
            fn one(self) -> Option<Spec<dyn Loss>> {
                Some(self.into())
            }
        }
        impl OneLoss for Option<$T> {
            fn one(self) -> Option<Spec<dyn Loss>> {
                self.map(Into::into)
            }
        }
    )*};
}
one_loss! { &str String Spec<dyn Loss> }

impl<L: OneLoss, const N: usize> From<[L; N]> for Losses {
    fn from(list: [L; N]) -> Losses {
        PerOutput::Each(list.into_iter().map(OneLoss::one).collect())
    }
}

impl<L: OneLoss> From<Vec<L>> for Losses {
    fn from(list: Vec<L>) -> Losses {
        PerOutput::Each(list.into_iter().map(OneLoss::one).collect())
    }
}

impl<K: Into<String>, L: Into<Spec<dyn Loss>>, const N: usize> From<[(K, L); N]> for Losses {
    fn from(pairs: [(K, L); N]) -> Losses {
        PerOutput::Named(pairs.into_iter().map(|(k, l)| (k.into(), l.into())).collect())
    }
}

impl<K: Into<String>, L: Into<Spec<dyn Loss>>> From<Vec<(K, L)>> for Losses {
    fn from(pairs: Vec<(K, L)>) -> Losses {
        PerOutput::Named(pairs.into_iter().map(|(k, l)| (k.into(), l.into())).collect())
    }
}

impl From<f64> for LossWeights {
    fn from(weight: f64) -> LossWeights {
        PerOutput::All(weight)
    }
}

impl<const N: usize> From<[f64; N]> for LossWeights {
    fn from(list: [f64; N]) -> LossWeights {
        PerOutput::Each(list.into_iter().map(Some).collect())
    }
}

impl From<Vec<f64>> for LossWeights {
    fn from(list: Vec<f64>) -> LossWeights {
        PerOutput::Each(list.into_iter().map(Some).collect())
    }
}

impl<K: Into<String>, const N: usize> From<[(K, f64); N]> for LossWeights {
    fn from(pairs: [(K, f64); N]) -> LossWeights {
        PerOutput::Named(pairs.into_iter().map(|(k, w)| (k.into(), w)).collect())
    }
}

impl<K: Into<String>> From<Vec<(K, f64)>> for LossWeights {
    fn from(pairs: Vec<(K, f64)>) -> LossWeights {
        PerOutput::Named(pairs.into_iter().map(|(k, w)| (k.into(), w)).collect())
    }
}

/// The element types of lists: a metric, or the metrics of an output.
pub trait MetricElement: Sized {
    /// A list of them.
    fn collect(list: impl Iterator<Item = Self>) -> Metrics;
}

macro_rules! one_metric {
    ($($T:ty)*) => {$(
        impl MetricElement for $T {
            fn collect(list: impl Iterator<Item = Self>) -> Metrics {
                Metrics::Flat(list.map(Into::into).collect())
            }
        }
    )*};
}
one_metric! { &str String &String Spec<dyn Metric> }

impl<T: Metric + 'static> MetricElement for T {
    fn collect(list: impl Iterator<Item = Self>) -> Metrics {
        Metrics::Flat(list.map(Into::into).collect())
    }
}

impl<M: MetricElement, const N: usize> MetricElement for [M; N] {
    fn collect(list: impl Iterator<Item = Self>) -> Metrics {
        Metrics::Each(list.map(|l| M::collect(l.into_iter()).into_list()).collect())
    }
}

impl<M: MetricElement> MetricElement for Vec<M> {
    fn collect(list: impl Iterator<Item = Self>) -> Metrics {
        Metrics::Each(list.map(|l| M::collect(l.into_iter()).into_list()).collect())
    }
}

impl<M: Into<Metrics>> MetricElement for (&str, M) {
    fn collect(list: impl Iterator<Item = Self>) -> Metrics {
        Metrics::Named(list.map(|(name, m)| (name.to_string(), m.into().into_list())).collect())
    }
}

impl<M: Into<Metrics>> MetricElement for (String, M) {
    fn collect(list: impl Iterator<Item = Self>) -> Metrics {
        Metrics::Named(list.map(|(name, m)| (name, m.into().into_list())).collect())
    }
}

impl<M: MetricElement, const N: usize> From<[M; N]> for Metrics {
    fn from(list: [M; N]) -> Metrics {
        M::collect(list.into_iter())
    }
}

impl<M: MetricElement> From<Vec<M>> for Metrics {
    fn from(list: Vec<M>) -> Metrics {
        M::collect(list.into_iter())
    }
}

macro_rules! tuples {
    ($($($T:ident)+;)*) => {$(
        impl<$($T: Into<Spec<dyn Metric>>),+> From<($($T,)+)> for Metrics {
            fn from(list: ($($T,)+)) -> Metrics {
                #[allow(non_snake_case)] // The names of the types serve for the places too.
                let ($($T,)+) = list;
                Metrics::Flat(vec![$($T.into()),+])
            }
        }
        impl<$($T: Into<Spec<dyn Loss>>),+> From<($($T,)+)> for Losses {
            fn from(list: ($($T,)+)) -> Losses {
                #[allow(non_snake_case)]
                let ($($T,)+) = list;
                PerOutput::Each(vec![$(Some($T.into())),+])
            }
        }
    )*};
}
tuples! {
    A;
    A B;
    A B C;
    A B C D;
    A B C D E;
    A B C D E F;
    A B C D E F G;
    A B C D E F G H;
}
