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

/// What a layer is called with by name: a flag, or tensors.
///
/// Made by `into` from a truth value, a tensor, or several tensors.
#[derive(Clone, Debug)]
pub enum CallArgument {
    /// Whether something is to be done.
    Flag(bool),
    /// Tensors, and whether one stands for itself and not for a list of one.
    Tensors(Vec<Tensor>, bool),
}

impl From<bool> for CallArgument {
    fn from(flag: bool) -> CallArgument {
        CallArgument::Flag(flag)
    }
}

impl From<&Tensor> for CallArgument {
    fn from(x: &Tensor) -> CallArgument {
        CallArgument::Tensors(vec![x.clone()], true)
    }
}

impl From<Vec<Tensor>> for CallArgument {
    fn from(all: Vec<Tensor>) -> CallArgument {
        CallArgument::Tensors(all, false)
    }
}

impl<const N: usize> From<[&Tensor; N]> for CallArgument {
    fn from(all: [&Tensor; N]) -> CallArgument {
        CallArgument::Tensors(all.into_iter().cloned().collect(), false)
    }
}
