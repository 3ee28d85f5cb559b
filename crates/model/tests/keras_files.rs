//! Files that Keras wrote: the same predictions, the same evaluation, the same losses when training goes on,
//! and the same description when they are written again.

mod common;

use common::{arrays, close, folder, golden, json, texts};
use rhyton_io::{KerasArchive, WeightsFile};
use rhyton_model::{LoadModel, Model, load_model};
use rhyton_tensor::{Tensor, Variable, ops};
use serde_json::Value;
use std::collections::HashMap;

/// A file that has two inputs; models of that kind have tests of their own.
const SEVERAL_INPUTS: &str = "functional";

struct Files {
    data: HashMap<String, Tensor>,
    facts: Value,
}

impl Files {
    fn new() -> Files {
        Files { data: arrays("keras_files.npz"), facts: json("keras_files.json") }
    }

    /// Every file of a sequential model, with its facts.
    fn each(&self) -> impl Iterator<Item = (&str, &Value)> {
        let files = self.facts["files"].as_object().unwrap().iter();
        files.map(|(name, facts)| (name.as_str(), facts)).filter(|(name, _)| *name != SEVERAL_INPUTS)
    }

    fn array(&self, key: &str) -> &Tensor {
        self.data.get(key).unwrap_or_else(|| panic!("no {key}"))
    }

    fn numbers(&self, key: &str) -> Vec<f64> {
        self.array(key).to_f64s().unwrap()
    }

    /// The name under which a file's arrays are kept.
    fn key<'a>(&self, name: &'a str) -> &'a str {
        if name == "deflated" { "dense_named" } else { name }
    }

    fn check(&self, name: &str, facts: &Value, model: &mut Model) {
        let key = self.key(name);
        let layers: Vec<Value> =
            model.layers().iter().map(|l| Value::from(vec![l.class_name().to_string(), l.name()])).collect();
        assert_eq!(Value::Array(layers), facts["layers"], "{name}");
        assert_eq!(Value::from(model.is_built()), facts["built"], "{name}");
        assert_eq!(Value::from(model.is_compiled()), facts["compiled"], "{name}");
        if !model.is_built() {
            return;
        }
        let weights: Vec<Value> = model
            .weights()
            .iter()
            .map(|w| Value::Array(vec![Value::from(w.name()), Value::from(w.shape().to_vec())]))
            .collect();
        assert_eq!(Value::Array(weights), facts["weights"], "{name}");
        close(name, &flat(&model.weights()), &self.numbers(&format!("{key}/weights")), 0.0);
        let y = model.predict(self.array(&format!("{key}/x"))).unwrap();
        close(&format!("{name} predict"), &y.to_f64s().unwrap(), &self.numbers(&format!("{key}/y")), 1e-6);
        if !model.is_compiled() {
            return;
        }
        let array = |what: &str| self.array(&format!("{key}/{what}"));
        let report = model.evaluate(array("eval_x"), array("eval_y")).unwrap();
        let got: Vec<f64> = texts(&facts["evaluate_keys"]).iter().map(|k| report[*k]).collect();
        close(&format!("{name} evaluate"), &got, &self.numbers(&format!("{key}/evaluate")), 1e-5);
        let iterations = model.optimizer().unwrap().iterations().value().to_f64s().unwrap()[0];
        assert_eq!(iterations, facts["iterations"].as_f64().unwrap(), "{name}");
        if iterations > 0.0 {
            let mut losses = Vec::new();
            for step in 0..3 {
                let take = |what: &str| {
                    ops::squeeze(&ops::narrow(array(what), 0, step, step + 1).unwrap(), 0).unwrap()
                };
                model.reset_metrics().unwrap();
                losses.push(model.train_on_batch(take("train_x"), take("train_y")).unwrap().loss());
            }
            close(&format!("{name} losses"), &losses, &self.numbers(&format!("{key}/losses")), 1e-5);
            let after = self.numbers(&format!("{key}/weights_after"));
            close(&format!("{name} weights after"), &flat(&model.weights()), &after, 1e-5);
        }
    }
}

fn flat(weights: &[Variable]) -> Vec<f64> {
    weights.iter().flat_map(|w| w.concrete_value().to_f64s().unwrap()).collect()
}

