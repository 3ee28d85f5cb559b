//! Counts of right and wrong answers at thresholds.

use super::Metric;
use super::mean::reset;
use crate::arguments::{Argument, Arguments, config};
use crate::layers::auto_name;
use crate::numbers::{filled, like, minus, plus, same_rank, shapes_differ, times};
use crate::spec::Config;
use rhyton_base::{Context, DType, Error, Result, Shape};
use rhyton_tensor::{Tensor, Variable, no_gradient, ops};
use serde_json::Value;

/// What predictions outside the best `k` count as.
const OUT_OF_REACH: f64 = -1e10;

/// Name and float type, which all metrics have.
#[derive(Clone, Debug)]
pub(super) struct Naming {
    pub name: String,
    pub dtype: DType,
}

impl Naming {
    /// Keras's next free name for the class: `precision`, then `precision_1`.
    pub fn new(class: &str) -> Naming {
        Naming { name: auto_name(class), dtype: crate::config::floatx() }
    }

    pub fn read(a: &mut Arguments<'_>, class: &str) -> Result<Naming> {
        let name = a.optional_text("name")?.map_or_else(|| auto_name(class), str::to_string);
        let dtype = a.optional_dtype("dtype")?.unwrap_or_else(crate::config::floatx);
        if !dtype.is_float() {
            let message = format!("expected dtype to be a float type, got {dtype}");
            return Err(Error::dtype(message).at(class.to_string()));
        }
        Ok(Naming { name, dtype })
    }

    pub fn config(&self) -> Config {
        config([("name", Value::from(self.name.as_str())), ("dtype", Value::from(self.dtype.name()))])
    }

    /// Zeros as state.
    pub fn state(&self, name: &str, shape: &[usize]) -> Result<Variable> {
        Ok(Variable::named(filled(shape, 0.0, self.dtype)?, name, false))
    }
}

/// The thresholds that are compared with.
#[derive(Clone, Debug)]
pub(super) struct Thresholds {
    pub values: Vec<f64>,
    /// Whether they are `i / (n - 1)`, possibly with the ends moved outwards by ε. Then predictions are sorted into
    /// buckets, as Keras does it, which differs where they are within rounding of a threshold.
    even: bool,
}

impl Thresholds {
    pub fn new(values: Vec<f64>) -> Thresholds {
        let n = values.len();
        let near = |(i, t): (usize, &f64)| {
            let expected = i as f64 / (n as f64 - 1.0);
            (t - expected).abs() <= crate::config::epsilon() + 1e-5 * expected.abs()
        };
        let even = n >= 3 && values.iter().enumerate().all(near);
        Thresholds { values, even }
    }

    /// `n` of them from 0 to 1, evenly; with ends moved outwards where asked for.
    pub fn spaced(n: usize, beyond: f64) -> Thresholds {
        if n == 1 {
            return Thresholds { values: vec![0.5], even: false };
        }
        let mut values: Vec<f64> = (0..n).map(|i| i as f64 / (n as f64 - 1.0)).collect();
        (values[0], values[n - 1]) = (-beyond, 1.0 + beyond);
        Thresholds { values, even: true }
    }

    /// Where predictions exceed each threshold: a new first axis.
    fn exceeded(&self, y_pred: &Tensor) -> Result<Tensor> {
        let mut shape = vec![1; y_pred.rank() + 1];
        shape[0] = self.values.len();
        let each = |dtype: DType, values: &[f64]| -> Result<Tensor> {
            let all = Tensor::from(values.to_vec());
            ops::reshape(&ops::cast(&all, dtype)?, shape.clone())
        };
        if !self.even {
            return ops::greater(&ops::expand_dims(y_pred, 0)?, &each(y_pred.dtype(), &self.values)?);
        }
        let last = self.values.len() as f64 - 1.0;
        let mut bucket = plus(&ops::ceil(&times(&ops::clip(y_pred, 0.0, 1.0)?, last)?)?, -1.0)?;
        let n = self.values.len();
        if self.values[0] < 0.0 || self.values[n - 1] > 1.0 {
            bucket = ops::relu(&bucket)?;
        }
        let numbers: Vec<f64> = (0..n).map(|i| i as f64).collect();
        ops::greater_equal(&ops::expand_dims(&bucket, 0)?, &each(bucket.dtype(), &numbers)?)
    }
}

/// Which predictions and targets are looked at.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Selection {
    pub top_k: Option<usize>,
    pub class_id: Option<usize>,
    /// Whether each label (the last axis) is counted by itself.
    pub by_label: bool,
}

