//! The description of a model, as Keras writes it.

use crate::model::Model;
use crate::structure::View;
use crate::training::{Compile, Compiled};
use rhyton_base::{Context, Error, Result, Shape};
use rhyton_nn::layers::{AnyLayer, is_built_in};
use rhyton_nn::losses::{self, Loss};
use rhyton_nn::metrics::{self, Metric};
use rhyton_nn::optimizers;
use rhyton_nn::{Config, LossWeights, Metrics, PerOutput, Spec, floatx};
use serde_json::{Value, json};
use std::time::{SystemTime, UNIX_EPOCH};

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

/// A shape, with null for what is not known.
fn shape(shape: &Shape) -> Value {
    shape.dims().iter().map(|d| json!(d.known())).collect()
}

fn build_config(input: &Shape) -> Value {
    json!({"input_shape": shape(input)})
}

/// `config.json`.
pub(super) fn model(model: &Model) -> Result<Config> {
    let View::Chain(chain) = model.view() else {
        return Err(Error::unsupported("this version saves Sequential models").at(model.who()));
    };
    let layers = chain.input_layer().into_iter().chain(chain.layers());
    let mut config = object([
        ("name", Value::from(model.name())),
        ("trainable", Value::from(true)),
        (
            "dtype",
            json!({"module": "keras", "class_name": "DTypePolicy", "config": {"name": floatx().name()},
                "registered_name": null}),
        ),
        ("layers", layers.map(|l| layer(&l)).collect::<Result<Value>>().at(|| model.who())?),
    ]);
    if let Some(input) = model.input_shape() {
        config.insert("build_input_shape".into(), shape(&input));
    }
    let mut whole = envelope("keras", true, "Sequential", config);
    if let Some(input) = model.input_shape() {
        whole.insert("build_config".into(), build_config(&input));
    }
    let compiled = model.compiled.as_ref().map(compile_config).unwrap_or_default();
    whole.insert("compile_config".into(), Value::Object(compiled));
    Ok(whole)
}

fn layer(layer: &AnyLayer) -> Result<Value> {
    if !matches!(View::of(layer), View::Other) {
        return Err(Error::unsupported("this version saves no models inside of models").at(layer.who()));
    }
    let class = layer.class_name();
    // Classes that were registered are known to this process, not to Keras.
    let mut whole = envelope("keras.layers", is_built_in(class), class, layer.config());
    if let Some(build_config) = layer.build_config() {
        whole.insert("build_config".into(), build_config);
    }
    Ok(Value::Object(whole))
}

fn compile_config(compiled: &Compiled) -> Config {
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
        ("loss", per_output(losses, loss_value)),
        ("loss_weights", loss_weights.as_ref().map_or(Value::Null, weights_value)),
        ("metrics", metric_lists(metrics.as_ref())),
        ("weighted_metrics", metric_lists(weighted_metrics.as_ref())),
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

fn metric_lists(metrics: Option<&Metrics>) -> Value {
    let list = |all: &Vec<Spec<dyn Metric>>| -> Value { all.iter().map(metric_value).collect() };
    match metrics {
        None => Value::Null,
        Some(Metrics::Flat(all)) => list(all),
        Some(Metrics::Each(lists)) => lists.iter().map(list).collect(),
        Some(Metrics::Named(lists)) => lists.iter().map(|(name, all)| (name.clone(), list(all))).collect(),
    }
}

fn weights_value(weights: &LossWeights) -> Value {
    per_output(weights, |w| Value::from(*w))
}

/// One value, a list, or an object by the names of outputs.
fn per_output<T>(given: &PerOutput<T>, value: impl Fn(&T) -> Value) -> Value {
    match given {
        PerOutput::All(one) => value(one),
        PerOutput::Each(list) if list.is_empty() => Value::Null,
        PerOutput::Each(list) => list.iter().map(|one| one.as_ref().map_or(Value::Null, &value)).collect(),
        PerOutput::Named(pairs) => pairs.iter().map(|(name, one)| (name.clone(), value(one))).collect(),
    }
}

/// `metadata.json`. The date is in UTC.
pub(super) fn metadata() -> String {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
    json!({"keras_version": super::KERAS_VERSION, "date_saved": date(seconds)}).to_string()
}

/// `2026-11-21@20:39:29` for seconds since 1970.
///
/// Source: Howard Hinnant, "chrono-compatible low-level date algorithms", `civil_from_days`.
fn date(seconds: u64) -> String {
    let (days, rest) = (seconds / 86400, seconds % 86400);
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}@{:02}:{:02}:{:02}", rest / 3600, rest % 3600 / 60, rest % 60)
}

#[cfg(test)]
mod tests {
    use super::date;

    #[test]
    fn dates() {
        assert_eq!(date(0), "1970-01-01@00:00:00");
        assert_eq!(date(951_826_154), "2000-02-29@12:09:14");
        assert_eq!(date(1_795_293_569), "2026-11-21@20:39:29");
    }
}
