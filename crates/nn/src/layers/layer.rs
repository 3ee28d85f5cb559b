//! What a layer is.

use super::build::BuildCx;
use crate::spec::Config;
use rhyton_base::{DType, Result, Shape};
use rhyton_tensor::Tensor;

/// How a layer is being called.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct CallCx {
    /// Whether the model learns from this call; layers such as dropout act only then.
    pub training: bool,
}

impl CallCx {
    /// The model is used.
    pub const INFERENCE: CallCx = CallCx { training: false };
    /// The model learns.
    pub const TRAINING: CallCx = CallCx { training: true };
}

/// What every layer can be told, whatever it computes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LayerOptions {
    /// The name; by default the class in snake case with a number.
    pub name: Option<String>,
    /// Whether the weights stay as they are.
    pub frozen: bool,
    /// The element type of weights and results; by default [`crate::config::floatx`].
    pub dtype: Option<DType>,
}

/// A layer: a function of a tensor, with weights that it creates when it knows its input's shape.
///
/// The four parts are Keras's: what the user asked for (the struct), `build`, `call` and the rule of shapes.
/// Names, dtypes, freezing, checking and saving are done by [`super::AnyLayer`], which every layer lives in.
///
/// ```
/// use rhyton_base::{Result, Shape};
/// use rhyton_nn::layers::{AnyLayer, BuildCx, CallCx, Layer};
/// use rhyton_nn::Spec;
/// use rhyton_tensor::{Tensor, Variable};
///
/// /// Multiplies each feature by a weight of its own.
/// #[derive(Default)]
/// struct Scale {
///     factor: Option<Variable>,
/// }
///
/// impl Layer for Scale {
///     fn class_name(&self) -> &'static str {
///         "Scale"
///     }
///
///     fn build(&mut self, cx: &mut BuildCx, input: &Shape) -> Result<()> {
///         let features = cx.last_axis(input)?;
///         self.factor = Some(cx.weight("factor", [features], &Spec::from("ones"))?);
///         Ok(())
///     }
///
///     fn call(&self, x: &Tensor, _cx: &CallCx) -> Result<Tensor> {
///         Ok(x * self.factor.as_ref().expect("built").value())
///     }
/// }
///
/// let scale = AnyLayer::from(Scale::default());
/// assert_eq!(scale.name(), "scale");
/// let y = scale.call(&Tensor::from([[1.0f32, 2.0]]))?;
/// assert_eq!(y.to_vec::<f32>()?, [1.0, 2.0]);
/// assert_eq!(scale.weights()[0].name(), "scale/factor");
/// # Ok::<(), rhyton_base::Error>(())
/// ```
pub trait Layer: Send + Sync + 'static {
    /// The name of the class, as files have it: `"Dense"`.
    fn class_name(&self) -> &'static str;

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

    /// The result for a tensor; of a built layer only.
    ///
    /// # Errors
    /// Where the tensor does not fit the weights. The error need not name the layer; the caller does.
    fn call(&self, x: &Tensor, cx: &CallCx) -> Result<Tensor>;

    /// The shape of the result for inputs of this shape, and the place to refuse inputs that do not fit. By
    /// default the same shape.
    ///
    /// # Errors
    /// Where an input of this shape does not fit.
    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        Ok(input.clone())
    }

    /// Whether there is something to build. Layers that say no count as built from the beginning: summaries
    /// show no "unbuilt" and files no `build_config`.
    fn needs_build(&self) -> bool {
        true
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

/// The builder methods `name`, `trainable` and `dtype`, and `call` by value, for a layer that keeps its
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

            /// The element type of weights and results; by default [`crate::config::floatx`].
            #[must_use]
            pub fn dtype(mut self, dtype: rhyton_base::DType) -> $Layer {
                self.options.dtype = Some(dtype);
                self
            }

            /// Applies it to a tensor, for inference, building it for this input. Make a handle first
            /// (`AnyLayer::from`) to apply it again with the same weights.
            ///
            /// # Errors
            /// Where the tensor does not fit.
            pub fn call(self, x: &rhyton_tensor::Tensor) -> rhyton_base::Result<rhyton_tensor::Tensor> {
                $crate::layers::AnyLayer::from(self).call(x)
            }
        }
    };
}
pub(crate) use common_options;
