//! The cases of testkit/golden/losses.py and losses_rest.py: losses, reductions, weights and gradients.

mod common;

use common::{Arrays, assert_close, config, floatx, json, npz, precision, text};
use rhyton_base::Shape;
use rhyton_nn::activations;
use rhyton_nn::losses::{self, Loss, Reduction, compute};
use rhyton_tensor::{DType, GradientTape, Tensor, ops};
use serde_json::Value;
use std::sync::Arc;

const REDUCTIONS: [&str; 3] = ["sum_over_batch_size", "sum", "mean_with_sample_weight"];

fn input(arrays: &Arrays, facts: &Value, key: &str, dtype: DType) -> Option<Tensor> {
    facts[key].as_str().map(|name| arrays.at(&format!("in/{name}"), dtype))
}

fn loss(facts: &Value, reduction: &str) -> Arc<dyn Loss> {
    let mut arguments = config(&facts["arguments"]);
    arguments.insert("reduction".to_string(), reduction.into());
    losses::from_config(text(facts, "class"), &arguments).unwrap()
}

fn function(facts: &Value, y_true: &Tensor, y_pred: &Tensor) -> Option<Tensor> {
    let a = &facts["arguments"];
    let logits = a["from_logits"].as_bool().unwrap_or(false);
    let smoothing = a["label_smoothing"].as_f64().unwrap_or(0.0);
    let value = match facts["function"].as_str()? {
        "binary_crossentropy" => losses::binary_crossentropy_with(y_true, y_pred, logits, smoothing, -1),
        "categorical_crossentropy" => {
            losses::categorical_crossentropy_with(y_true, y_pred, logits, smoothing, -1)
        }
        "sparse_categorical_crossentropy" => losses::sparse_categorical_crossentropy_with(
            y_true,
            y_pred,
            logits,
            a["ignore_class"].as_i64(),
            -1,
        ),
        "mean_squared_error" => losses::mean_squared_error(y_true, y_pred),
        "mean_absolute_error" => losses::mean_absolute_error(y_true, y_pred),
        _ => return None, // The others have no arguments but those of the class, which is compared.
    };
    Some(value.unwrap())
}

fn values(file: &str, dtype: DType, relative: f64, absolute: f64) {
    let _floatx = floatx(dtype);
    let arrays = npz(&format!("{file}.npz"));
    let p = precision(dtype);
    for facts in json(&format!("{file}.json"))["losses"].as_array().unwrap() {
        let case = text(facts, "case");
        let key = |what: &str| format!("{p}/losses/{case}/{what}");
        let close = |what: &str, got: &Tensor, expected: &Tensor| {
            assert_close(&key(what), got, expected, relative, absolute, &[]);
        };
        let get = |name: &str| input(&arrays, facts, name, dtype);
        let (y_true, y_pred) = (get("y_true").unwrap(), get("y_pred").unwrap());
        if let Some(value) = function(facts, &y_true, &y_pred) {
            close("function", &value, &arrays.get(&key("function")));
        }
        let value = compute(&*loss(facts, "none"), &y_true, &y_pred, None).unwrap();
        close("function", &value, &arrays.get(&key("function")));
        let weight = get("weight");
        let mut rows = vec![None];
        rows.extend(weight.as_ref().map(Some));
        let reduced = arrays.get(&key("reduced"));
        for (row, weight) in rows.iter().enumerate() {
            for (column, reduction) in REDUCTIONS.iter().enumerate() {
                let got = compute(&*loss(facts, reduction), &y_true, &y_pred, *weight).unwrap();
                let expected =
                    ops::narrow(&ops::narrow(&reduced, 0, row, row + 1).unwrap(), 1, column, column + 1);
                let expected = expected.unwrap().reshape([0usize; 0]).unwrap();
                close(&format!("reduced[{row}, {column}]"), &got, &expected);
            }
        }
        if let Some(weight) = &weight {
            let got = compute(&*loss(facts, "none"), &y_true, &y_pred, Some(weight)).unwrap();
            close("none_weighted", &got, &arrays.get(&key("none_weighted")));
        }
    }
}

