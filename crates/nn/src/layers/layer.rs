//! What a layer is.

use super::any::{AnyLayer, CallArguments};
use super::build::BuildCx;
use super::registry::is_built_in;
use crate::policy::DTypePolicy;
use crate::regularizers::Regularizer;
use crate::spec::{Config, Spec};
use rhyton_base::{DType, Error, Result, Shape};
use rhyton_ops::Meta;
use rhyton_tensor::{Attr, Tensor};
use serde_json::Value;
use std::any::Any;
use std::cell::RefCell;

/// How a layer is being called.
#[derive(Clone, Copy, Debug, Default)]
pub struct CallCx<'a> {
    /// Whether the model learns from this call; layers such as dropout act only then.
    pub training: bool,
    /// Whether the layer is frozen (`trainable(false)`); batch normalization infers then, also while training.
    pub frozen: bool,
    losses: Option<&'a LossSink>,
    arguments: Option<&'a CallArguments>,
}

/// Where layers put losses of their own while they are called.
#[derive(Debug, Default)]
pub struct LossSink(RefCell<Vec<Tensor>>);

impl LossSink {
    /// What was put in, and nothing any more.
    pub fn take(&self) -> Vec<Tensor> {
        self.0.take()
    }
}

impl<'a> CallCx<'a> {
    /// The model is used.
    pub const INFERENCE: CallCx<'static> =
        CallCx { training: false, frozen: false, losses: None, arguments: None };
    /// The model learns.
    pub const TRAINING: CallCx<'static> =
        CallCx { training: true, frozen: false, losses: None, arguments: None };

