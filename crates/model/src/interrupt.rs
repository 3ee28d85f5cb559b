//! Ending work from outside, as a program does on Ctrl-C.

use rhyton_base::{Error, ErrorKind, Result};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};

static REQUESTED: LazyLock<Arc<AtomicBool>> = LazyLock::new(Arc::default);
static IDLE: LazyLock<Arc<AtomicBool>> = LazyLock::new(|| Arc::new(AtomicBool::new(true)));
static RUNNING: AtomicUsize = AtomicUsize::new(0);

/// A flag for handlers of signals: set, it ends whatever runs of `fit`, `evaluate` and `predict` after its current
/// step, with an error of kind [`ErrorKind::Interrupted`]. The error takes the flag down again.
///
/// Callbacks are not told that training ended, so that backups stay where they are. The library itself installs no
/// handler.
///
/// ```
/// use rhyton_base::ErrorKind;
/// use rhyton_model::{Fit, Sequential, interrupt_flag};
/// # use rhyton_nn::layers::Dense;
/// # let x = rhyton_tensor::ops::ones([8, 2], rhyton_tensor::DType::F32)?;
/// # let mut model = Sequential::from([Dense::new(2)]);
/// # model.compile("sgd", "mse", ())?;
/// interrupt_flag().store(true, std::sync::atomic::Ordering::Relaxed);
/// let e = model.fit(&x, &x, Fit::epochs(2).verbose(0)).unwrap_err();
/// assert_eq!(e.kind(), ErrorKind::Interrupted);
/// assert_eq!(e.to_string(), "fit: interrupted");
/// # Ok::<(), rhyton_base::Error>(())
/// ```
pub fn interrupt_flag() -> Arc<AtomicBool> {
    REQUESTED.clone()
}

/// A flag for handlers of signals: true while none of `fit`, `evaluate` and `predict` is running, so that nobody would
/// look at [`interrupt_flag`].
pub fn idle_flag() -> Arc<AtomicBool> {
    IDLE.clone()
}

/// A run that looks at the flag.
pub(crate) struct Running(());

impl Running {
    pub fn begin() -> Running {
        RUNNING.fetch_add(1, Ordering::SeqCst);
        IDLE.store(false, Ordering::SeqCst);
        Running(())
    }

    /// An error if somebody asked for the end.
    pub fn check(&self) -> Result<()> {
        match REQUESTED.load(Ordering::Relaxed) && REQUESTED.swap(false, Ordering::SeqCst) {
            true => Err(Error::new(ErrorKind::Interrupted, "interrupted")),
            false => Ok(()),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if RUNNING.fetch_sub(1, Ordering::SeqCst) == 1 {
            IDLE.store(true, Ordering::SeqCst);
        }
    }
}
