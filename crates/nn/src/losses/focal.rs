//! Crossentropies in which what is nearly right counts less, and the generalised one.

use super::common::prelude::*;
use super::crossentropy::{as_floats, check_smoothing, clipped, smooth};
use super::sparse::{class_numbers, picked};
use crate::activations::{sigmoid, softmax_with};
use rhyton_base::normalize_axis;
use serde_json::Value;

/// A number for all classes, or one for each.
#[derive(Clone, Debug, PartialEq)]
pub struct PerClass(Vec<f64>);

impl From<f64> for PerClass {
    fn from(number: f64) -> PerClass {
        PerClass(vec![number])
    }
}

impl<const N: usize> From<[f64; N]> for PerClass {
    fn from(numbers: [f64; N]) -> PerClass {
        PerClass(numbers.to_vec())
    }
}

impl From<Vec<f64>> for PerClass {
    fn from(numbers: Vec<f64>) -> PerClass {
        PerClass(numbers)
    }
}

impl Argument for PerClass {
    fn read(a: &mut Arguments<'_>, name: &'static str, default: PerClass) -> Result<PerClass> {
        let numbers = |v: &Value| match v {
            Value::Array(list) => list.iter().map(Value::as_f64).collect(),
            one => one.as_f64().map(|n| vec![n]),
        };
        Ok(a.read(name, "a number or a list of numbers", numbers)?.map_or(default, PerClass))
    }

    fn write(&self) -> Value {
        match self.0.as_slice() {
            [one] => Value::from(*one),
            list => Value::from(list),
        }
    }

    fn not_finite(&self) -> Option<f64> {
        self.0.not_finite()
    }
}

/// The arguments of [`binary_focal_crossentropy`], with Keras's defaults: no class balancing, `alpha` 0.25, `gamma` 2,
/// probabilities, no smoothing, the mean over the last axis.
#[derive(Clone, Debug)]
pub struct BinaryFocal {
    /// Whether `alpha` is used.
    pub apply_class_balancing: bool,
    /// The weight of yes; that of no is `1 - alpha`.
    pub alpha: f64,
    /// How much less counts what is nearly right.
    pub gamma: f64,
    /// Whether predictions are logits instead of probabilities.
    pub from_logits: bool,
    /// How far targets are moved towards even probabilities, from 0 to 1.
    pub label_smoothing: f64,
    /// The axis of the mean.
    pub axis: isize,
}

impl Default for BinaryFocal {
    fn default() -> BinaryFocal {
        BinaryFocal {
            apply_class_balancing: false,
            alpha: 0.25,
            gamma: 2.0,
            from_logits: false,
            label_smoothing: 0.0,
            axis: -1,
        }
    }
}

/// The mean over an axis of `(1 - q)^γ` times the binary crossentropy, where `q = y p + (1 - y) (1 - p)` is the
/// probability given to what was right; times `α y + (1 - α) (1 - y)` with class balancing.
///
/// # Errors
/// Where shapes differ or the smoothing is outside `[0, 1]`.
///
/// Source: Lin et al. 2018, "Focal loss for dense object detection"; Keras's losses/losses.py.
///
/// ```
/// use rhyton_nn::losses::{BinaryFocal, binary_focal_crossentropy};
/// use rhyton_tensor::Tensor;
/// let (y_true, y_pred) = (Tensor::from([[1.0f32]]), Tensor::from([[0.5f32]]));
/// let loss = binary_focal_crossentropy(&y_true, &y_pred, &BinaryFocal::default()).unwrap();
/// assert_eq!(loss.to_vec::<f32>().unwrap(), [0.25 * 2.0f32.ln()]);
/// ```
pub fn binary_focal_crossentropy(
    y_true: &Tensor,
    y_pred: &Tensor,
    arguments: &BinaryFocal,
) -> Result<Tensor> {
    let BinaryFocal { apply_class_balancing, alpha, gamma, from_logits, label_smoothing, axis } = *arguments;
    check_smoothing(label_smoothing)?;
    let (mut y, mut p) = as_floats(y_true, y_pred)?;
    check_same_shape(&y, &p)?;
    if label_smoothing != 0.0 {
        y = smooth(&y, label_smoothing, 0.5 * label_smoothing)?;
    }
    if from_logits {
        p = sigmoid(&p)?;
    }
    let no = minus(1.0, &y)?;
    let crossentropy = ops::binary_crossentropy(&y, &p, false)?;
    let right = ops::add(&ops::multiply(&y, &p)?, &ops::multiply(&no, &minus(1.0, &p)?)?)?;
    let wrong = minus(1.0, &right)?;
    let mut values = ops::multiply(&ops::power(&wrong, &like(&wrong, gamma)?)?, &crossentropy)?;
    if apply_class_balancing {
        let weight = ops::add(&times(&y, alpha)?, &times(&no, 1.0 - alpha)?)?;
        values = ops::multiply(&weight, &values)?;
    }
    mean_over(&values, axis)
}

