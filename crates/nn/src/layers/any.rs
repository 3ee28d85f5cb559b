//! The handle that every layer lives in.

use super::build::BuildCx;
use super::inputs::LayerInputs;
use super::layer::{CallCx, Layer, LossSink};
use super::naming::auto_name;
use super::reader::regularizer_json;
use super::registry::{from_config, is_built_in};
use crate::constraints::Constraint;
use crate::policy::{DTypePolicy, dtype_policy};
use crate::regularizers::Regularizer;
use crate::spec::{Config, Spec};
use rhyton_base::{Context, DType, Dim, Error, Result, Shape};
use rhyton_ops::Meta;
use rhyton_tensor::{
    Attr, SymbolicCall, SymbolicOp, Tensor, Variable, apply_symbolic, infer_by_running, no_gradient,
    with_autocast, without_tracer,
};
use serde_json::{Value, json};
use std::any::Any;
use std::cell::RefCell;
use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, RwLock, RwLockReadGuard, RwLockWriteGuard, Weak};

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
    activity_regularizer: Option<Spec<dyn Regularizer>>,
    body: RwLock<Body>,
    /// Layers that it was seen to call.
    found: Mutex<Vec<(String, AnyLayer)>>,
    /// Its uses on symbolic tensors, as long as somebody holds their results.
    nodes: Mutex<Vec<Weak<SymbolicCall>>>,
    /// For a layer that stands for a model's input: its symbolic tensor.
    tensor: OnceLock<Tensor>,
}

struct Body {
    layer: Box<dyn Layer>,
    /// The input shapes it was built for.
    built: Option<Vec<Shape>>,
    trainable: Vec<Variable>,
    non_trainable: Vec<Variable>,
    regularized: Vec<(Variable, Arc<dyn Regularizer>)>,
    constrained: Vec<(Variable, Arc<dyn Constraint>)>,
    activity: Option<Arc<dyn Regularizer>>,
}

/// A layer that is being called.
struct Frame {
    name: String,
    training: bool,
    collects_losses: bool,
    /// The layers that it has called so far.
    called: Vec<AnyLayer>,
    /// What they added to the loss where it did not pass its `CallCx` on.
    losses: Vec<Tensor>,
}

