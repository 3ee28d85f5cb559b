//! A pen: bends a template into one person's handwriting and leaves its ink on 28 x 28 pixels.
//!
//! Only `+`, `-`, `*`, `/`, `sqrt` and comparisons of `f32` are used, which are exact to the bit everywhere, so that
//! every machine draws the same pixels.

use super::templates::{Knot, Template};
use rhyton_runtime::Generator;

/// Pixels along each side of a picture.
pub(super) const SIDE: usize = 28;
/// Height of the box that MNIST's digits are scaled into.
const BOX: f32 = 20.0;
/// Pieces that a curve between two knots is cut into.
const STEPS: usize = 6;

/// Random numbers in the shapes that handwriting needs.
pub(super) struct Hand(pub Generator);

impl Hand {
    /// Evenly from `[low, high)`.
    fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.unit()
    }

    /// Around 0 with standard deviation 1, never beyond 3: three even numbers added.
    fn bell(&mut self) -> f32 {
        2.0 * (self.unit() + self.unit() + self.unit() - 1.5)
    }

    fn unit(&mut self) -> f32 {
        (self.0.next_u32() >> 8) as f32 / (1 << 24) as f32
    }

    /// One of the templates, by weight.
    pub(super) fn choose(&mut self, ways: &'static [Template]) -> &'static Template {
        let total: u32 = ways.iter().map(|w| w.weight).sum();
        let mut left = self.0.below(total as usize) as u32;
        for way in ways {
            if left < way.weight {
                return way;
            }
            left -= way.weight;
        }
        &ways[0]
    }
}

/// A place the pen passes, and half the width of its line there.
#[derive(Clone, Copy)]
struct Dot {
    x: f32,
    y: f32,
    radius: f32,
}

/// Draws one digit: `pixels` has 28 x 28 bytes, 0 for paper and 255 for ink.
pub(super) fn draw(way: &Template, hand: &mut Hand, pixels: &mut [u8]) {
    let bend = Bend::new(hand);
    // Wobble of single points, so that no loop is quite round and no end quite where it should be.
    let shake = hand.between(0.010, 0.048);
    let strokes: Vec<Vec<Knot>> = way
        .strokes
        .iter()
        .map(|knots| {
            let last = knots.len() - 1;
            let shaken = knots.iter().enumerate().map(|(i, k)| {
                let more = if i == 0 || i == last { 1.6 * shake } else { shake };
                bend.apply(Knot { x: k.x + more * hand.bell(), y: k.y + more * hand.bell(), ..*k })
            });
            shaken.collect()
        })
        .collect();
    let radius = (1.28 + 0.34 * hand.bell()).clamp(0.70, 2.3);
    let mut lines: Vec<Vec<Dot>> = strokes.iter().map(|knots| line(knots, radius, hand)).collect();
    place(&mut lines, hand);
    ink(&lines, hand, pixels);
}

/// What one person does to all digits: slant, turn, width, and a slow bending of the whole plane.
struct Bend {
    slant: f32,
    cos: f32,
    sin: f32,
    width: f32,
    /// Weights of y², xy and x² in x, and of the same in y.
    curve: [f32; 6],
    /// Moves the middle up or down, left or right, with the edges held.
    belly: [f32; 2],
}

impl Bend {
    fn new(hand: &mut Hand) -> Bend {
        // The tangent of half the angle gives sine and cosine without trigonometry.
        let half = 0.065 * hand.bell();
        Bend {
            slant: 0.18 + 0.22 * hand.bell(),
            cos: (1.0 - half * half) / (1.0 + half * half),
            sin: 2.0 * half / (1.0 + half * half),
            width: (1.08 + 0.22 * hand.bell()).clamp(0.6, 1.7),
            curve: std::array::from_fn(|_| 0.13 * hand.bell()),
            belly: std::array::from_fn(|_| 0.16 * hand.bell()),
        }
    }

    fn apply(&self, k: Knot) -> Knot {
        let y = k.y + self.belly[0] * k.y * (1.0 - k.y);
        let x = k.x + self.belly[1] * k.x * (0.7 - k.x);
        // About the middle of the digit.
        let (x, y) = ((x - 0.34) * self.width, y - 0.5);
        let [a, b, c, d, e, f] = self.curve;
        let (x, y) = (x + a * y * y + b * x * y + c * x * x, y + d * y * y + e * x * y + f * x * x);
        let x = x - self.slant * y;
        Knot { x: self.cos * x - self.sin * y, y: self.sin * x + self.cos * y, corner: k.corner }
    }
}

