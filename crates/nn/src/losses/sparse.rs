//! Crossentropy for targets that are class numbers.

use super::common::{Common, loss_methods};
use super::{Loss, Reduction};
use crate::arguments::Arguments;
use crate::numbers::like;
use crate::spec::Config;
use rhyton_base::{DType, Error, Result, Shape, normalize_axis};
use rhyton_tensor::{Tensor, ops};
use serde_json::Value;

/// [`sparse_categorical_crossentropy_with`] probabilities, every class, and classes along the last axis.
///
/// # Errors
/// Where shapes do not fit.
///
/// ```
/// use rhyton_nn::losses::sparse_categorical_crossentropy;
/// use rhyton_tensor::Tensor;
/// let (y_true, y_pred) = (Tensor::from([1]), Tensor::from([[0.75f32, 0.25]]));
/// let loss = sparse_categorical_crossentropy(&y_true, &y_pred).unwrap();
/// assert_eq!(loss.to_vec::<f32>().unwrap(), [4.0f32.ln()]);
/// ```
pub fn sparse_categorical_crossentropy(y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
    sparse_categorical_crossentropy_with(y_true, y_pred, false, None, -1)
}

/// `-log(p[y])`, where `p` is the predictions divided by their sum over the classes and clipped to `[ε, 1 - ε]`, or
/// their softmax where they are logits, and `y` is the class number; 0 where `y` is the class to ignore. Predictions that come
/// straight from a softmax over the classes remember their logits ([`Tensor::logits`]), which are used instead (but with a
/// class to ignore): nothing is clipped, and training goes on where probabilities have become 0.
///
/// Targets have the shape of the predictions without the axis of the classes, or with size 1 there. A class number
/// outside `0..classes` is a mistake that cannot be noticed here: it costs `-log(ε)` with probabilities and nothing
/// with logits, and has no gradient.
///
/// # Errors
/// Where shapes do not fit or there is no such axis.
///
/// Source: Keras's losses/losses.py, backend/jax/nn.py, and `_get_logits` in backend/tensorflow/nn.py. (With TensorFlow, Keras clips before it divides.)
pub fn sparse_categorical_crossentropy_with(
    y_true: &Tensor,
    y_pred: &Tensor,
    from_logits: bool,
    ignore_class: Option<i64>,
    axis: isize,
) -> Result<Tensor> {
    let mut x = ops::cast(y_pred, y_pred.dtype().to_float())?;
    let axis = normalize_axis(axis, x.rank())?;
    let place = axis as isize;
    let mut labels = class_numbers(y_true, &x, axis)?;
    let zero = like(&x, 0.0)?;
    let valid = ignore_class.map(|c| is_valid(&labels, c)).transpose()?;
    if let Some(valid) = &valid {
        labels = ops::r#where(valid, &labels, &like(&labels, 0.0)?)?;
        x = ops::r#where(&ops::expand_dims(valid, place)?, &x, &zero)?;
    }
    let losses = ops::sparse_categorical_crossentropy(&labels, &x, from_logits, place)?;
    match valid {
        Some(valid) => ops::r#where(&valid, &losses, &zero),
        None => Ok(losses),
    }
}

/// Where along the last axis of `x` the classes of integer labels are.
pub(crate) fn class_places(labels: &Tensor, x: &Tensor) -> Result<Tensor> {
    let labels = ops::cast(labels, DType::I32)?;
    places(&labels, x, normalize_axis(-1, x.rank())?)
}

fn places(labels: &Tensor, x: &Tensor, axis: usize) -> Result<Tensor> {
    let mut shape = vec![1; x.rank()];
    shape[axis] = x.shape()[axis];
    let classes = ops::reshape(&ops::arange(x.shape()[axis], labels.dtype())?, shape)?;
    ops::equal(&classes, &ops::expand_dims(labels, axis as isize)?)
}

