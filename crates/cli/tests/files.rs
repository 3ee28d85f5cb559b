//! Commands on model files of every kind, as a user runs them. The models are Keras's, with what they compute there.

use rhyton::io::{Array, Compression, Npz, Safetensors, write_npz};
use rhyton::{DType, Model, load_model};
use serde_json::Value;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn rhyton(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_rhyton")).args(arguments).output().expect("the program starts")
}

/// What a call says that must go well.
fn said(arguments: &[&str]) -> String {
    let out = rhyton(arguments);
    assert!(out.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).expect("text")
}

/// The error of a call that must fail with this code.
fn fails(arguments: &[&str], code: i32) -> String {
    let out = rhyton(arguments);
    let error = String::from_utf8_lossy(&out.stderr).into_owned();
    assert_eq!(out.status.code(), Some(code), "{arguments:?}: {error}");
    error
}

struct Golden {
    arrays: HashMap<String, Array>,
    facts: Value,
    folder: PathBuf,
}

impl Golden {
    fn new(folder: &str) -> Golden {
        let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("../model/tests/golden");
        let all =
            Npz::open(golden.join("saved_models.npz")).and_then(|mut f| f.read_all()).expect("golden arrays");
        let facts = std::fs::read_to_string(golden.join("saved_models.json")).expect("golden facts");
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(folder);
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).expect("a folder for the test");
        Golden {
            arrays: all.into_iter().collect(),
            facts: serde_json::from_str(&facts).expect("JSON"),
            folder: path,
        }
    }

    fn path(&self, name: &str) -> String {
        self.folder.join(name).to_str().expect("a readable path").to_string()
    }

    fn get(&self, name: &str, what: &str) -> &Array {
        &self.arrays[&format!("{name}/{what}")]
    }

    fn model(&self, name: &str) -> String {
        let path = self.path(&format!("{name}.keras"));
        std::fs::write(&path, &self.get(name, "file").data).expect("a file");
        path
    }

    fn npz(&self, file: &str, arrays: &[(&str, &Array)]) -> String {
        let path = self.path(file);
        write_npz(&path, arrays, Compression::Stored).expect("a file");
        path
    }

    /// Steps of training one after the other.
    fn joined(&self, name: &str, what: &str) -> Array {
        let steps = self.get(name, what);
        let mut shape = steps.shape.clone();
        let first = shape.remove(0);
        shape[0] *= first;
        Array::new(steps.dtype, shape, steps.data.clone()).expect("as many elements")
    }
}

fn numbers(array: &Array) -> Vec<f64> {
    array.cast(DType::F64).and_then(|a| a.to_vec()).expect("numbers")
}

#[track_caller]
fn close(got: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(got.len(), expected.len());
    let far = got.iter().zip(expected).map(|(a, b)| (a - b).abs() / b.abs().max(1.0)).fold(0.0, f64::max);
    assert!(far <= tolerance, "differs by {far}:\n{got:?}\n{expected:?}");
}

fn weights(model: &Model) -> Vec<f64> {
    model.weights().iter().flat_map(|w| w.concrete_value().to_f64s().expect("numbers")).collect()
}

