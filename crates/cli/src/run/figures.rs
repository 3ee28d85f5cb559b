//! What the examples that compare training runs have in common: figures beside what is expected, and pictures.

use super::Cx;
use rhyton::prelude::*;
use rhyton::viz::LinePlot;

/// A figure with what the text that the example follows says.
pub fn figure(cx: &Cx, what: &str, value: f64, expected: &str) {
    cx.report.line(format!("{what}: {value:.4} (expected {expected})"));
}

/// The epoch of the lowest number, counted from 1, and the number.
pub fn lowest(values: &[f64]) -> (usize, f64) {
    let best = values.iter().enumerate().min_by(|a, b| a.1.total_cmp(b.1));
    best.map_or((0, f64::NAN), |(i, v)| (i + 1, *v))
}

/// The epoch of the highest number, counted from 1, and the number.
pub fn highest(values: &[f64]) -> (usize, f64) {
    let best = values.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1));
    best.map_or((0, f64::NAN), |(i, v)| (i + 1, *v))
}

/// Pictures of loss and accuracy: training as dots, validation as a line. Returns their paths.
pub fn training_curves(cx: &Cx, history: &History) -> Result<[String; 2]> {
    Ok([
        cx.picture(&history.plot("loss")?, "loss.png")?,
        cx.picture(&history.plot("accuracy")?, "accuracy.png")?,
    ])
}

/// A picture of one quantity of several runs side by side. Returns its path.
pub fn side_by_side(
    cx: &Cx,
    file: &str,
    title: &str,
    y_label: &str,
    runs: &[(&str, &[f64])],
) -> Result<String> {
    let empty = LinePlot::new().title(title).x_label("Epochs").y_label(y_label);
    cx.picture(&runs.iter().fold(empty, |plot, (label, y)| plot.line(*label, y)), file)
}

/// A picture of numbers from some epoch on. Returns its path.
pub fn from_epoch(
    cx: &Cx,
    file: &str,
    title: &str,
    y_label: &str,
    first: usize,
    y: &[f64],
) -> Result<String> {
    let epochs: Vec<f64> = (first..first + y.len()).map(|e| e as f64).collect();
    let plot = LinePlot::new().title(title).x_label("Epochs").y_label(y_label).line("", y).x(&epochs);
    cx.picture(&plot, file)
}
