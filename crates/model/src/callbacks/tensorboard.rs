//! `TensorBoard`.

mod options;
mod weights;

pub use options::{EmbeddingsMetadata, ProfileBatch, UpdateFreq};

use super::{Callback, CallbackCx};
use crate::data::Data;
use crate::plot::PlotModel;
use crate::structure::View;
use crate::tensorboard::{Embedding, FileWriter, Trace, create_file_writer, write_config, write_tensor};
use crate::training::Logs;
use rhyton_base::{Context, Error, Result, did_you_mean};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Writes what TensorBoard shows: `tensorboard --logdir logs`.
///
/// The run `train` gets `epoch_loss`, `epoch_learning_rate` and the other metrics of training after each epoch and the
/// graph of the model; the run `validation` those of validation data, and after each evaluation `evaluation_loss_vs_iterations`
/// over the optimizer's steps. Tags, steps and values are Keras's.
///
/// | option | default |
/// |---|---|
/// | `log_dir` | `"logs"` |
/// | `histogram_freq` | 0: never; n: histograms of the weights (`net/dense/kernel/histogram`) every n epochs, from the first |
/// | `write_graph` | true: the layers as `keras`, and as a graph of operations |
/// | `write_images` | false; true: with the histograms, weights as pictures (`net/dense/kernel/image`) |
/// | `write_steps_per_second` | false; true: `epoch_steps_per_second`, and `batch_steps_per_second` where batches are written |
/// | `update_freq` | `"epoch"`; `"batch"` or a number n: `batch_loss` and the other metrics every n batches too |
/// | `profile_batch` | 0: none; a number or a pair: the times of these batches (counted from 1) |
/// | `embeddings_freq` | 0: never; n: the weights of `Embedding` layers every n epochs |
/// | `embeddings_metadata` | none; a file with the names of the rows, or one for each layer by name |
/// | `gradients` | none; samples: with the histograms, those of the gradients of their loss (`net/dense/kernel/gradient/histogram`) |
///
/// The times of profiled batches are written as scalars `profile_step_seconds` and as a file of trace events
/// (`train/plugins/profile/*/steps.trace.json`) that <https://ui.perfetto.dev> and Chrome draw. Embeddings are written as
/// tables for the projector and, as in Keras, as weights files. With `update_freq` n, Keras 3.15 writes the metrics of only
/// those epochs whose last batch is a multiple of n; here those of all epochs are written.
///
/// # Errors
/// `fit` fails where an option is none of those, a name of `embeddings_metadata` is that of no `Embedding` layer, or a file
/// cannot be written.
///
/// Source: `keras/src/callbacks/tensorboard.py`.
///
/// ```
/// use rhyton_model::{Fit, Sequential, TensorBoard};
/// # use rhyton_nn::layers::Dense;
/// # let x = rhyton_tensor::ops::ones([8, 2], rhyton_tensor::DType::F32)?;
/// # let mut model = Sequential::from([Dense::new(2)]);
/// # let logs = std::env::temp_dir().join(format!("rhyton-tensorboard-{}", std::process::id()));
/// model.compile("sgd", "mse", ["mae"])?;
/// let board = TensorBoard::new(&logs).histogram_freq(1).update_freq("batch");
/// model.fit(&x, &x, Fit::epochs(3).validation_split(0.5).verbose(0).callback(board))?;
/// assert!(logs.join("train").is_dir() && logs.join("validation").is_dir());
/// # std::fs::remove_dir_all(&logs)?;
/// # Ok::<(), rhyton_base::Error>(())
/// ```
#[derive(Debug)]
pub struct TensorBoard {
    log_dir: PathBuf,
    histogram_freq: usize,
    write_graph: bool,
    write_images: bool,
    write_steps_per_second: bool,
    update_freq: UpdateFreq,
    profile_batch: ProfileBatch,
    embeddings_freq: usize,
    embeddings_metadata: EmbeddingsMetadata,
    gradients: Option<(Data, Data)>,
    run: Run,
}

/// What it remembers while a model trains.
#[derive(Debug)]
struct Run {
    train: Option<FileWriter>,
    validation: Option<FileWriter>,
    in_fit: bool,
    /// Batches trained on so far.
    batch: i64,
    batch_began: Instant,
    epoch_began: Instant,
    iterations_before: f64,
    trace: Option<Trace>,
    /// Layers with embeddings, and what the projector knows of them.
    embeddings: Vec<(String, Embedding)>,
}

impl Run {
    fn new() -> Run {
        let now = Instant::now();
        Run {
            train: None,
            validation: None,
            in_fit: false,
            batch: 0,
            batch_began: now,
            epoch_began: now,
            iterations_before: 0.0,
            trace: None,
            embeddings: Vec::new(),
        }
    }
}

