//! The table that shows a model's layers.

use crate::model::Model;
use crate::structure::{Argument, Functional, Operation, View};
use crate::table::{Align, Table};
use rhyton_base::{Context, Error, Result, Shape, did_you_mean};
use rhyton_nn::layers::{AnyLayer, is_built_in};
use rhyton_nn::pattern_fits;
use rhyton_tensor::Variable;
use std::ops::Range;
use std::sync::Arc;

/// What a summary shows, and how wide it is.
///
/// ```
/// use rhyton_model::{Sequential, Summary};
/// use rhyton_nn::layers::{Dense, Input};
/// let model = Sequential::from((Input::new([6]), Dense::new(5).name("hidden")));
/// println!("{}", model.summary_with(Summary::new().show_trainable(true))?);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Summary {
    line_length: Option<usize>,
    expand_nested: bool,
    show_trainable: bool,
    layer_range: Option<(String, String)>,
    positions: Option<Vec<f64>>,
}

impl Summary {
    /// The table that [`Model::summary`] gives.
    pub fn new() -> Summary {
        Summary::default()
    }

    /// The width of the table, at least 20 characters.
    #[must_use]
    pub fn line_length(self, characters: usize) -> Summary {
        Summary { line_length: Some(characters), ..self }
    }

    /// Whether the layers of models inside, and those that layers of one's own call, are listed too.
    #[must_use]
    pub fn expand_nested(self, expand: bool) -> Summary {
        Summary { expand_nested: expand, ..self }
    }

    /// Whether a column says what training changes: `Y`, `N`, and `-` for layers without weights.
    #[must_use]
    pub fn show_trainable(self, show: bool) -> Summary {
        Summary { show_trainable: show, ..self }
    }

    /// Shows only the layers from one name to another, both included.
    ///
    /// Beginnings of names are enough, `.` stands for any character and `.*` for any number of them: from the first
    /// layer that fits the first to the last that fits the last.
    #[must_use]
    pub fn layer_range(self, first: impl Into<String>, last: impl Into<String>) -> Summary {
        Summary { layer_range: Some((first.into(), last.into())), ..self }
    }

    /// Where the columns end, in parts of the line; without the column that [`Summary::show_trainable`] adds. By
    /// default `[0.45, 0.8, 1.0]`, and `[0.3, 0.56, 0.74, 1.0]` with connections.
    #[must_use]
    pub fn positions(self, ends: impl Into<Vec<f64>>) -> Summary {
        Summary { positions: Some(ends.into()), ..self }
    }
}

/// A row: an operation, with how deep inside other models it stands.
struct Row {
    operation: Operation,
    depth: usize,
    /// What it is connected to; only where the graph is no chain.
    connections: String,
}

