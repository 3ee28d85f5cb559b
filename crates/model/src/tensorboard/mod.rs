//! Summaries for TensorBoard: scalars, histograms, pictures, texts, graphs, hyperparameters and embeddings, written to
//! event files as `tf.summary` does. The callback that writes them while a model trains is
//! [`TensorBoard`](crate::TensorBoard).
//!
//! ```
//! use rhyton_model::tensorboard as summary;
//! # let logs = std::env::temp_dir().join(format!("rhyton-summary-{}", std::process::id()));
//! let writer = summary::create_file_writer(logs.join("train"))?;
//! writer.scalar("loss", 0.5, 0)?;
//! {
//!     // Or with a writer that functions without one find.
//!     let _default = writer.as_default();
//!     for step in 1..10 {
//!         summary::scalar("loss", 0.5 / step as f64, step)?;
//!     }
//!     summary::text("notes", "The loss falls as **1/step**.", 0)?;
//! }
//! writer.flush()?;
//! # std::fs::remove_dir_all(&logs)?;
//! # Ok::<(), rhyton_base::Error>(())
//! ```
//!
//! `tensorboard --logdir logs` shows them; each folder with an event file is a run.

mod default;
mod graph;
mod histogram;
mod image;
mod projector;
mod trace;
mod writer;

pub use default::{DefaultWriter, histogram, hparams, image, scalar, text};
pub use projector::Projector;
pub(crate) use projector::{Embedding, write_config, write_tensor};
pub use rhyton_io::events::HParam;
pub(crate) use trace::Trace;
pub use writer::{FileWriter, create_file_writer};
