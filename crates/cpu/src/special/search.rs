//! Where the extremes are.

use super::{Input, Output, around, each_type};

/// The place of the first extremum along an axis; a NaN is one.
pub fn extremum(largest: bool, axis: usize, x: &Input, out: &mut Output) {
    let (outer, size, inner) = around(x.shape, axis);
    let to = out.of::<i64>();
    each_type!(x.dtype, T => {
        let x = x.of::<T>();
        for o in 0..outer {
            for r in 0..inner {
                let line = x[o * size * inner + r..].iter().step_by(inner).take(size);
                to[o * inner + r] = first(line, largest) as i64;
            }
        }
    });
}

#[allow(clippy::eq_op)] // NaN is the only value that differs from itself.
fn first<'a, T: PartialOrd + Copy + 'a>(line: impl Iterator<Item = &'a T>, largest: bool) -> usize {
    let mut best: Option<(usize, T)> = None;
    for (i, &v) in line.enumerate() {
        match best {
            Some((_, top)) if top != top => break,
            Some((_, top)) if !((if largest { v > top } else { v < top }) || v != v) => {}
            _ => best = Some((i, v)),
        }
    }
    best.map_or(0, |(i, _)| i)
}
