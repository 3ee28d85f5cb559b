//! `rhyton summary`, `plot`, `predict` and `evaluate`: model files without writing code.

use crate::arrays;
use crate::report::Report;
use clap::ArgMatches;
use rhyton::utils::{PlotModel, plot_model};
use rhyton::{Error, Evaluate, LoadModel, Model, Predict, Result, Variable};
use serde_json::{Map, Value, json};

fn text<'a>(matches: &'a ArgMatches, name: &str) -> &'a str {
    matches.get_one::<String>(name).map_or("", String::as_str)
}

fn load(matches: &ArgMatches, compile: bool) -> Result<Model> {
    if let Some(Some(&n)) = matches.try_get_one::<usize>("threads").ok().map(|n| n.filter(|&&n| n > 0)) {
        rhyton::set_threads(n);
    }
    let loaded = LoadModel::new().compile(compile).load(text(matches, "model"))?;
    loaded.warnings.iter().for_each(|w| eprintln!("rhyton: warning: {w}"));
    Ok(loaded.model)
}

/// The layer table.
pub fn summary(matches: &ArgMatches) -> Result<()> {
    let report = Report::new(matches.get_flag("json"));
    let model = load(matches, true)?;
    report.line(model.summary().trim_end());
    let shape = |s: Option<rhyton::Shape>| {
        s.map(|s| s.dims().iter().map(|d| json!(d.known())).collect::<Vec<Value>>())
    };
    let mut reached = model.input_shape();
    let mut layers = Vec::new();
    for layer in model.layers() {
        reached = reached.and_then(|s| layer.output_shape(&s).ok());
        layers.push(json!({
            "name": layer.name(),
            "class": layer.class_name(),
            "output_shape": shape(reached.clone()),
            "params": layer.weights().iter().map(Variable::len).sum::<usize>(),
            "trainable": layer.trainable(),
        }));
    }
    let count = |v: Vec<Variable>| v.iter().map(Variable::len).sum::<usize>();
    report.object(&json!({
        "name": model.name(),
        "input_shape": shape(model.input_shape()),
        "layers": layers,
        "total_params": model.count_params(),
        "trainable_params": count(model.trainable_weights()),
        "non_trainable_params": count(model.non_trainable_weights()),
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

/// Predictions from one npz file into another.
pub fn predict(matches: &ArgMatches) -> Result<()> {
    let model = load(matches, false)?;
    let x = arrays::samples(text(matches, "input"))?;
    let mut options = Predict::new().verbose(0);
    if let Some(&size) = matches.get_one::<usize>("batch-size") {
        options = options.batch_size(size);
    }
    let y = model.predict_with(&x, options)?;
    // A single output goes under its own name and as y.
    let name = model.layers().last().map_or("y".to_string(), |l| l.name());
    let mut out = vec![("y", &y)];
    if name != "y" {
        out.push((name.as_str(), &y));
    }
    arrays::write(text(matches, "output"), &out)
}

/// Loss and each compiled metric.
pub fn evaluate(matches: &ArgMatches) -> Result<()> {
    let report = Report::new(matches.get_flag("json"));
    let model = load(matches, true)?;
    if !model.is_compiled() {
        let message = "the model was saved without being compiled, so there is no loss to evaluate; compile it before saving";
        return Err(Error::state(message).at(text(matches, "model")));
    }
    let (x, y, weight) = arrays::labelled(text(matches, "data"))?;
    let mut options = Evaluate::new().verbose(0);
    if let Some(&size) = matches.get_one::<usize>("batch-size") {
        options = options.batch_size(size);
    }
    if let Some(weight) = &weight {
        options = options.sample_weight(weight);
    }
    let result = model.evaluate_with(&x, &y, options)?;
    report.line(&result);
    let object: Map<String, Value> =
        result.iter().map(|(name, value)| (name.to_string(), json!(value))).collect();
    report.object(&Value::Object(object));
    Ok(())
}
