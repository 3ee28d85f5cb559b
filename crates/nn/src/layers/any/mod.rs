//! The handle that every layer lives in.

mod build;
mod call;
mod nodes;
mod remat;
mod weights;

pub use nodes::{CallArguments, LayerCall};
pub use remat::{RematMode, RematScope};
pub use weights::assign_all;

use super::layer::Layer;
use super::naming::auto_name;
use super::reader::regularizer_json;
use super::registry::from_config;
use crate::constraints::Constraint;
use crate::policy::{DTypePolicy, dtype_policy};
use crate::regularizers::Regularizer;
use crate::spec::{Config, Spec};
use rhyton_base::{DType, Error, Result, Shape};
use rhyton_tensor::{SymbolicCall, Tensor, Variable};
use serde_json::{Value, json};
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
    /// Whether its values are computed again for its gradient.
    remat: RematMode,
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
            remat: remat::current(),
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

impl std::fmt::Debug for AnyLayer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let shapes = |s: &Vec<Shape>| s.iter().map(Shape::to_string).collect::<Vec<_>>().join(", ");
        match self.read().built.as_ref().map(shapes) {
            Some(shape) => write!(f, "<{}, built for {shape}>", self.who()),
            None => write!(f, "<{}>", self.who()),
        }
    }
}
