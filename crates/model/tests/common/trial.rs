//! Models that are trained and saved here, and then used and trained further by Keras; see `golden/check_saved.py`.

use super::saved::own_golden;
use rhyton_io::{Array, Compression, write_npz};
use rhyton_model::{Data, Evaluate, Model};
use rhyton_tensor::{Tensor, ops};
use serde_json::{Map, Value, json};
use std::path::Path;
use std::process::Command;

/// Steps that go on after the model is saved.
const STEPS: usize = 5;

/// What a model is tried with: its inputs and targets, and their names where they have some.
pub struct Trial {
    pub name: String,
    pub model: Model,
    pub x: Vec<Tensor>,
    /// Inputs and targets of evaluation; none where the model is not evaluated.
    pub evaluated: Option<[Vec<Tensor>; 2]>,
    /// Inputs and targets of several steps, which are taken again from the first on.
    pub tx: Vec<Tensor>,
    pub ty: Vec<Tensor>,
    pub inputs: Option<Vec<String>>,
    pub outputs: Option<Vec<String>>,
    pub tolerance: f64,
}

pub fn array(x: &Tensor) -> Array {
    Array::new(x.dtype(), x.shape(), x.to_bytes().unwrap()).unwrap()
}

fn data(names: &Option<Vec<String>>, tensors: Vec<Tensor>) -> Data {
    match names {
        Some(names) => names.iter().cloned().zip(tensors).collect(),
        None => Data::from(tensors),
    }
}

/// Trains a little, writes the model, and what it predicts, measures and loses from there on.
pub fn write(folder: &Path, trial: Trial) {
    let Trial { name, mut model, x, evaluated, tx, ty, inputs, outputs, tolerance } = trial;
    let path = |ending: &str| folder.join(format!("{name}.{ending}"));
    let step = |all: &[Tensor], i: usize| -> Vec<Tensor> {
        let i = i % all[0].shape()[0];
        all.iter().map(|x| ops::squeeze(&ops::narrow(x, 0, i, i + 1).unwrap(), 0).unwrap()).collect()
    };
    let train = |model: &mut Model, i: usize| {
        model.reset_metrics().unwrap();
        let (x, y) = (data(&inputs, step(&tx, i)), data(&outputs, step(&ty, i)));
        model.train_on_batch(x, y).unwrap_or_else(|e| panic!("{name}: {e}")).loss()
    };
    let trained = model.is_compiled() && !tx.is_empty();
    if trained {
        for i in 0..2 {
            train(&mut model, i);
        }
    }
    model.save(path("keras")).unwrap_or_else(|e| panic!("{name}: {e}"));
    let mut y = model.predict_all(data(&inputs, x.clone())).unwrap();
    if let Some(names) = &outputs {
        let own = model.output_names();
        y = names.iter().map(|n| y[own.iter().position(|o| o == n).unwrap()].clone()).collect();
    }
    let mut arrays: Vec<(String, Tensor)> = Vec::new();
    let mut put = |kind: &str, all: &[Tensor]| {
        arrays.extend(all.iter().enumerate().map(|(i, x)| (format!("{kind}{i}"), x.clone())));
    };
    put("x", &x);
    put("y", &y);
    let mut report = Map::new();
    if let Some([ex, ey]) = &evaluated {
        put("ex", ex);
        put("ey", ey);
        let options = Evaluate::new().batch_size(8).verbose(0);
        let all =
            model.evaluate_with(data(&inputs, ex.clone()), data(&outputs, ey.clone()), options).unwrap();
        report = all.iter().map(|(name, value)| (name.to_string(), Value::from(value))).collect();
    }
    if trained {
        put("tx", &tx);
        put("ty", &ty);
        let losses: Vec<f64> = (0..STEPS).map(|i| train(&mut model, i)).collect();
        arrays.push(("losses".into(), Tensor::from(losses)));
    }
    let arrays: Vec<(String, Array)> = arrays.iter().map(|(n, x)| (n.clone(), array(x))).collect();
    let parts: Vec<(&str, &Array)> = arrays.iter().map(|(n, a)| (n.as_str(), a)).collect();
    write_npz(path("npz"), &parts, Compression::Stored).unwrap();
    let facts = json!({"inputs": inputs, "outputs": outputs, "evaluate": report, "tolerance": tolerance});
    std::fs::write(path("json"), facts.to_string()).unwrap();
}

/// Has Keras check all models of a folder.
pub fn check(python: &str, folder: &Path) {
    let run = Command::new(python).arg(own_golden("check_saved.py")).arg(folder).output().unwrap();
    let said = String::from_utf8_lossy(&run.stdout).into_owned();
    assert!(run.status.success(), "{said}{}", String::from_utf8_lossy(&run.stderr));
    println!("{said}");
}
