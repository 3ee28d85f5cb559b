//! Copies of models with weights of their own.

use crate::data::Data;
use crate::model::Model;
use crate::structure::{Functional, Operation, View};
use rhyton_base::{Context, Error, Result, Shape};
use rhyton_nn::layers::{AnyLayer, LayerCall, only};
use rhyton_tensor::{Tensor, apply_symbolic};
use std::collections::HashMap;

/// How a model is copied.
///
/// ```
/// use rhyton_model::{CloneModel, Sequential};
/// use rhyton_nn::layers::{Dense, Dropout, Input};
/// let model = Sequential::from((Input::new([3]), Dense::new(4), Dropout::new(0.5), Dense::new(1)));
/// // The same without dropout.
/// let copy = CloneModel::new()
///     .clone_function(|layer| match layer.class_name() {
///         "Dropout" => Ok(Dropout::new(0.0).name(layer.name()).into()),
///         _ => layer.copied(),
///     })
///     .clone_model(&model)?;
/// assert_eq!(copy.get_layer("dropout")?.config()["rate"], 0.0);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
pub struct CloneModel<'a> {
    function: Option<Box<CloneFunction<'a>>>,
    recursive: bool,
    inputs: Option<Data>,
}

type CloneFunction<'a> = dyn FnMut(&AnyLayer) -> Result<AnyLayer> + 'a;

impl Default for CloneModel<'_> {
    fn default() -> Self {
        CloneModel::new()
    }
}

impl<'a> CloneModel<'a> {
    /// As [`clone_model`] copies.
    pub fn new() -> CloneModel<'a> {
        CloneModel { function: None, recursive: false, inputs: None }
    }

    /// What gives the copy of a layer, in place of [`AnyLayer::copied`]. It is not asked for inputs, and for models
    /// inside only where copies are not [`CloneModel::recursive`].
    #[must_use]
    pub fn clone_function(self, function: impl FnMut(&AnyLayer) -> Result<AnyLayer> + 'a) -> CloneModel<'a> {
        CloneModel { function: Some(Box::new(function)), ..self }
    }

    /// Whether models inside are copied layer by layer too where a `clone_function` is given; without one they are.
    #[must_use]
    pub fn recursive(self, recursive: bool) -> CloneModel<'a> {
        CloneModel { recursive, ..self }
    }

    /// Symbolic tensors that the copy begins with, in place of new inputs; for graphs and sequential models.
    #[must_use]
    pub fn input_tensors(self, inputs: impl Into<Data>) -> CloneModel<'a> {
        CloneModel { inputs: Some(inputs.into()), ..self }
    }

    /// The copy.
    ///
    /// # Errors
    /// As [`clone_model`]; what the `clone_function` returns; where the inputs do not fit.
    pub fn clone_model(self, model: &Model) -> Result<Model> {
        let copy = || {
            model.sound()?;
            let mut copies =
                Copies { function: self.function, recursive: self.recursive, made: HashMap::new() };
            match (self.inputs, model.view()) {
                (None, _) => copies.copy_whole(model.as_layer(), true).map(Model::from_layer),
                (Some(inputs), View::Graph(graph)) => {
                    let layer = copies.graph(&graph, inputs.tensors().to_vec(), model.name())?;
                    Ok(Model::from_layer(layer))
                }
                (Some(inputs), View::Chain(chain)) => {
                    let x = only(inputs.tensors())?;
                    let copied = chain.layers().iter().map(|l| copies.copy(l)).collect::<Result<Vec<_>>>()?;
                    let y = copied.iter().try_fold(x.clone(), |x, layer| layer.call(&x))?;
                    Ok(Model::new(x, &y)?.named(model.name()))
                }
                (Some(_), View::Other) => Err(Error::unsupported(
                    "input_tensors are for models of symbolic tensors; this one is a layer of its own class",
                )
                .at(model.who())),
            }
        };
        copy().at(|| "clone_model")
    }
}

