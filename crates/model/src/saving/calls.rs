//! The calls of layers and operations in files: their arguments, and the tensors among them.

use super::values::{Named, from_json, triple};
use crate::structure::{View, sorted_leaves};
use rhyton_base::{Context, Error, Result};
use rhyton_nn::layers::{AnyLayer, LayerCall, is_built_in};
use rhyton_tensor::{Attr, Tensor};
use serde_json::Value;

/// A call as a file has it; `Attr::Tensor` counts the tensors that it names.
pub(super) struct Call {
    pub args: Vec<Attr>,
    pub kwargs: Vec<(String, Attr)>,
    pub named: Vec<Named>,
    /// Whether this call is always one of training, or always one of inference.
    training: Option<bool>,
}

/// The calls of one operation.
pub(super) fn calls(nodes: &[Value]) -> Result<Vec<Call>> {
    nodes.iter().enumerate().map(|(i, node)| call(node).at(|| format!("inbound_nodes {i}"))).collect()
}

fn call(node: &Value) -> Result<Call> {
    let mut named = Vec::new();
    if let Value::Array(list) = node {
        return old_call(list);
    }
    let node = node.as_object().ok_or_else(|| Error::format(format!("expected a call, got {node}")))?;
    let args = match node.get("args") {
        Some(Value::Array(args)) => args.iter().map(|a| from_json(a, &mut named)).collect::<Result<_>>()?,
        other => {
            return Err(Error::format(format!(
                "args: expected a list, got {}",
                other.unwrap_or(&Value::Null)
            )));
        }
    };
    let kwargs = match node.get("kwargs") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Object(kwargs)) => {
            let each =
                kwargs.iter().map(|(key, v)| Ok((key.clone(), from_json(v, &mut named).at(|| key.clone())?)));
            each.collect::<Result<_>>()?
        }
        Some(other) => return Err(Error::format(format!("kwargs: expected arguments by name, got {other}"))),
    };
    Ok(Call { args, kwargs, named, training: node.get("training").and_then(Value::as_bool) })
}

/// A call as Keras 2 writes it: `[[name, call, result, kwargs], ..]`, or one of these alone.
fn old_call(list: &[Value]) -> Result<Call> {
    let (mut named, mut kwargs) = (Vec::new(), Vec::new());
    let one = list.first().is_some_and(Value::is_string);
    let each: Vec<&[Value]> = match one {
        true => vec![list],
        false => list.iter().map(|v| v.as_array().map_or(&[][..], Vec::as_slice)).collect(),
    };
    for leaf in each {
        let (place, rest) = leaf.split_at(leaf.len().min(3));
        let place = Value::from(place.to_vec());
        let (operation, node, index) = triple(&place)
            .ok_or_else(|| Error::format(format!("expected [name, call, result], got {place}")))?;
        named.push(Named::Result { operation, node, index });
        if let Some(Value::Object(more)) = rest.first() {
            for (key, v) in more {
                kwargs.push((key.clone(), from_json(v, &mut named)?));
            }
        }
    }
    let places: Vec<Attr> = (0..named.len()).map(Attr::Tensor).collect();
    let args = match <[Attr; 1]>::try_from(places) {
        Ok([one]) => vec![one],
        Err(all) => vec![Attr::List(all)],
    };
    Ok(Call { args, kwargs, named, training: None })
}

impl Call {
    /// The call of a layer on the tensors that are named.
    pub fn of_layer(&self, layer: &AnyLayer, named: &[Tensor]) -> Result<Vec<Tensor>> {
        let (mut order, mut masked, mut masks) = (Vec::new(), Vec::new(), Vec::new());
        for arg in &self.args {
            order.extend(by_layer(layer, arg));
        }
        for (key, value) in &self.kwargs {
            match (key.as_str(), value) {
                (_, Attr::None) => (),
                // Keras runs every layer as the whole model is run.
                ("training", Attr::Bool(_)) => (),
                ("mask", value) if order.len() == 1 || !layer.takes_argument("mask") => {
                    for (i, mask) in leaves(layer, value).into_iter().enumerate() {
                        if let Attr::Tensor(place) = mask {
                            masked.push(i);
                            masks.push(*place);
                        }
                    }
                }
                (_, value) if !value.places().is_empty() && !is_built_in(layer.class_name()) => {
                    order.extend(value.places());
                }
                (key, value) if layer.takes_argument(key) => order.extend(value.places()),
                (key, _) => {
                    return Err(Error::unsupported(format!(
                        "the layer is called with an argument {key:?}, which this version does not know"
                    )));
                }
            }
        }
        if masked.iter().any(|&i| i >= order.len()) {
            return Err(Error::format("there are more masks than inputs"));
        }
        order.extend(masks);
        let places: Vec<usize> = {
            let mut places = vec![0; named.len()];
            order.iter().enumerate().for_each(|(i, &p)| places[p] = i);
            places
        };
        let inputs: Vec<Tensor> = order.iter().map(|&p| named[p].clone()).collect();
        let args = self.args.iter().map(|a| moved(a, &places)).collect();
        let kwargs = self.kwargs.iter().map(|(key, a)| (key.clone(), moved(a, &places))).collect();
        let call = LayerCall {
            training: self.training,
            masked,
            arguments: Some((args, kwargs)),
            ..LayerCall::new(layer)
        };
        call.apply(&inputs)
    }
}

/// The places of the tensors of an argument in the order in which a layer takes them.
fn by_layer(layer: &AnyLayer, arg: &Attr) -> Vec<usize> {
    leaves(layer, arg).into_iter().flat_map(Attr::places).collect()
}

/// The parts of an argument in the order in which a layer takes them: a graph that has its inputs by name in its own
/// order, other layers in the order of the names.
fn leaves<'a>(layer: &AnyLayer, arg: &'a Attr) -> Vec<&'a Attr> {
    if let (Attr::Dict(given), View::Graph(graph)) = (arg, View::of(layer))
        && let Attr::Dict(own) = &graph.forms()[0]
    {
        let get = |name: &String| given.iter().find(|(key, _)| key == name).map(|(_, a)| sorted_leaves(a));
        return own.iter().filter_map(|(name, _)| get(name)).flatten().collect();
    }
    sorted_leaves(arg)
}

/// The argument with the tensors at other places.
fn moved(attr: &Attr, places: &[usize]) -> Attr {
    match attr {
        Attr::Tensor(place) => Attr::Tensor(places[*place]),
        Attr::List(all) => Attr::List(all.iter().map(|a| moved(a, places)).collect()),
        Attr::Dict(all) => Attr::Dict(all.iter().map(|(k, a)| (k.clone(), moved(a, places))).collect()),
        other => other.clone(),
    }
}
