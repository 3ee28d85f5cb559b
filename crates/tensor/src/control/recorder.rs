//! Writes a branch or the body of a loop down, while a function around it is being traced or not.

use crate::tape;
use crate::tensor::{Data, Tensor};
use crate::tracer::{Tracer, outside_tracer, with_tracer};
use crate::variable::Variable;
use rhyton_base::{Error, Result};
use rhyton_ops::control::{Body, BodyBuilder};
use rhyton_ops::{Build, Meta, OpRef, Value, shape};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, Weak};

/// A trace of a function inside another. What it takes from around it becomes an input; variables that it reads
/// are inputs too, and those that it assigns are results.
pub(crate) struct Recorder {
    me: Weak<Recorder>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    build: BodyBuilder,
    captured: Vec<(Tensor, Value)>,
    known: HashMap<u64, Value>,
    variables: Vec<Held>,
}

/// A variable that has been read or assigned.
struct Held {
    variable: Variable,
    outer: Tensor,
    input: Value,
    current: Value,
    assigned: bool,
}

/// Something that a function takes from around it.
#[derive(Clone)]
pub(crate) struct Outer {
    pub tensor: Tensor,
    /// The variable that it is the value of.
    pub variable: Option<Variable>,
}

impl Outer {
    pub fn is(&self, other: &Outer) -> bool {
        match (&self.variable, &other.variable) {
            (Some(a), Some(b)) => a.id() == b.id(),
            (None, None) => self.tensor.id() == other.tensor.id(),
            _ => false,
        }
    }
}

/// Writes `f` down: the values of its arguments, and what it returns.
pub(crate) fn record<R>(
    inputs: &[Meta],
    f: impl FnOnce(&[Tensor]) -> Result<R>,
) -> Result<(Arc<Recorder>, Vec<Value>, R)> {
    record_with(inputs, |_, x| f(x))
}

/// [`record`] for a function that makes placeholders.
pub(crate) fn record_with<R>(
    inputs: &[Meta],
    f: impl FnOnce(&Recorder, &[Tensor]) -> Result<R>,
) -> Result<(Arc<Recorder>, Vec<Value>, R)> {
    let recorder = Arc::new_cyclic(|me| Recorder { me: me.clone(), state: Mutex::default() });
    let arguments = recorder.placeholders(inputs);
    let results = tape::apart(|| with_tracer(recorder.clone(), || f(&recorder, &arguments)))?;
    let values = arguments.iter().map(|x| recorder.value_of(x)).collect::<Result<_>>()?;
    Ok((recorder, values, results))
}