/// The smooth curve through knots (Catmull and Rom 1974, uniform), broken at corners, pressed harder here and there.
fn line(knots: &[Knot], radius: f32, hand: &mut Hand) -> Vec<Dot> {
    let pressure: Vec<f32> = knots.iter().map(|_| radius * (1.0 + 0.12 * hand.bell())).collect();
    let last = knots.len() - 1;
    let mut dots = vec![Dot { x: knots[0].x, y: knots[0].y, radius: pressure[0] * 0.85 }];
    for i in 0..last {
        let (p1, p2) = (knots[i], knots[i + 1]);
        let p0 = if i == 0 || p1.corner { p1 } else { knots[i - 1] };
        let p3 = if i + 1 == last || p2.corner { p2 } else { knots[i + 2] };
        for step in 1..=STEPS {
            let t = step as f32 / STEPS as f32;
            let spline = |a: f32, b: f32, c: f32, d: f32| {
                b + 0.5 * t * (c - a + t * (2.0 * a - 5.0 * b + 4.0 * c - d + t * (3.0 * (b - c) + d - a)))
            };
            dots.push(Dot {
                x: spline(p0.x, p1.x, p2.x, p3.x),
                y: spline(p0.y, p1.y, p2.y, p3.y),
                radius: pressure[i] + t * (pressure[i + 1] - pressure[i]),
            });
        }
    }
    dots
}

/// Scales the lines into MNIST's box and moves their centre of mass near the middle of the picture.
fn place(lines: &mut [Vec<Dot>], hand: &mut Hand) {
    let [left, right, top, bottom] = bounds(lines);
    let fit = BOX - 2.0 * lines[0][0].radius;
    let scale = fit * hand.between(0.90, 1.02) / (right - left).max(bottom - top);
    for dot in lines.iter_mut().flatten() {
        (dot.x, dot.y) = (dot.x * scale, dot.y * scale);
    }
    let mut mass = [0.0f32; 3];
    for pair in lines.iter().flat_map(|l| l.windows(2)) {
        let (dx, dy) = (pair[1].x - pair[0].x, pair[1].y - pair[0].y);
        let weight = (dx * dx + dy * dy).sqrt() * pair[0].radius;
        mass[0] += weight;
        mass[1] += weight * pair[0].x;
        mass[2] += weight * pair[0].y;
    }
    let [left, right, top, bottom] = bounds(lines);
    let middle = SIDE as f32 / 2.0;
    // The ink keeps one pixel and a half from the edge; a digit of the box's size always can.
    let margin = 1.5 + lines.iter().flatten().fold(0.0, |r: f32, dot| r.max(dot.radius));
    let mut shift = |centre: f32, low: f32, high: f32| {
        let shift = middle - centre + 0.55 * hand.bell();
        shift.max(margin - low).min(SIDE as f32 - margin - high)
    };
    let (dx, dy) = (shift(mass[1] / mass[0], left, right), shift(mass[2] / mass[0], top, bottom));
    for dot in lines.iter_mut().flatten() {
        (dot.x, dot.y) = (dot.x + dx, dot.y + dy);
    }
}

/// Left, right, top and bottom of all dots.
fn bounds(lines: &[Vec<Dot>]) -> [f32; 4] {
    let start = [f32::MAX, f32::MIN, f32::MAX, f32::MIN];
    lines.iter().flatten().fold(start, |[l, r, t, b], d| [l.min(d.x), r.max(d.x), t.min(d.y), b.max(d.y)])
}

/// Fills the pixels by their distance from the lines: full inside, fading over a soft edge.
fn ink(lines: &[Vec<Dot>], hand: &mut Hand, pixels: &mut [u8]) {
    const FAR: f32 = 9.0;
    let mut distance = [FAR; SIDE * SIDE];
    for pair in lines.iter().flat_map(|l| l.windows(2)) {
        let (p, q) = (pair[0], pair[1]);
        let (dx, dy, dr) = (q.x - p.x, q.y - p.y, q.radius - p.radius);
        let length = (dx * dx + dy * dy).max(1e-6);
        let reach = p.radius.max(q.radius) + 1.5;
        let span = |a: f32, b: f32| {
            // The casts saturate at 0.
            let (low, high) = (a.min(b) - reach, a.max(b) + reach);
            (low as usize).min(SIDE)..((high + 1.0) as usize).min(SIDE)
        };
        for row in span(p.y, q.y) {
            for column in span(p.x, q.x) {
                let (x, y) = (column as f32 + 0.5 - p.x, row as f32 + 0.5 - p.y);
                let t = ((x * dx + y * dy) / length).clamp(0.0, 1.0);
                let (ex, ey) = (x - t * dx, y - t * dy);
                let d = (ex * ex + ey * ey).sqrt() - (p.radius + t * dr);
                let cell = &mut distance[row * SIDE + column];
                *cell = cell.min(d);
            }
        }
    }
    let edge = hand.between(0.9, 1.6);
    let full = hand.between(245.0, 285.0);
    let grain = hand.between(0.02, 0.16);
    for (pixel, d) in pixels.iter_mut().zip(distance) {
        let cover = (0.5 - d / edge).clamp(0.0, 1.0);
        *pixel = match cover > 0.0 {
            // The cast saturates.
            true => {
                let smooth = cover * cover * (3.0 - 2.0 * cover);
                (full * smooth * (1.0 - grain * hand.unit()) + 0.5) as u8
            }
            false => 0,
        };
    }
}
