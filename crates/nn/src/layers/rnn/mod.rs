//! Layers that go through sequences step by step with states, the cells that make their steps, and layers around layers of
//! sequences.

mod bidirectional;
mod cells;
mod gates;
mod gru;
mod lstm;
mod rnn_layer;
mod run;
mod simple;
mod stacked;
mod time_distributed;

pub use bidirectional::{Bidirectional, MergeMode};
pub use gru::{GRU, GRUCell};
pub use lstm::{LSTM, LSTMCell};
pub use rnn_layer::RNN;
pub use simple::{SimpleRNN, SimpleRNNCell};
pub use stacked::StackedRNNCells;
pub use time_distributed::TimeDistributed;

use crate::layers::any::CallArguments;
use rhyton_tensor::Attr;

/// The arguments that a call of a recurrent layer may have by name.
const STATES_AND_MASK: &[&str] = &["initial_state", "mask"];

/// How files write the call of a recurrent layer: what stands behind the input are initial states.
fn with_states(inputs: usize) -> Option<CallArguments> {
    let states = (1..inputs).map(Attr::Tensor).collect();
    (inputs > 1).then(|| (vec![Attr::Tensor(0)], vec![("initial_state".to_string(), Attr::List(states))]))
}

/// What cells and layers of a kind can be told alike; they keep it in a field `core`.
macro_rules! gate_setters {
    ($Layer:ident) => {
        weight_setters!($Layer.core.kernel: kernel_initializer kernel_regularizer kernel_constraint);
        weight_setters!($Layer.core.recurrent: recurrent_initializer recurrent_regularizer recurrent_constraint);
        weight_setters!($Layer.core.bias: bias_initializer bias_regularizer bias_constraint);

        $crate::layers::dropout_setters::dropout_setters!($Layer: "the inputs that training drops, the same at all steps");

        impl $Layer {
            /// The function of the candidate and of the result: a name or an activation; `"tanh"` by default.
            #[must_use]
            pub fn activation(mut self, activation: impl Into<Spec<Activation>>) -> $Layer {
                self.core.activation = activation.into();
                self
            }

            /// Whether a bias is added; true by default.
            #[must_use]
            pub fn use_bias(mut self, use_bias: bool) -> $Layer {
                self.core.use_bias = use_bias;
                self
            }

            /// The fraction of the state that training drops, the same at all steps; 0 by default.
            #[must_use]
            pub fn recurrent_dropout(mut self, rate: f64) -> $Layer {
                self.core.recurrent_dropout = rate;
                self
            }
        }
    };
    ($Layer:ident gates) => {
        gate_setters!($Layer);

        impl $Layer {
            /// The function of the gates: a name or an activation; `"sigmoid"` by default.
            #[must_use]
            pub fn recurrent_activation(mut self, activation: impl Into<Spec<Activation>>) -> $Layer {
                self.core.recurrent_activation = activation.into();
                self
            }
        }
    };
}
use gate_setters;

/// How recurrent layers go over sequences; they keep it in a field `flags`.
macro_rules! loop_setters {
    ($Layer:ident) => {
        impl $Layer {
            /// Whether the results of all steps are given, and not of the last one alone.
            #[must_use]
            pub fn return_sequences(mut self, return_sequences: bool) -> $Layer {
                self.flags.return_sequences = return_sequences;
                self
            }

            /// Whether the last states are given behind the result.
            #[must_use]
            pub fn return_state(mut self, return_state: bool) -> $Layer {
                self.flags.return_state = return_state;
                self
            }

            /// Whether it goes from the last step to the first; results of all steps then stand in that order.
            #[must_use]
            pub fn go_backwards(mut self, go_backwards: bool) -> $Layer {
                self.flags.go_backwards = go_backwards;
                self
            }

            /// Whether the last states of a batch are the first ones of the next, until
            /// [`reset_state`](crate::layers::AnyLayer::reset_state). The batch size must be known then.
            #[must_use]
            pub fn stateful(mut self, stateful: bool) -> $Layer {
                self.flags.stateful = stateful;
                self
            }

            /// Keras's hint to write the steps out one by one. Results do not depend on it.
            #[must_use]
            pub fn unroll(mut self, unroll: bool) -> $Layer {
                self.flags.unroll = unroll;
                self
            }

            /// Whether results of masked steps are 0, and not those of the step before.
            #[must_use]
            pub fn zero_output_for_mask(mut self, zero_output_for_mask: bool) -> $Layer {
                self.flags.zero_output_for_mask = zero_output_for_mask;
                self
            }
        }
    };
}
use loop_setters;

