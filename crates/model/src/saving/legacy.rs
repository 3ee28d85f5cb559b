//! Whole models in the HDF5 files that Keras wrote before `.keras`.
//!
//! ```text
//! /                              model_config, training_config = JSON
//! /model_weights                 layer_names = the layers in order
//! /model_weights/hidden          weight_names = paths of its weights, those of models inside too
//! /optimizer_weights             weight_names = the state of the optimizer
//! ```
//!
//! Source: `keras/src/legacy/saving/legacy_h5_format.py`.

use super::{Loaded, read, tree};
use crate::model::Model;
use crate::structure::View;
use rhyton_base::{Context, Error, Result, Shape};
use rhyton_io::WeightsFile;
use rhyton_nn::layers::{AnyLayer, restoring};
use rhyton_tensor::{Tensor, Variable};
use serde_json::{Map, Value, json};

/// The model of a file.
pub(super) fn model(file: &WeightsFile, compile: bool) -> Result<Loaded> {
    let text = file.text("", "model_config").ok_or_else(|| {
        Error::format("the file holds weights and no model; make the model, and use load_weights")
    })?;
    let mut json = read::parsed(text, "model_config")?;
    modern(&mut json);
    let training = file.text("", "training_config").map(|text| read::parsed_any(text, "training_config"));
    if let (Some(training), Some(object)) = (training.transpose()?, json.as_object_mut()) {
        object.insert("compile_config".into(), Value::Object(compile_config(training)));
    }
    let mut warnings = Vec::new();
    let layer = restoring(tree::numbers(file)?, || read::layer(&json, &mut warnings))?;
    let mut loaded = read::described(layer, &json, compile, warnings)?;
    match loaded.model.is_built() {
        true => loaded.warnings.extend(weights(&loaded.model, file)?),
        false => {
            loaded.warnings.push("the model is not built, so that its weights were not read".to_string())
        }
    }
    Ok(loaded)
}

/// Whether a file has the old format, of a whole model or of weights.
pub(super) fn is_legacy(file: &WeightsFile) -> bool {
    file.has_group("model_weights") || file.texts("", "layer_names").is_some()
}

/// The description in today's spelling.
fn modern(json: &mut Value) {
    let class = json.get("class_name").and_then(Value::as_str).unwrap_or_default().to_string();
    let is_model = matches!(class.as_str(), "Sequential" | "Functional" | "Model");
    // Operations without weights are not told apart from layers but by what they lack.
    let config = json.get_mut("config");
    let plain = config.as_ref().and_then(|c| c.as_object()).is_some_and(|c| !c.contains_key("trainable"));
    if !is_model && class != "InputLayer" && plain && super::operations::is_known(&class) {
        json["module"] = Value::from(super::operations::module_of(&class));
        return;
    }
    let Some(layers) = config.and_then(|c| c.get_mut("layers")).and_then(Value::as_array_mut) else { return };
    if !is_model {
        return;
    }
    layers.iter_mut().for_each(modern);
    // The first layer of a chain may say which input the whole takes.
    let first = layers.first().filter(|l| class == "Sequential" && l["class_name"] != "InputLayer");
    if let Some(shape) = first.and_then(|l| l["config"].get("batch_input_shape")).cloned() {
        if let Some(own) = layers[0]["config"].as_object_mut() {
            own.remove("batch_input_shape");
        }
        json["config"]["build_input_shape"] = shape;
    }
}

/// What `compile` was given, in today's spelling.
fn compile_config(training: Value) -> Map<String, Value> {
    let Value::Object(mut all) = training else { return Map::new() };
    if let Some(optimizer) = all.remove("optimizer_config") {
        all.insert("optimizer".into(), optimizer);
    }
    // Keras 2 says with every optimizer what it does without.
    if let Some(config) =
        all.get_mut("optimizer").and_then(|o| o.get_mut("config")).and_then(Value::as_object_mut)
    {
        for key in ["jit_compile", "is_legacy_optimizer", "decay"] {
            config.remove(key);
        }
    }
    all.retain(|key, _| key != "sample_weight_mode");
    all.entry("loss").or_insert(json!(null));
    all
}

