//! Many classes: which of 46 topics is a newswire about?

use super::Cx;
use super::figures::{figure, highest, lowest, training_curves};
use rhyton::datasets::reuters;
use rhyton::prelude::*;
use rhyton::random::{Generator, next_seed};
use serde_json::json;

const WORDS: usize = 10_000;
const TOPICS: usize = 46;

/// Two hidden layers, the second of so many units.
fn model(cx: &Cx, second: usize, loss: &str) -> Result<Sequential> {
    let mut model = Sequential::new();
    model.add(Dense::new(64).activation("relu"));
    model.add(Dense::new(second).activation("relu"));
    model.add(Dense::new(TOPICS).activation("softmax"));
    model.compile(cx.optimizer.as_deref().unwrap_or("rmsprop"), loss, ["accuracy"])?;
    Ok(model)
}

/// One-hot labels by hand: zeros, and a one at the topic.
fn to_one_hot(labels: &[i64]) -> Result<Tensor> {
    let mut results = vec![0f32; labels.len() * TOPICS];
    labels.iter().enumerate().for_each(|(i, label)| results[i * TOPICS + *label as usize] = 1.0);
    Tensor::from_slice(&results, [labels.len(), TOPICS])
}

/// Labels of both kinds, a baseline, and a layer that is too small.
pub fn run(cx: &Cx) -> Result<()> {
    let ((train_data, train_labels), (test_data, test_labels)) =
        reuters::LoadData::new().num_words(WORDS).load()?;
    let topic = reuters::get_label_names()[train_labels.i(0)?.item::<i64>()? as usize];
    let first = reuters::get_word_index()?.decode(&train_data[0]);
    cx.report.line(format!("the first newswire, about {topic}: {first}\n"));

    let x_train = utils::vectorize_sequences(&train_data, WORDS)?;
    let x_test = utils::vectorize_sequences(&test_data, WORDS)?;
    let y_train = utils::to_categorical(&train_labels, TOPICS)?;
    let y_test = to_one_hot(&test_labels.to_vec()?)?;
    let (x_val, partial_x_train) = (x_train.i(..1000)?, x_train.i(1000..)?);
    let (y_val, partial_y_train) = (y_train.i(..1000)?, y_train.i(1000..)?);
    let quiet = || Evaluate::new().verbose(0);

    let mut long = model(cx, 64, "categorical_crossentropy")?;
    let fit = cx.fit(20, 512).validation_data((&x_val, &y_val));
    let history = long.fit(&partial_x_train, &partial_y_train, fit)?;
    let pictures = training_curves(cx, &history)?;
    let (epoch, val_loss) = lowest(&history["val_loss"]);
    cx.report.line(format!("lowest validation loss: {val_loss:.4} in epoch {epoch} (expected near epoch 9)"));

    let mut one_hot = model(cx, 64, "categorical_crossentropy")?;
    one_hot.fit(&x_train, &y_train, cx.fit(9, 512))?;
    let test = one_hot.evaluate_with(&x_test, &y_test, quiet())?;
    figure(cx, "test accuracy", test["accuracy"], "0.78 to 0.81");

    // The topics themselves as labels.
    let mut integers = model(cx, 64, "sparse_categorical_crossentropy")?;
    integers.fit(&x_train, &train_labels, cx.fit(9, 512))?;
    let integers = integers.evaluate_with(&x_test, &test_labels, quiet())?;
    figure(cx, "test accuracy with integer labels", integers["accuracy"], "0.78 to 0.81");

    // How often a shuffled copy of the labels is right.
    let labels = test_labels.to_vec::<i64>()?;
    let mut shuffled = labels.clone();
    Generator::new(next_seed().into()).shuffle(&mut shuffled);
    let hits = labels.iter().zip(&shuffled).filter(|(a, b)| a == b).count();
    let baseline = hits as f64 / labels.len() as f64;
    figure(cx, "accuracy of shuffled labels", baseline, "about 0.187");

    let predictions = one_hot.predict_with(&x_test, Predict::new().verbose(0))?;
    let (sum, topic) = (predictions.i(0)?.sum(..)?, predictions.i(0)?.argmax(0)?.item::<i64>()?);
    let name = reuters::get_label_names()[topic as usize];
    cx.report.line(format!("the first prediction: {TOPICS} probabilities of sum {sum}, most for {name}"));

    // Four numbers are too few for what sets 46 topics apart.
    let mut bottleneck = model(cx, 4, "categorical_crossentropy")?;
    let fit = cx.fit(20, 128).validation_data((&x_val, &y_val));
    let narrow = bottleneck.fit(&partial_x_train, &partial_y_train, fit)?;
    let (_, narrow) = highest(&narrow["val_accuracy"]);
    figure(cx, "best validation accuracy through 4 units", narrow, "about 0.71");
    cx.report.object(&json!({
        "loss": history["loss"], "val_loss": history["val_loss"], "val_accuracy": history["val_accuracy"],
        "best_epoch": epoch, "test_loss": test.loss(), "test_acc": test["accuracy"],
        "integer_test_acc": integers["accuracy"], "baseline": baseline, "bottleneck_val_acc": narrow,
        "probabilities": sum.item::<f32>()?, "pictures": pictures,
    }));
    Ok(())
}
