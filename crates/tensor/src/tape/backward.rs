//! The way back over a tape.

use super::Source;
use super::recording::{Entry, Recording};
use crate::dispatch::{TensorBuild, apply_one};
use crate::scope::gradient_of;
use crate::tensor::Tensor;
use rhyton_base::{Context, Result};
use rhyton_ops::{Application, elementwise};
use std::collections::{HashMap, HashSet};

fn add(sums: &mut HashMap<u64, Tensor>, id: u64, g: Tensor) -> Result<()> {
    let sum = match sums.get(&id) {
        Some(before) => apply_one(elementwise::Add, &[before, &g])?,
        None => g,
    };
    sums.insert(id, sum);
    Ok(())
}

/// The tensors that stood for a source.
fn tensors_of(state: &Recording, source: &Source) -> Vec<u64> {
    match source {
        Source::Tensor(x) => vec![x.id()],
        Source::Variable(v) => state.variables.get(&v.id()).into_iter().flatten().map(Tensor::id).collect(),
    }
}

/// The gradients with respect to sources, from the gradients with respect to targets.
pub(super) fn backward(
    state: &Recording,
    targets: &[(Tensor, Tensor)],
    sources: &[Source],
) -> Result<Vec<Option<Tensor>>> {
    // Only what the targets depend on is walked.
    let mut cotangents: HashMap<u64, Tensor> = HashMap::new();
    for (target, g) in targets {
        if state.tracked.contains(&target.id()) {
            add(&mut cotangents, target.id(), g.clone())?;
        }
    }
    let kept: HashSet<u64> = sources.iter().flat_map(|s| tensors_of(state, s)).collect();
    for entry in state.entries.iter().rev() {
        let at_outputs: Vec<Option<Tensor>> = entry
            .outputs
            .iter()
            .map(|y| match kept.contains(&y.id()) {
                true => cotangents.get(&y.id()).cloned(),
                false => cotangents.remove(&y.id()),
            })
            .collect();
        if at_outputs.iter().all(Option::is_none) {
            continue;
        }
        let wanted: Vec<bool> =
            entry.inputs.iter().map(|x| x.dtype().is_float() && state.tracked.contains(&x.id())).collect();
        gradient_of(entry.scope.as_ref(), || {
            let grads = local(entry, &at_outputs, &wanted)?;
            let wanted = entry.inputs.iter().zip(grads).zip(wanted).filter(|(_, wanted)| *wanted);
            wanted
                .filter_map(|((x, g), _)| Some((x, g?)))
                .try_for_each(|(x, g)| add(&mut cotangents, x.id(), g))
        })?;
    }
    let mut grads = Vec::new();
    for s in sources {
        let mut total: Option<Tensor> = None;
        for g in tensors_of(state, s).iter().filter_map(|id| cotangents.get(id)) {
            total = Some(match total {
                Some(t) => apply_one(elementwise::Add, &[&t, g])?,
                None => g.clone(),
            });
        }
        grads.push(total);
    }
    Ok(grads)
}

/// The gradients with respect to the inputs of one operation.
pub(super) fn local(
    entry: &Entry,
    at_outputs: &[Option<Tensor>],
    wanted: &[bool],
) -> Result<Vec<Option<Tensor>>> {
    let mut b = TensorBuild::default();
    let inputs: Vec<_> = entry.inputs.iter().map(|x| b.add(x)).collect();
    let outputs: Vec<_> = entry.outputs.iter().map(|y| b.add(y)).collect();
    let given: Vec<_> = at_outputs.iter().map(|g| g.as_ref().map(|g| b.add(g))).collect();
    let a = Application { inputs: &inputs, outputs: &outputs, cotangents: &given, wanted };
    let grads = entry.op.vjp(&mut b, &a).at(|| format!("gradient of {}", entry.op.name()))?;
    Ok(grads.into_iter().map(|g| g.map(|g| b.get(g))).collect())
}
