//! A training loop written by hand gives the numbers of Keras's `fit`: eagerly, compiled, and as a step under `fit`.

mod common;

use common::{arrays, close};
use rhyton_base::Result;
use rhyton_graph::compiled;
use rhyton_model::{Batch, CustomSteps, Fit, Model, Sequential, StepCx};
use rhyton_nn::layers::{CallCx, Dense, Input};
use rhyton_nn::losses::{SparseCategoricalCrossentropy, compute};
use rhyton_nn::metrics::{Mean, Metric, SparseCategoricalAccuracy};
use rhyton_nn::optimizers::{Optimizer, RMSprop};
use rhyton_tensor::{GradientTape, Tensor, ops};
use std::collections::HashMap;
use std::sync::Arc;

const BATCH: usize = 32;
const EPOCHS: usize = 3;

fn model(data: &HashMap<String, Tensor>) -> Model {
    let model = Sequential::from((
        Input::new([8]),
        Dense::new(6).activation("relu"),
        Dense::new(3).activation("softmax"),
    ));
    let start: Vec<Tensor> = (0..4).map(|i| data[&format!("start/classifier/w{i}")].clone()).collect();
    model.set_weights(&start).unwrap();
    model.into()
}

/// The losses and accuracies of the epochs, and the weights after them.
fn check(who: &str, data: &HashMap<String, Tensor>, losses: &[f64], accuracies: &[f64], model: &Model) {
    let expected = |key: &str| data[&format!("f32/plain/{key}")].to_f64s().unwrap();
    close(&format!("{who}: loss"), losses, &expected("history/loss"), 1e-5);
    close(&format!("{who}: accuracy"), accuracies, &expected("history/accuracy"), 1e-6);
    for (i, w) in model.get_weights().unwrap().iter().enumerate() {
        close(&format!("{who}: w{i}"), &w.to_f64s().unwrap(), &expected(&format!("w{i}")), 1e-4);
    }
}

#[test]
fn a_loop_of_ones_own() {
    let data = arrays("fit_runs.npz");
    let (x, y) = (&data["data/x"], &data["data/y"]);
    for is_compiled in [false, true] {
        let model = model(&data);
        let weights = model.trainable_weights();
        let loss_fn = SparseCategoricalCrossentropy::new();
        let optimizer = RMSprop::new(0.01);
        optimizer.build(&weights).unwrap();
        let accuracy = SparseCategoricalAccuracy::new();
        let mean_loss = Mean::new("loss");
        let step = |batch: &[Tensor]| -> Result<Vec<Tensor>> {
            let (inputs, targets) = (&batch[0], &batch[1]);
            let tape = GradientTape::new();
            let predictions = model.call_in(inputs, &CallCx::TRAINING)?;
            let loss = compute(&loss_fn, targets, &predictions, None)?;
            optimizer.apply(&tape.gradients(&loss, &weights)?, &weights)?;
            accuracy.update_state(targets, &predictions, None)?;
            // Keras counts the loss of a batch by its size.
            mean_loss.update_state(&loss, Some(&Tensor::from(inputs.shape()[0] as f32)))?;
            Ok(vec![mean_loss.result()?, accuracy.result()?])
        };
        let fast = compiled(&step).into_fn();
        let step: &dyn Fn(&[Tensor]) -> Result<Vec<Tensor>> = if is_compiled { &fast } else { &step };
        let (mut losses, mut accuracies) = (Vec::new(), Vec::new());
        for _ in 0..EPOCHS {
            accuracy.reset_state().unwrap();
            mean_loss.reset_state().unwrap();
            let mut logs = Vec::new();
            for start in (0..100).step_by(BATCH) {
                let part = |x: &Tensor| ops::narrow(x, 0, start, (start + BATCH).min(100)).unwrap();
                logs = step(&[part(x), part(y)]).unwrap();
            }
            losses.push(logs[0].to_f64s().unwrap()[0]);
            accuracies.push(logs[1].to_f64s().unwrap()[0]);
        }
        let who = if is_compiled { "compiled" } else { "eager" };
        check(who, &data, &losses, &accuracies, &model);
        assert_eq!(optimizer.iterations().value().item::<i32>().unwrap(), 12);
    }
}

/// A step with everything of its own.
struct Own {
    loss: Arc<Mean>,
    accuracy: Arc<SparseCategoricalAccuracy>,
}

impl Own {
    fn new() -> Own {
        Own {
            loss: Arc::new(Mean::new("loss")),
            accuracy: Arc::new(SparseCategoricalAccuracy::new().name("accuracy")),
        }
    }

    fn measure(&self, cx: &StepCx, batch: &Batch) -> Result<Tensor> {
        let predictions = cx.call(batch)?;
        let loss = compute(&SparseCategoricalCrossentropy::new(), batch.y()?, &predictions, None)?;
        self.loss.update_state(&loss, Some(&Tensor::from(predictions.shape()[0] as f32)))?;
        self.accuracy.update_state(batch.y()?, &predictions, None)?;
        Ok(loss)
    }
}

impl CustomSteps for Own {
    fn train_step(&self, cx: &StepCx, batch: &Batch) -> Result<()> {
        let tape = GradientTape::new();
        let loss = self.measure(cx, batch)?;
        cx.minimize(&tape, &loss)
    }
    fn test_step(&self, cx: &StepCx, batch: &Batch) -> Result<()> {
        self.measure(cx, batch).map(|_| ())
    }
    fn predict_step(&self, cx: &StepCx, batch: &Batch) -> Result<Vec<Tensor>> {
        Ok(vec![ops::argmax(&cx.call(batch)?, -1)?])
    }
    fn metrics(&self) -> Vec<Arc<dyn Metric>> {
        vec![self.loss.clone(), self.accuracy.clone()]
    }
}

/// A step with what `compile` was given.
struct Given;

impl CustomSteps for Given {
    fn train_step(&self, cx: &StepCx, batch: &Batch) -> Result<()> {
        let tape = GradientTape::new();
        let predictions = cx.call(batch)?;
        let loss = cx.compute_loss(batch, &predictions)?;
        cx.minimize(&tape, &loss)?;
        cx.update_metrics(&loss, batch, &predictions)
    }
}

#[test]
fn steps_of_ones_own_under_fit() {
    let data = arrays("fit_runs.npz");
    let (x, y) = (&data["data/x"], &data["data/y"]);
    let fit = || Fit::epochs(EPOCHS).batch_size(BATCH).shuffle(false).verbose(0);

    let mut own = model(&data).with_steps(Own::new());
    own.compile(RMSprop::new(0.01), (), ()).unwrap();
    let history = own.fit(x, y, fit()).unwrap();
    check("own", &data, &history["loss"], &history["accuracy"], &own);

    let mut given = model(&data).with_steps(Given);
    given.compile(RMSprop::new(0.01), "sparse_categorical_crossentropy", ["accuracy"]).unwrap();
    let history = given.fit(x, y, fit()).unwrap();
    check("given", &data, &history["loss"], &history["accuracy"], &given);

    // The own steps of evaluation and prediction against the built-in ones.
    let (a, b) = (own.evaluate(x, y).unwrap(), given.evaluate(x, y).unwrap());
    close("evaluate", &[a.loss(), a["accuracy"]], &[b.loss(), b["accuracy"]], 1e-6);
    let classes = ops::argmax(&given.predict(x).unwrap(), -1).unwrap();
    assert!(own.predict(x).unwrap().bit_equal(&classes));
}
