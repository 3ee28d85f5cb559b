//! Folders of sounds against Keras (golden/pipelines.py).

use rhyton_data::{DirectoryOptions, LabelMode, audio_dataset_from_directory};
use rhyton_tensor::Tensor;
use serde_json::Value;
use std::path::Path;

/// Numbers in lists of lists, and their shape.
fn flat(v: &Value, shape: &mut Vec<usize>, depth: usize, out: &mut Vec<f64>) {
    match v {
        Value::Array(list) => {
            if shape.len() == depth {
                shape.push(list.len());
            }
            list.iter().for_each(|v| flat(v, shape, depth + 1, out));
        }
        number => out.push(number.as_f64().unwrap()),
    }
}

fn check(name: &str, got: &Tensor, expected: &Value) {
    let (mut shape, mut numbers) = (Vec::new(), Vec::new());
    flat(expected, &mut shape, 0, &mut numbers);
    assert_eq!(got.shape(), shape, "{name}");
    assert_eq!(got.to_f64s().unwrap(), numbers, "{name}");
}

#[test]
fn as_keras_reads_them() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let cases: Value = serde_json::from_slice(&std::fs::read(golden.join("sounds.json")).unwrap()).unwrap();
    for case in cases.as_array().unwrap() {
        let (name, o) = (case["name"].as_str().unwrap(), &case["options"]);
        let mut options = DirectoryOptions::new().shuffle(false).verbose(false);
        if let Some(size) = o["batch_size"].as_u64() {
            options = options.batch_size(size as usize);
        }
        if let Some(length) = o["output_sequence_length"].as_u64() {
            options = options.output_sequence_length(length as usize);
        }
        match o.get("label_mode") {
            None => (),
            Some(Value::String(mode)) => options = options.label_mode(mode.parse::<LabelMode>().unwrap()),
            Some(_) => options = options.label_mode(LabelMode::None),
        }
        let folder = golden.join("sounds").join(name.split('_').next().unwrap());
        let dataset = audio_dataset_from_directory(folder, options).unwrap();
        if o.get("label_mode") != Some(&Value::Null) {
            assert_eq!(serde_json::json!(dataset.class_names()), case["class_names"], "{name}");
        }
        let batches = dataset.iter().collect::<Result<Vec<_>, _>>().unwrap();
        let expected = case["batches"].as_array().unwrap();
        assert_eq!(batches.len(), expected.len(), "{name}");
        for (batch, expected) in batches.iter().zip(expected) {
            assert_eq!(batch.len(), expected.as_array().unwrap().len(), "{name}");
            batch
                .iter()
                .zip(expected.as_array().unwrap())
                .for_each(|(got, expected)| check(name, got, expected));
        }
    }
}