/// Gives a built model the file's weights, and the optimizer its state where it has one of the file's kind.
pub(super) fn weights(model: &Model, file: &WeightsFile) -> Result<Vec<String>> {
    let root = if file.has_group("model_weights") { "model_weights" } else { "" };
    let mut found: Vec<(String, Vec<String>)> = Vec::new();
    for name in names(file, root, "layer_names")? {
        let group = if root.is_empty() { name.clone() } else { format!("{root}/{name}") };
        let weights = names(file, &group, "weight_names")?;
        if !weights.is_empty() {
            found.push((name, weights.into_iter().map(|w| format!("{group}/{w}")).collect()));
        }
    }
    let layers: Vec<AnyLayer> = match model.view() {
        View::Other => vec![model.as_layer().clone()],
        _ => model.layers().into_iter().filter(|l| !l.weights().is_empty()).collect(),
    };
    if layers.len() != found.len() {
        return Err(Error::format(format!(
            "the model has {} layers with weights, the file {}",
            layers.len(),
            found.len()
        )));
    }
    let mut all = Vec::new();
    for (layer, (name, paths)) in layers.iter().zip(found) {
        let mut weights = layer.trainable_weights();
        weights.extend(layer.non_trainable_weights());
        if weights.len() != paths.len() {
            return Err(Error::format(format!(
                "{} has {} weights, the file has {} for {name:?}",
                layer.who(),
                weights.len(),
                paths.len()
            )));
        }
        matched(file, weights, &paths, &mut all)?;
    }
    let mut warnings = Vec::new();
    if let Some(compiled) = model.compiled.as_ref().filter(|_| file.has_group("optimizer_weights")) {
        let paths = names(file, "optimizer_weights", "weight_names")?;
        let paths: Vec<String> = paths.into_iter().map(|p| format!("optimizer_weights/{p}")).collect();
        if !paths.is_empty() {
            compiled.build_optimizer(&model.trainable_weights())?;
            let state = compiled.optimizer.variables();
            match state.len() == paths.len() {
                true => matched(file, state, &paths, &mut all)?,
                false => warnings.push(format!(
                    "the optimizer {} has {} variables, the file has {}; it begins anew",
                    compiled.optimizer.class_name(),
                    state.len(),
                    paths.len()
                )),
            }
        }
    }
    all.iter().try_for_each(|(v, x)| v.assign(x))?;
    Ok(warnings)
}

/// A list of names, which may stand in several attributes.
fn names(file: &WeightsFile, group: &str, attribute: &str) -> Result<Vec<String>> {
    if let Some(all) = file.texts(group, attribute) {
        return Ok(all.to_vec());
    }
    let parts = (0..).map_while(|i| file.texts(group, &format!("{attribute}{i}")));
    let all: Vec<String> = parts.flatten().cloned().collect();
    match all.is_empty() && group.is_empty() {
        true => Err(Error::format(format!("the file has no attribute {attribute:?}"))),
        false => Ok(all),
    }
}

fn matched(
    file: &WeightsFile,
    variables: Vec<Variable>,
    paths: &[String],
    all: &mut Vec<(Variable, Tensor)>,
) -> Result<()> {
    for (v, path) in variables.into_iter().zip(paths) {
        let who = || format!("weight {:?}", v.name());
        let info = file.info(path).at(who)?;
        if info.shape != v.shape() {
            let (expected, got) = (Shape::from(v.shape()), Shape::from(&info.shape));
            let message = format!("expected shape {expected}, the file has {got} at {path:?}");
            return Err(Error::shape(message).at(who()));
        }
        let array = file.read(path).at(who)?.cast(v.dtype()).at(who)?;
        all.push((v.clone(), Tensor::from_bytes(&array.data, v.dtype(), &array.shape).at(who)?));
    }
    Ok(())
}
