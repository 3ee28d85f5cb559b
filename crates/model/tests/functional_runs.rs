//! Models that are graphs train, evaluate and predict as Keras's do, and their summaries are Keras's to the letter.
//!
//! One test alone in this program: it changes the default float type and the names of the process.

mod common;

use common::{arrays, close, in_precision, json, texts};
use rhyton_base::{Result, Shape};
use rhyton_model::{
    Batch, Compile, CustomSteps, Data, Evaluate, Fit, LossWeights, Losses, Metrics, Model, Sequential,
    StepCx, Summary,
};
use rhyton_nn::constraints::Constraint;
use rhyton_nn::layers::{AnyLayer, BuildCx, CallCx, Dense, Input, Layer, LayerOptions, clear_session};
use rhyton_nn::metrics::{Mean, Metric};
use rhyton_nn::optimizers;
use rhyton_nn::regularizers::Regularizer;
use rhyton_nn::{Config, Spec, set_floatx};
use rhyton_tensor::{DType, GradientTape, Tensor, Variable, ops};
use serde_json::Value;
use std::collections::HashMap;
use std::sync::Arc;

/// `0.25 Σ w²`.
#[derive(Debug)]
struct Quarter;

impl Regularizer for Quarter {
    fn call(&self, x: &Tensor) -> Result<Tensor> {
        Ok(x.square().sum(..)? * 0.25)
    }
    fn class_name(&self) -> &'static str {
        "Quarter"
    }
    fn config(&self) -> Config {
        Config::new()
    }
}

/// Between -0.25 and 0.25.
#[derive(Debug)]
struct Half;

impl Constraint for Half {
    fn call(&self, weight: &Tensor) -> Result<Tensor> {
        weight.maximum(ops::full([], -0.25, weight.dtype())?)?.minimum(ops::full([], 0.25, weight.dtype())?)
    }
    fn class_name(&self) -> &'static str {
        "Half"
    }
    fn config(&self) -> Config {
        Config::new()
    }
}

/// A dense layer with regularizers and a constraint.
struct Kept {
    name: &'static str,
    units: usize,
    tanh: bool,
    /// Whether the kernel is regularized and constrained; otherwise the bias is regularized.
    kernel: bool,
    weights: Option<(Variable, Variable)>,
}

impl Layer for Kept {
    fn class_name(&self) -> &'static str {
        "Dense"
    }
    fn options(&self) -> LayerOptions {
        LayerOptions { name: Some(self.name.into()), ..LayerOptions::default() }
    }
    fn build(&mut self, cx: &mut BuildCx, input: &Shape) -> Result<()> {
        let inputs = cx.last_axis(input)?;
        let kernel = cx.weight("kernel", [inputs, self.units], &"zeros".into())?;
        let bias = cx.weight("bias", [self.units], &"zeros".into())?;
        if self.kernel {
            cx.regularize(&kernel, Some(&Quarter.into()))?;
            cx.constrain(&kernel, Some(&Half.into()))?;
        } else {
            cx.regularize(&bias, Some(&Quarter.into()))?;
        }
        self.weights = Some((kernel, bias));
        Ok(())
    }
    fn call(&self, x: &Tensor, _: &CallCx) -> Result<Tensor> {
        let (kernel, bias) = self.weights.as_ref().unwrap();
        let y = x.matmul(&kernel.value())? + bias.value();
        Ok(if self.tanh { y.tanh() } else { y })
    }
    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        Ok(input.with_last(self.units))
    }
}

/// Adds a tenth of the mean square of what passes through it to the loss.
struct Penalty;

impl Layer for Penalty {
    fn class_name(&self) -> &'static str {
        "Penalty"
    }
    fn options(&self) -> LayerOptions {
        LayerOptions { name: Some("penalty".into()), ..LayerOptions::default() }
    }
    fn call(&self, x: &Tensor, cx: &CallCx) -> Result<Tensor> {
        cx.add_loss(x.square().mean(..)? * 0.1);
        Ok(x.clone())
    }
    fn needs_build(&self) -> bool {
        false
    }
}

fn dense(units: usize, activation: &str, name: &str) -> AnyLayer {
    Dense::new(units).activation(activation).name(name).into()
}

fn input(size: usize, name: &str) -> Tensor {
    Input::new([size]).name(name).tensor()
}

fn two_by_two() -> Result<Model> {
    let (a, b) = (input(4, "a"), input(3, "b"));
    let h1 = dense(5, "relu", "ha").call(&a)?;
    let h2 = dense(5, "tanh", "hb").call(&b)?;
    let h = &h1 + &h2;
    let price = dense(1, "linear", "price").call(&h)?;
    let kind = dense(3, "softmax", "kind").call(&h)?;
    Ok(Model::new([&a, &b], [&price, &kind])?.named("two_by_two"))
}