    /// The same call, with the losses that layers add collected in `sink`.
    #[must_use]
    pub fn collecting(self, sink: &'a LossSink) -> CallCx<'a> {
        CallCx { losses: Some(sink), ..self }
    }

    /// The same call, of a layer that is frozen or not, with these arguments.
    pub(super) fn of_layer(self, frozen: bool, arguments: Option<&'a CallArguments>) -> CallCx<'a> {
        CallCx { frozen, arguments, ..self }
    }

    /// The arguments of the call, by place and by name, where it was made with some; their tensors are numbers of inputs.
    pub fn arguments(&self) -> Option<&'a CallArguments> {
        self.arguments
    }

    fn argument(&self, name: &str) -> Option<&'a Attr> {
        self.arguments?.1.iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// Whether a flag was set for this call ([`AnyLayer::call_with`]).
    pub fn flag(&self, name: &str) -> bool {
        matches!(self.argument(name), Some(Attr::Bool(true)))
    }

    /// The inputs that were given under this name, by their numbers.
    pub fn places(&self, name: &str) -> Vec<usize> {
        self.argument(name).map(Attr::places).unwrap_or_default()
    }

    /// Whether somebody collects the losses that layers add.
    pub fn collects_losses(&self) -> bool {
        self.losses.is_some()
    }

    /// Adds a scalar to what training makes small; forgotten where nobody collects (in inference).
    pub fn add_loss(&self, loss: Tensor) {
        if let Some(sink) = self.losses {
            sink.0.borrow_mut().push(loss);
        }
    }
}

/// What files keep of a layer beside its configuration and its numbered weights, such as a vocabulary.
#[derive(Clone, Debug, Default)]
pub struct Extras {
    /// Arrays by their names among the layer's weights.
    pub arrays: Vec<(String, Tensor)>,
    /// Files by their names among the assets of the layer.
    pub assets: Vec<(String, Vec<u8>)>,
    /// A field under which Keras looks for the same things again.
    pub also_under: Option<&'static str>,
}

/// What every layer can be told, whatever it computes.
#[derive(Clone, Debug, Default)]
pub struct LayerOptions {
    /// The name; by default the class in snake case with a number.
    pub name: Option<String>,
    /// Whether the weights stay as they are.
    pub frozen: bool,
    /// The element types of weights and results; by default [`crate::policy::dtype_policy`].
    pub dtype: Option<DTypePolicy>,
    /// What the results add to the loss, divided by the batch size.
    pub activity_regularizer: Option<Spec<dyn Regularizer>>,
}

/// A layer: a function of a tensor, with weights that it creates when it knows its input's shape.
///
/// The parts are Keras's: what the user asked for (the struct), `build`, `call`, and `config` where it is to be saved.
/// Names, dtypes, freezing, checking and saving are done by [`super::AnyLayer`], which every layer lives in.
///
/// | Keras | here |
/// |---|---|
/// | `class SimpleDense(Layer)` | `struct SimpleDense { .. }`, `impl Layer for SimpleDense`; the class is the type's name |
/// | `self.w = self.add_weight(..)` in `build` | `self.w = cx.add_weight(..)?`, a field of type [`super::Weight`] |
/// | `self.inner(x)` in `call` | `self.inner.call(&x)?`; training, weights and losses of inner layers are found |
/// | `call(self, x, training)` | `cx.training` |
/// | `self.add_loss(..)` | `cx.add_loss(..)` |
/// | `get_config` | [`Layer::config`], with [`layer_config!`](crate::layer_config) |
/// | `@register_keras_serializable` | [`super::register_layer`] |
/// | shapes of results are found by a run | the same; [`Layer::output_shape`] is for layers that refuse some inputs |
///
/// ```
/// use rhyton_base::{Result, Shape};
/// use rhyton_nn::layers::{AnyLayer, BuildCx, CallCx, Layer, Weight, register_layer};
/// use rhyton_nn::{Config, activations, layer_config};
/// use rhyton_tensor::Tensor;
///
/// /// activation(x · W + b)
/// #[derive(Default)]
/// struct SimpleDense {
///     units: usize,
///     activation: String,
///     w: Weight,
///     b: Weight,
/// }
///
/// impl Layer for SimpleDense {
///     fn build(&mut self, cx: &mut BuildCx, input: &Shape) -> Result<()> {
///         self.w = cx.add_weight("W", [cx.last_axis(input)?, self.units], "random_normal")?;
///         self.b = cx.add_weight("b", [self.units], "zeros")?;
///         Ok(())
///     }
///
///     fn call(&self, x: &Tensor, _: &CallCx) -> Result<Tensor> {
///         activations::get(&self.activation)?.call(&(x.matmul(&self.w.value()?)? + self.b.value()?))
///     }
///
///     fn config(&self) -> Config {
///         layer_config!(self.units, self.activation)
///     }
/// }
///
/// let relu = SimpleDense { units: 32, activation: "relu".into(), ..SimpleDense::default() };
/// let dense = AnyLayer::from(relu);
/// assert_eq!(dense.call(&Tensor::from([[1.0f32, 2.0]]))?.shape(), [1, 32]);
/// assert_eq!(dense.weights()[0].name(), "simple_dense/W");
///
/// // Files may name it from here on.
/// register_layer("SimpleDense", |r| {
///     let (units, activation) = (r.get("units")?, r.get("activation")?);
///     Ok(SimpleDense { units, activation, ..SimpleDense::default() }.into())
/// });
/// # Ok::<(), rhyton_base::Error>(())
/// ```
pub trait Layer: Send + Sync + 'static {
    /// The name of the class, as files have it: `"Dense"`. By default the name of the type.
    fn class_name(&self) -> &'static str {
        let path = std::any::type_name::<Self>();
        let path = path.split('<').next().unwrap_or(path);
        path.rsplit("::").next().unwrap_or(path)
    }

    /// The layer's own arguments, as files have them; not `name`, `trainable` and `dtype`.
    ///
    /// Older versions of Keras refuse arguments that they do not know, so layers leave out those that Keras
    /// got after 3.0, where they are null or false.
    fn config(&self) -> Config {
        Config::new()
    }

    /// Name, freezing and dtype where the struct itself keeps them.
    fn options(&self) -> LayerOptions {
        LayerOptions::default()
    }

    /// Creates the weights for inputs of this shape; the batch size may be unknown. Called once.
    ///
    /// # Errors
    /// Where there is no layer of this kind for such inputs.
    fn build(&mut self, _cx: &mut BuildCx, _input: &Shape) -> Result<()> {
        Ok(())
    }

    /// [`Layer::build`] for layers that take any number of inputs. By default a layer of one's own makes no weights for
    /// several.
    ///
    /// # Errors
    /// Where there is no layer of this kind for such inputs.
    fn build_all(&mut self, cx: &mut BuildCx, inputs: &[Shape]) -> Result<()> {
        match inputs {
            [one] => self.build(cx, one),
            many if is_built_in(self.class_name()) => only(many).map(|_| ()),
            _ => Ok(()),
        }
    }

    /// The result for a tensor; of a built layer only. A layer has this or [`Layer::call_all`].
    ///
    /// # Errors
    /// Where the tensor does not fit the weights. The error need not name the layer; the caller does.
    fn call(&self, _x: &Tensor, _cx: &CallCx) -> Result<Tensor> {
        Err(Error::unsupported("its type has neither call nor call_all; give its impl of Layer one of them"))
    }

    /// The results for any number of tensors; of a built layer only.
    ///
    /// # Errors
    /// Where the tensors do not fit the weights.
    fn call_all(&self, inputs: &[Tensor], cx: &CallCx) -> Result<Vec<Tensor>> {
        Ok(vec![self.call(only(inputs)?, cx)?])
    }

    /// The shape of the result for inputs of this shape, and the place to refuse inputs that do not fit. By
    /// default the same shape.
    ///
    /// # Errors
    /// Where an input of this shape does not fit.
    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        Ok(input.clone())
    }

    /// [`Layer::output_shape`] for layers that take any number of inputs. `None` leaves the question to a run of
    /// [`Layer::call_all`] on tensors without numbers.
    ///
    /// # Errors
    /// Where inputs of these shapes do not fit.
    fn output_shapes(&self, inputs: &[Shape]) -> Result<Option<Vec<Shape>>> {
        match inputs {
            [input] => Ok(Some(vec![self.output_shape(input)?])),
            _ => Ok(None),
        }
    }

    /// Types and shapes of the results on symbolic tensors, where [`Layer::call_all`] cannot be run with sizes tried
    /// in the place of unknown ones; `compute` is the type that the layer computes in. By default `None`: it is run.
    ///
    /// # Errors
    /// Where inputs of these shapes do not fit.
    fn infer(&self, _inputs: &[Meta], _compute: DType) -> Result<Option<Vec<Meta>>> {
        Ok(None)
    }

    /// The layers that this one calls, by the names of its fields (`blocks[0]`, `blocks[1]`, … for a field that is a
    /// list), under which files keep their weights. Layers that name none find them when they are called for the first
    /// time, in the order of the calls.
    fn sublayers(&self) -> Vec<(String, AnyLayer)> {
        Vec::new()
    }

    /// For cells of recurrent layers: the size of each state. A cell is called on the input of a step and its states, and
    /// gives its result and the next states.
    fn state_sizes(&self) -> Vec<usize> {
        Vec::new()
    }

    /// For cells of recurrent layers: the size of the result, where it is not that of the first state.
    fn output_size(&self) -> Option<usize> {
        None
    }

    /// Begins anew with what it keeps from batch to batch.
    ///
    /// # Errors
    /// Where there is no memory.
    fn reset_state(&self) -> Result<()> {
        Ok(())
    }

    /// Whether it is built for batches of one size, and not of any.
    fn needs_batch_size(&self) -> bool {
        false
    }

    /// How files write a call on so many inputs: the arguments by place, and those by name. By default one input, or a list.
    fn call_form(&self, _inputs: usize) -> Option<CallArguments> {
        None
    }

    /// The arguments that a call may have by name, beside the inputs ([`AnyLayer::call_with`]).
    fn call_arguments(&self) -> &'static [&'static str] {
        &[]
    }

    /// What its inputs are called, where a model of this layer is to be given them by name.
    fn input_names(&self) -> Vec<&'static str> {
        Vec::new()
    }

    /// What its results are called, where losses and targets are to be given by name.
    fn output_names(&self) -> Vec<&'static str> {
        Vec::new()
    }

    /// Whether the mask of the (first) input goes on to the results.
    fn supports_masking(&self) -> bool {
        false
    }

    /// The masks of the results from those of the inputs.
    ///
    /// # Errors
    /// Where a mask does not fit.
    fn compute_masks(&self, inputs: &[Tensor], outputs: &[Tensor]) -> Result<Vec<Option<Tensor>>> {
        let mask = match self.supports_masking() {
            true => inputs.first().and_then(|x| x.mask().cloned()),
            false => None,
        };
        Ok(vec![mask; outputs.len()])
    }

    /// Whether floating-point inputs are cast to the type that the layer computes in.
    fn autocast(&self) -> bool {
        true
    }

    /// Itself, for those who know its type.
    fn as_any(&self) -> Option<&dyn Any> {
        None
    }

    /// Whether there is something to build. Layers that say no count as built from the beginning: summaries
    /// show no "unbuilt" and files no `build_config`.
    fn needs_build(&self) -> bool {
        true
    }

    /// What files keep beside the configuration, for layers that know better than the shapes they were built for.
    fn build_config(&self) -> Option<Value> {
        None
    }

    /// What files keep of it beside configuration and numbered weights; `None` for layers that have nothing of that kind.
    ///
    /// # Errors
    /// Where it cannot be said.
    fn extras(&self) -> Result<Option<Extras>> {
        Ok(None)
    }

    /// Takes over what a file kept as [`Layer::extras`].
    ///
    /// # Errors
    /// Where it does not fit the layer.
    fn restore(&self, _extras: &Extras) -> Result<()> {
        Ok(())
    }

    /// For layers that stand for a model's input: the shape they expect, batch included.
    fn input_shape(&self) -> Option<Shape> {
        None
    }

    /// The whole configuration as files have it, from `name`, `trainable` and `dtype` and the layer's own
    /// arguments.
    fn full_config(&self, common: Config) -> Config {
        let mut all = common;
        all.extend(self.config());
        all
    }
}

