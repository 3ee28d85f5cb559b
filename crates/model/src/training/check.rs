//! What is wrong with data, said before training begins.

use crate::sequential::Sequential;
use rhyton_base::{DType, Dim, Error, Result, Shape};
use rhyton_nn::losses::Loss;
use rhyton_tensor::{Tensor, ops};

/// The shape of a batch as the model takes it: an axis of size 1 at the end is added or taken away where the
/// rank asks for it.
pub(crate) fn adjust_rank(expected: &Shape, got: &Shape) -> Result<Shape> {
    let last = |s: &Shape| s.dims().last().copied();
    let adjusted = if got.rank() + 1 == expected.rank() && last(expected) == Some(Dim::Known(1)) {
        got.with_axis(got.rank(), 1usize)
    } else if got.rank() == expected.rank() + 1 && last(got) == Some(Dim::Known(1)) {
        got.dims()[..expected.rank()].iter().copied().collect()
    } else {
        got.clone()
    };
    // The batch may be of any size, whatever size the model has been described with.
    let same_rank = adjusted.rank() == expected.rank();
    let sizes = adjusted.dims().iter().zip(expected.dims()).skip(1).all(|(a, b)| a.fits(*b));
    if same_rank && sizes {
        return Ok(adjusted);
    }
    Err(Error::shape(format!(
        "expected an input of shape {}, got {got}; the first axis is the batch",
        expected.without_batch().with_axis(0, Dim::Unknown)
    )))
}

/// The number of samples that all arrays have.
pub(super) fn samples(arrays: &[(&str, &Tensor)]) -> Result<usize> {
    let mut counts = Vec::new();
    for (name, x) in arrays {
        match x.shape().first() {
            Some(&n) => counts.push((*name, n)),
            None => {
                return Err(Error::shape(format!("{name} is a scalar; its first axis must be the samples")));
            }
        }
    }
    let n = counts[0].1;
    if counts.iter().any(|c| c.1 != n) {
        // `x has 1000 samples, y has 999`.
        let mut all: Vec<String> = counts.iter().map(|(name, n)| format!("{name} has {n}")).collect();
        all[0].push_str(" samples");
        return Err(Error::shape(all.join(", ")));
    }
    match n {
        0 => Err(Error::value(format!("{} has no samples", counts[0].0))),
        n => Ok(n),
    }
}

/// The size of a batch, which must be at least 1.
pub(super) fn batch_size(size: Option<usize>, otherwise: usize) -> Result<usize> {
    match size.unwrap_or(otherwise) {
        0 => Err(Error::value("expected a batch size of at least 1, got 0")),
        n => Ok(n),
    }
}

impl Sequential {
    /// Builds the model for `x` where it is not built, and returns the shape of its output, or what does not
    /// fit. The layer that refuses the data is named.
    pub(super) fn fit_shapes(&self, x: &Tensor) -> Result<Shape> {
        let shape = Shape::from(x.shape()).without_batch().with_axis(0, Dim::Unknown);
        self.build_for(&shape)?;
        let expected = self.input_shape().unwrap_or_default();
        match adjust_rank(&expected, &shape) {
            Ok(shape) => self.shape_after(&shape),
            // A layer knows better than the model what to do about it.
            Err(e) => self.shape_after(&shape).and(Err(e.at(self.who()))),
        }
    }
}

/// What is wrong with targets for this loss, where that can be told without computing it.
pub(super) fn targets(loss: &dyn Loss, y: &Tensor, y_pred: &Shape) -> Result<()> {
    let name = loss.name();
    let got = Shape::from(y.shape()).without_batch();
    let out = y_pred.without_batch();
    match loss.class_name() {
        "SparseCategoricalCrossentropy" => {
            let classes = y_pred.last()?.known();
            let labels: Shape = out.dims()[..out.rank().saturating_sub(1)].iter().copied().collect();
            let column = labels.with_axis(labels.rank(), 1usize);
            if !got.fits(&labels) && !got.fits(&column) {
                let one_hot = got.fits(&out) && classes != Some(1);
                return Err(Error::shape(format!(
                    "y has shape {}, the model's output {y_pred}; loss {name:?} takes one label a sample{}",
                    Shape::from(y.shape()),
                    if one_hot { "; use \"categorical_crossentropy\" for one-hot targets" } else { "" }
                )));
            }
            match classes {
                Some(classes) => labels_in_range(loss, y, classes),
                None => Ok(()),
            }
        }
        "CategoricalCrossentropy"
        | "CategoricalFocalCrossentropy"
        | "BinaryCrossentropy"
        | "BinaryFocalCrossentropy" => {
            // A vector of numbers stands for a column of them.
            let column = out.rank() == got.rank() + 1 && out.last()? == Dim::Known(1);
            let row = got.rank() == out.rank() + 1 && got.last()? == Dim::Known(1);
            if got.fits(&out) || column || row {
                return Ok(());
            }
            let labels = got.rank() + 1 == out.rank() || got.last().is_ok_and(|d| d == Dim::Known(1));
            let categorical = loss.class_name().starts_with("Categorical");
            Err(Error::shape(format!(
                "y has shape {}, the model's output {y_pred}; loss {name:?} takes targets of the output's shape{}",
                Shape::from(y.shape()),
                match labels && categorical {
                    true => "; use \"sparse_categorical_crossentropy\" for integer labels",
                    false => "",
                }
            )))
        }
        _ => Ok(()),
    }
}

/// Every label must be a class: the first that is not is named.
fn labels_in_range(loss: &dyn Loss, y: &Tensor, classes: usize) -> Result<()> {
    let ignored = loss.config().get("ignore_class").and_then(serde_json::Value::as_i64);
    let each = y.len() / y.shape()[0].max(1);
    // Whole numbers too large for `i64` are out of range in any case.
    let labels = match y.dtype() {
        DType::I64 => y.to_vec::<i64>()?,
        _ => ops::cast(y, DType::I64)?.to_vec::<i64>()?,
    };
    let wrong = labels.iter().position(|&l| !(0..classes as i64).contains(&l) && Some(l) != ignored);
    match wrong {
        None => Ok(()),
        Some(at) => Err(Error::value(format!(
            "y: label {} in row {} is not one of the {classes} classes of the model's output (0 to {}); give the last \
             layer more units or correct the label",
            labels[at],
            at / each.max(1),
            classes.saturating_sub(1)
        ))),
    }
}
