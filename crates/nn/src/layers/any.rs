//! The handle that every layer lives in.

use super::build::{BuildCx, Restore};
use super::inputs::LayerInputs;
use super::layer::{CallCx, Layer};
use super::naming::auto_name;
use crate::constraints::Constraint;
use crate::policy::{DTypePolicy, dtype_policy};
use crate::regularizers::Regularizer;
use crate::spec::Config;
use rhyton_base::{Context, DType, Dim, Error, Result, Shape};
use rhyton_ops::Meta;
use rhyton_tensor::{
    SymbolicOp, Tensor, Variable, apply_symbolic, infer_by_running, no_gradient, with_autocast,
    without_tracer,
};
use serde_json::{Value, json};
use std::any::Any;
use std::cell::RefCell;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// A layer of any class: a cheap handle with a name, weights once it is built, and an on-off switch for
/// training.
///
/// Cloning it gives another handle to the same layer, with the same weights.
#[derive(Clone)]
pub struct AnyLayer(Arc<Inner>);

struct Inner {
    name: RwLock<String>,
    class_name: &'static str,
    policy: DTypePolicy,
    frozen: AtomicBool,
    body: RwLock<Body>,
    /// Layers that it was seen to call, with the names of its fields where it says so.
    found: Mutex<Vec<(String, AnyLayer)>>,
}

struct Body {
    layer: Box<dyn Layer>,
    /// The input shapes it was built for.
    built: Option<Vec<Shape>>,
    trainable: Vec<Variable>,
    non_trainable: Vec<Variable>,
    regularized: Vec<(Variable, Arc<dyn Regularizer>)>,
    constrained: Vec<(Variable, Arc<dyn Constraint>)>,
}

