//! A callback of one's own: a picture of the loss of each batch after every epoch.

use super::{Cx, digits};
use rhyton::Logs;
use rhyton::callbacks::{Callback, CallbackCx};
use rhyton::prelude::*;
use rhyton::viz::LinePlot;
use serde_json::json;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Keeps the loss after each batch, and draws an epoch's losses when it has ended.
struct LossHistory {
    folder: PathBuf,
    losses: Vec<f64>,
    began: Instant,
    longest: Duration,
}

impl LossHistory {
    fn new(folder: PathBuf) -> LossHistory {
        LossHistory { folder, losses: Vec::new(), began: Instant::now(), longest: Duration::ZERO }
    }
}

impl Callback for LossHistory {
    fn on_train_begin(&mut self, _cx: &CallbackCx) -> Result<()> {
        self.losses.clear();
        Ok(())
    }

    fn on_epoch_begin(&mut self, _cx: &CallbackCx, _epoch: usize) -> Result<()> {
        self.longest = Duration::ZERO;
        Ok(())
    }

    fn on_train_batch_begin(&mut self, _cx: &CallbackCx, _batch: usize) -> Result<()> {
        self.began = Instant::now();
        Ok(())
    }

    fn on_train_batch_end(&mut self, cx: &CallbackCx, _batch: usize) -> Result<()> {
        self.longest = self.longest.max(self.began.elapsed());
        self.losses.extend(cx.logs()?.get("loss"));
        Ok(())
    }

    fn on_epoch_end(&mut self, _cx: &CallbackCx, epoch: usize, logs: &mut Logs) -> Result<()> {
        logs.set("slowest_batch", self.longest.as_secs_f64());
        LinePlot::new()
            .line("Training loss for each batch", &self.losses)
            .title(format!("Epoch {epoch}"))
            .x_label(format!("Batch (epoch {epoch})"))
            .y_label("Loss")
            .save(self.folder.join(format!("plot_at_epoch_{epoch}.png")))?;
        self.losses.clear();
        Ok(())
    }

    fn on_train_end(&mut self, cx: &CallbackCx, logs: &Logs) -> Result<()> {
        // What the program of this example says in the end is its own affair.
        let silent = cx.params().verbose == rhyton::callbacks::Verbose::Silent;
        if let (false, Some(loss)) = (silent, logs.get("loss")) {
            println!("the loss of the last epoch: {loss:.4}");
        }
        Ok(())
    }
}

/// Trains with the callback.
pub fn run(cx: &Cx) -> Result<()> {
    let data = digits::Digits::load()?;
    let (x_val, y_val) = &data.validation;
    let mut model = digits::model()?;
    model.compile("rmsprop", "sparse_categorical_crossentropy", ["accuracy"])?;
    let fit = cx.fit(10, 32).validation_data((x_val, y_val)).callback(LossHistory::new(cx.out.clone()));
    let history = model.fit(&data.train.0, &data.train.1, fit)?;
    let pictures = history.epochs().len();
    cx.report.line(format!("{pictures} pictures: {}", cx.out.join("plot_at_epoch_*.png").display()));
    cx.report.object(&json!({
        "loss": history["loss"], "val_accuracy": history["val_accuracy"], "pictures": pictures,
        "folder": cx.out.display().to_string(),
    }));
    Ok(())
}