#[test]
fn values_in_double_precision() {
    values("losses", DType::F64, 1e-12, 1e-14);
    values("losses_rest", DType::F64, 1e-11, 1e-13);
}

#[test]
fn values_in_single_precision() {
    values("losses", DType::F32, 2e-6, 1e-7);
    values("losses_rest", DType::F32, 1e-5, 1e-6);
}

#[test]
fn gradients() {
    for file in ["losses", "losses_rest"] {
        gradients_of(file);
    }
}

fn gradients_of(file: &str) {
    let arrays = npz(&format!("{file}.npz"));
    for facts in json(&format!("{file}.json"))["losses"].as_array().unwrap() {
        let case = text(facts, "case");
        if case == "mae_equal" {
            continue; // The slope of |x| at 0 is 0 here and 1 in JAX.
        }
        let get = |name: &str| input(&arrays, facts, name, DType::F64);
        let (y_true, y_pred, weight) = (get("y_true").unwrap(), get("y_pred").unwrap(), get("weight"));
        let gradient = |reduction: &str, weight: Option<&Tensor>| -> Tensor {
            let tape = GradientTape::new();
            tape.watch(&y_pred);
            let value = compute(&*loss(facts, reduction), &y_true, &y_pred, weight).unwrap();
            tape.gradient(&value, &y_pred).unwrap()
        };
        let what = |name: &str| format!("f64/losses/{case}/{name}");
        let (grad, mean) = (gradient("none", None), gradient("sum_over_batch_size", weight.as_ref()));
        assert_close(&what("grad"), &grad, &arrays.get(&what("grad")), 1e-9, 1e-12, &[]);
        assert_close(&what("grad_mean"), &mean, &arrays.get(&what("grad_mean")), 1e-9, 1e-12, &[]);
    }
}

/// Nested lists as a tensor.
fn nested(value: &Value) -> Tensor {
    let (mut shape, mut flat) = (Vec::new(), vec![value]);
    while let Some(rows) = flat[0].as_array() {
        shape.push(rows.len());
        flat = flat.iter().flat_map(|v| v.as_array().unwrap()).collect();
    }
    let numbers: Vec<f64> = flat.iter().map(|v| v.as_f64().unwrap()).collect();
    Tensor::from(numbers).reshape(shape).unwrap()
}

