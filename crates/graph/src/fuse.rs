//! Gathers operations into groups, each of which becomes one kernel.
//!
//! Elementwise operations over one iteration space join, with the reductions over that space; a matrix product
//! takes the elementwise work behind it along. Nothing is computed twice: a value that is also needed outside
//! its group is stored by it. Work on one element joins whatever else is work on one element.

use crate::graph::{Def, Graph};
use crate::needs::Needs;
use rhyton_ops::{Lowered, Meta, Value};

/// Operations a group may have: more would need more registers than the first-level cache holds.
const MAX_MEMBERS: usize = 48;

/// What a group becomes.
#[derive(Clone, Debug, PartialEq)]
pub enum Form {
    /// A fused loop over this space, its reductions over these axes.
    Loop { space: Vec<usize>, axes: Option<Vec<usize>> },
    /// A matrix product with elementwise work behind it.
    Product { space: Vec<usize> },
    /// A kernel of its own.
    Kernel,
}

/// Operations that run together.
#[derive(Clone, Debug)]
pub struct Group {
    pub form: Form,
    /// Their nodes, in order.
    pub members: Vec<usize>,
}

/// The groups, and the group of each node (`None` for views and constants, which need no kernel).
pub struct Groups {
    pub groups: Vec<Group>,
    /// Which group reads results of which.
    pub needs: Needs,
    pub of_node: Vec<Option<usize>>,
}

/// What a node is lowered to.
pub fn lowered(graph: &Graph, node: usize) -> Lowered {
    let n = &graph.nodes[node];
    let metas: Vec<Meta> = n.inputs.iter().map(|&v| graph.meta_of(v).clone()).collect();
    n.op.lower(&metas)
}

/// The node that a value's elements come from, seen through views.
pub fn base_of(graph: &Graph, v: Value, kinds: &[Lowered]) -> Value {
    match graph.def(v) {
        Def::Op { node, .. } if matches!(kinds[*node], Lowered::View(_)) => {
            base_of(graph, graph.nodes[*node].inputs[0], kinds)
        }
        _ => v,
    }
}

/// Whether a space has one place only, so that it is another one's in all but the number of its axes.
pub fn is_single(space: &[usize]) -> bool {
    space.iter().all(|&n| n == 1)
}

/// The value that holds the same element at every place: itself, or seen through views of one element.
pub fn element_of(graph: &Graph, v: Value, kinds: &[Lowered]) -> Value {
    let single = |v: Value| graph.meta_of(v).shape.elements() == Some(1);
    match graph.def(v) {
        Def::Op { node, .. } if matches!(kinds[*node], Lowered::View(_)) => {
            let from = graph.nodes[*node].inputs[0];
            if single(v) && single(from) { element_of(graph, from, kinds) } else { v }
        }
        _ => v,
    }
}

/// The space of two loops that run together, if they can: the same, or of one place both.
fn common(a: &[usize], b: &[usize]) -> Option<Vec<usize>> {
    if a == b {
        return Some(a.to_vec());
    }
    let longer = if a.len() > b.len() { a } else { b };
    (is_single(a) && is_single(b)).then(|| longer.to_vec())
}

/// The number, if a value is one number everywhere.
pub fn uniform(graph: &Graph, v: Value, kinds: &[Lowered]) -> Option<rhyton_ops::Expr> {
    let base = base_of(graph, v, kinds);
    match graph.def(base) {
        Def::Op { node, .. } => match &kinds[*node] {
            Lowered::Map(e) if matches!(e.kind(), rhyton_ops::ExprKind::Const(_)) => Some(e.clone()),
            _ => None,
        },
        Def::Constant(x) if x.is_concrete_scalar() => {
            let scalar = crate::plan::scalar_of(x)?;
            Some(rhyton_ops::Expr::constant(scalar, x.dtype()))
        }
        _ => None,
    }
}

/// Forms the groups of a graph.
pub fn fuse(graph: &Graph, kinds: &[Lowered]) -> Groups {
    let mut f = Fuse {
        graph,
        kinds,
        groups: Vec::new(),
        needs: Needs::default(),
        of_node: vec![None; graph.nodes.len()],
        single: None,
    };
    for node in 0..graph.nodes.len() {
        f.place(node);
    }
    Groups { groups: f.groups, needs: f.needs, of_node: f.of_node }
}

struct Fuse<'a> {
    graph: &'a Graph,
    kinds: &'a [Lowered],
    groups: Vec<Group>,
    needs: Needs,
    of_node: Vec<Option<usize>>,
    /// The last group of work on one element.
    single: Option<usize>,
}