#[test]
fn several_inputs_and_outputs_by_name() {
    let golden = Golden::new("by-name");
    let model = golden.model("several_by_name");
    let shown: Value = serde_json::from_str(&said(&["summary", &model, "--json"])).expect("one object");
    assert_eq!(shown["inputs"].as_object().map(|o| o.len()), Some(2), "{shown}");
    assert_eq!(shown["outputs"]["price"], serde_json::json!([null, 2]));
    assert!(shown["optimizer_params"].as_u64() > shown["trainable_params"].as_u64());
    assert!(said(&["summary", &model]).contains("Optimizer params"));

    // Keras counts inputs and outputs in the order of their names.
    let arrays = |kind: &str| {
        ["title", "body"].map(|n| (n, golden.get("several_by_name", &format!("{kind}{}", place(&golden, n)))))
    };
    let input = golden.npz("in.npz", &arrays("x"));
    let output = golden.path("out.npz");
    said(&["predict", &model, "--input", &input, "--output", &output]);
    let mut predicted = Npz::open(&output).expect("predictions");
    for (i, name) in ["kind", "price"].iter().enumerate() {
        let expected = golden.get("several_by_name", &format!("y{i}"));
        close(&numbers(&predicted.read(name).expect("an output")), &numbers(expected), 1e-5);
    }

    let mut all = arrays("ex").to_vec();
    all.extend([
        ("kind", golden.get("several_by_name", "ey0")),
        ("price", golden.get("several_by_name", "ey1")),
    ]);
    let data = golden.npz("data.npz", &all);
    let figures: Value =
        serde_json::from_str(&said(&["evaluate", &model, "--data", &data, "--batch-size", "8", "--json"]))
            .expect("one object");
    let expected = golden.facts["several_by_name"]["evaluate"].as_object().expect("figures");
    for (name, value) in expected {
        close(&[figures[name].as_f64().expect("a number")], &[value.as_f64().expect("a number")], 1e-5);
    }
    let e = fails(
        &["predict", &model, "--input", &golden.npz("one.npz", &arrays("x")[..1]), "--output", &output],
        1,
    );
    assert!(e.contains("expected an array for each input (title, body), got title"), "{e}");
    let e = fails(&["evaluate", &model, "--data", &input], 1);
    assert!(e.contains("expected an array for each output (price, kind)"), "{e}");
}

/// Which of Keras's inputs one is.
fn place(golden: &Golden, name: &str) -> usize {
    let names = golden.facts["several_by_name"]["input_names"].as_array().expect("names");
    names.iter().position(|n| n == name).expect("an input")
}

#[test]
fn training_goes_on_as_in_keras() {
    let golden = Golden::new("train");
    let model = golden.model("nested");
    let (x, y) = (golden.joined("nested", "tx0"), golden.joined("nested", "ty0"));
    let data = golden.npz("data.npz", &[("x", &x), ("y", &y)]);
    let output = golden.path("more.keras");
    let plain = ["train", &model, "--data", &data, "--batch-size", "8", "--no-shuffle", "--json"];
    let lines = said(&[&plain[..], &["--output", &output]].concat());
    let objects: Vec<Value> =
        lines.lines().map(|l| serde_json::from_str(l).expect("nothing but JSON")).collect();
    assert_eq!(objects.len(), 1);
    assert!(objects[0]["loss"].is_number() && objects[0]["epoch"] == 1);
    close(&weights(&load_model(&output).expect("a model")), &numbers(golden.get("nested", "after")), 1e-4);

    // What TensorBoard shows is written beside.
    let logs = golden.path("logs");
    said(&[&plain[..], &["--output", &output, "--logdir", &logs, "--validation-split", "0.25"]].concat());
    for run in ["train", "validation"] {
        let files: Vec<_> = std::fs::read_dir(format!("{logs}/{run}")).expect("a run").collect();
        assert_eq!(files.len(), 1, "{run}: {files:?}");
    }

    // Held out samples, several epochs, a seed; without --output the result lies beside the model.
    let seeded = |seed| {
        said(&[
            "train",
            &model,
            "--data",
            &data,
            "--epochs",
            "3",
            "--validation-split",
            "0.25",
            "--seed",
            seed,
            "--json",
        ])
    };
    let first = seeded("5");
    assert_eq!(first.lines().count(), 3);
    assert!(first.contains("val_loss"));
    assert_eq!(first, seeded("5"));
    assert_ne!(first, seeded("6"));
    assert!(Path::new(&golden.path("nested-trained.keras")).exists());
    let held = said(&["train", &model, "--data", &data, "--validation-data", &data, "--json"]);
    assert!(held.contains("val_loss"), "{held}");

    // Another optimizer, loss and metrics.
    let other = said(&[
        "train",
        &model,
        "--data",
        &data,
        "--optimizer",
        "adam",
        "--loss",
        "mae",
        "--metrics",
        "mse,mae",
        "--json",
    ]);
    let object: Value = serde_json::from_str(&other).expect("one object");
    assert!(object["mse"].is_number() && object["mae"] == object["loss"], "{object}");
    assert_eq!(
        load_model(golden.path("nested-trained.keras"))
            .expect("a model")
            .optimizer()
            .expect("compiled")
            .class_name(),
        "Adam"
    );

    for (arguments, code, word) in [
        (vec!["train", &model, "--data", &data, "--optimizer", "adm"], 1, "did you mean \"adam\"?"),
        (vec!["train", &model, "--data", &data, "--output", "x.h5"], 1, "ends in .keras"),
        (
            vec!["train", &model, "--data", &data, "--output", "no-such-folder/x.keras"],
            1,
            "the folder is not there",
        ),
        (
            vec!["train", &model, "--data", &data, "--validation-data", &data, "--validation-split", "0.5"],
            2,
            "cannot be used with",
        ),
        (vec!["train", &model], 2, "--data"),
        (vec!["train", &model, "--data", &data, "--resume"], 2, "--checkpoint"),
        (vec!["train", &model, "--data", &data, "--checkpoint", "x.h5"], 1, "--checkpoint"),
        (
            vec!["train", &model, "--data", &data, "--checkpoint", &golden.path("nested-trained.keras")],
            1,
            "would be one file",
        ),
    ] {
        let e = fails(&arguments, code);
        assert!(e.contains(word), "{e}");
    }
    let bare = golden.model("part_of_a_model");
    let e = fails(&["train", &bare, "--data", &data], 1);
    assert!(e.contains("--loss"), "{e}");
}

