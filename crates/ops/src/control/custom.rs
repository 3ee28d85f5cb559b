//! `custom_gradient`: a function whose gradient is another function.

use super::Body;
use super::gradient::add;
use crate::{Application, Build, Grads, Lowered, Meta, Op, Value};
use rhyton_base::Result;
use std::sync::Arc;

/// A composite with a gradient of its own.
#[derive(Clone, Debug)]
pub struct Custom {
    /// From the arguments and what it captures to the results, and what the gradient needs besides.
    pub forward: Arc<Body>,
    /// From the inputs of `forward`, its further results and the cotangents of its proper results to the
    /// cotangents of the arguments.
    pub backward: Arc<Body>,
    /// How many inputs are arguments.
    pub arguments: usize,
    /// How many results are proper results.
    pub results: usize,
}

impl Op for Custom {
    fn name(&self) -> &'static str {
        "custom_gradient"
    }

    fn infer(&self, inputs: &[Meta]) -> Result<Vec<Meta>> {
        self.forward.check("function", inputs)?;
        Ok(self.forward.outputs())
    }

    fn lower(&self, _: &[Meta]) -> Lowered {
        Lowered::Compose
    }

    fn compose(&self, b: &mut dyn Build, inputs: &[Value]) -> Result<Vec<Value>> {
        self.forward.inline(b, inputs)
    }

    /// The gradient function for the proper results; the ordinary rules for what is kept for it.
    fn vjp(&self, b: &mut dyn Build, a: &Application) -> Grads {
        let mut grads = vec![None; a.inputs.len()];
        let (proper, kept) = a.cotangents.split_at(self.results);
        if proper.iter().any(Option::is_some) {
            let mut inputs = a.inputs.to_vec();
            inputs.extend(&a.outputs[self.results..]);
            for (g, &y) in proper.iter().zip(a.outputs) {
                let m = b.meta(y);
                inputs.push(match g {
                    Some(g) => *g,
                    None => b.full(&m.dims(), 0.0, m.dtype)?,
                });
            }
            let found = self.backward.inline(b, &inputs)?;
            grads[..self.arguments].iter_mut().zip(found).for_each(|(to, g)| *to = Some(g));
        }
        if kept.iter().any(Option::is_some) {
            let given: Vec<_> = vec![None; self.results].into_iter().chain(kept.iter().copied()).collect();
            let none = vec![None; a.inputs.len()];
            let more = self.forward.gradient(b, a.inputs, &given, a.wanted, &none)?;
            for (g, more) in grads.iter_mut().zip(more) {
                if let Some(more) = more {
                    add(b, g, more)?;
                }
            }
        }
        Ok(grads)
    }
}
