//! `LSTM` and its cell: long short-term memory.

use super::parts::*;

macro_rules! forget_bias {
    ($Layer:ident) => {
        gate_setters!($Layer gates);

        impl $Layer {
            /// Whether the bias of the forget gate begins with ones; true by default.
            #[must_use]
            pub fn unit_forget_bias(mut self, unit_forget_bias: bool) -> $Layer {
                self.core.unit_forget_bias = unit_forget_bias;
                self
            }
        }
    };
}

cell! {
    /// One step of [`LSTM`].
    ///
    /// - Called on `[x, h, c]` of shapes `(batch, features)` and twice `(batch, units)`; gives `[h', h', c']`. Weights:
    ///   `kernel` `(features, 4 · units)`, `recurrent_kernel` `(units, 4 · units)`, `bias` `(4 · units,)`.
    /// - Defaults and errors are those of [`LSTM`].
    ///
    /// ```
    /// use rhyton_nn::layers::{LSTMCell, RNN, StackedRNNCells};
    /// use rhyton_tensor::{DType, ops};
    /// let stack = StackedRNNCells::new([LSTMCell::new(8).into(), LSTMCell::new(4).into()]);
    /// assert_eq!(RNN::new(stack).call(&ops::ones([2, 5, 3], DType::F32)?)?.shape(), [2, 4]);
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    ///
    /// Source: `keras/src/layers/rnn/lstm.py`.
    LSTMCell "LSTMCell" Lstm
}
forget_bias!(LSTMCell);

recurrent! {
    /// Goes through sequences with a memory `c` and a state `h`, and gates that say what is written, kept and shown:
    ///
    /// ```text
    /// i, f, g, o = parts of x[t] · kernel + h[t - 1] · recurrent_kernel + bias
    /// c[t] = recurrent_activation(f) · c[t - 1] + recurrent_activation(i) · activation(g)
    /// h[t] = recurrent_activation(o) · activation(c[t])
    /// ```
    ///
    /// - Shapes: `(batch, steps, features)` becomes `(batch, units)`, or `(batch, steps, units)` with `return_sequences`;
    ///   with `return_state` the last `h` and `c`, both `(batch, units)`, follow. Weights: `kernel` `(features, 4 · units)`,
    ///   `recurrent_kernel` `(units, 4 · units)`, `bias` `(4 · units,)`, in the order i, f, g, o.
    /// - Initial states `h` and `c` can be given behind the input; zeros otherwise.
    /// - Defaults: `tanh`, `sigmoid` for gates, with a bias, `glorot_uniform` kernel, `orthogonal` recurrent kernel, a bias
    ///   of zeros, ones for the forget gate; no dropout.
    /// - Masked steps leave the states as they are. The mask goes on with `return_sequences`.
    /// - Errors: 0 units; rates outside [0, 1]; an input of fewer than 3 axes or with other features than it was built for.
    ///
    /// ```
    /// use rhyton_nn::layers::{AnyLayer, LSTM};
    /// use rhyton_tensor::{DType, ops};
    /// let x = ops::ones([2, 5, 3], DType::F32)?;
    /// assert_eq!(LSTM::new(4).call(&x)?.shape(), [2, 4]);
    ///
    /// // The states of one go on in another.
    /// let encoder = AnyLayer::from(LSTM::new(4).return_state(true));
    /// let [_, h, c] = <[_; 3]>::try_from(encoder.call_all(&x)?).expect("a result and two states");
    /// let decoder = AnyLayer::from(LSTM::new(4).return_sequences(true));
    /// assert_eq!(decoder.call([&x, &h, &c])?.shape(), [2, 5, 4]);
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    ///
    /// Source: Hochreiter and Schmidhuber, "Long short-term memory", Neural Computation 9, 1997;
    /// `keras/src/layers/rnn/lstm.py`.
    LSTM "LSTM" LSTMCell "lstm_cell" Lstm
}
forget_bias!(LSTM);
