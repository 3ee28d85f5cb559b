//! Deep models and tiny steps: what they cost is printed, and must stay in reason on any machine.

use rhyton_base::Result;
use rhyton_model::{Batch, Compile, CustomSteps, Fit, Model, Sequential, StepCx};
use rhyton_nn::layers::{AnyLayer, Dense, Input, input};
use rhyton_tensor::{DType, GradientTape, ops};
use std::sync::Mutex;
use std::time::Instant;

static ONE: Mutex<()> = Mutex::new(());

#[test]
fn a_thousand_layers() {
    let _alone = ONE.lock().unwrap_or_else(|e| e.into_inner());
    let start = Instant::now();
    let x = input([8]);
    let mut h = x.clone();
    for i in 0..1000 {
        let y = Dense::new(8).activation("relu").call(&h).unwrap();
        h = if i % 4 == 3 { &y + &h } else { y };
    }
    let y = Dense::new(1).call(&h).unwrap();
    let mut model = Model::new(&x, &y).unwrap();
    assert_eq!(model.weights().len(), 2002);
    let built = start.elapsed();
    model.compile("adam", "mse", ["mae"]).unwrap();
    let (x, y) = (ops::ones([32, 8], DType::F32).unwrap(), ops::ones([32, 1], DType::F32).unwrap());
    model.train_on_batch(&x, &y).unwrap();
    let first = start.elapsed();
    model.train_on_batch(&x, &y).unwrap();
    println!("built after {built:?}, first step after {first:?}, second took {:?}", start.elapsed() - first);
    assert!(first.as_secs() < 120, "{first:?}");
}

/// The built-in step, written out.
struct WrittenOut;

impl CustomSteps for WrittenOut {
    fn train_step(&self, cx: &StepCx, batch: &Batch) -> Result<()> {
        let tape = GradientTape::new();
        let y_pred = cx.call(batch)?;
        let loss = cx.compute_loss(batch, &y_pred)?;
        cx.minimize(&tape, &loss)?;
        cx.update_metrics(&loss, batch, &y_pred)
    }
}

/// Microseconds a step of the best of some epochs.
fn step_time(mut model: Model) -> f64 {
    model.compile_with(Compile::new("sgd", "mse")).unwrap();
    let n = 32 * 2000;
    let (x, y) = (ops::ones([n, 4], DType::F32).unwrap(), ops::ones([n, 1], DType::F32).unwrap());
    model.fit(&x, &y, Fit::epochs(1).batch_size(32).verbose(0)).unwrap();
    let mut best = f64::MAX;
    for _ in 0..10 {
        let start = Instant::now();
        model.fit(&x, &y, Fit::epochs(1).batch_size(32).shuffle(false).verbose(0)).unwrap();
        best = best.min(start.elapsed().as_secs_f64());
    }
    best / 2000.0 * 1e6
}

#[test]
fn a_tiny_model() {
    let _alone = ONE.lock().unwrap_or_else(|e| e.into_inner());
    let tiny = || Sequential::from((Input::new([4]), Dense::new(10).activation("relu"), Dense::new(1)));
    let built_in = step_time(tiny().into());
    let own = step_time(Model::from(tiny()).with_steps(WrittenOut));
    let alone =
        step_time(Model::from_layer(AnyLayer::from(Sequential::from((Input::new([4]), Dense::new(1))))));
    println!(
        "a step of 10 units on 32 samples: {built_in:.1} µs; written out: {own:.1} µs; one layer: {alone:.1} µs"
    );
    assert!(built_in < 1000.0 && own < 1000.0);
}
