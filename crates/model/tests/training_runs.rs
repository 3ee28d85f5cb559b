//! Everything that training is made of, trained for 50 steps, gives Keras's numbers; and nothing is left out.
//!
//! One test that trains in this program: it changes the default float type of the process.

mod common;

use common::drawn::{digest, draw, realise};
use common::{arrays, json, texts};
use rhyton_model::{Compile, Data, Fit, LossWeights, Losses, Metrics, Model};
use rhyton_nn::layers::{AnyLayer, Input, from_config, registered_layers};
use rhyton_nn::losses::{self, Loss};
use rhyton_nn::metrics::{self, Metric};
use rhyton_nn::optimizers::{self, AdamW, Optimizer};
use rhyton_nn::{Config, Spec, activations, constraints, initializers, regularizers, set_floatx};
use rhyton_tensor::{DType, Tensor, Variable};
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

fn list(v: &Value) -> &[Value] {
    v.as_array().map_or(&[], Vec::as_slice)
}

/// Class and arguments of an envelope.
fn opened(v: &Value) -> (&str, &Config) {
    (v["class_name"].as_str().expect("a class"), v["config"].as_object().expect("arguments"))
}

/// The graph of layers, each used once.
fn build(run: &Value) -> Model {
    let mut tensors: Vec<Tensor> = Vec::new();
    for node in list(&run["nodes"]) {
        let (class, config) = (node["class"].as_str().unwrap(), node["config"].as_object().unwrap());
        let mut warnings = Vec::new();
        let y = if class == "InputLayer" {
            let batch = list(&config["batch_shape"]).iter().skip(1).map(|n| n.as_u64().unwrap() as usize);
            let input = Input::new(batch.collect::<Vec<_>>());
            if node["int32"] == true { input.dtype(DType::I32).tensor() } else { input.tensor() }
        } else {
            let layer: AnyLayer = from_config(class, config, &mut warnings).unwrap();
            let from: Vec<Tensor> =
                list(&node["inputs"]).iter().map(|i| tensors[i.as_u64().unwrap() as usize].clone()).collect();
            layer.call(from).unwrap()
        };
        assert_eq!(warnings, [""; 0], "{class}");
        tensors.push(y);
    }
    let pick = |key: &str| {
        list(&run[key]).iter().map(|i| tensors[i.as_u64().unwrap() as usize].clone()).collect::<Vec<_>>()
    };
    Model::new(pick("inputs"), pick("outputs")).unwrap()
}

fn optimizer(run: &Value) -> Arc<dyn Optimizer> {
    let (class, config) = opened(&run["optimizer"]);
    let read = optimizers::from_config(class, config).unwrap();
    match texts(&run["undecayed"]) {
        words if words.is_empty() => read,
        words => {
            let made = AdamW::new(0.01).weight_decay(0.1).exclude_from_weight_decay(words);
            assert_eq!(made.config(), read.config());
            Arc::new(made)
        }
    }
}

fn metric_lists(v: &Value) -> Metrics {
    let one = |m: &Value| -> Spec<dyn Metric> {
        let (class, config) = opened(m);
        Spec::Object(metrics::from_config(class, config).unwrap())
    };
    Metrics::Each(list(v).iter().map(|of_output| list(of_output).iter().map(one).collect()).collect())
}

/// What Keras has for a run, taken number by number, and where the run differs.
struct Expected<'a> {
    who: String,
    rest: &'a [f64],
    tolerance: f64,
    wrong: Vec<String>,
}

