//! `conv`: convolution in its most general form, closed under differentiation.

use super::{Slide, slid};
use crate::index::Slice;
use crate::{Application, Build, Domain, Grads, Kernel, Lowered, Meta, Op, Sample, Value};
use rhyton_base::{Dim, Error, Result, Shape};

/// `out[n, o…, c] = Σ x[n, o · stride + k · dilation - low…, i] · w[k…, i, c]` over the window places `k…` and the
/// channels `i` of the group that `c` belongs to; outside of `x` stand zeros.
///
/// `x` is `[batch, spatial…, channels]` with 1 to 3 spatial axes, `w` is `[window…, channels / groups, filters]`. Both
/// gradients are convolutions of this kind again.
#[derive(Clone, Debug)]
pub struct Conv {
    /// How the window slides along each spatial axis.
    pub slides: Vec<Slide>,
    /// The parts into which channels and filters are cut; each filter sees the channels of its part.
    pub groups: usize,
}

impl Conv {
    /// A window of one place and nothing else: a matrix product over the channels.
    fn is_product(&self, w: &[usize]) -> bool {
        let plain = |s: &Slide| Slide { dilation: 1, ..*s } == Slide::PLAIN;
        self.groups == 1 && w[..w.len() - 2].iter().all(|&k| k == 1) && self.slides.iter().all(plain)
    }

    /// The sum over the outputs that each input element went into: the cotangent convolved with the window turned
    /// round.
    fn by_input(&self, b: &mut dyn Build, w: Value, g: Value, x: &[usize]) -> Result<Value> {
        let dims = b.dims(w);
        let spatial = dims.len() - 2;
        let (channels, filters) = (dims[spatial], dims[spatial + 1] / self.groups);
        let mut split = dims[..spatial].to_vec();
        split.extend([channels, self.groups, filters]);
        let w = b.reshape(w, &split)?;
        let order: Vec<usize> = (0..spatial).chain([spatial + 2, spatial + 1, spatial]).collect();
        let w = b.permute(w, &order)?;
        let mut swapped = dims[..spatial].to_vec();
        swapped.extend([filters, self.groups * channels]);
        let w = b.reshape(w, &swapped)?;
        let places = swapped.iter().enumerate().map(|(axis, &n)| match axis < spatial {
            true => (n.saturating_sub(1), -1, n),
            false => (0, 1, n),
        });
        let w = b.one(Slice { places: places.collect() }, &[w])?;
        let out = b.dims(g);
        let slides = self.slides.iter().enumerate().map(|(i, s)| {
            let (span, from) = (s.span(dims[i]), Slide { spread: s.stride, ..*s });
            let low = span - 1 - s.low;
            let room = s.spread_out(x[i + 1]) - 1 + span;
            let high = room - from.spread_out(out[i + 1]) - low;
            Slide { stride: s.spread, low, high, spread: s.stride, dilation: s.dilation }
        });
        b.one(Conv { slides: slides.collect(), groups: self.groups }, &[g, w])
    }

    /// The sum over the outputs that each weight took part in: the input convolved with the cotangent, where channels
    /// and batch have changed places.
    fn by_window(&self, b: &mut dyn Build, x: Value, g: Value, w: &[usize]) -> Result<Value> {
        let (dims, out) = (b.dims(x), b.dims(g));
        let spatial = dims.len() - 2;
        let (batch, channels) = (dims[0], dims[spatial + 1] / self.groups);
        let mut split = dims[..spatial + 1].to_vec();
        split.extend([self.groups, channels]);
        let x = b.reshape(x, &split)?;
        let order: Vec<usize> = [spatial + 2].into_iter().chain(1..spatial + 2).chain([0]).collect();
        let x = b.permute(x, &order)?;
        let mut swapped = vec![channels];
        swapped.extend(&dims[1..spatial + 1]);
        swapped.push(self.groups * batch);
        let x = b.reshape(x, &swapped)?;
        let order: Vec<usize> = (1..spatial + 1).chain([0, spatial + 1]).collect();
        let g = b.permute(g, &order)?;
        let slides = self.slides.iter().enumerate().map(|(i, s)| {
            let slide = Slide { stride: s.dilation, dilation: s.stride, ..*s };
            let room = s.span(w[i]) - 1 + slide.span(out[i + 1]);
            Slide { high: room - s.spread_out(dims[i + 1]) - s.low, ..slide }
        });
        let gw = b.one(Conv { slides: slides.collect(), groups: self.groups }, &[x, g])?;
        let order: Vec<usize> = (1..spatial + 1).chain([0, spatial + 1]).collect();
        b.permute(gw, &order)
    }
}

