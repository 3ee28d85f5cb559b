//! How numbers are spread. Source: `tensorboard/plugins/histogram/summary_v2.py`.

/// For each of so many parts of equal width: its left edge, its right edge, how many numbers lie in it. Where all numbers
/// are the same, the last part holds them and all edges are that number; where there are none, all is 0.
pub(super) fn buckets(values: &[f64], count: usize) -> Vec<[f64; 3]> {
    let finite = || values.iter().copied().filter(|v| v.is_finite());
    let (low, high) = finite().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
    let Some(last) = count.checked_sub(1).filter(|_| low <= high) else { return vec![[0.0; 3]; count] };
    // Halves, so that the distance of the largest numbers there are is still a number.
    let width = (high / 2.0 - low / 2.0) / count as f64 * 2.0;
    let edge = |i: usize| if i == count { high } else { low + i as f64 * width };
    let mut rows: Vec<[f64; 3]> = (0..count).map(|i| [edge(i), edge(i + 1), 0.0]).collect();
    for v in finite() {
        let at = if width > 0.0 { ((v / 2.0 - low / 2.0) / width * 2.0) as usize } else { last };
        rows[at.min(last)][2] += 1.0;
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_equal_width() {
        let rows = buckets(&[0.0, 0.5, 1.0, 1.5, 4.0, f64::NAN], 4);
        assert_eq!(rows, [[0.0, 1.0, 2.0], [1.0, 2.0, 2.0], [2.0, 3.0, 0.0], [3.0, 4.0, 1.0]]);
        assert_eq!(buckets(&[2.0; 5], 3), [[2.0, 2.0, 0.0], [2.0, 2.0, 0.0], [2.0, 2.0, 5.0]]);
        assert_eq!(buckets(&[], 2), [[0.0; 3]; 2]);
        assert!(buckets(&[1.0], 0).is_empty());
        let wide = buckets(&[f64::MIN, f64::MAX, 0.0], 2);
        assert_eq!(wide.iter().map(|r| r[2]).sum::<f64>(), 3.0);
        assert!(wide.as_flattened().iter().all(|v| v.is_finite()));
    }
}