/// The methods of [`Layer`](crate::layers::Layer) of a recurrent layer, which has its cell in a method `cell` and its loop
/// in a field `flags`.
macro_rules! loop_methods {
    () => {
        fn build_all(&mut self, cx: &mut BuildCx, inputs: &[Shape]) -> Result<()> {
            let cell = self.cell().clone();
            self.flags.build(&cell, cx, inputs)
        }

        fn call_all(&self, inputs: &[Tensor], cx: &CallCx) -> Result<Vec<Tensor>> {
            self.flags.run(self.cell(), inputs, cx)
        }

        fn output_shape(&self, input: &Shape) -> Result<Shape> {
            let mut shapes = self.flags.shapes(self.cell(), std::slice::from_ref(input))?;
            Ok(shapes.swap_remove(0))
        }

        fn output_shapes(&self, inputs: &[Shape]) -> Result<Option<Vec<Shape>>> {
            self.flags.shapes(self.cell(), inputs).map(Some)
        }

        fn infer(&self, inputs: &[Meta], compute: DType) -> Result<Option<Vec<Meta>>> {
            self.flags.infer(self.cell(), inputs, compute).map(Some)
        }

        fn call_form(&self, inputs: usize) -> Option<CallArguments> {
            with_states(inputs)
        }

        fn call_arguments(&self) -> &'static [&'static str] {
            STATES_AND_MASK
        }

        fn build_config(&self) -> Option<Value> {
            self.flags.build_config()
        }

        fn needs_batch_size(&self) -> bool {
            self.flags.stateful
        }

        fn sublayers(&self) -> Vec<(String, AnyLayer)> {
            vec![("cell".into(), self.cell().clone())]
        }

        fn supports_masking(&self) -> bool {
            true
        }

        fn compute_masks(&self, inputs: &[Tensor], outputs: &[Tensor]) -> Result<Vec<Option<Tensor>>> {
            Ok(self.flags.masks(inputs, outputs.len()))
        }

        fn reset_state(&self) -> Result<()> {
            self.flags.reset()
        }
    };
}
use loop_methods;

