//! Plots as lines of text: curves from Braille dots, points from signs, numbers along the sides.

mod cells;

use crate::plot::{Plot, Series, Style};
use crate::ticks::ticks;
use crate::{clip, clip::Unit};
use cells::Cells;
use rhyton_base::Result;
use std::path::Path;

/// What every plot can do: become a file, become text.
pub trait Figure {
    /// Draws it into a file, whose ending says how: `.png` or `.svg`.
    ///
    /// # Errors
    /// Where there is nothing to draw, or the file cannot be written.
    fn save(&self, path: &Path) -> Result<()>;

    /// It as lines of text, none longer than the style's columns where these are at least 30.
    ///
    /// ```
    /// use rhyton_viz::{Figure, LinePlot, TextStyle};
    /// let plot = LinePlot::new().title("Loss").dots("Training loss", &[0.5, 0.3, 0.2]).x_label("Epochs");
    /// let text = plot.to_text(TextStyle::new(40))?;
    /// assert!(text.lines().all(|line| line.chars().count() <= 40));
    /// assert!(text.contains("● Training loss"));
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    ///
    /// # Errors
    /// Where there is nothing to draw.
    fn to_text(&self, style: TextStyle) -> Result<String>;
}

/// How a plot is written as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextStyle {
    columns: usize,
    rows: usize,
    color: bool,
}

impl TextStyle {
    /// So many columns, at least 30 and at most 400; 14 rows of curve; no colours.
    pub fn new(columns: usize) -> TextStyle {
        TextStyle { columns: columns.clamp(30, 400), rows: 14, color: false }
    }

    /// Rows of curve, at least 4 and at most 200.
    #[must_use]
    pub fn rows(self, rows: usize) -> TextStyle {
        TextStyle { rows: rows.clamp(4, 200), ..self }
    }

    /// Whether series have their colours, by the codes of terminals (SGR 38;5).
    #[must_use]
    pub fn color(self, color: bool) -> TextStyle {
        TextStyle { color, ..self }
    }
}

/// The signs that series of points take in turn.
const SIGNS: [char; 6] = ['●', '×', '○', '+', '◆', '□'];

/// The plot as text.
pub(crate) fn draw(plot: &Plot, style: TextStyle) -> Result<String> {
    plot.check()?;
    let limits = plot.limits()?;
    let ((x0, x1), (y0, y1)) = limits;
    let y_ticks = ticks(limits.1, (style.rows / 3).max(2), false, plot.y_log);
    let margin = y_ticks.labels.iter().map(|l| l.chars().count()).max().unwrap_or(0);
    // A space, the numbers, the axis.
    let width = style.columns.saturating_sub(margin + 2).max(8);
    let mut cells = Cells::new(width, style.rows);
    let signs = draw_series(plot, &mut cells, |x, y| plot.unit(limits, x, y));

    let mut lines = Vec::new();
    lines.extend(wrap(&plot.title, width).iter().map(|line| centred(line, margin + 2, width)));
    if !plot.y_label.is_empty() {
        lines.push(clipped(&format!(" {}", plot.y_label), style.columns));
    }
    let row_of = |at: f64| (((y1 - at) / (y1 - y0)) * (style.rows - 1) as f64).round() as usize;
    for row in 0..style.rows {
        let label = y_ticks.at.iter().position(|at| row_of(*at) == row).map(|i| y_ticks.labels[i].as_str());
        let axis = if label.is_some() { '┤' } else { '│' };
        lines.push(format!(" {:>margin$}{axis}{}", label.unwrap_or(""), cells.row(row, style.color)));
    }
    let (axis, numbers) = below(plot, (x0, x1), width);
    lines.push(format!(" {:>margin$}└{axis}", ""));
    lines.push(format!(" {:>margin$} {numbers}", ""));
    if !plot.x_label.is_empty() {
        lines.push(centred(&clipped(&plot.x_label, width), margin + 2, width));
    }
    lines.extend(legend(&plot.series, &signs, margin + 2, style));
    Ok(lines.iter().map(|line| format!("{}\n", line.trim_end())).collect())
}

