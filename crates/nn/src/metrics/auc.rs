//! The area under a curve over all thresholds.

use super::Metric;
use super::confusion::{Naming, Selection, Thresholds, count, share};
use super::lazy::Lazy;
use crate::activations::sigmoid;
use crate::arguments::{Argument, Arguments, finite};
use crate::numbers::{like, minus, times};
use crate::spec::Config;
use rhyton_base::{Context, Error, Result, Shape, did_you_mean};
use rhyton_tensor::{Tensor, Variable, no_gradient, ops};

/// Which curve.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Curve {
    /// True positive rate over false positive rate.
    #[default]
    ROC,
    /// Precision over recall.
    PR,
    /// Precision gain over recall gain.
    PRGAIN,
}

/// How the area between two thresholds is taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Summation {
    /// The trapezium; for [`Curve::PR`] the interpolation of Davis and Goadrich.
    #[default]
    Interpolation,
    /// The larger of the two rectangles.
    Majoring,
    /// The smaller of the two rectangles.
    Minoring,
}

macro_rules! words {
    ($Name:ident $what:literal $($Variant:ident $word:literal $other:literal)*) => {
        impl $Name {
            fn word(self) -> &'static str {
                match self {
                    $($Name::$Variant => $word,)*
                }
            }

            fn parse(word: &str) -> Result<$Name> {
                match word {
                    $($word | $other => Ok($Name::$Variant),)*
                    _ => Err(Error::name(format!(
                        concat!("unknown ", $what, " {:?}{}"), word, did_you_mean(word, &[$($word),*])
                    ))),
                }
            }
        }
    };
}
words! { Curve "curve" ROC "ROC" "roc" PR "PR" "pr" PRGAIN "PRGAIN" "prgain" }
words! { Summation "summation_method"
Interpolation "interpolation" "Interpolation" Majoring "majoring" "Majoring" Minoring "minoring" "Minoring" }

/// The area under the curve of receiver operating characteristic, or of precision over recall, in steps between
/// thresholds.
///
/// Targets are 0 or 1, predictions in `[0, 1]`. Defaults: 200 thresholds evenly from 0 to 1 with the ends moved outwards
/// by ε, [`Curve::ROC`], [`Summation::Interpolation`], all labels together, probabilities.
///
/// # Errors
/// `update_state` fails where shapes do not fit or an argument is outside its range.
///
/// Source: Davis and Goadrich 2006, "The relationship between precision-recall and ROC curves"; Flach and Kull 2015,
/// "Precision-recall-gain curves"; Keras's metrics/confusion_metrics.py.
///
/// ```
/// use rhyton_nn::metrics::{AUC, Metric};
/// use rhyton_tensor::Tensor;
/// let auc = AUC::new();
/// auc.update_state(&Tensor::from([0, 0, 1, 1]), &Tensor::from([0.0f32, 0.5, 0.3, 0.9]), None).unwrap();
/// assert_eq!(auc.result().unwrap().item::<f32>().unwrap(), 0.75);
/// ```
#[derive(Clone, Debug)]
pub struct AUC {
    naming: Naming,
    num_thresholds: usize,
    given: Option<Vec<f64>>,
    curve: Curve,
    summation: Summation,
    multi_label: bool,
    num_labels: Option<usize>,
    label_weights: Option<Vec<f64>>,
    from_logits: bool,
    /// True and false positives, true and false negatives, once the number of labels is known.
    state: Lazy,
}

impl Default for AUC {
    fn default() -> AUC {
        AUC {
            naming: Naming::new("AUC"),
            num_thresholds: 200,
            given: None,
            curve: Curve::ROC,
            summation: Summation::Interpolation,
            multi_label: false,
            num_labels: None,
            label_weights: None,
            from_logits: false,
            state: Lazy::default(),
        }
    }
}

impl AUC {
    /// With Keras's default arguments.
    pub fn new() -> AUC {
        AUC::default()
    }

    /// Without what was counted so far, after an argument changed.
    fn fresh(self) -> AUC {
        AUC { state: Lazy::default(), ..self }
    }

