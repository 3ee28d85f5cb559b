//! Mean squared and mean absolute error.

use super::function::{base_config, loss_methods, read_base};
use super::{Loss, Reduction};
use crate::arguments::Arguments;
use crate::numbers::{check_same_shape, same_rank};
use crate::spec::Config;
use rhyton_base::Result;
use rhyton_tensor::{Tensor, ops};

/// The differences, with both cast to the type of the predictions.
///
/// Keras stretches targets and predictions of different shapes to one another, which hides mistakes such as targets
/// of shape (n, 3) for predictions of shape (n, 1); here that is an error.
fn difference(y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
    let y_pred = ops::cast(y_pred, y_pred.dtype().to_float())?;
    let y_true = ops::cast(y_true, y_pred.dtype())?;
    let (y_true, y_pred) = same_rank(&y_true, &y_pred)?;
    check_same_shape(&y_true, &y_pred)?;
    ops::subtract(&y_true, &y_pred)
}

/// The mean over the last axis, or the only element of a scalar.
pub(super) fn mean_last(x: &Tensor, axis: isize) -> Result<Tensor> {
    if x.rank() == 0 { Ok(x.clone()) } else { ops::mean(x, axis) }
}

/// `mean((y_true - y_pred)²)` over the last axis.
///
/// # Errors
/// Where shapes differ by more than a last axis of size 1.
///
/// ```
/// use rhyton_nn::losses::mean_squared_error;
/// use rhyton_tensor::Tensor;
/// let loss = mean_squared_error(&Tensor::from([[0.0f32, 1.0]]), &Tensor::from([[1.0f32, 3.0]])).unwrap();
/// assert_eq!(loss.to_vec::<f32>().unwrap(), [2.5]);
/// ```
pub fn mean_squared_error(y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
    mean_last(&ops::square(&difference(y_true, y_pred)?)?, -1)
}

/// `mean(|y_true - y_pred|)` over the last axis; where both are equal the gradient is 0.
///
/// # Errors
/// Where shapes differ by more than a last axis of size 1.
pub fn mean_absolute_error(y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
    mean_last(&ops::abs(&difference(y_true, y_pred)?)?, -1)
}

macro_rules! errors {
    ($($(#[$doc:meta])* $Name:ident $class:literal $function:ident $name:literal;)*) => {$(
        $(#[$doc])*
        ///
        /// # Errors
        /// Where shapes differ by more than a last axis of size 1.
        #[derive(Clone, Debug)]
        pub struct $Name {
            name: String,
            reduction: Reduction,
        }

        impl Default for $Name {
            fn default() -> $Name {
                $Name { name: $name.to_string(), reduction: Reduction::default() }
            }
        }

        impl $Name {
            loss_methods!($Name);

            pub(crate) fn from_config(config: &Config) -> Result<$Name> {
                let mut a = Arguments::new($class, config);
                let (name, reduction) = read_base(&mut a, $class, $name)?;
                a.finish()?;
                Ok($Name { name, reduction })
            }
        }

        impl Loss for $Name {
            fn name(&self) -> &str {
                &self.name
            }

            fn call(&self, y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
                $function(y_true, y_pred)
            }

            fn reduction(&self) -> Reduction {
                self.reduction
            }

            fn class_name(&self) -> &'static str {
                $class
            }

            fn config(&self) -> Config {
                base_config(&self.name, self.reduction)
            }
        }
    )*};
}

errors! {
    /// The mean of squared differences.
    MeanSquaredError "MeanSquaredError" mean_squared_error "mean_squared_error";
    /// The mean of absolute differences.
    MeanAbsoluteError "MeanAbsoluteError" mean_absolute_error "mean_absolute_error";
}
