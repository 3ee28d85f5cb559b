//! Numbers as Python writes them, in messages, tables and names of files.

/// The shortest digits that give the number back: `0.001`, `1.0`, `1e-05`, `nan`.
pub(super) fn shortest(value: f64) -> String {
    if value.is_nan() {
        return "nan".to_string();
    }
    if value.is_infinite() {
        return if value > 0.0 { "inf" } else { "-inf" }.to_string();
    }
    let size = value.abs();
    if size == 0.0 || (1e-4..1e16).contains(&size) {
        return format!("{value:?}");
    }
    with_exponent(&format!("{value:e}"))
}

/// A sign and at least two digits behind the `e`.
pub(super) fn with_exponent(text: &str) -> String {
    let Some((digits, exponent)) = text.split_once('e') else { return text.to_string() };
    let (sign, exponent) = match exponent.strip_prefix('-') {
        Some(exponent) => ('-', exponent),
        None => ('+', exponent),
    };
    format!("{digits}e{sign}{exponent:0>2}")
}

#[cfg(test)]
mod tests {
    use super::shortest;

    /// `repr` of Python 3.11.
    #[test]
    fn digits_are_python_s() {
        for (value, text) in [
            (1.0, "1.0"),
            (0.001, "0.001"),
            (f64::from(0.001f32), "0.0010000000474974513"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (-1.5e-7, "-1.5e-07"),
            (1e15, "1000000000000000.0"),
            (1e16, "1e+16"),
            (1.25e300, "1.25e+300"),
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (f64::NAN, "nan"),
            (f64::NEG_INFINITY, "-inf"),
        ] {
            assert_eq!(shortest(value), text);
        }
    }
}
