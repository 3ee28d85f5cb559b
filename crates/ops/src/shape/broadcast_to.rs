//! `broadcast_to`: a tensor stretched to a larger shape.

use crate::{Application, Build, Domain, Grads, Lowered, Meta, Op, Sample, View};
use rhyton_base::{Error, Result, Shape, broadcast_symbolic};

/// The argument stretched by NumPy's rule: new axes in front, axes of size 1 repeated; a view without a copy.
#[derive(Clone, Debug)]
pub struct BroadcastTo {
    /// The shape of the result.
    pub shape: Vec<usize>,
}

impl Op for BroadcastTo {
    fn name(&self) -> &'static str {
        "broadcast_to"
    }

    fn infer(&self, inputs: &[Meta]) -> Result<Vec<Meta>> {
        let [x] = crate::op::arguments(inputs)?;
        rhyton_base::element_count(&self.shape)?;
        let target = Shape::from(&self.shape);
        match broadcast_symbolic(&[&x.shape, &target]) {
            Ok(met) if met == target => Ok(vec![Meta { dtype: x.dtype, shape: target }]),
            _ => Err(Error::shape(format!(
                "shape {} cannot be broadcast to {target}; axes must be equal or 1",
                x.shape
            ))),
        }
    }

    fn lower(&self, _: &[Meta]) -> Lowered {
        Lowered::View(View::Broadcast(self.shape.clone()))
    }

    fn vjp(&self, b: &mut dyn Build, a: &Application) -> Grads {
        let Some(g) = a.cotangents[0] else { return Ok(vec![None]) };
        let dims = b.dims(a.inputs[0]);
        Ok(vec![Some(b.sum_to(g, &dims)?)])
    }
}

impl BroadcastTo {
    /// Cases for the tests that walk the registry.
    pub fn samples() -> Vec<Sample> {
        vec![
            Sample::new(BroadcastTo { shape: vec![4, 2, 3] }, [Domain::uniform([2, 1], -2.0, 2.0)]),
            Sample::new(BroadcastTo { shape: vec![2, 2] }, [Domain::vector(&[1.0, 2.0])])
                .expect(&[1.0, 2.0, 1.0, 2.0]),
        ]
    }
}
