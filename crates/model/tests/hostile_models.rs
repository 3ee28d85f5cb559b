//! Descriptions of graphs that are wrong, by accident or on purpose: an error, soon, and never a panic.

mod common;
mod own;

use common::{golden, tensor};
use rhyton_base::Result;
use rhyton_io::{KerasArchive, Npz};
use rhyton_model::{LoadModel, Model, load_model};
use rhyton_nn::layers::{AnyLayer, Dense, input};
use rhyton_runtime::Generator;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// The archives of the golden models.
fn archives() -> Vec<(String, KerasArchive)> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/saved_models.npz");
    let all = Npz::open(path).unwrap().read_all().unwrap();
    let files = all.into_iter().filter_map(|(name, a)| {
        let name = name.strip_suffix("/file")?.to_string();
        Some((name, KerasArchive::from_bytes(&tensor(&a).to_vec::<u8>().unwrap()).unwrap()))
    });
    files.collect()
}

fn load(archive: &KerasArchive, folder: &std::path::Path) -> Result<Model> {
    let path = folder.join("x.keras");
    std::fs::write(&path, archive.to_bytes().unwrap()).unwrap();
    Ok(LoadModel::new().load(&path)?.model)
}

/// All places of a value.
fn places(json: &Value, at: &str, all: &mut Vec<String>) {
    all.push(at.to_string());
    match json {
        Value::Object(o) => o
            .iter()
            .for_each(|(k, v)| places(v, &format!("{at}/{}", k.replace('~', "~0").replace('/', "~1")), all)),
        Value::Array(a) => a.iter().enumerate().for_each(|(i, v)| places(v, &format!("{at}/{i}"), all)),
        _ => (),
    }
}

#[test]
fn changed_descriptions_never_panic() {
    own::register();
    let folder = common::folder("hostile-changed");
    let mut g = Generator::new(11);
    let odd = [
        json!(null),
        json!(-1),
        json!(0),
        json!(1),
        json!(3.5),
        json!(1u64 << 40),
        json!(true),
        json!(""),
        json!("Dense"),
        json!([]),
        json!({}),
        json!([[]]),
        json!(["x", 0, 0]),
        json!([null, 7]),
        json!("nan"),
        json!({"class_name": "Functional"}),
        json!({"class_name": "__keras_tensor__", "config": {}}),
        json!({"class_name": "__numpy__", "config": {"value": [[1], 2], "dtype": "int32"}}),
    ];
    let mut refused = 0;
    let (mut tried, begin) = (0, Instant::now());
    for (_, archive) in archives() {
        let json: Value = serde_json::from_str(&archive.config).unwrap();
        let mut all = Vec::new();
        places(&json, "", &mut all);
        for _ in 0..12 {
            let mut changed = json.clone();
            for _ in 0..=g.below(2) {
                let at = &all[g.below(all.len())];
                if let Some(value) = changed.pointer_mut(at) {
                    *value = odd[g.below(odd.len())].clone();
                }
            }
            let changed = KerasArchive { config: changed.to_string(), ..archive.clone() };
            tried += 1;
            refused += usize::from(load(&changed, &folder).is_err());
        }
    }
    assert!(tried > 1000 && refused > tried / 4, "{refused} of {tried}");
    println!("{refused} of {tried} refused in {:?}", begin.elapsed());
    std::fs::remove_dir_all(folder).unwrap();
}

fn dense(name: &str, node: Value) -> Value {
    json!({"module": "keras.layers", "class_name": "Dense", "config": {"name": name, "units": 2}, "registered_name": null,
        "name": name, "inbound_nodes": [node]})
}

fn from(name: &str, node: usize, index: usize) -> Value {
    json!({"args": [{"class_name": "__keras_tensor__", "config": {"keras_history": [name, node, index]}}], "kwargs": {}})
}

fn graph(layers: Vec<Value>, output: Value) -> String {
    let mut all =
        vec![json!({"module": "keras.layers", "class_name": "InputLayer", "name": "x", "inbound_nodes": [],
        "config": {"batch_shape": [null, 2], "dtype": "float32", "name": "x"}})];
    all.extend(layers);
    json!({"module": "keras.src.models.functional", "class_name": "Functional", "registered_name": "Functional",
        "config": {"name": "g", "layers": all, "input_layers": [["x", 0, 0]], "output_layers": output}})
    .to_string()
}