/// The only one of several.
///
/// # Errors
/// Where there is another number of them.
pub fn only<T>(all: &[T]) -> Result<&T> {
    match all {
        [one] => Ok(one),
        _ => Err(Error::value(format!("expected one input, got {}", all.len()))),
    }
}

/// The first of several.
///
/// # Errors
/// Where there are none.
pub(super) fn only_first<T>(all: &[T]) -> Result<&T> {
    all.first().ok_or_else(|| Error::value("expected an input, got none"))
}

/// All of several inputs, by a pattern: `let [title, body] = exactly(inputs)?;`.
///
/// # Errors
/// Where there is another number of them.
pub fn exactly<const N: usize>(inputs: &[Tensor]) -> Result<&[Tensor; N]> {
    inputs.try_into().map_err(|_| Error::value(format!("expected {N} inputs, got {}", inputs.len())))
}

/// A field of a layer that holds layers: one, perhaps none, or a list.
pub trait SublayerField {
    /// The layers with their names: that of the field, or with a number for each.
    fn named(&self, field: &str) -> Vec<(String, AnyLayer)>;
}

impl SublayerField for AnyLayer {
    fn named(&self, field: &str) -> Vec<(String, AnyLayer)> {
        vec![(field.to_string(), self.clone())]
    }
}