/// The writer of a run, made when it is first needed, so that no empty runs are shown.
fn writer<'a>(place: &'a mut Option<FileWriter>, log_dir: &Path, run: &str) -> Result<&'a FileWriter> {
    match place {
        Some(writer) => Ok(writer),
        none => Ok(none.insert(create_file_writer(log_dir.join(run))?)),
    }
}

impl TensorBoard {
    fn train(&mut self) -> Result<&FileWriter> {
        writer(&mut self.run.train, &self.log_dir, "train")
    }

    fn validation(&mut self) -> Result<&FileWriter> {
        writer(&mut self.run.validation, &self.log_dir, "validation")
    }

    /// A new run begins.
    fn begin(&mut self, cx: &CallbackCx) -> Result<()> {
        self.update_freq.check()?;
        self.profile_batch.check()?;
        self.run = Run::new();
        if self.write_graph {
            self.write_model(cx)?;
        }
        if self.embeddings_freq > 0 {
            self.configure_embeddings(cx)?;
        }
        Ok(())
    }

    fn write_model(&mut self, cx: &CallbackCx) -> Result<()> {
        let model = cx.model();
        let writer = self.train()?;
        if !matches!(model.view(), View::Other)
            && let Err(e) = writer.keras_model("keras", model, 0)
        {
            // A layer that cannot be described is no reason not to train.
            eprintln!("warning: TensorBoard shows no layers: {e}");
        }
        let options = PlotModel::new().show_layer_names(true).show_shapes(true).expand_nested(true);
        match model.is_built() {
            true => writer.graph(&model.diagram(&options)?),
            false => Ok(()),
        }
    }

    fn configure_embeddings(&mut self, cx: &CallbackCx) -> Result<()> {
        let layers = cx.model().layers();
        let layers: Vec<String> =
            layers.iter().filter(|l| l.class_name() == "Embedding").map(|l| l.name()).collect();
        if let EmbeddingsMetadata::ByLayer(files) = &self.embeddings_metadata
            && let Some((name, _)) = files.iter().find(|(name, _)| !layers.contains(name))
        {
            let known: Vec<&str> = layers.iter().map(String::as_str).collect();
            let fact = format!(
                "embeddings_metadata: there is no Embedding layer {name:?}{}",
                did_you_mean(name, &known)
            );
            return Err(Error::name(fact));
        }
        for layer in layers {
            let embedding = Embedding {
                tensor_name: layer.clone(),
                tensor_path: format!("train/keras_embedding-{layer}.tsv"),
                metadata_path: self.embeddings_metadata.of(&layer),
            };
            self.run.embeddings.push((layer, embedding));
        }
        let all: Vec<Embedding> = self.run.embeddings.iter().map(|(_, e)| e.clone()).collect();
        // Tables stand beside the events of training.
        self.train()?;
        write_config(&self.log_dir, &all)?;
        self.write_embeddings(cx)
    }

    /// The tables that the projector shows.
    fn write_embeddings(&self, cx: &CallbackCx) -> Result<()> {
        for (layer, embedding) in &self.run.embeddings {
            if let Some(weight) = cx.model().get_layer(layer)?.weights().first() {
                write_tensor(&self.log_dir.join(&embedding.tensor_path), &weight.concrete_value())?;
            }
        }
        Ok(())
    }

    fn iterations(cx: &CallbackCx) -> Result<f64> {
        cx.model().optimizer()?.iterations().concrete_value().to_f64s().map(|v| v[0])
    }

    fn batch_done(&mut self, cx: &CallbackCx) -> Result<()> {
        let (batch, began) = (self.run.batch, self.run.batch_began);
        if self.update_freq.is_due(batch) {
            let logs = cx.logs()?;
            let per_second = 1.0 / began.elapsed().as_secs_f64();
            let with_speed = self.write_steps_per_second;
            let writer = self.train()?;
            if with_speed {
                writer.scalar("batch_steps_per_second", per_second, batch)?;
            }
            logs.iter()
                .try_for_each(|(name, value)| writer.scalar(&format!("batch_{name}"), value, batch))?;
        }
        if let Some(trace) = &mut self.run.trace {
            let seconds = trace.step(batch, began);
            self.train()?.scalar("profile_step_seconds", seconds, batch)?;
            if batch >= self.profile_batch.last() {
                self.save_trace()?;
            }
        }
        Ok(())
    }

    fn save_trace(&mut self) -> Result<()> {
        match self.run.trace.take() {
            Some(trace) => trace.save(&self.log_dir.join("train")).map(|_| ()),
            None => Ok(()),
        }
    }

