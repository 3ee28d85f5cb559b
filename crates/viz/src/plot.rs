//! What line plots and scatter plots have in common: series, labels, limits and size.

use crate::clip::Unit;
use crate::color::Color;
use crate::colormap::Colormap;
use crate::image::Image;
use crate::ticks;
use rhyton_base::{Error, Result};

/// One plot: what it shows and how it is labelled.
#[derive(Clone, Debug)]
pub(crate) struct Plot {
    pub title: String,
    pub x_label: String,
    pub y_label: String,
    pub size: (usize, usize),
    pub x_limits: Option<(f64, f64)>,
    pub y_limits: Option<(f64, f64)>,
    pub x_log: bool,
    pub y_log: bool,
    pub series: Vec<Series>,
    /// What lies behind the series.
    pub backdrop: Option<Backdrop>,
    /// The first mistake made while building, reported when the plot is drawn.
    pub error: Option<Error>,
}

/// Points that belong together.
#[derive(Clone, Debug)]
pub(crate) struct Series {
    pub label: String,
    pub style: Style,
    pub color: Color,
    pub x: Vec<f64>,
    pub y: Vec<f64>,
}

/// How a series is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Style {
    /// A disc at every point.
    Dots { radius: f32 },
    /// A line from point to point.
    Line { dashed: bool, width: f32 },
    /// A bar at every point, from 0 up, this wide in units of x.
    Bars { width: f64 },
    /// The line a·x + b·y = c, right through the panel; it has no points.
    Straight { a: f64, b: f64, c: f64 },
}

/// A picture behind the series, stretched over a part of the plane.
#[derive(Clone, Debug)]
pub(crate) struct Backdrop {
    pub image: Image,
    pub cmap: Colormap,
    pub x: (f64, f64),
    pub y: (f64, f64),
}

/// From low to high, along x and along y, as they stand on the axes: logarithms on a logarithmic one.
pub(crate) type Limits = ((f64, f64), (f64, f64));

/// Where a number stands along its axis; nowhere (NaN) where it has no logarithm.
pub(crate) fn place(v: f64, log: bool) -> f64 {
    match log {
        true if v > 0.0 => v.log10(),
        true => f64::NAN,
        false => v,
    }
}

fn widened(range: Option<(f64, f64)>, by: f64) -> Option<(f64, f64)> {
    range.map(|(low, high)| (low - by, high + by)).filter(|(low, high)| (high - low).is_finite())
}

impl Plot {
    pub fn new() -> Plot {
        Plot {
            title: String::new(),
            x_label: String::new(),
            y_label: String::new(),
            size: (560, 420),
            x_limits: None,
            y_limits: None,
            x_log: false,
            y_log: false,
            series: Vec::new(),
            backdrop: None,
            error: None,
        }
    }

    /// Remembers the first mistake.
    pub fn fail(&mut self, error: Error) {
        self.error.get_or_insert(error);
    }

    /// Adds a series.
    pub fn add<X: Copy + Into<f64>, Y: Copy + Into<f64>>(
        &mut self,
        label: impl Into<String>,
        style: Style,
        color: Color,
        x: &[X],
        y: &[Y],
    ) {
        let x = x.iter().map(|v| (*v).into()).collect();
        let y = y.iter().map(|v| (*v).into()).collect();
        self.series.push(Series { label: label.into(), style, color, x, y });
    }

    /// The series added last; a mistake where there is none.
    pub fn last(&mut self, what: &str) -> Option<&mut Series> {
        if self.series.is_empty() {
            self.fail(Error::state(format!(
                "{what} belongs to the series added last; add a series before it"
            )));
        }
        self.series.last_mut()
    }

