//! Reverse-mode differentiation of a [`Body`], as the tape does it for tensors.

use super::Body;
use crate::{Application, Build, Value};
use rhyton_base::{Context, Result};

impl Body {
    /// Which of its results depend on the arguments marked, through floats.
    pub(crate) fn depends(&self, marked: &[bool]) -> Vec<bool> {
        let tracked = self.tracked(marked);
        self.output_values().iter().map(|v| tracked[v.0 as usize]).collect()
    }

    fn tracked(&self, marked: &[bool]) -> Vec<bool> {
        let mut tracked = vec![false; self.values()];
        for (v, &m) in self.input_values().iter().zip(marked) {
            tracked[v.0 as usize] = m && self.meta(*v).dtype.is_float();
        }
        for call in self.calls() {
            if call.inputs.iter().any(|v| tracked[v.0 as usize]) {
                call.outputs.iter().for_each(|v| tracked[v.0 as usize] = self.meta(*v).dtype.is_float());
            }
        }
        tracked
    }

    /// The cotangents of the wanted arguments from those of the results, in `b`. Its operations are applied again
    /// to have the values between. A cotangent that an argument has already is where its sum begins.
    pub(crate) fn gradient(
        &self,
        b: &mut dyn Build,
        inputs: &[Value],
        given: &[Option<Value>],
        wanted: &[bool],
        begun: &[Option<Value>],
    ) -> Result<Vec<Option<Value>>> {
        let values = self.inline_all(b, inputs)?;
        let tracked = self.tracked(wanted);
        let mut cotangents: Vec<Option<Value>> = vec![None; self.values()];
        for (v, &g) in self.input_values().iter().zip(begun) {
            cotangents[v.0 as usize] = g;
        }
        for (v, g) in self.output_values().iter().zip(given).rev() {
            let Some(g) = *g else { continue };
            if tracked[v.0 as usize] {
                add(b, &mut cotangents[v.0 as usize], g)?;
            }
        }
        for call in self.calls().iter().rev() {
            let at: Vec<Option<Value>> = call.outputs.iter().map(|v| cotangents[v.0 as usize]).collect();
            if at.iter().all(Option::is_none) {
                continue;
            }
            let now = |vs: &[Value]| vs.iter().map(|v| values[v.0 as usize]).collect::<Vec<_>>();
            let (inputs, outputs) = (now(&call.inputs), now(&call.outputs));
            let wanted: Vec<bool> = call.inputs.iter().map(|v| tracked[v.0 as usize]).collect();
            let a = Application { inputs: &inputs, outputs: &outputs, cotangents: &at, wanted: &wanted };
            let grads = call.op.vjp(b, &a).at(|| format!("gradient of {}", call.op.name()))?;
            for ((v, g), wanted) in call.inputs.iter().zip(grads).zip(wanted) {
                if let (Some(g), true) = (g, wanted) {
                    add(b, &mut cotangents[v.0 as usize], g)?;
                }
            }
        }
        let of = |(v, &w): (&Value, &bool)| cotangents[v.0 as usize].filter(|_| w);
        Ok(self.input_values().iter().zip(wanted).map(of).collect())
    }
}

/// Adds to a sum that may not have begun.
pub(super) fn add(b: &mut dyn Build, sum: &mut Option<Value>, g: Value) -> Result<()> {
    *sum = Some(match *sum {
        Some(s) => b.add(s, g)?,
        None => g,
    });
    Ok(())
}
