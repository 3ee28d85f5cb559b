//! What layers are called with: one tensor or several.

use rhyton_tensor::Tensor;

/// One tensor or several: `&x`, `[&a, &b]`, `&[a, b]`, `vec![a, b]`.
pub trait LayerInputs {
    /// All of them.
    fn into_tensors(self) -> Vec<Tensor>;
}

impl LayerInputs for &Tensor {
    fn into_tensors(self) -> Vec<Tensor> {
        vec![self.clone()]
    }
}

impl LayerInputs for &[Tensor] {
    fn into_tensors(self) -> Vec<Tensor> {
        self.to_vec()
    }
}

impl LayerInputs for Vec<Tensor> {
    fn into_tensors(self) -> Vec<Tensor> {
        self
    }
}

impl LayerInputs for &Vec<Tensor> {
    fn into_tensors(self) -> Vec<Tensor> {
        self.clone()
    }
}

impl<const N: usize> LayerInputs for [&Tensor; N] {
    fn into_tensors(self) -> Vec<Tensor> {
        self.into_iter().cloned().collect()
    }
}

impl<const N: usize> LayerInputs for &[Tensor; N] {
    fn into_tensors(self) -> Vec<Tensor> {
        self.to_vec()
    }
}