/// The cases of testkit/golden/logits.py: Keras on TensorFlow looks for the logits behind a softmax or a sigmoid.
#[test]
fn logits_behind_probabilities() {
    let facts = json("logits.json");
    let cases = facts["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 9);
    for (i, facts) in cases.iter().enumerate() {
        let (z, y_true) = (nested(&facts["z"]), nested(&facts["y_true"]));
        let what = |name: &str| format!("case {i}, {name}");
        let loss = loss(facts, "none");
        let values = |z: &Tensor| {
            let y_pred = match facts["axis"].as_i64() {
                Some(axis) => activations::softmax_with(z, axis as isize),
                None => activations::sigmoid(z),
            };
            compute(&*loss, &y_true, &y_pred.unwrap(), None).unwrap()
        };
        let tape = GradientTape::new();
        tape.watch(&z);
        let value = values(&z);
        assert_close(&what("values"), &value, &nested(&facts["values"]), 1e-12, 1e-14, &[]);
        let gradient = tape.gradient(&value, &z).unwrap();
        assert_close(&what("gradient"), &gradient, &nested(&facts["gradient"]), 1e-12, 1e-14, &[]);
        // Rounded logits, in the type of the loss all the same.
        let narrow = values(&ops::cast(&z, DType::F32).unwrap());
        assert_close(&what("narrow"), &narrow, &value, 2e-6, 1e-6, &[]);
    }
}

#[test]
fn crossentropy_follows_shapes() {
    for facts in json("losses.json")["strings"].as_array().unwrap() {
        let shape = |key: &str| -> Shape {
            let sizes = facts[key].as_array().unwrap();
            Shape::from(sizes.iter().map(|n| n.as_u64().unwrap() as usize).collect::<Vec<_>>())
        };
        let (t, p) = (shape("y_true"), shape("y_pred"));
        assert_eq!(losses::resolve_crossentropy(&t, &p).name(), text(facts, "crossentropy"), "{facts}");
        for name in ["accuracy", "acc"] {
            let metric = rhyton_nn::metrics::accuracy_for(name, &t, &p);
            assert_eq!((metric.class_name(), metric.name().as_str()), (text(facts, name), name), "{facts}");
        }
    }
}

/// A mask changes the divisor where the mean is over all values, and is a weight elsewhere.
#[test]
fn masks() {
    let mse = losses::MeanSquaredError::new();
    let (t, p) = (Tensor::from([[0.0], [0.0], [0.0]]), Tensor::from([[1.0], [2.0], [3.0]]));
    let (mask, weight) = (Tensor::from([true, false, true]), Tensor::from([1.0, 1.0, 3.0]));
    let value = |reduction: Reduction, weight: Option<&Tensor>| -> f64 {
        let loss = mse.clone().reduction(reduction);
        losses::compute_masked(&loss, &t, &p, weight, Some(&mask)).unwrap().item().unwrap()
    };
    assert_eq!(value(Reduction::SumOverBatchSize, None), 5.0);
    assert_eq!(value(Reduction::SumOverBatchSize, Some(&weight)), 14.0);
    assert_eq!(value(Reduction::Sum, Some(&weight)), 28.0);
    assert_eq!(value(Reduction::MeanWithSampleWeight, Some(&weight)), 7.0);
    let nothing = Tensor::from([false, false, false]);
    assert_eq!(
        losses::compute_masked(&mse, &t, &p, None, Some(&nothing)).unwrap().item::<f64>().unwrap(),
        0.0
    );
}

/// The mask that comes with predictions counts as well.
#[test]
fn masks_come_with_predictions() {
    let mse = losses::MeanSquaredError::new();
    let (t, p) = (Tensor::from([[0.0], [0.0], [0.0]]), Tensor::from([[1.0], [2.0], [3.0]]));
    let p = p.with_mask(Some(Tensor::from([true, false, true])));
    assert_eq!(compute(&mse, &t, &p, None).unwrap().item::<f64>().unwrap(), 5.0);
    let metric = rhyton_nn::metrics::MeanSquaredError::new();
    rhyton_nn::metrics::Metric::update_state(&metric, &t, &p, None).unwrap();
    let result = rhyton_nn::metrics::Metric::result(&metric).unwrap().to_f64s().unwrap();
    assert_eq!(result, [5.0]);
}

#[test]
fn a_type_of_its_own() {
    let loss = losses::Huber::new().dtype(DType::F64);
    let value = compute(&loss, &Tensor::from([[0.0f32]]), &Tensor::from([[1.0f32]]), None).unwrap();
    assert_eq!((value.dtype(), value.to_f64s().unwrap()), (DType::F64, vec![0.5]));
    let again = losses::from_config("Huber", &loss.config()).unwrap();
    assert_eq!(again.dtype(), Some(DType::F64));
}

#[test]
fn names_resolve_and_arguments_survive() {
    for name in losses::NAMES {
        let made = losses::get(name).unwrap();
        let again = losses::from_config(made.class_name(), &made.config()).unwrap();
        assert_eq!((made.class_name(), made.config()), (again.class_name(), again.config()));
    }
}

/// An axis of classes that is not the last one gives the same as the transposed tensors.
#[test]
fn other_axes() {
    let p = Tensor::from([[0.2, 0.3], [0.5, 0.1], [0.3, 0.6]]);
    let (one_hot, labels) = (Tensor::from([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]), Tensor::from([1, 2]));
    let expected = losses::sparse_categorical_crossentropy(&labels, &p.t()).unwrap();
    let sparse = losses::sparse_categorical_crossentropy_with(&labels, &p, false, None, 0).unwrap();
    let dense = losses::categorical_crossentropy_with(&one_hot, &p, false, 0.0, 0).unwrap();
    assert_close("sparse", &sparse, &expected, 1e-15, 0.0, &[]);
    assert_close("dense", &dense, &expected, 1e-15, 0.0, &[]);
}
