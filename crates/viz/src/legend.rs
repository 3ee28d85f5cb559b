//! The legend: which series is which, in the corner where it hides least.

use crate::axes::{DASH, LINE_WIDTH};
use crate::color::Color;
use crate::font;
use crate::plot::{Series, Style};
use crate::scene::{Anchor, Area, Mark, Point, Scene};

const TEXT: f32 = 11.5;
const ROW: f32 = 17.0;
const SAMPLE: f32 = 24.0;
const PADDING: f32 = 6.0;
/// From the legend to the panel's frame.
const INSET: f32 = 8.0;
const FRAME: Color = Color::rgb(200, 200, 200);

/// Places that marks cover: every dot, and lines at short distances.
pub(crate) fn occupied(marks: &[Mark]) -> Vec<Point> {
    let mut busy = Vec::new();
    for mark in marks {
        match mark {
            Mark::Dot { center, .. } => busy.push(*center),
            Mark::Line { points, .. } => {
                for pair in points.windows(2) {
                    let (dx, dy) = (pair[1].0 - pair[0].0, pair[1].1 - pair[0].1);
                    let parts = (dx.hypot(dy) / 5.0).ceil().max(1.0);
                    let steps = 0..=parts as usize;
                    busy.extend(
                        steps.map(|i| i as f32 / parts).map(|t| (pair[0].0 + t * dx, pair[0].1 + t * dy)),
                    );
                }
            }
            Mark::Fill { area, .. } => {
                let down = (0..=(area.h / 5.0) as usize).map(|i| area.y + 5.0 * i as f32);
                busy.extend(down.map(|y| (area.x + area.w / 2.0, y)));
            }
            _ => {}
        }
    }
    busy
}

/// Which series have a label, each as lines of text, and how much room they take.
pub(crate) struct Legend<'a> {
    rows: Vec<(&'a Series, Vec<String>)>,
    w: f32,
    h: f32,
}

impl Legend<'_> {
    /// The legend of all series that have a label, no wider than the limit; `None` where there are none.
    pub fn new(series: &[Series], limit: f32) -> Option<Legend<'_>> {
        let room = (limit - SAMPLE - 3.0 * PADDING).max(30.0);
        let named = series.iter().filter(|s| !s.label.is_empty());
        let rows: Vec<_> = named.map(|s| (s, font::wrap_within(&s.label, TEXT, room))).collect();
        let text = rows.iter().map(|(_, lines)| font::widest(lines, TEXT)).reduce(f32::max)?;
        let w = (text + SAMPLE + 3.0 * PADDING).ceil();
        let h = rows.iter().map(|(_, lines)| height(lines)).sum::<f32>() + PADDING;
        Some(Legend { rows, w, h })
    }

    /// Whether it would hide too much of a panel.
    pub fn is_large(&self, panel: Area) -> bool {
        self.w * self.h > 0.2 * panel.w * panel.h || self.h + 2.0 * INSET > panel.h
    }

    /// The height that it takes.
    pub fn height(&self) -> f32 {
        self.h
    }

    /// Draws it inside of the panel, in the corner where it hides least.
    pub fn draw_inside(&self, scene: &mut Scene, panel: Area, busy: &[Point]) {
        self.draw(scene, place(self.w, self.h, panel, busy));
    }

    /// Draws it with its upper edge there, in the middle.
    pub fn draw_below(&self, scene: &mut Scene, middle: f32, top: f32) {
        let half = |v: f32| v.floor() + 0.5;
        self.draw(scene, Area { x: half(middle - self.w / 2.0), y: half(top), w: self.w, h: self.h });
    }

    fn draw(&self, scene: &mut Scene, area: Area) {
        scene.marks.push(Mark::Fill { area, color: Color::WHITE.with_alpha(215) });
        scene.frame(area, 1.0, FRAME);
        let mut top = area.y + PADDING / 2.0;
        for (series, lines) in &self.rows {
            let middle = top + ROW / 2.0;
            let left = area.x + PADDING;
            let color = series.color;
            scene.marks.push(match series.style {
                Style::Dots { radius } => Mark::Dot { center: (left + SAMPLE / 2.0, middle), radius, color },
                Style::Bars { .. } => {
                    Mark::Fill { area: Area { x: left, y: middle - 5.0, w: SAMPLE, h: 10.0 }, color }
                }
                style => {
                    let dash = matches!(style, Style::Line { dashed: true, .. }).then_some(DASH);
                    let points = vec![(left, middle), (left + SAMPLE, middle)];
                    Mark::Line { points, width: LINE_WIDTH, color, dash }
                }
            });
            for (i, line) in lines.iter().enumerate() {
                let baseline = (middle + font::height(i, TEXT) + TEXT * 0.36).round();
                let at = (left + SAMPLE + PADDING, baseline);
                scene.text(at, line, TEXT, Anchor::Start, Color::BLACK);
            }
            top += height(lines);
        }
    }
}

/// The height of one label.
fn height(lines: &[String]) -> f32 {
    ROW + font::height(lines.len().saturating_sub(1), TEXT)
}

/// The place along the panel's sides where the fewest points are hidden; the upper right where it does not matter.
fn place(w: f32, h: f32, panel: Area, busy: &[Point]) -> Area {
    let x = |part: f32| (panel.x + INSET + part * (panel.w - w - 2.0 * INSET)).floor() + 0.5;
    let y = |part: f32| (panel.y + INSET + part * (panel.h - h - 2.0 * INSET)).floor() + 0.5;
    let places =
        [(1.0, 0.0), (0.0, 0.0), (1.0, 1.0), (0.0, 1.0), (1.0, 0.5), (0.0, 0.5), (0.5, 0.0), (0.5, 1.0)];
    let areas = places.map(|(across, down)| Area { x: x(across), y: y(down), w, h });
    let hidden = |a: &Area| {
        let near = 4.0;
        let within = |p: &&Point| {
            (a.x - near..=a.x + a.w + near).contains(&p.0) && (a.y - near..=a.y + a.h + near).contains(&p.1)
        };
        busy.iter().filter(within).count()
    };
    // The first of equals.
    areas.into_iter().min_by_key(hidden).unwrap_or(areas[0])
}
