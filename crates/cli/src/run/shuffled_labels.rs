//! A network learns anything by heart, also labels that have nothing to do with the pictures.

use super::figures::{figure, training_curves};
use super::{Cx, digits};
use rhyton::prelude::*;
use rhyton::random::{Generator, next_seed};
use serde_json::json;

/// Trains on digits whose labels are shuffled.
pub fn run(cx: &Cx) -> Result<()> {
    let (x, y) = digits::all()?;
    let mut labels = y.to_vec::<u8>()?;
    Generator::new(next_seed().into()).shuffle(&mut labels);
    let random_labels = Tensor::from_slice(&labels, [labels.len()])?;

    let mut model = digits::dense(&[512], cx.optimizer.as_deref().unwrap_or("rmsprop"))?;
    let history = model.fit(&x, &random_labels, cx.fit(100, 128).validation_split(0.2))?;

    let pictures = training_curves(cx, &history)?;
    let ends =
        |name: &str| (history[name].first().copied(), history[name].last().copied().unwrap_or(f64::NAN));
    let (first, loss) = ends("loss");
    let (_, accuracy) = ends("accuracy");
    let (_, val_accuracy) = ends("val_accuracy");
    let expected = format!("far below {:.2}, that of the first epoch", first.unwrap_or(f64::NAN));
    figure(cx, "training loss in the end", loss, &expected);
    figure(cx, "training accuracy in the end", accuracy, "far above 0.1");
    figure(cx, "validation accuracy in the end", val_accuracy, "near 0.1");
    cx.report.object(&json!({
        "loss": history["loss"], "accuracy": history["accuracy"], "val_accuracy": history["val_accuracy"],
        "last_loss": loss, "last_val_acc": val_accuracy, "pictures": pictures,
    }));
    Ok(())
}
