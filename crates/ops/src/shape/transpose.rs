//! `transpose`: the axes in another order.

use crate::{Application, Build, Domain, Grads, Lowered, Meta, Op, Sample, View};
use rhyton_base::{Error, Result};

/// Axis `i` of the result is axis `order[i]` of the argument; a view without a copy.
#[derive(Clone, Debug)]
pub struct Transpose {
    /// Every axis of the argument once.
    pub order: Vec<usize>,
}

impl Op for Transpose {
    fn name(&self) -> &'static str {
        "transpose"
    }

    fn infer(&self, inputs: &[Meta]) -> Result<Vec<Meta>> {
        let [x] = crate::op::arguments(inputs)?;
        let mut sorted = self.order.clone();
        sorted.sort_unstable();
        if !sorted.iter().copied().eq(0..x.shape.rank()) {
            return Err(Error::shape(format!(
                "expected every axis of {} once, got {:?}",
                x.shape, self.order
            )));
        }
        let shape = self.order.iter().map(|&a| x.shape.dims()[a]).collect();
        Ok(vec![Meta { dtype: x.dtype, shape }])
    }

    fn lower(&self, _: &[Meta]) -> Lowered {
        Lowered::View(View::Permute(self.order.clone()))
    }

    fn vjp(&self, b: &mut dyn Build, a: &Application) -> Grads {
        let Some(g) = a.cotangents[0] else { return Ok(vec![None]) };
        let mut back = vec![0; self.order.len()];
        for (to, &from) in self.order.iter().enumerate() {
            back[from] = to;
        }
        Ok(vec![Some(b.permute(g, &back)?)])
    }
}

impl Transpose {
    /// Cases for the tests that walk the registry.
    pub fn samples() -> Vec<Sample> {
        vec![
            Sample::new(Transpose { order: vec![2, 0, 1] }, [Domain::uniform([2, 3, 2], -2.0, 2.0)]),
            Sample::new(
                Transpose { order: vec![1, 0] },
                [Domain::exact(rhyton_base::DType::F64, [2, 2], &[1.0, 2.0, 3.0, 4.0])],
            )
            .expect(&[1.0, 3.0, 2.0, 4.0]),
        ]
    }
}
