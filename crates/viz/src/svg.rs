//! A scene as SVG text.

use crate::color::Color;
use crate::font;
use crate::raster;
use crate::scene::{Anchor, Mark, Point, Scene};
use rhyton_base::Result;
use std::fmt::Write;

/// Pixels of an embedded picture for each unit of the scene, so that viewers which blur when they enlarge have little
/// to blur.
const DENSITY: f32 = 2.0;

/// The scene as a whole SVG file.
pub(crate) fn render(scene: &Scene) -> Result<String> {
    let (w, h) = (scene.width, scene.height);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w}\" height=\"{h}\" viewBox=\"0 0 {w} {h}\" \
         font-family=\"{}\">\n<rect width=\"{w}\" height=\"{h}\" fill=\"#ffffff\"/>\n",
        font::FAMILY
    );
    for mark in &scene.marks {
        write_mark(&mut out, mark)?;
        out.push('\n');
    }
    out.push_str("</svg>\n");
    Ok(out)
}

fn write_mark(out: &mut String, mark: &Mark) -> Result<()> {
    match mark {
        Mark::Fill { area, color } => {
            let (x, y, w, h) = (Num(area.x), Num(area.y), Num(area.w), Num(area.h));
            put(out, format_args!("<rect x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" "));
            paint(out, "fill", *color);
        }
        Mark::Shape { points, color } => {
            out.push_str("<polygon points=\"");
            write_points(out, points);
            out.push_str("\" ");
            paint(out, "fill", *color);
        }
        Mark::Line { points, width, color, dash } => {
            out.push_str("<polyline fill=\"none\" points=\"");
            write_points(out, points);
            put(out, format_args!("\" stroke-width=\"{}\" stroke-linejoin=\"round\" ", Num(*width)));
            if let Some(dash) = dash {
                put(out, format_args!("stroke-dasharray=\"{}\" ", Num(*dash)));
            }
            paint(out, "stroke", *color);
        }
        Mark::Dot { center: (x, y), radius, color } => {
            put(out, format_args!("<circle cx=\"{}\" cy=\"{}\" r=\"{}\" ", Num(*x), Num(*y), Num(*radius)));
            paint(out, "fill", *color);
        }
        Mark::Text { at, text, size, anchor, color, upward } => {
            write_place(out, *at, *upward);
            let anchor = match anchor {
                Anchor::Start => "start",
                Anchor::Middle => "middle",
                Anchor::End => "end",
            };
            put(out, format_args!("font-size=\"{}\" text-anchor=\"{anchor}\" fill=\"{color}\">", Num(*size)));
            escape(out, text);
            out.push_str("</text>");
            return Ok(());
        }
        Mark::Picture { area, image, cmap } => {
            let pixels = |length: f32| ((length * DENSITY).round() as usize).max(1);
            let (height, width) = (pixels(area.h), pixels(area.w));
            let png = raster::encode_rgb(&image.render(*cmap, height, width), height, width)?;
            let (x, y, w, h) = (Num(area.x), Num(area.y), Num(area.w), Num(area.h));
            put(out, format_args!("<image x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" "));
            out.push_str("style=\"image-rendering:pixelated\" href=\"data:image/png;base64,");
            base64(out, &png);
            out.push('"');
        }
    }
    out.push_str("/>");
    Ok(())
}

fn write_points(out: &mut String, points: &[Point]) {
    for (i, (x, y)) in points.iter().enumerate() {
        put(out, format_args!("{}{},{}", if i == 0 { "" } else { " " }, Num(*x), Num(*y)));
    }
}

fn write_place(out: &mut String, (x, y): Point, upward: bool) {
    match upward {
        true => put(out, format_args!("<text transform=\"translate({},{}) rotate(-90)\" ", Num(x), Num(y))),
        false => put(out, format_args!("<text x=\"{}\" y=\"{}\" ", Num(x), Num(y))),
    }
}

/// Writing into a `String` cannot fail.
fn put(out: &mut String, text: std::fmt::Arguments<'_>) {
    let _ = out.write_fmt(text);
}

fn paint(out: &mut String, what: &str, color: Color) {
    put(out, format_args!("{what}=\"{color}\""));
    if color.a != 255 {
        put(out, format_args!(" {what}-opacity=\"{}\"", Num(f32::from(color.a) / 255.0)));
    }
}

/// A number with at most two decimals, and no more than it needs.
struct Num(f32);

impl std::fmt::Display for Num {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Adding 0 turns -0 into 0.
        write!(f, "{}", (f64::from(self.0) * 100.0).round() / 100.0 + 0.0)
    }
}

/// Text as XML writes it; characters that XML forbids become the replacement character.
fn escape(out: &mut String, text: &str) {
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\t' => out.push(' '),
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c if c.is_control() => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
}

/// Base 64 with padding (RFC 4648, section 4).
fn base64(out: &mut String, bytes: &[u8]) {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for group in bytes.chunks(3) {
        let byte = |k: usize| u32::from(group.get(k).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for k in 0..4 {
            match k <= group.len() {
                true => out.push(char::from(DIGITS[(bits >> (18 - 6 * k)) as usize & 63])),
                false => out.push('='),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_as_in_the_standard() {
        for (bytes, text) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")]
        {
            let mut out = String::new();
            base64(&mut out, bytes.as_bytes());
            assert_eq!(out, text);
        }
    }

    #[test]
    fn text_and_numbers_are_safe() {
        let mut out = String::new();
        escape(&mut out, "a<b & \"c\"\u{1}\u{ffff}");
        assert_eq!(out, "a&lt;b &amp; \"c\"\u{fffd}\u{fffd}");
        assert_eq!([Num(-0.001), Num(12.0), Num(0.125)].map(|n| n.to_string()), ["0", "12", "0.13"]);
    }
}
