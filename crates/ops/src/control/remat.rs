//! `remat`: a composite whose values are computed again for its gradient.

use super::Body;
use crate::{Application, Build, Grads, Lowered, Meta, Op, Value, View};
use rhyton_base::Result;
use std::fmt;
use std::sync::Arc;

/// A function of which only the arguments and results are kept until its gradient is taken.
#[derive(Clone, Debug)]
pub struct Remat {
    /// From the arguments and what it captures to the results.
    pub body: Arc<Body>,
}

impl Op for Remat {
    fn name(&self) -> &'static str {
        "remat"
    }

    fn infer(&self, inputs: &[Meta]) -> Result<Vec<Meta>> {
        self.body.check("function", inputs)?;
        Ok(self.body.outputs())
    }

    fn lower(&self, _: &[Meta]) -> Lowered {
        Lowered::Compose
    }

    fn compose(&self, b: &mut dyn Build, inputs: &[Value]) -> Result<Vec<Value>> {
        self.body.inline(b, inputs)
    }

    /// The ordinary rules, on arguments that the compiler does not know to be the same as before.
    fn vjp(&self, b: &mut dyn Build, a: &Application) -> Grads {
        let mut inputs = Vec::new();
        for &v in a.inputs {
            inputs.push(b.one(Again(self.body.clone()), &[v])?);
        }
        self.body.gradient(b, &inputs, a.cotangents, a.wanted, &vec![None; a.inputs.len()])
    }
}

/// The same tensor, by which the work of a function is not recognised as having been done before.
#[derive(Clone)]
struct Again(Arc<Body>);

/// `Again { body 7 }`: equal for one function only.
impl fmt::Debug for Again {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Again {{ {:?} }}", self.0)
    }
}

impl Op for Again {
    fn name(&self) -> &'static str {
        "again"
    }

    fn infer(&self, inputs: &[Meta]) -> Result<Vec<Meta>> {
        Ok(inputs.to_vec())
    }

    fn lower(&self, inputs: &[Meta]) -> Lowered {
        Lowered::View(View::Reshape(inputs[0].dims()))
    }

    fn vjp(&self, _: &mut dyn Build, a: &Application) -> Grads {
        Ok(vec![a.cotangents[0]])
    }
}
