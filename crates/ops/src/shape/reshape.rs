//! `reshape`: the same elements in another shape.

use crate::{Application, Build, Domain, Grads, Lowered, Meta, Op, Sample, View};
use rhyton_base::{Dim, Error, Result, Shape};

/// The same elements in row-major order in another shape.
#[derive(Clone, Debug)]
pub struct Reshape {
    /// The sizes; at most one is `None` and follows from the number of elements.
    pub shape: Vec<Option<usize>>,
}

impl Reshape {
    fn target(&self, from: &Shape) -> Result<Shape> {
        let known = self.shape.iter().flatten().try_fold(1usize, |n, &d| n.checked_mul(d));
        let known =
            known.ok_or_else(|| Error::shape("the target shape has more elements than memory can hold"))?;
        let target: Shape = Shape::from(self.shape.clone());
        let unknown = self.shape.iter().filter(|d| d.is_none()).count();
        let fail = || {
            let text = target.to_string().replace("None", "-1");
            Err(Error::shape(format!(
                "a tensor of shape {from} ({} elements) cannot take the shape {text}",
                from.elements().map_or("unknown".into(), |n| n.to_string())
            )))
        };
        match (from.elements(), unknown) {
            (_, 2..) => Err(Error::shape(format!("at most one axis may be -1, got {:?}", self.shape))),
            (Some(n), 0) if n == known => Ok(target),
            (Some(n), 1) if known > 0 && n % known == 0 => {
                Ok(target.dims().iter().map(|d| Dim::Known(d.known().unwrap_or(n / known))).collect())
            }
            (None, _) => Ok(target),
            _ => fail(),
        }
    }
}

impl Op for Reshape {
    fn name(&self) -> &'static str {
        "reshape"
    }

    fn infer(&self, inputs: &[Meta]) -> Result<Vec<Meta>> {
        let [x] = crate::op::arguments(inputs)?;
        Ok(vec![Meta { dtype: x.dtype, shape: self.target(&x.shape)? }])
    }

    fn lower(&self, inputs: &[Meta]) -> Lowered {
        let target = self.target(&inputs[0].shape).expect("checked by infer");
        Lowered::View(View::Reshape(target.known().expect("lowering sees known shapes")))
    }

    fn vjp(&self, b: &mut dyn Build, a: &Application) -> Grads {
        let Some(g) = a.cotangents[0] else { return Ok(vec![None]) };
        let dims = b.dims(a.inputs[0]);
        Ok(vec![Some(b.reshape(g, &dims)?)])
    }
}

impl Reshape {
    /// Cases for the tests that walk the registry.
    pub fn samples() -> Vec<Sample> {
        vec![
            Sample::new(Reshape { shape: vec![Some(3), None] }, [Domain::uniform([2, 6], -2.0, 2.0)]),
            Sample::new(Reshape { shape: vec![Some(2), Some(1)] }, [Domain::vector(&[1.0, 2.0])])
                .expect(&[1.0, 2.0]),
        ]
    }
}
