//! Models as diagrams: nodes for layers, edges for what goes from one to the next, clusters for models inside.

use crate::model::Model;
use crate::structure::{Argument, Functional, Node, Operation, View};
use rhyton_base::{Context, Diagram, Error, NodeKind, Result, Shape};
use rhyton_nn::layers::AnyLayer;
use rhyton_ops::Meta;
use std::collections::HashMap;

/// What a picture of a model says of each layer, and how it lies.
///
/// | option | says | default |
/// |---|---|---|
/// | `show_shapes` | shapes of inputs and outputs | no |
/// | `show_dtype` | element types of outputs | no |
/// | `show_layer_names` | names beside classes | no |
/// | `show_layer_activations` | activations of layers that have one | no |
/// | `show_trainable` | whether training changes the weights | no |
/// | `expand_nested` | the layers of models inside, in boxes | no |
/// | `rankdir` | `"TB"` from top to bottom, `"LR"` from left to right | `"TB"` |
/// | `dpi` | dots to the inch of a PNG; a point of text is 1/96 inch high | 200 |
///
/// Source: `keras/src/utils/model_visualization.py`.
#[derive(Clone, Debug)]
pub struct PlotModel {
    show_shapes: bool,
    show_dtype: bool,
    show_layer_names: bool,
    show_layer_activations: bool,
    show_trainable: bool,
    expand_nested: bool,
    rankdir: String,
    dpi: u32,
}

impl Default for PlotModel {
    fn default() -> PlotModel {
        PlotModel::new()
    }
}

