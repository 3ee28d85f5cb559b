//! A grid of characters, each two by four dots large (Unicode's Braille patterns), or a sign.

use crate::clip::Unit;
use crate::color::Color;

/// What stands in one place.
#[derive(Clone, Copy)]
struct Cell {
    /// Which of the eight dots are there, as Unicode counts them.
    dots: u8,
    sign: Option<char>,
    color: Color,
}

/// The grid, row by row from the top.
pub(super) struct Cells {
    width: usize,
    height: usize,
    cells: Vec<Cell>,
}

impl Cells {
    pub fn new(width: usize, height: usize) -> Cells {
        let empty = Cell { dots: 0, sign: None, color: Color::BLACK };
        Cells { width, height, cells: vec![empty; width * height] }
    }

    /// A sign over a point.
    pub fn sign(&mut self, (x, y): Unit, sign: char, color: Color) {
        let column = (x.clamp(0.0, 1.0) * (self.width - 1) as f64).round() as usize;
        let row = ((1.0 - y.clamp(0.0, 1.0)) * (self.height - 1) as f64).round() as usize;
        let cell = &mut self.cells[row * self.width + column];
        (cell.sign, cell.color) = (Some(sign), color);
    }

    /// A line through all points, which lie inside.
    pub fn line(&mut self, points: &[Unit], dashed: bool, color: Color) {
        let mut drawn = 0;
        for pair in points.windows(2) {
            let (from, to) = (self.dot(pair[0]), self.dot(pair[1]));
            let steps = (to.0 - from.0).abs().max((to.1 - from.1).abs()).ceil().max(1.0);
            for i in 0..=steps as usize {
                let t = i as f64 / steps;
                drawn += 1;
                if !dashed || drawn % 6 < 4 {
                    self.set(from.0 + t * (to.0 - from.0), from.1 + t * (to.1 - from.1), color);
                }
            }
        }
        if let [alone] = points {
            let (x, y) = self.dot(*alone);
            self.set(x, y, color);
        }
    }

    /// An area between two corners.
    pub fn fill(&mut self, (x0, y0): Unit, (x1, y1): Unit, color: Color) {
        // NaN is where a logarithmic axis has no 0: then the area stands on the axis.
        let y0 = if y0.is_nan() { 0.0 } else { y0 };
        if ![x0, x1, y1].iter().all(|v| v.is_finite()) || y1 <= y0 {
            return;
        }
        let ((left, top), (right, bottom)) = (self.dot((x0, y1)), self.dot((x1, y0)));
        for x in left.round() as usize..=right.round() as usize {
            for y in top.round() as usize..=bottom.round() as usize {
                self.set(x as f64, y as f64, color);
            }
        }
    }

    /// Where a point stands, in dots from the upper left.
    fn dot(&self, (x, y): Unit) -> (f64, f64) {
        let (w, h) = (2 * self.width - 1, 4 * self.height - 1);
        (x.clamp(0.0, 1.0) * w as f64, (1.0 - y.clamp(0.0, 1.0)) * h as f64)
    }

    fn set(&mut self, x: f64, y: f64, color: Color) {
        const BITS: [[u8; 2]; 4] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]];
        let (x, y) = (x.round() as usize, y.round() as usize);
        let cell = &mut self.cells[y / 4 * self.width + x / 2];
        cell.dots |= BITS[y % 4][x % 2];
        if cell.sign.is_none() {
            cell.color = color;
        }
    }

    /// A row as text, neighbours of one colour painted together.
    pub fn row(&self, row: usize, color: bool) -> String {
        let cells = &self.cells[row * self.width..(row + 1) * self.width];
        let letter = |cell: &Cell| match (cell.sign, cell.dots) {
            (Some(sign), _) => sign,
            (None, 0) => ' ',
            (None, dots) => char::from_u32(0x2800 + u32::from(dots)).unwrap_or(' '),
        };
        let mut out = String::new();
        for run in cells.chunk_by(|a, b| a.color == b.color) {
            let text: String = run.iter().map(letter).collect();
            match text.trim().is_empty() {
                true => out.push_str(&text),
                false => out.push_str(&painted(&text, run[0].color, color)),
            }
        }
        out
    }
}

/// Text in the nearest colour of the terminal's cube of 6 by 6 by 6; black and white become what the terminal writes in,
/// so that they can be seen on any ground.
pub(super) fn painted(text: &str, color: Color, colors: bool) -> String {
    let plain = [Color::BLACK, Color::WHITE].iter().any(|c| c.rgb_bytes() == color.rgb_bytes());
    if !colors || plain {
        return text.to_string();
    }
    // The cube's steps are 0, 95, 135, 175, 215 and 255.
    let step = |v: u8| if v < 48 { 0 } else { (u16::from(v).max(75) - 35) / 40 };
    let code = 16 + 36 * step(color.r) + 6 * step(color.g) + step(color.b);
    format!("\x1b[38;5;{code}m{text}\x1b[0m")
}
