//! `window_sum`: the sums over sliding windows.

use super::{Slide, slid};
use crate::{Application, Build, Domain, Grads, Kernel, Lowered, Meta, Op, Sample};
use rhyton_base::{DType, Dim, Error, Result};

/// `out[n, o…, c] = Σ x[n, o · stride + k · dilation - low…, c]` over the window places `k…`, where zeros stand outside
/// of `x` and between its spread elements. Its gradient is a sum of the same kind.
#[derive(Clone, Debug)]
pub struct WindowSum {
    /// The window's size along each spatial axis.
    pub sizes: Vec<usize>,
    /// How the window slides along each spatial axis.
    pub slides: Vec<Slide>,
}

impl Op for WindowSum {
    fn name(&self) -> &'static str {
        "window_sum"
    }

    fn infer(&self, inputs: &[Meta]) -> Result<Vec<Meta>> {
        let [x] = crate::op::arguments(inputs)?;
        if x.dtype == DType::Bool {
            return Err(Error::dtype("expected numbers, got bool; cast them to float32"));
        }
        let mut dims = vec![*x.shape.dims().first().unwrap_or(&Dim::Unknown)];
        dims.extend(slid(&x.shape, &self.sizes, &self.slides)?);
        dims.push(x.shape.last()?);
        Ok(vec![Meta { dtype: x.dtype, shape: dims.into() }])
    }

    fn lower(&self, _: &[Meta]) -> Lowered {
        Lowered::Kernel(Kernel::WindowSum { sizes: self.sizes.clone(), slides: self.slides.clone() })
    }

    /// Every input element collects the cotangents of the windows that it lay in.
    fn vjp(&self, b: &mut dyn Build, a: &Application) -> Grads {
        let Some(g) = a.cotangents[0] else { return Ok(vec![None]) };
        let (x, out) = (b.dims(a.inputs[0]), b.dims(g));
        if x.iter().chain(&out).chain(&self.sizes).any(|&n| n == 0) {
            let dtype = b.dtype(g);
            return Ok(vec![Some(b.full(&x, 0.0, dtype)?)]);
        }
        let slides = self.slides.iter().enumerate().map(|(i, s)| {
            let span = s.span(self.sizes[i]);
            let low = span - 1 - s.low;
            let from = Slide { stride: s.spread, low, high: 0, spread: s.stride, dilation: s.dilation };
            Slide { high: s.spread_out(x[i + 1]) - 1 + span - from.spread_out(out[i + 1]) - low, ..from }
        });
        let op = WindowSum { sizes: self.sizes.clone(), slides: slides.collect() };
        Ok(vec![Some(b.one(op, &[g])?)])
    }
}

impl WindowSum {
    /// Cases for the tests that walk the registry.
    pub fn samples() -> Vec<Sample> {
        let slide = |stride, low, high, spread, dilation| Slide { stride, low, high, spread, dilation };
        let sum =
            |sizes: &[usize], slides: &[Slide]| WindowSum { sizes: sizes.to_vec(), slides: slides.to_vec() };
        vec![
            Sample::new(sum(&[2], &[Slide::PLAIN]), [Domain::uniform([2, 4, 2], -1.0, 1.0)]),
            Sample::new(sum(&[3], &[slide(2, 1, 2, 1, 1)]), [Domain::uniform([1, 6, 1], -1.0, 1.0)]),
            Sample::new(sum(&[2], &[slide(2, -1, 3, 2, 3)]), [Domain::uniform([1, 5, 2], -1.0, 1.0)]),
            Sample::new(
                sum(&[2, 2], &[slide(2, 1, 1, 1, 1), Slide::PLAIN]),
                [Domain::uniform([1, 3, 3, 1], -1.0, 1.0)],
            ),
            Sample::new(
                sum(&[2], &[slide(2, 1, 0, 1, 1)]),
                [Domain::exact(DType::F64, [1, 5, 1], &[1.0, 2.0, 4.0, 8.0, 16.0])],
            )
            .expect(&[1.0, 6.0, 24.0]),
        ]
    }
}