#[track_caller]
fn refuses(text: &str, word: &str) {
    let e = Model::from_json(text).unwrap_err().to_string();
    assert!(e.contains(word), "{e}");
}

#[test]
fn what_is_wrong_with_a_graph_is_said() {
    let out = |name: &str| json!([name, 0, 0]);
    let circle = vec![dense("a", from("b", 0, 0)), dense("b", from("a", 0, 0))];
    refuses(&graph(circle, out("a")), "calls depend on each other in a circle");
    refuses(
        &graph(vec![dense("a", from("a", 0, 0))], out("a")),
        "Dense \"a\": its calls depend on each other",
    );
    refuses(&graph(vec![dense("a", from("y", 0, 0))], out("a")), "Dense \"a\": the model has no layer \"y\"");
    refuses(&graph(vec![dense("a", from("x", 3, 0))], out("a")), "\"x\" has no call number 3");
    refuses(&graph(vec![dense("a", from("x", 0, 2))], out("a")), "\"x\" has 1 results, there is no number 2");
    refuses(
        &graph(vec![dense("a", from("x", 0, 0))], out("b")),
        "key \"output_layers\": the model has no layer \"b\"",
    );
    refuses(
        &graph(vec![dense("a", from("x", 0, 0)), dense("a", from("x", 0, 0))], out("a")),
        "two layers are called \"a\"",
    );
    refuses(&graph(vec![dense("a", from("x", 0, 0))], json!([])), "expected at least one output");
    let with = |key: &str, value: Value| {
        let mut node = from("x", 0, 0);
        node["kwargs"][key] = value;
        graph(vec![dense("a", node)], out("a"))
    };
    refuses(&with("extra", json!(3)), "the layer is called with an argument \"extra\"");
    refuses(
        &with(
            "mask",
            json!([null, {"class_name": "__keras_tensor__", "config": {"keras_history": ["x", 0, 0]}}]),
        ),
        "more masks than inputs",
    );
    let unknown = json!({"module": "keras.src.ops.numpy", "class_name": "Bartlett", "name": "b", "config": {},
        "inbound_nodes": [from("x", 0, 0)]});
    refuses(&graph(vec![unknown], out("b")), "operations that this version does not have: \"Bartlett\"");
    let wide = json!({"module": "keras.src.ops.numpy", "class_name": "Tile", "name": "b", "config": {"repeats": [1u64 << 40, 1u64 << 40]},
        "inbound_nodes": [from("x", 0, 0)]});
    refuses(&graph(vec![wide], out("b")), "Tile");
}

#[test]
fn long_graphs_take_no_more_time_than_their_length() {
    let begin = Instant::now();
    // Each layer after the one that it needs, and the other way round.
    for backwards in [false, true] {
        let name = |i: usize| if i == 0 { "x".to_string() } else { format!("d{i}") };
        let mut layers: Vec<Value> = (1..=3000).map(|i| dense(&name(i), from(&name(i - 1), 0, 0))).collect();
        if backwards {
            layers.reverse();
        }
        let model = Model::from_json(&graph(layers, json!([name(3000), 0, 0]))).unwrap();
        assert_eq!(model.layers().len(), 3001);
    }
    // One layer that is called again and again, and one operation of many arguments.
    let calls: Vec<Value> =
        (0..3000).map(|i| if i == 0 { from("x", 0, 0) } else { from("d", i - 1, 0) }).collect();
    let mut again = dense("d", Value::Null);
    again["inbound_nodes"] = Value::Array(calls);
    let parts: Vec<Value> = (0..3000).map(|i| from("d", i, 0)["args"][0].clone()).collect();
    let all = json!({"module": "keras.src.ops.numpy", "class_name": "Concatenate", "name": "all", "config": {"axis": 1},
        "inbound_nodes": [{"args": [parts], "kwargs": {}}]});
    let model = Model::from_json(&graph(vec![again, all], json!([["all", 0, 0]]))).unwrap();
    assert_eq!(model.output_shape().unwrap().to_string(), "(None, 6000)");
    assert!(begin.elapsed() < Duration::from_secs(60), "{:?}", begin.elapsed());
}