/// The prediction for the class of each target.
pub(super) fn picked(x: &Tensor, labels: &Tensor, axis: usize) -> Result<Tensor> {
    let chosen = places(labels, x, axis)?;
    ops::sum(&ops::r#where(&chosen, x, &like(x, 0.0)?)?, axis as isize)
}

/// The targets as integers, without an axis of classes of size 1.
pub(super) fn class_numbers(y_true: &Tensor, x: &Tensor, axis: usize) -> Result<Tensor> {
    let labels = if y_true.rank() == x.rank() && y_true.shape()[axis] == 1 && x.rank() > 0 {
        ops::squeeze(y_true, axis as isize)?
    } else {
        y_true.clone()
    };
    let mut expected = x.shape().to_vec();
    expected.remove(axis);
    if labels.shape() != expected {
        let hint = if y_true.shape() == x.shape() {
            "; for one-hot targets use categorical_crossentropy"
        } else {
            ""
        };
        return Err(Error::shape(format!(
            "y_true has shape {}, y_pred has shape {}; expected class numbers of shape {}{hint}",
            Shape::from(y_true.shape()),
            Shape::from(x.shape()),
            Shape::from(&expected)
        )));
    }
    ops::cast(&labels, DType::I32)
}

/// Where the class is another than the one to ignore.
fn is_valid(labels: &Tensor, ignore_class: i64) -> Result<Tensor> {
    ops::not_equal(labels, &ops::full([], ignore_class as f64, labels.dtype())?)
}

/// Crossentropy between class numbers and predictions with a probability per class; see
/// [`sparse_categorical_crossentropy_with`].
///
/// Defaults: probabilities and not logits, no class ignored, classes along the last axis. Ignored targets do not
/// count in the mean either.
///
/// # Errors
/// Where shapes do not fit.
///
/// ```
/// use rhyton_nn::losses::{SparseCategoricalCrossentropy, compute};
/// use rhyton_tensor::Tensor;
/// let loss = SparseCategoricalCrossentropy::new().from_logits(true).ignore_class(-1);
/// let (y_true, logits) = (Tensor::from([0, -1]), Tensor::from([[0.0f32, 0.0], [5.0, -5.0]]));
/// assert_eq!(compute(&loss, &y_true, &logits, None).unwrap().item::<f32>().unwrap(), 2.0f32.ln());
/// ```
#[derive(Clone, Debug)]
pub struct SparseCategoricalCrossentropy {
    common: Common,
    from_logits: bool,
    ignore_class: Option<i64>,
    axis: isize,
}

impl Default for SparseCategoricalCrossentropy {
    fn default() -> SparseCategoricalCrossentropy {
        SparseCategoricalCrossentropy {
            common: Common::new("sparse_categorical_crossentropy"),
            from_logits: false,
            ignore_class: None,
            axis: -1,
        }
    }
}

impl SparseCategoricalCrossentropy {
    loss_methods!(SparseCategoricalCrossentropy);

    /// Whether predictions are logits instead of probabilities.
    #[must_use]
    pub fn from_logits(self, from_logits: bool) -> SparseCategoricalCrossentropy {
        SparseCategoricalCrossentropy { from_logits, ..self }
    }

    /// The class number whose targets do not count.
    #[must_use]
    pub fn ignore_class(self, class: i64) -> SparseCategoricalCrossentropy {
        SparseCategoricalCrossentropy { ignore_class: Some(class), ..self }
    }

    /// The axis of the classes.
    #[must_use]
    pub fn axis(self, axis: isize) -> SparseCategoricalCrossentropy {
        SparseCategoricalCrossentropy { axis, ..self }
    }

    pub(crate) fn from_config(config: &Config) -> Result<SparseCategoricalCrossentropy> {
        let class = "SparseCategoricalCrossentropy";
        let mut a = Arguments::new(class, config);
        let new = SparseCategoricalCrossentropy {
            common: Common::read(&mut a, class, "sparse_categorical_crossentropy")?,
            from_logits: a.flag("from_logits", false)?,
            ignore_class: a.optional_integer("ignore_class")?,
            axis: a.optional_integer("axis")?.unwrap_or(-1) as isize,
        };
        a.finish()?;
        Ok(new)
    }
}

impl Loss for SparseCategoricalCrossentropy {
    fn name(&self) -> &str {
        &self.common.name
    }

    fn call(&self, y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
        let (logits, ignore) = (self.from_logits, self.ignore_class);
        sparse_categorical_crossentropy_with(y_true, y_pred, logits, ignore, self.axis)
    }

    fn mask(&self, y_true: &Tensor, y_pred: &Tensor) -> Result<Option<Tensor>> {
        let Some(class) = self.ignore_class else { return Ok(None) };
        let labels = class_numbers(y_true, y_pred, normalize_axis(self.axis, y_pred.rank())?)?;
        is_valid(&labels, class).map(Some)
    }

    fn reduction(&self) -> Reduction {
        self.common.reduction
    }

    fn dtype(&self) -> Option<DType> {
        self.common.dtype
    }

    fn class_name(&self) -> &'static str {
        "SparseCategoricalCrossentropy"
    }

    /// An axis of -1 is left out: Keras before 3.16 refuses it.
    fn config(&self) -> Config {
        let mut config = self.common.config();
        config.insert("from_logits".to_string(), Value::from(self.from_logits));
        config.insert("ignore_class".to_string(), Value::from(self.ignore_class));
        if self.axis != -1 {
            config.insert("axis".to_string(), Value::from(self.axis));
        }
        config
    }
}
