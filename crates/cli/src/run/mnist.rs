//! The first network: handwritten digits.

use super::Cx;
use rhyton::callbacks::{Callback, CallbackCx};
use rhyton::prelude::*;
use rhyton::viz::{Color, Image, ImageGrid, Title};
use rhyton::{Logs, datasets::mnist};
use serde_json::json;

/// How the labels are given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Labels {
    /// The digit itself.
    Integers,
    /// A vector with a 1 at the digit.
    OneHot,
}

/// Trains, evaluates, predicts, draws and saves.
pub fn run(cx: &Cx, labels: Labels) -> Result<()> {
    let (data, origin) = mnist::load_or_draw()?;
    if !origin.is_real() {
        cx.report.loud(&origin);
    }
    let ((images, y_train), (test_images, y_test)) = data;
    let x_train = images.reshape([-1, 28 * 28])?.cast(F32) / 255.0;
    let x_test = test_images.reshape([-1, 28 * 28])?.cast(F32) / 255.0;
    let (loss, targets, test_targets) = match labels {
        Labels::Integers => ("sparse_categorical_crossentropy", y_train, y_test.clone()),
        Labels::OneHot => {
            let one_hot = |y: &Tensor| utils::to_categorical(y, 10);
            ("categorical_crossentropy", one_hot(&y_train)?, one_hot(&y_test)?)
        }
    };

    let mut model = Sequential::new();
    model.add(Dense::new(512).activation("relu"));
    model.add(Dense::new(10).activation("softmax"));
    model.compile(cx.optimizer.as_deref().unwrap_or("rmsprop"), loss, ["accuracy"])?;

    let mut fit = Fit::epochs(cx.epochs.unwrap_or(5)).batch_size(cx.batch_size.unwrap_or(128));
    if cx.report.is_json() {
        fit = fit.verbose(0).callback(EpochObjects);
    }
    let history = model.fit(&x_train, &targets, fit)?;
    if let Some((epoch, name)) = history.first_nan() {
        return Err(Error::value(format!(
            "{name} is NaN in epoch {}; use a smaller learning rate",
            epoch + 1
        )));
    }
    cx.show(&history.plot("accuracy")?)?;
    let result = model.evaluate_with(&x_test, &test_targets, Evaluate::new().verbose(0))?;

    let probabilities = model.predict_with(&x_test.i(..10)?, Predict::new().verbose(0))?;
    let first = probabilities.i(0)?;
    let digit = first.argmax(0)?.item::<i64>()?;
    let label = y_test.i(0)?.item::<u8>()?;
    cx.report.line(format!("\nprediction of the first test digit: {first}"));
    cx.report
        .line(format!("argmax: {digit} with p = {:.4}, label: {label}", first.to_f64s()?[digit as usize]));

    let picture = cx.out.join("digits.png");
    draw(&test_images, &y_test, &probabilities, origin.is_real())?.save(&picture)?;
    let file = cx.out.join("mnist.keras");
    model.save(&file)?;
    cx.report.line(format!("picture: {}\nmodel: {}", picture.display(), file.display()));
    cx.report.object(&json!({
        "test_loss": result.loss(), "test_acc": result["accuracy"], "prediction": first.to_f64s()?,
        "argmax": digit, "label": label, "real": origin.is_real(),
        "picture": picture.display().to_string(), "model": file.display().to_string(),
    }));
    let warning = if origin.is_real() { "" } else { " (NOT MNIST: digits that the program drew itself)" };
    cx.report.line(format!("test_acc: {:.4}{warning}", result["accuracy"]));
    Ok(())
}

/// Ten test digits with what the network says they are, wrong answers in red.
fn draw(images: &Tensor, labels: &Tensor, probabilities: &Tensor, real: bool) -> Result<ImageGrid> {
    let title =
        if real { "Ten test digits and what the network sees" } else { "Ten drawn digits (not MNIST)" };
    let mut grid = ImageGrid::new(5).title(title).cmap("binary");
    for i in 0..10 {
        let p = probabilities.i(i)?;
        let digit = p.argmax(0)?.item::<i64>()?;
        let text = format!("{digit} ({:.2}%)", 100.0 * p.to_f64s()?[digit as usize]);
        let right = digit == i64::from(labels.i(i)?.item::<u8>()?);
        let title = Title::new(text).color(if right { Color::BLACK } else { Color::RED });
        grid = grid.image(Image::gray(28, 28, &images.i(i)?.to_vec::<u8>()?)?, title);
    }
    Ok(grid)
}

/// One JSON object an epoch, with Keras's log keys.
struct EpochObjects;

impl Callback for EpochObjects {
    fn on_epoch_end(&mut self, _cx: &CallbackCx, epoch: usize, logs: &mut Logs) -> Result<()> {
        let mut object = serde_json::Map::from_iter([("epoch".to_string(), json!(epoch + 1))]);
        object.extend(logs.iter().map(|(name, value)| (name.to_string(), json!(value))));
        crate::report::print(serde_json::Value::Object(object));
        Ok(())
    }
}
