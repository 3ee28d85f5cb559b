//! `StackedRNNCells`: cells one after the other as one cell.

use super::cells::{Drawn, draw, output_size, prepare, step};
use super::gates::for_input;
use super::parts::*;
use crate::layers::envelope::envelope;
use rhyton_base::{Dim, Error};
use serde_json::Value;

/// Cells one after the other as one cell: each step goes through all of them, each with states of its own.
///
/// - Called on the input of a step and the states of all cells, one cell after the other; gives the result of the last
///   cell and the next states in the same order. Weights: the cells'.
/// - Errors: no cells; a layer without states.
///
/// ```
/// use rhyton_nn::layers::{AnyLayer, GRUCell, LSTMCell, RNN, StackedRNNCells};
/// use rhyton_tensor::{DType, ops};
/// let cells = StackedRNNCells::new([LSTMCell::new(8).into(), GRUCell::new(4).into()]);
/// let layer = AnyLayer::from(RNN::new(cells).return_state(true));
/// let results = layer.call_all(&ops::ones([2, 5, 3], DType::F32)?)?;
/// let sizes: Vec<usize> = results.iter().map(|r| r.shape()[1]).collect();
/// assert_eq!(sizes, [4, 8, 8, 4]);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
///
/// Source: `keras/src/layers/rnn/stacked_rnn_cells.py`.
pub struct StackedRNNCells {
    cells: Vec<AnyLayer>,
    built: Option<Shape>,
    pub(in crate::layers) options: LayerOptions,
}

common_options!(StackedRNNCells);

impl StackedRNNCells {
    /// These cells as one.
    pub fn new(cells: impl IntoIterator<Item = AnyLayer>) -> StackedRNNCells {
        StackedRNNCells { cells: cells.into_iter().collect(), built: None, options: LayerOptions::default() }
    }

    pub(in crate::layers) fn from_reader(r: &mut ConfigReader) -> Result<StackedRNNCells> {
        Ok(StackedRNNCells::new(r.layers("cells")?))
    }

    pub(super) fn cells(&self) -> &[AnyLayer] {
        &self.cells
    }
}

impl Layer for StackedRNNCells {
    basics!("StackedRNNCells");

    fn config(&self) -> Config {
        let cells: Vec<Value> = self.cells.iter().map(envelope).collect();
        crate::arguments::config([("cells", Value::from(cells))])
    }

    fn build_all(&mut self, _cx: &mut BuildCx, inputs: &[Shape]) -> Result<()> {
        let mut input = only_first(inputs)?.clone();
        self.built = Some(input.clone());
        for cell in &self.cells {
            cell.build(&input)?;
            input = Shape::from(vec![input.dims()[0], Dim::Known(output_size(cell)?)]);
        }
        Ok(())
    }

    fn call_all(&self, inputs: &[Tensor], cx: &CallCx) -> Result<Vec<Tensor>> {
        let (mut x, mut states) = (only_first(inputs)?.clone(), &inputs[1..]);
        let mut next = Vec::new();
        for cell in &self.cells {
            let drawn: Drawn = draw(cell, x.shape()[0], x.shape()[x.rank() - 1], cx.training)?;
            let (own, rest) = states.split_at(super::cells::state_sizes(cell)?.len().min(states.len()));
            let (y, new) = step(cell, &prepare(cell, &x, &drawn)?, own, &drawn, cx)?;
            next.extend(new);
            (x, states) = (y, rest);
        }
        next.insert(0, x);
        Ok(next)
    }

    fn output_shapes(&self, inputs: &[Shape]) -> Result<Option<Vec<Shape>>> {
        let input = only_first(inputs)?;
        let Some(last) = self.cells.last() else {
            return Err(Error::value("expected at least one cell, got none"));
        };
        let shape = |size: usize| Shape::from(vec![input.dims()[0], Dim::Known(size)]);
        let sizes = std::iter::once(output_size(last)?).chain(self.state_sizes());
        Ok(Some(sizes.map(shape).collect()))
    }

    fn build_config(&self) -> Option<Value> {
        self.built.as_ref().map(for_input)
    }

    fn state_sizes(&self) -> Vec<usize> {
        self.cells.iter().flat_map(|c| c.with_layer(|l| l.state_sizes())).collect()
    }

    fn output_size(&self) -> Option<usize> {
        output_size(self.cells.last()?).ok()
    }

    fn sublayers(&self) -> Vec<(String, AnyLayer)> {
        crate::sublayers!(self.cells)
    }

    fn as_any(&self) -> Option<&dyn Any> {
        Some(self)
    }
}
