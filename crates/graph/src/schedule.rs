//! The order in which groups run.

use crate::fuse::{Groups, base_of};
use crate::graph::{Def, Graph};
use rhyton_ops::{Lowered, Value};
use std::collections::{BinaryHeap, HashMap};

/// The groups in an order in which every one comes after those it needs. Among those that are ready, the one
/// whose last operation was written first comes first: this keeps updates of variables behind their readers.
pub fn schedule(graph: &Graph, kinds: &[Lowered], groups: &Groups) -> Vec<usize> {
    let n = groups.groups.len();
    let mut needs = groups.needs.clone();
    // A group that reads a variable's old value comes before the one that computes its new value, if it can.
    let mut readers: HashMap<Value, Vec<usize>> = HashMap::new();
    for (g, group) in groups.groups.iter().enumerate() {
        for v in group.members.iter().flat_map(|&m| &graph.nodes[m].inputs) {
            let base = base_of(graph, *v, kinds);
            if matches!(graph.def(base), Def::State(_)) {
                readers.entry(base).or_default().push(g);
            }
        }
    }
    for s in graph.states.iter().filter(|s| s.after != s.before) {
        let Def::Op { node, .. } = graph.def(base_of(graph, s.after, kinds)) else { continue };
        let Some(writer) = groups.of_node[*node] else { continue };
        for &reader in readers.get(&s.before).into_iter().flatten() {
            if !needs.reaches(reader, writer) {
                needs.add(writer, reader);
            }
        }
    }
    let mut waiting: Vec<usize> = (0..n).map(|g| needs.of(g).len()).collect();
    let last = |g: usize| groups.groups[g].members.iter().max().copied();
    let key = |g: usize| std::cmp::Reverse((last(g), g));
    let mut ready: BinaryHeap<_> = (0..n).filter(|&g| waiting[g] == 0).map(key).collect();
    let mut order = Vec::with_capacity(n);
    while let Some(std::cmp::Reverse((_, g))) = ready.pop() {
        order.push(g);
        for &f in needs.users(g) {
            waiting[f] -= 1;
            if waiting[f] == 0 {
                ready.push(key(f));
            }
        }
    }
    assert_eq!(order.len(), n, "groups never need each other in a circle");
    order
}
