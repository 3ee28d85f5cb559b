//! `Model`: any layer, with everything that training, using and saving it takes.

use crate::data::Data;
use crate::step::Steps;
use crate::structure::{Chain, Functional, View};
use crate::training::{Compiled, CustomSteps, Measures};
use rhyton_base::{Context, Error, Result, Shape, did_you_mean};
use rhyton_graph::Snapshot;
use rhyton_nn::layers::{AnyLayer, CallCx, SublayerField, assign_all};
use rhyton_ops::Meta;
use rhyton_tensor::{Tensor, Variable};
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// A model: a graph of layers from inputs to outputs, or one layer of any kind, that can be compiled, trained,
/// evaluated, used, shown and saved.
///
/// | made by | is |
/// |---|---|
/// | [`Model::new`] | the graph of layers between symbolic inputs and outputs |
/// | [`Model::from_layer`] | a layer of one's own (or of any class) as a whole model |
/// | [`crate::Sequential`] | layers one after the other; has all methods of `Model` |
///
/// A model is a layer too: `AnyLayer::from(&model)` shares it with other models.
///
/// ```
/// use rhyton_model::{Fit, Model};
/// use rhyton_nn::layers::{Dense, input};
/// use rhyton_tensor::{DType, ops};
/// let x = input([4]);
/// let hidden = Dense::new(8).activation("relu").call(&x)?;
/// let price = Dense::new(1).name("price").call(&hidden)?;
/// let sold = Dense::new(1).activation("sigmoid").name("sold").call(&hidden)?;
///
/// let mut model = Model::new(&x, [&price, &sold])?;
/// model.compile("adam", [("price", "mse"), ("sold", "binary_crossentropy")], ())?;
/// let (data, y) = (ops::ones([32, 4], DType::F32)?, ops::ones([32, 1], DType::F32)?);
/// let history = model.fit(&data, [("price", &y), ("sold", &y)], Fit::epochs(2).verbose(0))?;
/// assert_eq!(history.names().collect::<Vec<_>>(), ["loss", "price_loss", "sold_loss"]);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
///
/// Source: `keras/src/models/model.py`, `keras/src/models/functional.py`.
pub struct Model {
    pub(crate) layer: AnyLayer,
    pub(crate) compiled: Option<Compiled>,
    pub(crate) custom: Option<Arc<dyn CustomSteps>>,
    pub(crate) stop: AtomicBool,
    /// What is reported where `compile` was given nothing to measure.
    pub(crate) own_measures: Arc<Measures>,
    /// Compiled steps of all kinds.
    pub(crate) steps: Steps,
    /// The weights as constants, in the model inside of an inference model.
    pub(crate) frozen: Option<Arc<Snapshot>>,
    /// Types and shapes of outputs for those of inputs, as far as they have been asked for.
    known: Mutex<HashMap<Vec<Meta>, Vec<Meta>>>,
}

impl Model {
    /// The model between symbolic inputs and outputs: one tensor, a list, or pairs with names.
    ///
    /// Inputs are named by their `Input`, outputs by the layers that give them; names given here take their places.
    /// Inputs may be inner tensors of another model: the model begins there, and shares the layers.
    ///
    /// # Errors
    /// Where an output needs an input that is not among the inputs (it is named), a tensor has numbers, or two layers
    /// have one name.
    ///
    /// ```
    /// use rhyton_model::Model;
    /// use rhyton_nn::layers::{Dense, input};
    /// let x = input([3]);
    /// let h = Dense::new(4).name("features").call(&x)?;
    /// let y = Dense::new(1).call(&h)?;
    /// let model = Model::new(&x, &y)?;
    /// let features = Model::new(&model.inputs()?, &model.get_layer("features")?.output()?)?;
    /// assert_eq!(features.output_shape()?.to_string(), "(None, 4)");
    ///
    /// let other = input([3]);
    /// let e = Model::new(&other, &y).unwrap_err().to_string();
    /// assert!(e.contains("which is not among the model's inputs"), "{e}");
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    pub fn new(inputs: impl Into<Data>, outputs: impl Into<Data>) -> Result<Model> {
        Functional::new(&inputs.into(), &outputs.into(), None).map(Model::from_layer).at(|| "Model::new")
    }

