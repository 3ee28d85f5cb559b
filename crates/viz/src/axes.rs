//! One panel: a frame with numbers along two sides, the series in it, the labels around it.

use crate::clip::{self, Unit};
use crate::color::Color;
use crate::font;
use crate::legend::{self, Legend};
use crate::plot::{Backdrop, Limits, Plot, Series, Style};
use crate::scene::{Anchor, Area, Mark, Point, Scene};
use crate::ticks::{Ticks, ticks};
use rhyton_base::Result;

const TITLE: f32 = 15.0;
const LABEL: f32 = 13.0;
const NUMBER: f32 = 11.5;
const TICK: f32 = 4.0;
const MARGIN: f32 = 12.0;
/// Between numbers and labels, and below the title.
const GAP: f32 = 6.0;
pub(crate) const LINE_WIDTH: f32 = 1.75;
pub(crate) const DASH: f32 = 6.0;

/// The plot as a picture of its own.
pub(crate) fn scene(plot: &Plot) -> Result<Scene> {
    plot.check()?;
    let (w, h) = (plot.size.0 as f32, plot.size.1 as f32);
    let mut scene = Scene::new(w, h);
    draw(plot, &mut scene, Area { x: 0.0, y: 0.0, w, h })?;
    Ok(scene)
}

/// Draws the plot into a part of a picture.
pub(crate) fn draw(plot: &Plot, scene: &mut Scene, area: Area) -> Result<()> {
    plot.check()?;
    let mut panel = Panel::new(plot, area, 0.0)?;
    // A legend that would hide too much stands below.
    let inside = Legend::new(&plot.series, 0.6 * panel.inner.w).filter(|l| !l.is_large(panel.inner));
    let below = if inside.is_none() { Legend::new(&plot.series, area.w - 2.0 * MARGIN) } else { None };
    if let Some(legend) = &below {
        panel = Panel::new(plot, area, legend.height() + GAP)?;
        legend.draw_below(scene, area.x + area.w / 2.0, area.y + area.h - MARGIN - legend.height());
    }
    panel.draw_labels(plot, scene, area);
    panel.draw_numbers(scene);
    // Lines lie over dots, so that a boundary can be seen among many points.
    let (dots, lines): (Vec<&Series>, Vec<&Series>) =
        plot.series.iter().partition(|s| matches!(s.style, Style::Dots { .. } | Style::Bars { .. }));
    let marks: Vec<Mark> = dots.into_iter().chain(lines).flat_map(|s| panel.marks(plot, s)).collect();
    let busy = legend::occupied(&marks);
    scene.marks.extend(panel.backdrop(plot));
    scene.marks.extend(marks);
    scene.frame(panel.inner, 1.0, Color::BLACK);
    if let Some(legend) = inside {
        legend.draw_inside(scene, panel.inner, &busy);
    }
    Ok(())
}

/// Where a plot's parts stand.
struct Panel {
    limits: Limits,
    /// The frame, its lines at half units, so that they fill whole pixels.
    inner: Area,
    x_ticks: Ticks,
    y_ticks: Ticks,
    title: Vec<String>,
    x_label: Vec<String>,
    y_label: Vec<String>,
    /// From the frame's left side to the right end of the vertical label.
    numbers: f32,
}

impl Panel {
    /// `below` is what stays free at the lower edge.
    fn new(plot: &Plot, area: Area, below: f32) -> Result<Panel> {
        let limits = plot.limits()?;
        let title = font::wrap(&plot.title, TITLE, area.w - 2.0 * MARGIN);
        let x_label = font::wrap(&plot.x_label, LABEL, area.w * 0.8);
        let y_label = font::wrap(&plot.y_label, LABEL, (area.h - below) * 0.7);
        let mut top = MARGIN;
        if !title.is_empty() {
            top += font::height(title.len(), TITLE) + GAP;
        }
        let mut bottom = below + MARGIN + TICK + 3.0 + NUMBER;
        if !x_label.is_empty() {
            bottom += GAP + font::height(x_label.len(), LABEL);
        }
        let h = (area.h - top - bottom).max(20.0);
        let y_ticks = ticks(limits.1, ((h / 42.0) as usize).clamp(2, 10), false, plot.y_log);
        let numbers = (font::widest(&y_ticks.labels, NUMBER) + TICK + 4.0).ceil();
        let mut left = MARGIN + numbers;
        if !y_label.is_empty() {
            left += GAP + font::height(y_label.len(), LABEL);
        }
        // As many numbers as there is room for.
        let room = area.w - left - MARGIN;
        let x_ticks = (2..=10)
            .rev()
            .map(|most| ticks(limits.0, most, plot.whole_x(), plot.x_log))
            .find(|t| (font::widest(&t.labels, NUMBER) + 14.0) * t.at.len() as f32 <= room)
            .unwrap_or_default();
        let right = MARGIN.max(font::widest(&x_ticks.labels, NUMBER) / 2.0 + 4.0);
        let w = (area.w - left - right).max(20.0);
        let half = |v: f32| v.round() + 0.5;
        let inner = Area { x: half(area.x + left), y: half(area.y + top), w: w.floor(), h: h.floor() };
        Ok(Panel { limits, inner, x_ticks, y_ticks, title, x_label, y_label, numbers })
    }

    fn point(&self, (x, y): Unit) -> Point {
        let Area { x: left, y: top, w, h } = self.inner;
        (left + x as f32 * w, top + (1.0 - y as f32) * h)
    }

