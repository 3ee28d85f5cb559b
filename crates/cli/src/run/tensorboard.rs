//! The TensorBoard callback, and a writer of one's own: all that TensorBoard's page can show.

use super::{Cx, digits};
use rhyton::callbacks::TensorBoard;
use rhyton::prelude::*;
use rhyton::summary::{Projector, create_file_writer};
use serde_json::json;

/// Trains with the callback, then writes pictures, texts, hyperparameters and points of its own.
pub fn run(cx: &Cx) -> Result<()> {
    let data = digits::Digits::load()?;
    let (x_val, y_val) = &data.validation;
    let logs = cx.out.join("logs");
    // Runs of one folder are shown together; those of before would stand beside these.
    if logs.exists() {
        std::fs::remove_dir_all(&logs)?;
    }
    let mut model = digits::model()?;
    let optimizer = cx.optimizer.as_deref().unwrap_or("rmsprop");
    model.compile(optimizer, "sparse_categorical_crossentropy", ["accuracy"])?;
    let board = TensorBoard::new(&logs)
        .histogram_freq(1)
        .write_images(true)
        .write_steps_per_second(true)
        .update_freq(50)
        .profile_batch((10, 20))
        .gradients(x_val.i(..256)?, y_val.i(..256)?);
    let fit = cx.fit(5, 128).validation_data((x_val, y_val)).callback(board);
    let history = model.fit(&data.train.0, &data.train.1, fit)?;

    let writer = create_file_writer(logs.join("digits"))?;
    let pictures = data.test.0.i(..10)?.reshape([10, 28, 28, 1])?;
    writer.images("test digits", &pictures, 0, 10)?;
    let answers = model.predict_with(&data.test.0.i(..1000)?, Predict::new().verbose(0))?;
    let words: Vec<String> = answers.argmax(-1)?.to_vec::<i64>()?.iter().map(ToString::to_string).collect();
    writer.text("answers", &format!("The first ten are seen as **{}**.", words[..10].join(" ")), 0)?;
    let accuracy = history["val_accuracy"].last().copied().unwrap_or(f64::NAN);
    let epochs = history.epochs().len();
    writer.hparams([("optimizer", optimizer.into()), ("epochs", epochs.into())])?;
    writer.scalar("epoch_accuracy", accuracy, epochs as i64)?;
    writer.hparams_end(true)?;
    writer.flush()?;
    let labels: Vec<&str> = words.iter().map(String::as_str).collect();
    Projector::new(logs.join("digits")).embedding("answers", &answers, Some(&labels))?;

    let picture = cx.picture(&history.plot("loss")?, "loss.png")?;
    cx.report.line(format!("validation accuracy: {accuracy:.4}"));
    cx.report.line(format!("look at it with: tensorboard --logdir {}", logs.display()));
    cx.report.object(&json!({
        "val_accuracy": accuracy, "loss": history["loss"], "val_loss": history["val_loss"],
        "logs": logs.display().to_string(), "picture": picture,
    }));
    Ok(())
}
