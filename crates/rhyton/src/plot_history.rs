//! Training as pictures.

use rhyton_base::{Error, Result};
use rhyton_model::History;
use rhyton_viz::{Figure, LinePlot, Panels, TextStyle};
use std::io::{IsTerminal, Write};

/// Curves of what `fit` reports: training as dots, validation as a line.
///
/// ```
/// use rhyton::prelude::*;
/// # let x = ops::ones([8, 2], F32)?;
/// # let mut model = Sequential::from([Dense::new(2)]);
/// # model.compile("sgd", "mse", ["mae"])?;
/// # let file = std::env::temp_dir().join(format!("rhyton-plot-history-{}.png", std::process::id()));
/// let history = model.fit(&x, &x, Fit::epochs(3).validation_split(0.5).verbose(0))?;
/// history.plot("loss")?.save(&file)?;
/// viz::show(&history.plot("mae")?)?;
/// assert!(history.plots()?.to_svg()?.contains("Validation loss"));
/// # std::fs::remove_file(&file)?;
/// # Ok::<(), Error>(())
/// ```
pub trait PlotHistory {
    /// The curve of one name over the epochs, with that of its `val_` beside it where there is one: "Training loss" as
    /// dots, "Validation loss" as a line. It can be changed like any plot: title, limits, `y_log()`.
    ///
    /// # Errors
    /// Where there is no such name; the nearest is suggested.
    fn plot(&self, name: &str) -> Result<LinePlot>;

    /// All curves in panels side by side, two in a row, the loss first.
    ///
    /// # Errors
    /// Where no epoch was trained.
    fn plots(&self) -> Result<Panels>;
}

impl PlotHistory for History {
    fn plot(&self, name: &str) -> Result<LinePlot> {
        let words = words(name);
        let counted = |name: &str| -> Result<Vec<f64>> {
            Ok(self.epochs_of(name)?.iter().map(|epoch| *epoch as f64 + 1.0).collect())
        };
        let mut plot = LinePlot::new().x_label("Epochs").y_label(capital(&words));
        plot = plot.dots(format!("Training {words}"), self.get(name)?).x(&counted(name)?);
        let validation = format!("val_{name}");
        match self.get(&validation) {
            Ok(values) => {
                let plot = plot.line(format!("Validation {words}"), values).x(&counted(&validation)?);
                Ok(plot.title(format!("Training and validation {words}")))
            }
            Err(_) => Ok(plot.title(format!("Training {words}"))),
        }
    }

    fn plots(&self) -> Result<Panels> {
        let mut names: Vec<&str> = self.names().filter(|n| !n.starts_with("val_")).collect();
        if names.is_empty() {
            return Err(Error::state("there is nothing to draw: no epoch has been trained").at("History"));
        }
        names.sort_by_key(|n| *n != "loss");
        names.into_iter().try_fold(Panels::new(2), |panels, name| Ok(panels.panel(self.plot(name)?)))
    }
}

/// `mean_absolute_error` as words, `mae` in capitals.
fn words(name: &str) -> String {
    match name {
        "mae" | "mse" | "mape" | "msle" | "auc" => name.to_uppercase(),
        _ => name.replace('_', " "),
    }
}

fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Draws a plot on the terminal, as wide as that is but no wider than 100 columns, in colours unless `NO_COLOR` is set.
/// Where standard output is no terminal, nothing is written; [`Figure::to_text`] returns the lines anywhere.
///
/// # Errors
/// Where there is nothing to draw.
pub fn show(figure: &dyn Figure) -> Result<()> {
    let mut out = std::io::stdout().lock();
    if !out.is_terminal() {
        return Ok(());
    }
    let columns = terminal_size::terminal_size().map_or(80, |(width, _)| usize::from(width.0));
    let color = std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty());
    let text = figure.to_text(TextStyle::new(columns.min(100)).color(color))?;
    // A closed terminal is no reason to end a program.
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    Ok(())
}