/// A cell of a kind: its type, its file form, one step.
macro_rules! cell {
    ($(#[$doc:meta])* $Cell:ident $class:literal $kind:ident) => {
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $Cell {
            pub(super) core: Core,
            pub(in crate::layers) options: LayerOptions,
        }

        common_options!($Cell);

        impl $Cell {
            /// A cell with a state of this size.
            pub fn new(units: usize) -> $Cell {
                $Cell { core: Core::new(Kind::$kind, units), options: LayerOptions::default() }
            }

            pub(in crate::layers) fn from_reader(r: &mut ConfigReader) -> Result<$Cell> {
                Ok($Cell { core: Core::read(Kind::$kind, r)?, options: LayerOptions::default() })
            }
        }

        impl Layer for $Cell {
            basics!($class);

            fn config(&self) -> Config {
                self.core.config()
            }

            fn build_all(&mut self, cx: &mut BuildCx, inputs: &[Shape]) -> Result<()> {
                self.core.build(cx, only_first(inputs)?)
            }

            fn call_all(&self, inputs: &[Tensor], cx: &CallCx) -> Result<Vec<Tensor>> {
                let (x, states) = (only_first(inputs)?, &inputs[1..]);
                let (batch, features) = (x.shape()[0], x.shape()[x.rank() - 1]);
                let noise = self.core.noise(batch, features, x.dtype(), cx.training)?;
                let mut next = self.core.step(&self.core.project(x, &noise)?, states, &noise)?;
                next.insert(0, next[0].clone());
                Ok(next)
            }

            fn output_shape(&self, input: &Shape) -> Result<Shape> {
                self.core.check(input)?;
                Ok(input.with_last(self.core.units))
            }

            fn output_shapes(&self, inputs: &[Shape]) -> Result<Option<Vec<Shape>>> {
                let y = self.output_shape(only_first(inputs)?)?;
                Ok(Some(vec![y; 1 + self.core.state_sizes().len()]))
            }

            fn state_sizes(&self) -> Vec<usize> {
                self.core.state_sizes()
            }

            fn build_config(&self) -> Option<Value> {
                self.core.build_config()
            }

            fn call_form(&self, inputs: usize) -> Option<CallArguments> {
                Some((vec![Attr::Tensor(0), Attr::List((1..inputs).map(Attr::Tensor).collect())], Vec::new()))
            }

            fn as_any(&self) -> Option<&dyn Any> {
                Some(self)
            }
        }
    };
}
use cell;

/// A recurrent layer around a cell of a kind: its type, its file form.
macro_rules! recurrent {
    ($(#[$doc:meta])* $Layer:ident $class:literal $Cell:ident $name:literal $kind:ident) => {
        $(#[$doc])*
        pub struct $Layer {
            core: Core,
            flags: Loop,
            pub(in crate::layers) options: LayerOptions,
            cell: OnceLock<AnyLayer>,
        }

        common_options!($Layer);
        loop_setters!($Layer);

        impl $Layer {
            /// A layer with a state of this size.
            pub fn new(units: usize) -> $Layer {
                $Layer::of(Core::new(Kind::$kind, units), Loop::default())
            }

            fn of(core: Core, flags: Loop) -> $Layer {
                $Layer { core, flags, options: LayerOptions::default(), cell: OnceLock::new() }
            }

            pub(in crate::layers) fn from_reader(r: &mut ConfigReader) -> Result<$Layer> {
                // Which kernels of a graphics processor Keras would use.
                r.value("use_cudnn");
                Ok($Layer::of(Core::read(Kind::$kind, r)?, Loop::read(r)?))
            }

            fn cell(&self) -> &AnyLayer {
                self.cell.get_or_init(|| {
                    let LayerOptions { frozen, dtype, .. } = self.options.clone();
                    let options =
                        LayerOptions { name: Some($name.into()), frozen, dtype, activity_regularizer: None };
                    AnyLayer::from($Cell { core: self.core.clone(), options })
                })
            }
        }

        impl Layer for $Layer {
            fn class_name(&self) -> &'static str {
                $class
            }

            /// Asked for when the description becomes a layer; from then on there is a cell.
            fn options(&self) -> LayerOptions {
                self.cell();
                self.options.clone()
            }

            fn config(&self) -> Config {
                let mut config = self.core.config();
                self.flags.write(&mut config);
                if Kind::$kind == Kind::Simple {
                    config.remove("seed");
                }
                let regularizer = regularizer_json(self.options.activity_regularizer.as_ref());
                config.insert("activity_regularizer".into(), regularizer);
                config
            }

            loop_methods!();
        }
    };
}
use recurrent;

/// What the macros' uses name.
mod parts {
    pub(super) use super::gates::{Core, Kind};
    pub(super) use super::run::Loop;
    pub(super) use super::{
        STATES_AND_MASK, cell, gate_setters, loop_methods, loop_setters, recurrent, with_states,
    };
    pub(super) use crate::activations::Activation;
    pub(super) use crate::layers::any::{AnyLayer, CallArguments};
    pub(super) use crate::layers::build::BuildCx;
    pub(super) use crate::layers::layer::{CallCx, Layer, LayerOptions, basics, common_options, only_first};
    pub(super) use crate::layers::reader::{ConfigReader, regularizer_json};
    pub(super) use crate::layers::weight_spec::weight_setters;
    pub(super) use crate::spec::{Config, Spec};
    pub(super) use rhyton_base::{DType, Result, Shape};
    pub(super) use rhyton_ops::Meta;
    pub(super) use rhyton_tensor::{Attr, Tensor};
    pub(super) use serde_json::Value;
    pub(super) use std::any::Any;
    pub(super) use std::sync::OnceLock;
}
