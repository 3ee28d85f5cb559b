//! The configurations of models: the layers of a chain; the operations of a graph with their calls.

use super::operations::{is_known, module_of};
use super::values::{constant, to_json};
use crate::structure::{Argument, Chain, Functional, Node, Operation, Source, View};
use rhyton_base::{Context, Error, Result, Shape};
use rhyton_nn::Config;
use rhyton_nn::layers::{AnyLayer, CallArguments, LayerCall, envelope};
use rhyton_tensor::Attr;
use serde_json::{Map, Value, json};

/// A shape, with null for what is not known.
pub(crate) fn sizes(shape: &Shape) -> Value {
    shape.dims().iter().map(|d| json!(d.known())).collect()
}

/// The configuration of a chain.
pub(crate) fn chain_config(chain: &Chain, common: Config) -> Config {
    let mut config = common;
    let layers = chain.input_layer().into_iter().chain(chain.layers());
    config.insert("layers".into(), layers.map(|l| envelope(&l)).collect());
    if let Some(input) = chain.input_layer().and_then(|l| l.input_shape()) {
        config.insert("build_input_shape".into(), sizes(&input));
    }
    config
}

/// The configuration of a graph. [`writable`] says beforehand what files cannot hold.
pub(crate) fn graph_config(graph: &Functional, common: Config) -> Config {
    let numbering = Numbering::new(graph);
    let mut layers = Vec::new();
    for (i, operation) in graph.operations().iter().enumerate() {
        let nodes = graph.nodes().iter().filter(|n| n.operation == i);
        let mut whole = match operation {
            Operation::Layer(layer) => envelope(layer),
            Operation::Op { name, class, .. } => {
                let written = nodes.clone().next().and_then(|n| n.call.op.written());
                let mut config = Map::from_iter([("name".to_string(), Value::from(name.clone()))]);
                for (key, value) in written.iter().flat_map(|w| &w.config) {
                    config.insert(key.clone(), to_json(value, &|_| Value::Null));
                }
                json!({"module": module_of(class), "class_name": class, "config": config,
                    "registered_name": class})
            }
        };
        if let Some(object) = whole.as_object_mut() {
            object.insert("name".into(), Value::from(operation.name()));
            object.insert("inbound_nodes".into(), nodes.map(|n| numbering.node(n)).collect());
        }
        layers.push(whole);
    }
    let place = |source: Source| {
        let (name, node, index) = numbering.place(source);
        // In Keras a graph that is called begins with a call of its own.
        let own = graph.operations()[source.operation].layer().is_some_and(is_graph);
        json!([name, node + usize::from(own), index])
    };
    let inputs: Vec<Value> = (0..graph.inputs().len())
        .map(|i| place(Source { operation: graph.input_operation(i), node: None, index: 0 }))
        .collect();
    let outputs: Vec<Value> = graph.output_sources().into_iter().map(place).collect();
    let mut config: Config = common.into_iter().filter(|(key, _)| key != "dtype").collect();
    config.insert("layers".into(), Value::Array(layers));
    let [input_form, output_form] = graph.forms();
    config.insert("input_layers".into(), to_json(input_form, &|i| inputs[i].clone()));
    config.insert("output_layers".into(), to_json(output_form, &|i| outputs[i].clone()));
    config
}

/// Whether a layer is a graph, which Keras counts with a call of its own.
pub(super) fn is_graph(layer: &AnyLayer) -> bool {
    matches!(View::of(layer), View::Graph(_))
}

/// Which call of its operation each node is.
struct Numbering<'a> {
    graph: &'a Functional,
    numbers: Vec<usize>,
}

impl<'a> Numbering<'a> {
    fn new(graph: &'a Functional) -> Numbering<'a> {
        let mut counts = vec![0; graph.operations().len()];
        let number = |n: &Node| {
            counts[n.operation] += 1;
            counts[n.operation] - 1
        };
        Numbering { graph, numbers: graph.nodes().iter().map(number).collect() }
    }

    fn place(&self, source: Source) -> (String, usize, usize) {
        let name = self.graph.operations()[source.operation].name();
        (name, source.node.map_or(0, |n| self.numbers[n]), source.index)
    }

    /// The arguments of a call.
    fn node(&self, node: &Node) -> Value {
        let tensor = |i: usize| match node.arguments.get(i) {
            Some(Argument::Place(_, source)) => {
                let (name, call, index) = self.place(*source);
                let meta = node.call.inputs[i].meta();
                json!({"class_name": "__keras_tensor__", "config": {"shape": sizes(&meta.shape),
                    "dtype": meta.dtype.name(), "keras_history": [name, call, index]}})
            }
            Some(Argument::Numbers(x)) => constant(x).unwrap_or(Value::Null),
            None => Value::Null,
        };
        let mut forced = None;
        let (args, kwargs) = match node.call.op.as_any().downcast_ref::<LayerCall>() {
            Some(call) => {
                forced = call.training;
                call.arguments.clone().unwrap_or_else(|| default_arguments(call, node.arguments.len()))
            }
            None => node.call.op.written().map(|w| (w.args, w.kwargs)).unwrap_or_default(),
        };
        let args: Vec<Value> = args.iter().map(|a| to_json(a, &tensor)).collect();
        let kwargs: Map<String, Value> =
            kwargs.iter().map(|(key, a)| (key.clone(), to_json(a, &tensor))).collect();
        let mut whole = json!({"args": args, "kwargs": kwargs});
        if let (Some(forced), Some(object)) = (forced, whole.as_object_mut()) {
            // Keras runs all layers as the whole model is run; this key is ours.
            object.insert("training".into(), Value::from(forced));
        }
        whole
    }
}

/// The arguments of a layer that was called here: as the layer takes them, or what a graph takes by name.
fn default_arguments(call: &LayerCall, inputs: usize) -> CallArguments {
    let plain = call.plain(inputs);
    let (args, mut kwargs) = match View::of(&call.layer) {
        View::Graph(graph) => (vec![graph.forms()[0].clone()], Vec::new()),
        _ => call.layer.call_form(plain),
    };
    if let Some(training) = call.training {
        kwargs.push(("training".to_string(), Attr::Bool(training)));
    }
    (args, kwargs)
}

/// An error where a file cannot hold the model: an operation that has no class in Keras, numbers that are not there.
pub(super) fn writable(layer: &AnyLayer) -> Result<()> {
    for layer in layer.flattened() {
        let View::Graph(graph) = View::of(&layer) else { continue };
        for node in graph.nodes() {
            let name = || graph.operations()[node.operation].name();
            let is_layer = node.call.op.as_any().is::<LayerCall>();
            let known = || node.call.op.written().is_some_and(|w| is_known(&w.class));
            if !is_layer && !known() {
                return Err(Error::unsupported(format!(
                    "files of Keras have no class for the operation {}; put it into a Lambda layer with a registered \
                     function, or into a layer of its own",
                    node.call.op.name()
                ))
                .at(name())
                .at(layer.who()));
            }
            let numbers = |a: &Argument| match a {
                Argument::Numbers(x) => constant(x).map(drop),
                Argument::Place(..) => Ok(()),
            };
            node.arguments.iter().try_for_each(numbers).at(name).at(|| layer.who())?;
        }
    }
    Ok(())
}
