//! A scene as pixels, and pixels as PNG.

use crate::color::Color;
use crate::font::{self, Pen};
use crate::scene::{Anchor, Area, Mark, Point, Scene};
use rhyton_base::{Error, Result};
use tiny_skia::{FillRule, LineJoin, Paint, Path, PathBuilder, Pixmap, Rect, Stroke, StrokeDash, Transform};

/// The most pixels a picture may have: 400 MB in memory.
const MOST_PIXELS: usize = 100_000_000;

/// The scene as a PNG file, with `scale` pixels for each of its units.
pub(crate) fn render(scene: &Scene, scale: f32) -> Result<Vec<u8>> {
    let (width, height) = ((scene.width * scale).round(), (scene.height * scale).round());
    let mut canvas = Canvas { pixels: blank(width as usize, height as usize)?, scale };
    for mark in &scene.marks {
        canvas.draw(mark);
    }
    encode(&canvas.pixels)
}

/// Opaque RGB pixels as a PNG file.
pub(crate) fn encode_rgb(rgb: &[u8], height: usize, width: usize) -> Result<Vec<u8>> {
    let mut pixels = blank(width, height)?;
    for (to, from) in pixels.data_mut().chunks_exact_mut(4).zip(rgb.chunks_exact(3)) {
        to[..3].copy_from_slice(from);
    }
    encode(&pixels)
}

/// White paper.
fn blank(width: usize, height: usize) -> Result<Pixmap> {
    let fits = width.checked_mul(height).is_some_and(|n| n <= MOST_PIXELS);
    let side = |n: usize| u32::try_from(n.max(1)).unwrap_or(u32::MAX);
    let pixels = if fits { Pixmap::new(side(width), side(height)) } else { None };
    let mut pixels = pixels.ok_or_else(|| {
        Error::value(format!(
            "the picture would be {width} by {height} pixels, more than the {MOST_PIXELS} allowed; draw fewer or \
             smaller images, or choose a smaller scale"
        ))
    })?;
    pixels.fill(tiny_skia::Color::WHITE);
    Ok(pixels)
}

fn encode(pixels: &Pixmap) -> Result<Vec<u8>> {
    pixels.encode_png().map_err(|e| Error::io(format!("the picture could not be written as PNG: {e}")))
}

struct Canvas {
    pixels: Pixmap,
    scale: f32,
}

impl Canvas {
    fn draw(&mut self, mark: &Mark) {
        match mark {
            Mark::Fill { area, color } => {
                let corner = self.at((area.x, area.y));
                let rect = Rect::from_xywh(corner.0, corner.1, area.w * self.scale, area.h * self.scale);
                self.fill(rect.map(PathBuilder::from_rect), *color);
            }
            Mark::Shape { points, color } => {
                let mut path = PathBuilder::new();
                self.trace(&mut path, points);
                path.close();
                self.fill(path.finish(), *color);
            }
            Mark::Line { points, width, color, dash } => self.stroke(points, *width, *color, *dash),
            Mark::Dot { center, radius, color } => {
                let (x, y) = self.at(*center);
                self.fill(PathBuilder::from_circle(x, y, radius * self.scale), *color);
            }
            Mark::Text { at, text, size, anchor, color, upward } => {
                let size = size * self.scale;
                let back = match anchor {
                    Anchor::Start => 0.0,
                    Anchor::Middle => font::width(text, size) / 2.0,
                    Anchor::End => font::width(text, size),
                };
                let (x, y) = self.at(*at);
                let place = |right: f32, up: f32| match upward {
                    true => (x - up, y + back - right),
                    false => (x - back + right, y - up),
                };
                let mut path = PathBuilder::new();
                font::outline(text, size, &mut path, &place);
                self.fill(path.finish(), *color);
            }
            Mark::Picture { area, image, cmap } => {
                let (x, y, w, h) = self.whole(*area);
                self.copy(&image.render(*cmap, h, w), x, y, w);
            }
        }
    }

    fn at(&self, (x, y): Point) -> Point {
        (x * self.scale, y * self.scale)
    }

    /// The nearest area of whole pixels: left, top, width and height.
    fn whole(&self, area: Area) -> (usize, usize, usize, usize) {
        let (x, y) = self.at((area.x, area.y));
        let size = |length: f32| ((length * self.scale).round() as usize).max(1);
        (x.round() as usize, y.round() as usize, size(area.w), size(area.h))
    }

    fn fill(&mut self, path: Option<Path>, color: Color) {
        if let Some(path) = path {
            self.pixels.fill_path(&path, &paint(color), FillRule::Winding, Transform::identity(), None);
        }
    }

    fn trace(&self, path: &mut PathBuilder, points: &[Point]) {
        for (i, point) in points.iter().enumerate() {
            let (x, y) = self.at(*point);
            if i == 0 { path.move_to(x, y) } else { path.line_to(x, y) }
        }
    }

    fn stroke(&mut self, points: &[Point], width: f32, color: Color, dash: Option<f32>) {
        let mut path = PathBuilder::new();
        self.trace(&mut path, points);
        let dash = dash.and_then(|d| StrokeDash::new(vec![d * self.scale; 2], 0.0));
        let stroke =
            Stroke { width: width * self.scale, line_join: LineJoin::Round, dash, ..Stroke::default() };
        if let Some(path) = path.finish() {
            self.pixels.stroke_path(&path, &paint(color), &stroke, Transform::identity(), None);
        }
    }

    /// Copies opaque RGB rows of `w` pixels; what lies outside the canvas is left out.
    fn copy(&mut self, rgb: &[u8], x: usize, y: usize, w: usize) {
        let (width, height) = (self.pixels.width() as usize, self.pixels.height() as usize);
        let data = self.pixels.data_mut();
        for (row, bytes) in rgb.chunks_exact(3 * w).enumerate().take(height.saturating_sub(y)) {
            let start = 4 * ((y + row) * width + x);
            let inside = w.min(width.saturating_sub(x));
            let to = data[start..].chunks_exact_mut(4).take(inside);
            for (to, from) in to.zip(bytes.chunks_exact(3)) {
                to.copy_from_slice(&[from[0], from[1], from[2], 255]);
            }
        }
    }
}

fn paint(color: Color) -> Paint<'static> {
    let mut paint = Paint { anti_alias: true, ..Paint::default() };
    paint.set_color_rgba8(color.r, color.g, color.b, color.a);
    paint
}

impl Pen for PathBuilder {
    fn move_to(&mut self, to: (f32, f32)) {
        PathBuilder::move_to(self, to.0, to.1);
    }

    fn line_to(&mut self, to: (f32, f32)) {
        PathBuilder::line_to(self, to.0, to.1);
    }

    fn quad_to(&mut self, by: (f32, f32), to: (f32, f32)) {
        PathBuilder::quad_to(self, by.0, by.1, to.0, to.1);
    }

    fn close(&mut self) {
        PathBuilder::close(self);
    }
}
