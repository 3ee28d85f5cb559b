//! `switch`: one of several branches, chosen by a number.

use super::{Body, BodyBuilder, Control};
use crate::{Application, Build, Domain, Grads, Lowered, Meta, Op, Sample};
use rhyton_base::{DType, Error, Result};
use std::sync::Arc;

/// Inputs `(index, operands…)`: the results of the branch number `index`, an `int32`, which counts as the nearest one
/// there is. All branches take all operands and give results of the same types and shapes. Only the branch chosen
/// is computed.
#[derive(Clone, Debug)]
pub struct Cond {
    /// At least one.
    pub branches: Vec<Arc<Body>>,
}

impl Op for Cond {
    fn name(&self) -> &'static str {
        "switch"
    }

    fn infer(&self, inputs: &[Meta]) -> Result<Vec<Meta>> {
        let (index, operands) =
            inputs.split_first().ok_or_else(|| Error::value("expected an index, got nothing"))?;
        if *index != Meta::new(DType::I32, &[] as &[usize]) {
            return Err(Error::shape(format!("expected int32() as the index, got {index}")));
        }
        let first = self.branches.first().ok_or_else(|| Error::value("expected at least one branch"))?;
        let results = first.outputs();
        for (number, branch) in self.branches.iter().enumerate() {
            branch.check("branch", operands)?;
            same_results(&results, number, &branch.outputs())?;
        }
        Ok(results)
    }

    fn lower(&self, _: &[Meta]) -> Lowered {
        Lowered::Control(Control::Cond { branches: self.branches.clone() })
    }

    /// The same choice between the branches' gradients.
    fn vjp(&self, b: &mut dyn Build, a: &Application) -> Grads {
        let mut wanted = a.wanted[1..].to_vec();
        let reached = |wanted: &[bool], i: usize| {
            let mut only = vec![false; wanted.len()];
            only[i] = wanted[i];
            self.branches
                .iter()
                .any(|br| br.depends(&only).iter().zip(a.cotangents).any(|(d, g)| *d && g.is_some()))
        };
        for i in 0..wanted.len() {
            wanted[i] = reached(&wanted, i);
        }
        let mut inputs = a.inputs.to_vec();
        inputs.extend(a.cotangents.iter().flatten());
        let mut branches = Vec::new();
        for branch in &self.branches {
            let mut build = BodyBuilder::default();
            let operands: Vec<_> = branch.inputs().into_iter().map(|m| build.input(m)).collect();
            let given: Vec<_> = branch
                .outputs()
                .into_iter()
                .zip(a.cotangents)
                .map(|(m, g)| g.map(|_| build.input(m)))
                .collect();
            let none = vec![None; operands.len()];
            let found = branch.gradient(&mut build, &operands, &given, &wanted, &none)?;
            let mut grads = Vec::new();
            for (i, g) in found.into_iter().enumerate().filter(|(i, _)| wanted[*i]) {
                let meta = branch.inputs()[i].clone();
                grads.push(match g {
                    Some(g) => g,
                    None => (&mut build as &mut dyn Build).full(&meta.dims(), 0.0, meta.dtype)?,
                });
            }
            let takes: Vec<_> = operands.into_iter().chain(given.into_iter().flatten()).collect();
            branches.push(build.finish(&takes, &grads));
        }
        let mut out = b.emit(Arc::new(Cond { branches }), &inputs)?.into_iter();
        let grads = wanted.iter().map(|w| w.then(|| out.next().expect("one a wanted operand")));
        Ok(std::iter::once(None).chain(grads).collect())
    }
}

/// That a branch gives what the first one does.
fn same_results(first: &[Meta], number: usize, own: &[Meta]) -> Result<()> {
    if first.len() != own.len() {
        return Err(Error::value(format!(
            "branch 0 gives {} results and branch {number} {}; all must give the same",
            first.len(),
            own.len()
        )));
    }
    match first.iter().zip(own).position(|(a, b)| a != b) {
        None => Ok(()),
        Some(i) => Err(Error::shape(format!(
            "branch 0 gives {} as result {i} and branch {number} {}; all must give the same types and shapes",
            first[i], own[i]
        ))),
    }
}

impl Cond {
    /// Cases for the tests that walk the registry.
    pub fn samples() -> Vec<Sample> {
        let branch = |double: bool| {
            let mut build = BodyBuilder::default();
            let x = build.input(Meta::new(DType::F64, [3]));
            let y = build.input(Meta::new(DType::F64, [3]));
            let b: &mut dyn Build = &mut build;
            let out = if double { b.mul(x, y) } else { b.sin(x) };
            build.finish(&[x, y], &[out.expect("a product or a sine")])
        };
        let op = Cond { branches: vec![branch(false), branch(true)] };
        let of = |index: f64| {
            let (x, y) = (Domain::uniform([3], -1.0, 1.0), Domain::uniform([3], -1.0, 1.0));
            Sample::new(op.clone(), [Domain::exact(DType::I32, [], &[index]), x, y])
        };
        vec![of(0.0), of(1.0), of(7.0), of(-1.0)]
    }
}
