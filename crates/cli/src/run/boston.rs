//! A number instead of a class: what does a house cost?

use super::Cx;
use super::figures::{figure, from_epoch, lowest};
use rhyton::datasets::boston_housing;
use rhyton::prelude::*;
use rhyton::validation::KFold;
use serde_json::json;

/// No activation at the end: the model may say any number.
fn model(cx: &Cx) -> Result<Sequential> {
    let mut model = Sequential::new();
    model.add(Dense::new(64).activation("relu"));
    model.add(Dense::new(64).activation("relu"));
    model.add(Dense::new(1));
    model.compile(cx.optimizer.as_deref().unwrap_or("rmsprop"), "mse", ["mae"])?;
    Ok(model)
}

/// An average that follows the points slowly.
fn smoothed(points: &[f64], factor: f64) -> Vec<f64> {
    let mut average = points.first().copied().unwrap_or(0.0);
    let follow = |p: &f64| {
        average = average * factor + p * (1.0 - factor);
        average
    };
    points.iter().map(follow).collect()
}

/// Judges by four folds, since there are few houses; finds how long to train; trains on all.
pub fn run(cx: &Cx) -> Result<()> {
    let ((train_data, train_targets), (test_data, test_targets)) = boston_housing::load_data()?;

    // Every column around 0 with deviation 1, as the houses to train with have it; nothing is taken from the others.
    let mean = train_data.mean(0)?;
    let std = train_data.std(0)?;
    let x_train = ((&train_data - &mean) / &std).cast(F32);
    let x_test = ((&test_data - &mean) / &std).cast(F32);
    let (y_train, y_test) = (train_targets.cast(F32), test_targets.cast(F32));

    let judge = |epochs: usize| -> Result<Vec<Vec<f64>>> {
        let mut curves = Vec::new();
        for fold in KFold::new(4).split(&x_train, &y_train)? {
            let fold = fold?;
            let fit = cx.fit(epochs, 1).verbose(0).validation_data((&fold.x_val, &fold.y_val));
            let history = model(cx)?.fit(&fold.x_train, &fold.y_train, fit)?;
            curves.push(history["val_mae"].clone());
        }
        Ok(curves)
    };
    let average = |values: &[f64]| values.iter().sum::<f64>() / values.len().max(1) as f64;

    cx.report.line("four folds, 100 epochs ..");
    let folds: Vec<f64> = judge(100)?.iter().filter_map(|curve| curve.last().copied()).collect();
    cx.report.line(format!("validation MAE of the folds: {folds:.3?} (expected 2.1 to 3.1)"));
    figure(cx, "their mean", average(&folds), "about 2.4 to 2.6");

    cx.report.line("four folds, 500 epochs ..");
    let curves = judge(500)?;
    let epochs = curves.first().map_or(0, Vec::len);
    let mae: Vec<f64> =
        (0..epochs).map(|e| average(&curves.iter().map(|c| c[e]).collect::<Vec<_>>())).collect();
    let smooth = smoothed(&mae[mae.len().min(10)..], 0.9);
    let (best, best_mae) = lowest(&smooth);
    let mut pictures =
        vec![from_epoch(cx, "mae.png", "Validation MAE, mean of four folds", "Validation MAE", 1, &mae)?];
    if !smooth.is_empty() {
        let title = "The same without the first ten epochs, smoothed";
        pictures.push(from_epoch(cx, "mae-smoothed.png", title, "Validation MAE", 11, &smooth)?);
    }
    cx.report.line(format!("smoothed, it is lowest in epoch {}: {best_mae:.3}", best + 10));

    let mut last = model(cx)?;
    last.fit(&x_train, &y_train, cx.fit(80, 16).verbose(0))?;
    let test = last.evaluate_with(&x_test, &y_test, Evaluate::new().verbose(0))?;
    figure(cx, "test MAE, in thousands of dollars", test["mae"], "about 2.5 to 2.9");
    let first = last.predict_with(&x_test.i(..1)?, Predict::new().verbose(0))?.i((0, 0))?;
    cx.report.line(format!("the first test house: predicted {first}, true {}", y_test.i(0)?));
    cx.report.object(&json!({
        "folds": folds, "mean": average(&folds), "mae": mae, "smoothed": smooth, "best_epoch": best + 10,
        "test_mse": test.loss(), "test_mae": test["mae"], "pictures": pictures,
    }));
    Ok(())
}