/// Draws what there is; the sign of each series of points, and what stands for each line.
fn draw_series(plot: &Plot, cells: &mut Cells, unit: impl Fn(f64, f64) -> Unit) -> Vec<char> {
    let mut signs = Vec::new();
    let mut dots = 0;
    for series in &plot.series {
        let points: Vec<Unit> = series.x.iter().zip(&series.y).map(|(x, y)| unit(*x, *y)).collect();
        match series.style {
            Style::Dots { .. } => {
                let sign = SIGNS[dots % SIGNS.len()];
                dots += 1;
                signs.push(sign);
                points.iter().filter(|p| clip::inside(**p)).for_each(|p| cells.sign(*p, sign, series.color));
            }
            Style::Bars { width } => {
                signs.push('█');
                for (x, y) in series.x.iter().zip(&series.y) {
                    cells.fill(unit(x - width / 2.0, 0.0), unit(x + width / 2.0, *y), series.color);
                }
            }
            Style::Line { dashed, .. } => {
                signs.push(if dashed { '┄' } else { '─' });
                for part in clip::line(&points) {
                    cells.line(&part, dashed, series.color);
                }
            }
            Style::Straight { a, b, c } => {
                signs.push('─');
                // Where the line meets the panel's sides, in the panel's own coordinates.
                let (at_0, at_x, at_y) = (unit(0.0, 0.0), unit(1.0, 0.0), unit(0.0, 1.0));
                let (w, h) = (1.0 / (at_x.0 - at_0.0), 1.0 / (at_y.1 - at_0.1));
                let (x0, y0) = (-at_0.0 * w, -at_0.1 * h);
                if let Some((from, to)) = clip::straight(a * w, b * h, c - a * x0 - b * y0) {
                    cells.line(&[from, to], false, series.color);
                }
            }
        }
    }
    signs
}

/// The axis below, and the numbers under it, as many as there is room for.
fn below(plot: &Plot, limits: (f64, f64), width: usize) -> (String, String) {
    let column = |at: f64| (((at - limits.0) / (limits.1 - limits.0)) * (width - 1) as f64).round() as usize;
    for most in (1..=10).rev() {
        let found = ticks(limits, most, plot.whole_x(), plot.x_log);
        let mut axis = vec!['─'; width];
        let mut numbers = vec![' '; width];
        let mut free = 0;
        let mut fits = true;
        for (at, label) in found.at.iter().zip(&found.labels) {
            let at = column(*at).min(width - 1);
            let length = label.chars().count();
            let start = at.saturating_sub(length / 2).min(width.saturating_sub(length));
            fits &= start >= free && length <= width;
            if fits {
                axis[at] = '┬';
                label.chars().enumerate().for_each(|(i, c)| numbers[start + i] = c);
                free = start + length + 1;
            }
        }
        if fits || most == 1 {
            return (axis.into_iter().collect(), numbers.into_iter().collect());
        }
    }
    unreachable!("the loop ends with one number at the latest")
}

/// What each series is called, in as few lines as there is room for.
fn legend(series: &[Series], signs: &[char], indent: usize, style: TextStyle) -> Vec<String> {
    let room = style.columns.saturating_sub(indent);
    let mut lines: Vec<(String, usize)> = Vec::new();
    for (series, sign) in series.iter().zip(signs).filter(|(s, _)| !s.label.is_empty()) {
        let label = clipped(&series.label, room.saturating_sub(2));
        let length = label.chars().count() + 2;
        let entry = format!("{} {label}", cells::painted(&sign.to_string(), series.color, style.color));
        match lines.last_mut().filter(|(_, used)| used + 3 + length <= room) {
            Some((line, used)) => {
                line.push_str("   ");
                line.push_str(&entry);
                *used += 3 + length;
            }
            None => lines.push((format!("{}{entry}", " ".repeat(indent)), length)),
        }
    }
    lines.into_iter().map(|(line, _)| line).collect()
}

/// The text broken between words, words that are too long cut off.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut().filter(|l| l.chars().count() + 1 + word.chars().count() <= width) {
            Some(line) => *line += &format!(" {word}"),
            None => lines.push(clipped(word, width)),
        }
    }
    lines
}

fn centred(text: &str, indent: usize, width: usize) -> String {
    let before = indent + width.saturating_sub(text.chars().count()) / 2;
    format!("{}{text}", " ".repeat(before))
}

/// At most so many characters, the last one `…` where some are missing. Characters that move a terminal's cursor
/// are replaced.
fn clipped(text: &str, width: usize) -> String {
    let safe = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    match text.chars().count() > width {
        true => safe.take(width.saturating_sub(1)).chain(['…']).collect(),
        false => safe.collect(),
    }
}
