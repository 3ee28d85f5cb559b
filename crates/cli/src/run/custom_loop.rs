//! Training and evaluation written by hand, and the same compiled by one added line.

use super::{Cx, digits};
use rhyton::metrics::{Mean, Metric, SparseCategoricalAccuracy};
use rhyton::optimizers::Optimizer;
use rhyton::prelude::*;
use serde_json::json;
use std::time::Instant;

/// How the steps run.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Steps {
    /// Each operation by itself.
    Eager,
    /// As one function, beside the eager ones for comparison.
    Compiled,
}

/// Figures by name, as the steps report them.
type Report = Vec<(&'static str, f64)>;

/// Trains for some epochs, then evaluates.
pub fn run(cx: &Cx, how: Steps) -> Result<()> {
    let data = digits::Digits::load()?;
    let batches = |(x, y): &(Tensor, Tensor)| {
        Ok::<_, Error>(Dataset::from_tensor_slices((x, y))?.batch(cx.batch_size.unwrap_or(32)))
    };
    let (training, validation) = (batches(&data.train)?, batches(&data.validation)?);

    let model = digits::model()?;
    let weights = model.trainable_weights();
    let loss_fn = losses::SparseCategoricalCrossentropy::new();
    let optimizer = RMSprop::default();
    optimizer.build(&weights)?;
    let accuracy = SparseCategoricalAccuracy::new();
    let mean_loss = Mean::new("loss");
    let reset = || accuracy.reset_state().and_then(|()| mean_loss.reset_state());

    let train_step = |batch: &[Tensor]| -> Result<Vec<Tensor>> {
        let (inputs, targets) = (&batch[0], &batch[1]);
        let tape = GradientTape::new();
        let predictions = model.call_in(inputs, &CallCx::TRAINING)?;
        let loss = losses::compute(&loss_fn, targets, &predictions, None)?;
        optimizer.apply(&tape.gradients(&loss, &weights)?, &weights)?;
        accuracy.update_state(targets, &predictions, None)?;
        mean_loss.update_state(&loss, None)?;
        Ok(vec![accuracy.result()?, mean_loss.result()?])
    };
    let test_step = |batch: &[Tensor]| -> Result<Vec<Tensor>> {
        let (inputs, targets) = (&batch[0], &batch[1]);
        let predictions = model.call(inputs)?;
        let loss = losses::compute(&loss_fn, targets, &predictions, None)?;
        accuracy.update_state(targets, &predictions, None)?;
        mean_loss.update_state(&loss, None)?;
        Ok(vec![accuracy.result()?, mean_loss.result()?])
    };
    let names = ["sparse_categorical_accuracy", "loss"];
    // All batches; what the step said last, and the seconds it took.
    let pass = |step: &dyn Fn(&[Tensor]) -> Result<Vec<Tensor>>, data: &Dataset| -> Result<(Report, f64)> {
        reset()?;
        let start = Instant::now();
        let mut last = Vec::new();
        for batch in data {
            last = step(&batch?)?;
        }
        let logs = names.into_iter().zip(last.iter().map(|x| x.item::<f32>().map(f64::from)));
        let logs = logs.map(|(name, value)| Ok((name, value?))).collect::<Result<_>>()?;
        Ok((logs, start.elapsed().as_secs_f64()))
    };

    let mut speed = None;
    if how == Steps::Compiled {
        let fresh = model.get_weights()?;
        let some =
            Dataset::from_tensor_slices((&data.train.0.i(..6400)?, &data.train.1.i(..6400)?))?.batch(32);
        let eager = pass(&train_step, &some)?.1;
        let step = compiled(&train_step).into_fn();
        pass(&step, &some)?;
        let fast = pass(&step, &some)?.1;
        model.set_weights(&fresh)?;
        speed = Some(eager / fast);
        cx.report.line(format!(
            "a step takes {:.0} µs eagerly, {:.0} µs compiled: {:.1} times faster (expected at least 2)",
            eager / 200.0 * 1e6,
            fast / 200.0 * 1e6,
            eager / fast
        ));
    }
    let compiled_step = compiled(&train_step).into_fn();
    let step: &dyn Fn(&[Tensor]) -> Result<Vec<Tensor>> =
        if how == Steps::Compiled { &compiled_step } else { &train_step };
    let mut epochs = Vec::new();
    for epoch in 0..cx.epochs.unwrap_or(3) {
        let (logs, seconds) = pass(step, &training)?;
        cx.report.line(format!("Results at the end of epoch {epoch} ({seconds:.1} s)"));
        logs.iter().for_each(|(name, value)| cx.report.line(format!("...{name}: {value:.4}")));
        epochs.push(json!({ "accuracy": logs[0].1, "loss": logs[1].1, "seconds": seconds }));
    }
    let (logs, _) = pass(&test_step, &validation)?;
    cx.report.line("Evaluation results:");
    logs.iter().for_each(|(name, value)| cx.report.line(format!("...val_{name}: {value:.4}")));
    cx.report.object(&json!({
        "epochs": epochs, "val_accuracy": logs[0].1, "val_loss": logs[1].1, "times_faster": speed,
    }));
    Ok(())
}
