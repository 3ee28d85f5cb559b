//! Functions along an axis.

use rhyton_base::Result;
use rhyton_tensor::{Tensor, ops};

/// `e^x / Σ e^x` along the last axis: positive numbers whose sum is 1.
///
/// # Errors
/// See the [module](super).
///
/// ```
/// use rhyton_nn::activations::softmax;
/// use rhyton_tensor::Tensor;
/// let y = softmax(&Tensor::from([[0.0f32, 0.0], [1000.0, 0.0]])).unwrap();
/// assert_eq!(y.to_vec::<f32>().unwrap(), [0.5, 0.5, 1.0, 0.0]);
/// ```
pub fn softmax(x: &Tensor) -> Result<Tensor> {
    softmax_with(x, -1)
}

/// [`softmax`] along any axis.
///
/// # Errors
/// See the [module](super).
pub fn softmax_with(x: &Tensor, axis: isize) -> Result<Tensor> {
    ops::softmax(x, axis)
}

/// `x - log Σ e^x` along the last axis.
///
/// # Errors
/// See the [module](super).
pub fn log_softmax(x: &Tensor) -> Result<Tensor> {
    log_softmax_with(x, -1)
}

/// [`log_softmax`] along any axis.
///
/// # Errors
/// See the [module](super).
pub fn log_softmax_with(x: &Tensor, axis: isize) -> Result<Tensor> {
    ops::log_softmax(x, axis)
}

/// `a sigmoid(b)` of the two halves `a` and `b` of the last axis.
///
/// Source: Dauphin et al. 2016, "Language modeling with gated convolutional networks", equation 1.
///
/// # Errors
/// Where the axis is of odd size.
pub fn glu(x: &Tensor) -> Result<Tensor> {
    glu_with(x, -1)
}

/// [`glu`] along any axis.
///
/// # Errors
/// Where the axis is of odd size.
pub fn glu_with(x: &Tensor, axis: isize) -> Result<Tensor> {
    ops::glu(x, axis)
}

/// The point of the simplex (numbers from 0 to 1 with sum 1) nearest to `x` along the last axis; most of it is 0.
///
/// `max(x - τ, 0)` with `τ` such that the sum is 1. Every element is compared with every other of its row, so time
/// and memory grow with the square of the axis's size.
///
/// Source: Martins and Astudillo 2016, "From softmax to sparsemax", algorithm 1. Keras before 3.16 takes a wrong
/// threshold as soon as two elements survive.
///
/// # Errors
/// See the [module](super).
///
/// ```
/// use rhyton_nn::activations::sparsemax;
/// use rhyton_tensor::Tensor;
/// let y = sparsemax(&Tensor::from([0.5f32, 0.25, -1.0])).unwrap();
/// assert_eq!(y.to_vec::<f32>().unwrap(), [0.625, 0.375, 0.0]);
/// ```
pub fn sparsemax(x: &Tensor) -> Result<Tensor> {
    sparsemax_with(x, -1)
}

/// [`sparsemax`] along any axis.
///
/// # Errors
/// See the [module](super).
pub fn sparsemax_with(x: &Tensor, axis: isize) -> Result<Tensor> {
    ops::sparsemax(x, axis)
}
