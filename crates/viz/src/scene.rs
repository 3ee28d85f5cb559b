//! What is drawn, before it is known whether as pixels or as SVG.

use crate::color::Color;
use crate::colormap::Colormap;
use crate::font;
use crate::image::Image;

/// A point, or a size: right and down from the upper left corner, in picture units (pixels at scale 1).
pub(crate) type Point = (f32, f32);

/// A rectangle with its sides parallel to the axes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Area {
    pub x: f32,
    pub y: f32,
    pub w: f32,
    pub h: f32,
}

/// Which part of a text stands at its point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

/// One thing that is drawn.
#[derive(Clone, Debug)]
pub(crate) enum Mark {
    /// A filled rectangle.
    Fill { area: Area, color: Color },
    /// A filled shape with these corners.
    Shape { points: Vec<Point>, color: Color },
    /// A line through all points; each dash and each gap as long as the dash says.
    Line { points: Vec<Point>, width: f32, color: Color, dash: Option<f32> },
    /// A disc.
    Dot { center: Point, radius: f32, color: Color },
    /// A line of text whose baseline starts, has its middle or ends at a point; `upward` turns it a quarter to the left.
    Text { at: Point, text: String, size: f32, anchor: Anchor, color: Color, upward: bool },
    /// A picture, stretched over an area.
    Picture { area: Area, image: Image, cmap: Colormap },
}

/// A whole picture: its size and what is on it, the first mark at the back. The paper is white.
#[derive(Clone, Debug)]
pub(crate) struct Scene {
    pub width: f32,
    pub height: f32,
    pub marks: Vec<Mark>,
}

impl Scene {
    /// An empty one; sizes are rounded up to whole units.
    pub fn new(width: f32, height: f32) -> Scene {
        Scene { width: width.ceil(), height: height.ceil(), marks: Vec::new() }
    }

    /// Adds a straight line.
    pub fn line(&mut self, from: Point, to: Point, width: f32, color: Color) {
        self.marks.push(Mark::Line { points: vec![from, to], width, color, dash: None });
    }

    /// Adds the outline of an area.
    pub fn frame(&mut self, area: Area, width: f32, color: Color) {
        let (right, bottom) = (area.x + area.w, area.y + area.h);
        let corners =
            [(area.x, area.y), (right, area.y), (right, bottom), (area.x, bottom), (area.x, area.y)];
        // Squares at the corners, where four lines with blunt ends would leave a notch.
        for pair in corners.windows(2) {
            let (dx, dy) = ((pair[1].0 - pair[0].0).signum(), (pair[1].1 - pair[0].1).signum());
            let (dx, dy) = match pair[0].1 == pair[1].1 {
                true => (dx * width / 2.0, 0.0),
                false => (0.0, dy * width / 2.0),
            };
            self.line((pair[0].0 - dx, pair[0].1 - dy), (pair[1].0 + dx, pair[1].1 + dy), width, color);
        }
    }

    /// Adds a line of text.
    pub fn text(&mut self, at: Point, text: &str, size: f32, anchor: Anchor, color: Color) {
        self.marks.push(Mark::Text { at, text: text.to_string(), size, anchor, color, upward: false });
    }

    /// Adds lines of text below each other, centred on `x`, the first just below `top`.
    pub fn lines(&mut self, x: f32, top: f32, lines: &[String], size: f32, color: Color) {
        for (i, line) in lines.iter().enumerate() {
            let baseline = (top + font::height(i, size) + size).round();
            self.text((x, baseline), line, size, Anchor::Middle, color);
        }
    }
}
