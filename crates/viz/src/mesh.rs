//! Points all over a part of the plane.

use rhyton_base::{Error, Result};

/// The middles of (rows, columns) equal cells of a part of the plane, row by row from the lowest y, each row from the
/// lowest x: where a model is asked for [`Scatter::regions`](crate::Scatter::regions).
///
/// # Errors
/// Where a range does not go from low to high, or there are more than ten million cells.
///
/// ```
/// use rhyton_viz::mesh;
/// assert_eq!(mesh((0.0, 2.0), (0.0, 1.0), (1, 2))?, [[0.5, 0.5], [1.5, 0.5]]);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
pub fn mesh(x: (f64, f64), y: (f64, f64), (rows, columns): (usize, usize)) -> Result<Vec<[f64; 2]>> {
    for (name, (low, high)) in [("x", x), ("y", y)] {
        if !(low < high && (high - low).is_finite()) {
            return Err(Error::value(format!("mesh: expected {name} from low to high, got {low} to {high}")));
        }
    }
    if rows.checked_mul(columns).is_none_or(|n| n > 10_000_000) {
        return Err(Error::value(format!("mesh: expected at most 10000000 cells, got {rows} by {columns}")));
    }
    let at = |(low, high): (f64, f64), i: usize, n: usize| low + (high - low) * (i as f64 + 0.5) / n as f64;
    let row = |r: usize| (0..columns).map(move |c| [at(x, c, columns), at(y, r, rows)]);
    Ok((0..rows).flat_map(row).collect())
}
