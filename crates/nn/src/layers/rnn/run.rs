//! The loop of recurrent layers: what it can be told, its files, shapes, and the pass over a batch of sequences.

use super::cells::{draw, gives_its_state, last_result, output_size, prepare, state_sizes, step};
use crate::layers::any::AnyLayer;
use crate::layers::build::BuildCx;
use crate::layers::layer::CallCx;
use crate::layers::reader::ConfigReader;
use crate::numbers::{filled, like};
use crate::spec::Config;
use rhyton_base::{DType, Dim, Error, Result, Shape};
use rhyton_ops::Meta;
use rhyton_tensor::{Tensor, Variable, ops, with_autocast};
use serde_json::{Value, json};

/// How a recurrent layer goes over sequences, and the states that it keeps between batches.
#[derive(Clone, Debug, Default)]
pub(super) struct Loop {
    pub return_sequences: bool,
    pub return_state: bool,
    pub go_backwards: bool,
    pub stateful: bool,
    pub unroll: bool,
    pub zero_output_for_mask: bool,
    kept: Vec<Variable>,
    /// The shapes it was built for.
    built: Vec<Shape>,
}

impl Loop {
    pub fn read(r: &mut ConfigReader) -> Result<Loop> {
        // Old files have it; there is one order of axes now.
        if r.bool("time_major")? == Some(true) {
            return Err(Error::unsupported(
                "key \"time_major\": this version takes (batch, steps, features) only",
            ));
        }
        let mut flag = |key| Ok::<_, Error>(r.bool(key)?.unwrap_or(false));
        Ok(Loop {
            return_sequences: flag("return_sequences")?,
            return_state: flag("return_state")?,
            go_backwards: flag("go_backwards")?,
            stateful: flag("stateful")?,
            unroll: flag("unroll")?,
            zero_output_for_mask: flag("zero_output_for_mask")?,
            ..Loop::default()
        })
    }

    pub fn write(&self, config: &mut Config) {
        for (key, value) in [
            ("return_sequences", self.return_sequences),
            ("return_state", self.return_state),
            ("go_backwards", self.go_backwards),
            ("stateful", self.stateful),
            ("unroll", self.unroll),
            ("zero_output_for_mask", self.zero_output_for_mask),
        ] {
            config.insert(key.into(), Value::from(value));
        }
    }

    /// Builds the cell, and what is kept between batches.
    pub fn build(&mut self, cell: &AnyLayer, cx: &BuildCx, inputs: &[Shape]) -> Result<()> {
        let sizes = self.check(cell, inputs)?;
        let dims = inputs[0].dims();
        let steps: Shape = std::iter::once(&dims[0]).chain(&dims[2..]).copied().collect();
        cell.build(&steps)?;
        self.built = inputs.to_vec();
        if self.stateful {
            let batch = dims[0].known().ok_or_else(|| {
                Error::shape(format!(
                    "stateful(true) needs a batch size that is known, got input shape {}; give it with \
                     Input::new(..).batch_size(n)",
                    inputs[0]
                ))
            })?;
            let state = |&size: &usize| {
                let value = filled(&[batch, size], 0.0, cell.dtype_policy().variable_dtype())?;
                Ok(Variable::named(value, format!("{}/rnn_state", cx.path()), false))
            };
            self.kept = sizes.iter().map(state).collect::<Result<_>>()?;
        }
        Ok(())
    }

    /// What files keep about the shapes it was built for, where there were initial states.
    pub fn build_config(&self) -> Option<Value> {
        shapes_beside_states(&self.built)
    }

