//! Losses of overlap, for pictures cut into parts.

use super::common::prelude::*;
use serde_json::Value;

/// The axes that are summed over: all by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Over(Option<Vec<isize>>);

impl From<isize> for Over {
    fn from(axis: isize) -> Over {
        Over(Some(vec![axis]))
    }
}

impl<const N: usize> From<[isize; N]> for Over {
    fn from(axes: [isize; N]) -> Over {
        Over(Some(axes.to_vec()))
    }
}

impl From<&Over> for Axes {
    fn from(over: &Over) -> Axes {
        over.0.as_deref().map_or(Axes::from(..), Axes::from)
    }
}

impl Argument for Over {
    fn read(a: &mut Arguments<'_>, name: &'static str, default: Over) -> Result<Over> {
        let axes = |v: &Value| match v {
            Value::Array(axes) => axes.iter().map(|v| v.as_i64().map(|n| n as isize)).collect(),
            one => one.as_i64().map(|n| vec![n as isize]),
        };
        Ok(a.read(name, "an axis or a list of axes", axes)?.map_or(default, |axes| Over(Some(axes))))
    }

    fn write(&self) -> Value {
        match self.0.as_deref() {
            Some([axis]) => Value::from(*axis),
            axes => Value::from(axes),
        }
    }
}

/// `1 - 2 Σ y_true y_pred / (Σ y_true + Σ y_pred + ε)` over axes, or all elements.
///
/// # Errors
/// Where shapes differ by more than a last axis of size 1, or there is no such axis.
///
/// ```
/// use rhyton_nn::losses::dice;
/// use rhyton_tensor::Tensor;
/// let loss = dice(&Tensor::from([[1.0f32, 0.0]]), &Tensor::from([[0.5f32, 0.5]]), ..).unwrap();
/// assert!((loss.item::<f32>().unwrap() - 0.5).abs() < 1e-6);
/// ```
pub fn dice(y_true: &Tensor, y_pred: &Tensor, axes: impl Into<Axes>) -> Result<Tensor> {
    let (y_true, y_pred) = paired(y_true, y_pred)?;
    let axes = axes.into();
    let sum = |x: &Tensor| ops::sum(x, axes.clone());
    let both = sum(&ops::multiply(&y_true, &y_pred)?)?;
    let all = plus(&ops::add(&sum(&y_true)?, &sum(&y_pred)?)?, crate::config::epsilon())?;
    minus(1.0, &ops::divide(&times(&both, 2.0)?, &all)?)
}

/// `1 - i / (i + α a + β b + ε)` over axes, or all elements, with `i = Σ y_true y_pred`, `a = Σ y_true (1 - y_pred)` and
/// `b = Σ (1 - y_true) y_pred`.
///
/// # Errors
/// Where shapes differ by more than a last axis of size 1, or there is no such axis.
///
/// Source: Salehi et al. 2017, "Tversky loss function for image segmentation using 3D fully convolutional deep
/// networks"; Keras's losses/losses.py.
pub fn tversky(
    y_true: &Tensor,
    y_pred: &Tensor,
    alpha: f64,
    beta: f64,
    axes: impl Into<Axes>,
) -> Result<Tensor> {
    let (y_true, y_pred) = paired(y_true, y_pred)?;
    let axes = axes.into();
    let shared = |a: &Tensor, b: &Tensor| ops::sum(&ops::multiply(a, b)?, axes.clone());
    let both = shared(&y_true, &y_pred)?;
    let missed = shared(&minus(1.0, &y_pred)?, &y_true)?;
    let added = shared(&y_pred, &minus(1.0, &y_true)?)?;
    let all = ops::add(&ops::add(&both, &times(&missed, alpha)?)?, &times(&added, beta)?)?;
    minus(1.0, &ops::divide(&both, &plus(&all, crate::config::epsilon())?)?)
}

losses! {
    /// How little targets and predictions overlap; see [`dice`]. Summed over all axes by default.
    ///
    /// # Errors
    /// Where shapes differ by more than a last axis of size 1, or there is no such axis.
    ///
    /// ```
    /// use rhyton_nn::losses::{Dice, compute};
    /// use rhyton_tensor::Tensor;
    /// let (y_true, y_pred) = (Tensor::from([[1.0f32, 0.0], [0.0, 1.0]]), Tensor::from([[1.0f32, 0.0], [1.0, 0.0]]));
    /// let loss = compute(&Dice::new().axis(1), &y_true, &y_pred, None).unwrap();
    /// assert!((loss.item::<f32>().unwrap() - 0.5).abs() < 1e-6);
    /// ```
    Dice "Dice" "dice" {
        /// The axis or axes that are summed over.
        axis(impl Into<Over>): Over = Over::default();
    } any, |loss, t, p| dice(t, p, &loss.axis);
    /// How little targets and predictions overlap, with weights for what is missed and what is added; see
    /// [`tversky`]. Defaults: 0.5 and 0.5, summed over all axes.
    ///
    /// # Errors
    /// Where shapes differ by more than a last axis of size 1, or there is no such axis.
    Tversky "Tversky" "tversky" {
        /// The weight of what is in the targets alone.
        alpha(f64): f64 = 0.5;
        /// The weight of what is in the predictions alone.
        beta(f64): f64 = 0.5;
        /// The axis or axes that are summed over.
        axis(impl Into<Over>): Over = Over::default();
    } any, |loss, t, p| tversky(t, p, loss.alpha, loss.beta, &loss.axis);
}
