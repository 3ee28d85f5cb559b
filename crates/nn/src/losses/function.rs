//! Losses made from functions, and what all losses share.

use super::{Loss, Reduction};
use crate::arguments::{Arguments, config};
use crate::numbers::same_rank;
use crate::spec::Config;
use rhyton_base::{Context, Result};
use rhyton_tensor::Tensor;
use serde_json::Value;
use std::fmt;
use std::sync::Arc;

type Function = dyn Fn(&Tensor, &Tensor) -> Result<Tensor> + Send + Sync;

/// A loss made from a function of targets and predictions that gives one value per sample.
///
/// ```
/// use rhyton_nn::losses::{FnLoss, compute};
/// use rhyton_tensor::Tensor;
/// let cubic = FnLoss::new("cubic", |y_true, y_pred| {
///     let d = (y_true - y_pred).abs();
///     (&d * &d * &d).mean(-1)
/// });
/// let (y_true, y_pred) = (Tensor::from([[0.0f32, 0.0]]), Tensor::from([[1.0f32, 2.0]]));
/// assert_eq!(compute(&cubic, &y_true, &y_pred, None).unwrap().item::<f32>().unwrap(), 4.5);
/// ```
#[derive(Clone)]
pub struct FnLoss {
    name: String,
    reduction: Reduction,
    function: Arc<Function>,
}

impl FnLoss {
    /// The function under a name. Files keep the name.
    pub fn new(
        name: impl Into<String>,
        function: impl Fn(&Tensor, &Tensor) -> Result<Tensor> + Send + Sync + 'static,
    ) -> FnLoss {
        FnLoss { name: name.into(), reduction: Reduction::default(), function: Arc::new(function) }
    }

    /// How the values become one number.
    #[must_use]
    pub fn reduction(self, reduction: Reduction) -> FnLoss {
        FnLoss { reduction, ..self }
    }
}

impl fmt::Debug for FnLoss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FnLoss").field("name", &self.name).field("reduction", &self.reduction).finish()
    }
}

impl Loss for FnLoss {
    fn name(&self) -> &str {
        &self.name
    }

    fn call(&self, y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
        let (y_true, y_pred) = same_rank(y_true, y_pred)?;
        (self.function)(&y_true, &y_pred)
    }

    fn reduction(&self) -> Reduction {
        self.reduction
    }

    /// `"function"`: files hold the name of the function and nothing else.
    fn class_name(&self) -> &'static str {
        "function"
    }

    fn config(&self) -> Config {
        base_config(&self.name, self.reduction)
    }
}

/// The arguments that all losses have.
pub(super) fn base_config(name: &str, reduction: Reduction) -> Config {
    config([("name", Value::from(name)), ("reduction", Value::from(reduction.name()))])
}

/// Name and reduction from a file. The type is read and set aside: losses follow the type of the predictions.
pub(super) fn read_base(
    a: &mut Arguments<'_>,
    class: &'static str,
    name: &str,
) -> Result<(String, Reduction)> {
    a.ignore(&["dtype"]);
    let name = a.optional_text("name")?.unwrap_or(name).to_string();
    let reduction = match a.given("reduction") {
        Some(Value::Null) => Reduction::None,
        _ => a.optional_text("reduction")?.map_or(Ok(Reduction::default()), str::parse).at(|| class)?,
    };
    Ok((name, reduction))
}

/// The builder methods that all losses have.
macro_rules! loss_methods {
    ($Name:ident) => {
        /// With Keras's default arguments.
        pub fn new() -> $Name {
            $Name::default()
        }

        /// The name under which it appears.
        #[must_use]
        pub fn name(self, name: impl Into<String>) -> $Name {
            $Name { name: name.into(), ..self }
        }

        /// How the values become one number.
        #[must_use]
        pub fn reduction(self, reduction: Reduction) -> $Name {
            $Name { reduction, ..self }
        }
    };
}
pub(super) use loss_methods;