fn shared() -> Result<Model> {
    let (a, b) = (input(4, "a"), input(3, "b"));
    let encode = dense(4, "tanh", "encode");
    let twice = encode.call(&encode.call(&a)?)?;
    let right = dense(4, "linear", "widen").call(&b)?;
    let out = dense(1, "linear", "out").call(&(&twice * &encode.call(&right)?))?;
    Ok(Model::new([&a, &b], &out)?.named("shared"))
}

fn nested() -> Result<Model> {
    let x = input(4, "inner_in");
    let h = dense(6, "relu", "inner_1").call(&x)?;
    let inner = Model::new(&x, &dense(4, "linear", "inner_2").call(&h)?)?.named("inner");
    let tail = Sequential::from((
        Input::new([4]).name("tail_in"),
        dense(3, "tanh", "tail_1"),
        dense(1, "linear", "tail_2"),
    ))
    .named("tail");
    let a = input(4, "a");
    let y = tail.call(&inner.call(&inner.call(&a)?)?)?;
    Ok(Model::new(&a, &y)?.named("nested"))
}

fn penalised() -> Result<Model> {
    let a = input(4, "a");
    let first = Kept { name: "h", units: 5, tanh: true, kernel: true, weights: None };
    let h = AnyLayer::from(first).call(&a)?;
    let h = AnyLayer::from(Penalty).call(&h)?;
    let last = Kept { name: "out", units: 1, tanh: false, kernel: false, weights: None };
    Ok(Model::new(&a, &AnyLayer::from(last).call(&h)?)?.named("penalised"))
}

fn model(name: &str) -> Model {
    clear_session();
    match name {
        "two_by_two" => two_by_two(),
        "shared" => shared(),
        "nested" => nested(),
        "penalised" => penalised(),
        other => panic!("{other}"),
    }
    .unwrap()
}

/// The mean of `|error| ^ 1.5`, with a tracker of the mean of `|error|`.
struct Own {
    error: Arc<Mean>,
}

impl CustomSteps for Own {
    fn train_step(&self, cx: &StepCx, batch: &Batch) -> Result<()> {
        let tape = GradientTape::new();
        let y_pred = cx.call(batch)?;
        let error = (y_pred - batch.y()?).abs();
        let loss = (&error * error.sqrt()).mean(..)?;
        cx.minimize(&tape, &loss)?;
        self.error.update_state(&error.mean(..)?, None)
    }

    fn metrics(&self) -> Vec<Arc<dyn Metric>> {
        vec![self.error.clone()]
    }
}

fn losses(json: Option<&Value>) -> Losses {
    match json {
        None => ().into(),
        Some(Value::Array(list)) => list.iter().map(|l| l.as_str().unwrap()).collect::<Vec<_>>().into(),
        Some(Value::Object(o)) => {
            o.iter().map(|(k, l)| (k.clone(), l.as_str().unwrap())).collect::<Vec<_>>().into()
        }
        Some(one) => one.as_str().unwrap().into(),
    }
}

fn metrics(json: Option<&Value>) -> Metrics {
    match json {
        None => ().into(),
        Some(Value::Array(list)) if list[0].is_array() => list.iter().map(texts).collect::<Vec<_>>().into(),
        Some(Value::Object(o)) => o.iter().map(|(k, l)| (k.clone(), texts(l))).collect::<Vec<_>>().into(),
        Some(flat) => texts(flat).into(),
    }
}

fn loss_weights(json: &Value) -> LossWeights {
    match json {
        Value::Array(list) => list.iter().map(|w| w.as_f64().unwrap()).collect::<Vec<_>>().into(),
        Value::Object(o) => {
            o.iter().map(|(k, w)| (k.clone(), w.as_f64().unwrap())).collect::<Vec<_>>().into()
        }
        other => panic!("{other}"),
    }
}

struct Runs {
    numbers: HashMap<String, Tensor>,
    facts: Value,
}

impl Runs {
    fn data(&self, keys: &Value, dtype: DType) -> Data {
        let one = |v: &Value| in_precision(&self.numbers[v.as_str().unwrap()], dtype);
        match keys {
            Value::Array(list) => list.iter().map(one).collect::<Vec<_>>().into(),
            key => one(key).into(),
        }
    }

