//! A model from its description and its weights.

use super::{Loaded, tree};
use crate::model::Model;
use crate::sequential::Sequential;
use crate::training::Compile;
use rhyton_base::{Context, Error, Result, Shape, did_you_mean};
use rhyton_io::{KerasArchive, WeightsFile};
use rhyton_nn::layers::{AnyLayer, Input, Restore, from_config, parse_shape, registered_layers};
use rhyton_nn::losses::{self, Loss};
use rhyton_nn::metrics::{self, Metric};
use rhyton_nn::optimizers::{self, Optimizer};
use rhyton_nn::{Config, LossWeights, Losses, Metrics, PerOutput, Spec};
use serde_json::Value;
use std::sync::Arc;

/// The model of an archive.
pub(super) fn model(archive: &KerasArchive, compile: bool) -> Result<Loaded> {
    let json: Value = serde_json::from_str(&archive.config)
        .map_err(|e| Error::format(format!("config.json is not JSON ({e}); the archive is damaged")))?;
    let mut warnings = Vec::new();
    let config = sequential_config(&json)?;
    let file = archive.weights.as_ref().map(|bytes| WeightsFile::from_bytes(bytes.as_slice())).transpose();
    let file = file.at(|| "model.weights.h5")?;
    let mut model = build(&json, config, file.as_ref(), archive, &mut warnings)?;
    let compiled = json.get("compile_config").filter(|c| c.as_object().is_some_and(|c| !c.is_empty()));
    if let Some(compiled) = compiled.filter(|_| compile) {
        match compile_arguments(compiled, &mut warnings).at(|| "compile_config")? {
            Some(compile) => {
                // The state of the optimizer is of the model's weights, so it is made before weights are
                // read.
                model.compile_with(compile)?;
            }
            None => warnings.push("the file names no loss; the model is not compiled".to_string()),
        }
    }
    match &file {
        Some(file) if model.is_built() => warnings.extend(tree::read(&model, file)?),
        Some(file) => {
            if let Some(path) = file.datasets().find(|p| p.starts_with("layers/")) {
                return Err(Error::format(format!(
                    "the file has weights ({path:?}) for a model that was not built; give its description a \
                     build_input_shape"
                )));
            }
        }
        None => (),
    }
    Ok(Loaded { model, warnings })
}

/// The configuration of a sequential model, or what else the file holds.
fn sequential_config(json: &Value) -> Result<&Config> {
    let class = json.get("class_name").and_then(Value::as_str);
    let config = json.get("config").and_then(Value::as_object);
    let name = config.and_then(|c| c.get("name")).and_then(Value::as_str).unwrap_or("without a name");
    match (class, config) {
        (Some("Sequential"), Some(config)) => Ok(config),
        (Some(class @ ("Functional" | "Model")), _) => Err(Error::unsupported(format!(
            "the file holds a model of class {class:?} ({name:?}); this version loads Sequential models"
        ))),
        (Some(class), _) => Err(Error::unsupported(format!(
            "the file holds an object of class {class:?}; this version loads Sequential models"
        ))),
        (None, _) => Err(Error::format("config.json describes no model: the key \"class_name\" is missing")),
    }
}

/// The model with its layers, built if the file says for which input.
fn build(
    json: &Value,
    config: &Config,
    file: Option<&WeightsFile>,
    archive: &KerasArchive,
    warnings: &mut Vec<String>,
) -> Result<Model> {
    let name = config.get("name").and_then(Value::as_str).unwrap_or("sequential");
    let mut model = Sequential::with_name(Some(name.to_string()));
    let layers = config.get("layers").and_then(Value::as_array);
    let layers = layers.ok_or_else(|| Error::format("config.json: the list of layers is missing"))?;
    let classes = classes(layers)?;

    if classes.first() != Some(&"InputLayer") {
        let shape = config.get("build_input_shape").filter(|s| !s.is_null());
        let shape = shape.or_else(|| json.get("build_config")?.get("input_shape").filter(|s| !s.is_null()));
        if let Some(shape) = shape {
            model.add(Input::with_batch_shape(batch_shape(shape)?));
        }
    }
    if model.input_layer().is_some() || classes.first() == Some(&"InputLayer") {
        // A model that is built has a file of weights, be it an empty one.
        archive.weights()?;
    }
    let weighty: Vec<&str> = classes.iter().copied().filter(|c| *c != "InputLayer").collect();
    let mut groups = tree::groups(weighty).into_iter();
    for (json, class) in layers.iter().zip(classes) {
        let none = Config::new();
        let config = json.get("config").and_then(Value::as_object).unwrap_or(&none);
        let layer: AnyLayer = from_config(class, config, warnings)?;
        let restore = match (class, file) {
            ("InputLayer", _) => None,
            (_, Some(file)) => {
                Some(Restore { shapes: tree::shapes(file, &groups.next().unwrap_or_default())? })
            }
            (_, None) => Some(Restore::default()),
        };
        model.add_with(layer, restore);
        // What is wrong is told with the layer that it is wrong with.
        model.sound()?;
    }
    Ok(model.into())
}

