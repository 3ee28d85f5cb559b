//! A function written down as a list of operations.

use crate::{Build, Meta, OpRef, Value};
use rhyton_base::{Error, Result};
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// One operation of a [`Body`].
#[derive(Clone, Debug)]
pub struct Call {
    /// What is computed.
    pub op: OpRef,
    /// From what.
    pub inputs: Vec<Value>,
    /// What comes out.
    pub outputs: Vec<Value>,
}

/// A function of tensors of known types and shapes. Composite operations stand in it as they were applied, with
/// their gradient rules.
pub struct Body {
    id: u64,
    metas: Vec<Meta>,
    inputs: Vec<Value>,
    calls: Vec<Call>,
    outputs: Vec<Value>,
}

/// Two are equal if they are the same one.
impl PartialEq for Body {
    fn eq(&self, other: &Body) -> bool {
        self.id == other.id
    }
}

impl Eq for Body {}

impl Hash for Body {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.id.hash(state);
    }
}

/// `body 7`: the number is unlike that of any other body of the process.
impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "body {}", self.id)
    }
}

impl Body {
    /// Types and shapes of the arguments.
    pub fn inputs(&self) -> Vec<Meta> {
        self.inputs.iter().map(|&v| self.meta(v).clone()).collect()
    }

    /// Types and shapes of the results.
    pub fn outputs(&self) -> Vec<Meta> {
        self.outputs.iter().map(|&v| self.meta(v).clone()).collect()
    }

    /// Whether an argument has any part in it.
    pub fn uses(&self, argument: usize) -> bool {
        let v = &self.inputs[argument];
        self.outputs.contains(v) || self.calls.iter().any(|c| c.inputs.contains(v))
    }

    /// The arguments' values.
    pub(crate) fn input_values(&self) -> &[Value] {
        &self.inputs
    }

    /// The results' values.
    pub(crate) fn output_values(&self) -> &[Value] {
        &self.outputs
    }

    /// Type and shape of one of its values.
    pub fn meta(&self, v: Value) -> &Meta {
        &self.metas[v.0 as usize]
    }

    /// The operations, in order.
    pub fn calls(&self) -> &[Call] {
        &self.calls
    }

    /// How many values it has.
    pub(crate) fn values(&self) -> usize {
        self.metas.len()
    }

    /// Applies its operations to values of `b`: its results there.
    ///
    /// # Errors
    /// What an operation returns.
    pub fn inline(&self, b: &mut dyn Build, inputs: &[Value]) -> Result<Vec<Value>> {
        let values = self.inline_all(b, inputs)?;
        Ok(self.outputs.iter().map(|v| values[v.0 as usize]).collect())
    }

    /// [`Body::inline`], giving what each of its values became.
    pub(crate) fn inline_all(&self, b: &mut dyn Build, inputs: &[Value]) -> Result<Vec<Value>> {
        let mut values = vec![Value(u32::MAX); self.metas.len()];
        for (&v, &x) in self.inputs.iter().zip(inputs) {
            values[v.0 as usize] = x;
        }
        for call in &self.calls {
            let inputs: Vec<Value> = call.inputs.iter().map(|v| values[v.0 as usize]).collect();
            for (v, x) in call.outputs.iter().zip(b.emit(call.op.clone(), &inputs)?) {
                values[v.0 as usize] = x;
            }
        }
        Ok(values)
    }

    /// That the arguments are those it takes.
    pub(crate) fn check(&self, what: &str, inputs: &[Meta]) -> Result<()> {
        let own = self.inputs();
        if own.len() != inputs.len() {
            let message = format!("the {what} takes {} tensors, got {}", own.len(), inputs.len());
            return Err(Error::value(message));
        }
        match own.iter().zip(inputs).position(|(a, b)| a != b) {
            None => Ok(()),
            Some(i) => {
                let message = format!("the {what} takes {} as tensor {i}, got {}", own[i], inputs[i]);
                Err(Error::shape(message))
            }
        }
    }
}

/// A [`Build`] that writes a [`Body`].
#[derive(Default)]
pub struct BodyBuilder {
    metas: Vec<Meta>,
    calls: Vec<Call>,
}

impl BodyBuilder {
    /// A new argument, or something else that comes from outside.
    pub fn input(&mut self, meta: Meta) -> Value {
        self.metas.push(meta);
        Value(self.metas.len() as u32 - 1)
    }

    /// Values that are computed without `given` and that the way from there to `targets` takes.
    pub fn between(&self, given: &[Value], targets: &[Value]) -> Vec<Value> {
        let mut late = vec![false; self.metas.len()];
        given.iter().for_each(|v| late[v.0 as usize] = true);
        // Numbers are written again where they are needed.
        let mut computed = vec![false; self.metas.len()];
        for call in &self.calls {
            let after = call.inputs.iter().any(|v| late[v.0 as usize]);
            for v in &call.outputs {
                late[v.0 as usize] = after;
                computed[v.0 as usize] = !call.inputs.is_empty();
            }
        }
        let mut live = vec![false; self.metas.len()];
        targets.iter().for_each(|v| live[v.0 as usize] = true);
        let mut found = Vec::new();
        for call in self.calls.iter().rev() {
            if !call.outputs.iter().any(|v| live[v.0 as usize] && late[v.0 as usize]) {
                continue;
            }
            for v in &call.inputs {
                live[v.0 as usize] = true;
                if !late[v.0 as usize] && computed[v.0 as usize] && !found.contains(v) {
                    found.push(*v);
                }
            }
        }
        found
    }

    /// The function from some values to others, without what these do not depend on.
    pub fn finish(&self, inputs: &[Value], outputs: &[Value]) -> Arc<Body> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let mut live = vec![false; self.metas.len()];
        outputs.iter().for_each(|v| live[v.0 as usize] = true);
        // A value that is given needs no computing.
        let mut given = vec![false; self.metas.len()];
        inputs.iter().for_each(|v| given[v.0 as usize] = true);
        let mut calls = Vec::new();
        for call in self.calls.iter().rev() {
            if call.outputs.iter().any(|v| live[v.0 as usize] && !given[v.0 as usize]) {
                call.inputs.iter().for_each(|v| live[v.0 as usize] = true);
                calls.push(call.clone());
            }
        }
        calls.reverse();
        Arc::new(Body {
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            metas: self.metas.clone(),
            inputs: inputs.to_vec(),
            calls,
            outputs: outputs.to_vec(),
        })
    }
}

impl Build for BodyBuilder {
    fn emit(&mut self, op: OpRef, inputs: &[Value]) -> Result<Vec<Value>> {
        let metas: Vec<Meta> = inputs.iter().map(|&v| self.meta(v)).collect();
        let outputs: Vec<Value> = op.infer(&metas)?.into_iter().map(|m| self.input(m)).collect();
        self.calls.push(Call { op, inputs: inputs.to_vec(), outputs: outputs.clone() });
        Ok(outputs)
    }

    fn meta(&self, v: Value) -> Meta {
        self.metas[v.0 as usize].clone()
    }
}
