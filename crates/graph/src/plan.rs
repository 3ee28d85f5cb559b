//! Orders the groups, gives every value its place in memory, and writes the kernels.

mod control;

use crate::arena::Arena;
use crate::fuse::{Form, Group, Groups, base_of, element_of, fuse, lowered, uniform};
use crate::graph::{Def, Graph};
use crate::schedule::schedule;
use rhyton_base::{DType, Layout, Result, Scalar};
use rhyton_ops::{BinaryFn, Expr, ExprKind, Lowered, Value, View};
use rhyton_runtime::{
    Access, KernelDesc, Label, Loop, Operand, Output, ProgramDesc, Slot, copy, lower_op, matmul,
    reduced_access,
};
use rhyton_tensor::Tensor;
use std::collections::{BTreeSet, HashMap};

/// Columns from which on a product's rows are worth handling one by one.
const WIDE: usize = 64;
/// The slot of what is not stored.
const NOWHERE: usize = usize::MAX;

/// A program with the meaning of its slots: first the inputs, then the states, the outputs, the working memory,
/// and the constants.
pub struct Plan {
    pub program: ProgramDesc,
    /// Bytes of working memory.
    pub arena: usize,
    pub constants: Vec<Tensor>,
    /// Which states are written.
    pub written: Vec<bool>,
}

/// The only element of a concrete tensor.
pub fn scalar_of(x: &Tensor) -> Option<Scalar> {
    let bytes = x.to_bytes().ok()?;
    rhyton_tensor::scalar_from_bytes(x.dtype(), &bytes)
}

/// Plans a graph.
pub fn plan(graph: &Graph) -> Result<Plan> {
    let mut kinds: Vec<Lowered> = (0..graph.nodes.len()).map(|n| lowered(graph, n)).collect();
    round_in_products(graph, &mut kinds);
    let groups = fuse(graph, &kinds);
    let order = schedule(graph, &kinds, &groups);
    let mut p = Planner::new(graph, &kinds, &groups, &order);
    p.find_uses();
    for (at, &g) in order.iter().enumerate() {
        p.group(at, g)?;
    }
    p.finish()
}

/// Products round their factors to `bfloat16` themselves, where nothing else needs the rounded ones: such a cast is a view.
fn round_in_products(graph: &Graph, kinds: &mut [Lowered]) {
    let is_cast = |node: usize| {
        let n = &graph.nodes[node];
        let from = n.inputs.first().map(|&v| graph.meta_of(v).dtype);
        match &kinds[node] {
            Lowered::Map(e) if matches!(e.kind(), ExprKind::Cast(x) if matches!(x.kind(), ExprKind::Input(0))) => {
                (from, e.dtype()) == (Some(DType::F32), DType::BF16)
            }
            _ => false,
        }
    };
    let mut casts: Vec<bool> = (0..graph.nodes.len()).map(is_cast).collect();
    if !casts.contains(&true) {
        return;
    }
    // How many products read each cast, as it is or through views.
    let mut readers = vec![0; graph.nodes.len()];
    let source = |v: Value, kinds: &[Lowered]| match graph.def(base_of(graph, v, kinds)) {
        Def::Op { node, .. } => Some(*node),
        _ => None,
    };
    for (node, n) in graph.nodes.iter().enumerate() {
        for read in n.inputs.iter().filter_map(|&v| source(v, kinds)) {
            match kinds[node] {
                Lowered::MatMul => readers[read] += 1,
                Lowered::View(_) => {}
                _ => casts[read] = false,
            }
        }
    }
    let results = graph.outputs.iter().chain(graph.states.iter().map(|s| &s.after));
    results.filter_map(|&v| source(v, kinds)).for_each(|node| casts[node] = false);
    for node in (0..graph.nodes.len()).filter(|&node| casts[node] && matches!(readers[node], 1 | 2)) {
        let rank = graph.meta_of(graph.nodes[node].outputs[0]).dims().len();
        kinds[node] = Lowered::View(View::Permute((0..rank).collect()));
    }
}

