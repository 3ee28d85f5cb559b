//! LAMB: Adam's steps, as long as the weights of a layer allow.

use super::define::prelude::*;

optimizer! {
    /// Adam's direction, scaled for each variable to the norm of its weights; for large batches.
    ///
    /// With `t` the number of this step, counted from 1:
    ///
    /// ```text
    /// m = m + (g - m) (1 - β₁)
    /// v = v + (g² - v) (1 - β₂)
    /// d = m / (1 - β₁ᵗ) / (√(v / (1 - β₂ᵗ)) + ε)
    /// w = w - η d ‖w‖ / ‖d‖            the norms' quotient counts as 1 where one of them is 0
    /// ```
    ///
    /// Defaults: learning rate `η` 0.001, `β₁` 0.9, `β₂` 0.999, `ε` 1e-7. Further arguments: see [`Base`].
    ///
    /// # Errors
    /// `build` and `apply` fail where `β₁` or `β₂` is outside `[0, 1)`, or `ε` is negative.
    ///
    /// Source: You et al. 2019, "Large batch optimization for deep learning: training BERT in 76 minutes"; Keras's
    /// optimizers/lamb.py.
    Lamb "Lamb" "lamb" 0.001 {
        /// The weight of the old mean of gradients, from 0 to below 1.
        beta_1(f64): f64 = 0.9;
        /// The weight of the old mean of squared gradients, from 0 to below 1.
        beta_2(f64): f64 = 0.999;
        /// What keeps the divisor from 0.
        epsilon(f64): f64 = 1e-7;
    }
}

impl UpdateRule for Lamb {
    fn base(&self) -> &Base {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        "Lamb"
    }

    fn slots(&self, _: &Variable) -> Vec<Vec<Slot>> {
        vec![vec![Slot::new("momentum"), Slot::new("velocity")]]
    }

    fn step(&self, g: &Tensor, w: &Variable, rate: &Tensor, slots: &[Variable]) -> Result<()> {
        let (m, v) = (&slots[0], &slots[1]);
        let t = self.base.this_step(w.dtype())?;
        let corrected = |mean: &Variable, beta: f64| {
            ops::divide(&mean.value(), &minus(1.0, &ops::power(&like(&t, beta)?, &t)?)?)
        };
        let norm = |x: &Tensor| ops::sqrt(&ops::sum(&ops::square(x)?, ..)?);
        towards(m, g, 1.0 - self.beta_1)?;
        towards(v, &ops::square(g)?, 1.0 - self.beta_2)?;
        let root = plus(&ops::sqrt(&corrected(v, self.beta_2)?)?, self.epsilon)?;
        let step = ops::divide(&corrected(m, self.beta_1)?, &root)?;
        let (weights, length) = (norm(&w.value())?, norm(&step)?);
        let zero = like(&length, 0.0)?;
        let fine = ops::logical_and(&ops::greater(&weights, &zero)?, &ops::greater(&length, &zero)?)?;
        let ratio = ops::r#where(&fine, &ops::divide(&weights, &length)?, &like(&length, 1.0)?)?;
        w.assign_sub(&ops::multiply(&ops::multiply(&ratio, rate)?, &step)?)
    }

    fn check(&self) -> Result<()> {
        super::check_betas(self.beta_1, self.beta_2, self.epsilon)
    }

    fn arguments(&self, config: &mut Config) {
        self.write(config);
    }
}
