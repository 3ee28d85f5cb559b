//! The cases of testkit/golden/losses_rest.py about regularizers and constraints.

mod common;

use common::{assert_close, config, json, npz, precision, text};
use rhyton_nn::{constraints, regularizers};
use rhyton_tensor::{DType, GradientTape, Tensor};

#[test]
fn penalties() {
    let (arrays, facts) = (npz("losses_rest.npz"), json("losses_rest.json"));
    for (dtype, relative) in [(DType::F64, 1e-12), (DType::F32, 2e-6)] {
        for facts in facts["regularizers"].as_array().unwrap() {
            let made = regularizers::from_config(text(facts, "class"), &config(&facts["arguments"])).unwrap();
            let x = arrays.at(&format!("in/{}", text(facts, "x")), dtype);
            let key = format!("{}/regularizers/{}", precision(dtype), text(facts, "case"));
            assert_close(&key, &made.call(&x).unwrap(), &arrays.get(&key), relative, 1e-12, &[]);
            assert_eq!(made.config(), config(&facts["config"]));
        }
    }
    for name in regularizers::NAMES {
        assert!(regularizers::NAMES.contains(&regularizers::get(name).unwrap().class_name()));
    }
}

#[test]
fn allowed_weights() {
    let (arrays, facts) = (npz("losses_rest.npz"), json("losses_rest.json"));
    for (dtype, relative) in [(DType::F64, 1e-12), (DType::F32, 2e-6)] {
        for facts in facts["constraints"].as_array().unwrap() {
            let made = constraints::from_config(text(facts, "class"), &config(&facts["arguments"])).unwrap();
            let x = arrays.at(&format!("in/{}", text(facts, "x")), dtype);
            let key = format!("{}/constraints/{}", precision(dtype), text(facts, "case"));
            assert_close(&key, &made.call(&x).unwrap(), &arrays.get(&key), relative, 1e-12, &[]);
            let again = constraints::from_config(made.class_name(), &made.config()).unwrap();
            assert_eq!(again.config(), made.config());
        }
    }
}

#[test]
fn penalties_have_gradients() {
    let x = Tensor::from([[1.0, -2.0], [0.5, 3.0]]);
    let tape = GradientTape::new();
    tape.watch(&x);
    let penalty = regularizers::L1L2::new(0.5, 0.25);
    let value = regularizers::Regularizer::call(&penalty, &x).unwrap();
    let gradient = tape.gradient(&value, &x).unwrap().to_vec::<f64>().unwrap();
    assert_eq!(gradient, [1.0, -1.5, 0.75, 2.0]);
}

#[test]
fn wrong_arguments_are_errors() {
    let negative = serde_json::json!({"l2": -1.0});
    let e = regularizers::from_config("L2", negative.as_object().unwrap()).unwrap_err().to_string();
    assert_eq!(e, "L2: expected l2 to be a finite number of at least 0, got -1");
    let e = constraints::get("max_nrm").unwrap_err().to_string();
    assert_eq!(e, "unknown constraint \"max_nrm\"; did you mean \"max_norm\"?");
}
