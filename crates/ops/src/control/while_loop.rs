//! `while_loop`: a function applied as long as a condition holds.

use super::{Body, BodyBuilder, Control};
use crate::{Application, Build, Domain, Grads, Lowered, Meta, Op, Sample};
use rhyton_base::{DType, Error, Result};
use std::sync::Arc;

/// Inputs `(carried…, captured…)`: the carried values once `condition(carried…, captured…)` no longer holds, where
/// `carried = body(carried…, captured…)` from round to round.
#[derive(Clone, Debug)]
pub struct While {
    /// Gives one `bool`.
    pub condition: Arc<Body>,
    /// Gives the carried values of the next round.
    pub body: Arc<Body>,
    /// How many inputs are carried from round to round.
    pub carried: usize,
    /// The most rounds; any number without it.
    pub maximum: Option<usize>,
}

impl Op for While {
    fn name(&self) -> &'static str {
        "while_loop"
    }

    fn infer(&self, inputs: &[Meta]) -> Result<Vec<Meta>> {
        self.condition.check("condition", inputs)?;
        self.body.check("body", inputs)?;
        let truth = self.condition.outputs();
        if truth != [Meta::new(DType::Bool, &[] as &[usize])] {
            let got: Vec<String> = truth.iter().map(Meta::to_string).collect();
            let message = format!("the condition must give one bool(), got {}", got.join(", "));
            return Err(Error::shape(message));
        }
        check_carried(&inputs[..self.carried.min(inputs.len())], &self.body.outputs())?;
        Ok(self.body.outputs())
    }

    fn lower(&self, _: &[Meta]) -> Lowered {
        Lowered::Control(Control::While {
            condition: self.condition.clone(),
            body: self.body.clone(),
            carried: self.carried,
            maximum: self.maximum,
        })
    }

    fn vjp(&self, _: &mut dyn Build, _: &Application) -> Grads {
        Err(Error::unsupported(
            "a compiled loop whose number of rounds is not known has no gradient; use fori_loop with known bounds, or \
             scan",
        ))
    }
}

/// That a body gives back what is carried.
pub(super) fn check_carried(before: &[Meta], after: &[Meta]) -> Result<()> {
    if before.len() != after.len() {
        return Err(Error::value(format!(
            "the body must give back the {} loop variables it is given, got {}",
            before.len(),
            after.len()
        )));
    }
    match before.iter().zip(after).position(|(a, b)| a != b) {
        None => Ok(()),
        Some(i) => Err(Error::shape(format!(
            "the body must keep types and shapes: loop variable {i} is {} before and {} after; cast or reshape it",
            before[i], after[i]
        ))),
    }
}

impl While {
    /// Cases for the tests that walk the registry: the powers of 2, up to a limit.
    pub fn samples() -> Vec<Sample> {
        let doubling = |maximum| {
            let part = |condition: bool| {
                let mut build = BodyBuilder::default();
                let x = build.input(Meta::new(DType::I32, &[] as &[usize]));
                let limit = build.input(Meta::new(DType::I32, &[] as &[usize]));
                let b: &mut dyn Build = &mut build;
                let out = if condition { b.less(x, limit) } else { b.add(x, x) };
                build.finish(&[x, limit], &[out.expect("numbers of one type")])
            };
            While { condition: part(true), body: part(false), carried: 1, maximum }
        };
        let number = |n: f64| Domain::exact(DType::I32, [], &[n]);
        vec![
            Sample::new(doubling(None), [number(1.0), number(100.0)]).expect(&[128.0]),
            Sample::new(doubling(Some(3)), [number(1.0), number(100.0)]).expect(&[8.0]),
            Sample::new(doubling(None), [number(7.0), number(3.0)]).expect(&[7.0]),
        ]
    }
}
