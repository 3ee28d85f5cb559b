//! `GRU` and its cell: gated recurrent units.

use super::parts::*;

macro_rules! reset_after {
    ($Layer:ident) => {
        gate_setters!($Layer gates);

        impl $Layer {
            /// Whether the state is reset after it was multiplied with its matrix, and not before; true by default.
            #[must_use]
            pub fn reset_after(mut self, reset_after: bool) -> $Layer {
                self.core.reset_after = reset_after;
                self
            }
        }
    };
}

cell! {
    /// One step of [`GRU`].
    ///
    /// - Called on `[x, h]` of shapes `(batch, features)` and `(batch, units)`; gives `h'` twice. Weights, defaults and
    ///   errors are those of [`GRU`].
    ///
    /// Source: `keras/src/layers/rnn/gru.py`.
    GRUCell "GRUCell" Gru
}
reset_after!(GRUCell);

recurrent! {
    /// Goes through sequences with one state, and gates that say how much of it is kept and how much goes into what is new:
    ///
    /// ```text
    /// z, r = recurrent_activation(x[t] · kernel + bias[0] + h[t - 1] · recurrent_kernel + bias[1]), the first two parts
    /// g = activation(x[t] · kernel_g + bias_g[0] + r · (h[t - 1] · recurrent_kernel_g + bias_g[1]))
    /// h[t] = z · h[t - 1] + (1 - z) · g
    /// ```
    ///
    /// With `reset_after(false)` there is one bias, and `g = activation(x[t] · kernel_g + bias_g + (r · h[t - 1]) ·
    /// recurrent_kernel_g)`.
    ///
    /// - Shapes: `(batch, steps, features)` becomes `(batch, units)`, or `(batch, steps, units)` with `return_sequences`;
    ///   with `return_state` the last state `(batch, units)` follows. Weights: `kernel` `(features, 3 · units)`,
    ///   `recurrent_kernel` `(units, 3 · units)`, `bias` `(2, 3 · units)` or `(3 · units,)`, in the order z, r, g.
    /// - An initial state can be given behind the input; zeros otherwise.
    /// - Defaults: `tanh`, `sigmoid` for gates, with biases, `glorot_uniform` kernel, `orthogonal` recurrent kernel, `zeros`
    ///   biases, no dropout, reset after the product.
    /// - Masked steps leave the state as it is. The mask goes on with `return_sequences`.
    /// - Errors: 0 units; rates outside [0, 1]; an input of fewer than 3 axes or with other features than it was built for.
    ///
    /// ```
    /// use rhyton_nn::layers::GRU;
    /// use rhyton_tensor::{DType, ops};
    /// let y = GRU::new(4).return_sequences(true).call(&ops::ones([2, 5, 3], DType::F32)?)?;
    /// assert_eq!(y.shape(), [2, 5, 4]);
    /// # Ok::<(), rhyton_base::Error>(())
    /// ```
    ///
    /// Source: Cho et al., "Learning phrase representations using RNN encoder-decoder for statistical machine
    /// translation", EMNLP 2014; `keras/src/layers/rnn/gru.py`.
    GRU "GRU" GRUCell "gru_cell" Gru
}
reset_after!(GRU);