    /// A layer as a whole model: one of the user's that calls others, or any.
    ///
    /// Weights come with the first data; the layers that it calls are found then. Where several inputs or results are to
    /// be known by names, the layer says them ([`Layer::input_names`](rhyton_nn::layers::Layer::input_names)).
    ///
    /// ```
    /// use rhyton_base::Result;
    /// use rhyton_model::{Fit, Model};
    /// use rhyton_nn::layers::{AnyLayer, CallCx, Dense, Layer};
    /// use rhyton_tensor::{DType, Tensor, ops};
    ///
    /// struct Residual {
    ///     inner: AnyLayer,
    ///     head: AnyLayer,
    /// }
    ///
    /// impl Layer for Residual {
    ///     fn call(&self, x: &Tensor, _: &CallCx) -> Result<Tensor> {
    ///         self.head.call(&(x + self.inner.call(x)?))
    ///     }
    /// }
    ///
    /// let layer = Residual { inner: Dense::new(4).activation("relu").into(), head: Dense::new(1).into() };
    /// let mut model = Model::from_layer(layer);
    /// model.compile("sgd", "mse", ["mae"])?;
    /// let (x, y) = (ops::ones([8, 4], DType::F32)?, ops::ones([8, 1], DType::F32)?);
    /// model.fit(&x, &y, Fit::epochs(1).verbose(0))?;
    /// assert_eq!(model.count_params(), 4 * 4 + 4 + 4 + 1);
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    pub fn from_layer(layer: impl Into<AnyLayer>) -> Model {
        Model {
            layer: layer.into(),
            compiled: None,
            custom: None,
            own_measures: Arc::new(Measures::none()),
            stop: AtomicBool::new(false),
            steps: Steps::default(),
            frozen: None,
            known: Mutex::default(),
        }
    }

    /// The same model under another name.
    #[must_use]
    pub fn named(self, name: impl Into<String>) -> Model {
        let layer = self.layer.clone().named(name);
        Model { layer, ..self }
    }

    /// The same model with steps of one's own for training, evaluation or prediction.
    #[must_use]
    pub fn with_steps(self, steps: impl CustomSteps) -> Model {
        Model { custom: Some(Arc::new(steps)), steps: Steps::default(), ..self }
    }

    /// The name: `"functional_1"`.
    pub fn name(&self) -> String {
        self.layer.name()
    }

    /// The layer that the model is.
    pub fn as_layer(&self) -> &AnyLayer {
        &self.layer
    }

    /// Class and name, as errors say it.
    pub(crate) fn who(&self) -> String {
        self.layer.who()
    }

    pub(crate) fn view(&self) -> View {
        View::of(&self.layer)
    }

    /// Compiled steps and shapes are of the layers as they were.
    pub(crate) fn forget_steps(&mut self) {
        self.steps = Steps::default();
        self.known = Mutex::default();
    }

    /// What was wrong with an added layer, if anything was.
    pub(crate) fn sound(&self) -> Result<()> {
        match self.view() {
            View::Chain(chain) => chain.sound().at(|| self.who()),
            _ => Ok(()),
        }
    }

    /// The layers: of a sequential model those that were added, of a graph also the inputs, of a layer of one's own
    /// those that it calls.
    pub fn layers(&self) -> Vec<AnyLayer> {
        let found = || self.layer.sublayers().into_iter().map(|(_, l)| l).collect();
        self.view().layers().unwrap_or_else(found)
    }

    /// The layer of this name.
    ///
    /// # Errors
    /// Where there is none; the nearest name is suggested.
    pub fn get_layer(&self, name: &str) -> Result<AnyLayer> {
        let mut layers = self.layers();
        if let View::Chain(chain) = self.view() {
            layers.extend(chain.input_layer());
        }
        if let Some(layer) = layers.iter().find(|l| l.name() == name) {
            return Ok(layer.clone());
        }
        let names: Vec<String> = self.layers().iter().map(AnyLayer::name).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        Err(Error::name(format!("there is no layer {name:?}{}", did_you_mean(name, &names))).at(self.who()))
    }

    /// The symbolic inputs.
    ///
    /// # Errors
    /// Where the model is not made of symbolic tensors, or its input is not known yet.
    pub fn inputs(&self) -> Result<Vec<Tensor>> {
        self.ends().map(|(inputs, _)| inputs)
    }

