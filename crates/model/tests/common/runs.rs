//! Runs of models that files of the reference numbers describe; see `training_runs.py`.

use super::drawn::{draw, realise};
use super::texts;
use rhyton_base::Result;
use rhyton_model::{Compile, Data, Fit, History, LossWeights, Losses, Metrics, Model};
use rhyton_nn::layers::{AnyLayer, Input, from_config};
use rhyton_nn::losses::{self, Loss};
use rhyton_nn::metrics::{self, Metric};
use rhyton_nn::optimizers::{self, AdamW, Optimizer};
use rhyton_nn::{Config, Spec};
use rhyton_tensor::{DType, Tensor};
use serde_json::Value;
use std::sync::Arc;

pub fn list(v: &Value) -> &[Value] {
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

/// A model with the weights that a run begins with, compiled, and its data.
pub struct Prepared {
    pub model: Model,
    pub x: Vec<Tensor>,
    pub y: Vec<Tensor>,
    weights: Vec<Tensor>,
}

/// Makes the model of a run and draws its data.
pub fn prepare(number: usize, run: &Value, dtype: DType, eagerly: bool) -> Result<Prepared> {
    let mut model = build(run);
    let seed = 1000 * (number as u64 + 1);
    let samples = run["samples"].as_u64().unwrap() as usize;
    let data = |key: &str, from: u64| -> Vec<Tensor> {
        let each = list(&run[key]).iter().enumerate().filter(|(_, s)| !s.is_null());
        each.map(|(i, s)| realise(s, seed + from + 10 * i as u64, samples, dtype)).collect()
    };
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

    Ok(Prepared { model, x: data("x", 0), y: data("y", 100), weights: data("weights", 200) })
}

/// Makes a model, trains it from the given weights on the given data, and returns it with its inputs.
pub fn train(number: usize, run: &Value, dtype: DType, eagerly: bool) -> Result<(Model, Data, History)> {
    let Prepared { mut model, x, y, weights } = prepare(number, run, dtype, eagerly)?;
    let x = Data::from(x);
    let mut fit = Fit::epochs(10).batch_size(8).shuffle(false).verbose(0);
    if !weights.is_empty() {
        fit = fit.sample_weight(weights);
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
    let history = model.fit(x.clone(), y, fit)?;
    Ok((model, x, history))
}

/// What Keras has for a run, taken number by number, and where the run differs.
pub struct Expected<'a> {
    pub who: String,
    pub rest: &'a [f64],
    pub tolerance: f64,
    pub wrong: Vec<String>,
}

impl Expected<'_> {
    /// Compares what was reported.
    pub fn compare_history(&mut self, history: &History, names: &[&str]) {
        let got: Vec<&str> = history.names().collect();
        if got != names {
            return self.wrong.push(format!("{}: reports {got:?}", self.who));
        }
        for key in names {
            self.compare(key, &history[*key]);
        }
    }

    /// Compares digests.
    pub fn compare_all(&mut self, what: &str, tensors: &[Tensor]) {
        for (i, x) in tensors.iter().enumerate() {
            self.compare(&format!("{what} {i}"), &super::drawn::digest(&x.to_f64s().unwrap()));
        }
    }

    /// What was wrong, with what was not asked for.
    pub fn finish(mut self) -> Vec<String> {
        if !self.rest.is_empty() && self.wrong.is_empty() {
            self.wrong.push(format!("{}: {} numbers are left over", self.who, self.rest.len()));
        }
        self.wrong
    }

    /// Compares with the next numbers; the largest of them is the measure.
    pub fn compare(&mut self, what: &str, got: &[f64]) {
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
