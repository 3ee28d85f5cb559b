//! Two classes: is a film review positive?

use super::Cx;
use super::figures::{figure, highest, lowest, training_curves};
use rhyton::datasets::imdb;
use rhyton::prelude::*;
use serde_json::json;

/// The words that are kept.
const WORDS: usize = 10_000;

fn model(cx: &Cx) -> Result<Sequential> {
    let mut model = Sequential::new();
    model.add(Dense::new(16).activation("relu"));
    model.add(Dense::new(16).activation("relu"));
    model.add(Dense::new(1).activation("sigmoid"));
    model.compile(cx.optimizer.as_deref().unwrap_or("rmsprop"), "binary_crossentropy", ["accuracy"])?;
    Ok(model)
}

/// Trains too long, sees where it should have stopped, trains anew and predicts.
pub fn run(cx: &Cx) -> Result<()> {
    let ((train_data, train_labels), (test_data, test_labels)) =
        imdb::LoadData::new().num_words(WORDS).load()?;
    let first = imdb::get_word_index()?.decode(&train_data[0]);
    cx.report.line(format!("the first review, {}: {first}\n", train_labels.i(0)?));

    // A review becomes 10,000 zeros and ones, a one for every word that it has.
    let x_train = utils::vectorize_sequences(&train_data, WORDS)?;
    let y_train = train_labels.cast(F32);
    let (x_val, partial_x_train) = (x_train.i(..10_000)?, x_train.i(10_000..)?);
    let (y_val, partial_y_train) = (y_train.i(..10_000)?, y_train.i(10_000..)?);

    let mut long = model(cx)?;
    let fit = cx.fit(20, 512).validation_data((&x_val, &y_val));
    let history = long.fit(&partial_x_train, &partial_y_train, fit)?;
    let pictures = training_curves(cx, &history)?;
    let ((epoch, val_loss), (_, val_acc)) = (lowest(&history["val_loss"]), highest(&history["val_accuracy"]));
    cx.report.line(format!("lowest validation loss: {val_loss:.4} in epoch {epoch} (expected near epoch 4)"));
    figure(cx, "best validation accuracy", val_acc, "0.88 to 0.89");

    // From the start once more, on all reviews, and no longer than it helps.
    let mut model = model(cx)?;
    model.fit(&x_train, &y_train, cx.fit(4, 512))?;
    let (x_test, y_test) = (utils::vectorize_sequences(&test_data, WORDS)?, test_labels.cast(F32));
    let test = model.evaluate_with(&x_test, &y_test, Evaluate::new().verbose(0))?;
    figure(cx, "test loss", test.loss(), "about 0.29");
    figure(cx, "test accuracy", test["accuracy"], "about 0.883");
    let predictions =
        model.predict_with(&x_test, Predict::new().batch_size(512).verbose(0))?.reshape([-1])?;
    cx.report.line(format!("how likely the first test reviews are positive: {}", predictions.i(..8)?));
    cx.report.line(format!("what they are: {}", test_labels.i(..8)?));
    cx.report.object(&json!({
        "loss": history["loss"], "val_loss": history["val_loss"], "val_accuracy": history["val_accuracy"],
        "best_epoch": epoch, "best_val_loss": val_loss, "best_val_acc": val_acc, "test_loss": test.loss(),
        "test_acc": test["accuracy"], "predictions": predictions.i(..8)?.to_f64s()?, "pictures": pictures,
    }));
    Ok(())
}
