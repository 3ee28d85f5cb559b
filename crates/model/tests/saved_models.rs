//! Models of every kind that Keras saved: they load, predict and evaluate as they do there, and go on training with the
//! same losses; so do copies that are saved here.

mod common;
mod own;

use common::close;
use common::saved::{Saved, own_golden};
use rhyton_io::Npz;
use rhyton_model::{Evaluate, LoadModel, Model, load_model};
use rhyton_tensor::{Tensor, ops};
use serde_json::Value;
use std::path::Path;

/// Keras builds layers and models inside of others alone when it loads them; here they stay where they are. Layers that
/// models of one's own make without names are numbered by what the process made before.
const OTHER_PATHS: [&str; 7] = [
    "layer_bidirectional",
    "layer_rnn_of_cells",
    "layer_spectral_normalization",
    "layer_time_distributed",
    "masked_recurrent",
    "own_model",
    "own_model_inside",
];

/// The model as Keras found it to be.
fn check(saved: &Saved, name: &str, mut model: Model) {
    let facts = &saved.facts[name];
    let tolerance = facts["tolerance"].as_f64().unwrap();
    let weights: Vec<Value> = model
        .weights()
        .iter()
        .map(|w| Value::Array(vec![Value::from(w.name()), Value::from(w.shape().to_vec())]))
        .collect();
    let expected = facts["weights"].as_array().unwrap();
    if OTHER_PATHS.contains(&name) {
        let shapes = |all: &[Value]| -> Vec<Value> { all.iter().map(|w| w[1].clone()).collect() };
        assert_eq!(shapes(&weights), shapes(expected), "{name}");
    } else {
        assert_eq!(weights, *expected, "{name}");
    }
    let y = model.predict_all(saved.data(name, "x", "inputs", None)).unwrap();
    // Keras has what is by name in the order of the names.
    let order: Vec<usize> = match facts["output_names"].as_array() {
        Some(names) => {
            let own = model.output_names();
            names.iter().map(|n| own.iter().position(|o| o == n.as_str().unwrap()).unwrap()).collect()
        }
        None => (0..y.len()).collect(),
    };
    assert_eq!(y.len() as u64, facts["outputs"].as_u64().unwrap(), "{name}");
    for (i, &at) in order.iter().enumerate() {
        let expected = saved.numbers(name, &format!("y{i}"));
        close(&format!("{name} predict {i}"), &y[at].to_f64s().unwrap(), &expected, tolerance);
    }
    let inference = model.for_inference().unwrap();
    let constant = inference.predict_all(saved.data(name, "x", "inputs", None)).unwrap();
    for (i, (got, y)) in constant.iter().zip(&y).enumerate() {
        let what = format!("{name} for inference {i}");
        close(&what, &got.to_f64s().unwrap(), &y.to_f64s().unwrap(), tolerance.max(1e-5));
    }
    assert_eq!(Value::from(model.is_compiled()), facts["compiled"], "{name}");
    if !model.is_compiled() {
        return;
    }
    let (x, y) = (saved.data(name, "ex", "inputs", None), saved.data(name, "ey", "outputs", None));
    let report = model.evaluate_with(x, y, Evaluate::new().batch_size(8).verbose(0)).unwrap();
    let expected = facts["evaluate"].as_object().unwrap();
    let mut names: Vec<&str> = report.iter().map(|(name, _)| name).collect();
    names.sort_unstable();
    let mut known: Vec<&str> = expected.keys().map(String::as_str).collect();
    known.sort_unstable();
    assert_eq!(names, known, "{name}");
    for (key, value) in expected {
        close(&format!("{name} {key}"), &[report[key.as_str()]], &[value.as_f64().unwrap()], tolerance);
    }
    let mut losses = Vec::new();
    for step in 0..3 {
        model.reset_metrics().unwrap();
        let (x, y) =
            (saved.data(name, "tx", "inputs", Some(step)), saved.data(name, "ty", "outputs", Some(step)));
        losses.push(model.train_on_batch(x, y).unwrap().loss());
    }
    close(&format!("{name} losses"), &losses, &saved.numbers(name, "losses"), tolerance);
    let after: Vec<f64> =
        model.weights().iter().flat_map(|w| w.concrete_value().to_f64s().unwrap()).collect();
    close(&format!("{name} after"), &after, &saved.numbers(name, "after"), 10.0 * tolerance);
}

/// Runs a check on every model and tells all that went wrong.
fn each(saved: &Saved, folder: &str, run: impl Fn(&str, &Path)) {
    own::register();
    let folder = common::folder(folder);
    let mut wrong = Vec::new();
    for name in saved.facts.keys() {
        let one = std::panic::AssertUnwindSafe(|| run(name, &folder));
        if let Err(e) = std::panic::catch_unwind(one) {
            let text = e.downcast_ref::<String>().cloned();
            wrong.push(format!("{name}: {}", text.unwrap_or_else(|| "?".into())));
        }
    }
    std::fs::remove_dir_all(&folder).unwrap();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), saved.facts.len(), wrong.join("\n"));
}

#[test]
fn files_of_keras() {
    let saved = Saved::new();
    assert!(saved.facts.len() >= 80);
    each(&saved, "saved", |name, folder| {
        let loaded = LoadModel::new().load(saved.file(name, folder)).unwrap();
        assert_eq!(loaded.warnings, [""; 0], "{name}");
        check(&saved, name, loaded.model);
    });
}

#[test]
fn our_own_copies() {
    let saved = Saved::new();
    each(&saved, "saved-copies", |name, folder| {
        let copy = folder.join("copy.keras");
        load_model(saved.file(name, folder)).unwrap().save(&copy).unwrap();
        check(&saved, name, load_model(&copy).unwrap());
    });
}

/// Files of the old format: whole models, and weights for a model that is there.
#[test]
fn old_files_of_keras() {
    let saved = Saved::new();
    let folder = common::folder("saved-old");
    own::register();
    let all = Npz::open(own_golden("legacy_files.npz")).unwrap().read_all().unwrap();
    assert_eq!(all.len(), 10);
    for (name, bytes) in all {
        let path = folder.join("old.h5");
        std::fs::write(&path, bytes.data).unwrap();
        let loaded = LoadModel::new().load(&path).unwrap();
        assert_eq!(loaded.warnings, [""; 0], "{name}");
        check(&saved, &name, loaded.model);
        let mut model = load_model(saved.file(&name, &folder)).unwrap();
        let zeros: Vec<Tensor> =
            model.get_weights().unwrap().iter().map(|w| ops::zeros_like(w).unwrap()).collect();
        model.set_weights(&zeros).unwrap();
        model.load_weights(&path).unwrap();
        check(&saved, &name, model);
    }
    std::fs::remove_dir_all(folder).unwrap();
}
