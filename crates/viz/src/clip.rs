//! Lines cut off where the panel ends, in its own coordinates: 0 to 1 along both axes.

/// A point of the panel: 0 to 1 from left to right and from below upwards.
pub(crate) type Unit = (f64, f64);

/// The part of the straight line from `p` to `q` that lies in the panel (Liang and Barsky, 1984).
pub(crate) fn segment(p: Unit, q: Unit) -> Option<(Unit, Unit)> {
    let (dx, dy) = (q.0 - p.0, q.1 - p.1);
    if !(dx.is_finite() && dy.is_finite()) {
        return None;
    }
    let (mut enter, mut leave) = (0.0, 1.0);
    for (delta, room) in [(-dx, p.0), (dx, 1.0 - p.0), (-dy, p.1), (dy, 1.0 - p.1)] {
        if delta == 0.0 {
            if room < 0.0 {
                return None;
            }
        } else if delta < 0.0 {
            enter = f64::max(enter, room / delta);
        } else {
            leave = f64::min(leave, room / delta);
        }
    }
    let at = |t: f64| match t {
        0.0 => p,
        1.0 => q,
        t => (p.0 + t * dx, p.1 + t * dy),
    };
    (enter <= leave).then(|| (at(enter), at(leave)))
}

/// The part of the line a·x + b·y = c that lies in the panel.
pub(crate) fn straight(a: f64, b: f64, c: f64) -> Option<(Unit, Unit)> {
    let inside = |v: f64| (-1e-9..=1.0 + 1e-9).contains(&v);
    let upright = [0.0, 1.0].map(|x| (x, (c - a * x) / b));
    let level = [0.0, 1.0].map(|y| ((c - b * y) / a, y));
    let met: Vec<Unit> = upright.into_iter().chain(level).filter(|p| inside(p.0) && inside(p.1)).collect();
    let far = |p: &Unit, q: &Unit| (p.0 - q.0).hypot(p.1 - q.1);
    let first = *met.first()?;
    let last = *met.iter().max_by(|p, q| far(p, &first).total_cmp(&far(q, &first)))?;
    Some((first, last))
}

/// Whether a point lies in the panel.
pub(crate) fn inside((x, y): Unit) -> bool {
    (-1e-9..=1.0 + 1e-9).contains(&x) && (-1e-9..=1.0 + 1e-9).contains(&y)
}

/// The parts of a line through all points that lie in the panel. A point that is not finite leaves a gap; a point
/// between two gaps becomes a part of its own.
pub(crate) fn line(points: &[Unit]) -> Vec<Vec<Unit>> {
    let finite = |p: &Unit| p.0.is_finite() && p.1.is_finite();
    let mut parts: Vec<Vec<Unit>> = Vec::new();
    for run in points.split(|p| !finite(p)) {
        if let [alone] = run
            && inside(*alone)
        {
            parts.push(vec![*alone]);
        }
        let mut open = false;
        for pair in run.windows(2) {
            let Some((from, to)) = segment(pair[0], pair[1]) else {
                open = false;
                continue;
            };
            match parts.last_mut().filter(|part| open && part.last() == Some(&from)) {
                Some(part) => part.push(to),
                None => parts.push(vec![from, to]),
            }
            open = true;
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_end_at_the_edge() {
        assert_eq!(segment((-1.0, 0.5), (2.0, 0.5)), Some(((0.0, 0.5), (1.0, 0.5))));
        assert_eq!(segment((0.5, 0.5), (0.5, 2.0)), Some(((0.5, 0.5), (0.5, 1.0))));
        assert_eq!(segment((-1.0, 0.0), (0.0, 2.0)), None);
        assert_eq!(segment((2.0, 0.5), (2.0, 0.7)), None);
    }

    #[test]
    fn straight_lines_cross() {
        assert_eq!(straight(1.0, 0.0, 0.5), Some(((0.5, 0.0), (0.5, 1.0))));
        assert_eq!(straight(-1.0, 1.0, 0.0), Some(((0.0, 0.0), (1.0, 1.0))));
        assert_eq!(straight(1.0, 1.0, 5.0), None);
    }

    #[test]
    fn gaps_split_lines() {
        let nan = (0.5, f64::NAN);
        let parts = line(&[(0.0, 0.0), (0.2, 0.2), nan, (0.4, 0.4), nan, (0.6, 0.6), (0.8, 3.0), (1.0, 0.6)]);
        assert_eq!(parts.iter().map(Vec::len).collect::<Vec<_>>(), [2, 1, 2, 2]);
    }
}