fn batch_shape(json: &Value) -> Result<Shape> {
    parse_shape(json)
        .filter(|s| s.rank() > 0)
        .ok_or_else(|| Error::format(format!("expected the shape of the input, got {json}")))
}

/// The classes of the layers, or one error that names all that are not known.
fn classes(layers: &[Value]) -> Result<Vec<&str>> {
    let mut classes = Vec::new();
    for (i, json) in layers.iter().enumerate() {
        let missing = || Error::format(format!("config.json: layer {i} has no \"class_name\""));
        classes.push(json.get("class_name").and_then(Value::as_str).ok_or_else(missing)?);
    }
    let known = registered_layers();
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let mut unknown: Vec<&str> = classes.iter().copied().filter(|c| !known.contains(c)).collect();
    unknown.sort_unstable();
    unknown.dedup();
    match unknown.as_slice() {
        [] => Ok(classes),
        [one] => Err(Error::name(format!(
            "there is no layer of class {one:?}{}; a layer of one's own must be registered first with register_layer",
            did_you_mean(one, &known)
        ))),
        many => Err(Error::name(format!(
            "there are no layers of the classes {}; layers of one's own must be registered first with register_layer",
            many.iter().map(|c| format!("{c:?}")).collect::<Vec<_>>().join(", ")
        ))),
    }
}

/// What the model was compiled with; nothing where there is no loss.
fn compile_arguments(json: &Value, warnings: &mut Vec<String>) -> Result<Option<Compile>> {
    let Some(loss) = json.get("loss").filter(|l| !l.is_null()) else { return Ok(None) };
    let losses: Losses = per_output(loss, &mut |l| spec::<dyn Loss>(l, "loss", warnings))?;
    let optimizer = match json.get("optimizer").filter(|o| !o.is_null()) {
        Some(o) => spec::<dyn Optimizer>(o, "optimizer", warnings)?,
        None => Spec::from("rmsprop"),
    };
    let mut compile = Compile::new(optimizer, losses);
    if let Some(weights) = json.get("loss_weights").filter(|l| !l.is_null()) {
        let number = |w: &Value| {
            w.as_f64().ok_or_else(|| Error::format(format!("loss_weights: expected a number, got {w}")))
        };
        let weights: LossWeights = per_output(weights, &mut { number })?;
        compile = compile.loss_weights(weights);
    }
    if let Some(metrics) = metric_lists(json, "metrics", warnings)? {
        compile = compile.metrics(metrics);
    }
    if let Some(metrics) = metric_lists(json, "weighted_metrics", warnings)? {
        compile = compile.weighted_metrics(metrics);
    }
    compile = compile.run_eagerly(json.get("run_eagerly").and_then(Value::as_bool).unwrap_or(false));
    if let Some(steps) = json.get("steps_per_execution").and_then(Value::as_u64) {
        compile = compile.steps_per_execution(usize::try_from(steps).unwrap_or(1));
    }
    let known = [
        "optimizer",
        "loss",
        "loss_weights",
        "metrics",
        "weighted_metrics",
        "run_eagerly",
        "steps_per_execution",
        "jit_compile",
        "auto_scale_loss",
    ];
    for (key, _) in json.as_object().into_iter().flatten() {
        if !known.contains(&key.as_str()) {
            warnings.push(format!("compile_config: unknown key {key:?} was ignored"));
        }
    }
    Ok(Some(compile))
}

