//! Figures as tables for people: on a terminal, and as Markdown.

use super::super::extremes;
use super::figures::{Entry, Figure};

/// A table as wide as it must be, or Markdown.
pub fn table(figure: &Figure, threads: usize, markdown: bool) -> String {
    let better = if figure.higher { "more is better" } else { "less is better" };
    let plural = if threads == 1 { "" } else { "s" };
    let title = format!("{} {}, {threads} thread{plural}, {better}", figure.workload, figure.name);
    let mut rows = vec![
        [
            "who",
            figure.unit.as_str(),
            "least and most",
            "Rhyton's speed / theirs",
            "others",
            "core to core, ns",
            "MiB",
        ]
        .map(str::to_string),
    ];
    rows.extend(figure.ranked().into_iter().map(|e| row(figure, e)));
    let mut text = if markdown { format!("**{title}**\n\n") } else { format!("{title}\n") };
    let widths: [usize; 7] =
        std::array::from_fn(|c| rows.iter().map(|r| r[c].chars().count()).max().unwrap_or(0));
    for (i, row) in rows.iter().enumerate() {
        if markdown {
            text += &format!("| {} |\n", row.join(" | "));
            if i == 0 {
                text += &format!("|{}\n", "---|".repeat(row.len()));
            }
        } else {
            let cells: Vec<String> = row.iter().zip(widths).map(|(cell, w)| format!("{cell:w$}")).collect();
            text += &format!("  {}\n", cells.join("  ").trim_end());
        }
    }
    for e in &figure.entries {
        if let Some(error) = &e.error {
            text += &format!("{}{} failed: {error}\n", if markdown { "\n" } else { "  " }, e.name);
        }
    }
    if let Some(peer) = figure.fastest_peer()
        && let Some(r) = figure.ratios(peer)
    {
        let (low, high) = r.extremes();
        let said = format!(
            "fastest peer: {}; Rhyton is {} times as fast [{} - {}]",
            peer.name,
            number(r.median()),
            number(low),
            number(high)
        );
        text += &if markdown { format!("\n{said}\n") } else { format!("  {said}\n") };
    }
    text
}

fn row(figure: &Figure, e: &Entry) -> [String; 7] {
    let spread = |(low, high): (f64, f64)| format!("{} - {}", number(low), number(high));
    let Some(median) = e.median() else {
        return [e.name.as_str(), "failed", "", "", "", "", ""].map(str::to_string);
    };
    let is_own = figure.own().is_some_and(|own| std::ptr::eq(own, e));
    let ratio = match figure.ratios(e) {
        Some(r) if !is_own => format!("{} [{}]", number(r.median()), spread(r.extremes())),
        _ => String::new(),
    };
    let latency = if e.latency.is_empty() {
        String::new()
    } else {
        let (low, high) = extremes(&e.latency);
        format!("{low:.0} - {high:.0}")
    };
    [
        e.name.clone(),
        number(median),
        spread(extremes(&e.numbers())),
        ratio,
        format!("{:.0} %", extremes(&e.foreign).1 * 100.0),
        latency,
        e.memory.map_or_else(String::new, |m| format!("{m:.0}")),
    ]
}

/// A number with three places, or the whole part where that is longer.
pub fn number(x: f64) -> String {
    if x == 0.0 || !x.is_finite() {
        return x.to_string();
    }
    let places = (2 - x.abs().log10().floor() as i32).clamp(0, 9) as usize;
    format!("{x:.places$}")
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn numbers_have_three_places() {
        for (x, text) in
            [(0.3398, "0.340"), (12.345, "12.3"), (228_183.4, "228183"), (0.000_123_4, "0.000123")]
        {
            assert_eq!(number(x), text);
        }
    }
}
