//! `Sequential`: layers one after the other.

use crate::list::LayerList;
use crate::model::Model;
use crate::structure::Chain;
use rhyton_nn::layers::{AnyLayer, SublayerField};
use std::ops::{Deref, DerefMut};

/// A model whose layers follow one another: each takes what the one before gives. It has all methods of [`Model`].
///
/// With an `Input` first, weights exist as soon as layers are added; without one they come with the first
/// data. [`Sequential::add`] cannot fail; what is wrong with a layer is reported by the first call that needs
/// the model (`build`, `compile`, `fit`, `call`, …).
///
/// ```
/// use rhyton_model::Sequential;
/// use rhyton_nn::layers::{Dense, Dropout, Input};
/// let mut model = Sequential::new().named("digits");
/// model.add(Input::new([784]));
/// model.add(Dense::new(512).activation("relu"));
/// model.add(Dropout::new(0.5));
/// model.add(Dense::new(10).activation("softmax"));
/// assert_eq!(model.count_params(), 784 * 512 + 512 + 512 * 10 + 10);
/// assert_eq!(model.get_layer("dropout")?.class_name(), "Dropout");
/// # Ok::<(), rhyton_base::Error>(())
/// ```
///
/// Source: `keras/src/models/sequential.py`.
pub struct Sequential {
    model: Model,
    chain: Chain,
}

impl Default for Sequential {
    fn default() -> Sequential {
        Sequential::new()
    }
}

impl<L: LayerList> From<L> for Sequential {
    fn from(layers: L) -> Sequential {
        let mut model = Sequential::new();
        for layer in layers.into_layers() {
            model.add(layer);
        }
        model
    }
}

impl Sequential {
    /// A model without layers, named `sequential`, `sequential_1`, …
    pub fn new() -> Sequential {
        Sequential::with_name(None)
    }

    pub(crate) fn with_name(name: Option<String>) -> Sequential {
        let (model, chain) = Model::of_chain(name);
        Sequential { model, chain }
    }

    /// The same model under another name.
    #[must_use]
    pub fn named(self, name: impl Into<String>) -> Sequential {
        Sequential { model: self.model.named(name), ..self }
    }

    /// Puts a layer at the end: any layer, or another model.
    pub fn add(&mut self, layer: impl Into<AnyLayer>) -> &mut Sequential {
        self.model.forget_steps();
        let layer = layer.into();
        self.model.as_layer().within(|| self.chain.add(layer));
        self
    }

    /// Takes the last layer away and returns it.
    pub fn pop(&mut self) -> Option<AnyLayer> {
        self.model.forget_steps();
        self.chain.pop()
    }

    /// The input layer, once there is one.
    pub fn input_layer(&self) -> Option<AnyLayer> {
        self.chain.input_layer()
    }
}

impl Deref for Sequential {
    type Target = Model;

    fn deref(&self) -> &Model {
        &self.model
    }
}

impl DerefMut for Sequential {
    fn deref_mut(&mut self) -> &mut Model {
        &mut self.model
    }
}

/// The same model without [`Sequential::add`] and [`Sequential::pop`].
impl From<Sequential> for Model {
    fn from(sequential: Sequential) -> Model {
        sequential.model
    }
}

/// The model as a layer of others, sharing its layers.
impl From<&Sequential> for AnyLayer {
    fn from(sequential: &Sequential) -> AnyLayer {
        sequential.model.as_layer().clone()
    }
}

impl From<Sequential> for AnyLayer {
    fn from(sequential: Sequential) -> AnyLayer {
        sequential.model.into()
    }
}

impl SublayerField for Sequential {
    fn named(&self, field: &str) -> Vec<(String, AnyLayer)> {
        SublayerField::named(&self.model, field)
    }
}

impl std::fmt::Debug for Sequential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.model.fmt(f)
    }
}