struct Planner<'a> {
    graph: &'a Graph,
    kinds: &'a [Lowered],
    groups: &'a Groups,
    order: &'a [usize],
    /// Where each materialised value lies.
    places: HashMap<Value, Operand>,
    /// The last position in the order at which a value's memory is read.
    last_use: HashMap<Value, usize>,
    /// Values that some kernel must store.
    stored: BTreeSet<Value>,
    /// Values that go straight to a state or an output.
    targets: HashMap<Value, Target>,
    arena: Arena,
    /// Arena blocks that become free after a position.
    expiring: HashMap<usize, Vec<(usize, usize)>>,
    constants: Vec<Tensor>,
    kernels: Vec<(KernelDesc, Label)>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Target {
    State(usize),
    Output(usize),
}

impl<'a> Planner<'a> {
    fn new(graph: &'a Graph, kinds: &'a [Lowered], groups: &'a Groups, order: &'a [usize]) -> Planner<'a> {
        Planner {
            graph,
            kinds,
            groups,
            order,
            places: HashMap::new(),
            last_use: HashMap::new(),
            stored: BTreeSet::new(),
            targets: HashMap::new(),
            arena: Arena::default(),
            expiring: HashMap::new(),
            constants: Vec::new(),
            kernels: Vec::new(),
        }
    }

    fn slot_of_state(&self, i: usize) -> usize {
        self.graph.inputs.len() + i
    }

    fn slot_of_output(&self, i: usize) -> usize {
        self.graph.inputs.len() + self.graph.states.len() + i
    }

    fn arena_slot(&self) -> usize {
        self.graph.inputs.len() + self.graph.states.len() + self.graph.outputs.len()
    }

    /// Whether group `g` computes a value as an expression of its own.
    fn inside(&self, v: Value, g: usize) -> bool {
        match self.graph.def(element_of(self.graph, v, self.kinds)) {
            Def::Op { node, .. } => {
                self.groups.of_node[*node] == Some(g) && matches!(self.kinds[*node], Lowered::Map(_))
            }
            _ => false,
        }
    }

    /// Whether a value is the matrix product that group `g` begins with.
    fn is_product_of(&self, v: Value, g: usize) -> bool {
        match self.graph.def(element_of(self.graph, v, self.kinds)) {
            Def::Op { node, .. } => {
                self.groups.of_node[*node] == Some(g) && matches!(self.kinds[*node], Lowered::MatMul)
            }
            _ => false,
        }
    }

    /// Which values are stored, until when they are read, and which have a place of their own already.
    fn find_uses(&mut self) {
        let mut position = vec![0; self.groups.groups.len()];
        self.order.iter().enumerate().for_each(|(at, &g)| position[g] = at);
        let mut last_state_read = vec![None; self.graph.states.len()];
        for (g, group) in self.groups.groups.iter().enumerate() {
            for &v in group.members.iter().flat_map(|&m| &self.graph.nodes[m].inputs) {
                let passed_on = self.inside(v, g) || self.is_product_of(v, g);
                if passed_on || uniform(self.graph, v, self.kinds).is_some() {
                    continue;
                }
                let base = base_of(self.graph, v, self.kinds);
                if let Def::State(i) = self.graph.def(base) {
                    last_state_read[*i] = last_state_read[*i].max(Some(position[g]));
                }
                self.stored.insert(base);
                let until = self.last_use.entry(base).or_insert(position[g]);
                *until = (*until).max(position[g]);
            }
        }
        let roots = self
            .graph
            .outputs
            .iter()
            .chain(self.graph.states.iter().filter(|s| s.after != s.before).map(|s| &s.after));
        for &v in roots {
            let base = base_of(self.graph, v, self.kinds);
            self.stored.insert(base);
            self.last_use.insert(base, usize::MAX);
            if let Def::State(i) = self.graph.def(base) {
                last_state_read[*i] = Some(usize::MAX);
            }
        }
        // A value that is computed by a kernel and is a state's new value is written over the old one, where
        // nobody reads that later; the last group to read it may be the one that writes it, place by place.
        for (i, s) in self.graph.states.iter().enumerate().filter(|(_, s)| s.after != s.before) {
            let Def::Op { node, .. } = self.graph.def(s.after) else { continue };
            let Some(g) = self.groups.of_node[*node] else { continue };
            let late = match last_state_read[i] {
                None => false,
                Some(at) if at < position[g] => false,
                Some(at) if at == position[g] => !self.reads_in_place(g, s.before, *node),
                Some(_) => true,
            };
            if !late && !self.targets.contains_key(&s.after) {
                self.targets.insert(s.after, Target::State(i));
            }
        }
        for (i, v) in self.graph.outputs.iter().enumerate() {
            if let Def::Op { node, .. } = self.graph.def(*v)
                && self.groups.of_node[*node].is_some()
            {
                self.targets.entry(*v).or_insert(Target::Output(i));
            }
        }
    }

    /// Whether group `g` reads a state only where its elementwise node `writer` writes, so that both may be the
    /// same memory.
    fn reads_in_place(&self, g: usize, state: Value, writer: usize) -> bool {
        if !matches!(self.kinds[writer], Lowered::Map(_)) {
            return false;
        }
        let space = self.graph.meta_of(self.graph.nodes[writer].outputs[0]);
        self.groups.groups[g].members.iter().all(|&m| {
            let elementwise = matches!(self.kinds[m], Lowered::Map(_));
            self.graph.nodes[m].inputs.iter().all(|&v| {
                let same = v == state && self.graph.meta_of(v).shape == space.shape && elementwise;
                base_of(self.graph, v, self.kinds) != state || same
            })
        })
    }

    /// The operand that shows a value; materialises constants and views that need a copy.
    fn operand(&mut self, v: Value, at: usize) -> Operand {
        if let Some(o) = self.places.get(&v) {
            return o.clone();
        }
        let meta = self.graph.meta_of(v).clone();
        let dims = meta.dims();
        let whole = |buffer: usize| Operand {
            buffer,
            dtype: meta.dtype,
            offset: 0,
            layout: Layout::contiguous(&dims),
        };
        let operand = match self.graph.def(v) {
            Def::Input(i) => whole(*i),
            Def::State(i) => whole(self.slot_of_state(*i)),
            Def::Constant(x) => {
                self.constants.push(x.clone());
                whole(self.arena_slot() + self.constants.len())
            }
            Def::Op { node, .. } => {
                let (node, kind) = (*node, &self.kinds[*node]);
                match kind {
                    Lowered::View(view) => {
                        let view = view.clone();
                        let input = self.graph.nodes[node].inputs[0];
                        let from = self.operand(input, at);
                        return self.view(&from, &view, at);
                    }
                    // A number that is needed in memory after all.
                    Lowered::Map(e) => {
                        let out = self.allocate(meta.dtype, &dims, usize::MAX);
                        let label = self.label(&[node]);
                        let fill = lower_op(&Lowered::Map(e.clone()), &[], std::slice::from_ref(&out));
                        self.kernels.extend(fill.into_iter().map(|k| (k, label.clone())));
                        out
                    }
                    _ => unreachable!("kernels are planned before their results are read"),
                }
            }
        };
        self.places.insert(v, operand.clone());
        operand
    }

    fn view(&mut self, from: &Operand, view: &View, at: usize) -> Operand {
        let layout = match view {
            View::Reshape(shape) => match from.layout.reshape(shape) {
                Some(layout) => layout,
                None => {
                    let flat = self.contiguous(from, at);
                    return self.view(&flat, view, at);
                }
            },
            View::Permute(order) => from.layout.permute(order),
            View::Broadcast(shape) => from.layout.broadcast_to(shape).expect("checked while tracing"),
            View::Slice(places) => places
                .iter()
                .enumerate()
                .fold(from.layout.clone(), |l, (axis, &(start, step, n))| l.slice(axis, start, step, n)),
        };
        Operand { layout, ..from.clone() }
    }

    /// What the kernel of some operations is called.
    fn label(&self, members: &[usize]) -> Label {
        let mut label = Label::default();
        for node in members.iter().map(|&m| &self.graph.nodes[m]) {
            if !label.operations.is_empty() {
                label.operations.push('+');
            }
            label.operations.push_str(node.op.name());
            let scope = node.scope.as_ref().map(ToString::to_string);
            label.scopes.extend(scope.filter(|s| !label.scopes.contains(s)));
        }
        label
    }

    /// A copy needs no name but its own.
    fn push_copy(&mut self, from: &Operand, to: &Operand) {
        self.kernels.push((copy(from, to), Label::default()));
    }

    /// A copy without gaps that lives for one kernel; the operand itself where it has none.
    fn contiguous(&mut self, from: &Operand, at: usize) -> Operand {
        if from.layout.is_contiguous() {
            return from.clone();
        }
        let to = self.allocate(from.dtype, from.layout.shape(), at);
        self.push_copy(from, &to);
        to
    }

    /// Working memory until the end of position `until`.
    fn allocate(&mut self, dtype: DType, shape: &[usize], until: usize) -> Operand {
        let bytes = shape.iter().product::<usize>() * dtype.size();
        let offset = self.arena.take(bytes);
        if until != usize::MAX {
            self.expiring.entry(until).or_default().push((offset, bytes));
        }
        Operand { buffer: self.arena_slot(), dtype, offset, layout: Layout::contiguous(shape) }
    }

    /// The place for a value that group number `at` of the order stores.
    fn destination(&mut self, v: Value, at: usize) -> Operand {
        let meta = self.graph.meta_of(v).clone();
        let dims = meta.dims();
        let slot = match self.targets.get(&v) {
            Some(Target::State(i)) => Some(self.slot_of_state(*i)),
            Some(Target::Output(i)) => Some(self.slot_of_output(*i)),
            None => None,
        };
        let place = match slot {
            Some(buffer) => {
                Operand { buffer, dtype: meta.dtype, offset: 0, layout: Layout::contiguous(&dims) }
            }
            None => {
                let until = self.last_use.get(&v).copied().unwrap_or(at);
                self.allocate(meta.dtype, &dims, until)
            }
        };
        self.places.insert(v, place.clone());
        place
    }

    /// Writes the kernels of a group.
    fn group(&mut self, at: usize, g: usize) -> Result<()> {
        let group = &self.groups.groups[g];
        if group.members.is_empty() {
            return Ok(()); // It was merged into another.
        }
        match &group.form {
            Form::Kernel if matches!(self.kinds[group.members[0]], Lowered::Control(_)) => {
                self.control(at, group.members[0])?;
            }
            Form::Kernel => {
                let node = &self.graph.nodes[group.members[0]];
                let kind = &self.kinds[group.members[0]];
                let mut inputs: Vec<Operand> = node.inputs.iter().map(|&v| self.operand(v, at)).collect();
                if matches!(kind, Lowered::Kernel(k) if k.takes_whole()) {
                    inputs = inputs.iter().map(|i| self.contiguous(i, at)).collect();
                }
                let outputs: Vec<Operand> = node.outputs.iter().map(|&v| self.destination(v, at)).collect();
                if outputs.iter().any(|o| !o.layout.shape().contains(&0)) {
                    let label = self.label(&group.members);
                    let kernels = lower_op(kind, &inputs, &outputs);
                    self.kernels.extend(kernels.into_iter().map(|k| (k, label.clone())));
                }
            }
            Form::Loop { space, axes } => {
                let l = self.fused(at, g, group, space, axes.as_deref(), None);
                self.kernels.push((KernelDesc::Loop(l), self.label(&group.members)));
            }
            Form::Product { space } => {
                let node = &self.graph.nodes[group.members[0]];
                let (x, y) = (self.operand(node.inputs[0], at), self.operand(node.inputs[1], at));
                let v = node.outputs[0];
                // A wide product that only the work behind it needs is not stored.
                let meta = self.graph.meta_of(v).clone();
                let wide = space.last().is_some_and(|&n| n >= WIDE) && meta.dtype.is_float();
                let passing = group.members.len() > 1 && wide && !self.stored.contains(&v);
                let out = match passing {
                    true => Operand {
                        buffer: NOWHERE,
                        dtype: meta.dtype,
                        offset: 0,
                        layout: Layout::contiguous(space),
                    },
                    false => self.destination(v, at),
                };
                let mut product = matmul(&x, &y, &out);
                product.constant_b = y.buffer > self.arena_slot();
                if group.members.len() > 1 {
                    let l = self.fused(at, g, group, space, None, Some((v, out)));
                    product.epilogue = Some(l);
                    if passing {
                        product.out = None;
                    }
                }
                self.kernels.push((KernelDesc::MatMul(product), self.label(&group.members)));
            }
        }
        for (offset, bytes) in self.expiring.remove(&at).unwrap_or_default() {
            self.arena.give_back(offset, bytes);
        }
        Ok(())
    }

    /// The loop of a group's elementwise members and reductions. `product` is the matrix product they stand behind.
    fn fused(
        &mut self,
        at: usize,
        g: usize,
        group: &Group,
        space: &[usize],
        axes: Option<&[usize]>,
        product: Option<(Value, Operand)>,
    ) -> Loop {
        let mut inputs: Vec<Access> = Vec::new();
        let mut exprs: HashMap<Value, Expr> = HashMap::new();
        let read = |inputs: &mut Vec<Access>, access: Access| {
            inputs.iter().position(|a| *a == access).unwrap_or_else(|| {
                inputs.push(access);
                inputs.len() - 1
            })
        };
        if let Some((v, operand)) = &product {
            let i = read(&mut inputs, operand.over(space));
            exprs.insert(*v, Expr::input(i, operand.dtype));
        }
        let members = if product.is_some() { &group.members[1..] } else { &group.members[..] };
        let mut results: Vec<(Value, Expr, Option<rhyton_ops::ReduceFn>)> = Vec::new();
        for &m in members {
            let node = &self.graph.nodes[m];
            let arguments: Vec<Expr> = node
                .inputs
                .iter()
                .map(|&v| {
                    if let Some(e) = exprs.get(&element_of(self.graph, v, self.kinds)) {
                        return e.clone();
                    }
                    if let Some(e) = uniform(self.graph, v, self.kinds) {
                        return e;
                    }
                    debug_assert!(!self.inside(v, g), "members come in order");
                    let operand = self.operand(v, at);
                    let i = read(&mut inputs, operand.over(space));
                    Expr::input(i, operand.dtype)
                })
                .collect();
            match &self.kinds[m] {
                Lowered::Map(e) => {
                    let e = simplified(&e.map_inputs(&mut |i, _| arguments[i].clone()));
                    exprs.insert(node.outputs[0], e.clone());
                    results.push((node.outputs[0], e, None));
                }
                Lowered::Reduce(f, _) => {
                    let dtype = self.graph.meta_of(node.outputs[0]).dtype;
                    results.push((node.outputs[0], arguments[0].clone().cast(dtype), Some(*f)));
                }
                _ => unreachable!("only elementwise work and reductions are fused"),
            }
        }
        let reduced: Vec<bool> = (0..space.len()).map(|a| axes.is_some_and(|x| x.contains(&a))).collect();
        results.retain(|(v, ..)| self.stored.contains(v));
        // Where a result is the product as it is, nothing may take its place before.
        let product =
            product.filter(|_| !results.iter().any(|(_, e, _)| matches!(e.kind(), ExprKind::Input(..))));
        let mut outputs = Vec::new();
        for (v, expr, reduce) in results {
            let out = match self.reusable(v, at, space, reduce.is_some(), product.as_ref()) {
                Some(place) => place,
                None => self.destination(v, at),
            };
            let access =
                if reduce.is_some() { reduced_access(&out, space, &reduced) } else { out.over(space) };
            outputs.push(Output { expr, access, reduce });
        }
        Loop { shape: space.to_vec(), reduced, inputs, outputs }
    }

    /// A matrix product's memory, which the first elementwise result behind it may take over.
    fn reusable(
        &mut self,
        v: Value,
        at: usize,
        space: &[usize],
        reduced: bool,
        product: Option<&(Value, Operand)>,
    ) -> Option<Operand> {
        let (p, operand) = product?;
        let meta = self.graph.meta_of(v);
        let free = operand.buffer != NOWHERE
            && !self.stored.contains(p)
            && !self.targets.contains_key(&v)
            && !reduced;
        if !free || meta.dtype != operand.dtype || meta.dims() != space {
            return None;
        }
        let until = self.last_use.get(&v).copied().unwrap_or(at);
        let mine = |&(offset, _): &(usize, usize)| offset == operand.offset;
        let expiring = self.expiring.get_mut(&at)?;
        let block = expiring.remove(expiring.iter().position(mine)?);
        if until != usize::MAX {
            self.expiring.entry(until).or_default().push(block);
        }
        self.places.insert(v, operand.clone());
        Some(operand.clone())
    }

    /// Copies what is not where it belongs yet, and closes the program.
    fn finish(mut self) -> Result<Plan> {
        let end = self.order.len();
        let mut copies = Vec::new();
        for (i, s) in self.graph.states.iter().enumerate() {
            if s.after != s.before && self.targets.get(&s.after) != Some(&Target::State(i)) {
                copies.push((s.after, self.slot_of_state(i)));
            }
        }
        for (i, &v) in self.graph.outputs.iter().enumerate() {
            if self.targets.get(&v) != Some(&Target::Output(i)) {
                copies.push((v, self.slot_of_output(i)));
            }
        }
        // Sources first, so that no copy overwrites what another still reads.
        let mut sources = Vec::new();
        for &(v, _) in &copies {
            let from = self.operand(v, end);
            let states = self.graph.inputs.len()..self.slot_of_output(0);
            let safe = !states.contains(&from.buffer);
            sources.push(if safe {
                from
            } else {
                let to = self.allocate(from.dtype, from.layout.shape(), usize::MAX);
                self.push_copy(&from, &to);
                to
            });
        }
        for ((_, buffer), from) in copies.into_iter().zip(sources) {
            let layout = Layout::contiguous(from.layout.shape());
            let to = Operand { buffer, dtype: from.dtype, offset: 0, layout };
            self.push_copy(&from, &to);
        }
        let bytes = |v: Value| {
            let m = self.graph.meta_of(v);
            m.dims().iter().product::<usize>() * m.dtype.size()
        };
        let written: Vec<bool> = self.graph.states.iter().map(|s| s.after != s.before).collect();
        let mut slots: Vec<Slot> = Vec::new();
        slots.extend(self.graph.inputs.iter().map(|&v| Slot { bytes: bytes(v), writable: false }));
        slots.extend(
            self.graph
                .states
                .iter()
                .zip(&written)
                .map(|(s, &w)| Slot { bytes: bytes(s.before), writable: w }),
        );
        slots.extend(self.graph.outputs.iter().map(|&v| Slot { bytes: bytes(v), writable: true }));
        slots.push(Slot { bytes: self.arena.size, writable: true });
        slots.extend(self.constants.iter().map(|c| Slot { bytes: c.nbytes(), writable: false }));
        let names = self.graph.states.iter().map(|s| s.variable.name());
        let variables = names.enumerate().map(|(i, name)| (name, self.slot_of_state(i))).collect();
        let does = |k: &KernelDesc| matches!(k, KernelDesc::Control(_)) || !k.accesses().is_empty();
        let (kernels, labels) = self.kernels.into_iter().filter(|(k, _)| does(k)).unzip();
        Ok(Plan {
            program: ProgramDesc { slots, kernels, name: self.graph.name.clone(), variables, labels },
            arena: self.arena.size,
            constants: self.constants,
            written,
        })
    }
}

/// Multiplications by 1 come from the seeds of gradients; they change nothing, not even a NaN.
fn simplified(e: &Expr) -> Expr {
    let is_one = |e: &Expr| matches!(e.kind(), ExprKind::Const(c) if c.as_f64() == 1.0);
    match e.kind() {
        ExprKind::Select(c, a, b) => match c.kind() {
            ExprKind::Const(c) if c.as_bool() => a.clone(),
            ExprKind::Const(_) => b.clone(),
            _ => e.clone(),
        },
        ExprKind::Binary(BinaryFn::Mul, a, b) if is_one(a) => b.clone(),
        ExprKind::Binary(BinaryFn::Mul | BinaryFn::Div, a, b) if is_one(b) => a.clone(),
        _ => e.clone(),
    }
}