    /// The name under which it appears.
    #[must_use]
    pub fn name(self, name: impl Into<String>) -> AUC {
        AUC { naming: Naming { name: name.into(), ..self.naming }, ..self }
    }

    /// How many thresholds, at least 2.
    #[must_use]
    pub fn num_thresholds(self, n: usize) -> AUC {
        AUC { num_thresholds: n, ..self }.fresh()
    }

    /// These thresholds in `[0, 1]`, and the ends.
    #[must_use]
    pub fn thresholds(self, thresholds: impl Into<Vec<f64>>) -> AUC {
        let mut thresholds = thresholds.into();
        thresholds.sort_by(f64::total_cmp);
        AUC { num_thresholds: thresholds.len() + 2, given: Some(thresholds), ..self }.fresh()
    }

    /// Which curve.
    #[must_use]
    pub fn curve(self, curve: Curve) -> AUC {
        AUC { curve, ..self }
    }

    /// How areas are taken.
    #[must_use]
    pub fn summation_method(self, summation: Summation) -> AUC {
        AUC { summation, ..self }
    }

    /// Whether each label (the last axis of predictions of rank 2) has an area of its own, of which the mean is taken.
    #[must_use]
    pub fn multi_label(self, multi_label: bool) -> AUC {
        AUC { multi_label, ..self }.fresh()
    }

    /// How many labels, where that is known before the first batch.
    #[must_use]
    pub fn num_labels(self, n: usize) -> AUC {
        AUC { num_labels: Some(n), ..self }.fresh()
    }

    /// The weights of labels.
    #[must_use]
    pub fn label_weights(self, weights: impl Into<Vec<f64>>) -> AUC {
        AUC { label_weights: Some(weights.into()), ..self }
    }

    /// Whether predictions are logits instead of probabilities.
    #[must_use]
    pub fn from_logits(self, from_logits: bool) -> AUC {
        AUC { from_logits, ..self }
    }

    fn check(&self) -> Result<()> {
        if self.num_thresholds < 2 {
            let n = self.num_thresholds;
            return Err(Error::value(format!("expected num_thresholds of at least 2, got {n}")));
        }
        super::at_value::few(self.num_thresholds)?;
        if self.num_labels.is_some() && !self.multi_label {
            return Err(Error::value("num_labels is for multi_label only"));
        }
        finite("label_weights", &self.label_weights)?;
        let outside = |t: &&f64| !(0.0..=1.0).contains(*t);
        match self.given.iter().flatten().find(outside) {
            Some(t) => Err(Error::value(format!("expected thresholds in [0, 1], got {t}"))),
            None => Ok(()),
        }
    }

    pub(super) fn from_config(config: &Config) -> Result<AUC> {
        let who = || "AUC";
        let mut a = Arguments::new(who(), config);
        let mut new = AUC {
            naming: Naming::read(&mut a, who())?,
            num_thresholds: Argument::read(&mut a, "num_thresholds", 200)?,
            curve: a.optional_text("curve")?.map_or(Ok(Curve::ROC), Curve::parse).at(who)?,
            summation: a
                .optional_text("summation_method")?
                .map_or(Ok(Summation::Interpolation), Summation::parse)
                .at(who)?,
            multi_label: a.flag("multi_label", false)?,
            num_labels: Argument::read(&mut a, "num_labels", None)?,
            label_weights: Argument::read(&mut a, "label_weights", None)?,
            from_logits: a.flag("from_logits", false)?,
            given: None,
            state: Lazy::default(),
        };
        if let Some(thresholds) = Option::<Vec<f64>>::read(&mut a, "thresholds", None)? {
            new = new.thresholds(thresholds);
        }
        a.finish()?;
        new.check().at(who)?;
        Ok(new)
    }

    fn thresholds_used(&self) -> Thresholds {
        let beyond = crate::config::epsilon();
        match &self.given {
            None => Thresholds::spaced(self.num_thresholds, beyond),
            Some(given) => {
                let mut all = vec![-beyond];
                all.extend(given);
                all.push(1.0 + beyond);
                Thresholds::new(all)
            }
        }
    }

