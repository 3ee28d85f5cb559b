//! How numbers are spread.

use crate::color::Color;
use crate::output::SCALE;
use crate::plot::{Plot, Series, Style, plot_methods};
use crate::ticks;
use rhyton_base::Error;

/// How many numbers lie in each of some parts of equal width, as bars. Several series share their parts; numbers that are
/// not finite are left out.
///
/// ```
/// use rhyton_viz::Histogram;
/// let errors = [-0.4, -0.1, 0.0, 0.1, 0.1, 0.2, 0.9];
/// let plot = Histogram::new().title("Errors").x_label("predicted − true").values("test", &errors).bins(5);
/// assert!(plot.to_svg()?.contains("Errors"));
/// # Ok::<(), rhyton_base::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Histogram {
    plot: Plot,
    values: Vec<Vec<f64>>,
    bins: usize,
    pub(crate) scale: f32,
}

plot_methods!(Histogram, "Histogram");

impl Histogram {
    /// One without numbers, of 30 parts.
    pub fn new() -> Histogram {
        Histogram { plot: Plot::new(), values: Vec::new(), bins: 30, scale: SCALE }.y_label("Count")
    }

    /// Adds numbers. An empty label keeps them out of the legend.
    #[must_use]
    pub fn values<T: Copy + Into<f64>>(mut self, label: impl Into<String>, values: &[T]) -> Histogram {
        self.values.push(values.iter().map(|v| (*v).into()).filter(|v: &f64| v.is_finite()).collect());
        // Bars in front let those behind show through.
        let color = Color::series(self.plot.series.len()).with_alpha(150);
        let style = Style::Bars { width: 1.0 };
        self.plot.series.push(Series { label: label.into(), style, color, x: Vec::new(), y: Vec::new() });
        self.count();
        self
    }

    /// How many parts, from 1 to 10000.
    #[must_use]
    pub fn bins(mut self, bins: usize) -> Histogram {
        match (1..=10_000).contains(&bins) {
            true => self.bins = bins,
            false => self.plot.fail(Error::value(format!("expected 1 to 10000 bins, got {bins}"))),
        }
        self.count();
        self
    }

    /// Counts anew, in parts that all series share.
    fn count(&mut self) {
        let all = self.values.iter().flatten().copied();
        let (low, high) = all.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
        // Around a single number, a part of some width.
        let range = if low < high { Some((low, high)) } else { ticks::range([low].into_iter()) };
        let Some((low, high)) = range.filter(|(low, high)| (high - low).is_finite()) else { return };
        let part = (high - low) / self.bins as f64;
        for (series, values) in self.plot.series.iter_mut().zip(&self.values) {
            let mut counts = vec![0.0; self.bins];
            for v in values {
                counts[(((v - low) / part) as usize).min(self.bins - 1)] += 1.0;
            }
            series.x = (0..self.bins).map(|i| low + (i as f64 + 0.5) * part).collect();
            (series.y, series.style) = (counts, Style::Bars { width: part });
        }
    }
}

impl Default for Histogram {
    fn default() -> Histogram {
        Histogram::new()
    }
}
