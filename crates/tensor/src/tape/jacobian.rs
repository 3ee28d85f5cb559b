//! Jacobians: every element of a target by every element of a source.

use super::{GradientTape, Source, backward};
use crate::ops;
use crate::tensor::Tensor;
use rhyton_base::{Error, Result, Shape};

impl GradientTape {
    /// The Jacobian of a tensor: entry `[i…, j…]` is the derivative of element `i…` of the target by element `j…` of
    /// the source, so the shape is the target's followed by the source's. What does not depend on the source has
    /// derivative 0.
    ///
    /// It goes back over the tape once for each element of the target.
    ///
    /// ```
    /// use rhyton_tensor::{GradientTape, Tensor};
    /// let x = Tensor::from([1.0f64, 2.0]);
    /// let tape = GradientTape::new();
    /// tape.watch(&x);
    /// let j = tape.jacobian(&x.square(), &x).unwrap();
    /// assert_eq!(j.to_vec::<f64>().unwrap(), [2.0, 0.0, 0.0, 4.0]);
    /// ```
    ///
    /// # Errors
    /// Where the target is not a float or a tape that is not persistent is used again.
    pub fn jacobian(&self, target: &Tensor, source: impl Into<Source>) -> Result<Tensor> {
        Ok(self.jacobians(target, &[source.into()])?.swap_remove(0))
    }

    /// The Jacobians with respect to several sources.
    ///
    /// # Errors
    /// As [`GradientTape::jacobian`].
    pub fn jacobians(&self, target: &Tensor, sources: &[Source]) -> Result<Vec<Tensor>> {
        const WHO: &str = "GradientTape::jacobian";
        self.take(WHO, std::slice::from_ref(target))?;
        let count = target.len();
        let rows = self.rows(target, sources, count, |i| {
            let hot = ops::one_hot(&Tensor::from(i as i64), count, -1, target.dtype())?;
            ops::reshape(&hot, target.shape())
        })?;
        let join = |(rows, source): (Vec<Tensor>, &Source)| {
            let own = shape_of(source);
            let shape: Vec<usize> = target.shape().iter().chain(&own).copied().collect();
            match rows.is_empty() {
                true => ops::zeros(shape, dtype_of(source)),
                false => ops::reshape(&ops::stack(&rows.iter().collect::<Vec<_>>(), 0)?, shape),
            }
        };
        rows.into_iter().zip(sources).map(join).collect()
    }

    /// The Jacobian of each example alone: target `[batch, i…]` and source `[batch, j…]` give `[batch, i…, j…]`. It is
    /// right where no example's target depends on another example's source.
    ///
    /// It goes back over the tape once for each element of one example's target.
    ///
    /// # Errors
    /// As [`GradientTape::jacobian`], and where the first axes differ.
    pub fn batch_jacobian(&self, target: &Tensor, source: impl Into<Source>) -> Result<Tensor> {
        const WHO: &str = "GradientTape::batch_jacobian";
        let source = source.into();
        let own = shape_of(&source);
        let shape = target.shape().to_vec();
        if shape.is_empty() || own.is_empty() || shape[0] != own[0] {
            let message = format!(
                "expected a target and a source with the same first axis, got shapes {} and {}",
                Shape::from(&shape),
                Shape::from(&own)
            );
            return Err(Error::shape(message).at(WHO));
        }
        self.take(WHO, std::slice::from_ref(target))?;
        let count: usize = shape[1..].iter().product();
        let mut rows = self.rows(target, std::slice::from_ref(&source), count, |i| {
            let hot = ops::one_hot(&Tensor::from(i as i64), count, -1, target.dtype())?;
            ops::broadcast_to(&ops::reshape(&hot, &shape[1..])?, &shape)
        })?;
        let all: Vec<usize> = shape.iter().chain(&own[1..]).copied().collect();
        match rows.swap_remove(0) {
            rows if rows.is_empty() => ops::zeros(all, dtype_of(&source)),
            rows => ops::reshape(&ops::stack(&rows.iter().collect::<Vec<_>>(), 1)?, all),
        }
    }

    /// For each source, its gradients from `count` seeds.
    fn rows(
        &self,
        target: &Tensor,
        sources: &[Source],
        count: usize,
        seed: impl Fn(usize) -> Result<Tensor>,
    ) -> Result<Vec<Vec<Tensor>>> {
        self.walk(|state| {
            let mut rows: Vec<Vec<Tensor>> = vec![Vec::new(); sources.len()];
            for i in 0..count {
                let grads = backward::backward(state, &[(target.clone(), seed(i)?)], sources)?;
                let grads = super::filled(grads, sources, super::Unconnected::Zero)?;
                rows.iter_mut().zip(grads).for_each(|(r, g)| r.extend(g));
            }
            Ok(rows)
        })
    }
}

fn shape_of(source: &Source) -> Vec<usize> {
    match source {
        Source::Tensor(x) => x.shape().to_vec(),
        Source::Variable(v) => v.shape().to_vec(),
    }
}

fn dtype_of(source: &Source) -> rhyton_base::DType {
    match source {
        Source::Tensor(x) => x.dtype(),
        Source::Variable(v) => v.dtype(),
    }
}
