//! Points in the plane, by class, with straight lines between them.

use crate::color::Color;
use crate::colormap::Colormap;
use crate::image::Image;
use crate::output::SCALE;
use crate::plot::{Backdrop, Plot, Style, plot_methods};
use rhyton_base::Error;

/// Points in the plane, each class in its own colour, and straight lines such as a linear model's boundary.
///
/// ```
/// use rhyton_viz::Scatter;
/// let plot = Scatter::new()
///     .title("A linear classifier")
///     .points("negative", &[0.1, 1.2, 0.4], &[2.9, 3.1, 2.2])
///     .points("positive", &[2.8, 3.3, 2.1], &[0.2, 0.9, 0.4])
///     .line("boundary", 1.0, 0.2);
/// assert!(plot.to_svg()?.contains("positive"));
/// let path = std::env::temp_dir().join("rhyton-classes.png");
/// plot.save(&path)?;
/// # std::fs::remove_file(&path)?;
/// # Ok::<(), rhyton_base::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Scatter {
    plot: Plot,
    pub(crate) scale: f32,
}

plot_methods!(Scatter, "Scatter");

/// Lets points below others show through.
const OPACITY: u8 = 200;

impl Scatter {
    /// A plot without points.
    pub fn new() -> Scatter {
        Scatter { plot: Plot::new(), scale: SCALE }
    }

    /// Adds the points of one class. An empty label keeps it out of the legend.
    #[must_use]
    pub fn points<X: Copy + Into<f64>, Y: Copy + Into<f64>>(
        mut self,
        label: impl Into<String>,
        x: &[X],
        y: &[Y],
    ) -> Scatter {
        let before = self.plot.series.iter().filter(|s| matches!(s.style, Style::Dots { .. })).count();
        let color = Color::series(before).with_alpha(OPACITY);
        self.plot.add(label, Style::Dots { radius: 3.0 }, color, x, y);
        self
    }

    /// Adds points whose class is the label at the same place: one series per label, numbers in their order, other
    /// labels in the order they come.
    ///
    /// ```
    /// use rhyton_viz::Scatter;
    /// let plot = Scatter::new().classes(&[0.0, 1.0, 2.0], &[5.0, 3.0, 4.0], &[1.0, 0.0, 1.0]);
    /// let svg = plot.to_svg()?;
    /// assert!(svg.contains(">0<") && svg.contains(">1<"));
    /// let e = Scatter::new().classes(&[0.0, 1.0], &[5.0, 3.0], &["a"]).to_svg().unwrap_err();
    /// assert_eq!(e.to_string(), "Scatter::to_svg: classes has 2 x, 2 y and 1 labels");
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    #[must_use]
    pub fn classes<X, Y, L>(mut self, x: &[X], y: &[Y], labels: &[L]) -> Scatter
    where
        X: Copy + Into<f64>,
        Y: Copy + Into<f64>,
        L: ToString,
    {
        let (nx, ny, nl) = (x.len(), y.len(), labels.len());
        if nx != ny || ny != nl {
            self.plot.fail(Error::shape(format!("classes has {nx} x, {ny} y and {nl} labels")));
            return self;
        }
        let mut classes: Vec<(String, Vec<X>, Vec<Y>)> = Vec::new();
        for ((x, y), label) in x.iter().zip(y).zip(labels) {
            let label = label.to_string();
            let at = classes.iter().position(|c| c.0 == label).unwrap_or_else(|| {
                classes.push((label, Vec::new(), Vec::new()));
                classes.len() - 1
            });
            classes[at].1.push(*x);
            classes[at].2.push(*y);
        }
        let number = |label: &str| label.parse::<f64>().unwrap_or(f64::INFINITY);
        classes.sort_by(|a, b| number(&a.0).total_cmp(&number(&b.0)));
        classes.into_iter().fold(self, |plot, (label, x, y)| plot.points(label, &x, &y))
    }

    /// Colours the plane behind the points by class, as a model sees it: the classes of the points that
    /// [`mesh`](crate::mesh) returns for the same ranges and counts. Class 0 has the colour of the first points, and so on.
    ///
    /// ```
    /// use rhyton_viz::{Scatter, mesh};
    /// let (x, y, cells) = ((-1.0, 1.0), (-1.0, 1.0), (40, 40));
    /// let inside = |[x, y]: [f64; 2]| usize::from(x * x + y * y < 0.5);
    /// let classes: Vec<usize> = mesh(x, y, cells)?.into_iter().map(inside).collect();
    /// let plot = Scatter::new().points("out", &[0.9], &[0.9]).points("in", &[0.1], &[0.0]);
    /// assert!(plot.regions(x, y, cells, &classes).to_svg()?.contains("<image "));
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    #[must_use]
    pub fn regions(
        mut self,
        x: (f64, f64),
        y: (f64, f64),
        cells: (usize, usize),
        classes: &[usize],
    ) -> Scatter {
        let (rows, columns) = cells;
        // Pictures begin above, the mesh below.
        let from_above = classes.chunks(columns.max(1)).rev().flatten();
        let pixels: Vec<u8> =
            from_above.flat_map(|class| Color::series(*class).paler().rgb_bytes()).collect();
        match Image::rgb(rows, columns, &pixels) {
            Ok(image) => self.plot.backdrop = Some(Backdrop { image, cmap: Colormap::Gray, x, y }),
            Err(_) => {
                let fact =
                    format!("expected a class for each of {rows} by {columns} cells, got {}", classes.len());
                self.plot.fail(Error::shape(fact));
            }
        }
        self
    }

    /// Adds the straight line y = slope · x + intercept, in black, as far as the plot reaches.
    #[must_use]
    pub fn line(self, label: impl Into<String>, slope: f64, intercept: f64) -> Scatter {
        self.boundary(label, -slope, 1.0, intercept)
    }

    /// Adds the straight line a · x + b · y = c, which may be upright, in black. For a linear model with the weights
    /// (w₀, w₁) and the bias b, the boundary where it gives one half is `boundary("", w0, w1, 0.5 - b)`.
    #[must_use]
    pub fn boundary(mut self, label: impl Into<String>, a: f64, b: f64, c: f64) -> Scatter {
        if !(a.is_finite() && b.is_finite() && c.is_finite()) || (a == 0.0 && b == 0.0) {
            let fact =
                format!("no straight line has {a} x + {b} y = {c}; expected finite numbers, not both 0");
            self.plot.fail(Error::value(fact));
        }
        self.plot.add::<f64, f64>(label, Style::Straight { a, b, c }, Color::BLACK, &[], &[]);
        self
    }
}

impl Default for Scatter {
    fn default() -> Scatter {
        Scatter::new()
    }
}
