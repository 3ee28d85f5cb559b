//! `SimpleRNN` and its cell: the result of a step is the state of the next.

use super::parts::*;

cell! {
    /// One step of [`SimpleRNN`]: `h' = activation(x · kernel + bias + h · recurrent_kernel)`.
    ///
    /// - Called on `[x, h]` of shapes `(batch, features)` and `(batch, units)`; gives `h'` twice, as the result and as the
    ///   next state. Weights: `kernel` `(features, units)`, `recurrent_kernel` `(units, units)`, `bias` `(units,)`.
    /// - Defaults: `tanh`, with a bias, `glorot_uniform` kernel, `orthogonal` recurrent kernel, `zeros` bias, no dropout.
    /// - Errors: 0 units; rates outside [0, 1]; other features than it was built for.
    ///
    /// ```
    /// use rhyton_nn::layers::{AnyLayer, RNN, SimpleRNNCell};
    /// use rhyton_tensor::{DType, ops};
    /// let cell = AnyLayer::from(SimpleRNNCell::new(4));
    /// let step = cell.call_all([&ops::ones([2, 3], DType::F32)?, &ops::zeros([2, 4], DType::F32)?])?;
    /// assert_eq!((step.len(), step[0].shape()), (2, [2, 4].as_slice()));
    /// assert_eq!(RNN::new(&cell).call(&ops::ones([2, 5, 3], DType::F32)?)?.shape(), [2, 4]);
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    ///
    /// Source: `keras/src/layers/rnn/simple_rnn.py`.
    SimpleRNNCell "SimpleRNNCell" Simple
}
gate_setters!(SimpleRNNCell);

recurrent! {
    /// Goes through sequences with one state, which is the result of the step before:
    /// `h[t] = activation(x[t] · kernel + bias + h[t - 1] · recurrent_kernel)`.
    ///
    /// - Shapes: `(batch, steps, features)` becomes `(batch, units)`, or `(batch, steps, units)` with `return_sequences`;
    ///   with `return_state` the last state `(batch, units)` follows. Weights: `kernel` `(features, units)`,
    ///   `recurrent_kernel` `(units, units)`, `bias` `(units,)`.
    /// - An initial state can be given behind the input; zeros otherwise.
    /// - Defaults: `tanh`, with a bias, `glorot_uniform` kernel, `orthogonal` recurrent kernel, `zeros` bias, no dropout.
    /// - Masked steps leave the state as it is. The mask goes on with `return_sequences`.
    /// - Errors: 0 units; rates outside [0, 1]; an input of fewer than 3 axes or with other features than it was built for.
    ///
    /// ```
    /// use rhyton_nn::layers::SimpleRNN;
    /// use rhyton_tensor::Tensor;
    /// let x = Tensor::from([[[1.0f32], [2.0], [3.0]]]);
    /// let sums = SimpleRNN::new(1).activation("linear").kernel_initializer("ones").recurrent_initializer("ones");
    /// assert_eq!(sums.return_sequences(true).call(&x)?.to_vec::<f32>()?, [1.0, 3.0, 6.0]);
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    ///
    /// Source: Elman, "Finding structure in time", Cognitive Science 14, 1990; `keras/src/layers/rnn/simple_rnn.py`.
    SimpleRNN "SimpleRNN" SimpleRNNCell "simple_rnn_cell" Simple
}
gate_setters!(SimpleRNN);