macro_rules! flags {
    ($($(#[$doc:meta])* $name:ident)*) => {
        impl PlotModel {
            $($(#[$doc])*
            #[must_use]
            pub fn $name(self, show: bool) -> PlotModel {
                PlotModel { $name: show, ..self }
            })*
        }
    };
}

flags! {
    /// Whether the shapes of inputs and outputs are shown.
    show_shapes
    /// Whether the element types of outputs are shown.
    show_dtype
    /// Whether names are shown beside the classes.
    show_layer_names
    /// Whether activations are shown, of layers that have one.
    show_layer_activations
    /// Whether it is shown what training changes, of layers with weights.
    show_trainable
    /// Whether models inside are shown as boxes with their layers.
    expand_nested
}

impl PlotModel {
    /// Classes only, from top to bottom.
    pub fn new() -> PlotModel {
        PlotModel {
            show_shapes: false,
            show_dtype: false,
            show_layer_names: false,
            show_layer_activations: false,
            show_trainable: false,
            expand_nested: false,
            rankdir: "TB".to_string(),
            dpi: 200,
        }
    }

    /// From top to bottom (`"TB"`) or from left to right (`"LR"`).
    #[must_use]
    pub fn rankdir(self, direction: impl Into<String>) -> PlotModel {
        PlotModel { rankdir: direction.into(), ..self }
    }

    /// Dots to the inch of a PNG, from 48 to 768.
    #[must_use]
    pub fn dpi(self, dots: u32) -> PlotModel {
        PlotModel { dpi: dots, ..self }
    }

    /// Whether the picture goes from left to right.
    ///
    /// # Errors
    /// Where the direction is neither `"TB"` nor `"LR"`.
    pub fn is_horizontal(&self) -> Result<bool> {
        match self.rankdir.as_str() {
            "TB" => Ok(false),
            "LR" => Ok(true),
            other => Err(Error::value(format!(
                "rankdir: expected \"TB\" (from top to bottom) or \"LR\" (from left to right), got {other:?}"
            ))),
        }
    }

    /// Pixels of a PNG for each unit of the picture.
    ///
    /// # Errors
    /// Where there are fewer than 48 or more than 768 dots to the inch.
    pub fn pixels(&self) -> Result<f32> {
        match (48..=768).contains(&self.dpi) {
            true => Ok(self.dpi as f32 / 96.0),
            false => Err(Error::value(format!("dpi: expected 48 to 768 dots to the inch, got {}", self.dpi))),
        }
    }
}

impl Model {
    /// The layers and how they are connected, as plain nodes and edges: what `rhyton::utils::plot_model` draws.
    ///
    /// A layer that is used several times is one node. A sequential model shows no input, a model of one's own is one
    /// node, as in Keras.
    ///
    /// ```
    /// use rhyton_model::{Model, PlotModel};
    /// use rhyton_nn::layers::{Dense, Input};
    /// let x = Input::new([3]).name("x").tensor();
    /// let y = Dense::new(2).name("y").call(&x)?;
    /// let options = PlotModel::new().show_layer_names(true).show_shapes(true);
    /// let text = Model::new(&x, &y)?.named("tiny").diagram(&options)?.to_string();
    /// assert_eq!(text, "\
    /// tiny
    ///   x (InputLayer): Output shape: (None, 3)
    ///   y (Dense): Input shape: (None, 3), Output shape: (None, 2)
    ///     <- x (InputLayer)
    /// ");
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    ///
    /// # Errors
    /// Where the model is not built.
    pub fn diagram(&self, options: &PlotModel) -> Result<Diagram> {
        self.sound()?;
        if !self.is_built() {
            return Err(self.not_built());
        }
        let mut drawing =
            Drawing { options, diagram: Diagram::new(self.name()), drawn: HashMap::new(), cluster: None };
        match self.view() {
            View::Other => {
                drawing.node(&Operation::Layer(self.as_layer().clone()), None);
            }
            view => {
                let ends = drawing.inside(&view).at(|| self.who())?;
                for node in ends.outputs {
                    // An input that is an output too stays an input.
                    let kind = &mut drawing.diagram.nodes[node].kind;
                    if *kind == NodeKind::Operation {
                        *kind = NodeKind::Output;
                    }
                }
            }
        }
        Ok(drawing.diagram)
    }
}

/// The nodes at which each input of something arrives, and those that its results come from. A layer's are all one.
#[derive(Clone)]
struct Ends {
    inputs: Vec<usize>,
    outputs: Vec<usize>,
}

impl Ends {
    fn of(all: &[usize], index: usize) -> Option<usize> {
        all.get(index).or(all.last()).copied()
    }
}

struct Drawing<'a> {
    options: &'a PlotModel,
    diagram: Diagram,
    /// Layers that are there already: shared ones are drawn once.
    drawn: HashMap<usize, Ends>,
    /// The cluster that is being drawn.
    cluster: Option<usize>,
}

impl Drawing<'_> {
    /// A layer, or the layers of a model.
    fn layer(&mut self, layer: &AnyLayer) -> Result<Ends> {
        if let Some(ends) = self.drawn.get(&layer.id()) {
            return Ok(ends.clone());
        }
        let view = View::of(layer);
        let ends = if self.options.expand_nested && !matches!(view, View::Other) {
            let around = self.cluster;
            self.cluster = Some(self.diagram.cluster(layer.name(), around));
            let ends = self.inside(&view)?;
            self.cluster = around;
            ends
        } else {
            self.node(&Operation::Layer(layer.clone()), None)
        };
        self.drawn.insert(layer.id(), ends.clone());
        Ok(ends)
    }

    /// What a model is made of.
    fn inside(&mut self, model: &View) -> Result<Ends> {
        match model {
            View::Chain(chain) => {
                let mut all: Vec<Ends> = Vec::new();
                for layer in chain.layers() {
                    let ends = self.layer(&layer)?;
                    if let Some(last) = all.last() {
                        self.edge(Ends::of(&last.outputs, 0), Ends::of(&ends.inputs, 0));
                    }
                    all.push(ends);
                }
                let inputs = all.first().map_or(Vec::new(), |e| e.inputs.clone());
                Ok(Ends { inputs, outputs: all.last().map_or(Vec::new(), |e| e.outputs.clone()) })
            }
            View::Graph(graph) => self.graph(graph),
            View::Other => Ok(Ends { inputs: Vec::new(), outputs: Vec::new() }),
        }
    }

    fn graph(&mut self, graph: &Functional) -> Result<Ends> {
        let mut ends: Vec<Ends> = Vec::new();
        for (i, operation) in graph.operations().iter().enumerate() {
            ends.push(match operation {
                Operation::Layer(layer) => self.layer(layer)?,
                Operation::Op { .. } => self.node(operation, graph.nodes().iter().find(|n| n.operation == i)),
            });
        }
        for node in graph.nodes() {
            let sources = node.arguments.iter().filter_map(|a| match a {
                Argument::Place(_, source) => Some(source),
                Argument::Numbers(_) => None,
            });
            for (i, source) in sources.enumerate() {
                let from = Ends::of(&ends[source.operation].outputs, source.index);
                self.edge(from, Ends::of(&ends[node.operation].inputs, i));
            }
        }
        let named = |name: &String| graph.operations().iter().position(|o| o.name() == *name);
        let inputs = graph.input_names().iter().filter_map(named);
        let outputs = graph.output_sources();
        Ok(Ends {
            inputs: inputs.filter_map(|o| Ends::of(&ends[o].inputs, 0)).collect(),
            outputs: outputs.iter().filter_map(|s| Ends::of(&ends[s.operation].outputs, s.index)).collect(),
        })
    }

    /// An edge, unless it is there already.
    fn edge(&mut self, from: Option<usize>, to: Option<usize>) {
        let (Some(from), Some(to)) = (from, to) else { return };
        if !self.diagram.edges.iter().any(|e| (e.from, e.to) == (from, to)) {
            self.diagram.edge(from, to, "");
        }
    }

    /// A node for a layer, or for an operation and its use.
    fn node(&mut self, operation: &Operation, used: Option<&Node>) -> Ends {
        let class = match operation {
            Operation::Layer(layer) => layer.class_name().to_string(),
            Operation::Op { class, .. } => class.clone(),
        };
        let is_input = operation.layer().is_some_and(|l| l.input_shape().is_some());
        let label = match self.options.show_layer_names {
            true => format!("{} ({class})", operation.name()),
            false => class,
        };
        let node = self.diagram.node(label, if is_input { NodeKind::Input } else { NodeKind::Operation });
        self.diagram.nodes[node].cluster = self.cluster;
        self.diagram.nodes[node].details = self.details(operation, used, is_input);
        Ends { inputs: vec![node], outputs: vec![node] }
    }

    fn details(&self, operation: &Operation, used: Option<&Node>, is_input: bool) -> Vec<String> {
        let (inputs, outputs) = match (operation.layer(), used) {
            (Some(layer), _) => metas(layer),
            (None, Some(node)) => {
                let inputs = node.call.inputs.iter().filter(|x| x.is_symbolic()).map(|x| x.meta());
                (Some(inputs.collect()), Some(node.call.outputs.clone()))
            }
            (None, None) => (None, None),
        };
        let mut details = Vec::new();
        if self.options.show_layer_activations
            && let Some(activation) = operation.layer().and_then(activation)
        {
            details.push(format!("Activation: {activation}"));
        }
        if self.options.show_shapes {
            let shape = |m: &Meta| m.shape.to_string();
            if !is_input {
                details.push(format!("Input shape: {}", listed(inputs.as_deref(), shape)));
            }
            details.push(format!("Output shape: {}", listed(outputs.as_deref(), shape)));
        }
        if self.options.show_dtype {
            details.push(format!("Output dtype: {}", listed(outputs.as_deref(), |m| m.dtype.to_string())));
        }
        if let (true, Some(layer)) = (self.options.show_trainable, operation.layer())
            && !layer.weights().is_empty()
        {
            details.push(if layer.trainable() { "Trainable" } else { "Non-trainable" }.to_string());
        }
        details
    }
}

/// What a layer takes and gives: at its first use, or as it was built.
fn metas(layer: &AnyLayer) -> (Option<Vec<Meta>>, Option<Vec<Meta>>) {
    let dtype = layer.dtype();
    let of = |shape: Shape| vec![Meta { dtype, shape }];
    if let Some(shape) = layer.input_shape() {
        return (None, Some(of(shape)));
    }
    let all = |x: Vec<rhyton_tensor::Tensor>| x.iter().map(|x| x.meta()).collect();
    if let (Ok(inputs), Ok(outputs)) = (layer.inputs(), layer.outputs()) {
        return (Some(all(inputs)), Some(all(outputs)));
    }
    let shape = layer.built_shape();
    (shape.clone().map(of), shape.and_then(|s| layer.output_shape(&s).ok()).map(of))
}

/// The name of a layer's activation, where it has one.
fn activation(layer: &AnyLayer) -> Option<String> {
    let config = layer.config();
    let value = config.get("activation")?;
    let name = value.as_str().or_else(|| value.get("class_name")?.as_str())?;
    Some(name.to_string())
}

/// One, or a list of several; `?` where nobody knows.
fn listed(metas: Option<&[Meta]>, text: impl Fn(&Meta) -> String) -> String {
    match metas {
        None => "?".to_string(),
        Some([one]) => text(one),
        Some(all) => format!("[{}]", all.iter().map(text).collect::<Vec<_>>().join(", ")),
    }
}