    fn draw_labels(&self, plot: &Plot, scene: &mut Scene, area: Area) {
        let middle = self.inner.x + self.inner.w / 2.0;
        // A title wider than the frame is centred on the whole panel instead.
        let title_middle = match font::widest(&self.title, TITLE) > self.inner.w {
            true => area.x + area.w / 2.0,
            false => middle,
        };
        scene.lines(title_middle, area.y + MARGIN - 2.0, &self.title, TITLE, Color::BLACK);
        let below = self.inner.y + self.inner.h + TICK + 3.0 + NUMBER + GAP;
        scene.lines(middle, below, &self.x_label, LABEL, Color::BLACK);
        if plot.y_label.is_empty() {
            return;
        }
        let last = self.inner.x - self.numbers - GAP - 2.0;
        for (i, line) in self.y_label.iter().rev().enumerate() {
            scene.marks.push(Mark::Text {
                at: ((last - font::height(i, LABEL)).round(), self.inner.y + self.inner.h / 2.0),
                text: line.clone(),
                size: LABEL,
                anchor: Anchor::Middle,
                color: Color::BLACK,
                upward: true,
            });
        }
    }

    fn draw_numbers(&self, scene: &mut Scene) {
        let Area { x: left, y: top, w: _, h } = self.inner;
        let bottom = top + h;
        let half = |v: f32| (v - 0.5).round() + 0.5;
        let ((x0, x1), (y0, y1)) = self.limits;
        for (at, label) in self.x_ticks.at.iter().zip(&self.x_ticks.labels) {
            let x = half(self.point(((at - x0) / (x1 - x0), 0.0)).0);
            scene.line((x, bottom), (x, bottom + TICK), 1.0, Color::BLACK);
            let baseline = (bottom + TICK + 3.0 + NUMBER * 0.8).round();
            scene.text((x, baseline), label, NUMBER, Anchor::Middle, Color::BLACK);
        }
        for (at, label) in self.y_ticks.at.iter().zip(&self.y_ticks.labels) {
            let y = half(self.point((0.0, (at - y0) / (y1 - y0))).1);
            scene.line((left - TICK, y), (left, y), 1.0, Color::BLACK);
            // Digits are about 0.73 of the size high.
            let baseline = (y + NUMBER * 0.365).round();
            scene.text((left - TICK - 3.0, baseline), label, NUMBER, Anchor::End, Color::BLACK);
        }
    }

    /// A bar from 0 to y, as far as it lies inside.
    fn bar(&self, plot: &Plot, x: f64, y: f64, width: f64, color: Color) -> Option<Mark> {
        // On a logarithmic axis bars stand on the frame.
        let foot = if plot.y_log { (0.0, 0.0) } else { plot.unit(self.limits, x, 0.0) };
        let (from, to) =
            (plot.unit(self.limits, x - width / 2.0, y), plot.unit(self.limits, x + width / 2.0, y));
        let all = [from.0, to.0, from.1, foot.1];
        let (left, right) = (from.0.clamp(0.0, 1.0), to.0.clamp(0.0, 1.0));
        let (low, high) = (from.1.min(foot.1).clamp(0.0, 1.0), from.1.max(foot.1).clamp(0.0, 1.0));
        if !all.iter().all(|v| v.is_finite()) || right <= left || high <= low {
            return None;
        }
        let ((x0, y0), (x1, y1)) = (self.point((left, high)), self.point((right, low)));
        Some(Mark::Fill { area: Area { x: x0, y: y0, w: x1 - x0, h: y1 - y0 }, color })
    }

    /// The picture behind the series.
    fn backdrop(&self, plot: &Plot) -> Option<Mark> {
        let Backdrop { image, cmap, x, y } = plot.backdrop.as_ref()?;
        let (left, top) = self.point(plot.unit(self.limits, x.0, y.1));
        let (right, bottom) = self.point(plot.unit(self.limits, x.1, y.0));
        let area = Area { x: left, y: top, w: right - left, h: bottom - top };
        Some(Mark::Picture { area, image: image.clone(), cmap: *cmap })
    }

    fn marks(&self, plot: &Plot, series: &Series) -> Vec<Mark> {
        let color = series.color;
        let points = || series.x.iter().zip(&series.y).map(|(x, y)| plot.unit(self.limits, *x, *y));
        let line = |part: Vec<Unit>, width: f32, dash: Option<f32>| Mark::Line {
            points: part.into_iter().map(|p| self.point(p)).collect(),
            width,
            color,
            dash,
        };
        let dot = |p: Unit, radius: f32| Mark::Dot { center: self.point(p), radius, color };
        match series.style {
            // NaN is not inside.
            Style::Dots { radius } => points().filter(|p| clip::inside(*p)).map(|p| dot(p, radius)).collect(),
            Style::Bars { width } => {
                let bar = |(x, y): (&f64, &f64)| self.bar(plot, *x, *y, width, color);
                series.x.iter().zip(&series.y).filter_map(bar).collect()
            }
            Style::Line { dashed, width } => clip::line(&points().collect::<Vec<_>>())
                .into_iter()
                .map(|part| match part[..] {
                    [alone] => dot(alone, width),
                    _ => line(part, width, dashed.then_some(DASH)),
                })
                .collect(),
            Style::Straight { a, b, c } => {
                let ((x0, x1), (y0, y1)) = self.limits;
                let cut = clip::straight(a * (x1 - x0), b * (y1 - y0), c - a * x0 - b * y0);
                cut.map(|(from, to)| line(vec![from, to], LINE_WIDTH, None)).into_iter().collect()
            }
        }
    }
}