    /// The symbolic outputs.
    ///
    /// # Errors
    /// As [`Model::inputs`].
    pub fn outputs(&self) -> Result<Vec<Tensor>> {
        self.ends().map(|(_, outputs)| outputs)
    }

    fn ends(&self) -> Result<(Vec<Tensor>, Vec<Tensor>)> {
        match self.view() {
            View::Chain(chain) => {
                let (x, y) = chain.ends().ok_or_else(|| self.not_built())?;
                Ok((vec![x], vec![y]))
            }
            View::Graph(graph) => Ok((graph.inputs().to_vec(), graph.outputs().to_vec())),
            View::Other => Ok((self.layer.inputs()?, self.layer.outputs()?)),
        }
    }

    /// The only symbolic input.
    ///
    /// # Errors
    /// As [`Model::inputs`]; where there are several.
    pub fn input(&self) -> Result<Tensor> {
        self.one(self.inputs()?, "input", "inputs()")
    }

    /// The only symbolic output.
    ///
    /// # Errors
    /// As [`Model::inputs`]; where there are several.
    pub fn output(&self) -> Result<Tensor> {
        self.one(self.outputs()?, "output", "outputs()")
    }

    fn one<T>(&self, mut all: Vec<T>, what: &str, instead: &str) -> Result<T> {
        match all.len() {
            1 => Ok(all.swap_remove(0)),
            n => Err(Error::value(format!("has {n} {what}s; use {instead}")).at(self.who())),
        }
    }

    /// The names of the inputs, where they have some.
    pub fn input_names(&self) -> Vec<String> {
        match self.view() {
            View::Chain(chain) => chain.input_layer().iter().map(AnyLayer::name).collect(),
            View::Graph(graph) => graph.input_names().to_vec(),
            View::Other => self.layer.with_layer(|l| l.input_names().into_iter().map(String::from).collect()),
        }
    }

    /// The names of the outputs, where they have some: those of a graph, the last layer's of a sequential model.
    pub fn output_names(&self) -> Vec<String> {
        self.names_of_outputs(0)
    }

    /// The names of `count` outputs: their own, or `output_1`, ….
    pub(crate) fn names_of_outputs(&self, count: usize) -> Vec<String> {
        match self.view() {
            View::Graph(graph) => graph.output_names().to_vec(),
            View::Chain(chain) => chain.layers().last().map(AnyLayer::name).into_iter().collect(),
            View::Other => {
                let own = self.layer.with_layer(|l| l.output_names());
                let name =
                    |i: usize| own.get(i).map_or_else(|| format!("output_{}", i + 1), |n| n.to_string());
                (0..count).map(name).collect()
            }
        }
    }

    /// The shape of the only input, batch included, once it is known.
    pub fn input_shape(&self) -> Option<Shape> {
        match self.view() {
            View::Chain(chain) => chain.input_layer()?.input_shape(),
            _ => self.input().ok().map(|x| x.meta().shape),
        }
    }

    /// The shape of the only output, batch included, once the input's is known.
    ///
    /// # Errors
    /// Where the model is not built, or has several outputs.
    pub fn output_shape(&self) -> Result<Shape> {
        self.output().map(|y| y.meta().shape)
    }

    /// Types and shapes of the outputs for inputs of these; builds the model for them.
    pub(crate) fn output_metas(&self, inputs: &[Meta]) -> Result<Vec<Meta>> {
        let lock = || self.known.lock().unwrap_or_else(|e| e.into_inner());
        if let Some(known) = lock().get(inputs) {
            return Ok(known.clone());
        }
        let outputs = self.layer.output_metas(inputs)?;
        let mut known = lock();
        if known.len() >= 16 {
            known.clear();
        }
        known.insert(inputs.to_vec(), outputs.clone());
        Ok(outputs)
    }

    /// Whether the weights exist.
    pub fn is_built(&self) -> bool {
        match self.view() {
            View::Chain(chain) => chain.is_complete(),
            _ => self.layer.is_built(),
        }
    }

    pub(crate) fn not_built(&self) -> Error {
        Error::state(
            "the model has no weights yet; add Input::new(..) first, call build(..), or give it data",
        )
        .at(self.who())
    }

