//! `TerminateOnNaN`.

use super::progress::print;
use super::{Callback, CallbackCx};
use rhyton_base::{Error, Result};

/// Ends training at the first batch after which the loss is not a finite number.
///
/// Looking at the loss after each batch costs some microseconds.
///
/// # Errors
/// With [`TerminateOnNaN::raise_error`], `fit` fails at that batch, and no other callback is told that training ended.
/// The error says where the number came from, see [`CallbackCx::why_not_finite`].
///
/// Source: `keras/src/callbacks/terminate_on_nan.py`.
///
/// ```
/// use rhyton_model::{Fit, Sequential, TerminateOnNaN};
/// use rhyton_nn::optimizers::SGD;
/// # use rhyton_nn::layers::Dense;
/// # let x = rhyton_tensor::ops::ones([8, 2], rhyton_tensor::DType::F32)?;
/// # let mut model = Sequential::from([Dense::new(2)]);
/// model.compile(SGD::new(1e30), "mse", ())?;
/// let history = model.fit(&x, &x, Fit::epochs(50).verbose(0).callback(TerminateOnNaN::new()))?;
/// assert!(history.epochs().len() < 10);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct TerminateOnNaN {
    raise_error: bool,
}

impl TerminateOnNaN {
    /// Ends training as [`CallbackCx::stop_training`] does.
    pub fn new() -> TerminateOnNaN {
        TerminateOnNaN::default()
    }

    /// Whether `fit` is to fail.
    #[must_use]
    pub fn raise_error(self, raise_error: bool) -> TerminateOnNaN {
        TerminateOnNaN { raise_error }
    }
}

impl Callback for TerminateOnNaN {
    fn on_train_batch_end(&mut self, cx: &CallbackCx, batch: usize) -> Result<()> {
        match cx.logs()?.get("loss") {
            Some(loss) if !loss.is_finite() && self.raise_error => {
                let message = format!("the loss is {loss} after batch {batch}: {}", cx.why_not_finite()?);
                Err(Error::value(message).at("TerminateOnNaN"))
            }
            Some(loss) if !loss.is_finite() => {
                print(&format!("Batch {batch}: Invalid loss, terminating training\n"));
                cx.stop_training();
                Ok(())
            }
            _ => Ok(()),
        }
    }
}
