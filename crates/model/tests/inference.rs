//! Models for inference alone: what they predict, what they leave alone, and what they refuse.

mod common;

use common::close;
use rhyton_data::Dataset;
use rhyton_model::{Fit, InferenceModel, Model, Predict, Sequential};
use rhyton_nn::layers::{BatchNormalization, Dense, Dropout, Input, LayerNormalization, Rescaling, input};
use rhyton_tensor::{DType, Tensor, ops, set_random_seed};

fn numbers(rows: usize, columns: usize) -> Tensor {
    let x = ops::arange((rows * columns) as i32, DType::F32).unwrap();
    ops::reshape(&ops::sin(&(x * 0.7)).unwrap(), [rows, columns]).unwrap()
}

/// A model whose normalizations have seen data.
fn trained() -> Sequential {
    set_random_seed(3);
    let mut model = Sequential::from((
        Input::new([12]),
        Rescaling::new(1.0 / 3.0).offset(0.5),
        Dense::new(32),
        BatchNormalization::new(),
        Dropout::new(0.3),
        Dense::new(16).activation("relu"),
        BatchNormalization::new(),
        Dense::new(8).activation("tanh").use_bias(false),
        LayerNormalization::new(),
        Dense::new(3).activation("softmax"),
    ));
    model.compile("rmsprop", "mse", ()).unwrap();
    model.fit(numbers(256, 12), numbers(256, 3), Fit::epochs(3).verbose(0)).unwrap();
    model
}

fn same(a: &Tensor, b: &Tensor) {
    assert_eq!(a.shape(), b.shape());
    close("inference", &a.to_f64s().unwrap(), &b.to_f64s().unwrap(), 1e-5);
}

#[test]
fn predictions_are_those_of_the_model() {
    let model = trained();
    let inference = model.for_inference().unwrap();
    for rows in [1, 5, 32, 75] {
        let x = numbers(rows, 12);
        let expected = model.predict(&x).unwrap();
        same(&inference.predict(&x).unwrap(), &expected);
        // Again, as one batch and from a dataset.
        same(&inference.predict(&x).unwrap(), &expected);
        same(&inference.predict_with(&x, Predict::new().batch_size(100)).unwrap(), &expected);
        let dataset = Dataset::from_tensor_slices(&x).unwrap().batch(8);
        same(&inference.predict(&dataset).unwrap(), &expected);
        let mut y = vec![0.0; rows * 3];
        inference.predict_into(&x.to_vec::<f32>().unwrap(), &mut y).unwrap();
        same(&Tensor::from_slice(&y, [rows, 3]).unwrap(), &expected);
    }
}

#[test]
fn training_goes_on_without_a_trace() {
    let mut model = trained();
    let x = numbers(4, 12);
    let before = model.predict(&x).unwrap();
    let inference = model.for_inference().unwrap();
    model.fit(numbers(64, 12), numbers(64, 3), Fit::epochs(2).verbose(0)).unwrap();
    same(&inference.predict(&x).unwrap(), &before);
    let later = model.predict(&x).unwrap();
    assert_ne!(later.to_vec::<f32>().unwrap(), before.to_vec::<f32>().unwrap());
    same(&model.for_inference().unwrap().predict(&x).unwrap(), &later);
}

#[test]
fn several_outputs_by_name() {
    let x = input([6]);
    let h = BatchNormalization::new().call(&Dense::new(5).call(&x).unwrap()).unwrap();
    let (a, b) = (Dense::new(2).call(&h).unwrap(), Dense::new(1).call(&h).unwrap());
    let model = Model::new(&x, [&a, &b]).unwrap();
    let inference = model.for_inference().unwrap();
    let data = numbers(7, 6);
    let (got, expected) = (inference.predict_all(&data).unwrap(), model.predict_all(&data).unwrap());
    got.iter().zip(&expected).for_each(|(a, b)| same(a, b));
    let e = inference.predict_into(&[0.0; 6], &mut [0.0; 3]).unwrap_err().to_string();
    assert!(e.contains("needs a model with one output; use predict_all"), "{e}");
}

#[test]
fn what_does_not_fit_is_told() {
    let unbuilt = Sequential::from([Dense::new(2)]).for_inference().unwrap_err().to_string();
    assert!(unbuilt.contains("the model has no weights yet"), "{unbuilt}");
    let inference: InferenceModel = trained().for_inference().unwrap();
    let refused = |x: &[f32], y: usize| inference.predict_into(x, &mut vec![0.0; y]).unwrap_err().to_string();
    let e = refused(&[0.0; 13], 3);
    assert!(e.contains("predict_into: expected samples of 12 numbers, got 13 numbers"), "{e}");
    let e = refused(&[0.0; 24], 3);
    assert!(e.contains("expected room for 6 numbers of 2 samples, got 3"), "{e}");
    let e = refused(&[], 0);
    assert!(e.contains("got 0 numbers"), "{e}");
    assert!(inference.predict(numbers(2, 5)).is_err());
}