    /// Creates the weights for inputs of this shape, whose first axis is the batch. Nothing happens where they exist.
    ///
    /// # Errors
    /// Where a layer refuses its input.
    pub fn build(&mut self, input: impl Into<Shape>) -> Result<()> {
        let shape = input.into();
        if let View::Chain(chain) = self.view() {
            return self.layer.within(|| chain.build_for(&shape)).at(|| self.who());
        }
        self.layer.build(&shape)?;
        let dtype = self.layer.dtype();
        self.output_metas(&[Meta { dtype, shape }]).map(|_| ())
    }

    /// The result for a batch, with numbers or symbolic, for inference.
    ///
    /// # Errors
    /// Where the batch does not fit, with the layer's name; where there are several results.
    pub fn call(&self, x: impl Into<Data>) -> Result<Tensor> {
        self.one(self.layer.call_all(self.ordered(&x.into())?)?, "output", "call_all")
    }

    /// The result for a batch, for training or inference.
    ///
    /// # Errors
    /// As [`Model::call`].
    pub fn call_in(&self, x: impl Into<Data>, cx: &CallCx) -> Result<Tensor> {
        self.one(self.call_all_in(x, cx)?, "output", "call_all_in")
    }

    /// All results for a batch, for inference.
    ///
    /// # Errors
    /// As [`Model::call`].
    pub fn call_all(&self, x: impl Into<Data>) -> Result<Vec<Tensor>> {
        self.layer.call_all(self.ordered(&x.into())?)
    }

    /// All results for a batch, for training or inference.
    ///
    /// # Errors
    /// As [`Model::call`].
    pub fn call_all_in(&self, x: impl Into<Data>, cx: &CallCx) -> Result<Vec<Tensor>> {
        self.layer.call_all_in(&self.ordered(&x.into())?, cx)
    }

    /// The tensors in the order of the model's inputs.
    pub(crate) fn ordered(&self, x: &Data) -> Result<Vec<Tensor>> {
        if x.names().is_none() {
            return Ok(x.tensors().to_vec());
        }
        let known = self.input_names();
        if known.is_empty() {
            let message = "the inputs of this model have no names; give them as a list in order, or name them in \
                 Layer::input_names";
            return Err(Error::name(message).at(self.who()));
        }
        x.all_by_name(&known, "input").at(|| self.who())
    }

    /// All weights: of each layer first those that training could change, then the others. None before they
    /// exist.
    pub fn weights(&self) -> Vec<Variable> {
        self.layer.weights()
    }

    /// The weights that training changes.
    pub fn trainable_weights(&self) -> Vec<Variable> {
        self.layer.trainable_weights()
    }

    /// The weights that training leaves alone.
    pub fn non_trainable_weights(&self) -> Vec<Variable> {
        self.layer.non_trainable_weights()
    }

    /// How many numbers the weights have together.
    pub fn count_params(&self) -> usize {
        self.layer.count_params()
    }

    /// The values of the weights, in the order of [`Model::weights`].
    ///
    /// # Errors
    /// Where the model is not built.
    pub fn get_weights(&self) -> Result<Vec<Tensor>> {
        self.built_weights("get_weights").map(|w| w.iter().map(Variable::concrete_value).collect())
    }

    /// Gives the weights new values, in the order of [`Model::weights`]; all or none.
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

    /// Freezes or thaws every layer, also those of models inside. A model that is compiled already needs to be
    /// compiled again; `fit` says so.
    pub fn set_trainable(&self, trainable: bool) {
        self.layer.set_trainable(trainable);
    }

    /// Ends training after the current batch.
    pub fn stop_training(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    /// A model whose body is a chain of no layers yet.
    pub(crate) fn of_chain(name: Option<String>) -> (Model, Chain) {
        let chain = Chain::named(name);
        (Model::from_layer(chain.clone()), chain)
    }
}

/// The model as a layer of others, sharing its layers.
impl From<&Model> for AnyLayer {
    fn from(model: &Model) -> AnyLayer {
        model.layer.clone()
    }
}

impl From<Model> for AnyLayer {
    fn from(model: Model) -> AnyLayer {
        model.layer
    }
}

impl SublayerField for Model {
    fn named(&self, field: &str) -> Vec<(String, AnyLayer)> {
        SublayerField::named(&self.layer, field)
    }
}

impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "<{}: {:?}>", self.who(), self.layers())
    }
}