    /// The first mistake, whether made while building or seen only now.
    pub fn check(&self) -> Result<()> {
        if let Some(error) = &self.error {
            return Err(error.clone());
        }
        if self.series.is_empty() && self.backdrop.is_none() {
            return Err(Error::state("there is nothing to draw; add a series first"));
        }
        let (w, h) = self.size;
        if !(200..=10_000).contains(&w) || !(150..=10_000).contains(&h) {
            let fact = format!("expected a size from 200 by 150 to 10000 by 10000, got {w} by {h}");
            return Err(Error::value(fact));
        }
        self.check_backdrop()?;
        for s in &self.series {
            if s.x.len() != s.y.len() {
                let fact = format!("series {:?} has {} x and {} y", s.label, s.x.len(), s.y.len());
                return Err(Error::shape(fact));
            }
        }
        Ok(())
    }

    /// The limits set, or else those that hold all points.
    pub fn limits(&self) -> Result<Limits> {
        let points = || {
            let all = self.series.iter().flat_map(|s| s.x.iter().copied().zip(s.y.iter().copied()));
            all.map(|(x, y)| (place(x, self.x_log), place(y, self.y_log)))
                .filter(|(x, y)| x.is_finite() && y.is_finite())
        };
        let found =
            |name: &str, limits: Option<(f64, f64)>, log: bool, range: Option<(f64, f64)>| match limits {
                Some((low, high)) if log && !(low > 0.0 && low < high && high.is_finite()) => {
                    let fact =
                        format!("expected {name} limits above 0 on a logarithmic axis, got {low} to {high}");
                    Err(Error::value(fact))
                }
                Some((low, high)) if low < high && (high - low).is_finite() => {
                    Ok((place(low, log), place(high, log)))
                }
                Some((low, high)) => {
                    Err(Error::value(format!("expected {name} limits from low to high, got {low} to {high}")))
                }
                None => range.ok_or_else(|| {
                    let log = self.x_log || self.y_log;
                    let what =
                        if log { "finite numbers, above 0 on logarithmic axes," } else { "finite numbers" };
                    Error::value(format!(
                        "no range of {name} holds the points; add {what} or set {name}_limits"
                    ))
                }),
            };
        let (mut x_range, mut y_range) =
            (ticks::range(points().map(|p| p.0)), ticks::range(points().map(|p| p.1)));
        if let Some(Backdrop { x, y, .. }) = &self.backdrop {
            // The picture reaches to the frame.
            (x_range, y_range) = (Some(*x), Some(*y));
        }
        for s in &self.series {
            if let Style::Bars { width } = s.style {
                (x_range, y_range) =
                    (widened(x_range, width / 2.0), y_range.map(|(low, high)| (low.min(0.0), high)));
                // Bars stand on the frame.
                y_range =
                    y_range.map(|(low, high)| (if s.y.iter().all(|y| *y >= 0.0) { 0.0 } else { low }, high));
            }
        }
        let x = found("x", self.x_limits, self.x_log, x_range)?;
        let y = found("y", self.y_limits, self.y_log, y_range)?;
        Ok((x, y))
    }

    /// Fails where a picture behind the series would be cut off or bent.
    fn check_backdrop(&self) -> Result<()> {
        let Some(Backdrop { x, y, .. }) = &self.backdrop else { return Ok(()) };
        for (name, range, limits) in [("x", x, self.x_limits), ("y", y, self.y_limits)] {
            if !(range.0 < range.1 && (range.1 - range.0).is_finite()) {
                let (low, high) = range;
                return Err(Error::value(format!(
                    "expected a range of {name} from low to high, got {low} to {high}"
                )));
            }
            if let Some((low, high)) = limits
                && (low > range.0 || high < range.1)
            {
                let (a, b) = range;
                let fact =
                    format!("{name}_limits {low} to {high} cut off the surface from {a} to {b}; widen them");
                return Err(Error::value(fact));
            }
        }
        match self.x_log || self.y_log {
            true => Err(Error::value("a surface has no logarithmic axes; leave out x_log and y_log")),
            false => Ok(()),
        }
    }

