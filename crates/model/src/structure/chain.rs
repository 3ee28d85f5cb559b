//! Layers one after the other: the body of a `Sequential`.

use super::View;
use super::rank::{adjust_rank, prepared};
use rhyton_base::{Dim, Error, Result, Shape};
use rhyton_nn::Config;
use rhyton_nn::layers::{AnyLayer, BuildCx, CallCx, Input, Layer, LayerOptions, only};
use rhyton_ops::Meta;
use rhyton_tensor::{Tensor, infer_by_running};
use serde_json::{Value, json};
use std::any::Any;
use std::sync::{Arc, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// A handle to a chain: the `Sequential` that changes it and the layer that runs it share one.
#[derive(Clone, Default)]
pub(crate) struct Chain {
    state: Arc<RwLock<State>>,
    name: Option<String>,
}

#[derive(Default)]
struct State {
    layers: Vec<AnyLayer>,
    /// The input layer; given, or made for the first data.
    input: Option<AnyLayer>,
    /// The input as a symbolic tensor, then what each layer makes of it.
    tensors: Vec<Tensor>,
    /// What was wrong with an added layer.
    problem: Option<Error>,
}

impl Chain {
    pub fn named(name: Option<String>) -> Chain {
        Chain { name, ..Chain::default() }
    }

    fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(|e| e.into_inner())
    }

    fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(|e| e.into_inner())
    }

    /// The layers in order, without the input.
    pub fn layers(&self) -> Vec<AnyLayer> {
        self.read().layers.clone()
    }

    /// The input layer, once there is one.
    pub fn input_layer(&self) -> Option<AnyLayer> {
        self.read().input.clone()
    }

    /// The input and the output as symbolic tensors, once the input's shape is known.
    pub fn ends(&self) -> Option<(Tensor, Tensor)> {
        let state = self.read();
        let complete = state.tensors.len() == state.layers.len() + 1;
        complete.then(|| (state.tensors[0].clone(), state.tensors[state.layers.len()].clone()))
    }

    /// What was wrong with an added layer, if anything was.
    pub fn sound(&self) -> Result<()> {
        self.read().problem.clone().map_or(Ok(()), Err)
    }

    /// Whether the weights exist.
    pub fn is_complete(&self) -> bool {
        let state = self.read();
        state.input.is_some() && state.problem.is_none() && state.layers.iter().all(AnyLayer::is_built)
    }

    /// Puts a layer at the end.
    pub fn add(&self, layer: AnyLayer) {
        let mut state = self.write();
        if let Err(e) = state.add(layer) {
            state.problem.get_or_insert(e);
        }
    }

    /// Takes the last layer away.
    pub fn pop(&self) -> Option<AnyLayer> {
        let mut state = self.write();
        let layer = state.layers.pop()?;
        let places = state.layers.len() + 1;
        state.tensors.truncate(places);
        Some(layer)
    }

    /// Creates the weights for inputs of this shape. Nothing happens where they exist.
    pub fn build_for(&self, input: &Shape) -> Result<()> {
        self.sound()?;
        if self.read().input.is_some() {
            return Ok(());
        }
        let layers = self.layers();
        if layers.is_empty() {
            return Err(Error::state("the model has no layers; add some first"));
        }
        if input.rank() == 0 {
            return Err(Error::shape("expected an input with a batch axis, got a scalar (shape ())"));
        }
        // Another batch may be of another size.
        let shape = input.without_batch().with_axis(0, Dim::Unknown);
        let layer = AnyLayer::from(Input::with_batch_shape(shape));
        let mut tensors = vec![symbolic(&layer)];
        for layer in &layers {
            let x = layer.call(&tensors[tensors.len() - 1])?;
            tensors.push(x);
        }
        let mut state = self.write();
        state.input = Some(layer);
        state.tensors = tensors;
        Ok(())
    }

    fn forward(&self, x: &Tensor, cx: &CallCx) -> Result<Tensor> {
        let layers = self.layers();
        let input = self.input_layer().ok_or_else(|| Error::state("called before it was built"))?;
        let x = prepared(x, input.dtype(), &input.input_shape().unwrap_or_default())?;
        layers.iter().try_fold(x, |x, layer| layer.call_in(&x, cx))
    }
}

