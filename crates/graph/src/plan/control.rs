//! Plans branches and loops: programs inside programs.

use super::{Plan, Planner, plan};
use crate::graph::Graph;
use rhyton_base::{DType, Result};
use rhyton_ops::control::{Body, Control};
use rhyton_ops::{Lowered, Value};
use rhyton_runtime::{Carried, Condition, ControlDesc, KernelDesc, Nested, Operand, Place, Region};

fn region(o: &Operand) -> Region {
    let size = o.dtype.size();
    let bytes = o.layout.shape().iter().product::<usize>() * size;
    Region { buffer: o.buffer, offset: o.offset + o.layout.offset() * size, bytes }
}

fn fixed(all: &[Operand]) -> Vec<Place> {
    all.iter().map(|o| Place::Fixed(region(o))).collect()
}

/// The plan of a body, of whose results only those marked are wanted.
fn plan_of(body: &Body, wanted: impl Fn(usize) -> bool) -> Result<Plan> {
    let mut graph = Graph::of_body(body)?;
    let mut i = 0;
    graph.outputs.retain(|_| {
        i += 1;
        wanted(i - 1)
    });
    graph.remove_dead();
    plan(&graph)
}

impl Planner<'_> {
    /// Writes the kernel of a branch or a loop. Results that nothing reads are left out.
    pub(super) fn control(&mut self, at: usize, node: usize) -> Result<()> {
        let Lowered::Control(control) = &self.kinds[node] else { unreachable!("asked for control flow") };
        let n = &self.graph.nodes[node];
        let (inputs, outputs) = (n.inputs.clone(), n.outputs.clone());
        let mut operands = Vec::new();
        for v in inputs {
            let o = self.operand(v, at);
            operands.push(self.contiguous(&o, at));
        }
        let desc = match control {
            Control::Cond { branches } => self.branches(at, branches, &operands, &outputs)?,
            Control::While { condition, body, carried, maximum } => {
                let (first, captured) = operands.split_at(*carried);
                let carried = self.carried(at, first, &outputs, None);
                let (before, after): (Vec<Place>, Vec<Place>) =
                    (0..first.len()).map(|i| (Place::Before(i), Place::After(i))).unzip();
                let takes: Vec<Place> = before.into_iter().chain(fixed(captured)).collect();
                let result = region(&self.allocate(DType::Bool, &[], at));
                let truth = vec![Place::Fixed(result.clone())];
                let nested = self.nested(at, plan_of(condition, |_| true)?, takes.clone(), truth);
                let body = self.nested(at, plan_of(body, |_| true)?, takes, after);
                let condition = Some(Condition { nested, result });
                ControlDesc::Loop { carried, condition, body, rounds: *maximum, reverse: false }
            }
            Control::Scan { body, carried, scanned, length, reverse } => {
                let (first, rest) = operands.split_at(*carried);
                let (slices, captured) = rest.split_at(*scanned);
                let (last, rows) = outputs.split_at(*carried);
                let (rows, kept) = rows.split_at(rows.len() - *carried);
                let takes: Vec<Place> = (0..first.len())
                    .map(Place::Before)
                    .chain(slices.iter().map(|o| Place::Slice(region(o))))
                    .chain(fixed(captured))
                    .collect();
                let plan = plan_of(body, |i| i < *carried || self.stored.contains(&rows[i - *carried]))?;
                let mut gives: Vec<Place> = (0..first.len()).map(Place::After).collect();
                for v in rows {
                    if self.stored.contains(v) {
                        gives.push(Place::Slice(region(&self.destination(*v, at))));
                    }
                }
                let carried = self.carried(at, first, last, Some(kept));
                let body = self.nested(at, plan, takes, gives);
                ControlDesc::Loop { carried, condition: None, body, rounds: Some(*length), reverse: *reverse }
            }
        };
        self.kernels.push((KernelDesc::Control(desc), self.label(&[node])));
        Ok(())
    }

    fn branches(
        &mut self,
        at: usize,
        branches: &[std::sync::Arc<Body>],
        operands: &[Operand],
        outputs: &[Value],
    ) -> Result<ControlDesc> {
        let takes = fixed(&operands[1..]);
        let mut gives = Vec::new();
        for v in outputs {
            if self.stored.contains(v) {
                gives.push(Place::Fixed(region(&self.destination(*v, at))));
            }
        }
        let mut nested = Vec::new();
        for branch in branches {
            let plan = plan_of(branch, |i| self.stored.contains(&outputs[i]))?;
            nested.push(self.nested(at, plan, takes.clone(), gives.clone()));
        }
        Ok(ControlDesc::Cond { index: region(&operands[0]), branches: nested })
    }

    /// The places of carried values, with their first values in them.
    fn carried(
        &mut self,
        at: usize,
        first: &[Operand],
        last: &[Value],
        kept: Option<&[Value]>,
    ) -> Vec<Carried> {
        let mut all = Vec::new();
        for (i, from) in first.iter().enumerate() {
            let shape = from.layout.shape();
            let home = match self.stored.contains(&last[i]) {
                true => self.destination(last[i], at),
                false => self.allocate(from.dtype, shape, at),
            };
            self.push_copy(from, &home);
            let other = self.allocate(from.dtype, shape, at);
            let kept = kept.map(|k| k[i]).filter(|v| self.stored.contains(v));
            let kept = kept.map(|v| region(&self.destination(v, at)));
            all.push(Carried { places: [region(&home), region(&other)], kept });
        }
        all
    }

    /// A program inside this one.
    fn nested(&mut self, at: usize, plan: Plan, takes: Vec<Place>, gives: Vec<Place>) -> Nested {
        let mut places = takes;
        places.extend(gives);
        places.push(Place::Fixed(region(&self.allocate(DType::U8, &[plan.arena], at))));
        for c in plan.constants {
            let bytes = c.nbytes();
            self.constants.push(c);
            let buffer = self.arena_slot() + self.constants.len();
            places.push(Place::Fixed(Region { buffer, offset: 0, bytes }));
        }
        Nested { program: plan.program, places }
    }
}
