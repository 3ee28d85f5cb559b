//! `rhyton summary`, `plot`, `predict`, `evaluate` and `convert`: model files without writing code.

use crate::arrays;
use crate::report::Report;
use clap::ArgMatches;
use rhyton::layers::AnyLayer;
use rhyton::utils::{PlotModel, plot_model};
use rhyton::{Error, Evaluate, LoadModel, Model, Predict, Result, Shape, Variable};
use serde_json::{Map, Value, json};
use std::path::Path;

pub fn text<'a>(matches: &'a ArgMatches, name: &str) -> &'a str {
    matches.get_one::<String>(name).map_or("", String::as_str)
}

/// The model of the command, with its warnings told.
pub fn load(matches: &ArgMatches, compile: bool) -> Result<Model> {
    if let Some(Some(&n)) = matches.try_get_one::<usize>("threads").ok().map(|n| n.filter(|&&n| n > 0)) {
        rhyton::set_threads(n);
    }
    let loaded = LoadModel::new().compile(compile).load(text(matches, "model"))?;
    loaded.warnings.iter().for_each(|w| eprintln!("rhyton: warning: {w}"));
    Ok(loaded.model)
}

fn sizes(shape: &Shape) -> Value {
    shape.dims().iter().map(|d| json!(d.known())).collect()
}

/// One shape, or a list of several; null where they are not known.
fn shapes(all: Option<Vec<Shape>>) -> Value {
    match all.as_deref() {
        Some([one]) => sizes(one),
        Some(all) => all.iter().map(sizes).collect(),
        None => Value::Null,
    }
}

/// The shapes of a layer's results.
fn results(layer: &AnyLayer) -> Value {
    let all = layer.outputs().ok().map(|all| all.iter().map(|y| y.meta().shape).collect());
    shapes(all.or_else(|| layer.input_shape().map(|s| vec![s])))
}

/// The layer table.
pub fn summary(matches: &ArgMatches) -> Result<()> {
    let report = Report::new(matches.get_flag("json"));
    let model = load(matches, true)?;
    report.line(model.summary().trim_end());
    let layer = |layer: AnyLayer| {
        json!({
            "name": layer.name(),
            "class": layer.class_name(),
            "output_shape": results(&layer),
            "params": layer.weights().iter().map(Variable::len).sum::<usize>(),
            "trainable": layer.trainable(),
        })
    };
    let ends = |all: Result<Vec<rhyton::Tensor>>, names: Vec<String>| -> Value {
        let all = all.unwrap_or_default();
        let each = names.into_iter().zip(all.iter().map(|x| sizes(&x.meta().shape)));
        Value::Object(each.collect())
    };
    let count = |v: Vec<Variable>| v.iter().map(Variable::len).sum::<usize>();
    let state = model.optimizer().map(|o| count(o.variables())).unwrap_or(0);
    report.object(&json!({
        "name": model.name(),
        "input_shape": shapes(model.input_shape().map(|s| vec![s])),
        "inputs": ends(model.inputs(), model.input_names()),
        "outputs": ends(model.outputs(), model.output_names()),
        "layers": model.layers().into_iter().map(layer).collect::<Vec<Value>>(),
        "total_params": model.count_params(),
        "trainable_params": count(model.trainable_weights()),
        "non_trainable_params": count(model.non_trainable_weights()),
        "optimizer_params": state,
    }));
    Ok(())
}

/// The layers as a picture.
pub fn plot(matches: &ArgMatches) -> Result<()> {
    let model = load(matches, false)?;
    let options = PlotModel::new()
        .show_shapes(matches.get_flag("shapes"))
        .show_dtype(matches.get_flag("dtypes"))
        .show_layer_names(matches.get_flag("names"))
        .show_layer_activations(matches.get_flag("activations"))
        .show_trainable(matches.get_flag("trainable"))
        .expand_nested(matches.get_flag("expand-nested"))
        .rankdir(text(matches, "rankdir"))
        .dpi(matches.get_one("dpi").copied().unwrap_or(200));
    plot_model(&model, text(matches, "output"), options)
}

/// Predictions from one npz file into another, under the names of the outputs; a single one also as `y`.
pub fn predict(matches: &ArgMatches) -> Result<()> {
    let model = load(matches, false)?;
    let x = arrays::samples(text(matches, "input"), &model)?;
    let mut options = Predict::new().verbose(0);
    if let Some(&size) = matches.get_one::<usize>("batch-size") {
        options = options.batch_size(size);
    }
    let y = model.for_inference()?.predict_all_with(x, options)?;
    let mut names = model.output_names();
    if names.len() != y.len() {
        names = (1..=y.len()).map(|i| format!("output_{i}")).collect();
    }
    let mut out: Vec<(&str, &rhyton::Tensor)> = names.iter().map(String::as_str).zip(&y).collect();
    if let [only] = y.as_slice()
        && names[0] != "y"
    {
        out.push(("y", only));
    }
    arrays::write(text(matches, "output"), &out)
}

/// A file of another kind.
pub fn convert(matches: &ArgMatches) -> Result<()> {
    let model = matches.get_one::<String>("model").map(Path::new);
    rhyton::convert(text(matches, "in"), text(matches, "out"), model)
}

/// Loss and each compiled metric.
pub fn evaluate(matches: &ArgMatches) -> Result<()> {
    let report = Report::new(matches.get_flag("json"));
    let model = load(matches, true)?;
    if !model.is_compiled() {
        let message = "the model was saved without being compiled, so there is no loss to evaluate; compile it before saving";
        return Err(Error::state(message).at(text(matches, "model")));
    }
    let data = arrays::labelled(text(matches, "data"), &model)?;
    let mut options = Evaluate::new().verbose(0);
    if let Some(&size) = matches.get_one::<usize>("batch-size") {
        options = options.batch_size(size);
    }
    if let Some(weight) = &data.weight {
        options = options.sample_weight(weight);
    }
    let result = model.evaluate_with(data.x, data.y, options)?;
    report.line(&result);
    let object: Map<String, Value> =
        result.iter().map(|(name, value)| (name.to_string(), json!(value))).collect();
    report.object(&Value::Object(object));
    Ok(())
}