    fn write_metrics(&mut self, cx: &CallbackCx, epoch: i64, logs: &Logs) -> Result<()> {
        if logs.is_empty() {
            return Ok(());
        }
        let mut train: Logs = logs.iter().filter(|(name, _)| !name.starts_with("val_")).collect();
        if let Ok(optimizer) = cx.model().optimizer() {
            match optimizer.class_name() == "MultiOptimizer" {
                true => {
                    for part in optimizer.parts() {
                        train.set(format!("learning_rate_{}", part.name()), part.learning_rate()?);
                    }
                }
                false => train.set("learning_rate", optimizer.learning_rate()?),
            }
            if self.write_steps_per_second {
                let steps = Self::iterations(cx)? - self.run.iterations_before;
                train.set("steps_per_second", steps / self.run.epoch_began.elapsed().as_secs_f64());
            }
        }
        let write =
            |writer: &FileWriter, name: &str, value| writer.scalar(&format!("epoch_{name}"), value, epoch);
        let writer = self.train()?;
        train.iter().try_for_each(|(name, value)| write(writer, name, value))?;
        let validation: Vec<(&str, f64)> =
            logs.iter().filter_map(|(name, value)| Some((name.strip_prefix("val_")?, value))).collect();
        if !validation.is_empty() {
            let writer = self.validation()?;
            validation.into_iter().try_for_each(|(name, value)| write(writer, name, value))?;
        }
        Ok(())
    }

    /// Makes what was written reach the files, so that it can be seen while training goes on.
    fn flush(&self) -> Result<()> {
        [&self.run.train, &self.run.validation].into_iter().flatten().try_for_each(FileWriter::flush)
    }

    fn epoch_done(&mut self, cx: &CallbackCx, epoch: usize, logs: &Logs) -> Result<()> {
        let due = |freq: usize| freq > 0 && epoch.is_multiple_of(freq);
        self.write_metrics(cx, epoch as i64, logs)?;
        if due(self.histogram_freq) {
            self.write_weights(cx, epoch as i64)?;
        }
        if due(self.embeddings_freq) {
            let name = format!("keras_embedding.ckpt-{epoch}.weights.h5");
            cx.model().save_weights(self.log_dir.join("train").join(name))?;
            self.write_embeddings(cx)?;
        }
        self.flush()
    }
}

impl Callback for TensorBoard {
    fn on_train_begin(&mut self, cx: &CallbackCx) -> Result<()> {
        self.begin(cx).at(|| "TensorBoard")?;
        self.run.in_fit = true;
        Ok(())
    }

    fn on_train_end(&mut self, _cx: &CallbackCx, _logs: &Logs) -> Result<()> {
        self.save_trace().and_then(|()| self.flush()).at(|| "TensorBoard")?;
        self.run = Run::new();
        Ok(())
    }

    fn on_epoch_begin(&mut self, cx: &CallbackCx, _epoch: usize) -> Result<()> {
        if self.write_steps_per_second && cx.model().optimizer().is_ok() {
            self.run.iterations_before = Self::iterations(cx)?;
        }
        self.run.epoch_began = Instant::now();
        Ok(())
    }

    fn on_epoch_end(&mut self, cx: &CallbackCx, epoch: usize, logs: &mut Logs) -> Result<()> {
        self.epoch_done(cx, epoch, logs).at(|| "TensorBoard")
    }

    fn on_train_batch_begin(&mut self, _cx: &CallbackCx, _batch: usize) -> Result<()> {
        self.run.batch += 1;
        if self.profile_batch.begins_at(self.run.batch) {
            self.run.trace = Some(Trace::new());
        }
        self.run.batch_began = Instant::now();
        Ok(())
    }

    fn on_train_batch_end(&mut self, cx: &CallbackCx, _batch: usize) -> Result<()> {
        self.batch_done(cx).at(|| "TensorBoard")
    }

    fn on_test_begin(&mut self, cx: &CallbackCx) -> Result<()> {
        if self.run.in_fit { Ok(()) } else { self.begin(cx).at(|| "TensorBoard") }
    }

    fn on_test_end(&mut self, cx: &CallbackCx, logs: &Logs) -> Result<()> {
        let mut write = || {
            if cx.model().optimizer().is_err() {
                return Ok(());
            }
            let iterations = Self::iterations(cx)? as i64;
            let writer = self.validation()?;
            logs.iter().try_for_each(|(name, value)| {
                writer.scalar(&format!("evaluation_{name}_vs_iterations"), value, iterations)
            })?;
            if self.run.in_fit { Ok(()) } else { self.flush() }
        };
        write().at(|| "TensorBoard")
    }
}