/// One value, a list, or an object by the names of outputs. An object with a class is one value.
fn per_output<T>(json: &Value, one: &mut impl FnMut(&Value) -> Result<T>) -> Result<PerOutput<T>> {
    match json {
        Value::Array(list) => {
            let each = list.iter().map(|v| if v.is_null() { Ok(None) } else { one(v).map(Some) });
            Ok(PerOutput::Each(each.collect::<Result<_>>()?))
        }
        Value::Object(o) if !o.contains_key("class_name") => {
            let named = o.iter().filter(|(_, v)| !v.is_null()).map(|(name, v)| Ok((name.clone(), one(v)?)));
            Ok(PerOutput::Named(named.collect::<Result<_>>()?))
        }
        value => one(value).map(PerOutput::All),
    }
}

/// Metrics: a list, a list of lists with one an output, or lists by the names of outputs.
fn metric_lists(json: &Value, key: &str, warnings: &mut Vec<String>) -> Result<Option<Metrics>> {
    let Some(given) = json.get(key).filter(|l| !l.is_null()) else { return Ok(None) };
    let mut list = |json: &Value| -> Result<Vec<Spec<dyn Metric>>> {
        match json {
            Value::Null => Ok(Vec::new()),
            Value::Array(all) => all.iter().map(|m| spec::<dyn Metric>(m, "metric", warnings)).collect(),
            one => Ok(vec![spec::<dyn Metric>(one, "metric", warnings)?]),
        }
    };
    Ok(Some(match given {
        Value::Array(all) if all.iter().any(|m| m.is_array() || m.is_null()) => {
            Metrics::Each(all.iter().map(list).collect::<Result<_>>()?)
        }
        Value::Object(o) if !o.contains_key("class_name") => {
            Metrics::Named(o.iter().map(|(name, m)| Ok((name.clone(), list(m)?))).collect::<Result<_>>()?)
        }
        flat => Metrics::Flat(list(flat)?),
    }))
}

/// What files hold in envelopes.
trait Stored {
    fn get(name: &str) -> Result<Arc<Self>>;
    fn from_config(class: &str, config: &Config) -> Result<Arc<Self>>;
    /// The arguments of an object with default ones: all that there are.
    fn arguments(&self) -> Config;
}

macro_rules! stored {
    ($($Trait:ident $module:ident;)*) => {$(
        impl Stored for dyn $Trait {
            fn get(name: &str) -> Result<Arc<dyn $Trait>> {
                $module::get(name)
            }
            fn from_config(class: &str, config: &Config) -> Result<Arc<dyn $Trait>> {
                $module::from_config(class, config)
            }
            fn arguments(&self) -> Config {
                self.config()
            }
        }
    )*};
}
stored! {
    Loss losses;
    Metric metrics;
    Optimizer optimizers;
}

/// A name, the envelope of a function, or the envelope of an object.
fn spec<T: Stored + ?Sized>(json: &Value, what: &str, warnings: &mut Vec<String>) -> Result<Spec<T>> {
    if let Some(name) = json.as_str() {
        return Ok(Spec::Name(name.to_string()));
    }
    let class = json.get("class_name").and_then(Value::as_str);
    let Some(class) = class else {
        return Err(Error::format(format!("expected the name or the description of one {what}, got {json}")));
    };
    match (class, json.get("config")) {
        ("function", Some(Value::String(name))) => Ok(Spec::Name(name.clone())),
        (_, Some(Value::Object(config))) => {
            let read =
                T::from_config(class, config).or_else(|e| known_only(class, config, what, warnings).ok_or(e));
            read.map(Spec::Object).at(|| what.to_string())
        }
        (_, None | Some(Value::Null)) => T::get(class).map(Spec::Object).at(|| what.to_string()),
        (_, Some(other)) => {
            Err(Error::format(format!("{what} {class:?}: expected its arguments, got {other}")))
        }
    }
}

/// The object without the arguments that this version does not know: newer versions of Keras write some that
/// older ones do not have. What an object with default arguments would write is all that can be read. Nothing
/// where that is not what was wrong.
fn known_only<T: Stored + ?Sized>(
    class: &str,
    config: &Config,
    what: &str,
    warnings: &mut Vec<String>,
) -> Option<Arc<T>> {
    let known = T::get(class).ok()?.arguments();
    let (kept, unknown): (Config, Config) =
        config.clone().into_iter().partition(|(key, _)| known.contains_key(key));
    let object = (!unknown.is_empty()).then(|| T::from_config(class, &kept).ok())??;
    let told = unknown.iter().filter(|(_, value)| !value.is_null());
    warnings.extend(told.map(|(key, _)| format!("{what} {class:?}: unknown key {key:?} was ignored")));
    Some(object)
}
