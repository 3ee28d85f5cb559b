//! Training with `SpectralNormalization` gives Keras's numbers.
//!
//! One test that trains in this program: it changes the default float type of the process.

mod common;

use common::close;
use rhyton_model::Model;
use rhyton_nn::layers::{Dense, SpectralNormalization, input};
use rhyton_nn::optimizers::{Adam, SGD};
use rhyton_nn::set_floatx;
use rhyton_tensor::{DType, Tensor};
use serde_json::Value;

fn numbers(v: &Value) -> Vec<f64> {
    v.as_array().unwrap().iter().map(|n| n.as_f64().unwrap()).collect()
}

fn make(name: &str) -> Model {
    let x = input([3]);
    let mut model = match name {
        "dense" => {
            let inner = Dense::new(4).activation("tanh");
            let h = SpectralNormalization::new(inner).call(&x).unwrap();
            Model::new(&x, Dense::new(2).call(&h).unwrap()).unwrap()
        }
        "iterated" => {
            let y = SpectralNormalization::new(Dense::new(2)).power_iterations(3).call(&x).unwrap();
            Model::new(&x, &y).unwrap()
        }
        other => panic!("no model {other}"),
    };
    match name {
        "dense" => model.compile(SGD::new(0.1).momentum(0.5), "mse", ()).unwrap(),
        _ => {
            let adam = Adam::new(0.05).beta_1(0.5).beta_2(0.75).epsilon(2f64.powi(-20));
            model.compile(adam, "mse", ()).unwrap();
        }
    }
    model
}

#[test]
fn every_step_is_that_of_keras() {
    set_floatx(DType::F64).unwrap();
    let facts: Value = serde_json::from_str(include_str!("golden/spectral_runs.json")).unwrap();
    for (name, run) in facts.as_object().unwrap() {
        let mut model = make(name);
        let start = run["start"].as_array().unwrap().iter().zip(model.weights());
        let start: Vec<Tensor> =
            start.map(|(v, w)| Tensor::from_slice(&numbers(v), w.shape()).unwrap()).collect();
        model.set_weights(&start).unwrap();
        let x = Tensor::from_slice(&numbers(&run["x"]), [4, 3]).unwrap();
        let y = Tensor::from_slice(&numbers(&run["y"]), [4, 2]).unwrap();
        for (i, step) in run["steps"].as_array().unwrap().iter().enumerate() {
            model.reset_metrics().unwrap();
            let loss = model.train_on_batch(&x, &y).unwrap().loss();
            close(&format!("{name} loss {i}"), &[loss], &[step["loss"].as_f64().unwrap()], 1e-9);
            for (got, expected) in
                model.get_weights().unwrap().iter().zip(step["weights"].as_array().unwrap())
            {
                let what = format!("{name} weight after step {i}");
                close(&what, &got.to_f64s().unwrap(), &numbers(expected), 1e-9);
            }
        }
        let predicted = model.predict(&x).unwrap().to_f64s().unwrap();
        close(&format!("{name} predict"), &predicted, &numbers(&run["predicted"]), 1e-9);
    }
}
