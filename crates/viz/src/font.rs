//! The embedded font: how wide a text is, where it may be broken, and the outlines of its letters.
//!
//! It is DejaVu Sans 2.37, cut down to Latin, Greek and Cyrillic letters, punctuation, arrows and mathematical signs.
//! Its licence is `assets/DejaVuSans-LICENSE.txt`. It was made with fontTools:
//!
//! ```text
//! pyftsubset DejaVuSans.ttf --no-hinting --layout-features= --drop-tables+=GSUB,GPOS,GDEF,kern,FFTM,name,post \
//!     --notdef-outline --unicodes=20-7E,A0-17F,370-3FF,400-45F,2010-2027,2030-203A,2070-209C,20AC,2190-2199,\
//!     21D2,2200-22A5,2713,2717,FFFD
//! ```

use std::sync::OnceLock;
use ttf_parser::{Face, GlyphId};

static BYTES: &[u8] = include_bytes!("../assets/DejaVuSans-subset.ttf");

/// What an SVG viewer should look for; Verdana has nearly the same widths.
pub(crate) const FAMILY: &str = "DejaVu Sans, Verdana, Geneva, sans-serif";

/// Height of a line of text, as a multiple of the font's size.
pub(crate) const LINE: f32 = 1.25;

fn face() -> &'static Face<'static> {
    static FACE: OnceLock<Face<'static>> = OnceLock::new();
    FACE.get_or_init(|| Face::parse(BYTES, 0).expect("the embedded font is whole"))
}

/// The letter's shape; a character the font does not have becomes the replacement character.
fn glyph(letter: char) -> GlyphId {
    face().glyph_index(letter).or_else(|| face().glyph_index('\u{fffd}')).unwrap_or_default()
}

fn advance(letter: char) -> f32 {
    f32::from(face().glyph_hor_advance(glyph(letter)).unwrap_or(0)) / f32::from(face().units_per_em())
}

/// The width of a line of text set in the given size.
pub(crate) fn width(text: &str, size: f32) -> f32 {
    text.chars().map(advance).sum::<f32>() * size
}

/// The width of the widest of some lines.
pub(crate) fn widest<S: AsRef<str>>(lines: &[S], size: f32) -> f32 {
    lines.iter().map(|l| width(l.as_ref(), size)).fold(0.0, f32::max)
}

/// The height of so many lines of text.
pub(crate) fn height(lines: usize, size: f32) -> f32 {
    lines as f32 * size * LINE
}

/// The text broken at its line ends, and between words where a line would be wider than `limit`. A single word wider
/// than the limit stays whole.
pub(crate) fn wrap(text: &str, size: f32, limit: f32) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in text.lines() {
        let mut line = String::new();
        for word in paragraph.split_whitespace() {
            if !line.is_empty() && width(&line, size) + width(" ", size) + width(word, size) > limit {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        lines.push(line);
    }
    lines
}

/// The same, with what is left of words that are wider than the limit cut off at `…`.
pub(crate) fn wrap_within(text: &str, size: f32, limit: f32) -> Vec<String> {
    let cut = |line: String| {
        if width(&line, size) <= limit {
            return line;
        }
        let mut room = limit - width("…", size);
        let fits = line.chars().take_while(|c| {
            room -= advance(*c) * size;
            room >= 0.0
        });
        fits.chain(['…']).collect()
    };
    wrap(text, size, limit).into_iter().map(cut).collect()
}

/// Walks the outline of every letter of a line: `place` maps a point (right, up) from the start of the baseline, in
/// pixels, to where it is to be drawn.
pub(crate) fn outline(text: &str, size: f32, pen: &mut dyn Pen, place: &dyn Fn(f32, f32) -> (f32, f32)) {
    let scale = size / f32::from(face().units_per_em());
    let mut start = 0.0;
    for letter in text.chars() {
        face().outline_glyph(glyph(letter), &mut Walk { pen, place, scale, start });
        start += advance(letter) * size;
    }
}

/// What draws an outline.
pub(crate) trait Pen {
    /// Starts a contour.
    fn move_to(&mut self, to: (f32, f32));
    /// A straight line.
    fn line_to(&mut self, to: (f32, f32));
    /// A quadratic curve, bent towards `by`.
    fn quad_to(&mut self, by: (f32, f32), to: (f32, f32));
    /// Ends the contour where it started.
    fn close(&mut self);
}

struct Walk<'a> {
    pen: &'a mut dyn Pen,
    place: &'a dyn Fn(f32, f32) -> (f32, f32),
    scale: f32,
    start: f32,
}

impl Walk<'_> {
    fn at(&self, x: f32, y: f32) -> (f32, f32) {
        (self.place)(self.start + x * self.scale, y * self.scale)
    }
}

impl ttf_parser::OutlineBuilder for Walk<'_> {
    fn move_to(&mut self, x: f32, y: f32) {
        self.pen.move_to(self.at(x, y));
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.pen.line_to(self.at(x, y));
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        self.pen.quad_to(self.at(x1, y1), self.at(x, y));
    }

    fn curve_to(&mut self, _: f32, _: f32, _: f32, _: f32, _: f32, _: f32) {
        unreachable!("a TrueType outline has no cubic curves");
    }

    fn close(&mut self) {
        self.pen.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_that_figures_need_are_there() {
        for letter in "09AZaz (99.99%) −–—×±°²³µßéøłŽαβθσΣΩЖя€→←≤≥≈∞√∂∑·…“”✓✗".chars()
        {
            assert!(face().glyph_index(letter).is_some(), "{letter}");
        }
        assert!(width("漢", 10.0) > 0.0, "an unknown letter still takes room");
    }

    #[test]
    fn breaks_between_words() {
        let limit = width("a long title", 12.0) + 0.1;
        assert_eq!(wrap("a long title indeed", 12.0, limit), ["a long title", "indeed"]);
        assert_eq!(wrap("unbreakable", 12.0, 1.0), ["unbreakable"]);
        assert_eq!(wrap("one\n\ntwo", 12.0, 500.0), ["one", "", "two"]);
        assert!(wrap("", 12.0, 500.0).is_empty());
        assert_eq!(wrap_within("no unbreakable", 12.0, width("unbr…", 12.0) + 0.1), ["no", "unbr…"]);
    }
}