impl Fuse<'_> {
    fn place(&mut self, node: usize) {
        let n = &self.graph.nodes[node];
        let out = || self.graph.meta_of(n.outputs[0]).dims();
        let form = match &self.kinds[node] {
            Lowered::View(_) => return,
            // Numbers are written into the expressions that use them.
            Lowered::Map(_)
                if n.inputs.is_empty() && uniform(self.graph, n.outputs[0], self.kinds).is_some() =>
            {
                return;
            }
            Lowered::Map(_) => Form::Loop { space: out(), axes: None },
            Lowered::Reduce(_, axes) => {
                Form::Loop { space: self.graph.meta_of(n.inputs[0]).dims(), axes: Some(axes.clone()) }
            }
            Lowered::MatMul => Form::Product { space: out() },
            Lowered::Kernel(_) | Lowered::Control(_) => Form::Kernel,
            Lowered::Compose => unreachable!("the trace has written out composites"),
        };
        let mut candidates: Vec<usize> = n
            .inputs
            .iter()
            .filter_map(|&v| match self.graph.def(element_of(self.graph, v, self.kinds)) {
                Def::Op { node, .. } => self.of_node[*node],
                _ => None,
            })
            .collect();
        // Starting a kernel costs more than work on one element, whatever it belongs to.
        let single = matches!(&form, Form::Loop { space, axes: None } if is_single(space));
        candidates.extend(self.single.filter(|_| single));
        candidates.sort_unstable();
        candidates.dedup();
        // The latest first: its other inputs are the most likely to be ready.
        let joinable: Vec<usize> =
            candidates.into_iter().rev().filter(|&g| self.can_join(node, &form, g)).collect();
        let g = match joinable.first() {
            Some(&first) => joinable[1..].iter().fold(first, |g, &h| self.merged(g, h).unwrap_or(g)),
            None => {
                self.groups.push(Group { form: form.clone(), members: Vec::new() });
                let g = self.needs.push();
                self.single = if single { Some(g) } else { self.single };
                g
            }
        };
        self.of_node[node] = Some(g);
        for v in &n.inputs {
            if let Some(other) = self.group_of(*v)
                && other != g
            {
                self.needs.add(g, other);
            }
        }
        let group = &mut self.groups[g];
        group.members.push(node);
        if let (Form::Loop { space, axes }, Form::Loop { space: other, axes: new }) = (&mut group.form, &form)
        {
            *space = common(space, other).unwrap_or_else(|| std::mem::take(space));
            *axes = axes.take().or_else(|| new.clone());
        }
    }

    /// The group that computes what a value shows.
    fn group_of(&self, v: Value) -> Option<usize> {
        match self.graph.def(base_of(self.graph, v, self.kinds)) {
            Def::Op { node, .. } => self.of_node[*node],
            _ => None,
        }
    }

    fn can_join(&mut self, node: usize, form: &Form, g: usize) -> bool {
        let group = &self.groups[g];
        if group.members.len() >= MAX_MEMBERS {
            return false;
        }
        let fits = match (&group.form, form) {
            (Form::Loop { space, axes }, Form::Loop { space: s, axes: a }) => match (axes, a) {
                (None, None) => common(space, s).is_some(),
                _ => space == s && (axes.is_none() || a.is_none() || axes == a),
            },
            (Form::Product { space }, Form::Loop { space: s, axes: None }) => {
                common(space, s).is_some_and(|c| c.len() == space.len())
            }
            _ => false,
        };
        if !fits || group.members.is_empty() {
            return false;
        }
        // Every input is either computed at the same place by the group, or ready before the group begins.
        self.graph.nodes[node].inputs.iter().all(|&v| {
            let inside = match self.graph.def(element_of(self.graph, v, self.kinds)) {
                Def::Op { node: p, .. } if self.of_node[*p] == Some(g) => {
                    matches!(self.kinds[*p], Lowered::Map(_) | Lowered::MatMul)
                }
                _ => false,
            };
            inside || self.group_of(v).is_none_or(|h| !self.needs.reaches(h, g))
        })
    }

    /// Makes two groups that a new node would both join into one, if neither needs the other. Returns its number.
    fn merged(&mut self, g: usize, h: usize) -> Option<usize> {
        let (a, b) = (&self.groups[g], &self.groups[h]);
        let form = match (&a.form, &b.form) {
            (Form::Loop { space, axes: p }, Form::Loop { space: other, axes: q })
                if p.is_none() || q.is_none() || p == q =>
            {
                let axes = p.clone().or(q.clone());
                let space = if axes.is_none() { common(space, other)? } else { space.clone() };
                if axes.is_some() && space != *other {
                    return None;
                }
                Form::Loop { space, axes }
            }
            (Form::Product { space }, Form::Loop { space: other, axes: None })
            | (Form::Loop { space: other, axes: None }, Form::Product { space }) => {
                common(space, other).filter(|c| c.len() == space.len())?;
                Form::Product { space: space.clone() }
            }
            _ => return None,
        };
        // The product keeps its number and stands first.
        let (keep, gone) = if matches!(b.form, Form::Product { .. }) { (h, g) } else { (g, h) };
        let fits = a.members.len() + b.members.len() <= MAX_MEMBERS;
        if !fits || self.needs.reaches(g, h) || self.needs.reaches(h, g) {
            return None;
        }
        self.needs.merge(keep, gone);
        self.single = if self.single == Some(gone) { Some(keep) } else { self.single };
        let moved = std::mem::take(&mut self.groups[gone].members);
        moved.iter().for_each(|&m| self.of_node[m] = Some(keep));
        let group = &mut self.groups[keep];
        group.form = form;
        let product = matches!(group.form, Form::Product { .. }).then(|| group.members.remove(0));
        group.members.extend(moved);
        group.members.sort_unstable();
        group.members.splice(0..0, product);
        Some(keep)
    }
}
