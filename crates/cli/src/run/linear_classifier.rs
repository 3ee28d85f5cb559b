//! A linear classifier written by hand: two clouds of points, one layer, forty steps.

use super::Cx;
use rhyton::SeedGenerator;
use rhyton::prelude::*;
use rhyton::viz::{Scatter, mesh};
use serde_json::json;

const PER_CLASS: usize = 1000;
const LEARNING_RATE: f64 = 0.1;

/// Points around a mean with the covariance [[1, 0.5], [0.5, 1]].
fn cloud(seeds: &SeedGenerator, mean: [f32; 2]) -> Result<Tensor> {
    // The covariance is L·Lᵀ with this L; standard normal points times Lᵀ have it.
    let l = Tensor::from([[1.0f32, 0.0], [0.5, 0.75f32.sqrt()]]);
    Ok(seeds.normal([PER_CLASS, 2], 0.0, 1.0, F32)?.matmul(&l.t())? + Tensor::from(mean))
}

fn scatter(title: &str, points: &Tensor, classes: &[u8]) -> Result<Scatter> {
    let (x, y) = (points.i((.., 0))?.to_vec::<f32>()?, points.i((.., 1))?.to_vec::<f32>()?);
    Ok(Scatter::new().title(title).classes(&x, &y, classes))
}

/// Trains, and draws data, predictions and the line between.
pub fn run(cx: &Cx) -> Result<()> {
    let seeds = SeedGenerator::new(None);
    let (negative, positive) = (cloud(&seeds, [0.0, 3.0])?, cloud(&seeds, [3.0, 0.0])?);
    let inputs = ops::concatenate(&[&negative, &positive], 0)?;
    let targets =
        ops::concatenate(&[&ops::zeros([PER_CLASS, 1], F32)?, &ops::ones([PER_CLASS, 1], F32)?], 0)?;

    let w = Variable::new(seeds.uniform([2, 1], -0.05, 0.05, F32)?);
    let b = Variable::new(ops::zeros([1], F32)?);
    let model = |x: &Tensor| -> Result<Tensor> { Ok(x.matmul(&w.value())? + b.value()) };
    let mut loss = f32::NAN;
    for step in 0..40 {
        let tape = GradientTape::new();
        let error = (model(&inputs)? - &targets).square().mean(..)?;
        let gradients = tape.gradients(&error, [&w, &b])?;
        w.assign_sub(&(&gradients[0] * LEARNING_RATE))?;
        b.assign_sub(&(&gradients[1] * LEARNING_RATE))?;
        loss = error.item::<f32>()?;
        cx.report.line(format!("loss at step {step}: {loss:.4}"));
    }

    let predicted = model(&inputs)?.greater(0.5f32)?;
    let accuracy = predicted.cast(F32).equal(&targets)?.cast(F32).mean(..)?.item::<f32>()?;
    let (weights, bias) = (w.value().to_f64s()?, b.value().to_f64s()?[0]);
    scatter("Two classes of points", &inputs, &targets.cast(U8).to_vec()?)?.save(cx.out.join("data.png"))?;
    // What the model says of all the plane.
    let (across, up, cells) = ((-4.0, 7.0), (-4.0, 7.0), (150, 200));
    let plane: Vec<f32> = mesh(across, up, cells)?.into_iter().flatten().map(|v| v as f32).collect();
    let said = model(&Tensor::from(plane).reshape([-1, 2])?)?.greater(0.5f32)?.cast(U8).to_vec::<u8>()?;
    let classes: Vec<usize> = said.into_iter().map(usize::from).collect();
    let predictions = scatter(
        "What the model says, and where it changes its mind",
        &inputs,
        &predicted.cast(U8).to_vec()?,
    )?
    .regions(across, up, cells, &classes)
    .boundary("", weights[0], weights[1], 0.5 - bias);
    cx.picture(&predictions, "predictions.png")?;
    cx.report.line(format!(
        "accuracy: {accuracy:.4} (expected above 0.99), loss {loss:.4} (expected 0.025 to 0.03)"
    ));
    cx.report.line(format!("pictures: {}", cx.out.display()));
    cx.report.object(&json!({ "loss": loss, "accuracy": accuracy, "w": weights, "b": bias }));
    Ok(())
}
