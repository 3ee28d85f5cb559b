//! Tables as the library draws them that Keras prints summaries with.

/// How the text of a column stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Align {
    Left,
    Center,
    Right,
}

/// A table with a heavy header and a line between rows.
pub(crate) struct Table {
    widths: Vec<usize>,
    align: Vec<Align>,
    text: String,
    rows: usize,
}

impl Table {
    /// A table of this width, with columns of a title each, which end at these fractions of the line.
    pub fn new(columns: &[(&str, Align, f64)], width: usize) -> Table {
        let positions: Vec<f64> = columns.iter().map(|c| c.2).collect();
        let align = columns.iter().map(|c| c.1).collect();
        let mut table =
            Table { widths: column_widths(&positions, width), align, text: String::new(), rows: 0 };
        table.rule("┏", "━", "┳", "┓");
        table.cells(&columns.iter().map(|c| c.0.to_string()).collect::<Vec<_>>(), "┃");
        table.rule("┡", "━", "╇", "┩");
        table
    }

    /// Adds a row.
    pub fn row(&mut self, cells: Vec<String>) {
        if self.rows > 0 {
            self.rule("├", "─", "┼", "┤");
        }
        self.cells(&cells, "│");
        self.rows += 1;
    }

    /// The whole table.
    pub fn finish(mut self) -> String {
        self.rule("└", "─", "┴", "┘");
        self.text
    }

    fn rule(&mut self, left: &str, line: &str, cross: &str, right: &str) {
        let cells: Vec<String> = self.widths.iter().map(|&w| line.repeat(w)).collect();
        self.text += &format!("{left}{}{right}\n", cells.join(cross));
    }

    /// The lines of a row.
    fn cells(&mut self, row: &[String], border: &str) {
        let wrapped: Vec<Vec<String>> = row
            .iter()
            .zip(&self.widths)
            .map(|(text, width)| wrap(text, width.saturating_sub(2).max(1)))
            .collect();
        let height = wrapped.iter().map(Vec::len).max().unwrap_or(1);
        for line in 0..height {
            for ((cell, width), align) in wrapped.iter().zip(&self.widths).zip(&self.align) {
                let part = cell.get(line).map_or("", String::as_str);
                let width = width.saturating_sub(2);
                self.text += &match align {
                    Align::Left => format!("{border} {part:<width$} "),
                    Align::Center => format!("{border} {part:^width$} "),
                    Align::Right => format!("{border} {part:>width$} "),
                };
            }
            self.text += border;
            self.text.push('\n');
        }
    }
}

/// The widths of the columns with a space on either side, which the library that Keras draws tables with
/// makes of the widths asked for: what borders take is taken from all columns alike.
fn column_widths(positions: &[f64], line: usize) -> Vec<usize> {
    let mut widths = Vec::new();
    let mut end = 0;
    for position in positions {
        let next = (position * line as f64) as usize;
        widths.push(next - end + 2);
        end = next;
    }
    let borders = widths.len() + 1;
    let mut excess = (widths.iter().sum::<usize>() + borders).saturating_sub(line);
    let columns = widths.len();
    for (i, width) in widths.iter_mut().enumerate() {
        let share = (excess as f64 / (columns - i) as f64).round_ties_even() as usize;
        *width -= share.min(*width);
        excess -= share;
    }
    widths
}

/// Words in lines of at most `width` characters; a word that fits no line is cut off.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = vec![String::new()];
    for (i, word) in text.split(' ').enumerate() {
        let line = lines.last_mut().expect("there is always a line");
        if i == 0 {
            line.push_str(word);
        } else if line.chars().count() + 1 + word.chars().count() <= width {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_string());
        }
    }
    for line in &mut lines {
        if line.chars().count() > width {
            *line = line.chars().take(width - 1).chain(['…']).collect();
        }
    }
    lines
}
