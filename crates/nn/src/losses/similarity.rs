//! Losses of angles between vectors.

use super::common::prelude::*;
use crate::activations::softplus;

/// [`cosine_similarity_with`] the last axis.
///
/// # Errors
/// Where shapes differ by more than a last axis of size 1.
///
/// ```
/// use rhyton_nn::losses::cosine_similarity;
/// use rhyton_tensor::Tensor;
/// let loss = cosine_similarity(&Tensor::from([[2.0f32, 0.0]]), &Tensor::from([[3.0f32, 0.0]])).unwrap();
/// assert_eq!(loss.to_vec::<f32>().unwrap(), [-1.0]);
/// ```
pub fn cosine_similarity(y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
    cosine_similarity_with(y_true, y_pred, -1)
}

/// `-Σ u v` over an axis, with `u` and `v` the targets and predictions scaled to length 1: -1 where they point the same
/// way, 0 where they are at right angles. (The metric of this name has the other sign.)
///
/// # Errors
/// Where shapes differ by more than a last axis of size 1, or there is no such axis.
pub fn cosine_similarity_with(y_true: &Tensor, y_pred: &Tensor, axis: isize) -> Result<Tensor> {
    let (y_true, y_pred) = paired(y_true, y_pred)?;
    let product = ops::multiply(&unit_length(&y_true, axis)?, &unit_length(&y_pred, axis)?)?;
    ops::negative(&ops::sum(&product, axis)?)
}

/// [`circle_with`] the predictions as references, without the diagonal, `gamma` 80 and `margin` 0.4.
///
/// # Errors
/// Where there is not one label per prediction.
pub fn circle(y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
    circle_with(y_true, y_pred, None, true, 80.0, 0.4)
}

/// What stands for "none of these" among exponents.
const NOTHING: f64 = -1e30;

