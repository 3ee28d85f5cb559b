//! What a tape has recorded, as a diagram.

use super::recording::{Entry, without_recording};
use super::{GradientTape, Source, backward};
use crate::ops;
use crate::tensor::Tensor;
use rhyton_base::{Diagram, NodeKind, Result};
use std::collections::{HashMap, HashSet};

/// Four significant digits, without zeros that say nothing.
fn short(x: f64) -> String {
    if x == 0.0 || !x.is_finite() {
        return format!("{}", x + 0.0);
    }
    let digits = (3 - x.abs().log10().floor() as i32).clamp(0, 12) as usize;
    match (1e-4..1e6).contains(&x.abs()) {
        true if digits == 0 => format!("{x:.0}"),
        true => format!("{x:.digits$}").trim_end_matches('0').trim_end_matches('.').to_string(),
        false => format!("{x:.3e}"),
    }
}

/// The only number of a tensor that has numbers.
fn number(x: &Tensor) -> Option<String> {
    let one = x.has_numbers() && x.len() == 1;
    one.then(|| x.to_f64s().ok().map(|v| short(v[0]))).flatten()
}

/// Type, shape and value.
fn details(x: &Tensor) -> Vec<String> {
    match number(x) {
        Some(n) => vec![format!("value {n}")],
        None => vec![x.meta().to_string()],
    }
}

impl GradientTape {
    /// The computation that led to a target, as recorded: operations with their values, on the edges the local
    /// derivatives, and at every node the derivative of the target by it, which is the product along the path back
    /// (the sum of these where there are several paths). Numbers are shown for tensors of one element.
    ///
    /// `names` names tensors; variables bring their names. Take it before the gradient, or from a persistent tape.
    ///
    /// ```
    /// use rhyton_tensor::{GradientTape, Tensor, Variable};
    /// let (w, x) = (Variable::from(3.0f64), Tensor::from(2.0f64));
    /// w.set_name("w");
    /// let tape = GradientTape::new();
    /// let y = &x * w.value();
    /// let text = tape.diagram(&y, &[(&x, "x"), (&y, "y")]).unwrap().to_string();
    /// assert!(text.contains("<- w (2)"), "{text}");
    /// ```
    ///
    /// # Errors
    /// What the gradient rules return.
    pub fn diagram(&self, target: &Tensor, names: &[(&Tensor, &str)]) -> Result<Diagram> {
        let state = self.state.borrow();
        let mut needed = HashSet::from([target.id()]);
        let mut path: Vec<&Entry> = Vec::new();
        for entry in state.entries.iter().rev() {
            if entry.outputs.iter().any(|y| needed.contains(&y.id())) {
                needed.extend(entry.inputs.iter().map(Tensor::id));
                path.push(entry);
            }
        }
        path.reverse();
        let all: Vec<Tensor> = path.iter().flat_map(|e| e.inputs.iter().chain(&e.outputs)).cloned().collect();
        let sources: Vec<Source> = all.iter().map(Source::from).collect();
        let known = target.has_numbers() && target.dtype().is_float();
        let found = match known {
            true => without_recording(|| {
                backward::backward(&state, &[(target.clone(), ops::ones_like(target)?)], &sources)
            })?,
            false => vec![None; all.len()],
        };
        let grads: HashMap<u64, Tensor> =
            all.iter().zip(found).filter_map(|(x, g)| Some((x.id(), g?))).collect();

        let name_of = |x: &Tensor| {
            let given = names.iter().find(|(t, _)| t.id() == x.id()).map(|(_, n)| n.to_string());
            let variable = || {
                let of = |v: &&crate::Variable| state.variables[&v.id()].iter().any(|t| t.id() == x.id());
                state.watched.iter().find(of).map(|v| v.name())
            };
            given.or_else(variable)
        };
        let variables: HashSet<u64> = state.variables.values().flatten().map(Tensor::id).collect();
        let mut d = Diagram::new("computation");
        let mut places: HashMap<u64, usize> = HashMap::new();
        let told = |d: &mut Diagram, node: usize, x: &Tensor| {
            d.nodes[node].details = details(x);
            if let Some(g) = grads.get(&x.id()).and_then(number) {
                d.nodes[node].details.push(format!("gradient {g}"));
            }
        };
        for entry in &path {
            let local = match known && entry.outputs.len() == 1 && entry.outputs[0].len() == 1 {
                true => without_recording(|| {
                    let wanted: Vec<bool> = entry.inputs.iter().map(|x| x.dtype().is_float()).collect();
                    let one = [Some(ops::ones_like(&entry.outputs[0])?)];
                    backward::local(entry, &one, &wanted)
                })?,
                false => vec![None; entry.inputs.len()],
            };
            let label = match entry.outputs.iter().find_map(|y| names.iter().find(|(t, _)| t.id() == y.id()))
            {
                Some((_, name)) => format!("{name} = {}", entry.op.name()),
                None => entry.op.name().to_string(),
            };
            let mut from = Vec::new();
            for x in &entry.inputs {
                from.push(*places.entry(x.id()).or_insert_with(|| {
                    let kind = match (variables.contains(&x.id()), state.tracked.contains(&x.id())) {
                        (true, _) => NodeKind::Variable,
                        (false, true) => NodeKind::Input,
                        (false, false) => NodeKind::Constant,
                    };
                    let label = name_of(x).or_else(|| number(x)).unwrap_or_else(|| "constant".into());
                    let plain = kind == NodeKind::Constant && number(x).as_ref() == Some(&label);
                    let node = d.node(label, kind);
                    if !plain {
                        told(&mut d, node, x);
                    }
                    node
                }));
            }
            let last = entry.outputs.iter().any(|y| y.id() == target.id());
            let node = d.node(label, if last { NodeKind::Output } else { NodeKind::Operation });
            if let Some(y) = entry.outputs.first() {
                told(&mut d, node, y);
            }
            entry.outputs.iter().for_each(|y| {
                places.insert(y.id(), node);
            });
            for ((x, from), g) in entry.inputs.iter().zip(from).zip(local) {
                let tracked = state.tracked.contains(&x.id());
                let label = g.filter(|_| tracked).as_ref().and_then(number).unwrap_or_default();
                d.edge(from, node, label);
            }
        }
        Ok(d)
    }
}
