//! A model from its description and its weights.

use super::compile::compile_arguments;
use super::{Loaded, models, tree};
use crate::model::Model;
use crate::structure::View;
use rhyton_base::{Context, Dim, Error, Result, Shape};
use rhyton_io::{KerasArchive, WeightsFile};
use rhyton_nn::layers::{AnyLayer, from_envelope, parse_shape, reading_shared, restoring};
use rhyton_ops::Meta;
use serde_json::Value;

/// The model of an archive.
pub(super) fn model(archive: &KerasArchive, compile: bool) -> Result<Loaded> {
    let json = parsed(&archive.config, "config.json")?;
    let file = archive.weights.as_ref().map(|bytes| WeightsFile::from_bytes(bytes.as_slice())).transpose();
    let file = file.at(|| "model.weights.h5")?;
    let numbers = file.as_ref().map_or(Ok(0), tree::numbers)?;
    let mut warnings = Vec::new();
    let layer = restoring(numbers, || layer(&json, &mut warnings));
    let Some(file) = file else {
        // A model that is built has a file of weights, be it an empty one.
        return match layer {
            Ok(layer) if !Model::from_layer(layer.clone()).is_built() => {
                described(layer, &json, compile, warnings)
            }
            _ => Err(archive.weights().err().unwrap_or_else(|| Error::format("the weights are missing"))),
        };
    };
    let mut loaded = described(layer?, &json, compile, warnings)?;
    match loaded.model.is_built() {
        true => loaded.warnings.extend(tree::read(&loaded.model, &file, &archive.assets)?),
        false => {
            if let Some(path) = file.datasets().find(|p| !p.starts_with("optimizer/")) {
                return Err(Error::format(format!(
                    "the file has weights ({path:?}) for a model that was not built; give its description a \
                     build_input_shape"
                )));
            }
        }
    }
    Ok(loaded)
}

/// A model with new weights from its description alone.
pub(super) fn from_json(text: &str, compile: bool) -> Result<Loaded> {
    let json = parsed(text, "the text")?;
    let mut warnings = Vec::new();
    let layer = layer(&json, &mut warnings)?;
    described(layer, &json, compile, warnings)
}

pub(super) fn parsed(text: &str, what: &str) -> Result<Value> {
    let json = parsed_any(text, what)?;
    match json.get("class_name").and_then(Value::as_str) {
        Some(_) => Ok(json),
        None => Err(Error::format(format!("{what} describes no model: the key \"class_name\" is missing"))),
    }
}

pub(super) fn parsed_any(text: &str, what: &str) -> Result<Value> {
    serde_json::from_str(text)
        .map_err(|e| Error::format(format!("{what} is not JSON ({e}); the file is damaged")))
}

/// The layer that the model is, built if the file says for which input.
pub(super) fn layer(json: &Value, warnings: &mut Vec<String>) -> Result<AnyLayer> {
    models::register();
    models::classes_known(json)?;
    let layer = reading_shared(|| from_envelope(json, warnings))?;
    let build = json.get("build_config").filter(|b| !b.is_null());
    if let (View::Other, Some(build)) = (View::of(&layer), build) {
        let dtype = layer.dtype_policy().variable_dtype();
        let metas: Vec<Meta> = input_shapes(build).into_iter().map(|shape| Meta { dtype, shape }).collect();
        if !metas.is_empty() {
            layer.output_metas(&metas).at(|| "build_config")?;
            without_its_name(&layer);
        }
    }
    Ok(layer)
}

/// Keras builds a model of one's own that it loads by calling what is inside, so that the model's name is not in the
/// paths of weights.
fn without_its_name(model: &AnyLayer) {
    let name = model.name() + "/";
    if model.own_weights().is_empty() {
        for w in model.weights() {
            if let Some(rest) = w.name().strip_prefix(&name) {
                w.set_name(rest);
            }
        }
    }
}

/// The shapes of the inputs that a model of one's own was built for; another batch may be of another size.
fn input_shapes(build: &Value) -> Vec<Shape> {
    let open = |s: Shape| if s.rank() == 0 { s } else { s.without_batch().with_axis(0, Dim::Unknown) };
    let shapes = build.get("input_shape").or_else(|| build.get("shapes_dict"));
    let Some(shapes) = shapes else { return Vec::new() };
    if let Some(one) = parse_shape(shapes) {
        return vec![open(one)];
    }
    let each: Vec<&Value> = match shapes {
        Value::Array(list) => list.iter().collect(),
        Value::Object(named) => named.values().collect(),
        _ => Vec::new(),
    };
    each.into_iter().filter_map(parse_shape).map(open).collect()
}

/// The model, compiled as the description says.
pub(super) fn described(
    layer: AnyLayer,
    json: &Value,
    compile: bool,
    mut warnings: Vec<String>,
) -> Result<Loaded> {
    let mut model = Model::from_layer(layer);
    let compiled = json.get("compile_config").filter(|c| c.as_object().is_some_and(|c| !c.is_empty()));
    if let Some(compiled) = compiled.filter(|_| compile) {
        // The state of the optimizer is of the model's weights, so it is made before weights are read.
        model.compile_with(compile_arguments(compiled, &mut warnings).at(|| "compile_config")?)?;
    }
    Ok(Loaded { model, warnings })
}
