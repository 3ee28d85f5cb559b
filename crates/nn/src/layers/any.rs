//! The handle that every layer lives in.

use super::build::{BuildCx, Restore};
use super::layer::{CallCx, Layer};
use super::naming::auto_name;
use crate::config::floatx;
use crate::spec::Config;
use rhyton_base::{Context, DType, Error, Result, Shape};
use rhyton_tensor::{Tensor, Variable};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// A layer of any class: a cheap handle with a name, weights once it is built, and an on-off switch for
/// training.
///
/// Cloning it gives another handle to the same layer, with the same weights.
#[derive(Clone)]
pub struct AnyLayer(Arc<Inner>);

struct Inner {
    name: RwLock<String>,
    class_name: &'static str,
    dtype: DType,
    frozen: AtomicBool,
    body: RwLock<Body>,
}

struct Body {
    layer: Box<dyn Layer>,
    /// The input shape it was built for.
    built: Option<Shape>,
    trainable: Vec<Variable>,
    non_trainable: Vec<Variable>,
}

impl<L: Layer> From<L> for AnyLayer {
    fn from(layer: L) -> AnyLayer {
        AnyLayer::new(Box::new(layer))
    }
}

impl From<&AnyLayer> for AnyLayer {
    fn from(layer: &AnyLayer) -> AnyLayer {
        layer.clone()
    }
}

impl AnyLayer {
    /// A handle to a layer. Without a name of its own it gets the next automatic one.
    pub fn new(layer: Box<dyn Layer>) -> AnyLayer {
        let options = layer.options();
        let class_name = layer.class_name();
        AnyLayer(Arc::new(Inner {
            name: RwLock::new(options.name.unwrap_or_else(|| auto_name(class_name))),
            class_name,
            dtype: options.dtype.unwrap_or_else(floatx),
            frozen: AtomicBool::new(options.frozen),
            body: RwLock::new(Body { layer, built: None, trainable: Vec::new(), non_trainable: Vec::new() }),
        }))
    }

    /// The same layer under another name; its weights follow.
    #[must_use]
    pub fn named(self, name: impl Into<String>) -> AnyLayer {
        let name = name.into();
        let old =
            std::mem::replace(&mut *self.0.name.write().unwrap_or_else(|e| e.into_inner()), name.clone());
        for w in self.weights() {
            if let Some(rest) = w.name().strip_prefix(&format!("{old}/")) {
                w.set_name(format!("{name}/{rest}"));
            }
        }
        self
    }

