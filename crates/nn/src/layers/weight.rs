//! Weights as fields of layers.

use rhyton_base::{Error, Result};
use rhyton_tensor::{Tensor, Variable};

/// A weight as a field of a layer of one's own: empty until `build` fills it with what
/// [`add_weight`](super::BuildCx::add_weight) returns.
#[derive(Clone, Default)]
pub struct Weight(Option<Variable>);

impl Weight {
    /// The variable.
    ///
    /// # Errors
    /// Where `build` has not filled it.
    pub fn variable(&self) -> Result<&Variable> {
        self.0.as_ref().ok_or_else(|| {
            Error::state(
                "a weight is used that build has not made; make it there with cx.add_weight(..), or in build_all where \
                 the layer takes several inputs",
            )
        })
    }

    /// The current value.
    ///
    /// # Errors
    /// Where `build` has not filled it.
    pub fn value(&self) -> Result<Tensor> {
        self.variable().map(Variable::value)
    }

    /// Gives it another value, such as a moving average's next.
    ///
    /// # Errors
    /// Where `build` has not filled it, or the shape differs.
    pub fn assign(&self, value: &Tensor) -> Result<()> {
        self.variable()?.assign(value)
    }
}

impl From<Variable> for Weight {
    fn from(variable: Variable) -> Weight {
        Weight(Some(variable))
    }
}

impl std::fmt::Debug for Weight {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.0 {
            Some(variable) => variable.fmt(f),
            None => f.write_str("<a weight that is not made yet>"),
        }
    }
}