    /// The counts, made on first use; `labels` where each label is counted by itself.
    fn counts(&self, labels: Option<usize>) -> Result<&[Variable]> {
        let mut shape = vec![self.num_thresholds];
        shape.extend(labels);
        let names = ["true_positives", "false_positives", "true_negatives", "false_negatives"];
        self.state.get_or_make(&self.naming, &names, &shape)
    }

    fn update(&self, y_true: &Tensor, y_pred: &Tensor, weight: Option<&Tensor>) -> Result<()> {
        self.check()?;
        if self.multi_label && y_pred.rank() != 2 {
            let shape = Shape::from(y_pred.shape());
            return Err(Error::shape(format!(
                "expected predictions of rank 2 for multi_label, got shape {shape}"
            )));
        }
        let labels = y_pred.shape().last().copied().filter(|_| self.multi_label);
        let weights = self.label_weights.as_deref();
        if let (Some(weights), Some(&last)) = (weights, y_pred.shape().last())
            && weights.len() != last
        {
            let got = weights.len();
            return Err(Error::value(format!("expected {last} label_weights, one a label, got {got}")));
        }
        let probabilities = if self.from_logits { sigmoid(y_pred)? } else { y_pred.clone() };
        let probabilities = probabilities.with_mask(y_pred.mask().cloned());
        let selection = Selection { by_label: self.multi_label, ..Selection::default() };
        let weights = weights.filter(|_| !self.multi_label);
        let dtype = self.naming.dtype;
        let c = count(y_true, &probabilities, weight, &self.thresholds_used(), selection, weights, dtype)?;
        let parts = [&c.true_positives, &c.false_positives, &c.true_negatives, &c.false_negatives];
        self.counts(labels)?.iter().zip(parts).try_for_each(|(v, batch)| v.assign_add(batch))
    }

    /// Neighbours along the thresholds: all but the last, and all but the first.
    fn pairs(&self, x: &Tensor) -> Result<(Tensor, Tensor)> {
        let n = self.num_thresholds;
        Ok((ops::narrow(x, 0, 0, n - 1)?, ops::narrow(x, 0, 1, n)?))
    }

    /// Points of the curve.
    fn points(&self, s: &[Tensor]) -> Result<(Tensor, Tensor)> {
        let [tp, fp, tn, fn_] = s else { return Err(Error::state("expected four counts")) };
        let recall = share(tp, fn_)?;
        match self.curve {
            Curve::ROC => Ok((share(fp, tn)?, recall)),
            Curve::PR => Ok((recall, share(tp, fp)?)),
            Curve::PRGAIN => {
                let scale = ops::divide_no_nan(&ops::add(tp, fn_)?, &ops::add(tn, fp)?)?;
                let none = ops::equal(tp, &like(tp, 0.0)?)?;
                let gain = |wrong: &Tensor, without: f64| -> Result<Tensor> {
                    let gain = minus(1.0, &ops::multiply(&scale, &ops::divide_no_nan(wrong, tp)?)?)?;
                    ops::r#where(&none, &like(&gain, without)?, &gain)
                };
                Ok((ops::relu(&gain(fn_, 0.0)?)?, gain(fp, 1.0)?))
            }
        }
    }

    /// The areas between thresholds under the curve of precision over recall.
    fn precision_recall(&self, s: &[Tensor]) -> Result<Tensor> {
        let (tp_left, tp) = self.pairs(&s[0])?;
        let (p_left, p) = self.pairs(&ops::add(&s[0], &s[1])?)?;
        let (_, fn_) = self.pairs(&s[3])?;
        let positive = |x: &Tensor| ops::greater(x, &like(x, 0.0)?);
        let gained = ops::subtract(&tp_left, &tp)?;
        let slope = ops::divide_no_nan(&gained, &ops::relu(&ops::subtract(&p_left, &p)?)?)?;
        let intercept = ops::subtract(&tp, &ops::multiply(&slope, &p)?)?;
        let both = ops::logical_and(&positive(&p_left)?, &positive(&p)?)?;
        let ratio = ops::r#where(&both, &ops::divide_no_nan(&p_left, &ops::relu(&p)?)?, &like(&p, 1.0)?)?;
        let area =
            ops::multiply(&slope, &ops::add(&gained, &ops::multiply(&intercept, &ops::log(&ratio)?)?)?)?;
        ops::divide_no_nan(&area, &ops::relu(&ops::add(&tp, &fn_)?)?)
    }

