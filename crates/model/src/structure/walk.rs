//! From symbolic outputs back to the inputs: which calls a model is made of, and in which order.

use rhyton_base::{Error, Result};
use rhyton_nn::layers::{AnyLayer, LayerCall};
use rhyton_tensor::{SymbolicCall, Tensor};
use std::collections::HashMap;
use std::sync::Arc;

/// What a symbolic tensor is known by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Key {
    /// An input of some model.
    Input(u64),
    /// A result of a call.
    Result(usize, usize),
}

impl Key {
    /// The key of a symbolic tensor.
    pub fn of(x: &Tensor) -> Option<Key> {
        let origin = x.origin()?;
        Some(match &origin.call {
            None => Key::Input(x.id()),
            Some(call) => Key::Result(Arc::as_ptr(call).addr(), origin.index),
        })
    }
}

/// What an operation of the model is known by: shared layers are one operation of several calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Who {
    Input(usize),
    Layer(usize),
    Call(usize),
}

/// A use of an input or an application of an operation.
pub(super) enum Step {
    Input(usize),
    Call(Arc<SymbolicCall>),
}

impl Step {
    pub fn who(&self) -> Who {
        match self {
            Step::Input(i) => Who::Input(*i),
            Step::Call(call) => match layer_of(call) {
                Some(layer) => Who::Layer(layer.id()),
                None => Who::Call(Arc::as_ptr(call).addr()),
            },
        }
    }

    fn inputs(&self) -> &[Tensor] {
        match self {
            Step::Input(_) => &[],
            Step::Call(call) => &call.inputs,
        }
    }
}

/// The layer that a call calls.
pub(super) fn layer_of(call: &SymbolicCall) -> Option<&AnyLayer> {
    call.op.as_any().downcast_ref::<LayerCall>().map(|c| &c.layer)
}

/// The calls in an order in which each comes after those it needs, and the order in which operations were met.
pub(super) struct Walk {
    pub steps: Vec<Step>,
    /// How far each step is from the outputs.
    pub depths: Vec<usize>,
    /// Operations in Keras's order: the farthest from the outputs first.
    pub operations: Vec<Who>,
}

/// Walks from the outputs back to the inputs, depth first, as Keras does, so that layers and weights come in its
/// order.
///
/// Source: `map_graph` in `keras/src/ops/function.py`.
pub(super) fn walk(inputs: &[Tensor], names: &[String], outputs: &[Tensor]) -> Result<Walk> {
    let places: HashMap<Key, usize> =
        inputs.iter().enumerate().filter_map(|(i, x)| Some((Key::of(x)?, i))).collect();
    let mut met: HashMap<Who, usize> = HashMap::new();
    // Where a step has come to stand.
    let mut done: HashMap<StepKey, usize> = HashMap::new();
    let mut steps: Vec<Step> = Vec::new();
    let mut parents: Vec<Vec<usize>> = Vec::new();
    for output in outputs {
        // Steps in progress, each with the place of the next input to look at.
        let mut open: Vec<(Step, StepKey, usize)> = Vec::new();
        let mut next = Some(output.clone());
        loop {
            if let Some((x, key)) = next.take().and_then(|x| StepKey::of(&x, &places).map(|key| (x, key)))
                && !done.contains_key(&key)
            {
                let step = match key {
                    StepKey::Input(i) => Step::Input(i),
                    StepKey::Call(_) => match x.origin().and_then(|o| o.call.clone()) {
                        Some(call) => Step::Call(call),
                        None => return Err(foreign(&x, names, open.last().map(|o| &o.0))),
                    },
                };
                let count = met.len();
                met.entry(step.who()).or_insert(count);
                open.push((step, key, 0));
            }
            let Some((step, _, at)) = open.last_mut() else { break };
            if let Some(x) = step.inputs().get(*at) {
                *at += 1;
                next = Some(x.clone());
                continue;
            }
            let Some((step, key, _)) = open.pop() else { break };
            let before = |x: &Tensor| done.get(&StepKey::of(x, &places)?).copied();
            parents.push(step.inputs().iter().filter_map(before).collect());
            done.insert(key, steps.len());
            steps.push(step);
        }
    }
    Ok(order(steps, &parents, met, inputs.len()))
}

/// What a step is known by: all results of a call are of one step.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum StepKey {
    Input(usize),
    /// The call, or a tensor that comes from nowhere.
    Call(Key),
}

impl StepKey {
    fn of(x: &Tensor, places: &HashMap<Key, usize>) -> Option<StepKey> {
        let key = Key::of(x)?;
        Some(match (places.get(&key), key) {
            (Some(&i), _) => StepKey::Input(i),
            (None, Key::Result(call, _)) => StepKey::Call(Key::Result(call, 0)),
            (None, key) => StepKey::Call(key),
        })
    }
}

/// The error about an input that the model is not given.
fn foreign(x: &Tensor, names: &[String], asked: Option<&Step>) -> Error {
    let name = x.origin().map_or("", |o| o.name.as_str());
    let by = match asked {
        Some(Step::Call(call)) => call.op.name(),
        _ => "an output".to_string(),
    };
    Error::value(format!(
        "{by} needs the input {name:?}, which is not among the model's inputs ({}); add it to them",
        crate::data::quoted(names)
    ))
}

/// Depths, and the order of operations that follows from them.
fn order(steps: Vec<Step>, parents: &[Vec<usize>], met: HashMap<Who, usize>, inputs: usize) -> Walk {
    let mut depths = vec![0; steps.len()];
    let mut of: HashMap<Who, usize> = HashMap::new();
    for (i, step) in steps.iter().enumerate().rev() {
        let whole = of.entry(step.who()).or_default();
        *whole = (*whole).max(depths[i]);
        depths[i] = *whole;
        for &p in &parents[i] {
            depths[p] = depths[p].max(depths[i] + 1);
        }
    }
    let mut operations: Vec<(std::cmp::Reverse<usize>, isize, Who)> =
        of.into_iter().map(|(who, depth)| (std::cmp::Reverse(depth), met[&who] as isize, who)).collect();
    // Inputs that no output needs stand first among those beside the outputs.
    let unused = (0..inputs).map(Who::Input).filter(|who| !met.contains_key(who));
    operations.extend(unused.map(|who| (std::cmp::Reverse(0), -1, who)));
    operations.sort_by_key(|(depth, met, _)| (*depth, *met));
    Walk { steps, depths, operations: operations.into_iter().map(|(_, _, who)| who).collect() }
}