thread_local! {
    /// The layers being called on this thread, the outermost first.
    static FRAMES: RefCell<Vec<Frame>> = const { RefCell::new(Vec::new()) };
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
            activity_regularizer: options.activity_regularizer,
            found: Mutex::default(),
            nodes: Mutex::default(),
            tensor: OnceLock::new(),
            body: RwLock::new(Body {
                layer,
                built: None,
                trainable: Vec::new(),
                non_trainable: Vec::new(),
                regularized: Vec::new(),
                constrained: Vec::new(),
                activity: None,
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
            let path = w.name();
            if let Some(rest) = path.strip_prefix(&format!("{old}/")) {
                w.set_name(format!("{name}/{rest}"));
            } else if let Some((around, rest)) = path.split_once(&format!("/{old}/")) {
                w.set_name(format!("{around}/{name}/{rest}"));
            }
        }
        self
    }

    /// The same layer with another policy of types; a layer that has other handles keeps its own.
    pub(super) fn with_policy(mut self, policy: DTypePolicy) -> AnyLayer {
        if let Some(inner) = Arc::get_mut(&mut self.0) {
            inner.policy = policy;
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

    /// The layers that it calls, with the names that it knows them by: those that it names itself, then others
    /// that it was seen to call.
    pub fn sublayers(&self) -> Vec<(String, AnyLayer)> {
        let mut all = self.read().layer.sublayers();
        let mut known: HashSet<usize> = all.iter().map(|(_, l)| l.id()).collect();
        known.insert(self.id());
        let found = self.0.found.lock().unwrap_or_else(|e| e.into_inner());
        all.extend(found.iter().filter(|(_, l)| known.insert(l.id())).cloned());
        all
    }

    /// A number that no other layer has while this one exists.
    pub fn id(&self) -> usize {
        Arc::as_ptr(&self.0).addr()
    }

    /// Its uses on symbolic tensors, in order; `None` for one whose results nobody holds any more.
    pub fn nodes(&self) -> Vec<Option<Arc<SymbolicCall>>> {
        self.0.nodes.lock().unwrap_or_else(|e| e.into_inner()).iter().map(Weak::upgrade).collect()
    }

    /// Has a layer that stands for a model's input give this symbolic tensor from now on, unless it has one.
    pub fn stand_for(&self, tensor: Tensor) {
        self.0.tensor.get_or_init(|| tensor);
    }

    /// A use that still exists: the first, or one of all by its number.
    fn node(&self, number: Option<usize>) -> Result<Arc<SymbolicCall>> {
        let nodes = self.nodes();
        let alive = nodes.iter().flatten().next().cloned().ok_or_else(|| {
            Error::state(
                "it is not part of a model of symbolic tensors; call it on one, or add it to a Sequential that \
                 begins with an Input",
            )
            .at(self.who())
        })?;
        let Some(number) = number else { return Ok(alive) };
        nodes.get(number).cloned().flatten().ok_or_else(|| {
            let known: Vec<String> =
                (0..nodes.len()).filter(|&i| nodes[i].is_some()).map(|i| i.to_string()).collect();
            Error::value(format!(
                "there is no use {number} of it on symbolic tensors; those that exist are {}",
                known.join(", ")
            ))
            .at(self.who())
        })
    }

    /// The symbolic tensors that it was first called on, in a model that still exists.
    ///
    /// # Errors
    /// Where it was never called on a symbolic tensor.
    pub fn inputs(&self) -> Result<Vec<Tensor>> {
        match self.0.tensor.get() {
            Some(tensor) => Ok(vec![tensor.clone()]),
            None => Ok(self.node(None)?.inputs.clone()),
        }
    }

    /// The symbolic tensors that its first call gave, in a model that still exists.
    ///
    /// # Errors
    /// Where it was never called on a symbolic tensor.
    pub fn outputs(&self) -> Result<Vec<Tensor>> {
        match self.0.tensor.get() {
            Some(tensor) => Ok(vec![tensor.clone()]),
            None => Ok(results_of(&self.node(None)?)),
        }
    }

    /// The symbolic tensors that it was called on for the `number`th time, counted from 0: of a shared layer, one of its
    /// places.
    ///
    /// ```
    /// use rhyton_nn::layers::{AnyLayer, Dense, input};
    /// let (left, right) = (input([3]), input([3]));
    /// let shared = AnyLayer::from(Dense::new(4));
    /// let y = [shared.call(&left)?, shared.call(&right)?];
    /// assert_eq!(shared.inputs_at(1)?[0].id(), right.id());
    /// assert!(shared.outputs_at(2).unwrap_err().to_string().contains("those that exist are 0, 1"));
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    ///
    /// # Errors
    /// Where it was not called so often, or nobody holds the results of that call any more.
    pub fn inputs_at(&self, number: usize) -> Result<Vec<Tensor>> {
        Ok(self.node(Some(number))?.inputs.clone())
    }

    /// The symbolic tensors that its `number`th call gave, counted from 0.
    ///
    /// # Errors
    /// As [`AnyLayer::inputs_at`].
    pub fn outputs_at(&self, number: usize) -> Result<Vec<Tensor>> {
        Ok(results_of(&self.node(Some(number))?))
    }

    /// The symbolic tensor that it was first called on: where a model can begin that is a part of another.
    ///
    /// ```
    /// use rhyton_nn::layers::{AnyLayer, Dense, input};
    /// let hidden = AnyLayer::from(Dense::new(4));
    /// let y = hidden.call(&input([3]))?;
    /// assert_eq!(hidden.input()?.meta().shape.to_string(), "(None, 3)");
    /// assert_eq!(hidden.output()?.meta(), y.meta());
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    ///
    /// # Errors
    /// Where it was never called on a symbolic tensor, or on several at once.
    pub fn input(&self) -> Result<Tensor> {
        let mut inputs = self.inputs()?;
        match inputs.len() {
            1 => Ok(inputs.swap_remove(0)),
            n => Err(Error::value(format!("has {n} inputs; use inputs()")).at(self.who())),
        }
    }

    /// The symbolic tensor that its first call gave.
    ///
    /// # Errors
    /// Where it was never called on a symbolic tensor, or has several results.
    pub fn output(&self) -> Result<Tensor> {
        let mut outputs = self.outputs()?;
        match outputs.len() {
            1 => Ok(outputs.swap_remove(0)),
            n => Err(Error::value(format!("has {n} results; use outputs()")).at(self.who())),
        }
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
        for layer in self.flattened() {
            layer.0.frozen.store(!trainable, Ordering::Relaxed);
            layer.read().trainable.iter().for_each(|w| w.set_trainable(trainable));
        }
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
        self.build_all(std::slice::from_ref(input))
    }

    /// [`AnyLayer::build`] for any number of inputs.
    ///
    /// # Errors
    /// As [`AnyLayer::build`].
    pub fn build_all(&self, inputs: &[Shape]) -> Result<()> {
        let mut body = self.write();
        if body.built.is_some() {
            return Ok(());
        }
        let around = FRAMES.with_borrow(|f| f.iter().map(|f| format!("{}/", f.name)).collect::<String>());
        let path = around + &self.name();
        let mut cx = BuildCx::new(path, self.0.policy, !self.trainable());
        // Weights are made at once, whatever is being traced or recorded.
        no_gradient(|| without_tracer(|| body.layer.build_all(&mut cx, inputs))).at(|| self.who())?;
        let activity = self.0.activity_regularizer.as_ref().map(Spec::resolve).transpose();
        body.activity = activity.at(|| self.who())?;
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
        let ruled = self.read().layer.output_shape(input).at(|| self.who())?;
        // A layer of one's own may leave the question to a run.
        if is_built_in(self.class_name()) || ruled != *input || self.read().built.is_none() {
            return Ok(ruled);
        }
        let meta = Meta { dtype: self.dtype(), shape: input.clone() };
        let run = self.infer(&[meta]).ok().filter(|results| results.len() == 1);
        Ok(run.map_or(ruled, |mut results| results.swap_remove(0).shape))
    }

    /// The result for a tensor (or several), with numbers or symbolic; builds the layer at the first call.
    ///
    /// Inside of another layer's `call` it is training if that layer is; elsewhere it is inference. On symbolic tensors
    /// the model that is made of them says whether it is training.
    ///
    /// # Errors
    /// Where a tensor does not fit, with the layer's name; where the layer has several results.
    pub fn call(&self, x: impl LayerInputs) -> Result<Tensor> {
        self.one(self.call_all(x)?)
    }

    /// All results for any number of tensors; as [`AnyLayer::call`].
    ///
    /// # Errors
    /// Where a tensor does not fit, with the layer's name.
    pub fn call_all(&self, x: impl LayerInputs) -> Result<Vec<Tensor>> {
        let inputs = x.into_tensors();
        let around = FRAMES.with_borrow(|f| f.last().map(|f| (f.training, f.collects_losses)));
        let Some((training, collects)) = around else { return self.apply(&inputs, &CallCx::INFERENCE, None) };
        let sink = LossSink::default();
        let mut cx = if training { CallCx::TRAINING } else { CallCx::INFERENCE };
        if collects {
            cx = cx.collecting(&sink);
        }
        let results = self.apply(&inputs, &cx, None);
        FRAMES.with_borrow_mut(|f| f.last_mut().map(|f| f.losses.extend(sink.take())));
        results
    }

    fn one(&self, mut results: Vec<Tensor>) -> Result<Tensor> {
        match results.len() {
            1 => Ok(results.swap_remove(0)),
            n => Err(Error::value(format!("has {n} results; use call_all")).at(self.who())),
        }
    }

    /// The result for a tensor (or several), for training or inference; builds the layer at the first call.
    ///
    /// Floating-point inputs are cast to the type that the layer computes in, others are left alone. On symbolic
    /// tensors the choice stays: `base.call_in(&x, &CallCx::INFERENCE)` is inference in a model that is training too.
    ///
    /// # Errors
    /// Where a tensor does not fit, with the layer's name; where the layer has several results.
    pub fn call_in(&self, x: impl LayerInputs, cx: &CallCx) -> Result<Tensor> {
        self.one(self.call_all_in(&x.into_tensors(), cx)?)
    }

    /// All results for any number of tensors.
    ///
    /// # Errors
    /// Where a tensor does not fit, with the layer's name.
    pub fn call_all_in(&self, inputs: &[Tensor], cx: &CallCx) -> Result<Vec<Tensor>> {
        self.apply(inputs, cx, Some(cx.training))
    }

    fn apply(&self, inputs: &[Tensor], cx: &CallCx, training: Option<bool>) -> Result<Vec<Tensor>> {
        FRAMES.with_borrow_mut(|f| f.last_mut().map(|f| f.called.push(self.clone())));
        if inputs.iter().any(Tensor::is_symbolic) {
            return LayerCall { training, ..LayerCall::new(self) }.apply(inputs);
        }
        let metas: Vec<Meta> = inputs.iter().map(Tensor::meta).collect();
        self.build_for(&metas)?;
        self.run(inputs, cx).at(|| self.who())
    }

    /// Types and shapes of the results for inputs of these types and shapes; builds the layer for them.
    ///
    /// # Errors
    /// Where such inputs do not fit, with the layer's name.
    pub fn output_metas(&self, inputs: &[Meta]) -> Result<Vec<Meta>> {
        self.build_for(inputs)?;
        self.infer(inputs).at(|| self.who())
    }

    fn infer(&self, inputs: &[Meta]) -> Result<Vec<Meta>> {
        // The layer's own rule knows the shapes as the user wrote them.
        let shapes: Vec<Shape> = inputs.iter().map(|m| m.shape.clone()).collect();
        self.read().layer.output_shapes(&shapes)?;
        if let Some(known) = self.read().layer.infer(inputs, self.dtype())? {
            return Ok(known);
        }
        infer_by_running(inputs, |x| self.run(x, &CallCx::INFERENCE))
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
        self.build_all(&inputs.iter().map(open).collect::<Vec<_>>())
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
        let cx = &cx.of_layer(!self.trainable());
        let frame = Frame {
            name: self.name(),
            training: cx.training,
            collects_losses: cx.collects_losses(),
            called: Vec::new(),
            losses: Vec::new(),
        };
        FRAMES.with_borrow_mut(|f| f.push(frame));
        let outputs = with_autocast(mixed.then_some(compute), || body.layer.call_all(&inputs, cx));
        if let Some(frame) = FRAMES.with_borrow_mut(Vec::pop) {
            self.take_note(frame.called);
            frame.losses.into_iter().for_each(|loss| cx.add_loss(loss));
        }
        let outputs = outputs?;
        if let (Some(regularizer), true) = (&body.activity, cx.collects_losses()) {
            outputs.iter().try_for_each(|y| per_sample(regularizer.call(y)?, y).map(|l| cx.add_loss(l)))?;
        }
        let masks = body.layer.compute_masks(&inputs, &outputs)?;
        Ok(outputs.iter().zip(masks).map(|(y, mask)| y.with_mask(mask)).collect())
    }

    /// Keeps the layers that it called.
    fn take_note(&self, called: Vec<AnyLayer>) {
        let mut found = self.0.found.lock().unwrap_or_else(|e| e.into_inner());
        let mut known: HashSet<usize> = found.iter().map(|(_, l)| l.id()).collect();
        let new = called.into_iter().filter(|l| known.insert(l.id()));
        found.extend(new.map(|l| (l.name(), l)));
    }

    /// All layers below it and itself: itself first, then each sublayer with its own.
    pub fn flattened(&self) -> Vec<AnyLayer> {
        let (mut all, mut known) = (Vec::new(), HashSet::new());
        self.flatten_into(&mut all, &mut known);
        all
    }

    fn flatten_into(&self, all: &mut Vec<AnyLayer>, known: &mut HashSet<usize>) {
        if known.insert(self.id()) {
            all.push(self.clone());
            self.sublayers().iter().for_each(|(_, l)| l.flatten_into(all, known));
        }
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

    /// The weights of the layer itself, without those of the layers below it: first those that training could change.
    pub fn own_weights(&self) -> Vec<Variable> {
        let body = self.read();
        body.trainable.iter().chain(&body.non_trainable).cloned().collect()
    }

    /// The weights that training changes; none of a frozen layer, and none that a layer shares with a frozen one.
    pub fn trainable_weights(&self) -> Vec<Variable> {
        self.collect(|body, trainable| {
            body.trainable.iter().filter(|w| trainable && w.trainable()).cloned().collect()
        })
    }

    /// The weights that training leaves alone; all of a frozen layer.
    pub fn non_trainable_weights(&self) -> Vec<Variable> {
        self.collect(|body, trainable| {
            let frozen = body.trainable.iter().filter(|w| !(trainable && w.trainable()));
            frozen.chain(&body.non_trainable).cloned().collect()
        })
    }

    fn collect(&self, of: impl Fn(&Body, bool) -> Vec<Variable>) -> Vec<Variable> {
        let mut known = HashSet::new();
        let each = |l: AnyLayer| of(&l.read(), l.trainable());
        self.flattened().into_iter().flat_map(each).filter(|w| known.insert(w.id())).collect()
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
        if let Some(regularizer) = &self.0.activity_regularizer {
            common.insert("activity_regularizer".into(), regularizer_json(Some(regularizer)));
        }
        self.read().layer.full_config(common)
    }

    /// A new layer of the same class with the same arguments and name, and weights of its own; read from the
    /// configuration, so a class of one's own must be registered (`register_layer`).
    ///
    /// # Errors
    /// Where the class is not known.
    pub fn copied(&self) -> Result<AnyLayer> {
        from_config(self.class_name(), &self.config(), &mut Vec::new())
            .map_err(|e| Error::state(e.message().to_string()).at(self.who()))
    }

    /// What files keep beside the configuration so that the layer can be built before its weights are read; nothing
    /// for layers that need not be built, or are not.
    pub fn build_config(&self) -> Option<Value> {
        if let Some(own) = self.read().layer.build_config() {
            return Some(own);
        }
        let shapes = self.built_shapes()?;
        let sizes = |s: &Shape| -> Value { s.dims().iter().map(|d| json!(d.known())).collect() };
        Some(match shapes.as_slice() {
            [one] => json!({"input_shape": sizes(one)}),
            many => json!({"input_shape": many.iter().map(sizes).collect::<Vec<_>>()}),
        })
    }

    /// Whether both are handles to one layer.
    pub fn is_same(&self, other: &AnyLayer) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

fn results_of(call: &Arc<SymbolicCall>) -> Vec<Tensor> {
    (0..call.outputs.len()).filter_map(|i| call.output(i)).collect()
}

/// The arguments of a call: those by place, then those by name.
pub type CallArguments = (Vec<Attr>, Vec<(String, Attr)>);

/// One use of a layer in a model that is being written.
#[derive(Clone)]
pub struct LayerCall {
    /// The layer.
    pub layer: AnyLayer,
    /// Whether this use is always one of training, or always one of inference; by default as the model is used.
    pub training: Option<bool>,
    /// The inputs that are given masks; these masks stand behind all inputs, in this order.
    pub masked: Vec<usize>,
    /// The arguments as a file had them: those by place, then those by name.
    pub arguments: Option<CallArguments>,
}

impl LayerCall {
    /// A use as the model is used, with all inputs in order.
    pub fn new(layer: &AnyLayer) -> LayerCall {
        LayerCall { layer: layer.clone(), training: None, masked: Vec::new(), arguments: None }
    }

    /// Applies it to symbolic tensors.
    ///
    /// # Errors
    /// Where a tensor does not fit, with the layer's name.
    pub fn apply(self, inputs: &[Tensor]) -> Result<Vec<Tensor>> {
        let layer = self.layer.clone();
        let results = apply_symbolic(Arc::new(self), inputs)?;
        if let Some(call) = results.first().and_then(|y| y.origin()?.call.as_ref()) {
            let mut nodes = layer.0.nodes.lock().unwrap_or_else(|e| e.into_inner());
            nodes.push(Arc::downgrade(call));
        }
        Ok(results)
    }

    /// How many of the inputs are not masks.
    pub fn plain(&self, inputs: usize) -> usize {
        inputs.saturating_sub(self.masked.len())
    }

    /// Runs it on real or traced tensors, as a part of a model that is called so.
    ///
    /// # Errors
    /// Where a tensor does not fit.
    pub fn call_in(&self, inputs: &[Tensor], cx: &CallCx) -> Result<Vec<Tensor>> {
        let mut cx = *cx;
        cx.training = self.training.unwrap_or(cx.training);
        if self.masked.is_empty() {
            return self.layer.call_all_in(inputs, &cx);
        }
        let (plain, masks) = inputs.split_at(self.plain(inputs.len()));
        let mut plain = plain.to_vec();
        for (&place, mask) in self.masked.iter().zip(masks) {
            plain[place] = plain[place].with_mask(Some(mask.clone()));
        }
        self.layer.call_all_in(&plain, &cx)
    }
}

impl SymbolicOp for LayerCall {
    fn name(&self) -> String {
        self.layer.who()
    }

    fn call(&self, inputs: &[Tensor]) -> Result<Vec<Tensor>> {
        self.call_in(inputs, &CallCx::INFERENCE)
    }

    fn infer(&self, inputs: &[Meta]) -> Result<Vec<Meta>> {
        let plain = &inputs[..self.plain(inputs.len())];
        self.layer.build_for(plain)?;
        self.layer.infer(plain)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// What a layer's results add to the loss does not depend on the batch size.
fn per_sample(loss: Tensor, y: &Tensor) -> Result<Tensor> {
    match y.shape().first() {
        Some(&batch) => rhyton_tensor::ops::divide(&loss, &crate::numbers::like(&loss, batch.max(1) as f64)?),
        None => Ok(loss),
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