/// A chain of operations is given up without filling the stack.
#[test]
fn long_chains_of_operations_end() {
    let count = 100_000;
    let name = |i: usize| if i == 0 { "x".to_string() } else { format!("r{i}") };
    let relu = |i: usize| {
        json!({"module": "keras.src.ops.nn", "class_name": "Relu", "name": name(i), "config": {},
            "inbound_nodes": [from(&name(i - 1), 0, 0)]})
    };
    let text = graph((1..=count).map(relu).collect(), json!([name(count), 0, 0]));
    let model = Model::from_json(&text).unwrap();
    assert_eq!(model.output_shape().unwrap().to_string(), "(None, 2)");
    drop(model);
}

#[test]
fn a_small_file_makes_no_large_model() {
    let folder = common::folder("hostile-large");
    let (_, archive) = archives().into_iter().find(|(name, _)| name == "nested").unwrap();
    let config = archive.config.replacen("\"units\": 4", "\"units\": 4000000000", 1);
    assert_ne!(config, archive.config);
    let e = load(&KerasArchive { config, ..archive }, &folder).unwrap_err().to_string();
    assert!(e.contains("kernel\": expected shape (4, 4000000000), the file has only"), "{e}");
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn metrics_of_files_take_no_unbounded_memory() {
    let mut json: Value =
        serde_json::from_str(&graph(vec![dense("a", from("x", 0, 0))], json!(["a", 0, 0]))).unwrap();
    for (class, config) in [
        ("AUC", json!({"num_thresholds": 1u64 << 40})),
        ("PrecisionAtRecall", json!({"num_thresholds": 1u64 << 40, "recall": 0.5})),
        ("MeanIoU", json!({"num_classes": 1u64 << 40})),
    ] {
        let metric = json!({"module": "keras.metrics", "class_name": class, "config": config, "registered_name": null});
        json["compile_config"] = json!({"optimizer": "sgd", "loss": "mse", "metrics": [metric]});
        refuses(&json.to_string(), "at most");
    }
}

#[test]
fn weights_that_do_not_fit_are_named() {
    let folder = common::folder("hostile-weights");
    let (_, archive) = archives().into_iter().find(|(name, _)| name == "nested").unwrap();
    let config = archive.config.replacen("\"units\": 2", "\"units\": 3", 1);
    let e = load(&KerasArchive { config, ..archive }, &folder).unwrap_err().to_string();
    let expected =
        "weight \"dense_3/kernel\": expected shape (3, 3), the file has (3, 2) at \"layers/dense/vars/0\"";
    assert!(e.ends_with(expected), "{e}");
    std::fs::remove_dir_all(folder).unwrap();
}

/// A model inside that is shared by two others: one layer with one set of weights, after reading too. (Keras counts the
/// calls of such a layer over all models, and so does not read this.)
#[test]
fn what_several_models_share_is_shared_after_reading() {
    let folder = common::folder("shared-between");
    let shared = AnyLayer::from(Dense::new(3).name("shared"));
    let tower = |name: &str| {
        let x = input([3]);
        let y = Dense::new(3).name("own").call(&shared.call(&x).unwrap()).unwrap();
        Model::new(&x, &y).unwrap().named(name)
    };
    let (a, b) = (tower("a"), tower("b"));
    let x = input([3]);
    let model = Model::new(&x, b.call(a.call(&x).unwrap()).unwrap()).unwrap();
    assert_eq!(model.weights().len(), 6);
    let path = folder.join("x.keras");
    model.save(&path).unwrap();
    let again = load_model(&path).unwrap();
    assert_eq!(again.weights().len(), 6);
    let data = rhyton_tensor::Tensor::from([[1.0f32, -2.0, 0.5]]);
    assert!(again.predict(&data).unwrap().bit_equal(&model.predict(&data).unwrap()));
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn files_of_two_inputs_are_read() {
    let model = load_model(golden("keras_files/functional.keras")).unwrap();
    assert_eq!(model.input_names(), ["a", "b"]);
}