    /// An error where inputs do not fit; the sizes of the states.
    fn check(&self, cell: &AnyLayer, inputs: &[Shape]) -> Result<Vec<usize>> {
        let sizes = state_sizes(cell)?;
        let [x, states @ ..] = inputs else {
            return Err(Error::value("expected an input, got none"));
        };
        if x.rank() < 3 {
            return Err(Error::shape(format!(
                "expected an input of at least 3 axes (batch, steps, features), got shape {x}"
            )));
        }
        if !states.is_empty() && states.len() != sizes.len() {
            return Err(Error::value(format!(
                "expected {} initial states behind the input, got {}",
                sizes.len(),
                states.len()
            )));
        }
        for (i, (state, &size)) in states.iter().zip(&sizes).enumerate() {
            let expected = Shape::from(vec![x.dims()[0], Dim::Known(size)]);
            if state.rank() != 2 || state.last()?.known().is_some_and(|n| n != size) {
                return Err(Error::shape(format!(
                    "expected shape {expected} of initial state {i}, got {state}"
                )));
            }
        }
        if let (Some(kept), Some(got)) = (self.kept.first(), x.dims()[0].known())
            && kept.shape()[0] != got
        {
            return Err(Error::shape(format!(
                "expected a batch of {}, as states are kept from batch to batch, got {got}",
                kept.shape()[0]
            )));
        }
        if x.dims()[1].known() == Some(0) {
            return Err(Error::shape(format!("expected at least one step, got input shape {x}")));
        }
        Ok(sizes)
    }

    /// The shapes of the results.
    pub fn shapes(&self, cell: &AnyLayer, inputs: &[Shape]) -> Result<Vec<Shape>> {
        let sizes = self.check(cell, inputs)?;
        let (batch, size) = (inputs[0].dims()[0], Dim::Known(output_size(cell)?));
        let mut shapes = vec![match self.return_sequences {
            true => Shape::from(vec![batch, inputs[0].dims()[1], size]),
            false => Shape::from(vec![batch, size]),
        }];
        if self.return_state {
            shapes.extend(sizes.iter().map(|&n| Shape::from(vec![batch, Dim::Known(n)])));
        }
        Ok(shapes)
    }

    /// Types and shapes of the results.
    pub fn infer(&self, cell: &AnyLayer, inputs: &[Meta], compute: DType) -> Result<Vec<Meta>> {
        let shapes: Vec<Shape> = inputs.iter().map(|m| m.shape.clone()).collect();
        Ok(self.shapes(cell, &shapes)?.into_iter().map(|shape| Meta { dtype: compute, shape }).collect())
    }

    /// The masks of the results.
    pub fn masks(&self, inputs: &[Tensor], outputs: usize) -> Vec<Option<Tensor>> {
        let mut masks = vec![None; outputs];
        if self.return_sequences && outputs > 0 {
            masks[0] = inputs.first().and_then(|x| x.mask().cloned());
        }
        masks
    }

    /// Has the next batch begin from zeros.
    pub fn reset(&self) -> Result<()> {
        self.kept.iter().try_for_each(|v| v.assign(&filled(v.shape(), 0.0, v.dtype())?))
    }

    /// The input with its mask, and the initial states. As in Keras, the mask of the input counts where it stands alone; beside
    /// initial states one must be given by name.
    pub fn parts(inputs: &[Tensor], cx: &CallCx) -> (Tensor, Vec<Tensor>) {
        let named = cx.places("mask");
        let given = named.first().and_then(|&i| inputs.get(i));
        let states: Vec<Tensor> = inputs
            .iter()
            .enumerate()
            .skip(1)
            .filter(|(i, _)| !named.contains(i))
            .map(|(_, x)| x.clone())
            .collect();
        let own = if states.is_empty() { inputs[0].mask() } else { None };
        (inputs[0].with_mask(given.or(own).cloned()), states)
    }

    /// The pass over a batch of sequences.
    pub fn run(&self, cell: &AnyLayer, inputs: &[Tensor], cx: &CallCx) -> Result<Vec<Tensor>> {
        let (x, states) = Loop::parts(inputs, cx);
        let compute = cell.dtype();
        let mixed = compute != cell.dtype_policy().variable_dtype();
        let results = with_autocast(mixed.then_some(compute), || self.pass(cell, &x, &states, cx))?;
        results.iter().map(|y| ops::cast(y, x.dtype())).collect()
    }