#[test]
fn every_file_is_understood() {
    let files = Files::new();
    for (name, facts) in files.each() {
        let loaded = LoadModel::new().load(golden(&format!("keras_files/{name}.keras"))).unwrap();
        assert_eq!(loaded.warnings, [""; 0], "{name}");
        let mut model = loaded.model;
        files.check(name, facts, &mut model);
    }
}

#[test]
fn our_own_copy_of_every_file_is_the_same_model() {
    let files = Files::new();
    let folder = folder("copies");
    for (name, facts) in files.each() {
        let path = folder.join(format!("{name}.keras"));
        load_model(golden(&format!("keras_files/{name}.keras"))).unwrap().save(&path).unwrap();
        let mut model = load_model(&path).unwrap();
        files.check(name, facts, &mut model);
    }
    std::fs::remove_dir_all(folder).unwrap();
}

/// Without the addresses of Keras's objects, which are different in each run, and without keys that say
/// nothing: those that older versions of Keras refuse, and the default axis.
fn comparable(json: &mut Value) {
    match json {
        Value::Object(o) => {
            o.remove("shared_object_id");
            for key in ["optional", "quantization_config", "input_axes", "output_axes"] {
                if o.get(key).is_some_and(|v| v.is_null() || v == &Value::Bool(false)) {
                    o.remove(key);
                }
            }
            if o.get("axis").is_some_and(|v| v == -1) {
                o.remove("axis");
            }
            // A batch may be of any size.
            if let Some(batch) = o.get_mut("build_config").and_then(|b| b["input_shape"].get_mut(0)) {
                *batch = Value::Null;
            }
            o.values_mut().for_each(comparable);
        }
        Value::Array(a) => a.iter_mut().for_each(comparable),
        _ => (),
    }
}

#[test]
fn descriptions_are_written_as_keras_writes_them() {
    let files = Files::new();
    for (name, _) in files.each() {
        let path = golden(&format!("keras_files/{name}.keras"));
        let mut theirs: Value = serde_json::from_str(&KerasArchive::load(&path).unwrap().config).unwrap();
        comparable(&mut theirs);
        let mut ours: Value = serde_json::from_str(&load_model(&path).unwrap().to_json().unwrap()).unwrap();
        comparable(&mut ours);
        assert_eq!(difference(&ours, &theirs, name), None);
    }
}

/// Where two descriptions first differ; the order of keys means nothing.
fn difference(a: &Value, b: &Value, at: &str) -> Option<String> {
    match (a, b) {
        (Value::Object(x), Value::Object(y)) => {
            let keys = x.keys().chain(y.keys());
            keys.into_iter().find_map(|key| {
                let none = Value::from("missing");
                difference(x.get(key).unwrap_or(&none), y.get(key).unwrap_or(&none), &format!("{at}/{key}"))
            })
        }
        (Value::Array(x), Value::Array(y)) if x.len() == y.len() => {
            x.iter().zip(y).enumerate().find_map(|(i, (a, b))| difference(a, b, &format!("{at}/{i}")))
        }
        // `0` and `0.0` are one number.
        (Value::Number(x), Value::Number(y)) if x.as_f64() == y.as_f64() => None,
        _ => (a != b).then(|| format!("{at}: ours {a}, theirs {b}")),
    }
}

#[test]
fn trees_are_written_as_keras_writes_them() {
    let files = Files::new();
    let folder = folder("trees");
    let tree = |file: &WeightsFile| -> Vec<(String, Option<String>, Vec<String>)> {
        let groups = file.groups().map(str::to_string);
        groups
            .map(|g| (g.clone(), file.name(&g).map(str::to_string), file.datasets_in(&g).to_vec()))
            .collect()
    };
    for (name, _) in files.each() {
        let path = golden(&format!("keras_files/{name}.keras"));
        let theirs = WeightsFile::from_bytes(KerasArchive::load(&path).unwrap().weights().unwrap()).unwrap();
        let copy = folder.join("copy.keras");
        load_model(&path).unwrap().save(&copy).unwrap();
        let ours = WeightsFile::from_bytes(KerasArchive::load(&copy).unwrap().weights().unwrap()).unwrap();
        assert_eq!(tree(&ours), tree(&theirs), "{name}");
        for path in theirs.datasets() {
            assert_eq!(ours.read(path).unwrap(), theirs.read(path).unwrap(), "{name} {path}");
        }
    }
    std::fs::remove_dir_all(folder).unwrap();
}
