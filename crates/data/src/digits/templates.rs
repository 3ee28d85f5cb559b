//! How people write the ten digits: the strokes of each, as points that a pen passes.
//!
//! Points are (x, y) in hundredths of the digit's height, x to the right and y down. The pen moves smoothly
//! through a point marked `s` and turns sharply at one marked `c`.

/// A point that the pen passes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Knot {
    pub x: f32,
    pub y: f32,
    pub corner: bool,
}

/// One way to write a digit, and how often people write it so, relative to the other ways.
#[derive(Debug)]
pub(super) struct Template {
    pub weight: u32,
    pub strokes: &'static [&'static [Knot]],
}

const fn s(x: i8, y: i8) -> Knot {
    Knot { x: x as f32 / 100.0, y: y as f32 / 100.0, corner: false }
}

const fn c(x: i8, y: i8) -> Knot {
    Knot { corner: true, ..s(x, y) }
}

const fn way(weight: u32, strokes: &'static [&'static [Knot]]) -> Template {
    Template { weight, strokes }
}

/// The ways to write 0, 1, ... 9.
pub(super) const DIGITS: [&[Template]; 10] = [ZERO, ONE, TWO, THREE, FOUR, FIVE, SIX, SEVEN, EIGHT, NINE];

const ZERO: &[Template] = &[
    // An oval from the top, counter-clockwise.
    way(
        4,
        &[&[s(38, 3), s(18, 14), s(5, 46), s(12, 82), s(33, 98), s(57, 82), s(66, 48), s(56, 14), s(34, 3)]],
    ),
    // Begun at the right shoulder, the end crossing the start.
    way(
        3,
        &[&[
            s(56, 13),
            s(38, 1),
            s(14, 20),
            s(4, 58),
            s(18, 94),
            s(44, 96),
            s(64, 66),
            s(62, 26),
            s(44, 5),
            s(30, 8),
        ]],
    ),
    // Left open at the top.
    way(1, &[&[s(28, 6), s(10, 28), s(6, 66), s(24, 97), s(50, 88), s(64, 50), s(54, 14), s(40, 2)]]),
    // Round.
    way(
        2,
        &[&[s(44, 4), s(16, 14), s(1, 48), s(14, 86), s(44, 98), s(74, 84), s(84, 48), s(68, 14), s(40, 3)]],
    ),
];

const ONE: &[Template] = &[
    // A bare stroke.
    way(6, &[&[s(32, 1), s(31, 50), s(30, 99)]]),
    // Slightly bent.
    way(2, &[&[s(30, 1), s(35, 45), s(30, 99)]]),
    // With a flag.
    way(3, &[&[s(14, 24), c(36, 2), s(34, 50), s(33, 99)]]),
    // With a flag and a base.
    way(2, &[&[s(12, 22), c(34, 2), s(34, 50), s(34, 96)], &[s(8, 98), s(34, 97), s(62, 97)]]),
];

const TWO: &[Template] = &[
    // A sharp turn into a straight base.
    way(
        4,
        &[&[s(7, 24), s(20, 6), s(42, 2), s(57, 20), s(48, 48), s(28, 76), c(5, 97), s(36, 95), s(66, 94)]],
    ),
    // A loop at the bottom left.
    way(
        3,
        &[&[
            s(8, 22),
            s(26, 3),
            s(50, 8),
            s(54, 34),
            s(38, 66),
            s(18, 92),
            s(4, 92),
            s(8, 78),
            s(24, 80),
            s(46, 96),
            s(70, 92),
        ]],
    ),
    // A flat loop and a wavy base.
    way(
        2,
        &[&[
            s(10, 14),
            s(34, 2),
            s(56, 14),
            s(52, 42),
            s(28, 74),
            s(8, 90),
            c(6, 96),
            s(28, 86),
            s(48, 95),
            s(72, 88),
        ]],
    ),
    // Angular, like a Z with a round shoulder.
    way(1, &[&[s(4, 12), s(30, 4), s(56, 10), s(44, 40), s(24, 68), c(4, 98), s(64, 98)]]),
    // A hook at the start and a swan's neck.
    way(
        1,
        &[&[s(16, 30), s(8, 14), s(30, 0), s(54, 14), s(44, 50), s(16, 88), c(8, 97), s(40, 90), s(66, 98)]],
    ),
];