    fn pass(&self, cell: &AnyLayer, x: &Tensor, states: &[Tensor], cx: &CallCx) -> Result<Vec<Tensor>> {
        let compute = cell.dtype();
        let (batch, features) = (x.shape()[0], x.shape()[x.rank() - 1]);
        let initial: Vec<Tensor> = match (states, self.kept.as_slice()) {
            ([], []) => {
                let zeros = |n: &usize| ops::zeros([batch, *n], compute);
                state_sizes(cell)?.iter().map(zeros).collect::<Result<_>>()?
            }
            ([], kept) => {
                kept.iter().map(|v| ops::cast(&v.stored_value(), compute)).collect::<Result<_>>()?
            }
            (given, _) => given.iter().map(|h| ops::cast(h, compute)).collect::<Result<_>>()?,
        };
        let drawn = draw(cell, batch, features, cx.training)?;
        let steps_first = ops::swapaxes(&ops::cast(x, compute)?, 0, 1)?;
        let mut xs = vec![prepare(cell, &steps_first, &drawn)?];
        if let Some(mask) = x.mask() {
            let mask = ops::cast(mask, DType::Bool)?;
            // A step counts where any part of it does.
            let mask = match mask.rank() {
                2 => ops::expand_dims(&mask, -1)?,
                rank => {
                    let axes: Vec<isize> = (2..rank as isize).collect();
                    ops::expand_dims(&ops::any(&mask, &axes[..])?, -1)?
                }
            };
            xs.push(ops::swapaxes(&mask, 0, 1)?);
        }
        let masked = xs.len() == 2;
        let zeroed = masked && self.zero_output_for_mask;
        let before = last_result(cell)?;
        // Where the last state is the last result, results need not be kept.
        let rows = self.return_sequences || zeroed || !gives_its_state(cell);
        let body = |states: &[Tensor], x: &[Tensor]| {
            let (mut y, mut next) = step(cell, &x[0], states, &drawn, cx)?;
            if let Some(counts) = x.get(1) {
                let other = if zeroed { like(&y, 0.0)? } else { states[before].clone() };
                y = ops::r#where(counts, &y, &other)?;
                let kept = |(new, old): (&Tensor, &Tensor)| ops::r#where(counts, new, old);
                next = next.iter().zip(states).map(kept).collect::<Result<_>>()?;
            }
            Ok((next, if rows { vec![y] } else { Vec::new() }))
        };
        let (last, mut results) = ops::scan(body, &initial, &xs, None, self.go_backwards)?;
        for (kept, state) in self.kept.iter().zip(&last) {
            kept.assign(state)?;
        }
        let y = match results.pop() {
            None => last[before].clone(),
            // Results stand at the places of their inputs; the one made last comes last.
            Some(all) if self.return_sequences => {
                let all = if self.go_backwards { ops::flip(&all, 0)? } else { all };
                ops::swapaxes(&all, 0, 1)?
            }
            Some(all) => {
                let at = if self.go_backwards { 0 } else { all.shape()[0] - 1 };
                ops::squeeze(&ops::narrow(&all, 0, at, at + 1)?, 0)?
            }
        };
        let mut all = vec![y];
        if self.return_state {
            all.extend(last);
        }
        Ok(all)
    }
}

/// What files keep about shapes that a layer was built for, where there were initial states.
pub(super) fn shapes_beside_states(built: &[Shape]) -> Option<Value> {
    let sizes = |s: &Shape| -> Value { s.dims().iter().map(|d| json!(d.known())).collect() };
    let (x, states) = built.split_first().filter(|(_, states)| !states.is_empty())?;
    let states: Vec<Value> = states.iter().map(sizes).collect();
    Some(json!({"shapes_dict": {"sequences_shape": sizes(x), "initial_state_shape": states}}))
}
