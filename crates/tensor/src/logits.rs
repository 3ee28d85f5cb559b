//! Probabilities remember the logits that they were made of, so that a crossentropy need not take the logarithm of what has
//! been rounded to 0 or 1.

use crate::tensor::{Inner, Tensor};
use rhyton_ops::OpRef;
use rhyton_ops::elementwise::{Cast, Sigmoid};
use rhyton_ops::reduce::Softmax;
use std::any::Any;
use std::sync::Arc;

/// What probabilities were made of.
#[derive(Clone)]
pub enum Logits {
    /// They are the sigmoid of these.
    Sigmoid(Tensor),
    /// They are the softmax of these along an axis.
    Softmax(Tensor, usize),
}

impl Tensor {
    /// The logits, where this is directly the result of [`sigmoid`](crate::ops::sigmoid) or of
    /// [`softmax`](crate::ops::softmax) along one axis, or a cast of it to another float type. The crossentropies use them.
    ///
    /// Such a crossentropy depends on the logits and not on the probabilities: a gradient with respect to the probabilities
    /// themselves takes probabilities that have forgotten, `&p * 1.0`.
    ///
    /// ```
    /// use rhyton_tensor::{Logits, Tensor, ops};
    /// let x = Tensor::from([[1.0f32, 200.0]]);
    /// let p = ops::softmax(&x, -1).unwrap();
    /// assert!(matches!(p.logits(), Some(Logits::Softmax(z, 1)) if z.id() == x.id()));
    /// assert!((&p * 1.0).logits().is_none());
    /// ```
    pub fn logits(&self) -> Option<&Logits> {
        self.0.logits.as_ref()
    }

    /// The same tensor with other logits, or none.
    fn with_logits(self, logits: Option<Logits>) -> Tensor {
        if logits.is_none() && self.0.logits.is_none() {
            return self;
        }
        let mut inner = match Arc::try_unwrap(self.0) {
            Ok(inner) => inner,
            Err(shared) => {
                let Inner { id, dtype, shape, data, mask, .. } = &*shared;
                let (shape, data, mask) = (shape.clone(), data.clone(), mask.clone());
                Inner { id: *id, dtype: *dtype, shape, data, mask, logits: None }
            }
        };
        inner.logits = logits;
        Tensor(Arc::new(inner))
    }
}

/// The results of an operation, with the logits where they are probabilities.
pub(crate) fn remembered(op: &OpRef, inputs: &[Tensor], mut results: Vec<Tensor>) -> Vec<Tensor> {
    let op: &dyn Any = &**op;
    // Logits that are probabilities themselves forget theirs: a chain would keep all that came before.
    let input = || inputs[0].clone().with_logits(None);
    let logits = if let Some(Softmax { axes }) = op.downcast_ref() {
        let [axis] = axes[..] else { return results };
        Logits::Softmax(input(), axis)
    } else if op.is::<Sigmoid>() {
        Logits::Sigmoid(input())
    } else if let (true, Some(logits)) = (op.is::<Cast>(), inputs.first().and_then(Tensor::logits)) {
        logits.clone()
    } else {
        return results;
    };
    let float = |x: &Tensor| x.dtype().is_float();
    if float(&inputs[0]) && float(&results[0]) {
        let probabilities = results.swap_remove(0);
        results.push(probabilities.with_logits(Some(logits)));
    }
    results
}
