//! Models from their configurations: chains, and graphs of layers and operations.

use super::calls::{Call, calls};
use super::graph::is_graph;
use super::operations;
use super::values::{Named, triple};
use crate::data::Data;
use crate::model::Model;
use crate::structure::Functional;
use rhyton_base::{Context, Error, Result, Shape, did_you_mean};
use rhyton_nn::layers::{
    AnyLayer, ConfigReader, Input, class_of, parse_shape, register_layer, registered_layers,
};
use rhyton_ops::Meta;
use rhyton_tensor::{Attr, Tensor};
use serde_json::Value;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Once;

/// Makes models known where layers are read: inside of other models, and of layers that hold a layer.
pub(super) fn register() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        register_layer("Sequential", chain);
        register_layer("Functional", graph);
        // A graph goes by this name too in files.
        register_layer("Model", graph);
    });
}

/// One error that names all classes of layers and operations that nobody knows.
pub(super) fn classes_known(model: &Value) -> Result<()> {
    let known = registered_layers();
    let (mut layers, mut ops) = (BTreeSet::new(), BTreeSet::new());
    let mut open = vec![model];
    while let Some(json) = open.pop() {
        let class = class_of(json)?;
        if matches!(class, "Sequential" | "Functional" | "Model") {
            let inner = json.get("config").and_then(|c| c.get("layers")).and_then(Value::as_array);
            open.extend(inner.into_iter().flatten());
        }
        match operations::is_operation(json) {
            true if !operations::is_known(class) => drop(ops.insert(class)),
            false if !known.iter().any(|k| k == class) => drop(layers.insert(class)),
            _ => (),
        }
    }
    let listed = |all: BTreeSet<&str>| all.iter().map(|c| format!("{c:?}")).collect::<Vec<_>>().join(", ");
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let advice = "a layer of one's own must be registered first with register_layer";
    match (layers.len(), ops.len()) {
        (0, 0) => Ok(()),
        (1, 0) => {
            let one = layers.first().copied().unwrap_or_default();
            Err(Error::name(format!(
                "there is no layer of class {one:?}{}; {advice}",
                did_you_mean(one, &known)
            )))
        }
        (0, _) => Err(Error::unsupported(format!(
            "the file uses operations that this version does not have: {}",
            listed(ops)
        ))),
        (_, others) => {
            let rest = if others > 0 { format!(", nor operations {}", listed(ops)) } else { String::new() };
            let advice = advice.replace("a layer of one's own", "layers of one's own");
            Err(Error::name(format!("there are no layers of the classes {}{rest}; {advice}", listed(layers))))
        }
    }
}

/// A chain from its configuration.
fn chain(r: &mut ConfigReader) -> Result<AnyLayer> {
    let name = r.text("name")?;
    let (model, chain) = Model::of_chain(name);
    let list = r.value("layers").and_then(Value::as_array);
    let list = list.ok_or_else(|| Error::format("the list of layers is missing"))?;
    let begins = list.first().map(class_of).transpose()? == Some("InputLayer");
    if let (Some(shape), false) = (r.value("build_input_shape"), begins) {
        chain.add(Input::with_batch_shape(batch_shape(shape)?).into());
    }
    for json in list {
        chain.add(r.layer_from(json)?);
        // What is wrong is told with the layer that it is wrong with.
        chain.sound()?;
    }
    Ok(model.into())
}

fn batch_shape(json: &Value) -> Result<Shape> {
    parse_shape(json)
        .filter(|s| s.rank() > 0)
        .ok_or_else(|| Error::format(format!("expected the shape of the input, got {json}")))
}

