//! A writer that need not be named.

use super::FileWriter;
use rhyton_base::Result;
use rhyton_io::events::HParam;
use rhyton_tensor::Tensor;
use std::cell::RefCell;
use std::marker::PhantomData;

thread_local! {
    static WRITERS: RefCell<Vec<FileWriter>> = const { RefCell::new(Vec::new()) };
}

/// Until it is dropped, a writer is the default of its thread: see [`FileWriter::as_default`].
#[derive(Debug)]
pub struct DefaultWriter(PhantomData<*const ()>);

impl Drop for DefaultWriter {
    fn drop(&mut self) {
        WRITERS.with_borrow_mut(Vec::pop);
    }
}

impl FileWriter {
    /// Makes it the writer of the functions [`scalar`], [`histogram`], [`image`], [`text`] and [`hparams`] in this thread
    /// for as long as what is returned lives.
    #[must_use = "the writer is the default only as long as this lives"]
    pub fn as_default(&self) -> DefaultWriter {
        WRITERS.with_borrow_mut(|writers| writers.push(self.clone()));
        DefaultWriter(PhantomData)
    }
}

/// Calls the default writer. Whether there is one.
fn with(write: impl FnOnce(&FileWriter) -> Result<()>) -> Result<bool> {
    match WRITERS.with_borrow(|writers| writers.last().cloned()) {
        Some(writer) => write(&writer).map(|()| true),
        None => Ok(false),
    }
}

/// [`FileWriter::scalar`] of the default writer. Without one nothing is written, and the result is false.
///
/// # Errors
/// As there.
pub fn scalar(tag: &str, value: f64, step: i64) -> Result<bool> {
    with(|w| w.scalar(tag, value, step))
}

/// [`FileWriter::histogram`] of the default writer. Without one nothing is written, and the result is false.
///
/// # Errors
/// As there.
pub fn histogram(tag: &str, data: &Tensor, step: i64) -> Result<bool> {
    with(|w| w.histogram(tag, data, step))
}

/// [`FileWriter::image`] of the default writer. Without one nothing is written, and the result is false.
///
/// # Errors
/// As there.
pub fn image(tag: &str, data: &Tensor, step: i64) -> Result<bool> {
    with(|w| w.image(tag, data, step))
}

/// [`FileWriter::text`] of the default writer. Without one nothing is written, and the result is false.
///
/// # Errors
/// As there.
pub fn text(tag: &str, text: &str, step: i64) -> Result<bool> {
    with(|w| w.text(tag, text, step))
}

/// [`FileWriter::hparams`] of the default writer. Without one nothing is written, and the result is false.
///
/// # Errors
/// As there.
pub fn hparams<N: Into<String>>(hparams: impl IntoIterator<Item = (N, HParam)>) -> Result<bool> {
    with(|w| w.hparams(hparams))
}