impl SublayerField for Option<AnyLayer> {
    fn named(&self, field: &str) -> Vec<(String, AnyLayer)> {
        self.iter().map(|layer| (field.to_string(), layer.clone())).collect()
    }
}

impl SublayerField for Vec<AnyLayer> {
    fn named(&self, field: &str) -> Vec<(String, AnyLayer)> {
        self.iter().enumerate().map(|(i, layer)| (format!("{field}[{i}]"), layer.clone())).collect()
    }
}

/// The fields of a layer or model that are layers, options or lists of them, for [`Layer::sublayers`]:
/// `sublayers!(self.encoder, self.blocks)`.
#[macro_export]
macro_rules! sublayers {
    ($($this:ident . $field:ident),* $(,)?) => {
        [$($crate::layers::SublayerField::named(&$this.$field, stringify!($field))),*].concat()
    };
}

/// The fields of a layer that are its arguments, for [`Layer::config`]: `layer_config!(self.units, self.activation)`.
/// [`ConfigReader::get`](super::ConfigReader::get) reads them.
#[macro_export]
macro_rules! layer_config {
    ($($this:ident . $field:ident),* $(,)?) => {
        $crate::Config::from_iter([$((stringify!($field).to_string(), $crate::__json!($this.$field))),*])
    };
}

