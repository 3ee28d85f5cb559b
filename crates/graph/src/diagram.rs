//! A compiled function as a diagram: what was traced, and what became of it.

use crate::function::Function;
use crate::fuse::{Form, fuse, lowered, uniform};
use crate::graph::{Def, Graph};
use rhyton_base::{Diagram, NodeKind, Result, Shape};
use rhyton_ops::control::Control;
use rhyton_ops::{ExprKind, Lowered, Value};
use std::collections::HashMap;

impl Function {
    /// The operations that the function was traced to. Branches and the bodies of loops are clusters.
    ///
    /// ```
    /// use rhyton_graph::Function;
    /// use rhyton_ops::Meta;
    /// use rhyton_tensor::DType;
    /// let f = Function::trace(&[Meta::new(DType::F32, [3])], |x| Ok(vec![(&x[0] * 2.0).exp()])).unwrap();
    /// let text = f.diagram().unwrap().to_string();
    /// assert!(text.contains("multiply(·, 2): float32(3,)\n    <- input 0"), "{text}");
    /// ```
    ///
    /// # Errors
    /// What the operations of a branch or body return.
    pub fn diagram(&self) -> Result<Diagram> {
        let mut d = Diagram::new("operations");
        let mut drawing = Drawing { graph: self.graph(), places: HashMap::new(), groups: false };
        drawing.draw(&mut d, None, None)?;
        Ok(d)
    }

    /// The same operations gathered in the kernels that compute them: one cluster a kernel.
    ///
    /// # Errors
    /// As [`Function::diagram`].
    pub fn kernel_diagram(&self) -> Result<Diagram> {
        let mut d = Diagram::new("kernels");
        let mut drawing = Drawing { graph: self.graph(), places: HashMap::new(), groups: true };
        drawing.draw(&mut d, None, None)?;
        Ok(d)
    }
}

/// One graph on its way into a diagram.
struct Drawing<'a> {
    graph: &'a Graph,
    places: HashMap<Value, usize>,
    groups: bool,
}

