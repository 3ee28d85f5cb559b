//! `fit`, `evaluate` and `predict` give Keras's numbers, in both precisions, compiled and eagerly.
//!
//! One test alone in this program: it changes the default float type of the process.

mod common;

use common::{arrays, close, in_precision, json, texts};
use rhyton_model::{Compile, Evaluate, Fit, Sequential};
use rhyton_nn::layers::{Dense, Dropout, Input};
use rhyton_nn::optimizers;
use rhyton_nn::{Spec, set_floatx};
use rhyton_tensor::{DType, Tensor};
use serde_json::Value;
use std::collections::HashMap;

fn build(layers: &Value) -> Sequential {
    let mut model = Sequential::new();
    model.add(Input::new([8]));
    for text in texts(layers) {
        let (class, arguments) = text.strip_suffix(')').unwrap().split_once('(').unwrap();
        let arguments: Vec<&str> = arguments.split(", ").collect();
        match class {
            "Dropout" => drop(model.add(Dropout::new(arguments[0].parse().unwrap()))),
            _ => {
                let activation = arguments.get(1).copied().unwrap_or("linear");
                model.add(Dense::new(arguments[0].parse().unwrap()).activation(activation));
            }
        }
    }
    model
}

struct Runs {
    data: HashMap<String, Tensor>,
    facts: Value,
}

impl Runs {
    fn array(&self, key: &str, dtype: DType) -> Tensor {
        in_precision(self.data.get(key).unwrap_or_else(|| panic!("no {key}")), dtype)
    }

    fn check(&self, name: &str, run: &Value, dtype: DType, eagerly: bool) {
        let (precision, tolerance) = if dtype == DType::F64 { ("f64", 1e-9) } else { ("f32", 1e-4) };
        let which = run["model"].as_str().unwrap();
        let mut model = build(&self.facts["models"][which]);
        let start: Vec<Tensor> =
            (0..model.weights().len()).map(|i| self.array(&format!("start/{which}/w{i}"), dtype)).collect();
        model.set_weights(&start).unwrap();

        let class = run["optimizer"][0].as_str().unwrap();
        let optimizer = optimizers::from_config(class, run["optimizer"][1].as_object().unwrap()).unwrap();
        let names = |key: &str| run["compile"].get(key).map(texts).unwrap_or_default();
        let compile = Compile::new(Spec::Object(optimizer), run["compile"]["loss"].as_str().unwrap())
            .metrics(names("metrics"))
            .weighted_metrics(names("weighted_metrics"))
            .run_eagerly(eagerly);
        model.compile_with(compile).unwrap();

        let given = run["fit"].as_object().unwrap();
        let array = |v: &Value| self.array(v.as_str().unwrap(), dtype);
        let mut fit = Fit::epochs(given["epochs"].as_u64().unwrap() as usize)
            .batch_size(given["batch_size"].as_u64().unwrap() as usize)
            .shuffle(false)
            .verbose(0);
        for (key, value) in given {
            let size = || value.as_u64().unwrap() as usize;
            fit = match key.as_str() {
                "x" | "y" | "epochs" | "batch_size" => fit,
                "sample_weight" => fit.sample_weight(array(value)),
                "class_weight" => {
                    let pairs = value.as_object().unwrap().iter();
                    fit.class_weight(pairs.map(|(k, v)| (k.parse().unwrap(), v.as_f64().unwrap())))
                }
                "validation_split" => fit.validation_split(value.as_f64().unwrap()),
                "validation_data" => {
                    let parts: Vec<Tensor> = value.as_array().unwrap().iter().map(array).collect();
                    match parts.as_slice() {
                        [x, y] => fit.validation_data((x, y)),
                        [x, y, w] => fit.validation_data((x, y, w)),
                        _ => panic!("{value}"),
                    }
                }
                "validation_batch_size" => fit.validation_batch_size(size()),
                "validation_freq" => fit.validation_freq(size()),
                "initial_epoch" => fit.initial_epoch(size()),
                "steps_per_epoch" => fit.steps_per_epoch(size()),
                other => panic!("{other}"),
            };
        }
        let history = model.fit(array(&given["x"]), array(&given["y"]), fit).unwrap();

        let who = |what: &str| format!("{name} ({precision}, eager {eagerly}) {what}");
        let epochs: Vec<u64> = history.epochs().iter().map(|&e| e as u64).collect();
        assert_eq!(Value::from(epochs), run["epochs"], "{}", who("epochs"));
        assert_eq!(history.names().collect::<Vec<_>>(), texts(&run["history_keys"]), "{}", who("keys"));
        for key in history.names() {
            let expected = self.data[&format!("{precision}/{name}/history/{key}")].to_f64s().unwrap();
            close(&who(key), &history[key], &expected, tolerance);
        }
        let iterations = model.optimizer().unwrap().iterations().value().to_f64s().unwrap()[0];
        assert_eq!(iterations, run["iterations"].as_f64().unwrap(), "{}", who("iterations"));
        for (i, w) in model.get_weights().unwrap().iter().enumerate() {
            let expected = self.data[&format!("{precision}/{name}/w{i}")].to_f64s().unwrap();
            close(&who(&format!("w{i}")), &w.to_f64s().unwrap(), &expected, tolerance);
        }

        let target = match given["y"].as_str().unwrap() {
            "data/y" | "data/y_column" => "data/val_y",
            "data/y_real" => "data/val_y_real",
            other => &other.replace("data/", "data/val_"),
        };
        let (x, y) = (self.array("data/val_x", dtype), self.array(target, dtype));
        let weight = self.array("data/val_weight", dtype);
        for (key, options) in
            [("evaluate", Evaluate::new()), ("evaluate_weighted", Evaluate::new().sample_weight(&weight))]
        {
            let report = model.evaluate_with(&x, &y, options.verbose(0)).unwrap();
            let got: Vec<f64> = texts(&run["evaluate_keys"]).iter().map(|k| report[*k]).collect();
            let expected = self.data[&format!("{precision}/{name}/{key}")].to_f64s().unwrap();
            close(&who(key), &got, &expected, tolerance);
        }
        let expected = self.data[&format!("{precision}/{name}/predict")].to_f64s().unwrap();
        close(&who("predict"), &model.predict(&x).unwrap().to_f64s().unwrap(), &expected, tolerance);
    }
}

#[test]
fn every_run_of_keras() {
    let runs = Runs { data: arrays("fit_runs.npz"), facts: json("fit_runs.json") };
    for dtype in [DType::F64, DType::F32] {
        set_floatx(dtype).unwrap();
        for (name, run) in runs.facts["runs"].as_object().unwrap() {
            for eagerly in [true, false] {
                runs.check(name, run, dtype, eagerly);
            }
        }
    }
}