/// The arguments of [`categorical_focal_crossentropy`], with Keras's defaults: `alpha` 0.25, `gamma` 2, probabilities, no
/// smoothing, classes along the last axis.
#[derive(Clone, Debug)]
pub struct CategoricalFocal {
    /// The weight of all classes, or of each.
    pub alpha: PerClass,
    /// How much less counts what is nearly right.
    pub gamma: f64,
    /// Whether predictions are logits instead of probabilities.
    pub from_logits: bool,
    /// How far targets are moved towards even probabilities, from 0 to 1.
    pub label_smoothing: f64,
    /// The axis of the classes.
    pub axis: isize,
}

impl Default for CategoricalFocal {
    fn default() -> CategoricalFocal {
        CategoricalFocal {
            alpha: 0.25.into(),
            gamma: 2.0,
            from_logits: false,
            label_smoothing: 0.0,
            axis: -1,
        }
    }
}

/// `-Σ α (1 - p)^γ y log(p)` over the axis of the classes, where `p` is the predictions (or their softmax) divided by
/// their sum and clipped to `[ε, 1 - ε]`. With one `α` for each class they lie along the last axis.
///
/// # Errors
/// Where shapes differ, there is no such axis, or the smoothing is outside `[0, 1]`.
///
/// Source: Lin et al. 2018, "Focal loss for dense object detection"; Keras's losses/losses.py.
pub fn categorical_focal_crossentropy(
    y_true: &Tensor,
    y_pred: &Tensor,
    arguments: &CategoricalFocal,
) -> Result<Tensor> {
    let CategoricalFocal { alpha, gamma, from_logits, label_smoothing, axis } = arguments;
    check_smoothing(*label_smoothing)?;
    let (mut y, mut x) = as_floats(y_true, y_pred)?;
    check_same_shape(&y, &x)?;
    let classes = y.shape().get(normalize_axis(*axis, x.rank())?).copied().unwrap_or(1);
    if *label_smoothing != 0.0 {
        y = smooth(&y, *label_smoothing, label_smoothing / classes.max(1) as f64)?;
    }
    if *from_logits {
        x = softmax_with(&x, *axis)?;
    }
    let p = clipped(&ops::divide(&x, &ops::sum(&x, Axes::from(*axis).keepdims())?)?)?;
    let crossentropy = ops::multiply(&ops::negative(&y)?, &ops::log(&p)?)?;
    let wrong = minus(1.0, &p)?;
    let modulating = ops::power(&wrong, &like(&wrong, *gamma)?)?;
    let weight = match alpha.0.as_slice() {
        [one] => times(&modulating, *one)?,
        list if x.shape().last() == Some(&list.len()) => {
            ops::multiply(&modulating, &ops::cast(&Tensor::from(list.to_vec()), x.dtype())?)?
        }
        list => {
            let (got, last) = (list.len(), x.shape().last().copied().unwrap_or(1));
            return Err(Error::value(format!("expected one alpha or {last}, one a class, got {got}")));
        }
    };
    ops::sum(&ops::multiply(&weight, &crossentropy)?, *axis)
}

/// An error unless `q` is between 0 and 1.
fn check_q(q: f64) -> Result<()> {
    if q > 0.0 && q < 1.0 { Ok(()) } else { Err(Error::value(format!("expected q in (0, 1), got {q}"))) }
}