    fn area(&self) -> Result<Tensor> {
        self.check()?;
        let state = self.state.get();
        if state.is_empty() {
            return ops::zeros([], self.naming.dtype);
        }
        let s: Vec<Tensor> = state.iter().map(Variable::value).collect();
        let areas = if (self.curve, self.summation) == (Curve::PR, Summation::Interpolation) {
            self.precision_recall(&s)?
        } else {
            let (x, y) = self.points(&s)?;
            let ((x_left, x), (y_left, y)) = (self.pairs(&x)?, self.pairs(&y)?);
            let height = match self.summation {
                Summation::Interpolation => times(&ops::add(&y_left, &y)?, 0.5)?,
                Summation::Minoring => ops::minimum(&y_left, &y)?,
                Summation::Majoring => ops::maximum(&y_left, &y)?,
            };
            ops::multiply(&ops::subtract(&x_left, &x)?, &height)?
        };
        if !self.multi_label {
            return ops::sum(&areas, ..);
        }
        let by_label = ops::sum(&areas, 0)?;
        match &self.label_weights {
            None => ops::mean(&by_label, ..),
            Some(weights) => {
                let weights = ops::cast(&Tensor::from(weights.clone()), by_label.dtype())?;
                let sum = ops::sum(&ops::multiply(&by_label, &weights)?, ..)?;
                ops::divide_no_nan(&sum, &ops::sum(&weights, ..)?)
            }
        }
    }
}

impl Metric for AUC {
    fn name(&self) -> String {
        self.naming.name.clone()
    }

    fn build(&self, _y_true: &Shape, y_pred: &Shape) -> Result<()> {
        let labels = y_pred.dims().last().and_then(|d| d.known()).filter(|_| self.multi_label);
        if self.multi_label == labels.is_some() {
            self.counts(labels).at(|| format!("metric {:?}", self.naming.name))?;
        }
        Ok(())
    }

    fn update_state(&self, y_true: &Tensor, y_pred: &Tensor, weight: Option<&Tensor>) -> Result<()> {
        no_gradient(|| self.update(y_true, y_pred, weight)).at(|| format!("metric {:?}", self.naming.name))
    }

    fn result(&self) -> Result<Tensor> {
        no_gradient(|| self.area()).at(|| format!("metric {:?}", self.naming.name))
    }

    fn reset_state(&self) -> Result<()> {
        self.state.reset()
    }

    /// The counts. With `multi_label` and no `num_labels` there are none before the first batch.
    fn variables(&self) -> Vec<Variable> {
        let known = !self.multi_label || self.num_labels.is_some();
        let made = if known { self.counts(self.num_labels).unwrap_or_default() } else { self.state.get() };
        made.to_vec()
    }

    fn class_name(&self) -> &'static str {
        "AUC"
    }

    fn config(&self) -> Config {
        let mut config = self.naming.config();
        config.insert("num_thresholds".to_string(), self.num_thresholds.write());
        config.insert("curve".to_string(), self.curve.word().into());
        config.insert("summation_method".to_string(), self.summation.word().into());
        config.insert("multi_label".to_string(), self.multi_label.into());
        config.insert("num_labels".to_string(), self.num_labels.write());
        config.insert("label_weights".to_string(), self.label_weights.write());
        config.insert("from_logits".to_string(), self.from_logits.into());
        if let Some(given) = &self.given {
            config.insert("thresholds".to_string(), given.write());
        }
        config
    }
}