impl Drawing<'_> {
    /// Adds the graph, inside a cluster and with given nodes for its inputs where it is a body. Gives the nodes of its
    /// results.
    fn draw(
        &mut self,
        d: &mut Diagram,
        around: Option<usize>,
        inputs: Option<&[Option<usize>]>,
    ) -> Result<Vec<Option<usize>>> {
        let graph = self.graph;
        let kinds: Vec<Lowered> = (0..graph.nodes().len()).map(|n| lowered(graph, n)).collect();
        let grouped = self.groups.then(|| fuse(graph, &kinds));
        let mut clusters: HashMap<usize, usize> = HashMap::new();
        let used: Vec<Value> = graph
            .nodes()
            .iter()
            .flat_map(|n| n.inputs.iter().copied())
            .chain(graph.outputs().to_vec())
            .collect();
        for (i, &v) in graph.inputs().iter().enumerate() {
            match inputs {
                Some(given) => {
                    if let Some(node) = given[i] {
                        self.places.insert(v, node);
                    }
                }
                None if used.contains(&v) => {
                    let node = d.node(format!("input {i}"), NodeKind::Input);
                    d.nodes[node].details = vec![graph.meta_of(v).to_string()];
                    self.places.insert(v, node);
                }
                None => {}
            }
        }
        for s in graph.states().iter().filter(|s| used.contains(&s.before)) {
            let node = d.node(s.variable.name(), NodeKind::Variable);
            d.nodes[node].details = vec![graph.meta_of(s.before).to_string()];
            self.places.insert(s.before, node);
        }
        for (number, n) in graph.nodes().iter().enumerate() {
            if n.inputs.is_empty() && uniform(graph, n.outputs[0], &kinds).is_some() {
                continue;
            }
            let group = grouped.as_ref().and_then(|g| Some((g.of_node[number]?, g)));
            let cluster = match group {
                Some((g, groups)) if !matches!(kinds[number], Lowered::Control(_)) => {
                    let place = *clusters.entry(g).or_insert_with(|| {
                        let label = match &groups.groups[g].form {
                            Form::Loop { space, .. } => format!("loop over {}", Shape::from(space)),
                            Form::Product { space } => format!("product to {}", Shape::from(space)),
                            Form::Kernel => "kernel".into(),
                        };
                        d.cluster(label, around)
                    });
                    Some(place)
                }
                _ => around,
            };
            let from: Vec<Option<usize>> =
                n.inputs.iter().map(|&v| self.node_of(d, v, &kinds, around)).collect();
            if let Lowered::Control(control) = &kinds[number] {
                self.control(d, around, number, control, &from)?;
                continue;
            }
            let numbers: Vec<Option<String>> =
                n.inputs.iter().map(|&v| number_of(graph, v, &kinds)).collect();
            let label = match numbers.iter().any(Option::is_some) && n.inputs.len() > 1 {
                true => {
                    let all: Vec<String> = numbers.iter().map(|n| n.clone().unwrap_or("·".into())).collect();
                    format!("{}({})", n.op.name(), all.join(", "))
                }
                false => n.op.name().to_string(),
            };
            let node = d.node(label, NodeKind::Operation);
            d.nodes[node].cluster = cluster;
            d.nodes[node].details = vec![graph.meta_of(n.outputs[0]).to_string()];
            n.outputs.iter().for_each(|&v| {
                self.places.insert(v, node);
            });
            from.into_iter().flatten().for_each(|f| d.edge(f, node, ""));
        }
        let outputs: Vec<Option<usize>> =
            graph.outputs().iter().map(|&v| self.node_of(d, v, &kinds, around)).collect();
        if inputs.is_none() {
            for (i, &from) in outputs.iter().enumerate() {
                let node = d.node(format!("output {i}"), NodeKind::Output);
                d.nodes[node].details = vec![graph.meta_of(graph.outputs()[i]).to_string()];
                from.into_iter().for_each(|f| d.edge(f, node, ""));
            }
            for s in graph.states().iter().filter(|s| s.after != s.before) {
                let node = d.node(format!("new {}", s.variable.name()), NodeKind::Variable);
                let from = self.node_of(d, s.after, &kinds, around);
                from.into_iter().for_each(|f| d.edge(f, node, ""));
            }
        }
        Ok(outputs)
    }

    /// The node that shows a value; numbers have none.
    fn node_of(
        &mut self,
        d: &mut Diagram,
        v: Value,
        kinds: &[Lowered],
        around: Option<usize>,
    ) -> Option<usize> {
        if let Some(&node) = self.places.get(&v) {
            return Some(node);
        }
        if number_of(self.graph, v, kinds).is_some() {
            return None;
        }
        let Def::Constant(x) = self.graph.def(v) else { return None };
        let node = d.node("constant", NodeKind::Constant);
        d.nodes[node].details = vec![x.meta().to_string()];
        d.nodes[node].cluster = around;
        self.places.insert(v, node);
        Some(node)
    }

    /// A branch or a loop: its bodies as clusters, and a node where their results come together.
    fn control(
        &mut self,
        d: &mut Diagram,
        around: Option<usize>,
        number: usize,
        control: &Control,
        from: &[Option<usize>],
    ) -> Result<()> {
        let n = &self.graph.nodes()[number];
        let mut parts = Vec::new();
        match control {
            Control::Cond { branches } => {
                let all = d.cluster("switch", around);
                for (i, body) in branches.iter().enumerate() {
                    parts.push((d.cluster(format!("case {i}"), Some(all)), body, &from[1..]));
                }
            }
            Control::While { condition, body, .. } => {
                let all = d.cluster("while loop", around);
                parts.push((d.cluster("as long as", Some(all)), condition, from));
                parts.push((d.cluster("does", Some(all)), body, from));
            }
            Control::Scan { body, length, .. } => {
                parts.push((d.cluster(format!("{length} rounds"), around), body, from));
            }
        }
        let mut ends = Vec::new();
        for (cluster, body, from) in parts {
            let graph = Graph::of_body(body)?;
            let mut inside = Drawing { graph: &graph, places: HashMap::new(), groups: self.groups };
            ends.extend(inside.draw(d, Some(cluster), Some(from))?);
        }
        let node = d.node(n.op.name(), NodeKind::Operation);
        d.nodes[node].cluster = around;
        d.nodes[node].details = vec![self.graph.meta_of(n.outputs[0]).to_string()];
        if matches!(control, Control::Cond { .. }) {
            ends.push(from[0]);
        }
        ends.sort_unstable();
        ends.dedup();
        ends.into_iter().flatten().for_each(|e| d.edge(e, node, ""));
        n.outputs.iter().for_each(|&v| {
            self.places.insert(v, node);
        });
        Ok(())
    }
}

/// A value that is one number everywhere.
fn number_of(graph: &Graph, v: Value, kinds: &[Lowered]) -> Option<String> {
    match uniform(graph, v, kinds)?.kind() {
        ExprKind::Const(c) => Some(c.to_string()),
        _ => None,
    }
}
