//! Losses made from functions.

use super::common::Common;
use super::{Loss, Reduction};
use crate::numbers::same_rank;
use crate::spec::Config;
use rhyton_base::{DType, Result};
use rhyton_tensor::Tensor;
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
    common: Common,
    function: Arc<Function>,
}

impl FnLoss {
    /// The function under a name. Files keep the name.
    pub fn new(
        name: impl Into<String>,
        function: impl Fn(&Tensor, &Tensor) -> Result<Tensor> + Send + Sync + 'static,
    ) -> FnLoss {
        FnLoss { common: Common::new(&name.into()), function: Arc::new(function) }
    }

    /// How the values become one number.
    #[must_use]
    pub fn reduction(self, reduction: Reduction) -> FnLoss {
        FnLoss { common: Common { reduction, ..self.common }, ..self }
    }

    /// The type in which it is computed, in place of that of the predictions.
    #[must_use]
    pub fn dtype(self, dtype: DType) -> FnLoss {
        FnLoss { common: Common { dtype: Some(dtype), ..self.common }, ..self }
    }
}

impl fmt::Debug for FnLoss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FnLoss").field("common", &self.common).finish()
    }
}

impl Loss for FnLoss {
    fn name(&self) -> &str {
        &self.common.name
    }

    fn call(&self, y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
        let (y_true, y_pred) = same_rank(y_true, y_pred)?;
        (self.function)(&y_true, &y_pred)
    }

    fn reduction(&self) -> Reduction {
        self.common.reduction
    }

    fn dtype(&self) -> Option<DType> {
        self.common.dtype
    }

    /// `"function"`: files hold the name of the function and nothing else.
    fn class_name(&self) -> &'static str {
        "function"
    }

    fn config(&self) -> Config {
        self.common.config()
    }
}
