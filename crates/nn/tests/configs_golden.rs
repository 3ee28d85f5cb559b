//! Strings stand for what they stand for in Keras, and configurations are read and written as Keras writes them.

mod common;

use common::json;
use rhyton_base::Result;
use rhyton_nn::{Config, activations, constraints, initializers, losses, metrics, optimizers, regularizers};
use serde_json::Value;

/// The class (of activations: the name) of what a string stands for.
fn class_of(namespace: &str, name: &str) -> Result<String> {
    Ok(match namespace {
        "activations" => activations::get(name)?.name().to_string(),
        "constraints" => constraints::get(name)?.class_name().to_string(),
        "initializers" => initializers::get(name)?.class_name().to_string(),
        "losses" => losses::get(name)?.class_name().to_string(),
        "metrics" => metrics::get(name)?.class_name().to_string(),
        "optimizers" => optimizers::get(name)?.class_name().to_string(),
        "regularizers" => regularizers::get(name)?.class_name().to_string(),
        other => panic!("{other}"),
    })
}

/// What an object made from a configuration writes.
fn again(namespace: &str, class: &str, config: &Config) -> Result<Config> {
    Ok(match namespace {
        "constraints" => constraints::from_config(class, config)?.config(),
        "initializers" => initializers::from_config(class, config)?.config(),
        "losses" => losses::from_config(class, config)?.config(),
        "metrics" => metrics::from_config(class, config)?.config(),
        "optimizers" => optimizers::from_config(class, config)?.config(),
        "regularizers" => regularizers::from_config(class, config)?.config(),
        "schedules" => optimizers::schedules::from_config(class, config)?.config(),
        other => panic!("{other}"),
    })
}

#[test]
fn strings() {
    let facts = json("nn_configs.json");
    let mut wrong = Vec::new();
    for (namespace, known) in facts["strings"].as_object().unwrap() {
        for (name, stands_for) in known.as_object().unwrap() {
            let stands_for = stands_for.as_str().unwrap();
            // The classes that others are made from do nothing themselves.
            let base = ["Constraint", "Initializer", "Loss", "Metric", "Regularizer"];
            // "threshold" has arguments without defaults, which Keras misses when it is called.
            if base.contains(&stands_for) || name == "threshold" {
                continue;
            }
            match class_of(namespace, name) {
                Ok(class) if stands_for.starts_with(char::is_uppercase) && class != stands_for => {
                    wrong.push(format!("{namespace} {name:?} is {class}, in Keras {stands_for}"));
                }
                Ok(_) => (),
                Err(e) => wrong.push(format!("{namespace} {name:?}: {e}")),
            }
        }
    }
    for (namespace, names) in facts["refused"].as_object().unwrap() {
        for name in names.as_array().unwrap().iter().filter_map(Value::as_str) {
            match class_of(namespace, name) {
                Ok(class) => wrong.push(format!("{namespace} {name:?} is {class}, unknown in Keras")),
                Err(e) => assert!(e.to_string().contains(name), "{e}"),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whether both say the same; Keras writes numbers that went through `float32`.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => {
            let (a, b) = (a.as_f64().unwrap(), b.as_f64().unwrap());
            (a - b).abs() <= 1e-7 * a.abs().max(b.abs())
        }
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(k, v)| b.get(k).is_some_and(|w| same(v, w)))
        }
        (a, b) => a == b,
    }
}

/// What Keras does not write although its constructors take it: objects that differ in it are lost in Keras's files.
fn left_out(class: &str, key: &str) -> bool {
    [
        ("Huber", "delta"),
        ("CosineSimilarity", "axis"),
        ("SparseTopKCategoricalAccuracy", "from_sorted_ids"),
        ("Identity", "gain"),
    ]
    .contains(&(class, key))
}

#[test]
fn configurations() {
    let facts = json("nn_configs.json");
    let mut wrong = Vec::new();
    for (namespace, objects) in facts["objects"].as_object().unwrap() {
        for object in objects.as_array().unwrap() {
            let (class, config) =
                (object["class_name"].as_str().unwrap(), object["config"].as_object().unwrap());
            match again(namespace, class, config) {
                Err(e) => wrong.push(format!("{e}")),
                Ok(written) => {
                    let keys = config.keys().chain(written.keys().filter(|k| !config.contains_key(*k)));
                    for key in keys {
                        let (keras, own) = (config.get(key), written.get(key));
                        // Nulls of arguments that older versions of Keras do not know are not written.
                        let new = own.is_none() && keras.is_some_and(Value::is_null);
                        if !new && !left_out(class, key) && !keras.zip(own).is_some_and(|(a, b)| same(a, b)) {
                            wrong.push(format!("{class} {key}: Keras writes {keras:?}, this {own:?}"));
                        }
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
