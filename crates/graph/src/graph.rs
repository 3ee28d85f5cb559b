//! The trace of a function as a graph of operations.

use rhyton_base::Result;
use rhyton_ops::control::Body;
use rhyton_ops::{Build, ExprKind, Lowered, Meta, OpRef, Value};
use rhyton_tensor::{Scope, Tensor, Variable, current_scope};
use std::collections::HashMap;

/// Where a value comes from.
#[derive(Clone, Debug)]
pub enum Def {
    /// An argument of the function.
    Input(usize),
    /// A variable's value when the function begins.
    State(usize),
    /// Numbers that were known while tracing.
    Constant(Tensor),
    /// Output `index` of a node.
    Op {
        /// The node's place.
        node: usize,
        /// Which of its outputs.
        index: usize,
    },
}

/// One operation.
#[derive(Clone, Debug)]
pub struct Node {
    /// What is computed.
    pub op: OpRef,
    /// From what.
    pub inputs: Vec<Value>,
    /// What comes out.
    pub outputs: Vec<Value>,
    /// The part of the computation that it was first done in: a layer, for instance, or the gradient of one.
    pub scope: Option<Scope>,
}

/// A variable that the function reads or assigns.
#[derive(Clone)]
pub struct StateRef {
    /// The variable.
    pub variable: Variable,
    /// Its value when the function begins.
    pub before: Value,
    /// Its value when the function ends; `before` if it is not assigned.
    pub after: Value,
}

/// A function written down: a list of operations in which every value is computed before it is used.
///
/// Equal operations on equal values are written once; composite operations are written as their parts.
#[derive(Default)]
pub struct Graph {
    pub(crate) values: Vec<(Def, Meta)>,
    pub(crate) nodes: Vec<Node>,
    pub(crate) inputs: Vec<Value>,
    pub(crate) outputs: Vec<Value>,
    pub(crate) states: Vec<StateRef>,
    /// The part of the program in which it was traced.
    pub(crate) name: String,
    known: HashMap<(String, Vec<Value>), Vec<Value>>,
}

impl Graph {
    /// The operations, in order.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The variables that are read or assigned.
    pub fn states(&self) -> &[StateRef] {
        &self.states
    }

    /// The function's arguments.
    pub fn inputs(&self) -> &[Value] {
        &self.inputs
    }

    /// The function's results.
    pub fn outputs(&self) -> &[Value] {
        &self.outputs
    }

    /// Where a value comes from.
    pub fn def(&self, v: Value) -> &Def {
        &self.values[v.0 as usize].0
    }

    /// A value's type and shape.
    pub fn meta_of(&self, v: Value) -> &Meta {
        &self.values[v.0 as usize].1
    }

    pub(crate) fn add(&mut self, def: Def, meta: Meta) -> Value {
        self.values.push((def, meta));
        Value(self.values.len() as u32 - 1)
    }

    /// The results of an operation on a few known numbers, as known numbers.
    fn fold(&mut self, op: &OpRef, inputs: &[Value]) -> Result<Option<Vec<Value>>> {
        const FEW: usize = 16;
        let few = |m: &Meta| m.shape.elements().is_some_and(|n| n <= FEW);
        let metas: Vec<Meta> = inputs.iter().map(|&v| self.meta_of(v).clone()).collect();
        // A loop may take long however small its tensors are.
        let control = matches!(op.lower(&metas), Lowered::Control(_));
        if control || inputs.is_empty() || !metas.iter().chain(&op.infer(&metas)?).all(few) {
            return Ok(None);
        }
        let mut known = Vec::new();
        for (&v, meta) in inputs.iter().zip(&metas) {
            known.push(match self.def(v) {
                Def::Constant(x) => x.clone(),
                Def::Op { node, .. } if self.nodes[*node].inputs.is_empty() => {
                    match self.nodes[*node].op.lower(&[]) {
                        Lowered::Map(e) => match e.kind() {
                            ExprKind::Const(c) => Tensor::filled(*c, meta.dtype, &meta.dims())?,
                            _ => return Ok(None),
                        },
                        _ => return Ok(None),
                    }
                }
                _ => return Ok(None),
            });
        }
        let results = rhyton_tensor::no_gradient(|| rhyton_tensor::apply(op.clone(), &known))?;
        Ok(Some(results.into_iter().map(|x| self.add(Def::Constant(x.clone()), x.meta())).collect()))
    }

    /// Keeps only what results and assigned variables depend on.
    pub(crate) fn remove_dead(&mut self) {
        let mut live = vec![false; self.values.len()];
        let roots = self.outputs.iter().copied().chain(self.states.iter().map(|s| s.after));
        roots.for_each(|v| live[v.0 as usize] = true);
        for node in self.nodes.iter().rev() {
            if node.outputs.iter().any(|v| live[v.0 as usize]) {
                node.inputs.iter().for_each(|v| live[v.0 as usize] = true);
            }
        }
        let mut place = vec![usize::MAX; self.nodes.len()];
        let mut kept = Vec::new();
        for (i, node) in std::mem::take(&mut self.nodes).into_iter().enumerate() {
            if node.outputs.iter().any(|v| live[v.0 as usize]) {
                place[i] = kept.len();
                kept.push(node);
            }
        }
        self.nodes = kept;
        for (def, _) in &mut self.values {
            if let Def::Op { node, .. } = def {
                // What was removed before has no place any more.
                *node = place.get(*node).copied().unwrap_or(usize::MAX);
            }
        }
    }
}

impl Graph {
    /// The graph of a branch or of the body of a loop.
    ///
    /// # Errors
    /// What its operations return.
    pub fn of_body(body: &Body) -> Result<Graph> {
        let mut graph = Graph::default();
        for (i, meta) in body.inputs().into_iter().enumerate() {
            let v = graph.add(Def::Input(i), meta);
            graph.inputs.push(v);
        }
        let inputs = graph.inputs.clone();
        graph.outputs = body.inline(&mut graph, &inputs)?;
        graph.remove_dead();
        Ok(graph)
    }
}

impl Build for Graph {
    fn emit(&mut self, op: OpRef, inputs: &[Value]) -> Result<Vec<Value>> {
        let key = (format!("{op:?}"), inputs.to_vec());
        if let Some(outputs) = self.known.get(&key) {
            return Ok(outputs.clone());
        }
        let metas: Vec<Meta> = inputs.iter().map(|&v| self.meta(v)).collect();
        let outputs = if op.lower(&metas) == Lowered::Compose {
            op.compose(self, inputs)?
        } else if let Some(folded) = self.fold(&op, inputs)? {
            folded
        } else {
            let node = self.nodes.len();
            let outputs: Vec<Value> = op
                .infer(&metas)?
                .into_iter()
                .enumerate()
                .map(|(index, meta)| self.add(Def::Op { node, index }, meta))
                .collect();
            let scope = current_scope();
            self.nodes.push(Node { op, inputs: inputs.to_vec(), outputs: outputs.clone(), scope });
            outputs
        };
        self.known.insert(key, outputs.clone());
        Ok(outputs)
    }

    fn meta(&self, v: Value) -> Meta {
        self.values[v.0 as usize].1.clone()
    }
}