    fn read(&self) -> RwLockReadGuard<'_, Body> {
        self.0.body.read().unwrap_or_else(|e| e.into_inner())
    }

    fn write(&self) -> RwLockWriteGuard<'_, Body> {
        self.0.body.write().unwrap_or_else(|e| e.into_inner())
    }

    /// Class and name, as errors say it: `Dense "head"`.
    pub fn who(&self) -> String {
        format!("{} {:?}", self.0.class_name, self.name())
    }

    /// The name: `"dense_1"`.
    pub fn name(&self) -> String {
        self.0.name.read().unwrap_or_else(|e| e.into_inner()).clone()
    }

    /// The class: `"Dense"`.
    pub fn class_name(&self) -> &'static str {
        self.0.class_name
    }

    /// The element type of weights and results.
    pub fn dtype(&self) -> DType {
        self.0.dtype
    }

    /// Whether training changes its weights.
    pub fn trainable(&self) -> bool {
        !self.0.frozen.load(Ordering::Relaxed)
    }

    /// Says whether training changes its weights. A model that is compiled already needs to be compiled
    /// again.
    pub fn set_trainable(&self, trainable: bool) {
        self.0.frozen.store(!trainable, Ordering::Relaxed);
        for w in &self.read().trainable {
            w.set_trainable(trainable);
        }
    }

    /// Whether the weights exist, or none are needed.
    pub fn is_built(&self) -> bool {
        let body = self.read();
        body.built.is_some() || !body.layer.needs_build()
    }

    /// The shape it was built for, for layers that have something to build.
    pub fn built_shape(&self) -> Option<Shape> {
        let body = self.read();
        if body.layer.needs_build() { body.built.clone() } else { None }
    }

    /// For a layer that stands for a model's input: the shape it expects, batch included.
    pub fn input_shape(&self) -> Option<Shape> {
        self.read().layer.input_shape()
    }

    /// Creates the weights for inputs of this shape. Nothing happens where they exist already.
    ///
    /// # Errors
    /// Where the layer refuses such inputs, with the layer's name.
    pub fn build(&self, input: &Shape) -> Result<()> {
        self.build_with(input, None)
    }

    /// [`AnyLayer::build`] for a layer whose weights come from a file.
    ///
    /// # Errors
    /// Also where the file holds no array of a weight's shape.
    pub fn build_with(&self, input: &Shape, restore: Option<Restore>) -> Result<()> {
        let mut body = self.write();
        if body.built.is_some() {
            return Ok(());
        }
        let mut cx = BuildCx::new(self.name(), self.dtype(), !self.trainable(), restore);
        body.layer.build(&mut cx, input).at(|| self.who())?;
        body.built = Some(input.clone());
        body.trainable = cx.trainable;
        body.non_trainable = cx.non_trainable;
        Ok(())
    }

    /// The shape of the result for inputs of this shape.
    ///
    /// # Errors
    /// Where such inputs do not fit, with the layer's name.
    pub fn output_shape(&self, input: &Shape) -> Result<Shape> {
        self.read().layer.output_shape(input).at(|| self.who())
    }

    /// The result for a tensor, for inference; builds the layer at the first call.
    ///
    /// # Errors
    /// Where the tensor does not fit, with the layer's name.
    pub fn call(&self, x: &Tensor) -> Result<Tensor> {
        self.call_in(x, &CallCx::INFERENCE)
    }

    /// The result for a tensor, for training or inference; builds the layer at the first call.
    ///
    /// Floating-point inputs are cast to the layer's element type, others are left alone.
    ///
    /// # Errors
    /// Where the tensor does not fit, with the layer's name.
    pub fn call_in(&self, x: &Tensor, cx: &CallCx) -> Result<Tensor> {
        let shape = Shape::from(x.shape());
        if self.read().built.is_none() {
            // Another batch may be of another size.
            let known = shape.dims().iter().enumerate();
            self.build(
                &known.map(|(axis, d)| if axis == 0 { rhyton_base::Dim::Unknown } else { *d }).collect(),
            )?;
        }
        let body = self.read();
        let run = || {
            body.layer.output_shape(&shape)?;
            let x = if x.dtype().is_float() { rhyton_tensor::ops::cast(x, self.dtype())? } else { x.clone() };
            body.layer.call(&x, cx)
        };
        run().at(|| self.who())
    }

    /// The weights: first those that training could change, then the others, each in the order they were
    /// made.
    pub fn weights(&self) -> Vec<Variable> {
        let body = self.read();
        body.trainable.iter().chain(&body.non_trainable).cloned().collect()
    }

    /// The weights that training changes; none of a frozen layer.
    pub fn trainable_weights(&self) -> Vec<Variable> {
        if self.trainable() { self.read().trainable.clone() } else { Vec::new() }
    }

    /// The weights that training leaves alone; all of a frozen layer.
    pub fn non_trainable_weights(&self) -> Vec<Variable> {
        if self.trainable() { self.read().non_trainable.clone() } else { self.weights() }
    }

    /// How many numbers the weights have together.
    pub fn count_params(&self) -> usize {
        self.weights().iter().map(Variable::len).sum()
    }

    /// The values of the weights, in the order of [`AnyLayer::weights`].
    pub fn get_weights(&self) -> Vec<Tensor> {
        self.weights().iter().map(Variable::concrete_value).collect()
    }

    /// Gives the weights new values, in the order of [`AnyLayer::weights`]; all or none.
    ///
    /// # Errors
    /// Where their number or a shape differs.
    pub fn set_weights(&self, values: &[Tensor]) -> Result<()> {
        assign_all(&self.weights(), values).at(|| format!("{}: set_weights", self.who()))
    }

    /// The configuration as files have it: `name`, `trainable`, `dtype` and the layer's own arguments.
    pub fn config(&self) -> Config {
        let mut common = Config::new();
        common.insert("name".into(), Value::from(self.name()));
        common.insert("trainable".into(), Value::from(self.trainable()));
        common.insert(
            "dtype".into(),
            json!({"module": "keras", "class_name": "DTypePolicy", "config": {"name": self.dtype().name()},
                "registered_name": null}),
        );
        self.read().layer.full_config(common)
    }

    /// Whether both are handles to one layer.
    pub fn is_same(&self, other: &AnyLayer) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// Gives variables new values after all of them have been checked: all or none.
///
/// # Errors
/// Where the number of values or a shape differs; the message names the variable.
pub fn assign_all(variables: &[Variable], values: &[Tensor]) -> Result<()> {
    if variables.len() != values.len() {
        let names: Vec<String> = variables.iter().map(Variable::name).collect();
        return Err(Error::value(format!(
            "expected {} tensors, got {}; the weights are {}",
            variables.len(),
            values.len(),
            names.join(", ")
        )));
    }
    for (v, x) in variables.iter().zip(values) {
        if v.shape() != x.shape() {
            let (expected, got) = (Shape::from(v.shape()), Shape::from(x.shape()));
            return Err(Error::shape(format!("weight {:?}: expected shape {expected}, got {got}", v.name())));
        }
    }
    variables.iter().zip(values).try_for_each(|(v, x)| v.assign(x))
}

impl std::fmt::Debug for AnyLayer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.read().built.as_ref().map(|s| s.to_string()) {
            Some(shape) => write!(f, "<{}, built for {shape}>", self.who()),
            None => write!(f, "<{}>", self.who()),
        }
    }
}
