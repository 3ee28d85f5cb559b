//! Graphs as plain descriptions, to be printed or drawn.

use std::fmt;

/// What a node of a [`Diagram`] stands for; pictures choose its colour and form by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NodeKind {
    /// Data that comes in.
    Input,
    /// A variable.
    Variable,
    /// Numbers that never change.
    Constant,
    /// Something computed.
    Operation,
    /// A result.
    Output,
}

/// A node of a [`Diagram`].
#[derive(Clone, Debug, PartialEq)]
pub struct DiagramNode {
    /// The name: `matmul`, `kernel`.
    pub label: String,
    /// What else there is to say, one line each: type and shape, value, gradient.
    pub details: Vec<String>,
    /// What it stands for.
    pub kind: NodeKind,
    /// The innermost cluster it lies in.
    pub cluster: Option<usize>,
}

/// An edge of a [`Diagram`].
#[derive(Clone, Debug, PartialEq)]
pub struct DiagramEdge {
    /// The place of the node it begins at.
    pub from: usize,
    /// The place of the node it ends at.
    pub to: usize,
    /// What stands beside it; may be empty.
    pub label: String,
}

/// Nodes that belong together.
#[derive(Clone, Debug, PartialEq)]
pub struct DiagramCluster {
    /// What stands over it.
    pub label: String,
    /// The cluster around it.
    pub parent: Option<usize>,
}

/// A graph as a plain description: nodes, edges from what is used to what uses it, and clusters of nodes.
///
/// It prints as text; `rhyton_viz::GraphPlot` draws it.
///
/// ```
/// use rhyton_base::{Diagram, NodeKind};
/// let mut d = Diagram::new("a sum");
/// let (x, y) = (d.node("x", NodeKind::Input), d.node("y", NodeKind::Input));
/// let sum = d.node("add", NodeKind::Operation);
/// d.edge(x, sum, "");
/// d.edge(y, sum, "2");
/// assert_eq!(d.to_string(), "a sum\n  x\n  y\n  add\n    <- x\n    <- y (2)\n");
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Diagram {
    /// What it shows.
    pub title: String,
    /// The nodes.
    pub nodes: Vec<DiagramNode>,
    /// The edges.
    pub edges: Vec<DiagramEdge>,
    /// The clusters.
    pub clusters: Vec<DiagramCluster>,
}

impl Diagram {
    /// One without nodes.
    pub fn new(title: impl Into<String>) -> Diagram {
        Diagram { title: title.into(), ..Diagram::default() }
    }

    /// Adds a node; gives its place.
    pub fn node(&mut self, label: impl Into<String>, kind: NodeKind) -> usize {
        self.nodes.push(DiagramNode { label: label.into(), details: Vec::new(), kind, cluster: None });
        self.nodes.len() - 1
    }

    /// Adds an edge.
    pub fn edge(&mut self, from: usize, to: usize, label: impl Into<String>) {
        self.edges.push(DiagramEdge { from, to, label: label.into() });
    }

    /// Adds a cluster; gives its place.
    pub fn cluster(&mut self, label: impl Into<String>, parent: Option<usize>) -> usize {
        self.clusters.push(DiagramCluster { label: label.into(), parent });
        self.clusters.len() - 1
    }

    /// A cluster and those around it, outermost first. Parents come before their children.
    fn around(&self, cluster: Option<usize>) -> Vec<usize> {
        let known = |c: usize| self.clusters.get(c).map(|_| c);
        let parent = |&c: &usize| self.clusters[c].parent.filter(|&p| p < c);
        let mut path: Vec<usize> = std::iter::successors(cluster.and_then(known), parent).collect();
        path.reverse();
        path
    }

    fn write_node(&self, f: &mut fmt::Formatter<'_>, number: usize, indent: usize) -> fmt::Result {
        let n = &self.nodes[number];
        let details =
            if n.details.is_empty() { String::new() } else { format!(": {}", n.details.join(", ")) };
        writeln!(f, "{:indent$}{}{details}", "", self.name(number))?;
        for e in self.edges.iter().filter(|e| e.to == number) {
            let label = if e.label.is_empty() { String::new() } else { format!(" ({})", e.label) };
            writeln!(f, "{:indent$}  <- {}{label}", "", self.name(e.from))?;
        }
        Ok(())
    }

    /// The graph in the language of Graphviz, from top to bottom or from left to right.
    ///
    /// ```
    /// use rhyton_base::{Diagram, NodeKind};
    /// let mut d = Diagram::new("half");
    /// let (x, y) = (d.node("x", NodeKind::Input), d.node("x / 2", NodeKind::Output));
    /// d.edge(x, y, "");
    /// assert_eq!(d.to_dot(true), "\
    /// digraph \"half\" {
    ///   rankdir=LR;
    ///   node [shape=box];
    ///   n0 [label=\"x\"];
    ///   n1 [label=\"x / 2\"];
    ///   n0 -> n1;
    /// }
    /// ");
    /// ```
    pub fn to_dot(&self, left_to_right: bool) -> String {
        let rankdir = if left_to_right { "LR" } else { "TB" };
        let title = quoted(&self.title);
        let mut text = format!("digraph {title} {{\n  rankdir={rankdir};\n  node [shape=box];\n");
        self.write_dot(None, "  ", &mut text);
        for e in &self.edges {
            let label =
                if e.label.is_empty() { String::new() } else { format!(" [label={}]", quoted(&e.label)) };
            text += &format!("  n{} -> n{}{label};\n", e.from, e.to);
        }
        text + "}\n"
    }

    /// The nodes and clusters of a cluster.
    fn write_dot(&self, cluster: Option<usize>, indent: &str, text: &mut String) {
        for (i, n) in self.nodes.iter().enumerate().filter(|(_, n)| n.cluster == cluster) {
            let lines: Vec<&str> = std::iter::once(&n.label).chain(&n.details).map(String::as_str).collect();
            *text += &format!("{indent}n{i} [label={}];\n", quoted(&lines.join("\n")));
        }
        for (i, c) in
            self.clusters.iter().enumerate().filter(|(i, c)| c.parent == cluster && cluster < Some(*i))
        {
            *text += &format!("{indent}subgraph cluster_{i} {{\n{indent}  label={};\n", quoted(&c.label));
            self.write_dot(Some(i), &format!("{indent}  "), text);
            *text += &format!("{indent}}}\n");
        }
    }

    /// A node's label, with a number where several have the same.
    fn name(&self, number: usize) -> String {
        let label = &self.nodes[number].label;
        let same = |n: &DiagramNode| n.label == *label;
        match self.nodes.iter().filter(|n| same(n)).count() {
            1 => label.clone(),
            _ => format!("{label} #{}", self.nodes[..=number].iter().filter(|n| same(n)).count()),
        }
    }
}

/// The nodes in order, each with the edges that lead to it; clusters are indented.
impl fmt::Display for Diagram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.title)?;
        let mut open: Vec<usize> = Vec::new();
        for (number, n) in self.nodes.iter().enumerate() {
            let around = self.around(n.cluster);
            let depth = around.len();
            let same = open.iter().zip(&around).take_while(|(a, b)| a == b).count();
            for (level, &c) in around.iter().enumerate().skip(same) {
                writeln!(f, "{:1$}[{2}]", "", 2 + 2 * level, self.clusters[c].label)?;
            }
            open = around;
            self.write_node(f, number, 2 + 2 * depth)?;
        }
        Ok(())
    }
}

/// A text as Graphviz reads it.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}
