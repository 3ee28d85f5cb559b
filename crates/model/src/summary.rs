//! The table that shows a model's layers.

use crate::sequential::Sequential;
use rhyton_tensor::Variable;

/// Where columns end, as fractions of the line.
const POSITIONS: [f64; 3] = [0.45, 0.80, 1.0];
/// The widest table.
const LINE_LENGTH: usize = 88;

impl Sequential {
    /// A table of the layers, with the shapes of their outputs and the numbers of their weights, as Keras
    /// prints it.
    ///
    /// The table is 88 characters wide, or 4 less than the environment variable `COLUMNS` says (80 where it
    /// says nothing). Long names are wrapped and cut off. A model that is not built has `?` for shapes. The
    /// total counts the optimizer's state too, once there is any.
    ///
    /// ```
    /// use rhyton_model::Sequential;
    /// use rhyton_nn::layers::{Dense, Input};
    /// let model = Sequential::from((Input::new([6]), Dense::new(5).name("hidden"))).named("tiny");
    /// let text = model.summary_of_width(60);
    /// assert_eq!(text, "\
    /// Model: \"tiny\"
    /// ┏━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━┓
    /// ┃ Layer (type)             ┃ Output Shape      ┃   Param # ┃
    /// ┡━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━┩
    /// │ hidden (Dense)           │ (None, 5)         │        35 │
    /// └──────────────────────────┴───────────────────┴───────────┘
    ///  Total params: 35 (140.00 B)
    ///  Trainable params: 35 (140.00 B)
    ///  Non-trainable params: 0 (0.00 B)
    /// ");
    /// ```
    pub fn summary(&self) -> String {
        let columns = std::env::var("COLUMNS").ok().and_then(|c| c.parse().ok()).unwrap_or(80usize);
        self.summary_of_width(LINE_LENGTH.min(columns.saturating_sub(4)))
    }

    /// [`Sequential::summary`] as wide as is asked for, at least 20 characters.
    ///
    /// Source: `keras/src/utils/summary_utils.py`.
    pub fn summary_of_width(&self, width: usize) -> String {
        let rows = self.rows();
        let table = table(&column_widths(width.max(20)), &["Layer (type)", "Output Shape", "Param #"], &rows);
        let (trainable, fixed) = (self.trainable_weights(), self.non_trainable_weights());
        let state = self.compiled.as_ref().and_then(|c| c.optimizer_state());
        let all: Vec<&Variable> = trainable.iter().chain(&fixed).chain(state.iter().flatten()).collect();
        let mut text = format!("Model: {:?}\n{table}", self.name());
        text += &footer("Total params", all.into_iter());
        text += &footer("Trainable params", trainable.iter());
        text += &footer("Non-trainable params", fixed.iter());
        if let Some(state) = &state {
            text += &footer("Optimizer params", state.iter());
        }
        text
    }

    /// Prints [`Sequential::summary`].
    pub fn print_summary(&self) {
        print!("{}", self.summary());
    }

    fn rows(&self) -> Vec<[String; 3]> {
        let mut reached = self.input_shape();
        let layers = self.layers().iter();
        layers
            .map(|layer| {
                reached = reached.as_ref().and_then(|shape| layer.output_shape(shape).ok());
                let shape = reached.as_ref().map_or("?".to_string(), |shape| shape.to_string());
                let params = match layer.is_built() {
                    true => thousands(layer.count_params()),
                    false => "0 (unbuilt)".to_string(),
                };
                [format!("{} ({})", layer.name(), layer.class_name()), shape, params]
            })
            .collect()
    }
}

/// ` Total params: 407,050 (1.55 MB)`.
fn footer<'a>(what: &str, variables: impl Iterator<Item = &'a Variable>) -> String {
    let (mut count, mut bytes) = (0, 0);
    for v in variables {
        count += v.len();
        bytes += v.len() * v.dtype().size();
    }
    format!(" {what}: {} ({})\n", thousands(count), memory(bytes))
}

/// `407,050`.
fn thousands(n: usize) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, d) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(d);
    }
    out
}

/// `1.55 MB`, in steps of 1024.
fn memory(bytes: usize) -> String {
    let units = ["B", "KB", "MB", "GB", "TB", "PB"];
    let mut size = bytes as f64;
    let mut unit = 0;
    while size >= 1024.0 && unit + 1 < units.len() {
        size /= 1024.0;
        unit += 1;
    }
    format!("{size:.2} {}", units[unit])
}

/// The widths of the columns with a space on either side, which the library that Keras draws tables with
/// makes of the widths asked for: what borders take is taken from all columns alike.
fn column_widths(line: usize) -> [usize; 3] {
    let mut widths = [0; 3];
    let mut end = 0;
    for (width, position) in widths.iter_mut().zip(POSITIONS) {
        let next = (position * line as f64) as usize;
        *width = next - end + 2;
        end = next;
    }
    let borders = widths.len() + 1;
    let mut excess = (widths.iter().sum::<usize>() + borders).saturating_sub(line);
    for (i, width) in widths.iter_mut().enumerate() {
        let share = (excess as f64 / (POSITIONS.len() - i) as f64).round_ties_even() as usize;
        *width -= share.min(*width);
        excess -= share;
    }
    widths
}

/// A table with a heavy header; the last column stands to the right.
fn table(widths: &[usize; 3], header: &[&str; 3], rows: &[[String; 3]]) -> String {
    let rule = |left: &str, line: &str, cross: &str, right: &str| {
        let cells: Vec<String> = widths.iter().map(|&w| line.repeat(w)).collect();
        format!("{left}{}{right}\n", cells.join(cross))
    };
    let mut text = rule("┏", "━", "┳", "┓");
    text += &cells(widths, &header.map(String::from), "┃");
    text += &rule("┡", "━", "╇", "┩");
    for (i, row) in rows.iter().enumerate() {
        if i > 0 {
            text += &rule("├", "─", "┼", "┤");
        }
        text += &cells(widths, row, "│");
    }
    text + &rule("└", "─", "┴", "┘")
}

/// The lines of a row.
fn cells(widths: &[usize; 3], row: &[String; 3], border: &str) -> String {
    let wrapped: Vec<Vec<String>> =
        row.iter().zip(widths).map(|(text, width)| wrap(text, width.saturating_sub(2).max(1))).collect();
    let height = wrapped.iter().map(Vec::len).max().unwrap_or(1);
    let mut text = String::new();
    for line in 0..height {
        for (i, (cell, width)) in wrapped.iter().zip(widths).enumerate() {
            let part = cell.get(line).map_or("", String::as_str);
            let width = width.saturating_sub(2);
            text += &match i {
                2 => format!("{border} {part:>width$} "),
                _ => format!("{border} {part:<width$} "),
            };
        }
        text += border;
        text.push('\n');
    }
    text
}

/// Words in lines of at most `width` characters; a word that fits no line is cut off.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = vec![String::new()];
    for word in text.split(' ') {
        let line = lines.last_mut().expect("there is always a line");
        if line.is_empty() {
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
