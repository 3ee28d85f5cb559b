//! Everything that training is made of, trained for 50 steps, gives Keras's numbers; and nothing is left out.
//!
//! One test that trains in this program: it changes the default float type of the process.

mod common;

use common::runs::{Expected, train};
use common::{arrays, json, texts};
use rhyton_nn::layers::registered_layers;
use rhyton_nn::{
    activations, constraints, initializers, losses, metrics, optimizers, regularizers, set_floatx,
};
use rhyton_tensor::{DType, Variable};
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};

struct Runs {
    numbers: HashMap<DType, Vec<f64>>,
    facts: Value,
}

impl Runs {
    fn read() -> Runs {
        let numbers = arrays("training_runs.npz");
        let of = |dtype, key: &str| (dtype, numbers[key].to_f64s().unwrap());
        Runs {
            numbers: HashMap::from([of(DType::F32, "f32"), of(DType::F64, "f64")]),
            facts: json("training_runs.json"),
        }
    }

    /// All runs; what differs.
    fn check_all(&self, dtype: DType, eagerly: bool) -> Vec<String> {
        set_floatx(dtype).unwrap();
        let mut rest = self.numbers[&dtype].as_slice();
        let mut wrong = Vec::new();
        for (number, (name, run)) in self.facts["runs"].as_object().unwrap().iter().enumerate() {
            let (these, others) = rest.split_at(run["count"].as_u64().unwrap() as usize);
            rest = others;
            let tolerance = if dtype == DType::F64 { run["tolerance"].as_f64().unwrap() } else { 1e-4 };
            let who = format!("{name} ({dtype}, eager {eagerly})");
            let expected = Expected { who, rest: these, tolerance, wrong: Vec::new() };
            wrong.append(&mut check(number, run, dtype, eagerly, expected));
        }
        wrong
    }
}

fn check(number: usize, run: &Value, dtype: DType, eagerly: bool, mut expected: Expected) -> Vec<String> {
    let (model, x, history) = match train(number, run, dtype, eagerly) {
        Ok(trained) => trained,
        Err(e) => return vec![format!("{}: {e}", expected.who)],
    };
    expected.compare_history(&history, &texts(&run["history_keys"]));
    expected.compare_all("weight", &model.get_weights().unwrap());
    let state = model.optimizer().unwrap().variables();
    expected.compare_all("optimizer's", &state.iter().map(Variable::value).collect::<Vec<_>>());
    expected.compare_all("output", &model.predict_all(x).unwrap());
    expected.finish()
}

#[test]
fn every_run_of_keras() {
    let runs = Runs::read();
    let wrong: Vec<String> = [(DType::F64, false), (DType::F64, true), (DType::F32, false)]
        .into_iter()
        .flat_map(|(dtype, eagerly)| runs.check_all(dtype, eagerly))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// All values of `"class_name"` or of a key, anywhere below.
fn gather<'a>(v: &'a Value, key: &str, into: &mut BTreeSet<&'a str>) {
    match v {
        Value::Object(o) => {
            into.extend(o.get(key).and_then(Value::as_str));
            o.values().for_each(|v| gather(v, key, into));
        }
        Value::Array(list) => list.iter().for_each(|v| gather(v, key, into)),
        _ => (),
    }
}

#[test]
fn nothing_is_left_out() {
    let facts = json("training_runs.json");
    let runs = facts["runs"].as_object().unwrap();
    assert!(runs.len() >= 60);
    let found = |part: &str, key: &str| -> BTreeSet<String> {
        let mut all = BTreeSet::new();
        runs.values().for_each(|run| gather(&run[part], key, &mut all));
        all.into_iter().map(str::to_string).collect()
    };
    let missing = |what: &str, known: Vec<String>, found: &BTreeSet<String>, excused: &[&str]| {
        let missing: Vec<_> =
            known.iter().filter(|n| !found.contains(*n) && !excused.contains(&n.as_str())).collect();
        assert!(missing.is_empty(), "no run has the {what} {missing:?}; add some to training_runs.py");
    };
    let classes = |names: &[&str], class: &dyn Fn(&str) -> Option<String>| -> Vec<String> {
        names.iter().filter_map(|n| class(n)).collect::<BTreeSet<_>>().into_iter().collect()
    };
    let upper =
        |names: &[&str]| classes(names, &|n| n.starts_with(char::is_uppercase).then(|| n.to_string()));

    // Another spelling of the class, which files of Keras have.
    let other = ["BCE", "KLD", "MAE", "MAPE", "MSE", "MSLE"];
    missing("losses", upper(losses::NAMES), &found("loss", "class_name"), &other);
    // Means and sums are of values, not of targets and predictions; every reported loss is a mean.
    let mut measured = found("metrics", "class_name");
    measured.extend(found("weighted_metrics", "class_name"));
    missing("metrics", upper(metrics::NAMES), &measured, &[&other[..], &["Mean", "Sum"]].concat());
    let known = optimizers::NAMES.iter().filter_map(|n| optimizer_class(n)).collect();
    missing("optimizers", known, &found("optimizer", "class_name"), &[]);
    let schedules = optimizers::schedules::NAMES.map(str::to_string).to_vec();
    missing("schedules", schedules, &found("optimizer", "class_name"), &[]);

    let in_layers = found("nodes", "class_name");
    missing("regularizers", upper(&regularizers::NAMES), &in_layers, &[]);
    missing("constraints", upper(&constraints::NAMES), &in_layers, &[]);
    // Random ones only say where weights begin, which is given; STFT is for layers that do not train it.
    let started = ["Zeros", "Ones", "Constant", "Identity"];
    for name in started {
        assert!(initializers::NAMES.contains(&name) && in_layers.contains(name), "{name}");
    }
    let functions = found("nodes", "activation");
    let aliases = ["swish", "hard_swish", "softmax"];
    missing("activations", activations::NAMES.iter().map(|n| n.to_string()).collect(), &functions, &aliases);
    assert!(functions.contains("softmax"));

    let mut layers = found("nodes", "class");
    layers.extend(in_layers);
    // A function of the user's; its runs are in functional_runs. What works on data has no weights that are trained, and
    // golden cases of its own beside the layers.
    let excused = [
        "Lambda",
        "CategoryEncoding",
        "CenterCrop",
        "Discretization",
        // Another name of GroupedQueryAttention.
        "GroupQueryAttention",
        "HashedCrossing",
        "Hashing",
        "IntegerLookup",
        "Normalization",
        "RandomBrightness",
        "RandomContrast",
        "RandomCrop",
        "RandomFlip",
        "RandomRotation",
        "RandomTranslation",
        "RandomZoom",
        "Rescaling",
        "Resizing",
        "StringLookup",
        "TextVectorization",
    ];
    missing("layers", registered_layers(), &layers, &excused);
}

/// The class of an optimizer's name.
fn optimizer_class(name: &str) -> Option<String> {
    match optimizers::get(name) {
        Ok(optimizer) => Some(optimizer.class_name().to_string()),
        Err(_) if name == "lossscaleoptimizer" => Some("LossScaleOptimizer".to_string()),
        Err(_) if name == "multioptimizer" => Some("MultiOptimizer".to_string()),
        Err(e) => panic!("{e}"),
    }
}