/// A graph from its configuration.
///
/// Source: `functional_from_config` in `keras/src/models/functional.py`.
fn graph(r: &mut ConfigReader) -> Result<AnyLayer> {
    let name = r.text("name")?;
    let frozen = r.bool("trainable")? == Some(false);
    let list = r.value("layers").and_then(Value::as_array);
    let list = list.ok_or_else(|| Error::format("the list of layers is missing"))?;
    let mut read = Rebuilt::new(list, r)?;
    read.run()?;
    let mut ends = Vec::new();
    for key in ["input_layers", "output_layers"] {
        let value = r.value(key).ok_or_else(|| Error::format(format!("key {key:?} is missing")))?;
        let mut tensors = Vec::new();
        let form = read.form(value, &mut tensors).at(|| format!("key {key:?}"))?;
        ends.push((form, tensors));
    }
    let [(inputs, x), (outputs, y)]: [(Attr, Vec<Tensor>); 2] =
        ends.try_into().map_err(|_| Error::format("inputs and outputs are missing"))?;
    let (x, y) = (data(&inputs, x), data(&outputs, y));
    Ok(Functional::formed(&x, &y, [inputs, outputs], name, frozen)?.into())
}

/// Tensors under the names that a form gives them.
fn data(form: &Attr, tensors: Vec<Tensor>) -> Data {
    let plain = |(name, a): &(String, Attr)| match a {
        Attr::Tensor(i) => Some((name.clone(), tensors[*i].clone())),
        _ => None,
    };
    match form {
        Attr::Dict(all) => match all.iter().map(plain).collect::<Option<Vec<_>>>() {
            Some(pairs) => Data::from(pairs),
            None => Data::from(tensors),
        },
        _ => Data::from(tensors),
    }
}

/// What an entry of the list of layers is.
enum Entry {
    Input,
    Layer(AnyLayer),
    Operation(Value),
}

/// A graph while it is rebuilt.
struct Rebuilt<'a> {
    names: HashMap<&'a str, usize>,
    entries: Vec<Entry>,
    calls: Vec<Vec<Call>>,
    /// The results of the calls that have been made.
    results: Vec<Vec<Vec<Tensor>>>,
}

