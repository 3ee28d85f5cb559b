//! What a model was compiled with, in files.

use crate::training::{Compile, Compiled};
use rhyton_base::{Context, Error, Result};
use rhyton_nn::losses::{self, Loss};
use rhyton_nn::metrics::{self, Metric};
use rhyton_nn::optimizers::{self, Optimizer};
use rhyton_nn::{Config, LossWeights, Losses, Metrics, PerOutput, Spec};
use serde_json::Value;
use std::sync::Arc;

fn object<const N: usize>(pairs: [(&str, Value); N]) -> Config {
    pairs.into_iter().map(|(key, value)| (key.to_string(), value)).collect()
}

/// An object with its class: a class of Keras's by its module, another by its name alone.
fn envelope(module: &str, known: bool, class_name: &str, config: Config) -> Config {
    let (module, registered) = match known {
        true => (Value::from(module), Value::Null),
        false => (Value::Null, Value::from(class_name)),
    };
    object([
        ("module", module),
        ("class_name", Value::from(class_name)),
        ("config", Value::Object(config)),
        ("registered_name", registered),
    ])
}

/// `compile_config`.
pub(super) fn compile_config(compiled: &Compiled) -> Config {
    let Compile { losses, loss_weights, metrics, weighted_metrics, run_eagerly, steps_per_execution, .. } =
        &compiled.given;
    let optimizer = &compiled.own_optimizer;
    let class = optimizer.class_name();
    let optimizer = envelope(
        "keras.optimizers",
        optimizers::NAMES.contains(&class.to_lowercase().as_str()),
        class,
        optimizer.config(),
    );
    object([
        ("optimizer", Value::Object(optimizer)),
        ("loss", per_output_json(losses, loss_value)),
        ("loss_weights", loss_weights.as_ref().map_or(Value::Null, weights_value)),
        ("metrics", metric_lists_json(metrics.as_ref())),
        ("weighted_metrics", metric_lists_json(weighted_metrics.as_ref())),
        ("run_eagerly", Value::from(*run_eagerly)),
        ("steps_per_execution", Value::from(*steps_per_execution)),
        ("jit_compile", Value::from(!run_eagerly)),
    ])
}

/// Words stay words, so that they are resolved by shapes again when the file is read.
fn loss_value(loss: &Spec<dyn Loss>) -> Value {
    match loss {
        Spec::Name(name) => Value::from(name.clone()),
        Spec::Object(loss) => {
            let class = loss.class_name();
            Value::Object(envelope("keras.losses", losses::NAMES.contains(&class), class, loss.config()))
        }
    }
}

fn metric_value(metric: &Spec<dyn Metric>) -> Value {
    match metric {
        Spec::Name(name) => Value::from(name.clone()),
        Spec::Object(metric) => {
            let class = metric.class_name();
            Value::Object(envelope("keras.metrics", metrics::NAMES.contains(&class), class, metric.config()))
        }
    }
}

fn metric_lists_json(metrics: Option<&Metrics>) -> Value {
    let list = |all: &Vec<Spec<dyn Metric>>| -> Value { all.iter().map(metric_value).collect() };
    match metrics {
        None => Value::Null,
        Some(Metrics::Flat(all)) => list(all),
        Some(Metrics::Each(lists)) => lists.iter().map(list).collect(),
        Some(Metrics::Named(lists)) => lists.iter().map(|(name, all)| (name.clone(), list(all))).collect(),
    }
}

fn weights_value(weights: &LossWeights) -> Value {
    per_output_json(weights, |w| Value::from(*w))
}

/// One value, a list, or an object by the names of outputs.
fn per_output_json<T>(given: &PerOutput<T>, value: impl Fn(&T) -> Value) -> Value {
    match given {
        PerOutput::All(one) => value(one),
        PerOutput::Each(list) if list.is_empty() => Value::Null,
        PerOutput::Each(list) => list.iter().map(|one| one.as_ref().map_or(Value::Null, &value)).collect(),
        PerOutput::Named(pairs) => pairs.iter().map(|(name, one)| (name.clone(), value(one))).collect(),
    }
}

/// What the model was compiled with.
pub(super) fn compile_arguments(json: &Value, warnings: &mut Vec<String>) -> Result<Compile> {
    let losses: Losses = match json.get("loss").filter(|l| !l.is_null()) {
        Some(loss) => per_output(loss, &mut |l| spec::<dyn Loss>(l, "loss", warnings))?,
        None => ().into(),
    };
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
    Ok(compile)
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
