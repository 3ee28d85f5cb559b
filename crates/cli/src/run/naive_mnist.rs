//! The first network once more, from tensors and gradients alone: no layers, no `fit`.

use super::Cx;
use rhyton::SeedGenerator;
use rhyton::datasets::mnist;
use rhyton::prelude::*;
use serde_json::json;

/// `activation(x · W + b)`, with W uniform in [0, 0.1).
struct NaiveDense {
    w: Variable,
    b: Variable,
    activation: fn(&Tensor) -> Result<Tensor>,
}

impl NaiveDense {
    fn new(inputs: usize, outputs: usize, activation: fn(&Tensor) -> Result<Tensor>) -> Result<NaiveDense> {
        let w = SeedGenerator::new(None).uniform([inputs, outputs], 0.0, 0.1, F32)?;
        Ok(NaiveDense { w: Variable::new(w), b: Variable::new(ops::zeros([outputs], F32)?), activation })
    }

    fn call(&self, x: &Tensor) -> Result<Tensor> {
        (self.activation)(&(x.matmul(&self.w.value())? + self.b.value()))
    }
}

/// Layers one after the other.
struct NaiveSequential(Vec<NaiveDense>);

impl NaiveSequential {
    fn call(&self, x: &Tensor) -> Result<Tensor> {
        self.0.iter().try_fold(x.clone(), |x, layer| layer.call(&x))
    }

    fn weights(&self) -> Vec<&Variable> {
        self.0.iter().flat_map(|layer| [&layer.w, &layer.b]).collect()
    }
}

/// Images and labels, so many at a time.
struct BatchGenerator<'a> {
    images: &'a Tensor,
    labels: &'a Tensor,
    size: usize,
}

impl BatchGenerator<'_> {
    fn batches(&self) -> impl Iterator<Item = Result<(Tensor, Tensor)>> {
        let n = self.images.shape()[0];
        (0..n).step_by(self.size).map(move |start| {
            let stop = n.min(start + self.size);
            Ok((self.images.i(start..stop)?, self.labels.i(start..stop)?))
        })
    }
}

const LEARNING_RATE: f64 = 1e-3;

fn update_weights(gradients: &[Tensor], weights: &[&Variable]) -> Result<()> {
    weights.iter().zip(gradients).try_for_each(|(w, g)| w.assign_sub(&(g * LEARNING_RATE)))
}

fn one_training_step(model: &NaiveSequential, images: &Tensor, labels: &Tensor) -> Result<Tensor> {
    let tape = GradientTape::new();
    let predictions = model.call(images)?;
    let losses = losses::sparse_categorical_crossentropy(labels, &predictions)?;
    let average = losses.mean(..)?;
    let gradients = tape.gradients(&average, model.weights())?;
    update_weights(&gradients, &model.weights())?;
    Ok(average)
}

/// Trains for ten epochs, then counts right answers.
pub fn run(cx: &Cx) -> Result<()> {
    let ((images, labels), (test_images, test_labels)) = mnist::load_data()?;
    let images = images.reshape([-1, 28 * 28])?.cast(F32) / 255.0;
    let test_images = test_images.reshape([-1, 28 * 28])?.cast(F32) / 255.0;
    let model = NaiveSequential(vec![
        NaiveDense::new(28 * 28, 512, ops::relu)?,
        NaiveDense::new(512, 10, |x| ops::softmax(x, -1))?,
    ]);

    let (mut first, mut last) = (None, 0.0);
    for epoch in 0..cx.epochs.unwrap_or(10) {
        cx.report.line(format!("Epoch {epoch}"));
        let batches = BatchGenerator { images: &images, labels: &labels, size: cx.batch_size.unwrap_or(128) };
        for (number, batch) in batches.batches().enumerate() {
            let (x, y) = batch?;
            let loss = one_training_step(&model, &x, &y)?;
            if number % 100 == 0 {
                last = loss.item::<f32>()?;
                first.get_or_insert(last);
                cx.report.line(format!("loss at batch {number}: {last:.2}"));
            }
        }
    }
    let predicted = model.call(&test_images)?.argmax(1)?;
    let accuracy = predicted.equal(test_labels.cast(I64))?.cast(F32).mean(..)?.item::<f32>()?;
    cx.report.line(format!("accuracy: {accuracy:.4} (expected about 0.82)"));
    cx.report.object(&json!({
        "first_loss": first, "last_loss": last, "test_acc": accuracy, "expected_test_acc": 0.82,
    }));
    Ok(())
}
