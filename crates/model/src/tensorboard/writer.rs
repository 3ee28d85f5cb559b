//! The writer of a run.

use super::{graph, histogram, image};
use crate::Model;
use rhyton_base::{Context, Diagram, Result};
use rhyton_io::events::event::What;
use rhyton_io::events::{
    EventWriter, HParam, HParamsPluginData, PluginData, SessionEndInfo, SessionStartInfo, Summary,
    SummaryMetadata, SummaryValue, TensorProto, hparam, hparams_plugin_data::Data,
};
use rhyton_tensor::Tensor;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::SystemTime;

/// A writer of a new event file in this folder, which is created where it is missing. As `tf.summary.create_file_writer`.
///
/// # Errors
/// Where the folder cannot be written.
pub fn create_file_writer(logdir: impl AsRef<Path>) -> Result<FileWriter> {
    let writer = EventWriter::create(logdir).at(|| "create_file_writer")?;
    Ok(FileWriter(Arc::new(Mutex::new(writer))))
}

/// Writes summaries to an event file. Copies write to the same file.
///
/// Values reach the file two minutes later at the latest, when [`FileWriter::flush`] is called, and when the last copy is
/// dropped. Every method fails where the file cannot be written, and else only where it says so.
#[derive(Clone, Debug)]
pub struct FileWriter(Arc<Mutex<EventWriter>>);

fn now() -> f64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0.0, |t| t.as_secs_f64())
}

