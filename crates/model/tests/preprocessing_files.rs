//! Models with preprocessing layers, as files: Keras's are read, ours are read again and, where the environment variable
//! `RHYTON_PYTHON` names an interpreter that has Keras with TensorFlow, by Keras.

mod common;

use common::{close, folder, golden, json};
use rhyton_model::{Model, Sequential, load_model};
use rhyton_nn::layers::{
    AnyLayer, Dense, Discretization, Embedding, Flatten, Input, IntegerLookup, Normalization, StringLookup,
    Strings, TextVectorization,
};
use rhyton_tensor::{DType, Tensor, ops};
use serde_json::Value;
use std::path::Path;
use std::process::Command;

fn flat(v: &Value) -> Vec<Value> {
    match v {
        Value::Array(list) => list.iter().flat_map(flat).collect(),
        one => vec![one.clone()],
    }
}

fn shape(v: &Value) -> Vec<usize> {
    let rows = v.as_array().unwrap();
    vec![rows.len(), rows[0].as_array().unwrap().len()]
}

fn numbers(v: &Value, dtype: DType) -> Tensor {
    let all: Vec<f64> = flat(v).iter().map(|x| x.as_f64().unwrap()).collect();
    ops::cast(&Tensor::from_slice(&all, shape(v)).unwrap(), dtype).unwrap()
}

fn texts(v: &Value) -> Strings {
    let all = flat(v).iter().map(|x| x.as_str().unwrap().to_string()).collect();
    Strings::new(all, shape(v)).unwrap()
}

/// The layers behind a layer of texts, as a model of their own.
fn behind(model: &Model, layer: &AnyLayer) -> Model {
    Model::new(layer.output().unwrap(), model.output().unwrap()).unwrap()
}

fn predict(model: &Model, case: &Value) -> Vec<f64> {
    let inputs = &case["inputs"];
    let y = if let Some(layer) = model.layers().into_iter().find(|l| StringLookup::of(l).is_some()) {
        let ids = StringLookup::of(&layer).unwrap().call_strings(texts(&inputs["word"][1])).unwrap();
        behind(model, &layer).predict(&ids)
    } else if let Some(layer) = model.layers().into_iter().find(|l| TextVectorization::of(l).is_some()) {
        let vectors = TextVectorization::of(&layer).unwrap().call_strings(texts(&inputs["text"][1])).unwrap();
        behind(model, &layer).predict(&vectors)
    } else {
        let (x, key) = (numbers(&inputs["x"][1], DType::F32), numbers(&inputs["key"][1], DType::I64));
        model.predict([("x", &x), ("key", &key)])
    };
    y.unwrap().to_f64s().unwrap()
}

fn expected(case: &Value) -> Vec<f64> {
    flat(&case["output"]).iter().map(|v| v.as_f64().unwrap()).collect()
}

/// Keras predicts what the case says, from our file.
fn keras_agrees(path: &Path, case: &str) {
    let Ok(python) = std::env::var("RHYTON_PYTHON") else {
        eprintln!("skipped: RHYTON_PYTHON is not set, so Keras does not read {case}");
        return;
    };
    let has = Command::new(&python).args(["-c", "import tensorflow"]).output().unwrap();
    if !has.status.success() {
        eprintln!("skipped: {python} has no TensorFlow, which Keras needs to read {case}");
        return;
    }
    let run =
        Command::new(&python).arg(golden("preprocessing_files.py")).arg(path).arg(case).output().unwrap();
    let said = String::from_utf8_lossy(&run.stdout).into_owned() + &String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{case}: {said}");
}

#[test]
fn files_of_keras_to_and_fro() {
    let folder = folder("preprocessing");
    for (name, case) in json("preprocessing_files.json").as_object().unwrap() {
        let model = load_model(golden(&format!("keras_files/preprocessing_{name}.keras"))).unwrap();
        close(name, &predict(&model, case), &expected(case), 1e-5);
        let path = folder.join(format!("{name}.keras"));
        model.save(&path).unwrap();
        let again = load_model(&path).unwrap();
        close(&format!("{name} again"), &predict(&again, case), &expected(case), 1e-5);
        keras_agrees(&path, name);
    }
    std::fs::remove_dir_all(folder).unwrap();
}

/// A model that learns in this program keeps what it learnt in its file.
#[test]
fn what_was_learnt_is_saved() {
    let folder = folder("learnt");
    let case = &json("preprocessing_files.json")["words"];
    let lookup = StringLookup::new().mask_token("").name("lookup");
    lookup.adapt([["red", "green"], ["red", "blue"]]).unwrap();
    let word = Input::new([3]).name("word").text().tensor();
    let y = Embedding::new(lookup.vocabulary_size(), 4)
        .call(&AnyLayer::from(&lookup).call(&word).unwrap())
        .unwrap();
    let model = Model::new(&word, Dense::new(2).call(&Flatten::new().call(&y).unwrap()).unwrap()).unwrap();
    // The weights of Keras's file, so that Keras must predict the same.
    model
        .set_weights(
            &load_model(golden("keras_files/preprocessing_words.keras")).unwrap().get_weights().unwrap(),
        )
        .unwrap();
    let path = folder.join("words.keras");
    model.save(&path).unwrap();
    let again = load_model(&path).unwrap();
    let vocabulary = StringLookup::of(&again.get_layer("lookup").unwrap()).unwrap().get_vocabulary().unwrap();
    assert_eq!(vocabulary, ["", "[UNK]", "red", "green", "blue"]);
    close("learnt", &predict(&again, case), &expected(case), 1e-5);
    keras_agrees(&path, "words");

    let e = model.predict(Tensor::from([[1i64, 2, 3]])).unwrap_err().to_string();
    assert!(e.contains("StringLookup \"lookup\"") && e.contains("call_strings"), "{e}");
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn in_a_sequential_model() {
    let folder = folder("sequential-preprocessing");
    let x = Tensor::from([[1.0f32, 10.0], [3.0, 30.0], [8.0, 20.0]]);
    let (normalization, bins) = (Normalization::new(), Discretization::new(4).output_mode("multi_hot"));
    normalization.adapt(&x).unwrap();
    bins.adapt(&Tensor::from([-1.0f32, 0.0, 1.0, 2.0])).unwrap();
    let mut model = Sequential::new();
    model.add(Input::new([2])).add(&normalization).add(&bins).add(Dense::new(1));
    let path = folder.join("model.keras");
    model.save(&path).unwrap();
    let (before, again) = (model.predict(&x).unwrap(), load_model(&path).unwrap());
    assert!(before.bit_equal(&again.predict(&x).unwrap()));

    // Learnt again after it was built: weights, and so the model follows.
    normalization.adapt(&(&x * 2)).unwrap();
    assert!(before.bit_equal(&model.predict(&(&x * 2)).unwrap()));
    let read = Normalization::of(&again.get_layer("normalization").unwrap());
    assert!(read.unwrap().adapt(&Tensor::from([[1.0f32]])).unwrap_err().to_string().contains("sizes [2]"));

    let lookup = IntegerLookup::new().output_mode("one_hot");
    let e = AnyLayer::from(&lookup).call(&Tensor::from([1])).unwrap_err().to_string();
    assert!(e.contains("call adapt with some data"), "{e}");
    std::fs::remove_dir_all(folder).unwrap();
}