const THREE: &[Template] = &[
    // Two bowls that meet at a point.
    way(
        4,
        &[&[s(8, 13), s(30, 2), s(54, 14), s(48, 36), c(24, 47), s(52, 56), s(62, 76), s(42, 97), s(4, 90)]],
    ),
    // The pen swings through in a small loop.
    way(
        2,
        &[&[
            s(10, 10),
            s(36, 1),
            s(56, 16),
            s(44, 40),
            s(24, 52),
            s(18, 47),
            s(28, 44),
            s(54, 58),
            s(56, 84),
            s(30, 98),
            s(4, 86),
        ]],
    ),
    // A flat top.
    way(1, &[&[s(8, 5), c(58, 4), c(28, 40), s(54, 50), s(62, 74), s(40, 97), s(6, 92)]]),
    // Shallow, open bowls.
    way(
        2,
        &[&[s(4, 20), s(24, 2), s(50, 10), s(46, 34), s(22, 48), s(46, 54), s(58, 76), s(34, 98), s(0, 84)]],
    ),
];

const FOUR: &[Template] = &[
    // Open: a corner on the left, then a long stroke down.
    way(4, &[&[s(12, 4), s(8, 28), c(6, 52), s(30, 53), s(62, 48)], &[s(56, 2), s(52, 50), s(48, 99)]]),
    // Open and round on the left.
    way(3, &[&[s(10, 6), s(5, 34), s(14, 52), s(36, 52), s(56, 42)], &[s(60, 4), s(55, 48), s(50, 99)]]),
    // Closed, the pen turning at the top.
    way(3, &[&[s(48, 2), s(28, 32), c(2, 66), s(30, 65), s(70, 64)], &[s(50, 2), s(48, 50), s(46, 99)]]),
    // Closed, the stroke down crossing the bar lower on the right.
    way(2, &[&[s(40, 3), s(24, 30), c(2, 60), s(66, 58)], &[s(54, 26), s(50, 60), s(46, 99)]]),
    // In one line, like a lightning bolt.
    way(1, &[&[s(10, 8), s(6, 36), c(8, 56), s(30, 46), c(56, 8), s(54, 50), s(50, 99)]]),
];

const FIVE: &[Template] = &[
    // Down, the belly, and the bar on top.
    way(
        4,
        &[
            &[s(16, 5), c(12, 44), s(38, 36), s(60, 56), s(52, 86), s(26, 98), s(2, 90)],
            &[s(16, 4), s(38, 4), s(66, 2)],
        ],
    ),
    // In one line from the right end of the bar.
    way(3, &[&[s(64, 4), c(20, 5), c(13, 42), s(40, 38), s(60, 60), s(46, 92), s(20, 98), s(2, 86)]]),
    // Almost an S.
    way(2, &[&[s(62, 6), s(34, 3), s(15, 20), s(24, 42), s(48, 54), s(54, 78), s(34, 97), s(2, 94)]]),
    // A small belly under a long bar.
    way(1, &[&[s(70, 3), c(22, 4), c(16, 48), s(36, 46), s(48, 66), s(38, 92), s(6, 97)]]),
];

const SIX: &[Template] = &[
    // A bent stem into a loop.
    way(
        4,
        &[&[s(46, 2), s(20, 28), s(5, 64), s(16, 95), s(42, 96), s(54, 74), s(38, 56), s(16, 66), s(8, 80)]],
    ),
    // A straight stem, a large loop.
    way(3, &[&[s(34, 1), s(14, 40), s(5, 74), s(22, 98), s(50, 90), s(56, 66), s(38, 54), s(14, 70)]]),
    // Strongly curved, a small closed loop.
    way(
        2,
        &[&[s(58, 10), s(38, 3), s(14, 28), s(5, 66), s(20, 97), s(46, 90), s(46, 66), s(24, 62), s(8, 82)]],
    ),
    // Leaning back, the loop not closed.
    way(1, &[&[s(26, 2), s(10, 40), s(8, 80), s(30, 98), s(54, 82), s(46, 60), s(24, 64)]]),
];

