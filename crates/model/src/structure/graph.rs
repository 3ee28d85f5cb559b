//! A graph of layers and operations: the body of a model made of symbolic tensors.

use super::masks::with_masks;
use super::rank::{adjust_rank, prepared};
use super::walk::{Key, Step, Walk, Who, layer_of, walk};
use crate::data::{Data, quoted};
use rhyton_base::{Context, Error, Result, Shape};
use rhyton_nn::Config;
use rhyton_nn::layers::{AnyLayer, CallCx, Input, Layer, LayerCall, LayerOptions, auto_name};
use rhyton_nn::numerics::look;
use rhyton_ops::Meta;
use rhyton_tensor::{Attr, SymbolicCall, Tensor, infer_by_running};
use serde_json::{Value, json};
use std::any::Any;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// A handle to a graph.
#[derive(Clone)]
pub(crate) struct Functional(Arc<Graph>);

struct Graph {
    name: Option<String>,
    frozen: bool,
    /// How the inputs and the outputs were given: one, a list, by name.
    forms: [Attr; 2],
    inputs: Vec<Tensor>,
    outputs: Vec<Tensor>,
    input_names: Vec<String>,
    output_names: Vec<String>,
    nodes: Vec<Node>,
    operations: Vec<Operation>,
    /// Where the outputs lie.
    results: Vec<usize>,
    places: usize,
}

/// One use of an operation.
pub(crate) struct Node {
    /// The use as it was written.
    pub call: Arc<SymbolicCall>,
    /// Which of the operations.
    pub operation: usize,
    pub arguments: Vec<Argument>,
    /// How far it is from the outputs.
    pub depth: usize,
    /// The place of its first result.
    first: usize,
    /// Places that nobody reads after it.
    unneeded: Vec<usize>,
}

/// What a node is applied to.
pub(crate) enum Argument {
    /// A result of another node or an input, by its place, with where it comes from.
    Place(usize, Source),
    /// Numbers that were there when the model was written.
    Numbers(Tensor),
}

/// Where a value comes from: an operation, which node (none for inputs), and which of its results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Source {
    pub operation: usize,
    pub node: Option<usize>,
    pub index: usize,
}

/// A layer (inputs are layers too), or an operation without weights.
#[derive(Clone)]
pub(crate) enum Operation {
    Layer(AnyLayer),
    Op { name: String, class: String, shapes: Vec<Shape> },
}

impl Operation {
    /// The name, which no other operation of the model has.
    pub fn name(&self) -> String {
        match self {
            Operation::Layer(layer) => layer.name(),
            Operation::Op { name, .. } => name.clone(),
        }
    }

    /// The layer, if it is one.
    pub fn layer(&self) -> Option<&AnyLayer> {
        match self {
            Operation::Layer(layer) => Some(layer),
            Operation::Op { .. } => None,
        }
    }
}

/// Symbolic tensors only, of which there is at least one.
fn symbolic_only(data: &Data, what: &str) -> Result<()> {
    if data.is_empty() {
        return Err(Error::value(format!("expected at least one {what}, got none")));
    }
    match data.tensors().iter().position(|x| !x.is_symbolic()) {
        None => Ok(()),
        Some(i) => Err(Error::value(format!(
            "{what} {i} has numbers (it is {}); models are made of symbolic tensors, which begin with input(..)",
            data.tensors()[i].meta()
        ))),
    }
}

/// The form of data as it was given.
fn form(data: &Data) -> Attr {
    let each = (0..data.tensors().len()).map(Attr::Tensor);
    match (data.names(), data.tensors().len()) {
        (Some(names), _) => Attr::Dict(names.iter().cloned().zip(each).collect()),
        (None, 1) => Attr::Tensor(0),
        (None, _) => Attr::List(each.collect()),
    }
}

/// The parts of a form one after the other, what has names in the order of the names.
pub(crate) fn sorted_leaves(form: &Attr) -> Vec<&Attr> {
    match form {
        Attr::List(all) => all.iter().flat_map(sorted_leaves).collect(),
        Attr::Dict(all) => {
            let mut all: Vec<&(String, Attr)> = all.iter().collect();
            all.sort_by(|a, b| a.0.cmp(&b.0));
            all.into_iter().flat_map(|(_, a)| sorted_leaves(a)).collect()
        }
        leaf => vec![leaf],
    }
}

