//! Training in half precision with weights in single precision is Keras's, as closely as the types allow.
//!
//! One test alone in this program: it changes the dtype policy of the process.

mod common;

use common::runs::{Expected, train};
use common::{arrays, json, texts};
use rhyton_nn::{dtype_policy, set_dtype_policy};
use rhyton_tensor::{DType, Variable};
use serde_json::{Value, json};

/// Relative to the largest number of an array: `bfloat16` has 8 bits and `float16` 11, and XLA rounds elsewhere.
const BFLOAT16: f64 = 0.04;
const FLOAT16: f64 = 0.002;

/// The run with a policy in the configuration of each layer, as files have it.
fn with_policies(run: &Value) -> Value {
    let mut run = run.clone();
    for node in run["nodes"].as_array_mut().unwrap() {
        let policy = json!({"class_name": "DTypePolicy", "config": {"name": node["policy"]}});
        if node["class"] != "InputLayer" {
            node["config"]["dtype"] = policy;
        }
    }
    run
}

/// The run with a policy only where it is not the one of the process.
fn with_others(run: &Value, policy: &str) -> Value {
    let mut run = with_policies(run);
    for node in run["nodes"].as_array_mut().unwrap() {
        if node["policy"] == policy {
            node["config"].as_object_mut().unwrap().remove("dtype");
        }
    }
    run
}

#[test]
fn every_run_of_keras() {
    let facts = json("mixed_runs.json");
    let numbers = arrays("mixed_runs.npz")["numbers"].to_f64s().unwrap();
    let mut rest = numbers.as_slice();
    let mut wrong = Vec::new();
    for (place, (name, run)) in facts["runs"].as_object().unwrap().iter().enumerate() {
        let (these, others) = rest.split_at(run["count"].as_u64().unwrap() as usize);
        rest = others;
        let (policy, short) = name.split_once('/').unwrap();
        let tolerance = if policy == "mixed_bfloat16" { BFLOAT16 } else { FLOAT16 };
        let number = run["seed"].as_u64().unwrap() as usize / 1000 - 1;
        for (eagerly, globally) in [(false, false), (true, false), (false, true)] {
            if globally && !short.starts_with("whole_") {
                continue;
            }
            set_dtype_policy(if globally { policy } else { "float32" }).unwrap();
            let described = if globally { with_others(run, policy) } else { with_policies(run) };
            let who = format!("{place} {name} (eager {eagerly}, globally {globally})");
            let mut expected = Expected { who, rest: these, tolerance, wrong: Vec::new() };
            let (model, x, history) = train(number, &described, DType::F32, eagerly).unwrap();
            assert!(model.weights().iter().all(|w| w.dtype() == DType::F32));
            expected.compare_history(&history, &texts(&run["history_keys"]));
            expected.compare_all("weight", &model.get_weights().unwrap());
            expected.compare_all("output", &model.predict_all(x).unwrap());
            if let Some(exact) = run["exact"].as_array() {
                let state = model.optimizer().unwrap().variables();
                let number = |v: &Variable| v.value().to_f64s().unwrap()[0];
                let got: Vec<f64> = state.iter().take(exact.len()).map(number).collect();
                let exact: Vec<f64> = exact.iter().map(|v| v.as_f64().unwrap()).collect();
                // The first two are those of the optimizer around, which do nothing.
                assert_eq!(got[2..], exact[2..], "{}", expected.who);
            }
            wrong.append(&mut expected.finish());
        }
    }
    set_dtype_policy("float32").unwrap();
    assert_eq!(dtype_policy().name(), "float32");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