    /// Where a point of the data stands between the limits: 0 to 1 along both axes.
    pub fn unit(&self, ((x0, x1), (y0, y1)): Limits, x: f64, y: f64) -> Unit {
        ((place(x, self.x_log) - x0) / (x1 - x0), (place(y, self.y_log) - y0) / (y1 - y0))
    }

    /// Whether every x is a whole number, as epochs are, so that numbers between them would mean nothing.
    pub fn whole_x(&self) -> bool {
        let lines = self.series.iter().any(|s| matches!(s.style, Style::Line { .. }));
        lines && self.series.iter().all(|s| s.x.iter().all(|x| x.fract() == 0.0))
    }
}

/// Gives a plot type the methods that all plots have. It must have a field `plot: Plot` and a field `scale: f32`.
macro_rules! plot_methods {
    ($plot:ty, $name:literal) => {
        crate::output::figure_methods!($plot, $name);

        impl $plot {
            /// It as lines of text, for terminals: see [`Figure::to_text`](crate::Figure::to_text).
            pub fn to_text(&self, style: crate::TextStyle) -> rhyton_base::Result<String> {
                use rhyton_base::Context;
                crate::text::draw(&self.plot, style).at(|| concat!($name, "::to_text"))
            }

            /// The heading.
            #[must_use]
            pub fn title(mut self, title: impl Into<String>) -> Self {
                self.plot.title = title.into();
                self
            }

            /// The text below the horizontal axis.
            #[must_use]
            pub fn x_label(mut self, label: impl Into<String>) -> Self {
                self.plot.x_label = label.into();
                self
            }

            /// The text beside the vertical axis.
            #[must_use]
            pub fn y_label(mut self, label: impl Into<String>) -> Self {
                self.plot.y_label = label.into();
                self
            }

            /// Where the horizontal axis begins and ends, instead of where the points do.
            #[must_use]
            pub fn x_limits(mut self, low: f64, high: f64) -> Self {
                self.plot.x_limits = Some((low, high));
                self
            }

            /// Where the vertical axis begins and ends, instead of where the points do.
            #[must_use]
            pub fn y_limits(mut self, low: f64, high: f64) -> Self {
                self.plot.y_limits = Some((low, high));
                self
            }

            /// A logarithmic horizontal axis; points at 0 and below are left out.
            #[must_use]
            pub fn x_log(mut self) -> Self {
                self.plot.x_log = true;
                self
            }

            /// A logarithmic vertical axis, on which small losses can be told apart; points at 0 and below are left
            /// out.
            #[must_use]
            pub fn y_log(mut self) -> Self {
                self.plot.y_log = true;
                self
            }

            /// Width and height in pixels at scale 1; 560 by 420 unless changed.
            #[must_use]
            pub fn size(mut self, width: usize, height: usize) -> Self {
                self.plot.size = (width, height);
                self
            }

            /// The colour of the series added last.
            #[must_use]
            pub fn color(mut self, color: impl crate::Choice<crate::Color>) -> Self {
                match (color.choose(), self.plot.last("color")) {
                    (Ok(color), Some(series)) => series.color = color,
                    (Err(error), _) => self.plot.fail(error),
                    (Ok(_), None) => {}
                }
                self
            }

            fn scene(&self) -> rhyton_base::Result<crate::scene::Scene> {
                crate::axes::scene(&self.plot)
            }
        }

        impl crate::Figure for $plot {
            fn save(&self, path: &std::path::Path) -> rhyton_base::Result<()> {
                <$plot>::save(self, path)
            }

            fn to_text(&self, style: crate::TextStyle) -> rhyton_base::Result<String> {
                <$plot>::to_text(self, style)
            }
        }

        impl From<$plot> for crate::Panel {
            fn from(from: $plot) -> crate::Panel {
                crate::Panel(from.plot)
            }
        }
    };
}
pub(crate) use plot_methods;