    fn check(&self, name: &str, run: &Value, dtype: DType, eagerly: bool) {
        let (precision, tolerance) = if dtype == DType::F64 { ("f64", 1e-9) } else { ("f32", 1e-4) };
        let which = run["model"].as_str().unwrap();
        let mut model = model(which);
        let count = model.weights().len();
        let start = |i| in_precision(&self.numbers[&format!("start/{which}/w{i}")], dtype);
        model.set_weights(&(0..count).map(start).collect::<Vec<_>>()).unwrap();
        if name == "own_step" {
            model = model.with_steps(Own { error: Arc::new(Mean::new("error")) });
        }
        let class = run["optimizer"][0].as_str().unwrap();
        let optimizer = optimizers::from_config(class, run["optimizer"][1].as_object().unwrap()).unwrap();
        let given = &run["compile"];
        let mut compile = Compile::new(Spec::Object(optimizer), losses(given.get("loss")))
            .metrics(metrics(given.get("metrics")))
            .weighted_metrics(metrics(given.get("weighted_metrics")))
            .run_eagerly(eagerly);
        if let Some(weights) = given.get("loss_weights") {
            compile = compile.loss_weights(loss_weights(weights));
        }
        model.compile_with(compile).unwrap();

        let fitted = &run["fit"];
        let (x, y) = (self.data(&fitted["x"], dtype), self.data(&fitted["y"], dtype));
        let mut fit = Fit::epochs(2).batch_size(16).shuffle(false).verbose(0);
        let weight = fitted.get("sample_weight").map(|w| self.data(w, dtype));
        if let Some(weight) = &weight {
            fit = fit.sample_weight(weight);
        }
        if let Some(split) = fitted.get("validation_split") {
            fit = fit.validation_split(split.as_f64().unwrap());
        }
        let history = model.fit(&x, &y, fit).unwrap();
        let who = |what: &str| format!("{name} ({precision}, eager {eagerly}) {what}");
        let expected = |key: &str| self.numbers[&format!("{precision}/{name}/{key}")].to_f64s().unwrap();
        assert_eq!(history.names().collect::<Vec<_>>(), texts(&run["history_keys"]), "{}", who("keys"));
        for key in history.names() {
            close(&who(key), &history[key], &expected(&format!("history/{key}")), tolerance);
        }
        for (i, w) in model.get_weights().unwrap().iter().enumerate() {
            close(&who(&format!("w{i}")), &w.to_f64s().unwrap(), &expected(&format!("w{i}")), tolerance);
        }
        let keys = texts(&run["evaluate_keys"]);
        if !keys.is_empty() {
            let mut options = Evaluate::new().batch_size(16).verbose(0);
            if let Some(weight) = &weight {
                options = options.sample_weight(weight);
            }
            let report = model.evaluate_with(&x, &y, options).unwrap();
            assert_eq!(report.iter().count(), keys.len(), "{}", who("evaluate"));
            let got: Vec<f64> = keys.iter().map(|k| report[*k]).collect();
            close(&who("evaluate"), &got, &expected("evaluate"), tolerance);
        }
        for (i, y) in model.predict_all(&x).unwrap().iter().enumerate() {
            close(&who("predict"), &y.to_f64s().unwrap(), &expected(&format!("predict{i}")), tolerance);
        }
    }
}

#[test]
fn graphs_of_layers_are_those_of_keras() {
    let runs = Runs { numbers: arrays("functional_runs.npz"), facts: json("functional_runs.json") };
    for (name, facts) in runs.facts["models"].as_object().unwrap() {
        let model = model(name);
        let names: Vec<String> = model.layers().iter().map(AnyLayer::name).collect();
        assert_eq!(names, texts(&facts["layers"]), "{name}");
        let shapes: Vec<Vec<usize>> = model.weights().iter().map(|w| w.shape().to_vec()).collect();
        assert_eq!(serde_json::json!(shapes), facts["weights"], "{name}");
    }
    for summary in runs.facts["summaries"].as_array().unwrap() {
        let flag = |key: &str| summary["options"].get(key).is_some_and(|v| v == true);
        let options = Summary::new()
            .line_length(summary["width"].as_u64().unwrap() as usize)
            .expand_nested(flag("expand_nested"))
            .show_trainable(flag("show_trainable"));
        let got = model(summary["model"].as_str().unwrap()).summary_with(options).unwrap();
        assert_eq!(got, summary["text"].as_str().unwrap(), "\n{got}\n{}", summary["text"].as_str().unwrap());
    }
    for dtype in [DType::F64, DType::F32] {
        set_floatx(dtype).unwrap();
        for (name, run) in runs.facts["runs"].as_object().unwrap() {
            for eagerly in [true, false] {
                runs.check(name, run, dtype, eagerly);
            }
        }
    }
}
