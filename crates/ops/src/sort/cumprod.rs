//! `cumprod`: running products.

use super::check_axis;
use crate::index::{Embed, Slice};
use crate::{Application, Build, Domain, Grads, Kernel, Lowered, Meta, Op, Sample, Value};
use rhyton_base::{DType, Error, Result, Scalar};

/// At every place along an axis the product of the elements up to there, that one included.
#[derive(Clone, Copy, Debug)]
pub struct CumProd {
    /// The axis to multiply along.
    pub axis: usize,
}

impl Op for CumProd {
    fn name(&self) -> &'static str {
        "cumprod"
    }

    fn infer(&self, inputs: &[Meta]) -> Result<Vec<Meta>> {
        let [x] = crate::op::arguments(inputs)?;
        check_axis(self.axis, &x.shape)?;
        if x.dtype == DType::Bool {
            return Err(Error::dtype("expected numbers, got bool; cast them to int32"));
        }
        Ok(vec![x.clone()])
    }

    fn lower(&self, _: &[Meta]) -> Lowered {
        Lowered::Kernel(Kernel::Scan { axis: self.axis, product: true, reverse: false })
    }

    /// The running product is written as `log2 n` products `y ← y · shifted(y)`, with 1 moved in, and those are
    /// walked back. No division, so zeros need no care.
    fn vjp(&self, b: &mut dyn Build, a: &Application) -> Grads {
        let Some(mut g) = a.cotangents[0] else { return Ok(vec![None]) };
        let size = b.dims(a.inputs[0])[self.axis];
        let mut steps = Vec::new();
        let (mut y, mut by) = (a.inputs[0], 1);
        while by < size {
            let other = shifted(b, y, self.axis, by as isize, 1.0)?;
            steps.push((y, other, by as isize));
            y = b.mul(y, other)?;
            by *= 2;
        }
        for (y, other, by) in steps.into_iter().rev() {
            let direct = b.mul(g, other)?;
            let moved = b.mul(g, y)?;
            let moved = shifted(b, moved, self.axis, -by, 0.0)?;
            g = b.add(direct, moved)?;
        }
        Ok(vec![Some(g)])
    }
}

/// The elements moved towards the end of an axis (towards its front for negative `by`, which is shorter than the
/// axis), with `fill` moved in.
fn shifted(b: &mut dyn Build, x: Value, axis: usize, by: isize, fill: f64) -> Result<Value> {
    let dims = b.dims(x);
    let (away, kept) = (by.unsigned_abs(), dims[axis] - by.unsigned_abs());
    let (from, to) = if by > 0 { (0, away) } else { (away, 0) };
    let mut places: Vec<(usize, isize, usize)> = dims.iter().map(|&n| (0, 1, n)).collect();
    places[axis] = (from, 1, kept);
    let part = b.one(Slice { places }, &[x])?;
    let mut places = vec![(0, 1); dims.len()];
    places[axis].0 = to;
    b.one(Embed { shape: dims, places, value: Scalar::Float(fill) }, &[part])
}

impl CumProd {
    /// Cases for the tests that walk the registry.
    pub fn samples() -> Vec<Sample> {
        vec![
            Sample::new(CumProd { axis: 0 }, [Domain::uniform([5, 2], 0.5, 1.5)]),
            Sample::new(CumProd { axis: 1 }, [Domain::uniform([2, 3], -1.5, 1.5)]),
            Sample::new(CumProd { axis: 0 }, [Domain::vector(&[2.0, 3.0, 0.0, 5.0])])
                .expect(&[2.0, 6.0, 0.0, 0.0]),
        ]
    }
}
