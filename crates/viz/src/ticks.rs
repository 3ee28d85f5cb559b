//! Which numbers stand along an axis, and how they are written.

/// Numbers along an axis, with their texts.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Ticks {
    pub at: Vec<f64>,
    pub labels: Vec<String>,
}

/// The range that holds all finite values, with a twentieth of it to spare on both sides; around a single value, a
/// range that it is the middle of. `None` where no value is finite or they are too far apart for a number.
pub(crate) fn range(values: impl Iterator<Item = f64> + Clone) -> Option<(f64, f64)> {
    let finite = values.filter(|v| v.is_finite());
    let low = finite.clone().fold(f64::INFINITY, f64::min);
    let high = finite.fold(f64::NEG_INFINITY, f64::max);
    let largest = low.abs().max(high.abs());
    let spare = match high - low > largest * 1e-9 {
        true => (high - low) * 0.05,
        false if largest > 0.0 => largest * 0.05,
        false => 0.05,
    };
    let (low, high) = (low - spare, high + spare);
    (low < high && (high - low).is_finite()).then_some((low, high))
}

/// Round numbers from `low` to `high`, at most about `most` of them; only whole ones where asked. On a logarithmic
/// axis, limits and places are logarithms.
pub(crate) fn ticks(limits: (f64, f64), most: usize, whole: bool, log: bool) -> Ticks {
    if log { powers(limits, most) } else { even(limits, most, whole) }
}

/// Powers of ten, with what lies between where there are few of them.
fn powers((low, high): (f64, f64), most: usize) -> Ticks {
    let (first, last) = ((low - 1e-9).ceil() as i32, (high + 1e-9).floor() as i32);
    let between = |digits: &[f64]| {
        let all = (first - 1..=last).flat_map(|p| digits.iter().map(move |d| d * 10f64.powi(p)));
        let inside = all.filter(|v| (low - 1e-9..=high + 1e-9).contains(&v.log10()));
        inside.collect::<Vec<f64>>()
    };
    let candidates = [between(&[1.0, 2.0, 5.0]), between(&[1.0, 3.0]), between(&[1.0])];
    let values = match candidates.into_iter().find(|c| c.len() <= most.max(2)) {
        Some(values) => values,
        None => {
            let apart = (last - first) as usize / most.max(1) + 1;
            (first..=last).step_by(apart).map(|p| 10f64.powi(p)).collect()
        }
    };
    if values.len() < 2 {
        // Less than a decade: even steps of the numbers themselves.
        let plain = even((10f64.powf(low), 10f64.powf(high)), most, false);
        return Ticks { at: plain.at.iter().map(|v| v.log10()).collect(), ..plain };
    }
    let labels = values.iter().map(|v| label(*v, *v, *v)).collect();
    Ticks { at: values.iter().map(|v| v.log10()).collect(), labels }
}

fn even((low, high): (f64, f64), most: usize, whole: bool) -> Ticks {
    let step = step((high - low) / most.max(1) as f64, whole);
    let first = (low / step - 1e-9).ceil();
    let last = (high / step + 1e-9).floor();
    // A caller's limits may be such that steps cannot be told apart; then there is nothing to write.
    if !(step > 0.0 && step.is_finite() && last - first < 1000.0 && first.abs().max(last.abs()) < 1e15) {
        return Ticks::default();
    }
    let at: Vec<f64> = (first as i64..=last as i64).map(|i| i as f64 * step).collect();
    let largest = at.iter().fold(0.0, |m: f64, v| m.max(v.abs()));
    let labels = at.iter().map(|v| label(*v, step, largest)).collect();
    Ticks { at, labels }
}

/// The smallest of 1, 2, 2.5 or 5 times a power of ten that is at least `raw`.
fn step(raw: f64, whole: bool) -> f64 {
    let power = 10f64.powf(raw.log10().floor());
    let fits = |s: &f64| *s >= raw * (1.0 - 1e-9) && (!whole || (*s >= 1.0 && s.fract() == 0.0));
    let candidates = [power, 10.0 * power, 1.0].into_iter().flat_map(|p| [1.0, 2.0, 2.5, 5.0].map(|m| m * p));
    candidates.filter(fits).fold(f64::INFINITY, f64::min)
}

/// The number with as many decimals as its neighbours at `step` need, with a real minus sign.
fn label(value: f64, step: f64, largest: f64) -> String {
    let text = if (1e-3..1e6).contains(&largest) {
        format!("{value:.*}", decimals(step))
    } else if value == 0.0 {
        "0".to_string()
    } else {
        let power = largest.log10().floor();
        let (unit, power) = (10f64.powf(power), power as i32);
        format!("{:.*}e{power}", decimals(step / unit), value / unit)
    };
    match text.strip_prefix('-') {
        Some(rest) => format!("−{rest}"),
        None => text,
    }
}

/// How many decimals a step of 1, 2, 2.5 or 5 times a power of ten has.
fn decimals(step: f64) -> usize {
    (0..12)
        .find(|d| (step * 10f64.powi(*d)).fract().min(1.0 - (step * 10f64.powi(*d)).fract()) < 1e-6)
        .unwrap_or(12) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(low: f64, high: f64, most: usize, whole: bool) -> String {
        ticks((low, high), most, whole, false).labels.join(" ")
    }

    #[test]
    fn round_numbers() {
        assert_eq!(texts(0.0, 1.0, 5, false), "0.0 0.2 0.4 0.6 0.8 1.0");
        assert_eq!(texts(-1.1, 1.1, 5, false), "−1.0 −0.5 0.0 0.5 1.0");
        assert_eq!(texts(0.85, 4.15, 8, true), "1 2 3 4");
        assert_eq!(texts(0.95, 20.9, 8, true), "5 10 15 20");
        assert_eq!(texts(0.9, 1.0, 4, false), "0.900 0.925 0.950 0.975 1.000");
        assert_eq!(texts(0.0, 2.5e6, 5, false), "0 0.5e6 1.0e6 1.5e6 2.0e6 2.5e6");
        assert_eq!(texts(0.0, 4e-5, 4, false), "0 1e-5 2e-5 3e-5 4e-5");
    }

    #[test]
    fn powers_of_ten() {
        let logs = |low: f64, high: f64, most| {
            ticks((low.log10(), high.log10()), most, false, true).labels.join(" ")
        };
        assert_eq!(logs(1e-3, 10.0, 6), "0.001 0.01 0.1 1 10");
        assert_eq!(logs(0.9, 30.0, 6), "1 2 5 10 20");
        assert_eq!(logs(1e-9, 1e9, 5), "1e-9 1e-5 0.1 1000 1e7");
        assert_eq!(logs(0.25, 0.35, 5), "0.26 0.28 0.30 0.32 0.34");
        assert!(ticks((-320.0, 308.0), 5, false, true).at.len() < 20);
    }

    #[test]
    fn odd_ranges_end() {
        assert_eq!(range([1.0, f64::NAN, 3.0].into_iter()), Some((0.9, 3.1)));
        assert_eq!(range([0.0].into_iter()), Some((-0.05, 0.05)));
        assert_eq!(range([f64::NAN].into_iter()), None);
        assert_eq!(range([f64::MIN, f64::MAX].into_iter()), None);
        for limits in [(1.0, 1.0 + f64::EPSILON), (-1e300, 1e300), (0.0, 5e-324), (1e15, 1e15 + 1.0)] {
            assert!(ticks(limits, 5, false, false).at.len() < 20, "{limits:?}");
            assert!(ticks(limits, 5, true, false).at.len() < 20, "{limits:?}");
        }
    }
}