impl Recorder {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|e| e.into_inner())
    }

    fn tensor(&self, v: Value, meta: &Meta) -> Tensor {
        let me = self.me.upgrade().expect("a trace lives while it is used");
        Tensor::traced(me, v, meta.dtype, meta.dims())
    }

    /// Tensors that come from outside later.
    pub fn placeholders(&self, like: &[Meta]) -> Vec<Tensor> {
        let one = |m: &Meta| {
            let v = self.lock().build.input(m.clone());
            self.tensor(v, m)
        };
        like.iter().map(one).collect()
    }

    /// What the way from `given` to `targets` takes of the work that comes before it.
    pub fn between(&self, given: &[Value], targets: &[Value]) -> Vec<Value> {
        self.lock().build.between(given, targets)
    }

    /// A tensor's value here.
    pub fn value_of(&self, x: &Tensor) -> Result<Value> {
        match x.data() {
            Data::Traced { tracer, value } if std::ptr::addr_eq(Arc::as_ptr(tracer), self) => Ok(*value),
            Data::Symbolic { .. } => Err(Error::state(
                "a symbolic tensor inside a branch or loop of a compiled function; pass numbers in as an argument \
                 instead",
            )),
            Data::Traced { .. } | Data::Concrete { .. } => {
                let plain = x.is_concrete_scalar() && !tape::outside(|| tape::is_tracked(x));
                let mut state = self.lock();
                if let Some(&v) = state.known.get(&x.id()) {
                    return Ok(v);
                }
                // A number is written into the expressions that use it.
                if plain && let Some(value) = crate::scalar_from_bytes(x.dtype(), &x.to_bytes()?) {
                    let full = shape::Full { shape: Vec::new(), value, dtype: x.dtype() };
                    let v = state.build.emit(Arc::new(full), &[])?[0];
                    return Ok(v);
                }
                let v = state.build.input(x.meta());
                state.known.insert(x.id(), v);
                state.captured.push((x.clone(), v));
                Ok(v)
            }
        }
    }

    /// What it takes from around it, tensors first.
    pub fn outers(&self) -> Vec<Outer> {
        let state = self.lock();
        let tensors = state.captured.iter().map(|(x, _)| Outer { tensor: x.clone(), variable: None });
        let variables = state
            .variables
            .iter()
            .map(|h| Outer { tensor: h.outer.clone(), variable: Some(h.variable.clone()) });
        tensors.chain(variables).collect()
    }

    /// The variables that it assigns.
    pub fn assigned(&self) -> Vec<Outer> {
        let state = self.lock();
        let assigned = state.variables.iter().filter(|h| h.assigned);
        assigned.map(|h| Outer { tensor: h.outer.clone(), variable: Some(h.variable.clone()) }).collect()
    }

    /// The input that stands for something from around it, used here or not.
    pub fn input_for(&self, outer: &Outer) -> Value {
        let mut state = self.lock();
        match &outer.variable {
            Some(v) => state.held(v, &outer.tensor).input,
            None => {
                let id = outer.tensor.id();
                if let Some(&v) = state.known.get(&id) {
                    return v;
                }
                let v = state.build.input(outer.tensor.meta());
                state.known.insert(id, v);
                v
            }
        }
    }

    /// A variable's value when the function ends.
    pub fn current(&self, outer: &Outer) -> Value {
        let variable = outer.variable.as_ref().expect("asked of variables only");
        self.lock().held(variable, &outer.tensor).current
    }

    /// The function from some values to others.
    pub fn finish(&self, inputs: &[Value], outputs: &[Value]) -> Arc<Body> {
        self.lock().build.finish(inputs, outputs)
    }
}

impl State {
    fn held(&mut self, variable: &Variable, outer: &Tensor) -> &mut Held {
        let at = self.variables.iter().position(|h| h.variable.id() == variable.id());
        let at = at.unwrap_or_else(|| {
            let input = self.build.input(outer.meta());
            let (variable, outer) = (variable.clone(), outer.clone());
            self.variables.push(Held { variable, outer, input, current: input, assigned: false });
            self.variables.len() - 1
        });
        &mut self.variables[at]
    }
}

impl Tracer for Recorder {
    fn emit(&self, op: &OpRef, inputs: &[Tensor], outputs: &[Meta]) -> Result<Vec<Tensor>> {
        let values = inputs.iter().map(|x| self.value_of(x)).collect::<Result<Vec<_>>>()?;
        let out = self.lock().build.emit(op.clone(), &values)?;
        Ok(out.into_iter().zip(outputs).map(|(v, m)| self.tensor(v, m)).collect())
    }

    fn read(&self, variable: &Variable) -> Result<Tensor> {
        let known = self.lock().variables.iter().any(|h| h.variable.id() == variable.id());
        // The tapes around see the variable read there.
        let outer = match known {
            true => None,
            false => Some(outside_tracer(|| tape::outside(|| variable.value()))),
        };
        let mut state = self.lock();
        let current = match outer {
            Some(outer) => state.held(variable, &outer).current,
            None => {
                let held = state.variables.iter().find(|h| h.variable.id() == variable.id());
                held.expect("met before").current
            }
        };
        drop(state);
        Ok(self.tensor(current, &Meta::new(variable.dtype(), variable.shape())))
    }

    fn assign(&self, variable: &Variable, value: &Tensor) -> Result<()> {
        self.read(variable)?;
        let v = self.value_of(value)?;
        let mut state = self.lock();
        let held = state.variables.iter_mut().find(|h| h.variable.id() == variable.id());
        let held = held.expect("just read");
        (held.current, held.assigned) = (v, true);
        Ok(())
    }
}
