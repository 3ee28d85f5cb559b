//! What models are made of: chains of layers, graphs of layers, or a layer of the user's.

mod chain;
mod graph;
mod masks;
mod rank;
mod walk;

pub(crate) use chain::Chain;
pub(crate) use graph::{Argument, Functional, Node, Operation, Source, sorted_leaves};
use rhyton_nn::layers::AnyLayer;

/// A layer that is a model, seen from inside.
pub(crate) enum View {
    /// Layers one after the other.
    Chain(Chain),
    /// A graph of layers and operations.
    Graph(Functional),
    /// Another layer.
    Other,
}

impl View {
    /// What a layer is made of.
    pub fn of(layer: &AnyLayer) -> View {
        layer.with_layer(|l| {
            let Some(any) = l.as_any() else { return View::Other };
            if let Some(chain) = any.downcast_ref::<Chain>() {
                return View::Chain(chain.clone());
            }
            any.downcast_ref::<Functional>().map_or(View::Other, |graph| View::Graph(graph.clone()))
        })
    }

    /// The layers, in the order of their weights.
    pub fn layers(&self) -> Option<Vec<AnyLayer>> {
        match self {
            View::Chain(chain) => Some(chain.layers()),
            View::Graph(graph) => Some(graph.layers()),
            View::Other => None,
        }
    }
}
