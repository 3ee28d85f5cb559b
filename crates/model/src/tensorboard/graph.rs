//! Diagrams as graphs that TensorBoard draws.

use rhyton_base::Diagram;
use rhyton_io::events::{AttrValue, GraphDef, NodeDef, VersionDef, attr_value::Value};
use std::collections::HashSet;

/// The graph as a message. Clusters become parts of the names, by which TensorBoard folds them; `dense (Dense)` becomes
/// a node `dense` of the operation `Dense`.
pub(super) fn encode(diagram: &Diagram) -> Vec<u8> {
    let mut names: Vec<String> = Vec::new();
    let mut known = HashSet::new();
    for node in &diagram.nodes {
        let (label, _) = named(&node.label);
        let mut path = vec![safe(label)];
        let mut cluster = node.cluster;
        while let Some(c) = cluster.and_then(|c| diagram.clusters.get(c)) {
            path.push(safe(named(&c.label).0));
            // Parents come before their children.
            cluster = c.parent.filter(|p| Some(*p) < cluster);
        }
        path.reverse();
        let name = path.join("/");
        let free = |name: &String| !known.contains(name);
        let name = std::iter::once(name.clone())
            .chain((1..).map(|i| format!("{name}_{i}")))
            .find(free)
            .expect("there are more numbers than nodes");
        known.insert(name.clone());
        names.push(name);
    }
    let node = |i: usize| {
        let node = &diagram.nodes[i];
        let from = diagram.edges.iter().filter(|e| e.to == i).filter_map(|e| names.get(e.from).cloned());
        let text = |v: &str| AttrValue { value: Some(Value::S(v.as_bytes().to_vec())) };
        let attr = node.details.iter().enumerate().map(|(n, d)| match d.split_once(": ") {
            Some((key, value)) => (key.to_lowercase().replace(' ', "_"), text(value)),
            None => (format!("detail_{n}"), text(d)),
        });
        NodeDef {
            name: names[i].clone(),
            op: named(&node.label).1.to_string(),
            input: from.collect(),
            attr: attr.collect(),
        }
    };
    let node = (0..names.len()).map(node).collect();
    GraphDef { node, versions: Some(VersionDef { producer: 22 }) }.to_bytes()
}

/// `dense (Dense)` as name and class; other labels are both.
fn named(label: &str) -> (&str, &str) {
    match label.strip_suffix(')').and_then(|l| l.rsplit_once(" (")) {
        Some((name, class)) => (name, class),
        None => (label, label),
    }
}

/// Only what TensorFlow allows in names.
fn safe(name: &str) -> String {
    let letter = |c: char| if c.is_ascii_alphanumeric() || "_.-".contains(c) { c } else { '_' };
    let name: String = name.chars().map(letter).collect();
    if name.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '.') { name } else { format!("n{name}") }
}