impl Expected<'_> {
    /// Compares with the next numbers; the largest of them is the measure.
    fn compare(&mut self, what: &str, got: &[f64]) {
        let Some((these, rest)) = self.rest.split_at_checked(got.len()) else {
            return self.wrong.push(format!("{} {what}: too many numbers", self.who));
        };
        self.rest = rest;
        let largest = these.iter().fold(1e-30, |a: f64, b| a.max(b.abs()));
        let each = got.iter().zip(these).map(|(g, e)| (g - e).abs() / largest);
        let worst = each.fold(0.0, |a, d| if d > a || d.is_nan() { d } else { a });
        if worst > self.tolerance || worst.is_nan() {
            self.wrong.push(format!(
                "{} {what}: differs by {worst:e}\n     got {got:?}\nexpected {these:?}",
                self.who
            ));
        }
    }
}

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
            let mut expected = Expected { who, rest: these, tolerance, wrong: Vec::new() };
            self.check(number, run, dtype, eagerly, &mut expected);
            wrong.append(&mut expected.wrong);
        }
        wrong
    }

    fn check(&self, number: usize, run: &Value, dtype: DType, eagerly: bool, expected: &mut Expected) {
        let mut model = build(run);
        let seed = 1000 * (number as u64 + 1);
        let samples = run["samples"].as_u64().unwrap() as usize;
        let data = |key: &str, from: u64| -> Vec<Option<Tensor>> {
            let each = list(&run[key]).iter().enumerate();
            each.map(|(i, s)| (!s.is_null()).then(|| realise(s, seed + from + 10 * i as u64, samples, dtype)))
                .collect()
        };
        let all = |key: &str, from| Data::from(data(key, from).into_iter().flatten().collect::<Vec<_>>());
        let (x, y) = (all("x", 0), all("y", 100));

        let kept = model.get_weights().unwrap();
        let start: Vec<Tensor> = list(&run["start"])
            .iter()
            .zip(&kept)
            .map(|(s, w)| match s.as_u64() {
                None => w.clone(),
                Some(s) => draw(s, w.shape(), -0.5, 0.5, 1.0 / 256.0, dtype),
            })
            .collect();
        model.set_weights(&start).unwrap();

        let loss = list(&run["loss"]).iter().map(|l| -> Spec<dyn Loss> {
            let (class, config) = opened(l);
            Spec::Object(losses::from_config(class, config).unwrap())
        });
        let loss = Losses::Each(loss.map(Some).collect());
        let mut compile = Compile::new(Spec::Object(optimizer(run)), loss)
            .metrics(metric_lists(&run["metrics"]))
            .weighted_metrics(metric_lists(&run["weighted_metrics"]))
            .run_eagerly(eagerly);
        if let Some(weights) = run["loss_weights"].as_array() {
            let weights: Vec<f64> = weights.iter().map(|w| w.as_f64().unwrap()).collect();
            compile = compile.loss_weights(LossWeights::from(weights));
        }
        model.compile_with(compile).unwrap();

        let mut fit = Fit::epochs(10).batch_size(8).shuffle(false).verbose(0);
        if list(&run["weights"]).iter().any(|w| !w.is_null()) {
            fit = fit.sample_weight(all("weights", 200));
        }
        for (key, value) in run["fit"].as_object().unwrap() {
            fit = match key.as_str() {
                "validation_split" => fit.validation_split(value.as_f64().unwrap()),
                "class_weight" => {
                    let pairs = value.as_object().unwrap().iter();
                    fit.class_weight(pairs.map(|(k, v)| (k.parse().unwrap(), v.as_f64().unwrap())))
                }
                other => panic!("{other}"),
            };
        }
        let history = match model.fit(x.clone(), y, fit) {
            Ok(history) => history,
            Err(e) => return expected.wrong.push(format!("{}: {e}", expected.who)),
        };
        let names: Vec<&str> = history.names().collect();
        if names != texts(&run["history_keys"]) {
            return expected.wrong.push(format!("{}: reports {names:?}", expected.who));
        }
        for key in names {
            expected.compare(key, &history[key]);
        }
        let state = model.optimizer().unwrap().variables().iter().map(Variable::value).collect();
        let parts = [
            ("weight", model.get_weights().unwrap()),
            ("optimizer's", state),
            ("output", model.predict_all(x).unwrap()),
        ];
        for (what, tensors) in parts {
            for (i, x) in tensors.iter().enumerate() {
                expected.compare(&format!("{what} {i}"), &digest(&x.to_f64s().unwrap()));
            }
        }
        if !expected.rest.is_empty() {
            expected.wrong.push(format!("{}: {} numbers are left over", expected.who, expected.rest.len()));
        }
    }
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
    // A function of the user's; its runs are in functional_runs.
    missing("layers", registered_layers(), &layers, &["Lambda"]);
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
