//! `Sequential`: layers one after the other.

use crate::list::LayerList;
use crate::step::Steps;
use crate::training::{Compiled, adjust_rank};
use rhyton_base::{Context, Dim, Error, Result, Shape, did_you_mean};
use rhyton_nn::layers::{AnyLayer, CallCx, Input, Restore, assign_all, auto_name};
use rhyton_tensor::{Tensor, Variable, ops};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

/// A model whose layers follow one another: each takes what the one before gives.
///
/// With an [`Input`] first, weights exist as soon as layers are added; without one they come with the first
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
    name: String,
    /// The input layer; given, or made for the first data.
    input: OnceLock<AnyLayer>,
    layers: Vec<AnyLayer>,
    /// What was wrong with an added layer.
    problem: Option<Error>,
    pub(crate) compiled: Option<Compiled>,
    pub(crate) stop: AtomicBool,
    /// Compiled forward passes for `predict`.
    pub(crate) forward_steps: Steps,
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
        Sequential::with_name(auto_name("Sequential"))
    }

    pub(crate) fn with_name(name: String) -> Sequential {
        Sequential {
            name,
            input: OnceLock::new(),
            layers: Vec::new(),
            problem: None,
            compiled: None,
            stop: AtomicBool::new(false),
            forward_steps: Steps::default(),
        }
    }

    /// The same model under another name.
    #[must_use]
    pub fn named(self, name: impl Into<String>) -> Sequential {
        Sequential { name: name.into(), ..self }
    }

    /// The name: `"sequential_1"`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Class and name, as errors say it.
    pub(crate) fn who(&self) -> String {
        format!("Sequential {:?}", self.name)
    }

    /// Puts a layer at the end.
    pub fn add(&mut self, layer: impl Into<AnyLayer>) -> &mut Sequential {
        self.add_with(layer.into(), None)
    }

    pub(crate) fn add_with(&mut self, layer: AnyLayer, restore: Option<Restore>) -> &mut Sequential {
        if let Err(e) = self.try_add(layer, restore) {
            self.problem.get_or_insert(e);
        }
        self
    }

    fn try_add(&mut self, layer: AnyLayer, restore: Option<Restore>) -> Result<()> {
        self.forget_steps();
        if layer.input_shape().is_some() {
            if !self.layers.is_empty() || self.input.get().is_some() {
                return Err(Error::state(format!(
                    "{} comes after other layers; an input is given once and first",
                    layer.who()
                )));
            }
            let _ = self.input.set(layer);
            return Ok(());
        }
        let taken = |l: &AnyLayer| l.name() == layer.name();
        if self.layers.iter().chain(self.input.get()).any(taken) {
            let message = format!(
                "two layers are called {:?}; layers of a model have names of their own, give this {} another with \
                 .name(..)",
                layer.name(),
                layer.class_name()
            );
            self.layers.push(layer);
            return Err(Error::name(message));
        }
        self.layers.push(layer);
        match self.input.get().and_then(AnyLayer::input_shape) {
            None => Ok(()),
            Some(input) => {
                let before = &self.layers[..self.layers.len() - 1];
                let shape = before.iter().try_fold(input, |shape, l| l.output_shape(&shape))?;
                self.layers[self.layers.len() - 1].build_with(&shape, restore)
            }
        }
    }

    /// Takes the last layer away and returns it.
    pub fn pop(&mut self) -> Option<AnyLayer> {
        self.forget_steps();
        self.layers.pop()
    }

    /// Compiled steps are of the layers as they were.
    fn forget_steps(&mut self) {
        self.forward_steps = Steps::default();
        if let Some(compiled) = &mut self.compiled {
            compiled.forget();
        }
    }

    /// The layers in order, without the input.
    pub fn layers(&self) -> &[AnyLayer] {
        &self.layers
    }

    /// The input layer, once there is one.
    pub fn input(&self) -> Option<&AnyLayer> {
        self.input.get()
    }

    /// The layer of this name.
    ///
    /// # Errors
    /// Where there is none; the nearest name is suggested.
    pub fn get_layer(&self, name: &str) -> Result<&AnyLayer> {
        let find = |l: &&AnyLayer| l.name() == name;
        self.layers.iter().chain(self.input.get()).find(find).ok_or_else(|| {
            let names: Vec<String> = self.layers.iter().map(AnyLayer::name).collect();
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            Error::name(format!("there is no layer {name:?}{}", did_you_mean(name, &names))).at(self.who())
        })
    }

    /// The shape of an input, batch included, once it is known.
    pub fn input_shape(&self) -> Option<Shape> {
        self.input.get()?.input_shape()
    }

    /// The shape of the output, batch included, once the input's is known.
    ///
    /// # Errors
    /// Where the model is not built.
    pub fn output_shape(&self) -> Result<Shape> {
        let input = self.input_shape().ok_or_else(|| self.not_built())?;
        self.shape_after(&input)
    }

    /// The shape of the output for inputs of this shape, or what does not fit.
    pub(crate) fn shape_after(&self, input: &Shape) -> Result<Shape> {
        self.layers.iter().try_fold(input.clone(), |shape, layer| layer.output_shape(&shape))
    }

    /// Whether the weights exist.
    pub fn is_built(&self) -> bool {
        self.input.get().is_some() && self.problem.is_none() && self.layers.iter().all(AnyLayer::is_built)
    }

    /// Creates the weights for inputs of this shape, whose first axis is the batch. Nothing happens where
    /// they exist.
    ///
    /// # Errors
    /// Where a layer refuses its input.
    pub fn build(&mut self, input: impl Into<Shape>) -> Result<()> {
        self.build_for(&input.into())
    }

    /// [`Sequential::build`] through a shared reference, as the first call of a model needs it.
    pub(crate) fn build_for(&self, input: &Shape) -> Result<()> {
        self.sound()?;
        if self.input.get().is_some() {
            return Ok(());
        }
        if self.layers.is_empty() {
            return Err(Error::state("the model has no layers; add some first").at(self.who()));
        }
        if input.rank() == 0 {
            return Err(
                Error::shape("expected an input with a batch axis, got a scalar (shape ())").at(self.who())
            );
        }
        // Another batch may be of another size.
        let shape = input.without_batch().with_axis(0, Dim::Unknown);
        let mut reached = shape.clone();
        for layer in &self.layers {
            layer.build(&reached)?;
            reached = layer.output_shape(&reached)?;
        }
        let _ = self.input.set(Input::with_batch_shape(shape).into());
        Ok(())
    }

    /// What was wrong with an added layer, if anything was.
    pub(crate) fn sound(&self) -> Result<()> {
        self.problem.clone().map_or(Ok(()), |e| Err(e.at(self.who())))
    }

    pub(crate) fn not_built(&self) -> Error {
        Error::state(
            "the model has no weights yet; add Input::new(..) first, call build(..), or give it data",
        )
        .at(self.who())
    }

    /// The result for a batch, for inference.
    ///
    /// # Errors
    /// Where the batch does not fit, with the layer's name.
    pub fn call(&self, x: &Tensor) -> Result<Tensor> {
        self.call_in(x, &CallCx::INFERENCE)
    }

    /// The result for a batch, for training or inference.
    ///
    /// # Errors
    /// Where the batch does not fit, with the layer's name.
    pub fn call_in(&self, x: &Tensor, cx: &CallCx) -> Result<Tensor> {
        self.build_for(&Shape::from(x.shape()))?;
        self.forward(x, cx).at(|| self.who())
    }

    /// [`Sequential::call_in`] of a built model.
    pub(crate) fn forward(&self, x: &Tensor, cx: &CallCx) -> Result<Tensor> {
        let input = self.input.get().ok_or_else(|| self.not_built())?;
        let expected = input.input_shape().unwrap_or_default();
        let shape = adjust_rank(&expected, &Shape::from(x.shape()))?;
        let mut x = ops::cast(x, input.dtype())?;
        if shape.rank() != x.rank() {
            x = ops::reshape(&x, shape.expect_known()?)?;
        }
        self.layers.iter().try_fold(x, |x, layer| layer.call_in(&x, cx))
    }

    /// A model of the same layers and nothing else, for work that outlives a borrow of this one.
    pub(crate) fn alone(&self) -> Result<Sequential> {
        self.sound()?;
        let input = self.input.get().ok_or_else(|| self.not_built())?.clone();
        let mut alone = Sequential::with_name(self.name.clone());
        alone.input = OnceLock::from(input);
        alone.layers = self.layers.clone();
        Ok(alone)
    }

    /// All weights: of each layer first those that training could change, then the others. None before they
    /// exist.
    pub fn weights(&self) -> Vec<Variable> {
        self.layers.iter().flat_map(AnyLayer::weights).collect()
    }

    /// The weights that training changes.
    pub fn trainable_weights(&self) -> Vec<Variable> {
        self.layers.iter().flat_map(AnyLayer::trainable_weights).collect()
    }

    /// The weights that training leaves alone.
    pub fn non_trainable_weights(&self) -> Vec<Variable> {
        self.layers.iter().flat_map(AnyLayer::non_trainable_weights).collect()
    }

    /// How many numbers the weights have together.
    pub fn count_params(&self) -> usize {
        self.weights().iter().map(Variable::len).sum()
    }

    /// The values of the weights, in the order of [`Sequential::weights`].
    ///
    /// # Errors
    /// Where the model is not built.
    pub fn get_weights(&self) -> Result<Vec<Tensor>> {
        self.built_weights("get_weights").map(|w| w.iter().map(Variable::concrete_value).collect())
    }

    /// Gives the weights new values, in the order of [`Sequential::weights`]; all or none.
    ///
    /// # Errors
    /// Where the model is not built, or the number of values or a shape differs.
    pub fn set_weights(&self, values: &[Tensor]) -> Result<()> {
        let weights = self.built_weights("set_weights")?;
        assign_all(&weights, values).at(|| "set_weights")
    }

    pub(crate) fn built_weights(&self, who: &str) -> Result<Vec<Variable>> {
        self.sound()?;
        if !self.is_built() {
            return Err(self.not_built().at(who));
        }
        Ok(self.weights())
    }

    /// Freezes or thaws every layer. A model that is compiled already needs to be compiled again.
    pub fn set_trainable(&mut self, trainable: bool) {
        self.layers.iter().for_each(|l| l.set_trainable(trainable));
    }

    /// Ends training after the current batch.
    pub fn stop_training(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

impl std::fmt::Debug for Sequential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "<{}: {:?}>", self.who(), self.layers)
    }
}
