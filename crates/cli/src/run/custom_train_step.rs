//! A model whose training step is written by hand, and that is still trained with `fit`.

use super::{Cx, digits};
use rhyton::metrics::{Mean, Metric};
use rhyton::prelude::*;
use serde_json::json;
use std::sync::Arc;

/// A step with a loss and a metric of its own; `compile` is given an optimizer alone.
struct OwnLoss {
    loss: losses::SparseCategoricalCrossentropy,
    tracker: Arc<Mean>,
}

impl CustomSteps for OwnLoss {
    fn train_step(&self, cx: &StepCx, batch: &Batch) -> Result<()> {
        let tape = GradientTape::new();
        let predictions = cx.call(batch)?;
        let loss = losses::compute(&self.loss, batch.y()?, &predictions, None)?;
        cx.minimize(&tape, &loss)?;
        self.tracker.update_state(&loss, None)
    }

    fn metrics(&self) -> Vec<Arc<dyn Metric>> {
        vec![self.tracker.clone()]
    }
}

/// A step with the loss and the metrics that `compile` was given.
struct CompiledLoss;

impl CustomSteps for CompiledLoss {
    fn train_step(&self, cx: &StepCx, batch: &Batch) -> Result<()> {
        let tape = GradientTape::new();
        let predictions = cx.call(batch)?;
        let loss = cx.compute_loss(batch, &predictions)?;
        cx.minimize(&tape, &loss)?;
        cx.update_metrics(&loss, batch, &predictions)
    }
}

/// Trains both.
pub fn run(cx: &Cx) -> Result<()> {
    let data = digits::Digits::load()?;
    let (x, y) = &data.train;

    let loss = losses::SparseCategoricalCrossentropy::new();
    let mut own = digits::model()?.with_steps(OwnLoss { loss, tracker: Arc::new(Mean::new("loss")) });
    own.compile(RMSprop::default(), (), ())?;
    let own_history = own.fit(x, y, cx.fit(3, 32))?;
    let (x_test, y_test) = &data.test;
    let right = own.predict_with(x_test, Predict::new().verbose(0))?.argmax(-1)?.equal(y_test.cast(I64))?;
    let own_accuracy = right.cast(F32).mean(..)?.item::<f32>()?;
    cx.report.line(format!("own loss: test accuracy {own_accuracy:.4}"));

    let mut compiled = digits::model()?.with_steps(CompiledLoss);
    compiled.compile(
        RMSprop::default(),
        losses::SparseCategoricalCrossentropy::new(),
        [metrics::SparseCategoricalAccuracy::new()],
    )?;
    let history = compiled.fit(x, y, cx.fit(3, 32))?;
    let result = compiled.evaluate_with(x_test, y_test, Evaluate::new().verbose(0))?;
    cx.report.line(format!("compiled loss and metric, on the test digits: {result}"));
    cx.report.object(&json!({
        "own_loss": own_history["loss"], "own_test_acc": own_accuracy, "loss": history["loss"],
        "test_loss": result.loss(), "test_acc": result["sparse_categorical_accuracy"],
    }));
    Ok(())
}
