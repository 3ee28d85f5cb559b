//! The callbacks that come along: when to stop, what to keep, how fast to learn, what to write down.

use super::{Cx, digits};
use rhyton::callbacks::{
    CSVLogger, EarlyStopping, LearningRateScheduler, ModelCheckpoint, ReduceLROnPlateau,
};
use rhyton::prelude::*;
use serde_json::json;

fn compiled_model() -> Result<Sequential> {
    let mut model = Sequential::new();
    model.add(Input::new([28 * 28]));
    model.add(Dense::new(512).activation("relu"));
    model.add(Dropout::new(0.5));
    model.add(Dense::new(10).activation("softmax"));
    model.compile("rmsprop", "sparse_categorical_crossentropy", ["accuracy"])?;
    Ok(model)
}

/// Trains until accuracy stands still, keeps the best model, and goes on from its file.
pub fn run(cx: &Cx) -> Result<()> {
    let data = digits::Digits::load()?;
    let (x_train, y_train) = &data.train;
    let (x_val, y_val) = &data.validation;
    let checkpoint = cx.out.join("checkpoint_path.keras");
    let log = cx.out.join("training.csv");
    let verbose = usize::from(!cx.report.is_json());

    let mut model = compiled_model()?;
    let fit = cx
        .fit(10, 32)
        .validation_data((x_val, y_val))
        // The rate of the first epochs, then a tenth less in each.
        .callback(LearningRateScheduler::new(|epoch, rate| if epoch < 3 { rate } else { rate * 0.9 }))
        .callback(ReduceLROnPlateau::new().factor(0.5).patience(1).verbose(verbose))
        .callback(EarlyStopping::new().monitor("accuracy").patience(1).verbose(verbose))
        .callback(ModelCheckpoint::new(&checkpoint).save_best_only(true).verbose(verbose))
        .callback(CSVLogger::new(&log));
    let history = model.fit(x_train, y_train, fit)?;

    // The file holds the epoch of the lowest validation loss, ready to go on.
    let mut best = load_model(&checkpoint)?;
    let kept = best.evaluate_with(x_val, y_val, Evaluate::new().verbose(0))?;
    let lowest = history["val_loss"].iter().copied().fold(f64::INFINITY, f64::min);
    cx.report.line(format!("lowest validation loss: {lowest:.4}; of the model in the file: {kept}"));
    best.fit(x_train, y_train, cx.fit(1, 32))?;
    let (x, y) = &data.test;
    let result = best.evaluate_with(x, y, Evaluate::new().verbose(0))?;
    cx.report.line(format!("after one epoch more, on the test digits: {result}"));

    // The whole model by hand, too.
    let file = cx.out.join("my_checkpoint_path.keras");
    best.save(&file)?;
    let same = load_model(&file)?.evaluate_with(x, y, Evaluate::new().verbose(0))? == result;
    cx.report.line(format!(
        "log: {}\nmodels: {} and {}",
        log.display(),
        checkpoint.display(),
        file.display()
    ));
    cx.report.object(&json!({
        "val_loss": history["val_loss"], "accuracy": history["accuracy"], "learning_rate": history["learning_rate"],
        "kept_val_loss": kept.loss(), "test_acc": result["accuracy"], "same_after_loading": same,
        "log": log.display().to_string(), "checkpoint": checkpoint.display().to_string(),
    }));
    Ok(())
}
