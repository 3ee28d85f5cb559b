//! Models of every kind are trained and saved here, and Keras goes on with them: it predicts and evaluates to the same
//! numbers, and the next steps lose the same. Run where the environment variable `RHYTON_PYTHON` names an interpreter
//! that has Keras; one process checks all models.

mod common;
mod own;

use common::runs::{Prepared, prepare};
use common::saved::Saved;
use common::trial::{self, Trial};
use common::{folder, json, texts};
use rhyton_model::load_model;
use rhyton_tensor::{DType, Tensor, ops};
use serde_json::Value;
use std::path::Path;

/// The models that Keras saved, loaded here.
fn saved(saved: &Saved, name: &str, folder: &Path) -> Trial {
    let model = load_model(saved.file(name, folder)).unwrap();
    let compiled = model.is_compiled();
    let of = |kind: &str, ends: &str| if compiled { saved.tensors(name, kind, ends) } else { Vec::new() };
    Trial {
        name: name.to_string(),
        x: saved.tensors(name, "x", "inputs"),
        evaluated: compiled.then(|| [of("ex", "inputs"), of("ey", "outputs")]),
        tx: of("tx", "inputs"),
        ty: of("ty", "outputs"),
        inputs: saved.names(name, "inputs"),
        outputs: saved.names(name, "outputs"),
        tolerance: saved.facts[name]["tolerance"].as_f64().unwrap(),
        model,
    }
}

/// The models of the training runs: every loss, metric, optimizer, schedule, regularizer, constraint and layer.
fn run(number: usize, name: &str, run: &Value) -> Trial {
    let Prepared { model, x, y, .. } = prepare(number, run, DType::F32, false).unwrap();
    // Five batches of eight, and all of them to evaluate.
    let batches = |all: &[Tensor]| -> Vec<Tensor> {
        let one = |x: &Tensor| {
            let count = x.shape()[0] / 8;
            let shape = [&[count, 8], &x.shape()[1..]].concat();
            ops::reshape(&ops::narrow(x, 0, 0, count * 8).unwrap(), shape).unwrap()
        };
        all.iter().map(one).collect()
    };
    Trial {
        name: format!("run_{name}"),
        x: x.clone(),
        tx: batches(&x),
        ty: batches(&y),
        evaluated: Some([x, y]),
        inputs: None,
        outputs: None,
        tolerance: 1e-5,
        model,
    }
}

#[test]
fn keras_goes_on_with_models_of_every_kind() {
    let Ok(python) = std::env::var("RHYTON_PYTHON") else {
        println!("skipped: RHYTON_PYTHON does not name an interpreter with Keras");
        return;
    };
    own::register();
    let folder = folder("continued");
    let all = Saved::new();
    let mut count = 0;
    for name in all.facts.keys() {
        trial::write(&folder, saved(&all, name, &folder));
        count += 1;
    }
    for (number, (name, facts)) in json("training_runs.json")["runs"].as_object().unwrap().iter().enumerate()
    {
        // What is left out of weight decay is in no file, neither here nor there.
        if !texts(&facts["undecayed"]).is_empty() {
            continue;
        }
        trial::write(&folder, run(number, name, facts));
        count += 1;
    }
    assert!(count >= 180);
    trial::check(&python, &folder);
    std::fs::remove_dir_all(folder).unwrap();
}
