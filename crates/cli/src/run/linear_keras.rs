//! The linear classifier once more, with layers and `fit`.

use super::Cx;
use rhyton::SeedGenerator;
use rhyton::optimizers::RMSprop;
use rhyton::prelude::*;
use serde_json::json;

/// Two clouds of points, shuffled: inputs and targets.
fn data() -> Result<(Tensor, Tensor)> {
    let seeds = SeedGenerator::new(None);
    let l = Tensor::from([[1.0f32, 0.0], [0.5, 0.75f32.sqrt()]]);
    let cloud = |mean: [f32; 2]| -> Result<Tensor> {
        Ok(seeds.normal([1000, 2], 0.0, 1.0, F32)?.matmul(&l.t())? + Tensor::from(mean))
    };
    let x = ops::concatenate(&[&cloud([0.0, 3.0])?, &cloud([3.0, 0.0])?], 0)?;
    let y = ops::concatenate(&[&ops::zeros([1000, 1], F32)?, &ops::ones([1000, 1], F32)?], 0)?;
    let mut order: Vec<i64> = (0..2000).collect();
    rhyton::random::Generator::new(u64::from(rhyton::random::next_seed())).shuffle(&mut order);
    let order = Tensor::from(&order[..]);
    Ok((x.take(&order, 0)?, y.take(&order, 0)?))
}

/// Names, objects and functions of one's own; validation; evaluation; prediction.
pub fn run(cx: &Cx) -> Result<()> {
    let (x, y) = data()?;
    let fit = |epochs: usize| cx.fit(epochs, 16);

    // Everything by name; capitals do not matter.
    let mut model = Sequential::from((Dense::new(1),));
    model.compile("RMSprop", "mean_squared_error", ["accuracy"])?;
    let history = model.fit(&x, &y, fit(5).batch_size(128))?;
    cx.report.line(format!("history: {:?}", history["loss"]));

    // The same with objects, and with a loss of one's own.
    let mut model = Sequential::from((Dense::new(1),));
    model.compile(RMSprop::new(1e-4), losses::MeanSquaredError::new(), [metrics::BinaryAccuracy::new()])?;
    model.fit(&x, &y, fit(1))?;
    let mut own = Sequential::from((Dense::new(1),));
    let absolute = losses::FnLoss::new("absolute", |y_true, y_pred| (y_true - y_pred).abs().mean(-1));
    own.compile(RMSprop::new(1e-2), absolute, [metrics::BinaryAccuracy::new()])?;
    own.fit(&x, &y, fit(2))?;

    // Three tenths are held out; the points were shuffled before.
    let held_out = 600;
    let (x_val, y_val) = (x.i(..held_out)?, y.i(..held_out)?);
    let (x_train, y_train) = (x.i(held_out..)?, y.i(held_out..)?);
    let mut model = Sequential::from((Dense::new(1),));
    model.compile(RMSprop::new(1e-2), losses::MeanSquaredError::new(), [metrics::BinaryAccuracy::new()])?;
    let history = model.fit(&x_train, &y_train, fit(5).validation_data((&x_val, &y_val)))?;
    let accuracy = *history["val_binary_accuracy"].last().unwrap_or(&f64::NAN);
    let result = model.evaluate_with(&x_val, &y_val, Evaluate::new().batch_size(128).verbose(0))?;
    let predictions = model.predict_with(&x_val, Predict::new().batch_size(128).verbose(0))?;
    cx.report.line(format!("the first predictions: {}", predictions.i(..10)?.reshape([-1])?));
    cx.report.line(format!("evaluated: {result}"));
    cx.report.line(format!("validation accuracy: {accuracy:.4} (expected above 0.95)"));
    cx.report.object(&json!({ "history": {
        "loss": history["loss"], "val_loss": history["val_loss"], "val_binary_accuracy": history["val_binary_accuracy"],
    }, "val_accuracy": accuracy, "val_loss": result.loss() }));
    Ok(())
}
