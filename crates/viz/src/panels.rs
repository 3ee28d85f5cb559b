//! Several plots in one picture.

use crate::axes;
use crate::color::Color;
use crate::font;
use crate::output::{SCALE, figure_methods};
use crate::plot::Plot;
use crate::scene::{Area, Scene};
use crate::text::{self, Figure, TextStyle};
use rhyton_base::{Context, Error, Result};
use std::path::Path;

/// One plot of [`Panels`], made from a [`LinePlot`](crate::LinePlot) or a [`Scatter`](crate::Scatter).
#[derive(Clone, Debug)]
pub struct Panel(pub(crate) Plot);

/// Several plots in rows and columns of one picture, such as accuracy beside loss.
///
/// Every panel gets the size of the largest. A panel's own scale does not count; that of the whole does.
///
/// ```
/// use rhyton_viz::{LinePlot, Panels};
/// let accuracy = LinePlot::new().title("Accuracy").dots("Training", &[0.8, 0.9]).line("Validation", &[0.8, 0.85]);
/// let loss = LinePlot::new().title("Loss").dots("Training", &[0.5, 0.3]).line("Validation", &[0.4, 0.35]);
/// let both = Panels::new(2).title("A small convnet").panel(accuracy).panel(loss);
/// assert!(both.to_svg()?.contains("A small convnet"));
/// # Ok::<(), rhyton_base::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Panels {
    columns: usize,
    title: String,
    panels: Vec<Panel>,
    pub(crate) scale: f32,
}

figure_methods!(Panels, "Panels");

impl Figure for Panels {
    fn save(&self, path: &Path) -> Result<()> {
        Panels::save(self, path)
    }

    /// The panels below each other.
    fn to_text(&self, style: TextStyle) -> Result<String> {
        let mut parts = Vec::new();
        if !self.title.is_empty() {
            parts.push(format!("{}\n", self.title));
        }
        for (i, Panel(plot)) in self.panels.iter().enumerate() {
            parts.push(text::draw(plot, style).at(|| format!("Panels::to_text: panel {}", i + 1))?);
        }
        Ok(parts.join("\n"))
    }
}

const HEADING: f32 = 17.0;
const ABOVE: f32 = 12.0;

impl Panels {
    /// A picture without plots, of so many columns; rows are added as plots come.
    pub fn new(columns: usize) -> Panels {
        Panels { columns, title: String::new(), panels: Vec::new(), scale: SCALE }
    }

    /// The heading over all panels.
    #[must_use]
    pub fn title(mut self, title: impl Into<String>) -> Panels {
        self.title = title.into();
        self
    }

    /// Adds a plot.
    #[must_use]
    pub fn panel(mut self, plot: impl Into<Panel>) -> Panels {
        self.panels.push(plot.into());
        self
    }

    fn scene(&self) -> Result<Scene> {
        if self.columns == 0 {
            return Err(Error::value("expected at least 1 column, got 0"));
        }
        if self.panels.is_empty() {
            return Err(Error::state("there are no panels; add some with panel(...)"));
        }
        for (i, Panel(plot)) in self.panels.iter().enumerate() {
            plot.check().at(|| format!("panel {}", i + 1))?;
        }
        let columns = self.columns.min(self.panels.len());
        let rows = self.panels.len().div_ceil(columns);
        let w = self.panels.iter().map(|p| p.0.size.0).max().unwrap_or(0) as f32;
        let h = self.panels.iter().map(|p| p.0.size.1).max().unwrap_or(0) as f32;
        let width = w * columns as f32;
        let heading = font::wrap(&self.title, HEADING, width - 2.0 * ABOVE);
        let top = match heading.len() {
            0 => 0.0,
            n => (ABOVE + font::height(n, HEADING)).round(),
        };
        let mut scene = Scene::new(width, top + h * rows as f32);
        scene.lines(width / 2.0, ABOVE, &heading, HEADING, Color::BLACK);
        for (i, Panel(plot)) in self.panels.iter().enumerate() {
            let (x, y) = ((i % columns) as f32 * w, top + (i / columns) as f32 * h);
            axes::draw(plot, &mut scene, Area { x, y, w, h }).at(|| format!("panel {}", i + 1))?;
        }
        Ok(scene)
    }
}
