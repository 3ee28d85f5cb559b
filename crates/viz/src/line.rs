//! Curves over epochs or any other x.

use crate::axes::LINE_WIDTH;
use crate::color::Color;
use crate::output::SCALE;
use crate::plot::{Plot, Style, plot_methods};
use crate::smooth::smooth;

/// Curves: training as dots, validation as a line, or any other series.
///
/// A series without an x of its own stands at 1, 2, 3, … as epochs do. The n-th series of dots and the n-th line
/// share the n-th colour, so that the training and the validation of one run look alike. NaN leaves a gap.
///
/// ```
/// use rhyton_viz::LinePlot;
/// let (loss, val_loss) = ([0.51_f32, 0.30, 0.22, 0.17], [0.38_f32, 0.31, 0.28, 0.29]);
/// let plot = LinePlot::new()
///     .title("Training and validation loss")
///     .x_label("Epochs")
///     .y_label("Loss")
///     .dots("Training loss", &loss)
///     .line("Validation loss", &val_loss);
/// assert!(plot.to_svg()?.contains("Validation loss"));
/// let path = std::env::temp_dir().join("rhyton-loss.png");
/// plot.save(&path)?;
/// # std::fs::remove_file(&path)?;
/// # Ok::<(), rhyton_base::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct LinePlot {
    plot: Plot,
    pub(crate) scale: f32,
}

plot_methods!(LinePlot, "LinePlot");

impl LinePlot {
    /// A plot without series.
    pub fn new() -> LinePlot {
        LinePlot { plot: Plot::new(), scale: SCALE }
    }

    /// Adds a series drawn as dots. An empty label keeps it out of the legend.
    #[must_use]
    pub fn dots<T: Copy + Into<f64>>(self, label: impl Into<String>, y: &[T]) -> LinePlot {
        self.series(label, Style::Dots { radius: 3.5 }, y)
    }

    /// Adds a series drawn as a solid line.
    #[must_use]
    pub fn line<T: Copy + Into<f64>>(self, label: impl Into<String>, y: &[T]) -> LinePlot {
        self.series(label, Style::Line { dashed: false, width: LINE_WIDTH }, y)
    }

    /// Adds a series drawn as a dashed line.
    #[must_use]
    pub fn dashed<T: Copy + Into<f64>>(self, label: impl Into<String>, y: &[T]) -> LinePlot {
        self.series(label, Style::Line { dashed: true, width: LINE_WIDTH }, y)
    }

    /// Adds a series as a line smoothed by an exponential moving average: see [`smooth`](crate::smooth). A factor
    /// outside of 0 to 1 is an error when the plot is drawn.
    #[must_use]
    pub fn smoothed<T: Copy + Into<f64>>(
        mut self,
        label: impl Into<String>,
        y: &[T],
        factor: f64,
    ) -> LinePlot {
        match smooth(y, factor) {
            Ok(y) => self.line(label, &y),
            Err(error) => {
                self.plot.fail(error);
                self
            }
        }
    }

    /// Where the points of the series added last stand along the horizontal axis.
    ///
    /// ```
    /// use rhyton_viz::LinePlot;
    /// let plot = LinePlot::new().line("cosine", &[1.0, 0.0, -1.0]).x(&[0.0, 0.5, 1.0]);
    /// assert!(plot.to_svg().is_ok());
    /// let e = LinePlot::new().line("cosine", &[1.0, 0.0]).x(&[0.0]).to_svg().unwrap_err();
    /// assert_eq!(e.to_string(), "LinePlot::to_svg: series \"cosine\" has 1 x and 2 y");
    /// ```
    #[must_use]
    pub fn x<T: Copy + Into<f64>>(mut self, x: &[T]) -> LinePlot {
        if let Some(series) = self.plot.last("x") {
            series.x = x.iter().map(|v| (*v).into()).collect();
        }
        self
    }

    fn series<T: Copy + Into<f64>>(mut self, label: impl Into<String>, style: Style, y: &[T]) -> LinePlot {
        let dots = |s: Style| matches!(s, Style::Dots { .. });
        let before = self.plot.series.iter().filter(|s| dots(s.style) == dots(style)).count();
        let epochs: Vec<f64> = (1..=y.len()).map(|i| i as f64).collect();
        self.plot.add(label, style, Color::series(before), &epochs, y);
        self
    }
}

impl Default for LinePlot {
    fn default() -> LinePlot {
        LinePlot::new()
    }
}