/// The circle loss of embeddings of length 1, for labels that are class numbers. With `m` the margin, `d` the distances
/// `max(1 - y_pred · reference, 0)`, `P` the references of the same class and `N` the others:
///
/// ```text
/// p = log Σ_P exp(-γ (m + d) (m - d))
/// n = log Σ_N exp(γ max(1 + m - d, 0) (1 - m - d))
/// loss = softplus(p + n)
/// ```
///
/// The references are other embeddings with their labels, or the predictions themselves; in that case a prediction is
/// left out of its own references where `remove_diagonal` says so.
///
/// # Errors
/// Where there is not one label per embedding, or the embeddings have different sizes.
///
/// Source: Sun et al. 2020, "Circle loss: a unified perspective of pair similarity optimization"; Keras's
/// losses/losses.py.
pub fn circle_with(
    y_true: &Tensor,
    y_pred: &Tensor,
    references: Option<(&Tensor, &Tensor)>,
    remove_diagonal: bool,
    gamma: f64,
    margin: f64,
) -> Result<Tensor> {
    let y_pred = ops::cast(y_pred, y_pred.dtype().to_float())?;
    let (labels, embeddings) = references.unwrap_or((y_true, &y_pred));
    let (own, others) = (column(y_true, &y_pred)?, column(labels, embeddings)?);
    let embeddings = ops::cast(embeddings, y_pred.dtype())?;
    let cosines = ops::matmul(&y_pred, &ops::transpose(&embeddings, None)?)?;
    let distances = ops::relu(&minus(1.0, &cosines)?)?;
    let same = ops::equal(&own, &ops::transpose(&others, None)?)?;
    let negative = ops::logical_not(&same)?;
    let positive = match remove_diagonal {
        true => ops::logical_and(&same, &ops::logical_not(&is_diagonal(own.len(), others.len())?)?)?,
        false => same,
    };
    let total = |chosen: &Tensor, exponents: &Tensor| {
        ops::logsumexp(&ops::r#where(chosen, exponents, &like(exponents, NOTHING)?)?, 1)
    };
    let far = ops::multiply(&plus(&distances, margin)?, &minus(margin, &distances)?)?;
    let near =
        ops::multiply(&ops::relu(&minus(1.0 + margin, &distances)?)?, &minus(1.0 - margin, &distances)?)?;
    let p = total(&positive, &times(&far, -gamma)?)?;
    let n = total(&negative, &times(&near, gamma)?)?;
    softplus(&ops::add(&p, &n)?)
}

/// Labels as a column of integers, one per embedding.
fn column(labels: &Tensor, embeddings: &Tensor) -> Result<Tensor> {
    if embeddings.rank() != 2 || labels.len() != embeddings.shape()[0] {
        let hint = "; expected embeddings of shape (n, size) and one class number for each";
        return Err(shapes_differ(labels, embeddings, hint));
    }
    ops::reshape(&ops::cast(labels, DType::I32)?, [labels.len(), 1])
}

losses! {
    /// Minus the cosine of the angle between targets and predictions; see [`cosine_similarity_with`]. The axis is the
    /// last by default.
    ///
    /// # Errors
    /// Where shapes differ by more than a last axis of size 1, or there is no such axis.
    CosineSimilarity "CosineSimilarity" "cosine_similarity" {
        /// The axis of the vectors.
        axis(isize): isize = -1;
    } any, |loss, t, p| cosine_similarity_with(t, p, loss.axis);
}

/// The loss of embeddings by pairs of the same and of other classes; see [`circle_with`].
///
/// Defaults: `gamma` 80, `margin` 0.4, no embedding among its own references. Embeddings whose loss is 0 do not count
/// in the mean.
///
/// # Errors
/// Where there is not one label per embedding.
///
/// ```
/// use rhyton_nn::losses::{Circle, compute};
/// use rhyton_tensor::Tensor;
/// let labels = Tensor::from([0, 0, 1]);
/// let near = Tensor::from([[1.0f32, 0.0], [1.0, 0.0], [0.0, 1.0]]);
/// let far = Tensor::from([[1.0f32, 0.0], [0.0, 1.0], [1.0, 0.0]]);
/// let loss = |x| compute(&Circle::new(), &labels, x, None).unwrap().item::<f32>().unwrap();
/// assert!(loss(&near) < loss(&far));
/// ```
#[derive(Clone, Debug)]
pub struct Circle {
    common: Common,
    gamma: f64,
    margin: f64,
    remove_diagonal: bool,
}

impl Default for Circle {
    fn default() -> Circle {
        Circle { common: Common::new("circle"), gamma: 80.0, margin: 0.4, remove_diagonal: true }
    }
}

impl Circle {
    super::common::loss_methods!(Circle);

    /// The scale of the exponents.
    #[must_use]
    pub fn gamma(self, gamma: f64) -> Circle {
        Circle { gamma, ..self }
    }

    /// How far apart classes are to be.
    #[must_use]
    pub fn margin(self, margin: f64) -> Circle {
        Circle { margin, ..self }
    }

    /// Whether an embedding is left out of its own references.
    #[must_use]
    pub fn remove_diagonal(self, remove_diagonal: bool) -> Circle {
        Circle { remove_diagonal, ..self }
    }

    pub(crate) fn from_config(config: &Config) -> Result<Circle> {
        let mut a = Arguments::new("Circle", config);
        let new = Circle {
            common: Common::read(&mut a, "Circle", "circle")?,
            gamma: a.number("gamma", 80.0)?,
            margin: a.number("margin", 0.4)?,
            remove_diagonal: a.flag("remove_diagonal", true)?,
        };
        a.finish()?;
        Ok(new)
    }
}

impl Loss for Circle {
    fn name(&self) -> &str {
        &self.common.name
    }

    fn call(&self, y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
        finite("gamma", &self.gamma)?;
        finite("margin", &self.margin)?;
        circle_with(y_true, y_pred, None, self.remove_diagonal, self.gamma, self.margin)
    }

    fn mask(&self, y_true: &Tensor, y_pred: &Tensor) -> Result<Option<Tensor>> {
        let values = rhyton_tensor::no_gradient(|| self.call(y_true, y_pred))?;
        ops::greater(&values, &like(&values, 0.0)?).map(Some)
    }

    fn reduction(&self) -> Reduction {
        self.common.reduction
    }

    fn dtype(&self) -> Option<DType> {
        self.common.dtype
    }

    fn class_name(&self) -> &'static str {
        "Circle"
    }

    fn config(&self) -> Config {
        let mut config = self.common.config();
        config.insert("gamma".to_string(), self.gamma.into());
        config.insert("margin".to_string(), self.margin.into());
        config.insert("remove_diagonal".to_string(), self.remove_diagonal.into());
        config
    }
}
