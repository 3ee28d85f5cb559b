//! What recurrent layers do with cells: those that they know from the inside, and any layer with states.

use super::gates::{Core, Noise};
use super::{GRUCell, LSTMCell, SimpleRNNCell, StackedRNNCells};
use crate::layers::any::AnyLayer;
use crate::layers::layer::{CallCx, Layer};
use rhyton_base::{Error, Result};
use rhyton_tensor::{DType, Tensor, ops};

/// A cell from the inside.
enum Known<'a> {
    Gates(&'a Core),
    Stack(&'a [AnyLayer]),
    Other,
}

fn known(cell: &dyn Layer) -> Known<'_> {
    let Some(any) = cell.as_any() else { return Known::Other };
    if let Some(stack) = any.downcast_ref::<StackedRNNCells>() {
        return Known::Stack(stack.cells());
    }
    let gates = any.downcast_ref().map(|c: &SimpleRNNCell| &c.core);
    let gates = gates.or_else(|| any.downcast_ref().map(|c: &LSTMCell| &c.core));
    gates.or_else(|| any.downcast_ref().map(|c: &GRUCell| &c.core)).map_or(Known::Other, Known::Gates)
}

/// What a pass over a sequence draws beforehand, so that it is the same at all steps.
pub(super) enum Drawn {
    Nothing,
    Gates(Noise),
    Stack(Vec<Drawn>),
}

/// The sizes of a cell's states.
///
/// # Errors
/// Where the layer is no cell.
pub(super) fn state_sizes(cell: &AnyLayer) -> Result<Vec<usize>> {
    let sizes = cell.with_layer(|l| l.state_sizes());
    match sizes.is_empty() {
        false => Ok(sizes),
        true => Err(Error::value(format!(
            "{} is no cell: it has no states; a cell is a layer whose state_sizes() gives the size of each",
            cell.who()
        ))),
    }
}

/// The size of a cell's result.
pub(super) fn output_size(cell: &AnyLayer) -> Result<usize> {
    let own = cell.with_layer(|l| l.output_size());
    Ok(own.unwrap_or(state_sizes(cell)?[0]))
}

/// Which state is taken for the last result where a step is masked: the first, of the last of stacked cells.
pub(super) fn last_result(cell: &AnyLayer) -> Result<usize> {
    cell.with_layer(|l| match known(l) {
        Known::Stack([first @ .., _]) => first.iter().map(|c| Ok(state_sizes(c)?.len())).sum(),
        _ => Ok(0),
    })
}

/// Whether that state is the result itself.
pub(super) fn gives_its_state(cell: &AnyLayer) -> bool {
    cell.with_layer(|l| match known(l) {
        Known::Gates(_) => true,
        Known::Stack([.., last]) => gives_its_state(last),
        _ => false,
    })
}

/// What is drawn for a pass over a batch of so many sequences of so many features.
pub(super) fn draw(cell: &AnyLayer, batch: usize, features: usize, training: bool) -> Result<Drawn> {
    let dtype: DType = cell.dtype();
    cell.with_layer(|l| match known(l) {
        Known::Gates(core) => Ok(Drawn::Gates(core.noise(batch, features, dtype, training)?)),
        Known::Stack(cells) => {
            let mut features = features;
            let each = cells.iter().map(|c| {
                let drawn = draw(c, batch, features, training);
                features = output_size(c)?;
                drawn
            });
            each.collect::<Result<_>>().map(Drawn::Stack)
        }
        Known::Other => Ok(Drawn::Nothing),
    })
}

/// What can be done with the inputs of all steps at once, and is not done again by [`step`].
pub(super) fn prepare(cell: &AnyLayer, xs: &Tensor, drawn: &Drawn) -> Result<Tensor> {
    cell.with_layer(|l| match (known(l), drawn) {
        (Known::Gates(core), Drawn::Gates(noise)) => core.project(xs, noise),
        (Known::Stack([first, ..]), Drawn::Stack(all)) => prepare(first, xs, &all[0]),
        _ => Ok(xs.clone()),
    })
}

/// One step on what [`prepare`] gives: the result and the next states.
pub(super) fn step(
    cell: &AnyLayer,
    x: &Tensor,
    states: &[Tensor],
    drawn: &Drawn,
    cx: &CallCx,
) -> Result<(Tensor, Vec<Tensor>)> {
    cell.with_layer(|l| match (known(l), drawn) {
        (Known::Gates(core), Drawn::Gates(noise)) => {
            let states = core.step(x, states, noise)?;
            Ok((states[0].clone(), states))
        }
        (Known::Stack(cells), Drawn::Stack(all)) => {
            let (mut x, mut rest, mut next) = (x.clone(), states, Vec::new());
            for (i, (cell, drawn)) in cells.iter().zip(all).enumerate() {
                let (own, others) = rest.split_at(state_sizes(cell)?.len().min(rest.len()));
                let input = if i == 0 { x } else { prepare(cell, &ops::cast(&x, cell.dtype())?, drawn)? };
                let (y, states) = step(cell, &input, own, drawn, cx)?;
                next.extend(states);
                (x, rest) = (y, others);
            }
            Ok((x, next))
        }
        _ => {
            let inputs: Vec<Tensor> = std::iter::once(x).chain(states).cloned().collect();
            let mut results = cell.call_all_in(&inputs, cx)?;
            if results.len() != states.len() + 1 {
                return Err(Error::value(format!(
                    "expected a result and {} states, got {} tensors",
                    states.len(),
                    results.len()
                ))
                .at(cell.who()));
            }
            let next = results.split_off(1);
            Ok((results.swap_remove(0), next))
        }
    })
}
