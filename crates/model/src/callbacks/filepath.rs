//! Names of files with places for numbers, as in `"{epoch:02d}-{val_loss:.2f}.keras"`.

use super::numbers::{shortest, with_exponent};
use rhyton_base::{Error, Result, did_you_mean};

/// What stands for a name.
#[derive(Clone, Copy)]
pub(super) enum Number {
    Whole(usize),
    Real(f64),
}

/// The pattern with numbers in place of names. `{name}` and `{name:spec}` are places, where `spec` is a part of Python's
/// notation: `[0][width][.precision][d|f|e|%]`; `{{` and `}}` are braces.
pub(super) fn filled(pattern: &str, numbers: &[(&str, Number)]) -> Result<String> {
    let mut out = String::new();
    let mut rest = pattern;
    while let Some(at) = rest.find(['{', '}']) {
        let (before, brace) = rest.split_at(at);
        out += before;
        if brace.starts_with("{{") || brace.starts_with("}}") {
            out += &brace[..1];
            rest = &brace[2..];
            continue;
        }
        let inside = brace.strip_prefix('{').and_then(|b| b.split_once('}'));
        let Some((place, after)) = inside else {
            return Err(Error::value(format!(
                "filepath {pattern:?}: a brace stands alone; write two for one"
            )));
        };
        let (name, spec) = place.split_once(':').unwrap_or((place, ""));
        let number =
            numbers.iter().find(|(n, _)| *n == name).map(|(_, number)| *number).ok_or_else(|| {
                let known: Vec<&str> = numbers.iter().map(|(n, _)| *n).collect();
                let suggestion = did_you_mean(name, &known);
                Error::name(format!("filepath {pattern:?}: there is no number {name:?}{suggestion}"))
            })?;
        out += &written(number, spec).ok_or_else(|| {
            Error::value(format!(
                "filepath {pattern:?}: expected a format such as 02d for the epoch or .2f for a metric, got {spec:?} for \
                 {name:?}"
            ))
        })?;
        rest = after;
    }
    Ok(out + rest)
}

/// A number in this format; nothing where there is no such format.
fn written(number: Number, spec: &str) -> Option<String> {
    let (spec, kind) = match spec.strip_suffix(['d', 'f', 'e', '%']) {
        Some(start) => (start, spec.chars().last()),
        None => (spec, None),
    };
    let (width, precision) = match spec.split_once('.') {
        Some((width, precision)) => (width, Some(precision.parse::<usize>().ok().filter(|p| *p <= 100)?)),
        None => (spec, None),
    };
    let zeros = width.starts_with('0');
    let width = if width.is_empty() { 0 } else { width.parse::<usize>().ok().filter(|w| *w <= 100)? };
    let digits = precision.unwrap_or(6);
    let text = match (number, kind) {
        (Number::Whole(n), Some('d') | None) if precision.is_none() => n.to_string(),
        (Number::Real(x), None) if precision.is_none() => shortest(x),
        (_, Some('d') | None) => return None,
        (number, Some(kind)) => {
            let x = match number {
                Number::Whole(n) => n as f64,
                Number::Real(x) => x,
            };
            match kind {
                _ if !x.is_finite() => shortest(x),
                'f' => format!("{x:.digits$}"),
                'e' => with_exponent(&format!("{x:.digits$e}")),
                _ => format!("{:.digits$}%", x * 100.0),
            }
        }
    };
    Some(match (zeros, text.strip_prefix('-')) {
        (true, Some(size)) => format!("-{size:0>0$}", width.saturating_sub(1)),
        (true, None) => format!("{text:0>width$}"),
        (false, _) => format!("{text:>width$}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The results of Python's `str.format`.
    #[test]
    fn patterns_are_python_s() {
        let numbers = [
            ("epoch", Number::Whole(3)),
            ("val_loss", Number::Real(0.123456)),
            ("loss", Number::Real(-1.5)),
            ("accuracy", Number::Real(0.25)),
        ];
        for (pattern, name) in [
            ("{epoch:02d}-{val_loss:.2f}.keras", "03-0.12.keras"),
            ("model.keras", "model.keras"),
            ("{{{epoch}}}/{epoch:4d}/{epoch:.1f}.keras", "{3}/   3/3.0.keras"),
            ("{val_loss}_{val_loss:.3e}_{val_loss:f}", "0.123456_1.235e-01_0.123456"),
            ("{accuracy:.1%}_{loss:07.2f}_{loss:8.2f}", "25.0%_-001.50_   -1.50"),
        ] {
            assert_eq!(filled(pattern, &numbers).unwrap(), name);
        }
        for (pattern, told) in [
            ("{val_los:.2f}", "there is no number \"val_los\"; did you mean \"val_loss\"?"),
            ("{val_loss:d}", "got \"d\" for \"val_loss\""),
            ("{epoch:x}", "got \"x\""),
            ("{epoch:999999999999d}", "got \"999999999999d\""),
            ("{epoch", "a brace stands alone"),
            ("epoch}", "a brace stands alone"),
        ] {
            let e = filled(pattern, &numbers).unwrap_err().to_string();
            assert!(e.contains(told), "{e}");
        }
    }
}
