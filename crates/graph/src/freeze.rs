//! Functions whose variables never change again: what depends on them alone is computed once, and scales and offsets
//! behind or before a product become part of its weights.

use crate::graph::{Def, Graph, StateRef};
use rhyton_base::{DType, Result};
use rhyton_ops::{Build, Lowered, Meta, OpRef, Value};
use rhyton_tensor::{Tensor, Variable, no_gradient};
use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard};

/// The values of variables at one time, and what has been computed from them: functions that are frozen with the same
/// snapshot share both.
///
/// No numbers are copied: a variable that is changed later leaves its old memory to the snapshot.
#[derive(Default)]
pub struct Snapshot(Mutex<Known>);

#[derive(Default)]
struct Known {
    values: HashMap<u64, Tensor>,
    /// Results of operations on known tensors.
    results: HashMap<String, Vec<Tensor>>,
    /// The tensors of `values` and `results`, by their ids.
    own: HashSet<u64>,
}

impl Snapshot {
    /// The values that variables have now. Those of other variables are taken when a function that reads them is
    /// frozen.
    pub fn new(variables: &[Variable]) -> Snapshot {
        let snapshot = Snapshot::default();
        variables.iter().for_each(|v| drop(snapshot.value(v)));
        snapshot
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(|e| e.into_inner())
    }

    fn value(&self, variable: &Variable) -> Tensor {
        let mut known = self.lock();
        let value = known.values.entry(variable.id()).or_insert_with(|| variable.concrete_value()).clone();
        known.own.insert(value.id());
        value
    }

    /// What an operation makes of tensors; kept where these are known here.
    fn results(&self, op: &OpRef, inputs: &[Tensor]) -> Result<Vec<Tensor>> {
        let name = |x: &Tensor| match self.lock().own.contains(&x.id()) {
            true => Some(format!("#{}", x.id())),
            false if x.len() <= FEW => Some(format!("{}{:?}{:?}", x.dtype(), x.shape(), x.to_bytes().ok()?)),
            false => None,
        };
        let names: Option<Vec<String>> = inputs.iter().map(name).collect();
        let key = names.map(|names| format!("{op:?}({})", names.join(", ")));
        if let Some(key) = &key
            && let Some(results) = self.lock().results.get(key)
        {
            return Ok(results.clone());
        }
        let results = no_gradient(|| rhyton_tensor::apply(op.clone(), inputs))?;
        if let Some(key) = key {
            let mut known = self.lock();
            known.own.extend(results.iter().map(Tensor::id));
            known.results.insert(key, results.clone());
        }
        Ok(results)
    }
}

/// Elements of a tensor that is known by its numbers.
const FEW: usize = 16;

/// The same function with variables that it only reads as constants.
///
/// # Errors
/// Where there is no memory for what is computed.
pub fn freeze(old: &Graph, snapshot: &Snapshot) -> Result<Graph> {
    let mut f = Freezer {
        new: Graph::default(),
        snapshot,
        single: HashSet::new(),
        products: HashMap::new(),
        scaled: HashMap::new(),
    };
    let mut map: Vec<Option<Value>> = vec![None; old.values.len()];
    for (i, &v) in old.inputs.iter().enumerate() {
        let new = f.new.add(Def::Input(i), old.meta_of(v).clone());
        f.new.inputs.push(new);
        map[v.0 as usize] = Some(new);
    }
    for s in &old.states {
        let meta = old.meta_of(s.before).clone();
        let new = match s.after == s.before {
            true => f.new.add(Def::Constant(snapshot.value(&s.variable)), meta),
            false => {
                let before = f.new.add(Def::State(f.new.states.len()), meta);
                f.new.states.push(StateRef { variable: s.variable.clone(), before, after: before });
                before
            }
        };
        map[s.before.0 as usize] = Some(new);
    }
    let mut uses = vec![0usize; old.values.len()];
    let roots = old.outputs.iter().chain(old.states.iter().map(|s| &s.after));
    old.nodes.iter().flat_map(|n| &n.inputs).chain(roots).for_each(|v| uses[v.0 as usize] += 1);
    for node in &old.nodes {
        let inputs = node.inputs.iter().map(|v| f.moved(old, *v, &mut map)).collect::<Vec<_>>();
        let outputs = f.emit(node.op.clone(), &inputs)?;
        for (old, new) in node.outputs.iter().zip(outputs) {
            map[old.0 as usize] = Some(new);
            if uses[old.0 as usize] == 1 {
                f.single.insert(new);
            } else {
                f.single.remove(&new);
            }
        }
    }
    f.new.outputs = old.outputs.iter().map(|&v| f.moved(old, v, &mut map)).collect();
    let assigned: Vec<Value> = old.states.iter().filter(|s| s.after != s.before).map(|s| s.after).collect();
    for (i, v) in assigned.into_iter().enumerate() {
        f.new.states[i].after = f.moved(old, v, &mut map);
    }
    let mut graph = f.new;
    graph.remove_dead();
    Ok(graph)
}

