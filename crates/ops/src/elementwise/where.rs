//! `where`: one of two values by a condition.

use crate::elementwise::rules::same_type;
use crate::{Application, Build, Domain, Expr, Grads, Lowered, Meta, Op, Sample};
use rhyton_base::{DType, Result, broadcast_symbolic};

/// `yes` where the condition is other than zero, `no` elsewhere; all three are broadcast together.
#[derive(Clone, Copy, Debug)]
pub struct Where;

impl Op for Where {
    fn name(&self) -> &'static str {
        "where"
    }

    fn infer(&self, inputs: &[Meta]) -> Result<Vec<Meta>> {
        let [c, yes, no] = crate::op::arguments(inputs)?;
        same_type(yes, no)?;
        let shape = broadcast_symbolic(&[&c.shape, &yes.shape, &no.shape])?;
        Ok(vec![Meta { dtype: yes.dtype, shape }])
    }

    fn lower(&self, inputs: &[Meta]) -> Lowered {
        let arg = |i: usize| Expr::input(i, inputs[i].dtype);
        Lowered::Map(arg(0).cast(DType::Bool).select(arg(1), arg(2)))
    }

    fn vjp(&self, b: &mut dyn Build, a: &Application) -> Grads {
        let Some(g) = a.cotangents[0] else { return Ok(vec![None; 3]) };
        let zero = b.like(g, 0.0)?;
        let yes = b.select(a.inputs[0], g, zero)?;
        let yes = b.sum_to(yes, &b.dims(a.inputs[1]))?;
        let no = b.select(a.inputs[0], zero, g)?;
        let no = b.sum_to(no, &b.dims(a.inputs[2]))?;
        Ok(vec![None, Some(yes), Some(no)])
    }
}

impl Where {
    /// Cases for the tests that walk the registry.
    pub fn samples() -> Vec<Sample> {
        let condition = || Domain::exact(DType::Bool, [3], &[1.0, 0.0, 1.0]);
        vec![
            Sample::new(
                Where,
                [condition(), Domain::uniform([2, 3], -2.0, 2.0), Domain::uniform([3], -2.0, 2.0)],
            ),
            Sample::new(
                Where,
                [condition(), Domain::vector(&[1.0, 2.0, 3.0]), Domain::vector(&[4.0, 5.0, 6.0])],
            )
            .expect(&[1.0, 5.0, 3.0]),
        ]
    }
}