const SEVEN: &[Template] = &[
    // A bar and a straight stem.
    way(4, &[&[s(4, 8), s(30, 6), c(60, 5), s(42, 46), s(26, 99)]]),
    // Crossed.
    way(2, &[&[s(4, 8), s(30, 6), c(60, 4), s(42, 46), s(26, 99)], &[s(20, 50), s(60, 46)]]),
    // With a serif.
    way(2, &[&[s(5, 24), c(8, 6), s(34, 6), c(62, 4), s(44, 46), s(34, 99)]]),
    // A wavy bar and a bent stem.
    way(2, &[&[s(4, 18), s(16, 4), s(38, 10), c(62, 4), s(42, 40), s(34, 70), s(32, 99)]]),
    // A round shoulder.
    way(2, &[&[s(4, 16), s(22, 3), s(48, 4), s(56, 20), s(42, 56), s(30, 99)]]),
];

const EIGHT: &[Template] = &[
    // In one line, from the top right through an S and back.
    way(
        5,
        &[&[
            s(54, 14),
            s(34, 1),
            s(13, 16),
            s(24, 40),
            s(50, 62),
            s(52, 88),
            s(30, 99),
            s(8, 86),
            s(18, 60),
            s(46, 38),
            s(56, 14),
        ]],
    ),
    // The same, left open at the top.
    way(
        2,
        &[&[
            s(58, 6),
            s(32, 3),
            s(12, 20),
            s(28, 44),
            s(52, 66),
            s(44, 96),
            s(16, 96),
            s(10, 72),
            s(34, 46),
            s(62, 18),
        ]],
    ),
    // Two rings, one upon the other.
    way(
        2,
        &[
            &[s(34, 2), s(14, 12), s(16, 36), s(34, 46), s(52, 36), s(54, 12), s(32, 2)],
            &[s(32, 46), s(8, 60), s(8, 88), s(32, 99), s(58, 88), s(56, 60), s(34, 46)],
        ],
    ),
    // Narrow, begun in the middle of the top.
    way(
        2,
        &[&[s(38, 2), s(18, 14), s(28, 42), s(44, 70), s(32, 98), s(14, 84), s(26, 54), s(46, 26), s(36, 2)]],
    ),
];

const NINE: &[Template] = &[
    // A ring and a straight stem.
    way(
        4,
        &[&[
            s(54, 16),
            s(34, 3),
            s(10, 16),
            s(10, 40),
            s(32, 47),
            s(50, 30),
            c(55, 12),
            s(52, 56),
            s(46, 99),
        ]],
    ),
    // A ring and a stem that curls to the left.
    way(
        2,
        &[&[
            s(54, 18),
            s(34, 2),
            s(10, 14),
            s(10, 38),
            s(32, 46),
            s(52, 26),
            s(56, 16),
            s(54, 60),
            s(38, 95),
            s(8, 92),
        ]],
    ),
    // A ring that runs over into the stem.
    way(3, &[&[s(48, 22), s(34, 4), s(10, 20), s(16, 44), s(42, 38), s(54, 8), s(50, 44), s(40, 99)]]),
    // A small ring, leaning.
    way(1, &[&[s(50, 12), s(26, 6), s(12, 28), s(28, 42), s(48, 26), c(52, 8), s(42, 50), s(22, 99)]]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_fills_the_height_and_no_more() {
        for (digit, ways) in DIGITS.iter().enumerate() {
            assert!(ways.len() >= 2, "{digit}");
            for way in *ways {
                assert!(way.weight > 0 && way.strokes.iter().all(|s| s.len() >= 2), "{digit}");
                let y = || way.strokes.iter().flat_map(|s| s.iter()).map(|k| k.y);
                let (top, bottom) = (y().fold(1.0, f32::min), y().fold(0.0, f32::max));
                assert!(
                    top <= 0.08 && bottom >= 0.94 && top >= 0.0 && bottom <= 1.0,
                    "{digit}: {top} {bottom}"
                );
            }
        }
    }
}
