//! Lines of equal height on a grid (marching squares; Maple 2003, "Geometric design and space planning using the marching
//! squares and marching cube algorithms").

use std::collections::HashMap;

/// The sides of a cell that a line meets.
type Edge = (usize, usize, bool);

/// Points of the lines at a height, in columns and rows of the grid; NaN stands between two lines. Cells with a corner
/// that is not finite have none.
pub(super) fn at(z: &[f64], rows: usize, columns: usize, level: f64) -> Vec<(f64, f64)> {
    let mut next: HashMap<Edge, Vec<Edge>> = HashMap::new();
    let mut order = Vec::new();
    for row in 0..rows - 1 {
        for column in 0..columns - 1 {
            for (a, b) in cell(z, columns, row, column, level) {
                next.entry(a).or_default().push(b);
                next.entry(b).or_default().push(a);
                order.push(a);
                order.push(b);
            }
        }
    }
    // Lines that end somewhere are followed from an end, the others from anywhere.
    let mut starts: Vec<Edge> = order.iter().copied().filter(|e| next[e].len() == 1).collect();
    starts.extend(order);
    let mut points = Vec::new();
    for start in starts {
        let mut edge = start;
        let mut length = 0;
        while let Some(to) = next.get_mut(&edge).and_then(Vec::pop) {
            if length == 0 {
                points.push(crossing(z, columns, edge, level));
            }
            length += 1;
            if let Some(back) = next.get_mut(&to) {
                let found = back.iter().position(|e| *e == edge);
                found.map(|i| back.swap_remove(i));
            }
            points.push(crossing(z, columns, to, level));
            edge = to;
        }
        if length > 0 {
            points.push((f64::NAN, f64::NAN));
        }
    }
    points
}

/// The pieces of lines within a cell, each from side to side.
fn cell(z: &[f64], columns: usize, row: usize, column: usize, level: f64) -> Vec<(Edge, Edge)> {
    let corner = |r: usize, c: usize| z[(row + r) * columns + column + c];
    let corners = [corner(0, 0), corner(0, 1), corner(1, 1), corner(1, 0)];
    if !corners.iter().all(|v| v.is_finite()) {
        return Vec::new();
    }
    let above = corners.map(|v| v >= level);
    // Sides in the order of the corners around the cell: below, right, above, left.
    let sides =
        [(row, column, false), (row, column + 1, true), (row + 1, column, false), (row, column, true)];
    let crossed: Vec<Edge> = (0..4).filter(|&i| above[i] != above[(i + 1) % 4]).map(|i| sides[i]).collect();
    match crossed[..] {
        [a, b] => vec![(a, b)],
        // A saddle: the height in the middle says which corners hang together.
        [a, b, c, d] => {
            let middle = corners.iter().sum::<f64>() / 4.0 >= level;
            if middle == above[0] { vec![(a, b), (c, d)] } else { vec![(a, d), (b, c)] }
        }
        _ => Vec::new(),
    }
}

/// Where a side, along the row or upwards, has the height.
fn crossing(z: &[f64], columns: usize, (row, column, upwards): Edge, level: f64) -> (f64, f64) {
    let from = z[row * columns + column];
    let to = if upwards { z[(row + 1) * columns + column] } else { z[row * columns + column + 1] };
    let part = (level - from) / (to - from);
    let (x, y) = (column as f64, row as f64);
    if upwards { (x, y + part) } else { (x + part, y) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_circle_is_one_closed_line() {
        let n = 41;
        let z: Vec<f64> = (0..n * n).map(|i| ((i % n) as f64 - 20.0).hypot((i / n) as f64 - 20.0)).collect();
        let points = at(&z, n, n, 10.0);
        assert_eq!(points.iter().filter(|p| p.0.is_nan()).count(), 1);
        assert_eq!(points[0], points[points.len() - 2]);
        assert!(
            points[..points.len() - 1].iter().all(|(x, y)| ((x - 20.0).hypot(y - 20.0) - 10.0).abs() < 0.02)
        );
    }

    #[test]
    fn saddles_and_gaps() {
        let z = [1.0, 0.0, 0.0, 1.0];
        assert_eq!(at(&z, 2, 2, 0.4).iter().filter(|p| p.0.is_nan()).count(), 2);
        assert!(at(&[1.0, f64::NAN, 0.0, 1.0], 2, 2, 0.5).is_empty());
        assert!(at(&[1.0; 4], 2, 2, 3.0).is_empty());
    }
}
