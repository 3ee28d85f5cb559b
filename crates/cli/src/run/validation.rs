//! How good is a model? Samples put aside, folds, folds in several rounds, and what one gets without a model.

use super::Cx;
use rhyton::datasets::mnist;
use rhyton::prelude::*;
use rhyton::validation::{Baseline, Fold, HoldOut, KFold};
use serde_json::json;

/// Few samples, for which a single split says little.
const SAMPLES: usize = 2000;

pub fn run(cx: &Cx) -> Result<()> {
    let (((images, labels), _), origin) = mnist::load_or_draw()?;
    if !origin.is_real() {
        cx.report.loud(&origin);
    }
    let x = images.i(..SAMPLES as i64)?.reshape([-1, 28 * 28])?.cast(F32) / 255.0;
    let y = labels.i(..SAMPLES as i64)?;

    // Without a model: a model has to beat these.
    let majority = Baseline::majority_class(&y)?.evaluate(&y, ["accuracy"])?["accuracy"];
    let random = Baseline::random_class(&y, 0)?.evaluate(&y, ["accuracy"])?["accuracy"];
    cx.report.line(format!("always the most frequent digit: accuracy {majority:.4}"));
    cx.report.line(format!("digits drawn by their shares:   accuracy {random:.4}"));

    // One part put aside.
    let fold = HoldOut::new(0.2).shuffle(true).split(&x, &y)?;
    let hold_out = judge(cx, &fold)?;
    cx.report.line(format!("hold-out of 20 %:               {hold_out}"));

    // Each of four parts judges once.
    let k_fold = KFold::new(4).evaluate(&x, &y, |fold| judge(cx, fold))?;
    cx.report.line(format!("4 folds:                        {k_fold}"));

    // The same three times, shuffled anew.
    let iterated = KFold::new(4).repeats(3).evaluate(&x, &y, |fold| judge(cx, fold))?;
    cx.report.line(format!("4 folds, 3 times:               {iterated}"));

    cx.report.object(&json!({
        "majority": majority, "random": random, "hold_out": hold_out["accuracy"],
        "k_fold": k_fold.mean("accuracy")?, "iterated": iterated.mean("accuracy")?,
        "folds": iterated.values("accuracy")?, "real": origin.is_real(),
    }));
    let warning = if origin.is_real() { "" } else { " (NOT MNIST: digits that the program drew itself)" };
    cx.report.line(format!("validation accuracy: {:.4}{warning}", iterated.mean("accuracy")?));
    Ok(())
}

/// A new model, trained on the one part and evaluated on the other.
fn judge(cx: &Cx, fold: &Fold) -> Result<Evaluation> {
    let mut model = Sequential::new();
    model.add(Dense::new(64).activation("relu"));
    model.add(Dense::new(10).activation("softmax"));
    let optimizer = cx.optimizer.as_deref().unwrap_or("rmsprop");
    model.compile(optimizer, "sparse_categorical_crossentropy", ["accuracy"])?;
    let fit = Fit::epochs(cx.epochs.unwrap_or(5)).batch_size(cx.batch_size.unwrap_or(64)).verbose(0);
    model.fit(&fold.x_train, &fold.y_train, fit)?;
    model.evaluate_with(&fold.x_val, &fold.y_val, Evaluate::new().verbose(0))
}
