//! What is wrong with data, said before training begins.

use rhyton_base::{DType, Dim, Error, Result, Shape};
use rhyton_nn::losses::Loss;
use rhyton_tensor::{Tensor, ops};

/// The number of samples that all arrays have.
pub(super) fn samples(arrays: &[(String, &Tensor)]) -> Result<usize> {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for (name, x) in arrays {
        match x.shape().first() {
            Some(&n) => counts.push((name, n)),
            None => {
                return Err(Error::shape(format!("{name} is a scalar; its first axis must be the samples")));
            }
        }
    }
    let n = counts.first().ok_or_else(|| Error::value("expected data, got none"))?.1;
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

/// What is wrong with targets for this loss, where that can be told without computing it.
/// `who` is what errors call the targets, `output` what they call the output.
pub(super) fn targets(who: &str, output: &str, loss: &dyn Loss, y: &Tensor, y_pred: &Shape) -> Result<()> {
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
                    "{who} has shape {}, {output} {y_pred}; loss {name:?} takes one label a sample{}",
                    Shape::from(y.shape()),
                    if one_hot { "; use \"categorical_crossentropy\" for one-hot targets" } else { "" }
                )));
            }
            match classes {
                Some(classes) => labels_in_range(who, output, loss, y, classes),
                None => Ok(()),
            }
        }
        "CategoricalCrossentropy"
        | "CategoricalFocalCrossentropy"
        | "BinaryCrossentropy"
        | "BinaryFocalCrossentropy"
        | "MeanSquaredError"
        | "MeanAbsoluteError"
        | "MeanAbsolutePercentageError"
        | "MeanSquaredLogarithmicError"
        | "Huber"
        | "LogCosh" => {
            // A vector of numbers stands for a column of them.
            let column = out.rank() == got.rank() + 1 && out.last()? == Dim::Known(1);
            let row = got.rank() == out.rank() + 1 && got.last()? == Dim::Known(1);
            if got.fits(&out) || column || row {
                return Ok(());
            }
            let labels = got.rank() + 1 == out.rank() || got.last().is_ok_and(|d| d == Dim::Known(1));
            let categorical = loss.class_name().starts_with("Categorical");
            Err(Error::shape(format!(
                "{who} has shape {}, {output} {y_pred}; loss {name:?} takes targets of the output's shape{}",
                Shape::from(y.shape()),
                match labels && categorical {
                    true => "; use \"sparse_categorical_crossentropy\" for integer labels",
                    false => "; change the last layer's units or the targets",
                }
            )))
        }
        _ => Ok(()),
    }
}

/// Every label must be a class: the first that is not is named.
fn labels_in_range(who: &str, output: &str, loss: &dyn Loss, y: &Tensor, classes: usize) -> Result<()> {
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
            "{who}: label {} in row {} is not one of the {classes} classes of {output} (0 to {}); give the last \
             layer more units or correct the label",
            labels[at],
            at / each.max(1),
            classes.saturating_sub(1)
        ))),
    }
}
