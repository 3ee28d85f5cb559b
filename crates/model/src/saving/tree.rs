//! Weights as the tree of an HDF5 file.
//!
//! ```text
//! /vars                    name = the model's name
//! /layers/dense/vars       name = the layer's name       0, 1, … its weights
//! /layers/dense_1/vars     of the second Dense, whatever it is called
//! /optimizer/vars          name = the optimizer's name   0, 1, … its state
//! ```
//!
//! Source: `keras/src/saving/saving_lib.py`.

use crate::model::Model;
use rhyton_base::{Context, Error, Result, Shape};
use rhyton_io::{Array, WeightsFile, WeightsWriter};
use rhyton_nn::layers::snake_case;
use rhyton_tensor::{Tensor, Variable};
use std::collections::HashMap;

const OPTIMIZER: &str = "optimizer/vars";

/// The groups of layers of these classes, in order: classes in snake case, numbered from the second on.
pub(super) fn groups<'a>(classes: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut counts: HashMap<String, usize> = HashMap::new();
    classes
        .into_iter()
        .map(|class| {
            let name = snake_case(class);
            let count = counts.entry(name.clone()).or_default();
            *count += 1;
            match *count {
                1 => format!("layers/{name}/vars"),
                n => format!("layers/{name}_{}/vars", n - 1),
            }
        })
        .collect()
}

/// The model's weights and its optimizer's state.
pub(super) fn write(model: &Model) -> Result<WeightsWriter> {
    let mut tree = WeightsWriter::new();
    tree.set_name("vars", &model.name())?;
    let layers = model.layers();
    for (layer, group) in layers.iter().zip(groups(layers.iter().map(|l| l.class_name()))) {
        tree.set_name(&group, &layer.name())?;
        put(&mut tree, &group, &layer.weights())?;
    }
    if let Some(compiled) = &model.compiled {
        tree.set_name(OPTIMIZER, compiled.optimizer.name())?;
        put(&mut tree, OPTIMIZER, &compiled.optimizer.variables())?;
    }
    Ok(tree)
}

fn put(tree: &mut WeightsWriter, group: &str, variables: &[Variable]) -> Result<()> {
    for (i, v) in variables.iter().enumerate() {
        let array = Array::new(v.dtype(), v.shape(), v.concrete_value().to_bytes()?)?;
        tree.dataset(&format!("{group}/{i}"), array)?;
    }
    Ok(())
}

/// Gives a built model the file's weights and, if it is compiled, the optimizer its state. Returns warnings.
pub(super) fn read(model: &Model, file: &WeightsFile) -> Result<Vec<String>> {
    if file.has_group("model_weights")
        || file.text("", "layer_names").is_some()
        || file.texts("", "layer_names").is_some()
    {
        return Err(Error::unsupported(
            "a whole-model HDF5 file of the old format is not read by this version; save its weights as .weights.h5",
        ));
    }
    let mut all: Vec<(Variable, Tensor)> = Vec::new();
    let layers = model.layers();
    for (layer, group) in layers.iter().zip(groups(layers.iter().map(|l| l.class_name()))) {
        let weights = layer.weights();
        let held = file.datasets_in(&group).len();
        if held != weights.len() {
            return Err(Error::format(format!(
                "{} has {} weights, the file has {held} at {group:?}",
                layer.who(),
                weights.len()
            )));
        }
        all.extend(matched(file, &group, weights)?);
    }
    let warning = match &model.compiled {
        Some(compiled) if !file.datasets_in(OPTIMIZER).is_empty() => {
            let held = file.datasets_in(OPTIMIZER).len();
            // A file of a model that was compiled and not trained has no more than the count and the rate.
            let mut state = compiled.optimizer.variables();
            if state.len() != held {
                compiled.build_optimizer(&model.trainable_weights())?;
                state = compiled.optimizer.variables();
            }
            match state.len() == held {
                true => {
                    all.extend(matched(file, OPTIMIZER, state)?);
                    None
                }
                false => Some(format!(
                    "the optimizer {} has {} variables, the file has {held}; it begins anew",
                    compiled.optimizer.class_name(),
                    state.len()
                )),
            }
        }
        _ => None,
    };
    all.iter().try_for_each(|(v, x)| v.assign(x))?;
    Ok(warning.into_iter().collect())
}

/// Variables with the file's values for them.
fn matched(file: &WeightsFile, group: &str, variables: Vec<Variable>) -> Result<Vec<(Variable, Tensor)>> {
    let mut out = Vec::new();
    for (i, v) in variables.into_iter().enumerate() {
        let who = || format!("weight {:?}", v.name());
        let path = format!("{group}/{i}");
        let info = file.info(&path).at(who)?;
        if info.shape != v.shape() {
            let (expected, got) = (Shape::from(v.shape()), Shape::from(&info.shape));
            return Err(
                Error::shape(format!("expected shape {expected}, the file has {got} at {path:?}")).at(who())
            );
        }
        let array = file.read(&path).at(who)?.cast(v.dtype()).at(who)?;
        let value = Tensor::from_bytes(&array.data, v.dtype(), &array.shape).at(who)?;
        out.push((v, value));
    }
    Ok(out)
}

/// The shapes of the arrays in a group.
pub(super) fn shapes(file: &WeightsFile, group: &str) -> Result<Vec<Vec<usize>>> {
    let names = file.datasets_in(group);
    names.iter().map(|name| Ok(file.info(&format!("{group}/{name}"))?.shape.clone())).collect()
}
