//! Keras itself reads our files: run where the environment variable `RHYTON_PYTHON` names an interpreter that
//! has it.

mod common;

use common::{folder, golden};
use rhyton_io::{Array, Compression, write_npz};
use rhyton_model::{Fit, Sequential};
use rhyton_nn::layers::{Activation, Dense, Dropout, Flatten, Input};
use rhyton_nn::losses::SparseCategoricalCrossentropy;
use rhyton_nn::metrics::SparseCategoricalAccuracy;
use rhyton_nn::optimizers::{Adam, RMSprop, SGD};
use rhyton_runtime::Generator;
use rhyton_tensor::{Tensor, ops};
use std::process::Command;

fn array(x: &Tensor) -> Array {
    Array::new(x.dtype(), x.shape(), x.to_bytes().unwrap()).unwrap()
}

fn random(shape: &[usize], seed: u64) -> Tensor {
    let mut g = Generator::new(seed);
    let values: Vec<f32> = (0..shape.iter().product()).map(|_| g.normal() as f32).collect();
    Tensor::from_slice(&values, shape).unwrap()
}

fn check(python: &str, name: &str, mut model: Sequential) {
    let folder = folder(&format!("keras-{name}"));
    let (x, train_x) = (random(&[7, 4, 3], 1), random(&[3, 16, 4, 3], 2));
    let mut g = Generator::new(3);
    let labels: Vec<i32> = (0..48).map(|_| g.below(3) as i32).collect();
    let train_y = Tensor::from_slice(&labels, [3, 16]).unwrap();
    let batch = |x: &Tensor, i: usize| ops::squeeze(&ops::narrow(x, 0, i, i + 1).unwrap(), 0).unwrap();

    // The optimizer has state when the file is written.
    model.fit(batch(&train_x, 0), batch(&train_y, 0), Fit::epochs(2).batch_size(8).verbose(0)).unwrap();
    let path = folder.join("model.keras");
    model.save(&path).unwrap();
    let y = model.predict(&x).unwrap();
    let mut losses = Vec::new();
    for i in 0..3 {
        model.reset_metrics().unwrap();
        losses.push(model.train_on_batch(batch(&train_x, i), batch(&train_y, i)).unwrap().loss());
    }
    let (given, expected) = (folder.join("in.npz"), folder.join("out.npz"));
    let inputs = [("x", &array(&x)), ("train_x", &array(&train_x)), ("train_y", &array(&train_y))];
    write_npz(&given, &inputs, Compression::Stored).unwrap();
    let losses = Tensor::from(losses);
    write_npz(&expected, &[("y", &array(&y)), ("losses", &array(&losses))], Compression::Stored).unwrap();

    let script = golden("check_keras_file.py");
    let run = Command::new(python).arg(script).args([&path, &given, &expected]).output().unwrap();
    let said = String::from_utf8_lossy(&run.stdout).into_owned() + &String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{name}: {said}");
    println!("{name}: {said}");
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn keras_reads_our_files() {
    let Ok(python) = std::env::var("RHYTON_PYTHON") else {
        println!("skipped: RHYTON_PYTHON does not name an interpreter with Keras");
        return;
    };
    let mut model = Sequential::from((
        Input::new([4, 3]),
        Flatten::new(),
        Dense::new(6).kernel_initializer("he_normal").name("hidden"),
        Activation::new("relu"),
        Dropout::new(0.0),
        Dense::new(3).activation("softmax").name("dense"),
    ));
    model.compile("adam", "sparse_categorical_crossentropy", ["accuracy"]).unwrap();
    check(&python, "adam", model);

    let mut model = Sequential::from((Flatten::new(), Dense::new(5).activation("tanh"), Dense::new(3)));
    let loss = SparseCategoricalCrossentropy::new().from_logits(true);
    model
        .compile(
            RMSprop::new(0.01).momentum(0.9).centered(true),
            loss,
            (SparseCategoricalAccuracy::new(), "acc"),
        )
        .unwrap();
    check(&python, "rmsprop", model);

    let mut model = Sequential::from((
        Flatten::new(),
        Dense::new(5).activation("gelu").trainable(false),
        Dense::new(3).use_bias(false).activation("softmax"),
    ));
    model.compile(SGD::new(0.05).momentum(0.9).nesterov(true), "crossentropy", ()).unwrap();
    check(&python, "sgd", model);

    let mut model = Sequential::from((Flatten::new(), Dense::new(3).activation("softmax")));
    model.compile(Adam::new(0.01).amsgrad(true), "sparse_categorical_crossentropy", ["acc"]).unwrap();
    check(&python, "amsgrad", model);
}
