//! Nearest neighbours on a line and in a plane, and how many points lie near.

/// The distance from each number to its `k`th nearest other one; there are more than `k` numbers.
pub fn distances(numbers: &[f64], k: usize) -> Vec<f64> {
    let order = order(numbers);
    let mut out = vec![0.0; numbers.len()];
    for (at, &i) in order.iter().enumerate() {
        let (mut low, mut high) = (at, at);
        let mut distance = 0.0;
        for _ in 0..k {
            let left = low.checked_sub(1).map(|l| numbers[i] - numbers[order[l]]);
            let right = order.get(high + 1).map(|&r| numbers[r] - numbers[i]);
            match (left, right) {
                (Some(l), Some(r)) if l <= r => (low, distance) = (low - 1, l),
                (Some(l), None) => (low, distance) = (low - 1, l),
                (_, Some(r)) => (high, distance) = (high + 1, r),
                (None, None) => break,
            }
        }
        out[i] = distance;
    }
    out
}

/// The same in the plane, by the larger of both distances.
pub fn distances_2d(x: &[f64], y: &[f64], k: usize) -> Vec<f64> {
    let order = order(x);
    let mut out = vec![0.0; x.len()];
    let mut nearest = Vec::with_capacity(k + 1);
    for (at, &i) in order.iter().enumerate() {
        nearest.clear();
        let (mut left, mut right) = (order[..at].iter().rev().peekable(), order[at + 1..].iter().peekable());
        loop {
            let (l, r) = (left.peek().map(|&&j| x[i] - x[j]), right.peek().map(|&&j| x[j] - x[i]));
            let from_left = match (l, r) {
                (Some(l), Some(r)) => l <= r,
                (Some(_), None) => true,
                (None, Some(_)) => false,
                (None, None) => break,
            };
            let along = if from_left { l } else { r }.unwrap_or(f64::INFINITY);
            // Whatever comes next is at least as far.
            if nearest.len() == k && along >= nearest[k - 1] {
                break;
            }
            let Some(&j) = (if from_left { left.next() } else { right.next() }) else { break };
            let distance = along.max((y[i] - y[j]).abs());
            let place = nearest.partition_point(|&d| d <= distance);
            nearest.insert(place, distance);
            nearest.truncate(k);
        }
        out[i] = nearest.last().copied().unwrap_or(0.0);
    }
    out
}

/// How many of the rising numbers are not further than `radius` from `x`.
pub fn within(sorted: &[f64], x: f64, radius: f64) -> usize {
    sorted.partition_point(|&v| v - x <= radius) - sorted.partition_point(|&v| x - v > radius)
}

pub fn sorted(numbers: &[f64]) -> Vec<f64> {
    let mut all = numbers.to_vec();
    all.sort_unstable_by(f64::total_cmp);
    all
}

fn order(numbers: &[f64]) -> Vec<usize> {
    let mut all: Vec<usize> = (0..numbers.len()).collect();
    all.sort_unstable_by(|&a, &b| numbers[a].total_cmp(&numbers[b]));
    all
}