/// A model of the same structure with new layers: same names and arguments, weights as new layers have them.
///
/// Layers that are shared inside of the model are shared inside of the copy too; models inside are copied likewise.
/// The copy is not compiled. [`CloneModel`] has layers copied in another way.
///
/// # Errors
/// Where a layer of one's own is not registered (`register_layer`), or the model itself is one.
///
/// ```
/// use rhyton_model::{Model, clone_model};
/// use rhyton_nn::layers::{Dense, input};
/// let x = input([3]);
/// let model = Model::new(&x, &Dense::new(2).call(&x)?)?;
/// let copy = clone_model(&model)?;
/// copy.set_weights(&model.get_weights()?)?;
/// assert_eq!(copy.layers().len(), 2);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
///
/// Source: `keras/src/models/cloning.py`.
pub fn clone_model(model: &Model) -> Result<Model> {
    CloneModel::new().clone_model(model)
}

/// The copies made so far.
struct Copies<'a> {
    function: Option<Box<CloneFunction<'a>>>,
    recursive: bool,
    made: HashMap<usize, AnyLayer>,
}

impl Copies<'_> {
    /// The copy of a layer, made once.
    fn copy(&mut self, layer: &AnyLayer) -> Result<AnyLayer> {
        if let Some(copy) = self.made.get(&layer.id()) {
            return Ok(copy.clone());
        }
        let opened = self.recursive || self.function.is_none();
        let new = match &mut self.function {
            _ if layer.input_shape().is_some() => layer.copied()?,
            _ if opened && !matches!(View::of(layer), View::Other) => {
                self.copy_whole(layer, self.recursive)?
            }
            Some(function) => function(layer).at(|| format!("the copy of {}", layer.who()))?,
            None => layer.copied()?,
        };
        self.made.insert(layer.id(), new.clone());
        Ok(new)
    }

    /// The copy of a model, layer by layer; its name is part of the paths of weights where Keras makes such a copy anew
    /// instead of reading it from its configuration.
    fn copy_whole(&mut self, layer: &AnyLayer, anew: bool) -> Result<AnyLayer> {
        let new = match View::of(layer) {
            View::Chain(chain) => {
                let (model, copied) = Model::of_chain(Some(layer.name()));
                let input = chain.input_layer();
                for layer in input.iter().chain(&chain.layers()) {
                    let copy = self.copy(layer)?;
                    match anew {
                        true => model.as_layer().within(|| copied.add(copy)),
                        false => copied.add(copy),
                    }
                }
                copied.sound()?;
                model.into()
            }
            View::Graph(graph) => {
                let named = graph.input_names().iter().zip(graph.inputs());
                let input = |(name, x): (&String, &Tensor)| match x.origin().is_some_and(|o| o.text) {
                    true => Tensor::symbolic_texts(x.meta().shape, name),
                    false => Tensor::symbolic_input(x.meta(), name),
                };
                let inputs = named.map(input).collect();
                self.graph(&graph, inputs, layer.name())?
            }
            View::Other => layer.copied()?,
        };
        if !layer.trainable() {
            new.set_trainable(false);
        }
        Ok(new)
    }

    /// The copy of a graph, from these inputs on.
    fn graph(&mut self, graph: &Functional, inputs: Vec<Tensor>, name: String) -> Result<AnyLayer> {
        let shapes: Vec<Shape> = inputs.iter().map(|x| x.meta().shape).collect();
        graph.check(&shapes)?;
        let outputs = graph.with_nodes(&inputs, |node, arguments| {
            match (&graph.operations()[node.operation], node.call.op.as_any().downcast_ref::<LayerCall>()) {
                (Operation::Layer(layer), Some(call)) => {
                    LayerCall { layer: self.copy(layer)?, ..call.clone() }.apply(arguments)
                }
                _ => apply_symbolic(node.call.op.clone(), arguments),
            }
        })?;
        let outputs: Data = graph.output_names().iter().cloned().zip(outputs).collect();
        let forms = graph.forms().clone();
        Ok(Functional::formed(&Data::from(inputs), &outputs, forms, Some(name), false)?.into())
    }
}
