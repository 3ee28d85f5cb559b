//! Writes a function down while it runs on tensors that have no numbers.

use crate::graph::{Def, Graph, StateRef};
use rhyton_base::{Error, Result};
use rhyton_ops::{Build, Meta, OpRef, Value};
use rhyton_tensor::{Data, Tensor, Tracer, Variable, current_scope, outside_scopes, with_tracer};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, Weak};

/// A trace in the making; it can give itself to the tensors it makes.
struct Trace {
    me: Weak<Trace>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    graph: Graph,
    /// Which state belongs to a variable.
    states: HashMap<u64, usize>,
    /// Concrete tensors met, by the place of their memory.
    constants: HashMap<usize, Vec<(Tensor, Value)>>,
}

impl Trace {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|e| e.into_inner())
    }

    fn tensor(&self, v: Value, meta: &Meta) -> Tensor {
        let me = self.me.upgrade().expect("a trace lives while it is used");
        Tensor::traced(me, v, meta.dtype, meta.dims())
    }

    fn value_of(&self, state: &mut State, x: &Tensor) -> Result<Value> {
        match x.data() {
            Data::Traced { tracer, value } if std::ptr::addr_eq(Arc::as_ptr(tracer), self) => Ok(*value),
            Data::Traced { .. } => Err(Error::state(
                "a tensor of another function's trace; pass it in as an argument instead of capturing it",
            )),
            Data::Concrete { .. } => Ok(state.constant(x)),
            Data::Symbolic { .. } => Err(Error::state(
                "a symbolic tensor inside a compiled function; pass numbers in as an argument instead",
            )),
        }
    }
}

impl State {
    fn constant(&mut self, x: &Tensor) -> Value {
        let place = match x.data() {
            Data::Concrete { storage, .. } => Arc::as_ptr(storage).addr(),
            _ => unreachable!("only tensors with numbers are constants"),
        };
        let met = self.constants.entry(place).or_default();
        if let Some((_, v)) = met.iter().find(|(t, _)| same_numbers(t, x)) {
            return *v;
        }
        let v = self.graph.add(Def::Constant(x.clone()), x.meta());
        met.push((x.clone(), v));
        v
    }

    fn state_of(&mut self, variable: &Variable) -> usize {
        if let Some(&i) = self.states.get(&variable.id()) {
            return i;
        }
        let i = self.graph.states.len();
        let before = self.graph.add(Def::State(i), Meta::new(variable.dtype(), variable.shape()));
        self.graph.states.push(StateRef { variable: variable.clone(), before, after: before });
        self.states.insert(variable.id(), i);
        i
    }
}

fn same_numbers(a: &Tensor, b: &Tensor) -> bool {
    match (a.data(), b.data()) {
        (Data::Concrete { storage: s, layout: l }, Data::Concrete { storage: t, layout: m }) => {
            Arc::ptr_eq(s, t) && l == m && a.dtype() == b.dtype()
        }
        _ => false,
    }
}

impl Tracer for Trace {
    fn emit(&self, op: &OpRef, inputs: &[Tensor], outputs: &[Meta]) -> Result<Vec<Tensor>> {
        let mut state = self.lock();
        let values = inputs.iter().map(|x| self.value_of(&mut state, x)).collect::<Result<Vec<_>>>()?;
        let out = state.graph.emit(op.clone(), &values)?;
        drop(state);
        Ok(out.into_iter().zip(outputs).map(|(v, m)| self.tensor(v, m)).collect())
    }

    fn read(&self, variable: &Variable) -> Result<Tensor> {
        let mut state = self.lock();
        let i = state.state_of(variable);
        let v = state.graph.states[i].after;
        let meta = state.graph.meta(v);
        drop(state);
        Ok(self.tensor(v, &meta))
    }

    fn assign(&self, variable: &Variable, value: &Tensor) -> Result<()> {
        let mut state = self.lock();
        let v = self.value_of(&mut state, value)?;
        let i = state.state_of(variable);
        state.graph.states[i].after = v;
        Ok(())
    }
}

/// Runs `f` on tensors without numbers and writes down what it does.
pub fn trace(inputs: &[Meta], f: impl FnOnce(&[Tensor]) -> Result<Vec<Tensor>>) -> Result<Graph> {
    let trace = Arc::new_cyclic(|me: &Weak<Trace>| Trace { me: me.clone(), state: Mutex::default() });
    let arguments: Vec<Tensor> = inputs
        .iter()
        .enumerate()
        .map(|(i, meta)| {
            let mut state = trace.lock();
            let v = state.graph.add(Def::Input(i), meta.clone());
            state.graph.inputs.push(v);
            drop(state);
            trace.tensor(v, meta)
        })
        .collect();
    let name = current_scope().map_or_else(|| "function".to_string(), |s| s.to_string());
    let results = outside_scopes(|| with_tracer(trace.clone(), || f(&arguments)))?;
    let mut state = trace.lock();
    let outputs = results.iter().map(|x| trace.value_of(&mut state, x)).collect::<Result<Vec<_>>>()?;
    let mut graph = std::mem::take(&mut state.graph);
    graph.outputs = outputs;
    graph.name = name;
    graph.remove_dead();
    Ok(graph)
}
