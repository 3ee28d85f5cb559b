//! Stop when validation no longer improves, and take the best weights back.

use super::{Cx, digits};
use rhyton::callbacks::EarlyStopping;
use rhyton::prelude::*;
use serde_json::json;

/// Trains far too long, if nothing stopped it; then draws both losses.
pub fn run(cx: &Cx) -> Result<()> {
    let data = digits::Digits::load()?;
    let (x_val, y_val) = &data.validation;
    let mut model = Sequential::new();
    model.add(Dense::new(512).activation("relu"));
    model.add(Dense::new(10).activation("softmax"));
    model.compile("rmsprop", "sparse_categorical_crossentropy", ["accuracy"])?;

    let verbose = usize::from(!cx.report.is_json());
    let stop = EarlyStopping::new().patience(3).restore_best_weights(true).verbose(verbose);
    let fit = cx.fit(100, 128).validation_data((x_val, y_val)).callback(stop);
    let history = model.fit(&data.train.0, &data.train.1, fit)?;

    let losses = &history["val_loss"];
    let best = (0..losses.len()).min_by(|&a, &b| losses[a].total_cmp(&losses[b])).unwrap_or(0);
    let after = model.evaluate_with(x_val, y_val, Evaluate::new().batch_size(128).verbose(0))?;
    let test = model.evaluate_with(&data.test.0, &data.test.1, Evaluate::new().verbose(0))?;
    cx.report.line(format!(
        "{} epochs; the best was epoch {} with a validation loss of {:.4}; the model now has {:.4}",
        losses.len(),
        best + 1,
        losses[best],
        after.loss()
    ));
    cx.report.line(format!("on the test digits: {test}"));

    let plot = history.plot("loss")?.dots("Weights kept", &[losses[best]]).x(&[best as f64 + 1.0]);
    let picture = cx.picture(&plot, "losses.png")?;
    cx.report.object(&json!({
        "loss": history["loss"], "val_loss": losses, "best_epoch": best + 1, "restored_val_loss": after.loss(),
        "test_acc": test["accuracy"], "picture": picture,
    }));
    Ok(())
}