thread_local! {
    /// For each layer being called on this thread, the layers that it has called so far.
    static CALLED: RefCell<Vec<Vec<AnyLayer>>> = const { RefCell::new(Vec::new()) };
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
            policy: options.dtype.unwrap_or_else(dtype_policy),
            frozen: AtomicBool::new(options.frozen),
            found: Mutex::new(layer.sublayers()),
            body: RwLock::new(Body {
                layer,
                built: None,
                trainable: Vec::new(),
                non_trainable: Vec::new(),
                regularized: Vec::new(),
                constrained: Vec::new(),
            }),
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

    /// The element type of computations and results.
    pub fn dtype(&self) -> DType {
        self.0.policy.compute_dtype()
    }

    /// The element types of weights and results.
    pub fn dtype_policy(&self) -> DTypePolicy {
        self.0.policy
    }

    /// The layers that it calls, with the names that it knows them by.
    pub fn sublayers(&self) -> Vec<(String, AnyLayer)> {
        self.0.found.lock().unwrap_or_else(|e| e.into_inner()).clone()
    }

    /// Calls `f` with the layer itself, for those who know its type.
    pub fn with_layer<R>(&self, f: impl FnOnce(&dyn Layer) -> R) -> R {
        f(&*self.read().layer)
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
        self.sublayers().iter().for_each(|(_, l)| l.set_trainable(trainable));
    }

    /// Whether the weights exist, or none are needed.
    pub fn is_built(&self) -> bool {
        let body = self.read();
        body.built.is_some() || !body.layer.needs_build()
    }

    /// The shape it was built for, for layers that have something to build.
    pub fn built_shape(&self) -> Option<Shape> {
        self.built_shapes()?.first().cloned()
    }

    /// The shapes it was built for, for layers that have something to build.
    pub fn built_shapes(&self) -> Option<Vec<Shape>> {
        let body = self.read();
        if body.layer.needs_build() { body.built.clone() } else { None }
    }

    /// For a layer that stands for a model's input: the shape it expects, batch included.
    pub fn input_shape(&self) -> Option<Shape> {
        self.read().layer.input_shape()
    }

    /// Creates the weights for inputs of this shape. Nothing happens where they exist.
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
        self.build_all_with(std::slice::from_ref(input), restore)
    }

    /// [`AnyLayer::build_with`] for any number of inputs.
    ///
    /// # Errors
    /// As [`AnyLayer::build_with`].
    pub fn build_all_with(&self, inputs: &[Shape], restore: Option<Restore>) -> Result<()> {
        let mut body = self.write();
        if body.built.is_some() {
            return Ok(());
        }
        let mut cx = BuildCx::new(self.name(), self.0.policy.variable_dtype(), !self.trainable(), restore);
        // Weights are made at once, whatever is being traced or recorded.
        no_gradient(|| without_tracer(|| body.layer.build_all(&mut cx, inputs))).at(|| self.who())?;
        body.built = Some(inputs.to_vec());
        let BuildCx { trainable, non_trainable, regularized, constrained, .. } = cx;
        (body.trainable, body.non_trainable) = (trainable, non_trainable);
        (body.regularized, body.constrained) = (regularized, constrained);
        Ok(())
    }

    /// The shape of the result for inputs of this shape.
    ///
    /// # Errors
    /// Where such inputs do not fit, with the layer's name.
    pub fn output_shape(&self, input: &Shape) -> Result<Shape> {
        self.read().layer.output_shape(input).at(|| self.who())
    }

    /// The result for a tensor (or several), with numbers or symbolic, for inference; builds the layer at the first
    /// call.
    ///
    /// # Errors
    /// Where a tensor does not fit, with the layer's name.
    pub fn call(&self, x: impl LayerInputs) -> Result<Tensor> {
        self.call_in(x, &CallCx::INFERENCE)
    }

    /// The result for a tensor (or several), for training or inference; builds the layer at the first call.
    ///
    /// Floating-point inputs are cast to the type that the layer computes in, others are left alone.
    ///
    /// # Errors
    /// Where a tensor does not fit, with the layer's name; where the layer has several results.
    pub fn call_in(&self, x: impl LayerInputs, cx: &CallCx) -> Result<Tensor> {
        let mut results = self.call_all_in(&x.into_tensors(), cx)?;
        match results.len() {
            1 => Ok(results.swap_remove(0)),
            n => Err(Error::value(format!("has {n} results; use call_all_in")).at(self.who())),
        }
    }

    /// All results for any number of tensors.
    ///
    /// # Errors
    /// Where a tensor does not fit, with the layer's name.
    pub fn call_all_in(&self, inputs: &[Tensor], cx: &CallCx) -> Result<Vec<Tensor>> {
        CALLED.with_borrow_mut(|c| {
            if let Some(callers) = c.last_mut() {
                callers.push(self.clone());
            }
        });
        if inputs.iter().any(Tensor::is_symbolic) {
            return apply_symbolic(Arc::new(LayerCall { layer: self.clone() }), inputs);
        }
        let metas: Vec<Meta> = inputs.iter().map(Tensor::meta).collect();
        self.build_for(&metas)?;
        self.run(inputs, cx).at(|| self.who())
    }

    /// Builds it for such inputs, if it is not built; another batch may be of another size.
    fn build_for(&self, inputs: &[Meta]) -> Result<()> {
        if self.read().built.is_some() {
            return Ok(());
        }
        let open = |m: &Meta| -> Shape {
            let dims = m.shape.dims().iter().enumerate();
            dims.map(|(axis, d)| if axis == 0 { Dim::Unknown } else { *d }).collect()
        };
        self.build_all_with(&inputs.iter().map(open).collect::<Vec<_>>(), None)
    }

    fn run(&self, inputs: &[Tensor], cx: &CallCx) -> Result<Vec<Tensor>> {
        let body = self.read();
        let shapes: Vec<Shape> = inputs.iter().map(|x| x.meta().shape).collect();
        body.layer.output_shapes(&shapes)?;
        let compute = self.dtype();
        let cast = |x: &Tensor| match x.dtype().is_float() && body.layer.autocast() && x.dtype() != compute {
            true => Ok(rhyton_tensor::ops::cast(x, compute)?.with_mask(x.mask().cloned())),
            false => Ok(x.clone()),
        };
        let inputs = inputs.iter().map(cast).collect::<Result<Vec<_>>>()?;
        let mixed = compute != self.0.policy.variable_dtype();
        CALLED.with_borrow_mut(|c| c.push(Vec::new()));
        let outputs = with_autocast(mixed.then_some(compute), || body.layer.call_all(&inputs, cx));
        let called = CALLED.with_borrow_mut(Vec::pop).unwrap_or_default();
        self.take_note(called);
        let outputs = outputs?;
        let masks = body.layer.compute_masks(&inputs, &outputs)?;
        Ok(outputs.iter().zip(masks).map(|(y, mask)| y.with_mask(mask)).collect())
    }

    /// Keeps the layers that it called, where it does not name them itself.
    fn take_note(&self, called: Vec<AnyLayer>) {
        let mut found = self.0.found.lock().unwrap_or_else(|e| e.into_inner());
        for layer in called {
            if !found.iter().any(|(_, l)| l.is_same(&layer)) {
                found.push((layer.name(), layer));
            }
        }
    }

    /// All layers below it and itself: itself first, then each sublayer with its own.
    pub fn flattened(&self) -> Vec<AnyLayer> {
        let mut all = vec![self.clone()];
        for (_, layer) in self.sublayers() {
            for l in layer.flattened() {
                if !all.iter().any(|known| known.is_same(&l)) {
                    all.push(l);
                }
            }
        }
        all
    }

    /// What its regularizers, and those of the layers below it, add to the loss.
    ///
    /// # Errors
    /// Where a regularizer refuses a weight.
    pub fn regularization(&self) -> Result<Vec<Tensor>> {
        let mut terms = Vec::new();
        for layer in self.flattened() {
            let body = layer.read();
            for (weight, regularizer) in &body.regularized {
                terms.push(regularizer.call(&weight.stored_value()).at(|| layer.who())?);
            }
        }
        Ok(terms)
    }

    /// The constraints of its weights and of those of the layers below it, to be applied after each update.
    pub fn constraints(&self) -> Vec<(Variable, Arc<dyn Constraint>)> {
        self.flattened().iter().flat_map(|l| l.read().constrained.clone()).collect()
    }

    /// The weights: first those that training could change, then the others, each in the order they were made; then
    /// those of the layers below it.
    pub fn weights(&self) -> Vec<Variable> {
        self.collect(|body, _| body.trainable.iter().chain(&body.non_trainable).cloned().collect())
    }

    /// The weights that training changes; none of a frozen layer.
    pub fn trainable_weights(&self) -> Vec<Variable> {
        self.collect(|body, trainable| if trainable { body.trainable.clone() } else { Vec::new() })
    }

    /// The weights that training leaves alone; all of a frozen layer.
    pub fn non_trainable_weights(&self) -> Vec<Variable> {
        self.collect(|body, trainable| match trainable {
            true => body.non_trainable.clone(),
            false => body.trainable.iter().chain(&body.non_trainable).cloned().collect(),
        })
    }

    fn collect(&self, of: impl Fn(&Body, bool) -> Vec<Variable>) -> Vec<Variable> {
        let mut all: Vec<Variable> = Vec::new();
        for layer in self.flattened() {
            for w in of(&layer.read(), layer.trainable()) {
                if !all.iter().any(|known| known.id() == w.id()) {
                    all.push(w);
                }
            }
        }
        all
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
            json!({"module": "keras", "class_name": "DTypePolicy", "config": {"name": self.0.policy.name()},
                "registered_name": null}),
        );
        self.read().layer.full_config(common)
    }

    /// Whether both are handles to one layer.
    pub fn is_same(&self, other: &AnyLayer) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// One use of a layer in a model that is being written.
pub struct LayerCall {
    /// The layer.
    pub layer: AnyLayer,
}

impl SymbolicOp for LayerCall {
    fn name(&self) -> String {
        self.layer.who()
    }

    fn call(&self, inputs: &[Tensor]) -> Result<Vec<Tensor>> {
        self.layer.call_all_in(inputs, &CallCx::INFERENCE)
    }

    fn infer(&self, inputs: &[Meta]) -> Result<Vec<Meta>> {
        self.layer.build_for(inputs)?;
        // The layer's own rule knows the shapes as the user wrote them.
        let shapes: Vec<Shape> = inputs.iter().map(|m| m.shape.clone()).collect();
        self.layer.read().layer.output_shapes(&shapes)?;
        infer_by_running(inputs, |x| self.layer.run(x, &CallCx::INFERENCE))
    }

    fn as_any(&self) -> &dyn Any {
        self
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
        let shapes = |s: &Vec<Shape>| s.iter().map(Shape::to_string).collect::<Vec<_>>().join(", ");
        match self.read().built.as_ref().map(shapes) {
            Some(shape) => write!(f, "<{}, built for {shape}>", self.who()),
            None => write!(f, "<{}>", self.who()),
        }
    }
}