impl Model {
    /// A table of the layers, with the shapes of their outputs and the numbers of their weights, as Keras
    /// prints it.
    ///
    /// Graphs that are no chain get a column that says what each layer is connected to: `name[use][result]`. The
    /// table is 88 characters wide (108 with connections), or 4 less than the environment variable `COLUMNS` says
    /// (80 where it says nothing). Long names are wrapped and cut off. What is not built has `?` for shapes. The
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
        self.drawn(&Summary::new(), self.rows(false))
    }

    /// [`Model::summary`] as wide as is asked for, at least 20 characters.
    pub fn summary_of_width(&self, width: usize) -> String {
        self.drawn(&Summary::new().line_length(width), self.rows(false))
    }

    /// [`Model::summary`] with everything there is to say.
    ///
    /// # Errors
    /// Where a layer of the range is not there; the nearest name is suggested.
    ///
    /// Source: `keras/src/utils/summary_utils.py`.
    pub fn summary_with(&self, options: Summary) -> Result<String> {
        let mut rows = self.rows(options.expand_nested);
        if let Some(range) = &options.layer_range {
            let range = rows_of(&rows, range).at(|| "summary")?;
            rows = rows.drain(range).collect();
        }
        if let Some(ends) = &options.positions {
            let columns = if self.is_connected() { 4 } else { 3 };
            let rising = ends.windows(2).all(|w| w[0] < w[1]) && ends.iter().all(|p| (0.0..=1.0).contains(p));
            if ends.len() != columns || !rising {
                return Err(Error::value(format!(
                    "positions: expected {columns} rising numbers from 0 to 1, where the columns end, got {ends:?}"
                ))
                .at("summary"));
            }
        }
        Ok(self.drawn(&options, rows))
    }

    /// Prints [`Model::summary`].
    pub fn print_summary(&self) {
        print!("{}", self.summary());
    }

    fn rows(&self, expand: bool) -> Vec<Row> {
        let mut rows = Vec::new();
        match self.view() {
            View::Graph(graph) => {
                let connected = (!graph.is_chain()).then(|| connections(&graph));
                for (i, operation) in graph.operations().iter().enumerate() {
                    let connections = connected.as_ref().map_or(String::new(), |c| c[i].clone());
                    push(&mut rows, operation, 0, connections, expand);
                }
            }
            _ => {
                for layer in self.layers() {
                    push(&mut rows, &Operation::Layer(layer), 0, String::new(), expand);
                }
            }
        }
        rows
    }

    /// Whether the table says what layers are connected to.
    fn is_connected(&self) -> bool {
        matches!(self.view(), View::Graph(graph) if !graph.is_chain())
    }

    fn drawn(&self, options: &Summary, rows: Vec<Row>) -> String {
        let connected = self.is_connected();
        let mut columns = match connected {
            false => vec![
                ("Layer (type)", Align::Left, 0.45),
                ("Output Shape", Align::Left, 0.80),
                ("Param #", Align::Right, 1.0),
            ],
            true => vec![
                ("Layer (type)", Align::Left, 0.3),
                ("Output Shape", Align::Left, 0.56),
                ("Param #", Align::Right, 0.74),
                ("Connected to", Align::Left, 1.0),
            ],
        };
        for (column, end) in columns.iter_mut().zip(options.positions.iter().flatten()) {
            column.2 = *end;
        }
        let mut width = if connected { 108 } else { 88 };
        if options.show_trainable {
            width += 12;
            columns.iter_mut().for_each(|c| c.2 *= 0.9);
            columns.push(("Trainable", Align::Center, 1.0));
        }
        let terminal = std::env::var("COLUMNS").ok().and_then(|c| c.parse().ok()).unwrap_or(80usize);
        let width = options.line_length.unwrap_or(width.min(terminal.saturating_sub(4))).max(20);
        let mut table = Table::new(&columns, width);
        for row in rows {
            let mut cells = cells(&row);
            if connected {
                cells.push(if row.connections.is_empty() { "-".to_string() } else { row.connections });
            }
            if options.show_trainable {
                cells.push(trainable(&row.operation).to_string());
            }
            table.row(cells);
        }
        format!("Model: {:?}\n{}{}", self.name(), table.finish(), self.footers())
    }

    fn footers(&self) -> String {
        let (trainable, fixed) = (self.trainable_weights(), self.non_trainable_weights());
        let state = self.compiled.as_ref().and_then(|c| c.optimizer_state());
        let all: Vec<&Variable> = trainable.iter().chain(&fixed).chain(state.iter().flatten()).collect();
        let mut text = footer("Total params", all.into_iter());
        text += &footer("Trainable params", trainable.iter());
        text += &footer("Non-trainable params", fixed.iter());
        if let Some(state) = &state {
            text += &footer("Optimizer params", state.iter());
        }
        text
    }
}

/// The rows from one layer to another, by the beginnings of their names; what is inside of them goes along.
fn rows_of(rows: &[Row], (first, last): &(String, String)) -> Result<Range<usize>> {
    let top: Vec<(usize, String)> =
        rows.iter().enumerate().filter(|(_, r)| r.depth == 0).map(|(i, r)| (i, r.operation.name())).collect();
    let fitting = |pattern: &String| {
        let whole = format!("{pattern}.*");
        let fits: Vec<usize> = (0..top.len()).filter(|&i| pattern_fits(&whole, &top[i].1)).collect();
        match fits[..] {
            [] => {
                let names: Vec<&str> = top.iter().map(|(_, name)| name.as_str()).collect();
                Err(Error::name(format!("there is no layer {pattern:?}{}", did_you_mean(pattern, &names))))
            }
            [from, ..] => Ok((from, fits[fits.len() - 1])),
        }
    };
    let (a, b) = (fitting(first)?, fitting(last)?);
    let (from, to) = if a.0 <= b.1 { (a.0, b.1) } else { (b.0, a.1) };
    Ok(top[from].0..top.get(to + 1).map_or(rows.len(), |next| next.0))
}