impl<'a> Rebuilt<'a> {
    fn new(list: &'a [Value], r: &mut ConfigReader) -> Result<Rebuilt<'a>> {
        let (mut names, mut entries) = (HashMap::new(), Vec::new());
        let (mut calls_of, mut results) = (Vec::new(), Vec::new());
        for (i, json) in list.iter().enumerate() {
            let class = class_of(json).at(|| format!("layer {i}"))?;
            let name = json.get("name").or_else(|| json.get("config")?.get("name")).and_then(Value::as_str);
            let name = name.ok_or_else(|| Error::format(format!("layer {i} ({class}) has no name")))?;
            if names.insert(name, i).is_some() {
                return Err(Error::format(format!("two layers are called {name:?}")));
            }
            let entry = match operations::is_operation(json) {
                true => Entry::Operation(json.clone()),
                false => {
                    let layer = r.layer_from(json)?;
                    // Calls name layers by what stands beside them.
                    let layer = if layer.name() == name { layer } else { layer.named(name) };
                    match layer.input_shape() {
                        Some(shape) => {
                            let text = json
                                .get("config")
                                .and_then(|c| c.get("dtype"))
                                .is_some_and(|d| d == "string");
                            results.push(vec![vec![match text {
                                true => Tensor::symbolic_texts(shape, name),
                                false => Tensor::symbolic_input(Meta { dtype: layer.dtype(), shape }, name),
                            }]]);
                            Entry::Input
                        }
                        None => Entry::Layer(layer),
                    }
                }
            };
            let nodes = json.get("inbound_nodes").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
            calls_of.push(match entry {
                Entry::Input => Vec::new(),
                _ => {
                    results.push(Vec::new());
                    calls(nodes).at(|| format!("{class} {name:?}"))?
                }
            });
            entries.push(entry);
        }
        Ok(Rebuilt { names, entries, calls: calls_of, results })
    }

    /// Makes all calls, each after those whose results it needs; those of one operation in order, so that they keep
    /// their numbers.
    fn run(&mut self) -> Result<()> {
        // Calls that wait for others, each with the first argument that is not known to be there.
        let mut open: Vec<(usize, usize, usize)> = Vec::new();
        let mut waiting: HashSet<(usize, usize)> = HashSet::new();
        for entry in 0..self.entries.len() {
            while self.results[entry].len() < self.calls[entry].len() {
                let mut next = Some((entry, self.results[entry].len()));
                loop {
                    if let Some((entry, node)) = next.take() {
                        if !waiting.insert((entry, node)) {
                            let message = "its calls depend on each other in a circle";
                            return Err(Error::format(message).at(self.who(entry)));
                        }
                        open.push((entry, node, 0));
                    }
                    let Some(&(entry, node, at)) = open.last() else { break };
                    let Some(named) = self.calls[entry][node].named.get(at) else {
                        let results = self.call(entry, node).at(|| self.who(entry))?;
                        self.results[entry].push(results);
                        waiting.remove(&(entry, node));
                        open.pop();
                        continue;
                    };
                    next = self.missing(named).at(|| self.who(entry))?;
                    if let (None, Some(top)) = (next, open.last_mut()) {
                        top.2 += 1;
                    }
                }
            }
        }
        Ok(())
    }

    /// What comes next before an argument is there.
    fn missing(&self, named: &Named) -> Result<Option<(usize, usize)>> {
        let Named::Result { operation, node, .. } = named else { return Ok(None) };
        let entry = self.entry(operation)?;
        let made = self.results[entry].len();
        match (*node < made, *node < self.calls[entry].len()) {
            (true, _) => Ok(None),
            (false, true) => Ok(Some((entry, made))),
            (false, false) => Err(no_such_call(operation, *node)),
        }
    }

    fn who(&self, entry: usize) -> String {
        match &self.entries[entry] {
            Entry::Layer(layer) => layer.who(),
            _ => {
                let name = self.names.iter().find(|(_, i)| **i == entry).map_or("", |(name, _)| name);
                format!("operation {name:?}")
            }
        }
    }

    fn entry(&self, name: &str) -> Result<usize> {
        self.names.get(name).copied().ok_or_else(|| {
            let mut known: Vec<&str> = self.names.keys().copied().collect();
            known.sort_unstable();
            Error::format(format!("the model has no layer {name:?}{}", did_you_mean(name, &known)))
        })
    }

    fn result(&self, name: &str, node: usize, index: usize) -> Result<Tensor> {
        let results = self.results[self.entry(name)?].get(node).ok_or_else(|| no_such_call(name, node))?;
        results.get(index).cloned().ok_or_else(|| {
            let message = format!("{name:?} has {} results, there is no number {index}", results.len());
            Error::format(message)
        })
    }

    /// Makes a call whose arguments are there.
    fn call(&self, entry: usize, node: usize) -> Result<Vec<Tensor>> {
        let call = &self.calls[entry][node];
        let tensor = |named: &Named| match named {
            Named::Result { operation, node, index } => self.result(operation, *node, *index),
            Named::Numbers(x) => Ok(x.clone()),
        };
        let named: Vec<Tensor> = call.named.iter().map(tensor).collect::<Result<_>>()?;
        match &self.entries[entry] {
            Entry::Input => Ok(Vec::new()),
            Entry::Layer(layer) => call.of_layer(layer, &named),
            Entry::Operation(json) => operations::apply(json, call, &named),
        }
    }

    /// The tensors that `input_layers` or `output_layers` name, and the form in which they stand.
    fn form(&self, value: &Value, tensors: &mut Vec<Tensor>) -> Result<Attr> {
        if let Some((name, node, index)) = triple(value) {
            let own = matches!(&self.entries[self.entry(&name)?], Entry::Layer(l) if is_graph(l));
            // In Keras a graph that is called begins with a call of its own.
            let node = node.checked_sub(usize::from(own)).ok_or_else(|| no_such_call(&name, node))?;
            tensors.push(self.result(&name, node, index)?);
            return Ok(Attr::Tensor(tensors.len() - 1));
        }
        match value {
            Value::Array(all) => {
                Ok(Attr::List(all.iter().map(|v| self.form(v, tensors)).collect::<Result<_>>()?))
            }
            Value::Object(all) => {
                let each = all.iter().map(|(key, v)| Ok((key.clone(), self.form(v, tensors)?)));
                Ok(Attr::Dict(each.collect::<Result<_>>()?))
            }
            other => Err(Error::format(format!("expected [name, call, result], got {other}"))),
        }
    }
}

fn no_such_call(name: &str, node: usize) -> Error {
    Error::format(format!("{name:?} has no call number {node}"))
}
