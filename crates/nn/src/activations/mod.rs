//! Activation functions.
//!
//! Each is a function of a tensor with Keras's default arguments, `relu(&x)`; those that have arguments come in a
//! second form, `relu_with(&x, …)`. An [`Activation`] is one of them as an object with its name.
//!
//! All take floats of any shape and give the same type and shape ([`glu`] halves an axis). Their errors are those of
//! the operations that they are made of: a type that is not a float, an axis that is not there.

mod axis;
mod linear_units;
mod shrink;
mod sigmoids;
mod smooth;

pub use axis::{
    glu, glu_with, log_softmax, log_softmax_with, softmax, softmax_with, sparsemax, sparsemax_with,
};
pub use linear_units::{
    celu, celu_with, elu, elu_with, leaky_relu, leaky_relu_with, linear, relu, relu_with, relu6, selu,
};
pub use shrink::{hard_shrink, hard_shrink_with, soft_shrink, soft_shrink_with, tanh_shrink, threshold};
pub use sigmoids::{
    hard_sigmoid, hard_silu, hard_tanh, log_sigmoid, sigmoid, silu, softsign, sparse_sigmoid, tanh,
};
pub use smooth::{exponential, gelu, gelu_with, mish, softplus, sparse_plus, squareplus, squareplus_with};

use crate::arguments::unknown;
use crate::spec::{Named, Spec};
use rhyton_base::{Error, Result};
use rhyton_tensor::Tensor;
use std::fmt;
use std::sync::Arc;

type Function = dyn Fn(&Tensor) -> Result<Tensor> + Send + Sync;

/// A function of a tensor, with a name.
///
/// ```
/// use rhyton_nn::activations::{self, Activation};
/// use rhyton_tensor::Tensor;
/// let x = Tensor::from([-1.0f32, 2.0]);
/// assert_eq!(activations::get("relu").unwrap().call(&x).unwrap().to_vec::<f32>().unwrap(), [0.0, 2.0]);
///
/// let steep = Activation::custom("steep", |x| activations::sigmoid(&(x * 4.0)));
/// assert_eq!(steep.name(), "steep");
/// ```
#[derive(Clone)]
pub struct Activation {
    name: String,
    custom: bool,
    function: Arc<Function>,
}

/// An activation or its name.
pub type ActivationSpec = Spec<Activation>;

impl Activation {
    /// A function of one's own. Files keep its name.
    pub fn custom(
        name: impl Into<String>,
        function: impl Fn(&Tensor) -> Result<Tensor> + Send + Sync + 'static,
    ) -> Activation {
        Activation { name: name.into(), custom: true, function: Arc::new(function) }
    }

    /// The name: `"relu"`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether this is a function of one's own, which a file cannot bring back by its name.
    pub fn is_custom(&self) -> bool {
        self.custom
    }

    /// The function's value.
    ///
    /// # Errors
    /// What the function says.
    pub fn call(&self, x: &Tensor) -> Result<Tensor> {
        (self.function)(x).map_err(|e| e.at(self.name.clone()))
    }
}

/// The one that changes nothing: what layers have where no activation is asked for.
impl Default for Activation {
    fn default() -> Activation {
        Activation { name: "linear".to_string(), custom: false, function: Arc::new(linear) }
    }
}

impl fmt::Debug for Activation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Activation({:?})", self.name)
    }
}

impl Named for Activation {
    fn by_name(name: &str) -> Result<Arc<Activation>> {
        get(name).map(Arc::new)
    }
}

impl From<Activation> for Spec<Activation> {
    fn from(object: Activation) -> Self {
        Spec::Object(Arc::new(object))
    }
}

/// A function as it is: `Dense::new(64).activation(activations::relu)`. A function of one's own has the name that
/// it has in the program; [`Activation::custom`] gives it another.
impl<F> From<F> for Spec<Activation>
where
    F: Fn(&Tensor) -> Result<Tensor> + Send + Sync + 'static,
{
    fn from(function: F) -> Self {
        let path = std::any::type_name::<F>();
        let name = path.rsplit("::").next().unwrap_or(path).to_string();
        let custom = !path.starts_with(concat!(env!("CARGO_CRATE_NAME"), "::activations::"));
        Activation { name, custom, function: Arc::new(function) }.into()
    }
}

macro_rules! table {
    ($($name:literal $function:path;)*) => {
        /// The names that [`get`] takes.
        pub const NAMES: &[&str] = &[$($name),*];

        /// The activation of a name, with default arguments.
        ///
        /// # Errors
        /// Where nobody knows the name; `"threshold"`, whose arguments have no defaults.
        ///
        /// ```
        /// let e = rhyton_nn::activations::get("rellu").unwrap_err();
        /// assert_eq!(e.to_string(), "unknown activation \"rellu\"; did you mean \"relu\"?");
        /// ```
        pub fn get(name: &str) -> Result<Activation> {
            let function: Arc<Function> = match name {
                $($name => Arc::new($function),)*
                "threshold" => {
                    return Err(Error::value(
                        "activation \"threshold\" has no default arguments; use Activation::custom(\"threshold\", \
                         |x| activations::threshold(x, threshold, default_value))",
                    ));
                }
                _ => return Err(unknown("activation", name, NAMES)),
            };
            let name = match name {
                "swish" => "silu",
                "hard_swish" => "hard_silu",
                other => other,
            };
            Ok(Activation { name: name.to_string(), custom: false, function })
        }
    };
}

table! {
    "relu" relu;
    "sigmoid" sigmoid;
    "tanh" tanh;
    "softmax" softmax;
    "linear" linear;
    "gelu" gelu;
    "elu" elu;
    "selu" selu;
    "silu" silu;
    "swish" silu;
    "leaky_relu" leaky_relu;
    "relu6" relu6;
    "softplus" softplus;
    "softsign" softsign;
    "exponential" exponential;
    "hard_sigmoid" hard_sigmoid;
    "hard_silu" hard_silu;
    "hard_swish" hard_silu;
    "hard_tanh" hard_tanh;
    "hard_shrink" hard_shrink;
    "soft_shrink" soft_shrink;
    "tanh_shrink" tanh_shrink;
    "mish" mish;
    "celu" celu;
    "glu" glu;
    "log_sigmoid" log_sigmoid;
    "log_softmax" log_softmax;
    "sparse_plus" sparse_plus;
    "sparse_sigmoid" sparse_sigmoid;
    "sparsemax" sparsemax;
    "squareplus" squareplus;
}
