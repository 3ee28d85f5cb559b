//! Samples that are mostly zeros are trained on as lists; no bit depends on it.

use rhyton_model::{Compile, Evaluate, Fit, Model, Predict, Sequential};
use rhyton_nn::layers::{Activation, Dense};
use rhyton_runtime::{Generator, set_threads};
use rhyton_tensor::{Tensor, ops, set_random_seed};
use std::sync::{Mutex, MutexGuard};

/// Tests take turns with the process's seed.
fn alone() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    ONE.lock().unwrap_or_else(|e| e.into_inner())
}

/// Texts of 700 words as zeros and a few ones, and whether the first half of the words is more frequent.
fn texts(count: usize) -> (Tensor, Tensor) {
    let mut generator = Generator::new(3);
    let (mut x, mut y) = (vec![0f32; count * 700], vec![0f32; count]);
    for i in 0..count {
        let bias = 0.3 + 0.4 * (i % 2) as f64;
        let mut first = 0;
        for _ in 0..12 {
            let half = generator.uniform() < bias;
            let word = (generator.uniform() * 350.0) as usize + if half { 0 } else { 350 };
            (x[i * 700 + word], first) = (1.0, first + usize::from(half));
        }
        y[i] = f32::from(first > 6);
    }
    (Tensor::from_slice(&x, [count, 700]).unwrap(), Tensor::from_slice(&y, [count]).unwrap())
}

fn bits(model: &Model) -> Vec<Vec<u8>> {
    model.get_weights().unwrap().iter().map(|w| w.to_bytes().unwrap()).collect()
}

/// Trains, judges and predicts; everything that comes of it.
fn run(first: usize, eagerly: bool, threads: usize) -> (Vec<Vec<u8>>, Vec<f64>, Vec<f64>, Vec<u8>) {
    set_threads(threads);
    set_random_seed(1);
    let (x, y) = texts(900);
    let mut model = Sequential::new();
    model.add(Dense::new(first).activation("relu"));
    model.add(Dense::new(1).activation("sigmoid"));
    let compile = Compile::new("rmsprop", "binary_crossentropy").metrics(["accuracy"]).run_eagerly(eagerly);
    model.compile_with(compile).unwrap();
    // Batches of 256 and one of 88, of rows in any order; validation on rows in their order.
    let fit = Fit::epochs(3).batch_size(256).validation_split(1.0 / 9.0).verbose(0);
    let history = model.fit(x.i(100..).unwrap(), y.i(100..).unwrap(), fit).unwrap();
    let report = model.evaluate_with(&x, &y, Evaluate::new().batch_size(100).verbose(0)).unwrap();
    let predictions = model.predict_with(&x, Predict::new().verbose(0)).unwrap();
    let curves = ["loss", "val_loss", "val_accuracy"].map(|name| history[name].to_vec()).concat();
    (bits(&model), curves, vec![report.loss(), report["accuracy"]], predictions.to_bytes().unwrap())
}

#[test]
fn lists_change_no_bit() {
    let _alone = alone();
    for first in [16, 70] {
        let dense = run(first, true, 2);
        assert!(dense.2[1] > 0.6, "it learns: {:?}", dense.2);
        for threads in [1, 2, 3] {
            assert_eq!(run(first, false, threads), dense, "{first} units, {threads} threads");
        }
    }
}

#[test]
fn whoever_reads_the_samples_gets_them_as_they_are() {
    let _alone = alone();
    let (x, y) = texts(600);
    let train = |activation: bool, eagerly: bool| {
        set_random_seed(2);
        let mut model = Sequential::new();
        if activation {
            // Not a product: it needs the numbers.
            model.add(Activation::new("tanh"));
        }
        model.add(Dense::new(16).activation("relu"));
        model.add(Dense::new(1).activation("sigmoid"));
        model.compile_with(Compile::new("sgd", "binary_crossentropy").run_eagerly(eagerly)).unwrap();
        let history = model.fit(&x, &y, Fit::epochs(2).batch_size(128).verbose(0)).unwrap();
        (bits(&model), history["loss"].to_vec())
    };
    assert_eq!(train(true, false), train(true, true));
    assert_ne!(train(true, false), train(false, false));
}

#[test]
fn numbers_that_are_none_are_found() {
    let _alone = alone();
    let (x, y) = texts(300);
    let mut values = x.to_vec::<f32>().unwrap();
    values[700 * 20 + 3] = f32::NAN;
    let x = Tensor::from_slice(&values, [300, 700]).unwrap();
    let mut model = Sequential::from([Dense::new(16), Dense::new(1)]);
    model.compile("sgd", "mse", ()).unwrap();
    let history = model.fit(&x, ops::reshape(&y, [300, 1]).unwrap(), Fit::epochs(1).verbose(0)).unwrap();
    assert!(history["loss"][0].is_nan());
    assert!(history.nan_cause().unwrap().contains("row 20"), "{:?}", history.nan_cause());
}