/// The row of an operation, and those of the layers inside of models and of layers of one's own.
fn push(rows: &mut Vec<Row>, operation: &Operation, depth: usize, connections: String, expand: bool) {
    rows.push(Row { operation: operation.clone(), depth, connections });
    if let (true, Some(layer)) = (expand, operation.layer()) {
        let own = || match is_built_in(layer.class_name()) {
            true => Vec::new(),
            false => layer.sublayers().into_iter().map(|(_, l)| l).collect(),
        };
        for inner in View::of(layer).layers().unwrap_or_else(own) {
            push(rows, &Operation::Layer(inner), depth + 1, String::new(), true);
        }
    }
}

/// Name and class, shape, number of weights.
fn cells(row: &Row) -> Vec<String> {
    let prefix = match row.depth {
        0 => String::new(),
        n => format!("{}└ ", "   ".repeat(n)),
    };
    match &row.operation {
        Operation::Layer(layer) => {
            let params = match layer.is_built() {
                true => thousands(layer.count_params()),
                false => "0 (unbuilt)".to_string(),
            };
            vec![format!("{prefix}{} ({})", layer.name(), layer.class_name()), shape_of(layer), params]
        }
        Operation::Op { name, class, shapes } => {
            vec![format!("{prefix}{name} ({class})"), shapes_text(shapes), "0".to_string()]
        }
    }
}

/// What a layer gave at its last use, or would give.
fn shape_of(layer: &AnyLayer) -> String {
    if let Some(shape) = layer.input_shape() {
        return shape.to_string();
    }
    if let Some(node) = layer.nodes().into_iter().flatten().last() {
        return shapes_text(&node.outputs.iter().map(|m| m.shape.clone()).collect::<Vec<_>>());
    }
    let known = layer.built_shape().and_then(|shape| layer.output_shape(&shape).ok());
    known.map_or("?".to_string(), |shape| shape.to_string())
}

fn shapes_text(shapes: &[Shape]) -> String {
    match shapes {
        [one] => one.to_string(),
        all => format!("[{}]", all.iter().map(Shape::to_string).collect::<Vec<_>>().join(", ")),
    }
}

/// What each operation of a graph is connected to.
fn connections(graph: &Functional) -> Vec<String> {
    // Which of its uses each call is, counting those outside of this model too.
    let index_of = |node: &crate::structure::Node| match graph.operations()[node.operation].layer() {
        Some(layer) => layer
            .nodes()
            .iter()
            .position(|n| n.as_ref().is_some_and(|n| Arc::ptr_eq(n, &node.call)))
            .unwrap_or(0),
        None => 0,
    };
    let mut uses: Vec<(usize, usize)> =
        graph.nodes().iter().map(&index_of).enumerate().map(|(n, i)| (i, n)).collect();
    let index: Vec<usize> = uses.iter().map(|(i, _)| *i).collect();
    uses.sort_unstable();
    let mut all = vec![Vec::new(); graph.operations().len()];
    for (_, n) in uses {
        let node = &graph.nodes()[n];
        for argument in &node.arguments {
            if let Argument::Place(_, source) = argument {
                let name = graph.operations()[source.operation].name();
                let use_of = source.node.map_or(0, |n| index[n]);
                all[node.operation].push(format!("{name}[{use_of}][{}]", source.index));
            }
        }
    }
    all.into_iter().map(|c| c.join(", ")).collect()
}

fn trainable(operation: &Operation) -> &'static str {
    match operation.layer() {
        Some(layer) if !layer.weights().is_empty() => {
            if layer.trainable() {
                "Y"
            } else {
                "N"
            }
        }
        _ => "-",
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