/// The tensor of an input layer.
fn symbolic(input: &AnyLayer) -> Tensor {
    let shape = input.input_shape().unwrap_or_default();
    let tensor = Tensor::symbolic_input(Meta { dtype: input.dtype(), shape }, input.name());
    input.stand_for(tensor.clone());
    tensor
}

impl State {
    fn add(&mut self, layer: AnyLayer) -> Result<()> {
        if layer.input_shape().is_some() {
            if !self.layers.is_empty() || self.input.is_some() {
                return Err(Error::state(format!(
                    "{} comes after other layers; an input is given once and first",
                    layer.who()
                )));
            }
            self.tensors = vec![symbolic(&layer)];
            self.input = Some(layer);
            return Ok(());
        }
        let name = layer.name();
        let taken = self.layers.iter().chain(&self.input).any(|l| l.name() == name);
        if taken {
            let message = format!(
                "two layers are called {name:?}; layers of a model have names of their own, give this {} another with \
                 .name(..)",
                layer.class_name()
            );
            self.layers.push(layer);
            return Err(Error::name(message));
        }
        // A model that knows its input says which the whole takes.
        if self.layers.is_empty()
            && self.input.is_none()
            && let Some(meta) = input_of(&layer)
        {
            let input = AnyLayer::from(Input::with_batch_shape(meta.shape).dtype(meta.dtype));
            self.tensors = vec![symbolic(&input)];
            self.input = Some(input);
        }
        self.layers.push(layer.clone());
        let Some(last) = self.tensors.last().filter(|_| self.tensors.len() == self.layers.len()) else {
            return Ok(());
        };
        let x = layer.call(last)?;
        self.tensors.push(x);
        Ok(())
    }
}

/// The input of a layer that is a model with one.
fn input_of(layer: &AnyLayer) -> Option<Meta> {
    match View::of(layer) {
        View::Chain(chain) => chain.ends().map(|(input, _)| input.meta()),
        View::Graph(graph) => only(graph.inputs()).ok().map(Tensor::meta),
        View::Other => None,
    }
}

impl Layer for Chain {
    fn class_name(&self) -> &'static str {
        "Sequential"
    }

    fn options(&self) -> LayerOptions {
        LayerOptions { name: self.name.clone(), ..LayerOptions::default() }
    }

    fn full_config(&self, common: Config) -> Config {
        crate::saving::chain_config(self, common)
    }

    fn build_config(&self) -> Option<Value> {
        let input = self.input_layer()?.input_shape()?;
        Some(json!({"input_shape": crate::saving::sizes(&input)}))
    }

    fn build_all(&mut self, _cx: &mut BuildCx, inputs: &[Shape]) -> Result<()> {
        self.build_for(only(inputs)?)
    }

    fn call_all(&self, inputs: &[Tensor], cx: &CallCx) -> Result<Vec<Tensor>> {
        Ok(vec![self.forward(only(inputs)?, cx)?])
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        self.check(input)?;
        match self.ends() {
            Some((x, y)) if x.meta().shape == *input => Ok(y.meta().shape),
            Some((x, _)) => {
                let meta = Meta { dtype: x.dtype(), shape: input.clone() };
                let run = |x: &[Tensor]| self.call_all(x, &CallCx::INFERENCE);
                Ok(infer_by_running(&[meta], run)?.swap_remove(0).shape)
            }
            None => Err(Error::state("called before it was built")),
        }
    }

    fn output_shapes(&self, inputs: &[Shape]) -> Result<Option<Vec<Shape>>> {
        self.check(only(inputs)?).map(|()| None)
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
        !self.is_complete()
    }

    fn as_any(&self) -> Option<&dyn Any> {
        Some(self)
    }
}

impl Chain {
    /// What is wrong with an input of this shape.
    fn check(&self, input: &Shape) -> Result<()> {
        self.sound()?;
        let Some(expected) = self.input_layer().and_then(|l| l.input_shape()) else { return Ok(()) };
        let Err(e) = adjust_rank(&expected, input) else { return Ok(()) };
        // A layer knows better than the model what to do about it.
        let layers = self.layers();
        let told = layers.iter().try_fold(input.clone(), |shape, l| l.output_shape(&shape));
        told.and(Err(e))
    }
}