impl Functional {
    /// The graph between these tensors, with masks written out as Keras has them.
    pub fn new(inputs: &Data, outputs: &Data, name: Option<String>) -> Result<Functional> {
        let graph = Functional::formed(inputs, outputs, [form(inputs), form(outputs)], name, false)?;
        Ok(with_masks(&graph).unwrap_or(graph))
    }

    /// The graph between tensors that stand in these forms.
    pub fn formed(
        inputs: &Data,
        outputs: &Data,
        forms: [Attr; 2],
        name: Option<String>,
        frozen: bool,
    ) -> Result<Functional> {
        symbolic_only(inputs, "input")?;
        symbolic_only(outputs, "output")?;
        let tensors = inputs.tensors().to_vec();
        let input_names = input_names(inputs)?;
        // Keras takes what has names in the order of the names.
        let sorted: Vec<Tensor> = sorted_leaves(&forms[1])
            .into_iter()
            .flat_map(Attr::places)
            .map(|i| outputs.tensors()[i].clone())
            .collect();
        let walk = walk(&tensors, &input_names, &sorted)?;
        let input_layer = |(x, name): (&Tensor, &String)| {
            let meta = x.meta();
            let input = Input::with_batch_shape(meta.shape).name(name);
            let layer = AnyLayer::from(match x.origin().is_some_and(|o| o.text) {
                true => input.text(),
                false => input.dtype(meta.dtype),
            });
            layer.stand_for(x.clone());
            layer
        };
        let layers: Vec<AnyLayer> = tensors.iter().zip(&input_names).map(input_layer).collect();
        let (operations, numbers) = operations(&walk, &layers)?;
        let mut graph = Graph {
            name,
            frozen,
            forms,
            inputs: tensors,
            outputs: outputs.tensors().to_vec(),
            input_names,
            output_names: Vec::new(),
            nodes: Vec::new(),
            operations,
            results: Vec::new(),
            places: 0,
        };
        graph.lay_out(walk, &numbers);
        graph.name_outputs(outputs)?;
        Ok(Functional(Arc::new(graph)))
    }

    /// The same inputs and names with other outputs.
    pub fn with_outputs(&self, outputs: Vec<Tensor>) -> Result<Functional> {
        let named =
            |names: &[String], tensors: Vec<Tensor>| names.iter().cloned().zip(tensors).collect::<Data>();
        let (x, y) =
            (named(&self.0.input_names, self.0.inputs.clone()), named(&self.0.output_names, outputs));
        Functional::formed(&x, &y, self.0.forms.clone(), self.0.name.clone(), self.0.frozen)
    }

    /// How the inputs and the outputs were given: one, a list, by name.
    pub fn forms(&self) -> &[Attr; 2] {
        &self.0.forms
    }

    /// Where the outputs come from.
    pub fn output_sources(&self) -> Vec<Source> {
        let source = |&place: &usize| match self.0.nodes.iter().rposition(|n| n.first <= place) {
            Some(node) if place >= self.0.inputs.len() => {
                let n = &self.0.nodes[node];
                Source { operation: n.operation, node: Some(node), index: place - n.first }
            }
            _ => Source { operation: self.input_operation(place), node: None, index: 0 },
        };
        self.0.results.iter().map(source).collect()
    }

    /// Which operation an input is.
    pub fn input_operation(&self, input: usize) -> usize {
        let name = &self.0.input_names[input];
        self.0.operations.iter().position(|o| o.name() == *name).unwrap_or(0)
    }

    pub fn inputs(&self) -> &[Tensor] {
        &self.0.inputs
    }

    pub fn outputs(&self) -> &[Tensor] {
        &self.0.outputs
    }

    pub fn input_names(&self) -> &[String] {
        &self.0.input_names
    }

    pub fn output_names(&self) -> &[String] {
        &self.0.output_names
    }

