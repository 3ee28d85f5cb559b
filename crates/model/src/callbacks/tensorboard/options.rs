//! The options of the callback.

use super::{Run, TensorBoard};
use crate::data::Data;
use rhyton_base::{Error, Result, did_you_mean};
use std::path::Path;

impl TensorBoard {
    /// Writes to runs in this folder, which no other run should write to.
    pub fn new(log_dir: impl AsRef<Path>) -> TensorBoard {
        TensorBoard {
            log_dir: log_dir.as_ref().to_path_buf(),
            histogram_freq: 0,
            write_graph: true,
            write_images: false,
            write_steps_per_second: false,
            update_freq: UpdateFreq::Epoch,
            profile_batch: ProfileBatch::default(),
            embeddings_freq: 0,
            embeddings_metadata: EmbeddingsMetadata::None,
            gradients: None,
            run: Run::new(),
        }
    }

    /// Histograms of weights every so many epochs; 0 for none.
    #[must_use]
    pub fn histogram_freq(self, epochs: usize) -> TensorBoard {
        TensorBoard { histogram_freq: epochs, ..self }
    }

    /// Whether the graph of the model is written.
    #[must_use]
    pub fn write_graph(self, write_graph: bool) -> TensorBoard {
        TensorBoard { write_graph, ..self }
    }

    /// Whether weights are written as pictures with their histograms.
    #[must_use]
    pub fn write_images(self, write_images: bool) -> TensorBoard {
        TensorBoard { write_images, ..self }
    }

    /// Whether it is written how many steps are made in a second.
    #[must_use]
    pub fn write_steps_per_second(self, write_steps_per_second: bool) -> TensorBoard {
        TensorBoard { write_steps_per_second, ..self }
    }

    /// `"epoch"`, `"batch"`, or after how many batches metrics are written besides.
    #[must_use]
    pub fn update_freq(self, update_freq: impl Into<UpdateFreq>) -> TensorBoard {
        TensorBoard { update_freq: update_freq.into(), ..self }
    }

    /// The batch, or the first and the last batch, whose times are written; counted from 1 over all epochs.
    #[must_use]
    pub fn profile_batch(self, batches: impl Into<ProfileBatch>) -> TensorBoard {
        TensorBoard { profile_batch: batches.into(), ..self }
    }

    /// Weights of `Embedding` layers every so many epochs; 0 for none.
    #[must_use]
    pub fn embeddings_freq(self, epochs: usize) -> TensorBoard {
        TensorBoard { embeddings_freq: epochs, ..self }
    }

    /// The file with the names of an embedding's rows, a line each, seen from the folder of the logs; or pairs of layers
    /// and files.
    #[must_use]
    pub fn embeddings_metadata(self, metadata: impl Into<EmbeddingsMetadata>) -> TensorBoard {
        TensorBoard { embeddings_metadata: metadata.into(), ..self }
    }

    /// Histograms of the gradients of the loss for these samples with the histograms of the weights. Keras has no such
    /// option. A batch of a few hundred samples is enough.
    #[must_use]
    pub fn gradients(self, x: impl Into<Data>, y: impl Into<Data>) -> TensorBoard {
        TensorBoard { gradients: Some((x.into(), y.into())), ..self }
    }
}

/// When the callback writes metrics.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UpdateFreq {
    /// After each epoch.
    Epoch,
    /// Every so many batches too.
    Batches(usize),
    /// A word that is neither `"epoch"` nor `"batch"`; `fit` fails.
    Unknown(String),
}

impl UpdateFreq {
    pub(super) fn check(&self) -> Result<()> {
        match self {
            UpdateFreq::Unknown(word) => {
                let hint = did_you_mean(word, &["epoch", "batch"]);
                Err(Error::value(format!(
                    "update_freq: expected \"epoch\", \"batch\" or a number, got {word:?}{hint}"
                )))
            }
            UpdateFreq::Batches(0) => Err(Error::value("update_freq: expected at least 1 batch, got 0")),
            _ => Ok(()),
        }
    }

    pub(super) fn is_due(&self, batch: i64) -> bool {
        matches!(self, UpdateFreq::Batches(n) if batch % *n as i64 == 0)
    }
}

impl From<&str> for UpdateFreq {
    fn from(word: &str) -> UpdateFreq {
        match word {
            "epoch" => UpdateFreq::Epoch,
            "batch" => UpdateFreq::Batches(1),
            other => UpdateFreq::Unknown(other.to_string()),
        }
    }
}

impl From<usize> for UpdateFreq {
    fn from(batches: usize) -> UpdateFreq {
        UpdateFreq::Batches(batches)
    }
}

/// The first and the last batch that is profiled; both 0 for none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProfileBatch {
    first: usize,
    last: usize,
}

impl ProfileBatch {
    pub(super) fn check(&self) -> Result<()> {
        match self.first <= self.last {
            true => Ok(()),
            false => {
                let (first, last) = (self.first, self.last);
                Err(Error::value(format!(
                    "profile_batch: expected a batch, or the first and the last of several, got {first} to {last}"
                )))
            }
        }
    }

    pub(super) fn begins_at(self, batch: i64) -> bool {
        self.last > 0 && batch == self.first.max(1) as i64
    }

    pub(super) fn last(self) -> i64 {
        self.last as i64
    }
}

impl From<usize> for ProfileBatch {
    fn from(batch: usize) -> ProfileBatch {
        ProfileBatch { first: batch, last: batch }
    }
}

impl From<(usize, usize)> for ProfileBatch {
    fn from((first, last): (usize, usize)) -> ProfileBatch {
        ProfileBatch { first, last }
    }
}

/// The files with the names of the rows of embeddings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum EmbeddingsMetadata {
    /// There are none.
    #[default]
    None,
    /// One for all.
    All(String),
    /// Names of layers and their files.
    ByLayer(Vec<(String, String)>),
}

impl EmbeddingsMetadata {
    pub(super) fn of(&self, layer: &str) -> Option<String> {
        match self {
            EmbeddingsMetadata::None => None,
            EmbeddingsMetadata::All(file) => Some(file.clone()),
            EmbeddingsMetadata::ByLayer(files) => {
                files.iter().find(|(l, _)| l == layer).map(|(_, f)| f.clone())
            }
        }
    }
}

impl From<&str> for EmbeddingsMetadata {
    fn from(file: &str) -> EmbeddingsMetadata {
        EmbeddingsMetadata::All(file.to_string())
    }
}

impl<const N: usize> From<[(&str, &str); N]> for EmbeddingsMetadata {
    fn from(files: [(&str, &str); N]) -> EmbeddingsMetadata {
        EmbeddingsMetadata::ByLayer(files.map(|(l, f)| (l.to_string(), f.to_string())).into())
    }
}
