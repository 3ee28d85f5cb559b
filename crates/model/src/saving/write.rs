//! The description of a model, as Keras writes it.

use super::compile::compile_config;
use super::graph::writable;
use crate::model::Model;
use rhyton_base::{Context, Result};
use rhyton_nn::Config;
use rhyton_nn::layers::{AnyLayer, envelope, writing_shared};
use serde_json::Value;
use std::collections::{HashMap, HashSet};

/// `config.json`.
pub(super) fn model(model: &Model) -> Result<Config> {
    let layer = model.as_layer();
    writable(layer).at(|| model.who())?;
    let Value::Object(mut whole) = writing_shared(shared(layer), || envelope(layer)) else {
        return Ok(Config::new());
    };
    let compiled = model.compiled.as_ref().map(compile_config).unwrap_or_default();
    whole.insert("compile_config".into(), Value::Object(compiled));
    Ok(whole)
}

/// The layers that belong to several others.
fn shared(model: &AnyLayer) -> HashSet<usize> {
    let mut owners: HashMap<usize, usize> = HashMap::new();
    for layer in model.flattened() {
        let inner: HashSet<usize> = layer.sublayers().iter().map(|(_, l)| l.id()).collect();
        inner.into_iter().for_each(|id| *owners.entry(id).or_default() += 1);
    }
    owners.into_iter().filter(|(_, count)| *count > 1).map(|(id, _)| id).collect()
}
