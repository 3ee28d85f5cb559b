//! `RNN`: a recurrent layer around any cell.

use super::parts::*;
use crate::layers::envelope::envelope;

/// Goes through sequences with a cell: any layer that is called on the input of a step and the states, and gives a result and
/// the next states.
///
/// What makes a layer a cell is [`Layer::state_sizes`], the size of each state.
///
/// - Shapes: `(batch, steps, ...)` becomes `(batch, size)`, the size of the cell's result, or `(batch, steps, size)` with
///   `return_sequences`; with `return_state` the last states follow, those of stacked cells one after the other. Weights:
///   the cell's.
/// - Initial states can be given behind the input; zeros otherwise.
/// - Masked steps leave the states as they are, and give the first state as their result (of stacked cells that of the
///   last one). The mask goes on with `return_sequences`.
/// - Errors: a layer without states; results of other numbers or shapes than the states; an input of fewer than 3 axes.
///
/// ```
/// use rhyton_base::Result;
/// use rhyton_nn::layers::{CallCx, Layer, RNN};
/// use rhyton_tensor::Tensor;
///
/// /// Adds up what it sees.
/// struct Adding;
///
/// impl Layer for Adding {
///     fn state_sizes(&self) -> Vec<usize> {
///         vec![1]
///     }
///
///     fn call_all(&self, inputs: &[Tensor], _cx: &CallCx) -> Result<Vec<Tensor>> {
///         let sum = &inputs[0] + &inputs[1];
///         Ok(vec![sum.clone(), sum])
///     }
/// }
///
/// let x = Tensor::from([[[1.0f32], [2.0], [3.0]]]);
/// assert_eq!(RNN::new(Adding).return_sequences(true).call(&x)?.to_vec::<f32>()?, [1.0, 3.0, 6.0]);
/// # Ok::<(), rhyton_base::Error>(())
/// ```
///
/// Source: `keras/src/layers/rnn/rnn.py`.
pub struct RNN {
    cell: AnyLayer,
    flags: Loop,
    pub(in crate::layers) options: LayerOptions,
}

common_options!(RNN);
loop_setters!(RNN);

impl RNN {
    /// A layer around this cell.
    pub fn new(cell: impl Into<AnyLayer>) -> RNN {
        RNN { cell: cell.into(), flags: Loop::default(), options: LayerOptions::default() }
    }

    pub(in crate::layers) fn from_reader(r: &mut ConfigReader) -> Result<RNN> {
        Ok(RNN { flags: Loop::read(r)?, ..RNN::new(&r.layer("cell")?) })
    }

    fn cell(&self) -> &AnyLayer {
        &self.cell
    }
}

impl Layer for RNN {
    basics!("RNN");

    fn config(&self) -> Config {
        let mut config = crate::arguments::config([("cell", envelope(&self.cell))]);
        self.flags.write(&mut config);
        config
    }

    loop_methods!();
}