    /// The uses of operations, each after those it needs.
    pub fn nodes(&self) -> &[Node] {
        &self.0.nodes
    }

    /// Inputs, layers and operations, in Keras's order.
    pub fn operations(&self) -> &[Operation] {
        &self.0.operations
    }

    /// The layers among the operations.
    pub fn layers(&self) -> Vec<AnyLayer> {
        self.0.operations.iter().filter_map(Operation::layer).cloned().collect()
    }

    /// Whether nothing is shared, forks or joins.
    pub fn is_chain(&self) -> bool {
        let nodes = &self.0.nodes;
        let mut depths: HashSet<usize> = HashSet::new();
        let mut used: HashSet<usize> = HashSet::new();
        let one = |n: &Node| n.call.inputs.iter().filter(|x| x.is_symbolic()).count() <= 1;
        self.0.inputs.len() == 1
            && nodes.iter().all(|n| depths.insert(n.depth) && used.insert(n.operation) && one(n))
    }

    /// What is computed from real or traced tensors.
    pub fn run(&self, inputs: &[Tensor], cx: &CallCx) -> Result<Vec<Tensor>> {
        self.with_nodes(inputs, |node, arguments| match node.call.op.as_any().downcast_ref::<LayerCall>() {
            Some(call) => call.call_in(arguments, cx),
            None => {
                let name = || self.0.operations[node.operation].name();
                let results = node.call.op.call(arguments).at(name)?;
                look(|| format!("operation {:?}", name()), &results);
                Ok(results)
            }
        })
    }

    /// Carries values from the inputs through the nodes to the outputs.
    pub fn with_nodes(
        &self,
        inputs: &[Tensor],
        mut apply: impl FnMut(&Node, &[Tensor]) -> Result<Vec<Tensor>>,
    ) -> Result<Vec<Tensor>> {
        let mut values: Vec<Option<Tensor>> = inputs.iter().cloned().map(Some).collect();
        values.resize(self.0.places, None);
        let missing = || Error::state("a value is read before it is computed");
        for node in &self.0.nodes {
            let mut arguments = Vec::with_capacity(node.arguments.len());
            for argument in &node.arguments {
                arguments.push(match argument {
                    Argument::Place(place, _) => values[*place].clone().ok_or_else(missing)?,
                    Argument::Numbers(x) => x.clone(),
                });
            }
            let results = apply(node, &arguments)?;
            if results.len() != node.call.outputs.len() {
                return Err(Error::state(format!(
                    "expected {} results, got {}; the number of results must not depend on the data",
                    node.call.outputs.len(),
                    results.len()
                ))
                .at(node.call.op.name()));
            }
            results.into_iter().enumerate().for_each(|(i, y)| values[node.first + i] = Some(y));
            node.unneeded.iter().for_each(|&place| values[place] = None);
        }
        self.0.results.iter().map(|&place| values[place].clone().ok_or_else(missing)).collect()
    }

    /// An error unless inputs of these shapes fit; the input that does not is named.
    pub fn check(&self, inputs: &[Shape]) -> Result<()> {
        let names = &self.0.input_names;
        if inputs.len() != names.len() {
            return Err(Error::value(format!(
                "expected {} inputs ({}), got {}",
                names.len(),
                quoted(names),
                inputs.len()
            )));
        }
        for ((x, got), name) in self.0.inputs.iter().zip(inputs).zip(names) {
            adjust_rank(&x.meta().shape, got).at(|| format!("input {name:?}"))?;
        }
        Ok(())
    }
}

/// The names of inputs: those of the tensors, which names given beside them have to match.
fn input_names(inputs: &Data) -> Result<Vec<String>> {
    let own = |x: &Tensor| match x.origin() {
        Some(origin) if origin.call.is_none() => origin.name.clone(),
        _ => auto_name("InputLayer"),
    };
    let names: Vec<String> = match inputs.names() {
        Some(names) => names.to_vec(),
        None => inputs.tensors().iter().map(own).collect(),
    };
    let mut seen = HashSet::new();
    if let Some(twice) = names.iter().find(|n| !seen.insert(n.as_str())) {
        return Err(Error::name(format!("two inputs are called {twice:?}; inputs have names of their own")));
    }
    Ok(names)
}

