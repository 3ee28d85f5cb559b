//! What training and evaluation report.

use crate::callbacks::number;
use rhyton_base::{Error, Result, did_you_mean};
use std::fmt;
use std::ops::Index;

/// Named numbers, in an order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Logs(Vec<(String, f64)>);

impl Logs {
    /// No numbers.
    pub fn new() -> Logs {
        Logs::default()
    }

    /// The number of this name.
    pub fn get(&self, name: &str) -> Option<f64> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, value)| *value)
    }

    pub(crate) fn value(&self, name: &str) -> Option<&f64> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, value)| value)
    }

    /// Sets a number; a new name goes to the end.
    pub fn set(&mut self, name: impl Into<String>, value: f64) {
        let name = name.into();
        match self.0.iter_mut().find(|(n, _)| *n == name) {
            Some((_, old)) => *old = value,
            None => self.0.push((name, value)),
        }
    }

    /// Names and numbers in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, f64)> {
        self.0.iter().map(|(name, value)| (name.as_str(), *value))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Sorted by name, as Keras shows them.
    pub(crate) fn sorted(mut self) -> Logs {
        self.0.sort_by(|a, b| a.0.cmp(&b.0));
        self
    }
}

impl<N: Into<String>> FromIterator<(N, f64)> for Logs {
    fn from_iter<I: IntoIterator<Item = (N, f64)>>(pairs: I) -> Logs {
        Logs(pairs.into_iter().map(|(name, value)| (name.into(), value)).collect())
    }
}

/// What `fit` reports: for each name one number an epoch.
///
/// Names are `loss`, those of the metrics, and the same with `val_` in front for the validation data.
///
/// ```
/// # use rhyton_model::{Fit, Sequential};
/// # use rhyton_nn::layers::Dense;
/// # let x = rhyton_tensor::ops::ones([8, 2], rhyton_tensor::DType::F32)?;
/// # let mut model = Sequential::from([Dense::new(2)]);
/// # model.compile("sgd", "mse", ["mae"])?;
/// let history = model.fit(&x, &x, Fit::epochs(2).verbose(0))?;
/// assert_eq!(history["mae"].len(), 2);
/// assert_eq!(history.epochs(), [0, 1]);
/// assert_eq!(history.first_nan(), None);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    epochs: Vec<usize>,
    /// In the order in which the names came.
    series: Vec<Series>,
    first_nan: Option<(usize, String)>,
    nan_cause: Option<String>,
}

/// The numbers of one name, and the epochs, counted from 0, at whose ends they came.
#[derive(Clone, Debug, Default, PartialEq)]
struct Series {
    name: String,
    epochs: Vec<usize>,
    values: Vec<f64>,
}

impl History {
    /// The numbers of a name, one an epoch.
    ///
    /// # Errors
    /// Where there is no such name; the nearest is suggested.
    pub fn get(&self, name: &str) -> Result<&Vec<f64>> {
        Ok(&self.series(name)?.values)
    }

    /// The epochs, counted from 0, at whose ends the numbers of a name came: all of them, unless validation takes place
    /// every few epochs only.
    ///
    /// # Errors
    /// Where there is no such name; the nearest is suggested.
    pub fn epochs_of(&self, name: &str) -> Result<&[usize]> {
        Ok(&self.series(name)?.epochs)
    }

    fn series(&self, name: &str) -> Result<&Series> {
        self.series.iter().find(|s| s.name == name).ok_or_else(|| {
            let names: Vec<&str> = self.names().collect();
            match names.is_empty() {
                true => Error::name(format!("there is no {name:?}: no epoch has been trained")).at("History"),
                false => {
                    Error::name(format!("there is no {name:?}{}", did_you_mean(name, &names))).at("History")
                }
            }
        })
    }

    /// The names, sorted, those of validation after the others.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.series.iter().map(|s| s.name.as_str())
    }

    /// The epochs trained, counted from 0.
    pub fn epochs(&self) -> &[usize] {
        &self.epochs
    }

    /// The first epoch, counted from 0, at whose end a number was not a number, and its name.
    pub fn first_nan(&self) -> Option<(usize, &str)> {
        self.first_nan.as_ref().map(|(epoch, name)| (*epoch, name.as_str()))
    }

    /// Where the first NaN came from, as far as it could still be told: the input, target or sample weight with its row
    /// and column, the weight or the layer; and what to do.
    pub fn nan_cause(&self) -> Option<&str> {
        self.nan_cause.as_deref()
    }

    pub(crate) fn set_nan_cause(&mut self, cause: Option<String>) {
        self.nan_cause = cause;
    }

    pub(crate) fn push(&mut self, epoch: usize, logs: &Logs) {
        self.epochs.push(epoch);
        for (name, value) in logs.iter() {
            if value.is_nan() && self.first_nan.is_none() {
                self.first_nan = Some((epoch, name.to_string()));
            }
            let series = match self.series.iter_mut().find(|s| s.name == name) {
                Some(series) => series,
                None => self.series.push_mut(Series { name: name.to_string(), ..Series::default() }),
            };
            series.epochs.push(epoch);
            series.values.push(value);
        }
    }
}

/// The numbers of a name, one an epoch.
///
/// # Panics
/// Where there is no such name; [`History::get`] returns an error instead.
impl Index<&str> for History {
    type Output = Vec<f64>;

    #[track_caller]
    fn index(&self, name: &str) -> &Vec<f64> {
        match self.get(name) {
            Ok(values) => values,
            Err(e) => panic!("{e}"),
        }
    }
}

/// One line an epoch.
impl fmt::Display for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for epoch in &self.epochs {
            write!(f, "epoch {}", epoch + 1)?;
            for series in &self.series {
                if let Some(at) = series.epochs.iter().position(|e| e == epoch) {
                    write!(f, " - {}: {}", series.name, number(series.values[at]))?;
                }
            }
            writeln!(f)?;
        }
        Ok(())
    }
}
