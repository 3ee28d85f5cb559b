//! Copies of models with weights of their own.

use crate::data::Data;
use crate::model::Model;
use crate::structure::{Functional, Operation, View};
use rhyton_base::{Context, Error, Result};
use rhyton_nn::layers::{AnyLayer, LayerCall, from_config};
use rhyton_tensor::{Tensor, apply_symbolic};
use std::collections::HashMap;

/// A model of the same structure with new layers: same names and arguments, weights as new layers have them.
///
/// Layers that are shared inside of the model are shared inside of the copy too; models inside are copied likewise.
/// The copy is not compiled.
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
    model.sound()?;
    copy(model.as_layer(), &mut HashMap::new()).map(Model::from_layer).at(|| "clone_model")
}

/// The copy of a layer, made once.
fn copy(layer: &AnyLayer, made: &mut HashMap<usize, AnyLayer>) -> Result<AnyLayer> {
    if let Some(copy) = made.get(&layer.id()) {
        return Ok(copy.clone());
    }
    let new = match View::of(layer) {
        View::Chain(chain) => {
            let (model, copied) = Model::of_chain(Some(layer.name()));
            let input = chain.input_layer();
            for layer in input.iter().chain(&chain.layers()) {
                copied.add(copy(layer, made)?);
            }
            copied.sound()?;
            model.into()
        }
        View::Graph(graph) => {
            let inputs: Vec<Tensor> = graph
                .input_names()
                .iter()
                .zip(graph.inputs())
                .map(|(name, x)| Tensor::symbolic_input(x.meta(), name))
                .collect();
            let outputs = graph.with_nodes(&inputs, |node, arguments| {
                match (&graph.operations()[node.operation], node.call.op.as_any().downcast_ref::<LayerCall>())
                {
                    (Operation::Layer(layer), Some(call)) => {
                        LayerCall { layer: copy(layer, made)?, ..call.clone() }.apply(arguments)
                    }
                    _ => apply_symbolic(node.call.op.clone(), arguments),
                }
            })?;
            let outputs: Data = graph.output_names().iter().cloned().zip(outputs).collect();
            Functional::formed(
                &Data::from(inputs),
                &outputs,
                graph.forms().clone(),
                Some(layer.name()),
                false,
            )?
            .into()
        }
        View::Other => {
            let copy = from_config(layer.class_name(), &layer.config(), &mut Vec::new());
            copy.map_err(|e| Error::state(e.message().to_string()).at(layer.who()))?
        }
    };
    if !layer.trainable() {
        new.set_trainable(false);
    }
    made.insert(layer.id(), new.clone());
    Ok(new)
}