/// A product with constant weights, `x · w + bias`, whose columns follow the last axis.
#[derive(Clone)]
struct Product {
    op: OpRef,
    x: Value,
    w: Value,
    bias: Option<Value>,
}

/// `x · factor + offset` along the last axis.
#[derive(Clone, Copy)]
struct Scaled {
    x: Value,
    factor: Option<Value>,
    offset: Option<Value>,
}

struct Freezer<'a> {
    new: Graph,
    snapshot: &'a Snapshot,
    /// Values that are used once.
    single: HashSet<Value>,
    products: HashMap<Value, Product>,
    scaled: HashMap<Value, Scaled>,
}

impl Freezer<'_> {
    /// A value of the old graph in the new one.
    fn moved(&mut self, old: &Graph, v: Value, map: &mut [Option<Value>]) -> Value {
        if let Some(new) = map[v.0 as usize] {
            return new;
        }
        let Def::Constant(x) = old.def(v) else { unreachable!("values are computed before they are used") };
        let new = self.new.add(Def::Constant(x.clone()), x.meta());
        map[v.0 as usize] = Some(new);
        new
    }

    /// The numbers of a value that depends on no argument.
    fn known(&self, v: Value) -> Result<Option<Tensor>> {
        match self.new.def(v) {
            Def::Constant(x) => Ok(Some(x.clone())),
            Def::Op { node, index } if self.new.nodes[*node].inputs.is_empty() => {
                let results = self.snapshot.results(&self.new.nodes[*node].op, &[])?;
                Ok(Some(results[*index].clone()))
            }
            _ => Ok(None),
        }
    }

    fn elements(&self, v: Value) -> usize {
        self.new.meta_of(v).dims().iter().product()
    }

    /// Results that depend on no argument, and are no larger than what they are made of.
    fn folded(&mut self, op: &OpRef, inputs: &[Value]) -> Result<Option<Vec<Value>>> {
        let metas: Vec<Meta> = inputs.iter().map(|&v| self.meta(v)).collect();
        if inputs.is_empty() || matches!(op.lower(&metas), Lowered::Control(_)) {
            return Ok(None);
        }
        let room = inputs.iter().map(|&v| self.elements(v)).max().unwrap_or(0).max(FEW);
        let size = |m: &Meta| m.dims().iter().product::<usize>();
        if op.infer(&metas)?.iter().any(|m| size(m) > room) {
            return Ok(None);
        }
        let mut known = Vec::new();
        for &v in inputs {
            let Some(x) = self.known(v)? else { return Ok(None) };
            known.push(x);
        }
        let results = self.snapshot.results(op, &known)?;
        Ok(Some(results.into_iter().map(|x| self.new.add(Def::Constant(x.clone()), x.meta())).collect()))
    }

    /// A constant that broadcasts along the last axis of `v` and leaves its shape as it is, as a vector or a number.
    fn along(&mut self, c: Value, v: Value) -> Result<Option<Value>> {
        let dtype = self.dtype(v);
        // In half precision a product of weights would be rounded too much.
        if !matches!(dtype, DType::F32 | DType::F64) || self.dtype(c) != dtype || self.known(c)?.is_none() {
            return Ok(None);
        }
        let (of, dims) = (self.new.meta_of(c).dims(), self.new.meta_of(v).dims());
        let (Some(&columns), count) = (dims.last(), self.elements(c)) else { return Ok(None) };
        let last = of.last().copied().unwrap_or(1);
        let fits = of.len() <= dims.len() && count == last && (last == columns || last == 1);
        if !fits {
            return Ok(None);
        }
        self.build().reshape(c, &[last]).map(Some)
    }

    fn dtype(&self, v: Value) -> DType {
        self.new.meta_of(v).dtype
    }

    fn build(&mut self) -> &mut dyn Build {
        self
    }

    /// `name` of a value and a constant along its last axis, as a factor or an offset.
    fn step(&mut self, name: &str, inputs: &[Value]) -> Result<Option<Scaled>> {
        let (&[a, b], "add" | "subtract" | "multiply" | "divide") = (inputs, name) else { return Ok(None) };
        let commutes = matches!(name, "add" | "multiply");
        let (x, c) = match self.along(b, a)? {
            Some(c) => (a, c),
            None if commutes => match self.along(a, b)? {
                Some(c) => (b, c),
                None => return Ok(None),
            },
            None => return Ok(None),
        };
        let (factor, offset) = match name {
            "add" => (None, Some(c)),
            "subtract" => (None, Some(self.build().neg(c)?)),
            "multiply" => (Some(c), None),
            _ => (Some(self.build().reciprocal(c)?), None),
        };
        Ok(Some(Scaled { x, factor, offset }))
    }

    fn combined(
        &mut self,
        a: Option<Value>,
        b: Option<Value>,
        f: impl Fn(&mut dyn Build, Value, Value) -> Result<Value>,
    ) -> Result<Option<Value>> {
        match (a, b) {
            (Some(a), Some(b)) => f(self.build(), a, b).map(Some),
            (a, b) => Ok(a.or(b)),
        }
    }

    /// `(factor, offset)` followed by another pair.
    fn followed(
        &mut self,
        (factor, offset): (Option<Value>, Option<Value>),
        (by, plus): (Option<Value>, Option<Value>),
    ) -> Result<(Option<Value>, Option<Value>)> {
        let factor = self.combined(factor, by, |b, x, y| b.mul(x, y))?;
        let offset = match (offset, by) {
            (Some(o), Some(by)) => Some(self.build().mul(o, by)?),
            (o, _) => o,
        };
        Ok((factor, self.combined(offset, plus, |b, x, y| b.add(x, y))?))
    }

    /// A scale or an offset: part of the product it follows, or noted for the product that it comes before.
    fn absorbed(&mut self, op: &OpRef, inputs: &[Value]) -> Result<Option<Value>> {
        let Some(Scaled { x: v, factor, offset }) = self.step(op.name(), inputs)? else { return Ok(None) };
        let shape = self.new.meta_of(v).clone();
        if let Some(p) = self.products.get(&v).cloned()
            && self.single.contains(&v)
        {
            let w = match factor {
                Some(f) => self.build().mul(p.w, f)?,
                None => p.w,
            };
            let (_, bias) = self.followed((None, p.bias), (factor, offset))?;
            return self.product(Product { w, bias, ..p }).map(Some);
        }
        let before = match self.scaled.get(&v).copied().filter(|_| self.single.contains(&v)) {
            Some(s) => s,
            None => Scaled { x: v, factor: None, offset: None },
        };
        let (factor, offset) = self.followed((before.factor, before.offset), (factor, offset))?;
        let out = self.new.emit(op.clone(), inputs)?[0];
        if *self.new.meta_of(out) == shape {
            self.scaled.insert(out, Scaled { x: before.x, factor, offset });
        }
        Ok(Some(out))
    }

    /// A product with constant weights, which takes over a scale and an offset that come before it.
    fn weighted(&mut self, op: &OpRef, inputs: &[Value]) -> Result<Option<Value>> {
        let &[x, w] = inputs else { return Ok(None) };
        let dims = self.new.meta_of(w).dims();
        let matmul = op.name() == "matmul";
        let weights = if matmul { dims.len() == 2 } else { op.name() == "conv" };
        if !weights || !self.dtype(w).is_float() || self.known(w)?.is_none() {
            return Ok(None);
        }
        // The border of a convolution has zeros that are neither scaled nor moved.
        let before = self.scaled.get(&x).copied().filter(|_| matmul && self.single.contains(&x));
        let Some(Scaled { x, factor, offset }) = before else {
            return self.product(Product { op: op.clone(), x, w, bias: None }).map(Some);
        };
        // A factor or an offset for each row of the weights, or one for all.
        let by_rows = |f: &mut Self, c: Value| {
            let count = f.elements(c);
            let c = f.build().reshape(c, &[count, 1])?;
            f.build().mul(w, c)
        };
        let bias = match offset {
            Some(o) => {
                let each = by_rows(self, o)?;
                Some(self.build().sum(each, &[0], false)?)
            }
            None => None,
        };
        let w = match factor {
            Some(f) => by_rows(self, f)?,
            None => w,
        };
        self.product(Product { op: op.clone(), x, w, bias }).map(Some)
    }

    fn product(&mut self, p: Product) -> Result<Value> {
        let mut out = self.new.emit(p.op.clone(), &[p.x, p.w])?[0];
        if let Some(bias) = p.bias {
            out = (&mut self.new as &mut dyn Build).add(out, bias)?;
        }
        self.products.insert(out, p);
        Ok(out)
    }
}

impl Build for Freezer<'_> {
    fn emit(&mut self, op: OpRef, inputs: &[Value]) -> Result<Vec<Value>> {
        if let Some(results) = self.folded(&op, inputs)? {
            return Ok(results);
        }
        if let Some(v) = self.absorbed(&op, inputs)? {
            return Ok(vec![v]);
        }
        if let Some(v) = self.weighted(&op, inputs)? {
            return Ok(vec![v]);
        }
        self.new.emit(op, inputs)
    }

    fn meta(&self, v: Value) -> Meta {
        self.new.meta_of(v).clone()
    }
}
