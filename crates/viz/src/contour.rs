//! A surface over the plane: colours, lines of equal height, and paths on it.

mod lines;

use crate::axes::LINE_WIDTH;
use crate::color::Color;
use crate::colormap::Colormap;
use crate::image::Image;
use crate::output::SCALE;
use crate::plot::{Backdrop, Plot, Series, Style, plot_methods};
use crate::ticks;
use rhyton_base::{Error, Result};

/// A surface over the plane, such as a loss over two parameters: dark where it is low, with lines of equal height, and
/// paths on it.
///
/// ```
/// use rhyton_viz::Contour;
/// let plot = Contour::of((-3.0, 3.0), (-2.0, 2.0), |x, y| 0.4 * x * x + 2.0 * y * y)
///     .title("A descent")
///     .path("SGD", &[2.5, 1.0, 0.3, 0.0], &[1.5, -0.6, 0.2, 0.0]);
/// assert!(plot.to_svg()?.contains("SGD"));
/// # Ok::<(), rhyton_base::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Contour {
    plot: Plot,
    x: (f64, f64),
    y: (f64, f64),
    cells: (usize, usize),
    /// Heights, row by row from the lowest y.
    z: Vec<f64>,
    levels: Option<Vec<f64>>,
    pub(crate) scale: f32,
}

plot_methods!(Contour, "Contour");

/// Points along each side of a surface given by a function.
const POINTS: usize = 121;
/// About so many lines, unless asked otherwise.
const LEVELS: usize = 12;

impl Contour {
    /// The heights of a function over two ranges.
    pub fn of(x: (f64, f64), y: (f64, f64), f: impl Fn(f64, f64) -> f64) -> Contour {
        let at = |(low, high): (f64, f64), i: usize| low + (high - low) * i as f64 / (POINTS - 1) as f64;
        let z: Vec<f64> = (0..POINTS * POINTS).map(|i| f(at(x, i % POINTS), at(y, i / POINTS))).collect();
        Contour::grid(x, y, (POINTS, POINTS), &z)
    }

    /// Heights at (rows, columns) points of equal distance, those at the ends of the ranges among them; row by row from
    /// the lowest y. Heights that are not finite look like
    /// the lowest; no line passes through them.
    pub fn grid<T: Copy + Into<f64>>(
        x: (f64, f64),
        y: (f64, f64),
        cells: (usize, usize),
        heights: &[T],
    ) -> Contour {
        let z: Vec<f64> = heights.iter().map(|v| (*v).into()).collect();
        let mut contour = Contour { plot: Plot::new(), x, y, cells, z, levels: None, scale: SCALE };
        if let Err(e) = contour.surface() {
            contour.plot.fail(e);
        }
        contour
    }

    /// The heights at which lines are drawn, instead of about a dozen round ones.
    #[must_use]
    pub fn levels(mut self, levels: &[f64]) -> Contour {
        self.levels = Some(levels.to_vec());
        if let Err(e) = self.surface() {
            self.plot.fail(e);
        }
        self
    }

    /// A way over the surface: a line with a dot at each point.
    #[must_use]
    pub fn path<T: Copy + Into<f64>>(mut self, label: impl Into<String>, x: &[T], y: &[T]) -> Contour {
        const COLORS: [&str; 4] = ["red", "orange", "white", "pink"];
        let before = self.plot.series.iter().filter(|s| matches!(s.style, Style::Dots { .. })).count();
        let color = crate::Choice::<Color>::choose(COLORS[before % COLORS.len()]).unwrap_or(Color::RED);
        self.plot.add("", Style::Dots { radius: 2.5 }, color, x, y);
        self.plot.add(label, Style::Line { dashed: false, width: LINE_WIDTH }, color, x, y);
        self
    }

    /// Makes the picture behind, and the lines of equal height.
    fn surface(&mut self) -> Result<()> {
        let (rows, columns) = self.cells;
        if rows < 2 || columns < 2 || rows.checked_mul(columns) != Some(self.z.len()) {
            let fact = format!("expected {rows} by {columns} heights, at least 2 by 2, got {}", self.z.len());
            return Err(Error::shape(fact));
        }
        let finite = || self.z.iter().copied().filter(|v| v.is_finite());
        let Some((low, high)) = ticks::range(finite()) else {
            return Err(Error::value(
                "no height is finite, or they are too far apart; there is no surface to draw",
            ));
        };
        // Pictures begin above.
        let from_above: Vec<f32> = self.z.chunks(columns).rev().flatten().map(|v| *v as f32).collect();
        let image = Image::values(rows, columns, &from_above)?;
        self.plot.backdrop = Some(Backdrop { image, cmap: Colormap::Viridis, x: self.x, y: self.y });
        let levels = match &self.levels {
            Some(levels) => levels.clone(),
            None => ticks::ticks((low, high), LEVELS, false, false).at,
        };
        self.plot.series.retain(|s| s.style != HEIGHT);
        let (x, y) = (self.x, self.y);
        for (i, level) in levels.into_iter().enumerate() {
            let (mut xs, mut ys) = (Vec::new(), Vec::new());
            for (column, row) in lines::at(&self.z, rows, columns, level) {
                xs.push(x.0 + (x.1 - x.0) * column / (columns - 1) as f64);
                ys.push(y.0 + (y.1 - y.0) * row / (rows - 1) as f64);
            }
            let color = Color::WHITE.with_alpha(130);
            let series = Series { label: String::new(), style: HEIGHT, color, x: xs, y: ys };
            // Below the paths.
            self.plot.series.insert(i, series);
        }
        Ok(())
    }
}

/// How lines of equal height are drawn.
const HEIGHT: Style = Style::Line { dashed: false, width: 0.9 };