/// `(1 - p^q) / q`, where `p` is the probability of the class that the target names.
///
/// # Errors
/// Where shapes do not fit or `q` is not between 0 and 1.
///
/// Source: Zhang and Sabuncu 2018, "Generalized cross entropy loss for training deep neural networks with noisy labels";
/// Keras's losses/losses.py.
///
/// ```
/// use rhyton_nn::losses::categorical_generalized_cross_entropy;
/// use rhyton_tensor::Tensor;
/// let (y_true, y_pred) = (Tensor::from([1]), Tensor::from([[0.75f32, 0.25]]));
/// let loss = categorical_generalized_cross_entropy(&y_true, &y_pred, 0.5).unwrap();
/// assert_eq!(loss.to_vec::<f32>().unwrap(), [1.0]);
/// ```
pub fn categorical_generalized_cross_entropy(y_true: &Tensor, y_pred: &Tensor, q: f64) -> Result<Tensor> {
    check_q(q)?;
    let x = ops::cast(y_pred, y_pred.dtype().to_float())?;
    let axis = normalize_axis(-1, x.rank())?;
    let p = picked(&x, &class_numbers(y_true, &x, axis)?, axis)?;
    times(&minus(1.0, &ops::power(&p, &like(&p, q)?)?)?, 1.0 / q)
}

losses! {
    /// Binary crossentropy in which what is nearly right counts less; see [`binary_focal_crossentropy`].
    ///
    /// # Errors
    /// Where shapes differ by more than a last axis of size 1, or the smoothing is outside `[0, 1]`.
    BinaryFocalCrossentropy "BinaryFocalCrossentropy" "binary_focal_crossentropy" {
        /// Whether `alpha` is used.
        apply_class_balancing(bool): bool = false;
        /// The weight of yes; that of no is `1 - alpha`.
        alpha(f64): f64 = 0.25;
        /// How much less counts what is nearly right.
        gamma(f64): f64 = 2.0;
        /// Whether predictions are logits instead of probabilities.
        from_logits(bool): bool = false;
        /// How far targets are moved towards even probabilities, from 0 to 1.
        label_smoothing(f64): f64 = 0.0;
        /// The axis of the mean.
        axis(isize): isize = -1;
    } |loss| check_smoothing(loss.label_smoothing), |loss, t, p| {
        let &BinaryFocalCrossentropy {
            apply_class_balancing, alpha, gamma, from_logits, label_smoothing, axis, ..
        } = loss;
        let arguments =
            BinaryFocal { apply_class_balancing, alpha, gamma, from_logits, label_smoothing, axis };
        binary_focal_crossentropy(t, p, &arguments)
    };
    /// Categorical crossentropy in which what is nearly right counts less; see [`categorical_focal_crossentropy`].
    ///
    /// # Errors
    /// Where shapes differ, or the smoothing is outside `[0, 1]`.
    CategoricalFocalCrossentropy "CategoricalFocalCrossentropy" "categorical_focal_crossentropy" {
        /// The weight of all classes, or of each.
        alpha(impl Into<PerClass>): PerClass = 0.25.into();
        /// How much less counts what is nearly right.
        gamma(f64): f64 = 2.0;
        /// Whether predictions are logits instead of probabilities.
        from_logits(bool): bool = false;
        /// How far targets are moved towards even probabilities, from 0 to 1.
        label_smoothing(f64): f64 = 0.0;
        /// The axis of the classes.
        axis(isize): isize = -1;
    } |loss| check_smoothing(loss.label_smoothing), |loss, t, p| {
        let CategoricalFocalCrossentropy { alpha, gamma, from_logits, label_smoothing, axis, .. } =
            loss.clone();
        let arguments = CategoricalFocal { alpha, gamma, from_logits, label_smoothing, axis };
        categorical_focal_crossentropy(t, p, &arguments)
    };
    /// Between crossentropy and absolute error, for labels that may be wrong; see
    /// [`categorical_generalized_cross_entropy`]. `q` is 0.5 by default.
    ///
    /// # Errors
    /// Where shapes do not fit, or `q` is not between 0 and 1.
    CategoricalGeneralizedCrossEntropy "CategoricalGeneralizedCrossEntropy"
            "categorical_generalized_cross_entropy" {
        /// Near 0 this is crossentropy, near 1 absolute error.
        q(f64): f64 = 0.5;
    } |loss| check_q(loss.q), |loss, t, p| categorical_generalized_cross_entropy(t, p, loss.q);
}
