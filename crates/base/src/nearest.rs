//! The nearest known name, for error messages.

/// The candidate that is the fewest edits away from `name`, if it is near enough to be what was meant.
///
/// Upper and lower case count as equal. "Near enough" is at most a third of the name's length, at least two edits.
///
/// ```
/// assert_eq!(rhyton_base::nearest("rmsporp", &["sgd", "rmsprop", "adam"]), Some("rmsprop"));
/// assert_eq!(rhyton_base::nearest("magic", &["sgd", "rmsprop"]), None);
/// ```
pub fn nearest<'a>(name: &str, candidates: &[&'a str]) -> Option<&'a str> {
    let wanted = name.to_lowercase();
    let limit = (wanted.chars().count() / 3).max(2);
    candidates
        .iter()
        .map(|c| (edits(&wanted, &c.to_lowercase()), *c))
        .filter(|(d, c)| *d <= limit && *d < c.chars().count().max(1))
        .min_by_key(|(d, _)| *d)
        .map(|(_, c)| c)
}

/// `; did you mean "x"?`, or the known names where none is near.
pub fn did_you_mean(name: &str, candidates: &[&str]) -> String {
    match nearest(name, candidates) {
        Some(c) => format!("; did you mean {c:?}?"),
        None if candidates.is_empty() => String::new(),
        None => format!("; known names: {}", candidates.join(", ")),
    }
}

/// Levenshtein distance, one row at a time.
fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(ca != *cb);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}