/// The operations in order, and the number of each.
fn operations(walk: &Walk, inputs: &[AnyLayer]) -> Result<(Vec<Operation>, HashMap<Who, usize>)> {
    let calls: HashMap<Who, &Arc<SymbolicCall>> = walk
        .steps
        .iter()
        .filter_map(|s| match s {
            Step::Call(call) => Some((s.who(), call)),
            Step::Input(_) => None,
        })
        .collect();
    let layers = |who: &Who| match who {
        Who::Input(i) => Some(inputs[*i].clone()),
        who => layer_of(calls.get(who)?).cloned(),
    };
    let mut taken: HashSet<String> = HashSet::new();
    for layer in walk.operations.iter().filter_map(layers) {
        if !taken.insert(layer.name()) {
            return Err(Error::name(format!(
                "two layers are called {:?}; layers of a model have names of their own, give this {} another with \
                 .name(..)",
                layer.name(),
                layer.class_name()
            )));
        }
    }
    let (mut all, mut numbers) = (Vec::new(), HashMap::new());
    for who in &walk.operations {
        numbers.insert(*who, all.len());
        all.push(match (layers(who), calls.get(who)) {
            (None, Some(call)) => {
                let written = call.op.written();
                let class = written.as_ref().map_or_else(|| class_of(&call.op.name()), |w| w.class.clone());
                let name = written.and_then(|w| w.name).unwrap_or_else(|| call.op.name());
                let free = |n: &String| !taken.contains(n);
                let numbered = (1..).map(|i| format!("{name}_{i}"));
                let name = std::iter::once(name.clone()).chain(numbered).find(free).unwrap_or(name);
                taken.insert(name.clone());
                let shapes = call.outputs.iter().map(|m| m.shape.clone()).collect();
                Operation::Op { name, class, shapes }
            }
            (layer, _) => match layer {
                Some(layer) => Operation::Layer(layer),
                None => return Err(Error::state("an operation without a call")),
            },
        });
    }
    Ok((all, numbers))
}

/// `"reduce_mean"` as the name of a class: `"ReduceMean"`.
fn class_of(name: &str) -> String {
    let word = |w: &str| {
        let mut letters = w.chars();
        letters.next().map(|c| c.to_uppercase().chain(letters).collect::<String>()).unwrap_or_default()
    };
    name.split('_').map(word).collect()
}

impl Graph {
    /// Gives every value a place, and finds out until when it is needed.
    fn lay_out(&mut self, walk: Walk, numbers: &HashMap<Who, usize>) {
        let mut places: HashMap<Key, (usize, Source)> = HashMap::new();
        for (i, x) in self.inputs.iter().enumerate() {
            if let Some(key) = Key::of(x) {
                places.insert(key, (i, Source { operation: numbers[&Who::Input(i)], node: None, index: 0 }));
            }
        }
        self.places = self.inputs.len();
        for (step, depth) in walk.steps.into_iter().zip(walk.depths) {
            let operation = numbers[&step.who()];
            let Step::Call(call) = step else { continue };
            let argument = |x: &Tensor| match Key::of(x).and_then(|key| places.get(&key)) {
                Some(&(place, source)) => Argument::Place(place, source),
                None => Argument::Numbers(x.clone()),
            };
            let arguments = call.inputs.iter().map(argument).collect();
            let first = self.places;
            for index in 0..call.outputs.len() {
                let key = Key::Result(Arc::as_ptr(&call).addr(), index);
                let node = Some(self.nodes.len());
                places.entry(key).or_insert((first + index, Source { operation, node, index }));
            }
            self.places += call.outputs.len();
            self.nodes.push(Node { call, operation, arguments, depth, first, unneeded: Vec::new() });
        }
        let place = |x: &Tensor| Key::of(x).and_then(|key| places.get(&key)).map_or(0, |&(place, _)| place);
        self.results = self.outputs.iter().map(place).collect();
        let mut needed: HashSet<usize> = self.results.iter().copied().collect();
        for node in self.nodes.iter_mut().rev() {
            for argument in &node.arguments {
                if let Argument::Place(place, _) = argument
                    && needed.insert(*place)
                {
                    node.unneeded.push(*place);
                }
            }
        }
    }

