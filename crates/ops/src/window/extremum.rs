//! `window_max` and `window_argmax`: the largest element of each sliding window, and where it stands.

use super::{Slide, slid};
use crate::index::ScatterAdd;
use crate::{Application, Build, Domain, Grads, Kernel, Lowered, Meta, Op, Sample};
use rhyton_base::{DType, Dim, Error, Result};

/// `out[n, o…, c] = max x[n, o · stride + k · dilation - low…, c]` over the window places `k…` that lie in `x`; NaN if
/// one is. The gradient goes to the first of several largest elements.
#[derive(Clone, Debug)]
pub struct WindowMax {
    /// The window's size along each spatial axis.
    pub sizes: Vec<usize>,
    /// How the window slides along each spatial axis.
    pub slides: Vec<Slide>,
}

/// Where the elements that [`WindowMax`] picks stand, counted through `x` in row-major order, as `int64`.
#[derive(Clone, Debug)]
pub struct WindowArgMax {
    /// The window's size along each spatial axis.
    pub sizes: Vec<usize>,
    /// How the window slides along each spatial axis.
    pub slides: Vec<Slide>,
}

fn infer(x: &Meta, sizes: &[usize], slides: &[Slide], dtype: DType) -> Result<Vec<Meta>> {
    let mut dims = vec![*x.shape.dims().first().unwrap_or(&Dim::Unknown)];
    dims.extend(slid(&x.shape, sizes, slides)?);
    dims.push(x.shape.last()?);
    for (axis, (&size, slide)) in sizes.iter().zip(slides).enumerate() {
        let n = x.shape.dims()[axis + 1].known();
        let count = dims[axis + 1].known().unwrap_or(1) as isize;
        // The first window must reach into the input, and the last begin in it.
        let last = (count - 1) * slide.stride as isize - slide.low;
        let outside = slide.span(size) <= slide.low || n.is_some_and(|n| last >= n as isize);
        if count > 0 && (slide.spread != 1 || outside) {
            return Err(Error::shape(format!(
                "some windows of size {size} along axis {} of shape {} hold no element; use less padding",
                axis + 1,
                x.shape
            )));
        }
    }
    Ok(vec![Meta { dtype, shape: dims.into() }])
}

impl Op for WindowMax {
    fn name(&self) -> &'static str {
        "window_max"
    }

    fn infer(&self, inputs: &[Meta]) -> Result<Vec<Meta>> {
        let [x] = crate::op::arguments(inputs)?;
        infer(x, &self.sizes, &self.slides, x.dtype)
    }

    fn lower(&self, _: &[Meta]) -> Lowered {
        Lowered::Kernel(Kernel::WindowMax {
            sizes: self.sizes.clone(),
            slides: self.slides.clone(),
            places: false,
        })
    }

    /// Each cotangent is added at the place that its window's element came from.
    fn vjp(&self, b: &mut dyn Build, a: &Application) -> Grads {
        let Some(g) = a.cotangents[0] else { return Ok(vec![None]) };
        let (dims, count) = (b.dims(a.inputs[0]), b.dims(g).iter().product());
        let op = WindowArgMax { sizes: self.sizes.clone(), slides: self.slides.clone() };
        let places = b.one(op, &[a.inputs[0]])?;
        let (places, flat) = (b.reshape(places, &[count])?, b.reshape(g, &[count])?);
        let gx = b.one(ScatterAdd { axis: 0, size: dims.iter().product() }, &[places, flat])?;
        Ok(vec![Some(b.reshape(gx, &dims)?)])
    }
}

impl Op for WindowArgMax {
    fn name(&self) -> &'static str {
        "window_argmax"
    }

    fn infer(&self, inputs: &[Meta]) -> Result<Vec<Meta>> {
        let [x] = crate::op::arguments(inputs)?;
        infer(x, &self.sizes, &self.slides, DType::I64)
    }

    fn lower(&self, _: &[Meta]) -> Lowered {
        Lowered::Kernel(Kernel::WindowMax {
            sizes: self.sizes.clone(),
            slides: self.slides.clone(),
            places: true,
        })
    }
}

impl WindowMax {
    /// Cases for the tests that walk the registry.
    pub fn samples() -> Vec<Sample> {
        let slide = |stride, low, high| Slide { stride, low, high, ..Slide::PLAIN };
        let max =
            |sizes: &[usize], slides: &[Slide]| WindowMax { sizes: sizes.to_vec(), slides: slides.to_vec() };
        vec![
            Sample::new(max(&[2], &[Slide::PLAIN]), [Domain::uniform([2, 4, 2], -1.0, 1.0)]),
            Sample::new(max(&[3], &[slide(2, 1, 2)]), [Domain::uniform([1, 6, 1], -1.0, 1.0)]),
            Sample::new(
                max(&[2, 2], &[slide(2, 1, 1), Slide::PLAIN]),
                [Domain::uniform([1, 3, 3, 1], -1.0, 1.0)],
            ),
            Sample::new(
                max(&[2], &[slide(2, 1, 0)]),
                [Domain::exact(DType::F64, [1, 5, 1], &[-1.0, 2.0, 4.0, 8.0, 6.0])],
            )
            .expect(&[-1.0, 4.0, 8.0]),
        ]
    }
}

impl WindowArgMax {
    /// Cases for the tests that walk the registry.
    pub fn samples() -> Vec<Sample> {
        let op = WindowArgMax { sizes: vec![2], slides: vec![Slide { stride: 2, ..Slide::PLAIN }] };
        let x = Domain::exact(DType::F64, [1, 4, 1], &[3.0, 3.0, 1.0, 2.0]);
        vec![Sample::new(op, [x]).expect(&[0.0, 3.0])]
    }
}