impl Op for Conv {
    fn name(&self) -> &'static str {
        "conv"
    }

    fn infer(&self, inputs: &[Meta]) -> Result<Vec<Meta>> {
        let [x, w] = crate::op::arguments(inputs)?;
        crate::elementwise::rules::same_type(x, w)?;
        if x.dtype == rhyton_base::DType::Bool {
            return Err(Error::dtype("expected numbers, got bool; cast them to float32"));
        }
        if w.shape.rank() != x.shape.rank() {
            return Err(Error::shape(format!(
                "expected a kernel of rank {} for inputs of shape {}, got shape {}",
                x.shape.rank(),
                x.shape,
                w.shape
            )));
        }
        let Some(window) = w.shape.known() else {
            return Err(Error::shape(format!("expected a kernel of known shape, got {}", w.shape)));
        };
        let spatial = window.len().saturating_sub(2);
        let mut dims = vec![*x.shape.dims().first().unwrap_or(&Dim::Unknown)];
        dims.extend(slid(&x.shape, &window[..spatial], &self.slides)?);
        let (channels, filters) = (window[spatial], window[spatial + 1]);
        let fits = x.shape.last()?.known().is_none_or(|c| Some(c) == channels.checked_mul(self.groups));
        if self.groups == 0 || !fits || !filters.is_multiple_of(self.groups) {
            return Err(Error::shape(format!(
                "a kernel of shape {} with {} groups does not fit inputs of shape {}; its last but one axis times \
                 the groups must be the input's channels, and its last a multiple of the groups",
                w.shape, self.groups, x.shape
            )));
        }
        dims.push(Dim::Known(filters));
        let shape = Shape::from(dims);
        shape.known().map_or(Ok(0), |dims| rhyton_base::element_count(&dims))?;
        Ok(vec![Meta { dtype: x.dtype, shape }])
    }

    fn lower(&self, inputs: &[Meta]) -> Lowered {
        if self.is_product(&inputs[1].dims()) {
            return Lowered::Compose;
        }
        Lowered::Kernel(Kernel::Conv { slides: self.slides.clone(), groups: self.groups })
    }

    fn compose(&self, b: &mut dyn Build, inputs: &[Value]) -> Result<Vec<Value>> {
        let (mut dims, w) = (b.dims(inputs[0]), b.dims(inputs[1]));
        let (channels, filters) = (w[w.len() - 2], w[w.len() - 1]);
        let rows = dims[..dims.len() - 1].iter().product();
        let x = b.reshape(inputs[0], &[rows, channels])?;
        let w = b.reshape(inputs[1], &[channels, filters])?;
        let out = b.matmul(x, w)?;
        *dims.last_mut().expect("rank 3 or more") = filters;
        Ok(vec![b.reshape(out, &dims)?])
    }

    fn vjp(&self, b: &mut dyn Build, a: &Application) -> Grads {
        let Some(g) = a.cotangents[0] else { return Ok(vec![None, None]) };
        let dims = [b.dims(a.inputs[0]), b.dims(a.inputs[1]), b.dims(g)];
        let [x, w, _] = &dims;
        let dtype = b.dtype(g);
        let empty = dims.iter().flatten().any(|&n| n == 0);
        let (mut gx, mut gw) = (None, None);
        if a.wanted[0] {
            gx = Some(if empty { b.full(x, 0.0, dtype)? } else { self.by_input(b, a.inputs[1], g, x)? });
        }
        if a.wanted[1] {
            gw = Some(if empty { b.full(w, 0.0, dtype)? } else { self.by_window(b, a.inputs[0], g, w)? });
        }
        Ok(vec![gx, gw])
    }
}

impl Conv {
    /// Cases for the tests that walk the registry.
    pub fn samples() -> Vec<Sample> {
        let slide = |stride, low, high, spread, dilation| Slide { stride, low, high, spread, dilation };
        let conv = |slides: &[Slide], groups| Conv { slides: slides.to_vec(), groups };
        let numbers = Domain::uniform::<3>;
        vec![
            Sample::new(
                conv(&[Slide::PLAIN], 1),
                [numbers([2, 4, 2], -1.0, 1.0), numbers([2, 2, 2], -1.0, 1.0)],
            ),
            Sample::new(
                conv(&[Slide::PLAIN], 1),
                [numbers([1, 3, 2], -1.0, 1.0), numbers([1, 2, 2], -1.0, 1.0)],
            ),
            Sample::new(
                conv(&[slide(2, 1, 2, 1, 2)], 2),
                [numbers([1, 5, 4], -1.0, 1.0), numbers([2, 2, 2], -1.0, 1.0)],
            ),
            Sample::new(
                conv(&[slide(3, -1, 4, 2, 1)], 2),
                [numbers([2, 4, 2], -1.0, 1.0), numbers([3, 1, 4], -1.0, 1.0)],
            ),
            Sample::new(
                conv(&[slide(2, 1, 0, 1, 1), Slide::PLAIN], 1),
                [Domain::uniform([1, 3, 3, 2], -1.0, 1.0), Domain::uniform([2, 2, 2, 1], -1.0, 1.0)],
            ),
            Sample::new(
                conv(&[Slide::PLAIN], 1),
                [
                    Domain::exact(rhyton_base::DType::F64, [1, 4, 1], &[1.0, 2.0, 3.0, 4.0]),
                    Domain::exact(rhyton_base::DType::F64, [2, 1, 1], &[1.0, 10.0]),
                ],
            )
            .expect(&[21.0, 32.0, 43.0]),
        ]
    }
}
