//! Patterns for names.

/// Whether a pattern fits all of a text: `.` stands for any character, `*` for the one before it any number of times.
///
/// ```
/// use rhyton_nn::pattern_fits;
/// assert!(pattern_fits("encoder/.*", "encoder/dense/kernel"));
/// assert!(!pattern_fits("dense", "dense_1"));
/// ```
pub fn pattern_fits(pattern: &str, text: &str) -> bool {
    fits(pattern.as_bytes(), text.as_bytes())
}

fn fits(pattern: &[u8], text: &[u8]) -> bool {
    match pattern {
        [] => text.is_empty(),
        [c, b'*', rest @ ..] => {
            let run = text.iter().take_while(|t| *c == b'.' || t == &c).count();
            (0..=run).rev().any(|n| fits(rest, &text[n..]))
        }
        [c, rest @ ..] => text.first().is_some_and(|t| *c == b'.' || t == c) && fits(rest, &text[1..]),
    }
}
