//! The gradient of a scan: a scan in the other direction.

use super::gradient::add;
use super::{BodyBuilder, Scan};
use crate::{Application, Build, Grads, Meta, Value};
use rhyton_base::Result;
use std::sync::Arc;

/// The argument positions of a scan's body, and of the scan itself.
struct Parts {
    carried: usize,
    scanned: usize,
    captured: usize,
    results: usize,
}

/// The reverse scan carries the cotangents of the carried values and the sums for what is captured; its slices are
/// those of the forward scan, the carried values before each round, and the cotangents of the stacked results.
pub(super) fn vjp(op: &Scan, b: &mut dyn Build, a: &Application) -> Grads {
    let n = Parts {
        carried: op.carried,
        scanned: op.scanned,
        captured: a.inputs.len() - op.carried - op.scanned,
        results: op.body.outputs().len() - op.carried,
    };
    if a.cotangents.iter().all(Option::is_none) {
        return Ok(vec![None; a.inputs.len()]);
    }
    let active = active(op, a.wanted);
    let mut wanted = a.wanted.to_vec();
    wanted[..n.carried].copy_from_slice(&active);
    // A captured tensor that no cotangent reaches is found by building the body once.
    let mut plan = Plan::new(op, &n, &wanted, a)?;
    if plan.idle.iter().any(|&i| i) {
        for (w, &idle) in wanted[n.carried + n.scanned..].iter_mut().zip(&plan.idle) {
            *w &= !idle;
        }
        plan = Plan::new(op, &n, &wanted, a)?;
    }
    let mut inputs = Vec::new();
    for i in (0..n.carried).filter(|&i| active[i]) {
        let m = b.meta(a.inputs[i]);
        inputs.push(match a.cotangents[i] {
            Some(g) => g,
            None => b.full(&m.dims(), 0.0, m.dtype)?,
        });
    }
    let sums = n.carried + n.scanned..a.inputs.len();
    // Adding to -0 changes nothing, not even a 0.
    let zero = if op.length == 0 { 0.0 } else { -0.0 };
    for i in sums.clone().filter(|&i| wanted[i]) {
        let m = b.meta(a.inputs[i]);
        inputs.push(b.full(&m.dims(), zero, m.dtype)?);
    }
    let carried = inputs.len();
    inputs.extend(&a.inputs[n.carried..n.carried + n.scanned]);
    inputs.extend(&a.outputs[n.carried + n.results..]);
    inputs.extend(a.cotangents[n.carried..].iter().flatten());
    let scanned = inputs.len() - carried;
    inputs.extend(&a.inputs[sums.clone()]);
    let reverse = Scan { body: plan.body, carried, scanned, length: op.length, reverse: !op.reverse };
    let out = b.emit(Arc::new(reverse), &inputs)?;
    let (mut last, mut slices) = (out.iter().copied(), out[carried..].iter().copied());
    let mut grads = vec![None; a.inputs.len()];
    for i in 0..n.carried {
        // The cotangents of all active ones are computed, those that are wanted are given.
        let g = if active[i] { last.next() } else { None };
        grads[i] = g.filter(|_| a.wanted[i]);
    }
    for i in sums.filter(|&i| wanted[i]) {
        grads[i] = last.next();
    }
    for (i, &has) in plan.slices.iter().enumerate() {
        if has {
            grads[n.carried + i] = slices.next();
        }
    }
    Ok(grads)
}

/// Which carried values depend on something wanted, in any round.
fn active(op: &Scan, wanted: &[bool]) -> Vec<bool> {
    let mut marked = wanted.to_vec();
    loop {
        let depends = op.body.depends(&marked);
        let mut changed = false;
        for (m, &d) in marked[..op.carried].iter_mut().zip(&depends) {
            changed |= d && !*m;
            *m |= d;
        }
        if !changed {
            let float = |(i, m): (usize, bool)| m && op.body.inputs()[i].dtype.is_float();
            return marked[..op.carried].iter().copied().enumerate().map(float).collect();
        }
    }
}

/// The body of the reverse scan.
struct Plan {
    body: Arc<super::Body>,
    /// Which stacked inputs get a gradient.
    slices: Vec<bool>,
    /// Which captured inputs were asked for and get none.
    idle: Vec<bool>,
}

impl Plan {
    fn new(op: &Scan, n: &Parts, wanted: &[bool], a: &Application) -> Result<Plan> {
        let metas = op.body.inputs();
        let mut build = BodyBuilder::default();
        let mut take = |m: &Meta| build.input(m.clone());
        let after: Vec<Option<Value>> = (0..n.carried).map(|i| wanted[i].then(|| take(&metas[i]))).collect();
        let mut begun: Vec<Option<Value>> = vec![None; n.carried + n.scanned];
        begun.extend((n.carried + n.scanned..metas.len()).map(|i| wanted[i].then(|| take(&metas[i]))));
        let slices: Vec<Value> = (n.carried..n.carried + n.scanned).map(|i| take(&metas[i])).collect();
        let before: Vec<Value> = (0..n.carried).map(|i| take(&metas[i])).collect();
        let of_results: Vec<Option<Value>> = (0..n.results)
            .map(|i| a.cotangents[n.carried + i].map(|_| take(&op.body.outputs()[n.carried + i])))
            .collect();
        let of_before: Vec<Option<Value>> = (0..n.carried)
            .map(|i| a.cotangents[n.carried + n.results + i].map(|_| take(&metas[i])))
            .collect();
        let captured: Vec<Value> = (0..n.captured).map(|i| take(&metas[n.carried + n.scanned + i])).collect();

        let inputs: Vec<Value> = before.iter().chain(&slices).chain(&captured).copied().collect();
        let given: Vec<Option<Value>> = after.iter().chain(&of_results).copied().collect();
        let grads = op.body.gradient(&mut build, &inputs, &given, wanted, &begun)?;
        let mut results = Vec::new();
        for i in (0..n.carried).filter(|&i| wanted[i]) {
            // What later rounds read comes first, as it does on a tape.
            let mut g = grads[i];
            if let Some(extra) = of_before[i] {
                add(&mut build, &mut g, extra)?;
            }
            let m = &metas[i];
            results.push(match g {
                Some(g) => g,
                None => (&mut build as &mut dyn Build).full(&m.dims(), 0.0, m.dtype)?,
            });
        }
        let first = n.carried + n.scanned;
        results.extend((first..metas.len()).filter_map(|i| grads[i]));
        let has: Vec<bool> = (n.carried..first).map(|i| grads[i].is_some()).collect();
        results.extend((n.carried..first).filter_map(|i| grads[i]));
        let takes: Vec<Value> = after
            .iter()
            .chain(&begun)
            .flatten()
            .chain(&slices)
            .chain(&before)
            .chain(of_results.iter().flatten())
            .chain(of_before.iter().flatten())
            .chain(&captured)
            .copied()
            .collect();
        let idle = (first..metas.len()).map(|i| wanted[i] && grads[i] == begun[i]).collect();
        Ok(Plan { body: build.finish(&takes, &results), slices: has, idle })
    }
}