/// The builder methods `name`, `trainable`, `dtype` and `activity_regularizer`, and `call` by value, for a layer that keeps its
/// [`LayerOptions`] in a field `options`.
macro_rules! common_options {
    ($Layer:ident) => {
        impl $Layer {
            /// Gives it a name.
            #[must_use]
            pub fn name(mut self, name: impl Into<String>) -> $Layer {
                self.options.name = Some(name.into());
                self
            }

            /// Whether training changes its weights; true by default.
            #[must_use]
            pub fn trainable(mut self, trainable: bool) -> $Layer {
                self.options.frozen = !trainable;
                self
            }

            /// The element types of weights and results: an element type, or a policy such as
            /// `"mixed_bfloat16".parse()?`; by default [`crate::policy::dtype_policy`].
            #[must_use]
            pub fn dtype(mut self, dtype: impl Into<$crate::policy::DTypePolicy>) -> $Layer {
                self.options.dtype = Some(dtype.into());
                self
            }

            /// What the results add to the loss, divided by the batch size: a name such as `"l2"` or a
            /// regularizer.
            #[must_use]
            pub fn activity_regularizer(
                mut self,
                regularizer: impl Into<$crate::Spec<dyn $crate::regularizers::Regularizer>>,
            ) -> $Layer {
                self.options.activity_regularizer = Some(regularizer.into());
                self
            }

            /// Applies it to tensors, with numbers or symbolic, for inference, building it for these. Make a handle first
            /// (`AnyLayer::from`) to apply it again with the same weights.
            ///
            /// # Errors
            /// Where the tensor does not fit.
            pub fn call(
                self,
                x: impl $crate::layers::LayerInputs,
            ) -> rhyton_base::Result<rhyton_tensor::Tensor> {
                $crate::layers::AnyLayer::from(self).call(x)
            }
        }
    };
}
pub(crate) use common_options;

/// The first two methods of [`Layer`], for a layer that keeps its [`LayerOptions`] in a field `options`.
macro_rules! basics {
    ($class:literal) => {
        fn class_name(&self) -> &'static str {
            $class
        }

        fn options(&self) -> $crate::layers::LayerOptions {
            self.options.clone()
        }
    };
}
pub(crate) use basics;

/// Builder methods that set a field: to a value (`set`), to what the value becomes (`into`), or to `Some` of either (`some`,
/// `some_into`).
macro_rules! setters {
    ($Layer:ident; $($(#[$doc:meta])* $how:ident $name:ident: $T:ty;)*) => {
        impl $Layer {
            $($crate::layers::layer::setters! { @one $Layer $(#[$doc])* $how $name: $T })*
        }
    };
    (@one $Layer:ident $(#[$doc:meta])* set $name:ident: $T:ty) => {
        $(#[$doc])*
        #[must_use]
        pub fn $name(mut self, $name: $T) -> $Layer {
            self.$name = $name;
            self
        }
    };
    (@one $Layer:ident $(#[$doc:meta])* into $name:ident: $T:ty) => {
        $(#[$doc])*
        #[must_use]
        pub fn $name(mut self, $name: impl Into<$T>) -> $Layer {
            self.$name = $name.into();
            self
        }
    };
    (@one $Layer:ident $(#[$doc:meta])* some_into $name:ident: $T:ty) => {
        $(#[$doc])*
        #[must_use]
        pub fn $name(mut self, $name: impl Into<$T>) -> $Layer {
            self.$name = Some($name.into());
            self
        }
    };
    (@one $Layer:ident $(#[$doc:meta])* some $name:ident: $T:ty) => {
        $(#[$doc])*
        #[must_use]
        pub fn $name(mut self, $name: $T) -> $Layer {
            self.$name = Some($name);
            self
        }
    };
}
pub(crate) use setters;

/// The error for a layer that is asked for a result before it has weights.
pub(super) fn unbuilt() -> Error {
    Error::state("called before it was built")
}

/// An error unless the input has this many axes.
pub(super) fn expect_rank(input: &Shape, rank: usize, axes: &str) -> Result<()> {
    if input.rank() == rank {
        return Ok(());
    }
    Err(Error::shape(format!("expected an input of {rank} axes {axes}, got shape {input}")))
}

/// The type of a result that keeps the type of its input: floats are cast to the type that the layer computes in.
pub(super) fn kept(dtype: DType, compute: DType) -> DType {
    if dtype.is_float() { compute } else { dtype }
}