/// True and false positives and negatives at each threshold.
pub(super) struct Counts {
    pub true_positives: Tensor,
    pub false_positives: Tensor,
    pub true_negatives: Tensor,
    pub false_negatives: Tensor,
}

/// Counts for a batch.
///
/// Source: `update_confusion_matrix_variables` in Keras's metrics/metrics_utils.py.
pub(super) fn count(
    y_true: &Tensor,
    y_pred: &Tensor,
    weight: Option<&Tensor>,
    thresholds: &Thresholds,
    selection: Selection,
    label_weights: Option<&[f64]>,
    dtype: DType,
) -> Result<Counts> {
    let mask = y_pred.mask().map(|m| ops::cast(m, dtype)).transpose()?;
    let (y_true, y_pred) = (ops::cast(y_true, dtype)?, ops::cast(y_pred, dtype)?);
    let (mut y_pred, mut y_true) = same_rank(&y_pred, &y_true)?;
    if y_true.shape() != y_pred.shape() {
        return Err(shapes_differ(&y_true, &y_pred, ""));
    }
    let weight = weight.map(|w| ops::cast(w, dtype)).transpose()?;
    let mut weight = match (weight, mask) {
        (Some(w), Some(m)) => {
            let (w, m) = same_rank(&w, &m)?;
            Some(ops::multiply(&w, &m)?)
        }
        (a, b) => a.or(b),
    };
    if let Some(w) = &mut weight {
        while w.rank() < y_true.rank() {
            *w = ops::expand_dims(w, -1)?;
        }
    }
    if let Some(k) = selection.top_k {
        let kept = among_best(&y_pred, k)?;
        y_pred = ops::r#where(&kept, &y_pred, &like(&y_pred, OUT_OF_REACH)?)?;
    }
    if let Some(class) = selection.class_id {
        let classes = y_pred.shape().last().copied().unwrap_or(0);
        if y_pred.rank() < 2 || class >= classes {
            let message = format!(
                "class_id {class} needs predictions with an axis of more than {class} classes, got shape {}",
                Shape::from(y_pred.shape())
            );
            return Err(Error::shape(message));
        }
        y_true = ops::narrow(&y_true, -1, class, class + 1)?;
        y_pred = ops::narrow(&y_pred, -1, class, class + 1)?;
    }
    let mut weights = match &weight {
        Some(w) => ops::broadcast_to(w, y_pred.shape()).map_err(|_| {
            let (w, p) = (Shape::from(w.shape()), Shape::from(y_pred.shape()));
            Error::shape(format!(
                "sample_weight has shape {w}, predictions have shape {p}; give one a sample"
            ))
        })?,
        None => ops::ones_like(&y_pred)?,
    };
    if let Some(by_label) = label_weights {
        let by_label = ops::cast(&Tensor::from(by_label.to_vec()), dtype)?;
        weights = ops::multiply(&weights, &by_label)?;
    }
    let yes = ops::cast(&ops::cast(&y_true, DType::Bool)?, dtype)?;
    let (right, wrong) = (ops::multiply(&yes, &weights)?, ops::multiply(&minus(1.0, &yes)?, &weights)?);
    let exceeded = thresholds.exceeded(&y_pred)?;
    let sum = |x: &Tensor, from: isize| -> Result<Tensor> {
        let last = x.rank() as isize - isize::from(selection.by_label);
        let axes: Vec<isize> = (from..last).collect();
        ops::sum(x, axes.as_slice())
    };
    let zero = like(&weights, 0.0)?;
    let chosen = |part: &Tensor| -> Result<(Tensor, Tensor)> {
        let hit = sum(&ops::r#where(&exceeded, &ops::expand_dims(part, 0)?, &zero)?, 1)?;
        let missed = ops::subtract(&sum(part, 0)?, &hit)?;
        Ok((hit, missed))
    };
    let (true_positives, false_negatives) = chosen(&right)?;
    let (false_positives, true_negatives) = chosen(&wrong)?;
    Ok(Counts { true_positives, false_positives, true_negatives, false_negatives })
}

/// Where predictions are among the `k` best along the last axis; of equal ones the first.
fn among_best(y_pred: &Tensor, k: usize) -> Result<Tensor> {
    let classes = y_pred.shape().last().copied().unwrap_or(1);
    let (own, other) = (ops::expand_dims(y_pred, -1)?, ops::expand_dims(y_pred, -2)?);
    let place = ops::arange(classes, DType::I32)?;
    let earlier = ops::less(&ops::expand_dims(&place, 0)?, &ops::expand_dims(&place, 1)?)?;
    let tied = ops::logical_and(&ops::equal(&other, &own)?, &earlier)?;
    let better = ops::cast(&ops::logical_or(&ops::greater(&other, &own)?, &tied)?, DType::I32)?;
    let better = ops::sum(&better, -1)?;
    ops::less(&better, &like(&better, k as f64)?)
}

/// An error unless all thresholds are in `[0, 1]`.
fn check_thresholds(thresholds: &[f64]) -> Result<()> {
    match thresholds.iter().find(|t| !(0.0..=1.0).contains(*t)) {
        Some(t) => Err(Error::value(format!("expected thresholds in [0, 1], got {t}"))),
        None if thresholds.is_empty() => Err(Error::value("expected at least one threshold, got none")),
        None => Ok(()),
    }
}

/// One threshold or several.
#[derive(Clone, Debug, PartialEq)]
pub struct At(Vec<f64>);

impl From<f64> for At {
    fn from(threshold: f64) -> At {
        At(vec![threshold])
    }
}

impl<const N: usize> From<[f64; N]> for At {
    fn from(thresholds: [f64; N]) -> At {
        At(thresholds.to_vec())
    }
}

impl From<Vec<f64>> for At {
    fn from(thresholds: Vec<f64>) -> At {
        At(thresholds)
    }
}

impl At {
    fn read(a: &mut Arguments<'_>) -> Result<Option<At>> {
        let numbers = |v: &Value| match v {
            Value::Array(list) => list.iter().map(Value::as_f64).collect(),
            one => one.as_f64().map(|n| vec![n]),
        };
        Ok(a.read("thresholds", "a number or a list of numbers", numbers)?.map(At))
    }

    fn write(at: Option<&At>) -> Value {
        match at.map(|at| at.0.as_slice()) {
            Some([one]) => Value::from(*one),
            list => Value::from(list),
        }
    }
}

/// The first of one result, or all of them.
fn at_each(values: &Tensor) -> Result<Tensor> {
    if values.len() == 1 { ops::reshape(values, [0usize; 0]) } else { Ok(values.clone()) }
}

/// Builder methods, file form and state of metrics over counts.
macro_rules! counting {
    ($($(#[$doc:meta])* $Name:ident $class:literal ($selection:literal) [$($state:literal = $part:ident),*]
        $result:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $Name {
            naming: Naming,
            given: Option<At>,
            thresholds: Thresholds,
            selection: Selection,
            state: Vec<Variable>,
        }

        impl Default for $Name {
            fn default() -> $Name {
                $Name::made(Naming::new($class), None, Selection::default()).expect("one threshold")
            }
        }

        impl $Name {
            /// With Keras's default arguments.
            pub fn new() -> $Name {
                $Name::default()
            }

            fn made(naming: Naming, given: Option<At>, selection: Selection) -> Result<$Name> {
                let default = if selection.top_k.is_some() { OUT_OF_REACH } else { 0.5 };
                let thresholds = given.clone().map_or_else(|| vec![default], |at| at.0);
                let state = [$($state),*].iter().map(|name| naming.state(name, &[thresholds.len()]));
                let state = state.collect::<Result<_>>()?;
                Ok($Name { naming, given, thresholds: Thresholds::new(thresholds), selection, state })
            }

            /// The name under which it appears.
            #[must_use]
            pub fn name(self, name: impl Into<String>) -> $Name {
                $Name { naming: Naming { name: name.into(), ..self.naming }, ..self }
            }

            /// What predictions have to exceed to be a yes, 0.5 by default: one number, or several for as many
            /// results. They are in `[0, 1]`; others are errors when the metric is used.
            #[must_use]
            pub fn thresholds(self, thresholds: impl Into<At>) -> $Name {
                let given = Some(thresholds.into());
                $Name::made(self.naming, given, self.selection).expect("there is memory for the state")
            }

            pub(super) fn from_config(config: &Config) -> Result<$Name> {
                let mut a = Arguments::new($class, config);
                let naming = Naming::read(&mut a, $class)?;
                let given = At::read(&mut a)?;
                let mut selection = Selection::default();
                if $selection {
                    selection.top_k = Argument::read(&mut a, "top_k", None)?;
                    selection.class_id = Argument::read(&mut a, "class_id", None)?;
                }
                a.finish()?;
                given.iter().try_for_each(|at| check_thresholds(&at.0)).at(|| $class)?;
                $Name::made(naming, given, selection)
            }

            fn update(&self, y_true: &Tensor, y_pred: &Tensor, weight: Option<&Tensor>) -> Result<()> {
                self.given.iter().try_for_each(|at| check_thresholds(&at.0))?;
                let dtype = self.naming.dtype;
                let counts = count(y_true, y_pred, weight, &self.thresholds, self.selection, None, dtype)?;
                for (v, batch) in self.state.iter().zip([$(&counts.$part),*]) {
                    v.assign_add(batch)?;
                }
                Ok(())
            }
        }

        impl Metric for $Name {
            fn name(&self) -> String {
                self.naming.name.clone()
            }

            fn update_state(&self, y_true: &Tensor, y_pred: &Tensor, weight: Option<&Tensor>) -> Result<()> {
                no_gradient(|| self.update(y_true, y_pred, weight)).at(|| format!("metric {:?}", self.naming.name))
            }

            fn result(&self) -> Result<Tensor> {
                let result: fn(&[Tensor]) -> Result<Tensor> = $result;
                let state: Vec<Tensor> = self.state.iter().map(Variable::value).collect();
                no_gradient(|| at_each(&result(&state)?))
            }

            fn reset_state(&self) -> Result<()> {
                self.state.iter().try_for_each(reset)
            }

            fn variables(&self) -> Vec<Variable> {
                self.state.clone()
            }

            fn class_name(&self) -> &'static str {
                $class
            }

            fn config(&self) -> Config {
                let mut config = self.naming.config();
                config.insert("thresholds".to_string(), At::write(self.given.as_ref()));
                if $selection {
                    config.insert("top_k".to_string(), self.selection.top_k.write());
                    config.insert("class_id".to_string(), self.selection.class_id.write());
                }
                config
            }
        }
    )*};
}

/// `a / (a + b)`, and 0 for `0 / 0`.
pub(super) fn share(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    ops::divide_no_nan(a, &ops::add(a, b)?)
}

counting! {
    /// How many yes answers were right, weighted.
    ///
    /// A prediction is a yes where it exceeds the threshold, 0.5 by default; several thresholds give as many results.
    ///
    /// # Errors
    /// `update_state` fails where shapes do not fit or a threshold is outside `[0, 1]`.
    TruePositives "TruePositives" (false) ["accumulator" = true_positives] |s| Ok(s[0].clone());
    /// How many yes answers were wrong, weighted; thresholds as for [`TruePositives`].
    ///
    /// # Errors
    /// As [`TruePositives`].
    FalsePositives "FalsePositives" (false) ["accumulator" = false_positives] |s| Ok(s[0].clone());
    /// How many no answers were right, weighted; thresholds as for [`TruePositives`].
    ///
    /// # Errors
    /// As [`TruePositives`].
    TrueNegatives "TrueNegatives" (false) ["accumulator" = true_negatives] |s| Ok(s[0].clone());
    /// How many no answers were wrong, weighted; thresholds as for [`TruePositives`].
    ///
    /// # Errors
    /// As [`TruePositives`].
    FalseNegatives "FalseNegatives" (false) ["accumulator" = false_negatives] |s| Ok(s[0].clone());
    /// The share of yes answers that were right; 0 where there are none. Thresholds as for [`TruePositives`].
    ///
    /// With `top_k`, only the `k` best predictions of each sample are yes; with `class_id`, only that class is looked at.
    ///
    /// # Errors
    /// As [`TruePositives`], and where there is no such class.
    ///
    /// ```
    /// use rhyton_nn::metrics::{Metric, Precision};
    /// use rhyton_tensor::Tensor;
    /// let precision = Precision::new();
    /// precision.update_state(&Tensor::from([0, 1, 1, 1]), &Tensor::from([1.0f32, 0.0, 1.0, 1.0]), None).unwrap();
    /// assert_eq!(precision.result().unwrap().item::<f32>().unwrap(), 2.0 / 3.0);
    /// ```
    Precision "Precision" (true)
        ["true_positives" = true_positives, "false_positives" = false_positives] |s| share(&s[0], &s[1]);
    /// The share of what is yes that was answered so; 0 where there is none. Thresholds as for [`TruePositives`],
    /// `top_k` and `class_id` as for [`Precision`].
    ///
    /// # Errors
    /// As [`Precision`].
    Recall "Recall" (true)
        ["true_positives" = true_positives, "false_negatives" = false_negatives] |s| share(&s[0], &s[1]);
}

macro_rules! selecting {
    ($($Name:ident)*) => {$(
        impl $Name {
            /// Only the `k` best predictions of each sample are yes.
            #[must_use]
            pub fn top_k(self, k: usize) -> $Name {
                let selection = Selection { top_k: Some(k), ..self.selection };
                $Name::made(self.naming, self.given, selection).expect("there is memory for the state")
            }

            /// Only this class is looked at.
            #[must_use]
            pub fn class_id(self, class: usize) -> $Name {
                $Name { selection: Selection { class_id: Some(class), ..self.selection }, ..self }
            }
        }
    )*};
}
selecting! { Precision Recall }
