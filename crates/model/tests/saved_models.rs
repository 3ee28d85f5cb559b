//! Models of every kind that Keras saved: they load, predict and evaluate as they do there, and go on training with the
//! same losses; so do copies that are saved here.

mod common;
mod own;

use common::{close, tensor};
use rhyton_io::Npz;
use rhyton_model::{Data, Evaluate, LoadModel, Model, load_model};
use rhyton_tensor::{Tensor, ops};
use serde_json::Value;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name)
}

struct Saved {
    arrays: HashMap<String, Tensor>,
    facts: serde_json::Map<String, Value>,
}

impl Saved {
    fn new() -> Saved {
        let all = Npz::open(golden("saved_models.npz")).unwrap().read_all().unwrap();
        let arrays = all.into_iter().map(|(name, a)| (name, tensor(&a))).collect();
        let text = std::fs::read_to_string(golden("saved_models.json")).unwrap();
        let Value::Object(facts) = serde_json::from_str(&text).unwrap() else { panic!() };
        Saved { arrays, facts }
    }

    fn get(&self, name: &str, what: &str) -> &Tensor {
        self.arrays.get(&format!("{name}/{what}")).unwrap_or_else(|| panic!("no {name}/{what}"))
    }

    fn numbers(&self, name: &str, what: &str) -> Vec<f64> {
        self.get(name, what).to_f64s().unwrap()
    }

    /// The arrays of a kind, by name or in a list as the model takes them; those of one step of several.
    fn data(&self, name: &str, kind: &str, ends: &str, step: Option<usize>) -> Data {
        let facts = &self.facts[name];
        let count = facts[ends].as_u64().unwrap() as usize;
        let one = |i: usize| {
            let x = self.get(name, &format!("{kind}{i}"));
            match step {
                Some(s) => ops::squeeze(&ops::narrow(x, 0, s, s + 1).unwrap(), 0).unwrap(),
                None => x.clone(),
            }
        };
        let tensors: Vec<Tensor> = (0..count).map(one).collect();
        match facts[if ends == "inputs" { "input_names" } else { "output_names" }].as_array() {
            Some(names) => names.iter().map(|n| n.as_str().unwrap().to_string()).zip(tensors).collect(),
            None => Data::from(tensors),
        }
    }

    /// The model as Keras found it to be.
    fn check(&self, name: &str, mut model: Model) {
        let facts = &self.facts[name];
        let tolerance = facts["tolerance"].as_f64().unwrap();
        let weights: Vec<Value> = model
            .weights()
            .iter()
            .map(|w| Value::Array(vec![Value::from(w.name()), Value::from(w.shape().to_vec())]))
            .collect();
        let shapes = |all: &[Value]| -> Vec<Value> { all.iter().map(|w| w[1].clone()).collect() };
        assert_eq!(shapes(&weights), shapes(facts["weights"].as_array().unwrap()), "{name}");
        let y = model.predict_all(self.data(name, "x", "inputs", None)).unwrap();
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
            let expected = self.numbers(name, &format!("y{i}"));
            close(&format!("{name} predict {i}"), &y[at].to_f64s().unwrap(), &expected, tolerance);
        }
        assert_eq!(Value::from(model.is_compiled()), facts["compiled"], "{name}");
        if !model.is_compiled() {
            return;
        }
        let (x, y) = (self.data(name, "ex", "inputs", None), self.data(name, "ey", "outputs", None));
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
                (self.data(name, "tx", "inputs", Some(step)), self.data(name, "ty", "outputs", Some(step)));
            losses.push(model.train_on_batch(x, y).unwrap().loss());
        }
        close(&format!("{name} losses"), &losses, &self.numbers(name, "losses"), tolerance);
        let after: Vec<f64> =
            model.weights().iter().flat_map(|w| w.concrete_value().to_f64s().unwrap()).collect();
        close(&format!("{name} after"), &after, &self.numbers(name, "after"), 10.0 * tolerance);
    }

    fn file(&self, name: &str, folder: &Path) -> PathBuf {
        let path = folder.join(format!("{name}.keras"));
        std::fs::write(&path, self.get(name, "file").to_vec::<u8>().unwrap()).unwrap();
        path
    }
}

/// Runs a check on every model and tells all that went wrong.
fn each(saved: &Saved, folder: &str, check: impl Fn(&str, &Path)) {
    own::register();
    let folder = common::folder(folder);
    let mut wrong = Vec::new();
    for name in saved.facts.keys() {
        let run = std::panic::AssertUnwindSafe(|| check(name, &folder));
        if let Err(e) = std::panic::catch_unwind(run) {
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
        saved.check(name, loaded.model);
    });
}

#[test]
fn our_own_copies() {
    let saved = Saved::new();
    each(&saved, "saved-copies", |name, folder| {
        let copy = folder.join("copy.keras");
        load_model(saved.file(name, folder)).unwrap().save(&copy).unwrap();
        saved.check(name, load_model(&copy).unwrap());
    });
}

/// Files of the old format: whole models, and weights for a model that is there.
#[test]
fn old_files_of_keras() {
    let saved = Saved::new();
    let folder = common::folder("saved-old");
    own::register();
    let all = Npz::open(golden("legacy_files.npz")).unwrap().read_all().unwrap();
    assert_eq!(all.len(), 10);
    for (name, bytes) in all {
        let path = folder.join("old.h5");
        std::fs::write(&path, bytes.data).unwrap();
        let loaded = LoadModel::new().load(&path).unwrap();
        assert_eq!(loaded.warnings, [""; 0], "{name}");
        saved.check(&name, loaded.model);
        let mut model = load_model(saved.file(&name, &folder)).unwrap();
        let zeros: Vec<Tensor> =
            model.get_weights().unwrap().iter().map(|w| ops::zeros_like(w).unwrap()).collect();
        model.set_weights(&zeros).unwrap();
        model.load_weights(&path).unwrap();
        saved.check(&name, model);
    }
    std::fs::remove_dir_all(folder).unwrap();
}