impl FileWriter {
    fn lock(&self) -> MutexGuard<'_, EventWriter> {
        self.0.lock().unwrap_or_else(|e| e.into_inner())
    }

    fn write(&self, step: i64, what: What) -> Result<()> {
        self.lock().write(step, what)
    }

    /// A tensor for a part of TensorBoard.
    fn add(&self, tag: &str, step: i64, plugin: &str, content: &[u8], tensor: TensorProto) -> Result<()> {
        let plugin_data = Some(PluginData { plugin_name: plugin.to_string(), content: content.to_vec() });
        let metadata = Some(SummaryMetadata { plugin_data, ..SummaryMetadata::default() });
        let value = SummaryValue { tag: tag.to_string(), tensor: Some(tensor), metadata };
        self.write(step, What::Summary(Summary { value: vec![value] }))
    }

    /// The event file.
    pub fn path(&self) -> PathBuf {
        self.lock().path().to_path_buf()
    }

    /// A number, kept in `float32`: a point of the curve of this tag.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn scalar(&self, tag: &str, value: f64, step: i64) -> Result<()> {
        self.add(tag, step, "scalars", b"", TensorProto::scalar(value as f32))
    }

    /// How the numbers of a tensor are spread: how many lie in each of 30 parts of equal width between the smallest and
    /// the largest. Numbers that are not finite are left out.
    ///
    /// # Errors
    /// Where the tensor holds no numbers.
    pub fn histogram(&self, tag: &str, data: &Tensor, step: i64) -> Result<()> {
        self.histogram_of(tag, data, step, 30)
    }

    /// The same with another number of parts.
    ///
    /// # Errors
    /// Where the tensor holds no numbers.
    pub fn histogram_of(&self, tag: &str, data: &Tensor, step: i64, buckets: usize) -> Result<()> {
        let rows = histogram::buckets(&data.to_f64s().at(|| format!("histogram {tag:?}"))?, buckets);
        let tensor = TensorProto::doubles(&[buckets, 3], rows.as_flattened());
        self.add(tag, step, "histograms", b"", tensor)
    }

    /// Up to three pictures: a tensor (pictures, height, width, channels) or (height, width, channels) with 1 (gray),
    /// 2 (gray, opacity), 3 (RGB) or 4 (RGB, opacity) channels. Floats go from 0 to 1, what lies outside is cut off;
    /// integers from 0 to 255.
    ///
    /// # Errors
    /// Where the tensor has another shape.
    pub fn image(&self, tag: &str, data: &Tensor, step: i64) -> Result<()> {
        self.images(tag, data, step, 3)
    }

    /// The same with up to `max_outputs` pictures.
    ///
    /// # Errors
    /// Where the tensor has another shape.
    pub fn images(&self, tag: &str, data: &Tensor, step: i64, max_outputs: usize) -> Result<()> {
        let parts = image::parts(data, max_outputs).at(|| format!("image {tag:?}"))?;
        self.add(tag, step, "images", b"", TensorProto::texts(&[parts.len()], parts))
    }

    /// A text in Markdown.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn text(&self, tag: &str, text: &str, step: i64) -> Result<()> {
        self.add(tag, step, "text", b"", TensorProto::texts(&[], vec![text.as_bytes().to_vec()]))
    }

    /// A graph of operations or layers: those that models, tapes and functions describe.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn graph(&self, graph: &Diagram) -> Result<()> {
        self.write(0, What::GraphDef(graph::encode(graph)))
    }

    /// The layers of a model, from which TensorBoard draws its "conceptual graph".
    ///
    /// # Errors
    /// Where the model cannot be described: see [`Model::to_json`].
    pub fn keras_model(&self, tag: &str, model: &Model, step: i64) -> Result<()> {
        let tensor = TensorProto::texts(&[], vec![model.to_json()?.into_bytes()]);
        self.add(tag, step, "graph_keras_model", b"1", tensor)
    }

    /// The hyperparameters of this run, a row in TensorBoard's table of trials beside the run's last scalars.
    ///
    /// ```
    /// use rhyton_model::tensorboard::create_file_writer;
    /// # let logs = std::env::temp_dir().join(format!("rhyton-hparams-{}", std::process::id()));
    /// let writer = create_file_writer(logs.join("trial-1"))?;
    /// writer.hparams([("units", 16.into()), ("optimizer", "adam".into()), ("dropout", 0.5.into())])?;
    /// writer.scalar("accuracy", 0.91, 1)?;
    /// writer.hparams_end(true)?;
    /// # std::fs::remove_dir_all(&logs)?;
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn hparams<N: Into<String>>(&self, hparams: impl IntoIterator<Item = (N, HParam)>) -> Result<()> {
        let hparams = hparams.into_iter().map(|(name, value)| (name.into(), value)).collect();
        let group_name = group(&hparams);
        let start = SessionStartInfo { hparams, group_name, start_time_secs: now() };
        self.add_hparams("_hparams_/session_start_info", Data::SessionStartInfo(start))
    }

    /// The trial has ended, well or not.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn hparams_end(&self, success: bool) -> Result<()> {
        let end = SessionEndInfo { status: if success { 1 } else { 2 }, end_time_secs: now() };
        self.add_hparams("_hparams_/session_end_info", Data::SessionEndInfo(end))
    }

    fn add_hparams(&self, tag: &str, data: Data) -> Result<()> {
        let content = HParamsPluginData { version: 0, data: Some(data) }.to_bytes();
        // All is said in the metadata; TensorBoard wants a number beside it.
        self.add(tag, 0, "hparams", &content, TensorProto::floats(&[0.0]))
    }

    /// Makes all that was written reach the file.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn flush(&self) -> Result<()> {
        self.lock().flush()
    }
}

/// One name for all trials with the same hyperparameters.
fn group(hparams: &std::collections::BTreeMap<String, HParam>) -> String {
    let mut name = String::new();
    for (key, value) in hparams {
        let value = match &value.kind {
            Some(hparam::Kind::Number(v)) => v.to_string(),
            Some(hparam::Kind::Text(v)) => format!("{v:?}"),
            Some(hparam::Kind::Bool(v)) => v.to_string(),
            None => String::new(),
        };
        let _ = write!(name, "{}{key}={value}", if name.is_empty() { "" } else { ", " });
    }
    name
}