    /// The names given, or those of the operations that outputs come from.
    fn name_outputs(&mut self, outputs: &Data) -> Result<()> {
        let own = |&place: &usize| match self.nodes.iter().rev().find(|n| n.first <= place) {
            Some(node) if place >= self.inputs.len() => self.operations[node.operation].name(),
            _ => self.input_names[place].clone(),
        };
        let names: Vec<String> = match outputs.names() {
            Some(names) => names.to_vec(),
            None => self.results.iter().map(own).collect(),
        };
        let mut seen: HashSet<String> = HashSet::new();
        for name in names {
            if outputs.names().is_some() && seen.contains(&name) {
                return Err(Error::name(format!("two outputs are called {name:?}; give them other names")));
            }
            let numbered = (1..).map(|i| format!("{name}_{i}"));
            let free = std::iter::once(name.clone()).chain(numbered).find(|n| !seen.contains(n));
            let free = free.unwrap_or(name);
            seen.insert(free.clone());
            self.output_names.push(free);
        }
        Ok(())
    }
}

impl Layer for Functional {
    fn class_name(&self) -> &'static str {
        "Functional"
    }

    fn options(&self) -> LayerOptions {
        LayerOptions { name: self.0.name.clone(), frozen: self.0.frozen, ..LayerOptions::default() }
    }

    fn full_config(&self, common: Config) -> Config {
        crate::saving::graph_config(self, common)
    }

    /// Keras writes that there is nothing to build.
    fn build_config(&self) -> Option<Value> {
        Some(json!({"input_shape": null}))
    }

    fn call_all(&self, inputs: &[Tensor], cx: &CallCx) -> Result<Vec<Tensor>> {
        let each = self.0.inputs.iter().zip(inputs).zip(&self.0.input_names);
        let inputs: Vec<Tensor> = each
            .map(|((own, x), name)| {
                let meta = own.meta();
                prepared(x, meta.dtype, &meta.shape).at(|| format!("input {name:?}"))
            })
            .collect::<Result<_>>()?;
        self.run(&inputs, cx)
    }

    fn build_all(&mut self, _cx: &mut rhyton_nn::layers::BuildCx, inputs: &[Shape]) -> Result<()> {
        self.check(inputs)
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        match self.output_shapes(std::slice::from_ref(input))?.as_deref() {
            Some([one]) => Ok(one.clone()),
            _ => Err(Error::value(format!("has {} results", self.0.outputs.len()))),
        }
    }

    fn output_shapes(&self, inputs: &[Shape]) -> Result<Option<Vec<Shape>>> {
        self.check(inputs)?;
        let known = self.0.inputs.iter().zip(inputs).all(|(x, shape)| x.meta().shape == *shape);
        if known {
            return Ok(Some(self.0.outputs.iter().map(|y| y.meta().shape).collect()));
        }
        if inputs.iter().all(|s| s.known().is_some()) {
            return Ok(None);
        }
        let meta = |(x, shape): (&Tensor, &Shape)| Meta { dtype: x.dtype(), shape: shape.clone() };
        let metas: Vec<Meta> = self.0.inputs.iter().zip(inputs).map(meta).collect();
        let results = infer_by_running(&metas, |x| self.call_all(x, &CallCx::INFERENCE))?;
        Ok(Some(results.into_iter().map(|m| m.shape).collect()))
    }

    fn sublayers(&self) -> Vec<(String, AnyLayer)> {
        self.layers().into_iter().map(|l| (l.name(), l)).collect()
    }

    fn compute_masks(&self, _inputs: &[Tensor], outputs: &[Tensor]) -> Result<Vec<Option<Tensor>>> {
        Ok(outputs.iter().map(|y| y.mask().cloned()).collect())
    }

    fn autocast(&self) -> bool {
        false
    }

    fn needs_build(&self) -> bool {
        false
    }

    fn as_any(&self) -> Option<&dyn Any> {
        Some(self)
    }
}