#[test]
fn several_outputs_are_trained_from_named_arrays() {
    let golden = Golden::new("train-several");
    let model = golden.model("several_in_lists");
    let all: Vec<(&str, Array)> = [("title", "tx0"), ("body", "tx1"), ("price", "ty0"), ("sold", "ty1")]
        .map(|(name, what)| (name, golden.joined("several_in_lists", what)))
        .into();
    let parts: Vec<(&str, &Array)> = all.iter().map(|(n, a)| (*n, a)).collect();
    let data = golden.npz("data.npz", &parts);
    let output = golden.path("more.keras");
    said(&[
        "train",
        &model,
        "--data",
        &data,
        "--batch-size",
        "8",
        "--no-shuffle",
        "--output",
        &output,
        "--json",
    ]);
    let expected = numbers(golden.get("several_in_lists", "after"));
    close(&weights(&load_model(&output).expect("a model")), &expected, 1e-4);
}

#[test]
fn files_are_converted_there_and_back() {
    let golden = Golden::new("convert");
    // One with layers that this program does not know.
    for name in ["nested_twice", "optimizer_adam_w", "own_layers"] {
        let model = golden.model(name);
        let (tensors, weights) = (golden.path("a.safetensors"), golden.path("a.weights.h5"));
        let (back, again) = (golden.path("back.keras"), golden.path("again.keras"));
        said(&["convert", &model, &tensors]);
        said(&["convert", &tensors, &back]);
        said(&["convert", &model, &weights]);
        said(&["convert", &weights, &again, "--model", &model]);
        let content = |path: &str| {
            let archive = rhyton::io::KerasArchive::load(path).expect("an archive");
            let file =
                rhyton::io::WeightsFile::from_bytes(archive.weights.expect("weights")).expect("a tree");
            let arrays: Vec<(String, Array)> =
                file.datasets().map(|p| (p.to_string(), file.read(p).expect("an array"))).collect();
            (archive.config, arrays)
        };
        assert_eq!(content(&back), content(&model), "{name}");
        assert_eq!(content(&again), content(&model), "{name}");
        let file = Safetensors::load(&tensors).expect("tensors");
        assert!(
            file.tensors.keys().any(|k| k.starts_with("layers/")) && file.metadata.contains_key("config")
        );
    }
    let nested = golden.model("nested_twice");
    let tensors = golden.path("b.safetensors");
    said(&["convert", &nested, &golden.path("b.weights.h5")]);
    said(&["convert", &golden.path("b.weights.h5"), &tensors]);
    let out = golden.path("never.keras");
    for (arguments, word) in [
        (vec!["convert", &tensors, &out], "weights and no description of a model"),
        (
            vec!["convert", &nested, "x.onnx"],
            "expected a name that ends in .keras, .weights.h5, .safetensors",
        ),
        (vec!["convert", "none.keras", &out], "none.keras"),
        (
            vec!["convert", &golden.path("b.weights.h5"), &out, "--model", &golden.model("nested")],
            "the weights do not fit",
        ),
    ] {
        let e = fails(&arguments, 1);
        assert!(e.contains(word), "{e}");
        assert!(!Path::new(&out).exists());
    }
}
